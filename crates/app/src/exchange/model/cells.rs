//! The values of one record, packed into one text: 39,000 records of 26 fields are a few megabytes, and two records that
//! are the same are found so by one comparison.

/// Between two values. A control character, which [`super::value`] removes from whatever a file holds.
const SEPARATOR: char = '\u{1f}';

/// The values of one record in the order of its dataset's fields.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Cells(String);

impl Cells {
    /// Packs values, which hold no control characters.
    pub(crate) fn pack<T: AsRef<str>>(values: impl IntoIterator<Item = T>) -> Self {
        let mut text = String::new();
        for (index, value) in values.into_iter().enumerate() {
            if index > 0 {
                text.push(SEPARATOR);
            }
            text.extend(value.as_ref().chars().filter(|one| *one != SEPARATOR));
        }
        Self(text)
    }

    /// The values in order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.split(SEPARATOR)
    }

    /// The value at this place; empty where there is none.
    pub(crate) fn get(&self, index: usize) -> &str {
        self.iter().nth(index).unwrap_or_default()
    }

    /// The values, to be changed.
    pub(crate) fn to_values(&self) -> Vec<String> {
        self.iter().map(str::to_owned).collect()
    }
}

/// Which fields a file has a column for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct FieldSet(u32);

impl FieldSet {
    /// Adds the field at this place.
    pub(crate) fn insert(&mut self, index: usize) {
        self.0 |= 1 << index;
    }

    /// Whether the field at this place is in it.
    pub(crate) fn contains(self, index: usize) -> bool {
        self.0 & (1 << index) != 0
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn what_is_packed_comes_out_again(values in proptest::collection::vec("[^\u{1f}]{0,6}", 1..30)) {
            let cells = Cells::pack(&values);
            prop_assert_eq!(cells.to_values(), values.clone());
            for (index, value) in values.iter().enumerate() {
                prop_assert_eq!(cells.get(index), value);
            }
        }
    }
}
