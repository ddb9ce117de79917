//! Who somebody is and what they may do: sign-in by the single sign-on or with a local account, sessions, and [`Can`], the proof of permission
//! that every handler of a staff page asks for.

pub mod password;
pub mod policy;
pub mod sso;

mod can;
mod exchange_client;
mod handlers;
mod officer;
mod queries;
mod rules;
mod student;
mod student_sign_in;

pub use can::{Can, Staff};
pub use exchange_client::ExchangeClient;
pub use officer::{Assigned, Officer};
pub use policy::{Action, Permission};
pub use rules::{
    SignInError, begin_session, begin_student_session, confirm_password, end_all_sessions, sign_in,
};
pub use student::Student;

use crate::web::{Access, Routes};

/// Signing in and out.
pub fn routes() -> Routes {
    Routes::default()
        .get("/sign-in/staff", Access::Public, handlers::form)
        .post("/sign-in/staff", Access::Public, handlers::sign_in)
        .get("/sign-in/student", Access::Public, student_sign_in::form)
        .post("/sign-in/student", Access::Public, student_sign_in::sign_in)
        .post("/sign-out", Access::Public, handlers::sign_out)
        .merge(sso::routes())
}
