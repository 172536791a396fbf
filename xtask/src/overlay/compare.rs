//! Compares an action with the document that it is for: what the document says already, what it
//! says in another way, and what cannot stand beside it.

use serde_json::{Map, Value};

use super::moves::Moves;
use super::shape::{self, Differs, Merged, Schema};
use crate::pointer::Pointer;
use crate::walk::target;

/// What an action does to a document.
#[derive(Default)]
pub(super) struct Said {
    /// What the document says already; extensions are our own, and no vendor says them.
    pub(super) same: Vec<Pointer>,
    /// Lists of which the document has an entry already, with where the overlay has them and what
    /// of them is new.
    pub(super) doubled: Vec<(Pointer, Pointer, Vec<Value>)>,
    pub(super) changed: Vec<Pointer>,
    pub(super) differences: Vec<Difference>,
    /// Members of the update that the vendor has renamed, each with the new name.
    pub(super) renamed: Vec<(Pointer, String)>,
}

/// A place of which the vendor and the overlay speak both, and not in the same way.
#[derive(Clone, Debug)]
pub(super) struct Difference {
    /// Where the target of the action led.
    pub(super) location: Pointer,
    pub(super) at: Pointer,
    /// Where the overlay says it.
    pub(super) by: Pointer,
    pub(super) grade: String,
    pub(super) ours: String,
    pub(super) vendor: String,
    /// The vendor's schema, where ours is another one of the same body.
    pub(super) schema: Option<Value>,
    /// Whether both say the same in other words.
    pub(super) agrees: bool,
    pub(super) how: How,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum How {
    /// Put together, the keywords of both say what neither says.
    Mixed,
    /// Keywords of ours stand beside a reference, and not where that leads.
    AtReference,
    /// What stands is ours, and the vendor says something else.
    Hidden,
    /// The vendor's body has another media type, which is not the one that is taken.
    Body,
    /// The vendor's parameters have one of the same name.
    Parameter,
}

impl Difference {
    /// Whether the overlay keeps the last word. A fact that was seen beats what the vendor writes,
    /// and what the vendor writes beats what was published elsewhere or inferred.
    pub(super) fn is_ours(&self) -> bool {
        self.grade == "observed"
    }
}

pub(super) struct Comparison<'v> {
    /// What the vendor gave.
    pub(super) vendor: &'v Value,
    /// The document as it is before the action.
    pub(super) document: &'v Value,
    /// The components that the overlay adds, without what the vendor says of them.
    pub(super) own: &'v Value,
    pub(super) moves: &'v Moves,
    pub(super) said: Said,
}

/// A node of an update on its way through the document.
#[derive(Clone)]
struct Place<'p> {
    location: &'p Pointer,
    at: Pointer,
    by: Pointer,
    grade: &'p str,
}

impl Place<'_> {
    fn child(&self, key: &str) -> Self {
        Self {
            at: self.at.child(key),
            by: self.by.child(key),
            ..self.clone()
        }
    }

    fn last(&self) -> String {
        self.at.keys().last().unwrap_or_default()
    }
}

impl<'v> Comparison<'v> {
    pub(super) fn update(&mut self, update: &Value, location: &Pointer, by: Pointer, grade: &str) {
        let place = Place {
            location,
            at: location.clone(),
            by,
            grade,
        };
        self.node(update, location.find(self.document), &place);
    }

    fn node(&mut self, update: &Value, there: Option<&'v Value>, place: &Place<'_>) {
        let at = &place.at;
        match (update, there) {
            (Value::Object(update), Some(Value::Object(there))) => {
                let grade = update.get("x-evidence").and_then(Value::as_str);
                let place = Place {
                    grade: grade.unwrap_or(place.grade),
                    ..place.clone()
                };
                if self.schema(update, there, &place) {
                    self.said.changed.push(at.clone());
                    return;
                }
                self.body(update, there, &place);
                self.names(update, there, &place);
                for (key, value) in update {
                    self.node(value, there.get(key), &place.child(key));
                }
            }
            (Value::Array(update), Some(Value::Array(there))) => {
                if update.iter().any(|item| there.contains(item)) {
                    let new = update.iter().filter(|item| !there.contains(item));
                    let doubled = (at.clone(), place.by.clone(), new.cloned().collect());
                    self.said.doubled.push(doubled);
                } else if place.last() == "parameters" {
                    self.parameters(update, there, place);
                }
                if !update.is_empty() {
                    self.said.changed.push(at.clone());
                }
            }
            (update, Some(there)) if update == there => {
                if !super::review::is_extension(at) {
                    self.said.same.push(at.clone());
                }
            }
            _ => self.said.changed.push(at.clone()),
        }
    }

    fn differ(&mut self, place: &Place<'_>, how: How, ours: String, vendor: String) {
        self.said.differences.push(Difference {
            location: place.location.clone(),
            at: place.at.clone(),
            by: place.by.clone(),
            grade: place.grade.to_owned(),
            ours,
            vendor,
            schema: None,
            agrees: false,
            how,
        });
    }

    fn ours<'a>(&'a self, schema: &'a Value) -> Schema<'a> {
        Schema {
            schema,
            documents: [self.own, self.document],
        }
    }

