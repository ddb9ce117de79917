//! Where the values of a student's record come from, and since when they stand: for 我的数据 and the page of one field alike.

use chrono::{DateTime, Utc};
use qihang_db::entity::{own_value, student, student_contact};
use sea_orm::{ConnectionTrait, DbErr};

use crate::activation;
use crate::activation::fields::{Field, Source};
use crate::auth::Student;
use crate::exchange::{self, Brought};
use crate::portal;

/// Where a value comes from, and since when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Provenance {
    /// As the student is told.
    pub source: &'static str,
    /// `None` where nobody has entered it yet.
    pub since: Option<DateTime<Utc>>,
}

/// Everything that brought the values of one student.
#[derive(Clone, Debug)]
pub struct Sources {
    /// What the imports did, the newest first.
    pub history: Vec<Brought>,
    /// What the student entered at the activation.
    pub contact: Option<student_contact::Model>,
    /// What the student mended and lies over the data exchange.
    own: Vec<own_value::Model>,
    created_at: DateTime<Utc>,
}

impl Sources {
    /// Of the student who is signed in.
    ///
    /// # Errors
    ///
    /// When the database does not answer.
    pub async fn load(connection: &impl ConnectionTrait, student: &Student) -> Result<Self, DbErr> {
        let (scope, record): (_, &student::Model) = (student.scope(), student.record());
        let own = portal::queries::standing(connection, &scope, None).await?;
        Ok(Self {
            history: exchange::history(connection, &record.student_no).await?,
            contact: activation::queries::contact(connection, &scope, record.id).await?,
            own: own.into_values().flatten().collect(),
            created_at: record.created_at,
        })
    }

    /// Of this field.
    pub fn of(&self, field: Field) -> Provenance {
        if let Some(own) = self.own.iter().find(|own| own.field == field.code()) {
            return Provenance {
                source: "本人在个人信息中修改",
                since: Some(own.set_at),
            };
        }
        Provenance {
            source: field.source().label(),
            since: match field.source() {
                Source::Contact => self.contact.as_ref().map(|contact| contact.updated_at),
                Source::Registrar | Source::Portal => {
                    exchange::last_brought(&self.history, field).or(Some(self.created_at))
                }
            },
        }
    }
}
