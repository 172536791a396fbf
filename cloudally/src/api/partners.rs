//! The partner itself, and its resellers.

use std::sync::Arc;

use cloudally_gen::id::ResellerId;
use cloudally_gen::json;
use cloudally_gen::operations::{GET_RESELLER, GetPartner, GetReseller};
use cloudally_gen::page::Page as RawPage;
use cloudally_gen::types::{BackupStatus, Partner, Reseller, ResellerDetails, User};
use cloudally_gen::{Client as RawClient, Error as RawError, ResponseValue};

use crate::api::{list, path_id, resource};
use crate::attempt::FailedCall;
use crate::call::Call;
use crate::error::ErrorKind;
use crate::list::{Key, ListRequest, Position, id_text};
use crate::response::Response;

resource! {
    /// The partner: its profile, the backup statuses of its tenants, and its resellers.
    ///
    /// # Examples
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let sandbox = cloudally_sandbox::Sandbox::start().await?;
    /// # let client = cloudally_sandbox::client!(sandbox)?;
    /// let mut statuses = client.partners().backup_statuses().items();
    /// while let Some(entry) = statuses.try_next().await? {
    ///     for problem in entry.problems() {
    ///         println!("{} {:?}: {:?}", entry.label(), problem.sub_source, problem.error);
    ///     }
    /// }
    /// # Ok(())
    /// # }
    /// ```
    Partners
}

impl Partners {
    /// Reads the profile of the partner: `GET /v1/partners`.
    ///
    /// [Evidence](crate#evidence): spec for the path, observed for the shape.
    ///
    /// # Errors
    /// As with every call: see [`ErrorKind`](crate::ErrorKind).
    pub fn profile(&self) -> Call<Partner> {
        self.client.call(GetPartner, |request| request)
    }

    /// Lists the backup statuses of all users: `GET /v1/partners/status`.
    ///
    /// It is a list of entries, and not one line per mailbox:
    /// - One entity can have several entries; the one with the newest attempt is current.
    /// - Entries of archived tasks and of long ago remain. Their tasks are
    ///   [archived](crate::types::Task::is_archived), or nothing was attempted
    ///   [for a long time](BackupStatus::is_abandoned).
    /// - An entry can name a task that the list of tasks lacks.
    /// - A backup that was only partly done may not be [`FAILED`](BackupStatus::has_failures); see
    ///   [`problems`](BackupStatus::problems).
    ///
    /// [Evidence](crate#evidence): spec for the path, observed for the shape and for these facts
    /// but the first and the last, which are inferred.
    pub fn backup_statuses(&self) -> ListRequest<BackupStatus> {
        list!(
            self.client,
            GetPartnerStatus,
            Key::whole(),
            page_size,
            next_page_token
        )
    }

    /// Lists the resellers: `GET /v1/partners/resellers`. An ordinary partner may not.
    ///
    /// [Evidence](crate#evidence): spec for the path, observed for the shape and the refusal.
    ///
    /// # Examples
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let sandbox = cloudally_sandbox::Sandbox::start().await?;
    /// # let client = cloudally_sandbox::client!(sandbox, distributor)?;
    /// for reseller in client.partners().resellers().collect().await? {
    ///     println!("{:?} {}", reseller.partner_id, reseller.label());
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn resellers(&self) -> ListRequest<Reseller> {
        list!(
            self.client,
            ListResellers,
            Key::id(|reseller| id_text(reseller.partner_id.as_ref())),
            page_size,
            next_page_token
        )
    }

