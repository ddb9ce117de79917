//! 以学生视角查看 (R23): what the student sees, for whoever helps. Nothing on the page can be pressed, the identity number is
//! masked, and the student is told who looked.

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use chrono::TimeDelta;
use qihang_db::entity::{student, student_view};
use qihang_db::{Action, AuditEvent, Db};
use sea_orm::{ActiveModelTrait, ActiveValue::Set, ColumnTrait, DbErr, PaginatorTrait, QueryFilter};

use crate::activation::fields::Section;
use crate::activation::rules::obstacles;
use crate::activation::{self, RecordSection};
use crate::app::App;
use crate::auth::{Can, Staff, policy};
use crate::home;
use crate::student::{Home, home_of};
use crate::web::{AppError, Path, Shell, html};

/// A page that is loaded again so soon is the same look.
const ONE_LOOK: TimeDelta = TimeDelta::minutes(15);

#[derive(Template)]
#[template(path = "progress/as_student.html")]
struct AsStudentPage {
    shell: Shell,
    home: Home,
    /// What blocks, and who mends it.
    blocks: Vec<(String, &'static str)>,
    /// The record as the form shows it; none for a student on no roster.
    sections: Vec<RecordSection>,
    /// What the student entered: heading and value.
    contact: Vec<(&'static str, String)>,
}

pub(super) async fn show(
    State(app): State<App>,
    can: Can<policy::ViewAsStudent>,
    staff: Staff,
    Path(student_id): Path<i64>,
) -> Result<Response, AppError> {
    let student = look(&app.db, &can, student_id).await?.ok_or(AppError::NotFound)?;
    let (reader, scope) = (app.db.reader(), can.scope());
    let home = home_of(&app, &student).await?;
    let (mut blocks, mut sections, mut contact) = (Vec::new(), Vec::new(), Vec::new());
    if let Some(entry) = home.standing.entry() {
        sections = activation::record_for_staff(&app, &student, entry).await?;
        let students = std::slice::from_ref(&student);
        let mut found = obstacles(reader, scope, entry.class_year, students).await?;
        blocks = found.remove(&student.id).unwrap_or_default();
        let kept = activation::queries::contact(reader, scope, student.id).await?;
        contact = kept.map_or_else(Vec::new, |kept| {
            Section::Contact
                .fields()
                .filter_map(|field| Some((field.heading(), field.contact(&kept)?.to_owned())))
                .collect()
        });
    }
    html(&AsStudentPage {
        shell: home::shell(&app, &staff, super::PATH).await?,
        home,
        blocks: blocks
            .into_iter()
            .map(|block| (block.problem, block.mender.who))
            .collect(),
        sections,
        contact,
    })
}

/// Records who looks at whose pages; then, and only then, answers the student. `None` where there is no such student in
/// the scope.
async fn look(
    db: &Db,
    can: &Can<policy::ViewAsStudent>,
    student_id: i64,
) -> Result<Option<student::Model>, AppError> {
    let account_id = can.account_id().ok_or(AppError::Forbidden)?;
    let found = can
        .scope()
        .select::<student::Entity>()
        .filter(student::Column::Id.eq(student_id))
        .one(db.reader())
        .await?;
    let Some(student) = found else {
        return Ok(None);
    };
    if !has_just_looked(db, can, account_id, student.id).await? {
        let change = db.change(can.actor()).await?;
        student_view::ActiveModel {
            viewed_at: Set(change.now()),
            account_id: Set(account_id),
            student_id: Set(student.id),
            ..Default::default()
        }
        .insert(change.tx())
        .await?;
        let event = AuditEvent::new(Action::StudentViewed, format!("student/{}", student.id));
        change.commit(event).await?;
    }
    Ok(Some(student))
}

async fn has_just_looked(
    db: &Db,
    can: &Can<policy::ViewAsStudent>,
    account_id: i64,
    student_id: i64,
) -> Result<bool, DbErr> {
    let looks = can
        .scope()
        .select::<student_view::Entity>()
        .filter(student_view::Column::StudentId.eq(student_id))
        .filter(student_view::Column::AccountId.eq(account_id))
        .filter(student_view::Column::ViewedAt.gt(db.clock().now() - ONE_LOOK))
        .count(db.reader())
        .await?;
    Ok(looks > 0)
}
