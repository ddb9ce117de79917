//! 任务 (R40): long work beside the requests, whatever happens to the process that runs it.

mod claims;
mod crash;
mod imports;
mod life;
mod pages;

use qihang::job::{Work, rules};
use qihang_db::entity::job;
use qihang_db::{Actor, Db, records};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};

/// Asks for a job about an import that does not exist, as the command line; answers its id.
async fn ask(db: &Db, batch_id: i64) -> i64 {
    let change = db.change(&Actor::command_line()).await.unwrap();
    let job_id = rules::enqueue(&change, &Work::ReadImport { batch_id })
        .await
        .unwrap();
    change.keep_without_event().await.unwrap();
    job_id
}

async fn job_of(db: &Db, job_id: i64) -> job::Model {
    let found = records::<job::Entity>()
        .filter(job::Column::Id.eq(job_id))
        .one(db.reader())
        .await;
    found.unwrap().expect("the job is there")
}

async fn jobs(db: &Db) -> Vec<job::Model> {
    records::<job::Entity>()
        .order_by_asc(job::Column::Id)
        .all(db.reader())
        .await
        .unwrap()
}

/// As somebody on another server has asked for it.
async fn request_cancel(db: &Db, job_id: i64) {
    let tx = db.begin_write().await.unwrap();
    job::Entity::update_many()
        .col_expr(job::Column::CancelRequested, Expr::value(true))
        .filter(job::Column::Id.eq(job_id))
        .exec(&tx)
        .await
        .unwrap();
    tx.commit().await.unwrap();
}
