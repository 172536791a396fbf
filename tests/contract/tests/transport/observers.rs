//! What observers and metrics are told, and headers that every request carries.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use cloudally::observe::{
    Attempt, AttemptFinished, CallFinished, ListRestarted, MetricsObserver, Observer, PageRead,
    PermitWaited, RetryEvent, TokenRenewed,
};
use cloudally::reqwest::Method;
use cloudally::{ErrorKind, RateLimit};
use metrics_util::debugging::{DebugValue, DebuggingRecorder};
use opentelemetry_semantic_conventions::metric;
use serde_json::Value;

use cloudally_contract::server::{Request, Server, Step, json, reply};
use cloudally_contract::setup::{
    READ, REFRESH, SIGN_IN, begin, builder, profile, read, reading, tokens, with_token,
};
use cloudally_contract::time::{FakeClock, NoWait, in_time};

/// Writes down what it is told.
#[derive(Clone, Default)]
struct Notes(Arc<Mutex<Vec<String>>>);

impl Notes {
    fn note(&self, note: String) {
        self.0.lock().unwrap().push(note);
    }

    fn all(&self) -> Vec<String> {
        self.0.lock().unwrap().clone()
    }
}

impl Observer for Notes {
    fn attempt_started(&self, attempt: &Attempt<'_>) {
        self.note(format!("start {} {}", attempt.operation, attempt.number));
    }

    fn attempt_finished(&self, finished: &AttemptFinished<'_>) {
        self.note(format!(
            "finish {} {} {} {:?} {:?} {:?} {:?}",
            finished.attempt.method,
            finished.attempt.url_template,
            finished.attempt.number,
            finished.status,
            finished.error_type(),
            finished.request_bytes,
            finished.response_bytes,
        ));
    }

    fn retry(&self, retry: &RetryEvent<'_>) {
        self.note(format!(
            "retry {} {}",
            retry.operation,
            retry.error.attempts()
        ));
    }

    fn call_finished(&self, call: &CallFinished<'_>) {
        let error = call.error.map(cloudally::Error::error_type);
        self.note(format!(
            "call {} {} {error:?}",
            call.operation, call.attempts
        ));
    }

    fn token_renewed(&self, renewal: &TokenRenewed<'_>) {
        self.note(format!(
            "token {:?} {}",
            renewal.kind,
            renewal.error.is_none()
        ));
    }

    fn permit_waited(&self, wait: &PermitWaited<'_>) {
        self.note(format!("permit {}", wait.operation));
    }

    fn page_read(&self, page: &PageRead<'_>) {
        self.note(format!(
            "page {} {} {} {:?} {}",
            page.operation, page.number, page.items, page.total, page.is_complete
        ));
    }

    fn list_restarted(&self, restart: &ListRestarted<'_>) {
        self.note(format!("restart {} {}", restart.operation, restart.passes));
    }
}

/// A service that fails once, refuses the first token, and then serves.
fn service() -> Server {
    let reads = AtomicUsize::new(0);
    Server::start(move |request: &Request| match request.path.as_str() {
        SIGN_IN => tokens("t0", Some("r0"), None),
        REFRESH => tokens("t1", Some("r1"), None),
        READ => match reads.fetch_add(1, Ordering::SeqCst) {
            0 => json(503, "{}"),
            1 => json(401, "{}"),
            _ => profile(),
        },
        _ => json(
            200,
            r#"{"page": 1, "totalPages": 1, "total": 1, "data": [{"id": "a"}]}"#,
        ),
    })
}

#[tokio::test]
async fn an_observer_is_told_of_each_step() {
    let (server, notes) = (service(), Notes::default());
    let builder = builder(server.url()).clock(Arc::new(FakeClock::new()));
    let builder = builder
        .sleep(Arc::new(NoWait::default()))
        .observer(notes.clone());
    let client = builder.build().unwrap();
    in_time("a read", read(&client)).await.unwrap();
    in_time("a list", client.tasks().list().collect())
        .await
        .unwrap();
    let expected = [
        "start partnerLogin 1",
        "finish POST /auth/partner 1 Some(200) None Some(41) Some(78)",
        "call partnerLogin 1 None",
        "token SignIn true",
        "start getPartner 1",
        r#"finish GET /v1/partners 1 Some(503) Some("503") None None"#,
        "retry getPartner 1",
        "start getPartner 2",
        r#"finish GET /v1/partners 2 Some(401) Some("401") None None"#,
        "retry getPartner 2",
        "start refreshToken 1",
        "finish POST /auth/refresh 1 Some(200) None Some(21) Some(78)",
        "call refreshToken 1 None",
        "token Refresh true",
        "start getPartner 3",
        "finish GET /v1/partners 3 Some(200) None None Some(20)",
        "call getPartner 3 None",
        "start listPartnerTasks 1",
        "finish GET /v1/partners/tasks 1 Some(200) None None Some(63)",
        "call listPartnerTasks 1 None",
        "page listPartnerTasks 1 1 Some(1) true",
    ];
    assert_eq!(notes.all(), expected);
}

