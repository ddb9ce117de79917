//! By OpenID Connect.

use axum::http::header;
use openidconnect::ClientSecret;
use qihang_db::Role;

use super::fake_oidc::{CLIENT, FakeOidc, SECRET, Twist};
use super::{get_with_headers, parameter};
use crate::support::{Browser, MID_SEASON, TestApp};

pub(super) const STUDENT: &str = "2230100001";

pub(super) struct Campus {
    pub(super) app: TestApp,
    pub(super) oidc: FakeOidc,
}

impl Campus {
    pub(super) async fn start() -> Self {
        let oidc = FakeOidc::start().await;
        let app = TestApp::start_with(MID_SEASON, |config| {
            config.oidc_issuer = Some(oidc.url.clone());
            config.oidc_client_id = Some(CLIENT.into());
            config.oidc_client_secret = Some(ClientSecret::new(SECRET.into()));
        })
        .await;
        app.fixture().university().await;
        app.fixture().student(STUDENT, |_| {}).await;
        app.fixture().account("t001", Role::Officer, Some("001")).await;
        Self { app, oidc }
    }

    /// A browser that was sent away from this door, and where to.
    pub(super) async fn sent_from(&self, door: &str) -> (Browser, String) {
        let browser = self.app.visitor();
        let away = browser.get(door).await.assert_status(303).location();
        (browser, away)
    }
}

#[tokio::test]
async fn a_student_and_a_member_of_the_staff_come_back_signed_in() {
    let campus = Campus::start().await;
    let (browser, away) = campus.sent_from("/sign-in/student?next=%2Fstudent%3Fa%3D1").await;
    assert!(away.starts_with(&format!("{}/auth?", campus.oidc.url)), "{away}");
    assert_eq!(
        parameter(&away, "redirect_uri"),
        "http://127.0.0.1:8080/sign-in/oidc"
    );
    assert_eq!(parameter(&away, "scope"), "openid profile");
    assert_eq!(parameter(&away, "code_challenge_method"), "S256");

    let back = browser.get(&campus.oidc.sign_in(&away, STUDENT)).await;

    assert_eq!(back.assert_status(303).location(), "/student?a=1");
    browser.get("/student").await.assert_status(200);

    let (browser, away) = campus.sent_from("/sign-in/staff/sso").await;
    let back = browser.get(&campus.oidc.sign_in(&away, "T001")).await;
    assert_eq!(back.assert_status(303).location(), "/manage");
    browser.get("/manage").await.assert_status(200);
    assert_eq!(
        campus.app.audit_actions().await,
        ["session.signed_in", "session.signed_in"]
    );
}

#[tokio::test]
async fn the_name_may_have_to_be_asked_for() {
    let campus = Campus::start().await;
    campus.oidc.set_twist(Twist::NameOnDemand);
    let (browser, away) = campus.sent_from("/sign-in/student").await;
    browser
        .get(&campus.oidc.sign_in(&away, STUDENT))
        .await
        .assert_status(303);
    browser.get("/student").await.assert_status(200);

    campus.oidc.set_twist(Twist::Nameless);
    let (browser, away) = campus.sent_from("/sign-in/student").await;
    browser
        .get(&campus.oidc.sign_in(&away, STUDENT))
        .await
        .assert_status(403)
        .assert_says("没有告诉本系统您的学号或工号");
}

#[tokio::test]
async fn a_token_that_is_not_what_it_should_be_opens_nothing() {
    let campus = Campus::start().await;
    for (twist, status) in [
        (Twist::OtherNonce, 400),
        (Twist::OtherAudience, 400),
        (Twist::OtherIssuer, 400),
        (Twist::OtherKey, 400),
        (Twist::OtherAccessToken, 400),
        (Twist::Expired, 400),
        (Twist::NotYet, 400),
        (Twist::NameOfAnother, 503),
    ] {
        campus.oidc.set_twist(twist);
        let (browser, away) = campus.sent_from("/sign-in/student").await;
        let back = browser.get(&campus.oidc.sign_in(&away, STUDENT)).await;
        assert_eq!(back.status, status, "{twist:?}: {}", back.text());
        browser.get("/student").await.assert_status(303);
    }
    assert!(campus.app.audit_actions().await.is_empty());
}

