//! A CAS server of a few lines that does as it is told.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

/// How it behaves.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mood {
    /// As the protocol has it.
    #[default]
    Good,
    /// Every answer is 503.
    Down,
    /// Knows only the second version of the protocol.
    Old,
    /// Accepts every ticket again and again.
    Forgetful,
    /// Says that it does not know the service.
    Unfamiliar,
    /// Answers with a page for people.
    Chatty,
}

#[derive(Default)]
struct Inside {
    mood: Mood,
    /// What the answer has inside `authenticationSuccess`, by ticket.
    tickets: HashMap<String, String>,
    /// The services that were named in validations.
    services: Vec<String>,
    number: u32,
}

#[derive(Clone)]
pub struct FakeCas {
    pub url: String,
    inside: Arc<Mutex<Inside>>,
}

impl FakeCas {
    pub async fn start() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0")
            .await
            .expect("a port");
        let url = format!("http://{}/cas", listener.local_addr().expect("an address"));
        let inside = Arc::<Mutex<Inside>>::default();
        let routes = Router::new().fallback(answer).with_state(Arc::clone(&inside));
        tokio::spawn(async move { axum::serve(listener, routes).await });
        Self { url, inside }
    }

    pub fn set_mood(&self, mood: Mood) {
        self.inside.lock().expect("not poisoned").mood = mood;
    }

    /// A ticket for somebody whose user name is this.
    pub fn ticket(&self, user: &str) -> String {
        self.ticket_with(&format!("<cas:user>{user}</cas:user>"))
    }

    /// A ticket whose validation answers this.
    pub fn ticket_with(&self, success: &str) -> String {
        let mut inside = self.inside.lock().expect("not poisoned");
        inside.number += 1;
        let ticket = format!("ST-{}-test", inside.number);
        inside.tickets.insert(ticket.clone(), success.to_owned());
        ticket
    }

    pub fn services(&self) -> Vec<String> {
        self.inside.lock().expect("not poisoned").services.clone()
    }
}

async fn answer(State(inside): State<Arc<Mutex<Inside>>>, request: Request) -> Response {
    let mut inside = inside.lock().expect("not poisoned");
    let asked: HashMap<String, String> =
        serde_html_form::from_str(request.uri().query().unwrap_or_default()).expect("a query");
    let (Some(service), Some(ticket)) = (asked.get("service"), asked.get("ticket")) else {
        let status = match inside.mood {
            Mood::Down => StatusCode::SERVICE_UNAVAILABLE,
            _ => StatusCode::OK,
        };
        return status.into_response();
    };
    inside.services.push(service.clone());
    let is_known = match (inside.mood, request.uri().path()) {
        (Mood::Down, _) => return StatusCode::SERVICE_UNAVAILABLE.into_response(),
        (Mood::Old, "/cas/serviceValidate") | (Mood::Good | Mood::Forgetful, _) => true,
        (Mood::Old, _) => return StatusCode::NOT_FOUND.into_response(),
        (Mood::Unfamiliar, _) => false,
        (Mood::Chatty, _) => return "<html><body>请登录</body></html>".into_response(),
    };
    let found = match inside.mood {
        Mood::Forgetful => inside.tickets.get(ticket).cloned(),
        _ => inside.tickets.remove(ticket),
    };
    let answer = match found {
        _ if !is_known => {
            "<cas:authenticationFailure code=\"INVALID_SERVICE\">unknown</cas:authenticationFailure>"
                .to_owned()
        }
        None => "<cas:authenticationFailure code=\"INVALID_TICKET\">unknown</cas:authenticationFailure>"
            .to_owned(),
        Some(success) => format!("<cas:authenticationSuccess>{success}</cas:authenticationSuccess>"),
    };
    format!("<cas:serviceResponse xmlns:cas=\"http://www.yale.edu/tp/cas\">{answer}</cas:serviceResponse>")
        .into_response()
}
