//! Finds what the hand-written crate has yet to do for the operations of a document: those that it
//! has no method for, with the lines to paste, and lists that nobody has called a list.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

use heck::{ToSnakeCase, ToUpperCamelCase};
use serde_json::Value;

use crate::pointer::Pointer;
use crate::semver_diff::{Change, Class};
use crate::walk;

/// An operation that is reachable only through the generated call.
struct Operation<'v> {
    id: &'v str,
    method: &'static str,
    path: &'v str,
    value: &'v Value,
    /// The parameters, those of the path item first.
    parameters: Vec<&'v Value>,
}

/// What there is to do by hand, as it is printed; nothing, where there is no such crate. The
/// operations that the generated client has no function for are told elsewhere.
pub(crate) fn tasks(
    root: &Path,
    document: &Value,
    without_function: &BTreeMap<Pointer, String>,
) -> String {
    let folder = root.join("cloudally").join("src");
    let mut text = String::new();
    if folder.is_dir() {
        let sources: String = files(&folder).into_values().collect();
        let missing: Vec<Operation<'_>> = operations(document)
            .into_iter()
            .filter(|one| !without_function.contains_key(&one.at()))
            .filter(|operation| !operation.has_method(&sources))
            .collect();
        text.push_str(&methods(document, &missing));
    }
    for operation in operations(document) {
        text.push_str(&operation.hint(document).unwrap_or_default());
    }
    text
}

/// The hand-written files that name a type or an operation which changed, with what changed: they
/// may not compile, or do something else.
pub(crate) fn affected(root: &Path, document: &Value, changes: &[Change]) -> String {
    let mut named: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for change in changes {
        // A type is built with all of its fields in places.
        let is_field = change.what.starts_with("field ");
        if change.class != Class::Breaking && !is_field {
            continue;
        }
        let mut keys = change.pointer.keys();
        let name = match (keys.next().as_deref(), keys.next(), keys.next()) {
            (Some("components"), Some(kind), Some(name)) if kind == "schemas" => Some(name),
            (Some("paths"), Some(path), Some(method)) => {
                let place = Pointer::root().child("paths").child(&path).child(&method);
                let id = place
                    .find(document)
                    .and_then(|one| one.get("operationId")?.as_str());
                id.map(str::to_owned)
            }
            _ => None,
        };
        let name = name.map(|name| name.to_upper_camel_case());
        named
            .entry(name.unwrap_or_default())
            .or_default()
            .push(&change.what);
    }
    named.remove("");
    let mut text = String::new();
    for (path, source) in files(&root.join("cloudally-gen/src"))
        .into_iter()
        .chain(files(&root.join("cloudally/src")))
    {
        let shown = path.strip_prefix(root).unwrap_or(&path).display();
        for (name, what) in named.iter().filter(|(name, _)| names(&source, name)) {
            // Writing to a string cannot fail.
            let _ = writeln!(text, "by hand: {shown} names `{name}`: {}", what.join("; "));
        }
    }
    text
}

/// The sources below a folder that are not generated.
fn files(folder: &Path) -> BTreeMap<PathBuf, String> {
    let mut all = BTreeMap::new();
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() && !path.ends_with("generated") {
            all.extend(files(&path));
        } else if let Ok(text) = fs::read_to_string(&path) {
            all.insert(path, text);
        }
    }
    all
}

/// Whether a source has this name.
fn names(source: &str, name: &str) -> bool {
    let is_part = |letter: Option<char>| {
        letter.is_some_and(|letter| letter.is_alphanumeric() || letter == '_')
    };
    source.match_indices(name).any(|(at, _)| {
        let (before, after) = source.split_at(at);
        let after = after.get(name.len()..).unwrap_or_default();
        !is_part(before.chars().last()) && !is_part(after.chars().next())
    })
}

fn operations(document: &Value) -> Vec<Operation<'_>> {
    let all = walk::operations(document).map(|one| {
        let owners = [one.item, one.value].into_iter();
        let parameters = owners.filter_map(|owner| owner.get("parameters")?.as_array());
        let id = one.value.get("operationId").and_then(Value::as_str);
        Operation {
            id: id.unwrap_or_default(),
            method: one.method,
            path: one.path,
            value: one.value,
            parameters: parameters
                .flatten()
                .map(|one| walk::target(document, one))
                .collect(),
        }
    });
    all.collect()
}

