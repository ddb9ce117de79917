//! Which 院 answers for which students: data, not code. A change of it places every student anew.

use std::collections::{BTreeMap, BTreeSet};

use qihang_db::{Action, AuditEvent, Db, Lock, StudentType};
use sea_orm::{ConnectionTrait, DbErr};
use serde_json::{Value, json};

use super::queries;
use crate::auth::{Can, policy};
use crate::findings::rules::{Touched, refresh};
use crate::roster::model::{Duties, effective_type};

/// What the duties shall be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// As they are where nobody set any.
    Default,
    /// These.
    Set(BTreeSet<(i64, StudentType)>),
}

/// Why the duties were not changed.
#[derive(Debug, thiserror::Error)]
pub enum DutyError {
    /// No 院 would answer for anybody.
    #[error("no college has a duty")]
    Nothing,
    /// There is no such 院.
    #[error("no such college")]
    UnknownCollege,
    /// The database.
    #[error(transparent)]
    Db(#[from] DbErr),
}

/// What a change of the duties does.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Effect {
    /// Students who get another 院, or one more or less.
    pub students: u64,
    /// By 院: students it answers for before and after.
    pub by_college: BTreeMap<i64, (u64, u64)>,
    /// Who goes where.
    moves: BTreeMap<(i64, Option<i64>), Vec<i64>>,
}

/// Students read at once.
const CHUNK: u64 = 10_000;

impl Wanted {
    fn rows(&self) -> BTreeSet<(i64, StudentType)> {
        match self {
            Self::Default => BTreeSet::new(),
            Self::Set(rows) => rows.clone(),
        }
    }

    async fn duties(&self, connection: &impl ConnectionTrait) -> Result<Duties, DutyError> {
        match self {
            Self::Default => Ok(queries::default_duties(connection).await?),
            Self::Set(rows) if rows.is_empty() => Err(DutyError::Nothing),
            Self::Set(rows) => {
                let known: BTreeSet<i64> = queries::colleges(connection)
                    .await?
                    .iter()
                    .map(|college| college.id)
                    .collect();
                if rows.iter().all(|(college_id, _)| known.contains(college_id)) {
                    Ok(Duties::new(rows.iter().copied()))
                } else {
                    Err(DutyError::UnknownCollege)
                }
            }
        }
    }
}

async fn effect(connection: &impl ConnectionTrait, duties: &Duties) -> Result<Effect, DbErr> {
    let mut effect = Effect::default();
    let mut after = 0;
    loop {
        let students = queries::placements(connection, after, CHUNK).await?;
        let Some(last) = students.last() else {
            return Ok(effect);
        };
        after = last.id;
        for student in &students {
            let before = (student.college_id, student.second_college_id);
            let student_type = effective_type(&student.student_type, &student.degree_level);
            let now = duties.managing(student_type, student.school_id, student.residence_id);
            for college_id in [Some(before.0), before.1].into_iter().flatten() {
                effect.by_college.entry(college_id).or_default().0 += 1;
            }
            for college_id in [Some(now.0), now.1].into_iter().flatten() {
                effect.by_college.entry(college_id).or_default().1 += 1;
            }
            if now != before {
                effect.students += 1;
                effect.moves.entry(now).or_default().push(student.id);
            }
        }
    }
}

/// What the change would do, before it is done.
///
/// # Errors
///
/// [`DutyError`] where it would be refused.
pub async fn preview(
    db: &Db,
    _can: &Can<policy::ManageDuties>,
    wanted: &Wanted,
) -> Result<Effect, DutyError> {
    let read = db.begin_read().await?;
    let duties = wanted.duties(&read).await?;
    Ok(effect(&read, &duties).await?)
}

/// Sets the duties and gives every student to the 院 that answers now.
///
/// # Errors
///
/// [`DutyError`]; then nothing was written.
pub async fn set_duties(
    db: &Db,
    can: &Can<policy::ManageDuties>,
    wanted: &Wanted,
) -> Result<Effect, DutyError> {
    let change = db.change(can.actor()).await?;
    change.lock(Lock::School).await?;
    let before = queries::duties_set(change.tx()).await?;
    let duties = wanted.duties(change.tx()).await?;
    let effect = effect(change.tx(), &duties).await?;
    queries::replace_duties(change.tx(), &wanted.rows()).await?;
    for (colleges, students) in &effect.moves {
        queries::place(change.tx(), *colleges, students, change.now()).await?;
    }
    refresh(&change, Touched::Everyone).await?;
    let after = matches!(wanted, Wanted::Set(_)).then_some(&duties);
    let event = AuditEvent::new(Action::DutyChanged, "duties")
        .before(json!({"duties": in_words(before.as_ref())}))
        .after(json!({"duties": in_words(after), "students": effect.students}));
    change.commit(event).await?;
    Ok(effect)
}

/// Students who are not with the 院 that answer for them; none in a database that is whole.
///
/// # Errors
///
/// When the database does not answer.
pub async fn misplaced(connection: &impl ConnectionTrait) -> Result<u64, DbErr> {
    let duties = queries::duties(connection).await?;
    Ok(effect(connection, &duties).await?.students)
}

/// By id of the 院 the codes of the types; `default` where none are set.
fn in_words(duties: Option<&Duties>) -> Value {
    let Some(duties) = duties else {
        return "default".into();
    };
    duties
        .by_college()
        .map(|(college_id, types)| {
            let codes: Vec<&str> = types.iter().map(|one| one.code()).collect();
            (college_id.to_string(), Value::from(codes))
        })
        .collect::<serde_json::Map<_, _>>()
        .into()
}
