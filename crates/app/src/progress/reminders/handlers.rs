//! The pages of reminders.

use axum::extract::State as Extracted;
use axum::http::StatusCode;
use axum::response::Response;
use serde::{Deserialize, Serialize};

use super::model::{STEP, Wording, WordingMistakes};
use super::page::{IndexPage, Line, QuestionPage, Sending, ShowPage, numbers};
use super::queries::{self, Which};
use super::rules::{self, Question, RemindError, Sent};
use crate::accounts;
use crate::app::{App, MISTAKES};
use crate::auth::{Can, Staff, policy};
use crate::class_year::model::choose;
use crate::home;
use crate::progress::filter::ProgressParams;
use crate::progress::handlers::{address, query_of, selection_of};
use crate::progress::question::Asked;
use crate::roster::list::columns::Names;
use crate::roster::selection::{Boxes, SelectionParams};
use crate::web::{
    AppError, Flash, Form, PageLinks, Path, Query, Step, html, html_with, page_address, redirect,
};

/// Which menu entry these pages belong to.
const HERE: &str = crate::progress::PATH;

/// Asks whom to remind: keeps the selection, and leads to the question.
pub(super) async fn ask(
    Extracted(app): Extracted<App>,
    can: Can<policy::RemindStudents>,
    staff: Staff,
    Form(form): Form<Vec<(String, String)>>,
) -> Result<Response, AppError> {
    // The form carries what the address carries, so it is read the same way.
    let text = serde_html_form::to_string(&form).map_err(AppError::internal)?;
    let part = |_| AppError::BadRequest("提交的内容无法识别，请返回重新选择。".into());
    let params: ProgressParams = serde_html_form::from_str(&text).map_err(part)?;
    let selection: SelectionParams = serde_html_form::from_str(&text).map_err(part)?;
    let boxes: Boxes = serde_html_form::from_str(&text).map_err(part)?;
    let selection = selection_of(&selection, &boxes)?;
    let asked = Asked::understand(&app, staff.versions, params).await?;
    // With the selection, so that 取消 leads back to it as it was.
    let here = query_of(&asked.params, &selection.to_params(), &Step::default());
    match rules::ask(&app.db, &can, asked.rows(can.scope()), here, &selection).await {
        Ok(id) => Ok(redirect(&format!("/manage/activation/selections/{id}"))),
        Err(RemindError::NothingChosen) => {
            home::flash(&staff, Flash::warning("请先勾选要提醒的学生。")).await?;
            Ok(redirect(&address(
                &asked.params,
                &SelectionParams::default(),
                &Step::default(),
            )))
        }
        Err(error) => Err(refused(error)),
    }
}

fn refused(error: RemindError) -> AppError {
    match error {
        RemindError::NothingChosen => AppError::BadRequest("请先勾选要提醒的学生。".into()),
        RemindError::NotOpen(year) => {
            AppError::Conflict(format!("{year} 届不在进行中，学生无法激活，因此不发提醒。"))
        }
        RemindError::NobodyLeft => {
            AppError::Conflict("没有发出提醒：所选学生都已激活，或今天已经提醒过。".into())
        }
        RemindError::NoSuchQuestion => {
            AppError::Conflict("这次提醒已经发出，或确认已过期。请到提醒记录查看。".into())
        }
        RemindError::Db(error) => error.into(),
    }
}

/// The question: how many, whom not, and which words.
pub(super) async fn question(
    Extracted(app): Extracted<App>,
    can: Can<policy::RemindStudents>,
    staff: Staff,
    Path(id): Path<i64>,
) -> Result<Response, AppError> {
    let question = match rules::question(app.db.reader(), &can, id, app.db.clock().now()).await {
        Ok(question) => question,
        Err(RemindError::NoSuchQuestion) => return Err(AppError::NotFound),
        Err(error) => return Err(refused(error)),
    };
    let today = app.db.clock().today();
    let params: ProgressParams = serde_html_form::from_str(&question.address).map_err(AppError::internal)?;
    let asked = Asked::understand(&app, staff.versions, params).await?;
    let due = asked.details.as_ref().ok_or(AppError::NotFound)?.activation_due;
    let proposed = Wording::proposed(asked.filter.state, question.year, due, today);
    let words = (
        proposed.title().to_owned(),
        proposed.body().to_owned(),
        WordingMistakes::default(),
    );
    ask_again(&app, &can, &staff, &question, words, StatusCode::OK).await
}

