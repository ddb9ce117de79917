//! What students mend themselves: values that lie over those of the data exchange, and photos.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

// A student who mends a value again gets a new row in place of the old: so row ids are an order of changes.
const UP: &[&str] = &[
    "CREATE TABLE own_value (
        id {id},
        student_id bigint NOT NULL REFERENCES student (id) ON DELETE CASCADE,
        field {text} NOT NULL CHECK (field IN ('origin', 'marital_status', 'political_status')),
        value {text} NOT NULL CHECK (value <> ''),
        exchange_value {text} NOT NULL,
        replaced_value {text} NOT NULL,
        set_at {instant} NOT NULL,
        adopted_at {instant},
        CONSTRAINT own_value_once UNIQUE (student_id, field),
        CHECK (adopted_at IS NOT NULL OR exchange_value <> value))",
    "CREATE INDEX own_value_set ON own_value (set_at)",
    "CREATE INDEX own_value_standing ON own_value (student_id) WHERE adopted_at IS NULL",
    "CREATE TABLE photo (
        student_id bigint NOT NULL PRIMARY KEY REFERENCES student (id) ON DELETE CASCADE,
        file_key {text} NOT NULL CHECK (file_key <> ''),
        digest {text} NOT NULL,
        size_bytes integer NOT NULL,
        uploaded_at {instant} NOT NULL)",
];

const DOWN: &[&str] = &["DROP TABLE photo", "DROP TABLE own_value"];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        super::run(manager, UP).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        super::run(manager, DOWN).await
    }
}
