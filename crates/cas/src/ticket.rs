//! Tickets.

use std::fmt;

/// Characters at the most; the protocol asks clients to accept 256.
const LONGEST: usize = 256;

/// A service ticket: what the browser brings back from the server, good for one validation.
///
/// Whoever knows it may be signed in by it, so it is never shown: `Debug` hides it.
#[derive(Clone, PartialEq, Eq)]
pub struct Ticket(String);

/// A text cannot be a ticket.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("this cannot be a ticket")]
pub struct NotATicket;

impl Ticket {
    /// A ticket of letters, digits and hyphens, as the protocol has it; and of the dots and underscores that servers put
    /// in with their host names.
    ///
    /// # Errors
    ///
    /// [`NotATicket`] for everything else.
    pub fn parse(text: &str) -> Result<Self, NotATicket> {
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_');
        if (1..=LONGEST).contains(&text.len()) && text.bytes().all(is_plain) {
            Ok(Self(text.to_owned()))
        } else {
            Err(NotATicket)
        }
    }

    /// The ticket's own text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Ticket {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Ticket(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ticket_is_plain_and_short() {
        assert!(Ticket::parse("ST-1856339-aA5Yuvrxzpv8Tau1cYQ7-cas.univ_01").is_ok());
        for text in [
            "",
            "ST 1",
            "ST-1&service=https://evil.example",
            "票",
            "ST-1\n",
            &"a".repeat(257),
        ] {
            assert_eq!(Ticket::parse(text), Err(NotATicket), "{text}");
        }
    }

    #[test]
    fn a_ticket_is_not_shown() {
        let ticket = Ticket::parse("ST-secret").unwrap();
        assert!(!format!("{ticket:?}").contains("secret"));
    }
}
