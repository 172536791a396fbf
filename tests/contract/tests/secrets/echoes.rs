//! What comes with an error, where the service repeats in its answer what it was sent: no secret of
//! it can be reached.

use std::error::Error as _;
use std::sync::Arc;

use cloudally::reqwest::Method;
use cloudally::types::RestoreRequest;
use cloudally::{Client, Credentials, Error, ErrorKind, RetryPolicy};
use serde_json::{Value, json as object};

use cloudally_contract::capture::Capture;
use cloudally_contract::made_up::CANARY;
use cloudally_contract::server::{Request, Server, Step, json, message};
use cloudally_contract::setup::{
    READ, REFRESH, RESTORE, SIGN_IN, builder, read, status_of, tokens,
};
use cloudally_contract::time::NoWait;

const PATH: &str = "/v1/partners/new";

/// All that can be reached from an error, headers and body included.
fn reachable(error: &Error) -> String {
    let mut all = format!("{error} {error:#} {error:?} {error:#?}");
    if let Some(head) = error.response_parts() {
        all += &format!("{head:?} {:?} ", head.request_id());
        for (name, value) in head.headers() {
            all += &format!("{name}: {} ", String::from_utf8_lossy(value.as_bytes()));
        }
    }
    all += &String::from_utf8_lossy(error.body().unwrap_or_default());
    all += &format!("{:?} {:?} ", error.server_message(), error.server_code());
    all += &format!("{:?} {:?} ", error.json_path(), error.item_id());
    all += &format!("{:?} ", error.job());
    let mut source = error.source();
    while let Some(inner) = source {
        all += &format!("{inner} {inner:?} ");
        if let Some(inner) = inner.downcast_ref::<Error>() {
            all += &reachable(inner);
        }
        source = inner.source();
    }
    all
}

/// Every secret that a request carries.
fn told(request: &Request) -> Vec<(String, String)> {
    let header = |name: &str| request.header(name).map(ToOwned::to_owned);
    let member = |name: &str| request.member(name);
    [
        ("x-echo-authorization", header("authorization")),
        ("x-echo-client", header("client-secret")),
        ("x-request-id", header("client-secret")),
        ("set-cookie", member("password").map(|it| format!("p={it}"))),
        ("x-echo-refresh", member("refreshToken")),
        ("location", Some(format!("/x/{}", request.token()))),
    ]
    .into_iter()
    .filter_map(|(name, value)| Some((name.to_owned(), value?)))
    .collect()
}

/// An answer that repeats in its headers whatever it was told.
fn echo(request: &Request, status: u16, body: &str) -> Vec<Step> {
    let mut headers = told(request);
    headers.push(("x-harmless".to_owned(), "h-1".to_owned()));
    let headers: Vec<_> = headers
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    vec![Step::Write(message(status, &headers, body))]
}

fn partner() -> Credentials {
    Credentials::partner("id", "canary-client-secret").with_user("me", "canary-password")
}

fn client(server: &Server) -> Client {
    let builder = builder(server.url()).credentials(partner());
    let builder = builder.retry_policy(RetryPolicy::never());
    builder.sleep(Arc::new(NoWait::default())).build().unwrap()
}

#[track_caller]
fn assert_clean(error: &Error, case: &str) {
    let all = reachable(error);
    assert!(!all.contains(CANARY), "{case}: {all}");
    // What is no secret stays.
    let head = error
        .response_parts()
        .unwrap_or_else(|| panic!("{case}: no head"));
    let harmless = head.headers().get("x-harmless");
    assert_eq!(harmless.unwrap(), "h-1", "{case}");
}

/// Answers that are errors of a call, be it for their status or for their body.
const BAD: [(u16, &str); 8] = [
    (307, ""),
    (400, "{}"),
    (401, "{}"),
    (403, "<html>"),
    (404, "{}"),
    (503, "{}"),
    (200, "[{}, 7]"),
    (200, "\"text\""),
];

#[tokio::test]
async fn the_head_of_a_failed_sign_in_holds_no_secret_that_was_sent() {
    for (status, body) in BAD {
        let server = Server::start(move |request| echo(request, status, body));
        let client = client(&server);
        let by_hand = client.authentication();
        for (case, error) in [
            ("a call", read(&client).await.unwrap_err()),
            ("sign_in", client.sign_in().await.unwrap_err()),
            ("raw", client.raw().await.map(drop).unwrap_err()),
            (
                "login",
                by_hand.login("me", "canary-password").await.unwrap_err(),
            ),
            (
                "partner_login",
                by_hand.partner_login("id", "canary-2").await.unwrap_err(),
            ),
            (
                "partner_login_as",
                by_hand
                    .partner_login_as("id", "canary-2", "me", "canary-password")
                    .await
                    .unwrap_err(),
            ),
            (
                "refresh_token",
                by_hand.refresh_token("canary-refresh").await.unwrap_err(),
            ),
        ] {
            assert_eq!(status_of(&error), Some(status), "{case}");
            assert_clean(&error, &format!("{case} answered {status} {body:?}"));
        }
        let secret = |request: &Request| !told(request).is_empty();
        assert_eq!(server.count(secret), server.requests_len());
    }
}

