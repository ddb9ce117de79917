//! Whatever stands in a document, reading it ends, and what is read is what was written.

use proptest::prelude::*;
use quick_xml::escape::escape;

use crate::{logout, response, xml::Element};

/// Bits and pieces of XML in any order: gets further into the parser than random bytes.
fn pieces() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just("<cas:serviceResponse xmlns:cas='x'>".to_owned()),
        Just("</cas:serviceResponse>".to_owned()),
        Just("<cas:authenticationSuccess>".to_owned()),
        Just("</cas:authenticationSuccess>".to_owned()),
        Just("<cas:authenticationFailure code='INVALID_TICKET'>".to_owned()),
        Just("<cas:user>".to_owned()),
        Just("</cas:user>".to_owned()),
        Just("<cas:attributes>".to_owned()),
        Just("</cas:attributes>".to_owned()),
        Just("<cas:attribute name='a' value=\"b\"/>".to_owned()),
        Just("<samlp:LogoutRequest>".to_owned()),
        Just("<samlp:SessionIndex>ST-1</samlp:SessionIndex>".to_owned()),
        Just("</samlp:LogoutRequest>".to_owned()),
        Just("<!DOCTYPE a [<!ENTITY b 'c'>]>".to_owned()),
        Just("<!--".to_owned()),
        Just("-->".to_owned()),
        Just("<![CDATA[".to_owned()),
        Just("]]>".to_owned()),
        Just("&#0;&#xD800;&lt;&b;".to_owned()),
        "[<>&;'\"=/a-z王𠮷 ]{0,8}",
    ];
    proptest::collection::vec(piece, 0..24).prop_map(|pieces| pieces.concat())
}

/// Text that XML can hold at all, without white space at the ends, which is not kept.
fn text() -> impl Strategy<Value = String> {
    "[\\PC]{1,40}"
        .prop_filter("XML has no such characters", |text| {
            !text.contains(['\u{fffe}', '\u{ffff}'])
        })
        .prop_map(|text: String| text.trim().to_owned())
        .prop_filter("something is left", |text| !text.is_empty())
}

proptest! {
    #[test]
    fn bytes_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..512)) {
        let _ = Element::parse(&bytes);
        let _ = response::parse(&bytes);
    }

    #[test]
    fn documents_are_read_or_refused(document in pieces()) {
        let _ = response::parse(document.as_bytes());
        let _ = logout::ended_ticket(&document);
    }

    #[test]
    fn whatever_a_person_is_called_is_read_as_it_was_written(user in text(), first in text(), second in text()) {
        let document = format!(
            "<cas:serviceResponse xmlns:cas=\"http://www.yale.edu/tp/cas\"><cas:authenticationSuccess><cas:user>{}</cas:user>\
             <cas:attributes><cas:xm>{}</cas:xm><cas:attribute name=\"bm\" value=\"{}\"/></cas:attributes>\
             </cas:authenticationSuccess></cas:serviceResponse>",
            escape(user.as_str()), escape(first.as_str()), escape(second.as_str())
        );
        let person = response::parse(document.as_bytes()).unwrap().unwrap();
        prop_assert_eq!(person.values("xm"), [first]);
        prop_assert_eq!(person.values("bm"), [second]);
        prop_assert_eq!(person.user, user);
    }

    #[test]
    fn half_an_answer_lets_nobody_in(end in 0_usize..200) {
        let document = "<cas:serviceResponse xmlns:cas=\"http://www.yale.edu/tp/cas\"><cas:authenticationSuccess>\
             <cas:user>2240756115</cas:user></cas:authenticationSuccess></cas:serviceResponse>";
        let half = &document[..end.min(document.len() - 1)];
        prop_assert!(response::parse(half.as_bytes()).is_err());
    }
}
