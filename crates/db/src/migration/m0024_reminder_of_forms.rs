//! A reminder can be about the 推荐表, too. A column is given anew, because SQLite changes no CHECK.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

const UP: &[&str] = &[
    "ALTER TABLE reminder ADD COLUMN asks_for {text} NOT NULL DEFAULT 'activation'
        CHECK (asks_for IN ('activation', 'origin', 'recommendation'))",
    "UPDATE reminder SET asks_for = about",
    "ALTER TABLE reminder DROP COLUMN about",
    "ALTER TABLE reminder RENAME COLUMN asks_for TO about",
];

const DOWN: &[&str] = &[
    "ALTER TABLE reminder ADD COLUMN asks_for {text} NOT NULL DEFAULT 'activation'
        CHECK (asks_for IN ('activation', 'origin'))",
    "UPDATE reminder SET asks_for = about WHERE about <> 'recommendation'",
    "ALTER TABLE reminder DROP COLUMN about",
    "ALTER TABLE reminder RENAME COLUMN asks_for TO about",
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
