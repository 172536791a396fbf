//! What the service speaks of, by resource. Any field may be missing; what a type does not name is in its `extra`. Text and
//! whole numbers are read for one another where only one reading is possible, and enums keep values that they don't name.
//!
//! Every type here can be had by its own name, too: `types::Task` is [`types::tasks::Task`](tasks::Task).

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

/// Signing in.
pub mod authentication {
    pub use cloudally_gen::types::AccessToken;
}

/// Partners and resellers.
pub mod partners {
    pub use cloudally_gen::types::{
        Currency, NotificationSettings, Partner, Region, Reseller, ResellerDetails,
    };
}

/// Users, that is tenants.
pub mod users {
    pub use cloudally_gen::types::{CustomStorage, StorageType, User, UserStatus};
}

/// Tasks of users.
pub mod tasks {
    pub use cloudally_gen::types::{
        ProgressState, Source, Task, TaskProgress, TaskStatus, TaskType,
    };
}

/// The state of backups.
pub mod statuses {
    pub use cloudally_gen::types::{BackupResult, StatusEntry, SubSourceStatus};
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
