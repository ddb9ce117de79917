//! A running application with an empty database of its own, a clock that stands still in mid-season, and words to build
//! a small university with.

#![allow(dead_code, reason = "words for every story; not every story uses all of them")]

mod database;
mod documented;
mod fixture;
mod smtp;

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use chrono::{DateTime, Utc};
use qihang::app::{App, service};
use qihang::config::Config;
use qihang_db::entity::{audit_event, student};
use qihang_db::session::DbSessions;
use qihang_db::{Clock, Db, Role, records};
use sea_orm::QueryOrder;
use secrecy::ExposeSecret;
use tower::ServiceExt;
use tower_sessions::Session;

pub use documented::{UPDATE_DOCS, documented};
pub use fixture::{Fixture, identity_number};
pub use smtp::MailServer;

/// The password of every account in the tests.
pub const PASSWORD: &str = "竹外桃花三两枝春江水暖";

/// Ten in the morning of 10 September 2026 in Shanghai: the roster of the class of 2027 is due in five days.
pub const MID_SEASON: &str = "2026-09-10T02:00:00Z";

pub struct TestApp {
    pub app: App,
    pub clock: Clock,
    router: Router,
    _database: database::Scratch,
    _files: tempfile::TempDir,
}

impl TestApp {
    /// An application in mid-season, without any data.
    pub async fn start() -> Self {
        Self::start_at(MID_SEASON).await
    }

    /// An application whose clock stands still at this instant.
    pub async fn start_at(instant: &str) -> Self {
        Self::start_with(instant, |_| {}).await
    }

    /// An application with other settings.
    pub async fn start_with(instant: &str, change: impl FnOnce(&mut Config)) -> Self {
        let clock = Clock::still(instant.parse::<DateTime<Utc>>().expect("an instant"));
        let database = database::Scratch::create().await;
        let db = Db::open(&database.url, clock.clone())
            .await
            .expect("the scratch database opens");
        let files = tempfile::tempdir().expect("a folder for files");
        let mut config = Config {
            data_dir: files.path().to_owned(),
            database_url: database.url.clone().into(),
            ..Config::default()
        };
        change(&mut config);
        let app = App::new(db, config);
        Self {
            router: service(app.clone()),
            app,
            clock,
            _database: database,
            _files: files,
        }
    }

    pub fn db(&self) -> &Db {
        &self.app.db
    }

    /// Where the database of the test is.
    pub fn database_url(&self) -> &str {
        self.app.config.database_url.expose_secret()
    }

    /// Words to build a small university with.
    pub fn fixture(&self) -> Fixture<'_> {
        Fixture::new(self)
    }

    /// Somebody who has not signed in.
    pub fn visitor(&self) -> Browser {
        Browser {
            router: self.router.clone(),
            cookie: Arc::default(),
            address: "192.0.2.1".into(),
        }
    }

    /// A member of staff with one role, signed in.
    pub async fn signed_in(&self, role: Role, college_code: Option<&str>) -> Browser {
        let login = format!("{}-{}", role.code(), college_code.unwrap_or("all").to_lowercase());
        self.fixture().account(&login, role, college_code).await;
        let browser = self.visitor();
        browser.sign_in(&login, PASSWORD).await.assert_status(303);
        browser
    }

    /// The student with this 学号, signed in.
    pub async fn student(&self, student: &student::Model) -> Browser {
        let browser = self.visitor();
        browser.begin_student_session(&self.app, student.id).await;
        browser
    }

    /// The codes of all audit events, oldest first.
    pub async fn audit_actions(&self) -> Vec<String> {
        let events = records::<audit_event::Entity>()
            .order_by_asc(audit_event::Column::Id)
            .all(self.db().reader())
            .await
            .expect("the audit log can be read");
        events.into_iter().map(|event| event.action).collect()
    }
}

/// A second server over the database of a [`TestApp`].
pub struct Beside(Router);

impl Beside {
    /// A server with its own memory; `server` is over the database of a [`TestApp`].
    pub fn new(server: App) -> Self {
        Self(service(server))
    }

    /// The same browser, with its cookie, asking this server.
    pub fn as_seen_by(&self, browser: &Browser) -> Browser {
        Browser {
            router: self.0.clone(),
            ..browser.clone()
        }
    }
}

/// A browser: keeps its cookie, sends what a browser sends.
#[derive(Clone)]
pub struct Browser {
    router: Router,
    cookie: Arc<std::sync::Mutex<Option<String>>>,
    address: String,
}