async fn ask_again(
    app: &App,
    can: &Can<policy::RemindStudents>,
    staff: &Staff,
    question: &Question,
    (title, body, mistakes): (String, String, WordingMistakes),
    status: StatusCode,
) -> Result<Response, AppError> {
    let now = app.db.clock().now();
    let page = QuestionPage {
        shell: home::shell(app, staff, HERE).await?,
        id: question.id,
        number: question.students.len(),
        prospect: rules::prospect(app.db.reader(), can, question, now).await?,
        title,
        body,
        mistakes,
        link: format!("{}{STEP}", app.config.public_url),
        has_server: app.mail.is_sent_by_a_server(),
        back: format!("{HERE}?{}", question.address),
    };
    html_with(status, &page)
}

#[derive(Debug, Deserialize)]
pub(super) struct Answer {
    question: i64,
    #[serde(default)]
    title: String,
    #[serde(default)]
    body: String,
}

/// 发送提醒.
pub(super) async fn send(
    Extracted(app): Extracted<App>,
    can: Can<policy::RemindStudents>,
    staff: Staff,
    Form(answer): Form<Answer>,
) -> Result<Response, AppError> {
    let question = rules::question(app.db.reader(), &can, answer.question, app.db.clock().now())
        .await
        .map_err(refused)?;
    let wording = match Wording::parse(&answer.title, &answer.body) {
        Ok(wording) => wording,
        Err(mistakes) => {
            let words = (answer.title, answer.body, mistakes);
            return ask_again(&app, &can, &staff, &question, words, MISTAKES).await;
        }
    };
    let sent = rules::send(&app.db, &can, &question, &wording)
        .await
        .map_err(refused)?;
    let left_out = match sent.left_out {
        0 => String::new(),
        left_out => format!("另有 {left_out} 人已激活或今天已提醒过，没有再发。"),
    };
    let text = format!(
        "已提醒 {} 人，其中 {} 人同时发送邮件。{left_out}",
        sent.reminded, sent.by_mail
    );
    home::flash(&staff, Flash::success(text)).await?;
    Ok(redirect(&format!("{}/{}", super::PATH, sent.reminder_id)))
}

/// What is said to whoever reminds a whole list by one press: `to` is what the students are asked to do.
///
/// # Errors
///
/// [`AppError`] when the database does not answer.
pub(crate) fn said(sent: Result<Sent, RemindError>, to: &str) -> Result<Flash, AppError> {
    Ok(match sent {
        Ok(sent) => {
            let left_out = match sent.left_out {
                0 => String::new(),
                left_out => format!("另有 {left_out} 人今天已提醒过或已完成，没有再发。"),
            };
            Flash::success(format!(
                "已提醒 {} 人{to}，其中 {} 人同时发送邮件。{left_out}",
                sent.reminded, sent.by_mail
            ))
        }
        Err(RemindError::NobodyLeft) => Flash::warning("没有发出提醒：今天都已提醒过，或已完成。"),
        Err(RemindError::NothingChosen) => Flash::warning("没有需要提醒的学生。"),
        Err(RemindError::NotOpen(year)) => Flash::warning(format!("{year} 届不在进行中，不发提醒。")),
        Err(RemindError::NoSuchQuestion) => return Err(AppError::NotFound),
        Err(RemindError::Db(error)) => return Err(error.into()),
    })
}

/// Which sendings, or which students of one; and where the page begins.
#[derive(Debug, Default, Deserialize, Serialize)]
#[serde(default)]
pub(super) struct Look {
    #[serde(skip_serializing_if = "String::is_empty")]
    class_year: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    which: String,
}

