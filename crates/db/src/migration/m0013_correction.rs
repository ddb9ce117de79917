//! 信息有误: what students report as wrong in their record.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

const UP: &[&str] = &[
    "CREATE TABLE correction (
        id {id},
        student_id bigint NOT NULL REFERENCES student (id),
        class_year integer,
        field {text} NOT NULL,
        office {text} NOT NULL,
        claimed {text} NOT NULL CHECK (claimed <> ''),
        note {text} NOT NULL,
        state {text} NOT NULL CHECK (state IN ('open', 'closed', 'withdrawn')),
        filed_at {instant} NOT NULL,
        closed_at {instant},
        closed_how {text} CHECK (closed_how IN ('mended', 'other_value', 'answered')),
        closed_by bigint REFERENCES account (id),
        batch_id bigint REFERENCES import_batch (id),
        answer {text} NOT NULL,
        CONSTRAINT correction_ended_on_a_day CHECK ((state = 'open') = (closed_at IS NULL)),
        CONSTRAINT correction_closed_somehow CHECK ((state = 'closed') = (closed_how IS NOT NULL)),
        CONSTRAINT correction_closed_by_an_import
            CHECK (batch_id IS NULL OR closed_how IN ('mended', 'other_value')),
        CONSTRAINT correction_answered_with_a_reason
            CHECK (closed_how IS NULL OR closed_how <> 'answered' OR answer <> ''))",
    "CREATE UNIQUE INDEX correction_one_open ON correction (student_id, field) WHERE state = 'open'",
    "CREATE INDEX correction_student ON correction (student_id, id)",
    "CREATE INDEX correction_state ON correction (state, id)",
    "CREATE INDEX correction_batch ON correction (batch_id) WHERE batch_id IS NOT NULL",
];

const DOWN: &[&str] = &["DROP TABLE correction"];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        super::run(manager, UP).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        super::run(manager, DOWN).await
    }
}
