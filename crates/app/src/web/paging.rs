//! Pages of a list by position of the last row seen (keyset), so that page 1,000 costs what page 1 costs.

use serde::{Deserialize, Serialize};

/// Where a page begins. In the address as `after=…`, `before=…` or `last=1`; none of them is the first page.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// Rows after this key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
    /// Rows before this key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<String>,
    /// The last page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last: Option<u8>,
}

impl Step {
    /// As the value of a button of the pager (`first`, `last`, `after:KEY`, `before:KEY`): a button sends the selection of
    /// its form along, a link could not.
    pub fn button(&self) -> String {
        match self {
            Self { after: Some(key), .. } => format!("after:{key}"),
            Self {
                before: Some(key), ..
            } => format!("before:{key}"),
            Self { last: Some(_), .. } => "last".into(),
            Self { .. } => "first".into(),
        }
    }

    /// The step of a button; of an unknown one the first page.
    pub fn of_button(value: &str) -> Self {
        match value.split_once(':') {
            Some(("after", key)) => Self {
                after: Some(key.to_owned()),
                ..Self::default()
            },
            Some(("before", key)) => Self {
                before: Some(key.to_owned()),
                ..Self::default()
            },
            None if value == "last" => Self {
                last: Some(1),
                ..Self::default()
            },
            _ => Self::default(),
        }
    }

    /// Whether rows are read from the end backwards.
    pub fn is_backwards(&self) -> bool {
        self.before.is_some() || self.last.is_some()
    }
}

/// Parts of a query string as one, without those that are empty.
pub fn joined(parts: impl IntoIterator<Item = String>) -> String {
    let parts: Vec<String> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    parts.join("&")
}

/// The address of a page of a list: what is asked for, and where the page begins.
pub fn page_address(path: &str, asked: &impl Serialize, step: &Step) -> String {
    with_query(
        path,
        &joined([
            serde_html_form::to_string(asked).unwrap_or_default(),
            serde_html_form::to_string(step).unwrap_or_default(),
        ]),
    )
}

/// An address with a query string behind it, which may be empty.
pub fn with_query(path: &str, query: &str) -> String {
    if query.is_empty() {
        path.to_owned()
    } else {
        format!("{path}?{query}")
    }
}

/// The rows of a page out of all rows, in reading order, one longer than the page where there are more: what
/// [`PageLinks::cut`] takes. `at` is where the key of the step stands among them.
pub fn window(all: &[i64], step: &Step, at: Option<usize>, page_size: usize) -> Vec<i64> {
    let take = page_size + 1;
    match (at, step) {
        (_, Step { last: Some(_), .. }) => all.iter().rev().take(take).copied().collect(),
        (Some(at), Step { before: Some(_), .. }) => all[..at].iter().rev().take(take).copied().collect(),
        (Some(at), Step { after: Some(_), .. }) => all[at + 1..].iter().take(take).copied().collect(),
        _ => all.iter().take(take).copied().collect(),
    }
}

/// The links under a list. A missing one means that there is no such page.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PageLinks {
    /// 首页.
    pub first: Option<String>,
    /// 上一页.
    pub previous: Option<String>,
    /// 下一页.
    pub next: Option<String>,
    /// 末页.
    pub last: Option<String>,
}

impl PageLinks {
    /// Cuts `rows`, read one longer than the page, to the page, puts them in order and makes the links.
    ///
    /// `rows` come in reading order: reversed when the step is backwards. `key` names a row in an address; `link` makes
    /// the address of a step.
    pub fn cut<T>(
        rows: &mut Vec<T>,
        page_size: usize,
        step: &Step,
        key: impl Fn(&T) -> String,
        link: impl Fn(&Step) -> String,
    ) -> Self {
        let more = rows.len() > page_size;
        rows.truncate(page_size);
        if step.is_backwards() {
            rows.reverse();
        }
        let (has_previous, has_next) = if step.is_backwards() {
            (more, step.last.is_none())
        } else {
            (step.after.is_some(), more)
        };
        let at = |step: Step| Some(link(&step));
        Self {
            first: has_previous.then(|| at(Step::default())).flatten(),
            previous: rows.first().filter(|_| has_previous).and_then(|row| {
                at(Step {
                    before: Some(key(row)),
                    ..Step::default()
                })
            }),
            next: rows.last().filter(|_| has_next).and_then(|row| {
                at(Step {
                    after: Some(key(row)),
                    ..Step::default()
                })
            }),
            last: has_next
                .then(|| {
                    at(Step {
                        last: Some(1),
                        ..Step::default()
                    })
                })
                .flatten(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(all: &[u32], size: usize, step: &Step) -> (Vec<u32>, PageLinks) {
        let bound = |text: &Option<String>| text.as_ref().map(|text| text.parse::<u32>().unwrap());
        let mut rows: Vec<u32> = all
            .iter()
            .copied()
            .filter(|row| bound(&step.after).is_none_or(|after| *row > after))
            .filter(|row| bound(&step.before).is_none_or(|before| *row < before))
            .collect();
        if step.is_backwards() {
            rows.reverse();
        }
        rows.truncate(size + 1);
        let links = PageLinks::cut(&mut rows, size, step, ToString::to_string, |step| {
            serde_html_form::to_string(step).unwrap()
        });
        (rows, links)
    }

    fn follow(link: &str) -> Step {
        serde_html_form::from_str(link).unwrap()
    }

    #[test]
    fn walking_forward_and_back_meets_every_row_once_and_in_order() {
        let all: Vec<u32> = (1..=10).collect();
        let mut step = Step::default();
        let mut seen = Vec::new();
        let last = loop {
            let (rows, links) = page(&all, 4, &step);
            seen.extend(rows);
            match links.next {
                Some(next) => step = follow(&next),
                None => break links,
            }
        };
        assert_eq!(seen, all);

        let (rows, links) = page(&all, 4, &follow(&last.previous.unwrap()));
        assert_eq!(rows, [5, 6, 7, 8]);
        assert!(links.next.is_some() && links.previous.is_some());
    }

    #[test]
    fn a_step_survives_its_way_through_a_button() {
        let steps = [
            Step::default(),
            Step {
                after: Some("a:b".into()),
                ..Step::default()
            },
            Step {
                before: Some("7".into()),
                ..Step::default()
            },
            Step {
                last: Some(1),
                ..Step::default()
            },
        ];
        for step in steps {
            assert_eq!(Step::of_button(&step.button()), step);
        }
    }

    #[test]
    fn the_last_page_has_no_next_and_a_single_page_has_no_links() {
        let all: Vec<u32> = (1..=10).collect();
        let (rows, links) = page(
            &all,
            4,
            &Step {
                last: Some(1),
                ..Step::default()
            },
        );
        assert_eq!(rows, [7, 8, 9, 10]);
        assert_eq!((links.next.is_none(), links.previous.is_some()), (true, true));

        let (_, links) = page(&all, 20, &Step::default());
        assert_eq!(links, PageLinks::default());
    }
}
