//! What goes wrong by rule.

use std::time::Duration;

use cloudally_sandbox::{Fault, Rule, Sandbox};
use serde_json::{Value, json};

use crate::api::{Answer, Api, small};

#[tokio::test]
async fn an_error_for_the_nth_request() {
    let sandbox = small().await;
    let api = Api::partner(&sandbox).await;
    let failure = Fault::status(429).retry_after(Duration::from_secs(7));
    let rule = sandbox
        .faults()
        .add(Rule::on("getPartner").nth(2).then(failure))
        .unwrap();
    assert_eq!(api.get("/v1/partners").await.status, 200);
    assert_eq!(api.get("/v1/partners/users").await.status, 200);
    let answer = api.get("/v1/partners").await;
    answer.is_error(429, "Too Many Requests", "/v1/partners");
    assert_eq!(answer.headers["retry-after"], "7");
    assert_eq!(api.get("/v1/partners").await.status, 200);
    assert_eq!(sandbox.faults().hits(rule), 1);
    assert_eq!(sandbox.request_count("getPartner"), 3);
}

#[tokio::test]
async fn an_error_until_it_is_cleared() {
    let sandbox = small().await;
    let api = Api::partner(&sandbox).await;
    let failure = Fault::status(503).retry_after_text("Wed, 21 Oct 2026 07:28:00 GMT");
    sandbox.faults().add(Rule::on_any().then(failure)).unwrap();
    for path in ["/v1/partners", "/v1/partners/users", "/v1/partners"] {
        let answer = api.get(path).await;
        answer.is_error(503, "Service Unavailable", path);
        assert_eq!(
            answer.headers["retry-after"],
            "Wed, 21 Oct 2026 07:28:00 GMT"
        );
    }
    sandbox.faults().clear();
    assert_eq!(api.get("/v1/partners").await.status, 200);
}

#[tokio::test]
async fn a_share_of_the_requests_by_seed() {
    let mut runs = Vec::new();
    for seed in [1, 1, 2] {
        let sandbox = small().await;
        let api = Api::partner(&sandbox).await;
        let rule = Rule::on("getPartner")
            .share(0.5, seed)
            .then(Fault::status(500));
        sandbox.faults().add(rule).unwrap();
        let mut statuses = Vec::new();
        for _ in 0..32 {
            statuses.push(api.get("/v1/partners").await.status);
        }
        runs.push(statuses);
    }
    assert_eq!(runs[0], runs[1]);
    assert_ne!(runs[0], runs[2]);
    assert!(runs[0].contains(&200) && runs[0].contains(&500));
}

#[tokio::test]
async fn a_rule_that_means_nothing_is_refused() {
    let sandbox = small().await;
    let faults = sandbox.faults();
    let error = |rule| faults.add(rule).unwrap_err().to_string();
    assert_eq!(
        error(Rule::on("listTasks").then(Fault::EmptyPage)),
        "no operation has the id \"listTasks\": Sandbox::operations() lists them"
    );
    assert_eq!(
        error(Rule::on_any().nth(0).then(Fault::EmptyPage)),
        "requests are counted from 1: there is none with the number 0"
    );
    assert_eq!(
        error(Rule::on_any().share(1.5, 0).then(Fault::EmptyPage)),
        "the share of requests must be from 0 to 1, and not 1.5"
    );
    assert_eq!(
        error(Rule::on_any().then(Fault::status(200))),
        "the status of an error is from 400 to 599, and not 200"
    );
    let api = Api::partner(&sandbox).await;
    assert_eq!(api.get("/v1/partners/tasks").await.status, 200);
}

#[tokio::test]
async fn a_token_expires_between_two_pages() {
    let sandbox = small().await;
    let api = Api::partner(&sandbox).await;
    let rule = Rule::on("listPartnerTasks").nth(2).then(Fault::ExpireToken);
    sandbox.faults().add(rule).unwrap();
    let first = api.get("/v1/partners/tasks?pageSize=10").await.json();
    let token = first["nextPageToken"].as_str().unwrap();
    let path = format!("/v1/partners/tasks?pageSize=10&nextPageToken={token}");
    for _ in 0..2 {
        let answer = api.get(&path).await;
        answer.is_error(401, "Unauthorized", "/v1/partners/tasks");
    }
    assert_eq!(api.get("/v1/partners").await.status, 401);
    // The page's token is as good as ever, with a new access token.
    let api = Api::partner(&sandbox).await;
    assert_eq!(api.get(&path).await.items(), sandbox.tasks()[10..20]);
}

