//! The kinds of situations: the one place that says what each of them is.

use super::Situation;

/// What a situation is counted in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unit {
    /// A task with at least this many status entries, of a user that has at least this many tasks.
    Task { entries: usize, of_user: usize },
    /// The tasks of one user.
    Storm,
    /// A user, which is added.
    User,
    /// A list, which the requests for it tell of.
    List,
}

const TASK: Unit = Unit::Task {
    entries: 1,
    of_user: 1,
};
/// A task with another entity than the one that is changed.
const TASK_OF_MANY: Unit = Unit::Task {
    entries: 2,
    of_user: 1,
};
/// A task whose user has another one.
const ONE_OF_MANY_TASKS: Unit = Unit::Task {
    entries: 1,
    of_user: 2,
};

macro_rules! kinds {
    ($($kind:ident $name:literal $unit:ident $constructor:ident($($count:ident)?) $what:literal;)*) => {
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(crate) enum Kind {
            $($kind,)*
        }

        impl Kind {
            #[cfg(test)]
            pub(crate) const ALL: &[Self] = &[$(Self::$kind,)*];

            /// Returns the name, which is also that of a scenario.
            pub(crate) const fn name(self) -> &'static str {
                match self {
                    $(Self::$kind => $name,)*
                }
            }

            /// Returns a sentence about one of the tasks, users or lists.
            pub(crate) const fn what(self) -> &'static str {
                match self {
                    $(Self::$kind => $what,)*
                }
            }

            pub(crate) const fn unit(self) -> Unit {
                match self {
                    $(Self::$kind => $unit,)*
                }
            }
        }

        impl Situation {
            $(kinds!(@constructor $kind $constructor($($count)?) $what);)*
        }
    };
    (@constructor $kind:ident $constructor:ident($count:ident) $what:literal) => {
        #[doc = $what]
        #[doc = ""]
        #[doc = concat!("`", stringify!($count), "` is how many of them there are.")]
        pub fn $constructor($count: usize) -> Self {
            Self::new(Kind::$kind, $count)
        }
    };
    (@constructor $kind:ident $constructor:ident() $what:literal) => {
        #[doc = $what]
        pub fn $constructor() -> Self {
            Self::new(Kind::$kind, 1)
        }
    };
}

const STORM: Unit = Unit::Storm;
const USER: Unit = Unit::User;
const LIST: Unit = Unit::List;

kinds! {
    NeverRan "never-ran" TASK never_ran(tasks)
        "A task was created 90 days ago and has never run a backup.";
    Pending "pending" TASK pending(tasks)
        "A task was created an hour ago, and runs its first backup when its `nextBackup` says.";
    Failed "failed" TASK failed(tasks)
        "All sub-sources of an entity failed in the last run, and fail in all later ones.";
    Partial "partial" TASK partial(tasks)
        "One of two sub-sources of an entity failed in the last run, and fails in all later ones.";
    Stale "stale" TASK stale(tasks)
        "The last backup of a task was 2 days ago, and no other follows.";
    Overdue "overdue" TASK overdue(tasks)
        "The last backup of a task was 5 days ago, and no other follows.";
    Unexplained "unexplained" TASK unexplained(tasks)
        "An entity is attempted daily but its last success stays, and nothing says that it failed.";
    Skipped "skipped" TASK_OF_MANY skipped(tasks)
        "An entity was not attempted for 3 days, while the others of its task are backed up daily.";
    Dormant "dormant" TASK_OF_MANY dormant(tasks)
        "An entity was not attempted for 45 days, while the others of its task are backed up daily.";
    UnreadableDate "unreadable-date" TASK unreadable_date(tasks)
        "Both dates of an entity are texts that are no dates.";
    DateAhead "date-ahead" TASK date_ahead(tasks)
        "Both dates of an entity are a year ahead of the clock.";
    UnknownWord "unknown-word" TASK unknown_word(tasks)
        "A sub-source has the status `HALF_DONE`, which no document names, beside good dates.";
    SizeDrop "size-drop" TASK size_drop(tasks)
        "The size of a task and of its status entries falls by 70 %.";
    Unproven "unproven" TASK unproven(tasks)
        "A task has neither a status entry nor a date in `lastBackupDates`.";
    NoTasks "no-tasks" USER no_tasks(users)
        "A user is active and has no task.";
    Vanished "vanished" ONE_OF_MANY_TASKS vanished(tasks)
        "A task and its status entries are gone.";
    Archived "archived" TASK archived(tasks)
        "A task is `ARCHIVED`, and runs no more backups.";
    Paused "paused" TASK paused(tasks)
        "The `backupTaskId` of a task names a backup task that is `paused`, and no more backups run.";
    EntryWithoutTask "entry-without-task" TASK entry_without_task(entries)
        "A status entry names a task that is not in the list, and its dates stay as they are.";
    EntryWithoutUser "entry-without-user" TASK entry_without_user(entries)
        "A status entry names a user that is not in the list.";
    TaskWithoutUser "task-without-user" ONE_OF_MANY_TASKS task_without_user(tasks)
        "A task and its status entries name no user.";
    Duplicate "duplicate" TASK duplicate(tasks)
        "A failure of 3 days ago follows the entry of an entity that has been backed up since.";
    Tie "tie" TASK tie(tasks)
        "An entity has two entries with the same attempt date, of which the second one failed.";
    Running "running" TASK running(tasks)
        "A backup has been running for an hour, says `progress`, and does not end.";
    Cancelled "cancelled" TASK cancelled(tasks)
        "A backup was started an hour ago and cancelled, says `progress`, and no other follows.";
    Storm "storm" STORM storm(tasks)
        "Tasks of one user, more than half of them, fail with the same `errFAQLink`.";
    StormWithoutLink "storm-without-link" STORM storm_without_link(tasks)
        "The same without a link: the error texts differ in ids and numbers only.";
    Incomplete "incomplete" LIST incomplete()
        "Every request for status entries but the first gets a 500, so that the list ends early.";
    Forbidden "forbidden" LIST forbidden()
        "Every request for status entries gets a 403.";
}
