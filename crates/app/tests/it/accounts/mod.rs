//! Stories of accounts and roles (R38): created, given roles with dates, ended; the own account.

use chrono::TimeDelta;
use qihang_db::Role;
use qihang_db::entity::{account, assignment};
use qihang_db::records;
use sea_orm::{ColumnTrait, QueryFilter, QueryOrder};

use crate::support::{Browser, PASSWORD, Reply, TestApp};

const NEW_PASSWORD: &str = "落霞与孤鹜齐飞秋水共长天";

/// The one-time password on the page.
fn one_time(reply: &Reply) -> String {
    let text = reply.text();
    let from = text
        .find("one-time-password\">")
        .expect("a one-time password is shown")
        + 19;
    text[from..].split('<').next().expect("its end").to_owned()
}

async fn account_id(app: &TestApp, login: &str) -> i64 {
    let found = records::<account::Entity>()
        .filter(account::Column::Login.eq(login))
        .one(app.db().reader())
        .await;
    found.expect("an answer").expect("the account").id
}

async fn role_ids(app: &TestApp, account_id: i64) -> Vec<i64> {
    let found = records::<assignment::Entity>()
        .filter(assignment::Column::AccountId.eq(account_id))
        .order_by_asc(assignment::Column::Id)
        .all(app.db().reader())
        .await;
    found.expect("an answer").into_iter().map(|row| row.id).collect()
}

async fn administrator(app: &TestApp) -> Browser {
    app.fixture().university().await;
    app.signed_in(Role::Administrator, None).await
}

#[tokio::test]
async fn a_new_officer_gets_a_one_time_password_and_has_to_change_it_before_anything_else() {
    let app = TestApp::start().await;
    let administrator = administrator(&app).await;

    let form = [
        ("login", "T100"),
        ("name", "王老师"),
        ("role", "officer"),
        ("college", "001"),
    ];
    let reply = administrator.post("/manage/accounts", &form).await;
    reply.assert_status(200).assert_says("只在本页显示这一次");
    let password = one_time(&reply);
    let id = account_id(&app, "t100").await;
    administrator
        .get(&format!("/manage/accounts/{id}"))
        .await
        .assert_says("待改密码")
        .assert_does_not_say(&password);

    let officer = app.visitor();
    officer.sign_in("t100", &password).await.assert_status(303);
    let reply = officer.get("/manage/roster/candidates").await;
    reply.assert_status(303);
    assert_eq!(reply.location(), "/manage/account");
    officer.get("/manage/account").await.assert_says("一次性密码");
    let change = [
        ("old", password.as_str()),
        ("new", NEW_PASSWORD),
        ("again", NEW_PASSWORD),
    ];
    officer
        .post("/manage/account/password", &change)
        .await
        .assert_status(303);
    officer
        .get("/manage/account")
        .await
        .assert_status(200)
        .assert_says("密码已修改")
        .assert_says("机械工程学院 院系教师");
    assert_eq!(
        app.audit_actions().await,
        [
            "session.signed_in",
            "account.created",
            "session.signed_in",
            "account.password"
        ]
    );
}

#[tokio::test]
async fn mistakes_in_a_new_account_come_back_with_the_text_kept() {
    let app = TestApp::start().await;
    let administrator = administrator(&app).await;
    app.fixture().account("t001", Role::Officer, Some("001")).await;
    for (login, name, role, college, words) in [
        ("t001", "王老师", "officer", "001", "该账号已存在"),
        ("王", "王老师", "officer", "001", "账号只能由字母"),
        ("t100", " ", "officer", "001", "请填写姓名"),
        ("t100", "王老师", "", "001", "请选择角色"),
        ("t100", "王老师", "officer", "", "须指定一个存在的院"),
        ("t100", "王老师", "officer", "999", "须指定一个存在的院"),
        ("t100", "王老师", "centre", "001", "须指定一个存在的院"),
    ] {
        let form = [
            ("login", login),
            ("name", name),
            ("role", role),
            ("college", college),
        ];
        administrator
            .post("/manage/accounts", &form)
            .await
            .assert_status(422)
            .assert_says(words)
            .assert_says(&format!("value=\"{login}\""));
    }
    assert_eq!(app.audit_actions().await, ["session.signed_in"]);
}

