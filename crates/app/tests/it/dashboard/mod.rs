//! 工作看板 (R25, R24a): the numbers, their lists, and whose they are.

use qihang_db::entity::{correction, student};
use qihang_db::{CorrectionState, Office, Role, Scope};
use sea_orm::{ActiveModelTrait, ActiveValue::Set, ColumnTrait, QueryFilter};

use crate::support::{Browser, TestApp};

const PAGE: &str = "/manage/dashboard";

/// 彭康书院: two on the roster, one of them activated, one missing, one with a fault and a report. 机械工程学院: a master.
async fn university(app: &TestApp) {
    use qihang::auth::{Can, policy};
    use qihang::class_year::model::{ClassYear, Schedule};

    let fixture = app.fixture();
    fixture.university().await;
    for number in ["101", "102"] {
        let student = fixture
            .student(number, |student| {
                if number == "102" {
                    student.origin = String::new();
                }
            })
            .await;
        let entry = fixture.on_roster(student.id, 2027).await;
        if number == "101" {
            fixture.activated(&entry, &student).await;
        } else {
            report(app, &student).await;
        }
    }
    fixture.student("103", |_| {}).await;
    fixture.master("201", |_| {}).await;
    // Fixtures ask no rule; a change of the class year brings the findings up to date.
    app.clock.set("2026-09-12T02:00:00Z".parse().unwrap());
    let year = ClassYear::new(2027).unwrap();
    let can = Can::<policy::ManageClassYears>::at_the_console(Scope::Everyone);
    qihang::class_year::rules::change_schedule(app.db(), &can, year, &Schedule::usual(year).unwrap())
        .await
        .unwrap();
}

async fn report(app: &TestApp, student: &student::Model) {
    let row = correction::ActiveModel {
        student_id: Set(student.id),
        class_year: Set(Some(2027)),
        field: Set("name".into()),
        claimed: Set("乙".into()),
        note: Set(String::new()),
        office: Set(Office::Registrar.code().into()),
        state: Set(CorrectionState::Open.code().into()),
        filed_at: Set(app.clock.now()),
        answer: Set(String::new()),
        ..Default::default()
    };
    let tx = app.db().begin_write().await.unwrap();
    row.insert(&tx).await.unwrap();
    tx.commit().await.unwrap();
}

/// The links of a page whose words are a number: number and address.
fn numbers(page: &str) -> Vec<(u64, String)> {
    let links = page.split("<a ").skip(1).filter_map(|link| {
        let (tag, rest) = link.split_once('>')?;
        let number = rest.split_once("</a>")?.0.trim().parse().ok()?;
        let href = tag.split_once("href=\"")?.1.split_once('"')?.0;
        Some((number, href.replace("&#38;", "&").replace("&amp;", "&")))
    });
    links.collect()
}

/// How many the list at an address says it has.
async fn listed(browser: &Browser, href: &str) -> u64 {
    let page = browser.get(href).await;
    page.assert_status(200);
    let text = page.text();
    if text.contains("class=\"empty") {
        return 0;
    }
    let body = text.split_once("<tbody>").map_or("", |(_, body)| body);
    let body = body.split_once("</tbody>").map_or(body, |(body, _)| body);
    body.matches("<tr").count() as u64
}

#[tokio::test]
async fn every_number_opens_a_list_with_as_many_rows() {
    let app = TestApp::start().await;
    university(&app).await;
    for browser in [
        app.signed_in(Role::Centre, None).await,
        app.signed_in(Role::Officer, Some("S01")).await,
    ] {
        let page = browser.get(PAGE).await;
        page.assert_status(200);
        let numbers = numbers(&page.text());
        let lists = [
            "/manage/roster/candidates?",
            "/manage/roster?",
            "/manage/findings?",
            "/manage/activation?",
            "/manage/corrections?",
        ];
        for list in lists {
            assert!(
                numbers.iter().any(|(_, href)| href.starts_with(list)),
                "no number leads to {list}"
            );
        }
        for (number, href) in numbers {
            if href.starts_with(PAGE) {
                browser.get(&href).await.assert_status(200);
            } else {
                assert_eq!(listed(&browser, &href).await, number, "{href}");
            }
        }
    }
}

