//! Fault rules and the requests that they select.

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

use super::fault::Fault;

/// A fault, and the requests that it applies to.
///
/// ```
/// use cloudally_sandbox::{Fault, Rule, Sandbox, Shift};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let sandbox = Sandbox::start().await?;
/// // A user is deleted while the list of users is read: between the first page and the second.
/// let rule = sandbox.faults().add(Rule::on("listPartnerUsers").nth(2).then(Shift::remove(1)))?;
/// // One in ten requests to any operation fails, the same ones in every run.
/// sandbox.faults().add(Rule::on_any().share(0.1, 7).then(Fault::status(503)))?;
///
/// assert_eq!(sandbox.faults().hits(rule), 0);
/// sandbox.faults().clear();
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "RuleJson", into = "RuleJson")]
#[non_exhaustive]
pub struct Rule {
    pub(crate) trigger: Trigger,
    pub(crate) fault: Fault,
    pub(crate) after_handling: bool,
}

/// The JSON representation of a [`Rule`].
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct RuleJson {
    #[serde(skip_serializing_if = "Option::is_none")]
    operation: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    nth: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    from: Option<u64>,
    #[serde(alias = "first", skip_serializing_if = "Option::is_none")]
    until: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    every: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    share: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    seed: Option<u64>,
    #[serde(default)]
    after_handling: bool,
    #[serde(deserialize_with = "without_unknown_fields")]
    fault: Fault,
}

/// Deserializes a fault and rejects fields that its kind does not have, because they would have no
/// effect. `deny_unknown_fields` does not reject them for kinds without fields, so the fault is
/// serialized again and its fields are compared.
fn without_unknown_fields<'de, D: Deserializer<'de>>(from: D) -> Result<Fault, D::Error> {
    let given = Value::deserialize(from)?;
    let fault = Fault::deserialize(&given).map_err(D::Error::custom)?;
    let known = serde_json::to_value(&fault).map_err(D::Error::custom)?;
    let fields = |value: &Value| -> Vec<String> {
        let fields = value.as_object().into_iter().flat_map(|all| all.keys());
        fields.filter(|name| *name != "kind").cloned().collect()
    };
    let own = fields(&known);
    let Some(unknown) = fields(&given).into_iter().find(|name| !own.contains(name)) else {
        return Ok(fault);
    };
    let own = match &*own {
        [] => "none".to_owned(),
        own => format!("`{}`", own.join("`, `")),
    };
    let kind = known["kind"].as_str().unwrap_or_default();
    Err(D::Error::custom(format!(
        "unknown field `{unknown}` in the fault `{kind}`, which has {own}; what picks requests goes beside `fault`"
    )))
}

impl TryFrom<RuleJson> for Rule {
    type Error = &'static str;

    fn try_from(json: RuleJson) -> Result<Self, Self::Error> {
        let share = match (json.share, json.seed) {
            (None, Some(_)) => return Err("a `seed` picks a `share` of the requests: give both"),
            (share, seed) => share.map(|share| Share {
                share,
                seed: seed.unwrap_or_default(),
            }),
        };
        let trigger = Trigger {
            operation: json.operation,
            nth: json.nth,
            from: json.from,
            until: json.until,
            every: json.every,
            share,
        };
        Ok(Self {
            after_handling: json.after_handling,
            ..trigger.then(json.fault)
        })
    }
}

impl From<Rule> for RuleJson {
    fn from(rule: Rule) -> Self {
        Self {
            operation: rule.trigger.operation,
            nth: rule.trigger.nth,
            from: rule.trigger.from,
            until: rule.trigger.until,
            every: rule.trigger.every,
            share: rule.trigger.share.map(|share| share.share),
            seed: rule.trigger.share.map(|share| share.seed),
            after_handling: rule.after_handling,
            fault: rule.fault,
        }
    }
}

impl Rule {
    /// Selects the requests to one operation, named by its [id](crate::Sandbox::operations).
    pub fn on(operation_id: impl Into<String>) -> Trigger {
        Trigger {
            operation: Some(operation_id.into()),
            ..Trigger::default()
        }
    }

    /// Selects the requests to every operation.
    pub fn on_any() -> Trigger {
        Trigger::default()
    }

    /// Carries out the request before the fault applies. Without this, an error, a stall or a reset
    /// happens instead of carrying out the request; all other faults apply to its response anyway.
    ///
    /// ```
    /// use cloudally_sandbox::{Fault, Rule};
    ///
    /// // The restore is created, but the client receives no response.
    /// Rule::on("createRestoreRequest").nth(1).then(Fault::Reset).after_handling();
    /// ```
    #[must_use = "a rule does nothing until it is added"]
    pub fn after_handling(mut self) -> Self {
        self.after_handling = true;
        self
    }
}

