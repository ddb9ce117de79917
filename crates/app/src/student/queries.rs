//! Everything here that speaks to the database: whom a student asks, and who looked at the student's identity number.

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, Utc};
use qihang_db::entity::{
    account, assignment, college, disclosure, export_record, export_subject, student, student_view,
};
use qihang_db::{Clock, Role, Scope, records};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, JoinType, QueryFilter, QueryOrder,
    QuerySelect, RelationTrait,
};

use crate::notice::contacts::OfficerContact;

/// Officers who are named where nobody is responsible for the class year.
const OTHERS: u64 = 3;

/// The officers of today of the own 院, for where nobody is responsible for the class year.
///
/// # Errors
///
/// When the database does not answer; so for all queries here.
pub async fn officers(
    connection: &impl ConnectionTrait,
    student: &student::Model,
    today: NaiveDate,
) -> Result<Vec<OfficerContact>, DbErr> {
    let rows: Vec<(String, String, String)> = records::<assignment::Entity>()
        .join(JoinType::InnerJoin, assignment::Relation::Account.def())
        .filter(assignment::Column::CollegeId.eq(student.college_id))
        .filter(assignment::Column::Role.is_in([Role::Officer.code(), Role::Head.code()]))
        .filter(on_day(today))
        .filter(account::Column::DisabledAt.is_null())
        .order_by_desc(assignment::Column::Role.eq(Role::Officer.code()))
        .order_by_asc(account::Column::Id)
        .limit(OTHERS)
        .select_only()
        .columns([
            account::Column::Name,
            account::Column::Mobile,
            account::Column::Email,
        ])
        .into_tuple()
        .all(connection)
        .await?;
    Ok(rows
        .into_iter()
        .map(|(name, telephone, email)| OfficerContact {
            name,
            telephone,
            email,
        })
        .collect())
}

/// Whether an assignment holds on a day.
fn on_day(day: NaiveDate) -> Condition {
    Condition::all().add(assignment::Column::StartsOn.lte(day)).add(
        Condition::any()
            .add(assignment::Column::EndsOn.is_null())
            .add(assignment::Column::EndsOn.gte(day)),
    )
}

/// How somebody came to see the identity number, or the pages, of a student.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum LookKind {
    /// 以学生视角查看.
    Viewed,
    /// In an export with full numbers.
    Exported,
    /// 显示.
    Shown,
}

impl LookKind {
    const ALL: [Self; 3] = [Self::Viewed, Self::Exported, Self::Shown];

    /// The words on screen.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Shown => "查看了你的证件号",
            Self::Exported => "导出了含你证件号的名单",
            Self::Viewed => "以你的视角查看了页面（证件号不显示）",
        }
    }

    /// In the address of a page.
    const fn rank(self) -> i64 {
        match self {
            Self::Viewed => 0,
            Self::Exported => 1,
            Self::Shown => 2,
        }
    }
}

/// One look.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Look {
    /// When.
    pub at: DateTime<Utc>,
    /// How.
    pub kind: LookKind,
    /// Row id within the kind.
    pub id: i64,
    /// Name and role; never the login.
    pub who: String,
    /// What for; empty where none was asked.
    pub purpose: String,
    account_id: Option<i64>,
}

/// Where a page of looks begins: after this one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LookKey {
    at: DateTime<Utc>,
    rank: i64,
    id: i64,
}

impl Look {
    /// Its place in the order.
    pub fn key(&self) -> LookKey {
        LookKey {
            at: self.at,
            rank: self.kind.rank(),
            id: self.id,
        }
    }
}

impl LookKey {
    /// As it stands in an address.
    pub fn to_address(self) -> String {
        let nanos = self.at.timestamp_nanos_opt().unwrap_or_default();
        format!("{nanos}.{}.{}", self.rank, self.id)
    }

    /// Reads it again; `None` for what is no place in the order.
    pub fn from_address(text: &str) -> Option<Self> {
        let mut parts = text.splitn(3, '.').map(str::parse::<i64>);
        let mut next = || parts.next()?.ok();
        let (nanos, rank, id) = (next()?, next()?, next()?);
        Some(Self {
            at: DateTime::from_timestamp_nanos(nanos),
            rank,
            id,
        })
    }

    /// What comes after it, newest first, among the rows of one kind.
    fn after(self, kind: LookKind, at: impl ColumnTrait, id: impl ColumnTrait) -> Condition {
        let same = match kind.rank().cmp(&self.rank) {
            std::cmp::Ordering::Less => Condition::all().add(at.eq(self.at)),
            std::cmp::Ordering::Equal => Condition::all().add(at.eq(self.at)).add(id.lt(self.id)),
            // Those of this kind at the same moment came before.
            std::cmp::Ordering::Greater => return Condition::all().add(at.lt(self.at)),
        };
        Condition::any().add(at.lt(self.at)).add(same)
    }
}

/// Who looked at the identity number of the student, or at the student's pages, the newest first; up to `limit`, after `key`.
pub async fn looks(
    connection: &impl ConnectionTrait,
    student_id: i64,
    key: Option<LookKey>,
    limit: u64,
) -> Result<Vec<Look>, DbErr> {
    let mut looks = Vec::new();
    for kind in LookKind::ALL {
        looks.extend(looks_of(connection, student_id, kind, key, limit).await?);
    }
    looks.sort_by_key(|look| {
        let key = look.key();
        std::cmp::Reverse((key.at, key.rank, key.id))
    });
    looks.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    name(connection, &mut looks).await?;
    Ok(looks)
}

