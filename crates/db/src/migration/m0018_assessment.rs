//! 就业工作年度考核: what it counts students by, with its history; frozen figures; which masters count.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

// Spans hold no reference to the student: what was so stays known of one who is taken away.
const TABLES: &[&str] = &[
    "CREATE TABLE student_span (
        id {id},
        student_id bigint NOT NULL,
        college_id bigint NOT NULL,
        second_college_id bigint,
        student_type {text} NOT NULL,
        degree_level {text} NOT NULL,
        training_mode {text} NOT NULL,
        study_status {text} NOT NULL,
        expected_year integer,
        since {instant} NOT NULL,
        until {instant})",
    "CREATE UNIQUE INDEX student_span_now ON student_span (student_id) WHERE until IS NULL",
    "CREATE INDEX student_span_student ON student_span (student_id, since)",
    "CREATE INDEX student_span_expected ON student_span (expected_year, since)",
    "CREATE TABLE omission_span (
        id {id},
        class_year integer NOT NULL REFERENCES class_year (year),
        student_id bigint NOT NULL,
        settled boolean NOT NULL,
        since {instant} NOT NULL,
        until {instant})",
    "CREATE UNIQUE INDEX omission_span_now ON omission_span (class_year, student_id) WHERE until IS NULL",
    "CREATE INDEX omission_span_student ON omission_span (student_id)",
    "CREATE INDEX omission_span_year ON omission_span (class_year, since)",
    "CREATE TABLE assessment_freeze (
        id {id},
        class_year integer NOT NULL REFERENCES class_year (year),
        part {text} NOT NULL CHECK (part IN ('roster', 'activation')),
        due date NOT NULL,
        frozen_at {instant} NOT NULL,
        figures {text} NOT NULL,
        digest {text} NOT NULL,
        CONSTRAINT assessment_freeze_once UNIQUE (class_year, part, due))",
    "CREATE TABLE assessment_rule (
        id {id},
        class_year integer NOT NULL REFERENCES class_year (year),
        training_modes {text} NOT NULL,
        set_by bigint,
        set_at {instant} NOT NULL)",
    "CREATE INDEX assessment_rule_year ON assessment_rule (class_year, set_at)",
    // What is known of the time before: the records as they are, from when they were written on; the findings as they are.
    "INSERT INTO student_span (student_id, college_id, second_college_id, student_type, degree_level, training_mode,
            study_status, expected_year, since)
        SELECT id, college_id, second_college_id, student_type, degree_level, training_mode, study_status, expected_year,
            created_at FROM student",
    "INSERT INTO omission_span (class_year, student_id, settled, since, until)
        SELECT class_year, student_id, false, found_at, settled_at FROM finding WHERE kind = 'omission'",
    "INSERT INTO omission_span (class_year, student_id, settled, since)
        SELECT class_year, student_id, true, settled_at FROM finding WHERE kind = 'omission' AND settled_at IS NOT NULL",
];

const SQLITE_TRIGGERS: &[&str] = &[
    "CREATE TRIGGER assessment_freeze_no_update BEFORE UPDATE ON assessment_freeze
        BEGIN SELECT RAISE(ABORT, 'assessment_freeze is append only'); END",
    "CREATE TRIGGER assessment_freeze_no_delete BEFORE DELETE ON assessment_freeze
        BEGIN SELECT RAISE(ABORT, 'assessment_freeze is append only'); END",
    "CREATE TRIGGER assessment_rule_no_update BEFORE UPDATE ON assessment_rule
        BEGIN SELECT RAISE(ABORT, 'assessment_rule is append only'); END",
    "CREATE TRIGGER assessment_rule_no_delete BEFORE DELETE ON assessment_rule
        BEGIN SELECT RAISE(ABORT, 'assessment_rule is append only'); END",
];

const POSTGRES_TRIGGERS: &[&str] = &[
    "CREATE FUNCTION assessment_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN RAISE EXCEPTION '% is append only', TG_TABLE_NAME; END $$",
    "CREATE TRIGGER assessment_freeze_no_change BEFORE UPDATE OR DELETE ON assessment_freeze
        FOR EACH ROW EXECUTE FUNCTION assessment_append_only()",
    "CREATE TRIGGER assessment_rule_no_change BEFORE UPDATE OR DELETE ON assessment_rule
        FOR EACH ROW EXECUTE FUNCTION assessment_append_only()",
];

const DOWN: &[&str] = &[
    "DROP TABLE assessment_rule",
    "DROP TABLE assessment_freeze",
    "DROP TABLE omission_span",
    "DROP TABLE student_span",
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        super::run(manager, TABLES).await?;
        let postgres = manager.get_database_backend() == sea_orm::DbBackend::Postgres;
        super::run(
            manager,
            if postgres {
                POSTGRES_TRIGGERS
            } else {
                SQLITE_TRIGGERS
            },
        )
        .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        super::run(manager, DOWN).await?;
        if manager.get_database_backend() == sea_orm::DbBackend::Postgres {
            super::run(manager, &["DROP FUNCTION assessment_append_only"]).await?;
        }
        Ok(())
    }
}
