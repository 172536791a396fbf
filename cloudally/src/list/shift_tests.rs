//! Lists that shift while they are read, that report little about their end, or that fail: each is
//! read to its end, or the loss is reported.

use std::borrow::Cow;

use futures_util::StreamExt;
use serde_json::{Value, json};

use super::tests::{list, list_by};
use super::*;
use crate::ErrorKind;

const WITH_ID: Key<u32> = Key::id(|item| Some(Cow::Owned(item.to_string())));
const WITHOUT_ID: Key<u32> = Key::whole();

fn page(page: u64, total_pages: u64, total: u64, data: &[u32]) -> Value {
    json!({"page": page, "totalPages": total_pages, "total": total, "data": data})
}

async fn read(key: Key<u32>, pages: Vec<Value>) -> Result<Vec<u32>, Error> {
    list_by(key, pages).0.collect().await
}

#[tokio::test]
async fn duplicates_hide_no_loss() {
    // The total never grew, so a duplicate took the place of another item.
    let pages = vec![page(1, 2, 4, &[1, 2]), page(2, 2, 4, &[2, 3])];
    let error = read(WITH_ID, pages).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Incomplete);
    let counts = error.counts().unwrap();
    assert_eq!(
        (counts.received, counts.duplicates, counts.total),
        (4, 1, Some(4))
    );
    assert!(
        error
            .to_string()
            .contains("4 items were received, 1 of them twice"),
        "{error}"
    );
}

#[tokio::test]
async fn an_added_item_shifts_others_and_loses_none() {
    for (key, total) in [(WITH_ID, 5), (WITHOUT_ID, 5), (WITH_ID, 4)] {
        // The service counts the added item, or not yet.
        let pages = vec![
            page(1, 2, 4, &[1, 2]),
            page(2, 3, total, &[2, 3]),
            page(3, 3, total, &[4]),
        ];
        let mut items = list_by(key, pages).0.items();
        let mut read = Vec::new();
        while let Some(item) = items.next().await {
            read.push(item.unwrap());
        }
        assert_eq!(
            (read, items.duplicates()),
            (vec![1, 2, 3, 4], 1),
            "{key:?} {total}"
        );
    }
}

#[tokio::test]
async fn a_list_that_grew_by_a_page_is_no_circle() {
    let pages = vec![
        page(1, 2, 4, &[1, 2]),
        page(2, 3, 6, &[1, 2]),
        page(3, 3, 6, &[3, 4]),
    ];
    for key in [WITH_ID, WITHOUT_ID] {
        assert_eq!(
            read(key, pages.clone()).await.unwrap(),
            [1, 2, 3, 4],
            "{key:?}"
        );
    }
}

#[tokio::test]
async fn items_without_an_id_may_be_the_same() {
    let pages = vec![page(1, 2, 4, &[7, 7]), page(2, 2, 4, &[7, 8])];
    assert_eq!(read(WITHOUT_ID, pages).await.unwrap(), [7, 7, 7, 8]);
    let pages = vec![page(1, 2, 2, &[7]), page(2, 2, 2, &[7])];
    assert_eq!(read(WITHOUT_ID, pages).await.unwrap(), [7, 7]);
}

#[tokio::test]
async fn an_item_that_is_twice_on_a_page_is_delivered_twice() {
    let pages = vec![json!({"totalPages": 1, "data": [1, 1, 2]})];
    assert_eq!(read(WITH_ID, pages).await.unwrap(), [1, 1, 2]);
}

#[tokio::test]
async fn a_repeated_page_is_an_error_whatever_the_total() {
    let token = |token: &str, data: &[u32]| json!({"nextPageToken": token, "data": data});
    for key in [WITH_ID, WITHOUT_ID] {
        for pages in [
            vec![page(1, 3, 6, &[1, 2]), page(2, 3, 6, &[1, 2])],
            vec![
                json!({"page": 1, "totalPages": 3, "data": [1, 2]}),
                json!({"page": 2, "totalPages": 3, "data": [1, 2]}),
            ],
            vec![
                token("a", &[1, 2]),
                token("b", &[3, 4]),
                token("c", &[1, 2]),
            ],
        ] {
            let list = list_by(key, pages.clone()).0.prefetch(false);
            let error = list.collect().await.unwrap_err();
            assert!(
                error.to_string().contains("repeated a page, so"),
                "{pages:?}: {error}"
            );
        }
    }
}

