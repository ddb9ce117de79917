//! Single logout: what the server posts to a service when somebody has signed out.

use crate::ticket::Ticket;
use crate::xml::{Element, Unreadable};

/// Bytes of a request at the most; a real one has some hundred.
pub const LARGEST: usize = 16 * 1024;

/// The ticket whose session has ended, from the form field `logoutRequest`: a `samlp:LogoutRequest` with the ticket as
/// its `SessionIndex`.
///
/// The request is not signed; that its sender knows the ticket is all the proof there is, and all that is needed to end
/// the one session that began with it. So its date is not asked for either: to end a session twice is nothing.
///
/// # Errors
///
/// [`Unreadable`] for everything else.
pub fn ended_ticket(request: &str) -> Result<Ticket, Unreadable> {
    if request.len() > LARGEST {
        return Err(Unreadable::Unexpected("a logout request beyond all measure"));
    }
    let root = Element::parse(request.as_bytes())?;
    if root.name != "LogoutRequest" {
        return Err(Unreadable::Unexpected("no LogoutRequest"));
    }
    let index = root
        .only("SessionIndex")?
        .ok_or(Unreadable::Unexpected("no SessionIndex"))?;
    Ticket::parse(index.trimmed())
        .map_err(|_| Unreadable::Unexpected("a SessionIndex that cannot be a ticket"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(inside: &str) -> String {
        format!(
            "<samlp:LogoutRequest xmlns:samlp=\"urn:oasis:names:tc:SAML:2.0:protocol\" ID=\"LR-1\" Version=\"2.0\" \
             IssueInstant=\"2026-09-01T08:00:00Z\"><saml:NameID xmlns:saml=\"urn:oasis:names:tc:SAML:2.0:assertion\">\
             @NOT_USED@</saml:NameID>{inside}</samlp:LogoutRequest>"
        )
    }

    #[test]
    fn the_ticket_is_the_session_index() {
        let ticket = ended_ticket(&request("<samlp:SessionIndex>\n ST-1-abc </samlp:SessionIndex>")).unwrap();
        assert_eq!(ticket.as_str(), "ST-1-abc");
    }

    #[test]
    fn a_request_without_exactly_one_ticket_ends_nothing() {
        let twice =
            "<samlp:SessionIndex>ST-1</samlp:SessionIndex><samlp:SessionIndex>ST-2</samlp:SessionIndex>";
        for inside in [
            "",
            twice,
            "<samlp:SessionIndex/>",
            "<samlp:SessionIndex>' OR 1=1</samlp:SessionIndex>",
        ] {
            assert!(ended_ticket(&request(inside)).is_err(), "{inside}");
        }
        assert!(ended_ticket("<Other><SessionIndex>ST-1</SessionIndex></Other>").is_err());
        assert!(ended_ticket(&request(&"<a/>".repeat(LARGEST))).is_err());
    }
}
