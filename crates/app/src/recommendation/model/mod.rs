//! What the recommendation form is made of and what may be done with it. Pure.

pub mod code;
pub mod diff;
pub mod facts;
pub mod seal;
pub mod section;
pub mod stage;
pub mod template;
pub mod warning;

pub use code::{Code, form_no};
pub use facts::{Fact, facts};
pub use section::{Mistake, Section, length, tidy};
pub use stage::{Act, Before, Opened, Refused, Stage};
pub use warning::{Text, Warning};
