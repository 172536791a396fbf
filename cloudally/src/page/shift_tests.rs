//! Lists that shift while they are read, that say little of their end, or that fail: told, or read to their end.

use futures_util::StreamExt;
use serde_json::{Value, json};

use super::tests::{list, list_by};
use super::*;

const WITH_ID: Key<u32> = Key::Id(key::hash);
const WITHOUT_ID: Key<u32> = Key::Whole(key::hash);

fn page(page: u64, total_pages: u64, total: u64, data: &[u32]) -> Value {
    json!({"page": page, "totalPages": total_pages, "total": total, "data": data})
}

async fn read(key: Key<u32>, pages: Vec<Value>) -> Result<Vec<u32>, Error> {
    list_by(key, pages).0.all().await
}

#[tokio::test]
async fn items_that_come_twice_hide_no_loss() {
    // The total never grew, so what came twice took the place of another.
    let pages = vec![page(1, 2, 4, &[1, 2]), page(2, 2, 4, &[2, 3])];
    let error = read(WITH_ID, pages).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Incomplete);
    let counts = error.counts().unwrap();
    assert_eq!(
        (counts.seen, counts.repeated, counts.total),
        (4, 1, Some(4))
    );
    assert!(
        error.to_string().contains("4 items came, 1 of them twice"),
        "{error}"
    );
}

#[tokio::test]
async fn what_was_added_moves_items_on_and_loses_none() {
    for (key, total) in [(WITH_ID, 5), (WITHOUT_ID, 5), (WITH_ID, 4)] {
        // The service counts what was added, or not yet.
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
            (read, items.repeated()),
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
async fn an_item_that_comes_twice_on_a_page_is_the_service_s_own_doing() {
    let pages = vec![json!({"totalPages": 1, "data": [1, 1, 2]})];
    assert_eq!(read(WITH_ID, pages).await.unwrap(), [1, 1, 2]);
}

#[tokio::test]
async fn a_page_that_comes_again_is_an_error_whatever_the_total() {
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
            let error = list.all().await.unwrap_err();
            assert!(
                error.to_string().contains("a page came again"),
                "{pages:?}: {error}"
            );
        }
    }
}

#[tokio::test]
async fn a_service_that_says_nothing_of_an_end_is_asked_until_it_has_no_more() {
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
async fn pages_that_were_taken_away_are_told() {
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
async fn pages_that_stay_empty_come_to_an_end() {
    let empty = |at: usize| json!({"nextPageToken": at.to_string(), "data": []});
    let error = read(WITH_ID, (0..200).map(empty).collect())
        .await
        .unwrap_err();
    assert!(error.to_string().contains("in a row were empty"), "{error}");
}

#[tokio::test]
async fn a_cursor_finds_its_place_after_items_were_added_or_taken_away() {
    for (pages, expected) in [
        // Nothing happened, one was added before, one was taken away before.
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
            .start_at(cursor)
            .all()
            .await;
        assert_eq!(rest.unwrap(), expected, "{pages:?}");
    }
}

#[tokio::test]
async fn a_cursor_keeps_its_page_size_and_its_list() {
    let begun = vec![page(1, 2, 4, &[1, 2])];
    let cursor = list(begun).0.page().await.unwrap().next.unwrap();
    let (rest, asked) = list(vec![page(2, 2, 4, &[3, 4])]);
    let rest = rest.start_at(cursor.clone()).page_size(10);
    assert_eq!(rest.all().await.unwrap(), [3, 4]);
    assert_eq!(asked.lock().unwrap()[0].page_size, 2);

    let mut other = cursor;
    other.subject = Some("P-2".to_owned());
    let error = list(vec![]).0.page_at(other).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Configuration);
}

#[tokio::test]
async fn a_failure_for_good_ends_the_stream_and_its_cursor_stays() {
    let page_two = json!({"page": 2, "totalPages": 2, "total": 4, "data": "odd"});
    let mut items = list(vec![page(1, 2, 4, &[1, 2]), page_two]).0.items();
    let read: Vec<_> = items.by_ref().take(10).collect().await;
    assert_eq!((read.len(), read[2].is_err()), (3, true));
    let cursor = items.cursor().unwrap();
    let rest = list(vec![page(2, 2, 4, &[3, 4])]).0.start_at(cursor);
    assert_eq!(rest.all().await.unwrap(), [3, 4]);
}

#[tokio::test]
async fn whoever_passes_over_errors_comes_to_an_end() {
    let failing = vec![
        page(1, 2, 4, &[1, 2]),
        Value::Null,
        Value::Null,
        Value::Null,
    ];
    let (list, asked) = list(failing);
    let mut items = list.items();
    let read: Vec<_> = items
        .by_ref()
        .filter_map(|item| std::future::ready(item.ok()))
        .collect()
        .await;
    assert_eq!((read, asked.lock().unwrap().len()), (vec![1, 2], 4));
    assert_eq!(items.cursor().unwrap().page, 2);
}
