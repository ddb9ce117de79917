//! What a server remembers of what lists show: the small tables that every page needs, which rows a question finds and in
//! which order, and how many.
//! Everything is remembered under the version that the database had ([`Versions`]), so it is never older than the
//! database, whoever changed it; and nothing is lost with the process (docs/adr/0008).

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use moka::future::Cache as Memory;
use qihang_db::entity::{college, major};
use qihang_db::{Db, Scope, Versions};
use sea_orm::DbErr;

use crate::class_year::model::{ClassYear, Details};
use crate::{class_year, home, school};

/// Counts that are remembered at the most; each takes some hundred bytes.
const COUNTS: u64 = 20_000;
/// Bytes of all lists together at the most; a list takes eight a row.
const LIST_BYTES: u64 = 64 * 1024 * 1024;
/// What nobody has asked for so long is forgotten.
const IDLE: Duration = Duration::from_mins(10);

/// The memory of one server. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Cache {
    school: Memory<i64, Arc<School>>,
    counts: Memory<(i64, String), u64>,
    lists: Memory<(i64, String), Arc<Vec<i64>>>,
}

/// The small tables.
#[derive(Clone, Debug)]
pub struct School {
    /// All 院, in order of code.
    pub colleges: Vec<college::Model>,
    /// All 专业, in order of code.
    pub majors: Vec<major::Model>,
    /// All 届, the newest first.
    pub class_years: Vec<Details>,
    /// Whether the university is an invented one.
    pub is_demo: bool,
}

impl School {
    /// The class year, where the centre has planned or opened it.
    pub fn class_year(&self, year: ClassYear) -> Option<&Details> {
        self.class_years.iter().find(|details| details.year == year)
    }
}

impl Default for Cache {
    fn default() -> Self {
        Self {
            // The version before may still be in use by a request that began earlier.
            school: Memory::new(2),
            counts: Memory::builder().max_capacity(COUNTS).time_to_idle(IDLE).build(),
            lists: Memory::builder()
                .weigher(|(_, question): &(i64, String), ids: &Arc<Vec<i64>>| {
                    u32::try_from(question.len() + 8 * ids.len()).unwrap_or(u32::MAX)
                })
                .max_capacity(LIST_BYTES)
                .time_to_idle(IDLE)
                .build(),
        }
    }
}

impl Cache {
    /// The small tables, at least as new as `versions`.
    ///
    /// # Errors
    ///
    /// When the database does not answer.
    pub async fn school(&self, db: &Db, versions: Versions) -> Result<Arc<School>, DbErr> {
        let read = async {
            let reader = db.reader();
            Ok(Arc::new(School {
                colleges: school::queries::colleges(reader).await?,
                majors: school::queries::majors(reader).await?,
                class_years: class_year::queries::list(reader).await?,
                is_demo: !home::demo_sign_ins(db).await?.is_empty(),
            }))
        };
        self.school
            .try_get_with(versions.school, read)
            .await
            .map_err(shared)
    }

    /// How many rows `question` finds for whoever sees `scope`, at least as new as `versions`; counted by `count` where it is
    /// not remembered. Of many who ask at once, one counts.
    ///
    /// # Errors
    ///
    /// When the database does not answer.
    pub async fn count(
        &self,
        versions: Versions,
        scope: &Scope,
        question: &str,
        count: impl Future<Output = Result<u64, DbErr>>,
    ) -> Result<u64, DbErr> {
        let key = (versions.records, format!("{scope:?} {question}"));
        self.counts.try_get_with(key, count).await.map_err(shared)
    }

    /// Which rows `question` finds for whoever sees `scope`, in its order, as row ids; otherwise as [`count`](Self::count). A
    /// page is cut out of it, so that every page in every order costs the same.
    ///
    /// # Errors
    ///
    /// When the database does not answer.
    pub async fn list(
        &self,
        versions: Versions,
        scope: &Scope,
        question: &str,
        list: impl Future<Output = Result<Vec<i64>, DbErr>>,
    ) -> Result<Arc<Vec<i64>>, DbErr> {
        let key = (versions.records, format!("{scope:?} {question}"));
        let list = async { list.await.map(Arc::new) };
        self.lists.try_get_with(key, list).await.map_err(shared)
    }
}

/// An error that several waited for.
#[expect(clippy::needless_pass_by_value, reason = "the cache hands it out so")]
fn shared(error: Arc<DbErr>) -> DbErr {
    DbErr::Custom(error.to_string())
}
