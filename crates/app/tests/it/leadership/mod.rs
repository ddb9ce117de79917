//! 就业工作领导小组 (R36): the form, versions, files, two at once, what the centre sees and does.

mod files;
mod form;
mod oversight;

use qihang::leadership::model::Member;
use qihang::leadership::queries::{self, Place};
use qihang::leadership::rules::Seen;
use qihang_db::Role;

use crate::support::{Browser, Reply, TestApp};

const HERE: &str = "/manage/leadership/2027/S01";

/// A university, an officer of 彭康书院, and the place of its list.
async fn world() -> (TestApp, Browser, Place) {
    let app = TestApp::start().await;
    app.fixture().university().await;
    let officer = app.signed_in(Role::Officer, Some("S01")).await;
    let place = Place {
        college_id: app.fixture().college_id("S01").await,
        year: 2027,
    };
    (app, officer, place)
}

/// What somebody sees who looks now, as the form carries it.
async fn seen(app: &TestApp, place: Place) -> String {
    let current = queries::current(app.db().reader(), place).await.unwrap();
    Seen::of(current.as_ref().map(|report| &report.row)).text()
}

/// The form of a member.
fn form<'a>(seen: &'a str, name: &'a str, role: &'a str) -> Vec<(&'a str, &'a str)> {
    vec![
        ("seen", seen),
        ("name", name),
        ("post", "院长"),
        ("role", role),
        ("telephone", "029-00000000"),
        ("email", "dean@univ.example"),
    ]
}

async fn add(app: &TestApp, browser: &Browser, place: Place, (name, role): (&str, &str)) -> Reply {
    let seen = seen(app, place).await;
    browser
        .post(&format!("{HERE}/members"), &form(&seen, name, role))
        .await
}

/// One press on the list, having looked.
async fn press(app: &TestApp, browser: &Browser, place: Place, what: &str) -> Reply {
    let seen = seen(app, place).await;
    browser.post(&format!("{HERE}/{what}"), &[("seen", &seen)]).await
}

/// A list of two, reported.
async fn reported(app: &TestApp, browser: &Browser, place: Place) {
    add(app, browser, place, ("张三", "组长"))
        .await
        .assert_status(303);
    add(app, browser, place, ("李四", "联络员/秘书"))
        .await
        .assert_status(303);
    press(app, browser, place, "submission").await.assert_status(303);
}

/// The members of what there is to work on.
async fn members(app: &TestApp, place: Place) -> Vec<Member> {
    let current = queries::current(app.db().reader(), place).await.unwrap();
    current.map(|report| report.members).unwrap_or_default()
}

async fn names(app: &TestApp, place: Place) -> Vec<String> {
    members(app, place)
        .await
        .into_iter()
        .map(|member| member.name)
        .collect()
}
