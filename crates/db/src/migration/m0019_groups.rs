//! 定向委培单位 that lie over the data exchange, what a reminder is about, and the 就业工作领导小组 of each 院.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

const UP: &[&str] = &[
    // What a student proposed or an officer filled in: one row a student, so that two officers cannot both decide.
    "CREATE TABLE directed_unit (
        id {id},
        student_id bigint NOT NULL REFERENCES student (id) ON DELETE CASCADE,
        state {text} NOT NULL CHECK (state IN ('proposed', 'declined', 'standing', 'adopted')),
        unit {text} NOT NULL CHECK (unit <> ''),
        proposed_at {instant},
        note {text} NOT NULL,
        decided_by bigint REFERENCES account (id),
        decided_at {instant},
        exchange_value {text} NOT NULL,
        adopted_at {instant},
        CONSTRAINT directed_unit_once UNIQUE (student_id),
        CONSTRAINT directed_unit_adopted CHECK ((state = 'adopted') = (adopted_at IS NOT NULL)),
        CONSTRAINT directed_unit_decided CHECK ((state = 'proposed') = (decided_at IS NULL)),
        CONSTRAINT directed_unit_evidence CHECK (state = 'proposed' OR note <> ''),
        CONSTRAINT directed_unit_differs CHECK (state <> 'standing' OR exchange_value <> unit))",
    "CREATE INDEX directed_unit_state ON directed_unit (state, student_id)",
    "CREATE INDEX student_training_mode ON student (training_mode, student_no)",
    "ALTER TABLE reminder ADD COLUMN about {text} NOT NULL DEFAULT 'activation' CHECK (about IN ('activation', 'origin'))",
    "CREATE TABLE leadership_report (
        id {id},
        college_id bigint NOT NULL REFERENCES college (id),
        class_year integer NOT NULL REFERENCES class_year (year),
        number integer NOT NULL CHECK (number > 0),
        revision integer NOT NULL,
        changed_at {instant} NOT NULL,
        changed_by bigint REFERENCES account (id),
        submitted_at {instant},
        submitted_by bigint REFERENCES account (id),
        CONSTRAINT leadership_report_number UNIQUE (college_id, class_year, number))",
    "CREATE UNIQUE INDEX leadership_one_draft ON leadership_report (college_id, class_year) WHERE submitted_at IS NULL",
    "CREATE INDEX leadership_report_year ON leadership_report (class_year, college_id, number)",
    "CREATE TABLE leadership_member (
        id {id},
        report_id bigint NOT NULL REFERENCES leadership_report (id) ON DELETE CASCADE,
        position integer NOT NULL,
        name {text} NOT NULL CHECK (name <> ''),
        post {text} NOT NULL CHECK (post <> ''),
        role {text} NOT NULL CHECK (role IN ('leader', 'deputy', 'member', 'secretary')),
        telephone {text} NOT NULL CHECK (telephone <> ''),
        email {text} NOT NULL CHECK (email <> ''))",
    "CREATE INDEX leadership_member_report ON leadership_member (report_id, position)",
    "CREATE TABLE leadership_reminder (
        id {id},
        college_id bigint NOT NULL REFERENCES college (id),
        class_year integer NOT NULL REFERENCES class_year (year),
        sent_on date NOT NULL,
        sent_at {instant} NOT NULL,
        sent_by bigint REFERENCES account (id),
        notice_id bigint REFERENCES notice (id) ON DELETE SET NULL,
        CONSTRAINT leadership_reminded_once_a_day UNIQUE (class_year, college_id, sent_on))",
];

const DOWN: &[&str] = &[
    "DROP TABLE leadership_reminder",
    "DROP TABLE leadership_member",
    "DROP TABLE leadership_report",
    "ALTER TABLE reminder DROP COLUMN about",
    "DROP INDEX student_training_mode",
    "DROP TABLE directed_unit",
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
