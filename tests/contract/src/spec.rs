//! The document that the SDK speaks.

use std::sync::LazyLock;

use serde_json::{Map, Value};

static DOCUMENT: LazyLock<Value> = LazyLock::new(|| {
    serde_json::from_str(include_str!("../../../spec/bundled.json")).expect("the document is JSON")
});

/// What the document has and Rust has not, with the reason.
pub const WITHOUT_TYPE: [(&str, &str); 1] = [(
    "ErrorBody",
    "failures are read by hand, for a gateway may answer anything",
)];

/// The whole document.
#[must_use]
pub fn document() -> &'static Value {
    &DOCUMENT
}

/// All paths, with what each has.
#[must_use]
pub fn paths() -> &'static Map<String, Value> {
    DOCUMENT["paths"]
        .as_object()
        .expect("the document has paths")
}

/// An operation as the document has it.
#[derive(Clone, Debug)]
pub struct Operation {
    /// Its id.
    pub id: &'static str,
    /// The method, in capitals.
    pub method: String,
    /// The template of the path.
    pub path: &'static str,
    /// All that the document says of it.
    pub definition: &'static Value,
    /// The path's part of the document, which other operations can share.
    pub item: &'static Value,
}

impl Operation {
    /// Such as `GET /v1/partners`.
    #[must_use]
    pub fn line(&self) -> String {
        format!("{} {}", self.method, self.path)
    }

    /// The statuses of its answers, in order.
    #[must_use]
    pub fn statuses(&self) -> Vec<u16> {
        let responses = self.definition["responses"].as_object();
        let statuses = responses.into_iter().flat_map(Map::keys);
        let number = |status: &String| {
            status
                .parse()
                .unwrap_or_else(|_| panic!("{}: `{status}` is no status", self.id))
        };
        let mut statuses: Vec<u16> = statuses.map(number).collect();
        statuses.sort_unstable();
        statuses
    }

    /// The component that its good answer is of.
    ///
    /// # Panics
    ///
    /// If that has no name.
    #[must_use]
    pub fn answer(&self) -> &'static str {
        let good = self.statuses().into_iter().find(|status| status / 100 == 2);
        let good = good.map(|status| &self.definition["responses"][status.to_string()]);
        let schema = good.map(|good| &resolved(good)["content"]["application/json"]["schema"]);
        let name = schema.and_then(reference);
        name.unwrap_or_else(|| panic!("{} has no answer with a name", self.id))
    }

    /// Its parameters, and those of its path.
    pub fn parameters(&self) -> impl Iterator<Item = &'static Value> {
        let own = self.definition["parameters"].as_array();
        let shared = self.item["parameters"].as_array();
        own.into_iter().chain(shared).flatten().map(resolved)
    }

    /// The names of the fields of its body, if it has one.
    pub fn body_fields(&self) -> impl Iterator<Item = &'static str> {
        let body = resolved(&self.definition["requestBody"]);
        let schema = resolved(&body["content"]["application/json"]["schema"]);
        let fields = schema["properties"].as_object();
        fields.into_iter().flat_map(Map::keys).map(String::as_str)
    }

    /// Whether a request is for it.
    #[must_use]
    pub fn is_asked_by(&self, method: &str, path: &str) -> bool {
        let (template, path): (Vec<_>, Vec<_>) =
            (self.path.split('/').collect(), path.split('/').collect());
        let mut segments = template.iter().zip(&path);
        method == self.method
            && template.len() == path.len()
            && segments.all(|(expected, segment)| expected == segment || expected.starts_with('{'))
    }
}

/// All operations, in the order of the document.
#[must_use]
pub fn operations() -> Vec<Operation> {
    let of_path = |(path, item): (&'static String, &'static Value)| {
        let methods = item.as_object().into_iter().flatten();
        methods.filter_map(move |(method, definition)| {
            Some(Operation {
                id: definition.get("operationId")?.as_str()?,
                method: method.to_uppercase(),
                path,
                definition,
                item,
            })
        })
    };
    paths().iter().flat_map(of_path).collect()
}

/// The operation with this id.
///
/// # Panics
///
/// If there is none.
#[must_use]
pub fn operation(id: &str) -> Operation {
    let mut all = operations().into_iter();
    let found = all.find(|operation| operation.id == id);
    found.unwrap_or_else(|| panic!("the document has no operation {id}"))
}

/// What a reference points to; what is none, as it is.
#[must_use]
pub fn resolved(value: &'static Value) -> &'static Value {
    match value["$ref"].as_str() {
        None => value,
        Some(reference) => DOCUMENT
            .pointer(reference.trim_start_matches('#'))
            .unwrap_or_else(|| panic!("nothing is at {reference}")),
    }
}

/// The schema of the body of an operation's request that has no name of its own.
#[must_use]
pub fn inline_body(path: &str) -> &'static Value {
    &DOCUMENT["paths"][path]["post"]["requestBody"]["content"]["application/json"]["schema"]
}

/// All component schemas by name.
#[must_use]
pub fn components() -> &'static Map<String, Value> {
    DOCUMENT["components"]["schemas"]
        .as_object()
        .expect("the document has schemas")
}

/// One component schema.
#[must_use]
pub fn component(name: &str) -> &'static Value {
    components()
        .get(name)
        .unwrap_or_else(|| panic!("the document has no component {name}"))
}

/// The values that an open enum names; nothing if the component is no enum.
#[must_use]
pub fn enum_values(component: &Value) -> Option<Vec<&str>> {
    let known = component["anyOf"].as_array()?.iter().find_map(|branch| {
        let values = branch["enum"].as_array()?;
        values.iter().map(Value::as_str).collect()
    });
    Some(known.expect("a component with anyOf is an enum with its known values"))
}

/// The component that a property refers to, itself or nullable.
#[must_use]
pub fn reference(schema: &Value) -> Option<&str> {
    let own = schema["$ref"].as_str();
    let nullable = || {
        ["oneOf", "anyOf"]
            .iter()
            .filter_map(|key| schema[*key].as_array())
            .flatten()
            .find_map(|branch| branch["$ref"].as_str())
    };
    own.or_else(nullable)?.rsplit('/').next()
}

/// The value as it comes back when it is decoded and encoded again: a documented field that is null
/// is left out. What nobody documents stays, be it null or not.
#[must_use]
pub fn without_known_nulls(name: &str, value: &Value) -> Value {
    stripped(component(name), value)
}

fn stripped(schema: &'static Value, value: &Value) -> Value {
    let schema = reference(schema).map_or(schema, component);
    match value {
        Value::Object(fields) => fields
            .iter()
            .filter(|(name, value)| !(value.is_null() && schema["properties"].get(name).is_some()))
            .map(|(name, value)| (name.clone(), stripped(&schema["properties"][name], value)))
            .collect(),
        Value::Array(items) => items
            .iter()
            .map(|item| stripped(&schema["items"], item))
            .collect(),
        other => other.clone(),
    }
}
