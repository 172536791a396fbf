//! The SDK against the whole service: sign-ins, complete lists, expiry of tokens, a restore to its
//! end.

use std::sync::Arc;
use std::time::Duration;

use cloudally::types::RestoreRequest;
use cloudally::{Client, Credentials, Error, ErrorKind, ListRequest};
use cloudally_contract::accounts::{builder, client, partner, patient, portal};
use cloudally_contract::spec;
use cloudally_contract::time::FakeClock;
use cloudally_sandbox::Sandbox;
use futures_util::future::join_all;
use serde::Serialize;
use serde_json::Value;

const LIFE: Duration = Duration::from_secs(3600);
/// Far less than the life of a token, and more than a client waits before it gives up another
/// refused one.
const SOON: Duration = Duration::from_secs(5);

/// A sandbox whose lists need several pages, the last of them not full.
async fn sandbox() -> Sandbox {
    Sandbox::builder()
        .ragged()
        .users(33)
        .tasks(57)
        .statuses(101)
        .token_lifetime(LIFE)
        .start()
        .await
        .unwrap()
}

/// Reads the list in pages of ten, and compares what was read, encoded again, with what the sandbox
/// has.
async fn assert_complete<T>(list: ListRequest<T>, component: &str, expected: &[Value])
where
    T: Serialize + Send + 'static,
{
    assert!(
        expected.len() > 10,
        "{component}: the list has several pages"
    );
    let read = list.page_size(10).collect().await.unwrap();
    assert_eq!(read.len(), expected.len(), "{component}");
    for (read, expected) in read.iter().zip(expected) {
        assert_same(component, read, expected);
    }
}

fn pages(items: &[Value]) -> u64 {
    u64::try_from(items.len().div_ceil(10)).unwrap()
}

fn assert_same(component: &str, read: &impl Serialize, expected: &Value) {
    let read = serde_json::to_value(read).unwrap();
    assert_eq!(read, spec::without_known_nulls(component, expected));
}

#[tokio::test]
async fn a_partner_reads_its_profile_and_all_its_lists() {
    let sandbox = sandbox().await;
    let client = client(&sandbox, partner(sandbox.partner()));
    let profile = client.partners().profile().await.unwrap();
    assert_same("Partner", &profile, sandbox.partner_profile());
    assert_complete(client.users().list(), "User", sandbox.users()).await;
    assert_complete(client.tasks().list(), "Task", sandbox.tasks()).await;
    assert_complete(
        client.partners().backup_statuses(),
        "BackupStatus",
        sandbox.statuses(),
    )
    .await;
    assert_complete(client.billing().bills(), "Bill", sandbox.bills()).await;
    assert_complete(client.billing().partner_billing(), "Bill", sandbox.bills()).await;
    assert_complete(
        client.backups().list(),
        "BackupTask",
        sandbox.backup_tasks(),
    )
    .await;
    for (operation, items) in [
        ("listPartnerUsers", sandbox.users()),
        ("listPartnerTasks", sandbox.tasks()),
        ("getPartnerStatus", sandbox.statuses()),
        ("listPartnerBills", sandbox.bills()),
        ("getPartnerBilling", sandbox.bills()),
        ("listBackupTasks", sandbox.backup_tasks()),
    ] {
        assert_eq!(
            sandbox.request_count(operation),
            pages(items),
            "{operation}"
        );
    }
    assert_eq!(sandbox.request_count("partnerLogin"), 1);
}

#[tokio::test]
async fn a_partner_signs_in_for_its_user() {
    let sandbox = sandbox().await;
    let account = sandbox.partner();
    let credentials = partner(account).with_user(account.email(), account.password());
    let profile = client(&sandbox, credentials)
        .partners()
        .profile()
        .await
        .unwrap();
    assert_same("Partner", &profile, sandbox.partner_profile());
    assert_eq!(sandbox.request_count("partnerLogin"), 1);

    let wrong = partner(account).with_user(account.email(), "not the password");
    let error = client(&sandbox, wrong).sign_in().await.unwrap_err();
    assert!(
        error.is_unauthenticated() && error.request_id().is_some(),
        "{error:?}"
    );
    assert_eq!(sandbox.request_count("partnerLogin"), 2);
}

