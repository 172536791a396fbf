//! Nothing that the document has is left out: each operation is in the SDK, its tests, its docs and the sandbox, and each
//! part of the document says how well it is known.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use cloudally_contract::{calls, spec};
use cloudally_gen::operations;
use cloudally_sandbox::Sandbox;
use serde_json::Value;

const README: &str = include_str!("../../../README.md");
const STUB_TESTS: &str = include_str!("operations/typed_mocks.rs");

/// What the sandbox serves beyond the document: a second path of a sign-in that some clients use.
const SANDBOX_ONLY: [&str; 1] = ["partnerLoginV2"];

struct Operation {
    id: &'static str,
    /// Such as `GET /v1/partners`.
    line: String,
    definition: &'static Value,
    item: &'static Value,
}

fn documented() -> Vec<Operation> {
    let methods = |(path, item): (&'static String, &'static Value)| {
        item.as_object()
            .unwrap()
            .iter()
            .filter_map(move |(method, definition)| {
                Some(Operation {
                    id: definition["operationId"].as_str()?,
                    line: format!("{} {path}", method.to_uppercase()),
                    definition,
                    item,
                })
            })
    };
    spec::paths().iter().flat_map(methods).collect()
}

fn ids() -> BTreeSet<&'static str> {
    documented().iter().map(|operation| operation.id).collect()
}

/// The row of the README's table of operations: request and method.
fn row(id: &str) -> Option<(&'static str, &'static str)> {
    let start = format!("| `{id}` | `");
    let rest = README
        .lines()
        .find_map(|line| line.strip_prefix(start.as_str()))?;
    let (request, methods) = rest.split_once("` | ")?;
    Some((request, methods.trim_end_matches(" |")))
}

/// The sources of the SDK in this folder, and in those below it.
fn sources(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).unwrap();
    let mut paths: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    let read = |path: PathBuf| {
        if path.is_dir() {
            sources(&path)
        } else {
            vec![std::fs::read_to_string(path).unwrap()]
        }
    };
    paths.into_iter().flat_map(read).collect()
}

/// The code of all examples in the docs of these sources, without white space.
fn examples(sources: &[String]) -> String {
    let mut code = String::new();
    for source in sources {
        let mut is_code = false;
        for line in source.lines() {
            let line = line.trim_start();
            match line.strip_prefix("///").or(line.strip_prefix("//!")) {
                None => is_code = false,
                Some(text) if text.trim_start().starts_with("```") => is_code = !is_code,
                Some(text) if is_code => code.extend(text.split_whitespace()),
                Some(_) => {}
            }
        }
    }
    code
}

#[test]
fn every_operation_has_a_method_of_the_sdk() {
    let generated: BTreeSet<_> = operations::ALL
        .iter()
        .map(|operation| operation.id)
        .collect();
    assert_eq!(generated, ids());
    let called: BTreeSet<_> = calls::all().iter().map(|call| call.id).collect();
    assert_eq!(called, ids(), "the table of calls");
    for operation in documented() {
        let Some((request, methods)) = row(operation.id) else {
            panic!("the README's table lacks {}", operation.id)
        };
        assert_eq!(request, operation.line, "{}", operation.id);
        assert!(methods.starts_with("`client."), "{}", operation.id);
    }
}

#[test]
fn every_operation_has_a_stub_test() {
    for id in ids() {
        let arm = format!("\"{id}\" =>");
        assert!(
            STUB_TESTS.contains(&arm),
            "typed_mocks.rs has no mock of {id}"
        );
    }
}

#[test]
fn every_operation_has_a_route_of_the_sandbox() {
    let mut served: BTreeSet<_> = Sandbox::operations().collect();
    for id in SANDBOX_ONLY {
        assert!(served.remove(id), "the sandbox has {id} no more");
    }
    assert_eq!(served, ids());
}

#[test]
fn every_operation_is_in_the_docs_and_in_an_example() {
    let sdk = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../cloudally/src");
    let api = sources(&sdk.join("api"));
    let examples = examples(&sources(&sdk));
    for operation in documented() {
        let id = operation.id;
        let named = format!("`{}`", operation.line);
        assert!(
            api.iter().any(|source| source.contains(&named)),
            "no method's docs name {named}, of {id}"
        );
        let (_, methods) = row(id).unwrap();
        // Of "`client.users().list()`" this is ".users().list(".
        let call = methods.trim_start_matches("`client").split('`').next();
        let call = call.and_then(|call| call.rsplit_once('(')).unwrap().0;
        let has_example = examples.contains(&format!("{call}("));
        assert!(has_example, "{id}: an example of {call} in the docs");
    }
}

