//! 名单确认 and 学生用户管理.

mod candidates;
mod export;
mod list;
mod ordered;
mod plans;
mod removal;
mod speed;
