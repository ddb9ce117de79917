//! What a 院 does about the doctoral list, and the centre about the 院 that are behind.

use std::collections::BTreeSet;

use chrono::Days;
use qihang_db::{Action, AuditEvent, Change, ClassYearState, Clock, Db, How, ListKind, Lock, Role};
use sea_orm::DbErr;
use serde_json::json;

use super::MayManage;
use super::upload::is_open;
use crate::auth::{Can, policy};
use crate::class_year::{self, model::ClassYear};
use crate::notice::model::{Content, Readership};
use crate::notice::rules as notice;
use crate::roster::rules::{self as roster, AddError};
use crate::special_list::queries;

/// Why nobody was added or reminded.
#[derive(Debug, thiserror::Error)]
pub enum DoctoralError {
    /// The class year is not open.
    #[error("class year {0} is not open")]
    NotOpen(ClassYear),
    /// No doctoral list is in force.
    #[error("no doctoral list is in force for {0}")]
    NoList(ClassYear),
    /// There is nothing to do (any more).
    #[error("nothing is left to do")]
    NothingLeft,
    /// The database.
    #[error(transparent)]
    Db(#[from] DbErr),
}

impl DoctoralError {
    /// For the person.
    pub fn message(&self) -> String {
        match self {
            Self::NotOpen(year) => format!("{year} 届没有开启或已关闭，名单不能变动。"),
            Self::NoList(year) => format!("{year} 届还没有博士采集名单。"),
            Self::NothingLeft => "没有需要处理的，可能刚由其他老师处理过。".into(),
            Self::Db(_) => "系统出现问题，没有写入任何数据，请稍后重试。".into(),
        }
    }
}

impl From<AddError> for DoctoralError {
    fn from(error: AddError) -> Self {
        match error {
            AddError::NotOpen(year) => Self::NotOpen(year),
            AddError::NothingChosen | AddError::NoSuchQuestion => Self::NothingLeft,
            AddError::Db(error) => Self::Db(error),
        }
    }
}

/// What one press did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AddedListed {
    /// So many were added.
    pub added: usize,
    /// So many are listed, not on the roster, and have to be looked at first.
    pub left: u64,
}

/// Puts every doctoral student of the scope on the roster who is listed, expected, and has nothing at odds.
///
/// # Errors
///
/// [`DoctoralError`]; then nobody was added.
pub async fn add_listed(
    db: &Db,
    can: &Can<policy::ConfirmRoster>,
    year: ClassYear,
) -> Result<AddedListed, DoctoralError> {
    let change = db.change(can.actor()).await?;
    change.lock(Lock::Roster).await?;
    let list = queries::current(change.tx(), ListKind::Doctoral, year.year())
        .await?
        .ok_or(DoctoralError::NoList(year))?;
    let ids = queries::addable(change.tx(), can.scope(), list.id, year).await?;
    let source = format!("special_list={}", list.id);
    let added = roster::add_named(db, change, can, (year, How::Doctoral), &source, &ids).await?;
    let numbers = queries::numbers(db.reader(), can.scope(), list.id, year).await?;
    Ok(AddedListed {
        added: added.len(),
        left: numbers.missing,
    })
}

/// What became of a reminder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reminded {
    /// So many 院 were reminded.
    pub reminded: usize,
    /// So many are behind and were reminded today already.
    pub before: usize,
}

/// A notice stays so many days where the class year has no date for doctoral students.
const NOTICE_DAYS: Days = Days::new(14);

/// Reminds every 院 that has listed doctoral students who are not on the roster, by a notice to its officers; a 院 once a day
/// at the most, by constraint.
///
/// # Errors
///
/// [`DoctoralError`]; then nobody was reminded.
pub async fn remind(db: &Db, can: &MayManage, year: ClassYear) -> Result<Reminded, DoctoralError> {
    let change = db.change(can.actor()).await?;
    if !is_open(change.tx(), year).await? {
        return Err(DoctoralError::NotOpen(year));
    }
    let list = queries::current(change.tx(), ListKind::Doctoral, year.year())
        .await?
        .ok_or(DoctoralError::NoList(year))?;
    let progress = queries::progress(change.tx(), can.scope(), list.id, year).await?;
    let behind: Vec<(i64, u64)> = progress
        .iter()
        .filter(|one| one.numbers.missing > 0)
        .map(|one| (one.college_id, one.numbers.missing))
        .collect();
    let today = Clock::day_of(change.now());
    let mut reminded = Vec::new();
    for (college_id, missing) in &behind {
        if !queries::insert_reminder(&change, year, *college_id, *missing, today).await? {
            continue;
        }
        let content = content(&change, year, *college_id, *missing).await?;
        let notice_id = notice::post(&change, &content).await?;
        queries::set_reminder_notice(&change, year, *college_id, today, notice_id).await?;
        reminded.push(*college_id);
    }
    if reminded.is_empty() {
        return Err(DoctoralError::NothingLeft);
    }
    let event = AuditEvent::new(Action::CollegesReminded, format!("special_list/{}", list.id))
        .after(json!({"class_year": year.year(), "college_id": reminded}));
    let sent = Reminded {
        reminded: reminded.len(),
        before: behind.len() - reminded.len(),
    };
    change.commit(event).await?;
    Ok(sent)
}

async fn content(change: &Change, year: ClassYear, college_id: i64, missing: u64) -> Result<Content, DbErr> {
    let today = Clock::day_of(change.now());
    let due = class_year::queries::find(change.tx(), year)
        .await?
        .filter(|details| details.state == ClassYearState::Open)
        .and_then(|details| details.doctoral_due);
    let until = due.map_or_else(
        || "请尽快处理".to_owned(),
        |due| format!("请于 {} 前处理", due.format("%-m月%-d日")),
    );
    Ok(Content {
        title: format!("{year} 届博士采集名单：本院尚有 {missing} 人未加入生源库"),
        body: format!(
            "{year} 届毕业信息采集名单中，本院尚有 {missing} 名博士生没有加入生源库，{until}。\n\n\
             在“博士名单核对”页面可以一次添加；姓名、学籍有疑问的会逐一列出原因：\n\n\
             [博士名单核对](/manage/doctoral-list?class_year={year})"
        ),
        readership: Readership::Staff {
            colleges: BTreeSet::from([college_id]),
            roles: BTreeSet::from([Role::Officer, Role::Head]),
        },
        pinned: false,
        publish_on: Some(today),
        ends_on: Some(due.filter(|due| *due >= today).unwrap_or(today + NOTICE_DAYS)),
    })
}
