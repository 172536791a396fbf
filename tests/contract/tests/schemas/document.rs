//! Nothing that the document has is left out: each operation is in the SDK, its tests, its docs and
//! the sandbox, and each part of the document says how well it is known.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use cloudally_contract::spec::Operation;
use cloudally_contract::{calls, spec};
use cloudally_gen::operations;
use cloudally_sandbox::Sandbox;
use serde_json::Value;

const README: &str = include_str!("../../../../README.md");
const STUB_TESTS: &str = include_str!("../operations/typed_mocks.rs");

/// What the sandbox serves beyond the document: a second path of a sign-in that some clients use.
const SANDBOX_ONLY: [&str; 1] = ["partnerLoginV2"];

fn ids() -> BTreeSet<&'static str> {
    spec::operations()
        .iter()
        .map(|operation| operation.id)
        .collect()
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

/// What one operation of the document lacks; nothing if it has it.
type Lack = Result<(), String>;

fn has(it: bool, what: impl FnOnce() -> String) -> Lack {
    if it { Ok(()) } else { Err(what()) }
}

fn method_of_the_sdk(operation: &Operation) -> Lack {
    let id = operation.id;
    let mut generated = operations::ALL.iter();
    has(generated.any(|one| one.id == id), || {
        format!("{id} is not in the generated table")
    })?;
    has(calls::all().iter().any(|call| call.id == id), || {
        format!("{id} is not in the table of calls")
    })?;
    let Some((request, methods)) = row(id) else {
        return Err(format!("the README's table lacks {id}"));
    };
    has(request == operation.line(), || {
        format!("{id} is {request} in the README")
    })?;
    has(methods.starts_with("`client."), || {
        format!("{id} is {methods} in the README")
    })
}

fn stub_test(operation: &Operation) -> Lack {
    let arm = format!("\"{}\" =>", operation.id);
    has(STUB_TESTS.contains(&arm), || {
        format!("typed_mocks.rs has no mock of {}", operation.id)
    })
}

fn route_of_the_sandbox(operation: &Operation) -> Lack {
    let mut served = Sandbox::operations();
    has(served.any(|id| id == operation.id), || {
        format!("the sandbox has no {}", operation.id)
    })
}

/// What the docs have.
struct Docs {
    /// The sources of the resources.
    api: Vec<String>,
    examples: String,
}

impl Docs {
    fn read() -> Self {
        let sdk = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../cloudally/src");
        Self {
            api: sources(&sdk.join("api")),
            examples: examples(&sources(&sdk)),
        }
    }

    fn example(&self, operation: &Operation) -> Lack {
        let (id, line) = (operation.id, format!("`{}`", operation.line()));
        has(self.api.iter().any(|source| source.contains(&line)), || {
            format!("no method's docs name {line}, of {id}")
        })?;
        let Some((_, methods)) = row(id) else {
            return Err(format!("the README's table lacks {id}"));
        };
        // Of "`client.users().list()`" this is ".users().list(".
        let call = methods.trim_start_matches("`client").split('`').next();
        let call = call.and_then(|call| call.rsplit_once('(')).unwrap().0;
        has(self.examples.contains(&format!("{call}(")), || {
            format!("{id}: no example of {call} in the docs")
        })
    }
}

#[track_caller]
fn assert_all(check: impl Fn(&Operation) -> Lack) {
    let all = spec::operations();
    let lacking: Vec<_> = all.iter().filter_map(|one| check(one).err()).collect();
    assert!(lacking.is_empty(), "{lacking:#?}");
    assert!(all.len() >= 20, "{} operations", all.len());
}

#[test]
fn every_operation_has_a_method_of_the_sdk() {
    assert_all(method_of_the_sdk);
    let generated: BTreeSet<_> = operations::ALL.iter().map(|one| one.id).collect();
    assert_eq!(generated, ids());
    let called: BTreeSet<_> = calls::all().iter().map(|call| call.id).collect();
    assert_eq!(called, ids(), "the table of calls");
}

