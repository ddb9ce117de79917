//! 学生用户管理 (R10): who is on the roster, filtered, ordered, page by page; identity numbers shown for a purpose (R21b).

use chrono::TimeDelta;
use qihang_db::entity::{account_preference, disclosure, finding, roster_entry};
use qihang_db::{Role, Scope, records};
use sea_orm::{ActiveModelTrait, ActiveValue::Set, ColumnTrait, QueryFilter};

use super::export::grid;
use crate::activation::{activate, exchange, hidden, judge, with_student};
use crate::support::{Browser, TestApp, identity_number};

const LIST: &str = "/manage/roster";

/// The 学号 on a page, in order.
fn numbers(page: &str) -> Vec<String> {
    page.split("<tr><td class=\"pick\">")
        .skip(1)
        .filter_map(|row| row.split("<td>").nth(1))
        .filter_map(|cell| cell.split("</td>").next())
        .map(str::to_owned)
        .collect()
}

/// The address behind a link of the pager.
fn link(page: &str, words: &str) -> Option<String> {
    let before = page.split(&format!(">{words}</a>")).next()?;
    if before.len() == page.len() {
        return None;
    }
    let href = before.rsplit("href=\"").next()?.split('"').next()?;
    Some(href.replace("&#38;", "&").replace("&amp;", "&"))
}

async fn found(browser: &Browser, query: &str) -> Vec<String> {
    let reply = browser.get(&format!("{LIST}?{query}")).await;
    reply.assert_status(200);
    numbers(&reply.text())
}

/// Two undergraduates of two 书院 and a master, all on the roster.
async fn university() -> TestApp {
    let app = TestApp::start().await;
    let fixture = app.fixture();
    fixture.university().await;
    let wenzhi = fixture.college_id("S02").await;
    let electronics = fixture.college_id("004").await;
    let major = fixture.major_id("B004").await;
    let first = fixture.student("2230000001", |_| {}).await;
    let second = fixture
        .student("2230000002", |student| {
            student.name = "张100%_\\强".into();
            student.residence_id = Some(wenzhi);
            student.residence_found = "S02".into();
            student.school_id = electronics;
            student.major_id = major;
            student.class_name = "电信221".into();
            student.admission_year = 2022;
            student.length_half_years = Some(10);
            student.study_status = "suspended".into();
        })
        .await;
    let master = fixture.master("3240000001", |_| {}).await;
    for student in [first, second, master] {
        fixture.on_roster(student.id, 2027).await;
    }
    app
}

#[tokio::test]
async fn an_officer_sees_the_roster_of_the_own_college_and_nobody_elses() {
    let app = university().await;

    let pengkang = app.signed_in(Role::Officer, Some("S01")).await;
    let wenzhi = app.signed_in(Role::Officer, Some("S02")).await;
    let mechanics = app.signed_in(Role::Officer, Some("001")).await;
    let centre = app.signed_in(Role::Centre, None).await;

    assert_eq!(found(&pengkang, "").await, ["2230000001"]);
    assert_eq!(found(&wenzhi, "").await, ["2230000002"]);
    assert_eq!(found(&mechanics, "").await, ["3240000001"]);
    // By default in order of 院 code, then 学号.
    assert_eq!(
        found(&centre, "").await,
        ["3240000001", "2230000001", "2230000002"]
    );
    // A filter that names another 院 narrows, and never widens.
    assert_eq!(found(&pengkang, "residence=S02").await, [""; 0]);
    app.visitor().get(LIST).await.assert_status(303);
    let administrator = app.signed_in(Role::Administrator, None).await;
    administrator.get(LIST).await.assert_status(403);
}

#[tokio::test]
async fn every_filter_finds_who_it_names_and_nobody_else() {
    let app = university().await;
    let centre = app.signed_in(Role::Centre, None).await;
    let (first, second, master) = (["2230000001"], ["2230000002"], ["3240000001"]);

    for (query, expected) in [
        ("type=graduate", &master),
        ("degree=master", &master),
        ("admission_year=2022", &second),
        ("school=004", &second),
        ("residence=S01", &first),
        ("major=B004", &second),
        ("school=004&major=B004", &second),
        ("length=5", &second),
        ("length=3", &master),
        ("class_name=%E7%94%B5%E4%BF%A1221", &second),
        ("q=3240", &master),
        ("q=zhang", &second),
        ("q=%E5%BC%A0", &second),
        ("q=z100", &second),
        ("status=suspended", &second),
    ] {
        assert_eq!(&found(&centre, query).await, expected, "{query}");
    }
    assert_eq!(found(&centre, "how=officer").await.len(), 3);
    assert_eq!(found(&centre, "how=doctoral").await.len(), 0);
}

