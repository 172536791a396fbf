//! Lists: which pages are asked for, which are not, and when a list is not complete.

use cloudally::types::Task;
use cloudally::{Cursor, ErrorKind, RetryPolicy};
use cloudally_contract::answer::Answer;
use cloudally_contract::request::Request;
use cloudally_contract::service::Service;
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

async fn broken(answers: &[Value], asked: Vec<Request>) -> String {
    let error = read(answers, asked).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Incomplete, "{error}");
    assert_eq!(error.operation(), Some("listPartnerTasks"));
    assert!(!error.is_retryable(), "{error}");
    error.to_string()
}

#[tokio::test]
async fn a_list_that_pages_by_token_is_followed_by_token_and_number() {
    let answers = [
        json!({"page": 1, "totalPages": 3, "total": 5, "nextPageToken": "a", "data": items(&["1", "2"])}),
        json!({"page": 2, "totalPages": 3, "total": 5, "nextPageToken": "b", "data": items(&["3", "4"])}),
        json!({"page": 3, "totalPages": 3, "total": 5, "nextPageToken": null, "data": items(&["5"])}),
    ];
    let asked = vec![first(), by_token("2", "a"), by_token("3", "b")];
    assert_eq!(
        ids(&read(&answers, asked).await.unwrap()),
        ["1", "2", "3", "4", "5"]
    );
}

#[tokio::test]
async fn a_token_leads_on_even_where_no_number_does() {
    let answers = [
        json!({"nextPageToken": "a", "data": items(&["1"])}),
        json!({"nextPageToken": "", "data": items(&["2"])}),
    ];
    let asked = vec![first(), by_token("2", "a")];
    assert_eq!(ids(&read(&answers, asked).await.unwrap()), ["1", "2"]);
}

#[tokio::test]
async fn a_list_that_pages_by_number_is_followed_by_number_alone() {
    let answers = [
        json!({"page": 1, "totalPages": 2, "total": 3, "nextPageToken": null, "data": items(&["1", "2"])}),
        json!({"page": 2, "totalPages": 2, "total": 3, "nextPageToken": null, "data": items(&["3"])}),
    ];
    let asked = vec![first(), numbered("2")];
    assert_eq!(ids(&read(&answers, asked).await.unwrap()), ["1", "2", "3"]);
}

#[tokio::test]
async fn an_empty_page_in_the_middle_does_not_end_the_list() {
    let answers = [
        json!({"page": 1, "totalPages": 3, "total": 2, "data": items(&["1"])}),
        json!({"page": 2, "totalPages": 3, "total": 2, "data": []}),
        json!({"page": 3, "totalPages": 3, "total": 2, "data": items(&["2"])}),
    ];
    let asked = vec![first(), numbered("2"), numbered("3")];
    assert_eq!(ids(&read(&answers, asked).await.unwrap()), ["1", "2"]);

    let answers = [
        json!({"nextPageToken": "a", "data": []}),
        json!({"nextPageToken": null, "data": items(&["1"])}),
    ];
    let asked = vec![first(), by_token("2", "a")];
    assert_eq!(ids(&read(&answers, asked).await.unwrap()), ["1"]);
}

