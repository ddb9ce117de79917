//! The home page and the pages of its steps (R21a, R22).

use qihang::activation::gate::Step;
use qihang::student::model::Stage;
use qihang_db::Role;
use qihang_db::entity::{account, class_year, class_year_officer, student};
use sea_orm::sea_query::Expr;
use sea_orm::{ActiveModelTrait, ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter};

use crate::activation::{activate, judge, with_student};
use crate::support::{Browser, Reply, TestApp};

/// Gives an account a telephone and an address, and names it responsible for 2027 in a 院.
async fn responsible(app: &TestApp, account_id: i64, college_id: i64) {
    let tx = app.db().begin_write().await.unwrap();
    account::Entity::update_many()
        .col_expr(account::Column::Name, Expr::value("秦老师"))
        .col_expr(account::Column::Mobile, Expr::value("029-00000001"))
        .col_expr(account::Column::Email, Expr::value("qin@college.example"))
        .filter(account::Column::Id.eq(account_id))
        .exec(&tx)
        .await
        .unwrap();
    class_year_officer::ActiveModel {
        class_year: Set(2027),
        college_id: Set(college_id),
        account_id: Set(account_id),
    }
    .insert(&tx)
    .await
    .unwrap();
    tx.commit().await.unwrap();
}

#[tokio::test]
async fn who_is_on_the_roster_sees_what_is_next_and_until_when() {
    let (app, student) = with_student(|_| {}).await;

    let page = app.student(&student).await.get("/student").await;

    page.assert_status(200)
        .assert_says("卢宇玉，你好")
        .assert_says("2027 届")
        .assert_says("彭康书院")
        .assert_says("去激活账户")
        .assert_says("9月30日")
        .assert_says("还有 20 天")
        .assert_does_not_say("为什么我还不在名单里");
    for stage in Stage::ALL {
        page.assert_says(stage.label());
    }
    assert_eq!(page.text().matches("btn-primary").count(), 1, "one main button");
}

#[tokio::test]
async fn a_doctoral_student_has_a_day_of_the_own_and_none_while_the_centre_has_not_set_it() {
    let (app, student) = with_student(|row| "doctor".clone_into(&mut row.degree_level)).await;
    let browser = app.student(&student).await;
    browser.get("/student").await.assert_does_not_say("账户激活截止");
    let tx = app.db().begin_write().await.unwrap();
    class_year::Entity::update_many()
        .col_expr(
            class_year::Column::DoctoralDue,
            Expr::value(chrono::NaiveDate::from_ymd_opt(2026, 9, 12)),
        )
        .exec(&tx)
        .await
        .unwrap();
    tx.commit().await.unwrap();

    browser
        .get("/student")
        .await
        .assert_says("9月12日")
        .assert_says("还有 2 天")
        .assert_says("due-soon");
}

#[tokio::test]
async fn what_is_missing_comes_before_activation_and_names_who_mends_it() {
    let (app, student) = with_student(|row| {
        row.origin = String::new();
        row.exam_no = "1".into();
    })
    .await;
    let browser = app.student(&student).await;

    browser
        .get("/student")
        .await
        .assert_says("先补全信息")
        .assert_says("还有 2 项");
    browser
        .get("/student/steps/record")
        .await
        .assert_says("生源所在地为空")
        .assert_says("/portal/profile")
        .assert_says("考生号无效")
        .assert_says("/student/record/exam_no");
    browser.get("/student/record").await.assert_says("需处理");
}

#[tokio::test]
async fn the_contact_is_whoever_is_responsible_or_else_the_officers_of_the_own_college() {
    let (app, student) = with_student(|_| {}).await;
    let browser = app.student(&student).await;
    browser
        .get("/student")
        .await
        .assert_says("彭康书院还没有指定就业专员");
    app.fixture()
        .account("t-officer", Role::Officer, Some("S01"))
        .await;
    app.fixture().account("t-other", Role::Officer, Some("S02")).await;
    let page = browser.get("/student").await;
    page.assert_says("某老师").assert_says("没有登记联系方式");
    assert_eq!(
        page.text().matches("某老师").count(),
        1,
        "the officer of another 院 is none"
    );
    let named = app.fixture().account("t-named", Role::Head, Some("S01")).await;
    responsible(&app, named, student.college_id).await;

    browser
        .get("/student")
        .await
        .assert_says("秦老师")
        .assert_says("tel:02900000001")
        .assert_says("mailto:qin@college.example")
        .assert_does_not_say("某老师")
        .assert_does_not_say("t-named");
}

