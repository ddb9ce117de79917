//! Versions of what lists show, and the indexes that its pages are read by.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

const UP: &[&str] = &[
    "CREATE TABLE data_version (
        topic {text} NOT NULL PRIMARY KEY CHECK (topic IN ('school', 'records')),
        version bigint NOT NULL)",
    "INSERT INTO data_version (topic, version) VALUES ('school', 1), ('records', 1)",
];

const DOWN: &[&str] = &["DROP TABLE data_version"];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        super::run(manager, UP).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        super::run(manager, DOWN).await
    }
}
