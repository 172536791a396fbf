//! What goes wrong by rule.

use std::time::Duration;

use cloudally_sandbox::{Fault, Rule, Sandbox, Shift, Trigger};
use serde_json::{Value, json};

use crate::api::{Answer, Api, add_rule, small, small_as_partner};

#[tokio::test]
async fn an_error_for_the_nth_request() {
    let (sandbox, api) = small_as_partner().await;
    let failure = Fault::status(429).retry_after(Duration::from_secs(7));
    let rule = add_rule(&sandbox, Rule::on("getPartner").nth(2).then(failure));
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
    let (sandbox, api) = small_as_partner().await;
    let failure = Fault::status(503).retry_after_text("Wed, 21 Oct 2026 07:28:00 GMT");
    add_rule(&sandbox, Rule::on_any().then(failure));
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
        let (sandbox, api) = small_as_partner().await;
        let rule = Rule::on("getPartner")
            .share(0.5, seed)
            .then(Fault::status(500));
        add_rule(&sandbox, rule);
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
    let on = Rule::on;
    let any = Rule::on_any;
    let when = |trigger: Trigger| trigger.then(Fault::Stall);
    let pages = "it has no pages";
    let one = "`nth` picks one request";
    #[rustfmt::skip]
    let rules = [
        (when(on("listTasks")), "no operation has the id \"listTasks\": there are login, partnerLogin, "),
        (when(any().nth(0)), "none with the number 0"),
        (when(any().from(0)), "none with the number 0"),
        (when(any().first(0)), "none with the number 0"),
        (when(any().every(0)), "none with the number 0"),
        (when(any().nth(2).first(3)), one),
        (when(any().from(2).nth(2)), one),
        (when(any().nth(2).every(2)), one),
        (when(any().nth(2).share(0.5, 1)), one),
        (when(any().from(5).until(4)), "no request is picked: none from 5 to 4 has"),
        (when(any().every(10).first(9)), "no request is picked: none from 1 to 9 has a number that 10 divides"),
        (when(any().every(2).from(u64::MAX).until(u64::MAX)), "no request is picked"),
        (when(any().share(1.5, 0)), "above 0, and 1 at most, and not 1.5"),
        (when(any().share(-0.1, 0)), "above 0, and 1 at most, and not -0.1"),
        (when(any().share(f64::NAN, 0)), "above 0, and 1 at most, and not NaN"),
        (any().then(Fault::status(200)), "from 400 to 599, and not 200"),
        (any().then(Fault::status(600)), "from 400 to 599, and not 600"),
        (any().then(Fault::status(429).retry_after_text("1\r\n")), "Retry-After cannot have"),
        (any().then(Fault::content_type("a\nb")), "Content-Type cannot have"),
        (any().then(Fault::missing("")), "\"\" names no field"),
        (any().then(Fault::unknown("a..b")), "\"a..b\" names no field"),
        (on("listPartnerTasks").then(Fault::missing("alais")), "no answer of listPartnerTasks has the field \"alais\": there are account, alias, backupTaskId, "),
        (on("listBackupTasks").then(Fault::missing("schedule.often")), "there are frequency, timezone. What only your own data has is named by a pointer, such as"),
        (any().then(Fault::missing("alais")), "no answer of any operation has the field \"alais\": there are accessToken, "),
        (any().then(Shift::insert(0)), "changes by 0 items"),
        (any().then(Shift::repeat(1).at(2)), "leave out `at` and `hidden`"),
        (any().then(Shift::repeat(1).hidden()), "leave out `at` and `hidden`"),
        (on("getPartner").then(Fault::EmptyPage), "getPartner cannot meet this fault: it has no pages"),
        (on("getPartner").then(Shift::remove(1)), pages),
        (on("getBackupTask").then(Fault::total(3)), pages),
        (on("listPartnerUsers").then(Fault::RepeatToken), "it has no tokens of pages"),
        (on("login").then(Fault::ExpireToken), "it has no access token"),
    ];
    for (rule, expected) in rules {
        let error = sandbox.faults().add(rule).unwrap_err().to_string();
        assert!(error.contains(expected), "{expected}: {error}");
    }
    assert!(sandbox.faults().list().is_empty());
}

