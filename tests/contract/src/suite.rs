//! The one suite that every target must pass: stubs, the sandbox, a live service.

use std::collections::{BTreeMap, BTreeSet};

use cloudally::types::{RestoreRequest, Secret};
use cloudally::{Client, Error, ErrorKind, List, Reply};
use serde::Serialize;

use crate::drift::Drift;

/// What the suite may do, and with what.
#[derive(Debug)]
#[non_exhaustive]
pub struct Target {
    /// A client that is set up for the target.
    pub client: Client,
    /// A client with a token that nobody gave out.
    pub stranger: Client,
    /// What to sign in with by hand, if that is to be tried.
    pub partner: Option<(String, Secret)>,
    /// The portal user to sign in as by hand.
    pub user: Option<(String, Secret)>,
    /// The restore to ask for: the only thing that changes anything. Without one the suite only reads.
    pub restore: Option<RestoreRequest>,
}

impl Target {
    /// Reads only, with the token of the client.
    #[must_use]
    pub fn new(client: Client, stranger: Client) -> Self {
        Self {
            client,
            stranger,
            partner: None,
            user: None,
            restore: None,
        }
    }
}

/// What came of it.
#[derive(Debug, Default)]
#[non_exhaustive]
pub struct Outcome {
    /// The operations that answered as they should.
    pub passed: BTreeSet<&'static str>,
    /// The operations that the account may not use: the service said so, as it may.
    pub refused: BTreeSet<&'static str>,
    /// What did not hold, by operation.
    pub failed: BTreeMap<&'static str, String>,
    /// How far the answers are from the document.
    pub drift: Drift,
}

/// How many items a page has, so that small lists have several pages.
const PAGE_SIZE: u32 = 2;
/// An id that nothing has.
const NOTHING: &str = "00000000-0000-0000-0000-000000000000";

/// Runs all checks.
pub async fn run(target: &Target) -> Outcome {
    let mut outcome = Outcome::default();
    let client = &target.client;
    outcome.sign_ins(target).await;
    let partners = client.partners();
    outcome
        .single("getPartner", "Partner", partners.profile())
        .await;
    outcome
        .list("getPartnerStatus", "StatusEntry", partners.status())
        .await;
    let resellers = outcome
        .list("listResellers", "Reseller", partners.resellers())
        .await;
    if let Some(id) = resellers
        .into_iter()
        .find_map(|reseller| reseller.partner_id)
    {
        let accounts = partners.reseller_accounts(&id);
        outcome
            .single("getReseller", "ResellerDetails", partners.reseller(&id))
            .await;
        outcome.list("getReseller", "User", accounts).await;
    }
    outcome
        .list("listPartnerUsers", "User", client.users().list())
        .await;
    outcome
        .list("listPartnerTasks", "Task", client.tasks().list())
        .await;
    outcome
        .list(
            "getPartnerBilling",
            "Bill",
            client.billing().partner_billing(),
        )
        .await;
    outcome
        .list("listPartnerBills", "Bill", client.billing().bills())
        .await;
    let tasks = outcome
        .list("listBackupTasks", "BackupTask", client.backups().list())
        .await;
    if let Some(id) = tasks.into_iter().find_map(|task| task.id) {
        outcome
            .single("getBackupTask", "BackupTask", client.backups().get(id))
            .await;
    }
    let own = client.resellers();
    outcome
        .single("getResellerDetailsV2", "Reseller", own.profile())
        .await;
    outcome
        .list("listResellerAccountsV2", "User", own.accounts())
        .await;
    outcome
        .list("listResellerBackupTasksV2", "Task", own.backup_tasks())
        .await;
    outcome
        .list(
            "listResellerBackupStatusesV2",
            "StatusEntry",
            own.backup_statuses(),
        )
        .await;
    outcome
        .list("listResellerBillsV2", "Bill", own.bills())
        .await;
    outcome.restore(target).await;
    outcome.refusals(target).await;
    outcome
}

impl Outcome {
    /// Everything in lines.
    #[must_use]
    pub fn report(&self) -> String {
        let names = |names: &BTreeSet<&str>| names.iter().copied().collect::<Vec<_>>().join(", ");
        let mut text = format!(
            "passed: {}\nrefused: {}\n",
            names(&self.passed),
            names(&self.refused)
        );
        for (operation, why) in &self.failed {
            text += &format!("failed: {operation}: {why}\n");
        }
        text + &self.drift.to_string()
    }

