//! Handing the letters of a sending to the mail server.
//!
//! A letter is noted as sent after the server has taken it. Whoever is killed in between sends that one letter again, under
//! the same name, by which mail programs know it for the same; the other order would lose letters silently.

use std::time::Duration;

use askama::Template;
use qihang_db::entity::reminder;
use qihang_db::{Actor, Change, MailState, ReminderAbout};
use sea_orm::{DbErr, SqlErr};

use super::letters::{self, Waiting};
use super::model::STEP;
use super::queries;
use crate::app::App;
use crate::class_year::model::ClassYear;
use crate::job::{Ended, Ending, Running, Stop, Work};
use crate::mail::{Letter, MailError};

#[derive(Template)]
#[template(path = "progress/reminders/mail.txt")]
struct PlainLetter<'a> {
    name: &'a str,
    body: &'a str,
    link: &'a str,
    university: &'a str,
}

#[derive(Template)]
#[template(path = "progress/reminders/mail.html")]
struct HtmlLetter<'a> {
    name: &'a str,
    title: &'a str,
    body: &'a str,
    link: &'a str,
    university: &'a str,
}

/// What became of the letters that were due.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Outcome {
    sent: usize,
    bounced: usize,
    /// To be tried again, or given up.
    put_off: usize,
    /// Of students who had nothing to do any more.
    withdrawn: usize,
}

/// The job: sends what is due. What is put off waits for [`try_again`].
///
/// # Errors
///
/// [`Stop`], by which the job is begun again later.
pub(crate) async fn deliver(running: &Running, reminder_id: i64) -> Result<Ended, Stop> {
    let app = running.app();
    let now = app.db.clock().now();
    let due = letters::count_due(app.db.reader(), reminder_id, now).await?;
    running
        .progress()
        .stage("正在发送邮件", usize::try_from(due).unwrap_or(usize::MAX));
    let mut outcome = Outcome::default();
    if due > 0 {
        if let Err(error) = app.mail.knock().await {
            away(app, reminder_id, &error).await?;
            outcome.put_off = usize::try_from(due).unwrap_or(usize::MAX);
        } else {
            let sending = sending_of(app, reminder_id).await?;
            let mut after = 0;
            let mut done = 0;
            while let Some(waiting) = letters::next_due(app.db.reader(), reminder_id, after, now).await? {
                after = waiting.message.id;
                if one(app, &waiting, &sending, &mut outcome).await? == GoOn::No {
                    outcome.put_off += usize::try_from(due).unwrap_or(usize::MAX).saturating_sub(done);
                    break;
                }
                done += 1;
                running.progress().reached(done);
                tokio::time::sleep(app.mail.pause()).await;
            }
        }
    }
    let change = running.last_change().await?;
    let ending = Ending::done(message(outcome)).figures([
        ("已发送", outcome.sent),
        ("被退回", outcome.bounced),
        ("待重试", outcome.put_off),
        ("已办理，未发", outcome.withdrawn),
    ]);
    running.end(change, ending).await
}

fn message(outcome: Outcome) -> String {
    match outcome {
        Outcome {
            put_off: 0,
            bounced: 0,
            ..
        } => "邮件已全部处理。".into(),
        Outcome { put_off: 0, .. } => "邮件已全部处理，被退回的见提醒记录。".into(),
        Outcome { .. } => "部分邮件暂时发不出去，系统会自动重试，见提醒记录。".into(),
    }
}

/// Whether the letters after this one are worth a try.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum GoOn {
    Yes,
    No,
}

async fn sending_of(app: &App, reminder_id: i64) -> Result<reminder::Model, DbErr> {
    queries::find(app.db.reader(), &qihang_db::Scope::Everyone, reminder_id)
        .await?
        .ok_or_else(|| DbErr::RecordNotFound(format!("reminder {reminder_id}")))
}

/// Whether the student still has to do what the sending asks for. One of a kind that this version does not know is sent.
async fn is_needed(app: &App, sending: &reminder::Model, student_id: i64) -> Result<bool, DbErr> {
    let (Some(about), Some(year)) = (
        ReminderAbout::from_code(&sending.about),
        ClassYear::new(sending.class_year),
    ) else {
        return Ok(true);
    };
    let scope = qihang_db::Scope::Student(student_id);
    let still = queries::recipients(app.db.reader(), &scope, (about, year), &[student_id]).await?;
    Ok(!still.is_empty())
}

