//! 联系方式: kept by the centre, found by the student.

use qihang::notice::contacts_for;
use qihang_db::entity::{account, class_year_officer, college, contact_point};
use qihang_db::{Role, records};
use sea_orm::sea_query::Expr;
use sea_orm::{ActiveModelTrait, ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter};

use crate::support::{Browser, Reply, TestApp};

async fn add(centre: &Browser, fields: &[(&str, &str)]) -> Reply {
    let usual = [("purpose", "advice"), ("telephone", "000-0000 0000")];
    let others = usual
        .into_iter()
        .filter(|(name, _)| fields.iter().all(|(field, _)| field != name));
    let form: Vec<_> = others.chain(fields.iter().copied()).collect();
    centre.post("/manage/contacts", &form).await
}

#[tokio::test]
async fn the_centre_keeps_contacts_and_everybody_sees_them() {
    let app = TestApp::start().await;
    app.fixture().university().await;
    let centre = app.signed_in(Role::Centre, None).await;

    add(&centre, &[("name", "就业指导中心"), ("room", "101")])
        .await
        .assert_status(303);
    let id = records::<contact_point::Entity>()
        .one(app.db().reader())
        .await
        .unwrap()
        .unwrap()
        .id;

    app.visitor()
        .get("/")
        .await
        .assert_says("就业指导中心")
        .assert_says("tel:00000000000");
    let here = format!("/manage/contacts/{id}");
    centre.get(&here).await.assert_says("就业指导中心");
    let changed = [
        ("purpose", "advice"),
        ("name", "就业服务处"),
        ("email", "a@univ.example"),
    ];
    centre.post(&here, &changed).await.assert_status(303);
    app.visitor().get("/").await.assert_says("就业服务处");
    centre
        .post(&format!("{here}/removal"), &[])
        .await
        .assert_status(303);
    app.visitor().get("/").await.assert_does_not_say("就业服务处");
    centre
        .post(&format!("{here}/removal"), &[])
        .await
        .assert_status(404);
    centre.get(&here).await.assert_status(404);
    let actions = app.audit_actions().await;
    assert_eq!(
        actions[actions.len() - 3..],
        ["contact.saved", "contact.saved", "contact.removed"]
    );
}

#[tokio::test]
async fn a_contact_that_nobody_could_use_is_refused_and_markup_is_only_text() {
    let app = TestApp::start().await;
    app.fixture().university().await;
    let centre = app.signed_in(Role::Centre, None).await;
    for (fields, says) in [
        (vec![("name", "")], "请填写部门或姓名"),
        (vec![("name", "甲"), ("telephone", "")], "电话和邮箱至少填写一项"),
        (vec![("name", "甲"), ("telephone", "<b>1</b>")], "电话只能由"),
        (
            vec![("name", "甲"), ("email", "javascript:alert(1)")],
            "完整的邮箱地址",
        ),
        (vec![("name", "甲"), ("purpose", "x")], "请选择用途"),
        (vec![("name", "甲"), ("student_type", "x")], "没有这种学生类型"),
        (
            vec![("name", "甲"), ("purpose", "employers"), ("campus", "东校区")],
            "只有“就业咨询”区分校区",
        ),
    ] {
        add(&centre, &fields).await.assert_status(422).assert_says(says);
    }
    let script = "<script>alert(1)</script>";
    add(
        &centre,
        &[
            ("name", script),
            ("campus", script),
            ("room", script),
            ("hours", script),
        ],
    )
    .await
    .assert_status(303);
    for page in [
        app.visitor().get("/").await,
        centre.get("/manage/contacts").await,
        centre.get("/manage/contacts/1").await,
    ] {
        page.assert_status(200)
            .assert_says("alert(1)")
            .assert_does_not_say(script);
    }
}

