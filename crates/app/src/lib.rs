//! 启航 Qihang: the graduate-employment administration system of a university.
//!
//! A feature is a folder: `handlers` (HTTP in, page out), `rules` (what the university allows), `queries` (the database),
//! `model` (types and pure functions). `web` knows HTTP and no domain, `auth` knows who may do what, `cli` is the command line.

pub mod accounts;
pub mod activation;
pub mod app;
pub mod assessment;
pub mod audit;
pub mod auth;
pub mod cache;
pub mod class_year;
pub mod cli;
pub mod config;
pub mod correction;
pub mod dashboard;
pub mod demo;
pub mod directed;
pub mod exchange;
pub mod files;
pub mod findings;
pub mod home;
pub mod job;
pub mod leadership;
pub mod mail;
pub mod message;
pub mod notice;
pub mod portal;
pub mod preference;
pub mod press;
pub mod progress;
pub mod recommendation;
pub mod roster;
pub mod school;
pub mod special_list;
pub mod student;
pub mod web;
