//! The control endpoint, as a program uses it that isn't written in Rust.

use cloudally_sandbox::Sandbox;
use serde_json::{Value, json};

use crate::api::{Answer, Api, person_body, small_as_anonymous, small_as_partner};

const README: &str = include_str!("../../README.md");

async fn delete(api: &Api, path: &str) -> u16 {
    Answer::to(api.request("DELETE", path)).await.status
}

/// Adds rules, and gives their ids.
async fn add(api: &Api, rules: &Value) -> Vec<u64> {
    // As `curl -d` sends it: without a content type of JSON.
    let request = api
        .request("POST", "/_sandbox/faults")
        .body(rules.to_string());
    let answer = Answer::to(request).await;
    assert_eq!(answer.status, 201, "{rules}: {}", answer.text);
    serde_json::from_value(answer.json()["ids"].clone()).unwrap()
}

#[tokio::test]
async fn every_fault_can_be_added() {
    let (_sandbox, api) = small_as_partner().await;
    let faults = json!([
        {"kind": "status", "status": 429, "retryAfter": "7", "body": "json"},
        {"kind": "status", "status": 502, "body": "html"},
        {"kind": "delay", "millis": 250},
        {"kind": "stall"},
        {"kind": "stallBody", "after": 5},
        {"kind": "cutBody", "after": 5},
        {"kind": "reset"},
        {"kind": "resetBody", "after": 5},
        {"kind": "contentType", "value": "text/html"},
        {"kind": "malformedJson"},
        {"kind": "missingField", "field": "id"},
        {"kind": "value", "field": "status", "value": "ODD"},
        {"kind": "expireToken"},
        {"kind": "shift", "change": "insert", "count": 1, "at": 0, "hidden": false},
        {"kind": "shift", "change": "remove", "count": 2, "at": 3, "hidden": true},
        {"kind": "shift", "change": "repeat", "count": 1, "at": 0, "hidden": false},
        {"kind": "emptyPage"},
        {"kind": "firstPage"},
        {"kind": "repeatToken"},
        {"kind": "total", "is": 7},
        {"kind": "total", "offBy": -7},
    ]);
    let faults = faults.as_array().unwrap();
    let rule = |fault| json!({"operation": "listPartnerTasks", "nth": 9, "afterHandling": true, "fault": fault});
    let rules: Vec<Value> = faults.iter().map(rule).collect();
    let ids = add(&api, &json!(rules)).await;
    assert_eq!(ids.len(), faults.len());
    let listed = api.get("/_sandbox/faults").await.json();
    for ((listed, fault), id) in listed["rules"]
        .as_array()
        .unwrap()
        .iter()
        .zip(faults)
        .zip(ids)
    {
        assert_eq!(
            *listed,
            json!({
                "id": id, "operation": "listPartnerTasks", "nth": 9, "afterHandling": true,
                "fault": fault, "seen": 0, "hits": 0,
            })
        );
    }
}

/// The faults of the page for users.
pub(crate) fn faults_of_the_readme() -> Vec<Value> {
    let lines = README.lines();
    lines
        .filter_map(|line| line.strip_prefix("| `{")?.split_once("}`"))
        .map(|(fault, _)| serde_json::from_str(&format!("{{{fault}}}")).unwrap())
        .collect()
}

#[tokio::test]
async fn every_fault_of_the_readme_can_be_added() {
    let faults = faults_of_the_readme();
    let kinds: std::collections::BTreeSet<_> =
        faults.iter().map(|fault| fault["kind"].as_str()).collect();
    assert_eq!(kinds.len(), 17, "{kinds:?}");
    let (_sandbox, api) = small_as_anonymous().await;
    let rules: Vec<_> = faults.iter().map(|fault| json!({"fault": fault})).collect();
    add(&api, &json!(rules)).await;
    // Those of the examples for a shell, which can go over two lines.
    for rest in README.split("/_sandbox/faults -d '").skip(1) {
        let (rule, _) = rest.split_once('\'').unwrap();
        add(&api, &serde_json::from_str(rule).unwrap()).await;
    }
}

#[tokio::test]
async fn rules_come_and_go() {
    let (sandbox, api) = small_as_partner().await;
    let failing = json!({"operation": "getPartner", "fault": {"kind": "status", "status": 503, "retryAfter": 4}});
    let id = add(&api, &failing).await[0];
    let answer = api.get("/v1/partners").await;
    assert_eq!(
        (answer.status, &answer.headers["retry-after"]),
        (503, &"4".parse().unwrap())
    );
    let path = format!("/_sandbox/faults/{id}");
    assert_eq!(delete(&api, &path).await, 204);
    assert_eq!(delete(&api, &path).await, 404);
    assert_eq!(api.get("/v1/partners").await.status, 200);

    let shifting = json!({"operation": "listPartnerTasks", "nth": 2,
        "fault": {"kind": "shift", "change": "repeat", "count": 1}});
    add(&api, &json!([failing, shifting])).await;
    assert_eq!(api.get("/v1/partners").await.status, 503);
    let first = api
        .get("/v1/partners/tasks?pageSize=3&page=1")
        .await
        .items();
    let second = api
        .get("/v1/partners/tasks?pageSize=3&page=2")
        .await
        .items();
    assert_eq!(
        (first.last(), second.first()),
        (Some(&sandbox.tasks()[2]), Some(&sandbox.tasks()[2]))
    );
    assert_eq!(delete(&api, "/_sandbox/faults").await, 204);
    assert_eq!(api.get("/v1/partners").await.status, 200);
    assert_eq!(
        api.get("/_sandbox/faults").await.json(),
        json!({"rules": []})
    );
}

