//! Which column of a file is which field (R14).

use std::collections::HashMap;

use qihang_sheet::heading_key;

use super::cells::FieldSet;
use super::dataset::Dataset;

/// What people said about headings that are not understood: heading key to field name; an empty name is 不导入.
pub(crate) type Mappings = HashMap<String, String>;

/// Which column of a file is which field.
#[derive(Clone, Debug)]
pub(crate) struct Columns {
    /// For each field its columns, the best first.
    of_field: Vec<Vec<usize>>,
    /// Headings that mean nothing to us and that nobody has mapped.
    pub(crate) unknown: Vec<String>,
    /// Headings that somebody said not to import.
    pub(crate) left_out: Vec<String>,
}

/// The column by which records are told apart is missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct KeyMissing {
    /// Its heading on screen.
    pub(crate) heading: &'static str,
}

impl Columns {
    /// Recognises the headings of a file.
    pub(crate) fn recognise(dataset: Dataset, headings: &[String], mappings: &Mappings) -> Self {
        let fields = dataset.fields();
        let mut ranked: Vec<Vec<(usize, usize)>> = vec![Vec::new(); fields.len()];
        let mut unknown = Vec::new();
        let mut left_out = Vec::new();
        for (column, heading) in headings.iter().enumerate() {
            let key = heading_key(heading);
            // 原因 is our own answer to the last attempt.
            if key.is_empty() || key == REASON_HEADING {
                continue;
            }
            let mapped = mappings.get(&key).map(String::as_str);
            if mapped == Some("") {
                left_out.push(heading.clone());
                continue;
            }
            let found = match mapped.and_then(|name| dataset.index_of(name)) {
                Some(index) => Some((index, 0)),
                None => known(dataset, &key),
            };
            match found {
                Some((index, rank)) => ranked[index].push((rank, column)),
                None => unknown.push(heading.clone()),
            }
        }
        let mut of_field: Vec<Vec<usize>> = ranked
            .into_iter()
            .map(|mut columns| {
                columns.sort_unstable();
                columns.into_iter().map(|(_, column)| column).collect()
            })
            .collect();
        // A school that has no keys of its own for majors uses those of the ministry.
        if dataset == Dataset::Majors
            && let (Some(code), Some(national)) =
                (dataset.index_of("code"), dataset.index_of("national_code"))
            && of_field[code].is_empty()
        {
            let columns = of_field[national].clone();
            of_field[code] = columns;
        }
        Self {
            of_field,
            unknown,
            left_out,
        }
    }

    /// The columns of the field at this place, the best first.
    pub(crate) fn of(&self, index: usize) -> &[usize] {
        self.of_field.get(index).map_or(&[], Vec::as_slice)
    }

    /// The fields that have a column.
    pub(crate) fn present(&self) -> FieldSet {
        let mut present = FieldSet::default();
        for (index, columns) in self.of_field.iter().enumerate() {
            if !columns.is_empty() {
                present.insert(index);
            }
        }
        present
    }

    /// # Errors
    ///
    /// [`KeyMissing`] when records cannot be told apart.
    pub(crate) fn check_key(&self, dataset: Dataset) -> Result<(), KeyMissing> {
        let heading = dataset.fields()[0].heading;
        if self.of(0).is_empty() {
            Err(KeyMissing { heading })
        } else {
            Ok(())
        }
    }
}

/// The heading under which a file goes back to its owner.
pub(crate) const REASON_HEADING: &str = "原因";

/// The field that a heading means, and how good a heading for it it is.
fn known(dataset: Dataset, key: &str) -> Option<(usize, usize)> {
    dataset.fields().iter().enumerate().find_map(|(index, field)| {
        field
            .also
            .iter()
            .chain([&field.heading])
            .position(|heading| heading_key(heading) == key)
            .map(|rank| (index, rank + 1))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn columns(dataset: Dataset, headings: &[&str], mappings: &[(&str, &str)]) -> Columns {
        let headings: Vec<String> = headings.iter().map(|heading| (*heading).to_owned()).collect();
        let mappings = mappings
            .iter()
            .map(|(heading, field)| (heading_key(heading), (*field).to_owned()))
            .collect();
        Columns::recognise(dataset, &headings, &mappings)
    }

    #[test]
    fn campus_names_and_chinese_headings_mean_the_same() {
        let campus = columns(Dataset::Students, &["XH", "XM", "SFZJH"], &[]);
        let chinese = columns(Dataset::Students, &["学号*", "姓 名", "身份证号（必填）"], &[]);
        assert_eq!(campus.of_field, chinese.of_field);
        assert!(campus.unknown.is_empty() && chinese.unknown.is_empty());
    }

    #[test]
    fn a_code_counts_before_a_name_where_a_file_has_both() {
        let both = columns(Dataset::Students, &["学号", "专业名称", "专业代码"], &[]);
        assert_eq!(both.of(Dataset::Students.index_of("major").unwrap()), [2, 1]);
    }

    #[test]
    fn an_unknown_heading_is_named_until_somebody_has_mapped_it() {
        let unknown = columns(Dataset::Students, &["学号", "籍贯所在", "备注"], &[]);
        assert_eq!(unknown.unknown, ["籍贯所在", "备注"]);

        let mapped = columns(
            Dataset::Students,
            &["学号", "籍贯所在", "备注"],
            &[("籍贯所在", "origin"), ("备注", "")],
        );

        assert!(mapped.unknown.is_empty());
        assert_eq!(mapped.left_out, ["备注"]);
        assert_eq!(mapped.of(Dataset::Students.index_of("origin").unwrap()), [1]);
    }

    #[test]
    fn without_the_number_of_a_student_nothing_can_be_told_apart() {
        let error = columns(Dataset::Students, &["姓名"], &[])
            .check_key(Dataset::Students)
            .unwrap_err();
        assert_eq!(error.heading, "学号");
    }
}
