//! Which of the students found are selected (R2): everything but some, or only some. Stands in the address, so that it
//! survives from page to page without script.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

/// The selection as it stands in the address.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct SelectionParams {
    /// `all` or `none`.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub mode: String,
    /// Taken out of all.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub except: Vec<i64>,
    /// Picked one by one.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub chosen: Vec<i64>,
}

/// What the boxes of the page said when the form was sent.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Boxes {
    /// The rows that the page showed with a box.
    pub shown: Vec<i64>,
    /// Of these, the ones ticked.
    pub pick: Vec<i64>,
    /// `1` when the box at the head was ticked.
    pub all: String,
}

/// The selection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Selection {
    /// Everything that the search finds, but these.
    AllExcept(BTreeSet<i64>),
    /// Only these, as far as the search finds them.
    Only(BTreeSet<i64>),
}

/// Exceptions or picks that an address can carry; whoever needs more narrows the search.
pub const MOST: usize = 400;

/// Why a selection cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadSelection {
    /// The mode is neither `all` nor `none`.
    #[error("unknown selection mode")]
    Mode,
    /// More than [`MOST`] single rows.
    #[error("too many single rows")]
    TooMany,
}

impl BadSelection {
    /// For the person.
    pub fn message(self) -> String {
        match self {
            Self::Mode => "选择方式无法识别，请重新勾选。".into(),
            Self::TooMany => format!("逐个勾选或取消的学生超过 {MOST} 人，请先用查询条件缩小范围。"),
        }
    }
}

impl SelectionParams {
    /// The selection after the boxes of a page were sent along.
    ///
    /// Without script the ticked head box arrives as `all=1` while the mode still says `none`: then it is all.
    ///
    /// # Errors
    ///
    /// [`BadSelection`].
    pub fn with(&self, boxes: &Boxes) -> Result<Selection, BadSelection> {
        let unticked = || boxes.shown.iter().copied().filter(|id| !boxes.pick.contains(id));
        let selection = match self.mode.as_str() {
            "all" => {
                let mut except: BTreeSet<i64> = self.except.iter().copied().collect();
                except.retain(|id| !boxes.pick.contains(id));
                except.extend(unticked());
                Selection::AllExcept(except)
            }
            "" | "none" if boxes.all == "1" => Selection::AllExcept(BTreeSet::new()),
            "" | "none" => {
                let mut chosen: BTreeSet<i64> = self.chosen.iter().copied().collect();
                for id in unticked() {
                    chosen.remove(&id);
                }
                chosen.extend(boxes.pick.iter().copied());
                Selection::Only(chosen)
            }
            _ => return Err(BadSelection::Mode),
        };
        if selection.singles().len() > MOST {
            Err(BadSelection::TooMany)
        } else {
            Ok(selection)
        }
    }
}

impl Selection {
    /// Whether a row is selected, given that the search finds it and it can be selected.
    pub fn holds(&self, id: i64) -> bool {
        match self {
            Self::AllExcept(except) => !except.contains(&id),
            Self::Only(chosen) => chosen.contains(&id),
        }
    }

    /// The rows that are named one by one.
    pub fn singles(&self) -> &BTreeSet<i64> {
        match self {
            Self::AllExcept(ids) | Self::Only(ids) => ids,
        }
    }

    /// Back into an address.
    pub fn to_params(&self) -> SelectionParams {
        match self {
            Self::AllExcept(except) => SelectionParams {
                mode: "all".into(),
                except: except.iter().copied().collect(),
                chosen: Vec::new(),
            },
            Self::Only(chosen) if chosen.is_empty() => SelectionParams::default(),
            Self::Only(chosen) => SelectionParams {
                mode: "none".into(),
                except: Vec::new(),
                chosen: chosen.iter().copied().collect(),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn boxes(shown: &[i64], pick: &[i64]) -> Boxes {
        Boxes {
            shown: shown.to_vec(),
            pick: pick.to_vec(),
            all: String::new(),
        }
    }

    #[test]
    fn a_row_taken_out_on_one_page_stays_out_on_the_next() {
        let first = SelectionParams {
            mode: "all".into(),
            ..SelectionParams::default()
        };
        let after_page_one = first.with(&boxes(&[1, 2, 3], &[1, 3])).unwrap();
        let after_page_two = after_page_one.to_params().with(&boxes(&[4, 5], &[4, 5])).unwrap();
        assert_eq!(after_page_two, Selection::AllExcept(BTreeSet::from([2])));
    }

    #[test]
    fn a_row_put_back_is_no_exception_any_more() {
        let params = SelectionParams {
            mode: "all".into(),
            except: vec![2],
            ..SelectionParams::default()
        };
        assert_eq!(
            params.with(&boxes(&[1, 2], &[1, 2])).unwrap(),
            Selection::AllExcept(BTreeSet::new())
        );
    }

    #[test]
    fn the_head_box_selects_everything_without_script_too() {
        let ticked = Boxes {
            all: "1".into(),
            ..boxes(&[1, 2], &[])
        };
        assert_eq!(
            SelectionParams::default().with(&ticked).unwrap(),
            Selection::AllExcept(BTreeSet::new())
        );
    }

    #[test]
    fn an_unknown_mode_and_a_thousand_single_rows_are_refused() {
        let params = SelectionParams {
            mode: "most".into(),
            ..SelectionParams::default()
        };
        assert_eq!(params.with(&Boxes::default()), Err(BadSelection::Mode));
        let params = SelectionParams {
            mode: "none".into(),
            chosen: (0..1000).collect(),
            ..SelectionParams::default()
        };
        assert_eq!(params.with(&Boxes::default()), Err(BadSelection::TooMany));
    }

    proptest! {
        #[test]
        fn pages_and_ticks_in_any_order_end_in_what_the_boxes_last_said(
            all: bool, ticks in proptest::collection::vec((0..5usize, proptest::collection::vec(any::<bool>(), 4)), 0..12),
        ) {
            let mode = if all { "all" } else { "none" };
            let mut params = SelectionParams { mode: mode.into(), ..SelectionParams::default() };
            let mut expected = [all; 20];
            for (page, boxes_ticked) in ticks {
                let shown: Vec<i64> = (0..4).map(|row| i64::try_from(page * 4 + row).unwrap()).collect();
                let pick = shown.iter().copied().zip(&boxes_ticked).filter(|(_, ticked)| **ticked).map(|(id, _)| id);
                for (id, ticked) in shown.iter().zip(&boxes_ticked) {
                    expected[usize::try_from(*id).unwrap()] = *ticked;
                }
                params = params.with(&boxes(&shown, &pick.collect::<Vec<_>>())).unwrap().to_params();
            }
            let selection = params.with(&Boxes::default()).unwrap();
            for (id, ticked) in expected.iter().enumerate() {
                prop_assert_eq!(selection.holds(i64::try_from(id).unwrap()), *ticked);
            }
        }
    }
}
