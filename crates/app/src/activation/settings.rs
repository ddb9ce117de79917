//! The centre's page: what a class year asks for in the activation form (R20).

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use qihang_db::{ClassYearState, FieldClass};

use super::fields::{Field, Section};
use super::model::{FieldRule, FieldRules};
use super::queries;
use super::rules::{self, FieldsError};
use crate::app::App;
use crate::auth::{Can, Staff, policy};
use crate::class_year::model::ClassYear;
use crate::class_year::queries as class_years;
use crate::home;
use crate::web::{AppError, Flash, Form, Path, Shell, html, redirect};

/// The menu entry that the page belongs to.
const MENU: &str = "/manage/class-years";

struct Row {
    field: Field,
    rule: FieldRule,
}

impl Row {
    #[expect(
        clippy::trivially_copy_pass_by_ref,
        reason = "called by a template, which passes what it iterates over"
    )]
    fn is_class(&self, class: &FieldClass) -> bool {
        self.rule.class == *class
    }

    fn is_default(&self) -> bool {
        self.rule == FieldRule::default_of(self.field)
    }
}

struct Part {
    heading: &'static str,
    rows: Vec<Row>,
}

#[derive(Template)]
#[template(path = "activation/fields.html")]
struct FieldsPage {
    shell: Shell,
    year: ClassYear,
    is_closed: bool,
    parts: Vec<Part>,
}

pub(super) async fn show(
    State(app): State<App>,
    _can: Can<policy::ManageClassYears>,
    staff: Staff,
    Path(year): Path<i32>,
) -> Result<Response, AppError> {
    let year = ClassYear::new(year).ok_or(AppError::NotFound)?;
    let details = class_years::find(app.db.reader(), year)
        .await?
        .ok_or(AppError::NotFound)?;
    let rules = queries::field_rules(app.db.reader(), year.year()).await?;
    let parts = Section::ALL.into_iter().map(|section| Part {
        heading: section.heading(),
        rows: section
            .fields()
            .map(|field| Row {
                field,
                rule: rules.of(field),
            })
            .collect(),
    });
    html(&FieldsPage {
        shell: home::shell(&app, &staff, MENU).await?,
        year,
        is_closed: details.state == ClassYearState::Closed,
        parts: parts.collect(),
    })
}

/// What the form says; `None` when it names what does not exist.
fn read(form: &[(String, String)]) -> Option<FieldRules> {
    let mut said: Vec<(Field, FieldRule)> = Field::ALL
        .iter()
        .map(|field| {
            let rule = FieldRule {
                is_required: false,
                ..FieldRule::default_of(*field)
            };
            (*field, rule)
        })
        .collect();
    for (name, value) in form {
        let (code, class) = match name.strip_prefix("class.") {
            Some(code) => (code, Some(FieldClass::from_code(value)?)),
            None if name == "required" => (value.as_str(), None),
            None => return None,
        };
        let field = Field::from_code(code)?;
        let (_, rule) = said.iter_mut().find(|(one, _)| *one == field)?;
        match class {
            Some(class) if field.source().classes().contains(&class) => rule.class = class,
            Some(_) => return None,
            None => rule.is_required = true,
        }
    }
    Some(FieldRules::with(said))
}

pub(super) async fn change(
    State(app): State<App>,
    can: Can<policy::ManageClassYears>,
    staff: Staff,
    Path(year): Path<i32>,
    Form(form): Form<Vec<(String, String)>>,
) -> Result<Response, AppError> {
    let year = ClassYear::new(year).ok_or(AppError::NotFound)?;
    let rules = read(&form).ok_or_else(|| AppError::BadRequest("表单中有无法识别的字段或取值。".into()))?;
    match rules::set_fields(&app.db, &can, year, &rules).await {
        Ok(0) => home::flash(&staff, Flash::success("设置没有变化。")).await?,
        Ok(changed) => {
            home::flash(
                &staff,
                Flash::success(format!("已保存，{changed} 项设置有变化。")),
            )
            .await?;
        }
        Err(FieldsError::Unknown) => return Err(AppError::NotFound),
        Err(FieldsError::Closed) => {
            return Err(AppError::Conflict("本届已关闭，激活字段不能再修改。".into()));
        }
        Err(FieldsError::Db(error)) => return Err(error.into()),
    }
    Ok(redirect(&format!("/manage/class-years/{year}/fields")))
}
