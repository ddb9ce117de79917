//! 院系, 专业 and 工作人员.

use qihang_db::entity::{account, assignment, college, major};
use qihang_db::{Role, records};
use sea_orm::QueryOrder;

use super::{Exchange, figures, file, row};
use crate::support::TestApp;

#[tokio::test]
async fn an_empty_university_is_loaded_from_its_files() {
    let app = TestApp::start().await;
    app.fixture().account("c1", Role::Centre, None).await;
    let browser = app.visitor();
    browser
        .sign_in("c1", crate::support::PASSWORD)
        .await
        .assert_status(303);
    let exchange = Exchange { app: &app, browser };

    exchange
        .import(
            "units",
            "DWH,DWMC,DWLB,XQ\nS01,彭康书院,书院,兴庆\n001,机械工程学院,学院,\n9,某处,处室,\n".as_bytes(),
        )
        .await;
    let majors = "ZYH,ZYDM,ZYMC,DWH,PYCC,XZ\nB001,080201,机械工程,001,本科,4\nB009,,某专业,999,本科,4\nB008,,某专业,机械工程学院,本科,很久\n";
    let majors = exchange.import("majors", majors.as_bytes()).await;
    // 专业 by name, 学院 by name.
    let students = file(&[row("1", "张三")
        .replace("B001", "机械工程")
        .replace(",001,", ",机械工程学院,")]);
    exchange.import("students", &students).await;

    assert_eq!(figures(&majors), [1, 0, 0, 0, 2]);
    let colleges = records::<college::Entity>()
        .order_by_asc(college::Column::Code)
        .all(app.db().reader())
        .await
        .unwrap();
    let codes: Vec<&str> = colleges.iter().map(|college| college.code.as_str()).collect();
    assert_eq!(codes, ["001", "S01"]);
    assert_eq!(
        records::<major::Entity>()
            .all(app.db().reader())
            .await
            .unwrap()
            .len(),
        1
    );
    assert_eq!(
        exchange.student("1").await.college_id,
        app.fixture().college_id("S01").await
    );
}

#[tokio::test]
async fn a_residential_college_that_appears_later_takes_over_its_students() {
    let app = TestApp::start().await;
    let exchange = Exchange::at(&app).await;
    exchange
        .import("students", &file(&[row("1", "张三").replace("S01", "S09")]))
        .await;
    assert_eq!(
        exchange.student("1").await.college_id,
        app.fixture().college_id("001").await
    );

    let units = exchange
        .import("units", "院系代码,院系名称,类别\nS09,新书院,书院\n".as_bytes())
        .await;

    let student = exchange.student("1").await;
    assert_eq!(student.college_id, app.fixture().college_id("S09").await);
    assert!(student.residence_id.is_some());
    // A student hangs on it now.
    exchange
        .post(units.id, "reversal", &[])
        .await
        .assert_status(409)
        .assert_says("已有学生");
}

#[tokio::test]
async fn another_length_of_a_major_moves_the_expected_year() {
    let app = TestApp::start().await;
    let exchange = Exchange::at(&app).await;
    exchange
        .import("students", &file(&[row("1", "张三").replace(",4,", ",,")]))
        .await;
    assert_eq!(exchange.student("1").await.expected_year, Some(2027));

    let batch = exchange
        .import("majors", "专业号,学制\nB001,5\n".as_bytes())
        .await;
    assert_eq!(exchange.student("1").await.expected_year, Some(2028));

    exchange.post(batch.id, "reversal", &[]).await.assert_status(303);
    assert_eq!(exchange.student("1").await.expected_year, Some(2027));
}

#[tokio::test]
async fn officers_get_an_account_without_password_and_their_roles_from_today() {
    let app = TestApp::start().await;
    let exchange = Exchange::at(&app).await;
    let content = "工号,姓名,角色,单位号,手机,邮箱\nT001,某老师,院系教师,001,,\nT001,某老师,院系教师,004,,\nT002,另一位,院系教师,,,\nT003,中心老师,就业中心,001,,\n";

    let batch = exchange.import("officers", content.as_bytes()).await;

    assert_eq!(figures(&batch), [2, 0, 0, 0, 2]);
    let accounts = records::<account::Entity>()
        .order_by_asc(account::Column::Id)
        .all(app.db().reader())
        .await
        .unwrap();
    let new = accounts.iter().find(|account| account.login == "t001").unwrap();
    assert!(new.password_hash.is_none() && new.must_change_password);
    let roles = records::<assignment::Entity>()
        .all(app.db().reader())
        .await
        .unwrap();
    assert_eq!(roles.iter().filter(|role| role.account_id == new.id).count(), 2);

    let complete = "工号,姓名,角色,单位号\nT001,某老师,院系教师,001\n";
    let fields = [("dataset", "officers"), ("complete", "1")];
    let batch_id = exchange
        .upload_with(&fields, "人员.csv", complete.as_bytes())
        .await;
    let ended = exchange.commit(batch_id, "good", false).await;
    assert_eq!(
        figures(&ended),
        [0, 0, 1, 1, 0],
        "the centre's own role never ends by a list"
    );

    exchange.post(batch.id, "reversal", &[]).await.assert_status(409);
    exchange.post(batch_id, "reversal", &[]).await.assert_status(303);
    exchange.post(batch.id, "reversal", &[]).await.assert_status(303);
    let accounts = records::<account::Entity>().all(app.db().reader()).await.unwrap();
    assert!(accounts.iter().all(|account| account.login != "t001"));
}
