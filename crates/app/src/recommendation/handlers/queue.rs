//! The list of the 院: what waits, by state, 院, 专业 and 班级; and the approval of what nobody has to look at.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use chrono::{DateTime, Utc};
use qihang_db::Versions;
use qihang_db::entity::student;
use serde::Deserialize;

use crate::app::App;
use crate::auth::{Can, Staff, policy};
use crate::cache::School;
use crate::class_year::model::choose;
use crate::home;
use crate::progress::reminders::model::Wording;
use crate::recommendation::PATH;
use crate::recommendation::filter::{Filter, Params, State as Wanted};
use crate::recommendation::model::Stage;
use crate::recommendation::model::template::Kind;
use crate::recommendation::model::warning::{Photo, Record, warnings};
use crate::recommendation::queries::figures::{self, Figures};
use crate::recommendation::queries::forms::Form as Stored;
use crate::recommendation::queries::queue::{self, Place};
use crate::recommendation::queries::{printing, settings, versions};
use crate::recommendation::rules::{self, BatchError, Outcome, Pick, Seen};
use crate::roster::list::columns::Names;
use crate::roster::list::{Select, select};
use crate::web::{
    AppError, Flash, Form, PageLinks, Query, Shell, Step, html, html_with, instant_text, page_address,
    redirect, with_query,
};

const PAGE_SIZE: usize = 25;

/// A question to the list, understood.
pub(in crate::recommendation) struct Asked {
    pub params: Params,
    pub filter: Filter,
    pub school: Arc<School>,
}

/// Understands what stands in an address.
pub(in crate::recommendation) async fn understand(
    app: &App,
    versions: Versions,
    params: Params,
) -> Result<Asked, AppError> {
    let school = app.cache.school(&app.db, versions).await?;
    let year = choose(params.class_year()?, app.db.clock().today())
        .ok_or_else(|| AppError::BadRequest("届别只能是本届或上一届，请在查询条件中重新选择。".into()))?;
    Ok(Asked {
        filter: params.understand(year.year, &school.colleges, &school.majors)?,
        school,
        params,
    })
}

/// A row of the list.
struct Row {
    student_no: String,
    name: String,
    class_name: String,
    major: String,
    college: String,
    /// Where it is read; `None` where there is no form.
    href: Option<String>,
    state: &'static str,
    badge: &'static str,
    version: i32,
    since: String,
    days: i64,
    warnings: Vec<String>,
    /// What a tick sends; `None` where it cannot be approved unread.
    pick: Option<String>,
}

fn badge(stage: Stage) -> &'static str {
    match stage {
        Stage::NotBegun | Stage::Draft => "muted",
        Stage::Submitted { .. } => "info",
        Stage::Returned(_) => "warning",
        Stage::Approved => "success",
    }
}

/// A tile of the head: words, number, the list behind it, kind.
struct Tile {
    title: &'static str,
    number: u64,
    href: String,
    kind: &'static str,
    is_current: bool,
}

#[derive(Template)]
#[template(path = "recommendation/queue.html")]
struct QueuePage {
    shell: Shell,
    year: i32,
    params: Params,
    selects: Vec<Select>,
    tiles: Vec<Tile>,
    days_waiting: i64,
    rows: Vec<Row>,
    total: String,
    links: PageLinks,
    may_review: bool,
    pickable: usize,
    opinions: Vec<String>,
    /// How many of the listed count and can be printed; only on the list of the approved.
    printable: u64,
    print_href: String,
    /// Whether those of the list can be told to submit.
    may_remind: bool,
    remind_href: String,
    /// What they are told.
    reminder: Wording,
}

fn selects(asked: &Asked, can: &Can<policy::ViewRecommendations>) -> Vec<Select> {
    let (params, school) = (&asked.params, &asked.school);
    let states = Wanted::ALL
        .into_iter()
        .map(|state| (state.code().to_owned(), state.label().to_owned()));
    let mut state = select("state", "状态", asked.filter.state.code(), states);
    // There is a default, so that nothing chosen is no choice.
    state.options.remove(0);
    let colleges: Vec<(String, String)> = school
        .colleges
        .iter()
        .filter(|college| can.scope().covers(college.id))
        .map(|college| (college.code.clone(), college.name.clone()))
        .collect();
    let majors = school
        .majors
        .iter()
        .map(|major| (major.code.clone(), major.name.clone()));
    let mut selects = vec![state];
    if colleges.len() > 1 {
        selects.push(select("college", "院系", &params.college, colleges));
    }
    selects.push(select("major", "专业", &params.major, majors));
    selects
}

