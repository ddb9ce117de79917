//! The page of a list: as it was reported or drafted, the form, the versions; and what is said when a step was not done.

use askama::Template;
use axum::http::StatusCode;
use axum::response::Response;
use qihang_db::ClassYearState;

use super::Here;
use crate::accounts;
use crate::app::App;
use crate::auth::{Action, Staff};
use crate::class_year;
use crate::home;
use crate::leadership::PATH;
use crate::leadership::edit::{MOST, obstacles};
use crate::leadership::model::{Member, MemberField, Mistakes, Typed};
use crate::leadership::queries::{self, Report};
use crate::leadership::rules::{self, GroupError, Seen};
use crate::web::{AppError, Flash, Shell, html_with, instant_text, redirect};

/// A version in the list of versions.
struct VersionLine {
    number: i32,
    is_draft: bool,
    /// Who reported or changed it, and when.
    by: String,
    at: String,
}

/// The form of a member.
pub(super) struct MemberForm {
    /// Where it stands; `None` for a new one.
    pub(super) place: Option<usize>,
    /// The name that the member has while the form is open, to find the place again.
    pub(super) was: String,
    pub(super) typed: Typed,
    pub(super) mistakes: Mistakes,
}

impl MemberForm {
    pub(super) fn blank() -> Self {
        Self {
            place: None,
            was: String::new(),
            typed: Typed::default(),
            mistakes: Vec::new(),
        }
    }

    /// The form on a page that shows these members: whoever it is for may stand elsewhere by now, or be gone.
    fn among(self, members: &[Member]) -> Self {
        let is_it = |member: &Member| member.name == self.was;
        let place = self.place.and_then(|place| {
            let stays = members.get(place).is_some_and(is_it);
            if stays {
                Some(place)
            } else {
                members.iter().position(is_it)
            }
        });
        Self { place, ..self }
    }
}

#[derive(Template)]
#[template(path = "leadership/show.html")]
#[expect(
    clippy::struct_excessive_bools,
    reason = "a template asks one question at a time"
)]
struct ShowPage {
    shell: Shell,
    college: String,
    href: String,
    year: i32,
    years: Vec<(i32, String)>,
    members: Vec<Member>,
    is_draft: bool,
    exists: bool,
    seen: String,
    obstacles: Vec<String>,
    versions: Vec<VersionLine>,
    /// Who changed the draft last, and when.
    changed: Option<(String, String)>,
    may_edit: bool,
    may_take_over: bool,
    form: MemberForm,
    refused: Option<String>,
    oversees: bool,
}

impl ShowPage {
    const MOST: usize = MOST;

    fn mistake(&self, field: MemberField) -> Option<&str> {
        let mut mistakes = self.form.mistakes.iter();
        mistakes
            .find(|(at, _)| *at == field)
            .map(|(_, text)| text.as_str())
    }

    fn value(&self, field: MemberField) -> &str {
        self.form.typed.get(field)
    }

    fn is_chosen(&self, choice: &str) -> bool {
        self.form.typed.role == choice
    }
}

/// What a page is answered with besides the list.
pub(super) struct Answer {
    pub(super) form: MemberForm,
    pub(super) refused: Option<String>,
    pub(super) status: StatusCode,
}

impl Answer {
    pub(super) fn plain() -> Self {
        Self {
            form: MemberForm::blank(),
            refused: None,
            status: StatusCode::OK,
        }
    }

    pub(super) fn refused(text: String) -> Self {
        Self {
            refused: Some(text),
            status: StatusCode::CONFLICT,
            ..Self::plain()
        }
    }
}

