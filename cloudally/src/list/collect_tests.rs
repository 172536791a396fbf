//! Lists that are read again because they changed while they were read.

use std::sync::Mutex;

use cloudally_gen::operations::LIST_PARTNER_TASKS;
use cloudally_gen::page::Page as RawPage;
use futures_util::future::ready;
use serde_json::{Value, json};

use super::tests::{client, list, list_by};
use super::*;
use crate::{ErrorKind, ResponseParts};

fn page(page: u64, total_pages: u64, total: u64, data: &[u32]) -> Value {
    json!({"page": page, "totalPages": total_pages, "total": total, "data": data})
}

/// An item is removed between the two pages.
fn shrinking() -> [Value; 2] {
    [page(1, 2, 4, &[1, 2]), page(2, 2, 3, &[4])]
}

fn whole() -> [Value; 2] {
    [page(1, 2, 3, &[2, 3]), page(2, 2, 3, &[4])]
}

#[tokio::test]
async fn a_list_that_shrank_is_read_again_from_its_start() {
    let (list, requested) = list([shrinking(), whole()].concat());
    let items = list.prefetch(false).collect().restarts(1).await;
    assert_eq!(items.unwrap(), [2, 3, 4]);
    let requested: Vec<_> = requested.lock().unwrap().iter().map(|at| at.page).collect();
    assert_eq!(requested, [1, 2, 1, 2]);
}

#[tokio::test]
async fn whatever_made_it_incomplete_it_is_read_again() {
    let empty = |at: usize| json!({"nextPageToken": at.to_string(), "data": []});
    for broken in [
        vec![json!({"message": "sorry"})],
        vec![page(1, 1, 5, &[1])],
        vec![page(1, 3, 6, &[1, 2]), page(1, 3, 6, &[1, 2])],
        vec![page(1, 3, 6, &[1, 2]), page(2, 3, 6, &[1, 2])],
        vec![page(1, 2, 4, &[1, 2]), page(2, 9, 18, &[8, 9])],
        vec![
            json!({"page": 1, "totalPages": 3, "data": [1, 2]}),
            json!({"page": 2, "totalPages": 2, "data": [4, 5]}),
        ],
        vec![
            json!({"nextPageToken": "a", "data": [1]}),
            json!({"nextPageToken": "a", "data": [2]}),
        ],
        (0..=100).map(empty).collect(),
    ] {
        let pages = [broken.clone(), whole().to_vec()].concat();
        let key = Key::id(|item: &u32| Some(item.to_string().into()));
        let list = |pages| list_by(key, pages).0.prefetch(false);
        let error = list(broken.clone()).collect().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Incomplete, "{broken:?}");
        let items = list(pages).collect().restarts(1).await;
        assert_eq!(items.unwrap(), [2, 3, 4], "{broken:?}");
    }
}

#[tokio::test]
async fn the_last_error_says_how_often_it_was_read() {
    for (restarts, told) in [
        (0, None),
        (1, Some("read 2 times")),
        (3, Some("read 4 times")),
    ] {
        let (list, requested) = list([shrinking(), shrinking(), shrinking(), shrinking()].concat());
        let error = list.prefetch(false).collect().restarts(restarts).await;
        let error = error.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Incomplete, "{error}");
        let text = error.to_string();
        assert!(text.contains("had 4 items at first"), "{text}");
        match told {
            Some(told) => assert!(text.contains(told), "{text}"),
            None => assert!(!text.contains("it was read"), "{text}"),
        }
        let passes = usize::try_from(restarts).unwrap() + 1;
        assert_eq!(requested.lock().unwrap().len(), 2 * passes);
    }
}

#[tokio::test]
async fn another_error_does_not_restart_a_list() {
    let (list, requested) =
        list([vec![page(1, 2, 4, &[1, 2]), Value::Null], whole().to_vec()].concat());
    let error = list
        .prefetch(false)
        .collect()
        .restarts(3)
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Server, "{error}");
    assert_eq!(requested.lock().unwrap().len(), 2);
}

#[tokio::test]
async fn a_resumed_list_is_not_read_again() {
    let cursor = list(shrinking().to_vec())
        .0
        .page()
        .await
        .unwrap()
        .next
        .unwrap();
    let (rest, requested) = list(vec![]);
    let error = rest
        .resume_from(cursor)
        .collect()
        .restarts(1)
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput, "{error}");
    assert!(error.to_string().contains("cursor"), "{error}");
    assert!(requested.lock().unwrap().is_empty());

    // A cursor of the start remembers nothing.
    let start = list(vec![]).0.items().cursor().unwrap();
    let (again, _) = list([shrinking(), whole()].concat());
    let items = again
        .prefetch(false)
        .resume_from(start)
        .collect()
        .restarts(1);
    assert_eq!(items.await.unwrap(), [2, 3, 4]);
}

#[tokio::test]
async fn nothing_is_requested_before_it_is_awaited() {
    fn is_portable<F: Future + Send + Unpin + 'static>(_: &F) {}
    let (list, requested) = list(whole().to_vec());
    let collect = list.collect().restarts(2);
    is_portable(&collect);
    assert!(format!("{collect:?}").contains("restarts: 2"));
    assert!(requested.lock().unwrap().is_empty());
    assert_eq!(collect.await.unwrap().len(), 3);
}

#[tokio::test]
async fn what_was_read_before_a_restart_is_no_longer_in_memory() {
    let live = Arc::new(());
    let held = Mutex::new(Vec::new());
    let held = Arc::new(held);
    let (item, log) = (Arc::clone(&live), Arc::clone(&held));
    let client = client();
    let request = ListRequest::new(&client, &LIST_PARTNER_TASKS, None, Key::whole(), {
        move |_, position| {
            let is_first_pass = log.lock().unwrap().len() < 2;
            // Beside the items there are `live` and `item`.
            log.lock().unwrap().push(Arc::strong_count(&item) - 2);
            let mut page = RawPage::default();
            page.page = i64::try_from(position.page).ok();
            page.total_pages = Some(2);
            let is_smaller = is_first_pass && position.page == 2;
            page.total = Some(if is_smaller { 3 } else { 4 });
            page.data = Some(vec![(position.page, Arc::clone(&item)); 2]);
            let response = Response::new(page, ResponseParts::default());
            Box::pin(ready(Ok(response)))
        }
    });
    let items = request
        .page_size(2)
        .prefetch(false)
        .collect()
        .restarts(1)
        .await;
    assert_eq!(items.unwrap().len(), 4);
    assert_eq!(*held.lock().unwrap(), [0, 2, 0, 2]);
    drop(live);
}
