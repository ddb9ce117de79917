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
    /// Hands the letters of a sending of reminders to the mail server (R23).
    MailReminder {
        /// The sending.
        reminder_id: i64,
    },
    /// Writes rows of the roster into a file (R10).
    ExportRoster {
        /// What was ordered.
        order_id: i64,
    },
    /// Prints recommendation forms into one file (R28).
    PrintForms {
        /// What was ordered.
        order_id: i64,
    },
}

impl Work {
    /// Codes of all kinds. A server leaves jobs alone that a newer one has asked for.
    pub const KINDS: &'static [&'static str] = &[
        "read_import",
        "commit_import",
        "mail_reminder",
        "export_roster",
        "print_forms",
    ];

    /// The code of the kind, as in the JSON.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::ReadImport { .. } => "read_import",
            Self::CommitImport { .. } => "commit_import",
            Self::MailReminder { .. } => "mail_reminder",
            Self::ExportRoster { .. } => "export_roster",
            Self::PrintForms { .. } => "print_forms",
        }
    }

    /// The name on screen.
    pub const fn label(&self) -> &'static str {
        match self {
            Self::ReadImport { .. } => "读取导入文件",
            Self::CommitImport { .. } => "执行导入",
            Self::MailReminder { .. } => "发送提醒邮件",
            Self::ExportRoster { .. } => "导出生源信息",
            Self::PrintForms { .. } => "打印推荐表",
        }
    }

    /// What it works on, as a path. Two open jobs never have the same.
    pub fn subject(&self) -> String {
        match self {
            Self::ReadImport { batch_id } | Self::CommitImport { batch_id, .. } => import(*batch_id),
            Self::MailReminder { reminder_id } => format!("reminder/{reminder_id}"),
            Self::ExportRoster { order_id } => format!("export/{order_id}"),
            Self::PrintForms { order_id } => format!("recommendation_print/{order_id}"),
        }
    }

    /// What somebody has to be allowed to see its result.
    pub const fn needs(&self) -> Action {
        match self {
            Self::ReadImport { .. } | Self::CommitImport { .. } => Action::ManageExchange,
            Self::MailReminder { .. } => Action::ViewActivation,
            Self::ExportRoster { .. } => Action::ExportRoster,
            Self::PrintForms { .. } => Action::ViewRecommendations,
        }
    }

    /// What its owner is told after cancelling it.
    pub const fn cancelled(&self) -> &'static str {
        match self {
            Self::ReadImport { .. } | Self::CommitImport { .. } => "已取消，没有写入任何数据。",
            Self::MailReminder { .. } => "已取消，还没有发出的邮件不再发送；站内消息已经送达。",
            Self::ExportRoster { .. } => "已取消，没有导出任何数据。",
            Self::PrintForms { .. } => "已取消，没有打印。",
        }
    }

    /// Where its result is to be seen; `None` where that is a file, which the job's own page offers.
    pub fn page(&self) -> Option<String> {
        match self {
            Self::ReadImport { batch_id } | Self::CommitImport { batch_id, .. } => {
                Some(format!("/manage/imports/{batch_id}"))
            }
            Self::MailReminder { reminder_id } => Some(format!("/manage/activation/reminders/{reminder_id}")),
            Self::ExportRoster { .. } | Self::PrintForms { .. } => None,
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
            Work::MailReminder { reminder_id: 1 },
            Work::ExportRoster { order_id: 1 },
            Work::PrintForms { order_id: 1 },
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
