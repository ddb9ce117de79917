//! What the server answers to a validation.

use std::collections::BTreeMap;

use crate::xml::{Element, Unreadable};

/// Whom a ticket belongs to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// The user name at the server.
    pub user: String,
    attributes: BTreeMap<String, Vec<String>>,
}

impl Person {
    /// The values of an attribute, each once, in the server's order; empty when it was not released.
    pub fn values(&self, attribute: &str) -> &[String] {
        self.attributes.get(attribute).map_or(&[], Vec::as_slice)
    }
}

/// The server knows no person for this ticket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// A code such as `INVALID_TICKET`.
    pub code: String,
    /// What the server says of it.
    pub text: String,
}

/// Reads `<cas:serviceResponse>`.
pub(crate) fn parse(document: &[u8]) -> Result<Result<Person, Refusal>, Unreadable> {
    let root = Element::parse(document)?;
    if root.name != "serviceResponse" {
        return Err(Unreadable::Unexpected("no serviceResponse"));
    }
    match (
        root.only("authenticationSuccess")?,
        root.only("authenticationFailure")?,
    ) {
        (Some(success), None) => person(success).map(Ok),
        (None, Some(failure)) => Ok(Err(Refusal {
            code: failure.attribute("code").unwrap_or_default().to_owned(),
            text: failure.trimmed().to_owned(),
        })),
        (Some(_), Some(_)) => Err(Unreadable::Unexpected("success and failure at once")),
        (None, None) => Err(Unreadable::Unexpected("neither success nor failure")),
    }
}

fn person(success: &Element) -> Result<Person, Unreadable> {
    let user = success
        .only("user")?
        .map(Element::trimmed)
        .filter(|user| !user.is_empty())
        .ok_or(Unreadable::Unexpected("no user"))?;
    let mut attributes = BTreeMap::new();
    if let Some(list) = success.only("attributes")? {
        for element in &list.children {
            keep(&mut attributes, element);
        }
    }
    // Servers of the second version of the protocol have no list, and put what they release beside the user.
    for element in &success.children {
        if !matches!(
            element.name.as_str(),
            "user" | "attributes" | "proxyGrantingTicket" | "proxies"
        ) {
            keep(&mut attributes, element);
        }
    }
    Ok(Person {
        user: user.to_owned(),
        attributes,
    })
}

/// Both forms that servers use: `<cas:mail>value</cas:mail>` and `<cas:attribute name="mail" value="value"/>`. Some
/// send both at once, so a value that is there already is left out.
fn keep(attributes: &mut BTreeMap<String, Vec<String>>, element: &Element) {
    let (name, value) = match (element.name.as_str(), element.attribute("name")) {
        ("attribute", Some(name)) => (
            name,
            element.attribute("value").map_or(element.trimmed(), str::trim),
        ),
        (name, _) => (name, element.trimmed()),
    };
    if value.is_empty() {
        return;
    }
    let values = attributes.entry(name.to_owned()).or_default();
    if !values.iter().any(|known| known == value) {
        values.push(value.to_owned());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn success(inside: &str) -> String {
        format!(
            "<cas:serviceResponse xmlns:cas=\"http://www.yale.edu/tp/cas\">\n  <cas:authenticationSuccess>{inside}\
             </cas:authenticationSuccess>\n</cas:serviceResponse>"
        )
    }

    fn read(inside: &str) -> Result<Person, Unreadable> {
        parse(success(inside).as_bytes()).map(|answer| answer.expect("a success"))
    }

    #[test]
    fn attributes_stand_as_elements_once_or_several_times() {
        let person = read(
            "<cas:user>2240756115</cas:user><cas:attributes>\
             <cas:authenticationDate>2026-09-01T08:00:00Z</cas:authenticationDate>\
             <cas:xh>2240756115</cas:xh><cas:affiliation>student</cas:affiliation>\
             <cas:affiliation>member</cas:affiliation><cas:empty/></cas:attributes>",
        )
        .unwrap();
        assert_eq!(person.user, "2240756115");
        assert_eq!(person.values("xh"), ["2240756115"]);
        assert_eq!(person.values("affiliation"), ["student", "member"]);
        assert!(person.values("empty").is_empty() && person.values("absent").is_empty());
    }

    #[test]
    fn attributes_stand_as_pairs_of_name_and_value() {
        let person = read(
            "<cas:user>u</cas:user><cas:attributes><cas:attribute name=\"姓名\" value=\"王&amp;晓\"/>\
             <cas:attribute name=\"xh\">1</cas:attribute></cas:attributes>",
        )
        .unwrap();
        assert_eq!(person.values("姓名"), ["王&晓"]);
        assert_eq!(person.values("xh"), ["1"]);
    }

    #[test]
    fn a_server_that_sends_every_form_at_once_means_one_value() {
        let person = read(
            "<cas:user>u</cas:user><cas:xh>1</cas:xh><cas:attributes><cas:xh>1</cas:xh>\
             <cas:attribute name=\"xh\" value=\"1\"/></cas:attributes>",
        )
        .unwrap();
        assert_eq!(person.values("xh"), ["1"]);
    }

    #[test]
    fn a_user_name_is_read_whole_or_not_at_all() {
        assert_eq!(
            read("<cas:user> admin<!-- -->istrator\n</cas:user>")
                .unwrap()
                .user,
            "administrator"
        );
        for inside in [
            "",
            "<cas:user/>",
            "<cas:user>  </cas:user>",
            "<cas:user>a</cas:user><cas:user>b</cas:user>",
        ] {
            assert!(read(inside).is_err(), "{inside}");
        }
    }

    #[test]
    fn a_refusal_has_its_code() {
        let document = "<cas:serviceResponse xmlns:cas='http://www.yale.edu/tp/cas'>\
             <cas:authenticationFailure code='INVALID_TICKET'>\n ticket not found </cas:authenticationFailure>\
             </cas:serviceResponse>";
        let refusal = parse(document.as_bytes()).unwrap().unwrap_err();
        assert_eq!(
            (refusal.code.as_str(), refusal.text.as_str()),
            ("INVALID_TICKET", "ticket not found")
        );
    }

    #[test]
    fn success_beside_failure_is_neither() {
        let document = "<r:serviceResponse xmlns:r='x'><r:authenticationFailure code='X'/><r:authenticationSuccess>\
             <r:user>u</r:user></r:authenticationSuccess></r:serviceResponse>";
        assert!(parse(document.as_bytes()).is_err());
        for document in [
            "<serviceResponse/>",
            "<html><body>登录</body></html>",
            "<authenticationSuccess/>",
        ] {
            assert!(parse(document.as_bytes()).is_err(), "{document}");
        }
    }
}
