//! Lists of students that the centre receives (R6, R7).

mod bad_input;
mod doctoral;
mod extended;

use qihang::findings::rules::{Touched, refresh};
use qihang_db::entity::{finding, roster_entry, student};
use qihang_db::{Actor, Role, Scope};
use sea_orm::{ColumnTrait, PaginatorTrait, QueryFilter};

use crate::support::{Browser, Reply, TestApp};

const LISTS: &str = "/manage/special-lists";
const COMPARE: &str = "/manage/doctoral-list";

/// The centre, signed in, in the small university.
async fn centre(app: &TestApp) -> Browser {
    app.fixture().university().await;
    app.signed_in(Role::Centre, None).await
}

async fn upload(centre: &Browser, kind: &str, content: &str) -> Reply {
    upload_to(centre, kind, "2027", content.as_bytes()).await
}

async fn upload_to(centre: &Browser, kind: &str, year: &str, content: &[u8]) -> Reply {
    centre
        .upload(
            LISTS,
            &[("kind", kind), ("class_year", year)],
            ("file", "名单.csv", content),
        )
        .await
}

/// Uploads a list that is received; answers its page.
async fn received(centre: &Browser, kind: &str, content: &str) -> String {
    let reply = upload(centre, kind, content).await;
    reply.assert_status(303);
    reply.location()
}

/// Uploads a list and puts it in force; answers its page.
async fn in_force(centre: &Browser, kind: &str, content: &str) -> String {
    let page = received(centre, kind, content).await;
    centre
        .post(&format!("{page}/commitment"), &[])
        .await
        .assert_status(303);
    page
}

async fn on_roster(app: &TestApp) -> u64 {
    Scope::Everyone
        .select::<roster_entry::Entity>()
        .filter(roster_entry::Column::State.eq("open"))
        .count(app.db().reader())
        .await
        .unwrap()
}

/// Kinds of the open findings of a student.
async fn findings_of(app: &TestApp, student: &student::Model) -> Vec<String> {
    Scope::Everyone
        .select::<finding::Entity>()
        .filter(finding::Column::StudentId.eq(student.id))
        .all(app.db().reader())
        .await
        .unwrap()
        .into_iter()
        .map(|finding| finding.kind)
        .collect()
}

async fn stored(app: &TestApp, student: &student::Model) -> student::Model {
    Scope::Everyone
        .select::<student::Entity>()
        .filter(student::Column::Id.eq(student.id))
        .one(app.db().reader())
        .await
        .unwrap()
        .unwrap()
}

/// Judges the world of a fixture, as whatever had brought it about would have.
async fn judged(app: &TestApp) {
    let change = app.db().change(&Actor::system()).await.unwrap();
    refresh(&change, Touched::Everyone).await.unwrap();
    change.keep_without_event().await.unwrap();
}

/// Data and findings are as the rules say.
async fn assert_whole(app: &TestApp) {
    let report = qihang::audit::rules::verify(app.db(), None).await.unwrap();
    assert!(report.is_whole(), "{report:?}");
}
