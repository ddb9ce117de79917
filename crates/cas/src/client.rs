//! The client: addresses, and the one question that is asked of the server.

use std::sync::LazyLock;
use std::time::Duration;

use reqwest::{Response, StatusCode, redirect};
use url::Url;

use crate::response::{self, Person, Refusal};
use crate::ticket::Ticket;
use crate::xml::Unreadable;

/// Bytes of an answer at the most; a real one has a few thousand.
const LARGEST: usize = 256 * 1024;
/// A person waits in front of a blank page meanwhile.
const CONNECT_WITHIN: Duration = Duration::from_secs(4);
const ANSWER_WITHIN: Duration = Duration::from_secs(10);

/// One for the process: it holds nothing but open connections.
static HTTP: LazyLock<Result<reqwest::Client, reqwest::Error>> = LazyLock::new(|| {
    reqwest::Client::builder()
        // An answer that leads elsewhere is no answer: it could lead to a server that says yes.
        .redirect(redirect::Policy::none())
        .connect_timeout(CONNECT_WITHIN)
        .build()
});

/// The server gives no usable answer. Another try later may succeed.
#[derive(Debug, thiserror::Error)]
pub enum Unavailable {
    /// It cannot be reached, or breaks off. Without the address, which holds the ticket.
    #[error("the server cannot be reached: {0}")]
    Unreachable(String),
    /// It answers with a status that tells nothing.
    #[error("the server answers with status {0}")]
    Status(u16),
    /// It says itself that something is wrong with it (`INTERNAL_ERROR`).
    #[error("the server reports an error of its own: {0}")]
    Internal(String),
    /// Its answer is larger than any of the protocol.
    #[error("the server's answer is larger than {LARGEST} bytes")]
    TooLarge,
    /// Its answer is none of the protocol.
    #[error("the server's answer cannot be read: {0}")]
    Unreadable(#[from] Unreadable),
}

/// Why a ticket brings no person.
#[derive(Debug, thiserror::Error)]
pub enum ValidateError {
    /// Unknown, used already, or too old (`INVALID_TICKET`, `INVALID_TICKET_SPEC`). A new sign-in helps.
    #[error("the server does not accept the ticket: {0}")]
    InvalidTicket(String),
    /// The server does not know this service, or the ticket is for another (`INVALID_SERVICE`, `UNAUTHORIZED_SERVICE`):
    /// the service has to be registered with exactly this address.
    #[error("the server does not accept the service: {0}")]
    InvalidService(String),
    /// Refused for another reason, with the server's code.
    #[error("the server refuses: {code} {text}")]
    Refused {
        /// The server's code.
        code: String,
        /// What it says of it.
        text: String,
    },
    /// No usable answer.
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
}

impl From<Refusal> for ValidateError {
    fn from(Refusal { code, text }: Refusal) -> Self {
        match code.as_str() {
            "INVALID_TICKET" | "INVALID_TICKET_SPEC" => Self::InvalidTicket(text),
            "INVALID_SERVICE" | "UNAUTHORIZED_SERVICE" => Self::InvalidService(text),
            "INTERNAL_ERROR" => Self::Unavailable(Unavailable::Internal(text)),
            _ => Self::Refused { code, text },
        }
    }
}

/// A service that lets people in whom a CAS server knows.
#[derive(Clone, Debug)]
pub struct Client {
    server: Url,
    service: Url,
    patience: Duration,
}

impl Client {
    /// A client of the server at `server` (the address above `/login`) for the service whose address is exactly
    /// `service`.
    pub const fn new(server: Url, service: Url) -> Self {
        Self {
            server,
            service,
            patience: ANSWER_WITHIN,
        }
    }

    /// Waits for an answer no longer than this, instead of ten seconds.
    #[must_use]
    pub const fn waiting(mut self, at_most: Duration) -> Self {
        self.patience = at_most;
        self
    }

    fn address(&self, path: &[&str]) -> Url {
        let mut address = self.server.clone();
        if let Ok(mut segments) = address.path_segments_mut() {
            segments.pop_if_empty().extend(path);
        }
        address.set_query(None);
        address.set_fragment(None);
        address
    }

    /// Where a browser signs in; it comes back to the service with `?ticket=…`.
    pub fn login_url(&self) -> Url {
        let mut address = self.address(&["login"]);
        address
            .query_pairs_mut()
            .append_pair("service", self.service.as_str());
        address
    }

