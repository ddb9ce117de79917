//! What the pages of reminders show: display values only.

use askama::Template;
use qihang_db::MailState;
use qihang_db::entity::{message, reminder, student};

use super::model::{LONGEST_BODY, LONGEST_TITLE, WordingMistakes};
use super::queries::{Numbers, Which};
use super::rules::Prospect;
use crate::roster::list::columns::Names;
use crate::web::{PageLinks, Shell, instant_text};

/// The question before sending, and the words to send.
#[derive(Template)]
#[template(path = "progress/reminders/question.html")]
pub(super) struct QuestionPage {
    pub shell: Shell,
    pub id: i64,
    pub number: usize,
    pub prospect: Prospect,
    pub title: String,
    pub body: String,
    pub mistakes: WordingMistakes,
    pub link: String,
    /// Whether letters leave the house at all.
    pub has_server: bool,
    pub back: String,
}

impl QuestionPage {
    const LONGEST_TITLE: usize = LONGEST_TITLE;
    const LONGEST_BODY: usize = LONGEST_BODY;
}

/// A sending in the list.
pub(super) struct Sending {
    pub id: i64,
    pub title: String,
    pub at: String,
    pub by: String,
    pub numbers: Vec<Number>,
}

/// A number with the list behind it.
pub(super) struct Number {
    pub label: &'static str,
    pub count: u64,
    pub href: String,
    pub is_current: bool,
}

/// What a sending is counted by: which messages, the word for them, and whether it is said when there are none.
const COUNTED: [(Which, &str, bool); 10] = [
    (Which::All, "提醒", true),
    (Which::Read, "已读", true),
    (Which::Unread, "未读", true),
    (Which::Done, "现已完成", true),
    (Which::Mail(MailState::Sent), "邮件已发", true),
    (Which::Mail(MailState::Queued), "邮件待发", false),
    (Which::Mail(MailState::Bounced), "邮件被退回", false),
    (Which::Mail(MailState::Failed), "邮件发送失败", false),
    (Which::Mail(MailState::Withdrawn), "邮件未发", false),
    (Which::Mail(MailState::None), "无邮箱，仅站内", false),
];

impl Which {
    /// The code in addresses.
    pub(super) const fn code(self) -> &'static str {
        match self {
            Self::All => "",
            Self::Read => "read",
            Self::Unread => "unread",
            Self::Done => "done",
            Self::Mail(state) => state.code(),
        }
    }

    /// The value with this code.
    pub(super) fn from_code(code: &str) -> Option<Self> {
        COUNTED
            .iter()
            .map(|(which, _, _)| *which)
            .find(|which| which.code() == code)
    }

    fn number(self, numbers: &Numbers) -> u64 {
        match self {
            Self::All => numbers.people,
            Self::Read => numbers.read,
            Self::Unread => numbers.people - numbers.read,
            Self::Done => numbers.done,
            Self::Mail(state) => numbers.mail(state),
        }
    }
}

/// The numbers of a sending, each with its list; `current` is the list that is shown.
pub(super) fn numbers(id: i64, counted: &Numbers, current: Option<Which>) -> Vec<Number> {
    COUNTED
        .iter()
        .filter(|(which, _, always)| *always || which.number(counted) > 0 || current == Some(*which))
        .map(|(which, label, _)| Number {
            label,
            count: which.number(counted),
            href: match which.code() {
                "" => format!("{}/{id}", super::PATH),
                code => format!("{}/{id}?which={code}", super::PATH),
            },
            is_current: current == Some(*which),
        })
        .collect()
}

impl Sending {
    pub(super) fn new(sending: &reminder::Model, by: &str, numbers: Vec<Number>) -> Self {
        Self {
            id: sending.id,
            title: sending.title.clone(),
            at: instant_text(sending.sent_at),
            by: by.to_owned(),
            numbers,
        }
    }
}

/// 提醒记录.
#[derive(Template)]
#[template(path = "progress/reminders/index.html")]
pub(super) struct IndexPage {
    pub shell: Shell,
    pub year: i32,
    pub other_year: (i32, String),
    pub sendings: Vec<Sending>,
    pub links: PageLinks,
    pub has_server: bool,
}

/// A student of a sending.
pub(super) struct Line {
    pub student_no: String,
    pub name: String,
    pub major: String,
    pub class_name: String,
    /// When it was opened; empty when it was not.
    pub read_at: String,
    /// Kind and word of the badge.
    pub mail: (&'static str, &'static str),
    pub mail_to: String,
    /// The server's words.
    pub mail_error: String,
}

impl Line {
    pub(super) fn new(message: message::Model, student: student::Model, names: &Names) -> Self {
        let state = MailState::from_code(&message.mail_state).unwrap_or(MailState::None);
        let kind = match state {
            MailState::Sent => "success",
            MailState::Queued => "info",
            MailState::Bounced | MailState::Failed => "danger",
            MailState::None | MailState::Withdrawn => "muted",
        };
        Self {
            major: names.major(student.major_id).to_owned(),
            student_no: student.student_no,
            name: student.name,
            class_name: student.class_name,
            read_at: message.read_at.map(instant_text).unwrap_or_default(),
            mail: (kind, state.label()),
            mail_to: message.mail_to.unwrap_or_default(),
            mail_error: message.mail_error.unwrap_or_default(),
        }
    }
}

/// One sending.
#[derive(Template)]
#[template(path = "progress/reminders/show.html")]
pub(super) struct ShowPage {
    pub shell: Shell,
    pub sending: Sending,
    pub year: i32,
    pub paragraphs: Vec<String>,
    pub lines: Vec<Line>,
    pub links: PageLinks,
    pub has_server: bool,
}
