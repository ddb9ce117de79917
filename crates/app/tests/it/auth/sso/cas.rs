//! By CAS.

use axum::body::Body;
use axum::http::{Request, header};
use chrono::TimeDelta;
use qihang::auth::sso::forget_old_tickets;
use qihang::config::Config;
use qihang::home::{DemoSignIn, remember_demo};
use qihang_db::entity::{account, assignment, session, sso_ticket};
use qihang_db::{Action, Actor, AuditEvent, Role, records};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter};

use super::fake_cas::{FakeCas, Mood};
use super::{cookie_of, get_with_headers, parameter};
use crate::support::{Browser, MID_SEASON, PASSWORD, Reply, TestApp};

const STUDENT: &str = "2230100001";
const SERVICE: &str = "http://127.0.0.1:8080/sign-in/cas";

struct Campus {
    app: TestApp,
    cas: FakeCas,
}

impl Campus {
    /// A university with a student, an officer (`T001`) and a CAS server.
    async fn start() -> Self {
        Self::start_with(|_| {}).await
    }

    async fn start_with(change: impl FnOnce(&mut Config)) -> Self {
        let cas = FakeCas::start().await;
        let app = TestApp::start_with(MID_SEASON, |config| {
            config.cas_url = Some(cas.url.clone());
            change(config);
        })
        .await;
        app.fixture().university().await;
        app.fixture().student(STUDENT, |_| {}).await;
        app.fixture().account("T001", Role::Officer, Some("001")).await;
        Self { app, cas }
    }

    /// A browser that was sent away from this door.
    async fn sent_from(&self, door: &str) -> Browser {
        let browser = self.app.visitor();
        browser.get(door).await.assert_status(303);
        browser
    }

    /// What the student's browser gets when it comes back with a ticket of this answer.
    async fn student_comes_back_with(&self, success: &str) -> Reply {
        let browser = self.sent_from("/sign-in/student").await;
        comes_back(&browser, &self.cas.ticket_with(success)).await
    }

    async fn sessions(&self) -> u64 {
        records::<session::Entity>()
            .count(self.app.db().reader())
            .await
            .expect("a number")
    }
}

async fn comes_back(browser: &Browser, ticket: &str) -> Reply {
    browser.get(&format!("/sign-in/cas?ticket={ticket}")).await
}

fn logout_request(ticket: &str) -> String {
    format!(
        "<samlp:LogoutRequest xmlns:samlp=\"urn:oasis:names:tc:SAML:2.0:protocol\" ID=\"LR-1\" Version=\"2.0\">\
         <samlp:SessionIndex>{ticket}</samlp:SessionIndex></samlp:LogoutRequest>"
    )
}

/// What a server posts: no cookie, and none of the headers of a browser.
async fn server_says(app: &TestApp, request: &str) -> Reply {
    let body = serde_html_form::to_string([("logoutRequest", request)]).expect("a form");
    let request = Request::post("/sign-in/cas")
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(Body::from(body))
        .expect("a request");
    app.visitor().send(request).await
}

#[tokio::test]
async fn a_student_is_sent_to_the_server_and_comes_back_signed_in() {
    let campus = Campus::start().await;
    let browser = campus.app.visitor();

    let away = browser.get("/sign-in/student?next=%2Fstudent%3Fa%3D1").await;
    away.assert_status(303);
    assert!(away.location().starts_with(&format!("{}/login?", campus.cas.url)));
    assert_eq!(parameter(&away.location(), "service"), SERVICE);
    let back = comes_back(&browser, &campus.cas.ticket(STUDENT)).await;

    assert_eq!(back.assert_status(303).location(), "/student?a=1");
    browser
        .get("/student")
        .await
        .assert_status(200)
        .assert_says("卢宇玉");
    assert_eq!(campus.app.audit_actions().await, ["session.signed_in"]);
}

