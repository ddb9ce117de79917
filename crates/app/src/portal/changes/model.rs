//! What a change is to the data exchange. Pure.

use chrono::{DateTime, Utc};
use qihang_db::OwnField;
use qihang_db::entity::own_value;
use serde::Serialize;

use crate::portal::model::{Standing, shown};

/// Which changes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Which {
    /// Those that the data exchange does not have: 待同步 and 不一致.
    #[default]
    Open,
    /// All that stand so.
    Only(Standing),
    /// All.
    All,
}

impl Which {
    /// All of them, in the order of the filter.
    pub const ALL: [Self; 5] = [
        Self::Open,
        Self::Only(Standing::Pending),
        Self::Only(Standing::Conflict),
        Self::Only(Standing::Adopted),
        Self::All,
    ];

    /// The code in addresses.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Only(standing) => standing.code(),
            Self::All => "all",
        }
    }

    /// The words on screen.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Open => "平台尚未采用",
            Self::Only(standing) => standing.label(),
            Self::All => "全部",
        }
    }

    /// The choice with this code; the usual one where there is none.
    pub fn from_code(code: &str) -> Option<Self> {
        match code {
            "" => Some(Self::default()),
            code => Self::ALL.into_iter().find(|which| which.code() == code),
        }
    }
}

/// What the list is cut down to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// How they stand.
    pub which: Which,
    /// Of this field.
    pub field: Option<OwnField>,
    /// Changed at this instant or later.
    pub since: Option<DateTime<Utc>>,
}

/// A change with the student.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mended {
    /// What was changed.
    pub own: own_value::Model,
    /// 学号.
    pub student_no: String,
    /// 姓名.
    pub name: String,
}

/// A change as it is handed on; the names of its fields are a contract with programs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Line {
    /// Grows with every change; what was read last is where reading goes on.
    pub id: i64,
    /// 学号.
    pub student_no: String,
    /// Code of the field.
    pub field: &'static str,
    /// What the data exchange has.
    pub old_code: String,
    /// What that says.
    pub old_name: String,
    /// What the student chose.
    pub new_code: String,
    /// What that says.
    pub new_name: String,
    /// When the student decided, RFC 3339 in UTC.
    pub changed_at: String,
    /// `pending`, `conflict` or `adopted`.
    pub state: &'static str,
}

impl Line {
    /// The change as it is handed on; `None` for a field that this version does not know.
    pub fn of(mended: &Mended) -> Option<Self> {
        let own = &mended.own;
        let field = OwnField::from_code(&own.field)?;
        let standing = Standing::of(own);
        let old = match standing {
            Standing::Adopted => &own.replaced_value,
            Standing::Pending | Standing::Conflict => &own.exchange_value,
        };
        Some(Self {
            id: own.id,
            student_no: mended.student_no.clone(),
            field: field.code(),
            old_code: old.clone(),
            old_name: shown(field, old),
            new_code: own.value.clone(),
            new_name: shown(field, &own.value),
            changed_at: own.set_at.to_rfc3339_opts(chrono::SecondsFormat::Secs, true),
            state: standing.code(),
        })
    }

    /// The cells of a file.
    pub fn cells(&self) -> [&str; 8] {
        [
            &self.student_no,
            self.field,
            &self.old_code,
            &self.old_name,
            &self.new_code,
            &self.new_name,
            &self.changed_at,
            self.state,
        ]
    }

    /// Names of the cells, for programs.
    pub const NAMES: [&'static str; 8] = [
        "student_no",
        "field",
        "old_code",
        "old_name",
        "new_code",
        "new_name",
        "changed_at",
        "state",
    ];
}
