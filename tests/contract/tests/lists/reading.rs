//! Lists: which pages are asked for, which are not, and when a list is not complete.

use cloudally::types::Task;
use cloudally::{Cursor, ErrorKind};
use cloudally_contract::answer::Answer;
use cloudally_contract::request::Request;
use cloudally_contract::service::Service;
use cloudally_contract::setup::status_of;
use serde_json::{Value, json};

const TASKS: &str = "/v1/partners/tasks";

fn first() -> Request {
    Request::get(TASKS).query([("pageSize", "2")])
}

fn numbered(page: &str) -> Request {
    Request::get(TASKS).query([("pageSize", "2"), ("page", page)])
}

fn by_token(page: &str, token: &str) -> Request {
    Request::get(TASKS).query([("pageSize", "2"), ("page", page), ("nextPageToken", token)])
}

fn items(ids: &[&str]) -> Value {
    ids.iter().map(|id| json!({"id": id})).collect()
}

fn ids(tasks: &[Task]) -> Vec<&str> {
    tasks
        .iter()
        .filter_map(|task| task.id.as_ref().map(|id| id.as_str()))
        .collect()
}

async fn pages(pages: &[Value]) -> Service {
    Service::signed_in(pages.iter().map(Answer::ok))
}

/// Reads the list, and checks what was asked for.
async fn read(answers: &[Value], asked: Vec<Request>) -> Result<Vec<Task>, cloudally::Error> {
    let service = pages(answers).await;
    let tasks = service.client().tasks().list().page_size(2).collect().await;
    service.assert_saw(std::iter::once(Request::sign_in()).chain(asked));
    tasks
}

#[tokio::test]
async fn a_list_is_followed_to_its_end_by_token_and_number() {
    let one = || items(&["1"]);
    let two = || items(&["1", "2"]);
    for (answers, requests, expected) in [
        // By token, with and without numbers.
        (
            vec![
                json!({"page": 1, "totalPages": 3, "total": 4, "nextPageToken": "a", "data": two()}),
                json!({"page": 2, "totalPages": 3, "total": 4, "nextPageToken": "b", "data": items(&["3"])}),
                json!({"page": 3, "totalPages": 3, "total": 4, "nextPageToken": null, "data": items(&["4"])}),
            ],
            vec![first(), by_token("2", "a"), by_token("3", "b")],
            vec!["1", "2", "3", "4"],
        ),
        (
            vec![
                json!({"nextPageToken": "a", "data": one()}),
                json!({"nextPageToken": "", "data": items(&["2"])}),
            ],
            vec![first(), by_token("2", "a")],
            vec!["1", "2"],
        ),
        // By number, past an empty page.
        (
            vec![
                json!({"page": 1, "totalPages": 3, "total": 2, "nextPageToken": null, "data": one()}),
                json!({"page": 2, "totalPages": 3, "total": 2, "nextPageToken": null, "data": []}),
                json!({"page": 3, "totalPages": 3, "total": 2, "nextPageToken": null, "data": items(&["2"])}),
            ],
            vec![first(), numbered("2"), numbered("3")],
            vec!["1", "2"],
        ),
        (
            vec![
                json!({"nextPageToken": "a", "data": []}),
                json!({"nextPageToken": null, "data": one()}),
            ],
            vec![first(), by_token("2", "a")],
            vec!["1"],
        ),
        // A bare array is the whole list. A full one may be a page of several.
        (vec![one()], vec![first()], vec!["1"]),
        (vec![json!([])], vec![first()], vec![]),
        (
            vec![two(), json!([])],
            vec![first(), numbered("2")],
            vec!["1", "2"],
        ),
        (
            vec![two(), two()],
            vec![first(), numbered("2")],
            vec!["1", "2"],
        ),
        // A list of no pages, and one without any number.
        (
            vec![
                json!({"page": 0, "totalPages": 0, "total": 0, "nextPageToken": null, "data": []}),
            ],
            vec![first()],
            vec![],
        ),
        (
            vec![
                json!({"page": 0, "totalPages": 0, "total": 0, "nextPageToken": null, "data": null}),
            ],
            vec![first()],
            vec![],
        ),
        (vec![json!({"data": one()})], vec![first()], vec!["1"]),
    ] {
        let read = read(&answers, requests).await.unwrap();
        assert_eq!(ids(&read), expected, "{answers:?}");
    }
}