#[tokio::test]
async fn faults_of_the_wire_work_too() {
    let (_sandbox, api) = small_as_partner().await;
    for fault in [
        json!({"kind": "reset"}),
        json!({"kind": "cutBody", "after": 3}),
        json!({"kind": "resetBody", "after": 3}),
    ] {
        add(
            &api,
            &json!({"operation": "getPartner", "first": 1, "fault": fault}),
        )
        .await;
        let sent = api.request("GET", "/v1/partners").send().await;
        let read = match sent {
            Ok(response) => response.text().await.map(drop),
            Err(error) => Err(error),
        };
        assert!(read.is_err(), "{fault}");
        assert_eq!(api.get("/v1/partners").await.status, 200, "{fault}");
    }
}

#[tokio::test]
async fn bad_rules_say_what_is_wrong() {
    let (sandbox, api) = small_as_anonymous().await;
    let stall = json!({"kind": "stall"});
    #[rustfmt::skip]
    let rules = [
        (json!(7), "a rule is an object"),
        (json!({}), "missing field `fault`"),
        (json!({"fault": {"kind": "flood"}}), "unknown variant `flood`"),
        (json!({"fault": stall, "ntH": 2}), "unknown field `ntH`"),
        (json!({"fault": stall, "operation": "listTasks"}), "no operation has the id \"listTasks\""),
        (json!({"fault": stall, "nth": 0}), "there is none with the number 0"),
        (json!({"fault": stall, "nth": 2, "first": 3}), "`nth` picks one request: leave out"),
        (json!({"fault": stall, "first": 2, "until": 3}), "duplicate field `until`"),
        (json!({"fault": stall, "from": 3, "until": 2}), "no request is picked"),
        (json!({"fault": stall, "seed": 3}), "a `seed` picks a `share`"),
        (json!({"fault": stall, "share": 1.01}), "above 0, and 1 at most, and not 1.01"),
        (json!({"fault": {"kind": "firstPage"}, "operation": "getPartner"}), "getPartner cannot meet this fault: it has no pages"),
        (json!({"fault": {"kind": "cutBody", "after": -1}}), "invalid value: integer `-1`"),
        (json!({"fault": {"kind": "status", "status": 302}}), "and not 302"),
        (json!({"fault": {"kind": "status", "status": 500, "after": 1}}), "unknown field `after`"),
        (json!({"fault": {"kind": "reset", "nth": 5}}), "unknown field `nth` in the fault `reset`, which has none; what picks requests goes beside `fault`"),
        (json!({"fault": {"kind": "stall", "after": 100}}), "unknown field `after` in the fault `stall`"),
        (json!({"fault": {"kind": "delay", "millis": 5, "seconds": 1}}), "unknown field `seconds` in the fault `delay`, which has `millis`"),
        (json!({"fault": {"kind": "total"}}), "a `total` needs `is` or `offBy`, and not both"),
        (json!({"fault": {"kind": "total", "is": 1, "offBy": 1}}), "a `total` needs `is` or `offBy`, and not both"),
        (json!({"fault": {"kind": "total", "offBy": 0}}), "a `total` that is off by 0 is right"),
        (json!({"fault": {"kind": "delay", "millis": 0}}), "a delay of no time"),
        (json!({"fault": stall, "share": 0}), "above 0, and 1 at most, and not 0"),
        (json!({"operation": "listPartnerTasks", "fault": {"kind": "shift", "change": "insert", "count": 9_223_372_036_854_775_808_u64}}), "`count` is 1000000 at most"),
        (json!([{"fault": stall}, {}]), "missing field `fault`"),
    ];
    for (rule, expected) in rules {
        let answer = api.post("/_sandbox/faults", &rule).await;
        answer.is_error(400, "Bad Request", "/_sandbox/faults");
        let body = answer.json();
        let message = body["message"].as_str().unwrap();
        assert!(message.contains(expected), "{rule}: {message}");
    }
    assert!(sandbox.faults().list().is_empty());
    let broken = Answer::to(api.request("POST", "/_sandbox/faults").body("{")).await;
    broken.is_error(400, "Bad Request", "/_sandbox/faults");
    api.get("/_sandbox/nothing")
        .await
        .is_error(404, "Not Found", "/_sandbox/nothing");
}

