//! A client of the CAS protocol 3.0 (Central Authentication Service), as universities run it for single sign-on.
//!
//! This crate knows nothing of Qihang. A browser is sent to [`Client::login_url`], comes back to the service's address
//! with a [`Ticket`], and [`Client::validate`] asks the server whose it is. [`Client::logout_url`] ends the sign-on;
//! when somebody else's site does that, the server tells us by a posted [`logout::ended_ticket`].
//!
//! What is deliberately absent: any address taken from a request (server and service are fixed when the client is
//! made, so that the service of the login and that of the validation cannot differ), redirects that are followed,
//! answers without a bound, documents with a DOCTYPE or entities of their own, and the clock: a ticket is as old as the
//! server says by accepting it, so a clock that is wrong keeps nobody out.

#![cfg_attr(test, allow(clippy::unwrap_used, reason = "a test fails by panicking"))]

pub mod logout;

mod client;
#[cfg(test)]
mod fuzz;
mod response;
mod ticket;
mod xml;

pub use client::{Client, Unavailable, ValidateError};
pub use response::{Person, Refusal};
pub use ticket::{NotATicket, Ticket};
pub use xml::Unreadable;
