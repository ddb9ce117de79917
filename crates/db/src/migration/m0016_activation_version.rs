//! A version of its own for activations: they come by the thousand on the last evening, and must not make every list that says
//! nothing of them be counted anew. The table is made anew because SQLite cannot change a check.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

const UP: &[&str] = &[
    "CREATE TABLE data_version_next (
        topic {text} NOT NULL PRIMARY KEY CHECK (topic IN ('school', 'records', 'activations')),
        version bigint NOT NULL)",
    "INSERT INTO data_version_next (topic, version) SELECT topic, version FROM data_version",
    "INSERT INTO data_version_next (topic, version) VALUES ('activations', 1)",
    "DROP TABLE data_version",
    "ALTER TABLE data_version_next RENAME TO data_version",
];

const DOWN: &[&str] = &[
    "CREATE TABLE data_version_before (
        topic {text} NOT NULL PRIMARY KEY CHECK (topic IN ('school', 'records')),
        version bigint NOT NULL)",
    "INSERT INTO data_version_before (topic, version) SELECT topic, version FROM data_version WHERE topic <> 'activations'",
    "DROP TABLE data_version",
    "ALTER TABLE data_version_before RENAME TO data_version",
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
