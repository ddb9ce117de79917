//! The audit log: append only by trigger, sealed by a hash chain.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

const TABLES: &[&str] = &[
    "CREATE TABLE audit_seal (
        id {id},
        sealed_at {instant} NOT NULL,
        event_count integer NOT NULL CHECK (event_count > 0),
        events {text} NOT NULL,
        previous_digest {text} NOT NULL CONSTRAINT audit_seal_follows_once UNIQUE,
        digest {text} NOT NULL CONSTRAINT audit_seal_digest_unique UNIQUE)",
    "CREATE TABLE audit_event (
        id {id},
        occurred_at {instant} NOT NULL,
        account_id bigint,
        actor {text} NOT NULL,
        address {text},
        action {text} NOT NULL,
        subject {text} NOT NULL,
        before {text},
        after {text},
        digest {text} NOT NULL,
        seal_id bigint REFERENCES audit_seal (id))",
    "CREATE INDEX audit_event_action ON audit_event (action, id)",
    "CREATE INDEX audit_event_actor ON audit_event (actor, id)",
    "CREATE INDEX audit_event_subject ON audit_event (subject, id)",
    "CREATE INDEX audit_event_at ON audit_event (occurred_at, id)",
    "CREATE INDEX audit_event_unsealed ON audit_event (id) WHERE seal_id IS NULL",
];

const SQLITE_TRIGGERS: &[&str] = &[
    "CREATE TRIGGER audit_event_no_delete BEFORE DELETE ON audit_event
        BEGIN SELECT RAISE(ABORT, 'audit_event is append only'); END",
    "CREATE TRIGGER audit_event_no_update BEFORE UPDATE ON audit_event
        WHEN OLD.seal_id IS NOT NULL OR NEW.id IS NOT OLD.id OR NEW.digest IS NOT OLD.digest
          OR NEW.occurred_at IS NOT OLD.occurred_at OR NEW.account_id IS NOT OLD.account_id
          OR NEW.actor IS NOT OLD.actor OR NEW.address IS NOT OLD.address OR NEW.action IS NOT OLD.action
          OR NEW.subject IS NOT OLD.subject OR NEW.before IS NOT OLD.before OR NEW.after IS NOT OLD.after
        BEGIN SELECT RAISE(ABORT, 'audit_event is append only'); END",
    "CREATE TRIGGER audit_seal_no_update BEFORE UPDATE ON audit_seal
        BEGIN SELECT RAISE(ABORT, 'audit_seal is append only'); END",
    "CREATE TRIGGER audit_seal_no_delete BEFORE DELETE ON audit_seal
        BEGIN SELECT RAISE(ABORT, 'audit_seal is append only'); END",
];

const POSTGRES_TRIGGERS: &[&str] = &[
    "CREATE FUNCTION audit_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN RAISE EXCEPTION '% is append only', TG_TABLE_NAME; END $$",
    "CREATE TRIGGER audit_event_no_delete BEFORE DELETE ON audit_event
        FOR EACH ROW EXECUTE FUNCTION audit_append_only()",
    "CREATE TRIGGER audit_event_no_update BEFORE UPDATE ON audit_event FOR EACH ROW
        WHEN (OLD.seal_id IS NOT NULL OR (NEW.id, NEW.digest, NEW.occurred_at, NEW.account_id, NEW.actor, NEW.address,
              NEW.action, NEW.subject, NEW.before, NEW.after)
            IS DISTINCT FROM (OLD.id, OLD.digest, OLD.occurred_at, OLD.account_id, OLD.actor, OLD.address,
              OLD.action, OLD.subject, OLD.before, OLD.after))
        EXECUTE FUNCTION audit_append_only()",
    "CREATE TRIGGER audit_seal_no_change BEFORE UPDATE OR DELETE ON audit_seal
        FOR EACH ROW EXECUTE FUNCTION audit_append_only()",
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        super::run(manager, TABLES).await?;
        let postgres = manager.get_database_backend() == sea_orm::DbBackend::Postgres;
        super::run(
            manager,
            if postgres {
                POSTGRES_TRIGGERS
            } else {
                SQLITE_TRIGGERS
            },
        )
        .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        super::run(manager, &["DROP TABLE audit_event", "DROP TABLE audit_seal"]).await?;
        if manager.get_database_backend() == sea_orm::DbBackend::Postgres {
            super::run(manager, &["DROP FUNCTION audit_append_only"]).await?;
        }
        Ok(())
    }
}