#[tokio::test]
async fn colleges_stand_in_the_order_of_their_unfinished_work_with_its_age() {
    let app = TestApp::start().await;
    university(&app).await;
    let centre = app.signed_in(Role::Centre, None).await;

    let text = centre.get(PAGE).await.text();

    let order: Vec<usize> = ["彭康书院", "机械工程学院", "文治书院"]
        .iter()
        .map(|name| text.find(&format!("\">{name}</a></th>")).expect(name))
        .collect();
    assert!(order.is_sorted(), "{order:?}");
    // A missing student, one without a place of origin, a report and one who has not activated; the oldest for two days.
    let own = &text[order[0]..order[1]];
    assert!(own.contains(">4</a>") && own.contains("2 天"), "{own}");
    assert!(
        !text.contains("就业率") && !text.contains("激活率排名"),
        "never by a rate"
    );
}

#[tokio::test]
async fn an_officer_sees_the_own_college_only() {
    let app = TestApp::start().await;
    university(&app).await;
    let officer = app.signed_in(Role::Officer, Some("001")).await;

    officer
        .get(PAGE)
        .await
        .assert_status(200)
        .assert_says("机械工程学院")
        .assert_does_not_say("彭康书院");
    officer
        .get(&format!("{PAGE}?college=S01"))
        .await
        .assert_status(404);
    officer
        .get(&format!("{PAGE}?class_year=2031"))
        .await
        .assert_status(400);
    let centre = app.signed_in(Role::Centre, None).await;
    centre
        .get(&format!("{PAGE}?college=S01"))
        .await
        .assert_status(200)
        .assert_does_not_say("\">机械工程学院</a></th>");
    app.signed_in(Role::Administrator, None)
        .await
        .get(PAGE)
        .await
        .assert_status(403);
}

#[tokio::test]
async fn the_chart_data_is_what_the_tables_say_and_works_out_each_day() {
    let app = TestApp::start().await;
    university(&app).await;
    let centre = app.signed_in(Role::Centre, None).await;

    let text = centre.get(PAGE).await.text();

    let data = text.split_once("data-chart=\"trend\" data-values=\"").unwrap().1;
    let data = data
        .split_once('"')
        .unwrap()
        .0
        .replace("&#34;", "\"")
        .replace("&quot;", "\"");
    let data: serde_json::Value = serde_json::from_str(&data).unwrap();
    assert_eq!(data["series"][0]["values"], serde_json::json!([2, 2, 2]));
    assert_eq!(data["series"][1]["values"], serde_json::json!([1, 1, 1]));
    assert_eq!(data["days"][0], "2026-09-10");
    assert_eq!(data["days"].as_array().unwrap().last().unwrap(), "2026-09-30");
    assert_eq!(data["dues"][0]["day"], "2026-09-15");
    assert!(
        text.contains("href=\"/manage/assessment?class_year=2027&#38;at=2026-09-10\"")
            || text.contains("href=\"/manage/assessment?class_year=2027&amp;at=2026-09-10\"")
    );
}

#[tokio::test]
async fn without_a_class_year_the_page_says_so() {
    let app = TestApp::start().await;
    let centre = app.signed_in(Role::Centre, None).await;

    centre
        .get(PAGE)
        .await
        .assert_status(200)
        .assert_says("还没有届别");
    centre
        .get("/manage/assessment")
        .await
        .assert_status(200)
        .assert_says("还没有届别");
}

/// Whose reports are closed has nothing to do any more.
#[tokio::test]
async fn what_is_done_is_counted_no_more() {
    let app = TestApp::start().await;
    university(&app).await;
    let tx = app.db().begin_write().await.unwrap();
    let open = Scope::Everyone
        .select::<correction::Entity>()
        .filter(correction::Column::State.eq("open"))
        .one(&tx)
        .await
        .unwrap()
        .unwrap();
    let mut open: correction::ActiveModel = open.into();
    open.state = Set("withdrawn".into());
    open.closed_at = Set(Some(app.clock.now()));
    open.update(&tx).await.unwrap();
    tx.commit().await.unwrap();
    let centre = app.signed_in(Role::Centre, None).await;

    let text = centre.get(PAGE).await.text();

    assert!(text.contains("aria-label=\"彭康书院信息有误 0\""));
}
