//! Imports by the command line, as the browser shows them afterwards.

use std::process::Command;

use super::{Exchange, file, row};
use crate::support::TestApp;

#[tokio::test]
async fn the_answer_of_an_import_by_the_command_line_is_in_the_history() {
    let app = TestApp::start().await;
    let exchange = Exchange::at(&app).await;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("名单.csv");
    std::fs::write(&path, file(&[row("1", "张三"), row("", "无号")])).unwrap();

    let import = Command::new(env!("CARGO_BIN_EXE_qihang"))
        .args(["--config", "/nowhere/qihang.toml", "import", "students"])
        .arg(&path)
        .env("DATABASE_URL", &app.app.config.database_url)
        .env("QIHANG_DATA_DIR", &app.app.config.data_dir)
        .env("QIHANG_TODAY", "2026-09-10")
        .output()
        .unwrap();

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
