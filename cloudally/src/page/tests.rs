use super::*;
use crate::ErrorKind;
use cloudally_gen::operations::LIST_PARTNER_TASKS;
use futures_util::StreamExt;
use futures_util::future::ready;
use serde_json::{Value, json};
use std::collections::VecDeque;
use std::sync::Mutex;

/// A list whose pages are these, in order; what is asked for is noted.
pub(super) fn list(pages: Vec<Value>) -> (List<u32>, Arc<Mutex<Vec<Cursor>>>) {
    list_by(Key::Whole(key::hash), pages)
}

/// The same, with a key by which items are known again.
pub(super) fn list_by(key: Key<u32>, pages: Vec<Value>) -> (List<u32>, Arc<Mutex<Vec<Cursor>>>) {
    let asked = Arc::new(Mutex::new(Vec::new()));
    let pages = Mutex::new(VecDeque::from(pages));
    let log = Arc::clone(&asked);
    let list = List::new(&LIST_PARTNER_TASKS, None, 2, key, move |cursor| {
        log.lock().unwrap().push(cursor);
        let page = pages
            .lock()
            .unwrap()
            .pop_front()
            .expect("a page too many was asked for");
        Box::pin(ready(match page {
            Value::Null => Err(Error::new(ErrorKind::Server, "x").into()),
            page => decoded(&page),
        }))
    });
    (list, asked)
}

fn decoded(page: &Value) -> Result<Response<RawPage<u32>>, Failed> {
    match serde_json::from_value(page.clone()) {
        Ok(page) => Ok(Response::new(page, Head::default())),
        Err(_) => Err(Failed {
            error: Error::new(ErrorKind::Decode, "x"),
            head: Some(Box::default()),
            body: page.to_string().into(),
        }),
    }
}

async fn read(pages: Vec<Value>) -> Result<Vec<u32>, String> {
    list(pages).0.all().await.map_err(|error| error.to_string())
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
        (vec![json!({"message": "sorry"})], "without `data`"),
        (
            vec![json!({"page": 1, "totalPages": 1, "total": 5, "data": [1]})],
            "a total of 5",
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
    assert!(read(short).await.unwrap_err().contains("a total of 5"));
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

/// What was left out, told in order.
fn told() -> (
    Arc<Mutex<Vec<String>>>,
    impl Fn(&BadItem) + Send + Sync + 'static,
) {
    let log = Arc::new(Mutex::new(Vec::new()));
    let told = Arc::clone(&log);
    let tell = move |bad: &BadItem| told.lock().unwrap().push(bad.path.clone());
    (log, tell)
}

fn with_bad_items() -> Vec<Value> {
    vec![
        json!({"page": 1, "totalPages": 3, "total": 8, "data": [1, "x", 3]}),
        json!({"page": 2, "totalPages": 3, "total": 8, "data": [4, 5, 6]}),
        json!({"page": 3, "totalPages": 3, "total": 8, "data": [null, 8]}),
    ]
}

#[tokio::test]
async fn bad_items_are_an_error_unless_they_are_to_be_skipped_and_told() {
    assert!(list(with_bad_items()).0.all().await.is_err());
    let (log, tell) = told();
    let all = list(with_bad_items()).0.skip_bad_items(tell).all().await;
    assert_eq!(all.unwrap(), [1, 3, 4, 5, 6, 8]);
    assert_eq!(*log.lock().unwrap(), ["data[1]", "data[0]"]);

    let page = list(with_bad_items()).0.skip_bad_items(|_| {}).page().await;
    let page = page.unwrap();
    assert_eq!((page.items, page.bad.len()), (vec![1, 3], 1));
}

#[tokio::test]
async fn what_is_no_page_at_all_is_an_error_even_then() {
    for page in [
        json!({"data": 7}),
        json!(7),
        json!({"total": {}, "data": [1]}),
    ] {
        let list = list(vec![page]).0.skip_bad_items(|_| {});
        assert_eq!(list.all().await.unwrap_err().kind(), ErrorKind::Decode);
    }
}

/// Wherever a list is left, a cursor goes on with the rest. A bad item is told with its page, so those of the page that was
/// left in the middle may be told again.
#[tokio::test]
async fn a_cursor_counts_bad_items_and_leaves_none_untold() {
    for taken in 0..=6 {
        let (log, tell) = told();
        let (again, tell_again) = told();
        let mut items = list(with_bad_items())
            .0
            .prefetch(false)
            .skip_bad_items(tell)
            .items();
        let mut seen = Vec::new();
        while seen.len() < taken {
            seen.push(items.next().await.unwrap().unwrap());
        }
        if let Some(cursor) = items.cursor() {
            let left = usize::try_from(cursor.page - 1).unwrap();
            let pages = with_bad_items().split_off(left);
            let rest = list(pages).0.start_at(cursor).skip_bad_items(tell_again);
            seen.extend(rest.all().await.unwrap());
        }
        assert_eq!(seen, [1, 3, 4, 5, 6, 8], "{taken}");
        let told: Vec<_> = [&log, &again]
            .iter()
            .flat_map(|log| log.lock().unwrap().clone())
            .collect();
        let left_mid_page = taken == 1;
        let expected: &[&str] = if left_mid_page {
            &["data[1]", "data[1]", "data[0]"]
        } else {
            &["data[1]", "data[0]"]
        };
        assert_eq!(told, expected, "{taken}");
    }
}

#[tokio::test]
async fn bad_items_count_for_a_limit() {
    for (limit, expected) in [
        (1, vec![1]),
        (2, vec![1]),
        (3, vec![1, 3]),
        (4, vec![1, 3, 4]),
    ] {
        let all = list(with_bad_items())
            .0
            .limit(limit)
            .skip_bad_items(|_| {})
            .all()
            .await;
        assert_eq!(all.unwrap(), expected, "{limit}");
    }
}

#[tokio::test]
async fn what_was_on_the_page_before_is_known_again_beside_bad_items() {
    let pages = vec![
        json!({"page": 1, "totalPages": 2, "total": 5, "data": [1, 2]}),
        json!({"page": 2, "totalPages": 2, "total": 5, "data": ["x", 2, 3, 4]}),
    ];
    let key = Key::Id(|item: &u32| key::hash(item));
    let mut pages = list_by(key, pages).0.skip_bad_items(|_| {}).pages();
    let first = pages.next().await.unwrap().unwrap();
    let second = pages.next().await.unwrap().unwrap();
    assert_eq!((first.items, second.items), (vec![1, 2], vec![3, 4]));
    assert_eq!((second.repeated, second.bad.len()), (1, 1));
    assert!(pages.next().await.is_none());
}
