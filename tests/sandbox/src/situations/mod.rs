//! Situations that a program which watches over backups should notice, or should not.

mod apply;
mod changes;
mod kind;
mod scenario;
mod targets;

use std::time::Duration;

use jiff::Timestamp;
use serde::Serialize;
use thiserror::Error;

use crate::faults::{Fault, Rule};

pub(crate) use apply::Situations;
use kind::Kind;
pub use scenario::{Scenario, UnknownScenario};

/// Something that happens to a number of tasks: they fail, grow old, vanish.
///
/// Each situation takes tasks that are active and that no other situation has, spread over the
/// users, and lets their backups work otherwise; so a task shows one situation and nothing else.
/// Apply it to a [healthy](crate::SandboxBuilder::healthy) fleet to know all that is wrong.
///
/// ```
/// use std::time::Duration;
/// use cloudally_sandbox::{Sandbox, Situation};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let day = Duration::from_secs(24 * 3600);
/// let sandbox = Sandbox::builder()
///     .healthy()
///     .situation(Situation::partial(2))
///     .situation(Situation::vanished(1).after(day))
///     .start()
///     .await?;
/// assert_eq!(sandbox.affected().len(), 3);
///
/// sandbox.advance(day);
/// let storm = sandbox.apply(Situation::storm(6))?;
/// assert_eq!(storm[0].user_id, storm[5].user_id);
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use = "a situation does nothing until a sandbox has it"]
pub struct Situation {
    kind: Kind,
    count: usize,
    after: Duration,
}

impl Situation {
    const fn new(kind: Kind, count: usize) -> Self {
        let after = Duration::ZERO;
        Self { kind, count, after }
    }

    /// Lets the situation begin only once this much time has passed on the sandbox's clock. Until
    /// then, all is well with its tasks, so that a program which remembers them sees the change.
    pub fn after(mut self, after: Duration) -> Self {
        self.after = after;
        self
    }

    /// Returns the fault rules that make the situation, which most have none of.
    pub(crate) fn rules(self) -> Vec<Rule> {
        let rules = match self.kind {
            Kind::Incomplete => {
                STATUS_LISTS.map(|id| Rule::on(id).from(2).then(Fault::status(500)))
            }
            Kind::Forbidden => STATUS_LISTS.map(|id| Rule::on(id).then(Fault::status(403))),
            _ => return Vec::new(),
        };
        rules.into()
    }
}

/// The operations that list status entries.
const STATUS_LISTS: [&str; 2] = ["getPartnerStatus", "listResellerBackupStatusesV2"];

/// What a [`Situation`] was applied to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Affected {
    /// The name of the situation, such as `never-ran`.
    pub situation: &'static str,
    /// When it begins, by the sandbox's clock.
    pub from: Timestamp,
    /// The id of the user that has the task, or that has none.
    pub user_id: Option<String>,
    /// The id of the task, which is not in the list of tasks if it is an orphan or has vanished.
    pub task_id: Option<String>,
    /// The `entityName`, if only one entity of the task is concerned.
    pub entity: Option<String>,
}

/// Errors for a situation that cannot be applied.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum SituationError {
    /// There are not enough tasks that the situation could be applied to.
    #[error("{situation} needs {wanted} {what}, and there are {found}")]
    #[non_exhaustive]
    TooFew {
        /// The name of the situation.
        situation: &'static str,
        /// What the tasks must be like.
        what: String,
        /// The number of tasks that it needs.
        wanted: usize,
        /// The number of tasks that there are.
        found: usize,
    },
    /// The situation consists of fault rules, which apply from when they are added.
    #[error("{situation} cannot begin later: apply it then")]
    #[non_exhaustive]
    NotLater {
        /// The name of the situation.
        situation: &'static str,
    },
}
