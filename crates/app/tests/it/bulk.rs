//! Very many rows at once: what is written is what was given, on both engines, and the schema is afterwards what it was.

use chrono::{DateTime, Utc};
use qihang_db::entity::{import_row, student};
use qihang_db::{Scope, bulk, records};
use sea_orm::sea_query::OnConflict;
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, ConnectionTrait, DbBackend, PaginatorTrait, QueryFilter,
    QueryOrder, Statement,
};

use crate::exchange::{Exchange, file, row};
use crate::support::TestApp;

/// More than either engine takes in one statement.
const MANY: i32 = 9_000;

async fn batch(app: &TestApp) -> i64 {
    let exchange = Exchange::at(app).await;
    exchange
        .upload("students", &file(&[row("22300100001", "王一")]))
        .await
}

fn import_row(batch_id: i64, number: i32, settled_at: Option<DateTime<Utc>>) -> import_row::ActiveModel {
    import_row::ActiveModel {
        batch_id: Set(batch_id),
        row_number: Set((number % 2 == 0).then_some(number)),
        key: Set(format!("{number:05}")),
        outcome: Set("added".into()),
        changes: Set(r#"[{"field":"name","before":"","after":"O'Brien \\ \"𠮷\" {}"}]"#.into()),
        reason: Set(format!("第一行\n第二行\t'{number}' ? $1")),
        settled_at: Set(settled_at),
        ..Default::default()
    }
}

#[tokio::test]
async fn every_value_of_very_many_rows_comes_out_as_it_went_in() {
    let app = TestApp::start().await;
    let batch_id = batch(&app).await;
    let at: DateTime<Utc> = "2026-11-24T15:59:59.123456Z".parse().unwrap();
    let given: Vec<_> = (0..MANY)
        .map(|number| import_row(batch_id, number, (number % 3 == 0).then_some(at)))
        .collect();

    let tx = app.db().begin_write().await.unwrap();
    let written = bulk::insert(&tx, given.clone(), None).await.unwrap();
    tx.commit().await.unwrap();

    assert_eq!(written, u64::try_from(MANY).unwrap());
    let found = records::<import_row::Entity>()
        .filter(import_row::Column::BatchId.eq(batch_id))
        .filter(import_row::Column::Reason.ne(""))
        .order_by_asc(import_row::Column::Id)
        .all(app.db().reader())
        .await
        .unwrap();
    assert_eq!(found.len(), given.len());
    for (found, given) in found.into_iter().zip(given) {
        let mut found = import_row::ActiveModel::from(found).reset_all();
        found.id = given.id.clone();
        assert_eq!(found, given);
    }
}

#[tokio::test]
async fn a_row_that_is_there_already_is_left_or_rewritten_as_is_said() {
    let app = TestApp::start().await;
    let batch_id = batch(&app).await;
    let with_id = |id: i64, reason: &str| import_row::ActiveModel {
        id: Set(id),
        reason: Set(reason.into()),
        ..import_row(batch_id, 2, None)
    };
    let reason = async || {
        records::<import_row::Entity>()
            .filter(import_row::Column::Id.eq(700))
            .one(app.db().reader())
            .await
            .unwrap()
            .unwrap()
            .reason
    };
    let leave = OnConflict::column(import_row::Column::Id).do_nothing().to_owned();
    let rewrite = OnConflict::column(import_row::Column::Id)
        .update_column(import_row::Column::Reason)
        .to_owned();
    for (said, on_conflict, written, then) in [
        ("first", None, 1, "first"),
        ("second", Some(&leave), 0, "first"),
        ("third", Some(&rewrite), 1, "third"),
    ] {
        let tx = app.db().begin_write().await.unwrap();
        let rows = vec![with_id(700, said)];
        assert_eq!(bulk::insert(&tx, rows, on_conflict).await.unwrap(), written);
        tx.commit().await.unwrap();
        assert_eq!(reason().await, then);
    }
    let tx = app.db().begin_write().await.unwrap();
    let nothing = bulk::insert(&tx, Vec::<import_row::ActiveModel>::new(), None).await;
    assert_eq!(nothing.unwrap(), 0);
}

/// The indexes of the table of students, as the engine describes them.
async fn indexes(connection: &impl ConnectionTrait) -> Vec<String> {
    let sql = match connection.get_database_backend() {
        DbBackend::Postgres => {
            "SELECT indexdef AS definition FROM pg_indexes WHERE tablename = 'student' ORDER BY 1"
        }
        _ => {
            "SELECT name || coalesce(sql, '') AS definition FROM sqlite_master \
             WHERE type = 'index' AND tbl_name = 'student' ORDER BY 1"
        }
    };
    let statement = Statement::from_string(connection.get_database_backend(), sql);
    let rows = connection.query_all_raw(statement).await.unwrap();
    rows.iter()
        .map(|row| row.try_get("", "definition").unwrap())
        .collect()
}

#[tokio::test]
async fn indexes_that_were_taken_away_are_put_back_as_they_were() {
    let app = TestApp::start().await;
    let before = indexes(app.db().reader()).await;

    let tx = app.db().begin_write().await.unwrap();
    let away = bulk::take_indexes_away::<student::Entity>(&tx).await.unwrap();
    let meanwhile = indexes(&tx).await;
    away.put_back(&tx).await.unwrap();
    tx.commit().await.unwrap();

    assert!(meanwhile.len() < before.len(), "some were away");
    assert!(!meanwhile.is_empty(), "what makes 学号 unique stays");
    assert_eq!(indexes(app.db().reader()).await, before);
}

#[tokio::test]
async fn the_first_load_of_a_school_leaves_every_student_and_every_index() {
    let app = TestApp::start().await;
    let exchange = Exchange::at(&app).await;
    let before = indexes(app.db().reader()).await;
    let rows: Vec<String> = (0..2_500)
        .map(|number| row(&format!("223{number:08}"), "王一"))
        .collect();

    let batch_id = exchange.upload("students", &file(&rows)).await;
    let batch = exchange.commit(batch_id, "good", false).await;

    assert_eq!((batch.state.as_str(), batch.rows_added), ("committed", 2_500));
    let students = Scope::Everyone.select::<student::Entity>();
    assert_eq!(students.count(app.db().reader()).await.unwrap(), 2_500);
    assert_eq!(indexes(app.db().reader()).await, before);
}