#[tokio::test]
async fn nor_that_of_a_failed_call() {
    let (capture, _guard) = Capture::start();
    for (status, body) in BAD {
        let server = Server::start(move |request| match request.path.as_str() {
            SIGN_IN | REFRESH => tokens("canary-access", None, None),
            _ => echo(request, status, body),
        });
        let client = client(&server);
        let case = format!("{status} {body:?}");
        let mut errors = vec![read(&client).await.unwrap_err()];
        errors.push(client.tasks().list().page().await.unwrap_err());
        errors.push(client.restores().status("J-1").await.unwrap_err());
        for method in [Method::GET, Method::POST] {
            let request = client.request(method, PATH).query("a", "canary-query");
            let request = request.body(&object!({"a": "canary-body"}));
            let error = request.json::<Vec<()>>().await.unwrap_err();
            errors.push(error);
        }
        for error in &errors {
            assert_clean(error, &case);
        }
    }
    for told in capture.all() {
        let shown = format!("{told:?}");
        assert!(!shown.contains(CANARY), "{shown}");
    }
}

#[tokio::test]
async fn nor_that_of_a_restore_without_an_id() {
    for body in ["{}", "", "not JSON", "{\"status\": \"PENDING\"}"] {
        let server = Server::start(move |request| match request.path.as_str() {
            SIGN_IN => tokens("canary-access", None, None),
            _ => echo(request, 201, body),
        });
        let restore = client(&server).restores();
        let error = restore.create(RestoreRequest::new("T-1")).await;
        let error = error.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::MissingJobId, "{body:?}");
        assert_eq!(server.count_of(RESTORE), 1);
        assert_clean(&error, body);
    }
}

#[tokio::test]
async fn a_body_that_repeats_a_secret_in_the_escapes_of_json_is_not_kept() {
    let secret = "canary\"with\\signs";
    let server = Server::start(move |request| match request.path.as_str() {
        SIGN_IN => tokens("t0", None, None),
        READ => {
            let sent = request.header("client-secret").unwrap_or_default();
            let said = object!({"message": format!("not {sent}")});
            json(403, said.to_string())
        }
        _ => json(404, "{}"),
    });
    let builder = builder(server.url()).credentials(Credentials::partner("id", secret));
    let client = builder.build().unwrap();
    let error = read(&client).await.unwrap_err();
    assert_eq!(error.server_message(), Some("not [redacted]"));
    let all = reachable(&error);
    assert!(!all.contains(CANARY), "{all}");
}

/// Whoever asks for the headers of a good answer gets them, but `Debug` shows none.
#[tokio::test]
async fn the_head_of_a_success_shows_no_header() {
    let server = Server::start(|request| match request.path.as_str() {
        SIGN_IN => tokens("canary-access", None, None),
        _ => vec![Step::Write(message(
            200,
            &[("set-cookie", "canary-cookie"), ("x-request-id", "r-1")],
            "{}",
        ))],
    });
    let request = client(&server).request(Method::GET, PATH);
    let response = request.json::<Value>().with_response().await.unwrap();
    let shown = format!("{response:?} {:#?}", response.parts);
    assert!(!shown.contains(CANARY) && shown.contains("r-1"), "{shown}");
}

/// The forms in which services repeat what they received.
const FORMS: [fn(&str) -> String; 6] = [
    |secret| secret.to_owned(),
    |secret| secret.replace('&', "&amp;").replace('"', "&quot;"),
    |secret| {
        let escape = |letter: char| format!("\\u{:04x}", u32::from(letter));
        let escaped = |letter: char| match letter {
            '&' | '"' | '<' => escape(letter),
            letter => letter.to_string(),
        };
        secret.chars().map(escaped).collect()
    },
    |secret| percent(secret, "%20"),
    |secret| percent(secret, "+"),
    |secret| percent(secret, "%20").to_lowercase(),
];

fn percent(secret: &str, space: &str) -> String {
    let encode = |byte: u8| match byte {
        b' ' => space.to_owned(),
        byte if byte.is_ascii_alphanumeric() => char::from(byte).to_string(),
        byte => format!("%{byte:02X}"),
    };
    secret.bytes().map(encode).collect()
}

#[tokio::test]
async fn a_secret_is_hidden_in_every_form_wherever_it_is_repeated() {
    let secrets = [
        "canary &\"id<",
        "canary &\"pw<",
        "canary &\"re<",
        "canary &\"to<",
    ];
    let (capture, _guard) = Capture::start();
    for form in FORMS {
        let server = Server::start(move |request| match request.path.as_str() {
            SIGN_IN => tokens(secrets[3], Some(secrets[2]), None),
            path => {
                let all = secrets.map(form).join(", ");
                let said = match path {
                    READ => object!({"message": all, "code": form(secrets[1])}).to_string(),
                    _ => format!("not [{all}]"),
                };
                let id = form(secrets[1]);
                let headers = [("x-request-id", id.as_str()), ("x-harmless", "h-1")];
                vec![Step::Write(message(400, &headers, said))]
            }
        });
        let credentials = Credentials::partner("id", secrets[0]).with_user("me", secrets[1]);
        let builder = builder(server.url()).credentials(credentials);
        let client = builder.build().unwrap();
        for error in [
            read(&client).await.unwrap_err(),
            client.restores().status("J-1").await.unwrap_err(),
        ] {
            assert_eq!(error.kind(), ErrorKind::BadRequest);
            assert_clean(&error, &form("form"));
        }
    }
    for told in capture.all() {
        let shown = format!("{told:?}");
        assert!(!shown.contains(CANARY), "{shown}");
    }
}
