//! The one place that knows status codes for mistakes. The person gets a Chinese page that says what, where and what to do;
//! the log gets the cause once, with the id that the page shows.

use std::any::Any;
use std::fmt::Display;
use std::sync::Arc;

use askama::Template;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::middleware::Next;
use axum::response::{Html, IntoResponse, Redirect, Response};
use sea_orm::DbErr;
use serde::{Deserialize, Serialize};

use super::is_fragment;
use crate::app::App;

/// Where somebody has to sign in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Door {
    /// 学生登录.
    Student,
    /// 教师登录.
    Staff,
}

impl Door {
    /// Its page.
    pub const fn address(self) -> &'static str {
        match self {
            Self::Student => "/sign-in/student",
            Self::Staff => "/sign-in/staff",
        }
    }
}

/// What a handler answers when there is no page to show.
#[derive(Debug, thiserror::Error)]
pub enum AppError {
    /// Nobody is signed in who could be let in here.
    #[error("sign-in is needed")]
    SignInNeeded(Door),
    /// A program has not shown the token that it needs.
    #[error("a token is needed")]
    TokenNeeded,
    /// The password has to be changed first.
    #[error("the password has to be changed first")]
    PasswordChangeNeeded,
    /// You may be here, but not do this.
    #[error("forbidden")]
    Forbidden,
    /// There is no such thing, or not for you.
    #[error("not found")]
    NotFound,
    /// The address or the form cannot be understood. The text is for the person.
    #[error("bad request: {0}")]
    BadRequest(String),
    /// Understood, but the state of things forbids it. The text is for the person.
    #[error("conflict: {0}")]
    Conflict(String),
    /// A step has to be done before this one (R21a): why not, who can change it, and where. All for the person.
    #[error("a step is missing before {step}")]
    StepMissing {
        /// What was to be done.
        step: &'static str,
        /// Why not, as a sentence.
        reason: &'static str,
        /// Who can change it.
        who: &'static str,
        /// The words of the link.
        action: &'static str,
        /// Where it is changed.
        href: &'static str,
    },
    /// More than is allowed.
    #[error("too many requests")]
    TooMany {
        /// Seconds after which it may be tried again.
        retry_after: u64,
    },
    /// A file or form is larger than allowed. The text is for the person.
    #[error("too large: {0}")]
    TooLarge(String),
    /// Our own fault.
    #[error("internal: {0}")]
    Internal(Arc<str>),
}

impl AppError {
    /// Our own fault, with its cause for the log.
    pub fn internal(cause: impl Display) -> Self {
        Self::Internal(cause.to_string().into())
    }

