//! Lists of students that the centre receives: 延长学制名单 and 博士采集名单, their rows, and which 院 was reminded when.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

const UP: &[&str] = &[
    "CREATE TABLE special_list (
        id {id},
        kind {text} NOT NULL CHECK (kind IN ('extended', 'doctoral')),
        class_year integer NOT NULL REFERENCES class_year (year),
        version integer NOT NULL CHECK (version > 0),
        base_id bigint REFERENCES special_list (id),
        file_name {text} NOT NULL,
        file_digest {text} NOT NULL,
        file_key {text} NOT NULL,
        state {text} NOT NULL CHECK (state IN ('previewed', 'committed', 'cancelled', 'undone')),
        uploaded_by bigint,
        uploaded_at {instant} NOT NULL,
        committed_by bigint,
        committed_at {instant},
        undone_at {instant},
        CONSTRAINT special_list_one_version UNIQUE (kind, class_year, version),
        CHECK ((state IN ('committed', 'undone')) = (committed_at IS NOT NULL)),
        CHECK ((state = 'undone') = (undone_at IS NOT NULL)))",
    "CREATE INDEX special_list_current ON special_list (kind, class_year, version) WHERE state = 'committed'",
    "CREATE TABLE special_list_row (
        id {id},
        list_id bigint NOT NULL REFERENCES special_list (id),
        line integer NOT NULL,
        student_no {text} NOT NULL,
        name {text} NOT NULL,
        college_found {text} NOT NULL,
        college_id bigint REFERENCES college (id),
        outcome {text} NOT NULL,
        difference {text} CHECK (difference IN ('came', 'changed', 'same')),
        reason {text} NOT NULL,
        entry_id bigint REFERENCES roster_entry (id),
        CONSTRAINT special_list_row_line UNIQUE (list_id, line),
        CONSTRAINT special_list_row_added CHECK ((outcome = 'added') = (entry_id IS NOT NULL)))",
    "CREATE INDEX special_list_row_outcome ON special_list_row (list_id, outcome, line)",
    "CREATE INDEX special_list_row_difference ON special_list_row (list_id, difference, line)",
    "CREATE INDEX special_list_row_student ON special_list_row (student_no, list_id)",
    "CREATE UNIQUE INDEX special_list_row_entry ON special_list_row (entry_id) WHERE entry_id IS NOT NULL",
    "CREATE TABLE special_list_reminder (
        id {id},
        class_year integer NOT NULL REFERENCES class_year (year),
        college_id bigint NOT NULL REFERENCES college (id),
        sent_on date NOT NULL,
        notice_id bigint REFERENCES notice (id) ON DELETE SET NULL,
        missing integer NOT NULL,
        sent_by bigint,
        sent_at {instant} NOT NULL,
        CONSTRAINT special_list_reminder_once_a_day UNIQUE (class_year, college_id, sent_on))",
];

const DOWN: &[&str] = &[
    "DROP TABLE special_list_reminder",
    "DROP TABLE special_list_row",
    "DROP TABLE special_list",
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
