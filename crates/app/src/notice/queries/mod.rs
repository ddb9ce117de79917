//! Notices in the database: `reading` for whom they are for, `managing` for their authors, `readers` for who has read what.

mod managing;
mod readers;
mod reading;

pub(super) use managing::{
    Managed, attachment, attachments, count, discard, find, insert, insert_attachment, list, lock,
    remove_attachment, set_state, update,
};
pub(super) use readers::{
    HasRead, ReadCounts, StaffRow, StudentRow, read_counts, staff_rows, student_rows, student_totals,
};
pub use reading::{Headline, Reader, for_staff, for_student, public};
pub(super) use reading::{PAGE_SIZE, find_readable, readable_attachment, record_reading, shelf};