fn tiles(asked: &Asked, figures: &Figures) -> Vec<Tile> {
    let tile = |state: Wanted, number, kind| Tile {
        title: state.label(),
        number,
        href: asked.params.in_state(state).address(PATH),
        kind,
        is_current: asked.filter.state == state,
    };
    vec![
        tile(Wanted::Submitted, figures.submitted, "warning"),
        tile(Wanted::Returned, figures.returned, ""),
        tile(Wanted::Draft, figures.draft, ""),
        tile(Wanted::NotBegun, figures.not_begun(), ""),
        tile(Wanted::Approved, figures.approved, "success"),
    ]
}

pub(in crate::recommendation) async fn index(
    State(app): State<App>,
    can: Can<policy::ViewRecommendations>,
    staff: Staff,
    Query(params): Query<Params>,
    Query(step): Query<Step>,
) -> Result<Response, AppError> {
    let asked = understand(&app, staff.versions, params).await?;
    html(&page(&app, &can, &staff, asked, &step).await?)
}

async fn page(
    app: &App,
    can: &Can<policy::ViewRecommendations>,
    staff: &Staff,
    asked: Asked,
    step: &Step,
) -> Result<QueuePage, AppError> {
    let (reader, scope, now) = (app.db.reader(), can.scope(), app.db.clock().now());
    let filter = &asked.filter;
    let may_remind = filter.state.is_to_submit() && staff.officer.may(crate::auth::Action::RemindStudents);
    let may_review = staff.officer.may(crate::auth::Action::ReviewRecommendations);
    let (rows, links) = if filter.state == Wanted::NotBegun {
        not_begun(app, can, &asked, step).await?
    } else {
        begun(app, can, &asked, step, may_review).await?
    };
    let by_college = figures::by_college(reader, scope, filter.year).await?;
    let figures = match filter.college_id {
        Some(id) => by_college.get(&id).copied().unwrap_or_default(),
        None => figures::total(&by_college),
    };
    let pickable = rows.iter().filter(|row| row.pick.is_some()).count();
    let college = filter.college_id.or_else(|| scope.only_college());
    let opinions = match college {
        Some(id) => settings::templates(reader, id, Kind::Opinion).await?,
        None => Kind::Opinion
            .defaults()
            .iter()
            .map(|&text| text.to_owned())
            .collect(),
    };
    let printable = if filter.state == Wanted::Approved {
        printing::count(reader, scope, filter).await?
    } else {
        0
    };
    Ok(QueuePage {
        printable,
        print_href: asked.params.address("/manage/recommendations/prints"),
        shell: home::shell(app, staff, PATH).await?,
        year: filter.year.year(),
        selects: selects(&asked, can),
        tiles: tiles(&asked, &figures),
        days_waiting: figures.days_waiting(now),
        total: format!("共 {} 人", queue::count(reader, scope, filter).await?),
        rows,
        links,
        may_review,
        may_remind,
        remind_href: asked.params.address("/manage/recommendations/reminders"),
        reminder: Wording::of_recommendation(),
        pickable,
        opinions,
        params: asked.params,
    })
}

fn of_student(student: &student::Model, names: &Names) -> Row {
    Row {
        student_no: student.student_no.clone(),
        name: student.name.clone(),
        class_name: student.class_name.clone(),
        major: names.major(student.major_id).to_owned(),
        college: names.college(student.college_id).to_owned(),
        href: None,
        state: Stage::NotBegun.label(),
        badge: badge(Stage::NotBegun),
        version: 0,
        since: String::new(),
        days: 0,
        warnings: Vec::new(),
        pick: None,
    }
}

async fn not_begun(
    app: &App,
    can: &Can<policy::ViewRecommendations>,
    asked: &Asked,
    step: &Step,
) -> Result<(Vec<Row>, PageLinks), AppError> {
    let names = Names::new(&asked.school.colleges, &asked.school.majors);
    let mut found = queue::not_begun(app.db.reader(), can.scope(), &asked.filter, step, PAGE_SIZE).await?;
    let links = PageLinks::cut(
        &mut found,
        PAGE_SIZE,
        step,
        |student| student.student_no.clone(),
        |step| page_address(PATH, &asked.params, step),
    );
    let rows = found.iter().map(|student| of_student(student, &names)).collect();
    Ok((rows, links))
}