    fn theirs(&self, schema: &'v Value) -> Schema<'v> {
        Schema {
            schema,
            documents: [self.vendor; 2],
        }
    }

    /// Compares schemas; whether what is below has nothing to add.
    fn schema(
        &mut self,
        update: &Map<String, Value>,
        there: &Map<String, Value>,
        place: &Place<'_>,
    ) -> bool {
        if !shape::is_schema(&place.at) {
            return false;
        }
        let Some(vendor) = place
            .at
            .find(self.vendor)
            .filter(|vendor| vendor.is_object())
        else {
            return false;
        };
        let whole = Value::from(update.clone());
        let (ours, theirs) = (self.ours(&whole), self.theirs(vendor));
        let how = match shape::merged(update, there) {
            Merged::Mixed => How::Mixed,
            Merged::AtReference => How::AtReference,
            Merged::Sound => {
                let is_body = place.last() == "schema";
                if shape::differs(ours, theirs, is_body).is_none() {
                    return false;
                }
                How::Hidden
            }
        };
        let (ours, theirs) = (ours.words(), theirs.words());
        self.differ(place, how, ours, theirs);
        true
    }

    /// Compares a body of ours with one that the vendor has under another media type, as under `*/*`.
    fn body(&mut self, update: &Map<String, Value>, there: &Map<String, Value>, place: &Place<'_>) {
        if place.last() != "content" || update.keys().any(|media| there.contains_key(media)) {
            return;
        }
        let vendor = place.at.find(self.vendor).and_then(Value::as_object);
        let schema = vendor.and_then(|all| all.values().find_map(|one| one.get("schema")));
        let ours = update
            .iter()
            .find_map(|(media, one)| Some((media, one.get("schema")?)));
        let (Some(schema), Some((media, update))) = (schema, ours) else {
            return;
        };
        let (ours, theirs) = (self.ours(update), self.theirs(schema));
        let Some(differs) = shape::differs(ours, theirs, true) else {
            return;
        };
        if differs == Differs::Values {
            return;
        }
        let (ours, theirs) = (ours.words(), theirs.words());
        let place = place.child(media).child("schema");
        self.differ(&place, How::Body, ours, theirs);
        if let Some(last) = self.said.differences.last_mut() {
            last.schema = Some(schema.clone());
        }
    }

    /// Finds parameters of ours that the vendor has by now, by themselves or as a field of an
    /// object that is sent field by field.
    fn parameters(&mut self, update: &[Value], there: &'v [Value], place: &Place<'_>) {
        let document = self.document;
        let named = |one: &Value| target(document, one).clone();
        let key = |one: &Value| {
            Some((
                one.get("in")?.clone(),
                one.get("name")?.as_str()?.to_owned(),
            ))
        };
        let ours: Vec<Value> = update.iter().map(named).collect();
        for (index, one) in there.iter().enumerate() {
            let at = place.at.child(&index.to_string());
            if at.find(self.vendor).is_none() {
                continue;
            }
            let whole = named(one);
            let schema = whole.get("schema").cloned().unwrap_or_default();
            let said = Schema {
                schema: &schema,
                documents: [self.vendor; 2],
            };
            let fields = said.names();
            let is_same = |mine: &&Value| {
                let Some((place, name)) = key(mine) else {
                    return false;
                };
                key(&whole).as_ref() == Some(&(place.clone(), name.clone()))
                    || whole.get("in") == Some(&place) && fields.contains(&name)
            };
            let Some(mine) = ours.iter().find(is_same) else {
                continue;
            };
            let words = |one: &Value, schema: String| {
                format!(
                    "parameter `{}`, {schema}",
                    one.get("name").and_then(Value::as_str).unwrap_or_default()
                )
            };
            let theirs = words(&whole, said.words());
            let schema = mine.get("schema").cloned().unwrap_or_default();
            let mine_is = self.ours(&schema);
            let agrees = shape::differs(mine_is, said, false).is_none();
            let ours = words(mine, mine_is.words());
            let place = Place {
                at,
                ..place.clone()
            };
            self.differ(&place, How::Parameter, ours, theirs);
            if let Some(last) = self.said.differences.last_mut() {
                last.agrees = agrees;
            }
        }
    }

    /// Finds names that the vendor has changed, where the overlay adds to what they name.
    fn names(
        &mut self,
        update: &Map<String, Value>,
        there: &Map<String, Value>,
        place: &Place<'_>,
    ) {
        let before = |at: &Pointer| self.moves.before(at).and_then(Value::as_object);
        let twin = |fields: &Map<String, Value>, old: &Map<String, Value>, name: &str| {
            let was = old.get(name).filter(|_| !fields.contains_key(name))?;
            let mut came = fields
                .iter()
                .filter(|(other, is)| !old.contains_key(*other) && *is == was);
            let (first, _) = came.next()?;
            came.next().is_none().then(|| first.clone())
        };
        let mut found = Vec::new();
        if place.last() == "properties"
            && let Some(old) = before(&place.at)
        {
            let names = update
                .keys()
                .filter_map(|name| Some((place.by.child(name), twin(there, old, name)?)));
            found.extend(names);
        }
        let needed = update.get("required").and_then(Value::as_array);
        if let (Some(needed), Some(Value::Object(fields)), true) =
            (needed, there.get("properties"), shape::is_schema(&place.at))
            && let Some(old) = before(&place.at.child("properties"))
        {
            let names = needed.iter().enumerate().filter_map(|(index, name)| {
                let name = twin(fields, old, name.as_str()?)?;
                Some((place.by.child("required").index(index), name))
            });
            found.extend(names);
        }
        self.said.renamed.extend(found);
    }
}
