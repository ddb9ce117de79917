//! What of a text reaches the paper, and how long it is there.

/// A word that is longer than a cell is broken anywhere rather than run over the edge: longer than this many letters.
const LONGEST_WORD: usize = 24;

/// The text as it is printed: line ends are `\n`, tabs are spaces, and what has no shape of its own is left out
/// (control characters, marks that turn the direction of writing round, invisible joiners and tags).
pub(crate) fn clean(text: &str) -> String {
    let mut cleaned = String::with_capacity(text.len());
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '\r' => {
                characters.next_if_eq(&'\n');
                cleaned.push('\n');
            }
            '\n' | '\u{2028}' | '\u{2029}' | '\u{85}' => cleaned.push('\n'),
            '\t' => cleaned.push(' '),
            _ if is_invisible(character) => {}
            _ => cleaned.push(character),
        }
    }
    cleaned
}

/// Has no shape on paper, and could only be there to deceive or by accident. Spaces are not meant.
fn is_invisible(character: char) -> bool {
    character.is_control()
        || matches!(character,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}'
            | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}'
            | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{1bca0}'..='\u{1bca3}'
            | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
        // The last two of every plane are no characters; nor is a block in between.
        || (u32::from(character) & 0xfffe) == 0xfffe
        || matches!(character, '\u{fdd0}'..='\u{fdef}')
}

/// One line: for cells, where what was typed on several lines stands on one.
pub(crate) fn line(text: &str) -> String {
    let cleaned = clean(text);
    breakable(&cleaned.split_whitespace().collect::<Vec<_>>().join(" "))
}

/// The paragraphs of a text. Empty lines only separate; spaces at the ends are left out, since every paragraph is
/// indented alike.
pub(crate) fn paragraphs(text: &str) -> Vec<String> {
    clean(text)
        .split('\n')
        .map(str::trim)
        .filter(|paragraph| !paragraph.is_empty())
        .map(breakable)
        .collect()
}

/// Allows a line end anywhere in words that no line can hold, by the character that says so and has no shape.
fn breakable(text: &str) -> String {
    let mut broken = String::with_capacity(text.len());
    let mut letters = 0;
    for character in text.chars() {
        letters = match character {
            ' ' => 0,
            _ if is_wide(character) => 0,
            _ => letters + 1,
        };
        if letters > LONGEST_WORD && !is_combining(character) {
            broken.push('\u{200b}');
        }
        broken.push(character);
    }
    broken
}

fn is_combining(character: char) -> bool {
    matches!(character, '\u{300}'..='\u{36f}' | '\u{1ab0}'..='\u{1aff}' | '\u{1dc0}'..='\u{1dff}' | '\u{20d0}'..='\u{20ff}' | '\u{fe20}'..='\u{fe2f}')
}

/// As wide as it is high. What is not are the alphabets, their signs (`-`, `·`, `é`), and the half-width forms.
fn is_wide(character: char) -> bool {
    !matches!(character, '\0'..='\u{1fff}' | '\u{ff61}'..='\u{ffdc}' | '\u{ffe8}'..='\u{ffee}')
        || matches!(character, '\u{1100}'..='\u{115f}' | '×' | '÷')
}

/// The length of a text in characters as the print counts them: a wide character (汉字, `，`, `“`) counts 1, two narrow
/// ones (letters, figures, spaces, `·`) count 1, a line end counts 1, and what is not printed counts nothing.
///
/// A script that shows a counter beside a field computes the same by:
/// `Math.ceil(half / 2)`, where `half` is 1 for every code point below U+2000 and from U+FF61 to U+FFEE except
/// U+FFDD to U+FFE7, and 2 for the others, for `×`, for `÷` and for a line end.
pub fn print_length(text: &str) -> usize {
    clean(text)
        .trim_matches('\n')
        .chars()
        .map(|character| {
            if character == '\n' || is_wide(character) {
                2
            } else {
                1
            }
        })
        .sum::<usize>()
        .div_ceil(2)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn wide_characters_count_one_and_narrow_ones_half() {
        for (text, length) in [
            ("", 0),
            ("王小明", 3),
            ("王𠮷㛃", 3),
            ("abcd", 2),
            ("abc", 2),
            ("古丽·阿不都", 6),
            ("“优秀”，", 5),
            ("甲\r\n乙", 3),
            ("甲\u{202e}乙\u{0}", 2),
            ("\n\n甲\n", 1),
        ] {
            assert_eq!(print_length(text), length, "{text:?}");
        }
    }

    #[test]
    fn nothing_that_has_no_shape_is_left() {
        let deceiving = "a\u{0}b\u{1b}[31m\u{202e}c\u{200d}\u{feff}d\u{e0041}\u{7f}\u{9b}";

        assert_eq!(clean(deceiving), "ab[31mcd");
        assert_eq!(line(" 甲\t乙\r\n 丙 "), "甲 乙 丙");
        assert_eq!(paragraphs("\n 一\r\n\r\n二\u{2028}三\n"), ["一", "二", "三"]);
    }

    #[test]
    fn a_word_without_an_end_can_be_broken() {
        let word = "x".repeat(200);

        let broken = line(&word);

        assert_eq!(broken.replace('\u{200b}', ""), word);
        assert!(broken.split('\u{200b}').all(|piece| piece.len() <= LONGEST_WORD));
        assert_eq!(line("an ordinary sentence"), "an ordinary sentence");
    }

    proptest! {
        #[test]
        fn what_is_clean_stays_as_it_is(text in "\\PC*|[\\s\\S]{0,40}") {
            let once = clean(&text);

            prop_assert_eq!(clean(&once), once.clone());
            prop_assert!(!once.chars().any(|character| character.is_control() && character != '\n'));
            prop_assert!(print_length(&text) <= text.chars().count());
        }

        #[test]
        fn longer_texts_are_no_shorter_in_print(first in "\\PC{0,20}", second in "\\PC{0,20}") {
            let both = print_length(&format!("{first}{second}"));

            prop_assert!(both >= print_length(&first).max(print_length(&second)));
            // Line ends count in the middle only, and become that when something is written behind or before them.
            let (before, after) = (clean(&first), clean(&second));
            let within = before.len() - before.trim_end_matches('\n').len() + after.len()
                - after.trim_start_matches('\n').len();
            prop_assert!(both <= print_length(&first) + print_length(&second) + within);
        }
    }
}