/// Which requests a [`Rule`] selects. Without conditions it selects all, until the rule is removed.
///
/// Each rule counts the requests to its operation, from 1 and from when the rule was added. A
/// request is selected if all conditions hold.
#[derive(Debug, Clone, PartialEq, Default)]
#[non_exhaustive]
#[must_use = "a trigger does nothing until it is given a fault, with `then`"]
pub struct Trigger {
    pub(crate) operation: Option<String>,
    pub(crate) nth: Option<u64>,
    pub(crate) from: Option<u64>,
    pub(crate) until: Option<u64>,
    pub(crate) every: Option<u64>,
    pub(crate) share: Option<Share>,
}

/// A pseudorandom share of the requests.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Share {
    pub(crate) share: f64,
    pub(crate) seed: u64,
}

impl Trigger {
    /// Selects the `n`th request only. It cannot be combined with other conditions.
    pub fn nth(mut self, n: u64) -> Self {
        self.nth = Some(n);
        self
    }

    /// Selects the first `count` requests.
    pub fn first(self, count: u64) -> Self {
        self.until(count)
    }

    /// Selects the `n`th request and all after it.
    pub fn from(mut self, n: u64) -> Self {
        self.from = Some(n);
        self
    }

    /// Selects no request after the `n`th.
    pub fn until(mut self, n: u64) -> Self {
        self.until = Some(n);
        self
    }

    /// Selects every `n`th request: with 3 the third, the sixth, and so on.
    pub fn every(mut self, n: u64) -> Self {
        self.every = Some(n);
        self
    }

    /// Selects this share of the requests, which must be above 0 and at most 1. Each request is
    /// decided by its number and the seed, so that the same seed selects the same requests.
    pub fn share(mut self, share: f64, seed: u64) -> Self {
        self.share = Some(Share { share, seed });
        self
    }

    /// Completes the rule with the fault that applies to the selected requests.
    #[must_use = "a rule does nothing until it is added"]
    pub fn then(self, fault: impl Into<Fault>) -> Rule {
        Rule {
            trigger: self,
            fault: fault.into(),
            after_handling: false,
        }
    }

    pub(super) fn is_for(&self, operation: &str) -> bool {
        self.operation
            .as_deref()
            .is_none_or(|wanted| wanted == operation)
    }

    /// Returns true if the request with this number is selected. The result depends on the number
    /// alone.
    pub(super) fn picks(&self, number: u64) -> bool {
        self.nth.is_none_or(|nth| number == nth)
            && self.from.is_none_or(|from| number >= from)
            && self.until.is_none_or(|until| number <= until)
            && self.every.is_none_or(|every| number.is_multiple_of(every))
            && self.share.is_none_or(|share| share.picks(number))
    }
}

impl Share {
    fn picks(self, number: u64) -> bool {
        let mut rng = ChaCha8Rng::seed_from_u64(self.seed);
        rng.set_stream(number);
        rng.random::<f64>() < self.share
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn picked(trigger: &Trigger) -> Vec<u64> {
        (1..=8).filter(|number| trigger.picks(*number)).collect()
    }

    #[test]
    fn conditions_pick_by_number() {
        assert_eq!(picked(&Rule::on_any()), [1, 2, 3, 4, 5, 6, 7, 8]);
        assert_eq!(picked(&Rule::on_any().nth(3)), [3]);
        assert_eq!(picked(&Rule::on_any().first(2)), [1, 2]);
        assert_eq!(picked(&Rule::on_any().from(7)), [7, 8]);
        assert_eq!(picked(&Rule::on_any().from(3).until(5)), [3, 4, 5]);
        assert_eq!(picked(&Rule::on_any().every(3)), [3, 6]);
        assert_eq!(picked(&Rule::on_any().every(2).from(3)), [4, 6, 8]);
    }

    #[test]
    fn a_share_follows_from_its_seed() {
        let count = |share, seed| {
            let trigger = Rule::on_any().share(share, seed);
            (1..=10_000).filter(|n| trigger.picks(*n)).count()
        };
        assert_eq!((count(0.0, 1), count(1.0, 1)), (0, 10_000));
        assert!((2_300..2_700).contains(&count(0.25, 1)));
        let first = |seed| picked(&Rule::on_any().share(0.5, seed));
        assert_eq!(first(1), first(1));
        assert!((2..20).any(|seed| first(seed) != first(1)));
    }
}