#[tokio::test]
async fn a_changed_password_ends_the_other_sessions_and_keeps_the_own() {
    let app = TestApp::start().await;
    app.fixture().university().await;
    let here = app.signed_in(Role::Officer, Some("001")).await;
    let elsewhere = app.visitor();
    elsewhere
        .sign_in("officer-001", PASSWORD)
        .await
        .assert_status(303);
    for (old, new, again, words) in [
        ("wrong", NEW_PASSWORD, NEW_PASSWORD, "当前密码不正确"),
        (PASSWORD, NEW_PASSWORD, "别的", "不一致"),
        (PASSWORD, "short", "short", "至少 10 个字符"),
        (PASSWORD, PASSWORD, PASSWORD, "不能与当前密码相同"),
    ] {
        here.post(
            "/manage/account/password",
            &[("old", old), ("new", new), ("again", again)],
        )
        .await
        .assert_status(422)
        .assert_says(words);
    }

    let change = [("old", PASSWORD), ("new", NEW_PASSWORD), ("again", NEW_PASSWORD)];
    here.post("/manage/account/password", &change)
        .await
        .assert_status(303);

    here.get("/manage/account").await.assert_status(200);
    elsewhere.get("/manage/account").await.assert_status(303);
    let again = app.visitor();
    again.sign_in("officer-001", PASSWORD).await.assert_status(422);
    again
        .sign_in("officer-001", NEW_PASSWORD)
        .await
        .assert_status(303);
}

#[tokio::test]
async fn guessing_the_present_password_on_an_unattended_screen_locks_the_account() {
    let app = TestApp::start().await;
    app.fixture().university().await;
    let officer = app.signed_in(Role::Officer, Some("001")).await;
    let guess = [("old", "wrong"), ("new", NEW_PASSWORD), ("again", NEW_PASSWORD)];
    for _ in 0..4 {
        officer
            .post("/manage/account/password", &guess)
            .await
            .assert_says("当前密码不正确");
    }
    officer
        .post("/manage/account/password", &guess)
        .await
        .assert_says("已锁定");
    let right = [("old", PASSWORD), ("new", NEW_PASSWORD), ("again", NEW_PASSWORD)];
    officer
        .post("/manage/account/password", &right)
        .await
        .assert_status(422)
        .assert_says("已锁定");

    let administrator = app.signed_in(Role::Administrator, None).await;
    let id = account_id(&app, "officer-001").await;
    administrator
        .get(&format!("/manage/accounts/{id}"))
        .await
        .assert_says("已锁定");
    administrator
        .post(&format!("/manage/accounts/{id}/unlocking"), &[])
        .await
        .assert_status(303);
    officer
        .post("/manage/account/password", &right)
        .await
        .assert_status(303);
}

#[tokio::test]
async fn a_role_begins_and_ends_on_its_days() {
    let app = TestApp::start().await;
    let administrator = administrator(&app).await;
    let id = app.fixture().account("t001", Role::Officer, Some("001")).await;
    let address = format!("/manage/accounts/{id}");
    let grant = |role, college, from, to| {
        [
            ("role", role),
            ("college", college),
            ("starts_on", from),
            ("ends_on", to),
        ]
    };
    let roles = format!("{address}/roles");

    administrator
        .post(&roles, &grant("head", "004", "2026-09-12", "2026-12-31"))
        .await
        .assert_status(303);
    for (form, words) in [
        (grant("head", "004", "2026-10-01", ""), "该账号已有同样的角色"),
        (
            grant("head", "004", "2027-02-01", "2027-01-01"),
            "结束日期不能早于",
        ),
        (grant("head", "", "2026-09-12", ""), "须指定一个存在的院"),
        (grant("dean", "004", "2026-09-12", ""), "请选择角色"),
        (grant("head", "004", "tomorrow", ""), "请填写开始日期"),
    ] {
        administrator
            .post(&roles, &form)
            .await
            .assert_status(422)
            .assert_says(words);
    }
    let officer = app.visitor();
    officer.sign_in("t001", PASSWORD).await.assert_status(303);
    officer
        .get("/manage/account")
        .await
        .assert_says("未开始")
        .assert_says("有效");

    let ids = role_ids(&app, id).await;
    let ending = format!("{roles}/{}/ending", ids[0]);
    administrator
        .post(&ending, &[("ends_on", "")])
        .await
        .assert_status(303);
    officer.get("/manage/account").await.assert_status(200);
    app.clock.set(app.clock.now() + TimeDelta::days(1));
    officer.get("/manage/account").await.assert_status(303);
    officer
        .sign_in("t001", PASSWORD)
        .await
        .assert_status(422)
        .assert_says("没有生效的角色");
    app.clock.set(app.clock.now() + TimeDelta::days(1));
    officer.sign_in("t001", PASSWORD).await.assert_status(303);
}

