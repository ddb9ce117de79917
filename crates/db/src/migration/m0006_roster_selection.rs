//! What an officer is about to confirm, and the index that finds students of doubtful membership.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

const UP: &[&str] = &[
    "CREATE TABLE roster_selection (
        id {id},
        account_id bigint NOT NULL REFERENCES account (id) ON DELETE CASCADE,
        class_year integer NOT NULL REFERENCES class_year (year),
        search {text} NOT NULL,
        students {text} NOT NULL,
        created_at {instant} NOT NULL)",
    "CREATE INDEX roster_selection_created ON roster_selection (created_at)",
    "CREATE INDEX student_expectation ON student (expectation, college_id, student_no)",
];

const DOWN: &[&str] = &["DROP INDEX student_expectation", "DROP TABLE roster_selection"];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        super::run(manager, UP).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        super::run(manager, DOWN).await
    }
}
