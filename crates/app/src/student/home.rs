//! The home page: the track, what is next, until when, and whom to ask.

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use qihang_db::Scope;
use qihang_db::entity::{contact_point, student};

use super::model::{Next, Position, Progress, Recommendation, Stage, due, next, track};
use super::queries;
use crate::activation;
use crate::activation::gate::Standing;
use crate::app::App;
use crate::auth::Student;
use crate::class_year::model::{ClassYear, DaysLeft};
use crate::findings::own_words::OwnAnswer;
use crate::notice::contacts::OfficerContact;
use crate::notice::queries::Headline;
use crate::recommendation::model::Stage as FormStage;
use crate::recommendation::queries::{forms, versions};
use crate::web::{AppError, StudentShell, html};
use crate::{class_year, findings, home, message, notice};

/// A stage on the page.
pub struct TrackLine {
    /// Which.
    pub stage: Stage,
    /// How far.
    pub progress: Progress,
    /// A word beside it; may be empty.
    pub hint: String,
}

impl TrackLine {
    pub(crate) fn is_done(&self) -> bool {
        self.progress == Progress::Done
    }

    pub(crate) fn is_current(&self) -> bool {
        self.progress == Progress::Current
    }
}

/// A due day with how it stands to today.
pub struct DueLine {
    /// What is over then.
    pub what: &'static str,
    /// For programs.
    pub machine: String,
    /// For people.
    pub day: String,
    /// How it stands to today.
    pub left: DaysLeft,
}

impl DueLine {
    pub(crate) fn class(&self) -> &'static str {
        match self.left {
            DaysLeft::Left(days) if days > 7 => "due",
            DaysLeft::Left(_) => "due due-soon",
            DaysLeft::Over(_) => "due due-over",
        }
    }
}

/// Everything on the home page of one student, whoever looks at it: `templates/student/home_content.html` shows it under the
/// name `home`.
pub struct Home {
    /// 姓名.
    pub name: String,
    /// 学号.
    pub student_no: String,
    /// The 院 that answers for the student.
    pub college: String,
    /// The class year of the roster, or the one that the data suggests.
    pub class_year: i32,
    /// How far the student is.
    pub standing: Standing,
    /// What is next.
    pub next: Next,
    /// Until when.
    pub due: Option<DueLine>,
    /// The stages.
    pub track: Vec<TrackLine>,
    /// Why the student is not on a roster.
    pub answer: Option<OwnAnswer>,
    /// Messages that the student has not opened.
    pub unread: u64,
    /// Fields under 信息有误.
    pub reported: usize,
    /// The newest notices for the student.
    pub notices: Vec<Headline>,
    /// Whom to ask in the own 院.
    pub officers: Vec<OfficerContact>,
    /// Whom to ask at the centre.
    pub centre: Vec<contact_point::Model>,
}

impl Home {
    pub(crate) fn badge(&self) -> &'static str {
        match self.standing {
            Standing::NotListed | Standing::Lapsed(_) => "muted",
            Standing::Listed(_) | Standing::ConfirmAgain { .. } => "warning",
            Standing::Activated { .. } => "success",
        }
    }
}

/// How many fields of the record stand in the way of activation; none once the account is open.
pub(super) async fn blocks(
    app: &App,
    record: &student::Model,
    standing: &Standing,
) -> Result<Vec<activation::model::Block>, AppError> {
    match standing {
        Standing::Listed(entry) | Standing::Lapsed(entry) => {
            Ok(activation::rules::demand(app.db.reader(), record, *entry)
                .await?
                .blocks)
        }
        Standing::NotListed | Standing::ConfirmAgain { .. } | Standing::Activated { .. } => Ok(Vec::new()),
    }
}

/// Notices on the home page.
const NOTICES: u64 = 5;

