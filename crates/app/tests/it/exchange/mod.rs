//! 数据交换 (R13, R13a, R14): files become records, through preview, commit and undo.

mod command_line;
mod errors;
mod preview;
mod undo;
mod units_and_officers;

use qihang_db::entity::{import_batch, import_row, student};
use qihang_db::{Role, Scope, records};
use sea_orm::{ColumnTrait, QueryFilter, QueryOrder};

use crate::support::{Browser, Reply, TestApp};

/// The columns of most files here.
pub const HEADINGS: &str = "学号,姓名,性别,类型,学历,学院,书院,专业,入学年份,学制,学籍状态,手机";

/// A row of an undergraduate of 机械工程学院 without a fault.
pub fn row(student_no: &str, name: &str) -> String {
    format!("{student_no},{name},男,本科生,本科,001,S01,B001,2023,4,在读,13800138000")
}

/// A file of these rows.
pub fn file(rows: &[String]) -> Vec<u8> {
    let mut text = format!("{HEADINGS}\n");
    for row in rows {
        text.push_str(row);
        text.push('\n');
    }
    text.into_bytes()
}

/// An officer of the centre before the page of imports.
pub struct Exchange<'a> {
    pub app: &'a TestApp,
    pub browser: Browser,
}

impl<'a> Exchange<'a> {
    pub async fn at(app: &'a TestApp) -> Self {
        app.fixture().university().await;
        Self {
            app,
            browser: app.signed_in(Role::Centre, None).await,
        }
    }

    /// Uploads a file and waits until it has been read; answers the import.
    pub async fn upload(&self, dataset: &str, content: &[u8]) -> i64 {
        self.upload_with(&[("dataset", dataset)], "名单.csv", content)
            .await
    }

    /// Uploads a file that has everybody.
    pub async fn upload_complete(&self, content: &[u8]) -> i64 {
        let fields = [("dataset", "students"), ("complete", "1")];
        self.upload_with(&fields, "名单.csv", content).await
    }

    pub async fn upload_with(&self, fields: &[(&str, &str)], name: &str, content: &[u8]) -> i64 {
        let reply = self
            .browser
            .upload("/manage/imports", fields, ("file", name, content))
            .await;
        reply.assert_status(303);
        let batch_id = reply.location().rsplit('/').next().unwrap().parse().unwrap();
        self.settled(batch_id).await;
        batch_id
    }

    /// Writes a previewed import and waits until that is over.
    pub async fn commit(&self, batch_id: i64, mode: &str, accept: bool) -> import_batch::Model {
        let mut form = vec![("mode", mode)];
        if accept {
            form.push(("accept", "1"));
        }
        self.post(batch_id, "commitment", &form).await.assert_status(303);
        self.settled(batch_id).await
    }

    /// Uploads and writes a file; large changes are accepted.
    pub async fn import(&self, dataset: &str, content: &[u8]) -> import_batch::Model {
        let batch_id = self.upload(dataset, content).await;
        self.commit(batch_id, "good", true).await
    }

    pub async fn post(&self, batch_id: i64, what: &str, form: &[(&str, &str)]) -> Reply {
        self.browser
            .post(&format!("/manage/imports/{batch_id}/{what}"), form)
            .await
    }

    pub async fn page(&self, batch_id: i64) -> Reply {
        let reply = self.browser.get(&format!("/manage/imports/{batch_id}")).await;
        reply.assert_status(200);
        reply
    }

    pub async fn batch(&self, batch_id: i64) -> import_batch::Model {
        let found = records::<import_batch::Entity>()
            .filter(import_batch::Column::Id.eq(batch_id))
            .one(self.app.db().reader())
            .await;
        found.unwrap().unwrap()
    }

    /// Runs what waits, as a server does beside its pages; answers the import.
    pub async fn settled(&self, batch_id: i64) -> import_batch::Model {
        qihang::job::run_waiting(&self.app.app).await.unwrap();
        self.batch(batch_id).await
    }

    pub async fn students(&self) -> Vec<student::Model> {
        Scope::Everyone
            .select::<student::Entity>()
            .order_by_asc(student::Column::StudentNo)
            .all(self.app.db().reader())
            .await
            .unwrap()
    }

    pub async fn student(&self, student_no: &str) -> student::Model {
        let all = self.students().await;
        all.into_iter().find(|row| row.student_no == student_no).unwrap()
    }

    /// The reasons of the refused and repeated rows, with their numbers.
    pub async fn reasons(&self, batch_id: i64) -> Vec<(i32, String)> {
        let rows = records::<import_row::Entity>()
            .filter(import_row::Column::BatchId.eq(batch_id))
            .filter(import_row::Column::Reason.ne(""))
            .order_by_asc(import_row::Column::Id)
            .all(self.app.db().reader())
            .await
            .unwrap();
        rows.into_iter()
            .map(|row| (row.row_number.unwrap(), row.reason))
            .collect()
    }
}

/// Figures of an import: added, changed, vanished, unchanged, refused.
pub fn figures(batch: &import_batch::Model) -> [i32; 5] {
    [
        batch.rows_added,
        batch.rows_changed,
        batch.rows_vanished,
        batch.rows_unchanged,
        batch.rows_refused,
    ]
}
