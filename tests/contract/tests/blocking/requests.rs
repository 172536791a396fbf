//! Requests to any path from a plain thread.

use cloudally::ErrorKind;
use cloudally::types::Partner;
use reqwest::Method;
use serde_json::{Value, json};

use crate::service::{client, sandbox};

#[test]
fn a_request_has_every_setting_and_both_ends() {
    let sandbox = sandbox();
    let client = client(&sandbox);
    let list = client.request(Method::GET, "/v1/partners/tasks");
    let list = list.query("pageSize", 3).header("x-mine", "1");
    let page: Value = list.clone().json().unwrap();
    assert_eq!(page["data"], json!(&sandbox.tasks()[..3]));
    let bytes = list.bytes().unwrap();
    assert_eq!(serde_json::from_slice::<Value>(&bytes).unwrap(), page);
    let profile = client.request(Method::GET, "/v1/partners");
    let profile: Partner = profile.json().unwrap();
    assert_eq!(profile, client.partners().profile().unwrap());

    let task = &sandbox.tasks()[0]["id"];
    let restore = client.request(Method::POST, "/v1/restore");
    let restore = restore.body(&json!({"taskId": task})).idempotent(false);
    let job: Value = restore.json().unwrap();
    assert_eq!(job["status"], "PENDING");
    assert_eq!(sandbox.request_count("createRestoreRequest"), 1);
}

#[test]
fn what_cannot_be_sent_is_refused() {
    let sandbox = sandbox();
    let client = client(&sandbox);
    for request in [
        client.request(Method::GET, "//elsewhere.example/"),
        client.request(Method::GET, "/v1").header("host", "x"),
    ] {
        let error = request.json::<Value>().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput, "{error}");
    }
    assert_eq!(sandbox.request_total(), 0);
}
