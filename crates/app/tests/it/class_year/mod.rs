//! Stories of class_year.
