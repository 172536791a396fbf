//! Values in forms that nobody promised, as they stand in the bytes of an answer.

use cloudally::types::Bill;
use cloudally::{Client, ErrorKind};

use cloudally_contract::server::{Server, json};
use cloudally_contract::setup::with_token;
use cloudally_contract::time::in_time;

fn answering(body: &'static str) -> (Server, Client) {
    let server = Server::start(move |_| json(200, body));
    let client = with_token(&server).build().unwrap();
    (server, client)
}

async fn bills(body: &'static str) -> Vec<Bill> {
    let (_server, client) = answering(body);
    in_time("bills", client.billing().bills().collect())
        .await
        .unwrap()
}

#[tokio::test]
async fn ids_that_are_numbers_are_read_to_the_last_digit() {
    let (_server, client) = answering(
        r#"{"data": [
            {"id": 7, "userId": 9007199254740993, "backupTaskId": "x"},
            {"id": 18446744073709551615, "userId": -1, "backupTaskId": ""},
            {"id": null, "userId": "0012"}
        ]}"#,
    );
    let tasks = client.tasks().list().collect().await.unwrap();
    let ids: Vec<_> = tasks
        .iter()
        .map(|task| {
            (
                task.id.as_ref().map(|id| id.as_str()),
                task.user_id.as_ref().map(|id| id.as_str()),
            )
        })
        .collect();
    assert_eq!(
        ids,
        [
            (Some("7"), Some("9007199254740993")),
            (Some("18446744073709551615"), Some("-1")),
            (None, Some("0012")),
        ]
    );
}

#[tokio::test]
async fn an_id_that_was_a_number_leads_on() {
    let (server, client) = answering(r#"{"jobId": 4711, "status": "COMPLETED"}"#);
    let restore = client
        .restores()
        .create(cloudally::types::RestoreRequest::new("T-1"))
        .await
        .unwrap();
    assert_eq!(restore.id(), "4711");
    restore.status().await.unwrap();
    let paths: Vec<_> = server.requests().into_iter().map(|it| it.path).collect();
    assert_eq!(paths, ["/v1/restore", "/v1/restore/4711"]);
}

/// What is no id is an error that names it, not an id made up.
#[tokio::test]
async fn what_is_no_id_is_told() {
    for id in ["true", "{}", "[7]", "1.5"] {
        let body = format!(r#"{{"data": [{{"id": {id}}}]}}"#);
        let server = Server::start(move |_| json(200, &body));
        let client = with_token(&server).build().unwrap();
        let read = client.tasks().list().collect().await;
        match (id, read) {
            ("1.5" | "true", Ok(tasks)) => {
                assert_eq!(tasks[0].id.as_ref().map(|id| id.as_str()), Some(id))
            }
            (_, Err(error)) => {
                assert_eq!(error.kind(), ErrorKind::Decode, "{id}: {error}");
                assert_eq!(error.json_path(), Some("data[0].id"), "{id}: {error}");
            }
            (_, Ok(tasks)) => panic!("{id}: {tasks:?}"),
        }
    }
}

#[tokio::test]
async fn amounts_are_exact_as_text_and_as_numbers() {
    let bills = bills(
        r#"[
            {"total": "75.10"}, {"total": 75.10}, {"total": 75}, {"total": -0.01}, {"total": 1e2},
            {"total": "9999999999999999999999999.99"}, {"total": 12345678901234567}, {"total": 0.1},
            {"total": " 5 "}, {"total": "+5"}
        ]"#,
    )
    .await;
    let decimals: Vec<_> = bills
        .iter()
        .map(|bill| bill.total.as_ref().unwrap().decimal().unwrap())
        .collect();
    let exact = [
        "75.10",
        "75.10",
        "75",
        "-0.01",
        "100",
        "9999999999999999999999999.99",
        "12345678901234567",
        "0.1",
        "5",
        "5",
    ];
    let exact: Vec<cloudally::rust_decimal::Decimal> =
        exact.iter().map(|text| text.parse().unwrap()).collect();
    assert_eq!(decimals, exact);
    // Text keeps its places, and money adds up.
    assert_eq!(decimals[0].to_string(), "75.10");
    let sum = decimals[7] + decimals[7] + decimals[7];
    assert_eq!(sum.to_string(), "0.3");
}

#[tokio::test]
async fn what_is_no_exact_amount_stays_as_it_came_and_breaks_nothing() {
    let bills = bills(
        r#"[
            {"total": 0.12345678901234567}, {"total": "1,000.00"}, {"total": "12 EUR"}, {"total": ""},
            {"total": true}, {"total": {"value": 1}}, {"total": []}, {"total": "NaN"}, {"total": "1e5"},
            {"total": "99999999999999999999999999999999"}
        ]"#,
    )
    .await;
    assert_eq!(bills.len(), 10);
    for bill in &bills {
        let total = bill.total.as_ref().unwrap();
        assert_eq!(total.decimal(), None, "{total:?}");
    }
    assert_eq!(bills[1].total.as_ref().unwrap().raw(), "1,000.00");
    let written = serde_json::to_value(&bills[5]).unwrap();
    assert_eq!(written, serde_json::json!({"total": {"value": 1}}));
}

#[tokio::test]
async fn numbers_of_pages_may_be_text() {
    let body = r#"{"page": "1", "totalPages": "1", "total": "2", "nextPageToken": null,
        "data": [{"id": 1, "size": "9007199254740993", "index": "true"}, {"id": "2", "size": 5.0}]}"#;
    let (server, client) = answering(body);
    let page = client.tasks().list().page().await.unwrap();
    assert_eq!((page.total, page.items.len()), (Some(2), 2));
    assert_eq!(page.items[0].size, Some(9_007_199_254_740_993));
    assert_eq!(
        (page.items[0].index, page.items[1].size),
        (Some(true), Some(5))
    );
    assert!(page.next.is_none());
    // So a list that is short is told.
    drop(server);
    let short = r#"{"page": "1", "totalPages": "1", "total": "3", "data": [{"id": 1}]}"#;
    let (_server, client) = answering(short);
    let error = client.tasks().list().collect().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Incomplete);
}

/// A token of the next page may be a number, and is sent as it came.
#[tokio::test]
async fn a_page_token_may_be_a_number() {
    let server = Server::start(|request| match &request.query {
        Some(query) if query.contains("nextPageToken=9007199254740993") => {
            json(200, r#"{"data": [{"id": 2}], "nextPageToken": null}"#)
        }
        _ => json(
            200,
            r#"{"data": [{"id": 1}], "nextPageToken": 9007199254740993}"#,
        ),
    });
    let client = with_token(&server).build().unwrap();
    let tasks = client.tasks().list().collect().await.unwrap();
    assert_eq!(tasks.len(), 2);
}
