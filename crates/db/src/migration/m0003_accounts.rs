//! Accounts, assignments, sessions.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

const UP: &[&str] = &[
    "CREATE TABLE account (
        id {id},
        login {text} NOT NULL CONSTRAINT account_login_unique UNIQUE CHECK (login <> '' AND login = lower(login)),
        name {text} NOT NULL,
        password_hash {text},
        must_change_password boolean NOT NULL,
        mobile {text} NOT NULL,
        email {text} NOT NULL,
        disabled_at {instant},
        failed_attempts integer NOT NULL CHECK (failed_attempts >= 0),
        locked_until {instant},
        session_epoch integer NOT NULL,
        created_at {instant} NOT NULL)",
    "CREATE TABLE assignment (
        id {id},
        account_id bigint NOT NULL REFERENCES account (id) ON DELETE CASCADE,
        role {text} NOT NULL CHECK (role IN ('officer', 'head', 'centre', 'administrator')),
        college_id bigint REFERENCES college (id),
        starts_on date NOT NULL,
        ends_on date CHECK (ends_on >= starts_on),
        CHECK ((role IN ('officer', 'head')) = (college_id IS NOT NULL)))",
    "CREATE INDEX assignment_account ON assignment (account_id)",
    "CREATE INDEX assignment_college ON assignment (college_id)",
    // A null college would count as different from itself, so the unique index speaks of 0 instead.
    "CREATE UNIQUE INDEX assignment_once ON assignment (account_id, role, COALESCE(college_id, 0), starts_on)",
    "CREATE TABLE session (
        id_digest {text} NOT NULL PRIMARY KEY,
        account_id bigint REFERENCES account (id) ON DELETE CASCADE,
        content {text} NOT NULL,
        expires_at {instant} NOT NULL)",
    "CREATE INDEX session_account ON session (account_id)",
    "CREATE INDEX session_expires ON session (expires_at)",
    "CREATE TABLE sign_in_attempt (
        id {id},
        login {text} NOT NULL,
        address {text} NOT NULL,
        tried_at {instant} NOT NULL,
        succeeded boolean NOT NULL)",
    "CREATE INDEX sign_in_attempt_address ON sign_in_attempt (address, tried_at)",
    "CREATE INDEX sign_in_attempt_login ON sign_in_attempt (login, tried_at)",
    "CREATE TABLE account_preference (
        account_id bigint NOT NULL REFERENCES account (id) ON DELETE CASCADE,
        key {text} NOT NULL,
        value {text} NOT NULL,
        PRIMARY KEY (account_id, key))",
    "CREATE TABLE class_year_officer (
        class_year integer NOT NULL REFERENCES class_year (year),
        college_id bigint NOT NULL REFERENCES college (id),
        account_id bigint NOT NULL REFERENCES account (id),
        PRIMARY KEY (class_year, college_id))",
];

const DOWN: &[&str] = &[
    "DROP TABLE class_year_officer",
    "DROP TABLE account_preference",
    "DROP TABLE sign_in_attempt",
    "DROP TABLE session",
    "DROP TABLE assignment",
    "DROP TABLE account",
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