/// The answer to a request for the partner's profile, with a fault.
async fn with(fault: impl Into<Fault>) -> (Sandbox, Answer) {
    let sandbox = small().await;
    let api = Api::partner(&sandbox).await;
    let rule = Rule::on("getPartner").then(fault);
    sandbox.faults().add(rule).unwrap();
    let answer = api.get("/v1/partners").await;
    (sandbox, answer)
}

#[tokio::test]
async fn an_error_page_in_html() {
    let (_, answer) = with(Fault::status(502).html()).await;
    assert_eq!(answer.status, 502);
    assert_eq!(answer.headers["content-type"], "text/html; charset=utf-8");
    assert!(answer.text.starts_with("<html>"));
    assert!(answer.text.contains("<h1>502 Bad Gateway</h1>"));
}

#[tokio::test]
async fn an_error_without_a_body() {
    let (_, answer) = with(Fault::status(500).empty()).await;
    assert_eq!((answer.status, answer.text.as_str()), (500, ""));
    assert!(answer.headers.contains_key("x-request-id"));
}

#[tokio::test]
async fn a_wrong_content_type() {
    let (sandbox, answer) = with(Fault::content_type("text/html")).await;
    assert_eq!(answer.headers["content-type"], "text/html");
    assert_eq!(answer.json(), *sandbox.partner_profile());
}

#[tokio::test]
async fn malformed_json() {
    let (sandbox, answer) = with(Fault::MalformedJson).await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.headers["content-type"], "application/json");
    let whole = sandbox.partner_profile().to_string();
    assert_eq!(answer.text, format!("{},", &whole[..whole.len() - 1]));
}

#[tokio::test]
async fn fields_that_are_missing_or_strange() {
    let sandbox = small().await;
    let api = Api::partner(&sandbox).await;
    for fault in [
        Fault::missing("email"),
        Fault::value("phone", Value::Null),
        Fault::unknown("region"),
    ] {
        sandbox
            .faults()
            .add(Rule::on("getPartner").then(fault))
            .unwrap();
    }
    for fault in [
        Fault::missing("alias"),
        Fault::missing("/totalPages"),
        Fault::unknown("status"),
        Fault::value("/data/1/size", "large"),
    ] {
        sandbox
            .faults()
            .add(Rule::on("listPartnerTasks").then(fault))
            .unwrap();
    }
    let mut expected = sandbox.partner_profile().clone();
    expected.as_object_mut().unwrap().remove("email");
    expected["phone"] = Value::Null;
    expected["region"] = json!("NEVER_HEARD_OF");
    assert_eq!(api.get("/v1/partners").await.json(), expected);

    let page = api.get("/v1/partners/tasks").await.json();
    assert_eq!(page.get("totalPages"), None);
    let tasks = page["data"].as_array().unwrap();
    assert_eq!(tasks.len(), sandbox.tasks().len());
    for (at, (task, before)) in tasks.iter().zip(sandbox.tasks()).enumerate() {
        let mut expected = before.clone();
        expected.as_object_mut().unwrap().remove("alias");
        expected["status"] = json!("NEVER_HEARD_OF");
        if at == 1 {
            expected["size"] = json!("large");
        }
        assert_eq!(*task, expected);
    }
}

#[tokio::test]
async fn a_restore_that_nobody_is_told_of() {
    for (after_handling, status) in [(true, 409), (false, 201)] {
        let sandbox = small().await;
        let api = Api::partner(&sandbox).await;
        let rule = Rule::on("createRestoreRequest")
            .nth(1)
            .then(Fault::status(504));
        let rule = if after_handling {
            rule.after_handling()
        } else {
            rule
        };
        sandbox.faults().add(rule).unwrap();
        let restore = json!({"taskId": sandbox.tasks()[0]["id"]});
        assert_eq!(api.post("/v1/restore", &restore).await.status, 504);
        // Only what was carried out stands in the way of doing it again.
        assert_eq!(api.post("/v1/restore", &restore).await.status, status);
    }
}

#[tokio::test]
async fn rules_are_listed() {
    let sandbox = small().await;
    let api = Api::partner(&sandbox).await;
    let rule = Rule::on("getPartner").nth(2).then(Fault::status(503));
    let id = sandbox.faults().add(rule.clone()).unwrap();
    for _ in 0..3 {
        api.get("/v1/partners").await;
    }
    let [added] = &sandbox.faults().list()[..] else {
        panic!("one rule");
    };
    assert_eq!((added.id, &added.rule), (id, &rule));
    assert_eq!((added.seen, added.hits), (3, 1));
}
