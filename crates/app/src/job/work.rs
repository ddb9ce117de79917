//! What can be done as a job.

use serde::{Deserialize, Serialize};

use crate::auth::Action;

/// The kinds of jobs, each with what it needs to know. Kept as JSON: ids only, and fields that are added later need a
/// default, because a job may have been asked for by the version before.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Work {
    /// Reads an uploaded file as far as the preview (R13a).
    ReadImport {
        /// The import.
        batch_id: i64,
    },
    /// Writes a previewed import (R13a).
    CommitImport {
        /// The import.
        batch_id: i64,
        /// 全部成功才写入.
        all_or_nothing: bool,
        /// A large change was accepted.
        accept_large_change: bool,
    },
}

impl Work {
    /// Codes of all kinds. A server leaves jobs alone that a newer one has asked for.
    pub const KINDS: &'static [&'static str] = &["read_import", "commit_import"];

    /// The code of the kind, as in the JSON.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::ReadImport { .. } => "read_import",
            Self::CommitImport { .. } => "commit_import",
        }
    }

    /// The name on screen.
    pub const fn label(&self) -> &'static str {
        match self {
            Self::ReadImport { .. } => "读取导入文件",
            Self::CommitImport { .. } => "执行导入",
        }
    }

    /// What it works on, as a path. Two open jobs never have the same.
    pub fn subject(&self) -> String {
        match self {
            Self::ReadImport { batch_id } | Self::CommitImport { batch_id, .. } => import(*batch_id),
        }
    }

    /// What somebody has to be allowed to see its result.
    pub const fn needs(&self) -> Action {
        match self {
            Self::ReadImport { .. } | Self::CommitImport { .. } => Action::ManageExchange,
        }
    }

    /// Where its result is to be seen.
    pub fn page(&self) -> String {
        match self {
            Self::ReadImport { batch_id } | Self::CommitImport { batch_id, .. } => {
                format!("/manage/imports/{batch_id}")
            }
        }
    }
}

/// The subject of jobs about an import.
pub(crate) fn import(batch_id: i64) -> String {
    format!("import/{batch_id}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_code_of_every_kind_is_the_one_in_its_json_and_in_the_list() {
        let all = [
            Work::ReadImport { batch_id: 1 },
            Work::CommitImport {
                batch_id: 1,
                all_or_nothing: true,
                accept_large_change: false,
            },
        ];
        let kinds: Vec<&str> = all.iter().map(Work::kind).collect();
        assert_eq!(kinds, Work::KINDS);
        for work in all {
            let json = serde_json::to_value(&work).unwrap();
            assert_eq!(json["kind"], work.kind());
            assert_eq!(serde_json::from_value::<Work>(json).unwrap(), work);
        }
    }
}
