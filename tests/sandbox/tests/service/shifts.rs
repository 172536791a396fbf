//! Lists that change, or lie, while somebody walks them.

use cloudally_sandbox::{Fault, Rule, Sandbox, Shift};
use serde_json::{Value, json};

use crate::api::{Api, add_rule, standing_still, started};

/// What there is of each page: the items' numbers in the list (`new 0` if they aren't in it), and
/// `total`.
type Seen = Vec<(Vec<String>, Value)>;

async fn five_tasks() -> Sandbox {
    let builder = standing_still().users(2).tasks(5).statuses(0);
    builder.start().await.unwrap()
}

fn names(sandbox: &Sandbox, page: &Value) -> Vec<String> {
    let name = |item: &Value| match sandbox.tasks().iter().position(|task| task == item) {
        Some(at) => at.to_string(),
        None => item["id"].as_str().unwrap().replace("inserted-", "new "),
    };
    page["data"].as_array().unwrap().iter().map(name).collect()
}

/// Walks the tasks by tokens, in pages of two, and for no more than six pages.
async fn by_token(sandbox: &Sandbox) -> Seen {
    let api = Api::partner(sandbox).await;
    let mut seen = Vec::new();
    let mut path = "/v1/partners/tasks?pageSize=2".to_owned();
    while seen.len() < 6 {
        let page = api.get(&path).await.json();
        seen.push((names(sandbox, &page), page["total"].clone()));
        let Some(token) = page["nextPageToken"].as_str() else {
            break;
        };
        path = format!("/v1/partners/tasks?pageSize=2&nextPageToken={token}");
    }
    seen
}

/// The same by numbers, over v2.
async fn by_number(sandbox: &Sandbox) -> Seen {
    let api = Api::distributor(sandbox).await;
    let mut seen = Vec::new();
    for number in 1..=6 {
        let path = format!("/v2/resellers/accounts/backup-tasks?limit=2&page={number}");
        let page = api.get(&path).await.json();
        seen.push((names(sandbox, &page), page["total"].clone()));
        if page["totalPages"].as_u64() <= Some(number) {
            break;
        }
    }
    seen
}

fn seen(pages: &[(&[&str], u64)]) -> Seen {
    pages
        .iter()
        .map(|(items, total)| {
            (
                items.iter().map(ToString::to_string).collect(),
                json!(total),
            )
        })
        .collect()
}

/// A walk with a fault before its second page, by tokens and by numbers, and the walk after it.
async fn check(fault: impl Into<Fault>, first: &[(&[&str], u64)], second: &[(&[&str], u64)]) {
    let fault = fault.into();
    let sandbox = five_tasks().await;
    let rule = Rule::on("listPartnerTasks").nth(2).then(fault.clone());
    let rule = add_rule(&sandbox, rule);
    assert_eq!(by_token(&sandbox).await, seen(first), "{fault:?}");
    assert_eq!(sandbox.faults().hits(rule), 1);
    assert_eq!(by_token(&sandbox).await, seen(second), "{fault:?}, again");
    assert_eq!(by_number(&sandbox).await, seen(UNCHANGED), "another list");

    let rule = Rule::on("listResellerBackupTasksV2")
        .nth(2)
        .then(fault.clone());
    add_rule(&sandbox, rule);
    assert_eq!(
        by_number(&sandbox).await,
        seen(first),
        "{fault:?} by number"
    );
    assert_eq!(
        by_number(&sandbox).await,
        seen(second),
        "{fault:?} by number, again"
    );

    sandbox.faults().clear();
    assert_eq!(by_token(&sandbox).await, seen(UNCHANGED));
    assert_eq!(by_number(&sandbox).await, seen(UNCHANGED));
}

const UNCHANGED: &[(&[&str], u64)] = &[(&["0", "1"], 5), (&["2", "3"], 5), (&["4"], 5)];

#[tokio::test]
async fn an_item_is_inserted() {
    check(
        Shift::insert(1),
        &[(&["0", "1"], 5), (&["1", "2"], 6), (&["3", "4"], 6)],
        &[(&["new 0", "0"], 6), (&["1", "2"], 6), (&["3", "4"], 6)],
    )
    .await;
}

#[tokio::test]
async fn items_are_inserted_behind() {
    check(
        Shift::insert(2).at(3),
        &[
            (&["0", "1"], 5),
            (&["2", "new 0"], 7),
            (&["new 1", "3"], 7),
            (&["4"], 7),
        ],
        &[
            (&["0", "1"], 7),
            (&["2", "new 0"], 7),
            (&["new 1", "3"], 7),
            (&["4"], 7),
        ],
    )
    .await;
}

#[tokio::test]
async fn an_item_is_removed() {
    check(
        Shift::remove(1),
        &[(&["0", "1"], 5), (&["3", "4"], 4)],
        &[(&["1", "2"], 4), (&["3", "4"], 4)],
    )
    .await;
}

#[tokio::test]
async fn an_item_is_removed_and_nobody_says_so() {
    check(
        Shift::remove(1).hidden(),
        &[(&["0", "1"], 5), (&["3", "4"], 5)],
        &[(&["1", "2"], 5), (&["3", "4"], 5)],
    )
    .await;
}

