//! An Overlay document of any version that is known.

use std::collections::BTreeMap;

use roas_overlay::apply::{Apply, ApplyError, ApplyOptions, ApplyReport};
use roas_overlay::validation::Validate;
use roas_overlay::{v1_0, v1_1};
use serde_json::Value;

/// The versions differ in what an update of a list means, so each is applied by its own rules.
#[derive(Clone, Debug)]
pub(super) enum Document {
    V1_0(v1_0::Overlay),
    V1_1(v1_1::Overlay),
}

/// What the versions have in common of an action.
pub(super) struct Action<'d> {
    pub(super) target: &'d str,
    pub(super) update: Option<&'d Value>,
    pub(super) removes: bool,
    pub(super) extensions: Option<&'d BTreeMap<String, Value>>,
}

impl Document {
    /// Reads and checks a document, or says what is wrong with it.
    pub(super) fn read(value: Value) -> Result<Self, String> {
        let said = value.get("overlay").cloned().unwrap_or_default();
        let version = said.as_str().unwrap_or_default();
        let wrong = |error: serde_json::Error| {
            format!("not a document of OpenAPI Overlay {version}: {error}")
        };
        let document = if version.starts_with("1.0.") {
            Self::V1_0(serde_json::from_value(value).map_err(wrong)?)
        } else if version.starts_with("1.1.") {
            Self::V1_1(serde_json::from_value(value).map_err(wrong)?)
        } else if said.is_null() {
            return Err(
                "not an OpenAPI Overlay document: it lacks `overlay`, the version; write 1.0.0 or 1.1.0"
                    .to_owned(),
            );
        } else {
            return Err(format!(
                "OpenAPI Overlay {said} is not known: give a document of version \"1.0.0\" or \"1.1.0\", in quotes where it could be read as a number"
            ));
        };
        let none = enumset::EnumSet::empty();
        let checked = match &document {
            Self::V1_0(overlay) => overlay.validate(none),
            Self::V1_1(overlay) => overlay.validate(none),
        };
        checked.map_err(|error| error.to_string())?;
        Ok(document)
    }

    pub(super) fn actions(&self) -> Vec<Action<'_>> {
        // Two types of the library with the same fields.
        macro_rules! common {
            ($overlay:expr) => {
                $overlay
                    .actions
                    .iter()
                    .map(|action| Action {
                        target: &action.target,
                        update: action.update.as_ref(),
                        removes: action.is_remove(),
                        extensions: action.extensions.as_ref(),
                    })
                    .collect()
            };
        }
        match self {
            Self::V1_0(overlay) => common!(overlay),
            Self::V1_1(overlay) => common!(overlay),
        }
    }

    /// Applies one of its actions.
    pub(super) fn apply_one(
        &self,
        index: usize,
        document: &mut Value,
    ) -> Result<ApplyReport, ApplyError> {
        let alone = match self {
            Self::V1_0(overlay) => Self::V1_0(v1_0::Overlay {
                actions: overlay.actions.get(index).cloned().into_iter().collect(),
                ..Default::default()
            }),
            Self::V1_1(overlay) => Self::V1_1(v1_1::Overlay {
                actions: overlay.actions.get(index).cloned().into_iter().collect(),
                ..Default::default()
            }),
        };
        alone.apply(document)
    }

    /// Applies every action; one that matches nothing is an error.
    pub(super) fn apply(&self, document: &mut Value) -> Result<ApplyReport, ApplyError> {
        let options = ApplyOptions::ErrorOnZeroMatch.into();
        match self {
            Self::V1_0(overlay) => overlay.apply(document, options),
            Self::V1_1(overlay) => overlay.apply(document, options),
        }
    }
}

impl Action<'_> {
    /// How many places the action is for, where it says so.
    pub(super) fn expected(&self) -> Option<&Value> {
        self.extensions?.get("x-matches")
    }

    /// How well what it says is known.
    pub(super) fn grade(&self) -> &str {
        let grade = self.extensions.and_then(|all| all.get("x-evidence"));
        grade.and_then(Value::as_str).unwrap_or("inferred")
    }

    /// The action as an overlay has it.
    pub(super) fn whole(&self) -> Value {
        let mut whole = serde_json::Map::new();
        for (key, value) in self.extensions.into_iter().flatten() {
            whole.insert(key.clone(), value.clone());
        }
        match self.update {
            Some(update) if !self.removes => whole.insert("update".to_owned(), update.clone()),
            _ => whole.insert("remove".to_owned(), Value::Bool(true)),
        };
        Value::from(whole)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn document(version: Value) -> Value {
        json!({
            "overlay": version, "info": {"title": "t", "version": "1"},
            "actions": [{"target": "$.tags", "update": ["b", "c"]}],
        })
    }

    #[test]
    fn each_version_adds_to_a_list_by_its_own_rules() {
        for (version, tags) in [
            ("1.0.0", json!(["a", ["b", "c"]])),
            ("1.1.0", json!(["a", "b", "c"])),
        ] {
            let mut value = json!({"tags": ["a"]});
            let overlay = Document::read(document(json!(version))).unwrap();
            overlay.apply(&mut value).unwrap();
            assert_eq!(value["tags"], tags, "{version}");
        }
    }

    #[test]
    fn a_version_that_is_not_known_is_refused_with_those_that_are() {
        for version in [
            json!("2.0.0"),
            json!("1.2.0"),
            json!(1.1),
            json!("1.1"),
            Value::Null,
        ] {
            let error = Document::read(document(version.clone())).unwrap_err();
            assert!(
                error.contains("1.0.0") && error.contains("1.1.0"),
                "{version}: {error}"
            );
        }
    }
}
