//! The page, the workbook and the rule, as officers and centre see them.

use std::io::Cursor;

use calamine::{Reader, Xlsx};
use qihang::assessment::rules::freeze_due;
use qihang::auth::{Can, policy};
use qihang::class_year::model::Schedule;
use qihang::class_year::rules as class_years;
use qihang_db::{Role, Scope};

use super::{Record, World, day, year};
use crate::support::TestApp;

const PAGE: &str = "/manage/assessment";

async fn world(app: &TestApp) -> World<'_> {
    let world = World::at(app).await;
    world
        .import(&[
            Record::undergraduate("101"),
            Record::undergraduate("102"),
            Record::master("201"),
        ])
        .await;
    world.add_expected("S01").await;
    world.import(&[Record::undergraduate("103")]).await;
    world.at_instant("2026-09-16T02:00:00Z");
    freeze_due(app.db()).await.unwrap();
    world.add_expected("S01").await;
    world
}

/// The cells of the row that begins with this 院, without markup.
fn row(page: &str, college: &str) -> Vec<String> {
    let start = page
        .find(&format!(">{college}</th>"))
        .expect("the college has a row");
    let row = &page[start..start + page[start..].find("</tr>").expect("a row ends")];
    row.split("<td")
        .skip(1)
        .map(|cell| {
            let cell = &cell[cell.find('>').unwrap() + 1..];
            let mut text = String::new();
            let mut is_markup = false;
            for character in cell.chars() {
                match character {
                    '<' => is_markup = true,
                    '>' => is_markup = false,
                    _ if !is_markup => text.push(character),
                    _ => {}
                }
            }
            text.trim().to_owned()
        })
        .collect()
}

#[tokio::test]
async fn frozen_and_present_figures_stand_side_by_side_and_any_moment_can_be_asked_for() {
    let app = TestApp::start().await;
    world(&app).await;
    let centre = app.visitor();
    centre
        .sign_in("centre-all", crate::support::PASSWORD)
        .await
        .assert_status(303);

    let page = centre.get(PAGE).await;

    page.assert_status(200).assert_says("9月30日 24:00 后自动冻结");
    let cells = row(&page.text(), "彭康书院");
    assert_eq!(
        cells[..4],
        ["3", "2", "66.6%", "1"],
        "as it was when the roster was due"
    );
    assert_eq!(
        cells[4..9],
        ["3", "3", "1", "0", "0"],
        "and now, one of them late"
    );
    assert_eq!(row(&page.text(), "全校")[..4], ["4", "2", "50.0%", "2"]);

    let then = centre.get(&format!("{PAGE}?class_year=2027&at=2026-09-15")).await;
    then.assert_says("按历史重算一致").assert_says("2026-09-15 24:00");
    assert_eq!(row(&then.text(), "彭康书院")[4..9], ["3", "2", "0", "1", "0"]);
    let earlier = centre.get(&format!("{PAGE}?at=2026-09-10T09:59")).await;
    assert_eq!(
        row(&earlier.text(), "全校")[4..6],
        ["0", "0"],
        "before anybody was there"
    );

    for (query, words) in [
        ("at=gestern", "无法识别"),
        ("at=2026-09-17", "将来"),
        ("at=2026-09-16T10:01", "将来"),
        ("class_year=2031", "没有“2031”这个届别"),
    ] {
        centre
            .get(&format!("{PAGE}?{query}"))
            .await
            .assert_status(400)
            .assert_says(words);
    }
}

#[tokio::test]
async fn an_officer_sees_the_own_college_and_nothing_of_others() {
    let app = TestApp::start().await;
    world(&app).await;
    let officer = app.signed_in(Role::Officer, Some("001")).await;

    let page = officer.get(PAGE).await;

    page.assert_status(200)
        .assert_says("机械工程学院")
        .assert_does_not_say("彭康书院")
        .assert_does_not_say("全校")
        .assert_does_not_say("考核口径</a>");
    assert_eq!(row(&page.text(), "机械工程学院")[..3], ["1", "0", "0.0%"]);
    let file = officer.get(&format!("{PAGE}.xlsx")).await;
    let rows = cells(&file.bytes);
    assert_eq!(rows.len(), 2, "a heading and the own college");
    officer
        .get(&format!("{PAGE}/rules/2027"))
        .await
        .assert_status(403);
    let administrator = app.signed_in(Role::Administrator, None).await;
    administrator.get(PAGE).await.assert_status(403);
}

fn cells(file: &[u8]) -> Vec<Vec<String>> {
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(file.to_vec())).expect("a workbook");
    let range = book
        .worksheet_range_at(0)
        .expect("a sheet")
        .expect("it can be read");
    range
        .rows()
        .map(|row| row.iter().map(ToString::to_string).collect())
        .collect()
}

