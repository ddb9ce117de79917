//! 导出excel (R10) and `qihang roster export`: what leaves is what is on screen, and recorded before (R21b).

use std::io::Cursor;

use axum::http::header;
use calamine::{Reader, Xlsx};
use qihang::auth::{Can, policy};
use qihang::class_year::model::ClassYear;
use qihang::roster::disclosure::rules::Purpose;
use qihang::roster::export::model::{ExportError, Format, Order, Unfit};
use qihang::roster::export::rules::Export;
use qihang::roster::list::columns::Column;
use qihang::roster::list::filter::{ListFilter, View};
use qihang_db::entity::{export_record, export_subject};
use qihang_db::{Role, Scope, records};
use sea_orm::QueryOrder;

use crate::support::{Browser, Reply, TestApp, identity_number};

/// The cells of the first sheet.
pub(super) fn grid(reply: &Reply) -> Vec<Vec<String>> {
    let mut book = Xlsx::new(Cursor::new(reply.bytes.clone())).expect("a workbook");
    let name = book.sheet_names()[0].clone();
    let range = book.worksheet_range(&name).expect("the sheet");
    range
        .rows()
        .map(|row| row.iter().map(ToString::to_string).collect())
        .collect()
}

/// The cells of the list on screen, without what only a screen has.
async fn screen(browser: &Browser, query: &str) -> Vec<Vec<String>> {
    let page = browser.get(&format!("/manage/roster?{query}")).await.text();
    let text = |cell: &str| {
        let cell = cell.split(" <a ").next().unwrap_or_default();
        cell.replace("&#60;", "<")
            .replace("&#62;", ">")
            .replace("&#38;", "&")
            .replace("&#39;", "'")
    };
    let body = page.split("<tbody>").nth(1).unwrap_or_default();
    let body = body.split("</tbody>").next().unwrap_or_default();
    body.split("<tr><td class=\"pick\">")
        .skip(1)
        .map(|row| {
            let cells = row
                .replace("<th scope=\"row\">", "<td>")
                .replace("</th>", "</td>");
            cells
                .split("<td>")
                .skip(1)
                .map(|cell| text(cell.split("</td>").next().unwrap_or_default()))
                .collect()
        })
        .collect()
}

pub(super) async fn university(count: usize) -> TestApp {
    let app = TestApp::start().await;
    let fixture = app.fixture();
    fixture.university().await;
    let wenzhi = fixture.college_id("S02").await;
    for number in 0..count {
        let student = fixture
            .student(&format!("22300{number:05}"), |student| {
                student.class_name = format!("机械{}", number % 3);
                student.directed_unit = "=HYPERLINK(\"http://evil.example\")".into();
                if number % 2 == 0 {
                    student.residence_id = Some(wenzhi);
                }
            })
            .await;
        fixture.on_roster(student.id, 2027).await;
    }
    app
}

async fn record(app: &TestApp) -> export_record::Model {
    records::<export_record::Entity>()
        .order_by_desc(export_record::Column::Id)
        .one(app.db().reader())
        .await
        .unwrap()
        .expect("the export is recorded")
}

async fn subjects(app: &TestApp) -> usize {
    Scope::Everyone
        .select::<export_subject::Entity>()
        .all(app.db().reader())
        .await
        .unwrap()
        .len()
}

