//! The roster, its findings and their sign-off, and who saw what.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

const UP: &[&str] = &[
    "CREATE TABLE roster_entry (
        id {id},
        student_id bigint NOT NULL REFERENCES student (id),
        class_year integer NOT NULL REFERENCES class_year (year),
        state {text} NOT NULL CHECK (state IN ('open', 'closed', 'removed', 'moved')),
        how {text} NOT NULL CHECK (how IN ('officer', 'doctoral', 'extended', 'move', 'command')),
        added_by bigint,
        added_at {instant} NOT NULL,
        ended_by bigint,
        ended_at {instant},
        ended_reason {text},
        CHECK ((state IN ('removed', 'moved')) = (ended_at IS NOT NULL)),
        CHECK ((ended_at IS NULL) = (ended_reason IS NULL)))",
    "CREATE UNIQUE INDEX roster_entry_open_once ON roster_entry (student_id) WHERE state = 'open'",
    "CREATE UNIQUE INDEX roster_entry_year_once ON roster_entry (class_year, student_id) WHERE state IN ('open', 'closed')",
    "CREATE INDEX roster_entry_student ON roster_entry (student_id, class_year)",
    "CREATE INDEX roster_entry_added ON roster_entry (class_year, state, added_at)",
    "CREATE TABLE finding (
        id {id},
        class_year integer NOT NULL REFERENCES class_year (year),
        student_id bigint NOT NULL REFERENCES student (id) ON DELETE CASCADE,
        kind {text} NOT NULL,
        severity {text} NOT NULL CHECK (severity IN ('fault', 'info')),
        field {text} NOT NULL,
        value {text} NOT NULL,
        value_digest {text} NOT NULL,
        reason {text} NOT NULL,
        found_at {instant} NOT NULL,
        settled_at {instant},
        settled_by bigint,
        settled_reason {text},
        CONSTRAINT finding_once UNIQUE (class_year, student_id, kind, field),
        CHECK ((settled_at IS NULL) = (settled_reason IS NULL)))",
    "CREATE INDEX finding_kind ON finding (class_year, kind, student_id)",
    "CREATE INDEX finding_open ON finding (class_year, severity, student_id) WHERE settled_at IS NULL",
    "CREATE INDEX finding_student ON finding (student_id)",
    "CREATE TABLE sign_off (
        id {id},
        class_year integer NOT NULL REFERENCES class_year (year),
        college_id bigint NOT NULL REFERENCES college (id),
        signed_by bigint NOT NULL,
        signed_at {instant} NOT NULL,
        reopened_at {instant})",
    "CREATE UNIQUE INDEX sign_off_once ON sign_off (class_year, college_id) WHERE reopened_at IS NULL",
    "CREATE TABLE export_record (
        id {id},
        exported_at {instant} NOT NULL,
        account_id bigint,
        class_year integer NOT NULL,
        view {text} NOT NULL,
        format {text} NOT NULL,
        filter {text} NOT NULL,
        purpose {text},
        row_count integer NOT NULL)",
    "CREATE TABLE export_subject (
        export_id bigint NOT NULL REFERENCES export_record (id),
        student_id bigint NOT NULL REFERENCES student (id),
        PRIMARY KEY (export_id, student_id))",
    "CREATE INDEX export_subject_student ON export_subject (student_id)",
    "CREATE TABLE disclosure (
        id {id},
        shown_at {instant} NOT NULL,
        account_id bigint NOT NULL,
        student_id bigint NOT NULL REFERENCES student (id),
        purpose {text} NOT NULL)",
    "CREATE INDEX disclosure_student ON disclosure (student_id)",
];

const DOWN: &[&str] = &[
    "DROP TABLE disclosure",
    "DROP TABLE export_subject",
    "DROP TABLE export_record",
    "DROP TABLE sign_off",
    "DROP TABLE finding",
    "DROP TABLE roster_entry",
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
