//! What the centre sees and does: who has not, the reminder, everything as one file.

use std::io::Cursor;

use calamine::{Reader, Xlsx};
use chrono::TimeDelta;
use qihang::auth::{Can, policy};
use qihang::class_year::model::ClassYear;
use qihang::leadership::rules::{self, RemindError};
use qihang_db::entity::{leadership_reminder, notice};
use qihang_db::{Role, Scope, records};
use sea_orm::{ColumnTrait, PaginatorTrait, QueryFilter};

use super::{HERE, add, reported, world};
use crate::support::{PASSWORD, TestApp};

#[tokio::test]
async fn the_centre_sees_who_has_not_and_reminds_each_once_a_day() {
    let (app, officer, place) = world().await;
    reported(&app, &officer, place).await;
    let centre = app.signed_in(Role::Centre, None).await;
    let page = centre.get("/manage/leadership/2027").await;
    page.assert_says("提醒未报送的 3 个院")
        .assert_says("张三")
        .assert_says("第 1 版");
    // Whoever works for one 院 does not oversee.
    officer
        .post("/manage/leadership/2027/reminders", &[])
        .await
        .assert_status(403);

    centre
        .post("/manage/leadership/2027/reminders", &[])
        .await
        .assert_status(303);

    centre
        .get("/manage/leadership/2027")
        .await
        .assert_says("已向 3 个院的教师发布通知");
    let title = "请报送 2027 届就业工作领导小组名单";
    let behind = app.signed_in(Role::Officer, Some("S02")).await;
    behind.get("/manage").await.assert_says(title);
    officer.get("/manage").await.assert_does_not_say(title);
    assert_eq!(
        app.audit_actions()
            .await
            .iter()
            .filter(|one| *one == "leadership.reminded")
            .count(),
        1
    );
    centre
        .post("/manage/leadership/2027/reminders", &[])
        .await
        .assert_status(303);
    centre
        .get("/manage/leadership/2027")
        .await
        .assert_says("今天已经提醒过");
    app.clock.set(app.clock.now() + TimeDelta::days(1));
    centre.sign_in("centre-all", PASSWORD).await.assert_status(303);
    centre
        .post("/manage/leadership/2027/reminders", &[])
        .await
        .assert_status(303);
    centre
        .get("/manage/leadership/2027")
        .await
        .assert_says("已向 3 个院");
}

#[tokio::test]
async fn of_two_reminders_at_once_each_college_gets_one() {
    let app = TestApp::start().await;
    app.fixture().university().await;
    let can = Can::<policy::OverseeLeadership>::at_the_console(Scope::Everyone);
    let year = ClassYear::new(2027).unwrap();

    let (first, second) = tokio::join!(
        rules::remind(app.db(), &can, year),
        rules::remind(app.db(), &can, year),
    );

    let sent = [&first, &second].map(|one| one.as_ref().copied().unwrap_or_default());
    assert_eq!(sent.iter().sum::<usize>(), 4, "{first:?} {second:?}");
    let reader = app.db().reader();
    let rows = records::<leadership_reminder::Entity>()
        .count(reader)
        .await
        .unwrap();
    let named = records::<leadership_reminder::Entity>()
        .filter(leadership_reminder::Column::NoticeId.is_not_null())
        .count(reader)
        .await
        .unwrap();
    assert_eq!((rows, named), (4, 4));
    let notices = records::<notice::Entity>().count(reader).await.unwrap();
    assert_eq!(notices, sent.iter().filter(|one| **one > 0).count() as u64);
    app.fixture().class_year(2026, "closed").await;
    let closed = rules::remind(app.db(), &can, year.before()).await;
    assert!(matches!(closed, Err(RemindError::NotOpen(_))), "{closed:?}");
}

#[tokio::test]
async fn all_lists_leave_as_one_file_and_who_has_none_stands_in_it() {
    let (app, officer, place) = world().await;
    reported(&app, &officer, place).await;
    // What is not reported yet is nobody's business but the 院's.
    add(&app, &officer, place, ("王五", "成员"))
        .await
        .assert_status(303);
    let centre = app.signed_in(Role::Centre, None).await;

    let reply = centre.get("/manage/leadership/2027/all.xlsx").await;

    reply.assert_status(200);
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(reply.bytes)).unwrap();
    let sheet = book.worksheet_range("就业工作领导小组").unwrap();
    let rows: Vec<Vec<String>> = sheet
        .rows()
        .map(|row| row.iter().map(ToString::to_string).collect())
        .collect();
    assert_eq!(rows.len(), 1 + 2 + 3);
    assert_eq!(rows[0][..5], ["院系代码", "院系", "状态", "序号", "姓名"]);
    let of_pengkang: Vec<&[String]> = rows
        .iter()
        .filter(|row| row[0] == "S01")
        .map(|row| &row[2..5])
        .collect();
    assert_eq!(of_pengkang, [["已报送", "1", "张三"], ["已报送", "2", "李四"]]);
    assert_eq!(rows.iter().filter(|row| row[2] == "未报送").count(), 3);
    assert_eq!(app.audit_actions().await.last().unwrap(), "leadership.exported");
    officer
        .get("/manage/leadership/2027/all.xlsx")
        .await
        .assert_status(403);
    centre.get(HERE).await.assert_says("王五");
}
