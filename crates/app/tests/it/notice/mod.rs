//! 通知公告 and 联系方式: writing, reading, files, who has read, the front page.

mod attachments;
mod contacts;
mod front_page;
mod readers;
mod reading;
mod writing;

use qihang_db::entity::notice;
use qihang_db::records;
use sea_orm::QueryOrder;

use crate::support::{Browser, Reply, TestApp};

/// A form filled in, with other fields where they are named.
fn form<'a>(fields: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let usual = [
        ("title", "关于激活账户的通知"),
        ("body", "请按时激活。"),
        ("audience", "students"),
    ];
    let others = usual
        .into_iter()
        .filter(|(name, _)| fields.iter().all(|(field, _)| field != name));
    others.chain(fields.iter().copied()).collect()
}

/// Writes a draft; answers its id.
async fn draft(author: &Browser, fields: &[(&str, &str)]) -> i64 {
    let reply = author.post("/manage/notices", &form(fields)).await;
    reply.assert_status(303);
    let id = reply.location().rsplit('/').next().map(str::parse);
    id.expect("an address").expect("an id")
}

/// Writes and publishes; answers the id.
async fn published(author: &Browser, fields: &[(&str, &str)]) -> i64 {
    let id = draft(author, fields).await;
    publish(author, id).await.assert_status(303);
    id
}

async fn publish(author: &Browser, id: i64) -> Reply {
    author
        .post(&format!("/manage/notices/{id}/publication"), &[])
        .await
}

async fn withdraw(author: &Browser, id: i64) -> Reply {
    author
        .post(&format!("/manage/notices/{id}/withdrawal"), &[])
        .await
}

async fn read(reader: &Browser, id: i64) -> Reply {
    reader.get(&format!("/notices/{id}")).await
}

/// Whether the reader can read it, and whether the list says the same.
async fn is_for(reader: &Browser, id: i64) -> bool {
    let status = read(reader, id).await.status.as_u16();
    let listed = reader
        .get("/notices")
        .await
        .text()
        .contains(&format!("href=\"/notices/{id}\""));
    assert_eq!(status == 200, listed, "page {status}, listed {listed}");
    assert!([200, 404].contains(&status), "{status}");
    listed
}

async fn notices(app: &TestApp) -> Vec<notice::Model> {
    records::<notice::Entity>()
        .order_by_asc(notice::Column::Id)
        .all(app.db().reader())
        .await
        .expect("notices")
}
