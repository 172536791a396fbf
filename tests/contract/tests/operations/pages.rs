//! Every list: its second page, and the ids that lead to one.

use cloudally::ErrorKind;
use cloudally_contract::answer::Answer;
use cloudally_contract::calls;
use cloudally_contract::fixtures;
use cloudally_contract::request::Request;
use cloudally_contract::service::Service;
use cloudally_gen::operation::Pagination;
use serde_json::{Value, json};

use crate::after_sign_in;

/// A page of a list of two pages, with one item each.
fn page(number: u32, token: Option<&str>, item: &Value) -> Answer {
    Answer::ok(&json!({
        "page": number, "totalPages": 2, "total": 2, "nextPageToken": token, "data": [item],
    }))
}

/// The request of the second page.
fn second_page(first: &Request, token: Option<&str>) -> Request {
    let mut request = first.clone();
    let token = token.map(|token| ("nextPageToken", token));
    for (name, value) in [("page", "2")].into_iter().chain(token) {
        request.query.push((name.to_owned(), value.to_owned()));
    }
    request.query.sort();
    request
}

#[tokio::test]
async fn the_second_page_of_every_list_is_requested_by_number_and_in_v1_by_the_token_that_came() {
    let token = Some("t/2+=");
    let mut lists = 0;
    for call in calls::all() {
        // One reseller is an object that may carry a page: its accounts are read below.
        let Some(pagination) = call
            .operation()
            .pagination
            .filter(|_| call.id != "getReseller")
        else {
            continue;
        };
        for came in [token, None] {
            let items = call.answer.1["data"].as_array().unwrap();
            let service = Service::signed_in([page(1, came, &items[0]), page(2, None, &items[1])]);
            let read = (call.run)(service.client()).await.unwrap();
            assert_eq!(read, call.returns, "{}", call.id);
            let sent = came.filter(|_| pagination == Pagination::PageSize);
            let second = second_page(&call.request, sent);
            service.assert_saw(after_sign_in([call.request.clone(), second]));
        }
        lists += 1;
    }
    assert_eq!(lists, 12);
}

#[tokio::test]
async fn the_accounts_of_a_reseller_are_read_to_the_end() {
    let [first, second] = fixtures::both("user");
    let service = Service::signed_in([page(1, Some("t2"), &first), page(2, None, &second)]);
    let list = service.client().partners().reseller_accounts("P-2001");
    let users = list.page_size(1).collect().await.unwrap();
    assert_eq!(users[1].id, Some("U-2".into()));
    let path = "/v1/partners/resellers/P-2001";
    let request = Request::get(path).query([("pageSize", "1")]);
    let second = second_page(&request, Some("t2"));
    service.assert_saw(after_sign_in([request, second]));
}

#[tokio::test]
async fn an_id_is_sent_encoded_and_cannot_name_another_resource() {
    let (id, encoded) = ("a/b?c#ü d", "a%2Fb%3Fc%23%C3%BC%20d");
    let service =
        Service::signed_in([json!({}), json!({"data": []})].map(|body| Answer::ok(&body)));
    let client = service.client();
    client.partners().reseller(id).await.unwrap();
    let tasks = client.resellers().account_backup_tasks(id).collect().await;
    assert_eq!(tasks.unwrap(), []);
    let paths = [
        format!("/v1/partners/resellers/{encoded}"),
        format!("/v2/resellers/accounts/{encoded}/backup-tasks"),
    ];
    assert_eq!(
        service.lines()[1..],
        paths.map(|path| format!("GET {path}"))
    );

    let resellers = client.resellers();
    for id in ["", " ", ".", "..", " . "] {
        for error in [
            client.backups().get(id).await.err(),
            client.partners().reseller(id).await.err(),
            client
                .partners()
                .reseller_accounts(id)
                .collect()
                .await
                .err(),
            resellers.account_backup_tasks(id).collect().await.err(),
            resellers.account_backup_task(id, "T-1").await.err(),
            resellers.account_backup_task("U-1", id).await.err(),
        ] {
            let error = error.unwrap();
            assert_eq!(
                (error.kind(), error.attempts()),
                (ErrorKind::InvalidInput, 0),
                "{id:?}"
            );
        }
    }
    assert_eq!(service.seen().len(), 3, "nothing else was sent");
}

/// What a list says of an item that is not there, by the sandbox.
#[tokio::test]
async fn an_account_or_task_that_is_not_there_is_named() {
    let sandbox = cloudally_sandbox::Sandbox::builder()
        .empty()
        .start()
        .await
        .unwrap();
    let client = cloudally_sandbox::client!(sandbox, distributor).unwrap();
    let id = sandbox.add_user("A").id();
    let resellers = client.resellers();
    let tasks = resellers.account_backup_tasks(id.as_str());
    assert_eq!(tasks.collect().await.unwrap(), []);
    let account = resellers.account_backup_tasks("U-9").collect().await;
    let task = resellers.account_backup_task(id.as_str(), "T-9").await;
    for (error, subject) in [
        (account.unwrap_err(), "account U-9".to_owned()),
        (
            task.unwrap_err(),
            format!("backup task T-9 of account {id}"),
        ),
    ] {
        assert_eq!(error.kind(), ErrorKind::NotFound, "{error}");
        assert!(error.to_string().contains(&subject), "{error}");
    }
}