pub(super) async fn page(
    app: &App,
    staff: &Staff,
    here: &Here,
    answer: Answer,
) -> Result<Response, AppError> {
    let reader = app.db.reader();
    let versions = queries::versions(reader, here.place).await?;
    let current = queries::current(reader, here.place).await?;
    let by: Vec<i64> = versions
        .iter()
        .flat_map(|row| [row.submitted_by, row.changed_by])
        .flatten()
        .collect();
    let names = accounts::names(reader, by).await?;
    let name = |id: Option<i64>| {
        id.and_then(|id| names.get(&id).cloned())
            .unwrap_or_else(|| "系统".into())
    };
    let row = current.as_ref().map(|report| &report.row);
    let is_draft = row.is_some_and(|row| row.submitted_at.is_none());
    let may_edit = here.details.state != ClassYearState::Closed;
    let may_take_over =
        may_edit && current.is_none() && rules::last_year(reader, here.place).await?.is_some();
    let years = class_year::queries::list(reader).await?;
    let members = current
        .as_ref()
        .map_or_else(Vec::new, |report| report.members.clone());
    let page = ShowPage {
        shell: home::shell(app, staff, PATH).await?,
        college: here.college.name.clone(),
        href: here.href(),
        year: here.place.year,
        years: years
            .iter()
            .map(|one| {
                (
                    one.year.year(),
                    format!("{PATH}/{}/{}", one.year, here.college.code),
                )
            })
            .collect(),
        is_draft,
        exists: current.is_some(),
        seen: Seen::of(row).text(),
        changed: row
            .filter(|_| is_draft)
            .map(|row| (name(row.changed_by), instant_text(row.changed_at))),
        versions: versions
            .iter()
            .map(|row| VersionLine {
                number: row.number,
                is_draft: row.submitted_at.is_none(),
                by: name(row.submitted_at.map_or(row.changed_by, |_| row.submitted_by)),
                at: instant_text(row.submitted_at.unwrap_or(row.changed_at)),
            })
            .collect(),
        obstacles: if is_draft { obstacles(&members) } else { Vec::new() },
        form: answer.form.among(&members),
        members,
        may_edit,
        may_take_over,
        refused: answer.refused,
        oversees: staff.officer.may(Action::OverseeLeadership),
    };
    html_with(answer.status, &page)
}

/// What is said when somebody else was faster: who, and when.
pub(super) async fn changed(app: &App, here: &Here, current: Option<&Report>) -> Result<String, AppError> {
    let Some(row) = current.map(|report| &report.row) else {
        return Ok("草稿刚刚被放弃了，下面是现在的名单。请核对后再操作。".to_owned());
    };
    let (by, at) = match row.submitted_at {
        Some(at) => (row.submitted_by, at),
        None => (row.changed_by, row.changed_at),
    };
    let names = accounts::names(app.db.reader(), by).await?;
    let who = names.into_values().next().unwrap_or_else(|| "系统".into());
    let what = if row.submitted_at.is_some() {
        "报送"
    } else {
        "修改"
    };
    Ok(format!(
        "您打开页面之后，{who}在 {} {what}了{}的名单，您的操作没有保存。下面是现在的名单，请核对后再操作。",
        instant_text(at),
        here.college.name
    ))
}

/// Where a step leads: back to the list, or to the list with what stood in its way. `form` is what would be lost.
pub(super) async fn answered(
    app: &App,
    staff: &Staff,
    here: &Here,
    (done, said): (Result<(), GroupError>, &'static str),
    form: MemberForm,
) -> Result<Response, AppError> {
    let refused = match done {
        Ok(()) => {
            home::flash(staff, Flash::success(said)).await?;
            return Ok(redirect(&here.href()));
        }
        Err(GroupError::NotFound) => return Err(AppError::NotFound),
        Err(GroupError::Db(error)) => return Err(error.into()),
        Err(GroupError::Changed) => {
            let current = queries::current(app.db.reader(), here.place).await?;
            changed(app, here, current.as_ref()).await?
        }
        Err(GroupError::Closed(year)) => format!("{year} 届已关闭，名单不能再改。"),
        Err(GroupError::Full) => format!("一个小组最多 {MOST} 人，没有保存。"),
        Err(GroupError::Nothing) => "没有可以处理的内容，可能已经处理过。".to_owned(),
        Err(GroupError::Obstacles(obstacles)) => obstacles.concat(),
    };
    let answer = Answer {
        form,
        ..Answer::refused(refused)
    };
    page(app, staff, here, answer).await
}
