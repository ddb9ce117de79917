//! The letters: to a real server that takes, refuses, puts off, or is not there.

use chrono::TimeDelta;
use qihang::job;
use qihang::progress::reminders::delivery::try_again;
use qihang_db::Role;
use qihang_db::entity::message;

use super::{activated, asked, listed, messages, officer, reminded_all, sent};
use crate::support::{MID_SEASON, MailServer, TestApp};

/// An application that hands its mail to `url`, with two students who have an address.
async fn writing_to(url: String) -> TestApp {
    let app = TestApp::start_with(MID_SEASON, |config| {
        config.smtp_url = Some(url.into());
        config.mail_from = "就业服务网 <job@university.example>".into();
        config.mails_per_minute = 1_000_000;
        config.public_url = "https://job.university.example".into();
    })
    .await;
    app.fixture().university().await;
    for (student_no, email) in [
        ("2230100001", "good@mail.example"),
        ("2230100002", "gone@mail.example"),
    ] {
        listed(&app, student_no, |student| student.email = email.into()).await;
    }
    app
}

/// What has become of the letters, in order of address.
async fn letters(app: &TestApp) -> Vec<message::Model> {
    let mut sent = messages(app).await;
    sent.sort_by(|one, other| other.mail_to.cmp(&one.mail_to));
    sent
}

async fn run(app: &TestApp) {
    job::run_waiting(&app.app).await.unwrap();
}

#[tokio::test]
async fn letters_say_what_the_message_says_and_lead_to_the_step() {
    let server = MailServer::start();
    let app = writing_to(server.url.clone()).await;
    let officer = officer(&app).await;
    let record = reminded_all(&officer).await.assert_status(303).location();
    officer
        .get(&record)
        .await
        .assert_says("其中 2 人同时发送邮件")
        .assert_says("待发送");

    run(&app).await;

    let taken = server.taken();
    assert_eq!(taken.len(), 2);
    assert_eq!(taken[1].to, "good@mail.example");
    let text = decoded(&taken[1].text);
    for words in [
        "卢宇玉同学",
        "请在截止日前激活。",
        "https://job.university.example/student/activation",
        "Auto-Submitted: auto-generated",
        "multipart/alternative",
        "Message-ID: <reminder-",
        "@university.example>",
    ] {
        assert!(text.contains(words), "{words} is not in\n{text}");
    }
    // The name is all that is said of the student.
    for secret in ["2230100001", "61010", "22610112345678", "机械"] {
        assert!(!text.contains(secret), "{secret}");
    }
    assert!(
        letters(&app)
            .await
            .iter()
            .all(|letter| letter.mail_state == "sent")
    );
    officer
        .get(&record)
        .await
        .assert_says("邮件已发 2</a>")
        .assert_says("good@mail.example");
    officer.get("/manage/jobs").await.assert_says("发送提醒邮件");
}

/// The letter with its parts in the clear: each is base64, or stands there as it is.
fn decoded(letter: &str) -> String {
    let part = |part: &str| match part.split_once("base64\r\n\r\n") {
        Some((head, body)) => head.to_owned() + &of_base64(body),
        None => part.replace("=\r\n", ""),
    };
    letter.split("--").map(part).collect::<Vec<_>>().join("--")
}

