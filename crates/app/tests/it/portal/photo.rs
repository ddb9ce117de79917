//! The photo: kept whole or not at all, shown to whoever may see the student.

use image::{ImageFormat, Rgb, RgbImage};
use qihang_db::Role;
use qihang_db::Scope;
use qihang_db::entity::photo;

use super::School;
use crate::support::{Reply, TestApp};

fn picture(width: u32, height: u32, format: ImageFormat) -> Vec<u8> {
    let picture = RgbImage::from_fn(width, height, |x, y| {
        Rgb([x.to_le_bytes()[0], y.to_le_bytes()[0], 90])
    });
    let mut content = std::io::Cursor::new(Vec::new());
    picture.write_to(&mut content, format).unwrap();
    content.into_inner()
}

async fn upload(school: &School<'_>, name: &str, content: &[u8]) -> Reply {
    school
        .browser
        .upload("/portal/photo", &[("part", "middle")], ("photo", name, content))
        .await
}

async fn stored(school: &School<'_>) -> Option<photo::Model> {
    Scope::Student(school.student.id)
        .select::<photo::Entity>()
        .one(school.app.db().reader())
        .await
        .unwrap()
}

#[tokio::test]
async fn a_photo_is_cut_stripped_kept_and_shown() {
    let app = TestApp::start().await;
    let school = School::start(&app).await;
    school.browser.get("/portal/photo/image").await.assert_status(404);
    school
        .browser
        .get("/portal/profile")
        .await
        .assert_says("还没有照片");

    upload(&school, "我.jpg", &picture(900, 1200, ImageFormat::Jpeg))
        .await
        .assert_status(303);

    school
        .browser
        .get("/portal/photo")
        .await
        .assert_says("照片已保存");
    let reply = school.browser.get("/portal/photo/image").await;
    reply.assert_status(200);
    assert_eq!(reply.headers["content-type"], "image/jpeg");
    assert_eq!(reply.headers["cache-control"], "private, no-cache");
    assert_eq!(reply.headers["x-content-type-options"], "nosniff");
    let shown = image::load_from_memory_with_format(&reply.bytes, ImageFormat::Jpeg).unwrap();
    assert_eq!((shown.width(), shown.height()), (413, 579));
    assert_eq!(app.audit_actions().await.last().unwrap(), "photo.changed");
    assert_eq!(
        usize::try_from(stored(&school).await.unwrap().size_bytes).unwrap(),
        reply.bytes.len()
    );

    // A browser that has it is told so.
    let tag = reply.headers["etag"].clone();
    let again = axum::http::Request::get("/portal/photo/image")
        .header("if-none-match", tag)
        .body(axum::body::Body::empty())
        .unwrap();
    let again = school.browser.send(again).await;
    again.assert_status(304);
    assert!(again.bytes.is_empty());
}

#[tokio::test]
async fn a_new_photo_takes_the_place_of_the_old_one_and_its_file() {
    let app = TestApp::start().await;
    let school = School::start(&app).await;
    upload(&school, "1.png", &picture(500, 700, ImageFormat::Png))
        .await
        .assert_status(303);
    let first = stored(&school).await.unwrap();

    upload(&school, "2.jpg", &picture(700, 700, ImageFormat::Jpeg))
        .await
        .assert_status(303);

    let second = stored(&school).await.unwrap();
    assert_ne!(first.file_key, second.file_key);
    assert!(app.app.files.get(&first.file_key).await.is_err());
    assert!(app.app.files.get(&second.file_key).await.is_ok());
}

#[tokio::test]
async fn two_uploads_at_once_leave_one_photo_with_its_file() {
    let app = TestApp::start().await;
    let school = School::start(&app).await;
    let one = picture(500, 700, ImageFormat::Jpeg);
    let two = picture(700, 900, ImageFormat::Jpeg);

    let (first, second) = tokio::join!(upload(&school, "1.jpg", &one), upload(&school, "2.jpg", &two));

    first.assert_status(303);
    second.assert_status(303);
    let kept = stored(&school).await.unwrap();
    assert!(app.app.files.get(&kept.file_key).await.is_ok());
    school.browser.get("/portal/photo/image").await.assert_status(200);
}

#[tokio::test]
async fn what_is_no_photo_is_refused_with_the_reason() {
    let app = TestApp::start().await;
    let school = School::start(&app).await;
    let whole = picture(900, 1200, ImageFormat::Jpeg);
    for (name, content, words) in [
        ("a.jpg", b"<script>alert(1)</script>".to_vec(), "文件内容不是照片"),
        ("a.jpg", b"#!/bin/sh\nrm -rf /\n".to_vec(), "文件内容不是照片"),
        (
            "a.png",
            b"<svg xmlns=\"http://www.w3.org/2000/svg\"/>".to_vec(),
            "这是 SVG 文件",
        ),
        ("a.jpg", b"\0\0\0\x18ftypheic\0\0\0\0".to_vec(), "HEIC"),
        ("a.jpg", whole[..whole.len() / 2].to_vec(), "不完整或已损坏"),
        ("a.jpg", picture(200, 280, ImageFormat::Jpeg), "更清晰"),
        ("a.jpg", vec![0xFF; 11 << 20], "超过 10 MB"),
        ("a.jpg", Vec::new(), "请选择照片文件"),
    ] {
        let reply = upload(&school, name, &content).await;
        reply
            .assert_status(422)
            .assert_says(words)
            .assert_says("is-invalid");
    }
    assert!(stored(&school).await.is_none());
    school
        .browser
        .upload("/portal/photo", &[("part", "all")], ("photo", "a.jpg", &whole))
        .await
        .assert_status(400);
    school
        .browser
        .post("/portal/photo", &[("photo", "a")])
        .await
        .assert_status(400);
}

#[tokio::test]
async fn a_photo_is_seen_by_who_may_see_the_student_and_by_nobody_else() {
    let app = TestApp::start().await;
    let school = School::start(&app).await;
    upload(&school, "1.jpg", &picture(500, 700, ImageFormat::Jpeg))
        .await
        .assert_status(303);
    let address = format!("/manage/students/{}/photo", school.student.id);

    for (role, college, status) in [
        (Role::Officer, Some("S01"), 200),
        (Role::Officer, Some("S02"), 404),
        (Role::Head, Some("004"), 404),
        (Role::Centre, None, 200),
        (Role::Administrator, None, 403),
    ] {
        let browser = if role == Role::Centre {
            school.exchange.browser.clone()
        } else {
            app.signed_in(role, college).await
        };
        let reply = browser.get(&address).await;
        reply.assert_status(status);
        assert!(
            reply.headers["cache-control"]
                .to_str()
                .unwrap()
                .starts_with("private")
        );
    }
    app.visitor().get(&address).await.assert_status(303);
    app.visitor().get("/portal/photo/image").await.assert_status(303);
    school.browser.get(&address).await.assert_status(303);
    let other = app.fixture().student("2230100777", |_| {}).await;
    let other = app.student(&other).await;
    other.get("/portal/photo/image").await.assert_status(404);
    app.signed_in(Role::Officer, Some("001"))
        .await
        .get("/manage/students/abc/photo")
        .await
        .assert_status(404);
}
