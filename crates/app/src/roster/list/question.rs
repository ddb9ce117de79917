//! A request for the list, understood: which class year, which rows, which columns.

use std::sync::Arc;

use qihang_db::Versions;

use super::columns::{Column, chosen};
use super::filter::{ListFilter, ListParams, View};
use crate::app::App;
use crate::auth::Officer;
use crate::cache::School;
use crate::class_year::model::{Chosen, choose};
use crate::roster::search::UnknownValue;
use crate::web::AppError;

/// What is asked for.
#[derive(Clone, Debug)]
pub struct Question {
    /// As it stands in the address.
    pub params: ListParams,
    /// Which columns.
    pub view: View,
    /// Which roster.
    pub year: Chosen,
    /// Which rows, in which order.
    pub filter: ListFilter,
    /// Rows on a page.
    pub page_size: u64,
    /// 院 and 专业.
    pub school: Arc<School>,
}

impl From<UnknownValue> for AppError {
    fn from(unknown: UnknownValue) -> Self {
        Self::BadRequest(unknown.message())
    }
}

impl Question {
    /// Understands what stands in an address.
    ///
    /// # Errors
    ///
    /// [`AppError::BadRequest`] for a value that means nothing, and for a class year that may not be worked on.
    pub async fn understand(app: &App, versions: Versions, mut params: ListParams) -> Result<Self, AppError> {
        let today = app.db.clock().today();
        let school = app.cache.school(&app.db, versions).await?;
        params.follow_school(&school.colleges, &school.majors);
        let named = params.class_year()?;
        let year = choose(named, today)
            .ok_or_else(|| AppError::BadRequest("届别只能是本届或上一届，请在查询条件中重新选择。".into()))?;
        Ok(Self {
            view: params.view()?,
            year,
            filter: params.understand(&school.colleges, &school.majors)?,
            page_size: params.page_size()?,
            school,
            params,
        })
    }

    /// The columns that somebody sees in this view.
    pub fn columns(&self, officer: &Officer) -> Vec<Column> {
        let stored = officer.preference(&preference_key(self.view));
        let codes: Option<Vec<String>> = stored.and_then(|text| serde_json::from_str(text).ok());
        chosen(self.view, codes.as_deref())
    }
}

/// Under which key the columns of a view are remembered.
pub fn preference_key(view: View) -> String {
    format!("roster.columns.{}", view.code())
}
