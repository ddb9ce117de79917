//! The stories of the domain, told through the router and the database. On SQLite by default; on PostgreSQL where
//! `QIHANG_TEST_POSTGRES` names a server on which databases may be created. `make test` runs both.

#![allow(
    clippy::unwrap_used,
    reason = "these are tests: a story that cannot go on has failed"
)]

mod accounts;
mod activation;
mod assessment;
mod audit;
mod auth;
mod bulk;
mod class_year;
mod correction;
mod dashboard;
mod directed;
mod exchange;
mod findings;
mod home;
mod job;
mod leadership;
mod life;
mod message;
mod notice;
mod portal;
mod preference;
mod progress;
mod recommendation;
mod roster;
mod schema;
mod school;
mod special_list;
mod student;
mod support;
mod writing;
