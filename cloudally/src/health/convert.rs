//! Makes compact rows of the items of the service.

use std::sync::Arc;

use super::date::WireDate;
use super::snapshot::{BackupTaskRow, EntryRow, SubSourceRow, TaskRow, TenantRow};
use super::text::Interner;
use crate::types::{BackupStatus, BackupTask, Task, User};

/// Makes rows, which share the texts that they have in common.
#[derive(Debug, Default)]
pub(super) struct Rows {
    texts: Interner<str>,
    slices: Interner<[SubSourceRow]>,
}

impl Rows {
    fn text(&mut self, text: Option<&str>) -> Option<Arc<str>> {
        text.map(|text| self.texts.intern(text))
    }

    pub(super) fn tenant(&mut self, user: &User) -> TenantRow {
        TenantRow {
            id: self.text(user.id.as_ref().map(AsRef::as_ref)),
            name: user.label().as_ref().into(),
            status: self.text(user.status.as_ref().map(|status| status.as_str())),
        }
    }

    pub(super) fn task(&mut self, task: &Task) -> TaskRow {
        let dates = task.last_backup_dates.iter().flatten();
        let dates = dates.map(|(source, date)| {
            (
                self.texts.intern(source.as_str()),
                WireDate::from(date.as_ref()),
            )
        });
        let last_backups = dates.collect();
        let is_going_on = |progress: &crate::types::TaskProgress| progress.cancelled != Some(true);
        TaskRow {
            id: self.text(task.id.as_ref().map(AsRef::as_ref)),
            tenant: self.text(task.user_id.as_ref().map(AsRef::as_ref)),
            label: task.label().as_ref().into(),
            source: self.text(task.source.as_ref().map(|source| source.as_str())),
            status: self.text(task.status.as_ref().map(|status| status.as_str())),
            backup_task: task
                .backup_task_id
                .as_ref()
                .map(|id| Arc::from(id.as_str())),
            schedule: None,
            created: WireDate::from(task.create_date.as_ref()),
            last_backups,
            size: task.size,
            entities: task.num_of_entities,
            running: task.progress.as_ref().is_some_and(is_going_on),
        }
    }

    pub(super) fn entry(&mut self, entry: &BackupStatus) -> EntryRow {
        let sub_sources = entry.backup_status.iter().flatten();
        let sub_sources: Vec<_> = sub_sources
            .map(|one| SubSourceRow {
                name: self.text(one.sub_source.as_deref()),
                status: self.text(one.status.as_ref().map(|status| status.as_str())),
                error: self.text(one.error.as_deref()),
                link: self.text(one.err_faq_link.as_deref()),
            })
            .collect();
        EntryRow {
            tenant: self.text(entry.user_id.as_ref().map(AsRef::as_ref)),
            task: self.text(entry.task_id.as_ref().map(AsRef::as_ref)),
            source: self.text(entry.source.as_ref().map(|source| source.as_str())),
            // Most are of one entry, so they are not shared.
            entity: entry.entity_name.as_deref().map(Arc::from),
            last_success: WireDate::from(entry.last_backup_date.as_ref()),
            last_attempt: WireDate::from(entry.last_backup_attempt_date.as_ref()),
            sub_sources: self.slices.intern(sub_sources.as_slice()),
        }
    }

    pub(super) fn backup_task(&mut self, task: &BackupTask) -> BackupTaskRow {
        let schedule = task.schedule.as_ref();
        let frequency = schedule.and_then(|schedule| schedule.frequency.as_ref());
        BackupTaskRow {
            id: task.id.as_ref().map(|id| Arc::from(id.as_str())),
            status: self.text(task.status.as_ref().map(|status| status.as_str())),
            schedule: self.text(frequency.map(|frequency| frequency.as_str())),
        }
    }

    /// A backup task of the account as a task, and what it says of its last run as an entry.
    pub(super) fn own_task(&mut self, task: &BackupTask) -> (TaskRow, EntryRow) {
        let joined = self.backup_task(task);
        let id = self.text(joined.id.as_deref());
        let source = self.text(task.type_.as_ref().map(|kind| kind.as_str()));
        let last = WireDate::from(task.last_backup.as_ref());
        let run = SubSourceRow {
            status: joined.status.clone(),
            ..SubSourceRow::default()
        };
        let entry = EntryRow {
            task: id.clone(),
            source: source.clone(),
            last_success: last.clone(),
            last_attempt: last,
            sub_sources: self.slices.intern(std::slice::from_ref(&run)),
            ..EntryRow::default()
        };
        let row = TaskRow {
            id,
            label: task.label().as_ref().into(),
            source,
            status: joined.status,
            schedule: joined.schedule,
            created: WireDate::from(task.created_at.as_ref()),
            size: task.size,
            ..TaskRow::default()
        };
        (row, entry)
    }
}