#[tokio::test]
async fn a_role_that_has_not_begun_is_taken_back_and_one_of_another_account_is_not_found() {
    let app = TestApp::start().await;
    let administrator = administrator(&app).await;
    let one = app.fixture().account("t001", Role::Officer, Some("001")).await;
    let other = app.fixture().account("t002", Role::Officer, Some("001")).await;
    let form = [("role", "centre"), ("college", ""), ("starts_on", "2026-10-01")];
    administrator
        .post(&format!("/manage/accounts/{one}/roles"), &form)
        .await
        .assert_status(303);
    let future = role_ids(&app, one).await[1];

    administrator
        .post(&format!("/manage/accounts/{other}/roles/{future}/ending"), &[])
        .await
        .assert_status(404);
    administrator
        .post(&format!("/manage/accounts/{one}/roles/{future}/ending"), &[])
        .await
        .assert_status(303);

    assert_eq!(role_ids(&app, one).await.len(), 1);
}

#[tokio::test]
async fn the_last_administrator_stays() {
    let app = TestApp::start().await;
    let administrator = administrator(&app).await;
    let own = account_id(&app, "administrator-all").await;
    let status = format!("/manage/accounts/{own}/status");
    let ending = format!(
        "/manage/accounts/{own}/roles/{}/ending",
        role_ids(&app, own).await[0]
    );

    administrator
        .post(&status, &[("status", "disabled")])
        .await
        .assert_status(422)
        .assert_says("最后一个有效的系统管理员");
    administrator
        .post(&ending, &[])
        .await
        .assert_status(422)
        .assert_says("最后一个有效的系统管理员");

    let second = app.fixture().account("admin2", Role::Administrator, None).await;
    administrator
        .post(
            &format!("/manage/accounts/{second}/status"),
            &[("status", "disabled")],
        )
        .await
        .assert_status(303);
    administrator.post(&ending, &[]).await.assert_status(422);
    administrator
        .post(
            &format!("/manage/accounts/{second}/status"),
            &[("status", "enabled")],
        )
        .await
        .assert_status(303);
    administrator.post(&ending, &[]).await.assert_status(303);
}

#[tokio::test]
async fn two_administrators_who_disable_one_another_at_once_leave_one() {
    use qihang::accounts::rules::disable;
    use qihang::auth::Can;
    let app = TestApp::start().await;
    app.fixture().university().await;
    let one = app.fixture().account("admin1", Role::Administrator, None).await;
    let other = app.fixture().account("admin2", Role::Administrator, None).await;
    let can = Can::at_the_console(qihang_db::Scope::Everyone);

    let (first, second) = tokio::join!(disable(app.db(), &can, one), disable(app.db(), &can, other));

    assert_eq!(
        u8::from(first.is_ok()) + u8::from(second.is_ok()),
        1,
        "{first:?} {second:?}"
    );
}

