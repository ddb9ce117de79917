//! The list of the office, one report, and the answer.

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use chrono::{DateTime, Utc};
use qihang_db::{Clock, CorrectionEnd, CorrectionState, Office};
use serde::Deserialize;

use crate::activation::fields::Field;
use crate::app::{App, MISTAKES};
use crate::auth::{Action, Can, Staff, policy};
use crate::class_year::{self, model::ClassYear};
use crate::correction::filter::{Age, CorrectionFilter, Params, Shown};
use crate::correction::model::{Answer, masked_claim, masked_text};
use crate::correction::offices::Offices;
use crate::correction::queries::{self, Reported};
use crate::correction::rules::{self, EndError};
use crate::home;
use crate::roster::list::columns::{Identity, Names};
use crate::school;
use crate::web::{
    AppError, Flash, Form, PageLinks, Path, Query, Shell, Step, html, html_with, instant_text, page_address,
    redirect,
};

/// The list.
pub(super) const HERE: &str = "/manage/corrections";

/// Reports on a page.
const PAGE_SIZE: usize = 25;

/// A report as staff see it: identity numbers are masked.
pub(super) struct Row {
    pub(super) id: i64,
    pub(super) student_no: String,
    pub(super) name: String,
    pub(super) college: String,
    pub(super) class_year: String,
    pub(super) field: &'static str,
    pub(super) value: String,
    pub(super) claimed: String,
    pub(super) note: String,
    pub(super) office: &'static str,
    pub(super) filed: String,
    pub(super) days: i64,
    pub(super) state: CorrectionState,
    pub(super) end: Option<CorrectionEnd>,
    pub(super) answer: String,
    pub(super) closed: Option<String>,
}

impl Row {
    pub(super) fn new((report, student): Reported, names: &Names, now: DateTime<Utc>) -> Self {
        let field = Field::from_code(&report.field);
        let value = field.map_or_else(String::new, |field| {
            field.shown(&student, names, Identity::Masked).into_owned()
        });
        Self {
            id: report.id,
            class_year: report
                .class_year
                .map_or_else(|| "—".to_owned(), |year| year.to_string()),
            field: field.map_or("", Field::heading),
            value: if value.is_empty() {
                "（空）".to_owned()
            } else {
                value
            },
            claimed: masked_claim(field, &report.claimed).into_owned(),
            note: masked_text(&report.note).into_owned(),
            office: Office::from_code(&report.office).map_or("", Office::label),
            filed: instant_text(report.filed_at),
            days: (Clock::day_of(now) - Clock::day_of(report.filed_at)).num_days(),
            state: CorrectionState::from_code(&report.state).unwrap_or(CorrectionState::Withdrawn),
            end: report.closed_how.as_deref().and_then(CorrectionEnd::from_code),
            closed: report.closed_at.map(instant_text),
            answer: report.answer,
            college: names.college(student.college_id).to_owned(),
            student_no: student.student_no,
            name: student.name,
        }
    }

    pub(super) fn outcome(&self) -> &'static str {
        self.end.map_or(self.state.label(), CorrectionEnd::label)
    }

    fn is_open(&self) -> bool {
        self.state == CorrectionState::Open
    }

    fn badge(&self) -> &'static str {
        match (self.state, self.end) {
            (CorrectionState::Open, _) if self.days > 7 => "danger",
            (CorrectionState::Open, _) => "warning",
            (_, Some(CorrectionEnd::Mended)) => "success",
            (_, Some(CorrectionEnd::OtherValue | CorrectionEnd::Answered)) => "info",
            (CorrectionState::Closed | CorrectionState::Withdrawn, None) => "muted",
        }
    }
}

/// A choice of a select: code, words, whether it is chosen.
type Choice = (String, String, bool);

