//! The pages of findings: the list, settling, 核对无遗漏, 为什么不在名单里.

use axum::extract::{RawQuery, State};
use axum::http::StatusCode;
use axum::response::Response;
use qihang_db::Scope;
use qihang_db::entity::college;
use serde::Deserialize;

use super::model::Counts;
use super::pages::{self, ExplanationPage, ListQuery, Settling, Template, YearView};
use super::queries;
use super::rules::{self, Done, FindingError};
use crate::app::{App, MISTAKES};
use crate::auth::{Action, Can, Staff, policy};
use crate::class_year::{
    self,
    model::{Chosen, choose},
};
use crate::home;
use crate::preference::List;
use crate::school;
use crate::web::{AppError, Flash, Form, Query, html, html_with, redirect};

/// The class year that a request names, as text; none named is the default of today (R3).
fn chosen(app: &App, named: Option<&str>) -> Result<Chosen, AppError> {
    let refused = || AppError::BadRequest("届别只能是当前届或上一届。".into());
    let named = match named.map(str::trim).filter(|text| !text.is_empty()) {
        None => None,
        Some(text) => Some(text.parse().map_err(|_| refused())?),
    };
    choose(named, app.db.clock().today()).ok_or_else(refused)
}

pub(super) async fn index(
    State(app): State<App>,
    can: Can<policy::ViewFindings>,
    staff: Staff,
    Query(query): Query<ListQuery>,
    RawQuery(raw): RawQuery,
) -> Result<Response, AppError> {
    if let Some(address) = last(&app, can.scope(), &staff, raw.as_deref()).await {
        return Ok(redirect(&address));
    }
    let remembered = query.remembered();
    let page = list_page(&app, can.scope(), &staff, query, Settling::default()).await?;
    // Not before: what is refused is not remembered.
    app.last_filters
        .keep(&app.db, &staff.officer, List::Findings, remembered);
    Ok(page)
}

/// Where the plain address leads: to the last filter, where there was one and it still means something.
async fn last(app: &App, scope: &Scope, staff: &Staff, asked: Option<&str>) -> Option<String> {
    let query = staff.officer.filter_to_restore(List::Findings, asked)?;
    let query = ListQuery::read(&query).ok()?;
    let chosen = chosen(app, None).ok()?;
    query.filter(chosen.year.year()).ok()?;
    narrowed(app, scope, &query).await.ok()?;
    Some(query.address())
}

/// The 院 that a question is about, with those that it may be about.
async fn narrowed(
    app: &App,
    scope: &Scope,
    query: &ListQuery,
) -> Result<(Scope, Vec<college::Model>), AppError> {
    let colleges = school::queries::colleges_in(app.db.reader(), scope).await?;
    let narrowed = match query.college.as_deref().filter(|code| !code.is_empty()) {
        None => scope.clone(),
        Some(code) => {
            let college = colleges
                .iter()
                .find(|college| college.code == code)
                .ok_or(AppError::NotFound)?;
            scope.narrow(college.id).ok_or(AppError::NotFound)?
        }
    };
    Ok((narrowed, colleges))
}

async fn list_page(
    app: &App,
    scope: &Scope,
    staff: &Staff,
    query: ListQuery,
    settling: Settling,
) -> Result<Response, AppError> {
    let chosen = chosen(app, query.class_year.as_deref())?;
    let reader = app.db.reader();
    let mut filter = query.filter(chosen.year.year())?;
    let (narrowed, colleges) = narrowed(app, scope, &query).await?;
    let by_kind = queries::group_counts(reader, &narrowed, &filter).await?;
    if !query.names_group() {
        filter.group = Counts::sum(&by_kind).first_group();
    }
    let step = query.step();
    let rows = queries::list(reader, &narrowed, &filter, &step, pages::PAGE_SIZE as u64)
        .await?
        .ok_or_else(|| AppError::BadRequest("分页位置无法识别。".into()))?;
    let sheets = match scope.only_college() {
        Some(_) => queries::college_sheets(reader, scope, filter.year).await?,
        None => Vec::new(),
    };
    let year = YearView::new(
        chosen,
        class_year::queries::find(reader, chosen.year).await?,
        app.db.clock().today(),
    );
    let mut shell = home::shell(app, staff, "/manage/findings").await?;
    shell.class_year = Some(year.label());
    let has_mistake = settling.error.is_some();
    let signs = staff.officer.scope_for(Action::SignOff);
    let page = pages::FindingsPage::new(shell, year, query, filter, settling)
        .with_rows(rows, &step)
        .with_counts(
            &by_kind,
            queries::open_counts(reader, scope, chosen.year.year()).await?,
        )
        .with_colleges(colleges, sheets, signs.as_ref())
        .may_settle(staff.officer.may(Action::SettleFindings));
    html_with(if has_mistake { MISTAKES } else { StatusCode::OK }, &page)
}

