//! The audit log in the browser.

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use chrono::{Datelike, Days, NaiveDate};
use qihang_db::entity::audit_event;
use qihang_db::{Action, Clock};
use serde::{Deserialize, Serialize};

use super::model::{Fact, facts};
use super::queries::{self, Filter, Position};
use crate::app::App;
use crate::auth::{Can, Staff, policy};
use crate::home;
use crate::web::{AppError, PageLinks, Query, Shell, Step, html, instant_text};

const HERE: &str = "/manage/audit";

/// The search form, as it stands in the address.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub(super) struct Search {
    #[serde(default, skip_serializing_if = "String::is_empty")]
    from: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    to: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    actor: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    action: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    subject: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    after: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    before: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    last: Option<u8>,
}

fn day(text: &str) -> Result<Option<NaiveDate>, AppError> {
    match text.trim() {
        "" => Ok(None),
        text => text
            .parse::<NaiveDate>()
            .ok()
            .filter(|day| (1950..=2200).contains(&day.year()))
            .map(Some)
            .ok_or_else(|| AppError::BadRequest("日期应形如 2026-09-15。".into())),
    }
}

impl Search {
    fn filter(&self) -> Result<Filter, AppError> {
        let words = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
        let action = match self.action.as_str() {
            "" => None,
            code => Some(
                Action::from_code(code)
                    .ok_or_else(|| AppError::BadRequest("查询条件“操作”无法识别。".into()))?,
            ),
        };
        Ok(Filter {
            // A day begins when the one before it ends, in Asia/Shanghai.
            from: day(&self.from)?.map(|day| Clock::end_of(day - Days::new(1))),
            before: day(&self.to)?.map(Clock::end_of),
            actor: words(&self.actor).map(|login| login.to_lowercase()),
            action,
            subject: words(&self.subject),
        })
    }

    fn step(&self) -> Step {
        Step {
            after: self.after.map(|id| id.to_string()),
            before: self.before.map(|id| id.to_string()),
            last: self.last,
        }
    }

    fn link(&self, step: &Step) -> String {
        let id = |text: &Option<String>| text.as_deref().and_then(|text| text.parse().ok());
        let there = Self {
            after: id(&step.after),
            before: id(&step.before),
            last: step.last,
            ..self.clone()
        };
        let query = serde_html_form::to_string(&there).unwrap_or_default();
        format!("{HERE}?{query}")
    }
}

struct EventRow {
    id: i64,
    at: String,
    actor: String,
    address: Option<String>,
    action: String,
    subject: String,
    before: Vec<Fact>,
    after: Vec<Fact>,
    is_sealed: bool,
}

impl EventRow {
    fn of(event: audit_event::Model) -> Self {
        Self {
            id: event.id,
            at: instant_text(event.occurred_at),
            action: Action::from_code(&event.action)
                .map_or_else(|| event.action.clone(), |action| action.label().to_owned()),
            before: facts(event.before.as_deref()),
            after: facts(event.after.as_deref()),
            is_sealed: event.seal_id.is_some(),
            actor: event.actor,
            address: event.address,
            subject: event.subject,
        }
    }
}

/// How the chain stands.
struct ChainState {
    last: Option<(i64, String, String)>,
    unsealed: u64,
}

#[derive(Template)]
#[template(path = "audit/index.html")]
struct IndexPage {
    shell: Shell,
    search: Search,
    chain: ChainState,
    rows: Vec<EventRow>,
    links: PageLinks,
}

pub(super) async fn index(
    State(app): State<App>,
    _can: Can<policy::ViewAudit>,
    staff: Staff,
    Query(search): Query<Search>,
) -> Result<Response, AppError> {
    let reader = app.db.reader();
    let (filter, step) = (search.filter()?, search.step());
    let position = Position {
        after: search.after,
        before: search.before,
    };
    let mut events = queries::events(reader, &filter, &step, position).await?;
    let links = PageLinks::cut(
        &mut events,
        queries::PAGE_SIZE,
        &step,
        |event| event.id.to_string(),
        |step| search.link(step),
    );
    let last = queries::last_seal(reader).await?;
    html(&IndexPage {
        shell: home::shell(&app, &staff, HERE).await?,
        chain: ChainState {
            last: last.map(|seal| (seal.id, instant_text(seal.sealed_at), seal.digest)),
            unsealed: queries::unsealed(reader).await?,
        },
        search,
        rows: events.into_iter().map(EventRow::of).collect(),
        links,
    })
}
