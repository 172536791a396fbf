//! How bad a finding is, and what it can be.

use std::fmt;

use serde::{Deserialize, Serialize};

/// How bad a finding is, and the verdict on a tenant or on everything. The worst is the greatest.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub enum Severity {
    /// Nothing is wrong.
    #[default]
    Ok,
    /// Something is worth knowing.
    Notice,
    /// Something is wrong, and can wait until the morning.
    Warning,
    /// Something was not read, so the rest may be better than it is.
    Unknown,
    /// There is no fresh backup.
    Critical,
}

impl Severity {
    /// Returns the name, as it is in JSON.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Notice => "notice",
            Self::Warning => "warning",
            Self::Unknown => "unknown",
            Self::Critical => "critical",
        }
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// What a fingerprint keeps of a kind, so that a problem that gets worse stays the same problem.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub enum Class {
    /// It never worked.
    NeverRan,
    /// What the last run came to.
    Outcome,
    /// How old the last success is.
    Freshness,
    /// Whether it is still backed up at all.
    Activity,
    /// What cannot be read.
    Data,
    /// How large it is.
    Size,
    /// What there is no backup of, or no proof of one.
    Coverage,
    /// Many tasks that fail for one cause.
    Storm,
    /// What is billed.
    Billing,
}

impl Class {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::NeverRan => "never ran",
            Self::Outcome => "outcome",
            Self::Freshness => "freshness",
            Self::Activity => "activity",
            Self::Data => "data",
            Self::Size => "size",
            Self::Coverage => "coverage",
            Self::Storm => "storm",
            Self::Billing => "billing",
        }
    }
}

/// Defines the kinds, with their rule and class.
macro_rules! kinds {
    ($($(#[$doc:meta])* $name:ident, $text:literal, $rule:literal, $class:ident;)*) => {
        /// The kind of a finding. The number is that of its rule.
        #[derive(
            Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
        )]
        #[serde(rename_all = "camelCase")]
        #[non_exhaustive]
        pub enum Kind {
            $($(#[$doc])* $name,)*
        }

        impl Kind {
            /// Returns the name, as it is in JSON.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text,)* }
            }

            /// Returns the number of the rule.
            #[must_use]
            pub fn rule(self) -> u8 {
                match self { $(Self::$name => $rule,)* }
            }

            /// Returns the class, which the fingerprint is made of.
            #[must_use]
            pub fn class(self) -> Class {
                match self { $(Self::$name => Class::$class,)* }
            }
        }
    };
}

kinds! {
    /// 0: a list is incomplete, or there are no tasks and the policy does not allow that. Unknown.
    Incomplete, "incomplete", 0, Coverage;
    /// 1: the task is archived or paused. Ok.
    Inactive, "inactive", 1, Activity;
    /// 1: the task is archived or paused, and the ledger knew it active. A warning for 7 days, or
    /// until it is acknowledged.
    NewlyInactive, "newlyInactive", 1, Activity;
    /// 2: it never worked, no attempt failed, and it is young. Ok.
    Pending, "pending", 2, NeverRan;
    /// 3: it never worked, and is old or was tried and failed. Critical.
    NeverSucceeded, "neverSucceeded", 3, NeverRan;
    /// 4: all sub-sources of the last run failed. A warning while the last success is fresh;
    /// critical when it isn't, or from the third run in a row.
    Failed, "failed", 4, Outcome;
    /// 4: some sub-sources of the last run failed, or it worked with an error text. As `Failed`.
    Partial, "partial", 4, Outcome;
    /// 5: the last success is old. A warning.
    Stale, "stale", 5, Freshness;
    /// 5: the last success is very old. Critical.
    Overdue, "overdue", 5, Freshness;
    /// 6: it was attempted after the last success, and nothing says that it failed. A warning.
    Unexplained, "unexplained", 6, Outcome;
    /// 7: it was not attempted while others of its task were. A warning.
    Skipped, "skipped", 7, Activity;
    /// 7: the same for 30 days, as with the mailbox of a leaver. A notice.
    Dormant, "dormant", 7, Activity;
    /// 8: a date that cannot be read or is ahead of now, or an unknown word that matters. A warning.
    BadData, "badData", 8, Data;
    /// 9: the size fell while the number of entities held. A notice, or a warning. What the size
    /// means is a guess.
    SizeDrop, "sizeDrop", 9, Size;
    /// 10: the task has no status entry, and no date of a last backup. A warning.
    Unproven, "unproven", 10, Coverage;
    /// 11: an active tenant without a task. A warning.
    NoTasks, "noTasks", 11, Coverage;
    /// 12: the ledger knew it active, and it is absent from two complete snapshots. A warning until
    /// it is acknowledged.
    Vanished, "vanished", 12, Coverage;
    /// 13: an account of a directory needs a backup and has none; see [`coverage`](crate::coverage).
    /// A warning.
    Unprotected, "unprotected", 13, Coverage;
    /// 14: an account of a directory is disabled and has a licence; see
    /// [`coverage`](crate::coverage). A notice.
    PaidLeaver, "paidLeaver", 14, Coverage;
    /// 15: more is billed than is in the books; see [`reconcile`](crate::reconcile). A warning.
    Overbilled, "overbilled", 15, Billing;
    /// 15: less is billed than is in the books. A warning.
    Underbilled, "underbilled", 15, Billing;
    /// 16: something is billed and not in the books. A warning.
    Unbooked, "unbooked", 16, Billing;
    /// 16: something is in the books and not billed. A warning.
    Unbilled, "unbilled", 16, Billing;
    /// 17: whose line it is, or with what it is to be compared, is not known. Unknown.
    Unmappable, "unmappable", 17, Billing;
    /// 17: an amount, a period or a currency cannot be compared. Unknown.
    NotComparable, "notComparable", 17, Billing;
    /// 4, of many tasks: more than half of them, and at least five, fail for one cause. As its
    /// worst member.
    Storm, "storm", 4, Storm;
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}
