//! What a discriminator calls the schemas that it tells apart: they may be in other files, and they
//! keep their names for it where they get others as components.

use std::path::Path;

use serde_json::{Value, json};

use super::{Resolver, STAGE};
use crate::error::Action;
use crate::error::Error;
use crate::pointer::Pointer;
use crate::walk::Node;

const SECTION: &str = "schemas";

impl Resolver<'_> {
    /// Rewrites the references of a discriminator, once those of the choices beside it are.
    pub(super) fn discriminator(
        &mut self,
        pointer: &Pointer,
        schema: &mut Value,
        file: &Path,
    ) -> Result<(), Error> {
        let at = pointer.child("discriminator").child("mapping");
        let choices: Vec<(String, String)> = ["oneOf", "anyOf"]
            .iter()
            .filter_map(|key| schema.get(*key)?.as_array())
            .flatten()
            .filter_map(|choice| {
                let reference = choice.get("$ref")?.as_str()?;
                Some((self.name_before(reference)?, reference.to_owned()))
            })
            .collect();
        let Some(discriminator) = schema
            .get_mut("discriminator")
            .and_then(Value::as_object_mut)
        else {
            return Ok(());
        };
        let mut mapped = Vec::new();
        if let Some(Value::Object(mapping)) = discriminator.get_mut("mapping") {
            for (said, to) in mapping.iter_mut() {
                let Some(named) = to.as_str() else { continue };
                let at = at.child(said);
                let new = self.mapped(&at, named, &choices, file)?;
                if new != named {
                    let what = format!("`{named}` is `{new}`");
                    self.report.note(STAGE, &at, what);
                    *to = json!(new);
                }
                mapped.push(new);
            }
        }
        // A choice without an entry is told by its name, which is another one now.
        for (before, reference) in choices {
            let is_renamed = Pointer::component(SECTION, &reference) != Some(&before);
            if is_renamed && !mapped.contains(&reference) {
                let what = format!("`{before}` still tells `{reference}`");
                self.report.note(STAGE, &at.child(&before), what);
                let mapping = discriminator.entry("mapping").or_insert_with(|| json!({}));
                if let Some(mapping) = mapping.as_object_mut() {
                    mapping.entry(before).or_insert(json!(reference));
                }
            }
        }
        Ok(())
    }

    /// The component that a mapping names, by a reference or by its bare name.
    fn mapped(
        &mut self,
        at: &Pointer,
        named: &str,
        choices: &[(String, String)],
        file: &Path,
    ) -> Result<String, Error> {
        let place = Pointer::root()
            .child("components")
            .child(SECTION)
            .child(named);
        let own = format!("#{}", place.as_str());
        let is_in = |file: &Path| {
            let whole = self.files.get(file);
            whole.is_some_and(|whole| place.find(whole).is_some())
        };
        let reference = if is_in(file) {
            own
        } else if let Some((_, choice)) = choices.iter().find(|(before, _)| before == named) {
            return Ok(choice.clone());
        } else if is_in(&self.root) {
            return Ok(own);
        } else if named.contains(['/', '.', '#']) {
            named.to_owned()
        } else {
            self.report.refuse(
                STAGE,
                at,
                &json!(named),
                "no component has this name",
                "name a schema that exists, by a reference",
                &Action::Remove(at),
            );
            return Ok(named.to_owned());
        };
        let new = self.target(Node::Schema, at, at, &reference, file)?;
        Ok(new.map_or(reference, |target| target.name))
    }

    /// What a schema was called where it came from.
    fn name_before(&self, reference: &str) -> Option<String> {
        let name = Pointer::component(SECTION, reference)?;
        let moved = self
            .names
            .iter()
            .find(|((_, _, section), now)| *section == SECTION && now.as_str() == name);
        let Some(((file, place, _), _)) = moved else {
            return Some(name.to_owned());
        };
        let last = Pointer::of_reference(&format!("#{place}"))?.keys().last();
        last.or_else(|| Some(file.file_stem()?.to_str()?.to_owned()))
    }
}
