//! Instants on screen.

use chrono::{DateTime, Utc};
use chrono_tz::Asia::Shanghai;

/// The time of day in Shanghai, to the second: two saves in a minute are two.
pub fn clock_text(instant: DateTime<Utc>) -> String {
    instant.with_timezone(&Shanghai).format("%H:%M:%S").to_string()
}

/// An instant as people read it: day and minute in Asia/Shanghai.
pub fn instant_text(instant: DateTime<Utc>) -> String {
    instant
        .with_timezone(&Shanghai)
        .format("%Y-%m-%d %H:%M")
        .to_string()
}