#[tokio::test]
async fn a_service_that_reports_no_end_is_asked_until_it_has_no_more() {
    for (pages, expected) in [
        (vec![json!([1, 2]), json!([])], vec![1, 2]),
        (vec![json!([1, 2]), json!([3])], vec![1, 2, 3]),
        // It does not page at all.
        (vec![json!([1, 2]), json!([1, 2])], vec![1, 2]),
        (
            vec![
                json!({"data": [1, 2]}),
                json!({"data": [3, 4]}),
                json!({"data": []}),
            ],
            vec![1, 2, 3, 4],
        ),
        (
            vec![
                json!({"total": 3, "data": [1, 2]}),
                json!({"total": 3, "data": [3]}),
            ],
            vec![1, 2, 3],
        ),
    ] {
        for key in [WITH_ID, WITHOUT_ID] {
            assert_eq!(
                read(key, pages.clone()).await.unwrap(),
                expected,
                "{pages:?}"
            );
        }
    }
    let short = vec![
        json!({"total": 3, "data": [1, 2]}),
        json!({"total": 3, "data": []}),
    ];
    assert_eq!(
        read(WITH_ID, short).await.unwrap_err().kind(),
        ErrorKind::Incomplete
    );
}

#[tokio::test]
async fn removed_pages_are_reported() {
    let pages = vec![
        json!({"page": 1, "totalPages": 3, "data": [1, 2]}),
        json!({"page": 2, "totalPages": 2, "data": [4, 5]}),
    ];
    let error = read(WITH_ID, pages).await.unwrap_err();
    assert!(error.to_string().contains("fewer pages"), "{error}");
}

#[tokio::test]
async fn a_list_may_grow_behind_an_empty_page() {
    let pages = vec![
        page(1, 3, 4, &[1, 2]),
        page(2, 3, 4, &[]),
        page(3, 4, 5, &[2, 3]),
        page(4, 4, 5, &[4]),
    ];
    assert_eq!(read(WITH_ID, pages).await.unwrap(), [1, 2, 3, 4]);
}

#[tokio::test]
async fn endless_empty_pages_are_an_error() {
    let empty = |at: usize| json!({"nextPageToken": at.to_string(), "data": []});
    let error = read(WITH_ID, (0..200).map(empty).collect())
        .await
        .unwrap_err();
    assert!(error.to_string().contains("in a row were empty"), "{error}");
}

#[tokio::test]
async fn a_cursor_finds_its_position_after_items_were_added_or_removed() {
    for (pages, expected) in [
        // Nothing happened, one was added before, one was removed before.
        (vec![page(2, 2, 4, &[3, 4])], vec![4]),
        (vec![page(2, 3, 5, &[2, 3]), page(3, 3, 5, &[4])], vec![4]),
        (vec![page(2, 2, 4, &[4, 5])], vec![5]),
    ] {
        let begun = vec![page(1, 2, 4, &[1, 2]), page(2, 2, 4, &[3, 4])];
        let mut items = list_by(WITH_ID, begun).0.prefetch(false).items();
        for _ in 0..3 {
            items.next().await.unwrap().unwrap();
        }
        let cursor = serde_json::to_string(&items.cursor().unwrap()).unwrap();
        let cursor = serde_json::from_str(&cursor).unwrap();
        let rest = list_by(WITH_ID, pages.clone())
            .0
            .resume_from(cursor)
            .collect()
            .await;
        assert_eq!(rest.unwrap(), expected, "{pages:?}");
    }
}

#[tokio::test]
async fn a_cursor_keeps_its_page_size_and_its_list() {
    let begun = vec![page(1, 2, 4, &[1, 2])];
    let cursor = list(begun).0.page().await.unwrap().next.unwrap();
    let (rest, requested) = list(vec![page(2, 2, 4, &[3, 4])]);
    let rest = rest.resume_from(cursor.clone()).page_size(10);
    assert_eq!(rest.collect().await.unwrap(), [3, 4]);
    assert_eq!(requested.lock().unwrap()[0].page_size, 2);

    let mut other = cursor;
    other.position.subject = Some("P-2".to_owned());
    let error = list(vec![]).0.resume_from(other).page().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidCursor);
}

#[tokio::test]
async fn a_failure_for_good_ends_the_stream_and_its_cursor_stays() {
    let page_two = json!({"page": 2, "totalPages": 2, "total": 4, "data": "odd"});
    let mut items = list(vec![page(1, 2, 4, &[1, 2]), page_two]).0.items();
    let read: Vec<_> = items.by_ref().take(10).collect().await;
    assert_eq!((read.len(), read[2].is_err()), (3, true));
    let cursor = items.cursor().unwrap();
    let rest = list(vec![page(2, 2, 4, &[3, 4])]).0.resume_from(cursor);
    assert_eq!(rest.collect().await.unwrap(), [3, 4]);
}

#[tokio::test]
async fn a_consumer_that_ignores_errors_comes_to_an_end() {
    let failing = vec![
        page(1, 2, 4, &[1, 2]),
        Value::Null,
        Value::Null,
        Value::Null,
    ];
    let (list, requested) = list(failing);
    let mut items = list.items();
    let read: Vec<_> = items
        .by_ref()
        .filter_map(|item| std::future::ready(item.ok()))
        .collect()
        .await;
    assert_eq!((read, requested.lock().unwrap().len()), (vec![1, 2], 4));
    assert_eq!(items.cursor().unwrap().position.page, 2);
}
