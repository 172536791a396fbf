//! The typed mocks that users of the SDK write their own tests with: each fits the SDK's request,
//! and answers what the SDK reads.

use std::panic::AssertUnwindSafe;

use cloudally::testing::{MockServerExt, MockService};
use cloudally::types::Secret;
use cloudally::{Client, Credentials};
use cloudally_contract::made_up::{
    ACCESS_TOKEN, CLIENT_ID, CLIENT_SECRET, EMAIL, PASSWORD, REFRESH_TOKEN,
};
use cloudally_contract::setup::status_of;
use cloudally_contract::{calls, fixtures, made_up};
use cloudally_gen::operations;
use cloudally_gen::page::Page;
use cloudally_gen::types::{
    AccessToken, LoginBody, PartnerLoginBody, RefreshTokenBody, Reseller, ResellerDetails,
    RestoreJob,
};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

fn typed<T: DeserializeOwned>(value: Value) -> T {
    serde_json::from_value(value).unwrap()
}

fn page<T: DeserializeOwned>(fixture: &str) -> Page<T> {
    typed(fixtures::page(fixture))
}

fn token() -> AccessToken {
    typed(fixtures::full("access_token"))
}

/// Mounts the typed mock of a v1 list, for its first page.
macro_rules! v1_list {
    ($server:expr, $mock:ident, $fixture:literal) => {
        $server.$mock(|when, then| {
            when.page_size(500).page(None).next_page_token(None);
            then.ok(&page($fixture));
        })
    };
}

/// Mounts the typed mock of a v2 list, for its first page.
macro_rules! v2_list {
    ($server:expr, $mock:ident, $fixture:literal) => {
        $server.$mock(|when, then| {
            when.limit(500).page(None);
            then.ok(&page($fixture));
        })
    };
}

/// Mounts the typed mock of an operation.
fn mount(server: &MockService, id: &str) {
    let secret = Secret::from(CLIENT_SECRET);
    match id {
        "login" => server.login(|when, then| {
            let body: LoginBody = typed(json!({"email": EMAIL, "password": PASSWORD}));
            when.body(&body);
            then.ok(&token());
        }),
        "partnerLogin" => server.partner_login(|when, then| {
            let body = json!({"clientId": CLIENT_ID, "clientSecret": CLIENT_SECRET});
            let body: PartnerLoginBody = typed(body);
            when.client_id(CLIENT_ID).client_secret(&secret).body(&body);
            then.ok(&token());
        }),
        "refreshToken" => server.refresh_token(|when, then| {
            let body: RefreshTokenBody = typed(json!({"refreshToken": REFRESH_TOKEN}));
            when.body(&body);
            then.ok(&token());
        }),
        "listBackupTasks" => v1_list!(server, list_backup_tasks, "backup_task"),
        "getBackupTask" => server.get_backup_task(|when, then| {
            when.task_id("BT-1");
            then.ok(&typed(fixtures::full("backup_task")));
        }),
        "getPartner" => server.get_partner(|_, then| {
            then.ok(&typed(fixtures::full("partner")));
        }),
        "getPartnerBilling" => v1_list!(server, get_partner_billing, "bill"),
        "listPartnerBills" => v1_list!(server, list_partner_bills, "bill"),
        "listResellers" => v1_list!(server, list_resellers, "reseller"),
        "getReseller" => server.get_reseller(|when, then| {
            when.reseller_id("P-2001")
                .page_size(None)
                .page(None)
                .next_page_token(None);
            then.ok(&typed::<ResellerDetails>(fixtures::reseller_details()));
        }),
        "getPartnerStatus" => v1_list!(server, get_partner_status, "status_entry"),
        "listPartnerTasks" => v1_list!(server, list_partner_tasks, "task"),
        "listPartnerUsers" => v1_list!(server, list_partner_users, "user"),
        "createRestoreRequest" => server.create_restore_request(|when, then| {
            when.body(&calls::restore_request());
            then.created(&typed::<RestoreJob>(fixtures::full("restore_job")));
        }),
        "getRestoreStatus" => server.get_restore_status(|when, then| {
            when.job_id("J-1");
            then.ok(&typed::<RestoreJob>(fixtures::full("restore_job")));
        }),
        "listAccountBackupTasksV2" => server.list_account_backup_tasks_v2(|when, then| {
            when.account_id("U-1").limit(500).page(None);
            then.ok(&page("task"));
        }),
        "getAccountBackupTaskV2" => server.get_account_backup_task_v2(|when, then| {
            when.account_id("U-1").task_id("T-1");
            then.ok(&typed(fixtures::full("task")));
        }),
        "listResellerAccountsV2" => v2_list!(server, list_reseller_accounts_v2, "user"),
        "listResellerBackupStatusesV2" => {
            v2_list!(server, list_reseller_backup_statuses_v2, "status_entry")
        }
        "listResellerBackupTasksV2" => v2_list!(server, list_reseller_backup_tasks_v2, "task"),
        "listResellerBillsV2" => v2_list!(server, list_reseller_bills_v2, "bill"),
        "getResellerDetailsV2" => server.get_reseller_details_v2(|_, then| {
            then.ok(&typed::<Reseller>(fixtures::full("reseller")));
        }),
        other => panic!("{other} has no typed mock here"),
    };
}

