//! Secrets are not shown: not by any type, not by any error and what is behind it, not by any span,
//! event or log record.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, Once};
use std::time::Duration;

use cloudally::types::RestoreRequest;
use cloudally::{Client, ClientHeaders, Credentials, ErrorKind, RetryPolicy, TemporaryToken};

use cloudally_contract::capture::Capture;
use cloudally_contract::made_up::CANARY;
use cloudally_contract::server::{Reserved, Server, Step, head, json, message, reply};
use cloudally_contract::setup::{
    READ, REFRESH, RESTORE, SECOND, SIGN_IN, builder, connections, profile, read, settle, tokens,
};
use cloudally_contract::time::{FakeClock, NoWait, in_time};

use crate::shown::Shown;

const CLIENT_SECRET: &str = "canary-client-secret";
const PASSWORD: &str = "canary-password";
const PROVIDED: &str = "canary-provided-token";

fn credentials() -> [Credentials; 5] {
    [
        Credentials::partner("id", CLIENT_SECRET),
        Credentials::partner("id", CLIENT_SECRET).with_user("me", PASSWORD),
        Credentials::portal("me", PASSWORD).with_client("id", CLIENT_SECRET),
        Credentials::access_token(PROVIDED),
        Credentials::provider(|| async {
            let token = TemporaryToken::new(PROVIDED).expires_in(50 * SECOND);
            Ok::<_, std::io::Error>(token)
        }),
    ]
}

/// Panics are written where nobody can take them back, so their messages are kept and searched,
/// too.
fn panics() -> &'static Mutex<Vec<String>> {
    static PANICS: Mutex<Vec<String>> = Mutex::new(Vec::new());
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let before = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            PANICS.lock().unwrap().push(panic.to_string());
            before(panic);
        }));
    });
    &PANICS
}