impl Browser {
    pub async fn sign_in(&self, login: &str, password: &str) -> Reply {
        self.post("/sign-in/staff", &[("login", login), ("password", password)])
            .await
    }

    /// Signs in as the single sign-on does once it knows who it is.
    async fn begin_student_session(&self, app: &App, student_id: i64) {
        let store = Arc::new(DbSessions::new(app.db.clone()));
        let session = Session::new(None, store, None);
        qihang::auth::begin_student_session(app, &session, student_id, self.address.clone())
            .await
            .expect("the session begins");
        session.save().await.expect("the session is kept");
        let id = session.id().expect("a kept session has an id");
        *self.cookie.lock().expect("not poisoned") = Some(format!("qihang={id}"));
    }

    pub async fn get(&self, address: &str) -> Reply {
        self.send(Request::get(address).body(Body::empty()).expect("a request"))
            .await
    }

    pub async fn post(&self, address: &str, form: &[(&str, &str)]) -> Reply {
        let body = serde_html_form::to_string(form).expect("a form");
        let request = Request::post(address)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header("sec-fetch-site", "same-origin")
            .body(Body::from(body))
            .expect("a request");
        self.send(request).await
    }

    /// Uploads a file beside ordinary fields.
    pub async fn upload(&self, address: &str, fields: &[(&str, &str)], file: (&str, &str, &[u8])) -> Reply {
        const BOUNDARY: &str = "----qihang-test-boundary";
        let mut body = Vec::new();
        for (name, value) in fields {
            body.extend(
                format!("--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
                    .bytes(),
            );
        }
        let (name, file_name, content) = file;
        let disposition = format!("form-data; name=\"{name}\"; filename=\"{file_name}\"");
        body.extend(format!("--{BOUNDARY}\r\nContent-Disposition: {disposition}\r\nContent-Type: application/octet-stream\r\n\r\n").bytes());
        body.extend(content);
        body.extend(format!("\r\n--{BOUNDARY}--\r\n").bytes());
        let request = Request::post(address)
            .header(
                header::CONTENT_TYPE,
                format!("multipart/form-data; boundary={BOUNDARY}"),
            )
            .header("sec-fetch-site", "same-origin")
            .body(Body::from(body))
            .expect("a request");
        self.send(request).await
    }

    pub async fn send(&self, mut request: Request<Body>) -> Reply {
        let address: std::net::SocketAddr = format!("{}:40000", self.address).parse().expect("an address");
        request
            .extensions_mut()
            .insert(axum::extract::ConnectInfo(address));
        if let Some(cookie) = self.cookie.lock().expect("not poisoned").as_ref() {
            request
                .headers_mut()
                .insert(header::COOKIE, cookie.parse().expect("a cookie"));
        }
        let response = self
            .router
            .clone()
            .oneshot(request)
            .await
            .expect("the service cannot fail");
        for value in response.headers().get_all(header::SET_COOKIE) {
            let pair = value
                .to_str()
                .expect("text")
                .split(';')
                .next()
                .unwrap_or_default()
                .to_owned();
            *self.cookie.lock().expect("not poisoned") = Some(pair);
        }
        let (parts, body) = response.into_parts();
        let bytes = axum::body::to_bytes(body, usize::MAX)
            .await
            .expect("the whole body")
            .to_vec();
        Reply {
            status: parts.status,
            headers: parts.headers,
            bytes,
        }
    }
}

/// What came back.
#[derive(Debug)]
pub struct Reply {
    pub status: StatusCode,
    pub headers: axum::http::HeaderMap,
    pub bytes: Vec<u8>,
}

impl Reply {
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes).into_owned()
    }

    /// The address that a redirect leads to.
    pub fn location(&self) -> String {
        self.headers
            .get(header::LOCATION)
            .map(|value| value.to_str().expect("text").to_owned())
            .unwrap_or_default()
    }

    #[track_caller]
    pub fn assert_status(&self, status: u16) -> &Self {
        assert_eq!(self.status.as_u16(), status, "{}", self.text());
        self
    }

    #[track_caller]
    pub fn assert_says(&self, words: &str) -> &Self {
        assert!(
            self.text().contains(words),
            "the page does not say “{words}”:\n{}",
            self.text()
        );
        self
    }

    #[track_caller]
    pub fn assert_does_not_say(&self, words: &str) -> &Self {
        assert!(
            !self.text().contains(words),
            "the page says “{words}”:\n{}",
            self.text()
        );
        self
    }
}
