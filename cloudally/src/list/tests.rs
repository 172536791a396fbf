use super::*;
use crate::attempt::FailedCall;
use crate::{ErrorKind, ResponseParts};
use cloudally_gen::operations::LIST_PARTNER_TASKS;
use cloudally_gen::page::Page as RawPage;
use futures_util::StreamExt;
use futures_util::future::ready;
use serde_json::{Value, json};
use std::collections::VecDeque;
use std::sync::{LazyLock, Mutex};

/// A client that sends nothing, for lists whose pages are made here.
pub(super) fn client() -> Client {
    static CLIENT: LazyLock<Client> = LazyLock::new(|| {
        let credentials = crate::Credentials::access_token("t");
        let builder = Client::builder().base_url("http://127.0.0.1:1");
        builder.credentials(credentials).build().unwrap()
    });
    CLIENT.clone()
}

/// A list with these pages in order, and the positions that are requested.
pub(super) fn list(pages: Vec<Value>) -> (ListRequest<u32>, Arc<Mutex<Vec<Position>>>) {
    list_by(Key::whole(), pages)
}

/// The same, with a key by which items are recognised.
pub(super) fn list_by(
    key: Key<u32>,
    pages: Vec<Value>,
) -> (ListRequest<u32>, Arc<Mutex<Vec<Position>>>) {
    let requested = Arc::new(Mutex::new(Vec::new()));
    let pages = Mutex::new(VecDeque::from(pages));
    let log = Arc::clone(&requested);
    let client = client();
    let list = ListRequest::new(
        &client,
        &LIST_PARTNER_TASKS,
        None,
        key,
        move |_, position| {
            log.lock().unwrap().push(position);
            let page = pages
                .lock()
                .unwrap()
                .pop_front()
                .expect("more pages were requested than there are");
            Box::pin(ready(match page {
                Value::Null => Err(Error::new(ErrorKind::Server, "x").into()),
                page => decoded(&page),
            }))
        },
    );
    (list.page_size(2), requested)
}

fn decoded(page: &Value) -> Result<Response<RawPage<u32>>, FailedCall> {
    match serde_json::from_value(page.clone()) {
        Ok(page) => Ok(Response::new(page, ResponseParts::default())),
        Err(_) => Err(FailedCall {
            error: Error::new(ErrorKind::Decode, "x"),
            parts: Some(Box::default()),
            body: page.to_string().into(),
            is_foreign: false,
            is_stale: false,
        }),
    }
}

async fn read(pages: Vec<Value>) -> Result<Vec<u32>, String> {
    list(pages)
        .0
        .collect()
        .await
        .map_err(|error| error.to_string())
}