#[tokio::test]
async fn the_file_holds_the_rows_columns_and_order_of_the_screen_on_all_pages() {
    let app = university(70).await;
    let officer = app.signed_in(Role::Officer, Some("S01")).await;
    let columns = [
        ("view", "info"),
        ("column", "major"),
        ("column", "class_name"),
        ("column", "document_no"),
    ];
    officer.post("/manage/roster/columns", &columns).await;
    let query = "class_name=%E6%9C%BA%E6%A2%B01&sort=student_no&dir=desc";

    let file = officer.get(&format!("/manage/roster.xlsx?{query}")).await;
    file.assert_status(200);
    let rows = grid(&file);

    assert_eq!(rows[0], ["学号", "姓名", "专业", "班级", "证件号"]);
    let on_screen = screen(&officer, &format!("{query}&size=100")).await;
    assert_eq!(on_screen.len(), 12);
    assert_eq!(rows[1..], on_screen);
    assert!(rows[1][4].contains('*'));
    assert_eq!(
        file.headers[header::CONTENT_TYPE],
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    );
    let disposition = file.headers[header::CONTENT_DISPOSITION].to_str().unwrap();
    assert!(
        disposition.ends_with(
            "2027%E5%B1%8A%E7%94%9F%E6%BA%90%E4%BF%A1%E6%81%AF_%E5%BD%AD%E5%BA%B7%E4%B9%A6%E9%99%A2_20260910.xlsx"
        ),
        "{disposition}"
    );

    let whole = officer.get("/manage/roster.xlsx?view=signing&size=25").await;
    let rows = grid(&whole);
    assert_eq!(
        (rows.len(), rows[0].len()),
        (1 + 35, View::Signing.columns().len())
    );
    let recorded = record(&app).await;
    assert_eq!(
        (
            recorded.view.as_str(),
            recorded.format.as_str(),
            recorded.row_count,
            recorded.purpose
        ),
        ("signing", "xlsx", 35, None)
    );
    assert_eq!(subjects(&app).await, 0);
}

#[tokio::test]
async fn a_cell_that_a_spreadsheet_would_calculate_is_defused() {
    let app = university(1).await;
    let centre = app.signed_in(Role::Centre, None).await;

    let rows = grid(&centre.get("/manage/roster.xlsx?view=signing").await);

    let unit = View::Signing
        .columns()
        .iter()
        .position(|column| *column == Column::DirectedUnit)
        .unwrap();
    assert_eq!(rows[1][unit], "'=HYPERLINK(\"http://evil.example\")");
}

#[tokio::test]
async fn numbers_leave_in_full_for_a_purpose_and_every_student_can_be_told() {
    let app = university(4).await;
    let officer = app.signed_in(Role::Officer, Some("S01")).await;
    let number = identity_number("2230000001");

    let form = officer.get("/manage/roster/export?sort=student_no").await;
    form.assert_status(200)
        .assert_says("导出 2027 届 2 人")
        .assert_says("name=\"sort\" value=\"student_no\"");
    let empty = officer
        .post("/manage/roster.xlsx", &[("sort", "student_no"), ("purpose", " ")])
        .await;
    empty.assert_status(422).assert_says("请填写用途");
    let by_address = officer.get("/manage/roster.xlsx?purpose=x").await;
    by_address.assert_status(400);
    assert!(!app.audit_actions().await.contains(&"roster.exported".to_owned()));

    let fields = [("sort", "student_no"), ("purpose", "上报省教育厅")];
    let file = officer.post("/manage/roster.xlsx", &fields).await;

    let rows = grid(file.assert_status(200));
    let at = rows[0].iter().position(|heading| heading == "证件号").unwrap();
    assert_eq!((rows.len(), rows[1][at].as_str()), (3, number.as_str()));
    let recorded = record(&app).await;
    assert_eq!(
        (recorded.purpose.as_deref(), recorded.row_count),
        (Some("上报省教育厅"), 2)
    );
    assert_eq!(subjects(&app).await, 2);
    assert_eq!(
        app.audit_actions().await.last().map(String::as_str),
        Some("roster.exported")
    );
}

#[tokio::test]
async fn an_export_asks_for_permission_and_understands_every_value_or_refuses() {
    let app = university(2).await;
    let officer = app.signed_in(Role::Officer, Some("S02")).await;
    let administrator = app.signed_in(Role::Administrator, None).await;

    app.visitor().get("/manage/roster.xlsx").await.assert_status(303);
    administrator.get("/manage/roster.xlsx").await.assert_status(403);
    for query in ["type=alien", "class_year=2020", "sort=x", "view=x"] {
        officer
            .get(&format!("/manage/roster.xlsx?{query}"))
            .await
            .assert_status(400);
        officer
            .get(&format!("/manage/roster/export?{query}"))
            .await
            .assert_status(400);
    }
    // Only the own students, whatever is asked for.
    assert_eq!(
        grid(&officer.get("/manage/roster.xlsx?q=22300").await).len(),
        1 + 1
    );
}

