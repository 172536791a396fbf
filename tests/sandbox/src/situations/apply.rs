//! The situations of a sandbox: those that have begun, and those that begin later.

use std::collections::HashSet;

use jiff::{SignedDuration, Timestamp};
use rand_chacha::ChaCha8Rng;
use serde_json::Value;

use super::changes::{Change, entry_of};
use super::kind::{Kind, Unit};
use super::targets::{Candidates, Target};
use super::{Affected, Situation, SituationError};
use crate::data::{self, DataSet, Origin, Stream};

#[derive(Debug)]
pub(crate) struct Situations {
    rng: ChaCha8Rng,
    partner: String,
    /// The positions of the tasks that have a situation, or will have one.
    taken: HashSet<usize>,
    /// What begins later, the earliest first.
    pending: Vec<Pending>,
    affected: Vec<Affected>,
}

#[derive(Debug)]
struct Pending {
    from: Timestamp,
    kind: Kind,
    target: Target,
    serial: usize,
}

impl Situations {
    pub(crate) fn new(origin: Origin, partner_profile: &Value) -> Self {
        let partner = partner_profile["partnerId"].as_str().unwrap_or_default();
        Self {
            rng: origin.rng(Stream::Situations),
            partner: partner.to_owned(),
            taken: HashSet::new(),
            pending: Vec::new(),
            affected: Vec::new(),
        }
    }

    pub(crate) fn affected(&self) -> &[Affected] {
        &self.affected
    }

    /// Chooses the targets of a situation, and applies it to them now or once it begins.
    pub(crate) fn add(
        &mut self,
        situation: &Situation,
        set: &mut DataSet,
        now: Timestamp,
    ) -> Result<Vec<Affected>, SituationError> {
        let kind = situation.kind;
        if kind.unit() == Unit::List && !situation.after.is_zero() {
            return Err(SituationError::NotLater {
                situation: kind.name(),
            });
        }
        let after = SignedDuration::try_from(situation.after).unwrap_or(SignedDuration::MAX);
        let from = now.checked_add(after).unwrap_or(Timestamp::MAX);
        let candidates = Candidates::new(set, &self.taken);
        let targets = candidates.choose(situation, || data::uuid(&mut self.rng))?;
        let mut added = Vec::new();
        for target in targets {
            self.taken.extend(target.task);
            let serial = self.affected.len();
            let pending = Pending {
                from,
                kind,
                target,
                serial,
            };
            pending.change(set, now, &self.partner).heal();
            let affected = pending.affected(set);
            self.affected.push(affected.clone());
            added.push(affected);
            self.pending.push(pending);
        }
        self.pending.sort_by_key(|pending| pending.from);
        self.begin(set, now);
        Ok(added)
    }

    pub(crate) fn is_due(&self, now: Timestamp) -> bool {
        self.pending.first().is_some_and(|first| first.from <= now)
    }

    /// Applies what begins until now, each as of when it begins.
    pub(crate) fn begin(&mut self, set: &mut DataSet, now: Timestamp) {
        let due = self.pending.partition_point(|pending| pending.from <= now);
        for pending in self.pending.drain(..due) {
            let change = pending.change(set, pending.from, &self.partner);
            change.apply(pending.kind);
        }
    }
}

impl Pending {
    fn change<'a>(&'a self, set: &'a mut DataSet, now: Timestamp, partner: &'a str) -> Change<'a> {
        Change {
            set,
            target: &self.target,
            now,
            serial: self.serial,
            partner,
        }
    }

    fn affected(&self, set: &DataSet) -> Affected {
        let target = &self.target;
        let task = target.task.and_then(|at| {
            let task = set.list(data::Kind::Tasks).items.get(at)?;
            task.id.as_deref().map(str::to_owned)
        });
        let entity = entry_of(self.kind, target).and_then(|at| {
            let entry = set.list(data::Kind::Statuses).items.get(at)?.value();
            entry["entityName"].as_str().map(str::to_owned)
        });
        let new_id = || Some(target.new_id.clone());
        let (user_id, task_id) = match self.kind {
            Kind::NoTasks | Kind::EntryWithoutUser => (new_id(), task),
            Kind::TaskWithoutUser => (None, task),
            Kind::EntryWithoutTask => (target.user.clone(), new_id()),
            _ => (target.user.clone(), task),
        };
        Affected {
            situation: self.kind.name(),
            from: self.from,
            user_id,
            task_id,
            entity,
        }
    }
}