#[tokio::test]
async fn a_list_that_is_not_complete_is_an_error() {
    let one = || items(&["1"]);
    let whole = |total: u32| json!({"page": 1, "totalPages": 1, "total": total, "data": items(&["1", "2"])});
    let third = || vec![first(), by_token("2", "a"), by_token("3", "b")];
    for (answers, requests, told) in [
        (vec![whole(1)], vec![first()], "a total of 1"),
        (vec![whole(1)], vec![first()], "2 items were received"),
        (vec![whole(3)], vec![first()], "a total of 3"),
        (
            vec![
                json!({"page": 1, "totalPages": 2, "total": 4, "data": items(&["1", "2"])}),
                json!({"page": 2, "totalPages": 2, "total": 4, "data": items(&["3"])}),
            ],
            vec![first(), numbered("2")],
            "3 items were received",
        ),
        (
            vec![
                json!({"nextPageToken": "a", "data": one()}),
                json!({"nextPageToken": "a", "data": items(&["2"])}),
            ],
            vec![first(), by_token("2", "a")],
            "repeated a page token",
        ),
        (
            vec![
                json!({"nextPageToken": "a", "data": one()}),
                json!({"nextPageToken": "b", "data": items(&["2"])}),
                json!({"nextPageToken": "a", "data": items(&["3"])}),
            ],
            third(),
            "repeated a page token",
        ),
        (
            vec![
                json!({"page": 1, "totalPages": 3, "data": one()}),
                json!({"page": 1, "totalPages": 3, "data": one()}),
            ],
            vec![first(), numbered("2")],
            "page 2 was requested, and page 1 was received",
        ),
        (
            vec![json!({"message": "sorry"})],
            vec![first()],
            "has no `data`",
        ),
        (
            vec![json!({"page": 1, "totalPages": 1, "data": null})],
            vec![first()],
            "has no `data`",
        ),
    ] {
        let error = read(&answers, requests).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Incomplete, "{error}");
        assert_eq!(error.operation(), Some("listPartnerTasks"));
        assert!(!error.is_retryable(), "{error}");
        assert!(error.to_string().contains(told), "{error}");
    }
}

/// A client that stores no more than a cursor can stop after a page and go on later. Until its
/// items are wanted, no page is requested.
#[tokio::test]
async fn a_stored_cursor_keeps_token_size_and_count() {
    let answers = [
        json!({"page": 1, "totalPages": 2, "total": 3, "nextPageToken": "a", "data": items(&["1", "2"])}),
        json!({"page": 2, "totalPages": 2, "total": 3, "nextPageToken": null, "data": items(&["3"])}),
    ];
    let [one, two] = answers;
    let service = pages(&[one]).await;
    let page = service
        .client()
        .tasks()
        .list()
        .page_size(2)
        .page()
        .await
        .unwrap();
    assert_eq!((page.number, page.total), (1, Some(3)));
    assert_eq!(service.seen().len(), 2, "the sign-in and the first page");
    let stored = serde_json::to_string(&page.next.unwrap()).unwrap();

    let service = pages(&[two]).await;
    let cursor: Cursor = serde_json::from_str(&stored).unwrap();
    let rest = service
        .client()
        .tasks()
        .list()
        .resume_from(cursor)
        .collect()
        .await
        .unwrap();
    assert_eq!(ids(&rest), ["3"]);
    service.assert_saw([Request::sign_in(), by_token("2", "a")]);
}

#[tokio::test]
async fn the_page_size_of_the_client_holds_for_its_lists() {
    let service = pages(&[json!([])]).await;
    let client = service.builder().page_size(7).build().unwrap();
    client.tasks().list().collect().await.unwrap();
    let asked = Request::get(TASKS).query([("pageSize", "7")]);
    service.assert_saw([Request::sign_in(), asked]);
}

#[tokio::test]
async fn a_size_or_concurrency_that_cannot_be_is_refused_and_nothing_is_sent() {
    let service = Service::answering([]);
    let client = service.client();
    let list = || client.tasks().list();
    for (list, named) in [
        (list().page_size(0), "page size"),
        (list().concurrency(0), "concurrency is 0"),
        (list().concurrency(65), "concurrency is 65"),
        // The first mistake is the one that is reported, and a later setting does not mend it.
        (list().page_size(0).page_size(10), "page size"),
    ] {
        let error = list.collect().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput, "{error}");
        assert!(error.to_string().contains(named), "{error}");
    }
    let error = list().page_size(0).page().await.unwrap_err();
    assert_eq!(error.operation(), Some("listPartnerTasks"));
    service.assert_saw([]);
}

/// The service no longer knows the token of a stored cursor.
#[tokio::test]
async fn a_refused_page_token_says_to_start_over() {
    for status in [400, 404, 410, 422] {
        let one = json!({"nextPageToken": "a", "data": items(&["1"])});
        let answers = [Answer::ok(&one), Answer::spring(status, "no such token")];
        let service = Service::signed_in(answers);
        let list = || service.client().tasks().list().prefetch(false);
        let cursor = list().page().await.unwrap().next.unwrap();
        let error = list().resume_from(cursor).collect().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidCursor, "{error}");
        assert!(error.to_string().contains("start over"), "{error}");
        assert!(error.to_string().contains("no such token"), "{error}");
        assert_eq!(status_of(&error), Some(status));
    }
}