#[tokio::test]
async fn a_member_of_the_staff_may_choose_and_signs_in_by_number() {
    let campus = Campus::start().await;
    let browser = campus.app.visitor();
    browser
        .get("/sign-in/staff?next=%2Fmanage%2Froster")
        .await
        .assert_says("href=\"/sign-in/staff/sso?next=%2Fmanage%2Froster\"")
        .assert_says("name=\"password\"");

    browser
        .get("/sign-in/staff/sso?next=%2Fmanage%2Froster")
        .await
        .assert_status(303);
    let back = comes_back(&browser, &campus.cas.ticket("T001")).await;

    assert_eq!(back.assert_status(303).location(), "/manage/roster");
    browser.get("/manage/roster").await.assert_status(200);
    assert_eq!(campus.app.audit_actions().await, ["session.signed_in"]);
}

#[tokio::test]
async fn a_one_time_password_is_nobodys_concern_after_a_single_sign_on() {
    let campus = Campus::start().await;
    let tx = campus.app.db().begin_write().await.expect("a transaction");
    account::Entity::update_many()
        .col_expr(account::Column::MustChangePassword, Expr::value(true))
        .exec(&tx)
        .await
        .expect("it is set");
    tx.commit().await.expect("it is saved");

    let browser = campus.sent_from("/sign-in/staff/sso").await;
    comes_back(&browser, &campus.cas.ticket("t001"))
        .await
        .assert_status(303);

    browser.get("/manage/roster").await.assert_status(200);
    let other = campus.app.visitor();
    other.sign_in("t001", PASSWORD).await.assert_status(303);
    assert_eq!(other.get("/manage/roster").await.location(), "/manage/account");
}

#[tokio::test]
async fn the_number_stands_in_the_attribute_that_was_agreed() {
    let campus = Campus::start_with(|config| config.cas_attribute = Some("xgh".into())).await;
    let named =
        format!("<cas:user>luyuyu</cas:user><cas:attributes><cas:xgh>{STUDENT}</cas:xgh></cas:attributes>");
    campus.student_comes_back_with(&named).await.assert_status(303);

    let pair = format!(
        "<cas:user>luyuyu</cas:user><cas:attributes><cas:attribute name=\"xgh\" value=\"{STUDENT}\"/></cas:attributes>"
    );
    campus.student_comes_back_with(&pair).await.assert_status(303);

    // The user name must not stand in for it: somebody may have chosen it.
    campus
        .student_comes_back_with(&format!("<cas:user>{STUDENT}</cas:user>"))
        .await
        .assert_status(403)
        .assert_says("没有告诉本系统您的学号或工号");
}

#[tokio::test]
async fn of_several_numbers_the_one_that_is_here_counts() {
    let campus = Campus::start_with(|config| config.cas_attribute = Some("xh".into())).await;
    let named = |numbers: [&str; 2]| {
        let [first, second] = numbers.map(|number| format!("<cas:xh>{number}</cas:xh>"));
        format!("<cas:user>u</cas:user><cas:attributes>{first}{second}</cas:attributes>")
    };
    campus
        .student_comes_back_with(&named(["2190100001", STUDENT]))
        .await
        .assert_status(303);

    campus.app.fixture().student("2190100001", |_| {}).await;
    campus
        .student_comes_back_with(&named(["2190100001", STUDENT]))
        .await
        .assert_status(403)
        .assert_says("您有多个学号");
}

#[tokio::test]
async fn a_server_of_the_second_version_serves_as_well() {
    let campus = Campus::start().await;
    campus.cas.set_mood(Mood::Old);
    let browser = campus.sent_from("/sign-in/student").await;
    comes_back(&browser, &campus.cas.ticket(STUDENT))
        .await
        .assert_status(303);
    browser.get("/student").await.assert_status(200);
}

#[tokio::test]
async fn a_wrong_ticket_opens_nothing_and_says_how_to_begin_anew() {
    let campus = Campus::start().await;
    for ticket in [
        "ST-0-wrong",
        "",
        "%27%20OR%201%3D1",
        "ST-1%26service%3Dhttps%3A%2F%2Fevil.example",
    ] {
        let browser = campus.sent_from("/sign-in/student?next=%2Fstudent%3Fa%3D1").await;
        comes_back(&browser, ticket)
            .await
            .assert_status(400)
            .assert_says("登录凭证已失效")
            .assert_says("href=\"/sign-in/student?next=%2Fstudent%3Fa%3D1\"");
        browser.get("/student").await.assert_status(303);
    }
    let browser = campus.sent_from("/sign-in/student").await;
    browser
        .get("/sign-in/cas")
        .await
        .assert_status(400)
        .assert_says("没有登录");
    assert!(campus.app.audit_actions().await.is_empty());
}