async fn looks_of(
    connection: &impl ConnectionTrait,
    student_id: i64,
    kind: LookKind,
    key: Option<LookKey>,
    limit: u64,
) -> Result<Vec<Look>, DbErr> {
    type Row = (i64, DateTime<Utc>, Option<i64>, Option<String>);
    let scope = Scope::Student(student_id);
    let rows: Vec<Row> = match kind {
        LookKind::Shown => {
            use disclosure::Column;
            scope
                .select::<disclosure::Entity>()
                .filter(condition(
                    key.map(|key| key.after(kind, Column::ShownAt, Column::Id)),
                ))
                .order_by_desc(Column::ShownAt)
                .order_by_desc(Column::Id)
                .limit(limit)
                .select_only()
                .columns([Column::Id, Column::ShownAt, Column::AccountId, Column::Purpose])
                .into_tuple()
                .all(connection)
                .await?
        }
        LookKind::Exported => {
            use export_record::Column;
            scope
                .select::<export_subject::Entity>()
                .join(
                    JoinType::InnerJoin,
                    export_subject::Entity::belongs_to(export_record::Entity)
                        .from(export_subject::Column::ExportId)
                        .to(Column::Id)
                        .into(),
                )
                .filter(condition(
                    key.map(|key| key.after(kind, Column::ExportedAt, Column::Id)),
                ))
                .order_by_desc(Column::ExportedAt)
                .order_by_desc(Column::Id)
                .limit(limit)
                .select_only()
                .columns([Column::Id, Column::ExportedAt, Column::AccountId, Column::Purpose])
                .into_tuple()
                .all(connection)
                .await?
        }
        LookKind::Viewed => {
            use student_view::Column;
            let rows: Vec<(i64, DateTime<Utc>, i64)> = scope
                .select::<student_view::Entity>()
                .filter(condition(
                    key.map(|key| key.after(kind, Column::ViewedAt, Column::Id)),
                ))
                .order_by_desc(Column::ViewedAt)
                .order_by_desc(Column::Id)
                .limit(limit)
                .select_only()
                .columns([Column::Id, Column::ViewedAt, Column::AccountId])
                .into_tuple()
                .all(connection)
                .await?;
            rows.into_iter()
                .map(|(id, at, account_id)| (id, at, Some(account_id), None))
                .collect()
        }
    };
    Ok(rows
        .into_iter()
        .map(|(id, at, account_id, purpose)| Look {
            at,
            kind,
            id,
            who: String::new(),
            purpose: purpose.unwrap_or_default(),
            account_id,
        })
        .collect())
}

fn condition(key: Option<Condition>) -> Condition {
    key.unwrap_or_else(Condition::all)
}

/// Says who it was: name, and the role and 院 of that day.
async fn name(connection: &impl ConnectionTrait, looks: &mut [Look]) -> Result<(), DbErr> {
    let ids: Vec<i64> = looks.iter().filter_map(|look| look.account_id).collect();
    let names: HashMap<i64, String> = records::<account::Entity>()
        .filter(account::Column::Id.is_in(ids.iter().copied()))
        .all(connection)
        .await?
        .into_iter()
        .map(|account| (account.id, account.name))
        .collect();
    let roles = records::<assignment::Entity>()
        .filter(assignment::Column::AccountId.is_in(ids))
        .order_by_desc(assignment::Column::StartsOn)
        .order_by_desc(assignment::Column::Id)
        .select_also(college::Entity)
        .join(JoinType::LeftJoin, assignment::Relation::College.def())
        .all(connection)
        .await?;
    for look in looks {
        let Some(id) = look.account_id else {
            "系统维护人员（服务器命令行）".clone_into(&mut look.who);
            continue;
        };
        let day = Clock::day_of(look.at);
        let held = roles.iter().filter(|(role, _)| role.account_id == id);
        let role = held
            .clone()
            .find(|(role, _)| role.starts_on <= day && role.ends_on.is_none_or(|end| end >= day));
        let role = role
            .or_else(|| roles.iter().find(|(role, _)| role.account_id == id))
            .map(|(role, college)| {
                let college = college.as_ref().map_or("", |college| college.name.as_str());
                format!(
                    "{college}{}",
                    Role::from_code(&role.role).map_or("工作人员", Role::label)
                )
            });
        let name = names.get(&id).map_or("工作人员", String::as_str);
        look.who = match role {
            Some(role) => format!("{name}（{role}）"),
            None => name.to_owned(),
        };
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_in_the_order_reads_back_and_nonsense_is_none() {
        let key = LookKey {
            at: DateTime::from_timestamp_nanos(1_789_000_000_123_456_789),
            rank: 1,
            id: 42,
        };
        assert_eq!(LookKey::from_address(&key.to_address()), Some(key));
        for nonsense in ["", "1", "1.2", "1.2.x", "x.1.1"] {
            assert_eq!(LookKey::from_address(nonsense), None, "{nonsense}");
        }
    }
}
