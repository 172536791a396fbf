use super::*;
use crate::ErrorKind;
use cloudally_gen::operations::LIST_PARTNER_TASKS;
use futures_util::StreamExt;
use futures_util::future::ready;
use serde_json::{Value, json};
use std::collections::VecDeque;
use std::sync::Mutex;

/// A list whose pages are these, in order; what is asked for is noted.
fn list(pages: Vec<Value>) -> (List<u32>, Arc<Mutex<Vec<Cursor>>>) {
    let asked = Arc::new(Mutex::new(Vec::new()));
    let pages = Mutex::new(VecDeque::from(pages));
    let log = Arc::clone(&asked);
    let list = List::new(
        &LIST_PARTNER_TASKS,
        2,
        |_| None,
        move |cursor| {
            log.lock().unwrap().push(cursor);
            let page = pages
                .lock()
                .unwrap()
                .pop_front()
                .expect("a page too many was asked for");
            Box::pin(ready(match page {
                Value::Null => Err(Error::new(ErrorKind::Server, "x")),
                page => Ok(serde_json::from_value(page).unwrap()),
            }))
        },
    );
    (list, asked)
}

async fn read(pages: Vec<Value>) -> Result<Vec<u32>, String> {
    list(pages).0.all().await.map_err(|error| error.to_string())
}

#[tokio::test]
async fn a_list_ends_where_the_service_says_so() {
    for (pages, expected) in [
        (vec![json!([1, 2])], vec![1, 2]),
        (
            vec![json!({"page": 0, "totalPages": 0, "total": 0, "data": []})],
            vec![],
        ),
        (
            vec![json!({"page": 0, "totalPages": 0, "total": 0, "data": null})],
            vec![],
        ),
        (
            vec![
                json!({"page": 1, "totalPages": 3, "total": 3, "nextPageToken": null, "data": [1, 2]}),
                json!({"page": 2, "totalPages": 3, "total": 3, "nextPageToken": null, "data": []}),
                json!({"page": 3, "totalPages": 3, "total": 3, "nextPageToken": null, "data": [3]}),
            ],
            vec![1, 2, 3],
        ),
        (
            vec![
                json!({"nextPageToken": "a", "data": [1]}),
                json!({"nextPageToken": "b", "data": []}),
                json!({"nextPageToken": "", "data": [2]}),
            ],
            vec![1, 2],
        ),
    ] {
        assert_eq!(read(pages.clone()).await, Ok(expected), "{pages:?}");
    }
}

#[tokio::test]
async fn a_broken_list_is_an_error_and_ends() {
    for (pages, word) in [
        (vec![json!({"message": "sorry"})], "without `data`"),
        (
            vec![json!({"page": 1, "totalPages": 1, "total": 5, "data": [1]})],
            "5 items",
        ),
        (
            vec![
                json!({"page": 1, "totalPages": 2, "data": [1]}),
                json!({"page": 1, "totalPages": 2, "data": [1]}),
            ],
            "page 2 was asked for, and page 1 came",
        ),
        (
            vec![
                json!({"nextPageToken": "a", "data": [1]}),
                json!({"nextPageToken": "b", "data": [2]}),
                json!({"nextPageToken": "a", "data": [3]}),
            ],
            "repeated a page token",
        ),
    ] {
        let (list, _) = list(pages);
        let mut items = list.items();
        let error = loop {
            match items.next().await.unwrap() {
                Ok(_) => {}
                Err(error) => break error,
            }
        };
        assert_eq!(error.kind(), ErrorKind::Incomplete);
        assert!(error.to_string().contains(word), "{error}");
        assert!(items.next().await.is_none());
    }
}

#[tokio::test]
async fn after_an_error_the_same_page_is_asked_for_again() {
    let (list, asked) = list(vec![
        json!({"nextPageToken": "a", "data": [1]}),
        Value::Null,
        json!({"nextPageToken": null, "data": [2], "total": 2}),
    ]);
    let read: Vec<_> = list.items().map(|item| item.ok()).collect().await;
    assert_eq!(read, [Some(1), None, Some(2)]);
    let asked = asked.lock().unwrap();
    assert_eq!(asked[1], asked[2]);
    assert_eq!(
        (asked[1].page, asked[1].token.as_deref(), asked[1].seen),
        (2, Some("a"), 1)
    );
}

#[tokio::test]
async fn a_stored_cursor_goes_on_and_still_counts_the_whole() {
    let (first, _) = list(vec![
        json!({"page": 1, "totalPages": 2, "total": 3, "data": [1, 2]}),
    ]);
    let cursor = first.page().await.unwrap().next.unwrap();
    let cursor: Cursor = serde_json::from_str(&serde_json::to_string(&cursor).unwrap()).unwrap();
    let (rest, asked) = list(vec![
        json!({"page": 2, "totalPages": 2, "total": 3, "data": [3]}),
    ]);
    assert_eq!(rest.start_at(cursor).all().await.unwrap(), [3]);
    assert_eq!(asked.lock().unwrap()[0].number(), Some(2));
}

#[tokio::test]
async fn nothing_is_asked_for_beyond_what_is_consumed() {
    let (list, asked) = list(vec![json!({"nextPageToken": "a", "data": [1]})]);
    let mut items = list.prefetch(false).items();
    assert_eq!(items.next().await.unwrap().unwrap(), 1);
    drop(items);
    assert_eq!(asked.lock().unwrap().len(), 1);
}

#[tokio::test]
async fn what_a_page_leaves_out_is_as_the_page_before_said() {
    let pages = vec![
        json!({"page": 1, "totalPages": 3, "total": 5, "data": [1, 2]}),
        json!({"data": [3, 4]}),
        json!({"data": [5]}),
    ];
    assert_eq!(read(pages).await, Ok(vec![1, 2, 3, 4, 5]));
    let short = vec![
        json!({"page": 1, "totalPages": 2, "total": 5, "data": [1, 2]}),
        json!({"data": [3, 4]}),
    ];
    assert!(read(short).await.unwrap_err().contains("5 items"));
}

#[tokio::test]
async fn a_list_that_holds_more_than_its_total_ends_at_once() {
    let pages = vec![
        json!({"nextPageToken": "a", "total": 3, "data": [1, 2]}),
        json!({"nextPageToken": "b", "total": 3, "data": [3, 4]}),
    ];
    let (list, _) = list(pages);
    let read: Vec<_> = list.prefetch(false).items().collect().await;
    assert_eq!(read.len(), 5, "four items, and then the error");
    assert_eq!(
        read.last().unwrap().as_ref().unwrap_err().kind(),
        ErrorKind::Incomplete
    );
}
