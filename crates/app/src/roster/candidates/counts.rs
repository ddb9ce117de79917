//! The numbers of 名单确认, remembered as long as nothing has changed.

use std::sync::Arc;

use qihang_db::{Scope, Versions};
use sea_orm::DbErr;

use super::queries::{self, Summary};
use crate::app::App;
use crate::class_year::model::ClassYear;
use crate::roster::search::Search;

/// Whose numbers, and of which class year.
#[derive(Clone, Copy, Debug)]
pub struct Counts<'a> {
    /// The application.
    pub app: &'a App,
    /// How new the numbers have to be.
    pub versions: Versions,
    /// Who may be seen.
    pub scope: &'a Scope,
    /// The class year.
    pub year: ClassYear,
}

impl Counts<'_> {
    /// Whom the search finds, in order of 学号, as row ids.
    ///
    /// # Errors
    ///
    /// When the database does not answer; so for all numbers here.
    pub async fn found(&self, search: &Search) -> Result<Arc<Vec<i64>>, DbErr> {
        let list = queries::found_ids(self.app.db.reader(), self.scope, search, self.year);
        let question = format!("candidates {} {search:?}", self.year);
        self.app
            .cache
            .list(self.versions, self.scope, &question, list)
            .await
    }

    /// How many of the found can be selected.
    pub async fn selectable(&self, search: &Search) -> Result<u64, DbErr> {
        let count = queries::count_selectable(self.app.db.reader(), self.scope, search, self.year);
        self.remember(&format!("selectable {search:?}"), count).await
    }

    /// How many 延长学制 undergraduates there are, on no roster of the class year.
    pub async fn extended(&self) -> Result<u64, DbErr> {
        let count = queries::count_extended(self.app.db.reader(), self.scope, self.year);
        self.remember("extended", count).await
    }

    /// The numbers of the page's head.
    pub async fn summary(&self) -> Result<Summary, DbErr> {
        let (reader, scope, year) = (self.app.db.reader(), self.scope, self.year);
        Ok(Summary {
            added: self
                .remember("added", queries::count_added(reader, scope, year))
                .await?,
            ready: self
                .remember("ready", queries::count_ready(reader, scope, year))
                .await?,
            doubtful: self
                .remember("doubtful", queries::count_doubtful(reader, scope, year))
                .await?,
        })
    }

    async fn remember(
        &self,
        question: &str,
        count: impl Future<Output = Result<u64, DbErr>>,
    ) -> Result<u64, DbErr> {
        let question = format!("candidates {} {question}", self.year);
        self.app
            .cache
            .count(self.versions, self.scope, &question, count)
            .await
    }
}