#[tokio::test]
async fn a_list_ends_where_the_service_says_so() {
    for (pages, expected) in [
        (vec![json!([1])], vec![1]),
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
        (vec![json!({"message": "sorry"})], "has no `data`"),
        (
            vec![json!({"page": 1, "totalPages": 1, "total": 5, "data": [1]})],
            "a total of 5",
        ),
        (
            vec![
                json!({"page": 1, "totalPages": 2, "data": [1]}),
                json!({"page": 1, "totalPages": 2, "data": [1]}),
            ],
            "page 2 was requested, and page 1 was received",
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
async fn after_an_error_the_same_page_is_requested_again() {
    let (list, requested) = list(vec![
        json!({"nextPageToken": "a", "data": [1]}),
        Value::Null,
        json!({"nextPageToken": null, "data": [2], "total": 2}),
    ]);
    let read: Vec<_> = list.items().map(|item| item.ok()).collect().await;
    assert_eq!(read, [Some(1), None, Some(2)]);
    let requested = requested.lock().unwrap();
    assert_eq!(requested[1], requested[2]);
    assert_eq!(
        (
            requested[1].page,
            requested[1].token.as_deref(),
            requested[1].received
        ),
        (2, Some("a"), 1)
    );
}

#[tokio::test]
async fn a_stored_cursor_continues_and_still_counts_the_whole() {
    let (first, _) = list(vec![
        json!({"page": 1, "totalPages": 2, "total": 3, "data": [1, 2]}),
    ]);
    let cursor = first.page().await.unwrap().next.unwrap();
    let cursor: Cursor = serde_json::from_str(&serde_json::to_string(&cursor).unwrap()).unwrap();
    let (rest, requested) = list(vec![
        json!({"page": 2, "totalPages": 2, "total": 3, "data": [3]}),
    ]);
    assert_eq!(rest.resume_from(cursor).collect().await.unwrap(), [3]);
    assert_eq!(requested.lock().unwrap()[0].number(), Some(2));
}

#[tokio::test]
async fn without_prefetch_nothing_is_requested_beyond_what_is_consumed() {
    let (list, requested) = list(vec![json!({"nextPageToken": "a", "data": [1]})]);
    let mut items = list.prefetch(false).items();
    assert_eq!(items.next().await.unwrap().unwrap(), 1);
    drop(items);
    assert_eq!(requested.lock().unwrap().len(), 1);
}

#[tokio::test]
async fn what_a_page_does_not_report_stays_as_the_previous_page_reported_it() {
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
    assert!(read(short).await.unwrap_err().contains("a total of 5"));
}

#[tokio::test]
async fn a_list_with_more_items_than_its_total_ends_at_once() {
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

/// Records the invalid items that are reported.
fn recorder() -> (
    Arc<Mutex<Vec<String>>>,
    impl Fn(&InvalidItem) + Send + Sync + 'static,
) {
    let log = Arc::new(Mutex::new(Vec::new()));
    let reported = Arc::clone(&log);
    let report = move |item: &InvalidItem| reported.lock().unwrap().push(item.path.clone());
    (log, report)
}

fn with_invalid_items() -> Vec<Value> {
    vec![
        json!({"page": 1, "totalPages": 3, "total": 8, "data": [1, "x", 3]}),
        json!({"page": 2, "totalPages": 3, "total": 8, "data": [4, 5, 6]}),
        json!({"page": 3, "totalPages": 3, "total": 8, "data": [null, 8]}),
    ]
}

#[tokio::test]
async fn invalid_items_are_an_error_unless_they_are_skipped_and_reported() {
    assert!(list(with_invalid_items()).0.collect().await.is_err());
    let (log, report) = recorder();
    let all = list(with_invalid_items())
        .0
        .skip_invalid_items(report)
        .collect()
        .await;
    assert_eq!(all.unwrap(), [1, 3, 4, 5, 6, 8]);
    assert_eq!(*log.lock().unwrap(), ["data[1]", "data[0]"]);

    let page = list(with_invalid_items())
        .0
        .skip_invalid_items(|_| {})
        .page()
        .await;
    let page = page.unwrap();
    assert_eq!((page.items, page.invalid.len()), (vec![1, 3], 1));
}

#[tokio::test]
async fn a_page_without_a_readable_envelope_is_an_error_even_then() {
    for page in [
        json!({"data": 7}),
        json!(7),
        json!({"total": {}, "data": [1]}),
    ] {
        let list = list(vec![page]).0.skip_invalid_items(|_| {});
        assert_eq!(list.collect().await.unwrap_err().kind(), ErrorKind::Decode);
    }
}

/// Wherever a list is left, a cursor continues with the rest. An invalid item is reported with its
/// page, so those of a page that was left in the middle are reported again.
#[tokio::test]
async fn a_cursor_counts_invalid_items_and_leaves_none_unreported() {
    for taken in 0..=6 {
        let (log, report) = recorder();
        let (again, report_again) = recorder();
        let mut items = list(with_invalid_items())
            .0
            .prefetch(false)
            .skip_invalid_items(report)
            .items();
        let mut seen = Vec::new();
        while seen.len() < taken {
            seen.push(items.next().await.unwrap().unwrap());
        }
        if let Some(cursor) = items.cursor() {
            let left = usize::try_from(cursor.position.page - 1).unwrap();
            let pages = with_invalid_items().split_off(left);
            let rest = list(pages)
                .0
                .resume_from(cursor)
                .skip_invalid_items(report_again);
            seen.extend(rest.collect().await.unwrap());
        }
        assert_eq!(seen, [1, 3, 4, 5, 6, 8], "{taken}");
        let reported: Vec<_> = [&log, &again]
            .iter()
            .flat_map(|log| log.lock().unwrap().clone())
            .collect();
        let left_mid_page = taken == 1;
        let expected: &[&str] = if left_mid_page {
            &["data[1]", "data[1]", "data[0]"]
        } else {
            &["data[1]", "data[0]"]
        };
        assert_eq!(reported, expected, "{taken}");
    }
}

#[tokio::test]
async fn invalid_items_count_for_a_limit() {
    for (limit, expected) in [
        (1, vec![1]),
        (2, vec![1]),
        (3, vec![1, 3]),
        (4, vec![1, 3, 4]),
    ] {
        let all = list(with_invalid_items())
            .0
            .max_items(limit)
            .skip_invalid_items(|_| {})
            .collect()
            .await;
        assert_eq!(all.unwrap(), expected, "{limit}");
    }
}

#[tokio::test]
async fn items_of_the_previous_page_are_recognised_beside_invalid_ones() {
    let pages = vec![
        json!({"page": 1, "totalPages": 2, "total": 5, "data": [1, 2]}),
        json!({"page": 2, "totalPages": 2, "total": 5, "data": ["x", 2, 3, 4]}),
    ];
    let key = Key::id(|item: &u32| Some(item.to_string().into()));
    let mut pages = list_by(key, pages).0.skip_invalid_items(|_| {}).pages();
    let first = pages.next().await.unwrap().unwrap();
    let second = pages.next().await.unwrap().unwrap();
    assert_eq!((first.items, second.items), (vec![1, 2], vec![3, 4]));
    assert_eq!((second.duplicates, second.invalid.len()), (1, 1));
    assert!(pages.next().await.is_none());
}
