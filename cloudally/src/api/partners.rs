//! The partner itself, and its resellers.

use cloudally_gen::id::ResellerId;
use cloudally_gen::operations::{GET_PARTNER, GET_RESELLER};
use cloudally_gen::page::Page as RawPage;
use cloudally_gen::types::{Partner, Reseller, ResellerDetails, StatusEntry, User};
use cloudally_gen::{Client as RawClient, Error as RawError, ResponseValue};

use crate::api::{list, path_id, resource};
use crate::call::Failed;
use crate::error::ErrorKind;
use crate::page::key::{Key, hash, id_or_all};
use crate::page::{Cursor, List};
use crate::reply::Reply;
use crate::response::Response;

resource! {
    /// The partner: profile, backup status, resellers.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let sandbox = cloudally_sandbox::Sandbox::start().await?;
    /// # let client = cloudally_sandbox::client!(sandbox)?;
    /// use futures_util::TryStreamExt;
    /// let mut status = client.partners().status().items();
    /// while let Some(entry) = status.try_next().await? {
    ///     for failed in entry.failed_sub_sources() {
    ///         println!("{:?} {:?}: {:?}", entry.entity_name, failed.sub_source, failed.error);
    ///     }
    /// }
    /// # Ok(())
    /// # }
    /// ```
    Partners
}

impl Partners {
    /// The profile: `GET /v1/partners` (spec; the shape is observed).
    ///
    /// # Errors
    /// If the call fails.
    pub fn profile(&self) -> Reply<Partner> {
        let client = self.client.clone();
        Reply::new(async move {
            let answer = client.call(
                &GET_PARTNER,
                |raw| async move { raw.get_partner().send().await },
            );
            Ok(answer.await?)
        })
    }

    /// The state of the last backup of every entity of every user: `GET /v1/partners/status` (spec; the shape is
    /// observed). An entry may name a task that the list of tasks lacks.
    pub fn status(&self) -> List<StatusEntry> {
        list!(
            self.client,
            GET_PARTNER_STATUS,
            Key::Whole(hash),
            get_partner_status,
            page_size,
            next_page_token
        )
    }

    /// The resellers: `GET /v1/partners/resellers` (spec; the shape is observed). Refused for an ordinary partner, as
    /// [`ErrorKind::Forbidden`](crate::ErrorKind::Forbidden).
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let sandbox = cloudally_sandbox::Sandbox::start().await?;
    /// # let client = cloudally_sandbox::client!(sandbox, distributor)?;
    /// for reseller in client.partners().resellers().all().await? {
    ///     println!("{:?} {:?}", reseller.partner_id, reseller.reseller_name);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn resellers(&self) -> List<Reseller> {
        list!(
            self.client,
            LIST_RESELLERS,
            Key::Id(|reseller| id_or_all(reseller, reseller.partner_id.as_ref())),
            list_resellers,
            page_size,
            next_page_token
        )
    }

    /// One reseller: `GET /v1/partners/resellers/{resellerId}` (spec). The service's document promises its details,
    /// public clients read a page of its accounts: this gives whatever of both came.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let sandbox = cloudally_sandbox::Sandbox::start().await?;
    /// # let client = cloudally_sandbox::client!(sandbox, distributor)?;
    /// # let first = client.partners().resellers().limit(1).all().await?.remove(0);
    /// # let id = first.partner_id.ok_or("a reseller without an id")?;
    /// let reseller = client.partners().reseller(&id).await?;
    /// let accounts = client.partners().reseller_accounts(&id).all().await?;
    /// println!("{:?} has {} accounts", reseller.reseller_name, accounts.len());
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) if there is none with this id, or if the call fails.
    pub fn reseller(&self, reseller_id: impl Into<ResellerId>) -> Reply<ResellerDetails> {
        let client = self.client.clone();
        let id = path_id(&GET_RESELLER, reseller_id.into());
        Reply::new(async move {
            let id = id?;
            let answer = client.call(&GET_RESELLER, |raw| ask(raw, id.clone(), None));
            Ok(answer.await?)
        })
    }

    /// The accounts of one reseller, by the pages that come with it (observed). An id that cannot be one is an error when the
    /// list is read.
    pub fn reseller_accounts(&self, reseller_id: impl Into<ResellerId>) -> List<User> {
        let id = path_id(&GET_RESELLER, reseller_id.into());
        let (id, problem) = match id {
            Ok(id) => (id, None),
            Err(problem) => (String::new(), Some(problem)),
        };
        let client = self.client.clone();
        let subject = Some(id.clone());
        let key = Key::Id(|user: &User| id_or_all(user, user.id.as_ref()));
        let list = List::new(
            &GET_RESELLER,
            subject,
            client.page_size(),
            key,
            move |cursor| {
                let (client, id) = (client.clone(), id.clone());
                Box::pin(async move {
                    let answer = client.call(&GET_RESELLER, |raw| {
                        accounts(raw, id.clone(), cursor.clone())
                    });
                    answer.await.or_else(bare_accounts)
                })
            },
        );
        list.refused(problem)
    }
}

/// One attempt at a reseller, or at a page of its accounts.
async fn ask(
    raw: RawClient,
    id: String,
    cursor: Option<Cursor>,
) -> Result<ResponseValue<ResellerDetails>, RawError<()>> {
    let mut request = raw.get_reseller().reseller_id(id);
    if let Some(cursor) = cursor {
        request = request.page_size(cursor.page_size);
        if let Some(number) = cursor.number() {
            request = request.page(number);
        }
        if let Some(token) = cursor.token {
            request = request.next_page_token(token);
        }
    }
    request.send().await
}

/// The page of accounts that comes with a reseller. Where there is no reseller, what is wrong is what is wrong with the page.
async fn accounts(
    raw: RawClient,
    id: String,
    cursor: Cursor,
) -> Result<ResponseValue<RawPage<User>>, RawError<()>> {
    match ask(raw, id, Some(cursor)).await {
        Ok(answer) => answer.map(page),
        Err(RawError::InvalidResponsePayload(body, error)) => {
            let error = serde_json::from_slice::<RawPage<User>>(&body)
                .err()
                .unwrap_or(error);
            Err(RawError::InvalidResponsePayload(body, error))
        }
        Err(error) => Err(error),
    }
}

/// The accounts where they come without a reseller that could be read around them.
fn bare_accounts(failed: Failed) -> Result<Response<RawPage<User>>, Failed> {
    if failed.error.kind() != ErrorKind::Decode {
        return Err(failed);
    }
    match (serde_json::from_slice(&failed.body), failed.head.clone()) {
        (Ok(page), Some(head)) => Ok(Response::new(page, *head)),
        _ => Err(failed),
    }
}

fn page(details: ResellerDetails) -> RawPage<User> {
    let mut page = RawPage::default();
    page.page = details.page;
    page.total_pages = details.total_pages;
    page.total = details.total;
    page.next_page_token = details.next_page_token;
    page.data = details.data;
    page
}
