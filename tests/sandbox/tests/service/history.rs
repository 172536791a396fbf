//! What the sandbox remembers of its requests.

use cloudally_sandbox::{Fault, Rule, Sandbox};
use serde_json::json;

use crate::api::{Api, add_rule, person_body, small_as_partner, standing_still, start, started};

#[tokio::test]
async fn requests_are_recorded() {
    let (sandbox, api) = small_as_partner().await;
    let rule = Rule::on("listPartnerTasks").nth(2).then(Fault::status(503));
    let rule = add_rule(&sandbox, rule);
    api.get("/v1/partners/tasks?pageSize=7&page=1").await;
    api.get("/v1/partners/tasks?pageSize=7&page=2").await;
    api.get("/nothing").await;
    let restore = json!({"taskId": "unknown", "entityName": "x"});
    api.post("/v1/restore", &restore).await;

    let tasks = sandbox.requests().to("listPartnerTasks");
    assert_eq!(tasks.count(), 2);
    let first = tasks.first().unwrap();
    assert_eq!((first.number, first.at), (2, start()));
    assert_eq!(
        (first.method.as_str(), first.path.as_str()),
        ("GET", "/v1/partners/tasks")
    );
    assert_eq!(first.query.as_deref(), Some("pageSize=7&page=1"));
    assert_eq!(first.query_value("page"), Some("1"));
    assert_eq!(first.query_value("limit"), None);
    assert_eq!(first.account.as_deref(), Some(sandbox.partner().email()));
    assert_eq!(
        (first.status, &first.faults, &first.body),
        (Some(200), &vec![], &None)
    );
    let last = tasks.last().unwrap();
    assert_eq!((last.status, &last.faults), (Some(503), &vec![rule]));

    let requests = sandbox.requests();
    assert_eq!(requests.clone().with_status(404).count(), 2);
    assert_eq!(requests.clone().by(sandbox.partner().email()).count(), 2);
    assert_eq!(requests.clone().by("nobody@example.com").count(), 0);
    assert_eq!(
        requests
            .clone()
            .to("createRestoreRequest")
            .first()
            .unwrap()
            .body,
        Some(restore)
    );
    let unknown = requests.matching(|request| request.operation.is_none());
    assert_eq!(
        unknown
            .iter()
            .map(|request| &request.path)
            .collect::<Vec<_>>(),
        ["/nothing"]
    );

    sandbox.clear_requests();
    assert!(sandbox.requests().is_empty());
    assert_eq!(sandbox.request_total(), 5);
}

#[tokio::test]
async fn only_so_many_are_remembered() {
    let sandbox = started(standing_still().users(1).tasks(1).statuses(1).history(3)).await;
    let api = Api::partner(&sandbox).await;
    for page in 1..=5 {
        api.get(&format!("/v1/partners/tasks?page={page}")).await;
    }
    let requests = sandbox.requests();
    assert_eq!((requests.count(), requests.forgotten()), (3, 3));
    let pages: Vec<_> = requests
        .iter()
        .filter_map(|request| request.query_value("page"))
        .collect();
    assert_eq!(pages, ["3", "4", "5"]);
    // The counts are exact, whatever is forgotten.
    assert_eq!(sandbox.request_count("listPartnerTasks"), 5);
}

#[tokio::test]
async fn what_was_not_answered_has_no_status() {
    let sandbox = Sandbox::start().await.unwrap();
    add_rule(&sandbox, Rule::on("login").then(Fault::Reset));
    let api = Api::anonymous(&sandbox);
    let request = api
        .request("POST", "/auth")
        .json(&person_body(sandbox.partner()));
    assert!(request.send().await.is_err());
    assert_eq!(sandbox.requests().last().unwrap().status, None);
}
