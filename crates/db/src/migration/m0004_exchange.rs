//! Imports, their rows (the history of every record), and remembered headings.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

const UP: &[&str] = &[
    "CREATE TABLE import_batch (
        id {id},
        dataset {text} NOT NULL,
        file_name {text} NOT NULL,
        file_digest {text} NOT NULL,
        state {text} NOT NULL,
        complete boolean NOT NULL,
        all_or_nothing boolean NOT NULL,
        accept_large_change boolean NOT NULL,
        progress_done integer NOT NULL,
        progress_total integer NOT NULL,
        cancel_requested boolean NOT NULL,
        rows_added integer NOT NULL,
        rows_changed integer NOT NULL,
        rows_vanished integer NOT NULL,
        rows_unchanged integer NOT NULL,
        rows_refused integer NOT NULL,
        message {text} NOT NULL,
        created_by bigint,
        created_at {instant} NOT NULL,
        committed_at {instant},
        undone_at {instant},
        CHECK (undone_at IS NULL OR committed_at IS NOT NULL))",
    "CREATE INDEX import_batch_created ON import_batch (created_at)",
    "CREATE TABLE import_row (
        id {id},
        batch_id bigint NOT NULL REFERENCES import_batch (id) ON DELETE CASCADE,
        row_number integer,
        key {text} NOT NULL,
        outcome {text} NOT NULL CHECK (outcome IN ('added', 'changed', 'vanished', 'repeated', 'refused')),
        changes {text} NOT NULL,
        reason {text} NOT NULL,
        settled_at {instant})",
    "CREATE INDEX import_row_batch ON import_row (batch_id, outcome, id)",
    "CREATE INDEX import_row_key ON import_row (key)",
    "CREATE INDEX import_row_refused ON import_row (batch_id, id) WHERE outcome = 'refused' AND settled_at IS NULL",
    "CREATE TABLE heading_mapping (
        dataset {text} NOT NULL,
        heading {text} NOT NULL,
        field {text} NOT NULL,
        PRIMARY KEY (dataset, heading))",
];

const DOWN: &[&str] = &[
    "DROP TABLE heading_mapping",
    "DROP TABLE import_row",
    "DROP TABLE import_batch",
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