#[tokio::test]
async fn the_typed_mock_of_every_operation_fits_its_request_and_gives_its_answer() {
    for operation in operations::ALL {
        let call = calls::of(operation.id);
        let service = MockService::start();
        mount(&service, call.id);
        if !call.is_sign_in() {
            mount(&service, "partnerLogin");
        }
        let returned = (call.run)(partner(&service)).await;
        assert_eq!(returned.unwrap(), call.returns, "{}", call.id);
    }
}

#[tokio::test]
async fn the_typed_mock_of_a_list_tells_its_pages_apart() {
    let service = MockService::start();
    mount(&service, "partnerLogin");
    let [first, second] = fixtures::both("task");
    let page = |number: u32, token: Option<&str>, item: &Value| {
        typed(
            json!({"page": number, "totalPages": 2, "total": 2, "nextPageToken": token, "data": [item]}),
        )
    };
    let one = service.list_partner_tasks(|when, then| {
        when.page_size(1).page(None).next_page_token(None);
        then.ok(&page(1, Some("t2"), &first));
    });
    let two = service.list_partner_tasks(|when, then| {
        when.page_size(1).page(2).next_page_token("t2");
        then.ok(&page(2, None, &second));
    });
    let three = service.list_partner_tasks(|when, then| {
        when.page_size(1).page(3);
        then.ok(&page(3, None, &second));
    });
    let client = partner(&service);
    let tasks = client.tasks().list().page_size(1).collect().await.unwrap();
    assert_eq!(tasks.len(), 2);
    one.assert_calls(1);
    two.assert_calls(1);
    three.assert_calls(0);
}

async fn fits(planned: &str, asked: &str) -> bool {
    let service = MockService::start();
    mount(&service, "partnerLogin");
    service.get_backup_task(|when, then| {
        when.task_id(planned);
        then.ok(&typed(fixtures::full("backup_task")));
    });
    let found = partner(&service).backups().get(asked).await.is_ok();
    // An unplanned request fails the test when the service is dropped.
    assert_eq!(dropped(service).is_ok(), found);
    found
}

#[tokio::test]
async fn the_typed_mock_of_an_id_fits_that_id_and_no_other() {
    assert!(fits("BT-1", "BT-1").await && !fits("BT-1", "BT-2").await);
    assert!(!fits("BT-1", "BT-11").await);
    // What an id means in an expression is not what it means in a path.
    assert!(fits("BT.1", "BT.1").await);
    assert!(
        !fits("BT.1", "BT-1").await,
        "a dot in the id stands for itself"
    );
}

fn partner(service: &MockService) -> Client {
    let builder = Client::builder().base_url(service.url());
    builder.credentials(made_up::partner()).build().unwrap()
}

pub(crate) fn client(service: &MockService) -> Client {
    let builder = Client::builder().base_url(service.url());
    let credentials = Credentials::access_token(ACCESS_TOKEN);
    builder.credentials(credentials).build().unwrap()
}

fn dropped(service: MockService) -> std::thread::Result<()> {
    std::panic::catch_unwind(AssertUnwindSafe(|| drop(service)))
}

pub(crate) fn message(panic: Box<dyn std::any::Any + Send>) -> String {
    *panic.downcast::<String>().unwrap()
}

#[tokio::test]
async fn an_unplanned_request_fails_the_test_and_says_what_came_and_what_was_planned() {
    let service = MockService::start();
    service.list_partner_users(|when, then| {
        when.page_size(10);
        then.ok(&page("user"));
    });
    service.get_partner(|_, then| {
        then.ok(&typed(fixtures::full("partner")));
    });
    let client = client(&service);
    client.partners().profile().await.unwrap();
    let error = client.users().list().collect().await.unwrap_err();
    assert_eq!((status_of(&error), error.attempts()), (Some(501), 1));
    let told = error.to_string();
    assert!(
        told.contains("received GET /v1/partners/users?pageSize=500"),
        "{told}"
    );
    let failed = message(dropped(service).unwrap_err());
    assert!(
        failed.contains("received GET /v1/partners/users?pageSize=500")
            && failed.contains("list_partner_users, get_partner"),
        "{failed}"
    );
    assert!(
        failed.contains(
            "the nearest is list_partner_users: the query's pageSize should be 10, and is 500"
        ),
        "{failed}"
    );
    assert!(!failed.contains("canary"), "{failed}");
}

