//! The page that says why nobody is signed in, and what to do.

use askama::Template;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use qihang_db::entity::contact_point;

use super::rules::Failure;
use crate::app::App;
use crate::notice;
use crate::web::{AppError, Door, html_with};

/// Where the sign-in can be begun anew.
pub(super) struct Retry {
    /// The door; `None` when it is not known.
    pub(super) door: Option<Door>,
    pub(super) address: String,
}

impl Retry {
    /// Nobody knows which door it was.
    pub(super) const fn unknown() -> Self {
        Self {
            door: None,
            address: String::new(),
        }
    }
}

/// A way on: its words, its address.
type Way = (&'static str, String);

/// What there is to say of a failure.
struct Words {
    title: &'static str,
    message: String,
    hint: &'static str,
    /// The first is the main one.
    ways: Vec<Way>,
}

/// The page as it is shown.
#[derive(Template)]
#[template(path = "auth/sso.html")]
struct FailurePage {
    title: &'static str,
    message: String,
    hint: &'static str,
    ways: Vec<Way>,
    /// Whom to ask.
    help: Vec<contact_point::Model>,
}

const ASK_THE_CENTRE: &str = "如仍不成功，请联系学生就业指导中心。";
const ASK_THE_IT_OFFICE: &str = "如果持续出现，请联系学校信息化部门（统一身份认证），或学生就业指导中心。";

/// The page for a failure; what is nobody's mistake is logged, without the ticket.
pub(super) async fn told(app: &App, failure: Failure, retry: &Retry) -> Result<Response, AppError> {
    let (status, words) = words(failure, retry)?;
    let page = FailurePage {
        title: words.title,
        message: words.message,
        hint: words.hint,
        ways: words.ways,
        help: notice::contacts::for_sign_in(app.db.reader(), retry.door.unwrap_or(Door::Student)).await?,
    };
    let mut response = html_with(status, &page)?;
    if status == StatusCode::SERVICE_UNAVAILABLE {
        response
            .headers_mut()
            .insert(header::RETRY_AFTER, HeaderValue::from_static("60"));
    }
    Ok(response)
}

fn words(failure: Failure, retry: &Retry) -> Result<(StatusCode, Words), AppError> {
    let again = |words| match retry.door {
        Some(_) => vec![(words, retry.address.clone())],
        None => [("学生登录", Door::Student), ("教师登录", Door::Staff)]
            .map(|(words, door)| (words, door.address().to_owned()))
            .into(),
    };
    let told = match failure {
        Failure::App(error) => return Err(error),
        Failure::NotBegun => (
            StatusCode::BAD_REQUEST,
            Words {
                title: "请重新登录",
                message: "这次登录不是从本页开始的，或者已经超过 20 分钟。".into(),
                hint: "请从下面重新登录，并允许浏览器使用 Cookie。",
                ways: again("重新登录"),
            },
        ),
        Failure::TurnedBack => (
            StatusCode::BAD_REQUEST,
            Words {
                title: "没有登录",
                message: "统一身份认证没有完成，您还没有登录。".into(),
                hint: ASK_THE_CENTRE,
                ways: again("重新登录"),
            },
        ),
        Failure::Invalid(error) => {
            tracing::warn!(error, "The single sign-on does not accept a ticket.");
            (StatusCode::BAD_REQUEST, spent(again("重新登录")))
        }
        Failure::Used => (StatusCode::CONFLICT, spent(again("重新登录"))),
        Failure::Unavailable(error) => {
            tracing::error!(error, "The single sign-on is not available.");
            unavailable(again("重试"), retry.door)
        }
        Failure::NotRegistered(error) => {
            tracing::error!(error, "The single sign-on refuses this system; see docs/sso.md.");
            unavailable(again("重试"), retry.door)
        }
        Failure::Nameless(attribute) => {
            tracing::error!(
                attribute,
                "The single sign-on does not say who it is; see docs/sso.md."
            );
            (
                StatusCode::FORBIDDEN,
                Words {
                    title: "无法确认您的学号或工号",
                    message: "统一身份认证通过了，但没有告诉本系统您的学号或工号。".into(),
                    hint: "请联系学校信息化部门，说明统一身份认证没有向就业系统提供学号或工号。",
                    ways: again("重试"),
                },
            )
        }
        Failure::Unknown {
            number,
            other_door,
            sign_out,
        } => {
            let mut ways = if other_door {
                other_doors(retry.door)
            } else {
                Vec::new()
            };
            ways.extend(sign_out.map(|address| ("换一个账号登录", address.to_string())));
            (
                StatusCode::FORBIDDEN,
                unknown(&number, retry.door, other_door, ways),
            )
        }
        Failure::Several => (
            StatusCode::FORBIDDEN,
            Words {
                title: "您有多个学号",
                message: "统一身份认证给出了您的多个学号，本系统中有不止一个，无法确定是哪一个。".into(),
                hint: "请联系学生就业指导中心。",
                ways: Vec::new(),
            },
        ),
        Failure::NoRole => (
            StatusCode::FORBIDDEN,
            Words {
                title: "账号没有生效的角色",
                message: "统一身份认证通过了，但您的账号已停用，或今天没有生效的角色。".into(),
                hint: "请联系系统管理员。",
                ways: Vec::new(),
            },
        ),
    };
    Ok(told)
}

fn spent(ways: Vec<Way>) -> Words {
    Words {
        title: "登录凭证已失效",
        message: "每个登录凭证只能用一次，而且很快过期。".into(),
        hint: ASK_THE_CENTRE,
        ways,
    }
}

/// 503: it is not the person's mistake, and a later try may succeed.
fn unavailable(mut ways: Vec<Way>, door: Option<Door>) -> (StatusCode, Words) {
    if door == Some(Door::Staff) {
        ways.push(("用本系统账号登录", Door::Staff.address().to_owned()));
    }
    let words = Words {
        title: "统一身份认证暂时不可用",
        message: "本系统正常，但学校的统一身份认证没有正确应答，现在无法登录。".into(),
        hint: ASK_THE_IT_OFFICE,
        ways,
    };
    (StatusCode::SERVICE_UNAVAILABLE, words)
}

fn other_doors(door: Option<Door>) -> Vec<Way> {
    match door {
        Some(Door::Student) => vec![("从教师登录进入", Door::Staff.address().to_owned())],
        Some(Door::Staff) => vec![("从学生登录进入", Door::Student.address().to_owned())],
        None => Vec::new(),
    }
}

fn unknown(number: &str, door: Option<Door>, other_door: bool, ways: Vec<Way>) -> Words {
    let (what, whom_to_ask) = match door {
        Some(Door::Staff) => (
            "工号",
            "账号由就业中心开通：请联系本院就业工作负责人或系统管理员。",
        ),
        Some(Door::Student) | None => (
            "学号",
            "如果这就是您的学号，请联系本院辅导员或学生就业指导中心，确认学籍数据是否已经送到。",
        ),
    };
    if other_door {
        return Words {
            title: "可能走错了入口",
            message: format!("统一身份认证通过了，但 {number} 不是{what}。"),
            hint: "请从下面的入口进入，或换一个账号登录。",
            ways,
        };
    }
    Words {
        title: "本系统中没有您的记录",
        message: format!("统一身份认证通过了，但本系统中没有{what} {number}。"),
        hint: whom_to_ask,
        ways,
    }
}
