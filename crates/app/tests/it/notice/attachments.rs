//! Files of a notice: what may be one, and who gets it.

use qihang_db::Role;
use qihang_db::entity::notice_attachment;
use qihang_db::records;
use sea_orm::QueryOrder;

use super::{draft, publish, published, withdraw};
use crate::support::{Browser, Reply, TestApp};

const PDF: &[u8] = b"%PDF-1.4\nhello\n";

async fn attach(author: &Browser, id: i64, name: &str, content: &[u8]) -> Reply {
    let address = format!("/manage/notices/{id}/attachments");
    author.upload(&address, &[], ("file", name, content)).await
}

async fn files(app: &TestApp) -> Vec<notice_attachment::Model> {
    records::<notice_attachment::Entity>()
        .order_by_asc(notice_attachment::Column::Id)
        .all(app.db().reader())
        .await
        .expect("attachments")
}

#[tokio::test]
async fn a_file_is_given_to_the_audience_to_be_saved_and_to_nobody_else() {
    let app = TestApp::start().await;
    let fixture = app.fixture();
    fixture.university().await;
    let centre = app.signed_in(Role::Centre, None).await;
    let student = app.student(&fixture.student("2230100001", |_| {}).await).await;
    let master = app.student(&fixture.master("3240100001", |_| {}).await).await;
    let other = app.signed_in(Role::Officer, Some("004")).await;
    let id = draft(&centre, &[("student_type", "undergraduate")]).await;
    attach(&centre, id, "../登记 表.pdf", PDF)
        .await
        .assert_status(303);
    let file = &files(&app).await[0];
    let address = format!("/notices/{id}/attachments/{}", file.id);
    let own_address = format!("/manage{address}");

    // Of a draft only the author gets it.
    student.get(&address).await.assert_status(404);
    assert_eq!(centre.get(&own_address).await.assert_status(200).bytes, PDF);
    other.get(&own_address).await.assert_status(404);
    publish(&centre, id).await.assert_status(303);

    let reply = student.get(&address).await;
    assert_eq!(reply.assert_status(200).bytes, PDF);
    assert_eq!(
        reply.headers["content-disposition"],
        "attachment; filename*=UTF-8''%E7%99%BB%E8%AE%B0%20%E8%A1%A8.pdf"
    );
    assert_eq!(reply.headers["x-content-type-options"], "nosniff");
    assert_eq!(reply.headers["content-type"], "application/pdf");
    assert_eq!(reply.headers["cache-control"], "private, no-store");
    master.get(&address).await.assert_status(404);
    app.visitor().get(&address).await.assert_status(404);
    // An attachment is reached through its own notice only.
    let public = published(&centre, &[("audience", "public")]).await;
    app.visitor()
        .get(&format!("/notices/{public}/attachments/{}", file.id))
        .await
        .assert_status(404);
    withdraw(&centre, id).await.assert_status(303);
    student.get(&address).await.assert_status(404);
}

#[tokio::test]
async fn what_is_not_what_it_says_is_refused_with_a_reason() {
    let app = TestApp::start().await;
    app.fixture().university().await;
    let centre = app.signed_in(Role::Centre, None).await;
    let id = draft(&centre, &[]).await;
    let large = [PDF, &vec![b' '; 10 << 20]].concat();
    let too_large = [PDF, &vec![b' '; 12 << 20]].concat();
    for (name, content, says) in [
        (
            "通知.pdf",
            &b"<script>alert(1)</script>"[..],
            "文件内容与扩展名不符",
        ),
        ("程序.pdf", b"MZ\x90\0\x03\0\0\0", "文件内容与扩展名不符"),
        ("页面.html", PDF, "只能上传 PDF"),
        ("空.pdf", b"", "文件是空的"),
        ("", PDF, "请选择文件"),
        ("大.pdf", &large, "文件超过 10 MB"),
        ("更大.pdf", &too_large, "文件超过 10 MB"),
    ] {
        attach(&centre, id, name, content)
            .await
            .assert_status(422)
            .assert_says(says);
    }
    assert!(files(&app).await.is_empty());
}

#[tokio::test]
async fn a_notice_has_ten_files_at_the_most_and_no_two_of_one_name() {
    let app = TestApp::start().await;
    app.fixture().university().await;
    let centre = app.signed_in(Role::Centre, None).await;
    let id = draft(&centre, &[]).await;
    for number in 0..10 {
        attach(&centre, id, &format!("{number}.pdf"), PDF)
            .await
            .assert_status(303);
        if number == 0 {
            attach(&centre, id, "0.pdf", PDF)
                .await
                .assert_status(422)
                .assert_says("已有同名附件");
        }
    }

    attach(&centre, id, "10.pdf", PDF)
        .await
        .assert_status(422)
        .assert_says("最多 10 个附件");

    assert_eq!(files(&app).await.len(), 10);
}

#[tokio::test]
async fn a_file_that_is_taken_away_is_gone_from_the_store_and_so_is_that_of_a_discarded_draft() {
    let app = TestApp::start().await;
    app.fixture().university().await;
    let centre = app.signed_in(Role::Centre, None).await;
    let id = draft(&centre, &[]).await;
    for name in ["一.pdf", "二.pdf"] {
        attach(&centre, id, name, PDF).await.assert_status(303);
    }
    let [first, second] = files(&app).await.try_into().expect("two files");

    centre
        .post(
            &format!("/manage/notices/{id}/attachments/{}/removal", first.id),
            &[],
        )
        .await
        .assert_status(303);
    assert!(app.app.files.get(&first.file_key).await.is_err());
    assert!(app.app.files.get(&second.file_key).await.is_ok());

    centre
        .post(&format!("/manage/notices/{id}/removal"), &[])
        .await
        .assert_status(303);
    assert!(app.app.files.get(&second.file_key).await.is_err());
    let actions = app.audit_actions().await;
    for action in ["notice.attached", "notice.detached", "notice.discarded"] {
        assert!(actions.iter().any(|one| one == action), "{action} in {actions:?}");
    }
}