    fn status(&self) -> StatusCode {
        match self {
            Self::SignInNeeded(_) | Self::TokenNeeded => StatusCode::UNAUTHORIZED,
            Self::PasswordChangeNeeded | Self::Forbidden | Self::StepMissing { .. } => StatusCode::FORBIDDEN,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::BadRequest(_) => StatusCode::BAD_REQUEST,
            Self::Conflict(_) => StatusCode::CONFLICT,
            Self::TooMany { .. } => StatusCode::TOO_MANY_REQUESTS,
            Self::TooLarge(_) => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Internal(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// Title, text and hint on the page.
    fn words(&self) -> (&'static str, String, String) {
        match self {
            Self::SignInNeeded(_) => (
                "请先登录",
                "登录后才能查看此页面。".into(),
                "登录后会自动回到这里。".into(),
            ),
            Self::TokenNeeded => (
                "需要令牌",
                "此接口只供数据交换平台使用，须在请求头中出示令牌。".into(),
                "Authorization: Bearer …；令牌由系统管理员在服务器上设置。".into(),
            ),
            Self::PasswordChangeNeeded => (
                "请先修改密码",
                "首次登录须先设置自己的密码。".into(),
                "请到“修改密码”页面设置后继续。".into(),
            ),
            Self::Forbidden => (
                "没有权限",
                "您的角色不能进行此操作。".into(),
                "如工作需要，请联系系统管理员调整角色。".into(),
            ),
            Self::NotFound => (
                "没有找到",
                "此页面或记录不存在，或不在您的管理范围内。".into(),
                "请检查地址是否完整，或从菜单重新进入。".into(),
            ),
            Self::BadRequest(text) => ("无法识别的请求", text.clone(), "请返回上一页检查后重试。".into()),
            Self::Conflict(text) => (
                "情况已变，未处理",
                text.clone(),
                "请返回上一页查看最新情况。".into(),
            ),
            Self::StepMissing {
                step, reason, who, ..
            } => (
                "还不能办理",
                format!("{step}：{reason}"),
                format!("可以处理的人：{who}。"),
            ),
            Self::TooMany { retry_after } => (
                "操作过于频繁",
                format!("请在 {} 分钟后再试。", retry_after.div_ceil(60)),
                "如忘记密码，请联系系统管理员重置。".into(),
            ),
            Self::TooLarge(text) => ("内容过大", text.clone(), "请拆分后重试。".into()),
            Self::Internal(_) => (
                "系统出现问题",
                "您的操作没有完成，也没有写入任何数据。".into(),
                "请稍后重试；如仍不成功，请把下面的编号告诉系统管理员。".into(),
            ),
        }
    }
}

impl From<DbErr> for AppError {
    fn from(error: DbErr) -> Self {
        Self::internal(error)
    }
}

impl From<tower_sessions::session::Error> for AppError {
    fn from(error: tower_sessions::session::Error) -> Self {
        Self::internal(error)
    }
}

#[derive(Clone)]
struct Refused(Arc<AppError>);

impl IntoResponse for AppError {
    /// Only the status; [`render_errors`] makes the page, because it knows the request.
    fn into_response(self) -> Response {
        let mut response = self.status().into_response();
        if let Self::TooMany { retry_after } = self {
            response
                .headers_mut()
                .insert(header::RETRY_AFTER, retry_after.into());
        }
        if let Self::TokenNeeded = self {
            let scheme = axum::http::HeaderValue::from_static("Bearer");
            response.headers_mut().insert(header::WWW_AUTHENTICATE, scheme);
        }
        response.extensions_mut().insert(Refused(Arc::new(self)));
        response
    }
}

#[derive(Template)]
#[template(path = "ui/error.html")]
struct ErrorPage {
    /// `None` where nothing went wrong: a step is missing, and the page says which.
    status: Option<u16>,
    title: String,
    message: String,
    hint: String,
    request_id: Option<String>,
    /// Where to go next: words and address.
    way: Option<(&'static str, &'static str)>,
}

/// What stands in the place that htmx wanted to fill.
#[derive(Template)]
#[template(path = "ui/error_fragment.html")]
struct ErrorFragment {
    title: &'static str,
    message: String,
}

/// Turns a refusal into the page, or JSON, that fits the request, and logs what is our own fault.
pub async fn render_errors(State(_app): State<App>, request: Request, next: Next) -> Response {
    let header_text = |headers: &HeaderMap, name: &str| {
        headers
            .get(name)
            .and_then(|value| value.to_str().ok())
            .map(str::to_owned)
    };
    let request_id = header_text(request.headers(), "x-request-id");
    let accepts = header_text(request.headers(), "accept").unwrap_or_default();
    let reads = request.method().is_safe();
    let wants_fragment = is_fragment(request.headers());
    let address = request
        .uri()
        .path_and_query()
        .map(ToString::to_string)
        .unwrap_or_default();
    let path = request.uri().path().to_owned();

    let response = next.run(request).await;
    let Some(Refused(error)) = response.extensions().get::<Refused>().cloned() else {
        return response;
    };

    if let AppError::Internal(cause) = &*error {
        tracing::error!(request.id = request_id, request.path = path, cause = %cause, "A request failed.");
    }
    let wants_json =
        path.starts_with("/api/") || (accepts.contains("application/json") && !accepts.contains("text/html"));
    match &*error {
        AppError::SignInNeeded(door) if reads && !wants_json && !wants_fragment => {
            let query = serde_html_form::to_string([("next", address)]).unwrap_or_default();
            return Redirect::to(&format!("{}?{query}", door.address())).into_response();
        }
        AppError::PasswordChangeNeeded if reads && !wants_json => {
            return Redirect::to("/manage/account").into_response();
        }
        _ => {}
    }
    let (title, message, hint) = error.words();
    let body = if wants_json {
        let body =
            serde_json::json!({"title": title, "detail": message, "hint": hint, "request_id": request_id});
        (
            [(header::CONTENT_TYPE, "application/problem+json")],
            body.to_string(),
        )
            .into_response()
    } else if wants_fragment {
        let fragment = ErrorFragment { title, message };
        fragment
            .render()
            .map_or_else(|_| title.into_response(), |text| Html(text).into_response())
    } else {
        let way = match &*error {
            AppError::SignInNeeded(door) => Some(("返回", door.address())),
            AppError::StepMissing { action, href, .. } => Some((*action, *href)),
            _ => None,
        };
        let page = ErrorPage {
            status: (!matches!(&*error, AppError::StepMissing { .. })).then_some(response.status().as_u16()),
            title: title.to_owned(),
            message,
            hint,
            request_id: matches!(&*error, AppError::Internal(_))
                .then_some(request_id)
                .flatten(),
            way,
        };
        match page.render() {
            Ok(page) => Html(page).into_response(),
            Err(_) => title.into_response(),
        }
    };
    let (mut parts, _) = response.into_parts();
    let (body_parts, body) = body.into_parts();
    parts.headers.remove(header::CONTENT_LENGTH);
    parts.headers.extend(body_parts.headers);
    Response::from_parts(parts, body)
}

/// No route has this address.
pub async fn not_found() -> AppError {
    AppError::NotFound
}

/// The address exists, but not for this method.
pub async fn method_not_allowed() -> Response {
    let mut response = AppError::BadRequest("此地址不接受这种请求方式。".into()).into_response();
    *response.status_mut() = StatusCode::METHOD_NOT_ALLOWED;
    response
}

/// A handler panicked: a defect of ours, answered like any other internal error.
#[expect(
    clippy::needless_pass_by_value,
    reason = "the signature that the layer asks for"
)]
pub fn panicked(panic: Box<dyn Any + Send + 'static>) -> Response {
    let text = panic
        .downcast_ref::<String>()
        .map(String::as_str)
        .or_else(|| panic.downcast_ref::<&str>().copied())
        .unwrap_or("a panic without a message");
    AppError::internal(format!("panic: {text}")).into_response()
}
