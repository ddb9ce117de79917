//! National code tables and checks of a graduate's record: what a code means, whether a number can be right.
//!
//! Everything here is pure: no input or output at run time, no clock, no database. The tables are files in `data/`,
//! compiled in and read once, at first use; `data/README.md` names the source of each and how sure we are of it.
//!
//! * [`codes`]: the closed code tables (性别, 民族, 政治面貌, …), found by code, name or usual short name.
//! * [`division`]: places (行政区划) with their history, and whether a 生源所在地 is complete.
//! * [`place_search`]: places found by name, pinyin, initials or code.
//! * [`identity`]: identity documents (证件号), parsed, masked.
//! * [`exam`]: the candidate number (考生号).

pub mod codes;
pub mod division;
pub mod exam;
pub mod identity;
pub mod place_search;
