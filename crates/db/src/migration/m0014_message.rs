//! What is said to students in the site, reminders and their mail, and who looked at a student's pages.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

const UP: &[&str] = &[
    "CREATE TABLE reminder (
        id {id},
        class_year integer NOT NULL REFERENCES class_year (year),
        search {text} NOT NULL,
        title {text} NOT NULL,
        body {text} NOT NULL,
        sent_by bigint NOT NULL REFERENCES account (id),
        sent_at {instant} NOT NULL)",
    "CREATE TABLE reminder_question (
        id {id},
        account_id bigint NOT NULL REFERENCES account (id) ON DELETE CASCADE,
        class_year integer NOT NULL REFERENCES class_year (year),
        search {text} NOT NULL,
        students {text} NOT NULL,
        created_at {instant} NOT NULL)",
    "CREATE INDEX reminder_question_created ON reminder_question (created_at)",
    "CREATE INDEX reminder_sent ON reminder (class_year, id)",
    "CREATE TABLE message (
        id {id},
        student_id bigint NOT NULL REFERENCES student (id) ON DELETE CASCADE,
        kind {text} NOT NULL,
        title {text} NOT NULL CHECK (title <> ''),
        body {text} NOT NULL,
        href {text} CONSTRAINT message_leads_into_the_site CHECK (href LIKE '/%' AND href NOT LIKE '//%'),
        reminder_id bigint REFERENCES reminder (id),
        sent_by bigint,
        sent_at {instant} NOT NULL,
        sent_on date NOT NULL,
        mail_state {text} NOT NULL CHECK (mail_state IN ('none', 'queued', 'sent', 'bounced', 'failed', 'withdrawn')),
        mail_to {text},
        mail_tries integer NOT NULL,
        mail_due_at {instant},
        mail_error {text},
        read_at {instant},
        CONSTRAINT message_of_a_reminder CHECK ((kind = 'reminder') = (reminder_id IS NOT NULL)),
        CONSTRAINT message_mail_has_an_address CHECK ((mail_state = 'none') = (mail_to IS NULL)),
        CONSTRAINT message_queued_is_due CHECK ((mail_state = 'queued') = (mail_due_at IS NOT NULL)))",
    "CREATE UNIQUE INDEX message_one_reminder_a_day ON message (student_id, sent_on) WHERE kind = 'reminder'",
    "CREATE INDEX message_student ON message (student_id, id)",
    "CREATE INDEX message_unread ON message (student_id) WHERE read_at IS NULL",
    "CREATE INDEX message_reminder ON message (reminder_id, id)",
    "CREATE INDEX message_queued ON message (reminder_id, mail_due_at) WHERE mail_state = 'queued'",
    "CREATE TABLE student_view (
        id {id},
        viewed_at {instant} NOT NULL,
        account_id bigint NOT NULL REFERENCES account (id),
        student_id bigint NOT NULL REFERENCES student (id) ON DELETE CASCADE)",
    "CREATE INDEX student_view_student ON student_view (student_id, id)",
    "CREATE INDEX student_counsellor ON student (counsellor, student_no)",
];

const DOWN: &[&str] = &[
    "DROP INDEX student_counsellor",
    "DROP TABLE student_view",
    "DROP TABLE message",
    "DROP TABLE reminder_question",
    "DROP TABLE reminder",
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
