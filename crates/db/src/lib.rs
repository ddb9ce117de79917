//! What is stored, and the only ways to reach it.
//!
//! * [`entity`]: rows, a file a table; [`migration`]: how the schema came to be.
//! * [`Db`]: the connections. Reading goes through [`Db::reader`], which cannot write; writing through a [`Change`],
//!   which commits with its audit event or not at all.
//! * [`Scope`]: every query over students begins at one; nothing else can start it (`clippy.toml` sees to that).
//! * [`bulk`]: writing very many rows.
//! * [`Clock`]: the time is passed in, never asked of the machine.
//! * [`stored`]: the enums whose codes stand in columns.

pub mod audit;
pub mod bulk;
pub mod entity;
pub mod migration;
pub mod session;
pub mod stored;

mod change;
mod clock;
mod scope;
mod store;
mod version;
mod writing;

pub use audit::{Action, AuditEvent};
pub use change::{Actor, Change, Lock};
pub use clock::Clock;
pub use scope::{Scope, StudentData, Unscoped, has_activation, has_entry, is_named, records, records_query};
pub use store::{Db, StoreError};
pub use stored::{
    AssessmentPart, Audience, ClassYearState, CollegeKind, ContactPurpose, CorrectionEnd, CorrectionState,
    DegreeLevel, EntryState, FieldClass, GroupRole, How, ListDifference, ListKind, ListOutcome, ListState,
    MailState, MessageKind, Office, OwnField, RecommendationState, ReminderAbout, Reopened, Role,
    StudentType, StudyStatus, UnitState, Validity, VersionState,
};
pub use version::{Topic, Versions, raise_topic};
pub use writing::Writing;
