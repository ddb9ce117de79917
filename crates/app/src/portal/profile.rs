//! 个人信息: what the student mends, and how it stands to the data exchange.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use qihang_db::OwnField;
use qihang_db::entity::own_value;
use qihang_standards::division::{self, Origin};
use serde::Deserialize;

use super::model::{Standing, is_faulty, own_value as value_of, refusal, shown, table};
use super::rules::{self, Decision, MendError};
use super::{photo, queries};
use crate::activation::rules::Closed;
use crate::app::{App, MISTAKES};
use crate::auth::Student;
use crate::class_year::model::OriginDepth;
use crate::home;
use crate::web::{AppError, Flash, Form, StudentShell, html_with, redirect};

/// Where it is.
pub(super) const PATH: &str = "/portal/profile";

/// What another value of the data exchange leaves to decide.
struct Conflict {
    /// What the data exchange has, to be posted back.
    exchange: String,
    exchange_text: String,
    /// Whether the student may take it: a value that would be a fault cannot be saved.
    may_take: bool,
}

/// A field with what there is to say about it.
struct FieldView {
    code: &'static str,
    label: &'static str,
    /// As stored.
    value: String,
    /// As on screen; empty where there is none.
    text: String,
    /// What is missing.
    problem: Option<String>,
    /// Where a place that is no more is found today.
    successors: Vec<division::Place>,
    /// What the data exchange still has, while it has not taken over the student's value.
    pending: Option<String>,
    /// Why the student may not change it now.
    closed: Option<String>,
    conflict: Option<Conflict>,
}

impl FieldView {
    fn new(
        field: OwnField,
        value: &str,
        own: Option<&own_value::Model>,
        depth: OriginDepth,
        closed: Option<Closed>,
    ) -> Self {
        let standing = own.map(|own| (own, Standing::of(own)));
        let (problem, successors) = match (field, division::origin(value)) {
            // Complete, though no longer valid: nothing is missing, and there is a newer code to choose.
            (OwnField::Origin, Origin::Historical { successors, .. }) => (None, successors),
            _ => (refusal(field, value, depth), Vec::new()),
        };
        let exchange_text = |own: &own_value::Model| match shown(field, &own.exchange_value) {
            text if text.is_empty() => "空".to_owned(),
            text => text,
        };
        Self {
            code: field.code(),
            label: field.label(),
            value: value.to_owned(),
            text: shown(field, value),
            problem,
            successors,
            closed: closed.map(Closed::message),
            pending: standing
                .filter(|(_, standing)| *standing == Standing::Pending)
                .map(|(own, _)| exchange_text(own)),
            conflict: standing
                .filter(|(_, standing)| *standing == Standing::Conflict)
                .map(|(own, _)| Conflict {
                    exchange: own.exchange_value.clone(),
                    exchange_text: exchange_text(own),
                    may_take: !is_faulty(field, &own.exchange_value, depth),
                }),
        }
    }
}

/// A select of a closed table.
struct Select {
    field: FieldView,
    /// Code, name, whether it is chosen.
    options: Vec<(&'static str, &'static str, bool)>,
    mistake: Option<String>,
}

impl Select {
    fn new(field: FieldView, of: OwnField, chosen: &str, mistake: Option<String>) -> Self {
        let lines = table(of)
            .into_iter()
            .flat_map(qihang_standards::codes::CodeTable::iter);
        Self {
            options: lines
                .map(|line| (line.code, line.name, line.code == chosen))
                .collect(),
            field,
            mistake,
        }
    }

    /// Whether the student may change any of them.
    fn any_open(selects: &[Self]) -> bool {
        selects.iter().any(|one| one.field.closed.is_none())
    }

    fn has_choice(&self) -> bool {
        self.options.iter().any(|(_, _, is_chosen)| *is_chosen)
    }
}

#[derive(Template)]
#[template(path = "portal/profile.html")]
struct ProfilePage {
    shell: StudentShell,
    /// The university's own page, where there is one.
    portal_url: Option<String>,
    origin: FieldView,
    selects: Vec<Select>,
    has_photo: bool,
}

/// The two fields that are chosen from a table, as posted; what is closed is not part of the form.
#[derive(Debug, Deserialize)]
pub(super) struct Posted {
    marital_status: Option<String>,
    political_status: Option<String>,
}

impl Posted {
    fn value(&self, field: OwnField) -> Option<&str> {
        match field {
            OwnField::MaritalStatus => self.marital_status.as_deref(),
            OwnField::PoliticalStatus => self.political_status.as_deref(),
            OwnField::Origin => None,
        }
    }
}

/// The fields that are chosen from a table.
const FROM_TABLES: [OwnField; 2] = [OwnField::PoliticalStatus, OwnField::MaritalStatus];

/// A form with mistakes: what was posted, and what is wrong with it.
type Again<'a> = (&'a Posted, Vec<(OwnField, String)>);