#[tokio::test]
async fn a_call_that_is_dropped_leaves_no_attempt_open() {
    let (server, notes) = (Server::start(|_| vec![Step::UntilGone]), Notes::default());
    let client = with_token(&server).observer(notes.clone()).build().unwrap();
    client.sign_in().await.unwrap();
    let mut call = reading(&client);
    begin(&mut call).await;
    drop(call);
    let finish = r#"finish GET /v1/partners 1 None Some("abandoned") None None"#;
    assert_eq!(notes.all().last().unwrap(), finish);
}

#[tokio::test]
async fn a_wait_for_a_permit_and_a_restart_are_told() {
    let pages = AtomicUsize::new(0);
    let server = Server::start(move |_| {
        let body = match pages.fetch_add(1, Ordering::SeqCst) {
            0 => r#"{"page": 1, "totalPages": 1, "total": 2, "data": [{"id": "a"}]}"#,
            _ => r#"{"page": 1, "totalPages": 1, "total": 1, "data": [{"id": "a"}]}"#,
        };
        json(200, body)
    });
    let notes = Notes::default();
    let builder = with_token(&server).observer(notes.clone());
    let builder = builder.rate_limit(RateLimit::per_second(1));
    let builder = builder.clock(Arc::new(FakeClock::new()));
    let client = builder.sleep(Arc::new(NoWait::default())).build().unwrap();
    let list = client.tasks().list().collect().restarts(1);
    in_time("a list", list).await.unwrap();
    let all = notes.all();
    assert!(
        all.contains(&"restart listPartnerTasks 1".to_owned()),
        "{all:?}"
    );
    assert!(
        all.contains(&"permit listPartnerTasks".to_owned()),
        "{all:?}"
    );
}

/// The names of the metrics, with their labels and how often they were recorded.
fn recorded(recorder: &DebuggingRecorder) -> BTreeSet<String> {
    let snapshot = recorder.snapshotter().snapshot().into_vec();
    let line = |(key, _, _, value): (metrics_util::CompositeKey, _, _, DebugValue)| {
        let labels: Vec<_> = key
            .key()
            .labels()
            .filter(|label| !label.key().starts_with("server."))
            .map(|label| format!("{}={}", label.key(), label.value()))
            .collect();
        let count = match value {
            DebugValue::Counter(count) => count.to_string(),
            DebugValue::Gauge(level) => level.to_string(),
            DebugValue::Histogram(samples) => format!("{} samples", samples.len()),
        };
        format!("{} {{{}}} {count}", key.key().name(), labels.join(", "))
    };
    snapshot.into_iter().map(line).collect()
}