/// Puts the home page of a student together.
///
/// # Errors
///
/// When the database does not answer.
pub async fn home_of(app: &App, record: &student::Model) -> Result<Home, AppError> {
    let (reader, today) = (app.db.reader(), app.db.clock().today());
    let standing = activation::queries::standing(reader, record).await?;
    let missing = blocks(app, record, &standing).await?.len();
    let (form, recommendation) = recommendation_of(app, record, &standing).await?;
    let position = Position {
        standing,
        missing,
        form,
        recommendation,
    };
    let standing = &position.standing;
    let answer = match *standing {
        Standing::NotListed => findings::rules::explain_to_student(reader, record, today).await?,
        Standing::Listed(_)
        | Standing::Lapsed(_)
        | Standing::ConfirmAgain { .. }
        | Standing::Activated { .. } => None,
    };
    let class_year = standing.entry().map_or_else(
        || {
            let of_today = ClassYear::of_day(today).year();
            answer.as_ref().map_or(of_today, |answer| answer.class_year)
        },
        |entry| entry.class_year,
    );
    let details = match ClassYear::new(class_year) {
        Some(year) => class_year::queries::find(reader, year).await?,
        None => None,
    };
    let due = details.and_then(|details| due(standing, record, &details));
    let contacts = notice::contacts_for(reader, record, today).await?;
    let officers = match contacts.officer {
        Some(officer) => vec![officer],
        None => queries::officers(reader, record, today).await?,
    };
    Ok(Home {
        name: record.name.clone(),
        student_no: record.student_no.clone(),
        college: contacts.college,
        class_year,
        next: next(&position),
        due: due.map(|due| DueLine {
            what: due.what,
            machine: due.day.to_string(),
            day: due.day.format("%-m月%-d日").to_string(),
            left: DaysLeft::until(due.day, today),
        }),
        track: track(&position)
            .into_iter()
            .map(|(stage, progress)| TrackLine {
                stage,
                progress,
                hint: hint(stage, progress, &position),
            })
            .collect(),
        answer,
        unread: message::queries::count_unread(reader, &Scope::Student(record.id)).await?,
        reported: crate::correction::queries::open_fields(reader, record.id)
            .await?
            .len(),
        notices: notice::queries::for_student(reader, record, today, NOTICES).await?,
        officers,
        centre: contacts.centre,
        standing: position.standing,
    })
}

/// How far the student is with the recommendation form.
async fn recommendation_of(
    app: &App,
    record: &student::Model,
    standing: &Standing,
) -> Result<(FormStage, Recommendation), AppError> {
    let Some(entry) = standing.entry().filter(|_| standing.activated_at().is_some()) else {
        return Ok((FormStage::NotBegun, Recommendation::None));
    };
    let reader = app.db.reader();
    let Some(form) = forms::of_entry(reader, record.id, entry).await? else {
        return Ok((FormStage::NotBegun, Recommendation::None));
    };
    let valid = versions::valid_of_form(reader, &Scope::Student(record.id), form.row.id).await?;
    let recommendation = match valid {
        None => Recommendation::None,
        Some(version) if version.changed_at.is_some() => Recommendation::Outdated,
        Some(_) => Recommendation::Valid,
    };
    Ok((form.stage, recommendation))
}

fn hint(stage: Stage, progress: Progress, position: &Position) -> String {
    match progress {
        Progress::Done if stage == Stage::Recommendation && position.form != FormStage::Approved => {
            format!("已通过，新版本{}", position.form.label())
        }
        Progress::Done => "已完成".to_owned(),
        Progress::Current if stage == Stage::Record => format!("还有 {} 项", position.missing),
        Progress::Current if stage == Stage::Recommendation => position.form.label().to_owned(),
        Progress::Current => "现在这一步".to_owned(),
        Progress::Later => String::new(),
    }
}

#[derive(Template)]
#[template(path = "student/home.html")]
struct HomePage {
    shell: StudentShell,
    home: Home,
}

pub(super) async fn home(State(app): State<App>, student: Student) -> Result<Response, AppError> {
    html(&HomePage {
        home: home_of(&app, student.record()).await?,
        shell: home::student_shell(&app, &student).await?,
    })
}