#[tokio::test]
async fn an_item_is_repeated() {
    check(
        Shift::repeat(1),
        &[(&["0", "1"], 5), (&["1", "2"], 5), (&["3", "4"], 5)],
        UNCHANGED,
    )
    .await;
}

#[tokio::test]
async fn a_page_in_the_middle_is_empty() {
    check(
        Fault::EmptyPage,
        &[(&["0", "1"], 5), (&[], 5), (&["2", "3"], 5), (&["4"], 5)],
        UNCHANGED,
    )
    .await;
}

#[tokio::test]
async fn total_lies() {
    check(
        Fault::total_off_by(3),
        &[(&["0", "1"], 5), (&["2", "3"], 8), (&["4"], 5)],
        UNCHANGED,
    )
    .await;
    check(
        Fault::total_off_by(-9),
        &[(&["0", "1"], 5), (&["2", "3"], 0), (&["4"], 5)],
        UNCHANGED,
    )
    .await;
    check(
        Fault::total(77),
        &[(&["0", "1"], 5), (&["2", "3"], 77), (&["4"], 5)],
        UNCHANGED,
    )
    .await;
}

#[tokio::test]
async fn the_first_page_comes_again_once() {
    let sandbox = five_tasks().await;
    let rule = Rule::on("listPartnerTasks").nth(2).then(Fault::FirstPage);
    add_rule(&sandbox, rule);
    // Its token leads to the second page.
    let first: &[(&[&str], u64)] = &[(&["0", "1"], 5)];
    assert_eq!(by_token(&sandbox).await, seen(&[first, UNCHANGED].concat()));
    let rule = Rule::on("listResellerBackupTasksV2")
        .nth(2)
        .then(Fault::FirstPage);
    add_rule(&sandbox, rule);
    // A number is asked for once.
    assert_eq!(
        by_number(&sandbox).await,
        seen(&[(&["0", "1"], 5), (&["0", "1"], 5), (&["4"], 5)])
    );
}

#[tokio::test]
async fn the_first_page_comes_again_and_again() {
    let sandbox = five_tasks().await;
    let rule = Rule::on_any().then(Fault::FirstPage);
    let rule = add_rule(&sandbox, rule);
    let page: (&[&str], u64) = (&["0", "1"], 5);
    let endless = seen(&[page; 6]);
    assert_eq!(by_token(&sandbox).await, endless);
    assert_eq!(by_number(&sandbox).await[..3], endless[..3]);
    assert!(sandbox.faults().remove(rule));
    assert!(!sandbox.faults().remove(rule));
    assert_eq!(by_token(&sandbox).await, seen(UNCHANGED));
}

#[tokio::test]
async fn a_token_is_repeated() {
    let sandbox = five_tasks().await;
    let rule = Rule::on("listPartnerTasks").nth(2).then(Fault::RepeatToken);
    add_rule(&sandbox, rule);
    let api = Api::partner(&sandbox).await;
    let first = api.get("/v1/partners/tasks?pageSize=2").await.json();
    let token = first["nextPageToken"].as_str().unwrap();
    let path = format!("/v1/partners/tasks?pageSize=2&nextPageToken={token}");
    let second = api.get(&path).await.json();
    assert_eq!(names(&sandbox, &second), ["2", "3"]);
    assert_eq!(second["nextPageToken"], first["nextPageToken"]);
    let third = api.get(&path).await.json();
    assert_eq!(names(&sandbox, &third), ["2", "3"]);
    assert_ne!(third["nextPageToken"], first["nextPageToken"]);
    // The last page, which should have none.
    let rule = Rule::on("listPartnerTasks").nth(1).then(Fault::RepeatToken);
    add_rule(&sandbox, rule);
    let token = third["nextPageToken"].as_str().unwrap();
    let path = format!("/v1/partners/tasks?pageSize=2&nextPageToken={token}");
    let last = api.get(&path).await.json();
    assert_eq!(names(&sandbox, &last), ["4"]);
    assert_eq!(last["nextPageToken"], token);
}

#[tokio::test]
async fn a_list_goes_on_shifting() {
    let sandbox = five_tasks().await;
    let rule = Rule::on("listPartnerTasks").from(2).then(Shift::insert(1));
    add_rule(&sandbox, rule);
    assert_eq!(
        by_token(&sandbox).await,
        seen(&[
            (&["0", "1"], 5),
            (&["1", "2"], 6),
            (&["2", "3"], 7),
            (&["3", "4"], 8)
        ])
    );
}

#[tokio::test]
async fn an_empty_list_can_get_items() {
    let sandbox = started(standing_still().users(0).tasks(0).statuses(0)).await;
    let rule = Rule::on("listPartnerTasks").nth(2).then(Shift::insert(1));
    add_rule(&sandbox, rule);
    assert_eq!(by_token(&sandbox).await, seen(&[(&[], 0)]));
    assert_eq!(by_token(&sandbox).await, seen(&[(&["new 0"], 1)]));
}
