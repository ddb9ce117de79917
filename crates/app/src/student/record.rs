//! 我的数据 (R15): every field of the own record, where it comes from, when it was brought, and whether it is being mended.

use std::collections::BTreeSet;

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use qihang_db::Clock;
use serde::Deserialize;

use super::home::blocks;
use super::provenance::Sources;
use crate::activation;
use crate::activation::fields::{Field, Section, Source};
use crate::app::App;
use crate::auth::Student;
use crate::correction;
use crate::home;
use crate::roster::list::columns::Identity;
use crate::web::{AppError, Query, StudentShell, html};

/// A field on the page.
struct Line {
    field: Field,
    value: String,
    /// Source and day.
    origin: String,
    is_reported: bool,
    problem: Option<String>,
}

/// A part of the record.
struct Part {
    section: Section,
    lines: Vec<Line>,
}

#[derive(Template)]
#[template(path = "student/record.html")]
struct RecordPage {
    shell: StudentShell,
    parts: Vec<Part>,
    /// Whether the own identity number is shown in full.
    is_shown: bool,
}

#[derive(Debug, Deserialize)]
pub(super) struct Asked {
    /// `document_no` shows the own number in full; nothing else is asked for.
    #[serde(default)]
    show: String,
}

pub(super) async fn show(
    State(app): State<App>,
    student: Student,
    Query(asked): Query<Asked>,
) -> Result<Response, AppError> {
    let is_shown = match asked.show.as_str() {
        "" => false,
        "document_no" => true,
        _ => return Err(AppError::BadRequest("没有这样的内容可以显示。".into())),
    };
    let (reader, record) = (app.db.reader(), student.record());
    let standing = activation::queries::standing(reader, record).await?;
    let blocks = blocks(&app, record, &standing).await?;
    let names = activation::queries::names(reader, record).await?;
    let sources = Sources::load(reader, &student).await?;
    let reported: BTreeSet<Field> = correction::queries::open_fields(reader, student.id()).await?;
    let identity = if is_shown {
        Identity::InFull
    } else {
        Identity::Masked
    };
    let line = |field: Field| {
        let provenance = sources.of(field);
        let value = match &sources.contact {
            Some(contact) if field.source() == Source::Contact => {
                field.contact(contact).unwrap_or_default().to_owned()
            }
            _ => field.shown(record, &names, identity).into_owned(),
        };
        Line {
            field,
            value,
            origin: match provenance.since {
                Some(at) => format!("{} · {}", provenance.source, Clock::day_of(at).format("%Y-%m-%d")),
                None => format!("{} · 激活时填写", provenance.source),
            },
            is_reported: reported.contains(&field),
            problem: blocks
                .iter()
                .find(|block| block.field == field)
                .map(|block| block.problem.clone()),
        }
    };
    let parts = Section::ALL
        .into_iter()
        .map(|section| Part {
            section,
            lines: section
                .fields()
                .filter(|field| field.concerns(record))
                .map(line)
                .collect(),
        })
        .collect();
    html(&RecordPage {
        shell: home::student_shell(&app, &student).await?,
        parts,
        is_shown,
    })
}
