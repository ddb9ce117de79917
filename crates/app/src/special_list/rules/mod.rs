//! What may be done with lists: `upload` brings one and compares it, `commit` puts it in force, `undo` takes it back,
//! `doctoral` is what a 院 does about the doctoral list, and the centre about the 院.

mod commit;
mod doctoral;
mod undo;
mod upload;

pub use commit::{Committed, commit};
pub use doctoral::{AddedListed, DoctoralError, Reminded, add_listed, remind};
pub use undo::{Undone, undo};
pub use upload::{Surveyed, Upload, UploadError, UploadedList, answer, cancel, incoming, survey, upload};

use qihang_db::entity::special_list;
use qihang_db::{ListKind, ListState};
use sea_orm::DbErr;

use crate::auth::{Can, policy};
use crate::class_year::model::ClassYear;

/// Permission to receive lists.
type MayManage = Can<policy::ManageLists>;

/// Why a list was not put in force, thrown away or taken back.
#[derive(Debug, thiserror::Error)]
pub enum ListError {
    /// There is no such list.
    #[error("no such list")]
    Unknown,
    /// It is not in a state for that (any more).
    #[error("the list is not in the state for that")]
    WrongState,
    /// The class year is not open.
    #[error("class year {0} is not open")]
    NotOpen(ClassYear),
    /// It was compared with a version that is not in force any more.
    #[error("the list was compared with a version that is not in force any more")]
    Outdated,
    /// It changes nothing.
    #[error("the list changes nothing")]
    NothingToDo,
    /// A newer version is in force.
    #[error("a newer version is in force")]
    NotLatest,
    /// The database.
    #[error(transparent)]
    Db(#[from] DbErr),
}

impl ListError {
    /// For the person.
    pub fn message(&self) -> String {
        match self {
            Self::Unknown => "没有这份名单。".into(),
            Self::WrongState => "这份名单的状态已变化，可能已被处理过；请刷新页面查看。".into(),
            Self::NotOpen(year) => format!("{year} 届没有开启或已关闭，名单不能变动。"),
            Self::Outdated => {
                "上传之后又有另一版名单生效，差异已不准确，没有写入。请重新上传这份名单再比对。".into()
            }
            Self::NothingToDo => "这份名单不会带来任何变化，无须执行。".into(),
            Self::NotLatest => "之后已有新版名单生效，只能撤销现行的一版；请先撤销新版。".into(),
            Self::Db(_) => "系统出现问题，没有写入任何数据，请稍后重试。".into(),
        }
    }
}

/// What the columns of a list say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Facts {
    /// Which list.
    pub kind: ListKind,
    /// The class year.
    pub year: ClassYear,
    /// Where it stands.
    pub state: ListState,
}

impl Facts {
    /// # Errors
    ///
    /// When the columns hold what no version of this program wrote.
    pub fn of(list: &special_list::Model) -> Result<Self, DbErr> {
        let facts = (
            ListKind::from_code(&list.kind),
            ClassYear::new(list.class_year),
            ListState::from_code(&list.state),
        );
        match facts {
            (Some(kind), Some(year), Some(state)) => Ok(Self { kind, year, state }),
            _ => Err(DbErr::Custom(format!("special list {} cannot be read", list.id))),
        }
    }
}

/// How the audit log names a list.
fn subject(id: i64) -> String {
    format!("special_list/{id}")
}