#[tokio::test]
async fn signs_that_like_would_take_for_patterns_are_searched_for_as_they_stand() {
    let app = university().await;
    let centre = app.signed_in(Role::Centre, None).await;

    // 张100%_\ exists; 张_ and 张% do not.
    assert_eq!(found(&centre, "q=%E5%BC%A0100%25_%5C").await, ["2230000002"]);
    for query in ["q=%25", "q=_", "q=%E5%BC%A0%25", "q=%E5%BC%A0_", "q=%5C"] {
        assert_eq!(found(&centre, query).await, [""; 0], "{query}");
    }
    // What looks like SQL is a name that nobody has.
    assert_eq!(found(&centre, "q=%27%20OR%201%3D1--").await, [""; 0]);
}

#[tokio::test]
async fn a_value_that_means_nothing_is_refused_and_never_read_as_any() {
    let app = university().await;
    let centre = app.signed_in(Role::Centre, None).await;

    for query in [
        "type=alien",
        "degree=diploma",
        "admission_year=abc",
        "school=S01",
        "school=999",
        "residence=001",
        "major=B999",
        "school=001&major=B004",
        "length=4.2",
        "status=sleeping",
        "has_finding=maybe",
        "how=magic",
        "activation=half",
        "sort=salary",
        "dir=sideways",
        "size=26",
        "view=all",
        "class_year=2025",
        "class_year=2028",
        "class_year=x",
        "after=nonsense",
        "sort=added_at&after=%5B%22S01%22%2C%221%22%5D",
        "last=many",
        "q=%00",
    ] {
        centre
            .get(&format!("{LIST}?{query}"))
            .await
            .assert_status(400)
            .assert_says("无法识别的请求");
    }
}

#[tokio::test]
async fn after_another_school_was_chosen_a_major_that_it_does_not_teach_is_let_go() {
    let app = university().await;
    let centre = app.signed_in(Role::Centre, None).await;

    let page = centre
        .get(&format!("{LIST}?school=001&major=B004&refresh=1"))
        .await;

    page.assert_status(200)
        .assert_says("value=\"B001\"")
        .assert_does_not_say("value=\"B004\"");
}

#[tokio::test]
async fn walking_the_pages_in_every_order_meets_everybody_once() {
    let app = TestApp::start().await;
    let fixture = app.fixture();
    fixture.university().await;
    let wenzhi = fixture.college_id("S02").await;
    for number in 0..60_i64 {
        let student = fixture
            .student(&format!("22300{number:05}"), |student| {
                student.name = ["卢宇玉", "单田芳", "卢雨雨"][usize::try_from(number % 3).unwrap()].into();
                student.class_name = format!("机械{}", number % 4);
                student.admission_year = 2020 + i32::try_from(number % 3).unwrap();
                if number % 2 == 0 {
                    student.residence_id = Some(wenzhi);
                }
            })
            .await;
        app.clock
            .set(app.clock.now() + TimeDelta::microseconds(number % 3 * 1_500));
        fixture.on_roster(student.id, 2027).await;
    }
    let centre = app.signed_in(Role::Centre, None).await;

    for sort in [
        "college",
        "student_no",
        "name",
        "major",
        "class_name",
        "admission_year",
        "added_at",
    ] {
        let mut forward = walk(&centre, &format!("sort={sort}"), "下一页").await;
        let back = walk(&centre, &format!("sort={sort}&last=1"), "上一页").await;
        let downward = walk(&centre, &format!("sort={sort}&dir=desc"), "下一页").await;

        assert_eq!(forward.len(), 3, "{sort}: 60 rows are three pages");
        let backward: Vec<String> = back.into_iter().rev().flatten().collect();
        let reversed: Vec<String> = downward.into_iter().flatten().rev().collect();
        let all: Vec<String> = forward.drain(..).flatten().collect();
        assert_eq!(all, backward, "{sort}");
        assert_eq!(all, reversed, "{sort}");
        let distinct: std::collections::BTreeSet<_> = all.iter().collect();
        assert_eq!((all.len(), distinct.len()), (60, 60), "{sort}");
    }
    assert_eq!(found(&centre, "size=50").await.len(), 50);
    assert_eq!(found(&centre, "size=100").await.len(), 60);
}

