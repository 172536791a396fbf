//! A place in a list.

use cloudally_gen::operation::Operation;
use serde::{Deserialize, Serialize};

use crate::error::Counts;

/// A place in a list, between two items. It can be stored, and the list goes on from it later, in another program maybe.
/// Where items have ids it finds its place again even if some were added or removed meanwhile.
///
/// ```no_run
/// # async fn run(client: cloudally::Client) -> Result<(), Box<dyn std::error::Error>> {
/// use futures_util::TryStreamExt;
/// let mut users = client.users().list().items();
/// let first = users.try_next().await?;
/// if let Some(cursor) = users.cursor() {
///     std::fs::write("users.cursor", serde_json::to_string(&cursor)?)?;
/// }
/// // Later:
/// let cursor = serde_json::from_str(&std::fs::read_to_string("users.cursor")?)?;
/// let rest = client.users().list().start_at(cursor).all().await?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Cursor {
    pub(super) operation: String,
    /// Whose list it is, where one operation has several.
    #[serde(default)]
    pub(super) subject: Option<String>,
    /// The number of the page, from 1.
    pub(crate) page: u64,
    pub(crate) token: Option<String>,
    pub(crate) page_size: u32,
    /// How many items came before this page.
    pub(super) seen: u64,
    /// How many of those were sent twice, because the list shifted while it was read.
    #[serde(default)]
    pub(super) repeated: u64,
    /// How many items of this page were consumed.
    #[serde(default)]
    pub(super) skip: u64,
    /// The key of the last item before this place, if it has an id.
    #[serde(default)]
    pub(super) last: Option<u64>,
    /// What the service last said of how many items and pages there are.
    #[serde(default)]
    pub(super) total: Option<u64>,
    #[serde(default)]
    pub(super) total_pages: Option<u64>,
    /// The least and the most of what it said before.
    #[serde(default)]
    pub(super) least: Option<u64>,
    #[serde(default)]
    pub(super) most: Option<u64>,
    /// The total before it became smaller, while pages were counted off.
    #[serde(default)]
    pub(super) shrank_from: Option<u64>,
    #[serde(default)]
    pub(super) fewer_pages: bool,
    /// The service said nothing of an end, so this page is asked for to find out whether there is one.
    #[serde(default)]
    pub(super) probes: bool,
}

impl Cursor {
    pub(crate) fn start(
        operation: &Operation<'_>,
        subject: Option<String>,
        page_size: u32,
    ) -> Self {
        Self {
            operation: operation.id.to_owned(),
            subject,
            page: 1,
            token: None,
            page_size,
            seen: 0,
            repeated: 0,
            skip: 0,
            last: None,
            total: None,
            total_pages: None,
            least: None,
            most: None,
            shrank_from: None,
            fewer_pages: false,
            probes: false,
        }
    }

    /// The number to ask for; the first page is asked for without one (WIRE: observed).
    pub(crate) fn number(&self) -> Option<i64> {
        (self.page > 1).then(|| i64::try_from(self.page).unwrap_or(i64::MAX))
    }

    /// Whether nothing was read yet.
    pub(super) fn is_start(&self) -> bool {
        self.page == 1 && self.token.is_none() && self.skip == 0
    }

    /// Whether it leads to the same page.
    pub(super) fn is_page_of(&self, other: &Self) -> bool {
        self.page == other.page && self.token == other.token && self.page_size == other.page_size
    }

    /// How many different items came before its page.
    pub(super) fn distinct(&self) -> u64 {
        self.seen.saturating_sub(self.repeated)
    }

    pub(super) fn counts(&self) -> Counts {
        Counts {
            seen: self.seen,
            repeated: self.repeated,
            total: self.total,
        }
    }
}