#[tokio::test]
async fn a_ticket_opens_one_session_even_where_the_server_accepts_it_again() {
    let campus = Campus::start().await;
    campus.cas.set_mood(Mood::Forgetful);
    let ticket = campus.cas.ticket(STUDENT);
    let browser = campus.sent_from("/sign-in/student").await;
    comes_back(&browser, &ticket).await.assert_status(303);

    let thief = campus.sent_from("/sign-in/student").await;
    comes_back(&thief, &ticket)
        .await
        .assert_status(409)
        .assert_says("登录凭证已失效");
    thief.get("/student").await.assert_status(303);

    // Nor after the session that it opened has ended.
    browser.post("/sign-out", &[]).await.assert_status(200);
    let thief = campus.sent_from("/sign-in/student").await;
    comes_back(&thief, &ticket).await.assert_status(409);

    // And nor when two come at the same moment.
    let ticket = campus.cas.ticket(STUDENT);
    let (one, other) = (
        campus.sent_from("/sign-in/student").await,
        campus.sent_from("/sign-in/student").await,
    );
    let (one, other) = tokio::join!(comes_back(&one, &ticket), comes_back(&other, &ticket));
    let mut statuses = [one.status.as_u16(), other.status.as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses, [303, 409]);
}

#[tokio::test]
async fn a_link_with_somebody_elses_ticket_signs_nobody_in() {
    let campus = Campus::start().await;
    let victim = campus.app.visitor();
    comes_back(&victim, &campus.cas.ticket(STUDENT))
        .await
        .assert_status(400)
        .assert_says("请重新登录");
    victim.get("/student").await.assert_status(303);

    // Nor when the own sign-in was begun too long ago.
    let slow = campus.sent_from("/sign-in/student").await;
    campus
        .app
        .clock
        .set(campus.app.clock.now() + TimeDelta::minutes(21));
    comes_back(&slow, &campus.cas.ticket(STUDENT))
        .await
        .assert_status(400);
}

#[tokio::test]
async fn the_page_behind_the_sign_in_is_one_of_ours() {
    let campus = Campus::start().await;
    for next in [
        "https%3A%2F%2Fevil.example",
        "%2F%2Fevil.example",
        "%2F%5Cevil.example",
        "javascript%3Aalert(1)",
    ] {
        let browser = campus.sent_from(&format!("/sign-in/student?next={next}")).await;
        let back = comes_back(&browser, &campus.cas.ticket(STUDENT)).await;
        assert_eq!(back.assert_status(303).location(), "/student", "{next}");
    }
    // What comes back with the ticket is not asked at all.
    let browser = campus.sent_from("/sign-in/student").await;
    let ticket = campus.cas.ticket(STUDENT);
    let back = browser
        .get(&format!(
            "/sign-in/cas?ticket={ticket}&next=%2F%2Fevil.example&service=https%3A%2F%2Fevil.example"
        ))
        .await;
    assert_eq!(back.assert_status(303).location(), "/student");
}

#[tokio::test]
async fn the_service_is_this_system_whatever_a_request_calls_itself() {
    let campus = Campus::start().await;
    let forged = [
        ("host", "evil.example"),
        ("x-forwarded-host", "evil.example"),
        ("x-forwarded-proto", "https"),
        ("forwarded", "host=evil.example"),
    ];
    let browser = campus.app.visitor();
    let away = get_with_headers(
        &browser,
        "/sign-in/student?service=https%3A%2F%2Fevil.example",
        &forged,
    )
    .await;
    assert_eq!(parameter(&away.assert_status(303).location(), "service"), SERVICE);

    let ticket = campus.cas.ticket(STUDENT);
    get_with_headers(
        &browser,
        &format!("/sign-in/cas?ticket={ticket}&service=https%3A%2F%2Fevil.example"),
        &forged,
    )
    .await
    .assert_status(303);
    assert_eq!(campus.cas.services(), [SERVICE]);
}

