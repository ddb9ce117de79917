//! 信息有误 (R15): a student reports a value of the own record as wrong; the office that keeps it gets it on its list; the
//! import that brings another value closes it, and the student is told.

pub mod queries;