#[tokio::test]
async fn an_answer_counts_once_and_for_the_browser_that_asked() {
    let campus = Campus::start().await;
    let (browser, away) = campus.sent_from("/sign-in/student").await;
    let path = campus.oidc.sign_in(&away, STUDENT);

    // Somebody else's browser, with and without a sign-in of its own on the way.
    campus.app.visitor().get(&path).await.assert_status(400);
    let (other, _) = campus.sent_from("/sign-in/student").await;
    other
        .get(&path)
        .await
        .assert_status(400)
        .assert_says("请重新登录");
    other.get("/student").await.assert_status(303);

    browser.get(&path).await.assert_status(303);
    browser.post("/sign-out", &[]).await.assert_status(200);
    browser.get(&path).await.assert_status(400);
    let (browser, away) = campus.sent_from("/sign-in/student").await;
    let state = parameter(&away, "state");
    browser
        .get(&format!("/sign-in/oidc?code=code-1&state={state}"))
        .await
        .assert_status(400)
        .assert_says("登录凭证已失效");
}

#[tokio::test]
async fn whoever_turns_back_is_not_signed_in() {
    let campus = Campus::start().await;
    for (error, status) in [
        ("access_denied", 400),
        ("temporarily_unavailable", 503),
        ("unauthorized_client", 503),
    ] {
        let (browser, _) = campus.sent_from("/sign-in/student").await;
        browser
            .get(&format!("/sign-in/oidc?error={error}"))
            .await
            .assert_status(status)
            .assert_says("href=\"/sign-in/student\"");
    }
}

#[tokio::test]
async fn a_provider_that_is_down_is_said_to_be_and_the_next_try_succeeds() {
    let campus = Campus::start().await;
    campus.oidc.set_twist(Twist::Down);
    campus
        .app
        .visitor()
        .get("/sign-in/student")
        .await
        .assert_status(503)
        .assert_says("统一身份认证暂时不可用");

    campus.oidc.set_twist(Twist::None);
    let (browser, away) = campus.sent_from("/sign-in/student").await;
    let path = campus.oidc.sign_in(&away, STUDENT);
    campus.oidc.set_twist(Twist::Down);
    browser.get(&path).await.assert_status(503).assert_says("重试");

    campus.oidc.set_twist(Twist::None);
    let away = browser
        .get("/sign-in/student")
        .await
        .assert_status(303)
        .location();
    browser
        .get(&campus.oidc.sign_in(&away, STUDENT))
        .await
        .assert_status(303);
    browser.get("/student").await.assert_status(200);
}

#[tokio::test]
async fn signing_out_here_goes_on_to_the_provider() {
    let campus = Campus::start().await;
    let (browser, away) = campus.sent_from("/sign-in/student").await;
    browser
        .get(&campus.oidc.sign_in(&away, STUDENT))
        .await
        .assert_status(303);

    let reply = browser.post("/sign-out", &[]).await;

    let refresh = reply.assert_status(200).headers[header::REFRESH]
        .to_str()
        .expect("text");
    let address = refresh.strip_prefix("0; url=").expect("an address");
    assert!(
        address.starts_with(&format!("{}/end?", campus.oidc.url)),
        "{address}"
    );
    assert_eq!(
        parameter(address, "post_logout_redirect_uri"),
        "http://127.0.0.1:8080/"
    );
    assert_eq!(parameter(address, "client_id"), CLIENT);
    assert_eq!(parameter(address, "id_token_hint").split('.').count(), 3);
    browser.get("/student").await.assert_status(303);
}

#[tokio::test]
async fn the_callback_is_this_system_whatever_a_request_calls_itself() {
    let campus = Campus::start().await;
    let forged = [("host", "evil.example"), ("x-forwarded-host", "evil.example")];
    let address = "/sign-in/student?redirect_uri=https%3A%2F%2Fevil.example&next=%2F%2Fevil.example";
    let browser = campus.app.visitor();
    let away = get_with_headers(&browser, address, &forged).await;
    let away = away.assert_status(303).location();
    assert_eq!(
        parameter(&away, "redirect_uri"),
        "http://127.0.0.1:8080/sign-in/oidc"
    );
    let back = browser.get(&campus.oidc.sign_in(&away, STUDENT)).await;
    assert_eq!(back.assert_status(303).location(), "/student");
}
