//! One field of the own record (R15): what it says, where that comes from, who mends it, and 信息有误.

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use qihang_db::entity::correction;
use qihang_db::{CorrectionEnd, CorrectionState, Office};
use serde::Deserialize;

use crate::activation;
use crate::activation::fields::{Field, Source};
use crate::app::{App, MISTAKES};
use crate::auth::Student;
use crate::correction::model::{Mistakes, Typed, masked_claim};
use crate::correction::offices::Mender;
use crate::correction::queries;
use crate::correction::rules::{self, EndError, FileError, Filing};
use crate::home;
use crate::roster::list::columns::Identity;
use crate::student::provenance::Sources;
use crate::web::{AppError, Flash, Form, Path, StudentShell, html, html_with, instant_text, redirect};

/// A report of the student about the field.
struct Report {
    id: i64,
    state: CorrectionState,
    end: Option<CorrectionEnd>,
    office: &'static str,
    claimed: String,
    note: String,
    answer: String,
    filed: String,
    closed: Option<String>,
}

impl Report {
    fn new(field: Field, row: correction::Model) -> Option<Self> {
        Some(Self {
            id: row.id,
            state: CorrectionState::from_code(&row.state)?,
            end: row.closed_how.as_deref().and_then(CorrectionEnd::from_code),
            office: Office::from_code(&row.office)?.label(),
            claimed: masked_claim(Some(field), &row.claimed).into_owned(),
            note: row.note,
            answer: row.answer,
            filed: instant_text(row.filed_at),
            closed: row.closed_at.map(instant_text),
        })
    }

    fn is_open(&self) -> bool {
        self.state == CorrectionState::Open
    }

    fn outcome(&self) -> &'static str {
        self.end.map_or(self.state.label(), CorrectionEnd::label)
    }

    fn badge(&self) -> &'static str {
        match (self.state, self.end) {
            (CorrectionState::Open, _) => "warning",
            (_, Some(CorrectionEnd::Mended)) => "success",
            (_, Some(CorrectionEnd::OtherValue | CorrectionEnd::Answered)) => "info",
            (CorrectionState::Closed | CorrectionState::Withdrawn, None) => "muted",
        }
    }
}

/// What became of the value on a day.
struct Past {
    day: String,
    /// Before and after; `None` for the day on which the record came.
    change: Option<(String, String)>,
}

#[derive(Template)]
#[template(path = "correction/field.html")]
struct FieldPage {
    shell: StudentShell,
    field: Field,
    value: String,
    source: &'static str,
    brought: Option<String>,
    mender: Mender,
    past: Vec<Past>,
    open: Option<Report>,
    ended: Vec<Report>,
    seen: String,
    typed: Typed,
    mistakes: Mistakes,
}

impl FieldPage {
    /// Whether there is something to press: an own field is mended, one of the record reported.
    fn is_reportable(&self) -> bool {
        self.mender.href.is_none()
    }
}

fn or_empty(text: &str) -> String {
    if text.is_empty() { "（空）" } else { text }.to_owned()
}

async fn page(
    app: &App,
    student: &Student,
    field: Field,
    typed: Typed,
    mistakes: Mistakes,
) -> Result<FieldPage, AppError> {
    let reader = app.db.reader();
    let record = student.record();
    let names = activation::queries::names(reader, record).await?;
    let sources = Sources::load(reader, student).await?;
    let entered = sources
        .contact
        .as_ref()
        .and_then(|contact| field.contact(contact));
    let value = match field.source() {
        Source::Contact => entered.unwrap_or_default().to_owned(),
        Source::Registrar | Source::Portal => field.shown(record, &names, Identity::Masked).into_owned(),
    };
    let provenance = sources.of(field);
    let past = sources.history.iter().filter_map(|brought| {
        let change = brought.values.iter().find(|value| value.field == field);
        let change = change.filter(|_| !brought.is_first);
        (brought.is_first || change.is_some()).then(|| Past {
            day: instant_text(brought.at),
            change: change.map(|value| (or_empty(&value.before), or_empty(&value.after))),
        })
    });
    let past = if field.source() == Source::Contact {
        Vec::new()
    } else {
        past.collect()
    };
    let reports = queries::of_field(reader, student.id(), field).await?;
    let (open, ended): (Vec<_>, Vec<_>) = reports
        .into_iter()
        .filter_map(|row| Report::new(field, row))
        .partition(Report::is_open);
    Ok(FieldPage {
        shell: home::student_shell(app, student).await?,
        field,
        value,
        source: provenance.source,
        brought: provenance.since.map(instant_text),
        mender: queries::offices(reader).await?.mender(field, record),
        past,
        open: open.into_iter().next(),
        ended,
        seen: rules::seen(field, record),
        typed,
        mistakes,
    })
}

pub(in crate::correction) async fn field(
    State(app): State<App>,
    student: Student,
    Path(code): Path<String>,
) -> Result<Response, AppError> {
    let field = Field::from_code(&code).ok_or(AppError::NotFound)?;
    html(&page(&app, &student, field, Typed::default(), Mistakes::default()).await?)
}

#[derive(Debug, Deserialize)]
pub(in crate::correction) struct FileForm {
    field: String,
    seen: String,
    #[serde(default)]
    claimed: String,
    #[serde(default)]
    note: String,
}

/// Reports the field as wrong.
pub(in crate::correction) async fn file(
    State(app): State<App>,
    student: Student,
    Form(form): Form<FileForm>,
) -> Result<Response, AppError> {
    let field = Field::from_code(&form.field).ok_or_else(|| AppError::BadRequest("没有这个字段。".into()))?;
    let typed = Typed {
        claimed: form.claimed,
        note: form.note,
    };
    let filing = Filing {
        field,
        typed: typed.clone(),
        seen: form.seen,
    };
    let flash = match rules::file(&app.db, &student, filing).await {
        Ok(office) => Flash::success(format!("已报告给{}。更正后会在消息中通知你。", office.label())),
        Err(FileError::Mistakes(mistakes)) => {
            return html_with(MISTAKES, &page(&app, &student, field, typed, mistakes).await?);
        }
        Err(FileError::Reported) => Flash::warning("这一项你已经报告过，正在处理中。"),
        Err(FileError::Changed) => Flash::warning("这一项刚刚有更新，请先核对现在的值。"),
        Err(FileError::Own) => Flash::warning("这一项由你本人修改，不需要报告。"),
        Err(FileError::Db(error)) => return Err(error.into()),
    };
    home::leave_flash(student.session(), flash).await?;
    Ok(redirect(&format!("/student/record/{}", field.code())))
}

/// Takes a report back.
pub(in crate::correction) async fn withdraw(
    State(app): State<App>,
    student: Student,
    Path(id): Path<i64>,
) -> Result<Response, AppError> {
    let field = match rules::withdraw(&app.db, &student, id).await {
        Ok(field) => field,
        Err(EndError::NotFound) => return Err(AppError::NotFound),
        Err(EndError::NotOpen) => return Err(AppError::Conflict("这条报告已经办结或撤回。".into())),
        Err(EndError::Db(error)) => return Err(error.into()),
    };
    home::leave_flash(student.session(), Flash::success("已撤回。")).await?;
    Ok(redirect(&match field {
        Some(field) => format!("/student/record/{}", field.code()),
        None => "/student/record".to_owned(),
    }))
}
