//! The schema and what it defends by itself.

use qihang_db::entity::{class_year, student};
use qihang_db::{Scope, records};
use sea_orm::{ConnectionTrait, DbErr, PaginatorTrait};

use crate::support::TestApp;

#[tokio::test]
async fn the_schema_goes_up_and_down_and_up_again() {
    let app = TestApp::start().await;
    app.fixture().university().await;

    app.db().migrate_down().await.unwrap();
    assert!(
        records::<class_year::Entity>()
            .count(app.db().reader())
            .await
            .is_err()
    );
    app.db().migrate().await.unwrap();

    assert_eq!(app.db().pending_migrations().await.unwrap(), 0);
    app.fixture().university().await;
    app.fixture().student("22300100001", |_| {}).await;
    assert_eq!(
        Scope::Everyone
            .select::<student::Entity>()
            .count(app.db().reader())
            .await
            .unwrap(),
        1
    );
}

#[tokio::test]
async fn a_reader_cannot_write() {
    let app = TestApp::start().await;
    let refused = app
        .db()
        .reader()
        .execute_unprepared("INSERT INTO setting (key, value) VALUES ('a', 'b')")
        .await;
    assert!(refused.is_err());
}

#[tokio::test]
async fn a_change_that_is_not_committed_leaves_nothing_behind() {
    let app = TestApp::start().await;
    let change = app.db().change(&qihang_db::Actor::system()).await.unwrap();
    change
        .tx()
        .execute_unprepared("INSERT INTO setting (key, value) VALUES ('a', 'b')")
        .await
        .unwrap();
    drop(change);

    let rows = records::<qihang_db::entity::setting::Entity>()
        .count(app.db().reader())
        .await
        .unwrap();
    assert_eq!(rows, 0);
    assert!(app.audit_actions().await.is_empty());
}

#[tokio::test]
async fn the_database_refuses_what_no_rule_would_write() {
    let app = TestApp::start().await;
    app.fixture().university().await;
    let student = app.fixture().student("22300100001", |_| {}).await;
    app.fixture().account("t001", qihang_db::Role::Centre, None).await;
    let college = student.college_id;
    for (what, sql) in [
        (
            "a student without a number",
            "UPDATE student SET student_no = ''".to_owned(),
        ),
        (
            "a student of no college",
            "UPDATE student SET college_id = 999999".to_owned(),
        ),
        (
            "a second college that is the first",
            format!("UPDATE student SET second_college_id = {college}"),
        ),
        (
            "a class year that was closed and never opened",
            "UPDATE class_year SET closed_at = NULL, opened_at = NULL".to_owned(),
        ),
        (
            "activation due before the roster",
            "UPDATE class_year SET activation_due = '2026-01-01'".to_owned(),
        ),
        (
            "a roster entry that ended without a reason",
            entry(student.id, "removed"),
        ),
        (
            "a roster entry of no class year",
            entry(student.id, "open").replace("2027", "2031"),
        ),
        (
            "an officer of no college",
            "INSERT INTO assignment (account_id, role, starts_on) SELECT id, 'officer', '2026-01-01' FROM account"
                .to_owned(),
        ),
    ] {
        let tx = app.db().begin_write().await.unwrap();
        let refused: Result<_, DbErr> = tx.execute_unprepared(&sql).await;
        assert!(refused.is_err(), "{what} was let in");
    }
}

fn entry(student_id: i64, state: &str) -> String {
    format!(
        "INSERT INTO roster_entry (student_id, class_year, state, how, added_at) \
         VALUES ({student_id}, 2027, '{state}', 'officer', '2026-09-10 02:00:00+00:00')"
    )
}
