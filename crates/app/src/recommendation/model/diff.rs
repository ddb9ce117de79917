//! What has changed in a text, piece by piece.

use similar::{ChangeTag, TextDiff};

/// A piece of two texts laid over one another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece {
    /// In both.
    Same(String),
    /// In the earlier one only.
    Gone(String),
    /// In the later one only.
    New(String),
}

/// Lays two texts over one another, character by character.
pub fn pieces(before: &str, after: &str) -> Vec<Piece> {
    let mut pieces: Vec<Piece> = Vec::new();
    let diff = TextDiff::from_chars(before, after);
    for change in diff.iter_all_changes() {
        let text = change.value();
        match (change.tag(), pieces.last_mut()) {
            (ChangeTag::Equal, Some(Piece::Same(so_far)))
            | (ChangeTag::Delete, Some(Piece::Gone(so_far)))
            | (ChangeTag::Insert, Some(Piece::New(so_far))) => so_far.push_str(text),
            (ChangeTag::Equal, _) => pieces.push(Piece::Same(text.to_owned())),
            (ChangeTag::Delete, _) => pieces.push(Piece::Gone(text.to_owned())),
            (ChangeTag::Insert, _) => pieces.push(Piece::New(text.to_owned())),
        }
    }
    pieces
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn only_what_changed_is_marked() {
        let pieces = pieces("2024年获一等奖学金", "2025年获一等奖学金两次");
        assert_eq!(
            pieces,
            [
                Piece::Same("202".into()),
                Piece::Gone("4".into()),
                Piece::New("5".into()),
                Piece::Same("年获一等奖学金".into()),
                Piece::New("两次".into()),
            ]
        );
    }

    proptest! {
        #[test]
        fn both_texts_can_be_read_from_the_pieces(before in "\\PC{0,40}", after in "\\PC{0,40}") {
            let (mut first, mut second) = (String::new(), String::new());
            for piece in pieces(&before, &after) {
                match piece {
                    Piece::Same(text) => {
                        first.push_str(&text);
                        second.push_str(&text);
                    }
                    Piece::Gone(text) => first.push_str(&text),
                    Piece::New(text) => second.push_str(&text),
                }
            }
            prop_assert_eq!((first, second), (before, after));
        }
    }
}
