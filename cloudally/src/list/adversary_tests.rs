//! Lists against a service that responds with anything: a list that ends well is complete by the
//! service's own report, and every list ends.

use std::sync::Mutex;

use cloudally_gen::operations::LIST_PARTNER_TASKS;
use cloudally_gen::page::Page as RawPage;
use futures_util::future::ready;
use proptest::prelude::*;

use super::*;
use crate::{ErrorKind, ResponseParts};

/// What one response reports.
#[derive(Clone, Debug)]
struct Reported {
    page: Option<i64>,
    total_pages: Option<i64>,
    total: Option<i64>,
    token: Option<u8>,
    data: Option<Vec<u8>>,
}

fn reported() -> impl Strategy<Value = Reported> {
    let number = || prop_oneof![Just(None), (-1..6_i64).prop_map(Some)];
    let items = prop::collection::vec(0..12_u8, 0..4);
    (
        number(),
        number(),
        number(),
        prop::option::weighted(0.4, 0..4_u8),
        prop::option::weighted(0.9, items),
    )
        .prop_map(|(page, total_pages, total, token, data)| Reported {
            page,
            total_pages,
            total,
            token,
            data,
        })
}

impl Reported {
    fn raw(&self) -> RawPage<u8> {
        let mut raw = RawPage::default();
        raw.page = self.page;
        raw.total_pages = self.total_pages;
        raw.total = self.total;
        raw.next_page_token = self.token.map(|token| token.to_string());
        raw.data = self.data.clone();
        raw
    }
}

/// A list with these responses in order, the last one again and again, and how many were requested.
fn list(reported: Vec<Reported>) -> (ListRequest<u8>, Arc<Mutex<usize>>) {
    let requested = Arc::new(Mutex::new(0));
    let count = Arc::clone(&requested);
    let key = Key::id(|item: &u8| Some(item.to_string().into()));
    let client = super::tests::client();
    let list = ListRequest::new(&client, &LIST_PARTNER_TASKS, None, key, move |_, _| {
        let mut count = count.lock().unwrap();
        let response = &reported[(*count).min(reported.len() - 1)];
        *count += 1;
        Box::pin(ready(Ok(Response::new(
            response.raw(),
            ResponseParts::default(),
        ))))
    });
    (list.page_size(3).prefetch(false), requested)
}

fn block_on<T>(future: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().build();
    runtime.unwrap().block_on(future)
}

fn count(number: Option<i64>) -> Option<u64> {
    number.and_then(|number| u64::try_from(number).ok())
}

proptest! {
    #[test]
    fn a_list_that_ends_well_is_complete_and_every_list_ends(reported in prop::collection::vec(reported(), 1..8)) {
        let (list, requested) = list(reported.clone());
        let outcome = block_on(list.collect());
        let requested = *requested.lock().unwrap();
        prop_assert!(requested < 300, "{requested} pages were requested");
        let Ok(items) = outcome else {
            prop_assert_eq!(outcome.unwrap_err().kind(), ErrorKind::Incomplete);
            return Ok(());
        };
        let responses: Vec<_> =
            (0..requested).map(|at| &reported[at.min(reported.len() - 1)]).collect();
        let last = responses[requested - 1];
        prop_assert_eq!(last.token, None);
        let last_reported = |field: fn(&Reported) -> Option<i64>| {
            responses.iter().rev().find_map(|response| count(field(response)))
        };
        let pages = last_reported(|response| response.total_pages).unwrap_or(0);
        prop_assert!(pages <= requested as u64, "{pages} pages, {requested} requested");
        let all: Vec<u8> = responses.iter().flat_map(|response| response.data.clone().unwrap_or_default()).collect();
        prop_assert!(items.len() <= all.len());
        let totals: Vec<_> = responses.iter().filter_map(|response| count(response.total)).collect();
        if let (Some(last), Some(least), Some(most)) = (totals.last(), totals.iter().min(), totals.iter().max()) {
            // No item that was always there is lost, and none is there that never was.
            let read = items.len() as u64;
            prop_assert!((*least..=*most).contains(&read), "{read} of {totals:?}");
            prop_assert!(*last <= all.len() as u64);
        }
        // Only items of the previous page are left out.
        for (at, response) in responses.iter().enumerate() {
            for item in response.data.iter().flatten() {
                let before = at.checked_sub(1).and_then(|at| responses[at].data.as_ref());
                prop_assert!(items.contains(item) || before.is_some_and(|before| before.contains(item)));
            }
        }
    }

    /// Whoever stores a list when a page says that it is complete stores the whole list.
    #[test]
    fn only_the_last_page_of_a_complete_list_says_so(
        reported in prop::collection::vec(reported(), 1..8),
        max_items in prop::option::of(0..10_u64),
    ) {
        let request = || list(reported.clone()).0;
        let limited = match max_items {
            Some(max_items) => request().max_items(max_items),
            None => request(),
        };
        let mut pages = limited.pages();
        let (items, complete, is_complete, failed) = block_on(async {
            let (mut items, mut complete, mut failed) = (Vec::new(), Vec::<bool>::new(), false);
            while let Some(page) = pages.next().await {
                prop_assert!(complete.last() != Some(&true), "something follows the last page");
                match page {
                    Ok(page) => {
                        prop_assert!(!page.is_complete || page.next.is_none());
                        complete.push(page.is_complete);
                        items.extend(page.items);
                    }
                    Err(_) => failed = true,
                }
            }
            Ok((items, complete, pages.is_complete(), failed))
        })?;
        prop_assert_eq!(is_complete, complete.last() == Some(&true));
        prop_assert!(!(is_complete && failed));
        if max_items.is_none() {
            prop_assert_eq!(is_complete, !failed, "the end is a complete page or an error");
        }
        if is_complete {
            prop_assert_eq!(block_on(request().collect()).ok(), Some(items));
        }
    }

    #[test]
    fn a_stream_that_failed_for_good_is_over(reported in prop::collection::vec(reported(), 1..8)) {
        let (list, _) = list(reported);
        let over = block_on(async {
            let mut items = list.items();
            while let Some(item) = items.next().await {
                if item.is_err() {
                    break;
                }
            }
            items.next().await.is_none() && items.cursor().is_none()
        });
        prop_assert!(over);
    }
}