fn of_base64(text: &str) -> String {
    const ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let (mut bytes, mut bits, mut held) = (Vec::new(), 0_u32, 0);
    for six in text
        .bytes()
        .filter_map(|byte| ALPHABET.iter().position(|one| *one == byte))
    {
        bits = (bits << 6) | u32::try_from(six).unwrap();
        held += 6;
        if held >= 8 {
            held -= 8;
            bytes.push(u8::try_from((bits >> held) & 255).unwrap());
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[tokio::test]
async fn an_address_that_is_refused_is_kept_with_the_servers_words() {
    let server = MailServer::answering(|to| {
        to.starts_with("gone")
            .then_some((550, "No such mailbox <script>"))
    });
    let app = writing_to(server.url.clone()).await;
    let officer = officer(&app).await;
    let record = reminded_all(&officer).await.location();

    run(&app).await;

    assert_eq!(server.taken().len(), 1);
    let letters = letters(&app).await;
    assert_eq!(letters[0].mail_state, "sent");
    assert_eq!(
        (letters[1].mail_state.as_str(), letters[1].mail_error.as_deref()),
        ("bounced", Some("550 No such mailbox <script>"))
    );
    let bounced = officer.get(&format!("{record}?which=bounced")).await;
    bounced
        .assert_says("邮件被退回 1</a>")
        .assert_says("550 No such mailbox &#60;script&#62;")
        .assert_says("gone@mail.example")
        .assert_does_not_say("good@mail.example");
    // It is not tried again.
    app.clock.set(app.clock.now() + TimeDelta::days(1));
    try_again(&app.app).await.unwrap();
    run(&app).await;
    assert_eq!(server.taken().len(), 1);
}

#[tokio::test]
async fn a_letter_that_is_put_off_is_tried_again_later_and_then_given_up() {
    let server = MailServer::answering(|to| to.starts_with("gone").then_some((450, "Try later")));
    let app = writing_to(server.url.clone()).await;
    reminded_all(&officer(&app).await).await.assert_status(303);

    run(&app).await;

    let waiting = &letters(&app).await[1];
    assert_eq!((waiting.mail_state.as_str(), waiting.mail_tries), ("queued", 1));
    assert_eq!(waiting.mail_due_at, Some(app.clock.now() + TimeDelta::minutes(1)));
    // Too early nothing happens.
    try_again(&app.app).await.unwrap();
    run(&app).await;
    assert_eq!(letters(&app).await[1].mail_tries, 1);
    for _ in 0..6 {
        app.clock.set(app.clock.now() + TimeDelta::hours(12));
        try_again(&app.app).await.unwrap();
        run(&app).await;
    }
    let given_up = &letters(&app).await[1];
    assert_eq!(
        (given_up.mail_state.as_str(), given_up.mail_error.as_deref()),
        ("failed", Some("450 Try later"))
    );
    assert_eq!(server.taken().len(), 1);
}

#[tokio::test]
async fn when_the_server_is_down_no_letter_is_lost_and_nothing_bounces() {
    let app = writing_to(MailServer::nowhere()).await;
    let officer = officer(&app).await;
    let record = reminded_all(&officer).await.location();

    run(&app).await;

    for letter in letters(&app).await {
        assert_eq!((letter.mail_state.as_str(), letter.mail_tries), ("queued", 1));
        assert!(letter.mail_error.unwrap().starts_with("邮件服务器没有响应"));
    }
    officer.get(&record).await.assert_says("邮件待发 2</a>");
    officer.get("/manage/jobs").await.assert_says("系统会自动重试");
}

#[tokio::test]
async fn a_letter_to_somebody_who_has_activated_meanwhile_is_not_sent() {
    let server = MailServer::start();
    let app = writing_to(server.url.clone()).await;
    let quick = listed(&app, "2230100003", |student| {
        student.email = "quick@mail.example".into();
    })
    .await;
    let officer = officer(&app).await;
    let record = reminded_all(&officer).await.location();
    activated(&app, &quick, false).await;

    run(&app).await;

    let to: Vec<String> = server.taken().into_iter().map(|letter| letter.to).collect();
    assert_eq!(to, ["gone@mail.example", "good@mail.example"]);
    officer
        .get(&format!("{record}?which=withdrawn"))
        .await
        .assert_says("2230100003")
        .assert_says("未发");
    officer.get(&record).await.assert_says("现已完成 1</a>");
}

#[tokio::test]
async fn who_has_to_confirm_again_has_not_done_it_by_having_activated_before() {
    let app = TestApp::start().await;
    app.fixture().university().await;
    let again = listed(&app, "2230100001", |_| {}).await;
    activated(&app, &again, true).await;
    let officer = officer(&app).await;
    let question = asked(&officer, &[("state", "again"), ("mode", "all")]).await;
    let record = sent(&officer, &question).await.location();

    officer.get(&record).await.assert_says("现已完成 0</a>");
}

#[tokio::test]
async fn cancelling_the_job_sends_no_more_letters_and_leaves_the_messages() {
    let server = MailServer::start();
    let app = writing_to(server.url.clone()).await;
    let officer = officer(&app).await;
    reminded_all(&officer).await.assert_status(303);

    officer
        .post("/manage/jobs/1/cancellation", &[])
        .await
        .assert_status(303);

    run(&app).await;
    try_again(&app.app).await.unwrap();
    run(&app).await;
    assert!(server.taken().is_empty());
    assert!(
        letters(&app)
            .await
            .iter()
            .all(|letter| letter.mail_state == "withdrawn")
    );
    officer
        .get("/manage/jobs/1")
        .await
        .assert_says("还没有发出的邮件不再发送");
}

#[tokio::test]
async fn without_a_server_letters_are_laid_into_a_folder_and_the_officer_is_told() {
    let app = TestApp::start().await;
    app.fixture().university().await;
    listed(&app, "2230100001", |student| {
        student.email = "good@mail.example".into();
    })
    .await;
    let centre = app.signed_in(Role::Centre, None).await;
    let record = reminded_all(&centre).await.location();

    run(&app).await;

    let folder = app.app.config.data_dir.join("mail");
    assert_eq!(std::fs::read_dir(folder).unwrap().count(), 1);
    centre.get(&record).await.assert_says("没有设置邮件服务器");
}

#[tokio::test]
async fn mark_up_reaches_nobodys_mail_program() {
    let server = MailServer::start();
    let app = writing_to(server.url.clone()).await;
    let officer = officer(&app).await;
    let question = asked(&officer, &[("mode", "all")]).await;
    let form = [
        ("question", &*question),
        ("title", "请激活"),
        ("body", "<img src=x onerror=alert(1)>"),
    ];
    officer
        .post("/manage/activation/reminders", &form)
        .await
        .assert_status(303);

    run(&app).await;

    let text = decoded(&server.taken()[0].text);
    assert!(text.contains("<img src=x"), "the plain text says what was typed");
    let html = text.split_once("text/html").expect("a part in HTML").1;
    assert!(!html.contains("<img") && html.contains("&#60;img"), "{html}");
}
