//! Rule 9: how large a task is.

use jiff::tz::TimeZone;

use super::context::{TaskContext, of_task};
use crate::health::assessment::Assessment;
use crate::health::date::instant;
use crate::health::index::{Group, Owner};
use crate::health::kind::{Kind, Severity};
use crate::health::snapshot::TaskRow;

/// Rule 9: the size fell while the number of entities held.
pub(super) fn judge(
    assessment: &mut Assessment<'_>,
    context: &TaskContext<'_>,
    row: &TaskRow,
    owner: &Owner,
) {
    let Some(size) = row.size else { return };
    let known = context.task.id.as_deref();
    let Some(known) = known.and_then(|id| assessment.memory.task(id)) else {
        return;
    };
    let today = TimeZone::UTC.to_datetime(instant(assessment.now)).date();
    let earlier: Vec<_> = known.days.iter().filter(|day| day.day < today).collect();
    let policy = assessment.policy;
    let median = |mut values: Vec<i64>| {
        values.sort_unstable();
        // Of an even number the lower one, which finds fewer drops.
        let middle = values.len().saturating_sub(1) / 2;
        values.get(middle).copied()
    };
    if earlier.len() < usize::from(policy.size_drop_days) {
        return;
    }
    let sizes = median(earlier.iter().map(|day| day.size).collect());
    let counts = median(earlier.iter().map(|day| day.entities).collect());
    let (Some(median_size), Some(median_count)) = (sizes, counts) else {
        return;
    };
    if median_size <= 0 || entities(context.group, row) < median_count {
        return;
    }
    // In 128 bits, because nothing is known of the unit.
    let lost = (i128::from(median_size) - i128::from(size)) * 100;
    let is_drop = |percent: u8| lost >= i128::from(median_size) * i128::from(percent);
    let severity = match () {
        () if is_drop(policy.size_drop_warning) => Severity::Warning,
        () if is_drop(policy.size_drop_notice) => Severity::Notice,
        () => return,
    };
    let mut finding = of_task(
        assessment,
        context,
        row,
        owner,
        Kind::SizeDrop,
        severity,
        None,
    );
    finding.evidence.size = Some(size);
    finding.evidence.median_size = Some(median_size);
    assessment.findings.push(finding);
}

/// The number of entities: what the task says, else how many it has entries of.
pub(in crate::health) fn entities(group: &Group<'_>, row: &TaskRow) -> i64 {
    let counted = i64::try_from(group.items.len()).unwrap_or(i64::MAX);
    row.entities.unwrap_or(counted)
}