async fn one(
    app: &App,
    waiting: &Waiting,
    sending: &reminder::Model,
    outcome: &mut Outcome,
) -> Result<GoOn, Stop> {
    let message = &waiting.message;
    // Asked as late as possible: who has done it since is left in peace.
    if !is_needed(app, sending, message.student_id).await? {
        letters::settle(&app.db, message.id, MailState::Withdrawn, None).await?;
        outcome.withdrawn += 1;
        return Ok(GoOn::Yes);
    }
    match app.mail.send(&letter(app, waiting)?).await {
        Ok(()) => {
            letters::settle(&app.db, message.id, MailState::Sent, None).await?;
            outcome.sent += 1;
        }
        Err(MailError::Refused(words)) => {
            letters::settle(&app.db, message.id, MailState::Bounced, Some(&words)).await?;
            outcome.bounced += 1;
        }
        Err(MailError::Later(words)) => {
            let now = app.db.clock().now();
            let reminder_id = message.reminder_id.unwrap_or_default();
            letters::put_off(&app.db, reminder_id, Some(message.id), now, &words).await?;
            outcome.put_off += 1;
        }
        Err(error @ MailError::Away(_)) => {
            away(app, message.reminder_id.unwrap_or_default(), &error).await?;
            return Ok(GoOn::No);
        }
    }
    Ok(GoOn::Yes)
}

/// There is no server to speak with: all letters that are due wait.
async fn away(app: &App, reminder_id: i64, error: &MailError) -> Result<(), DbErr> {
    tracing::warn!(reminder.id = reminder_id, %error, "Mail could not be sent; it is tried again.");
    let words = match error {
        MailError::Refused(words) | MailError::Later(words) | MailError::Away(words) => words,
    };
    let now = app.db.clock().now();
    letters::put_off(
        &app.db,
        reminder_id,
        None,
        now,
        &format!("邮件服务器没有响应：{words}"),
    )
    .await
}

fn letter(app: &App, waiting: &Waiting) -> Result<Letter, Stop> {
    let message = &waiting.message;
    let way = message.href.as_deref().unwrap_or(STEP);
    let link = format!("{}{way}", app.config.public_url);
    let (name, body, university) = (&waiting.name, &message.body, &app.config.university);
    let broken = |error: askama::Error| Stop::Broken(error.to_string());
    Ok(Letter {
        id: format!("reminder-{}", message.id),
        name: name.clone(),
        to: message.mail_to.clone().unwrap_or_default(),
        subject: format!("{}（{university}就业服务网）", message.title),
        text: PlainLetter {
            name,
            body,
            link: &link,
            university,
        }
        .render()
        .map_err(broken)?,
        html: HtmlLetter {
            name,
            title: &message.title,
            body,
            link: &link,
            university,
        }
        .render()
        .map_err(broken)?,
        at: message.sent_at,
    })
}

/// The job was cancelled or given up: what waits is not sent.
pub(crate) async fn withdraw(change: &Change, reminder_id: i64, why: &str) -> Result<(), DbErr> {
    letters::withdraw_all(change.tx(), reminder_id, why).await
}

/// How often letters that were put off are looked for.
const LOOK_EVERY: Duration = Duration::from_mins(1);

/// Tries letters again for as long as the server runs.
pub async fn try_again_regularly(app: App) {
    loop {
        tokio::time::sleep(LOOK_EVERY).await;
        if let Err(error) = try_again(&app).await {
            tracing::warn!(%error, "Letters that were put off could not be looked for; it is tried again.");
        }
    }
}

/// Asks for a job for every sending with letters whose time has come again. Of several servers that ask at once one gets
/// it, because no two open jobs have one subject.
///
/// # Errors
///
/// When the database does not answer.
pub async fn try_again(app: &App) -> Result<(), DbErr> {
    let since = app.db.clock().now();
    for reminder_id in letters::overdue(app.db.reader(), since).await? {
        let change = app.db.change(&Actor::system()).await?;
        match crate::job::rules::enqueue(&change, &Work::MailReminder { reminder_id }).await {
            Ok(_) => change.keep_without_event().await?,
            Err(error) if matches!(error.sql_err(), Some(SqlErr::UniqueConstraintViolation(_))) => {
                change.abandon().await?;
            }
            Err(error) => return Err(error),
        }
    }
    Ok(())
}