#[tokio::test]
async fn a_bare_array_is_the_whole_list() {
    assert_eq!(
        ids(&read(&[items(&["1"])], vec![first()]).await.unwrap()),
        ["1"]
    );
    // A full one may be a page of several: what comes next tells.
    for next in [json!([]), items(&["1", "2"])] {
        let answers = [items(&["1", "2"]), next];
        let read = read(&answers, vec![first(), numbered("2")]).await.unwrap();
        assert_eq!(ids(&read), ["1", "2"]);
    }
    assert!(read(&[json!([])], vec![first()]).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_list_of_no_pages_is_empty() {
    for data in [json!([]), json!(null)] {
        let answer =
            json!({"page": 0, "totalPages": 0, "total": 0, "nextPageToken": null, "data": data});
        assert!(read(&[answer], vec![first()]).await.unwrap().is_empty());
    }
}

#[tokio::test]
async fn a_list_without_any_number_ends_with_its_first_page() {
    let answer = json!({"data": items(&["1"])});
    assert_eq!(ids(&read(&[answer], vec![first()]).await.unwrap()), ["1"]);
}

#[tokio::test]
async fn a_list_that_holds_more_or_less_than_it_says_is_not_complete() {
    for total in [1, 3] {
        let answer =
            json!({"page": 1, "totalPages": 1, "total": total, "data": items(&["1", "2"])});
        let error = broken(&[answer], vec![first()]).await;
        assert!(
            error.contains(&format!("a total of {total}"))
                && error.contains("2 items were received"),
            "{error}"
        );
    }
    let answers = [
        json!({"page": 1, "totalPages": 2, "total": 4, "data": items(&["1", "2"])}),
        json!({"page": 2, "totalPages": 2, "total": 4, "data": items(&["3"])}),
    ];
    let error = broken(&answers, vec![first(), numbered("2")]).await;
    assert!(error.contains("3 items were received"), "{error}");
}

#[tokio::test]
async fn a_token_that_comes_again_is_not_followed() {
    let again = [
        json!({"nextPageToken": "a", "data": items(&["1"])}),
        json!({"nextPageToken": "a", "data": items(&["2"])}),
    ];
    let error = broken(&again, vec![first(), by_token("2", "a")]).await;
    assert!(error.contains("repeated a page token"), "{error}");

    let in_a_circle = [
        json!({"nextPageToken": "a", "data": items(&["1"])}),
        json!({"nextPageToken": "b", "data": items(&["2"])}),
        json!({"nextPageToken": "a", "data": items(&["3"])}),
    ];
    let asked = vec![first(), by_token("2", "a"), by_token("3", "b")];
    let error = broken(&in_a_circle, asked).await;
    assert!(error.contains("repeated a page token"), "{error}");
}

#[tokio::test]
async fn a_page_that_was_not_asked_for_breaks_the_list() {
    let answers = [
        json!({"page": 1, "totalPages": 3, "data": items(&["1"])}),
        json!({"page": 1, "totalPages": 3, "data": items(&["1"])}),
    ];
    let error = broken(&answers, vec![first(), numbered("2")]).await;
    assert!(
        error.contains("page 2 was requested, and page 1 was received"),
        "{error}"
    );
}

#[tokio::test]
async fn an_answer_without_data_is_no_empty_list() {
    for answer in [
        json!({"message": "sorry"}),
        json!({"page": 1, "totalPages": 1, "data": null}),
    ] {
        let error = broken(&[answer], vec![first()]).await;
        assert!(error.contains("has no `data`"), "{error}");
    }
}

#[tokio::test]
async fn no_page_is_asked_for_before_its_items_are_wanted() {
    let one = json!({"page": 1, "totalPages": 2, "data": items(&["1", "2"])});
    let two = json!({"page": 2, "totalPages": 2, "data": items(&["3"])});
    let script = [&one, &one, &two].map(Answer::ok);
    let service = Service::signed_in(script);

    let client = service.client();
    let mut stream = client.tasks().list().page_size(2).items();
    for expected in ["1", "2"] {
        let task = stream.try_next().await.unwrap().unwrap();
        assert_eq!(task.id.as_ref().map(|id| id.as_str()), Some(expected));
    }
    drop(stream);
    assert_eq!(service.seen().len(), 2, "the sign-in and the first page");

    let page = client.tasks().list().page_size(2).page().await.unwrap();
    assert_eq!((page.number, page.items.len()), (1, 2));
    assert_eq!(service.seen().len(), 3);

    let rest = client.tasks().list().resume_from(page.next.unwrap());
    assert_eq!(ids(&rest.collect().await.unwrap()), ["3"]);
    let first = || Request::get(TASKS).query([("pageSize", "2")]);
    let second = Request::get(TASKS).query([("page", "2"), ("pageSize", "2")]);
    service.assert_saw([Request::sign_in(), first(), first(), second]);
}

#[tokio::test]
async fn after_a_failure_that_may_pass_the_list_goes_on_from_the_page_that_failed() {
    let script = [
        Answer::ok(&json!({"nextPageToken": "a", "total": 2, "data": items(&["1"])})),
        Answer::empty(503),
        Answer::ok(&json!({"nextPageToken": null, "total": 2, "data": items(&["2"])})),
    ];
    let service = Service::signed_in(script);
    let mut stream = service
        .client()
        .with_retry_policy(RetryPolicy::never())
        .tasks()
        .list()
        .page_size(2)
        .items();
    let item = stream.try_next().await.unwrap().unwrap();
    assert_eq!(ids(&[item]), ["1"]);
    assert_eq!(
        stream.try_next().await.unwrap_err().kind(),
        ErrorKind::Server
    );
    let item = stream.try_next().await.unwrap().unwrap();
    assert_eq!(ids(&[item]), ["2"]);
    assert!(stream.try_next().await.unwrap().is_none());
    let again = by_token("2", "a");
    service.assert_saw([Request::sign_in(), first(), again.clone(), again]);
}

#[tokio::test]
async fn a_failure_that_will_not_pass_ends_the_list() {
    let script = [
        Answer::ok(&json!({"nextPageToken": "a", "total": 2, "data": items(&["1"])})),
        Answer::empty(403),
    ];
    let service = Service::signed_in(script);
    let mut stream = service.client().tasks().list().page_size(2).items();
    assert!(stream.try_next().await.unwrap().is_some());
    let error = stream.try_next().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Forbidden);
    assert!(stream.try_next().await.unwrap().is_none());
    service.assert_saw([Request::sign_in(), first(), by_token("2", "a")]);
}

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
        assert_eq!(error.status().map(u16::from), Some(status));
    }
}