#[tokio::test]
async fn a_portal_user_reads_its_backup_tasks_and_nothing_of_the_partner() {
    let sandbox = sandbox().await;
    let account = sandbox.portal_user();
    for credentials in [
        portal(account),
        portal(account).with_client(account.client_id(), account.client_secret()),
    ] {
        let client = client(&sandbox, credentials);
        assert_complete(
            client.backups().list(),
            "BackupTask",
            sandbox.backup_tasks(),
        )
        .await;
        let task = &sandbox.backup_tasks()[6];
        let read = client
            .backups()
            .get(task["id"].as_str().unwrap())
            .await
            .unwrap();
        assert_same("BackupTask", &read, task);
        let error = client.users().list().collect().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Forbidden, "{error}");
    }
    assert_eq!(sandbox.request_count("login"), 2);
}

#[tokio::test]
async fn a_distributor_reads_its_resellers_and_their_accounts() {
    let sandbox = sandbox().await;
    let client = client(&sandbox, partner(sandbox.distributor()));
    let profile = client.partners().profile().await.unwrap();
    assert_same("Partner", &profile, sandbox.distributor_profile());
    assert_complete(
        client.partners().resellers(),
        "Reseller",
        sandbox.resellers(),
    )
    .await;
    let mut accounts_read = 0;
    for reseller in sandbox.resellers() {
        let id = reseller["partnerId"].as_str().unwrap();
        let accounts: Vec<_> = sandbox
            .users()
            .iter()
            .filter(|user| user["partnerID"] == *id)
            .collect();
        let list = client.partners().reseller_accounts(id);
        let read = list.page_size(2).collect().await.unwrap();
        assert_eq!(read.len(), accounts.len(), "{id}");
        for (read, expected) in read.iter().zip(accounts) {
            assert_same("User", read, expected);
        }
        accounts_read += read.len();
        let details = client.partners().reseller(id).await.unwrap();
        assert_eq!(details.partner_id.as_ref().map(|id| id.as_str()), Some(id));
        assert_eq!(usize::try_from(details.total.unwrap()).unwrap(), read.len());
    }
    assert!(accounts_read > 12, "some reseller has several accounts");
    let error = client.partners().reseller("nobody").await.unwrap_err();
    assert_eq!(
        (error.kind(), error.server_message()),
        (ErrorKind::NotFound, Some("No such reseller"))
    );
}

#[tokio::test]
async fn a_distributor_reads_all_lists_of_v2() {
    let sandbox = sandbox().await;
    let client = client(&sandbox, partner(sandbox.distributor()));
    let v2 = client.resellers();
    assert_same(
        "Reseller",
        &v2.profile().await.unwrap(),
        sandbox.reseller_details(),
    );
    assert_complete(v2.accounts(), "User", sandbox.users()).await;
    assert_complete(v2.backup_tasks(), "Task", sandbox.tasks()).await;
    assert_complete(v2.backup_statuses(), "BackupStatus", sandbox.statuses()).await;
    assert_complete(v2.bills(), "Bill", sandbox.bills()).await;
}

#[tokio::test]
async fn an_ordinary_partner_may_not_read_resellers() {
    let sandbox = sandbox().await;
    let client = client(&sandbox, partner(sandbox.partner()));
    for error in [
        client.partners().resellers().collect().await.unwrap_err(),
        client.resellers().accounts().collect().await.unwrap_err(),
        client.resellers().profile().await.map(drop).unwrap_err(),
    ] {
        assert_eq!(
            (error.kind(), error.attempts()),
            (ErrorKind::Forbidden, 1),
            "{error}"
        );
    }
    assert_eq!(sandbox.request_count("partnerLogin"), 1);
}

#[tokio::test]
async fn an_expired_token_costs_one_renewal_however_many_calls_meet_it() {
    let sandbox = sandbox().await;
    let clock = FakeClock::default();
    let credentials = partner(sandbox.partner());
    let client = builder(&sandbox, credentials)
        .clock(Arc::new(clock.clone()))
        .build()
        .unwrap();
    for expiries in 0..4 {
        let profiles = (0..20).map(|_| {
            let client = client.clone();
            async move { client.partners().profile().await }
        });
        let results: Vec<Result<_, Error>> = join_all(profiles).await;
        for result in results {
            assert_same("Partner", &result.unwrap(), sandbox.partner_profile());
        }
        assert_eq!(sandbox.request_count("partnerLogin"), 1);
        assert_eq!(sandbox.request_count("refreshToken"), expiries);
        // To the client the token is still young, so it learns of its end from a 401.
        sandbox.advance(LIFE);
        clock.advance(SOON);
    }
}