#[tokio::test]
async fn an_id_planted_before_the_sign_in_is_worth_nothing() {
    let campus = Campus::start().await;
    let browser = campus.app.visitor();
    let planted = cookie_of(&browser.get("/sign-in/student").await);

    let own = cookie_of(&comes_back(&browser, &campus.cas.ticket(STUDENT)).await);

    assert_ne!(own, planted);
    let with = |cookie: String| {
        let visitor = campus.app.visitor();
        async move {
            get_with_headers(&visitor, "/student", &[("cookie", &cookie)])
                .await
                .status
        }
    };
    assert_eq!(with(planted).await, 303);
    assert_eq!(with(own).await, 200);
}

#[tokio::test]
async fn a_server_that_is_down_is_said_to_be_and_the_next_try_succeeds() {
    let campus = Campus::start().await;
    campus.cas.set_mood(Mood::Down);
    let browser = campus.app.visitor();
    let refused = browser.get("/sign-in/student?next=%2Fstudent%3Fa%3D1").await;
    refused
        .assert_status(503)
        .assert_says("统一身份认证暂时不可用")
        .assert_says("href=\"/sign-in/student?next=%2Fstudent%3Fa%3D1\">重试");
    assert!(refused.headers.contains_key(header::RETRY_AFTER));
    browser
        .get("/sign-in/staff/sso")
        .await
        .assert_status(503)
        .assert_says("用本系统账号登录");

    // It goes down between the two steps, or talks nonsense.
    for mood in [Mood::Down, Mood::Chatty, Mood::Unfamiliar] {
        campus.cas.set_mood(Mood::Good);
        let browser = campus.sent_from("/sign-in/student").await;
        let ticket = campus.cas.ticket(STUDENT);
        campus.cas.set_mood(mood);
        comes_back(&browser, &ticket)
            .await
            .assert_status(503)
            .assert_says("统一身份认证暂时不可用")
            .assert_does_not_say(&ticket);
        browser.get("/student").await.assert_status(303);
    }

    campus.cas.set_mood(Mood::Good);
    browser.get("/sign-in/student").await.assert_status(303);
    comes_back(&browser, &campus.cas.ticket(STUDENT))
        .await
        .assert_status(303);
    browser.get("/student").await.assert_status(200);
}

#[tokio::test]
async fn somebody_unknown_is_told_whom_to_ask_and_how_to_be_somebody_else() {
    let campus = Campus::start().await;
    let logout = format!("{}/logout?service=", campus.cas.url);
    campus
        .student_comes_back_with("<cas:user>2990100009</cas:user>")
        .await
        .assert_status(403)
        .assert_says("本系统中没有学号 2990100009")
        .assert_says("辅导员")
        .assert_says(&logout);
    let browser = campus.sent_from("/sign-in/staff/sso").await;
    comes_back(&browser, &campus.cas.ticket("T999"))
        .await
        .assert_status(403)
        .assert_says("本系统中没有工号 T999")
        .assert_says("系统管理员");
    campus
        .student_comes_back_with("<cas:user>&lt;script&gt;alert(1)&lt;/script&gt;</cas:user>")
        .await
        .assert_status(403)
        .assert_does_not_say("<script>alert");
    assert!(campus.app.audit_actions().await.is_empty());
}

#[tokio::test]
async fn whoever_takes_the_wrong_door_is_shown_the_right_one() {
    let campus = Campus::start().await;
    campus
        .student_comes_back_with("<cas:user>T001</cas:user>")
        .await
        .assert_status(403)
        .assert_says("从教师登录进入");
    let browser = campus.sent_from("/sign-in/staff/sso").await;
    comes_back(&browser, &campus.cas.ticket(STUDENT))
        .await
        .assert_status(403)
        .assert_says("从学生登录进入");
}

