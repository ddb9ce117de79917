//! Students sign in: a session belongs to an account or to a student.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

// Made anew rather than altered, because SQLite cannot take a column with a reference away again. Sessions are short-lived:
// whoever is signed in during the upgrade signs in once more.
const UP: &[&str] = &[
    "DROP TABLE session",
    "CREATE TABLE session (
        id_digest {text} NOT NULL PRIMARY KEY,
        account_id bigint REFERENCES account (id) ON DELETE CASCADE,
        student_id bigint REFERENCES student (id) ON DELETE CASCADE,
        content {text} NOT NULL,
        expires_at {instant} NOT NULL,
        CHECK (account_id IS NULL OR student_id IS NULL))",
    "CREATE INDEX session_account ON session (account_id)",
    "CREATE INDEX session_student ON session (student_id)",
    "CREATE INDEX session_expires ON session (expires_at)",
];

const DOWN: &[&str] = &[
    "DROP TABLE session",
    "CREATE TABLE session (
        id_digest {text} NOT NULL PRIMARY KEY,
        account_id bigint REFERENCES account (id) ON DELETE CASCADE,
        content {text} NOT NULL,
        expires_at {instant} NOT NULL)",
    "CREATE INDEX session_account ON session (account_id)",
    "CREATE INDEX session_expires ON session (expires_at)",
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        super::run(manager, UP).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        super::run(manager, DOWN).await
    }
}
