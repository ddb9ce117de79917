//! What a 院 may do with the list of its group, and the centre with all of them.

use qihang_db::entity::leadership_report;
use qihang_db::{Action, AuditEvent, Change, ClassYearState, Db, Role};
use sea_orm::{ConnectionTrait, DbErr, SqlErr};
use serde_json::json;

use super::edit::{Edit, NotApplied, obstacles};
use super::queries::{self, Place, Report};
use crate::auth::{Can, policy};
use crate::class_year::{self, model::ClassYear};
use crate::notice::model::{Content, Readership};
use crate::notice::rules::post;
use crate::school;

/// What somebody saw who edits: row and revision; `0.0` where there was nothing. The row and not its number: a draft
/// that was discarded and begun anew has the same number.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Seen {
    report_id: i64,
    revision: i32,
}

impl Seen {
    /// What is seen of this.
    pub fn of(report: Option<&leadership_report::Model>) -> Self {
        report.map_or_else(Self::default, |row| Self {
            report_id: row.id,
            revision: row.revision,
        })
    }

    /// As the form carries it.
    pub fn text(self) -> String {
        format!("{}.{}", self.report_id, self.revision)
    }

    /// Out of the form; what cannot be read was never shown, and fits nothing.
    pub fn from_text(text: &str) -> Option<Self> {
        let (report_id, revision) = text.split_once('.')?;
        Some(Self {
            report_id: report_id.parse().ok()?,
            revision: revision.parse().ok()?,
        })
    }
}

/// Why a list was not changed or reported. Nothing was.
#[derive(Debug, thiserror::Error)]
pub enum GroupError {
    /// No such 院 in the scope, class year, or member.
    #[error("no such group or member")]
    NotFound,
    /// The class year is closed.
    #[error("class year {0} is closed")]
    Closed(i32),
    /// Somebody else has changed it since it was looked at.
    #[error("the list has changed since it was looked at")]
    Changed,
    /// There would be too many members.
    #[error("the list is full")]
    Full,
    /// There is nothing to report, discard or take over.
    #[error("there is nothing to do that with")]
    Nothing,
    /// What keeps it from being reported, for the person.
    #[error("the list cannot be reported")]
    Obstacles(Vec<String>),
    /// The database.
    #[error(transparent)]
    Db(DbErr),
}

impl From<DbErr> for GroupError {
    /// Of two who begin a draft at once, the second finds the first one's by constraint.
    fn from(error: DbErr) -> Self {
        match error.sql_err() {
            Some(SqlErr::UniqueConstraintViolation(_)) => Self::Changed,
            _ => Self::Db(error),
        }
    }
}

type May = Can<policy::ReportLeadership>;

/// A list within a change, as it was seen.
struct Case {
    change: Change,
    place: Place,
    current: Option<Report>,
}

impl Case {
    async fn open(db: &Db, can: &May, place: Place, seen: Option<Seen>) -> Result<Self, GroupError> {
        if !can.scope().covers(place.college_id) {
            return Err(GroupError::NotFound);
        }
        let change = db.change(can.actor()).await?;
        let year = ClassYear::new(place.year).ok_or(GroupError::NotFound)?;
        let details = class_year::queries::find(change.tx(), year)
            .await?
            .ok_or(GroupError::NotFound)?;
        if details.state == ClassYearState::Closed {
            return Err(GroupError::Closed(place.year));
        }
        let current = queries::current(change.tx(), place).await?;
        if seen != Some(Seen::of(current.as_ref().map(|report| &report.row))) {
            return Err(GroupError::Changed);
        }
        Ok(Self {
            change,
            place,
            current,
        })
    }

    fn draft(&self) -> Option<&Report> {
        self.current
            .as_ref()
            .filter(|report| report.row.submitted_at.is_none())
    }

    fn event(&self, action: Action, number: i32) -> AuditEvent {
        let Place { college_id, year } = self.place;
        AuditEvent::new(action, format!("leadership/{year}/{college_id}/{number}"))
    }

    /// Does one step on the draft, which begins as the newest version where there is none.
    async fn edit(self, edit: Edit, how: &'static str) -> Result<(), GroupError> {
        let before = self.current.as_ref().map_or(&[][..], |report| &report.members);
        let before_count = before.len();
        let after = edit.apply(before.to_vec()).map_err(|error| match error {
            NotApplied::NoPlace => GroupError::NotFound,
            NotApplied::Full => GroupError::Full,
        })?;
        let number = self.current.as_ref().map_or(0, |report| report.row.number);
        let (report_id, number) = if let Some(draft) = self.draft() {
            if !queries::advance(&self.change, &draft.row, false).await? {
                return Err(GroupError::Changed);
            }
            (draft.row.id, number)
        } else {
            let id = queries::insert_draft(&self.change, self.place, number + 1).await?;
            (id, number + 1)
        };
        queries::write_members(self.change.tx(), report_id, &after).await?;
        let event = self
            .event(Action::LeadershipChanged, number)
            .before(json!({"members": before_count}))
            .after(json!({"act": how, "members": after.len()}));
        Ok(self.change.commit(event).await?)
    }
}

/// Does one step on the draft of a list.
///
/// # Errors
///
/// [`GroupError`]; then nothing was changed.
pub async fn edit(
    db: &Db,
    can: &May,
    place: Place,
    seen: Option<Seen>,
    edit: Edit,
) -> Result<(), GroupError> {
    let how = edit.code();
    Case::open(db, can, place, seen).await?.edit(edit, how).await
}

