//! A tokeniser for the XML inside workbooks, with a bound on every token.
//!
//! The workbook library buffers a whole text or tag before anyone can object. So every part of a workbook goes
//! through these tokens first, and a part with a token beyond reason never reaches the library. The same tokens
//! serve to copy a sheet with one column added.

use std::io::{self, BufRead};

/// No tag, text or comment of a workbook that a person made comes near this.
pub(crate) const MAX_TOKEN_BYTES: usize = 1 << 20;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Character data, CDATA included.
    Text,
    /// `<c r="A1">`
    Start,
    /// `<c r="A1"/>`
    Whole,
    /// `</c>`
    End,
    /// A comment or a processing instruction.
    Other,
}

/// Reads tokens; the bytes of the last one stay in the buffer.
pub(crate) struct Tokens<R> {
    input: R,
    buffer: Vec<u8>,
}

impl<R: BufRead> Tokens<R> {
    pub(crate) fn new(input: R) -> Self {
        Self {
            input,
            buffer: Vec::with_capacity(1024),
        }
    }

    /// The bytes of the token that `advance` found.
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.buffer
    }

    /// The local name of the tag that `advance` found: `c` of `<x:c r="A1">`.
    pub(crate) fn local_name(&self) -> &[u8] {
        let name = self.name();
        name.iter()
            .position(|b| *b == b':')
            .map_or(name, |colon| &name[colon + 1..])
    }

    /// The name of the tag with its prefix.
    pub(crate) fn name(&self) -> &[u8] {
        let inner = self
            .buffer
            .strip_prefix(b"</")
            .or_else(|| self.buffer.strip_prefix(b"<"))
            .unwrap_or(b"");
        let end = inner
            .iter()
            .position(|b| b.is_ascii_whitespace() || matches!(b, b'/' | b'>'))
            .unwrap_or(inner.len());
        &inner[..end]
    }

    /// The raw value of an attribute, asked for by its full name.
    pub(crate) fn attribute(&self, name: &[u8]) -> Option<&[u8]> {
        attributes(&self.buffer).find(|a| a.name == name).map(|a| a.value)
    }

    /// Goes to the next token; `None` at the end.
    pub(crate) fn advance(&mut self) -> io::Result<Option<Kind>> {
        self.buffer.clear();
        let Some(first) = self.input.fill_buf()?.first().copied() else {
            return Ok(None);
        };
        if first != b'<' {
            self.take_until(|_, b| b == b'<', false)?;
            return Ok(Some(Kind::Text));
        }
        self.take_until(|seen, _| seen >= 1, true)?;
        match self.buffer[1] {
            b'!' => {
                self.take_until(|seen, _| seen >= 1, true)?;
                match self.buffer[2] {
                    b'-' => self.take_to(4, b"-->").map(|()| Some(Kind::Other)),
                    b'[' => self.take_to(3, b"]]>").map(|()| Some(Kind::Text)),
                    _ => Err(broken("a document type declaration, which no workbook has")),
                }
            }
            b'?' => self.take_to(2, b"?>").map(|()| Some(Kind::Other)),
            b'/' => self.take_to(2, b">").map(|()| Some(Kind::End)),
            second => {
                if second != b'>' {
                    let mut quote = None;
                    self.take_until(
                        |_, b| {
                            match quote {
                                Some(open) if open == b => quote = None,
                                None if b == b'>' => return true,
                                None if matches!(b, b'"' | b'\'') => quote = Some(b),
                                _ => {}
                            }
                            false
                        },
                        true,
                    )?;
                }
                Ok(Some(if self.buffer.ends_with(b"/>") {
                    Kind::Whole
                } else {
                    Kind::Start
                }))
            }
        }
    }

    /// Takes bytes up to one that `is_last` accepts (it sees how many were taken in this call and the byte), with
    /// that byte or without it. `is_last` with `seen >= 1` and `inclusive` takes two bytes when the buffer is empty.
    fn take_until(&mut self, mut is_last: impl FnMut(usize, u8) -> bool, inclusive: bool) -> io::Result<()> {
        let mut seen = self.buffer.len();
        loop {
            let chunk = self.input.fill_buf()?;
            if chunk.is_empty() {
                return if inclusive {
                    Err(broken("it ends inside a tag"))
                } else {
                    Ok(())
                };
            }
            let found = chunk.iter().position(|b| {
                let last = is_last(seen, *b);
                seen += 1;
                last
            });
            let taken = match found {
                Some(at) => at + usize::from(inclusive),
                None => chunk.len(),
            };
            if self.buffer.len() + taken > MAX_TOKEN_BYTES {
                return Err(broken("a tag or text longer than any workbook has"));
            }
            self.buffer.extend_from_slice(&chunk[..taken]);
            self.input.consume(taken);
            if found.is_some() {
                return Ok(());
            }
        }
    }

    fn take_to(&mut self, opening: usize, end: &[u8]) -> io::Result<()> {
        let last = end[end.len() - 1];
        loop {
            self.take_until(|_, b| b == last, true)?;
            // `<!-->` is the beginning of a comment and not the whole of one.
            if self.buffer.ends_with(end) && self.buffer.len() >= opening + end.len() {
                return Ok(());
            }
        }
    }
}

