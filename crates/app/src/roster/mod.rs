//! The roster (生源信息库): searching students and adding them to a class year's roster (名单确认, R1 to R5), the list of who
//! is on it (学生用户管理, R10), removing and moving (R9, R4).

pub mod candidates;
pub mod disclosure;
pub mod export;
pub mod list;
pub mod model;
pub mod removal;
pub mod rules;
pub mod search;
pub mod selection;

use crate::web::Routes;

/// Routes.
pub fn routes() -> Routes {
    candidates::routes()
        .merge(list::routes())
        .merge(removal::routes())
        .merge(disclosure::routes())
        .merge(export::routes())
}