    /// Reads one reseller: `GET /v1/partners/resellers/{resellerId}`.
    ///
    /// The service's document promises its details, and public clients read a page of its accounts:
    /// the type has room for both.
    ///
    /// [Evidence](crate#evidence): spec for the path and the details, observed for the accounts.
    ///
    /// # Examples
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let sandbox = cloudally_sandbox::Sandbox::start().await?;
    /// # let client = cloudally_sandbox::client!(sandbox, distributor)?;
    /// # let first = client.partners().resellers().max_items(1).collect().await?.remove(0);
    /// # let id = first.partner_id.ok_or("a reseller without an id")?;
    /// let reseller = client.partners().reseller(&id).await?;
    /// let accounts = client.partners().reseller_accounts(&id).collect().await?;
    /// println!("{:?} has {} accounts", reseller.reseller_name, accounts.len());
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) if there is none with this id;
    /// [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput) if the id cannot be one;
    /// otherwise as with every call. The error names the id.
    pub fn reseller(&self, reseller_id: impl Into<ResellerId>) -> Call<ResellerDetails> {
        let client = self.client.clone();
        let id = path_id(&GET_RESELLER, reseller_id.into());
        Call::new(async move {
            let endpoint = GetReseller { reseller_id: id? };
            let sent = client.send(&endpoint, |request| request).await;
            sent.map_err(|failed| {
                let subject = format!("reseller {}", endpoint.reseller_id);
                failed.error.with_subject(subject)
            })
        })
    }

    /// Lists the accounts of one reseller, which come with the reseller page by page.
    ///
    /// An id that cannot be one is an [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput)
    /// when the list is read. The error of a failed call names the id.
    ///
    /// [Evidence](crate#evidence): observed.
    pub fn reseller_accounts(&self, reseller_id: impl Into<ResellerId>) -> ListRequest<User> {
        let reseller_id = reseller_id.into();
        let checked = path_id(&GET_RESELLER, &reseller_id);
        let id: Arc<str> = reseller_id.as_str().into();
        let key = Key::id(|user: &User| id_text(user.id.as_ref()));
        let subject = Some(id.to_string());
        let list = ListRequest::new(&self.client, &GET_RESELLER, subject, key, {
            move |client, position| {
                let id = Arc::clone(&id);
                Box::pin(async move {
                    let send = |raw| read_accounts(raw, &id, &position);
                    let sent = client.attempt(&GET_RESELLER, send).await;
                    sent.or_else(bare_accounts).map_err(|failed| FailedCall {
                        error: failed.error.with_subject(format!("reseller {id}")),
                        ..failed
                    })
                })
            }
        });
        match checked {
            Ok(_) => list,
            Err(problem) => list.refused(problem),
        }
    }
}

/// Reads the page of accounts that comes with a reseller. Where there is no reseller, what is wrong
/// is what is wrong with the page.
async fn read_accounts(
    raw: RawClient,
    id: &str,
    position: &Position,
) -> Result<ResponseValue<RawPage<User>>, RawError<()>> {
    let mut request = raw.get_reseller(id).page_size(position.page_size);
    if let Some(number) = position.number() {
        request = request.page(number);
    }
    if let Some(token) = &position.token {
        request = request.next_page_token(token.clone());
    }
    match request.send().await {
        Ok(response) => response.map(page_of_accounts),
        Err(RawError::InvalidResponsePayload(body, error)) => {
            let error = json::decode::<RawPage<User>>(&body).err().unwrap_or(error);
            Err(RawError::InvalidResponsePayload(body, error))
        }
        Err(error) => Err(error),
    }
}

/// Reads the accounts where they come without a reseller around them.
fn bare_accounts(failed: FailedCall) -> Result<Response<RawPage<User>>, FailedCall> {
    if failed.error.kind() != ErrorKind::Decode {
        return Err(failed);
    }
    match (json::decode(&failed.body), failed.parts.clone()) {
        (Ok(page), Some(parts)) => Ok(Response::new(page, *parts)),
        _ => Err(failed),
    }
}

fn page_of_accounts(details: ResellerDetails) -> RawPage<User> {
    let mut page = RawPage::default();
    page.page = details.page;
    page.total_pages = details.total_pages;
    page.total = details.total;
    page.next_page_token = details.next_page_token;
    page.data = details.data;
    page
}