fn methods(document: &Value, missing: &[Operation<'_>]) -> String {
    let mut text = String::new();
    if missing.is_empty() {
        return text;
    }
    // Writing to a string cannot fail.
    let _ = writeln!(
        text,
        "by hand: {} operations have no method in cloudally/src/api, and are reachable only through the generated call, \
         `client.operation(..)`; CONTRIBUTING.md, \"Adding an operation\", says what else a method needs",
        missing.len()
    );
    for operation in missing {
        let Operation { id, path, .. } = operation;
        let upper = operation.method.to_uppercase();
        let module = operation.tag().to_snake_case();
        let method = id.to_snake_case();
        let arguments: String = operation
            .needed()
            .map(|name| format!(", {}", name.to_snake_case()))
            .collect();
        let arguments = arguments.trim_start_matches(", ");
        let _ = writeln!(text, "  `{id}`, `{upper} {path}`");
        let _ = writeln!(text, "    cloudally/src/api/{module}.rs:");
        for line in operation.source(document).lines() {
            let _ = writeln!(text, "          {line}");
        }
        let _ = writeln!(
            text,
            "    README.md:\n      | `{id}` | `{upper} {path}` | `client.{module}().{method}({arguments})` |"
        );
        let _ = writeln!(
            text,
            "    tests/sandbox/src/routes/mod.rs:\n      operation(\"{id}\", \"{upper}\", \"{path}\", Access::Account, || {}({module}::{method})),",
            operation.method
        );
    }
    text
}

impl<'v> Operation<'v> {
    /// Whether a source names its type, or its request in the docs of a method.
    fn has_method(&self, sources: &str) -> bool {
        let is_named = names(sources, &self.id.to_upper_camel_case());
        is_named || sources.contains(&format!("`{} {}`", self.method.to_uppercase(), self.path))
    }

    fn at(&self) -> Pointer {
        let paths = Pointer::root().child("paths");
        paths.child(self.path).child(self.method)
    }

    fn tag(&self) -> &'v str {
        let tag = self.value.pointer("/tags/0").and_then(Value::as_str);
        tag.unwrap_or("other")
    }

    /// The names of what a call cannot do without.
    fn needed(&self) -> impl Iterator<Item = &'v str> {
        let needed = self.parameters.iter().filter(|one| {
            one.get("required") == Some(&Value::Bool(true))
                || one.get("in").is_some_and(|place| place == "path")
        });
        let body = self.value.get("requestBody").map(|_| "body");
        needed
            .filter_map(|one| one.get("name")?.as_str())
            .chain(body)
    }

    /// A method to start from.
    fn source(&self, document: &Value) -> String {
        let endpoint = self.id.to_upper_camel_case();
        let summary = self.value.get("summary").and_then(Value::as_str);
        let summary = summary
            .unwrap_or("Calls the operation")
            .trim_end_matches('.');
        let mut arguments = String::new();
        let mut fields = Vec::new();
        for name in self.needed() {
            let field = name.to_snake_case();
            let kind = self.kind(name, document);
            let _ = write!(arguments, ", {field}: {kind}");
            let is_made = field == "body" || kind.starts_with("impl ");
            fields.push(if is_made {
                format!("{field}: {field}.into()")
            } else {
                field
            });
        }
        let fields = match fields.as_slice() {
            [] => String::new(),
            fields => format!(" {{ {} }}", fields.join(", ")),
        };
        format!(
            "/// {summary}: `{} {}`.\n///\n/// [Evidence](crate#evidence): spec.\n///\n/// # Errors\n\
             /// As with every call: see [`ErrorKind`](crate::ErrorKind).\n\
             pub fn {}(&self{arguments}) -> Call<<{endpoint} as Endpoint>::Response> {{\n    \
             self.client.call({endpoint}{fields}, |request| request)\n}}",
            self.method.to_uppercase(),
            self.path,
            self.id.to_snake_case(),
        )
    }

    /// The type of an argument.
    fn kind(&self, name: &str, document: &Value) -> String {
        let mut parameters = self.parameters.iter();
        let parameter = parameters.find(|one| one.get("name").is_some_and(|known| known == name));
        let schema = match parameter {
            Some(parameter) => parameter.get("schema"),
            None => {
                let content = self
                    .value
                    .pointer("/requestBody/content")
                    .and_then(Value::as_object);
                content.and_then(|content| content.values().next()?.get("schema"))
            }
        };
        let reference = schema.and_then(|schema| schema.get("$ref")?.as_str());
        if let Some(name) = reference.and_then(|reference| Pointer::component("schemas", reference))
            && document
                .pointer(&format!("/components/schemas/{name}/properties"))
                .is_some()
        {
            return format!("types::{}", name.to_upper_camel_case());
        }
        let text = |key: &str| schema.and_then(|schema| schema.get(key)?.as_str());
        match (
            text("type"),
            text("format"),
            schema.and_then(|schema| schema.get("enum")),
        ) {
            (Some("string"), None, None) => "impl Into<String>",
            (Some("integer"), ..) => "i64",
            (Some("boolean"), ..) => "bool",
            _ => "/* see its setter */",
        }
        .to_owned()
    }

    /// Says that it looks like a list that is read page by page.
    fn hint(&self, document: &Value) -> Option<String> {
        if self.value.get("x-pagination").is_some() {
            return None;
        }
        let has = |wanted: &str| {
            let is_it = |one: &&&Value| one.get("name").is_some_and(|name| name == wanted);
            self.parameters.iter().any(|one| is_it(&one))
        };
        let size = ["pageSize", "limit"].into_iter().find(|size| has(size))?;
        if !has("page") {
            return None;
        }
        let at = self.at();
        Some(format!(
            "hint: `{}` has the parameters page and {size}, and no x-pagination, so its pages are not followed; if it is a list, say so:\n    \
             - target: {}\n      x-evidence: inferred\n      x-source: \"The operation has the parameters of a list.\"\n      update: {{x-pagination: {size}}}\n",
            self.id,
            Value::from(at.json_path(document)?),
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_has_no_method_is_told_with_the_lines_to_paste() {
        let root = tempfile::tempdir().unwrap();
        let api = root.path().join("cloudally/src/api");
        fs::create_dir_all(&api).unwrap();
        fs::write(
            api.join("users.rs"),
            "self.client.call(ListUsers, |request| request)",
        )
        .unwrap();
        let document = json!({
            "components": {"schemas": {"Rule": {"properties": {}}}},
            "paths": {
                "/users": {"get": {"operationId": "listUsers"}},
                "/users/old": {"get": {"operationId": "listUsersOld", "parameters": [{"name": "page"}, {"name": "pageSize"}]}},
                "/rules/{id}": {
                    "parameters": [{"name": "id", "in": "path", "schema": {"type": "string"}}],
                    "put": {
                        "operationId": "setRule", "summary": "Set a rule.", "tags": ["Rules"],
                        "requestBody": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Rule"}}}},
                    },
                },
            },
        });
        let told = tasks(root.path(), &document, &BTreeMap::new());
        for line in [
            "by hand: 2 operations have no method",
            "pub fn set_rule(&self, id: impl Into<String>, body: types::Rule) -> Call<<SetRule as Endpoint>::Response> {",
            "self.client.call(SetRule { id: id.into(), body: body.into() }, |request| request)",
            "| `setRule` | `PUT /rules/{id}` | `client.rules().set_rule(id, body)` |",
            "operation(\"setRule\", \"PUT\", \"/rules/{id}\", Access::Account, || put(rules::set_rule)),",
            "hint: `listUsersOld` has the parameters page and pageSize",
        ] {
            assert!(told.contains(line), "{line}: {told}");
        }
        assert!(!told.contains("`listUsers`"), "{told}");
        assert!(
            !tasks(&root.path().join("other"), &document, &BTreeMap::new()).contains("by hand")
        );
    }

    #[test]
    fn what_names_something_that_changed_is_told() {
        let root = tempfile::tempdir().unwrap();
        let models = root.path().join("cloudally-gen/src/models");
        let generated = root.path().join("cloudally-gen/src/generated");
        for folder in [&models, &generated] {
            fs::create_dir_all(folder).unwrap();
            fs::write(folder.join("users.rs"), "use crate::types::{User, Task};").unwrap();
        }
        let change = |pointer: &str, what: &str, class: Class| Change {
            pointer: Pointer::parse(pointer),
            what: what.to_owned(),
            class,
            origin: crate::semver_diff::Origin::Vendor,
        };
        let changes = [
            change(
                "/components/schemas/User/properties/a",
                "field `a` is new",
                Class::Additive,
            ),
            change(
                "/components/schemas/Use",
                "type `Use` is gone",
                Class::Breaking,
            ),
            change(
                "/components/schemas/Task/description",
                "`description` changed",
                Class::Docs,
            ),
        ];
        let told = affected(root.path(), &json!({}), &changes);
        assert_eq!(
            told,
            "by hand: cloudally-gen/src/models/users.rs names `User`: field `a` is new\n"
        );
    }
}
