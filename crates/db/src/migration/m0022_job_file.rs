//! Files that jobs leave for their owners, and exports that were ordered as jobs (R40).

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

const UP: &[&str] = &[
    "CREATE TABLE job_file (
        job_id bigint PRIMARY KEY REFERENCES job (id),
        name {text} NOT NULL CHECK (name <> ''),
        media_type {text} NOT NULL CHECK (media_type <> ''),
        file_key {text} NOT NULL UNIQUE,
        size_bytes bigint NOT NULL CHECK (size_bytes >= 0),
        kept_until {instant} NOT NULL)",
    "CREATE INDEX job_file_kept_until ON job_file (kept_until)",
    "CREATE TABLE export_order (
        id {id},
        account_id bigint NOT NULL REFERENCES account (id),
        filter {text} NOT NULL,
        columns {text} NOT NULL,
        purpose {text} CHECK (purpose <> ''),
        ordered_at {instant} NOT NULL)",
];

const DOWN: &[&str] = &["DROP TABLE export_order", "DROP TABLE job_file"];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        super::run(manager, UP).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        super::run(manager, DOWN).await
    }
}