fn broken(what: &'static str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what)
}

/// One attribute of a tag, and where it stands in it.
pub(crate) struct Attribute<'a> {
    pub(crate) name: &'a [u8],
    pub(crate) value: &'a [u8],
    /// Bytes of the tag that hold name, sign and quoted value.
    pub(crate) span: std::ops::Range<usize>,
}

/// The attributes of a tag.
pub(crate) fn attributes(tag: &[u8]) -> impl Iterator<Item = Attribute<'_>> {
    let mut at = tag.iter().position(u8::is_ascii_whitespace).unwrap_or(tag.len());
    std::iter::from_fn(move || {
        let skip = |mut at: usize| {
            while tag.get(at).is_some_and(u8::is_ascii_whitespace) {
                at += 1;
            }
            at
        };
        let start = skip(at);
        let name_end = start
            + tag
                .get(start..)?
                .iter()
                .position(|b| *b == b'=' || b.is_ascii_whitespace())?;
        let equals = skip(name_end);
        if tag.get(equals) != Some(&b'=') {
            return None;
        }
        let open = skip(equals + 1);
        let quote = *tag.get(open)?;
        if !matches!(quote, b'"' | b'\'') {
            return None;
        }
        let close = open + 1 + tag.get(open + 1..)?.iter().position(|b| *b == quote)?;
        at = close + 1;
        Some(Attribute {
            name: &tag[start..name_end],
            value: &tag[open + 1..close],
            span: start..at,
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(xml: &str) -> io::Result<Vec<(Kind, String)>> {
        let mut out = Vec::new();
        // A buffer of three bytes: every boundary falls somewhere.
        let mut tokens = Tokens::new(io::BufReader::with_capacity(3, xml.as_bytes()));
        while let Some(kind) = tokens.advance()? {
            out.push((kind, String::from_utf8_lossy(tokens.bytes()).into_owned()));
        }
        Ok(out)
    }

    #[test]
    fn tokens_put_together_are_the_document() {
        use Kind::{End, Other, Start, Text, Whole};
        let xml = r#"<?xml version="1.0"?><!-- <a> --><x:a b='1>2' c = "3"><v/>t &amp;<![CDATA[<no>]]></x:a ><b></b>"#;
        let tokens = kinds(xml).unwrap();
        assert_eq!(tokens.iter().map(|(_, t)| t.as_str()).collect::<String>(), xml);
        let kinds: Vec<_> = tokens.iter().map(|(k, _)| *k).collect();
        assert_eq!(kinds, [Other, Other, Start, Whole, Text, Text, End, Start, End]);
    }

    #[test]
    fn broken_documents_end() {
        for xml in [
            "<",
            "<a",
            "<a b='>",
            "<!",
            "<!-",
            "<!-->",
            "<![CDATA[ ]]",
            "<?",
            "<?>",
            "</",
            "<!DOCTYPE a>",
        ] {
            assert!(kinds(xml).is_err(), "{xml}");
        }
        assert!(kinds(&format!("<a>{}</a>", "x".repeat(MAX_TOKEN_BYTES + 1))).is_err());
        assert_eq!(kinds("<>").unwrap().len(), 1);
    }

    #[test]
    fn attributes_are_found() {
        let found: Vec<_> = attributes(br#"<row r="12" spans = '1:3' x:s="a>b"/>"#)
            .map(|a| (a.name, a.value))
            .collect();
        assert_eq!(
            found,
            [(&b"r"[..], &b"12"[..]), (b"spans", b"1:3"), (b"x:s", b"a>b")]
        );
        assert_eq!(attributes(b"<row r=12 b>").count(), 0);
        assert_eq!(attributes(b"<row>").count(), 0);
    }
}