/// What is posted by the list: the chosen rows and why they need no more work.
#[derive(Debug, Deserialize)]
pub(super) struct SettleForm {
    /// The address of the list, after the question mark.
    back: String,
    #[serde(default)]
    template: String,
    #[serde(default)]
    note: String,
    #[serde(default)]
    pick: Vec<i64>,
    #[serde(default)]
    shown: Vec<i64>,
    /// The box in the head, which a browser without script cannot spread over the rows.
    all: Option<String>,
}

impl SettleForm {
    fn ids(&self) -> Vec<i64> {
        let mut ids = if self.pick.is_empty() && self.all.is_some() {
            self.shown.clone()
        } else {
            self.pick.clone()
        };
        ids.sort_unstable();
        ids.dedup();
        ids
    }

    fn query(&self) -> Result<ListQuery, AppError> {
        ListQuery::read(&self.back)
    }
}

pub(super) async fn settle(
    State(app): State<App>,
    can: Can<policy::SettleFindings>,
    view: Can<policy::ViewFindings>,
    staff: Staff,
    Form(form): Form<SettleForm>,
) -> Result<Response, AppError> {
    let query = form.query()?;
    let year = chosen(&app, query.class_year.as_deref())?.year.year();
    let ids = form.ids();
    let reason = match Template::from_code(&form.template) {
        Some(template) => template.reason(&form.note),
        None if form.template.is_empty() => None,
        None => return Err(AppError::BadRequest("处理原因不在可选范围内。".into())),
    };
    let outcome = rules::settle(&app.db, &can, year, &ids, reason.as_deref().unwrap_or_default()).await;
    let mistake = match outcome {
        Ok(done) => {
            home::flash(&staff, Flash::success(done_text("已处理", done))).await?;
            return Ok(redirect(&query.address()));
        }
        Err(FindingError::NothingChosen) => "请先勾选要处理的记录。",
        Err(FindingError::TooMany) => "一次最多处理 999 条。",
        Err(FindingError::BadReason) => "请选择处理原因；选“其他”时须填写说明（200 字以内）。",
        Err(error) => return nothing_done(&staff, &query.address(), error).await,
    };
    let settling = Settling {
        error: Some(mistake.to_owned()),
        template: form.template,
        note: form.note,
        picked: ids,
    };
    list_page(&app, view.scope(), &staff, query, settling).await
}

pub(super) async fn reopen(
    State(app): State<App>,
    can: Can<policy::SettleFindings>,
    staff: Staff,
    Form(form): Form<SettleForm>,
) -> Result<Response, AppError> {
    let query = form.query()?;
    let year = chosen(&app, query.class_year.as_deref())?.year.year();
    match rules::reopen(&app.db, &can, year, &form.ids()).await {
        Ok(done) => {
            home::flash(&staff, Flash::success(done_text("已撤销处理", done))).await?;
            Ok(redirect(&query.address()))
        }
        Err(FindingError::NothingChosen) => {
            home::flash(&staff, Flash::danger("请先勾选要撤销处理的记录。")).await?;
            Ok(redirect(&query.address()))
        }
        Err(error) => nothing_done(&staff, &query.address(), error).await,
    }
}

fn done_text(what: &str, done: Done) -> String {
    if done.left == 0 {
        format!("{what} {} 条。", done.changed)
    } else {
        format!(
            "{what} {} 条；另有 {} 条情况已变，未处理。",
            done.changed, done.left
        )
    }
}

/// What stopped a change for a reason that no other text in the form would mend.
async fn nothing_done(staff: &Staff, back: &str, error: FindingError) -> Result<Response, AppError> {
    Err(match error {
        FindingError::NothingLeft => {
            let text = "所选记录已由他人处理，或情况已变，未作改动。";
            home::flash(staff, Flash::warning(text)).await?;
            return Ok(redirect(back));
        }
        FindingError::NotFound => AppError::NotFound,
        FindingError::YearNotOpen => AppError::Conflict("本届未在进行中，不能处理核查问题或签署。".into()),
        FindingError::StillOpen(open) => {
            AppError::Conflict(format!("还有 {open} 条问题未处理，不能签署核对无遗漏。"))
        }
        FindingError::AlreadySigned => AppError::Conflict("本院已签署核对无遗漏。".into()),
        FindingError::NoSigner => AppError::Forbidden,
        FindingError::Db(error) => error.into(),
        FindingError::NothingChosen | FindingError::TooMany | FindingError::BadReason => {
            AppError::BadRequest("提交的内容不完整。".into())
        }
    })
}

