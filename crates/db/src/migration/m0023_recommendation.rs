//! The recommendation form: sections of a class year, the text as it is written, versions as they were submitted and decided,
//! numbers, prints that were ordered as jobs, and wrong tries at the public check.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

// Versions are never rewritten: what was submitted stays as it was, and what was decided on it is added.
const UP: &[&str] = &[
    "CREATE TABLE recommendation_section (
        class_year integer NOT NULL REFERENCES class_year (year),
        code {text} NOT NULL CHECK (code <> ''),
        position integer NOT NULL,
        heading {text} NOT NULL CHECK (heading <> ''),
        hint {text} NOT NULL,
        most_chars integer NOT NULL CHECK (most_chars BETWEEN 1 AND 2000),
        required boolean NOT NULL,
        PRIMARY KEY (class_year, code))",
    "CREATE TABLE recommendation_template (
        college_id bigint NOT NULL REFERENCES college (id),
        kind {text} NOT NULL CHECK (kind IN ('opinion', 'reason')),
        position integer NOT NULL,
        body {text} NOT NULL CHECK (body <> ''),
        PRIMARY KEY (college_id, kind, position))",
    "CREATE TABLE recommendation_counter (
        class_year integer NOT NULL REFERENCES class_year (year),
        college_id bigint NOT NULL REFERENCES college (id),
        last_number integer NOT NULL CHECK (last_number > 0),
        PRIMARY KEY (class_year, college_id))",
    "CREATE TABLE recommendation_form (
        id {id},
        entry_id bigint NOT NULL REFERENCES roster_entry (id),
        student_id bigint NOT NULL REFERENCES student (id),
        class_year integer NOT NULL REFERENCES class_year (year),
        state {text} NOT NULL CHECK (state IN ('draft', 'submitted', 'returned', 'approved')),
        version integer NOT NULL CHECK (version >= 0),
        returned_version integer,
        reopened {text} CHECK (reopened IN ('objected', 'all')),
        opened_at {instant},
        opened_by bigint REFERENCES account (id),
        revision integer NOT NULL,
        begun_at {instant} NOT NULL,
        moved_at {instant} NOT NULL,
        number_college_id bigint REFERENCES college (id),
        number integer CHECK (number > 0),
        form_no {text},
        CONSTRAINT recommendation_once UNIQUE (entry_id),
        CONSTRAINT recommendation_form_no UNIQUE (form_no),
        CONSTRAINT recommendation_number UNIQUE (class_year, number_college_id, number),
        CONSTRAINT recommendation_whole_number
            CHECK ((form_no IS NULL) = (number IS NULL) AND (number IS NULL) = (number_college_id IS NULL)),
        CONSTRAINT recommendation_returned CHECK ((returned_version IS NULL) = (reopened IS NULL)),
        CONSTRAINT recommendation_state CHECK (
            (state = 'draft' AND returned_version IS NULL)
            OR (state = 'submitted' AND version > 0)
            OR (state = 'returned' AND version > 0 AND returned_version IS NOT NULL)
            OR (state = 'approved' AND version > 0 AND returned_version IS NULL AND form_no IS NOT NULL)),
        CONSTRAINT recommendation_opened
            CHECK ((opened_at IS NULL) = (opened_by IS NULL) AND (opened_at IS NULL OR state = 'submitted')))",
    "CREATE INDEX recommendation_form_student ON recommendation_form (student_id)",
    "CREATE INDEX recommendation_form_queue ON recommendation_form (class_year, state, moved_at, id)",
    "CREATE TABLE recommendation_draft (
        form_id bigint NOT NULL REFERENCES recommendation_form (id),
        section {text} NOT NULL,
        student_id bigint NOT NULL REFERENCES student (id),
        body {text} NOT NULL,
        revision integer NOT NULL CHECK (revision > 0),
        saved_at {instant} NOT NULL,
        PRIMARY KEY (form_id, section))",
    "CREATE INDEX recommendation_draft_student ON recommendation_draft (student_id)",
    "CREATE TABLE recommendation_version (
        id {id},
        form_id bigint NOT NULL REFERENCES recommendation_form (id),
        student_id bigint NOT NULL REFERENCES student (id),
        number integer NOT NULL CHECK (number > 0),
        state {text} NOT NULL CHECK (state IN ('submitted', 'recalled', 'returned', 'approved')),
        submitted_at {instant} NOT NULL,
        facts {text} NOT NULL,
        confirmed {text} NOT NULL,
        decided_at {instant},
        decided_by bigint REFERENCES account (id),
        reopened {text} CHECK (reopened IN ('objected', 'all')),
        opinion {text},
        photo_key {text},
        check_code {text},
        check_digest {text},
        validity {text} CHECK (validity IN ('valid', 'replaced', 'revoked')),
        ended_at {instant},
        ended_reason {text},
        changed_at {instant},
        checks integer NOT NULL CHECK (checks >= 0),
        checked_at {instant},
        printed_at {instant},
        CONSTRAINT recommendation_version_once UNIQUE (form_id, number),
        CONSTRAINT recommendation_decided CHECK ((state IN ('returned', 'approved')) = (decided_at IS NOT NULL)),
        CONSTRAINT recommendation_objected CHECK ((state = 'returned') = (reopened IS NOT NULL)),
        CONSTRAINT recommendation_approved CHECK (
            (state = 'approved') = (validity IS NOT NULL)
            AND (validity IS NULL) = (check_code IS NULL)
            AND (validity IS NULL) = (check_digest IS NULL)
            AND (validity IS NULL) = (opinion IS NULL)
            AND (validity IS NOT NULL OR printed_at IS NULL)),
        CONSTRAINT recommendation_ended
            CHECK ((ended_at IS NOT NULL) = (validity IS NOT NULL AND validity <> 'valid')))",
    "CREATE UNIQUE INDEX recommendation_one_valid ON recommendation_version (form_id) WHERE validity = 'valid'",
    "CREATE UNIQUE INDEX recommendation_one_submitted ON recommendation_version (form_id) WHERE state = 'submitted'",
    "CREATE INDEX recommendation_version_student ON recommendation_version (student_id)",
    "CREATE TABLE recommendation_text (
        version_id bigint NOT NULL REFERENCES recommendation_version (id),
        section {text} NOT NULL,
        student_id bigint NOT NULL REFERENCES student (id),
        position integer NOT NULL,
        heading {text} NOT NULL,
        body {text} NOT NULL,
        most_chars integer NOT NULL,
        PRIMARY KEY (version_id, section))",
    "CREATE INDEX recommendation_text_student ON recommendation_text (student_id)",
    "CREATE TABLE recommendation_objection (
        version_id bigint NOT NULL,
        section {text} NOT NULL,
        student_id bigint NOT NULL REFERENCES student (id),
        reason {text} NOT NULL CHECK (reason <> ''),
        PRIMARY KEY (version_id, section),
        FOREIGN KEY (version_id, section) REFERENCES recommendation_text (version_id, section))",
    "CREATE INDEX recommendation_objection_student ON recommendation_objection (student_id)",
    "CREATE TABLE recommendation_print (
        id {id},
        account_id bigint NOT NULL REFERENCES account (id),
        filter {text} NOT NULL,
        ordered_at {instant} NOT NULL)",
    "CREATE TABLE check_attempt (
        id {id},
        address {text} NOT NULL,
        tried_at {instant} NOT NULL)",
    "CREATE INDEX check_attempt_address ON check_attempt (address, tried_at)",
    "CREATE INDEX check_attempt_age ON check_attempt (tried_at)",
];

const DOWN: &[&str] = &[
    "DROP TABLE check_attempt",
    "DROP TABLE recommendation_print",
    "DROP TABLE recommendation_objection",
    "DROP TABLE recommendation_text",
    "DROP TABLE recommendation_version",
    "DROP TABLE recommendation_draft",
    "DROP TABLE recommendation_form",
    "DROP TABLE recommendation_counter",
    "DROP TABLE recommendation_template",
    "DROP TABLE recommendation_section",
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
