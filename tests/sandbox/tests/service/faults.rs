//! What goes wrong by rule.

use std::time::Duration;

use cloudally_sandbox::{Fault, Rule};

use crate::api::{Api, small};

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
