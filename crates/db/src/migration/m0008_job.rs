//! Work that runs beside the requests, and imports that leave their progress to it.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

const UP: &[&str] = &[
    "CREATE TABLE job (
        id {id},
        kind {text} NOT NULL,
        payload {text} NOT NULL,
        subject {text} NOT NULL CHECK (subject <> ''),
        account_id bigint REFERENCES account (id) ON DELETE CASCADE,
        actor {text} NOT NULL,
        address {text},
        state {text} NOT NULL CHECK (state IN ('queued', 'running', 'done', 'failed', 'cancelled')),
        attempts integer NOT NULL CHECK (attempts >= 0),
        lease_owner {text},
        lease_until {instant},
        cancel_requested boolean NOT NULL,
        is_finishing boolean NOT NULL,
        progress_done bigint NOT NULL,
        progress_total bigint NOT NULL,
        message {text} NOT NULL,
        result {text} NOT NULL,
        created_at {instant} NOT NULL,
        started_at {instant},
        finished_at {instant},
        seen_at {instant},
        CONSTRAINT job_running_has_a_lease CHECK ((state = 'running') = (lease_owner IS NOT NULL)),
        CONSTRAINT job_lease_has_an_end CHECK ((lease_owner IS NULL) = (lease_until IS NULL)),
        CONSTRAINT job_over_has_a_time CHECK ((state IN ('done', 'failed', 'cancelled')) = (finished_at IS NOT NULL)),
        CONSTRAINT job_flags_while_running CHECK (state = 'running' OR NOT (cancel_requested OR is_finishing)),
        CONSTRAINT job_seen_when_over CHECK (seen_at IS NULL OR finished_at IS NOT NULL))",
    "CREATE INDEX job_open ON job (id) WHERE state IN ('queued', 'running')",
    // Two jobs never work on one thing at a time.
    "CREATE UNIQUE INDEX job_one_a_subject ON job (subject) WHERE state IN ('queued', 'running')",
    "CREATE INDEX job_subject ON job (subject, id)",
    "CREATE INDEX job_account ON job (account_id, id)",
    "CREATE INDEX job_untold ON job (account_id) WHERE seen_at IS NULL",
    // What a server left that was stopped before there were jobs: nothing of it was written, so it can be begun again.
    "UPDATE import_batch SET state = 'uploaded', message = '服务曾中断，没有写入任何数据，可以继续。' WHERE state = 'reading'",
    "UPDATE import_batch SET state = 'previewed', message = '服务曾中断，没有写入任何数据，可以继续。' WHERE state = 'committing'",
    "ALTER TABLE import_batch DROP COLUMN progress_done",
    "ALTER TABLE import_batch DROP COLUMN progress_total",
    "ALTER TABLE import_batch DROP COLUMN cancel_requested",
];

const DOWN: &[&str] = &[
    "ALTER TABLE import_batch ADD COLUMN progress_done integer NOT NULL DEFAULT 0",
    "ALTER TABLE import_batch ADD COLUMN progress_total integer NOT NULL DEFAULT 0",
    "ALTER TABLE import_batch ADD COLUMN cancel_requested boolean NOT NULL DEFAULT false",
    "DROP TABLE job",
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
