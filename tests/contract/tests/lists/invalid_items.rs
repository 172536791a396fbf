//! Items that cannot be read: an error that names them, or left out and told, in every list.

use std::sync::{Arc, Mutex};

use cloudally::{Client, Error, ErrorKind, InvalidItem, ListRequest};
use cloudally_contract::answer::Answer;
use cloudally_contract::service::Service;
use futures_util::future::BoxFuture;
use futures_util::{FutureExt, StreamExt};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

/// What was told: where, and of which item.
type Told = Vec<(String, Option<String>)>;
type Outcome = Result<Vec<Value>, Error>;

/// How a list is read.
#[derive(Clone, Copy)]
enum How {
    All,
    Skipping(usize),
}

async fn read<T>(list: ListRequest<T>, how: How, told: Arc<Mutex<Told>>) -> Outcome
where
    T: Serialize + DeserializeOwned + Send + 'static,
{
    let list = match how {
        How::All => list,
        How::Skipping(concurrency) => {
            list.concurrency(concurrency)
                .skip_invalid_items(move |bad: &InvalidItem| {
                    let mut told = told.lock().unwrap();
                    told.push((bad.path.clone(), bad.id.clone()));
                })
        }
    };
    let items = list.page_size(3).collect().await?;
    Ok(items
        .iter()
        .map(|item| serde_json::to_value(item).unwrap())
        .collect())
}

/// A list: its items' id, a good field, and a field that holds an object.
struct Subject {
    name: &'static str,
    id: &'static str,
    /// The field that is wrong in a bad item.
    field: &'static str,
    run: fn(Client, How, Arc<Mutex<Told>>) -> BoxFuture<'static, Outcome>,
}

macro_rules! subject {
    ($name:literal, $id:literal, $field:literal, |$client:ident| $list:expr) => {
        Subject {
            name: $name,
            id: $id,
            field: $field,
            run: |$client, how, told| read($list, how, told).boxed(),
        }
    };
}

const SUBJECTS: [Subject; 14] = [
    subject!("getPartnerStatus", "taskId", "size", |client| client
        .partners()
        .backup_statuses()),
    subject!("listPartnerTasks", "id", "size", |client| client
        .tasks()
        .list()),
    subject!("listPartnerUsers", "id", "email", |client| client
        .users()
        .list()),
    subject!("listPartnerBills", "id", "period", |client| client
        .billing()
        .bills()),
    subject!("getPartnerBilling", "id", "period", |client| client
        .billing()
        .partner_billing()),
    subject!("listResellers", "partnerId", "resellerEmail", |client| {
        client.partners().resellers()
    }),
    subject!("getReseller", "id", "email", |client| client
        .partners()
        .reseller_accounts("P-1")),
    subject!("listBackupTasks", "id", "name", |client| client
        .backups()
        .list()),
    subject!("listResellerAccountsV2", "id", "email", |client| client
        .resellers()
        .accounts()),
    subject!("listResellerBackupTasksV2", "id", "size", |client| client
        .resellers()
        .backup_tasks()),
    subject!("listAccountBackupTasksV2", "id", "size", |client| client
        .resellers()
        .account_backup_tasks("U-1")),
    subject!("listResellerBackupStatusesV2", "taskId", "size", |client| {
        client.resellers().backup_statuses()
    }),
    subject!("listResellerBillsV2", "id", "period", |client| client
        .resellers()
        .bills()),
    subject!("by a limit", "id", "size", |client| client
        .tasks()
        .list()
        .max_items(100)),
];

impl Subject {
    fn good(&self, number: u32) -> Value {
        json!({self.id: format!("I-{number}"), "new": number})
    }

    fn bad(&self, number: u32) -> Value {
        json!({self.id: format!("I-{number}"), self.field: {"deep": []}})
    }