#[tokio::test]
async fn a_student_is_sent_to_the_officer_of_the_own_college_and_the_nearest_desk_of_the_centre() {
    let app = TestApp::start().await;
    let fixture = app.fixture();
    fixture.university().await;
    let centre = app.signed_in(Role::Centre, None).await;
    let today = app.clock.today();
    let tx = app.db().begin_write().await.unwrap();
    // The 书院 has no 校区 in the exchange; the 学院 has.
    college::Entity::update_many()
        .col_expr(college::Column::Campus, Expr::value("东校区"))
        .filter(college::Column::Code.eq("001"))
        .exec(&tx)
        .await
        .unwrap();
    tx.commit().await.unwrap();
    for (name, campus, student_type) in [
        ("总部", "", ""),
        ("东区", "东校区", ""),
        ("东区研究生", "东校区", "graduate"),
        ("西区", "西校区", ""),
    ] {
        add(
            &centre,
            &[("name", name), ("campus", campus), ("student_type", student_type)],
        )
        .await
        .assert_status(303);
    }
    let student = fixture.student("2230100001", |_| {}).await;
    let master = fixture.master("3240100001", |_| {}).await;
    let reader = app.db().reader();

    let found = contacts_for(reader, &student, today).await.unwrap();
    assert_eq!(found.college, "彭康书院");
    assert_eq!(found.officer, None);
    assert_eq!(found.centre.len(), 1);
    assert_eq!(found.centre[0].name, "东区");
    let found = contacts_for(reader, &master, today).await.unwrap();
    assert_eq!(found.centre[0].name, "东区研究生");

    let account_id = fixture.account("t001", Role::Officer, Some("S01")).await;
    let tx = app.db().begin_write().await.unwrap();
    class_year_officer::ActiveModel {
        class_year: Set(2027),
        college_id: Set(student.college_id),
        account_id: Set(account_id),
    }
    .insert(&tx)
    .await
    .unwrap();
    account::Entity::update_many()
        .col_expr(account::Column::Mobile, Expr::value("000-0000 0009"))
        .filter(account::Column::Id.eq(account_id))
        .exec(&tx)
        .await
        .unwrap();
    tx.commit().await.unwrap();
    let officer = contacts_for(reader, &student, today).await.unwrap().officer;
    assert_eq!(officer.expect("an officer").telephone, "000-0000 0009");
    assert_eq!(contacts_for(reader, &master, today).await.unwrap().officer, None);

    // Who has left is nobody to ask.
    let tx = app.db().begin_write().await.unwrap();
    sea_orm::ConnectionTrait::execute_unprepared(
        &tx,
        &format!("UPDATE assignment SET ends_on = '2026-09-01' WHERE account_id = {account_id}"),
    )
    .await
    .unwrap();
    tx.commit().await.unwrap();
    assert_eq!(contacts_for(reader, &student, today).await.unwrap().officer, None);
}

#[tokio::test]
async fn the_sign_in_pages_name_whom_to_ask_about_a_forgotten_password() {
    let app = TestApp::start().await;
    app.fixture().university().await;
    let centre = app.signed_in(Role::Centre, None).await;
    let visitor = app.visitor();
    // Nobody is named yet.
    visitor
        .get("/sign-in/staff")
        .await
        .assert_says("请联系本校系统管理员重置");
    visitor
        .get("/sign-in/student")
        .await
        .assert_says("请询问本院就业专员");
    for fields in [
        [("name", "总台"), ("campus", ""), ("student_type", "")],
        [
            ("name", "东区窗口"),
            ("campus", "东校区"),
            ("student_type", "graduate"),
        ],
    ] {
        add(&centre, &fields).await.assert_status(303);
    }

    visitor
        .get("/sign-in/staff")
        .await
        .assert_says("总台")
        .assert_says("tel:00000000000")
        .assert_does_not_say("东区窗口");
    visitor
        .get("/sign-in/student")
        .await
        .assert_says("总台")
        .assert_says("东区窗口")
        .assert_says("东校区 · 研究生")
        .assert_does_not_say("请询问本院就业专员");

    // Who is named for a door stands at that door, and alone.
    for (purpose, name) in [("staff_sign_in", "账号管理员"), ("student_sign_in", "认证服务台")] {
        add(&centre, &[("purpose", purpose), ("name", name)])
            .await
            .assert_status(303);
    }
    visitor
        .get("/sign-in/staff")
        .await
        .assert_says("账号管理员")
        .assert_does_not_say("总台")
        .assert_does_not_say("认证服务台");
    visitor
        .get("/sign-in/student")
        .await
        .assert_says("认证服务台")
        .assert_does_not_say("东区窗口");
    // A wrong password is answered by the same page.
    visitor
        .sign_in("nobody", "not the password")
        .await
        .assert_status(422)
        .assert_says("账号管理员");
}
