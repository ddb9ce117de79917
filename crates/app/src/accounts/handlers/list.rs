//! The list of accounts, and a new one.

use std::collections::BTreeMap;

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use qihang_db::Role;
use qihang_db::entity::{account, college};
use serde::{Deserialize, Serialize};

use super::super::queries::{self, Filter, GivenRole, Status};
use super::super::rules::{self, AccountError, NewAccount};
use super::{HERE, mistake};
use crate::app::{App, MISTAKES};
use crate::auth::{Can, Staff, policy};
use crate::home;
use crate::school;
use crate::web::{AppError, Form, PageLinks, Query, Shell, Step, html, html_with, instant_text};

/// The search form, as it stands in the address.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub(in crate::accounts) struct Search {
    #[serde(default, skip_serializing_if = "String::is_empty")]
    q: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    role: String,
    /// Code of the 院.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    college: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    status: String,
    // Not flattened: behind a flattened field the parser no longer knows that `last` is a number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    after: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    before: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    last: Option<u8>,
}

impl Search {
    /// Reads the form; what is not known is refused, never read as "all".
    fn filter(&self, colleges: &[college::Model]) -> Result<Filter, AppError> {
        let unknown = |what: &str| AppError::BadRequest(format!("查询条件“{what}”无法识别。"));
        let role = match self.role.as_str() {
            "" => None,
            code => Some(Role::from_code(code).ok_or_else(|| unknown("角色"))?),
        };
        let college_id = match self.college.as_str() {
            "" => None,
            code => {
                let found = colleges.iter().find(|college| college.code == code);
                Some(found.ok_or_else(|| unknown("院系"))?.id)
            }
        };
        let status = match self.status.as_str() {
            "" => Status::All,
            "current" => Status::Current,
            "ended" => Status::Ended,
            _ => return Err(unknown("状态")),
        };
        Ok(Filter {
            words: self.q.trim().to_owned(),
            role,
            college_id,
            status,
        })
    }

    fn step(&self) -> Step {
        Step {
            after: self.after.clone(),
            before: self.before.clone(),
            last: self.last,
        }
    }

    /// The address of another page of the same search.
    fn link(&self, step: &Step) -> String {
        let step = step.clone();
        let there = Self {
            after: step.after,
            before: step.before,
            last: step.last,
            ..self.clone()
        };
        let query = serde_html_form::to_string(&there).unwrap_or_default();
        format!("{HERE}?{query}")
    }
}

struct AccountRow {
    id: i64,
    login: String,
    name: String,
    roles: Vec<String>,
    is_disabled: bool,
    is_locked: bool,
    must_change_password: bool,
    last_sign_in: Option<String>,
}

#[derive(Template)]
#[template(path = "accounts/index.html")]
struct IndexPage {
    shell: Shell,
    search: Search,
    colleges: Vec<college::Model>,
    rows: Vec<AccountRow>,
    total: u64,
    links: PageLinks,
}

pub(in crate::accounts) async fn index(
    State(app): State<App>,
    _can: Can<policy::ManageAccounts>,
    staff: Staff,
    Query(search): Query<Search>,
) -> Result<Response, AppError> {
    let reader = app.db.reader();
    let colleges = school::queries::colleges(reader).await?;
    let filter = search.filter(&colleges)?;
    let today = app.db.clock().today();
    let step = search.step();
    let (mut accounts, total) = queries::list(reader, &filter, today, &step).await?;
    let links = PageLinks::cut(
        &mut accounts,
        queries::PAGE_SIZE,
        &step,
        |account| account.login.clone(),
        |step| search.link(step),
    );
    let rows = rows(&app, accounts).await?;
    html(&IndexPage {
        shell: home::shell(&app, &staff, HERE).await?,
        search,
        colleges,
        rows,
        total,
        links,
    })
}

