//! A request for 激活进度, understood: which class year, which rows, and what activation needs there.

use std::sync::Arc;

use qihang_db::{ClassYearState, Scope, Versions};

use super::filter::{Filter, ProgressParams};
use super::queries::Rows;
use crate::activation::fields::Field;
use crate::activation::queries::field_rules;
use crate::app::App;
use crate::cache::School;
use crate::class_year::model::{Chosen, Details, choose};
use crate::web::AppError;

/// What is asked for.
#[derive(Clone, Debug)]
pub struct Asked {
    /// As it stands in the address.
    pub params: ProgressParams,
    /// Which roster.
    pub year: Chosen,
    /// The class year; `None` when it is not set up.
    pub details: Option<Details>,
    /// Which rows.
    pub filter: Filter,
    /// The fields of the record that activation needs.
    pub needed: Vec<Field>,
    /// 院 and 专业.
    pub school: Arc<School>,
}

impl Asked {
    /// Understands what stands in an address.
    ///
    /// # Errors
    ///
    /// [`AppError::BadRequest`] for a value that means nothing, and for a class year that may not be worked on.
    pub async fn understand(
        app: &App,
        versions: Versions,
        mut params: ProgressParams,
    ) -> Result<Self, AppError> {
        let school = app.cache.school(&app.db, versions).await?;
        params.follow_school(&school.colleges, &school.majors);
        let year = choose(params.class_year()?, app.db.clock().today())
            .ok_or_else(|| AppError::BadRequest("届别只能是本届或上一届，请在查询条件中重新选择。".into()))?;
        let rules = field_rules(app.db.reader(), year.year.year()).await?;
        Ok(Self {
            year,
            details: school.class_year(year.year).cloned(),
            filter: params.understand(&school.colleges, &school.majors)?,
            needed: rules.key_fields().collect(),
            school,
            params,
        })
    }

    /// The rows that are asked for, of whom `scope` lets see.
    pub fn rows<'a>(&'a self, scope: &'a Scope) -> Rows<'a> {
        Rows {
            scope,
            year: self.year.year,
            filter: &self.filter,
            needed: &self.needed,
        }
    }

    /// Whether the class year is open: otherwise nobody can activate, and nobody is reminded.
    pub fn is_open(&self) -> bool {
        self.details
            .as_ref()
            .is_some_and(|details| details.state == ClassYearState::Open)
    }

    /// What to know before anything else: another class year than the present one, or one that is not open.
    pub fn warning(&self) -> Option<String> {
        let year = self.year.year;
        let state = self.details.as_ref().map(|details| details.state);
        let not_open = match state {
            Some(ClassYearState::Open) => String::new(),
            Some(ClassYearState::Closed) => format!("{year} 届已关闭，只能查看，不能再提醒。"),
            Some(ClassYearState::Planned) | None => format!("{year} 届尚未开启。"),
        };
        if self.year.is_current {
            (!not_open.is_empty()).then_some(not_open)
        } else {
            Some(format!("当前查看的是 {year} 届，不是本届。{not_open}"))
        }
    }
}