async fn walk(browser: &Browser, query: &str, words: &str) -> Vec<Vec<String>> {
    let mut pages = Vec::new();
    let mut address = Some(format!("{LIST}?{query}"));
    while let Some(at) = address {
        let page = browser.get(&at).await;
        page.assert_status(200).assert_says("共 60 人");
        pages.push(numbers(&page.text()));
        assert!(pages.len() < 10, "the walk does not end");
        address = link(&page.text(), words);
    }
    pages
}

#[tokio::test]
async fn the_views_show_these_columns_and_turn_into_each_other_with_the_filter_kept() {
    let app = university().await;
    let centre = app.signed_in(Role::Centre, None).await;
    let headings = |page: &str| -> String {
        let head = page
            .split("<thead>")
            .nth(1)
            .and_then(|rest| rest.split("</thead>").next())
            .unwrap_or_default();
        head.split("<th scope=\"col\"")
            .skip(1)
            .map(|cell| {
                let text = cell.split_once('>').map_or("", |(_, text)| text);
                let text = text
                    .trim()
                    .strip_prefix("<a ")
                    .and_then(|rest| rest.split_once('>'))
                    .map_or(text, |(_, t)| t);
                text.split(['<', '▲', '▼']).next().unwrap_or_default().trim()
            })
            .collect::<Vec<_>>()
            .join(" ")
    };

    let info = centre
        .get(&format!("{LIST}?type=graduate"))
        .await
        .assert_status(200)
        .text();
    let turned = link(&info, "学生用户列表（签约视图）").expect("the button that turns the view");
    let signing = centre.get(&turned).await.assert_status(200).text();

    assert_eq!(
        headings(&info),
        "学号 姓名 类型 学历 院系 专业 班级 学院 书院 入学年份 学制 性别 出生日期 民族 政治面貌 婚姻状况 证件类型 证件号 培养项目 \
         培养方式 学籍状态 生源所在地 考生号 辅导员 手机 邮箱 激活状态 添加时间 添加方式"
    );
    assert_eq!(
        headings(&signing),
        "学号 姓名 考生号 证件号 性别 民族 政治面貌 类型 学历 院系 专业 班级 培养方式 定向委培单位 生源所在地 生源所在地代码 \
         学制 入学年份 毕业年份 出生日期 手机 邮箱 毕业去向 签约状态 协议书编号 单位名称 单位组织机构代码 单位性质 单位行业 \
         单位所在地"
    );
    assert_eq!(numbers(&signing), ["3240000001"]);
    assert!(link(&signing, "学生用户列表（信息视图）").is_some_and(|href| href.contains("type=graduate")));
}

#[tokio::test]
async fn values_are_shown_by_name_and_as_found_where_no_table_knows_them() {
    let app = TestApp::start().await;
    let fixture = app.fixture();
    fixture.university().await;
    let student = fixture
        .student("2230000001", |student| {
            student.ethnic_group = "火星族".into();
            student.length_half_years = Some(5);
            student.study_status = "保留学籍".into();
        })
        .await;
    fixture.on_roster(student.id, 2027).await;
    let officer = app.signed_in(Role::Officer, Some("S01")).await;

    let page = officer.get(LIST).await;

    for words in [
        "女",
        "火星族",
        "<td>2.5</td>",
        "保留学籍",
        "陕西省西安市",
        "本科生",
        "彭康书院",
        "2026-09-10 10:00",
    ] {
        page.assert_says(words);
    }
}

#[tokio::test]
async fn the_columns_that_somebody_chose_are_remembered_for_that_person() {
    let app = university().await;
    let officer = app.signed_in(Role::Officer, Some("S01")).await;
    let head = app.signed_in(Role::Head, Some("S01")).await;

    let form = [
        ("view", "info"),
        ("column", "major"),
        ("column", "origin"),
        ("back", "q=22"),
    ];
    let reply = officer.post("/manage/roster/columns", &form).await;
    assert_eq!(reply.assert_status(303).location(), "/manage/roster?q=22");

    officer
        .get(LIST)
        .await
        .assert_says("陕西省西安市")
        .assert_does_not_say("机械231");
    head.get(LIST).await.assert_says("机械231");
    let again = [("view", "info"), ("reset", "1")];
    officer
        .post("/manage/roster/columns", &again)
        .await
        .assert_status(303);
    officer.get(LIST).await.assert_says("机械231");
    let stored = records::<account_preference::Entity>()
        .all(app.db().reader())
        .await
        .unwrap();
    assert_eq!(stored.len(), 1);
    let wrong = [("view", "info"), ("column", "salary")];
    officer
        .post("/manage/roster/columns", &wrong)
        .await
        .assert_status(400);
}

