//! Small documents, read whole and safely: no DOCTYPE, no entities but the five of XML itself, no great depth.

use quick_xml::Reader;
use quick_xml::XmlVersion;
use quick_xml::escape::resolve_xml_entity;
use quick_xml::events::{BytesRef, BytesStart, Event};

/// Elements inside one another at the most. Nothing in the protocol goes beyond five; and a tree is taken apart
/// recursively, so that its depth must be bounded.
const DEEPEST: usize = 32;

/// Why a document was not read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    /// Not UTF-8.
    #[error("the document is not UTF-8")]
    NotUtf8,
    /// Not well-formed XML.
    #[error("the document is not well-formed: {0}")]
    Malformed(String),
    /// It declares a document type, which no answer of the protocol does.
    #[error("the document has a DOCTYPE")]
    DocType,
    /// It uses an entity that XML itself does not have.
    #[error("the document uses the entity {0:?}")]
    Entity(String),
    /// More than [`DEEPEST`] elements inside one another.
    #[error("the document is nested too deeply")]
    TooDeep,
    /// Well-formed, but not what the protocol describes.
    #[error("the document is not what the protocol describes: {0}")]
    Unexpected(&'static str),
}

/// An element with everything in it. Names are local ones: servers differ in prefixes.
#[derive(Debug, Default)]
pub(crate) struct Element {
    pub(crate) name: String,
    pub(crate) attributes: Vec<(String, String)>,
    /// All text directly inside, comments left out: `ad<!-- x -->min` is `admin`, never `ad`.
    pub(crate) text: String,
    pub(crate) children: Vec<Self>,
}

impl Element {
    /// The root element of a document.
    pub(crate) fn parse(document: &[u8]) -> Result<Self, Unreadable> {
        let document = document.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(document);
        let text = std::str::from_utf8(document).map_err(|_| Unreadable::NotUtf8)?;
        let mut reader = Reader::from_str(text);
        // Elements that are open, the document itself first.
        let mut open = vec![Self::default()];
        loop {
            match reader.read_event().map_err(malformed)? {
                Event::Start(tag) => {
                    if open.len() > DEEPEST {
                        return Err(Unreadable::TooDeep);
                    }
                    open.push(Self::opened(&tag)?);
                }
                Event::Empty(tag) => last(&mut open)?.children.push(Self::opened(&tag)?),
                Event::End(_) => {
                    let element = open.pop().ok_or(UNBALANCED)?;
                    last(&mut open)?.children.push(element);
                }
                Event::Text(text) => last(&mut open)?.text.push_str(&text.xml10_content()),
                Event::CData(text) => last(&mut open)?.text.push_str(&text.xml10_content()),
                Event::GeneralRef(reference) => last(&mut open)?.text.push_str(&resolved(&reference)?),
                Event::DocType(_) => return Err(Unreadable::DocType),
                Event::Decl(_) | Event::Comment(_) | Event::PI(_) => {}
                Event::Eof => break,
            }
        }
        let document = open.pop().filter(|_| open.is_empty()).ok_or(UNBALANCED)?;
        if !document.text.trim().is_empty() {
            return Err(Unreadable::Unexpected("text outside the root element"));
        }
        let mut roots = document.children.into_iter();
        match (roots.next(), roots.next()) {
            (Some(root), None) => Ok(root),
            _ => Err(Unreadable::Unexpected("not exactly one root element")),
        }
    }

    fn opened(tag: &BytesStart<'_>) -> Result<Self, Unreadable> {
        let attributes = tag
            .attributes()
            .map(|attribute| {
                let attribute = attribute.map_err(malformed)?;
                let value = attribute
                    .normalized_value(XmlVersion::Implicit1_0)
                    .map_err(malformed)?;
                Ok((attribute.key.local_name().as_ref().to_owned(), value.into_owned()))
            })
            .collect::<Result<_, Unreadable>>()?;
        Ok(Self {
            name: tag.local_name().as_ref().to_owned(),
            attributes,
            ..Self::default()
        })
    }

    /// Its text without the white space around it.
    pub(crate) fn trimmed(&self) -> &str {
        self.text.trim()
    }

    /// The value of an attribute.
    pub(crate) fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    }

    /// The one child of this name; `None` when there is none.
    ///
    /// # Errors
    ///
    /// When there are several: which of them counts must not be a matter of the reader's taste.
    pub(crate) fn only(&self, name: &str) -> Result<Option<&Self>, Unreadable> {
        let mut found = self.children.iter().filter(|child| child.name == name);
        let first = found.next();
        match found.next() {
            None => Ok(first),
            Some(_) => Err(Unreadable::Unexpected("an element stands there twice")),
        }
    }
}

const UNBALANCED: Unreadable = Unreadable::Unexpected("an element is not closed");

fn last(open: &mut [Element]) -> Result<&mut Element, Unreadable> {
    open.last_mut().ok_or(UNBALANCED)
}

fn malformed(error: impl std::fmt::Display) -> Unreadable {
    Unreadable::Malformed(error.to_string())
}

fn resolved(reference: &BytesRef<'_>) -> Result<String, Unreadable> {
    if let Some(character) = reference.resolve_char_ref().map_err(malformed)? {
        return Ok(character.to_string());
    }
    let name = reference.xml10_content();
    resolve_xml_entity(&name)
        .map(str::to_owned)
        .ok_or_else(|| Unreadable::Entity(name.into_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_whole_with_its_references_and_without_its_comments() {
        let root = Element::parse("<a>王<!-- 注 -->晓&amp;&#x20BB7;<![CDATA[<b>]]></a>".as_bytes()).unwrap();
        assert_eq!(root.text, "王晓&𠮷<b>");
    }

    #[test]
    fn nothing_is_fetched_and_nothing_expanded() {
        for document in [
            "<!DOCTYPE a [<!ENTITY x SYSTEM \"file:///etc/passwd\">]><a>&x;</a>",
            "<!DOCTYPE a SYSTEM \"http://evil.example/a.dtd\"><a/>",
        ] {
            assert_eq!(
                Element::parse(document.as_bytes()).unwrap_err(),
                Unreadable::DocType
            );
        }
        assert_eq!(
            Element::parse(b"<a>&x;</a>").unwrap_err(),
            Unreadable::Entity("x".into())
        );
        assert!(Element::parse(b"<a b=\"&x;\"/>").is_err());
    }

    #[test]
    fn great_depth_is_refused() {
        let document = "<a>".repeat(100_000);
        assert_eq!(
            Element::parse(document.as_bytes()).unwrap_err(),
            Unreadable::TooDeep
        );
    }

    #[test]
    fn half_a_document_or_two_are_refused() {
        for document in [
            "",
            "<a>",
            "<a></b>",
            "</a>",
            "<a/><a/>",
            "x<a/>",
            "<a/>x",
            "<a b='1' b='2'/>",
            "<a>&</a>",
        ] {
            assert!(Element::parse(document.as_bytes()).is_err(), "{document}");
        }
        assert_eq!(Element::parse(b"<a>\xFF</a>").unwrap_err(), Unreadable::NotUtf8);
    }

    #[test]
    fn a_byte_order_mark_is_no_text() {
        assert_eq!(Element::parse(b"\xEF\xBB\xBF<a/>").unwrap().name, "a");
    }
}