/// How well a part of the document is known, by its own word.
fn own_grade(part: &Value) -> Option<&str> {
    let grade = part.get("x-evidence")?.as_str().expect("a grade is text");
    let grades = ["spec", "observed", "published", "inferred"];
    assert!(grades.contains(&grade), "`{grade}` is no grade");
    Some(grade)
}

/// The grade of a field: its own, or that of the schema it is a field of.
fn grade_of_field<'a>(schema: &'a Value, field: &'a Value) -> Option<&'a str> {
    own_grade(field).or_else(|| own_grade(schema))
}

/// All fields of a schema that have no grade; beside them, how many it has.
fn ungraded_fields(place: &str, schema: &Value) -> (Vec<String>, usize) {
    let fields = schema["properties"].as_object();
    let ungraded = fields
        .into_iter()
        .flatten()
        .filter(|(_, field)| grade_of_field(schema, field).is_none())
        .map(|(name, _)| format!("{place}.{name}"));
    (ungraded.collect(), fields.map_or(0, serde_json::Map::len))
}

#[test]
fn a_field_has_the_grade_of_its_schema_unless_it_has_its_own() {
    let schema = serde_json::json!({
        "x-evidence": "spec",
        "properties": {"a": {}, "b": {"x-evidence": "observed"}},
    });
    let properties = &schema["properties"];
    assert_eq!(grade_of_field(&schema, &properties["a"]), Some("spec"));
    assert_eq!(grade_of_field(&schema, &properties["b"]), Some("observed"));
    let bare = serde_json::json!({"properties": {"a": {}}});
    assert_eq!(ungraded_fields("bare", &bare).0, ["bare.a"]);
}

#[test]
fn every_part_of_the_document_says_how_well_it_is_known() {
    let mut ungraded = Vec::new();
    let mut grade = |place: String, part: &'static Value| {
        if own_grade(spec::resolved(part)).is_none() {
            ungraded.push(place);
        }
    };
    let named = |part: &'static Value| part.as_object().into_iter().flatten();
    for kind in ["schemas", "parameters", "responses", "links"] {
        let components = named(&spec::document()["components"][kind]);
        assert!(components.clone().count() > 0, "{kind}");
        components.for_each(|(name, part)| grade(format!("{kind} {name}"), part));
    }
    for operation in documented() {
        let (id, definition) = (operation.id, operation.definition);
        grade(id.to_owned(), definition);
        let lists = [&operation.item["parameters"], &definition["parameters"]];
        for parameter in lists.into_iter().filter_map(Value::as_array).flatten() {
            let name = &spec::resolved(parameter)["name"];
            grade(format!("{id} {name}"), parameter);
        }
        for (_, media) in named(&definition["requestBody"]["content"]) {
            grade(format!("{id} body"), &media["schema"]);
        }
        for (status, response) in named(&definition["responses"]) {
            grade(format!("{id} {status}"), response);
            let response = spec::resolved(response);
            for (_, media) in named(&response["content"]) {
                grade(format!("{id} {status} body"), &media["schema"]);
            }
            for kind in ["headers", "links"] {
                for (name, part) in named(&response[kind]) {
                    grade(format!("{id} {status} {kind} {name}"), part);
                }
            }
        }
    }
    let mut fields = 0;
    let components = spec::components().iter();
    let bodies = documented().into_iter().map(|operation| {
        let body = &operation.definition["requestBody"]["content"]["application/json"]["schema"];
        (operation.id, body)
    });
    for (place, schema) in components
        .map(|(name, schema)| (name.as_str(), schema))
        .chain(bodies)
    {
        let (without, all) = ungraded_fields(place, schema);
        ungraded.extend(without);
        fields += all;
    }
    assert!(ungraded.is_empty(), "without x-evidence: {ungraded:#?}");
    assert!(fields > 100, "{fields} fields were looked at");
}