    /// Two pages, a bad item on each, and one that is none at all.
    fn pages(&self) -> [Value; 2] {
        let page = |number: u32, data: Value| json!({"page": number, "totalPages": 2, "total": 6, "data": data});
        [
            page(1, json!([self.good(1), self.bad(2), self.good(3)])),
            page(2, json!([7, self.good(5), self.bad(6)])),
        ]
    }

    async fn read(&self, answers: &[Value], how: How) -> (Outcome, Told) {
        let service = Service::signed_in(answers.iter().map(Answer::ok));
        let told = Arc::default();
        let outcome = (self.run)(service.client(), how, Arc::clone(&told)).await;
        let told = told.lock().unwrap().clone();
        (outcome, told)
    }

    fn told(&self, path: &str, id: Option<&str>) -> (String, Option<String>) {
        let path = path.replace("FIELD", self.field);
        (path, id.map(ToOwned::to_owned))
    }
}

#[tokio::test]
async fn without_leave_to_skip_the_first_bad_item_is_the_error() {
    for subject in &SUBJECTS {
        let (outcome, told) = subject.read(&subject.pages(), How::All).await;
        let error = outcome.unwrap_err();
        let case = format!("{}: {error:?}", subject.name);
        assert_eq!(error.kind(), ErrorKind::Decode, "{case}");
        let path = format!("data[1].{}", subject.field);
        assert_eq!(error.json_path(), Some(path.as_str()), "{case}");
        assert_eq!(error.item_id(), Some("I-2"), "{case}");
        assert!(error.to_string().contains("I-2"), "{case}");
        assert!(!error.is_retryable() && told.is_empty(), "{case}");
    }
}

#[tokio::test]
async fn with_leave_all_others_are_read_and_each_bad_one_is_told() {
    for subject in &SUBJECTS {
        let (outcome, told) = subject.read(&subject.pages(), How::Skipping(1)).await;
        let items = outcome.unwrap_or_else(|error| panic!("{}: {error:?}", subject.name));
        let expected = [1, 3, 5].map(|number| subject.good(number));
        assert_eq!(items, expected, "{}", subject.name);
        let expected = [
            subject.told("data[1].FIELD", Some("I-2")),
            subject.told("data[0]", None),
            subject.told("data[2].FIELD", Some("I-6")),
        ];
        assert_eq!(told, expected, "{}", subject.name);
    }
}

#[tokio::test]
async fn bad_items_count_so_a_list_that_is_short_is_still_told() {
    for subject in &SUBJECTS {
        for (dropped, page) in [(0, 1), (2, 1), (0, 0)] {
            let mut pages = subject.pages();
            let data = pages[page]["data"].as_array_mut().unwrap();
            data.remove(dropped);
            if subject.name == "by a limit" {
                continue;
            }
            let (outcome, _) = subject.read(&pages, How::Skipping(1)).await;
            let error = outcome.expect_err(subject.name);
            assert_eq!(
                error.kind(),
                ErrorKind::Incomplete,
                "{}: {error}",
                subject.name
            );
            assert!(
                error.to_string().contains("5 items were received"),
                "{error}"
            );
        }
    }
}

#[tokio::test]
async fn bare_arrays_are_lists_with_and_without_bad_items() {
    for subject in &SUBJECTS {
        let good = json!([subject.good(1), subject.good(2)]);
        for how in [How::All, How::Skipping(4)] {
            let (outcome, told) = subject.read(std::slice::from_ref(&good), how).await;
            let items = outcome.unwrap_or_else(|error| panic!("{}: {error:?}", subject.name));
            assert_eq!(Value::from(items), good, "{}", subject.name);
            assert!(told.is_empty());
        }
        // Three are a full page, so the next one is asked for.
        let bad = json!([subject.good(1), subject.bad(2), null]);
        let bad = [bad.clone(), bad];
        let (outcome, told) = subject.read(&bad, How::Skipping(1)).await;
        let items = outcome.unwrap_or_else(|error| panic!("{}: {error:?}", subject.name));
        assert_eq!(items, [subject.good(1)], "{}", subject.name);
        let expected = [
            subject.told("[1].FIELD", Some("I-2")),
            subject.told("[2]", None),
        ];
        assert_eq!(told, expected, "{}", subject.name);

        let (outcome, _) = subject.read(&bad, How::All).await;
        let error = outcome.expect_err(subject.name);
        assert_eq!(error.kind(), ErrorKind::Decode, "{}", subject.name);
        let path = format!("[1].{}", subject.field);
        assert_eq!(
            error.json_path(),
            Some(path.as_str()),
            "{}: {error}",
            subject.name
        );
        assert_eq!(error.item_id(), Some("I-2"), "{}", subject.name);
    }
}

