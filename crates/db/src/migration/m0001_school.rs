//! 院, 专业, students, class years: the mirror of the data exchange and the calendar it is read by.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

const UP: &[&str] = &[
    "CREATE TABLE college (
        id {id},
        code {text} NOT NULL CONSTRAINT college_code_unique UNIQUE CHECK (code <> ''),
        name {text} NOT NULL CHECK (name <> ''),
        kind {text} NOT NULL CHECK (kind IN ('residential', 'school')),
        campus {text})",
    "CREATE TABLE college_duty (
        college_id bigint NOT NULL REFERENCES college (id) ON DELETE CASCADE,
        student_type {text} NOT NULL CHECK (student_type IN ('undergraduate', 'graduate')),
        PRIMARY KEY (college_id, student_type))",
    "CREATE TABLE major (
        id {id},
        code {text} NOT NULL CONSTRAINT major_code_unique UNIQUE CHECK (code <> ''),
        national_code {text} NOT NULL,
        name {text} NOT NULL,
        college_id bigint NOT NULL REFERENCES college (id),
        degree_level {text} NOT NULL,
        length_half_years integer CHECK (length_half_years BETWEEN 1 AND 30))",
    "CREATE INDEX major_college ON major (college_id)",
    "CREATE TABLE student (
        id {id},
        student_no {text} NOT NULL CONSTRAINT student_no_unique UNIQUE CHECK (student_no <> ''),
        name {text} NOT NULL,
        sex {text} NOT NULL,
        birth_date {text} NOT NULL,
        ethnic_group {text} NOT NULL,
        political_status {text} NOT NULL,
        marital_status {text} NOT NULL,
        document_type {text} NOT NULL,
        document_no {text} NOT NULL,
        origin {text} NOT NULL,
        exam_no {text} NOT NULL,
        student_type {text} NOT NULL,
        degree_level {text} NOT NULL,
        school_id bigint NOT NULL REFERENCES college (id),
        residence_id bigint REFERENCES college (id),
        residence_found {text} NOT NULL,
        major_id bigint NOT NULL REFERENCES major (id),
        class_name {text} NOT NULL,
        admission_year integer NOT NULL CHECK (admission_year BETWEEN 1950 AND 2200),
        length_half_years integer CHECK (length_half_years BETWEEN 1 AND 30),
        length_found {text} NOT NULL,
        training_mode {text} NOT NULL,
        directed_unit {text} NOT NULL,
        study_status {text} NOT NULL,
        programme {text} NOT NULL,
        counsellor {text} NOT NULL,
        mobile {text} NOT NULL,
        email {text} NOT NULL,
        college_id bigint NOT NULL REFERENCES college (id),
        second_college_id bigint REFERENCES college (id) CHECK (second_college_id <> college_id),
        nominal_year integer,
        expected_year integer,
        expectation {text} NOT NULL,
        pinyin {text} NOT NULL,
        initials {text} NOT NULL,
        vanished_at {instant},
        created_at {instant} NOT NULL,
        updated_at {instant} NOT NULL)",
    "CREATE INDEX student_college ON student (college_id, student_no)",
    "CREATE INDEX student_second_college ON student (second_college_id, student_no) WHERE second_college_id IS NOT NULL",
    "CREATE INDEX student_expected ON student (expected_year, college_id, student_no)",
    "CREATE INDEX student_nominal ON student (nominal_year, college_id, student_no)",
    "CREATE INDEX student_school ON student (school_id, student_no)",
    "CREATE INDEX student_residence ON student (residence_id, student_no)",
    "CREATE INDEX student_major ON student (major_id, student_no)",
    "CREATE INDEX student_admission ON student (admission_year, student_no)",
    "CREATE INDEX student_degree ON student (degree_level, student_no)",
    "CREATE INDEX student_type ON student (student_type, student_no)",
    "CREATE INDEX student_length ON student (length_half_years, student_no)",
    "CREATE INDEX student_status ON student (study_status, student_no)",
    "CREATE INDEX student_class ON student (class_name, student_no)",
    "CREATE INDEX student_name ON student (name, student_no)",
    "CREATE INDEX student_pinyin ON student (pinyin, student_no)",
    "CREATE INDEX student_initials ON student (initials, student_no)",
    "CREATE INDEX student_document ON student (document_no) WHERE document_no <> ''",
    "CREATE TABLE class_year (
        year integer NOT NULL PRIMARY KEY CHECK (year BETWEEN 1950 AND 2200),
        state {text} NOT NULL CHECK (state IN ('planned', 'open', 'closed')),
        roster_due date NOT NULL,
        activation_due date NOT NULL,
        doctoral_due date,
        extended_due date,
        origin_depth {text} NOT NULL CHECK (origin_depth IN ('city', 'county')),
        opened_at {instant},
        closed_at {instant},
        CHECK ((state = 'planned') = (opened_at IS NULL)),
        CHECK ((state = 'closed') = (closed_at IS NOT NULL)),
        CHECK (activation_due >= roster_due))",
    "CREATE TABLE setting (key {text} NOT NULL PRIMARY KEY, value {text} NOT NULL)",
];

const DOWN: &[&str] = &[
    "DROP TABLE setting",
    "DROP TABLE class_year",
    "DROP TABLE student",
    "DROP TABLE major",
    "DROP TABLE college_duty",
    "DROP TABLE college",
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
