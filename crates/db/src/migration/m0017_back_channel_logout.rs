//! Back-channel logout: by what names the provider of OpenID Connect says that a sign-in has ended.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

const UP: &[&str] = &[
    "ALTER TABLE sso_ticket ADD COLUMN person_digest {text}",
    "ALTER TABLE sso_ticket ADD COLUMN provider_session_digest {text}",
    "CREATE INDEX sso_ticket_person ON sso_ticket (person_digest) WHERE person_digest IS NOT NULL",
    "CREATE INDEX sso_ticket_provider_session ON sso_ticket (provider_session_digest)
        WHERE provider_session_digest IS NOT NULL",
];

const DOWN: &[&str] = &[
    "DROP INDEX sso_ticket_provider_session",
    "DROP INDEX sso_ticket_person",
    "ALTER TABLE sso_ticket DROP COLUMN provider_session_digest",
    "ALTER TABLE sso_ticket DROP COLUMN person_digest",
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