#[tokio::test]
async fn a_disabled_account_is_out_at_once_and_its_sessions_end_from_the_administrators_page() {
    let app = TestApp::start().await;
    let administrator = administrator(&app).await;
    let id = app.fixture().account("t001", Role::Officer, Some("001")).await;
    let officer = app.visitor();
    officer.sign_in("t001", PASSWORD).await.assert_status(303);

    administrator
        .post(&format!("/manage/accounts/{id}/sign-out"), &[])
        .await
        .assert_status(303);
    officer.get("/manage/account").await.assert_status(303);
    officer.sign_in("t001", PASSWORD).await.assert_status(303);
    administrator
        .post(
            &format!("/manage/accounts/{id}/status"),
            &[("status", "disabled")],
        )
        .await
        .assert_status(303);
    officer.get("/manage/account").await.assert_status(303);
    officer.sign_in("t001", PASSWORD).await.assert_status(422);

    let reply = administrator
        .post(&format!("/manage/accounts/{id}/password"), &[])
        .await;
    let password = one_time(&reply);
    officer.sign_in("t001", &password).await.assert_status(422);
    administrator
        .post(&format!("/manage/accounts/{id}/status"), &[("status", "enabled")])
        .await
        .assert_status(303);
    officer.sign_in("t001", &password).await.assert_status(303);
}

#[tokio::test]
async fn the_list_is_searched_filtered_and_paged() {
    let app = TestApp::start().await;
    let administrator = administrator(&app).await;
    for number in 0..120 {
        app.fixture()
            .account(&format!("u{number:03}"), Role::Officer, Some("004"))
            .await;
    }
    app.fixture().account("x_1", Role::Head, Some("001")).await;

    let first = administrator.get("/manage/accounts").await;
    first
        .assert_says("共 122 个账号")
        .assert_says("u048")
        .assert_does_not_say(">u049<");
    administrator
        .get("/manage/accounts?last=1&role=officer")
        .await
        .assert_status(200)
        .assert_says(">u119<")
        .assert_does_not_say(">u000<");
    administrator
        .get("/manage/accounts?after=u048&role=officer&college=004")
        .await
        .assert_says(">u049<")
        .assert_says("before=u049");
    administrator
        .get("/manage/accounts?q=X_")
        .await
        .assert_says("共 1 个账号")
        .assert_says("机械工程学院 院系负责人");
    administrator
        .get("/manage/accounts?q=%25")
        .await
        .assert_says("没有符合条件的账号");
    administrator
        .get("/manage/accounts?status=ended")
        .await
        .assert_says("没有符合条件的账号");
    for unknown in [
        "role=dean",
        "college=999",
        "status=gone",
        "last=x",
        "after=a&last=300",
    ] {
        administrator
            .get(&format!("/manage/accounts?{unknown}"))
            .await
            .assert_status(400);
    }
}

#[tokio::test]
async fn whoever_signs_out_of_all_devices_is_out_on_each() {
    let app = TestApp::start().await;
    app.fixture().university().await;
    let here = app.signed_in(Role::Head, Some("001")).await;
    let elsewhere = app.visitor();
    elsewhere.sign_in("head-001", PASSWORD).await.assert_status(303);

    here.post("/manage/account/sign-out", &[])
        .await
        .assert_status(303);

    here.get("/manage/account").await.assert_status(303);
    elsewhere.get("/manage/account").await.assert_status(303);
    assert_eq!(
        app.audit_actions().await.last().map(String::as_str),
        Some("session.ended_all")
    );
}

#[tokio::test]
async fn name_and_contact_are_kept_by_the_administrator() {
    let app = TestApp::start().await;
    let administrator = administrator(&app).await;
    let id = app.fixture().account("t001", Role::Officer, Some("001")).await;
    let address = format!("/manage/accounts/{id}");

    let form = [
        ("name", "李老师"),
        ("mobile", "029-8266 0000"),
        ("email", "li@example.edu.cn"),
    ];
    administrator.post(&address, &form).await.assert_status(303);
    administrator
        .get(&address)
        .await
        .assert_says("李老师")
        .assert_says("029-8266 0000");
    administrator
        .post(&address, &[("name", "李老师"), ("email", "no address")])
        .await
        .assert_status(422)
        .assert_says("邮箱应形如");
}
