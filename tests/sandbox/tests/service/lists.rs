//! Walking the lists.

use cloudally_sandbox::Sandbox;
use serde_json::{Value, json};

use crate::api::{Api, small_as_distributor, small_as_partner, standing_still, started};

/// Asks for all pages by number.
async fn by_number(api: &Api, path: &str, size_name: &str, size: usize) -> Vec<Value> {
    let mut items = Vec::new();
    for number in 1.. {
        let page = page(api, &format!("{path}?{size_name}={size}&page={number}")).await;
        let data = page["data"].as_array().unwrap();
        assert!(data.len() <= size);
        items.extend(data.iter().cloned());
        if page["totalPages"].as_u64() <= Some(number) {
            assert_eq!(page["total"], items.len());
            break;
        }
        assert_eq!(page["page"], number);
        assert_eq!(data.len(), size);
    }
    items
}

/// Asks for all pages as clients do: with the token of the page before, and a page number beside
/// it.
async fn by_token(api: &Api, path: &str, size: usize) -> Vec<Value> {
    let mut items = Vec::new();
    let mut query = format!("pageSize={size}");
    for number in 1.. {
        let page = page(api, &format!("{path}?{query}")).await;
        assert_eq!(page["page"], number);
        items.extend(page["data"].as_array().unwrap().iter().cloned());
        let Some(token) = page["nextPageToken"].as_str() else {
            assert_eq!(page["totalPages"], number);
            assert_eq!(page["total"], items.len());
            break;
        };
        query = format!("pageSize={size}&page={}&nextPageToken={token}", number + 1);
    }
    items
}

async fn page(api: &Api, path: &str) -> Value {
    let answer = api.get(path).await;
    assert_eq!(answer.status, 200, "{path}: {}", answer.text);
    let page = answer.json();
    let keys: Vec<_> = page
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect();
    // A reseller has fields of its own beside the page of its accounts.
    if !path.starts_with("/v1/partners/resellers/") {
        assert_eq!(keys.len(), 5);
    }
    for key in ["page", "totalPages", "total", "nextPageToken", "data"] {
        assert!(keys.contains(&key));
    }
    page
}

fn lists(sandbox: &Sandbox) -> [(&str, &str, &[Value]); 11] {
    [
        ("/v1/partners/users", "pageSize", sandbox.users()),
        ("/v1/partners/tasks", "pageSize", sandbox.tasks()),
        ("/v1/partners/status", "pageSize", sandbox.statuses()),
        ("/v1/partners/bills", "pageSize", sandbox.bills()),
        ("/v1/partners/billing", "pageSize", sandbox.bills()),
        ("/v1/partners/resellers", "pageSize", sandbox.resellers()),
        ("/v1/backup-tasks", "pageSize", sandbox.backup_tasks()),
        ("/v2/resellers/accounts", "limit", sandbox.users()),
        (
            "/v2/resellers/accounts/backup-tasks",
            "limit",
            sandbox.tasks(),
        ),
        (
            "/v2/resellers/accounts/backup-statuses",
            "limit",
            sandbox.statuses(),
        ),
        ("/v2/resellers/bills", "limit", sandbox.bills()),
    ]
}

#[tokio::test]
async fn page_numbers_reach_everything() {
    let (sandbox, api) = small_as_distributor().await;
    for (path, size_name, items) in lists(&sandbox) {
        for size in [1, 4, 5, 500] {
            let read = by_number(&api, path, size_name, size).await;
            assert_eq!(read, items, "{path} by {size}");
        }
    }
}

#[tokio::test]
async fn tokens_reach_everything() {
    let sandbox = started(standing_still()).await;
    let api = Api::partner(&sandbox).await;
    for size in [7, 100, 500] {
        assert_eq!(
            by_token(&api, "/v1/partners/tasks", size).await,
            sandbox.tasks()
        );
        assert_eq!(
            by_token(&api, "/v1/partners/status", size).await,
            sandbox.statuses()
        );
    }
}

#[tokio::test]
async fn the_next_page_can_be_named_as_such() {
    let (_sandbox, api) = small_as_distributor().await;
    for path in [
        "/v1/partners/tasks?pageSize=5",
        "/v1/partners/users?pageSize=2",
        "/v2/resellers/accounts/backup-tasks?limit=5",
    ] {
        let by_number = page(&api, &format!("{path}&page=2")).await;
        assert_eq!(page(&api, &format!("{path}&nextPage=2")).await, by_number);
        let both = format!("{path}&page=2&nextPage=2");
        assert_eq!(page(&api, &both).await, by_number);
        for wrong in ["nextPage=0", "nextPage=x", "page=2&nextPage=3"] {
            let answer = api.get(&format!("{path}&{wrong}")).await;
            assert_eq!(answer.status, 400, "{wrong}");
        }
    }
}

#[tokio::test]
async fn only_tasks_and_statuses_of_v1_have_tokens() {
    let (sandbox, api) = small_as_distributor().await;
    for (path, size_name, _) in lists(&sandbox) {
        let page = page(&api, &format!("{path}?{size_name}=2")).await;
        let has_token = ["/v1/partners/tasks", "/v1/partners/status"].contains(&path);
        assert_eq!(page["nextPageToken"].is_string(), has_token, "{path}");
    }
}