#[tokio::test]
async fn the_workbook_has_all_colleges_on_one_sheet_and_says_by_what_rule() {
    let app = TestApp::start().await;
    world(&app).await;
    let centre = app.visitor();
    centre
        .sign_in("centre-all", crate::support::PASSWORD)
        .await
        .assert_status(303);

    let file = centre
        .get(&format!("{PAGE}.xlsx?class_year=2027&at=2026-09-15"))
        .await;

    file.assert_status(200);
    let rows = cells(&file.bytes);
    assert_eq!(rows.len(), 1 + 4 + 1, "a heading, four colleges, all together");
    let heading = |text: &str| rows[0].iter().position(|cell| cell == text).expect(text);
    let pengkang = rows.iter().find(|row| row[1] == "彭康书院").unwrap();
    assert_eq!(pengkang[heading("9月15日应入库")], "3");
    let share: f64 = pengkang[heading("9月15日入库率")].parse().unwrap();
    assert!((share - 0.666).abs() < 1e-9, "{share}");
    assert_eq!(pengkang[heading("应入库（2026-09-15 24:00）")], "3");
    assert_eq!(pengkang[heading("9月30日激活率")], "", "not frozen yet");
    assert_eq!(rows.last().unwrap()[1], "全校");
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(file.bytes)).unwrap();
    let notes = book.worksheet_range_at(1).unwrap().unwrap();
    let notes: String = notes.rows().flatten().map(ToString::to_string).collect();
    assert!(notes.contains("非定向") && notes.contains("冻结指纹"), "{notes}");
}

#[tokio::test]
async fn the_centre_sets_the_rule_and_its_history_is_shown() {
    let app = TestApp::start().await;
    world(&app).await;
    let centre = app.visitor();
    centre
        .sign_in("centre-all", crate::support::PASSWORD)
        .await
        .assert_status(303);
    let rule = format!("{PAGE}/rules/2027");
    centre
        .get(&rule)
        .await
        .assert_status(200)
        .assert_says("没有修改过");

    centre
        .post(&rule, &[])
        .await
        .assert_status(422)
        .assert_says("至少选择一种培养方式");
    centre
        .post(&rule, &[("training_mode", "99")])
        .await
        .assert_status(422)
        .assert_says("没有“99”");
    let both = [("training_mode", "1"), ("training_mode", "5")];
    centre.post(&rule, &both).await.assert_status(303);

    centre
        .get(&rule)
        .await
        .assert_says("非定向、自筹")
        .assert_says("某老师");
    centre.get(PAGE).await.assert_says("非定向、自筹的硕士");
    centre
        .get(&format!("{PAGE}?at=2026-09-15"))
        .await
        .assert_says("非定向的硕士");
    centre.get(&format!("{PAGE}/rules/2031")).await.assert_status(404);
}

#[tokio::test]
async fn what_was_frozen_at_a_day_that_was_moved_stays_and_the_page_says_for_which_day() {
    let app = TestApp::start().await;
    let world = world(&app).await;
    let can = Can::<policy::ManageClassYears>::at_the_console(Scope::Everyone);
    let later = Schedule {
        roster_due: day("2026-09-20"),
        ..world.details().await.schedule()
    };
    class_years::change_schedule(app.db(), &can, year(), &later)
        .await
        .unwrap();
    let centre = app.visitor();
    centre
        .sign_in("centre-all", crate::support::PASSWORD)
        .await
        .assert_status(303);

    let page = centre.get(PAGE).await;

    page.assert_says("9月20日 24:00 后自动冻结");
    let text = page.text();
    assert_eq!(row(&text, "彭康书院")[..4], ["—", "—", "—", "—"], "not due yet");
    assert_eq!(
        row(&text, "彭康书院")[4..7],
        ["3", "3", "0"],
        "in time by the new day"
    );
    let (_, former) = text
        .split_once("调整前的名单截止日 2026-09-15")
        .expect("the old day is named");
    assert_eq!(row(former, "彭康书院"), ["3", "2", "66.6%", "1", "0"]);
    let officer = app.signed_in(Role::Officer, Some("001")).await;
    officer
        .get(PAGE)
        .await
        .assert_says("调整前的名单截止日 2026-09-15")
        .assert_does_not_say("彭康书院");
    let file = centre.get(&format!("{PAGE}.xlsx")).await;
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(file.bytes)).unwrap();
    let notes = book.worksheet_range_at(1).unwrap().unwrap();
    let notes: String = notes.rows().flatten().map(ToString::to_string).collect();
    assert!(
        notes.contains("调整前的名单截止日（2026-09-15 24:00）"),
        "{notes}"
    );
}

#[tokio::test]
async fn a_college_has_one_page_to_print_and_no_other_college_can_have_it() {
    let app = TestApp::start().await;
    let world = World::at(&app).await;
    world.import(&[Record::undergraduate("101")]).await;
    world.add_expected("S01").await;
    let officer = app.signed_in(Role::Officer, Some("S01")).await;

    let paper = officer.get("/manage/assessment.pdf?college=S01").await;

    let kind = &paper.assert_status(200).headers[axum::http::header::CONTENT_TYPE];
    assert_eq!(kind, "application/pdf");
    assert!(paper.bytes.starts_with(b"%PDF-"));
    officer
        .get("/manage/assessment.pdf?college=S02")
        .await
        .assert_status(404);
    officer
        .get("/manage/assessment.pdf?college=S01&at=2099-01-01")
        .await
        .assert_status(400);
}