    fn fail(&mut self, operation: &'static str, why: impl ToString) {
        self.failed.insert(operation, why.to_string());
    }

    fn settle<T>(&mut self, operation: &'static str, answer: Result<T, Error>) -> Option<T> {
        match answer {
            Ok(value) => {
                self.passed.insert(operation);
                Some(value)
            }
            Err(error) if error.kind() == ErrorKind::Forbidden => {
                self.refused.insert(operation);
                None
            }
            Err(error) => {
                self.fail(operation, error);
                None
            }
        }
    }

    fn saw(&mut self, component: &str, value: &impl Serialize) {
        let value = serde_json::to_value(value).unwrap_or_default();
        self.drift.saw(component, &value);
    }

    async fn single<T: Serialize + Send + 'static>(
        &mut self,
        operation: &'static str,
        component: &str,
        call: Reply<T>,
    ) -> Option<T> {
        let answer = call.with_response().await;
        let response = self.settle(operation, answer)?;
        if response.head.status() / 100 != 2 {
            self.fail(operation, format!("status {}", response.head.status()));
        }
        self.saw(component, &response.value);
        Some(response.value)
    }

    /// The first two pages, so that every parameter of paging is sent.
    async fn list<T: Serialize + Clone + Send + 'static>(
        &mut self,
        operation: &'static str,
        component: &str,
        list: List<T>,
    ) -> Vec<T> {
        let mut pages = list.page_size(PAGE_SIZE).prefetch(false).pages();
        let mut items = Vec::new();
        for _ in 0..2 {
            let page = match futures_util::StreamExt::next(&mut pages).await {
                Some(page) => page,
                None => break,
            };
            let Some(page) = self.settle(operation, page) else {
                break;
            };
            for item in &page.items {
                self.saw(component, item);
            }
            items.extend(page.items);
        }
        items
    }

    async fn sign_ins(&mut self, target: &Target) {
        let by_hand = target.client.authentication();
        let mut refresh = None;
        if let Some((id, secret)) = &target.partner {
            let answer = match &target.user {
                Some((email, password)) => {
                    by_hand.partner_login_as(id, secret.clone(), email, password.clone())
                }
                None => by_hand.partner_login(id, secret.clone()),
            };
            let token = self.single("partnerLogin", "AccessToken", answer).await;
            refresh = token.and_then(|token| token.refresh_token);
        }
        if let Some((email, password)) = &target.user {
            let answer = by_hand.login(email, password.clone());
            let token = self.single("login", "AccessToken", answer).await;
            refresh = token.and_then(|token| token.refresh_token).or(refresh);
        }
        if let Some(token) = refresh {
            let answer = by_hand.refresh_token(token);
            self.single("refreshToken", "AccessToken", answer).await;
        }
    }

    async fn restore(&mut self, target: &Target) {
        let Some(request) = &target.restore else {
            return;
        };
        let created = target.client.restores().create(request).await;
        let Some(handle) = self.settle("createRestoreRequest", created) else {
            return;
        };
        self.saw("RestoreJob", handle.created());
        self.single("getRestoreStatus", "RestoreJob", handle.status())
            .await;
    }

    /// What is documented of refusals.
    async fn refusals(&mut self, target: &Target) {
        let backups = target.client.backups();
        self.refuses("getBackupTask", 404, backups.get(NOTHING))
            .await;
        let restores = target.client.restores();
        self.refuses("getRestoreStatus", 404, restores.status(NOTHING))
            .await;
        self.refuses("getPartner", 401, target.stranger.partners().profile())
            .await;
    }

    async fn refuses<T>(&mut self, operation: &'static str, status: u16, call: Reply<T>) {
        match call.await {
            Ok(_) => self.fail(operation, format!("answered where it should say {status}")),
            Err(error) if error.status() == Some(status) => {}
            // Whoever may not look is not told whether there is something.
            Err(error) if error.kind() == ErrorKind::Forbidden => {}
            Err(error) => self.fail(operation, format!("{status} was expected: {error}")),
        }
    }
}
