//! A vendor's update that is odd in every way: what the generated code would send or read in another
//! way than the document says is refused all at once, and the actions that are printed mend it; the
//! rest goes through, and the log says how. It is the same for the project's own document and for
//! any other.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod refusal;

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use tempfile::TempDir;

const PATHS: &str = r##"paths:
  /odd/{ids}/{name}:
    parameters:
      - {name: ids, in: path, required: true, schema: {type: array, items: {type: string}}}
      - {name: trace, in: header, schema: {type: array, items: {type: string}}}
      - {name: name, in: path, schema: {type: string}}
    get:
      operationId: getOdd
      parameters:
        - {name: joined, in: query, explode: false, schema: {type: array, items: {type: string}}}
        - {name: piped, in: query, style: pipeDelimited, schema: {type: array, items: {type: string}}}
        - {name: filter, in: query, style: deepObject, schema: {type: object, properties: {a: {type: string}}}}
        - {name: spaced, in: query, style: spaceDelimited, schema: {type: string}}
        - {name: json, in: query, content: {application/json: {schema: {type: object}}}}
        - {name: key, in: query, schema: {type: string, format: password}}
        - {name: shape, in: query, schema: {}}
        - {name: it's, in: cookie, schema: {type: string}}
        - {name: Accept, in: header, schema: {type: string}}
        - {name: page-no, in: query, schema: {type: string}}
        - {name: page_no, in: query, schema: {type: string}}
        - {name: same, in: query, schema: {type: string}}
        - {name: same, in: header, schema: {type: string}}
        - {$ref: '#/components/parameters/Session'}
        - {$ref: '#/components/parameters/Joined'}
        - {name: named, in: query, schema: {$ref: '#/components/schemas/Names'}}
        - {name: fine, in: query, schema: {type: array, items: {type: string}}}
      responses:
        '200': {description: d, headers: {x-left: {schema: {type: integer}}}, content: {application/json: {schema: {$ref: '#/components/schemas/Odd'}}, text/csv: {}}}
        '202': {description: d, content: {application/json: {schema: {type: string}}}}
        '204': {description: d}
    post:
      operationId: postOdd
      parameters: [{$ref: '#/components/parameters/Session'}, {$ref: '#/components/parameters/Joined'}]
      requestBody: {required: true, content: {application/json: {schema: {$ref: '#/components/schemas/Odd'}}, application/xml: {schema: {type: string}}, text/plain: {schema: {type: string}}}}
      responses: {'200': {$ref: '#/components/responses/Word'}, '4XX': {$ref: '#/components/responses/Failed'}}
    put:
      operationId: putOdd
      requestBody: {$ref: '#/components/requestBodies/Upload'}
      parameters: [{$ref: '#/components/parameters/Session'}]
      responses: {'204': {description: d}}
    patch:
      operationId: patchOdd
      requestBody: {$ref: '#/components/requestBodies/Form'}
      responses: {default: {description: d}}
    delete:
      operationId: put_odd
      requestBody: {content: {text/plain: {schema: {type: string, enum: [a]}}}}
      responses: {'204': {description: d}}
  /odd/raw:
    get: {operationId: getRaw, responses: {'200': {description: d, content: {text/csv: {}}}, '204': {description: d}}}
  /odd/{label}:
    get:
      operationId: getLabel
      parameters: [{name: label, in: path, required: true, style: label, schema: {type: string}}]
      responses: {'204': {description: d}}
"##;

const COMPONENTS: &str = r##"components:
  parameters:
    Session: {name: session, in: cookie, schema: {type: string}}
    Joined: {name: also, in: query, explode: false, schema: {type: array, items: {type: string}}}
  requestBodies:
    Upload: {content: {multipart/form-data: {schema: {type: object}}}}
    Form: {content: {application/x-www-form-urlencoded: {schema: {type: object, properties: {deep: {type: object}}}, encoding: {deep: {}}}}}
  responses:
    Word: {description: d, content: {application/json: {schema: {type: string}}}}
    Failed: {description: d, content: {application/json: {schema: {$ref: '#/components/schemas/Failure'}}}}
  schemas:
    Odd: {type: object, required: [user_name], properties: {state: {type: string, enum: [a, A, b, unknown]}, user_name: {type: string}, userName: {type: string}}}
    Names: {type: array, items: {type: string, enum: [x, y]}}
    # No call speaks of it.
    Failure: {type: object, properties: {state: {type: string, enum: [a, A]}}}
"##;

/// A workspace with the project's own inputs, to which the vendor has added what is odd.
fn workspace() -> TempDir {
    let root = tempfile::tempdir().unwrap();
    let project = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    fs::create_dir(root.path().join("spec")).unwrap();
    let read = |name: &str| fs::read_to_string(project.join("spec").join(name)).unwrap();
    let document = read("openapi.yaml")
        .replace("\npaths:\n", &format!("\n{PATHS}"))
        .replace("\ncomponents:\n", &format!("\n{COMPONENTS}"));
    fs::write(root.path().join("spec/openapi.yaml"), document).unwrap();
    fs::write(root.path().join("spec/overlay.yaml"), read("overlay.yaml")).unwrap();
    root
}

fn regen(root: &Path) -> Output {
    Command::new(env!("CARGO_BIN_EXE_xtask"))
        .args(["regen", "--root"])
        .arg(root)
        .output()
        .unwrap()
}

#[test]
fn whatever_is_not_plain_is_refused_at_once_and_mended_as_it_is_printed() {
    let root = workspace();
    let output = regen(root.path());
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(2), "{told}");
    let operation = |method: &str| format!("/paths/~1odd~1{{ids}}~1{{name}}/{method}");
    let form = "requestBody/content/application~1x-www-form-urlencoded";
    let places = [
        format!("{}/parameters/5/schema", operation("get")),
        format!("{}/{form}/schema/properties/deep", operation("patch")),
    ];
    for place in &places {
        assert!(
            told.contains(&format!(". normalize: {place}\n")),
            "{place}: {told}"
        );
    }
    let reasons = told.matches("   means: ").count();
    assert_eq!(reasons, places.len(), "{told}");
    assert_eq!(
        told.matches("   overlay action:").count(),
        reasons,
        "{told}"
    );

    let overlay = root.path().join("spec/overlay.yaml");
    let mut text = fs::read_to_string(&overlay).unwrap();
    text.push_str(&refusal::actions(&told));
    fs::write(&overlay, &text).unwrap();
    let output = regen(root.path());
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{told}\n{text}");
    let warning = format!("there is no function for {}: its body", operation("put"));
    assert!(told.contains(&warning), "{told}");
    let lowered = fs::read_to_string(root.path().join("spec/lowered.json")).unwrap();
    for kept in [
        "\"fine\"",
        "\"joined\"",
        "\"also\"",
        "\"ids\"",
        "\"postOdd\"",
        "\"filter[a]\"",
        "\"Cookie\"",
        "\"/odd/.{label}\"",
        "\"getRaw\"",
    ] {
        assert!(lowered.contains(kept), "{kept}");
    }
    for gone in ["\"putOdd\"", "\"Failure\""] {
        assert!(!lowered.contains(gone), "{gone}");
    }
    let log = fs::read_to_string(root.path().join("spec/regen.log")).unwrap();
    for line in [
        "headers/x-left\tleft out",
        "content/text~1csv\tleft out",
        "content/application~1xml\tleft out: the client sends `application/json`",
        "parameters/7\tbecame a part of the header `Cookie`",
    ] {
        assert!(log.contains(line), "{line}: {log}");
    }
    // What stands in for a name is never sent.
    let generated = root.path().join("cloudally-gen/src/generated");
    for (file, words) in [
        ("builder.rs", "\"page-no\""),
        ("builder.rs", "\"page_no\""),
        ("types.rs", "\"userName\""),
        ("operations.rs", "id: \"put_odd\""),
    ] {
        let text = fs::read_to_string(generated.join(file)).unwrap();
        assert!(text.contains(words) && !text.contains('§'), "{file}");
    }
    let other = any(root.path());
    assert!(other.status.success(), "{other:?}");
}

