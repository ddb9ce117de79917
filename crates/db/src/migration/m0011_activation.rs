//! Activation: what a student confirmed, the contact data, the draft of the form, and the field classes of a class year.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

const UP: &[&str] = &[
    "CREATE TABLE activation (
        id {id},
        entry_id bigint NOT NULL REFERENCES roster_entry (id),
        student_id bigint NOT NULL REFERENCES student (id),
        class_year integer NOT NULL REFERENCES class_year (year),
        activated_at {instant} NOT NULL,
        confirmed {text} NOT NULL,
        confirmed_at {instant} NOT NULL,
        changed_at {instant},
        CONSTRAINT activation_once UNIQUE (entry_id),
        CHECK (confirmed_at >= activated_at))",
    "CREATE INDEX activation_student ON activation (student_id)",
    "CREATE INDEX activation_year ON activation (class_year, activated_at)",
    "CREATE TABLE student_contact (
        student_id bigint NOT NULL PRIMARY KEY REFERENCES student (id),
        mobile {text} NOT NULL,
        email {text} NOT NULL,
        qq {text} NOT NULL,
        address {text} NOT NULL,
        postcode {text} NOT NULL,
        home_phone {text} NOT NULL,
        updated_at {instant} NOT NULL)",
    "CREATE TABLE activation_draft (
        student_id bigint NOT NULL PRIMARY KEY REFERENCES student (id) ON DELETE CASCADE,
        content {text} NOT NULL,
        saved_at {instant} NOT NULL)",
    "CREATE TABLE class_year_field (
        class_year integer NOT NULL REFERENCES class_year (year),
        field {text} NOT NULL,
        class {text} NOT NULL CHECK (class IN ('locked', 'window', 'always')),
        required boolean NOT NULL,
        PRIMARY KEY (class_year, field))",
];

const DOWN: &[&str] = &[
    "DROP TABLE class_year_field",
    "DROP TABLE activation_draft",
    "DROP TABLE student_contact",
    "DROP TABLE activation",
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
