//! The first pages: 就业服务网 for everybody, and for the staff what is to be done until when. Also the frame around every
//! staff page, because the menu is a list of what the features offer.

mod demo;
mod handlers;
mod shell;
mod todo;

pub use demo::{DemoSignIn, DemoStudent, demo_sign_ins, demo_students, remember_demo};
pub use shell::{flash, leave_flash, shell, student_shell};

use crate::web::{Access, Routes};

/// Home pages.
pub fn routes() -> Routes {
    Routes::default().get("/", Access::Public, handlers::public).get(
        "/manage",
        Access::Staff,
        handlers::staff,
    )
}