#[tokio::test]
async fn a_page_has_500_items_at_most() {
    let sandbox = started(standing_still()).await;
    let api = Api::partner(&sandbox).await;
    for query in ["", "?pageSize=500", "?pageSize=9999"] {
        let page = page(&api, &format!("/v1/partners/tasks{query}")).await;
        assert_eq!(page["data"].as_array().unwrap().len(), 500);
        assert_eq!(
            (&page["page"], &page["totalPages"], &page["total"]),
            (&json!(1), &json!(3), &json!(1200))
        );
    }
}

#[tokio::test]
async fn a_token_alone_keeps_the_page_size() {
    let (sandbox, api) = small_as_partner().await;
    let first = page(&api, "/v1/partners/tasks?pageSize=4").await;
    let token = first["nextPageToken"].as_str().unwrap();
    let second = page(&api, &format!("/v1/partners/tasks?nextPageToken={token}")).await;
    assert_eq!(second["data"].as_array().unwrap(), &sandbox.tasks()[4..8]);
    assert_eq!(second["page"], 2);
    // The token decides, whatever the page number beside it.
    let other = page(
        &api,
        &format!("/v1/partners/tasks?page=5&nextPageToken={token}"),
    )
    .await;
    assert_eq!(other, second);
}

#[tokio::test]
async fn beyond_the_end_is_an_empty_page() {
    let (sandbox, api) = small_as_distributor().await;
    for (path, size_name, items) in lists(&sandbox) {
        for number in [9999, i64::MAX] {
            let page = page(&api, &format!("{path}?{size_name}=10&page={number}")).await;
            assert_eq!(page["data"], json!([]));
            assert_eq!(page["total"], items.len());
            assert_eq!(page["nextPageToken"], Value::Null);
        }
    }
}

#[tokio::test]
async fn an_empty_list_has_page_0() {
    let sandbox = started(standing_still().users(0).tasks(0).statuses(0)).await;
    let api = Api::distributor(&sandbox).await;
    for path in ["users", "tasks", "status", "bills", "billing"] {
        let page = page(&api, &format!("/v1/partners/{path}")).await;
        assert_eq!(
            page,
            json!({"page": 0, "totalPages": 0, "total": 0, "nextPageToken": null, "data": []})
        );
    }
}

#[tokio::test]
async fn data_does_not_need_users_or_tasks() {
    let sandbox = started(standing_still().users(0).tasks(3).statuses(4)).await;
    assert_eq!((sandbox.tasks().len(), sandbox.statuses().len()), (3, 4));
    let sandbox = started(standing_still().users(3).tasks(0).statuses(4)).await;
    assert_eq!((sandbox.users().len(), sandbox.statuses().len()), (3, 4));
}

#[tokio::test]
async fn bad_queries_are_400() {
    let (sandbox, api) = small_as_distributor().await;
    let numbers = [
        "0",
        "-1",
        "x",
        "1.5",
        "",
        "9223372036854775808",
        "99999999999999999999999",
    ];
    for (path, size_name, _) in lists(&sandbox) {
        for number in numbers {
            for name in ["page", size_name] {
                let answer = api.get(&format!("{path}?{name}={number}")).await;
                answer.is_error(400, "Bad Request", path);
            }
        }
        let answer = api.get(&format!("{path}?page=1&page=2")).await;
        answer.is_error(400, "Bad Request", path);
    }
}

#[tokio::test]
async fn bad_tokens_are_400() {
    let (_sandbox, api) = small_as_distributor().await;
    let first = page(&api, "/v1/partners/tasks?pageSize=2").await;
    let token = first["nextPageToken"].as_str().unwrap();
    let forged = format!("A{token}");
    for (path, token) in [
        ("/v1/partners/tasks", ""),
        ("/v1/partners/tasks", "nonsense"),
        ("/v1/partners/tasks", &forged),
        ("/v1/partners/status", token),
        ("/v1/partners/users", token),
        ("/v1/backup-tasks", "nonsense"),
    ] {
        let answer = api.get(&format!("{path}?nextPageToken={token}")).await;
        answer.is_error(400, "Bad Request", path);
    }
}

#[tokio::test]
async fn single_items_are_those_of_the_lists() {
    let (sandbox, api) = small_as_distributor().await;
    for task in sandbox.backup_tasks() {
        let path = format!("/v1/backup-tasks/{}", task["id"].as_str().unwrap());
        assert_eq!(api.get(&path).await.json(), *task);
    }
    for reseller in sandbox.resellers() {
        let id = reseller["partnerId"].as_str().unwrap();
        let path = format!("/v1/partners/resellers/{id}");
        let answer = api.get(&path).await.json();
        for (key, value) in reseller.as_object().unwrap() {
            assert_eq!(answer[key], *value);
        }
        let accounts: Vec<_> = sandbox
            .users()
            .iter()
            .filter(|user| user["partnerID"] == reseller["partnerId"])
            .cloned()
            .collect();
        assert_eq!(by_number(&api, &path, "pageSize", 1).await, accounts);
    }
}
