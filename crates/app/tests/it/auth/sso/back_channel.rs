//! The provider of OpenID Connect says, from server to server, that somebody has signed out.

use serde_json::{Value, json};

use super::fake_oidc::Twist;
use super::oidc::{Campus, STUDENT};
use crate::support::{Browser, TestApp};

const LOGOUT: &str = "/sign-in/oidc/logout";

impl Campus {
    /// Somebody signs in; `door` as in the address.
    async fn signed_in(&self, door: &str, user: &str) -> Browser {
        let (browser, away) = self.sent_from(door).await;
        browser
            .get(&self.oidc.sign_in(&away, user))
            .await
            .assert_status(303);
        browser
    }

    /// What the provider is answered.
    async fn says(&self, token: &str) -> u16 {
        let reply = self.app.visitor().post(LOGOUT, &[("logout_token", token)]).await;
        reply.status.as_u16()
    }
}

async fn is_in(browser: &Browser, page: &str) -> bool {
    browser.get(page).await.status == 200
}

#[tokio::test]
async fn the_end_of_a_session_at_the_provider_ends_what_began_in_it_and_nothing_else() {
    let campus = Campus::start().await;
    let telephone = campus.signed_in("/sign-in/student", STUDENT).await;
    let desk = campus.signed_in("/sign-in/student", STUDENT).await;
    let teacher = campus.signed_in("/sign-in/staff/sso", "T001").await;
    let sub = format!("subject-{STUDENT}");

    let answer = campus
        .says(&campus.oidc.logout_token(&json!({"sid": "sid-1", "sub": sub})))
        .await;

    assert_eq!(answer, 200);
    assert!(!is_in(&telephone, "/student").await);
    assert!(is_in(&desk, "/student").await && is_in(&teacher, "/manage").await);
    // A session that nobody has here is no mistake of the provider's.
    assert_eq!(
        campus
            .says(&campus.oidc.logout_token(&json!({"sid": "sid-1"})))
            .await,
        200
    );
    assert_eq!(
        campus
            .says(&campus.oidc.logout_token(&json!({"sid": "sid-3"})))
            .await,
        200
    );
    assert!(!is_in(&teacher, "/manage").await && is_in(&desk, "/student").await);
}

#[tokio::test]
async fn who_has_signed_out_everywhere_is_out_here_too() {
    let campus = Campus::start().await;
    let telephone = campus.signed_in("/sign-in/student", STUDENT).await;
    let desk = campus.signed_in("/sign-in/student", STUDENT).await;
    let teacher = campus.signed_in("/sign-in/staff/sso", "T001").await;

    let token = campus
        .oidc
        .logout_token(&json!({"sub": format!("subject-{STUDENT}")}));

    assert_eq!(campus.says(&token).await, 200);
    assert!(!is_in(&telephone, "/student").await && !is_in(&desk, "/student").await);
    assert!(is_in(&teacher, "/manage").await);
    // Who signs in again begins anew.
    let again = campus.signed_in("/sign-in/student", STUDENT).await;
    assert!(is_in(&again, "/student").await);
}

#[tokio::test]
async fn a_token_counts_once_even_where_it_comes_many_times_at_once() {
    let campus = Campus::start().await;
    let sub = format!("subject-{STUDENT}");
    let token = campus.oidc.logout_token(&json!({"sub": sub}));
    assert_eq!(campus.says(&token).await, 200);
    let later = campus.signed_in("/sign-in/student", STUDENT).await;

    assert_eq!(campus.says(&token).await, 400);

    assert!(is_in(&later, "/student").await);
    let token = campus.oidc.logout_token(&json!({"sub": sub}));
    let answers = futures::future::join_all((0..20).map(|_| campus.says(&token))).await;
    assert_eq!(
        answers.iter().filter(|status| **status == 200).count(),
        1,
        "{answers:?}"
    );
    assert!(
        answers.iter().all(|status| [200, 400].contains(status)),
        "{answers:?}"
    );
    assert!(!is_in(&later, "/student").await);
}

#[tokio::test]
async fn a_token_that_is_forged_or_old_or_for_another_ends_nothing() {
    let campus = Campus::start().await;
    let student = campus.signed_in("/sign-in/student", STUDENT).await;
    let sub = format!("subject-{STUDENT}");
    let with = |name: &str, value: Value| {
        let mut changes = json!({"sub": sub});
        changes[name] = value;
        campus.oidc.logout_token(&changes)
    };
    let now = qihang_db::Clock::machine().now().timestamp();
    let good = json!({"sub": sub});
    let unsigned = {
        let token = campus.oidc.logout_token_headed(&json!({"alg": "none"}), &good);
        token[..=token.rfind('.').expect("a token")].to_owned()
    };
    let changed = {
        // The signature of one token under the claims of another.
        let other = campus.oidc.logout_token(&json!({"sub": "somebody"}));
        let wanted = campus.oidc.logout_token(&good);
        let signature = other.rsplit('.').next().expect("a token");
        format!("{}.{signature}", wanted.rsplit_once('.').expect("a token").0)
    };
    for (token, what) in [
        (campus.oidc.forged_logout_token(&good), "another key"),
        (unsigned, "no signature"),
        (changed, "another's signature"),
        (
            campus.oidc.logout_token_headed(&json!({"alg": "HS256"}), &good),
            "a shared secret",
        ),
        (
            campus.oidc.logout_token_headed(&json!({"kid": "unknown"}), &good),
            "an unknown key",
        ),
        (
            campus.oidc.logout_token_headed(&json!({"typ": "at+jwt"}), &good),
            "another kind",
        ),
        (with("iss", json!("https://evil.example")), "another provider"),
        (with("aud", json!("another")), "another system"),
        (with("exp", json!(now - 600)), "expired"),
        (with("iat", json!(now - 86_400)), "very old"),
        (with("iat", json!(now + 600)), "of tomorrow"),
        (with("events", Value::Null), "no event"),
        (with("events", json!({"other": {}})), "another event"),
        (with("nonce", json!("n")), "a nonce, as in a sign-in"),
        (with("jti", Value::Null), "no name"),
        (with("sub", Value::Null), "nobody"),
        ("nonsense".to_owned(), "no token"),
        (String::new(), "nothing"),
        ("a".repeat(100_000), "too long"),
    ] {
        let answer = campus.says(&token).await;
        assert!([400, 413].contains(&answer), "{what}: {answer}");
        assert!(is_in(&student, "/student").await, "{what}");
    }
    let without = campus.app.visitor().post(LOGOUT, &[("other", "x")]).await;
    assert!(without.status.is_client_error(), "{}", without.status);
    // None of them has used anything up.
    assert_eq!(campus.says(&campus.oidc.logout_token(&good)).await, 200);
    assert!(!is_in(&student, "/student").await);
}

#[tokio::test]
async fn while_the_keys_cannot_be_had_nothing_ends_and_the_token_is_not_used_up() {
    let campus = Campus::start().await;
    let student = campus.signed_in("/sign-in/student", STUDENT).await;
    let token = campus.oidc.logout_token(&json!({"sid": "sid-1"}));
    campus.oidc.set_twist(Twist::Down);

    assert_eq!(campus.says(&token).await, 400);

    assert!(is_in(&student, "/student").await);
    campus.oidc.set_twist(Twist::None);
    assert_eq!(campus.says(&token).await, 200);
    assert!(!is_in(&student, "/student").await);
}

#[tokio::test]
async fn without_such_a_provider_there_is_no_such_address() {
    let app = TestApp::start().await;
    app.visitor()
        .post(LOGOUT, &[("logout_token", "x")])
        .await
        .assert_status(404);
}