#[test]
fn metrics_have_the_names_of_the_conventions_and_no_id() {
    let recorder = DebuggingRecorder::new();
    let server = service();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    metrics::with_local_recorder(&recorder, || {
        runtime.block_on(async {
            let builder = builder(server.url()).clock(Arc::new(FakeClock::new()));
            let builder = builder.sleep(Arc::new(NoWait::default()));
            let client = builder.observer(MetricsObserver).build().unwrap();
            in_time("a read", read(&client)).await.unwrap();
            let status = client.restores().status("J-1");
            in_time("a job", status).await.unwrap();
            let request = client.request(Method::GET, "/v1/canary");
            in_time("a request", request.json::<Value>()).await.unwrap();
        });
    });
    let get = "http.request.method=GET";
    let post = "http.request.method=POST";
    let partners = "url.template=/v1/partners";
    let active = metric::HTTP_CLIENT_ACTIVE_REQUESTS;
    let duration = metric::HTTP_CLIENT_REQUEST_DURATION;
    let size = "cloudally.client.response.decoded.size";
    let call = "cloudally.client.call.duration";
    let expected = [
        format!(
            "{duration} {{{get}, {partners}, http.response.status_code=503, error.type=503}} 1 samples"
        ),
        format!(
            "{duration} {{{get}, {partners}, http.response.status_code=401, error.type=401}} 1 samples"
        ),
        format!("{duration} {{{get}, {partners}, http.response.status_code=200}} 1 samples"),
        format!(
            "{duration} {{{get}, url.template=/v1/restore/{{jobId}}, http.response.status_code=200}} 1 samples"
        ),
        format!("{duration} {{{get}, http.response.status_code=200}} 1 samples"),
        format!(
            "{duration} {{{post}, url.template=/auth/partner, http.response.status_code=200}} 1 samples"
        ),
        format!(
            "{duration} {{{post}, url.template=/auth/refresh, http.response.status_code=200}} 1 samples"
        ),
        format!("{size} {{{get}, {partners}}} 1 samples"),
        format!("{size} {{{get}, url.template=/v1/restore/{{jobId}}}} 1 samples"),
        format!("{size} {{{get}}} 1 samples"),
        format!("{size} {{{post}, url.template=/auth/partner}} 1 samples"),
        format!("{size} {{{post}, url.template=/auth/refresh}} 1 samples"),
        format!("{active} {{{get}}} 0"),
        format!("{active} {{{post}}} 0"),
        format!("{call} {{cloudally.operation=getPartner}} 1 samples"),
        format!("{call} {{cloudally.operation=getRestoreStatus}} 1 samples"),
        format!("{call} {{cloudally.operation=request}} 1 samples"),
        format!("{call} {{cloudally.operation=partnerLogin}} 1 samples"),
        format!("{call} {{cloudally.operation=refreshToken}} 1 samples"),
        "cloudally.client.retries {cloudally.operation=getPartner, error.type=503} 1".to_owned(),
        "cloudally.client.retries {cloudally.operation=getPartner, error.type=401} 1".to_owned(),
        "cloudally.client.token.renewals {cloudally.renewal.kind=sign_in} 1".to_owned(),
        "cloudally.client.token.renewals {cloudally.renewal.kind=refresh} 1".to_owned(),
    ];
    assert_eq!(recorded(&recorder), expected.into_iter().collect());
}

#[tokio::test]
async fn a_default_header_is_on_every_request_and_a_secret_one_is_hidden() {
    let server = Server::start(|request| match request.path.as_str() {
        SIGN_IN => tokens("t0", None, None),
        _ => {
            let key = request.header("x-gateway-key").unwrap_or_default();
            reply(
                403,
                &[("x-echo", key)],
                format!("{{\"message\": \"not {key}\"}}"),
            )
        }
    });
    let builder = builder(server.url())
        .default_header("x-team", "backup")
        .secret_header("x-gateway-key", "canary-key");
    assert!(!format!("{builder:?}").contains("canary"));
    let client = builder.build().unwrap();
    let error = in_time("a read", read(&client)).await.unwrap_err();
    let shown = format!(
        "{error} {error:?} {:?}",
        error.response_parts().unwrap().headers()
    );
    assert!(!shown.contains("canary"), "{shown}");
    let request = client
        .request(Method::GET, "/v1/new")
        .header("x-team", "other");
    in_time("a request", request.bytes()).await.unwrap_err();
    let teams: Vec<_> = server
        .requests()
        .iter()
        .map(|request| {
            assert_eq!(request.header("x-gateway-key"), Some("canary-key"));
            request.header("x-team").map(ToOwned::to_owned).unwrap()
        })
        .collect();
    assert_eq!(teams, ["backup", "backup", "other"]);
}

#[test]
fn a_header_that_cannot_be_sent_is_an_error_that_does_not_show_it() {
    for (name, value, named) in [
        ("Authorization", "canary", "`authorization`"),
        ("client-id", "canary", "`client-id`"),
        ("accept-encoding", "canary", "`accept-encoding`"),
        ("x y", "canary", "`x y`"),
        ("x-key", "canary\n", "`x-key`"),
    ] {
        for builder in [
            builder("http://127.0.0.1:1").default_header(name, value),
            builder("http://127.0.0.1:1").secret_header(name, value),
        ] {
            let error = builder.build().unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Configuration);
            let shown = error.to_string();
            assert!(
                shown.contains(named) && !shown.contains("canary"),
                "{shown}"
            );
        }
    }
}