#[derive(Template)]
#[template(path = "correction/index.html")]
struct IndexPage {
    shell: Shell,
    params: Params,
    rows: Vec<Row>,
    total: String,
    open: u64,
    links: PageLinks,
    offices: Vec<Choice>,
    years: Vec<Choice>,
    fields: Vec<Choice>,
    colleges: Vec<Choice>,
    ages: Vec<Choice>,
    export: String,
    tabs: [(String, &'static str, bool); 2],
    may_set: bool,
}

#[derive(Debug, Deserialize)]
pub(in crate::correction) struct Asked {
    #[serde(flatten)]
    params: Params,
    after: Option<String>,
    before: Option<String>,
    last: Option<u8>,
}

/// The names that reports refer to.
pub(super) async fn names(app: &App, staff: &Staff) -> Result<Names, AppError> {
    let school = app.cache.school(&app.db, staff.versions).await?;
    Ok(Names::new(&school.colleges, &school.majors))
}

/// The 院 of the scope with their ids, and the filter that an address asks for.
pub(super) async fn understand(
    app: &App,
    can: &Can<policy::AnswerCorrections>,
    params: &Params,
) -> Result<(CorrectionFilter, Vec<qihang_db::entity::college::Model>), AppError> {
    let colleges = school::queries::colleges_in(app.db.reader(), can.scope()).await?;
    let known: Vec<(String, i64)> = colleges
        .iter()
        .map(|college| (college.code.clone(), college.id))
        .collect();
    Ok((CorrectionFilter::read(params, &known)?, colleges))
}

#[expect(
    clippy::too_many_lines,
    reason = "one page put together from its parts, in the order in which it shows them"
)]
pub(in crate::correction) async fn index(
    State(app): State<App>,
    can: Can<policy::AnswerCorrections>,
    staff: Staff,
    Query(asked): Query<Asked>,
) -> Result<Response, AppError> {
    let params = asked.params;
    let step = Step {
        after: asked.after,
        before: asked.before,
        last: asked.last,
    };
    let key = step
        .after
        .as_deref()
        .or(step.before.as_deref())
        .map(|text| {
            text.parse::<i64>()
                .map_err(|_| AppError::BadRequest("页码无法识别。".into()))
        })
        .transpose()?;
    let (filter, colleges) = understand(&app, &can, &params).await?;
    let (reader, now) = (app.db.reader(), app.db.clock().now());
    let names = names(&app, &staff).await?;
    let mut found = queries::page(reader, can.scope(), &filter, now, (&step, key), PAGE_SIZE).await?;
    let links = PageLinks::cut(
        &mut found,
        PAGE_SIZE,
        &step,
        |(report, _)| report.id.to_string(),
        |step| page_address(HERE, &params, step),
    );
    let open = CorrectionFilter {
        shown: Shown::Open,
        ..filter.clone()
    };
    let years = class_year::queries::list(reader).await?;
    let choice = |code: String, words: String, chosen: &str| {
        let is_chosen = code == chosen;
        (code, words, is_chosen)
    };
    let tab = |shown: Shown, words: &'static str| {
        let params = Params {
            state: shown.code().to_owned(),
            ..params.clone()
        };
        (
            page_address(HERE, &params, &Step::default()),
            words,
            shown == filter.shown,
        )
    };
    html(&IndexPage {
        shell: home::shell(&app, &staff, HERE).await?,
        total: format!(
            "共 {} 条",
            queries::count(reader, can.scope(), &filter, now).await?
        ),
        open: queries::count(reader, can.scope(), &open, now).await?,
        rows: found
            .into_iter()
            .map(|reported| Row::new(reported, &names, now))
            .collect(),
        links,
        offices: Office::ALL
            .iter()
            .map(|office| {
                choice(
                    office.code().to_owned(),
                    office.label().to_owned(),
                    &params.office,
                )
            })
            .collect(),
        years: years
            .iter()
            .map(|details| {
                choice(
                    details.year.to_string(),
                    format!("{} 届", details.year),
                    &params.class_year,
                )
            })
            .collect(),
        fields: Offices::fields()
            .map(|field| choice(field.code().to_owned(), field.heading().to_owned(), &params.field))
            .collect(),
        colleges: colleges
            .into_iter()
            .map(|college| choice(college.code, college.name, &params.college))
            .collect(),
        ages: Age::ALL
            .iter()
            .map(|age| {
                choice(
                    age.days().to_string(),
                    format!("超过 {} 天", age.days()),
                    &params.age,
                )
            })
            .collect(),
        export: match params.to_query() {
            query if query.is_empty() => format!("{HERE}.xlsx"),
            query => format!("{HERE}.xlsx?{query}"),
        },
        tabs: [tab(Shown::Open, "处理中"), tab(Shown::Closed, "已办结")],
        may_set: staff.officer.may(Action::SetOffices),
        params,
    })
}

#[derive(Template)]
#[template(path = "correction/show.html")]
struct ShowPage {
    shell: Shell,
    row: Row,
    by: Option<String>,
    answer: String,
    mistake: Option<&'static str>,
}

async fn show_page(
    app: &App,
    can: &Can<policy::AnswerCorrections>,
    staff: &Staff,
    id: i64,
    (answer, mistake): (String, Option<&'static str>),
) -> Result<ShowPage, AppError> {
    let reader = app.db.reader();
    let reported = queries::find(reader, can.scope(), id)
        .await?
        .ok_or(AppError::NotFound)?;
    let names = names(app, staff).await?;
    Ok(ShowPage {
        shell: home::shell(app, staff, HERE).await?,
        by: queries::name_of(reader, reported.0.closed_by).await?,
        row: Row::new(reported, &names, app.db.clock().now()),
        answer,
        mistake,
    })
}

pub(in crate::correction) async fn show(
    State(app): State<App>,
    can: Can<policy::AnswerCorrections>,
    staff: Staff,
    Path(id): Path<i64>,
) -> Result<Response, AppError> {
    html(&show_page(&app, &can, &staff, id, (String::new(), None)).await?)
}

#[derive(Debug, Deserialize)]
pub(in crate::correction) struct AnswerForm {
    #[serde(default)]
    answer: String,
}

pub(in crate::correction) async fn answer(
    State(app): State<App>,
    can: Can<policy::AnswerCorrections>,
    staff: Staff,
    Path(id): Path<i64>,
    Form(form): Form<AnswerForm>,
) -> Result<Response, AppError> {
    let answer = match Answer::parse(&form.answer) {
        Ok(answer) => answer,
        Err(mistake) => {
            let again = (form.answer, Some(mistake));
            return html_with(MISTAKES, &show_page(&app, &can, &staff, id, again).await?);
        }
    };
    match rules::answer(&app.db, &can, id, &answer).await {
        Ok(()) => {
            home::flash(&staff, Flash::success("已答复，并已通知学生。")).await?;
            Ok(redirect(HERE))
        }
        Err(EndError::NotFound) => Err(AppError::NotFound),
        Err(EndError::NotOpen) => Err(AppError::Conflict("这条报告已经办结或由学生撤回。".into())),
        Err(EndError::Db(error)) => Err(error.into()),
    }
}

/// The class year under which an export is recorded.
pub(super) fn year_of(filter: &CorrectionFilter, now: DateTime<Utc>) -> i32 {
    filter
        .class_year
        .unwrap_or_else(|| ClassYear::of_day(Clock::day_of(now)).year())
}
