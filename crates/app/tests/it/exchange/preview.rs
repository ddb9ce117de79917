//! From upload to records.

use super::{Exchange, HEADINGS, figures, file, row};
use crate::support::TestApp;

#[tokio::test]
async fn a_file_is_previewed_written_and_audited() {
    let app = TestApp::start().await;
    let exchange = Exchange::at(&app).await;

    let batch_id = exchange
        .upload("students", &file(&[row("1", " 张三　"), row("2", "李四")]))
        .await;
    let previewed = exchange.batch(batch_id).await;
    assert_eq!(
        (previewed.state.as_str(), figures(&previewed)),
        ("previewed", [2, 0, 0, 0, 0])
    );
    assert!(exchange.students().await.is_empty(), "a preview writes nothing");
    exchange
        .page(batch_id)
        .await
        .assert_says("张三")
        .assert_says("执行导入");

    let written = exchange.commit(batch_id, "good", false).await;

    assert_eq!(written.state, "committed");
    let zhang = exchange.student("1").await;
    assert_eq!((zhang.name.as_str(), zhang.sex.as_str()), ("张三", "1"));
    assert_eq!(
        (zhang.student_type.as_str(), zhang.study_status.as_str()),
        ("undergraduate", "active")
    );
    assert_eq!(
        (zhang.expected_year, zhang.college_id),
        (Some(2027), app.fixture().college_id("S01").await)
    );
    assert_eq!(zhang.pinyin, "zhangsan");
    let events = app.audit_actions().await;
    assert_eq!(
        events,
        ["session.signed_in", "import.prepared", "import.committed"]
    );
}

#[tokio::test]
async fn the_same_file_twice_changes_nothing_and_says_so() {
    let app = TestApp::start().await;
    let exchange = Exchange::at(&app).await;
    let content = file(&[row("1", "张三"), row("2", "李四")]);
    exchange.import("students", &content).await;
    let before = exchange.students().await;

    let again = exchange.import("students", &content).await;

    assert_eq!(figures(&again), [0, 0, 0, 2, 0]);
    assert_eq!(exchange.students().await, before);
    exchange.page(again.id).await.assert_says("没有任何变化");
}

#[tokio::test]
async fn a_change_is_shown_cell_by_cell_and_columns_that_are_absent_stay() {
    let app = TestApp::start().await;
    let exchange = Exchange::at(&app).await;
    exchange.import("students", &file(&[row("1", "张三")])).await;

    let batch_id = exchange
        .upload("students", "学号,姓名,学籍状态\n1,张三丰,休学\n".as_bytes())
        .await;
    let page = exchange.page(batch_id).await;

    page.assert_says("<del class=\"was\">张三</del>")
        .assert_says("张三丰")
        .assert_says("休学");
    exchange.commit(batch_id, "good", true).await;
    let student = exchange.student("1").await;
    assert_eq!(
        (student.name.as_str(), student.mobile.as_str()),
        ("张三丰", "13800138000")
    );
    assert_eq!(
        (student.study_status.as_str(), student.expected_year),
        ("suspended", None)
    );
}

#[tokio::test]
async fn whoever_is_absent_from_a_complete_file_is_marked_and_comes_back() {
    let app = TestApp::start().await;
    let exchange = Exchange::at(&app).await;
    let both = file(&[row("1", "张三"), row("2", "李四")]);
    exchange.import("students", &both).await;

    let partial = exchange.import("students", &file(&[row("1", "张三")])).await;
    assert_eq!(figures(&partial), [0, 0, 0, 1, 0]);
    let batch_id = exchange.upload_complete(&file(&[row("1", "张三")])).await;
    let vanished = exchange.commit(batch_id, "good", true).await;

    assert_eq!(figures(&vanished), [0, 0, 1, 1, 0]);
    let gone = exchange.student("2").await;
    assert!(gone.vanished_at.is_some() && gone.expected_year.is_none());
    assert_eq!(gone.expectation, "vanished");

    let back = exchange.import("students", &both).await;

    assert_eq!(figures(&back), [0, 1, 0, 1, 0]);
    let there = exchange.student("2").await;
    assert_eq!((there.vanished_at, there.expected_year), (None, Some(2027)));
}