async fn begun(
    app: &App,
    can: &Can<policy::ViewRecommendations>,
    asked: &Asked,
    step: &Step,
    may_review: bool,
) -> Result<(Vec<Row>, PageLinks), AppError> {
    let (reader, scope, now) = (app.db.reader(), can.scope(), app.db.clock().now());
    let place = step
        .after
        .as_deref()
        .or(step.before.as_deref())
        .map(|key| Place::decode(key).ok_or_else(|| AppError::BadRequest("页码无法识别。".into())))
        .transpose()?;
    let mut found = queue::page(reader, scope, &asked.filter, (step, place), PAGE_SIZE).await?;
    let links = PageLinks::cut(
        &mut found,
        PAGE_SIZE,
        step,
        |(form, _)| Place::of(form).encode(),
        |step| page_address(PATH, &asked.params, step),
    );
    let newest = versions::newest(reader, scope, found.iter().map(|(form, _)| form)).await?;
    let mut texts = versions::texts(reader, scope, newest.values().map(|version| version.id)).await?;
    let photos = queue::photos(reader, scope, found.iter().map(|(_, student)| student.id)).await?;
    let names = Names::new(&asked.school.colleges, &asked.school.majors);
    let query = asked.params.to_query();
    let mut rows = Vec::new();
    for (form, student) in &found {
        let mut row = of_form(form, student, &names, now);
        row.href = Some(with_query(&format!("{PATH}/{}", form.row.id), &query));
        if let (Stage::Submitted { .. }, Some(version)) = (form.stage, newest.get(&form.row.id)) {
            let photo = photos.get(&student.id).map_or(Photo::Absent, |_| Photo::There);
            let record = record_of(&version.confirmed, student);
            let of_version = texts.remove(&version.id).unwrap_or_default();
            row.warnings = warnings(&of_version, photo, record)
                .iter()
                .map(crate::recommendation::model::Warning::label)
                .collect();
            row.pick = (may_review && row.warnings.is_empty())
                .then(|| format!("{}-{}-{}", form.row.id, form.row.version, form.row.revision));
        }
        rows.push(row);
    }
    Ok((rows, links))
}

/// Whether the key fields are what they were when the version was submitted.
pub(super) fn record_of(confirmed: &str, student: &student::Model) -> Record {
    let confirmed = crate::activation::model::Confirmed::from_column(confirmed);
    if confirmed.changed(student).is_empty() {
        Record::Same
    } else {
        Record::Changed
    }
}

fn of_form(form: &Stored, student: &student::Model, names: &Names, now: DateTime<Utc>) -> Row {
    Row {
        state: form.stage.label(),
        badge: badge(form.stage),
        version: form.row.version,
        since: instant_text(form.row.moved_at),
        days: (now - form.row.moved_at).num_days(),
        ..of_student(student, names)
    }
}

/// Who is ticked, and with which opinion.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::recommendation) struct Ticked {
    pick: Vec<String>,
    opinion: String,
    /// Query string of the list.
    back: String,
}

fn read_pick(text: &str) -> Option<Pick> {
    let mut parts = text.splitn(3, '-');
    Some(Pick {
        form_id: parts.next()?.parse().ok()?,
        seen: Seen {
            version: parts.next()?.parse().ok()?,
            revision: parts.next()?.parse().ok()?,
        },
    })
}

#[derive(Template)]
#[template(path = "recommendation/outcome.html")]
struct OutcomePage {
    shell: Shell,
    outcome: Outcome,
    back_href: String,
}

/// 批量通过.
pub(in crate::recommendation) async fn approve(
    State(app): State<App>,
    can: Can<policy::ReviewRecommendations>,
    staff: Staff,
    Form(ticked): Form<Ticked>,
) -> Result<Response, AppError> {
    // What comes back is read as a question and written anew: it leads nowhere but to the list.
    let params: Params = serde_html_form::from_str(&ticked.back).unwrap_or_default();
    let back_href = params.address(PATH);
    let picks: Vec<Pick> = ticked
        .pick
        .iter()
        .map(|text| read_pick(text))
        .collect::<Option<_>>()
        .ok_or_else(|| AppError::BadRequest("所选推荐表无法识别。".into()))?;
    let outcome = match rules::approve_all(&app, &can, &picks, &ticked.opinion).await {
        Ok(outcome) => outcome,
        Err(BatchError::NothingChosen) => {
            home::flash(&staff, Flash::warning("请先勾选要通过的推荐表。")).await?;
            return Ok(redirect(&back_href));
        }
        Err(BatchError::TooMany) => {
            return Err(AppError::BadRequest(format!(
                "一次最多通过 {} 份。",
                rules::MOST_AT_ONCE
            )));
        }
        Err(BatchError::NotFound) => return Err(AppError::NotFound),
        Err(BatchError::Opinion(mistake)) => return Err(AppError::BadRequest(format!("{mistake}。"))),
        Err(BatchError::Photo(error)) => return Err(AppError::internal(error)),
        Err(BatchError::Press(error)) => return Err(AppError::internal(error)),
        Err(BatchError::Db(error)) => return Err(error.into()),
    };
    if outcome.left.is_empty() {
        let text = format!("已通过 {} 份推荐表。", outcome.approved.len());
        home::flash(&staff, Flash::success(text)).await?;
        return Ok(redirect(&back_href));
    }
    let status = if outcome.approved.is_empty() {
        StatusCode::CONFLICT
    } else {
        StatusCode::OK
    };
    let page = OutcomePage {
        shell: home::shell(&app, &staff, PATH).await?,
        outcome,
        back_href,
    };
    html_with(status, &page)
}
