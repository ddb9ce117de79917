//! The template and files that come back: preview, reasons at their cells, the same file twice.

use std::io::Cursor;

use calamine::{Reader, Xlsx};

use super::{HERE, add, names, seen, world};
use crate::support::{Browser, Reply};

const HEADINGS: &str = "姓名,职务,组内职责,电话,邮箱";
const GOOD: &str =
    "张三,院长,组长,029-00000000,a@univ.example\n李四,书记,副组长,10000000001,b@univ.example\n";

async fn upload(browser: &Browser, seen: &str, content: &[u8], answer: &str) -> Reply {
    let fields = [("seen", seen), ("answer", answer)];
    browser
        .upload(&format!("{HERE}/files"), &fields, ("file", "名单.csv", content))
        .await
}

/// What the form of a preview carries, with the marks of HTML taken back.
fn kept(page: &Reply) -> String {
    let text = page.text();
    let value = text
        .split("name=\"kept\" value=\"")
        .nth(1)
        .expect("a form to accept")
        .split('"')
        .next()
        .unwrap();
    value
        .replace("&#34;", "\"")
        .replace("&#38;", "&")
        .replace("&#x2F;", "/")
}

async fn accept(browser: &Browser, seen: &str, kept: &str) -> Reply {
    browser
        .post(&format!("{HERE}/replacement"), &[("seen", seen), ("kept", kept)])
        .await
}

#[tokio::test]
async fn the_template_has_lists_an_example_and_help() {
    let (_app, officer, _) = world().await;
    let reply = officer.get("/manage/leadership/template.xlsx").await;
    reply.assert_status(200);

    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(&reply.bytes)).unwrap();
    let sheet = book.worksheet_range("就业工作领导小组").unwrap();
    let first: Vec<String> = sheet
        .rows()
        .next()
        .unwrap()
        .iter()
        .map(ToString::to_string)
        .collect();
    assert_eq!(first, ["姓名*", "职务*", "组内职责*", "电话*", "邮箱*"]);
    assert_eq!(sheet.rows().count(), 2);
    // Uploaded as it is, it says that nobody stands in it: the example is passed over.
    let fields = [("seen", "0.0")];
    officer
        .upload(
            &format!("{HERE}/files"),
            &fields,
            ("file", "模板.xlsx", &reply.bytes),
        )
        .await
        .assert_status(422)
        .assert_says("文件里没有成员");
}

#[tokio::test]
async fn a_file_is_previewed_and_then_written_as_the_draft() {
    let (app, officer, place) = world().await;
    add(&app, &officer, place, ("王五", "成员"))
        .await
        .assert_status(303);
    let at = seen(&app, place).await;
    let content = format!("{HEADINGS}\n{GOOD}");

    let page = upload(&officer, &at, content.as_bytes(), "").await;

    page.assert_status(200)
        .assert_says("新增")
        .assert_says("删除")
        .assert_says("王五");
    assert_eq!(names(&app, place).await, ["王五"]);
    accept(&officer, &at, &kept(&page)).await.assert_status(303);
    assert_eq!(names(&app, place).await, ["张三", "李四"]);
    // The same file again changes nothing, and says so.
    let now = seen(&app, place).await;
    upload(&officer, &now, content.as_bytes(), "")
        .await
        .assert_says("与现在的名单完全相同")
        .assert_does_not_say("写入草稿</button>");
}

#[tokio::test]
async fn mistakes_stand_at_their_cells_and_the_good_rows_can_be_written_first() {
    let (app, officer, place) = world().await;
    let at = seen(&app, place).await;
    let content =
        format!("{HEADINGS}\n{GOOD}\n王五,,主席,1,c@univ.example\n赵六,秘书,联络员,4.4E+17,d@univ.example\n");

    let page = upload(&officer, &at, content.as_bytes(), "").await;

    page.assert_status(422)
        .assert_says("有 2 行有误")
        .assert_says("请填写职务")
        .assert_says("只能是：组长、副组长、成员、联络员/秘书")
        .assert_says("电话应为区号加号码")
        .assert_says("科学计数");
    accept(&officer, &at, &kept(&page)).await.assert_status(303);
    assert_eq!(names(&app, place).await, ["张三", "李四"]);
    let file = upload(&officer, &at, content.as_bytes(), "file").await;
    file.assert_status(200)
        .assert_says("原因")
        .assert_says("职务：请填写职务");
}

#[tokio::test]
async fn what_is_no_list_is_refused_with_what_to_do() {
    let (app, officer, place) = world().await;
    let at = seen(&app, place).await;
    let many = (0..61).fold(String::new(), |text, number| {
        text + &format!("成员{number},院长,成员,029-00000000,a@univ.example\n")
    });
    for (content, words) in [
        ("", "文件"),
        ("姓名,职务\n张三,院长\n", "缺少这些列：组内职责、电话、邮箱"),
        (&*format!("{HEADINGS}\n"), "文件里没有成员"),
        (&*format!("{HEADINGS}\n{many}"), "最多 60 人"),
    ] {
        upload(&officer, &at, content.as_bytes(), "")
            .await
            .assert_status(422)
            .assert_says(words);
    }
    officer
        .upload(&format!("{HERE}/files"), &[("seen", &*at)], ("file", "", b""))
        .await
        .assert_status(422)
        .assert_says("请选择文件");
}

#[tokio::test]
async fn what_was_changed_meanwhile_is_not_overwritten_and_a_forged_form_is_checked_again() {
    let (app, officer, place) = world().await;
    let at = seen(&app, place).await;
    let page = upload(&officer, &at, format!("{HEADINGS}\n{GOOD}").as_bytes(), "").await;
    add(&app, &officer, place, ("王五", "成员"))
        .await
        .assert_status(303);

    accept(&officer, &at, &kept(&page))
        .await
        .assert_status(409)
        .assert_says("您的操作没有保存");

    assert_eq!(names(&app, place).await, ["王五"]);
    let now = seen(&app, place).await;
    let forged = kept(&page).replace("a@univ.example", "nobody");
    accept(&officer, &now, &forged).await.assert_status(400);
    accept(&officer, &now, "[1]").await.assert_status(400);
    assert_eq!(names(&app, place).await, ["王五"]);
}