#[tokio::test]
async fn a_rule_that_means_something_is_taken() {
    let sandbox = small().await;
    for rule in [
        Rule::on_any().share(0.001, 1).then(Fault::Stall),
        Rule::on_any().share(1.0, 1).then(Fault::Stall),
        Rule::on_any().from(4).until(4).then(Fault::Stall),
        Rule::on_any().every(3).first(3).then(Fault::Stall),
        Rule::on_any().then(Fault::EmptyPage),
        Rule::on_any().then(Fault::ExpireToken),
        Rule::on("getReseller").then(Fault::total(3)),
        Rule::on("listPartnerTasks").then(Fault::RepeatToken),
        Rule::on("getPartner").then(Fault::missing("/~1a//b")),
        Rule::on("listPartnerTasks").then(Fault::missing("lastBackupDates.GMAIL")),
        Rule::on("getPartnerStatus").then(Fault::missing("backupStatus.status")),
        Rule::on_any().then(Fault::missing("schedule.frequency")),
        Rule::on_any().then(Fault::unknown("brandNew")),
    ] {
        add_rule(&sandbox, rule.clone());
        // And as JSON it says the same.
        let json = serde_json::to_string(&rule).unwrap();
        assert_eq!(serde_json::from_str::<Rule>(&json).unwrap(), rule, "{json}");
    }
}

#[tokio::test]
async fn a_token_expires_between_two_pages() {
    let (sandbox, api) = small_as_partner().await;
    let rule = Rule::on("listPartnerTasks").nth(2).then(Fault::ExpireToken);
    add_rule(&sandbox, rule);
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
    let (sandbox, api) = small_as_partner().await;
    let rule = Rule::on("getPartner").then(fault);
    add_rule(&sandbox, rule);
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
    let (sandbox, api) = small_as_partner().await;
    for fault in [
        Fault::missing("email"),
        Fault::value("phone", Value::Null),
        Fault::unknown("region"),
    ] {
        add_rule(&sandbox, Rule::on("getPartner").then(fault));
    }
    for fault in [
        Fault::missing("alias"),
        Fault::missing("/totalPages"),
        Fault::missing("/data/dataResidency"),
        Fault::unknown("status"),
        Fault::value("/data/1/size", "large"),
    ] {
        add_rule(&sandbox, Rule::on("listPartnerTasks").then(fault));
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
        expected.as_object_mut().unwrap().remove("dataResidency");
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
        let (sandbox, api) = small_as_partner().await;
        let rule = Rule::on("createRestoreRequest")
            .nth(1)
            .then(Fault::status(504));
        let rule = if after_handling {
            rule.after_handling()
        } else {
            rule
        };
        add_rule(&sandbox, rule);
        let restore = json!({"taskId": sandbox.tasks()[0]["id"]});
        assert_eq!(api.post("/v1/restore", &restore).await.status, 504);
        // Only what was carried out stands in the way of doing it again.
        assert_eq!(api.post("/v1/restore", &restore).await.status, status);
    }
}

#[tokio::test]
async fn rules_are_listed() {
    let (sandbox, api) = small_as_partner().await;
    let rule = Rule::on("getPartner").nth(2).then(Fault::status(503));
    let id = add_rule(&sandbox, rule.clone());
    for _ in 0..3 {
        api.get("/v1/partners").await;
    }
    let [added] = &sandbox.faults().list()[..] else {
        panic!("one rule");
    };
    assert_eq!((added.id, &added.rule), (id, &rule));
    assert_eq!((added.seen, added.hits), (3, 1));
}
