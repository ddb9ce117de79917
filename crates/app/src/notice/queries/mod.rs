//! Notices in the database: `reader` says who may read, `reading` is for them, `managing` for authors, `readers` for who has
//! read what.

mod managing;
mod reader;
mod readers;
mod reading;

pub(super) use managing::{
    Managed, attachment, attachments, count, discard, find, insert, insert_attachment, list, lock,
    remove_attachment, set_state, update,
};
pub use reader::Reader;
pub(super) use readers::{
    HasRead, ReadCounts, StaffRow, StudentRow, read_counts, staff_rows, student_rows, student_totals,
};
pub use reading::{Headline, for_staff, for_student, public};
pub(super) use reading::{PAGE_SIZE, find_readable, readable_attachment, record_reading, shelf};