#[tokio::test]
async fn what_is_no_list_is_an_error_with_leave_to_skip_too() {
    for subject in &SUBJECTS {
        for answer in [
            json!("text"),
            json!({"data": 7}),
            json!({"total": {}, "data": []}),
        ] {
            let (outcome, told) = subject.read(&[answer], How::Skipping(1)).await;
            let error = outcome.expect_err(subject.name);
            assert_eq!(error.kind(), ErrorKind::Decode, "{}: {error}", subject.name);
            assert!(told.is_empty());
        }
    }
}

/// More than an error keeps of a body.
#[tokio::test]
async fn a_large_page_is_sorted_as_a_whole() {
    let filling = "x".repeat(1_000);
    let mut data: Vec<_> = (0..500)
        .map(|number| json!({"id": format!("T-{number}"), "new": filling}))
        .collect();
    data[499] = json!({"id": "T-499", "size": []});
    let answer = json!({"page": 1, "totalPages": 1, "total": 500, "data": data});
    let service = Service::signed_in([Answer::ok(&answer)]);
    let list = service.client().tasks().list().skip_invalid_items(|_| ());
    let page = list.page().await.unwrap();
    assert_eq!((page.items.len(), page.invalid.len()), (499, 1));
    assert_eq!(page.parts.status(), 200);
    let bad = &page.invalid[0];
    assert_eq!(bad.id.as_deref(), Some("T-499"));
    assert_eq!(bad.value, json!({"id": "T-499", "size": []}));
    assert!(bad.to_string().contains("`data[499].size`"), "{bad}");
    assert!(!bad.reason.is_empty());
}

#[tokio::test]
async fn an_item_is_told_once_however_often_its_page_is_asked_for() {
    let subject = &SUBJECTS[1];
    let [one, two] = subject.pages();
    let script = [Answer::ok(&one), Answer::empty(503), Answer::ok(&two)];
    let service = Service::signed_in(script);
    let told: Arc<Mutex<Told>> = Arc::default();
    let log = Arc::clone(&told);
    let client = service
        .client()
        .with_retry_policy(cloudally::RetryPolicy::never());
    let list = client.tasks().list().page_size(3);
    let list = list.skip_invalid_items(move |bad| {
        let mut told = log.lock().unwrap();
        told.push((bad.path.clone(), bad.id.clone()));
    });
    let items: Vec<_> = list.items().collect().await;
    assert_eq!(items.iter().filter(|item| item.is_ok()).count(), 3);
    assert_eq!(told.lock().unwrap().len(), 3);
}

/// The list is about the accounts: what else is said of the reseller does not break it.
#[tokio::test]
async fn accounts_are_read_beside_a_reseller_that_cannot_be() {
    let answer = json!({
        "resellerEmail": {"deep": []}, "page": 1, "totalPages": 1, "total": 1, "data": [{"id": "U-1"}],
    });
    let service = Service::signed_in([Answer::ok(&answer), Answer::ok(&answer)]);
    let partners = service.client().partners();
    let accounts = partners.reseller_accounts("P-1").collect().await;
    assert_eq!(
        accounts.unwrap()[0].id.as_ref().map(|id| id.as_str()),
        Some("U-1")
    );
    let error = partners.reseller("P-1").await.unwrap_err();
    assert_eq!(error.json_path(), Some("resellerEmail"), "{error}");
}