fn order(format: Format, purpose: Option<&str>) -> Order {
    Order {
        year: ClassYear::new(2027).unwrap(),
        view: View::Info,
        columns: View::Info.columns().to_vec(),
        filter: ListFilter::default(),
        address: String::new(),
        format,
        purpose: purpose.map(|text| Purpose::parse(text).unwrap()),
    }
}

async fn at_the_console(app: &TestApp, order: Order) -> Result<Vec<u8>, ExportError> {
    let can = Can::<policy::ExportRoster>::at_the_console(Scope::Everyone);
    let export = Export::open(app.db(), can, order).await?;
    let file = tempfile::NamedTempFile::new()?;
    let rows = export.write(file.reopen()?, Vec::new(), |_| {}).await?;
    assert_eq!(rows, export.row_count());
    Ok(std::fs::read(file.path())?)
}

#[tokio::test]
async fn csv_is_in_order_of_college_and_number_with_the_headings_of_the_screen() {
    let app = university(3).await;

    let masked = at_the_console(&app, order(Format::Csv, None)).await.unwrap();
    let full = at_the_console(&app, order(Format::Csv, Some("核对")))
        .await
        .unwrap();

    let masked = String::from_utf8(masked).unwrap();
    assert!(masked.starts_with("\u{feff}学号,姓名,类型,学历,院系,专业,班级,"));
    let numbers: Vec<_> = masked
        .lines()
        .skip(1)
        .map(|line| line.split(',').next().unwrap())
        .collect();
    // 彭康书院 is S01, 文治书院 S02.
    assert_eq!(numbers, ["2230000001", "2230000000", "2230000002"]);
    assert!(!masked.contains(&identity_number("2230000001")));
    assert!(
        String::from_utf8(full)
            .unwrap()
            .contains(&identity_number("2230000001"))
    );
}

#[tokio::test]
async fn dbf_is_refused_with_every_character_that_gbk_does_not_have() {
    let app = university(1).await;
    let fixture = app.fixture();
    for (student_no, name) in [("2230000007", "范𡘊"), ("2230000008", "王㛃")] {
        let student = fixture
            .student(student_no, |student| student.name = name.into())
            .await;
        fixture.on_roster(student.id, 2027).await;
    }

    let refused = at_the_console(&app, order(Format::Dbf, None)).await;

    let Err(ExportError::Unfit(offences)) = refused else {
        panic!("{refused:?}")
    };
    let found: Vec<_> = offences
        .iter()
        .map(|one| (one.student_no.as_str(), one.column, one.why))
        .collect();
    assert_eq!(
        found,
        [
            ("2230000007", "姓名", Unfit::NotInGbk('𡘊')),
            ("2230000008", "姓名", Unfit::NotInGbk('㛃'))
        ]
    );
}

#[tokio::test]
async fn rows_written_after_the_snapshot_are_neither_counted_nor_exported() {
    let app = university(2).await;
    let can = Can::<policy::ExportRoster>::at_the_console(Scope::Everyone);
    let export = Export::open(app.db(), can, order(Format::Csv, Some("核对")))
        .await
        .unwrap();
    let late = app.fixture().student("2230009999", |_| {}).await;
    app.fixture().on_roster(late.id, 2027).await;

    export.record(app.db()).await.unwrap();
    let file = tempfile::NamedTempFile::new().unwrap();
    let rows = export
        .write(file.reopen().unwrap(), Vec::new(), |_| {})
        .await
        .unwrap();

    assert_eq!(
        (rows, record(&app).await.row_count, subjects(&app).await),
        (2, 2, 2)
    );
}
