//! The rules for spaces, headings and dangerous cells that readers and writers share.

use std::borrow::Cow;

/// Whether a character is white space to a person: Unicode white space and what takes no room at all.
pub(crate) fn is_blank_char(c: char) -> bool {
    c.is_whitespace()
        || matches!(
            c,
            '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}' | '\u{180e}' | '\u{00ad}'
        )
}

/// Whether nothing of the text can be seen.
pub fn is_blank(text: &str) -> bool {
    text.chars().all(is_blank_char)
}

/// The text as it was meant: no spaces around it (ideographic and zero-width ones included), runs of spaces
/// inside folded to one, full-width ASCII (`Ａ`, `（`, `＊`) made half-width.
///
/// `·` and Chinese characters stay as they are: they belong to names.
pub fn normalise(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut gap = false;
    for c in text.chars() {
        if is_blank_char(c) {
            // A zero-width character separates nothing: `张\u{200b}三` is 张三.
            gap |= c.is_whitespace();
            continue;
        }
        if gap && !out.is_empty() {
            out.push(' ');
        }
        gap = false;
        out.push(half_width(c));
    }
    out
}

fn half_width(c: char) -> char {
    match c {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c),
        _ => c,
    }
}

/// What forms add to a heading to say that the column must, or need not, be filled in.
const ADORNMENTS: [&str; 12] = [
    "必填",
    "必填项",
    "必录",
    "必须",
    "选填",
    "选填项",
    "非必填",
    "可选",
    "可空",
    "可不填",
    "REQUIRED",
    "OPTIONAL",
];

/// What two spellings of one heading have in common: normalised, without any space, without `*`, a closing
/// colon or `（必填）`, and with ASCII letters in upper case.
///
/// Compare keys with keys only; show [`normalise`]d headings to people.
pub fn heading_key(heading: &str) -> String {
    let mut key: String = normalise(heading)
        .chars()
        .filter(|c| *c != ' ')
        .map(|c| c.to_ascii_uppercase())
        .collect();
    loop {
        let before = key.len();
        key = key.trim_matches(['*', ':', '★', '※']).to_owned();
        for (open, close) in [('(', ')'), ('[', ']'), ('【', '】'), ('〔', '〕'), ('<', '>')] {
            if let Some(inner) = key.strip_suffix(close)
                && let Some((rest, adornment)) = inner.rsplit_once(open)
                && is_adornment(adornment)
            {
                key = rest.to_owned();
            }
            if let Some(inner) = key.strip_prefix(open)
                && let Some((adornment, rest)) = inner.split_once(close)
                && is_adornment(adornment)
            {
                key = rest.to_owned();
            }
        }
        if key.len() == before {
            return key;
        }
    }
}

fn is_adornment(text: &str) -> bool {
    ADORNMENTS.contains(&text) || text == "*"
}

/// The text with a leading apostrophe if a spreadsheet would run it as a formula: it begins with `=`, `+`, `-`,
/// `@`, a tab or a return.
///
/// A plain decimal number (`-3`, `+0.5`) stays: it can do no harm, and an apostrophe would spoil it.
pub fn defuse(text: &str) -> Cow<'_, str> {
    if text.starts_with(is_fuse) && !is_plain_number(text) {
        Cow::Owned(format!("'{text}"))
    } else {
        Cow::Borrowed(text)
    }
}

/// Takes back what [`defuse`] has added, so that a file we wrote reads as the values it was written from.
pub fn undefuse(text: &str) -> &str {
    match text.strip_prefix('\'') {
        Some(rest) if rest.starts_with(is_fuse) => rest,
        _ => text,
    }
}

fn is_fuse(c: char) -> bool {
    matches!(c, '=' | '+' | '-' | '@' | '\t' | '\r')
}

fn is_plain_number(text: &str) -> bool {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
    let all_digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    all_digits(whole) && all_digits(fraction)
}

/// Whether the text is how a spreadsheet shows a number too long for it: `4.40111E+17`. The digits behind are lost.
pub(crate) fn looks_rounded(text: &str) -> bool {
    let text = text.trim_matches(is_blank_char);
    let Some((mantissa, exponent)) = text.split_once(['E', 'e']) else {
        return false;
    };
    // The sign is what tells a rounded number from a class called `1E5`.
    let Some(exponent) = exponent.strip_prefix('+') else {
        return false;
    };
    is_plain_number(mantissa)
        && (2..=3).contains(&exponent.len())
        && exponent.bytes().all(|b| b.is_ascii_digit())
}

/// The letters over a column, counted from 0: `A`, `Z`, `AA`.
pub fn column_letters(column: usize) -> String {
    let mut letters = Vec::new();
    let mut rest = column + 1;
    while rest > 0 {
        let digit = u8::try_from((rest - 1) % 26).unwrap_or(0);
        letters.push(char::from(b'A' + digit));
        rest = (rest - 1) / 26;
    }
    letters.iter().rev().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spaces_and_widths_are_understood() {
        assert_eq!(normalise("\u{feff}　张　 三\u{200b} "), "张 三");
        assert_eq!(normalise("张\u{200b}三"), "张三");
        assert_eq!(normalise("阿卜杜拉·买买提"), "阿卜杜拉·买买提");
        assert_eq!(normalise("（ＡＢＣ１２３）"), "(ABC123)");
        assert_eq!(normalise("a\r\n b\tc"), "a b c");
        assert_eq!(normalise("\u{200b}\u{3000}"), "");
    }

    #[test]
    fn headings_are_compared_without_adornments() {
        for spelling in [
            "姓名",
            " 姓　名 ",
            "*姓名",
            "姓名＊",
            "姓名（必填）",
            "【必填】姓名",
            "姓名(选填)：",
            "姓名*(必填)",
        ] {
            assert_eq!(heading_key(spelling), "姓名", "{spelling}");
        }
        assert_eq!(heading_key("xh"), heading_key("ＸＨ"));
        assert_eq!(heading_key("出生日期（公历）"), "出生日期(公历)");
        assert_eq!(heading_key("*"), "");
    }

    #[test]
    fn formulas_are_defused_and_numbers_are_not() {
        for fuse in [
            "=1+1",
            "+cmd|' /C calc'!A0",
            "-2+3",
            "@SUM(A1)",
            "\t=1",
            "\r=1",
            "-",
            "=",
            "--3",
            "-3e5",
        ] {
            assert_eq!(defuse(fuse), format!("'{fuse}"));
            assert_eq!(undefuse(&defuse(fuse)), fuse);
        }
        for harmless in ["-3", "+0.5", "-12.50", "", "张三", "a=b", "'quoted'", "3-2"] {
            assert_eq!(defuse(harmless), harmless);
            assert_eq!(undefuse(harmless), harmless);
        }
    }

    #[test]
    fn rounded_numbers_are_known_by_their_look() {
        for text in ["4.40111E+17", "4.4E+17", "4e+17", " 1.23E+100 "] {
            assert!(looks_rounded(text), "{text}");
        }
        for text in [
            "1E5",
            "2E+",
            "E+17",
            "4.4E-17",
            "3E+1a",
            "440111199001011000",
            "计科E+12",
            "",
        ] {
            assert!(!looks_rounded(text), "{text}");
        }
    }

    #[test]
    fn columns_have_letters() {
        assert_eq!(column_letters(0), "A");
        assert_eq!(column_letters(25), "Z");
        assert_eq!(column_letters(26), "AA");
        assert_eq!(column_letters(16_383), "XFD");
    }
}
