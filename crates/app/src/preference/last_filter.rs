//! The filter that a person looked at a list by last.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use qihang_db::Db;

use super::queries;
use crate::auth::Officer;

/// A list whose filter is remembered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum List {
    /// 名单确认.
    Candidates,
    /// 学生用户管理.
    Roster,
    /// 激活进度.
    Activation,
    /// 核查问题.
    Findings,
}

impl List {
    /// Under which key its filter stands.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Candidates => "filter.candidates",
            Self::Roster => "filter.roster",
            Self::Activation => "filter.activation",
            Self::Findings => "filter.findings",
        }
    }
}

/// The address of a list without any filter: it has a query, so that the last filter does not come back.
pub fn unfiltered(path: &str) -> String {
    format!("{path}?clear=1")
}

impl Officer {
    /// What the person chose under `key`, as JSON.
    pub fn preference(&self, key: &str) -> Option<&str> {
        self.preferences.get(key).map(String::as_str)
    }

    /// The query string that the person looked at the list by last; empty where there was no filter.
    pub fn last_filter(&self, list: List) -> String {
        let stored = self.preference(list.key());
        stored
            .and_then(|text| serde_json::from_str(text).ok())
            .unwrap_or_default()
    }

    /// The query string to lead to, where the address of the list has none itself.
    pub fn filter_to_restore(&self, list: List, asked: Option<&str>) -> Option<String> {
        let says_nothing = asked.is_none_or(str::is_empty);
        says_nothing
            .then(|| self.last_filter(list))
            .filter(|query| !query.is_empty())
    }
}

/// How long a filter is looked at before it is written: whoever clicks through several writes once.
const SETTLED: Duration = Duration::from_millis(500);

/// Whose filter of which list.
type Key = (i64, List);

/// Filters on their way into the database. A page does not wait for that: on SQLite it would wait for every long change, such
/// as an import. One is written at a time for each person and list, always the newest; what is lost with the process is a
/// convenience. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct LastFilters(Arc<Mutex<HashMap<Key, String>>>);

impl LastFilters {
    fn waiting(&self) -> MutexGuard<'_, HashMap<Key, String>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether everything is written.
    pub fn is_idle(&self) -> bool {
        self.waiting().is_empty()
    }

    /// Remembers what the person looks at the list by, where that is not what is remembered already.
    pub fn keep(&self, db: &Db, officer: &Officer, list: List, query: String) {
        if officer.last_filter(list) == query {
            return;
        }
        let key = (officer.account_id, list);
        if self.waiting().insert(key, query).is_some() {
            // Whoever writes the one before finds this one afterwards.
            return;
        }
        let (this, db) = (self.clone(), db.clone());
        tokio::spawn(async move { this.write(&db, key).await });
    }

    async fn write(&self, db: &Db, key: Key) {
        let (account_id, list) = key;
        let mut written = None;
        loop {
            tokio::time::sleep(SETTLED).await;
            let query = {
                let mut waiting = self.waiting();
                match waiting.get(&key) {
                    Some(query) if Some(query) != written.as_ref() => query.clone(),
                    _ => {
                        waiting.remove(&key);
                        return;
                    }
                }
            };
            let value = serde_json::Value::from(query.as_str()).to_string();
            if let Err(error) = queries::remember(db, account_id, list.key(), value).await {
                tracing::warn!(account.id = account_id, %error, "The last filter of a list could not be remembered.");
            }
            written = Some(query);
        }
    }
}