    /// Where a browser signs out everywhere; a server that knows `back_to` leads there afterwards.
    pub fn logout_url(&self, back_to: &Url) -> Url {
        let mut address = self.address(&["logout"]);
        address.query_pairs_mut().append_pair("service", back_to.as_str());
        address
    }

    /// Whether the server answers at all, asked before a browser is sent there: a page of ours explains better than the
    /// browser's own. It is asked to validate nothing, which costs it nothing.
    ///
    /// # Errors
    ///
    /// [`Unavailable`] when it does not.
    pub async fn check(&self) -> Result<(), Unavailable> {
        let status = self.get(self.address(&["serviceValidate"])).await?.status();
        if status.is_server_error() {
            return Err(Unavailable::Status(status.as_u16()));
        }
        Ok(())
    }

    /// Whose the ticket is, for this service. The server accepts each ticket once.
    ///
    /// # Errors
    ///
    /// [`ValidateError`] says whether it is the ticket, the registration of the service, or the server.
    pub async fn validate(&self, ticket: &Ticket) -> Result<Person, ValidateError> {
        // The address of version 3, whose answers have attributes; a server that does not have it has the one of
        // version 2, and has not seen the ticket yet.
        let response = match self
            .get(self.validation(&["p3", "serviceValidate"], ticket))
            .await?
        {
            response if response.status() == StatusCode::NOT_FOUND => {
                self.get(self.validation(&["serviceValidate"], ticket)).await?
            }
            response => response,
        };
        if !response.status().is_success() {
            return Err(Unavailable::Status(response.status().as_u16()).into());
        }
        let document = bounded(response).await?;
        let answer = response::parse(&document).map_err(Unavailable::from)?;
        Ok(answer?)
    }

    async fn get(&self, address: Url) -> Result<Response, Unavailable> {
        let http = HTTP
            .as_ref()
            .map_err(|error| Unavailable::Unreachable(told(error)))?;
        http.get(address)
            .timeout(self.patience)
            .send()
            .await
            .map_err(unreachable)
    }

    fn validation(&self, path: &[&str], ticket: &Ticket) -> Url {
        let mut address = self.address(path);
        address
            .query_pairs_mut()
            .append_pair("service", self.service.as_str())
            .append_pair("ticket", ticket.as_str());
        address
    }
}

/// Reads the answer while it comes, and no further than [`LARGEST`], whatever length it announces.
async fn bounded(mut response: Response) -> Result<Vec<u8>, Unavailable> {
    let mut document = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(unreachable)? {
        if document.len() + chunk.len() > LARGEST {
            return Err(Unavailable::TooLarge);
        }
        document.extend_from_slice(&chunk);
    }
    Ok(document)
}

fn unreachable(error: reqwest::Error) -> Unavailable {
    Unavailable::Unreachable(told(&error.without_url()))
}

/// The error with what caused it: the outermost alone says only that a request failed.
fn told(error: &dyn std::error::Error) -> String {
    std::iter::successors(Some(error), |error| error.source())
        .map(ToString::to_string)
        .collect::<Vec<_>>()
        .join(": ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(server: &str) -> Client {
        Client::new(
            server.parse().unwrap(),
            "https://job.example/sign-in/cas".parse().unwrap(),
        )
    }

    #[test]
    fn addresses_follow_the_path_of_the_server_with_and_without_a_slash() {
        for server in [
            "https://sso.example/cas",
            "https://sso.example/cas/",
            "https://sso.example/cas?x=1#y",
        ] {
            assert_eq!(
                client(server).login_url().as_str(),
                "https://sso.example/cas/login?service=https%3A%2F%2Fjob.example%2Fsign-in%2Fcas"
            );
        }
        let home = "https://job.example/".parse().unwrap();
        assert_eq!(
            client("https://sso.example").logout_url(&home).as_str(),
            "https://sso.example/logout?service=https%3A%2F%2Fjob.example%2F"
        );
    }

    #[test]
    fn what_the_server_refuses_is_told_apart() {
        let error = |code: &str| {
            ValidateError::from(Refusal {
                code: code.into(),
                text: String::new(),
            })
        };
        assert!(matches!(error("INVALID_TICKET"), ValidateError::InvalidTicket(_)));
        assert!(matches!(
            error("INVALID_SERVICE"),
            ValidateError::InvalidService(_)
        ));
        assert!(matches!(
            error("INTERNAL_ERROR"),
            ValidateError::Unavailable(Unavailable::Internal(_))
        ));
        assert!(matches!(
            error("INVALID_PROXY_CALLBACK"),
            ValidateError::Refused { .. }
        ));
    }
}