#[derive(Debug, Deserialize)]
pub(super) struct YearQuery {
    class_year: Option<String>,
}

pub(super) async fn sheets(
    State(app): State<App>,
    can: Can<policy::ViewFindings>,
    staff: Staff,
    Query(query): Query<YearQuery>,
) -> Result<Response, AppError> {
    let chosen = chosen(&app, query.class_year.as_deref())?;
    let reader = app.db.reader();
    let sheets = queries::college_sheets(reader, can.scope(), chosen.year.year()).await?;
    let today = app.db.clock().today();
    let year = YearView::new(
        chosen,
        class_year::queries::find(reader, chosen.year).await?,
        today,
    );
    let mut shell = home::shell(&app, &staff, "/manage/findings").await?;
    shell.class_year = Some(year.label());
    let signs = staff.officer.scope_for(Action::SignOff);
    html(&pages::SheetsPage::new(
        shell,
        year,
        sheets,
        signs.as_ref(),
        today,
    ))
}

#[derive(Debug, Deserialize)]
pub(super) struct SignForm {
    class_year: String,
    /// Code of the 院.
    college: String,
    /// `list` leads back to the list of findings, everything else to the 院.
    #[serde(default)]
    from: String,
}

impl SignForm {
    fn back(&self, year: i32) -> String {
        if self.from == "list" {
            format!("/manage/findings?class_year={year}")
        } else {
            format!("/manage/findings/sign-offs?class_year={year}")
        }
    }
}

pub(super) async fn sign(
    State(app): State<App>,
    can: Can<policy::SignOff>,
    staff: Staff,
    Form(form): Form<SignForm>,
) -> Result<Response, AppError> {
    let year = chosen(&app, Some(&form.class_year))?.year.year();
    let college = school::queries::find_college(app.db.reader(), &form.college)
        .await?
        .ok_or(AppError::NotFound)?;
    let back = form.back(year);
    match rules::sign_off(&app.db, &can, year, college.id).await {
        Ok(()) => {
            let text = format!("已为{}签署 {year} 届核对无遗漏。", college.name);
            home::flash(&staff, Flash::success(text)).await?;
            Ok(redirect(&back))
        }
        Err(error) => nothing_done(&staff, &back, error).await,
    }
}

pub(super) async fn withdraw(
    State(app): State<App>,
    can: Can<policy::SignOff>,
    staff: Staff,
    Form(form): Form<SignForm>,
) -> Result<Response, AppError> {
    let year = chosen(&app, Some(&form.class_year))?.year.year();
    let college = school::queries::find_college(app.db.reader(), &form.college)
        .await?
        .ok_or(AppError::NotFound)?;
    let back = form.back(year);
    match rules::withdraw_sign_off(&app.db, &can, year, college.id).await {
        Ok(()) => {
            let text = format!("已撤回{}的核对无遗漏签署。", college.name);
            home::flash(&staff, Flash::warning(text)).await?;
            Ok(redirect(&back))
        }
        Err(error) => nothing_done(&staff, &back, error).await,
    }
}

#[derive(Debug, Deserialize)]
pub(super) struct ExplanationQuery {
    class_year: Option<String>,
    #[serde(default)]
    student_no: String,
}

pub(super) async fn explanation(
    State(app): State<App>,
    can: Can<policy::ViewFindings>,
    staff: Staff,
    Query(query): Query<ExplanationQuery>,
) -> Result<Response, AppError> {
    let chosen = chosen(&app, query.class_year.as_deref())?;
    let reader = app.db.reader();
    let student_no = query.student_no.trim().to_owned();
    let today = app.db.clock().today();
    let answer = if student_no.is_empty() {
        None
    } else {
        rules::explain(reader, can.scope(), &student_no, chosen.year.year(), today).await?
    };
    let year = YearView::new(
        chosen,
        class_year::queries::find(reader, chosen.year).await?,
        today,
    );
    let mut shell = home::shell(&app, &staff, "/manage/explanation").await?;
    shell.class_year = Some(year.label());
    html(&ExplanationPage::new(shell, year, student_no, answer))
}