async fn page(app: &App, student: &Student, again: Option<Again<'_>>) -> Result<ProfilePage, AppError> {
    let reader = app.db.reader();
    let depth = queries::depth(reader, student.record()).await?;
    let mended = queries::standing(reader, &student.scope(), None).await?;
    let mended: Vec<own_value::Model> = mended.into_values().flatten().collect();
    let closed = rules::closed_fields(reader, student.record()).await?;
    let view = |field: OwnField| {
        let own = mended.iter().find(|own| own.field == field.code());
        let closed = closed
            .iter()
            .find(|(of, _)| *of == field)
            .map(|(_, closed)| *closed);
        FieldView::new(field, value_of(student.record(), field), own, depth, closed)
    };
    let select = |field: OwnField| {
        let stored = value_of(student.record(), field);
        let posted = again.as_ref().and_then(|(posted, _)| posted.value(field));
        let chosen = posted.unwrap_or(stored);
        let mistakes = again.as_ref().map_or(&[][..], |(_, mistakes)| mistakes);
        let mistake = mistakes.iter().find(|(of, _)| *of == field);
        Select::new(
            view(field),
            field,
            chosen,
            mistake.map(|(_, wrong)| format!("{wrong}，请选择。")),
        )
    };
    Ok(ProfilePage {
        shell: home::student_shell(app, student).await?,
        portal_url: app.config.portal_url.clone(),
        origin: view(OwnField::Origin),
        selects: FROM_TABLES.map(select).into(),
        has_photo: photo::queries::find(reader, &student.scope()).await?.is_some(),
    })
}

pub(super) async fn show(State(app): State<App>, student: Student) -> Result<Response, AppError> {
    html_with(StatusCode::OK, &page(&app, &student, None).await?)
}

/// Whether the fields are mended here at all.
pub(super) fn ensure_built_in(app: &App) -> Result<(), AppError> {
    match &app.config.portal_url {
        None => Ok(()),
        Some(_) => Err(AppError::Conflict(
            "本校的个人信息在学校信息门户修改，修改后由数据交换同步到这里。".into(),
        )),
    }
}

pub(super) async fn save(
    State(app): State<App>,
    student: Student,
    Form(posted): Form<Posted>,
) -> Result<Response, AppError> {
    ensure_built_in(&app)?;
    let values: Vec<(OwnField, String)> = FROM_TABLES
        .into_iter()
        .filter_map(|field| Some((field, posted.value(field)?.to_owned())))
        .collect();
    match rules::mend(&app.db, &student, &values).await {
        Ok(changed) => {
            home::leave_flash(student.session(), saved(&changed)).await?;
            Ok(redirect(PATH))
        }
        Err(MendError::Unfit(mistakes)) => {
            html_with(MISTAKES, &page(&app, &student, Some((&posted, mistakes))).await?)
        }
        Err(error) => Err(error.into()),
    }
}

/// What is said after saving.
pub(super) fn saved(changed: &[OwnField]) -> Flash {
    if changed.is_empty() {
        return Flash::success("没有改动。");
    }
    let labels: Vec<&str> = changed.iter().map(|field| field.label()).collect();
    Flash::success(format!("已保存{}，立即生效。", labels.join("、")))
}

impl From<MendError> for AppError {
    fn from(error: MendError) -> Self {
        match error {
            MendError::Unfit(mistakes) => {
                let wrong: Vec<String> = mistakes.into_iter().map(|(_, wrong)| wrong).collect();
                Self::BadRequest(format!("这个值不能保存：{}。", wrong.join("；")))
            }
            MendError::Closed(field, closed) => {
                Self::Conflict(format!("{}不能修改：{}。", field.label(), closed.message()))
            }
            MendError::NotFound => Self::NotFound,
            MendError::Outdated => Self::Conflict("数据交换平台的值又有变化，请查看最新情况后再选。".into()),
            MendError::Db(error) => error.into(),
        }
    }
}

/// A decision, as posted.
#[derive(Debug, Deserialize)]
pub(super) struct Decided {
    field: String,
    exchange: String,
    take: String,
}

pub(super) async fn decide(
    State(app): State<App>,
    student: Student,
    Form(decided): Form<Decided>,
) -> Result<Response, AppError> {
    ensure_built_in(&app)?;
    let unknown = || AppError::BadRequest("没有这个选项。".into());
    let field = OwnField::from_code(&decided.field).ok_or_else(unknown)?;
    let (decision, text) = match decided.take.as_str() {
        "own" => (Decision::KeepOwn, "已保留你的修改"),
        "exchange" => (Decision::TakeExchange, "已采用数据交换平台的值"),
        _ => return Err(unknown()),
    };
    rules::decide(&app.db, &student, field, &decided.exchange, decision).await?;
    let said = Flash::success(format!("{text}：{}。", field.label()));
    home::leave_flash(student.session(), said).await?;
    Ok(redirect(PATH))
}