/// The same document and overlay in the other mode.
fn any(root: &Path) -> Output {
    Command::new(env!("CARGO_BIN_EXE_xtask"))
        .args(["regen", "--spec"])
        .arg(root.join("spec/openapi.yaml"))
        .arg("--overlay")
        .arg(root.join("spec/overlay.yaml"))
        .arg("--out")
        .arg(root.join("crate"))
        .output()
        .unwrap()
}

/// A choice among shapes has a type in the project's own client, too, and another media type its
/// header.
#[test]
fn a_choice_and_another_media_type_are_generated() {
    let root = workspace();
    let path = root.path().join("spec/openapi.yaml");
    let project = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let document = fs::read_to_string(project.join("spec/openapi.yaml")).unwrap();
    let operation = r##"
paths:
  /choice:
    get:
      operationId: getChoice
      responses:
        '200':
          description: d
          content:
            application/vnd.x+json:
              schema: {oneOf: [{type: number}, {type: object, required: [at], properties: {at: {type: string, format: date-time}}}]}
"##;
    fs::write(&path, document.replace("\npaths:\n", operation)).unwrap();
    let output = regen(root.path());
    assert!(output.status.success(), "{output:?}");
    let generated = root.path().join("cloudally-gen/src/generated");
    let read = |file: &str| fs::read_to_string(generated.join(file)).unwrap();
    assert!(read("unions.rs").contains("crate::amount::Amount"));
    assert!(read("builder.rs").contains("from_static(\"application/vnd.x+json\")"));
    assert!(read("mod.rs").contains("mod choice;"));
}

/// What refers to itself is refused, and not followed for ever.
#[test]
fn a_circle_of_references_is_refused() {
    let root = workspace();
    let path = root.path().join("spec/openapi.yaml");
    let text = fs::read_to_string(&path).unwrap();
    let circle = "Session: {$ref: '#/components/parameters/Joined'}\n    Joined: {$ref: '#/components/parameters/Session'}\n";
    let lines = text
        .lines()
        .map(|line| match line.trim().split(':').next() {
            Some("Session") => format!("    {circle}"),
            Some("Joined") => String::new(),
            Some("Word") => "    Word: {$ref: '#/components/responses/Word'}\n".to_owned(),
            _ => format!("{line}\n"),
        });
    fs::write(&path, lines.collect::<String>()).unwrap();
    let output = regen(root.path());
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(2), "{told}");
    for words in ["leads to no parameter", "leads to no response"] {
        assert!(told.contains(words), "{words}: {told}");
    }
}