#[tokio::test]
async fn a_token_may_expire_between_the_pages_of_a_list() {
    let sandbox = sandbox().await;
    let clock = FakeClock::default();
    let credentials = partner(sandbox.partner());
    let client = builder(&sandbox, credentials)
        .clock(Arc::new(clock.clone()))
        .build()
        .unwrap();
    let mut read = 0;
    let mut pages_read = 0;
    let mut pages = client.partners().backup_statuses().page_size(10).pages();
    while let Some(page) = pages.try_next().await.unwrap() {
        read += page.items.len();
        pages_read += 1;
        // To the client the token is still young, so it learns of its end from a 401.
        sandbox.advance(LIFE);
        clock.advance(SOON);
    }
    assert_eq!((read, pages_read), (sandbox.statuses().len(), 11));
    assert_eq!(sandbox.request_count("partnerLogin"), 1);
    assert_eq!(sandbox.request_count("refreshToken"), pages_read - 1);
}

#[tokio::test]
async fn a_bare_token_is_good_until_it_expires_and_then_says_so() {
    let sandbox = sandbox().await;
    let account = sandbox.partner();
    let by_hand = client(&sandbox, partner(account)).authentication();
    let token = by_hand
        .partner_login(account.client_id(), account.client_secret())
        .await
        .unwrap();
    let credentials = Credentials::access_token(token.access_token.unwrap());
    let client = client(&sandbox, credentials);
    client.partners().profile().await.unwrap();
    sandbox.advance(LIFE);
    let error = client.partners().profile().await.unwrap_err();
    assert!(error.is_unauthenticated(), "{error}");
    assert_eq!(sandbox.request_count("getPartner"), 2);
}

#[tokio::test]
async fn a_refresh_token_works_once() {
    let sandbox = sandbox().await;
    let account = sandbox.partner();
    let by_hand = client(&sandbox, partner(account)).authentication();
    let sign_in = by_hand.login(account.email(), account.password());
    let refresh_token = sign_in.await.unwrap().refresh_token.unwrap();
    let next = by_hand.refresh_token(refresh_token.clone()).await.unwrap();
    assert_ne!(next.refresh_token.unwrap().expose(), refresh_token.expose());
    let error = by_hand.refresh_token(refresh_token).await.unwrap_err();
    assert!(error.is_unauthenticated(), "{error}");
    assert_eq!(error.operation(), Some("refreshToken"));
}

async fn restoring(entity: &str) -> (Sandbox, Client, RestoreRequest) {
    let sandbox = Sandbox::builder()
        .ragged()
        .restore_duration(Duration::from_secs(20))
        .token_lifetime(Duration::from_secs(8))
        .start()
        .await
        .unwrap();
    let client = patient(&sandbox).build().unwrap();
    let mut request = RestoreRequest::default();
    request.task_id = sandbox.tasks()[0]["id"].as_str().map(Into::into);
    request.entity_name = Some(entity.to_owned());
    (sandbox, client, request)
}

#[tokio::test]
async fn a_restore_is_followed_to_its_end_beyond_the_life_of_the_token() {
    let (sandbox, client, request) = restoring("ann@example.com").await;
    let restore = client.restores().create(request.clone()).await.unwrap();
    let mut seen = Vec::new();
    let mut states = restore.wait(Duration::from_secs(600)).states();
    while let Some(job) = states.try_next().await.unwrap() {
        assert_eq!(job.job_id.as_ref(), Some(restore.id()));
        seen.push(job.status.unwrap().to_string());
    }
    seen.dedup();
    assert_eq!(seen, ["PENDING", "IN_PROGRESS", "COMPLETED"]);
    assert_eq!(sandbox.request_count("createRestoreRequest"), 1);
    assert_eq!(sandbox.request_count("login"), 1);
    assert!(sandbox.request_count("refreshToken") >= 1);
}

#[tokio::test]
async fn a_restore_that_fails_is_an_error_with_its_last_state() {
    let (sandbox, client, request) = restoring("fail").await;
    let restore = client.restores().create(request.clone()).await.unwrap();
    let error = restore.wait(Duration::from_secs(600)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::JobFailed);
    let job = error.job().unwrap();
    assert_eq!(
        job.message.as_deref(),
        Some("The entity could not be restored")
    );
    assert_eq!(job.job_id.as_ref(), Some(restore.id()));
    assert_eq!(sandbox.request_count("createRestoreRequest"), 1);
}

#[tokio::test]
async fn a_restore_of_a_task_that_is_not_there_is_refused() {
    let (sandbox, client, mut request) = restoring("ann@example.com").await;
    request.task_id = Some("nothing".into());
    let error = client.restores().create(request.clone()).await.unwrap_err();
    assert_eq!(
        (error.kind(), error.server_message()),
        (ErrorKind::NotFound, Some("No such task"))
    );
    let error = client.restores().job("nothing").status().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
    assert_eq!(sandbox.request_count("createRestoreRequest"), 1);
}