/// Last year's list as the draft of a class year that has none yet.
///
/// # Errors
///
/// [`GroupError::Nothing`] where last year's was not reported, or this year's has begun.
pub async fn take_over(db: &Db, can: &May, place: Place, seen: Option<Seen>) -> Result<(), GroupError> {
    let case = Case::open(db, can, place, seen).await?;
    if case.current.is_some() {
        return Err(GroupError::Nothing);
    }
    let last = last_year(case.change.tx(), place)
        .await?
        .ok_or(GroupError::Nothing)?;
    case.edit(Edit::Replace(last.members), "taken_over").await
}

/// What was reported for the class year before.
///
/// # Errors
///
/// When the database does not answer.
pub async fn last_year(connection: &impl ConnectionTrait, place: Place) -> Result<Option<Report>, DbErr> {
    let before = Place {
        year: place.year - 1,
        ..place
    };
    queries::submitted(connection, before).await
}

/// Throws the draft away: what was reported before stands.
///
/// # Errors
///
/// [`GroupError`]; then nothing was changed.
pub async fn discard(db: &Db, can: &May, place: Place, seen: Option<Seen>) -> Result<(), GroupError> {
    let case = Case::open(db, can, place, seen).await?;
    let Some(draft) = case.draft() else {
        return Err(GroupError::Nothing);
    };
    if !queries::delete_draft(case.change.tx(), &draft.row).await? {
        return Err(GroupError::Changed);
    }
    let event = case
        .event(Action::LeadershipChanged, draft.row.number)
        .before(json!({"members": draft.members.len()}))
        .after(json!({"act": "discarded"}));
    Ok(case.change.commit(event).await?)
}

/// Reports the draft: from then on it is a version, and never changed.
///
/// # Errors
///
/// [`GroupError`]; then nothing was changed.
pub async fn submit(db: &Db, can: &May, place: Place, seen: Option<Seen>) -> Result<(), GroupError> {
    let case = Case::open(db, can, place, seen).await?;
    let Some(draft) = case.draft() else {
        return Err(GroupError::Nothing);
    };
    let obstacles = obstacles(&draft.members);
    if !obstacles.is_empty() {
        return Err(GroupError::Obstacles(obstacles));
    }
    if !queries::advance(&case.change, &draft.row, true).await? {
        return Err(GroupError::Changed);
    }
    let event = case
        .event(Action::LeadershipSubmitted, draft.row.number)
        .after(json!({"members": draft.members.len()}));
    Ok(case.change.commit(event).await?)
}

/// Why nobody was reminded.
#[derive(Debug, thiserror::Error)]
pub enum RemindError {
    /// The class year is not open.
    #[error("class year {0} is not open")]
    NotOpen(ClassYear),
    /// All have reported, or were reminded today.
    #[error("nobody is left to be reminded")]
    NobodyLeft,
    /// The database.
    #[error(transparent)]
    Db(#[from] DbErr),
}

/// Days for which the notice of a reminder stays.
const NOTICE_DAYS: u64 = 14;

/// Reminds the 院 that have not reported, by a notice to their staff; each at most once a day, by constraint. Answers how
/// many.
///
/// # Errors
///
/// [`RemindError`]; then nothing was written.
pub async fn remind(
    db: &Db,
    can: &Can<policy::OverseeLeadership>,
    year: ClassYear,
) -> Result<usize, RemindError> {
    let change = db.change(can.actor()).await?;
    let details = class_year::queries::find(change.tx(), year).await?;
    if details.is_none_or(|details| details.state != ClassYearState::Open) {
        return Err(RemindError::NotOpen(year));
    }
    let reports = queries::of_year(change.tx(), year.year()).await?;
    let has_reported = |id: &i64| {
        let mut versions = reports.get(id).into_iter().flatten();
        versions.any(|row| row.submitted_at.is_some())
    };
    let colleges = school::queries::colleges_in(change.tx(), can.scope()).await?;
    let missing: Vec<i64> = colleges
        .iter()
        .map(|college| college.id)
        .filter(|id| !has_reported(id))
        .collect();
    if missing.is_empty() {
        return Err(RemindError::NobodyLeft);
    }
    let today = qihang_db::Clock::day_of(change.now());
    let reminded = queries::note_reminded(&change, year.year(), &missing, today).await?;
    if reminded.is_empty() {
        return Err(RemindError::NobodyLeft);
    }
    let content = Content {
        title: format!("请报送 {year} 届就业工作领导小组名单"),
        body: format!(
            "贵院 {year} 届就业工作领导小组名单还没有报送。请到“学生信息管理 → 领导小组”填写或上传，确认有且只有一名组长后报送。"
        ),
        readership: Readership::Staff {
            colleges: reminded.clone(),
            roles: [Role::Officer, Role::Head].into(),
        },
        pinned: false,
        publish_on: Some(today),
        ends_on: today.checked_add_days(chrono::Days::new(NOTICE_DAYS)),
    };
    let notice_id = post(&change, &content).await?;
    queries::note_notice(&change, year.year(), &reminded, (today, notice_id)).await?;
    let event = AuditEvent::new(Action::LeadershipReminded, format!("leadership/{year}"))
        .after(json!({"notice": notice_id, "colleges": reminded}));
    change.commit(event).await?;
    Ok(reminded.len())
}