#[tokio::test]
async fn an_open_fault_can_be_asked_for_and_a_settled_one_or_an_information_is_none() {
    let app = university().await;
    let centre = app.signed_in(Role::Centre, None).await;
    let entries = Scope::Everyone
        .select::<roster_entry::Entity>()
        .all(app.db().reader())
        .await
        .unwrap();
    let now = app.clock.now();
    let tx = app.db().begin_write().await.unwrap();
    for (entry, (severity, settled)) in
        entries
            .iter()
            .zip([("fault", false), ("fault", true), ("info", false)])
    {
        finding::ActiveModel {
            class_year: Set(2027),
            student_id: Set(entry.student_id),
            kind: Set("origin_missing".into()),
            severity: Set(severity.into()),
            field: Set("生源所在地".into()),
            value: Set(String::new()),
            value_digest: Set(String::new()),
            reason: Set("生源所在地为空".into()),
            found_at: Set(now),
            settled_at: Set(settled.then_some(now)),
            settled_by: Set(None),
            settled_reason: Set(settled.then(|| "已联系".into())),
            ..Default::default()
        }
        .insert(&tx)
        .await
        .unwrap();
    }
    tx.commit().await.unwrap();

    assert_eq!(found(&centre, "has_finding=yes").await, ["2230000001"]);
    assert_eq!(
        found(&centre, "has_finding=no").await,
        ["3240000001", "2230000002"]
    );
}

#[tokio::test]
async fn a_page_with_nobody_on_it_says_why() {
    let app = TestApp::start().await;
    let fixture = app.fixture();
    fixture.university().await;
    let officer = app.signed_in(Role::Officer, Some("S01")).await;

    officer
        .get(LIST)
        .await
        .assert_status(200)
        .assert_says("2027 届生源库还没有学生")
        .assert_says("/manage/roster/candidates?class_year=2027");
    officer
        .get(&format!("{LIST}?class_year=2026"))
        .await
        .assert_status(200)
        .assert_says("2026 届尚未设置")
        .assert_says("不是本届（2027 届）");
    let student = fixture.student("2230000001", |_| {}).await;
    fixture.on_roster(student.id, 2027).await;
    officer
        .get(&format!("{LIST}?q=nobody"))
        .await
        .assert_status(200)
        .assert_says("没有符合条件的学生")
        .assert_says("重置");
}

#[tokio::test]
async fn a_class_year_that_is_only_planned_says_so() {
    let app = TestApp::start().await;
    app.fixture().class_year(2027, "planned").await;
    let centre = app.signed_in(Role::Centre, None).await;

    centre
        .get(LIST)
        .await
        .assert_status(200)
        .assert_says("2027 届尚未开启");
}

