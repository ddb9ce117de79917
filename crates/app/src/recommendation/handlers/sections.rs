//! The centre's page: the sections of a class year's form.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use qihang_db::ClassYearState;

use crate::app::{App, MISTAKES};
use crate::auth::{Can, Staff, policy};
use crate::class_year::model::ClassYear;
use crate::class_year::queries as class_years;
use crate::home;
use crate::recommendation::model::section::{MOST_CHARS, MOST_SECTIONS, SectionLine, read_sections};
use crate::recommendation::queries::settings;
use crate::recommendation::rules::{self, SetError};
use crate::web::{AppError, Flash, Form, Path, Shell, html_with, redirect};

/// The menu entry that the page belongs to.
const MENU: &str = "/manage/class-years";
/// Empty lines for new sections.
const FRESH: usize = 2;

/// A line with what is wrong with it.
struct Line {
    line: SectionLine,
    error: Option<String>,
}

#[derive(Template)]
#[template(path = "recommendation/sections.html")]
struct SectionsPage {
    shell: Shell,
    year: ClassYear,
    is_closed: bool,
    lines: Vec<Line>,
    /// What is wrong with the whole.
    error: Option<String>,
    most: usize,
    most_sections: usize,
}

async fn is_closed(app: &App, year: ClassYear) -> Result<bool, AppError> {
    let details = class_years::find(app.db.reader(), year)
        .await?
        .ok_or(AppError::NotFound)?;
    Ok(details.state == ClassYearState::Closed)
}

pub(in crate::recommendation) async fn show(
    State(app): State<App>,
    _can: Can<policy::ManageClassYears>,
    staff: Staff,
    Path(year): Path<i32>,
) -> Result<Response, AppError> {
    let year = ClassYear::new(year).ok_or(AppError::NotFound)?;
    let is_closed = is_closed(&app, year).await?;
    let sections = settings::sections(app.db.reader(), year.year()).await?;
    let count = sections.len();
    let stored = (1..)
        .zip(sections)
        .map(|(position, section): (usize, _)| SectionLine {
            code: section.code,
            position: position.to_string(),
            heading: section.heading,
            hint: section.hint,
            most: section.most.to_string(),
            is_required: section.is_required,
        });
    let fresh = (1..=FRESH).map(|number| SectionLine {
        position: (count + number).to_string(),
        most: "100".into(),
        ..SectionLine::default()
    });
    let page = SectionsPage {
        shell: home::shell(&app, &staff, MENU).await?,
        year,
        is_closed,
        lines: stored
            .chain(fresh)
            .map(|line| Line { line, error: None })
            .collect(),
        error: None,
        most: MOST_CHARS,
        most_sections: MOST_SECTIONS,
    };
    html_with(StatusCode::OK, &page)
}

/// The lines of the form: `code`, `position`, `heading`, `hint`, `most` of each line one after the other, and `required` with the
/// numbers of the lines that are ticked.
fn read(form: &[(String, String)]) -> Option<Vec<SectionLine>> {
    let mut lines: Vec<SectionLine> = Vec::new();
    for (name, value) in form {
        let (part, number) = name.split_once('.')?;
        let number: usize = number
            .parse()
            .ok()
            .filter(|number| *number <= 2 * MOST_SECTIONS)?;
        while lines.len() <= number {
            lines.push(SectionLine::default());
        }
        let line = &mut lines[number];
        match part {
            "code" => line.code.clone_from(value),
            "position" => line.position.clone_from(value),
            "heading" => line.heading.clone_from(value),
            "hint" => line.hint.clone_from(value),
            "most" => line.most.clone_from(value),
            "required" => line.is_required = true,
            _ => return None,
        }
    }
    Some(lines)
}

pub(in crate::recommendation) async fn change(
    State(app): State<App>,
    can: Can<policy::ManageClassYears>,
    staff: Staff,
    Path(year): Path<i32>,
    Form(form): Form<Vec<(String, String)>>,
) -> Result<Response, AppError> {
    let year = ClassYear::new(year).ok_or(AppError::NotFound)?;
    let lines = read(&form).ok_or_else(|| AppError::BadRequest("表单中有无法识别的内容。".into()))?;
    let sections = match read_sections(&lines) {
        Ok(sections) => sections,
        Err(mistakes) => {
            let of = |number: usize| {
                let found = mistakes.iter().find(|(line, _)| *line == number);
                found.map(|(_, mistake)| mistake.clone())
            };
            let page = SectionsPage {
                shell: home::shell(&app, &staff, MENU).await?,
                year,
                is_closed: is_closed(&app, year).await?,
                error: of(0),
                lines: (1..)
                    .zip(lines)
                    .map(|(number, line)| Line {
                        error: of(number),
                        line,
                    })
                    .collect(),
                most: MOST_CHARS,
                most_sections: MOST_SECTIONS,
            };
            return html_with(MISTAKES, &page);
        }
    };
    match rules::set_sections(&app.db, &can, year, &sections).await {
        Ok(true) => home::flash(&staff, Flash::success("推荐表栏目已保存。")).await?,
        Ok(false) => home::flash(&staff, Flash::success("栏目没有变化。")).await?,
        Err(SetError::Unknown) => return Err(AppError::NotFound),
        Err(SetError::Closed) => {
            return Err(AppError::Conflict("本届已关闭，推荐表栏目不能再修改。".into()));
        }
        Err(SetError::Db(error)) => return Err(error.into()),
    }
    Ok(redirect(&format!("{MENU}/{year}/recommendation")))
}
