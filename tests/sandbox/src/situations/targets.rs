//! Chooses what a situation is applied to.

use std::collections::{HashMap, HashSet};

use serde::Deserialize;

use super::kind::{Kind, Unit};
use super::{Situation, SituationError};
use crate::data::{self, DataSet};

/// What one part of a situation is applied to.
#[derive(Debug, Clone)]
pub(super) struct Target {
    /// The position of the task, and those of its entries; neither for what is added.
    pub(super) task: Option<usize>,
    pub(super) entries: Vec<usize>,
    pub(super) user: Option<String>,
    /// The id of whatever the situation adds.
    pub(super) new_id: String,
}

/// A task that a situation can be applied to.
struct Candidate {
    at: usize,
    user: String,
    entries: Vec<usize>,
}

/// The fields of a task, or of a user, that decide whether it is a candidate.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Active {
    id: Option<String>,
    user_id: Option<String>,
    status: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct EntryOf {
    task_id: Option<String>,
}

/// The active tasks of active users.
pub(super) struct Candidates<'a> {
    all: Vec<Candidate>,
    taken: &'a HashSet<usize>,
    /// The number of tasks of each user, and of those that are taken.
    of_user: HashMap<String, (usize, usize)>,
}

impl<'a> Candidates<'a> {
    pub(super) fn new(set: &DataSet, taken: &'a HashSet<usize>) -> Self {
        let mut entries: HashMap<String, Vec<usize>> = HashMap::new();
        for (at, entry) in set.list(data::Kind::Statuses).present() {
            if let Ok(EntryOf { task_id: Some(id) }) = serde_json::from_str(entry.text.get()) {
                entries.entry(id).or_default().push(at);
            }
        }
        let active = |text| {
            let item: Active = serde_json::from_str(text).ok()?;
            (item.status.as_deref() == Some("ACTIVE")).then_some(item)
        };
        let users = set.list(data::Kind::Users).present();
        let users: HashSet<String> = users
            .filter_map(|(_, user)| active(user.text.get())?.id)
            .collect();
        let mut of_user: HashMap<String, (usize, usize)> = HashMap::new();
        let all = set.list(data::Kind::Tasks).present();
        let all = all.filter_map(|(at, task)| {
            let task = active(task.text.get())?;
            let (id, user) = (task.id?, task.user_id.filter(|user| users.contains(user))?);
            let counts = of_user.entry(user.clone()).or_default();
            counts.0 += 1;
            counts.1 += usize::from(taken.contains(&at));
            let entries = entries.remove(&id).unwrap_or_default();
            Some(Candidate { at, user, entries })
        });
        Self {
            all: all.collect(),
            taken,
            of_user,
        }
    }

    /// Chooses as many targets as the situation needs.
    pub(super) fn choose(
        &self,
        situation: &Situation,
        mut new_id: impl FnMut() -> String,
    ) -> Result<Vec<Target>, SituationError> {
        let count = situation.count;
        let chosen = match situation.kind.unit() {
            Unit::List => return Ok(Vec::new()),
            Unit::User => {
                let targets = (0..count).map(|_| Target {
                    task: None,
                    entries: Vec::new(),
                    user: None,
                    new_id: new_id(),
                });
                return Ok(targets.collect());
            }
            Unit::Task { entries, of_user } => self.spread(situation.kind, count, entries, of_user),
            Unit::Storm => self.storm(situation.kind, count),
        }?;
        let targets = chosen.into_iter().map(|candidate| Target {
            task: Some(candidate.at),
            entries: candidate.entries.clone(),
            user: Some(candidate.user.clone()),
            new_id: new_id(),
        });
        Ok(targets.collect())
    }

    fn free(&self) -> impl Iterator<Item = &Candidate> {
        let free = |one: &&Candidate| !self.taken.contains(&one.at) && !one.entries.is_empty();
        self.all.iter().filter(free)
    }

    /// Chooses tasks of as many users as possible: many failures of one user would be a storm.
    fn spread(
        &self,
        kind: Kind,
        count: usize,
        entries: usize,
        of_user: usize,
    ) -> Result<Vec<&Candidate>, SituationError> {
        let mut taken: HashMap<&str, usize> = HashMap::new();
        let mut ranked: Vec<(usize, &Candidate)> = Vec::new();
        for candidate in self.free().filter(|one| one.entries.len() >= entries) {
            let (all, before) = self
                .of_user
                .get(&candidate.user)
                .copied()
                .unwrap_or_default();
            let rank = taken.entry(&candidate.user).or_insert(before);
            *rank += 1;
            // As many tasks as the user has, but for those that must be left.
            if *rank + of_user <= all + 1 {
                ranked.push((*rank, candidate));
            }
        }
        ranked.sort_by_key(|(rank, candidate)| (*rank, candidate.at));
        if ranked.len() < count {
            let with = match entries {
                1 => "with a status entry".to_owned(),
                _ => format!("with {entries} status entries"),
            };
            let of = match of_user {
                1 => "an active user",
                _ => "an active user that has others",
            };
            return Err(SituationError::TooFew {
                situation: kind.name(),
                what: format!("unaffected active tasks {with} of {of}"),
                wanted: count,
                found: ranked.len(),
            });
        }
        ranked.truncate(count);
        Ok(ranked.into_iter().map(|(_, candidate)| candidate).collect())
    }

    /// Chooses tasks of the smallest user that has enough, of which they must be more than half.
    fn storm(&self, kind: Kind, count: usize) -> Result<Vec<&Candidate>, SituationError> {
        let mut of_user: HashMap<&str, Vec<&Candidate>> = HashMap::new();
        for candidate in self.free() {
            of_user.entry(&candidate.user).or_default().push(candidate);
        }
        let all_of = |user: &str| self.of_user.get(user).map_or(0, |counts| counts.0);
        let fits = of_user
            .iter()
            .filter(|(user, free)| free.len() >= count && all_of(user) < 2 * count);
        let best = fits.min_by_key(|(user, free)| (all_of(user), free[0].at));
        match best {
            Some((_, free)) => Ok(free.iter().take(count).copied().collect()),
            None => Err(SituationError::TooFew {
                situation: kind.name(),
                what: "unaffected active tasks with a status entry that are more than half of one \
                       active user's"
                    .to_owned(),
                wanted: count,
                found: of_user
                    .iter()
                    .filter(|(user, free)| all_of(user) < 2 * free.len())
                    .map(|(_, free)| free.len().min(count.saturating_sub(1)))
                    .max()
                    .unwrap_or_default(),
            }),
        }
    }
}
