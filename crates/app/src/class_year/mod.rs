//! Class years (届): the centre opens one with its dates and rules, and closes it (R12); which one a page works on (R3);
//! who answers for it in each 院.

pub mod model;
pub mod queries;
pub mod rules;

mod handlers;

use crate::auth::Action;
use crate::web::{Access, Routes};

/// Pages of class years.
pub fn routes() -> Routes {
    let manage = Access::Can(Action::ManageClassYears);
    let name = Access::Can(Action::NameResponsible);
    Routes::default()
        .get("/manage/class-years", manage, handlers::index)
        .post("/manage/class-years", manage, handlers::create)
        .get("/manage/class-years/new", manage, handlers::new)
        .get("/manage/class-years/{year}", manage, handlers::show)
        .post("/manage/class-years/{year}", manage, handlers::change)
        .post("/manage/class-years/{year}/opening", manage, handlers::open)
        .post("/manage/class-years/{year}/closing", manage, handlers::close)
        .get("/manage/responsible", name, handlers::responsible::current)
        .get(
            "/manage/class-years/{year}/responsible",
            name,
            handlers::responsible::show,
        )
        .post(
            "/manage/class-years/{year}/responsible",
            name,
            handlers::responsible::name,
        )
}
