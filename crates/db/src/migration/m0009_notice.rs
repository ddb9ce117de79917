//! 通知公告 with whom they are for, their attachments and who has read them; 联系方式 of the centre.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

const UP: &[&str] = &[
    "CREATE TABLE notice (
        id {id},
        college_id bigint REFERENCES college (id),
        title {text} NOT NULL CHECK (title <> ''),
        body {text} NOT NULL CHECK (body <> ''),
        audience {text} NOT NULL CHECK (audience IN ('public', 'students', 'staff')),
        student_type {text} CHECK (student_type IN ('undergraduate', 'graduate')),
        class_year integer REFERENCES class_year (year),
        pinned boolean NOT NULL,
        state {text} NOT NULL CHECK (state IN ('draft', 'published', 'withdrawn')),
        publish_on date,
        ends_on date,
        published_at {instant},
        withdrawn_at {instant},
        created_at {instant} NOT NULL,
        updated_at {instant} NOT NULL,
        CHECK (ends_on >= publish_on),
        CHECK (college_id IS NULL OR audience = 'students'),
        CHECK (audience = 'students' OR (student_type IS NULL AND class_year IS NULL)),
        CHECK ((state = 'draft') = (published_at IS NULL)),
        CHECK ((state = 'withdrawn') = (withdrawn_at IS NOT NULL)),
        CHECK (state = 'draft' OR publish_on IS NOT NULL))",
    // Lists read what is published, the newest first.
    "CREATE INDEX notice_published ON notice (publish_on, id) WHERE state = 'published'",
    "CREATE INDEX notice_by_college ON notice (college_id, id)",
    "CREATE TABLE notice_college (
        notice_id bigint NOT NULL REFERENCES notice (id) ON DELETE CASCADE,
        college_id bigint NOT NULL REFERENCES college (id),
        PRIMARY KEY (notice_id, college_id))",
    "CREATE TABLE notice_role (
        notice_id bigint NOT NULL REFERENCES notice (id) ON DELETE CASCADE,
        role {text} NOT NULL CHECK (role IN ('officer', 'head', 'centre', 'administrator')),
        PRIMARY KEY (notice_id, role))",
    "CREATE TABLE notice_attachment (
        id {id},
        notice_id bigint NOT NULL REFERENCES notice (id) ON DELETE CASCADE,
        name {text} NOT NULL CHECK (name <> ''),
        bytes bigint NOT NULL CHECK (bytes > 0),
        file_key {text} NOT NULL UNIQUE,
        added_at {instant} NOT NULL,
        CONSTRAINT notice_attachment_name UNIQUE (notice_id, name))",
    "CREATE TABLE notice_reader (
        notice_id bigint NOT NULL REFERENCES notice (id) ON DELETE CASCADE,
        student_id bigint NOT NULL REFERENCES student (id) ON DELETE CASCADE,
        read_at {instant} NOT NULL,
        PRIMARY KEY (notice_id, student_id))",
    "CREATE INDEX notice_reader_student ON notice_reader (student_id)",
    "CREATE TABLE notice_staff_reader (
        notice_id bigint NOT NULL REFERENCES notice (id) ON DELETE CASCADE,
        account_id bigint NOT NULL REFERENCES account (id) ON DELETE CASCADE,
        read_at {instant} NOT NULL,
        PRIMARY KEY (notice_id, account_id))",
    "CREATE INDEX notice_staff_reader_account ON notice_staff_reader (account_id)",
    "CREATE TABLE contact_point (
        id {id},
        purpose {text} NOT NULL CHECK (purpose IN ('advice', 'student_sign_in', 'staff_sign_in', 'employers')),
        campus {text} CHECK (campus <> ''),
        student_type {text} CHECK (student_type IN ('undergraduate', 'graduate')),
        name {text} NOT NULL CHECK (name <> ''),
        telephone {text} NOT NULL,
        email {text} NOT NULL,
        room {text} NOT NULL,
        hours {text} NOT NULL,
        CHECK (telephone <> '' OR email <> ''),
        CHECK (purpose = 'advice' OR (campus IS NULL AND student_type IS NULL)))",
];

const DOWN: &[&str] = &[
    "DROP TABLE contact_point",
    "DROP TABLE notice_staff_reader",
    "DROP TABLE notice_reader",
    "DROP TABLE notice_attachment",
    "DROP TABLE notice_role",
    "DROP TABLE notice_college",
    "DROP TABLE notice",
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