#[tokio::test]
async fn an_account_without_a_role_or_disabled_stays_outside() {
    let campus = Campus::start().await;
    let tx = campus.app.db().begin_write().await.expect("a transaction");
    assignment::Entity::delete_many()
        .exec(&tx)
        .await
        .expect("it is done");
    tx.commit().await.expect("it is saved");
    let browser = campus.sent_from("/sign-in/staff/sso").await;

    comes_back(&browser, &campus.cas.ticket("t001"))
        .await
        .assert_status(403)
        .assert_says("没有生效的角色");

    browser.get("/manage").await.assert_status(303);
    assert!(campus.app.audit_actions().await.is_empty());
}

#[tokio::test]
async fn signing_out_here_goes_on_to_the_server() {
    let campus = Campus::start().await;
    let browser = campus.sent_from("/sign-in/student").await;
    comes_back(&browser, &campus.cas.ticket(STUDENT))
        .await
        .assert_status(303);

    let reply = browser.post("/sign-out", &[]).await;

    reply.assert_status(200).assert_says("已退出就业服务网");
    let refresh = reply.headers[header::REFRESH].to_str().expect("text");
    let address = refresh.strip_prefix("0; url=").expect("an address");
    assert!(
        address.starts_with(&format!("{}/logout?", campus.cas.url)),
        "{address}"
    );
    assert_eq!(parameter(address, "service"), "http://127.0.0.1:8080/");
    browser.get("/student").await.assert_status(303);
    // With a local account there is nowhere to go on to.
    let officer = campus.app.visitor();
    officer.sign_in("t001", PASSWORD).await.assert_status(303);
    assert_eq!(
        officer.post("/sign-out", &[]).await.assert_status(303).location(),
        "/"
    );
}

#[tokio::test]
async fn a_logout_elsewhere_ends_exactly_the_session_of_its_ticket() {
    let campus = Campus::start().await;
    campus.app.fixture().student("2230100002", |_| {}).await;
    let (first, second) = (campus.cas.ticket(STUDENT), campus.cas.ticket(STUDENT));
    let desk = campus.sent_from("/sign-in/student").await;
    comes_back(&desk, &first).await.assert_status(303);
    let phone = campus.sent_from("/sign-in/student").await;
    comes_back(&phone, &second).await.assert_status(303);
    let other = campus.sent_from("/sign-in/student").await;
    comes_back(&other, &campus.cas.ticket("2230100002"))
        .await
        .assert_status(303);

    server_says(&campus.app, &logout_request(&first))
        .await
        .assert_status(200);

    desk.get("/student").await.assert_status(303);
    phone.get("/student").await.assert_status(200);
    other.get("/student").await.assert_status(200);
    // A second time, or for a ticket that nobody had, it is nothing.
    server_says(&campus.app, &logout_request(&first))
        .await
        .assert_status(200);
    server_says(&campus.app, &logout_request("ST-9-unknown"))
        .await
        .assert_status(200);
    phone.get("/student").await.assert_status(200);
}

#[tokio::test]
async fn a_logout_that_is_none_ends_nothing() {
    let campus = Campus::start().await;
    let ticket = campus.cas.ticket(STUDENT);
    let browser = campus.sent_from("/sign-in/student").await;
    comes_back(&browser, &ticket).await.assert_status(303);
    let entity = format!(
        "<!DOCTYPE a [<!ENTITY t '{ticket}'>]><LogoutRequest><SessionIndex>&t;</SessionIndex></LogoutRequest>"
    );
    let twice = format!(
        "<LogoutRequest><SessionIndex>{ticket}</SessionIndex><SessionIndex>x</SessionIndex></LogoutRequest>"
    );
    for request in ["", "no xml", &entity, &twice, &logout_request("")] {
        server_says(&campus.app, request).await.assert_status(400);
    }
    server_says(&campus.app, &"<a/>".repeat(100_000))
        .await
        .assert_status(413);
    browser.get("/student").await.assert_status(200);

    // A page of another site may not say it either, even if it knows the ticket.
    let body = serde_html_form::to_string([("logoutRequest", logout_request(&ticket))]).expect("a form");
    let request = Request::post("/sign-in/cas")
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .header("sec-fetch-site", "cross-site")
        .header("origin", "https://evil.example")
        .body(Body::from(body))
        .expect("a request");
    campus.app.visitor().send(request).await.assert_status(403);
    browser.get("/student").await.assert_status(200);
}