fn key_of(step: &Step) -> Result<Option<i64>, AppError> {
    let key = step.after.as_deref().or(step.before.as_deref());
    key.map(|text| {
        text.parse()
            .map_err(|_| AppError::BadRequest("页码无法识别。".into()))
    })
    .transpose()
}

/// 提醒记录.
pub(super) async fn index(
    Extracted(app): Extracted<App>,
    can: Can<policy::ViewActivation>,
    staff: Staff,
    Query(look): Query<Look>,
    Query(step): Query<Step>,
) -> Result<Response, AppError> {
    let unknown = || AppError::BadRequest("届别只能是本届或上一届，请重新选择。".into());
    let named = match look.class_year.as_str() {
        "" => None,
        text => Some(text.parse().map_err(|_| unknown())?),
    };
    let year = choose(named, app.db.clock().today()).ok_or_else(unknown)?;
    let (reader, scope) = (app.db.reader(), can.scope());
    let mut found = queries::page(reader, scope, year.year, &step, key_of(&step)?).await?;
    let links = PageLinks::cut(
        &mut found,
        queries::SENDINGS,
        &step,
        |sending| sending.id.to_string(),
        |step| page_address(super::PATH, &look, step),
    );
    let counted = queries::numbers(reader, scope, &found).await?;
    let senders = accounts::names(reader, found.iter().map(|sending| sending.sent_by)).await?;
    let other = if year.is_current {
        year.year.before().year()
    } else {
        year.year.year() + 1
    };
    html(&IndexPage {
        shell: home::shell(&app, &staff, HERE).await?,
        year: year.year.year(),
        other_year: (other, format!("{}?class_year={other}", super::PATH)),
        sendings: found
            .iter()
            .map(|sending| {
                let of_sending = counted.get(&sending.id).cloned().unwrap_or_default();
                let by = senders.get(&sending.sent_by).map_or("", String::as_str);
                Sending::new(sending, by, numbers(sending.id, &of_sending, None))
            })
            .collect(),
        links,
        has_server: app.mail.is_sent_by_a_server(),
    })
}

/// One sending, with the students.
pub(super) async fn show(
    Extracted(app): Extracted<App>,
    can: Can<policy::ViewActivation>,
    staff: Staff,
    Path(id): Path<i64>,
    Query(look): Query<Look>,
    Query(step): Query<Step>,
) -> Result<Response, AppError> {
    let which = Which::from_code(&look.which)
        .ok_or_else(|| AppError::BadRequest("没有这种分类，请从提醒记录重新进入。".into()))?;
    let (reader, scope) = (app.db.reader(), can.scope());
    let sending = queries::find(reader, scope, id)
        .await?
        .ok_or(AppError::NotFound)?;
    let mut found = queries::messages(reader, scope, &sending, which, (&step, key_of(&step)?)).await?;
    let path = format!("{}/{id}", super::PATH);
    let links = PageLinks::cut(
        &mut found,
        queries::STUDENTS,
        &step,
        |(message, _)| message.id.to_string(),
        |step| page_address(&path, &look, step),
    );
    let counted = queries::numbers(reader, scope, std::slice::from_ref(&sending))
        .await?
        .remove(&id)
        .unwrap_or_default();
    let names = accounts::names(reader, [sending.sent_by]).await?;
    let by = names.get(&sending.sent_by).map_or("", String::as_str);
    let school = app.cache.school(&app.db, staff.versions).await?;
    let school = Names::new(&school.colleges, &school.majors);
    html(&ShowPage {
        shell: home::shell(&app, &staff, HERE).await?,
        sending: Sending::new(&sending, by, numbers(id, &counted, Some(which))),
        year: sending.class_year,
        paragraphs: sending.body.lines().map(str::to_owned).collect(),
        lines: found
            .into_iter()
            .filter_map(|(message, student)| Some(Line::new(message, student?, &school)))
            .collect(),
        links,
        has_server: app.mail.is_sent_by_a_server(),
    })
}
