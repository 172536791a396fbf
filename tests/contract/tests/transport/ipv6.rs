//! A service on the IPv6 loopback. Without one on this machine these tests fail, and say so.

use cloudally::types::RestoreRequest;
use cloudally::{Credentials, ErrorKind};

use cloudally_contract::server::{Reserved, json};
use cloudally_contract::setup::{RESTORE, SIGN_IN, attempts, builder, profile, read, tokens};
use cloudally_contract::time::in_time;

const TASKS: &str = "/v1/partners/tasks";

#[tokio::test]
async fn a_service_on_ipv6_is_called_like_any_other() {
    let server = Reserved::on_ipv6().serve(|request| match request.path.as_str() {
        SIGN_IN => tokens("t0", None, Some(3600)),
        TASKS => json(
            200,
            r#"{"page": 1, "totalPages": 1, "data": [{"id": "1"}]}"#,
        ),
        RESTORE => json(201, r#"{"jobId": "J-1"}"#),
        _ => profile(),
    });
    let url = server.url();
    assert!(url.starts_with("http://[::1]:"), "{url}");
    // It is this machine, so no proxy is used, and plain http is allowed.
    let client = builder(&url).build().unwrap();
    in_time("a read", read(&client)).await.unwrap();
    let tasks = in_time("a list", client.tasks().list().collect()).await;
    assert_eq!(tasks.unwrap().len(), 1);
    let restore = client.restores().create(RestoreRequest::new("T-1"));
    let restore = in_time("a restore", restore).await.unwrap();
    assert_eq!(restore.id().as_str(), "J-1");
    let host = url.strip_prefix("http://");
    for request in server.requests() {
        assert_eq!(request.header("host"), host, "{}", request.path);
    }
    assert_eq!(server.requests_len(), 4);
}

#[tokio::test]
async fn an_error_names_the_address_with_its_brackets() {
    let nobody = Reserved::on_ipv6();
    let url = nobody.url();
    let builder = builder(&url).credentials(Credentials::access_token("t"));
    let client = builder.retry_policy(attempts(1)).build().unwrap();
    let error = in_time("a refusal", read(&client)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Connect, "{error}");
    let address = url.strip_prefix("http://").unwrap();
    assert!(error.to_string().contains(address), "{error}");
}