#[tokio::test]
async fn whoever_comes_back_by_the_back_button_is_led_home() {
    let campus = Campus::start().await;
    let browser = campus.sent_from("/sign-in/student").await;
    let ticket = campus.cas.ticket(STUDENT);
    comes_back(&browser, &ticket).await.assert_status(303);
    assert_eq!(
        comes_back(&browser, &ticket).await.assert_status(303).location(),
        "/student"
    );
}

#[tokio::test]
async fn what_stays_of_those_who_do_not_come_back_is_soon_gone() {
    let campus = Campus::start().await;
    campus.sent_from("/sign-in/student").await;
    assert_eq!(campus.sessions().await, 1);
    let sessions = qihang_db::session::DbSessions::new(campus.app.db().clone());
    campus
        .app
        .clock
        .set(campus.app.clock.now() + TimeDelta::minutes(21));
    tower_sessions::ExpiredDeletion::delete_expired(&sessions)
        .await
        .expect("they are deleted");
    assert_eq!(campus.sessions().await, 0);

    // A used ticket is remembered as long as a session may last.
    let browser = campus.sent_from("/sign-in/student").await;
    comes_back(&browser, &campus.cas.ticket(STUDENT))
        .await
        .assert_status(303);
    let tickets = || async {
        let count = records::<sso_ticket::Entity>().filter(sso_ticket::Column::TicketDigest.ne(""));
        count.count(campus.app.db().reader()).await.expect("a number")
    };
    campus
        .app
        .clock
        .set(campus.app.clock.now() + TimeDelta::hours(12));
    forget_old_tickets(&campus.app.app)
        .await
        .expect("they are looked at");
    assert_eq!(tickets().await, 1);
    campus.app.clock.set(campus.app.clock.now() + TimeDelta::hours(2));
    forget_old_tickets(&campus.app.app)
        .await
        .expect("they are deleted");
    assert_eq!(tickets().await, 0);
}

#[tokio::test]
async fn neither_the_ticket_nor_the_session_id_is_kept_in_the_clear() {
    let campus = Campus::start().await;
    let browser = campus.sent_from("/sign-in/student").await;
    let ticket = campus.cas.ticket(STUDENT);
    let reply = comes_back(&browser, &ticket).await;
    let (_, id) = cookie_of(&reply)
        .split_once('=')
        .map(|(name, id)| (name.to_owned(), id.to_owned()))
        .expect("an id");

    let row = records::<sso_ticket::Entity>()
        .one(campus.app.db().reader())
        .await
        .expect("an answer")
        .expect("the ticket");

    assert_eq!(row.ticket_digest, qihang_db::session::digest(&ticket));
    assert!(!row.ticket_digest.contains(&ticket));
    let session_digest = row.session_digest.expect("the session");
    assert!(!session_digest.contains(&id) && session_digest.len() == 64);
}

#[tokio::test]
async fn with_a_single_sign_on_the_demo_door_is_shut_and_without_one_this_one() {
    let campus = Campus::start().await;
    let change = campus.app.db().change(&Actor::system()).await.expect("a change");
    let sign_in = DemoSignIn {
        who: "就业中心".into(),
        login: "demo".into(),
        password: "demo".into(),
    };
    remember_demo(change.tx(), &[sign_in], &[])
        .await
        .expect("it is marked");
    change
        .commit(AuditEvent::new(Action::DemoCreated, "setting/demo"))
        .await
        .expect("it is kept");
    let browser = campus.app.visitor();
    browser
        .post("/sign-in/student", &[("student_no", STUDENT)])
        .await
        .assert_status(404);
    browser.get("/student").await.assert_status(303);

    let app = TestApp::start().await;
    for address in [
        "/sign-in/cas?ticket=ST-1",
        "/sign-in/oidc?code=1&state=2",
        "/sign-in/staff/sso",
    ] {
        app.visitor().get(address).await.assert_status(404);
    }
    server_says(&app, &logout_request("ST-1"))
        .await
        .assert_status(404);
    app.visitor()
        .get("/sign-in/staff")
        .await
        .assert_does_not_say("统一身份认证登录");
}