#[test]
fn every_operation_has_a_stub_test() {
    assert_all(stub_test);
}

#[test]
fn every_operation_has_a_route_of_the_sandbox() {
    assert_all(route_of_the_sandbox);
    let mut served: BTreeSet<_> = Sandbox::operations().collect();
    for id in SANDBOX_ONLY {
        assert!(served.remove(id), "the sandbox has {id} no more");
    }
    assert_eq!(served, ids());
}

#[test]
fn every_operation_is_in_the_docs_and_in_an_example() {
    let docs = Docs::read();
    assert_all(|operation| docs.example(operation));
}

#[test]
fn an_operation_that_the_document_gains_is_missed_everywhere() {
    let gained = Operation {
        id: "listGhosts",
        path: "/v1/ghosts",
        ..spec::operations().remove(0)
    };
    let docs = Docs::read();
    let lacks = [
        method_of_the_sdk(&gained),
        stub_test(&gained),
        route_of_the_sandbox(&gained),
        docs.example(&gained),
    ];
    assert!(lacks.iter().all(Result::is_err), "{lacks:#?}");
    // One that moved is told, too.
    let all = spec::operations().into_iter();
    for operation in all {
        let moved = Operation {
            path: "/v3/elsewhere",
            ..operation
        };
        assert!(method_of_the_sdk(&moved).is_err(), "{}", moved.id);
        assert!(docs.example(&moved).is_err(), "{}", moved.id);
    }
    let without = Docs {
        examples: String::new(),
        ..docs
    };
    for operation in spec::operations() {
        assert!(without.example(&operation).is_err(), "{}", operation.id);
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

/// All fields of a schema that have no grade, those of schemas within it among them; beside them,
/// how many it has.
fn ungraded_fields(place: &str, schema: &Value) -> (Vec<String>, usize) {
    let (mut ungraded, mut count) = (Vec::new(), 0);
    for (name, field) in schema["properties"].as_object().into_iter().flatten() {
        count += 1;
        let place = format!("{place}.{name}");
        if grade_of_field(schema, field).is_none() {
            ungraded.push(place.clone());
        }
        let (without, all) = ungraded_fields(&place, field);
        ungraded.extend(without);
        count += all;
    }
    let lists = ["allOf", "anyOf", "oneOf"].map(|key| schema[key].as_array());
    let one = ["items", "additionalProperties"].map(|key| schema.get(key));
    let branches = lists.into_iter().flatten().flatten();
    for inner in branches.chain(one.into_iter().flatten()) {
        let (without, all) = ungraded_fields(place, inner);
        ungraded.extend(without);
        count += all;
    }
    (ungraded, count)
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
    // Those within others are found, and have no grade by those.
    let inner = serde_json::json!({
        "x-evidence": "spec",
        "properties": {"a": {"oneOf": [{"items": {"properties": {"b": {}}}}, {"type": "null"}]}},
    });
    assert_eq!(ungraded_fields("x", &inner), (vec!["x.a.b".to_owned()], 2));
}

/// Without its grade, each part of the document is told of, and nothing else.
#[test]
fn a_part_that_loses_its_grade_is_told_of() {
    let mut tried = 0;
    for (name, schema) in spec::components() {
        let graded = schema["properties"].as_object().into_iter().flatten();
        let mut bare = schema.clone();
        bare.as_object_mut().unwrap().remove("x-evidence");
        let expected: Vec<_> = graded
            .filter(|(_, field)| field.get("x-evidence").is_none())
            .map(|(field, _)| format!("{name}.{field}"))
            .collect();
        tried += expected.len();
        assert_eq!(ungraded_fields(name, &bare).0, expected);
    }
    assert!(tried > 50, "{tried} fields");
}

/// A field needs no grade of its own: one without has its schema's, and so says no more than that.
#[test]
fn every_part_has_a_grade_and_every_field_its_own_or_that_of_its_schema() {
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
    for operation in spec::operations() {
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
    let bodies = spec::operations().into_iter().map(|operation| {
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