#[tokio::test]
async fn a_row_that_cannot_be_a_student_is_refused_with_its_reason_and_keeps_nobody_else() {
    let app = TestApp::start().await;
    let exchange = Exchange::at(&app).await;
    let rows = [
        row("", "无号"),
        row("2", "李四").replace("B001", "X999"),
        row("3", "王五").replace(",001,", ",777,"),
        row("4", "赵六").replace("2023", "二〇二三"),
        row("5", "钱七"),
        row("6", "孙八") + ",多余",
        row("7", "周九")
            .replace("男", "未定")
            .replace("S01", "某书院")
            .replace(",4,", ",四点五,"),
        "4.40111E+17,吴十,男,本科生,本科,001,S01,B001,2023,4,在读,".to_owned(),
    ];

    let batch = exchange.import("students", &file(&rows)).await;

    let reasons = exchange.reasons(batch.id).await;
    let numbers: Vec<i32> = reasons.iter().map(|(number, _)| *number).collect();
    assert_eq!(numbers, [2, 3, 4, 5, 7, 9], "{reasons:?}");
    for ((_, reason), words) in reasons.iter().zip([
        "学号为空",
        "X999",
        "777",
        "二〇二三",
        "没有列名",
        "Excel 按数字取整",
    ]) {
        assert!(reason.contains(words), "{reason}");
    }
    let kept = exchange.student("7").await;
    assert_eq!(
        (
            kept.sex.as_str(),
            kept.residence_found.as_str(),
            kept.residence_id
        ),
        ("未定", "某书院", None)
    );
    assert_eq!(
        (kept.length_half_years, kept.length_found.as_str()),
        (None, "四点五")
    );
    assert_eq!(kept.college_id, app.fixture().college_id("001").await);
    assert_eq!(exchange.students().await.len(), 2);
}

#[tokio::test]
async fn of_rows_with_the_same_number_the_first_counts() {
    let app = TestApp::start().await;
    let exchange = Exchange::at(&app).await;
    let rows = [
        row("1", "张三"),
        row("1", "张三"),
        row("1", "张山"),
        row("2", "李四"),
    ];

    let batch = exchange.import("students", &file(&rows)).await;

    assert_eq!(figures(&batch), [2, 0, 0, 0, 1]);
    let reasons = exchange.reasons(batch.id).await;
    assert!(reasons[0].1.contains("与第 2 行完全相同"), "{reasons:?}");
    assert!(reasons[1].1.contains("姓名不同"), "{reasons:?}");
    assert_eq!(exchange.student("1").await.name, "张三");
}

#[tokio::test]
async fn a_refused_row_stays_open_until_the_student_appears_or_somebody_settles_it() {
    let app = TestApp::start().await;
    let exchange = Exchange::at(&app).await;
    exchange
        .import(
            "students",
            &file(&[row("1", "张三").replace("B001", "X999"), row("", "无号")]),
        )
        .await;
    let refusals = || exchange.browser.get("/manage/imports/refusals");
    refusals().await.assert_says("X999").assert_says("共 2 条");

    exchange.import("students", &file(&[row("1", "张三")])).await;

    let page = refusals().await;
    page.assert_does_not_say("X999")
        .assert_says("学号为空")
        .assert_says("共 1 条");
    let text = page.text();
    let address = text
        .split("action=\"")
        .find(|part| part.starts_with("/manage/imports/refusals/"))
        .unwrap();
    let address = address.split('"').next().unwrap();
    exchange
        .browser
        .post(address, &[("reason", " ")])
        .await
        .assert_status(422)
        .assert_says("请填写处理说明");
    exchange
        .browser
        .post(address, &[("reason", "测试数据，无此人")])
        .await
        .assert_status(303);
    refusals().await.assert_says("没有待处理的拒收记录");
    exchange
        .browser
        .post(address, &[("reason", "再来一次")])
        .await
        .assert_status(404);
}

#[tokio::test]
async fn a_file_in_gb18030_with_campus_names_is_understood() {
    let app = TestApp::start().await;
    let exchange = Exchange::at(&app).await;
    // 学号为 1 的卢宇玉, as a system from before Unicode writes it.
    let mut content = b"XH,XM,XSLBMC,PYCCMC,YXDM,ZYH,RXNJ,XZ,XJZTMC\r\n1,".to_vec();
    content.extend(*b"\xc2\xac\xd3\xee\xd3\xf1,\xd1\xd0\xbe\xbf\xc9\xfa,\xcb\xb6\xca\xbf,001,M001,2024,3,\xd4\xda\xb6\xc1\r\n");

    exchange.import("students", &content).await;

    let student = exchange.student("1").await;
    assert_eq!(
        (student.name.as_str(), student.student_type.as_str()),
        ("卢宇玉", "graduate")
    );
    assert_eq!(
        (student.degree_level.as_str(), student.expected_year),
        ("master", Some(2027))
    );
}

