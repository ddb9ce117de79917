//! Imports by the command line, as the browser shows them afterwards.

use std::fs::{self, OpenOptions};
use std::path::Path;
use std::process::{Command, Stdio};

use super::{Exchange, file, row};
use crate::support::TestApp;

/// `qihang import students FILE` at the university of the test.
fn import(app: &TestApp, path: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_qihang"));
    command
        .args(["--config", "/nowhere/qihang.toml", "import", "students"])
        .arg(path)
        .env("DATABASE_URL", app.database_url())
        .env("QIHANG_DATA_DIR", &app.app.config.data_dir)
        .env("QIHANG_TODAY", "2026-09-10");
    command
}

#[tokio::test]
async fn the_answer_of_an_import_by_the_command_line_is_in_the_history() {
    let app = TestApp::start().await;
    let exchange = Exchange::at(&app).await;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("名单.csv");
    fs::write(&path, file(&[row("1", "张三"), row("", "无号")])).unwrap();

    let import = import(&app, &path).output().unwrap();

    // A refused row is an exit status of 1.
    assert_eq!(
        import.status.code(),
        Some(1),
        "{}",
        String::from_utf8_lossy(&import.stderr)
    );
    assert_eq!(exchange.students().await.len(), 1);
    exchange
        .page(1)
        .await
        .assert_says("命令行")
        .assert_says("下载带“原因”列的文件");
    exchange
        .browser
        .get("/manage/imports/1/answer")
        .await
        .assert_status(200)
        .assert_says("手机,原因")
        .assert_says("学号为空");
}

#[tokio::test]
async fn whoever_stops_reading_the_answer_of_an_import_does_not_stop_the_import() {
    let app = TestApp::start().await;
    let exchange = Exchange::at(&app).await;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("名单.csv");
    let import_to_nobody = || {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        import(&app, &path).stdout(writer).output().unwrap()
    };

    fs::write(&path, file(&[row("1", "张三")])).unwrap();
    let good = import_to_nobody();
    fs::write(&path, file(&[row("1", "张三"), row("", "无号")])).unwrap();
    let refused = import_to_nobody();

    // The exit status tells what was done, as always, and nothing is said anywhere.
    assert_eq!((good.status.code(), refused.status.code()), (Some(0), Some(1)));
    let said = [good.stderr, refused.stderr].map(|bytes| String::from_utf8(bytes).unwrap());
    assert_eq!(said, ["", ""]);
    assert_eq!(exchange.students().await.len(), 1);
}

#[tokio::test]
async fn an_answer_that_cannot_be_written_for_another_reason_is_a_failure_that_says_so() {
    let app = TestApp::start().await;
    let exchange = Exchange::at(&app).await;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("名单.csv");
    fs::write(&path, file(&[row("1", "张三")])).unwrap();
    let full = OpenOptions::new().write(true).open("/dev/full").unwrap();

    let import = import(&app, &path).stdout(Stdio::from(full)).output().unwrap();

    assert_eq!(import.status.code(), Some(1));
    let said = String::from_utf8(import.stderr).unwrap();
    assert!(said.starts_with("qihang: 无法写出结果："), "{said}");
    assert_eq!(exchange.students().await.len(), 1);
}
