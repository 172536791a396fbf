//! Large documents take seconds and bounded memory, and the project's own next to nothing.
//! `cargo test -p xtask --test speed -- --nocapture` shows the figures.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::Command;

const OPERATIONS: usize = 200;
const SIZE: usize = 3 << 20;

/// A document of about 3 MB with 200 operations: of so many schemas, and so much prose in each
/// place.
fn document(schemas: usize, fields: usize, prose: usize) -> String {
    let words = "A backup of what a tenant keeps there, as of the time that it was last seen. ";
    let prose = |place: &str| {
        let mut text = format!("{place}: ");
        while text.len() < prose {
            text.push_str(words);
        }
        text
    };
    let mut text = String::from("openapi: 3.1.0\ninfo: {title: Large, version: '1'}\npaths:\n");
    for index in 0..OPERATIONS {
        let (asked, given) = (index * 7 % schemas, index * 11 % schemas);
        let _ = write!(
            text,
            "  /v1/things{index}/{{id}}:\n    post:\n      operationId: callThing{index}\n      \
             description: '{}'\n      parameters:\n        \
             - {{name: id, in: path, required: true, schema: {{type: string}}}}\n        \
             - {{name: page-size, in: query, schema: {{type: integer, maximum: 500}}}}\n      \
             requestBody: {{required: true, content: {{application/json: {{schema: {{$ref: '#/components/schemas/Thing{asked}'}}}}}}}}\n      \
             responses:\n        '200': {{description: '{}', content: {{application/json: {{schema: {{$ref: '#/components/schemas/Thing{given}'}}}}}}}}\n        \
             '404': {{description: There is none.}}\n",
            prose("operation"),
            prose("answer")
        );
    }
    text.push_str("components:\n  schemas:\n");
    for index in 0..schemas {
        let _ = write!(
            text,
            "    Thing{index}:\n      type: object\n      required: [field0]\n      description: '{}'\n      properties:\n",
            prose("schema")
        );
        for field in 0..fields {
            let kind = match field % 5 {
                0 => "type: string".to_owned(),
                1 => "type: [integer, 'null'], minimum: 0".to_owned(),
                2 => "type: string, enum: [ON, OFF, LATE]".to_owned(),
                3 => format!(
                    "type: array, items: {{$ref: '#/components/schemas/Thing{}'}}",
                    (index + 1) % schemas
                ),
                _ => {
                    "type: string, format: date-time, examples: ['2026-01-01T00:00:00Z']".to_owned()
                }
            };
            let _ = writeln!(
                text,
                "        field{field}: {{{kind}, description: '{}'}}",
                prose("field")
            );
        }
    }
    text
}

/// Seconds of the processor and megabytes of a run, by its own word: how long it is kept waiting by
/// others is not its doing.
fn figures(arguments: &[&str]) -> (f64, Option<f64>) {
    let run = Command::new(env!("CARGO_BIN_EXE_xtask"))
        .args(["regen", "--verbose"])
        .args(arguments)
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&run.stderr).into_owned();
    assert!(run.status.success(), "{told}");
    let figure = |name: &str| {
        let line = told
            .lines()
            .find(|line| line.trim_start().starts_with(name))?;
        line.split_whitespace().nth(1)?.parse::<f64>().ok()
    };
    println!("{told}");
    let took = figure("processor").or_else(|| figure("total"));
    (took.unwrap() / 1000.0, figure("memory"))
}

fn standalone(name: &str, document: &str) -> (f64, Option<f64>) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("large.yaml");
    fs::write(&path, document).unwrap();
    let out = folder.path().join("crate");
    let (path, out) = (path.to_str().unwrap(), out.to_str().unwrap());
    let figures = figures(&["--spec", path, "--out", out]);
    println!("{name}, {} bytes: {figures:?}", document.len());
    figures
}

fn is_about_3_mb(document: &str) {
    assert!(
        (SIZE * 9 / 10..SIZE * 11 / 10).contains(&document.len()),
        "{}",
        document.len()
    );
}

#[test]
fn large_documents_take_seconds_and_bounded_memory() {
    for (name, schemas, fields, prose, most) in [
        ("schemas", 860, 21, 20, 650.0),
        ("prose", 60, 12, 2600, 100.0),
    ] {
        let document = document(schemas, fields, prose);
        is_about_3_mb(&document);
        let (seconds, memory) = standalone(name, &document);
        // Several times what it takes, for a slower machine.
        assert!(seconds < 40.0, "{name}: {seconds} s");
        assert!(
            memory.is_none_or(|memory| memory < most),
            "{name}: {memory:?} MB"
        );
    }
}

#[test]
fn the_projects_own_document_takes_next_to_nothing() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let (seconds, memory) = figures(&["--dry-run", "--root", root.to_str().unwrap()]);
    println!("own: {seconds} s, {memory:?} MB");
    assert!(seconds < 1.0, "{seconds} s");
    assert!(memory.is_none_or(|memory| memory < 30.0), "{memory:?} MB");
}
