//! The frame around staff pages, made from what the officer may do.

use crate::app::App;
use qihang_db::Versions;
use tower_sessions::Session;

use crate::auth::{Action, Staff, Student};
use crate::job::{Tally, tally};
use crate::message;
use crate::web::{AppError, Flash, MenuGroup, MenuItem, Shell, StudentShell, Told};

const FLASH_KEY: &str = "flash";

/// An entry of the menu: the word, where it leads, the permission it asks for.
type Entry = (&'static str, &'static str, Action);

/// The whole menu: group, icon, entries with the permission each asks for.
const MENU: &[(&str, &str, &[Entry])] = &[
    (
        "学生信息管理",
        "users",
        &[
            ("名单确认", "/manage/roster/candidates", Action::ViewRoster),
            ("学生用户管理", "/manage/roster", Action::ViewRoster),
            ("核查问题", "/manage/findings", Action::ViewFindings),
            ("激活进度", "/manage/activation", Action::ViewActivation),
            ("博士名单核对", "/manage/doctoral-list", Action::ViewRoster),
            ("工作看板", "/manage/dashboard", Action::ViewFigures),
            ("年度考核", "/manage/assessment", Action::ViewFigures),
            ("为什么不在名单里", "/manage/explanation", Action::ViewFindings),
            ("信息有误", "/manage/corrections", Action::AnswerCorrections),
            ("定向委培", "/manage/directed", Action::KeepUnits),
            ("各院负责人", "/manage/responsible", Action::NameResponsible),
            ("领导小组", "/manage/leadership", Action::ReportLeadership),
        ],
    ),
    (
        "就业推荐",
        "certificate",
        &[(
            "推荐表审核",
            "/manage/recommendations",
            Action::ViewRecommendations,
        )],
    ),
    (
        "就业中心",
        "calendar",
        &[
            ("届别管理", "/manage/class-years", Action::ManageClassYears),
            ("专项名单", "/manage/special-lists", Action::ManageLists),
            ("数据交换", "/manage/imports", Action::ManageExchange),
            ("门户修改", "/manage/portal-changes", Action::ManageExchange),
        ],
    ),
    (
        "通知与联系",
        "speakerphone",
        &[
            ("通知公告", "/manage/notices", Action::WriteNotices),
            ("联系方式", "/manage/contacts", Action::ManageContacts),
        ],
    ),
    (
        "系统管理",
        "settings",
        &[
            ("账号与角色", "/manage/accounts", Action::ManageAccounts),
            ("管理范围", "/manage/duties", Action::ManageDuties),
            ("审计日志", "/manage/audit", Action::ViewAudit),
        ],
    ),
];

/// The frame for a page that belongs to the menu entry `active`. Takes the message that waits to be shown.
///
/// # Errors
///
/// When the database does not answer.
pub async fn shell(app: &App, staff: &Staff, active: &str) -> Result<Shell, AppError> {
    let flash = waiting_flash(&staff.session).await?;
    let officer = &staff.officer;
    let menu = MENU
        .iter()
        .map(|&(title, icon, items)| MenuGroup {
            title,
            icon,
            items: items
                .iter()
                .filter(|(_, _, action)| officer.may(*action))
                .map(|&(title, href, _)| MenuItem {
                    title,
                    href,
                    active: href == active,
                    badge: None,
                })
                .collect(),
        })
        .filter(|group| !group.items.is_empty())
        .collect();
    // The pages of jobs say it themselves, and go on saying it.
    let jobs = if active == "/manage/jobs" {
        None
    } else {
        told(tally(app.db.reader(), officer.account_id).await?)
    };
    Ok(Shell {
        menu,
        user_name: officer.name.clone(),
        user_role: officer.role_label(),
        college_name: officer.only_college().map(|(_, name)| name.clone()),
        demo: app.cache.school(&app.db, staff.versions).await?.is_demo,
        pretend_today: app.config.today.map(|day| day.format("%Y-%m-%d").to_string()),
        flash,
        jobs,
        class_year: None,
    })
}

/// What the frame says of the own jobs: how those ended that the person has not looked at, otherwise how many run.
fn told(tally: Tally) -> Option<Told> {
    let (icon, count, words) = match tally {
        Tally { failed: 1.., .. } => ("alert-triangle", tally.failed, "个任务未完成"),
        Tally { done: 1.., .. } => ("circle-check", tally.done, "个任务已完成"),
        Tally { open: 1.., .. } => ("clock", tally.open, "个任务进行中"),
        Tally { .. } => return None,
    };
    Some(Told { icon, count, words })
}

/// The frame for a student's page. Takes the message that waits to be shown.
///
/// # Errors
///
/// When the database does not answer.
pub async fn student_shell(app: &App, student: &Student) -> Result<StudentShell, AppError> {
    let versions = Versions::read(app.db.reader()).await?;
    Ok(StudentShell {
        name: student.record().name.clone(),
        student_no: student.record().student_no.clone(),
        unread: message::queries::count_unread(app.db.reader(), &student.scope()).await?,
        demo: app.cache.school(&app.db, versions).await?.is_demo,
        pretend_today: app.config.today.map(|day| day.format("%Y-%m-%d").to_string()),
        flash: waiting_flash(student.session()).await?,
    })
}

/// Taking away what is not there would count as a change, and every page seen would write the session to the disk.
async fn waiting_flash(session: &Session) -> Result<Option<Flash>, AppError> {
    let flash = session.get::<Flash>(FLASH_KEY).await?;
    if flash.is_some() {
        session.remove::<Flash>(FLASH_KEY).await?;
    }
    Ok(flash)
}

/// Leaves a message for the next page of a member of the staff.
///
/// # Errors
///
/// When the session cannot be written.
pub async fn flash(staff: &Staff, flash: Flash) -> Result<(), AppError> {
    leave_flash(&staff.session, flash).await
}

/// Leaves a message for the next page of this session.
///
/// # Errors
///
/// When the session cannot be written.
pub async fn leave_flash(session: &Session, flash: Flash) -> Result<(), AppError> {
    session.insert(FLASH_KEY, flash).await?;
    Ok(())
}