async fn rows(app: &App, accounts: Vec<account::Model>) -> Result<Vec<AccountRow>, AppError> {
    let ids: Vec<i64> = accounts.iter().map(|account| account.id).collect();
    let logins: Vec<String> = accounts.iter().map(|account| account.login.clone()).collect();
    let today = app.db.clock().today();
    let now = app.db.clock().now();
    let mut roles = BTreeMap::<i64, Vec<String>>::new();
    for given in queries::roles(app.db.reader(), &ids)
        .await?
        .iter()
        .filter(|given| given.holds_on(today))
    {
        roles
            .entry(given.account_id)
            .or_default()
            .push(GivenRole::label(given));
    }
    let last = queries::last_sign_ins(app.db.reader(), &logins).await?;
    let row = |account: account::Model| AccountRow {
        roles: roles.remove(&account.id).unwrap_or_default(),
        last_sign_in: last.get(&account.login).copied().map(instant_text),
        is_disabled: account.disabled_at.is_some(),
        is_locked: account.locked_until.is_some_and(|until| until > now),
        must_change_password: account.must_change_password,
        id: account.id,
        login: account.login,
        name: account.name,
    };
    Ok(accounts.into_iter().map(row).collect())
}

/// The form of a new account.
#[derive(Clone, Debug, Default, Deserialize)]
pub(in crate::accounts) struct NewForm {
    login: String,
    name: String,
    role: String,
    #[serde(default)]
    college: String,
}

/// What is wrong with it.
#[derive(Default)]
struct NewMistakes {
    login: Option<String>,
    name: Option<String>,
    role: Option<String>,
    college: Option<String>,
}

#[derive(Template)]
#[template(path = "accounts/new.html")]
struct NewPage {
    shell: Shell,
    colleges: Vec<college::Model>,
    form: NewForm,
    mistakes: NewMistakes,
}

async fn new_page(
    app: &App,
    staff: &Staff,
    status: StatusCode,
    form: NewForm,
    mistakes: NewMistakes,
) -> Result<Response, AppError> {
    let page = NewPage {
        shell: home::shell(app, staff, HERE).await?,
        colleges: school::queries::colleges(app.db.reader()).await?,
        form,
        mistakes,
    };
    html_with(status, &page)
}

pub(in crate::accounts) async fn new(
    State(app): State<App>,
    _can: Can<policy::ManageAccounts>,
    staff: Staff,
) -> Result<Response, AppError> {
    new_page(
        &app,
        &staff,
        StatusCode::OK,
        NewForm::default(),
        NewMistakes::default(),
    )
    .await
}

/// The one time that a one-time password is on screen.
#[derive(Template)]
#[template(path = "accounts/password.html")]
pub(super) struct PasswordPage {
    pub(super) shell: Shell,
    pub(super) account_id: i64,
    pub(super) login: String,
    pub(super) name: String,
    pub(super) password: String,
    pub(super) is_new: bool,
}

pub(in crate::accounts) async fn create(
    State(app): State<App>,
    can: Can<policy::ManageAccounts>,
    staff: Staff,
    Form(form): Form<NewForm>,
) -> Result<Response, AppError> {
    let mut mistakes = NewMistakes::default();
    let Some(role) = Role::from_code(&form.role) else {
        mistakes.role = Some("请选择角色。".into());
        return new_page(&app, &staff, MISTAKES, form, mistakes).await;
    };
    let new = NewAccount {
        login: form.login.clone(),
        name: form.name.clone(),
        role,
        college_code: Some(form.college.clone()),
        password: None,
    };
    match rules::create(&app.db, &can, new).await {
        // Shown in the answer itself: a password is never kept anywhere in the clear, not even until the next page.
        Ok(created) => html(&PasswordPage {
            shell: home::shell(&app, &staff, HERE).await?,
            account_id: created.account_id,
            login: created.login,
            name: form.name,
            password: created.one_time_password.unwrap_or_default(),
            is_new: true,
        }),
        Err(error) => {
            let field = match &error {
                AccountError::BadName => &mut mistakes.name,
                AccountError::CollegeMismatch => &mut mistakes.college,
                _ => &mut mistakes.login,
            };
            *field = Some(mistake(error)?);
            new_page(&app, &staff, MISTAKES, form, mistakes).await
        }
    }
}
