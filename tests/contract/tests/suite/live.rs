//! A live service: what reads can show of it.

use cloudally::types::{RestoreRequest, Secret};
use cloudally::{Client, Credentials};
use cloudally_contract::spec;
use cloudally_contract::suite::{self, Target};
use cloudally_sandbox::{Credentials as Account, Sandbox};

use crate::sandbox::small;
use crate::{is_sign_in, stranger};

const SERVICE: &str = "https://api.cloudally.com";

struct Live {
    url: String,
    own: Client,
    partner: Option<(String, Secret)>,
    user: Option<(String, Secret)>,
    restore: Option<RestoreRequest>,
}

impl Live {
    /// What these variables say.
    fn new(variable: impl Fn(&str) -> Option<String>) -> Self {
        let secret = |name: &str| {
            let file = variable(&format!("{name}_FILE"));
            let file = file.map(|path| std::fs::read_to_string(path).unwrap().trim().to_owned());
            variable(name).or(file)
        };
        let pair = |name: &str, word: &str| {
            let word = secret(word).map(Secret::from);
            secret(name).zip(word)
        };
        let partner = pair("CLOUDALLY_CLIENT_ID", "CLOUDALLY_CLIENT_SECRET");
        let user = pair("CLOUDALLY_USER", "CLOUDALLY_PASSWORD");
        let credentials = match (partner.clone(), user.clone()) {
            (Some((id, secret)), None) => Credentials::partner(id, secret),
            (Some((id, secret)), Some((email, password))) => {
                Credentials::partner(id, secret).with_user(email, password)
            }
            (None, Some((email, password))) => Credentials::portal(email, password),
            (None, None) => panic!("the credentials are missing: see Client::from_env"),
        };
        let url = variable("CLOUDALLY_BASE_URL").unwrap_or(SERVICE.to_owned());
        let writes = variable("CLOUDALLY_LIVE_WRITE").is_some_and(|value| value == "1");
        let restore = writes.then(|| {
            let request = variable("CLOUDALLY_LIVE_RESTORE").expect(
                "CLOUDALLY_LIVE_WRITE=1 needs the restore to ask for in CLOUDALLY_LIVE_RESTORE",
            );
            serde_json::from_str(&request).expect("a restore request as JSON")
        });
        let builder = Client::builder().base_url(url.as_str());
        Self {
            own: builder.credentials(credentials).build().unwrap(),
            url,
            partner,
            user,
            restore,
        }
    }
}

impl Target for Live {
    fn client(&self, operation: &str, status: u16) -> Option<Client> {
        let is_read = spec::operations()
            .iter()
            .any(|one| one.id == operation && one.method == "GET");
        match status {
            200 if is_read || is_sign_in(operation) => Some(self.own.clone()),
            201 => Some(self.own.clone()),
            // To sign in with what is wrong could lock the account.
            401 if is_read => Some(stranger(&self.url)),
            404 if is_read => Some(self.own.clone()),
            _ => None,
        }
    }

    fn partner(&self) -> Option<(String, Secret)> {
        self.partner.clone()
    }

    fn user(&self) -> Option<(String, Secret)> {
        self.user.clone()
    }

    fn restore(&self) -> Option<RestoreRequest> {
        self.restore.clone()
    }
}

#[tokio::test]
#[ignore = "it takes an account of the service"]
async fn the_live_service_passes() {
    let variable = |name: &str| std::env::var(name).ok();
    assert!(
        variable("CLOUDALLY_LIVE").is_some_and(|value| value == "1"),
        "set CLOUDALLY_LIVE=1, and the credentials"
    );
    let outcome = suite::run(&Live::new(variable)).await;
    println!("{}", outcome.report());
    assert!(outcome.failed.is_empty(), "{}", outcome.report());
}

/// The variables that name an account of a sandbox.
fn variables(
    sandbox: &Sandbox,
    account: &Account,
    more: Vec<(&'static str, String)>,
) -> impl Fn(&str) -> Option<String> + use<> {
    let mut all = vec![
        ("CLOUDALLY_BASE_URL", sandbox.url().to_owned()),
        ("CLOUDALLY_CLIENT_ID", account.client_id().to_owned()),
        (
            "CLOUDALLY_CLIENT_SECRET",
            account.client_secret().to_owned(),
        ),
        ("CLOUDALLY_USER", account.email().to_owned()),
        ("CLOUDALLY_PASSWORD", account.password().to_owned()),
    ];
    all.extend(more);
    move |name| {
        let found = all.iter().find(|(this, _)| *this == name);
        found.map(|(_, value)| value.clone())
    }
}

#[tokio::test]
async fn what_is_run_against_the_live_service_signs_in_and_reads_all_and_changes_nothing() {
    let sandbox = small().start().await.unwrap();
    let live = Live::new(variables(&sandbox, sandbox.distributor(), Vec::new()));
    let outcome = suite::run(&live).await;
    let report = outcome.report();
    assert!(outcome.failed.is_empty(), "{report}");
    for operation in spec::operations() {
        let id = operation.id;
        let expected: &[u16] = match (id, operation.method.as_str()) {
            ("createRestoreRequest", _) => &[],
            // There is no restore to look at.
            ("getRestoreStatus", _) => &[401, 404],
            ("getReseller" | "getBackupTask", _)
            | ("listAccountBackupTasksV2" | "getAccountBackupTaskV2", _) => &[200, 401, 404],
            (_, "GET") => &[200, 401],
            _ => &[200],
        };
        let passed = outcome.passed.iter();
        let passed: Vec<_> = passed.filter(|(this, _)| *this == id).collect();
        let expected: Vec<_> = expected.iter().map(|status| (id, *status)).collect();
        assert_eq!(passed, expected.iter().collect::<Vec<_>>(), "{report}");
    }
    for request in &sandbox.requests() {
        let is_read = request.method == "GET" || request.path.starts_with("/auth");
        assert!(is_read, "{request:?}");
    }
    // More than the first pages of it.
    let tasks = sandbox.requests().to("listPartnerTasks").with_status(200);
    assert!(
        tasks
            .iter()
            .any(|request| request.query_value("pageSize") == Some("500"))
    );
    assert!(
        report.contains("documented values that never came: "),
        "{report}"
    );
}

#[tokio::test]
async fn a_restore_is_asked_for_where_that_is_allowed() {
    let sandbox = small().start().await.unwrap();
    let request = format!(r#"{{"taskId": {}}}"#, sandbox.tasks()[0]["id"]);
    let restore = ("CLOUDALLY_LIVE_RESTORE", request);
    for (write, count) in [("0", 0), ("1", 1)] {
        let more = vec![("CLOUDALLY_LIVE_WRITE", write.to_owned()), restore.clone()];
        let live = Live::new(variables(&sandbox, sandbox.distributor(), more));
        let outcome = suite::run(&live).await;
        assert!(outcome.failed.is_empty(), "{}", outcome.report());
        assert_eq!(sandbox.request_count("createRestoreRequest"), count);
        let seen = outcome.passed.contains(&("getRestoreStatus", 200));
        assert_eq!(seen, write == "1");
    }
}