#[tokio::test]
async fn requests_can_be_read() {
    let (sandbox, api) = small_as_partner().await;
    api.get("/v1/partners/tasks").await;
    api.get("/v1/partners/resellers").await;
    let count = async |query: &str| {
        let answer = api.get(&format!("/_sandbox/requests{query}")).await.json();
        assert_eq!(
            answer["requests"].as_array().unwrap().len(),
            answer["count"]
        );
        answer["count"].as_u64().unwrap()
    };
    assert_eq!(count("").await, 3);
    assert_eq!(count("?operation=listPartnerTasks").await, 1);
    assert_eq!(count("?status=403").await, 1);
    assert_eq!(count("?operation=partnerLogin&status=403").await, 0);
    assert_eq!(
        count(&format!("?account={}", sandbox.partner().email())).await,
        2
    );
    for (query, expected) in [
        (
            "foo=1",
            "unknown field `foo`, expected one of `operation`, `status`, `account`",
        ),
        ("status=ok", "invalid digit found in string"),
        (
            "operation=nope",
            "no operation has the id \"nope\": there are login, partnerLogin, ",
        ),
    ] {
        let answer = api.get(&format!("/_sandbox/requests?{query}")).await;
        answer.is_error(400, "Bad Request", "/_sandbox/requests");
        let body = answer.json();
        let message = body["message"].as_str().unwrap();
        assert!(message.contains(expected), "{query}: {message}");
    }
    let record = &api.get("/_sandbox/requests").await.json()["requests"][1];
    assert_eq!(record["operation"], "listPartnerTasks");
    assert_eq!(
        (&record["number"], &record["status"]),
        (&json!(2), &json!(200))
    );
    assert_eq!(delete(&api, "/_sandbox/requests").await, 204);
    assert_eq!(count("").await, 0);
}

#[tokio::test]
async fn time_can_be_moved() {
    let (_sandbox, api) = small_as_partner().await;
    assert_eq!(
        api.get("/_sandbox/clock").await.json(),
        json!({"now": "2026-03-02T08:00:00Z"})
    );
    let answer = api
        .post("/_sandbox/clock", &json!({"advanceSeconds": 3600}))
        .await;
    assert_eq!(answer.json(), json!({"now": "2026-03-02T09:00:00Z"}));
    assert_eq!(api.get("/v1/partners").await.status, 401);
    let answer = api.post("/_sandbox/clock", &json!({"advance": 3600})).await;
    answer.is_error(400, "Bad Request", "/_sandbox/clock");
}

#[tokio::test]
async fn a_program_can_find_its_way() {
    let (sandbox, api) = small_as_anonymous().await;
    let accounts = api.get("/_sandbox/credentials").await.json();
    for (account, credentials) in accounts["accounts"].as_array().unwrap().iter().zip([
        sandbox.partner(),
        sandbox.distributor(),
        sandbox.reseller(),
        sandbox.portal_user(),
    ]) {
        assert_eq!(account["clientSecret"], credentials.client_secret());
        let person = json!({"email": account["email"], "password": account["password"]});
        assert_eq!(person, person_body(credentials));
        assert_eq!(api.post("/auth", &person).await.status, 200);
    }
    assert_eq!(api.get("/_sandbox/data").await.json(), sandbox.export());
    let operations = api.get("/_sandbox/operations").await.json();
    let operations = operations["operations"].as_array().unwrap();
    let ids: Vec<_> = operations
        .iter()
        .map(|one| one["id"].as_str().unwrap())
        .collect();
    assert_eq!(ids, Sandbox::operations().collect::<Vec<_>>());
    for operation in operations {
        let path = operation["path"].as_str().unwrap();
        let answer = Answer::to(api.request(operation["method"].as_str().unwrap(), path)).await;
        assert!(
            [401, 415].contains(&answer.status),
            "{path}: {}",
            answer.status
        );
    }
}

#[tokio::test]
async fn the_service_describes_itself() {
    let (sandbox, api) = small_as_anonymous().await;
    let document = api.get("/v3/api-docs/v1").await;
    assert_eq!(document.headers["content-type"], "application/json");
    let document = document.json();
    let mut described: Vec<_> = document["paths"]
        .as_object()
        .unwrap()
        .iter()
        .flat_map(|(path, methods)| {
            let methods = methods.as_object().unwrap().keys();
            methods
                .filter(|method| ["get", "post"].contains(&method.as_str()))
                .map(move |method| format!("{} {path}", method.to_uppercase()))
        })
        .collect();
    described.sort();
    let operations = api.get("/_sandbox/operations").await.json();
    let mut served: Vec<_> = operations["operations"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| {
            format!(
                "{} {}",
                one["method"].as_str().unwrap(),
                one["path"].as_str().unwrap()
            )
        })
        .collect();
    served.sort();
    // Signing in over v2 is observed, and the same as over v1: the document leaves it out.
    described.push("POST /v2/auth/partner".to_owned());
    assert_eq!(described, served);

    let page = api.get("/").await;
    assert_eq!(page.headers["content-type"], "text/html; charset=utf-8");
    for operation in Sandbox::operations() {
        assert!(page.text.contains(&format!("<code>{operation}</code>")));
    }
    assert!(page.text.contains(sandbox.partner().client_secret()));
    assert!(page.text.contains("/_sandbox/faults/{id}"));
    // None of it counts as a request of the service.
    assert_eq!(sandbox.request_total(), 0);
}