#[tokio::test]
async fn an_unknown_heading_is_asked_about_once_and_remembered() {
    let app = TestApp::start().await;
    let exchange = Exchange::at(&app).await;
    let content = format!("{HEADINGS},籍贯地,备注\n{},610100,无\n", row("1", "张三"));

    let batch_id = exchange.upload("students", content.as_bytes()).await;
    assert_eq!(exchange.batch(batch_id).await.state, "mapping");
    exchange
        .page(batch_id)
        .await
        .assert_says("籍贯地")
        .assert_says("不导入");
    exchange
        .post(
            batch_id,
            "mappings",
            &[
                ("heading", "籍贯地"),
                ("heading", "备注"),
                ("field", "origin"),
                ("field", ""),
            ],
        )
        .await
        .assert_status(422)
        .assert_says("备注");
    exchange
        .post(
            batch_id,
            "mappings",
            &[
                ("heading", "籍贯地"),
                ("heading", "备注"),
                ("field", "origin"),
                ("field", "secret"),
            ],
        )
        .await
        .assert_status(400);
    let chosen = [
        ("heading", "籍贯地"),
        ("heading", "备注"),
        ("field", "origin"),
        ("field", "none"),
    ];
    exchange
        .post(batch_id, "mappings", &chosen)
        .await
        .assert_status(303);
    assert_eq!(exchange.settled(batch_id).await.state, "previewed");
    exchange.commit(batch_id, "good", false).await;
    assert_eq!(exchange.student("1").await.origin, "610100");

    let again = exchange.upload("students", content.as_bytes()).await;

    assert_eq!(exchange.batch(again).await.state, "previewed");
}

#[tokio::test]
async fn all_or_nothing_writes_nothing_while_a_row_is_refused() {
    let app = TestApp::start().await;
    let exchange = Exchange::at(&app).await;
    let batch_id = exchange
        .upload("students", &file(&[row("1", "张三"), row("", "无号")]))
        .await;

    let batch = exchange.commit(batch_id, "all", false).await;

    assert_eq!(batch.state, "previewed");
    assert!(exchange.students().await.is_empty());
    exchange.page(batch_id).await.assert_says("没有写入任何数据");
}

#[tokio::test]
async fn a_change_of_more_than_a_tenth_of_all_students_waits_for_somebody_to_look() {
    let app = TestApp::start().await;
    let exchange = Exchange::at(&app).await;
    let rows: Vec<String> = (0..20)
        .map(|number| row(&format!("{number:02}"), "张三"))
        .collect();
    exchange.import("students", &file(&rows)).await;

    let two: Vec<String> = (0..2)
        .map(|number| row(&format!("{number:02}"), "李四"))
        .collect();
    let batch_id = exchange.upload("students", &file(&two)).await;
    assert_eq!(exchange.commit(batch_id, "good", false).await.state, "committed");

    let three: Vec<String> = (0..3)
        .map(|number| row(&format!("{number:02}"), "王五"))
        .collect();
    let batch_id = exchange.upload("students", &file(&three)).await;
    exchange.page(batch_id).await.assert_says("超过安全比例");
    assert_eq!(exchange.commit(batch_id, "good", false).await.state, "previewed");
    assert_eq!(exchange.student("00").await.name, "李四");
    assert_eq!(exchange.commit(batch_id, "good", true).await.state, "committed");
    assert_eq!(exchange.student("00").await.name, "王五");
}

#[tokio::test]
async fn two_who_press_at_once_write_once() {
    let app = TestApp::start().await;
    let exchange = Exchange::at(&app).await;
    let batch_id = exchange.upload("students", &file(&[row("1", "张三")])).await;

    let form = [("mode", "good")];
    let (one, other) = tokio::join!(
        exchange.post(batch_id, "commitment", &form),
        exchange.post(batch_id, "commitment", &form)
    );

    let mut statuses = [one.status.as_u16(), other.status.as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses, [303, 409]);
    assert_eq!(exchange.settled(batch_id).await.state, "committed");
    let committed = app
        .audit_actions()
        .await
        .into_iter()
        .filter(|action| action == "import.committed");
    assert_eq!(committed.count(), 1);
}

#[tokio::test]
async fn a_preview_that_is_not_true_any_more_is_shown_anew_instead_of_written() {
    let app = TestApp::start().await;
    let exchange = Exchange::at(&app).await;
    exchange.import("students", &file(&[row("1", "张三")])).await;
    let stale = exchange.upload("students", &file(&[row("1", "李四")])).await;
    exchange.import("students", &file(&[row("1", "王五")])).await;

    let batch = exchange.commit(stale, "good", true).await;

    assert_eq!(batch.state, "previewed");
    assert_eq!(exchange.student("1").await.name, "王五");
    exchange
        .page(stale)
        .await
        .assert_says("最新的预览")
        .assert_says("<del class=\"was\">王五</del>");
    exchange.commit(stale, "good", true).await;
    assert_eq!(exchange.student("1").await.name, "李四");
}

#[tokio::test]
async fn a_cancelled_import_cannot_be_written() {
    let app = TestApp::start().await;
    let exchange = Exchange::at(&app).await;
    let batch_id = exchange.upload("students", &file(&[row("1", "张三")])).await;

    exchange
        .post(batch_id, "cancellation", &[])
        .await
        .assert_status(303);

    exchange
        .post(batch_id, "commitment", &[("mode", "good")])
        .await
        .assert_status(409);
    assert!(exchange.students().await.is_empty());
    assert!(app.audit_actions().await.contains(&"import.cancelled".to_owned()));
}