/// What a service with a plan says of the one request that this makes, and that was not planned.
async fn told<F, T>(call: impl FnOnce(Client) -> F) -> String
where
    F: IntoFuture<Output = Result<T, cloudally::Error>>,
{
    let service = MockService::start();
    service.partner_login(|when, then| {
        let body = json!({"clientId": CLIENT_ID, "clientSecret": CLIENT_SECRET});
        let secret = Secret::from(CLIENT_SECRET);
        when.client_secret(&secret).body(&typed(body));
        then.ok(&token());
    });
    service.get_backup_task(|when, then| {
        when.task_id("BT-1");
        then.ok(&typed(fixtures::full("backup_task")));
    });
    service.list_partner_tasks(|when, then| {
        when.page_size(2).page(2).next_page_token("t2");
        then.ok(&page("task"));
    });
    service.list_partner_users(|when, then| {
        when.page_size(None);
        then.ok(&page("user"));
    });
    service.create_restore_request(|when, then| {
        when.body(&typed(json!({"taskId": "T-1", "entityName": "ann"})));
        then.created(&typed::<RestoreJob>(fixtures::full("restore_job")));
    });
    assert!(call(client(&service)).await.is_err());
    message(dropped(service).unwrap_err())
}

#[tokio::test]
async fn an_unplanned_request_is_told_in_what_it_differs_from_the_nearest_plan() {
    let path = told(|client| client.backups().get("BT-2")).await;
    let query =
        told(|client| async move { client.tasks().list().page_size(2).collect().await }).await;
    let missing = told(|client| async move { client.users().list().collect().await }).await;
    let body = told(|client| {
        let request: cloudally::types::RestoreRequest = typed(json!({"taskId": "T-2"}));
        client.restores().create(request.clone())
    })
    .await;
    let by_hand = |client: Client| {
        let secret = "canary-of-somebody-else";
        client.authentication().partner_login(CLIENT_ID, secret)
    };
    let secrets = told(by_hand).await;
    for (text, expected) in [
        (
            &path,
            "the nearest is get_backup_task: the path should be /v1/backup-tasks/BT-1, and is /v1/backup-tasks/BT-2",
        ),
        (
            &query,
            "the nearest is list_partner_tasks: the query's page should be 2, and is none; \
             the query's nextPageToken should be t2, and is none",
        ),
        (
            &missing,
            "the nearest is list_partner_users: the query's pageSize should be none, and is 500",
        ),
        (
            &body,
            "the nearest is create_restore_request: the body's entityName should be \"ann\", and is none; \
             the body's taskId should be \"T-1\", and is \"T-2\"",
        ),
        (
            &secrets,
            "the nearest is partner_login: the header client-secret is not the expected one; \
             the body's clientSecret is not the expected one",
        ),
    ] {
        assert!(text.contains(expected), "{text}");
        assert!(!text.contains("canary"), "{text}");
    }
}

/// What a service that plans one request says of another, made by hand.
async fn told_of(query: &str, plan: impl FnOnce(httpmock::When) -> httpmock::When) -> String {
    let service = MockService::start();
    service.plan("search", |when, then| {
        plan(when.path("/search"));
        then.status(200);
    });
    let url = format!("{}/search?{query}", service.url());
    let response = reqwest::get(url).await.unwrap();
    assert_eq!(response.status(), 501);
    message(dropped(service).unwrap_err())
}

#[tokio::test]
async fn the_message_of_an_unplanned_request_has_no_secret_of_its_query() {
    let names = "apikey api_key API-Key x.api.key access_token refresh_token refreshToken credential password pwd secret \
                 client_secret token tok%65n";
    for name in names.split_whitespace() {
        let query = format!("a=b&{name}=canary&&c=%20d");
        let text = told_of(&query, |when| when.query_param("a", "x")).await;
        let line = format!("received GET /search?a=b&{name}=[redacted]&c=%20d");
        assert!(text.contains(&line), "{text}");
        assert!(!text.contains("canary"), "{text}");
    }
    let query = "next=%2Fa%3Fb%3D1%26password%3Dcanary";
    let within = told_of(query, |when| when.query_param("next", "/a")).await;
    assert!(within.contains("?next=[redacted],"), "{within}");
    assert!(!within.contains("canary"), "{within}");
    let open = told_of("nextPageToken=t2", |when| when.query_param("a", "x")).await;
    assert!(open.contains("?nextPageToken=t2,"), "{open}");
}

#[tokio::test]
async fn a_name_in_a_query_has_its_case_and_all_its_values() {
    let case = told_of("PageSize=2", |when| when.query_param("pageSize", "2")).await;
    assert!(
        case.contains("the query's pageSize should be 2, and is none"),
        "{case}"
    );
    let all = told_of("a=1&a=2&b=1", |when| {
        when.query_param("a", "2").query_param("b", "2")
    })
    .await;
    assert!(
        all.contains("search: the query's b should be 2, and is 1"),
        "{all}"
    );
    let none = told_of("a=1&a=2", |when| when.query_param("a", "3")).await;
    assert!(
        none.contains("the query's a should be 3, and is 1 and 2"),
        "{none}"
    );
}

#[tokio::test]
async fn what_is_planned_and_what_is_taken_fails_no_test() {
    let service = MockService::start();
    let client = client(&service);
    assert!(client.partners().profile().await.is_err());
    assert_eq!(service.take_unplanned(), ["GET /v1/partners"]);
    let planned = service.get_partner(|_, then| {
        then.ok(&typed(fixtures::full("partner")));
    });
    client.partners().profile().await.unwrap();
    planned.assert();
    drop(service);
}
