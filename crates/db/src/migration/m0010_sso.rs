//! Single sign-on: which session began with which ticket.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

// A session that has ended leaves its ticket behind as used: it opens nothing a second time.
const UP: &[&str] = &[
    "CREATE TABLE sso_ticket (
        ticket_digest {text} NOT NULL PRIMARY KEY,
        session_digest {text} REFERENCES session (id_digest) ON DELETE SET NULL,
        used_at {instant} NOT NULL)",
    "CREATE INDEX sso_ticket_session ON sso_ticket (session_digest)",
    "CREATE INDEX sso_ticket_used ON sso_ticket (used_at)",
];

const DOWN: &[&str] = &["DROP TABLE sso_ticket"];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        super::run(manager, UP).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        super::run(manager, DOWN).await
    }
}
