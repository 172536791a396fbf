//! The request and response bodies, by resource.
//!
//! Any field can be missing or null. A field that a type does not name is in its [`extra`](Extra),
//! and an enum keeps a value that it does not name. Text and numbers are read for one another where
//! only one reading is possible.
//!
//! # Comparing enums
//!
//! Compare an enum with a string, which ignores case:
//!
//! ```
//! use cloudally::types::{BackupResult, SubSourceStatus};
//! let status = SubSourceStatus::default().with_status("Failed");
//! assert!(status.status.as_ref().is_some_and(|status| *status == "FAILED"));
//! assert_eq!(status.status.unwrap().to_string(), "Failed"); // written back as it was received
//! ```
//!
//! Do not match on variants. A value in another case, such as `Failed`, is kept as
//! `Unknown("Failed")` and so is not the variant `Failed`; and `Unknown("DONE")` no longer matches
//! once a version of this crate names that value.
//!
//! # Making values
//!
//! The types are `non_exhaustive`. Each has a `Default` and a `with_` method per field:
//!
//! ```
//! use cloudally::types::Task;
//! let task = Task::default().with_id("T-1").with_alias("Mail").with_status("ACTIVE");
//! ```
//!
//! Each type can also be reached without its module: `types::Task` is
//! [`types::tasks::Task`](tasks::Task).

pub mod rows;

pub use cloudally_gen::amount::Amount;
pub use cloudally_gen::extra::Extra;
pub use cloudally_gen::id::{BackupTaskId, JobId, PartnerId, ResellerId, TaskId, UserId};
pub use cloudally_gen::seconds::Seconds;
pub use cloudally_gen::secret::Secret;
pub use cloudally_gen::small_map::SmallMap;
pub use cloudally_gen::timestamp::Timestamp;

#[doc(no_inline)]
pub use self::{
    authentication::*, backups::*, billing::*, partners::*, restores::*, statuses::*, tasks::*,
    users::*,
};

/// Sign-in responses.
pub mod authentication {
    pub use cloudally_gen::types::AccessToken;
}

/// Partners and resellers.
pub mod partners {
    pub use cloudally_gen::types::{
        Currency, NotificationSettings, Partner, Region, Reseller, ResellerDetails,
    };
}

/// Users, which are tenants.
pub mod users {
    pub use cloudally_gen::types::{CustomStorage, StorageType, User, UserStatus};
}

/// Tasks of users.
pub mod tasks {
    pub use cloudally_gen::types::{
        ProgressState, Source, Task, TaskProgress, TaskStatus, TaskType,
    };
}

/// Backup statuses.
pub mod statuses {
    pub use cloudally_gen::types::{BackupResult, BackupStatus, SubSourceStatus};
}

/// Bills.
pub mod billing {
    pub use cloudally_gen::types::{Bill, BillLine};
}

/// Backup tasks of an account.
pub mod backups {
    pub use cloudally_gen::types::{
        BackupFrequency, BackupSchedule, BackupTask, BackupTaskStatus, BackupTaskType,
    };
}

/// Restores.
pub mod restores {
    pub use cloudally_gen::models::RestoreOutcome;
    pub use cloudally_gen::types::{RestoreJob, RestoreRequest, RestoreState};
}
