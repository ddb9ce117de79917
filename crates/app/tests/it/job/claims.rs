//! Who gets a job, on the database.

use std::collections::HashSet;

use chrono::TimeDelta;
use qihang::app::App;
use qihang::job::model::{LEASE, MAX_ATTEMPTS};
use qihang::job::{rules, run_waiting};
use qihang_db::entity::job;
use qihang_db::{Actor, Db};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};

use super::{ask, job_of, jobs, request_cancel};
use crate::support::TestApp;

/// Another server on the same database.
async fn another_server(app: &TestApp) -> App {
    let url = app.database_url();
    let db = Db::open(url, app.clock.clone()).await.unwrap();
    App::new(db, (*app.app.config).clone())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_many_that_reach_for_the_same_jobs_each_gets_others() {
    const JOBS: usize = 24;
    let app = TestApp::start().await;
    for number in 0..JOBS {
        ask(app.db(), i64::try_from(number).unwrap()).await;
    }
    let servers = [app.app.clone(), another_server(&app).await];

    let mut tasks = tokio::task::JoinSet::new();
    for number in 0..12 {
        let server = servers[number % 2].clone();
        tasks.spawn(async move {
            let mut mine = Vec::new();
            while let Some(claimed) = rules::claim(&server, &[]).await.unwrap() {
                mine.push(claimed.job_id);
            }
            mine
        });
    }
    let taken: Vec<i64> = tasks.join_all().await.into_iter().flatten().collect();

    assert_eq!(taken.len(), JOBS, "{taken:?}");
    assert_eq!(taken.iter().collect::<HashSet<_>>().len(), JOBS);
    for row in jobs(app.db()).await {
        assert_eq!((row.state.as_str(), row.attempts), ("running", 1));
    }
}

#[tokio::test]
async fn a_job_exists_exactly_if_the_change_that_asked_for_it_was_committed() {
    let app = TestApp::start().await;
    let change = app.db().change(&Actor::command_line()).await.unwrap();
    rules::enqueue(&change, &qihang::job::Work::ReadImport { batch_id: 1 })
        .await
        .unwrap();
    assert!(
        rules::claim(&app.app, &[]).await.unwrap().is_none(),
        "not committed yet"
    );
    change.abandon().await.unwrap();
    assert!(jobs(app.db()).await.is_empty());

    let job_id = ask(app.db(), 1).await;

    assert_eq!(rules::claim(&app.app, &[]).await.unwrap().unwrap().job_id, job_id);
}

#[tokio::test]
async fn two_open_jobs_never_work_on_one_thing() {
    let app = TestApp::start().await;
    ask(app.db(), 1).await;
    let change = app.db().change(&Actor::command_line()).await.unwrap();
    let again = rules::enqueue(&change, &qihang::job::Work::ReadImport { batch_id: 1 }).await;
    assert!(again.is_err());
}

#[tokio::test]
async fn a_lapsed_job_is_taken_over_by_another_server_and_given_up_at_last() {
    let app = TestApp::start().await;
    let other = another_server(&app).await;
    let job_id = ask(app.db(), 1).await;
    let first = rules::claim(&app.app, &[]).await.unwrap().unwrap();
    assert!(rules::claim(&other, &[]).await.unwrap().is_none());

    app.clock.set(app.clock.now() + LEASE);
    assert!(
        rules::claim(&app.app, &[job_id]).await.unwrap().is_none(),
        "whoever runs it does not take it from itself"
    );
    let second = rules::claim(&other, &[]).await.unwrap().unwrap();
    assert_eq!((second.job_id, second.attempt), (job_id, 2));
    assert_ne!(second.lease_owner, first.lease_owner);

    for _ in 2..MAX_ATTEMPTS {
        app.clock.set(app.clock.now() + LEASE);
        assert!(rules::claim(&app.app, &[]).await.unwrap().is_some());
    }
    app.clock.set(app.clock.now() + LEASE);
    assert!(rules::claim(&app.app, &[]).await.unwrap().is_none());
    let row = job_of(app.db(), job_id).await;
    assert_eq!(row.state, "failed");
    assert!(row.message.contains("连续 3 次没有完成"), "{}", row.message);
    assert!(row.message.contains("告诉系统管理员"), "{}", row.message);
}

#[tokio::test]
async fn work_that_breaks_off_is_tried_again_and_then_fails_with_what_to_do() {
    let app = TestApp::start().await;
    let job_id = ask(app.db(), 999).await;

    run_waiting(&app.app).await.unwrap();

    let row = job_of(app.db(), job_id).await;
    assert_eq!((row.state.as_str(), row.attempts), ("failed", 3));
    assert!(
        row.message.contains(&format!("任务编号 {job_id}")),
        "{}",
        row.message
    );
}

#[tokio::test]
async fn a_job_of_a_kind_that_only_a_newer_server_knows_is_left_alone() {
    let app = TestApp::start().await;
    let job_id = ask(app.db(), 1).await;
    let tx = app.db().begin_write().await.unwrap();
    job::Entity::update_many()
        .col_expr(job::Column::Kind, Expr::value("from_the_future"))
        .filter(job::Column::Id.eq(job_id))
        .exec(&tx)
        .await
        .unwrap();
    tx.commit().await.unwrap();

    run_waiting(&app.app).await.unwrap();

    assert_eq!(job_of(app.db(), job_id).await.state, "queued");
}

#[tokio::test]
async fn whoever_takes_over_a_job_that_was_to_be_cancelled_cancels_it() {
    let app = TestApp::start().await;
    let job_id = ask(app.db(), 1).await;
    rules::claim(&app.app, &[]).await.unwrap().unwrap();
    request_cancel(app.db(), job_id).await;
    app.clock.set(app.clock.now() + LEASE + TimeDelta::seconds(1));

    run_waiting(&app.app).await.unwrap();

    assert_eq!(job_of(app.db(), job_id).await.state, "cancelled");
}

#[tokio::test]
async fn the_schema_keeps_contradictions_out() {
    let app = TestApp::start().await;
    ask(app.db(), 1).await;
    for (what, sql) in [
        (
            "a running job without a lease",
            "UPDATE job SET state = 'running'",
        ),
        ("an end without a time", "UPDATE job SET state = 'done'"),
        (
            "a queued job that is about to finish",
            "UPDATE job SET is_finishing = true",
        ),
        ("a state that there is none of", "UPDATE job SET state = 'paused'"),
        (
            "an outcome seen before it is there",
            "UPDATE job SET seen_at = created_at",
        ),
    ] {
        let tx = app.db().begin_write().await.unwrap();
        assert!(tx.execute_unprepared(sql).await.is_err(), "{what} was let in");
    }
}
