//! Lists against a service that answers anything at all: a list that ends well is whole by the service's own word, and none
//! goes on for ever.

use std::sync::Mutex;

use cloudally_gen::operations::LIST_PARTNER_TASKS;
use futures_util::StreamExt;
use futures_util::future::ready;
use proptest::prelude::*;

use super::*;

/// What one answer says.
#[derive(Clone, Debug)]
struct Said {
    page: Option<i64>,
    total_pages: Option<i64>,
    total: Option<i64>,
    token: Option<u8>,
    data: Option<Vec<u8>>,
}

fn said() -> impl Strategy<Value = Said> {
    let number = || prop_oneof![Just(None), (-1..6_i64).prop_map(Some)];
    let items = prop::collection::vec(0..12_u8, 0..4);
    (
        number(),
        number(),
        number(),
        prop::option::weighted(0.4, 0..4_u8),
        prop::option::weighted(0.9, items),
    )
        .prop_map(|(page, total_pages, total, token, data)| Said {
            page,
            total_pages,
            total,
            token,
            data,
        })
}

impl Said {
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

/// The answers in the order in which they are asked for, the last one again and again, and how many were.
fn list(said: Vec<Said>) -> (List<u8>, Arc<Mutex<usize>>) {
    let asked = Arc::new(Mutex::new(0));
    let count = Arc::clone(&asked);
    let key = Key::Id(|item: &u8| key::hash(item));
    let list = List::new(&LIST_PARTNER_TASKS, None, 3, key, move |_| {
        let mut count = count.lock().unwrap();
        let answer = &said[(*count).min(said.len() - 1)];
        *count += 1;
        Box::pin(ready(Ok(Response::new(answer.raw(), Head::default()))))
    });
    (list.prefetch(false), asked)
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
    fn a_list_that_ends_well_is_whole_and_every_list_ends(said in prop::collection::vec(said(), 1..8)) {
        let (list, asked) = list(said.clone());
        let outcome = block_on(list.all());
        let asked = *asked.lock().unwrap();
        prop_assert!(asked < 300, "{asked} pages were asked for");
        let Ok(items) = outcome else {
            prop_assert_eq!(outcome.unwrap_err().kind(), ErrorKind::Incomplete);
            return Ok(());
        };
        let answers: Vec<_> = (0..asked).map(|at| &said[at.min(said.len() - 1)]).collect();
        let last = answers[asked - 1];
        prop_assert_eq!(last.token, None);
        let last_said = |field: fn(&Said) -> Option<i64>| {
            answers.iter().rev().find_map(|answer| count(field(answer)))
        };
        let pages = last_said(|answer| answer.total_pages).unwrap_or(0);
        prop_assert!(pages <= asked as u64, "{pages} pages, {asked} asked for");
        let all: Vec<u8> = answers.iter().flat_map(|answer| answer.data.clone().unwrap_or_default()).collect();
        prop_assert!(items.len() <= all.len());
        let totals: Vec<_> = answers.iter().filter_map(|answer| count(answer.total)).collect();
        if let (Some(last), Some(least), Some(most)) = (totals.last(), totals.iter().min(), totals.iter().max()) {
            // None of those that were there all the time is lost, and none is there that never was.
            let read = items.len() as u64;
            prop_assert!((*least..=*most).contains(&read), "{read} of {totals:?}");
            prop_assert!(*last <= all.len() as u64);
        }
        // Left out is only what the page before held.
        for (at, answer) in answers.iter().enumerate() {
            for item in answer.data.iter().flatten() {
                let before = at.checked_sub(1).and_then(|at| answers[at].data.as_ref());
                prop_assert!(items.contains(item) || before.is_some_and(|before| before.contains(item)));
            }
        }
    }

    #[test]
    fn a_stream_that_failed_for_good_is_over(said in prop::collection::vec(said(), 1..8)) {
        let (list, _) = list(said);
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
