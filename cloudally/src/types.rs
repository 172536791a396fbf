//! What the service speaks of, by resource. Any field may be missing; what a type does not name is in its `extra`.

pub use cloudally_gen::extra::Extra;
pub use cloudally_gen::models::RestoreOutcome;
pub use cloudally_gen::seconds::Seconds;
pub use cloudally_gen::secret::Secret;
pub use cloudally_gen::timestamp::Timestamp;

// Authentication
pub use cloudally_gen::types::AccessToken;
// Partners and resellers
pub use cloudally_gen::types::{
    Currency, NotificationSettings, Partner, Region, Reseller, ResellerDetails,
};
// Users
pub use cloudally_gen::types::{CustomStorage, StorageType, User, UserStatus};
// Tasks
pub use cloudally_gen::types::{ProgressState, Source, Task, TaskProgress, TaskStatus, TaskType};
// Status of backups
pub use cloudally_gen::types::{BackupResult, StatusEntry, SubSourceStatus};
// Billing
pub use cloudally_gen::types::{Bill, BillLine};
// Backup tasks
pub use cloudally_gen::types::{
    BackupFrequency, BackupSchedule, BackupTask, BackupTaskStatus, BackupTaskType,
};
// Restores
pub use cloudally_gen::types::{RestoreJob, RestoreRequest, RestoreState};