#[tokio::test]
async fn an_identity_number_is_masked_until_somebody_says_what_it_is_needed_for() {
    let app = TestApp::start().await;
    let fixture = app.fixture();
    fixture.university().await;
    let student = fixture.student("2230000001", |_| {}).await;
    fixture.on_roster(student.id, 2027).await;
    let number = identity_number("2230000001");
    let officer = app.signed_in(Role::Officer, Some("S01")).await;
    let id = student.id.to_string();
    let ask = format!("/manage/roster/disclosures?student={id}");
    let before = app.audit_actions().await.len();

    officer
        .get(LIST)
        .await
        .assert_does_not_say(&number)
        .assert_says(&ask);
    officer
        .get(&ask)
        .await
        .assert_status(200)
        .assert_does_not_say(&number);
    let nothing = [("student", id.as_str()), ("purpose", " ")];
    let refused = officer.post("/manage/roster/disclosures", &nothing).await;
    refused
        .assert_status(422)
        .assert_says("请填写用途")
        .assert_does_not_say(&number);
    assert_eq!(app.audit_actions().await.len(), before);

    let form = [("student", id.as_str()), ("purpose", "核对派遣信息")];
    let shown = officer.post("/manage/roster/disclosures", &form).await;

    shown.assert_status(200).assert_says(&number);
    assert_eq!(
        app.audit_actions().await.last().map(String::as_str),
        Some("identity.shown")
    );
    let recorded = Scope::Everyone
        .select::<disclosure::Entity>()
        .filter(disclosure::Column::StudentId.eq(student.id))
        .one(app.db().reader())
        .await
        .unwrap()
        .expect("the look is recorded");
    assert_eq!(recorded.purpose, "核对派遣信息");
    // The purpose is asked once: the next number offers it.
    officer.get(&ask).await.assert_says("核对派遣信息");
    let log = records::<qihang_db::entity::audit_event::Entity>()
        .all(app.db().reader())
        .await
        .unwrap();
    assert!(
        log.iter()
            .all(|event| !event.after.as_deref().unwrap_or("").contains(&number))
    );
}

#[tokio::test]
async fn a_number_of_another_college_is_not_there_to_be_shown() {
    let app = university().await;
    let stranger = app.signed_in(Role::Officer, Some("S02")).await;
    let student = Scope::Everyone
        .select::<qihang_db::entity::student::Entity>()
        .filter(qihang_db::entity::student::Column::StudentNo.eq("2230000001"))
        .one(app.db().reader())
        .await
        .unwrap()
        .unwrap();
    let id = student.id.to_string();

    let form = [("student", id.as_str()), ("purpose", "好奇")];
    stranger
        .post("/manage/roster/disclosures", &form)
        .await
        .assert_status(404);
    stranger
        .get(&format!("/manage/roster/disclosures?student={id}"))
        .await
        .assert_status(404);

    let looks = Scope::Everyone
        .select::<disclosure::Entity>()
        .all(app.db().reader())
        .await
        .unwrap();
    assert!(looks.is_empty());
}

#[tokio::test]
async fn the_list_says_how_far_the_activation_is_and_finds_by_it() {
    let (app, pending) = with_student(|_| {}).await;
    let mut activated = Vec::new();
    for student_no in ["2230100002", "2230100003"] {
        let student = app.fixture().student(student_no, |_| {}).await;
        app.fixture().on_roster(student.id, 2027).await;
        activated.push(student);
    }
    judge(&app).await;
    let officer = app.signed_in(Role::Officer, Some("S01")).await;
    let numbers_of = async |stage: &str| found(&officer, &format!("activation={stage}")).await;
    // What is remembered of these lists must not outlive what the students do now.
    assert_eq!(numbers_of("pending").await.len(), 3);
    assert_eq!(numbers_of("activated").await, [""; 0]);

    for student in &activated {
        activate(&app.student(student).await).await.assert_status(303);
    }
    assert_eq!(numbers_of("pending").await, [pending.student_no.as_str()]);
    assert_eq!(numbers_of("activated").await, ["2230100002", "2230100003"]);
    exchange(&app, activated[1].id, |row| row.name = "卢宇钰".into()).await;

    for (stage, label, expected) in [
        ("pending", "未激活", &pending.student_no),
        ("activated", "已激活", &activated[0].student_no),
        ("again", "待确认", &activated[1].student_no),
    ] {
        let page = officer.get(&format!("{LIST}?activation={stage}")).await;
        page.assert_status(200).assert_says(&format!("<td>{label}</td>"));
        assert_eq!(&numbers(&page.text()), std::slice::from_ref(expected), "{stage}");
        let file = officer.get(&format!("{LIST}.xlsx?activation={stage}")).await;
        let rows = grid(&file);
        let at = rows[0].iter().position(|cell| cell == "激活状态").unwrap();
        assert_eq!((rows.len(), rows[1][at].as_str()), (2, label));
    }
    assert_eq!(found(&officer, "activation=").await.len(), 3);
    // Confirming what has changed brings the student back among the activated.
    let browser = app.student(&activated[1]).await;
    let seen = hidden(&browser.get("/student/activation").await, "seen");
    browser
        .post("/student/activation/confirmation", &[("seen", &seen)])
        .await
        .assert_status(303);
    assert_eq!(numbers_of("activated").await, ["2230100002", "2230100003"]);
}