/// A student who stands so, and a browser.
async fn standing_so(which: &str) -> (TestApp, Browser) {
    let (app, student) = with_student(|_| {}).await;
    let browser = app.student(&student).await;
    match which {
        "not listed" => {
            let other = app.fixture().student("2230100009", |_| {}).await;
            let browser = app.student(&other).await;
            return (app, browser);
        }
        "listed" => {}
        "lapsed" => {
            let tx = app.db().begin_write().await.unwrap();
            for sql in [
                "UPDATE class_year SET state = 'closed', closed_at = opened_at",
                "UPDATE roster_entry SET state = 'closed'",
            ] {
                sea_orm::ConnectionTrait::execute_unprepared(&tx, sql)
                    .await
                    .unwrap();
            }
            tx.commit().await.unwrap();
        }
        "activated" => {
            activate(&browser).await.assert_status(303);
        }
        "confirm again" => {
            activate(&browser).await.assert_status(303);
            let row = current(&app, student.id).await;
            app.fixture()
                .rewrite(row, |row| "卢宇钰".clone_into(&mut row.name))
                .await;
            judge(&app).await;
        }
        other => panic!("nobody stands {other}"),
    }
    (app, browser)
}

async fn current(app: &TestApp, id: i64) -> student::Model {
    qihang_db::Scope::Student(id)
        .select::<student::Entity>()
        .one(app.db().reader())
        .await
        .unwrap()
        .unwrap()
}

/// The paths of this site that a page leads to, without those of the frame.
fn ways(page: &Reply) -> Vec<String> {
    let text = page.text();
    let main = text.split("<main").nth(1).unwrap_or_default();
    main.split("href=\"")
        .skip(1)
        .filter_map(|rest| rest.split('"').next())
        .filter(|way| way.starts_with('/'))
        .map(str::to_owned)
        .collect()
}

#[tokio::test]
async fn wherever_a_student_stands_every_step_says_what_to_do_and_leads_on() {
    for (which, label) in [
        ("not listed", "未入库"),
        ("listed", "未激活"),
        ("lapsed", "届别已关闭"),
        ("confirm again", "需重新确认"),
        ("activated", "已激活"),
    ] {
        let (_app, browser) = standing_so(which).await;
        let home = browser.get("/student").await;
        home.assert_status(200).assert_says(label);
        assert_eq!(
            home.text().matches("btn-primary").count(),
            1,
            "{which}: one main button"
        );
        let codes = Step::ALL
            .iter()
            .map(|step| step.code())
            .chain(Stage::ALL.iter().map(|stage| stage.code()));
        for code in codes {
            let page = browser.get(&format!("/student/steps/{code}")).await;
            page.assert_status(200);
            let ways = ways(&page);
            let on: Vec<&String> = ways.iter().filter(|way| *way != "/student").collect();
            assert!(
                !on.is_empty() || page.text().contains("tel:") || ways.contains(&"/student".to_owned()),
                "{which}: {code} is a dead end"
            );
            for way in ways {
                let reply = browser.get(way.split('#').next().unwrap_or_default()).await;
                let is_portal = way.starts_with("/portal/");
                assert!(
                    reply.status.as_u16() < 400 || is_portal,
                    "{which}: {code} leads to {way}, which is {}",
                    reply.status
                );
            }
        }
        browser.get("/student/steps/nothing").await.assert_status(404);
    }
}

#[tokio::test]
async fn a_step_that_is_possible_and_not_built_yet_says_so_and_one_that_is_not_says_why() {
    let (_app, browser) = standing_so("activated").await;
    browser
        .get("/student/steps/agreement")
        .await
        .assert_says("你已具备办理条件")
        .assert_does_not_say("去办理");
    let (_app, browser) = standing_so("listed").await;
    browser
        .get("/student/steps/agreement")
        .await
        .assert_says("账户还没有激活")
        .assert_says("由本人处理")
        .assert_says("去激活账户");
}

#[tokio::test]
async fn a_changed_field_is_named_and_the_account_stays_open() {
    let (_app, browser) = standing_so("confirm again").await;

    browser
        .get("/student")
        .await
        .assert_says("你激活之后，姓名有更改")
        .assert_says("去确认更改");
}
