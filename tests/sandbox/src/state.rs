//! The state that all requests share.

use crate::auth::Authority;
use crate::clock::Clock;
use crate::data::Store;
use crate::faults::Faults;
use crate::history::{History, Requests};
use crate::hosts::Hosts;
use crate::restore::Restores;
use crate::situations::{Affected, Situation, SituationError};
use crate::stop::Stop;
use crate::traffic::Traffic;

pub(crate) struct State {
    pub(crate) clock: Clock,
    pub(crate) data: Store,
    pub(crate) authority: Authority,
    pub(crate) faults: Faults,
    pub(crate) stop: Stop,
    pub(crate) restores: Restores,
    pub(crate) history: History,
    pub(crate) traffic: Traffic,
    pub(crate) hosts: Hosts,
    /// The scheme of the URL: `http` or `https`.
    pub(crate) scheme: &'static str,
}

impl State {
    /// Applies a situation to the data, or adds its fault rules.
    pub(crate) fn apply(&self, situation: &Situation) -> Result<Vec<Affected>, SituationError> {
        let affected = self.data.apply(situation)?;
        self.faults.add_own(situation.rules());
        Ok(affected)
    }

    /// Returns the most recent requests with their secrets redacted.
    pub(crate) fn requests(&self) -> Requests {
        self.history.requests(&self.authority.secrets())
    }
}