/// Faults of every kind, of which none knows a secret.
fn faults() -> Vec<Vec<Step>> {
    vec![
        json(400, r#"{"message": "bad"}"#),
        json(401, r#"{"message": "no"}"#),
        json(403, "{}"),
        json(408, "{}"),
        reply(429, &[("retry-after", "18446744073709551616")], "{}"),
        json(500, ""),
        reply(502, &[("content-type", "text/html")], "<html>"),
        reply(307, &[("location", "http://127.0.0.1:1/")], ""),
        vec![Step::Reset],
        vec![Step::Close],
        vec![Step::UntilGone],
        vec![Step::Write(b"HTTP/1.1 2".to_vec()), Step::Close],
        vec![
            Step::Write(head(200, &[("content-length", "99")])),
            Step::Reset,
        ],
    ]
}

/// Answers to a sign-in that hold tokens and cannot be read.
const UNREADABLE: [&str; 7] = [
    r#"{"accessToken": "canary-access", "refreshToken": ["canary-refresh"]}"#,
    r#"{"accessToken": "canary-access\n", "refreshToken": "canary-refresh"}"#,
    r#"{"accessToken": "canary-access", "tokenType": "odd\nscheme"}"#,
    r#"{"accessToken": "canary-access", "expiresIn": "canary-life", "#,
    r#"["canary-access", {"canary-refresh": "canary-key"}]"#,
    r#"{"accessToken": {"canary-access": "canary-access"}}"#,
    r#"{"accessToken": "canary-access", "tokenType": {"canary-key": "canary-type"}}"#,
];

/// A service with a fault at one place.
fn faulty(place: &'static str, fault: Vec<Step>) -> Server {
    Server::start(move |request| match request.path.as_str() {
        path if path == place => fault.clone(),
        SIGN_IN | "/auth" => tokens("canary-access-0", Some("canary-refresh-0"), Some(100)),
        REFRESH => tokens("canary-access-1", Some("canary-refresh-1"), Some(100)),
        RESTORE => json(201, r#"{"jobId": "J"}"#),
        _ => profile(),
    })
}

async fn use_all(client: &Client, clock: &FakeClock, shown: &mut Shown) {
    for _ in 0..2 {
        if let Err(error) = in_time("a read", read(client)).await {
            shown.error(&error);
        }
        match client.restores().create(RestoreRequest::new("T-1")).await {
            Ok(handle) => shown.debug(&handle),
            Err(error) => shown.error(&error),
        }
        shown.debug(client);
        shown.debug(&client.tasks().list());
        shown.debug(&(client.partners(), client.authentication()));
        shown.debug(&client.restores().job("J-1"));
        clock.advance(101 * SECOND);
    }
    for result in [
        client.authentication().login("me", PASSWORD).await,
        client
            .authentication()
            .refresh_token("canary-refresh")
            .await,
    ] {
        match result {
            Ok(answer) => shown.debug(&answer),
            Err(error) => shown.error(&error),
        }
    }
}

async fn search(places: &[&'static str]) {
    let panics = panics();
    let (capture, _guard) = Capture::start();
    let mut shown = Shown::default();
    let http = connections();
    for place in places {
        let mut faults = faults();
        // The tokens are no secrets to a read, which shows what it cannot decode.
        if *place != READ {
            faults.extend(UNREADABLE.map(|body| json(200, body)));
        }
        for fault in faults {
            for credentials in credentials() {
                let server = faulty(place, fault.clone());
                let clock = FakeClock::new();
                let policy = RetryPolicy::default().max_attempts(2);
                let builder = builder(server.url())
                    .credentials(credentials.clone())
                    .http_client(http.clone())
                    .clock(Arc::new(clock.clone()))
                    .sleep(Arc::new(NoWait::default()))
                    .retry_policy(policy.deadline(Duration::from_millis(40)));
                shown.debug(&credentials);
                shown.debug(&builder);
                let client = builder.build().unwrap();
                use_all(&client, &clock, &mut shown).await;
            }
        }
    }
    settle().await;
    let told = capture.all();
    assert!(
        told.iter().any(|told| told.target.starts_with("cloudally")),
        "spans were captured"
    );
    assert!(
        told.iter().any(|told| told.target == "log"),
        "records of `log` were captured"
    );
    told.iter().for_each(|told| shown.debug(told));
    for panic in panics.lock().unwrap().iter() {
        shown.text(panic);
    }
    println!("{} texts searched", shown.len());
    shown.assert_clean();
}

#[tokio::test]
async fn no_secret_is_shown_when_the_sign_in_fails() {
    search(&[SIGN_IN, "/auth"]).await;
}

#[tokio::test]
async fn no_secret_is_shown_when_the_refresh_fails() {
    search(&[REFRESH]).await;
}

#[tokio::test]
async fn no_secret_is_shown_when_a_read_or_a_restore_fails() {
    search(&[READ, RESTORE]).await;
}

#[tokio::test]
async fn no_secret_is_shown_when_all_goes_well_or_nobody_is_there() {
    search(&["/nowhere"]).await;
    let (capture, _guard) = Capture::start();
    let mut shown = Shown::default();
    let reserved = Reserved::new();
    for credentials in credentials() {
        let builder = builder(reserved.url()).credentials(credentials);
        let builder = builder.client_headers(ClientHeaders::SignInOnly);
        let client = builder.sleep(Arc::new(NoWait::default())).build().unwrap();
        use_all(&client, &FakeClock::new(), &mut shown).await;
    }
    capture.all().iter().for_each(|told| shown.debug(told));
    shown.debug(&TemporaryToken::new(PROVIDED));
    shown.debug(&cloudally::types::Secret::from(PASSWORD));
    shown.assert_clean();
}

#[tokio::test]
async fn a_service_that_repeats_what_it_was_sent_does_not_make_a_sign_in_show_it() {
    let mut shown = Shown::default();
    for status in [400, 401, 403, 500] {
        let server = Server::start(move |request| {
            let secret = request.header("client-secret").unwrap_or_default();
            let password = request.member("password").unwrap_or_default();
            let refresh = request.member("refreshToken").unwrap_or_default();
            let said = format!("not {secret} nor {password} nor {refresh}");
            json(
                status,
                serde_json::json!({"message": said, "code": said}).to_string(),
            )
        });
        for credentials in credentials().into_iter().take(3) {
            let builder = builder(server.url()).credentials(credentials);
            let client = builder.retry_policy(RetryPolicy::never()).build().unwrap();
            let error = read(&client).await.unwrap_err();
            shown.error(&error);
            let refreshed = client
                .authentication()
                .refresh_token("canary-refresh")
                .await;
            shown.error(&refreshed.unwrap_err());
        }
        let told =
            |request: &cloudally_contract::server::Request| format!("{request:?}").contains(CANARY);
        assert_eq!(
            server.count(told),
            server.requests().len(),
            "there is something to repeat"
        );
    }
    shown.assert_clean();
}

#[tokio::test]
async fn nor_a_call_that_is_made_with_a_token() {
    let mut shown = Shown::default();
    for status in [400, 403, 404, 500] {
        let server = Server::start(move |request| match request.path.as_str() {
            SIGN_IN | "/auth" => tokens("canary-access", Some("canary-refresh"), None),
            _ => {
                let secret = request.header("client-secret").unwrap_or_default();
                let said = format!("not {} nor {secret}", request.token());
                let body = serde_json::json!({"message": said, "code": said});
                json(status, body.to_string())
            }
        });
        for credentials in credentials() {
            let builder = builder(server.url()).credentials(credentials);
            let client = builder.retry_policy(RetryPolicy::never()).build().unwrap();
            shown.error(&read(&client).await.unwrap_err());
        }
    }
    shown.assert_clean();
}

#[tokio::test]
async fn secrets_that_no_header_can_carry_are_errors_that_do_not_show_them() {
    let mut shown = Shown::default();
    let server = Server::start(|_| vec![Step::Write(message(200, &[], "{}"))]);
    let asked = AtomicUsize::new(0);
    for credentials in [
        Credentials::partner("id", "canary\nsecret"),
        Credentials::partner("canary\nid", "secret"),
        Credentials::access_token("canary\ntoken"),
        Credentials::portal("me", "password").with_client("id", "canary\0"),
        Credentials::provider(move || {
            asked.fetch_add(1, Ordering::SeqCst);
            async { Ok::<_, std::io::Error>(TemporaryToken::new("canary\r\ntoken")) }
        }),
    ] {
        let builder = builder(server.url()).credentials(credentials);
        match builder.build() {
            Ok(client) => shown.error(&in_time("an error", read(&client)).await.unwrap_err()),
            Err(error) => {
                assert_eq!(error.kind(), ErrorKind::Configuration);
                shown.error(&error);
            }
        }
    }
    assert_eq!(server.requests().len(), 0);
    shown.assert_clean();
}
