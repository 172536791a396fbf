//! Lists that shift, page by page as a test says it: what a service can do only when pages are
//! asked for together, or when the reader was away.

use cloudally::types::Task;
use cloudally::{Cursor, Error, ErrorKind};
use cloudally_contract::answer::Answer;
use cloudally_contract::service::Service;
use serde_json::{Value, json};

const TASKS: &str = "/v1/partners/tasks";

fn page(number: usize, pages: usize, total: usize, ids: &[&str]) -> Value {
    let data: Vec<_> = ids.iter().map(|id| json!({"id": id})).collect();
    json!({"page": number, "totalPages": pages, "total": total, "data": data})
}

/// A service with these pages, whenever each is requested.
fn service(pages: &[Value]) -> Service {
    let pages = pages.to_vec();
    Service::playing(move |request| match &*request.path {
        "/auth/partner" => Answer::signed_in(),
        TASKS => {
            let page = request.query.iter().find(|(name, _)| name == "page");
            let page = page.map_or(1, |(_, number)| number.parse().unwrap());
            pages
                .get(page - 1)
                .map_or_else(|| Answer::unplanned(request), Answer::ok)
        }
        _ => Answer::unplanned(request),
    })
}

async fn read(pages: &[Value], concurrency: usize) -> Result<Vec<String>, Error> {
    let service = service(pages);
    let list = service.client().tasks().list().page_size(2);
    let tasks = list.concurrency(concurrency).collect().await?;
    Ok(ids(tasks))
}

fn ids(tasks: Vec<Task>) -> Vec<String> {
    let ids = tasks.into_iter().filter_map(|task| task.id);
    ids.map(|id| id.to_string()).collect()
}

/// The second page is of after an item was added at the start, the third of before.
#[tokio::test]
async fn pages_of_different_times_do_not_hide_that_an_item_is_missing() {
    for totals in [[8, 8, 8, 8, 8], [8, 9, 8, 9, 9], [8, 8, 8, 9, 9]] {
        let pages = [
            page(1, 4, totals[0], &["0", "1"]),
            page(2, 5, totals[1], &["1", "2"]),
            page(3, 5, totals[2], &["4", "5"]),
            page(4, 5, totals[3], &["5", "6"]),
            page(5, 5, totals[4], &["7"]),
        ];
        for concurrency in [1, 4] {
            let error = read(&pages, concurrency).await;
            let error = error.expect_err("3 is missing");
            assert_eq!(error.kind(), ErrorKind::Incomplete, "{error}");
        }
    }
}

/// Where the list did not grow, what came twice took the place of another.
#[tokio::test]
async fn an_item_that_comes_twice_for_another_is_told() {
    let pages = [page(1, 2, 4, &["0", "1"]), page(2, 2, 4, &["1", "2"])];
    let error = read(&pages, 1).await.unwrap_err();
    let counts = error.counts().unwrap();
    assert_eq!(
        (counts.received, counts.duplicates, counts.total),
        (4, 1, Some(4))
    );
    // Twice on one page it is the service's own doing.
    let pages = [page(1, 2, 4, &["0", "0"]), page(2, 2, 4, &["1", "2"])];
    assert_eq!(read(&pages, 1).await.unwrap(), ["0", "0", "1", "2"]);
}

#[tokio::test]
async fn what_is_added_at_the_end_is_read() {
    let pages = [page(1, 2, 3, &["0", "1"]), page(2, 2, 4, &["2", "3"])];
    assert_eq!(read(&pages, 1).await.unwrap(), ["0", "1", "2", "3"]);
}

/// Whoever goes on from a stored cursor knows the last item that was seen, and finds it again.
#[tokio::test]
async fn what_was_added_while_the_reader_was_away_moves_it_on() {
    let before = service(&[page(1, 2, 4, &["0", "1"])]);
    let list = before.client().tasks().list().page_size(2);
    let cursor = list.page().await.unwrap().next.unwrap();
    let stored = serde_json::to_string(&cursor).unwrap();
    let cursor: Cursor = serde_json::from_str(&stored).unwrap();
    let after = [
        page(1, 3, 5, &["new", "0"]),
        page(2, 3, 5, &["1", "2"]),
        page(3, 3, 5, &["3"]),
    ];
    let after = service(&after);
    let list = after.client().tasks().list().resume_from(cursor.clone());
    assert_eq!(ids(list.collect().await.unwrap()), ["2", "3"]);

    let unchanged = [page(1, 2, 4, &["0", "1"]), page(2, 2, 4, &["2", "3"])];
    let unchanged = service(&unchanged);
    let list = unchanged.client().tasks().list().resume_from(cursor);
    assert_eq!(ids(list.collect().await.unwrap()), ["2", "3"]);
}

/// A later release may add fields to the same version, and an earlier one may lack some.
#[tokio::test]
async fn a_cursor_with_other_optional_fields_continues() {
    let cursor = json!({
        "version": 1, "operation": "listPartnerTasks", "page": 2, "token": null, "page_size": 2, "received": 2, "unknown": 1,
    });
    let cursor: Cursor = serde_json::from_value(cursor).unwrap();
    let answer = page(2, 2, 4, &["2", "3"]);
    let service = Service::signed_in([Answer::ok(&answer)]);
    let list = service.client().tasks().list().resume_from(cursor);
    assert_eq!(ids(list.collect().await.unwrap()), ["2", "3"]);
}
