//! The client against servers that behave as servers do, and as they should not.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
#![allow(
    clippy::disallowed_types,
    reason = "the servers of a test are no pages of ours"
)]

use std::collections::HashMap;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Query, Request};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Redirect};
use axum::routing::get;
use qihang_cas::{Client, Person, Ticket, Unavailable, ValidateError};

const SERVICE: &str = "https://job.example/sign-in/cas";

/// Serves on a free port and answers a client of it, under the path `/cas`.
async fn client_of(routes: Router) -> Client {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, Router::new().nest("/cas", routes)).await });
    Client::new(
        format!("http://{address}/cas").parse().unwrap(),
        SERVICE.parse().unwrap(),
    )
}

async fn validated(client: &Client) -> Result<Person, ValidateError> {
    client.validate(&Ticket::parse("ST-1-good").unwrap()).await
}

/// Accepts one ticket for one service, as the protocol has it.
async fn validate(Query(asked): Query<HashMap<String, String>>) -> String {
    let inside = match (asked["service"].as_str(), asked["ticket"].as_str()) {
        (SERVICE, "ST-1-good") => {
            "<cas:authenticationSuccess><cas:user>2240756115</cas:user></cas:authenticationSuccess>"
        }
        (SERVICE, _) => {
            "<cas:authenticationFailure code=\"INVALID_TICKET\">not found</cas:authenticationFailure>"
        }
        _ => "<cas:authenticationFailure code=\"INVALID_SERVICE\">another</cas:authenticationFailure>",
    };
    format!("<cas:serviceResponse xmlns:cas=\"http://www.yale.edu/tp/cas\">{inside}</cas:serviceResponse>")
}

#[tokio::test]
async fn a_ticket_brings_its_person_and_another_ticket_nobody() {
    let client = client_of(Router::new().route("/p3/serviceValidate", get(validate))).await;
    assert_eq!(validated(&client).await.unwrap().user, "2240756115");
    let other = client.validate(&Ticket::parse("ST-2-bad").unwrap()).await;
    assert!(matches!(other, Err(ValidateError::InvalidTicket(_))), "{other:?}");
}

#[tokio::test]
async fn a_server_of_the_second_version_is_asked_at_its_own_address() {
    let client = client_of(Router::new().route("/serviceValidate", get(validate))).await;
    assert_eq!(validated(&client).await.unwrap().user, "2240756115");
}

#[tokio::test]
async fn an_answer_that_leads_elsewhere_is_not_followed() {
    let routes = Router::new()
        .route(
            "/p3/serviceValidate",
            get(|| async { Redirect::to("/cas/elsewhere") }),
        )
        .route("/elsewhere", get(validate));
    let answer = validated(&client_of(routes).await).await;
    assert!(
        matches!(answer, Err(ValidateError::Unavailable(Unavailable::Status(303)))),
        "{answer:?}"
    );
}

#[tokio::test]
async fn an_answer_without_end_is_not_read_to_its_end() {
    let endless = || async {
        let chunk = Bytes::from(vec![b' '; 64 * 1024]);
        Body::from_stream(futures::stream::repeat_with(move || {
            Ok::<_, std::io::Error>(chunk.clone())
        }))
    };
    let answer = validated(&client_of(Router::new().route("/p3/serviceValidate", get(endless))).await).await;
    assert!(
        matches!(answer, Err(ValidateError::Unavailable(Unavailable::TooLarge))),
        "{answer:?}"
    );
}

#[tokio::test]
async fn an_error_page_is_no_answer_whatever_it_says() {
    let broken = |request: Request| async move {
        let page = format!("<html>{}</html>", request.uri());
        (
            StatusCode::BAD_GATEWAY,
            [(header::CONTENT_TYPE, "text/html")],
            page,
        )
            .into_response()
    };
    let routes = Router::new()
        .route("/p3/serviceValidate", get(broken))
        .route("/serviceValidate", get(broken));
    let client = client_of(routes).await;
    assert!(matches!(
        validated(&client).await,
        Err(ValidateError::Unavailable(Unavailable::Status(502)))
    ));
    assert!(matches!(client.check().await, Err(Unavailable::Status(502))));

    let page =
        client_of(Router::new().route("/p3/serviceValidate", get(|| async { "<html>登录</html>" }))).await;
    assert!(matches!(
        validated(&page).await,
        Err(ValidateError::Unavailable(Unavailable::Unreadable(_)))
    ));
}

#[tokio::test]
async fn a_server_that_is_down_is_said_to_be_without_naming_the_ticket() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let client = Client::new(
        format!("http://{address}/cas").parse().unwrap(),
        SERVICE.parse().unwrap(),
    );
    let error = validated(&client).await.unwrap_err();
    assert!(
        matches!(error, ValidateError::Unavailable(Unavailable::Unreachable(_))),
        "{error}"
    );
    assert!(!error.to_string().contains("ST-1"), "{error}");
    assert!(client.check().await.is_err());
}

#[tokio::test]
async fn a_server_that_never_answers_is_waited_for_only_so_long() {
    let never = || async { std::future::pending::<&'static str>().await };
    let client = client_of(Router::new().route("/p3/serviceValidate", get(never))).await;
    let answer = validated(&client.waiting(Duration::from_millis(200))).await;
    assert!(
        matches!(
            answer,
            Err(ValidateError::Unavailable(Unavailable::Unreachable(_)))
        ),
        "{answer:?}"
    );
}

#[tokio::test]
async fn a_server_that_refuses_an_empty_question_is_up() {
    let client =
        client_of(Router::new().route("/serviceValidate", get(|| async { StatusCode::BAD_REQUEST }))).await;
    client.check().await.unwrap();
}
