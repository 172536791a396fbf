//! What the project's own document must not have: the generated code would do something else than
//! the document says, or there would be none. It is refused all at once, and the actions that are
//! printed mend it.
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
    let mut places = vec![
        "/paths/~1odd~1{ids}~1{name}/parameters/0".to_owned(),
        "/paths/~1odd~1{ids}~1{name}/parameters/1".to_owned(),
        "/paths/~1odd~1{ids}~1{name}/parameters/2".to_owned(),
        "/paths/~1odd~1{label}/get/parameters/0".to_owned(),
        format!("{}/operationId", operation("delete")),
        "/paths/~1odd~1raw/get/responses/200/content".to_owned(),
        "/components/parameters/Session".to_owned(),
        "/components/parameters/Joined".to_owned(),
        "/components/schemas/Odd/properties/state/enum".to_owned(),
        "/components/schemas/Odd/properties".to_owned(),
        format!("{}/responses/202", operation("get")),
        format!("{}/responses/204", operation("get")),
        format!("{}/requestBody/content/application~1xml", operation("post")),
        format!("{}/requestBody/content/text~1plain", operation("post")),
        format!("{}/requestBody/content", operation("put")),
        format!("{}/responses", operation("patch")),
        format!(
            "{}/requestBody/content/text~1plain/schema",
            operation("delete")
        ),
    ];
    let form = "requestBody/content/application~1x-www-form-urlencoded";
    places.push(format!("{}/{form}/encoding", operation("patch")));
    places.push(format!(
        "{}/{form}/schema/properties/deep",
        operation("patch")
    ));
    // Of two of a name, the first in the order of places and names is kept.
    for index in [0, 1, 2, 3, 4, 5, 6, 7, 8, 10, 11, 15] {
        places.push(format!("{}/parameters/{index}", operation("get")));
    }
    for place in &places {
        assert!(
            told.contains(&format!(". plain: {place}\n")),
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
    let lowered = fs::read_to_string(root.path().join("spec/lowered.json")).unwrap();
    for kept in [
        "\"fine\"",
        "\"joined\"",
        "\"also\"",
        "\"ids\"",
        "\"postOdd\"",
    ] {
        assert!(lowered.contains(kept), "{kept}");
    }
    for gone in [
        "parameters/Session\"",
        "\"putOdd\"",
        "\"getLabel\"",
        "\"getRaw\"",
        "\"Failure\"",
    ] {
        assert!(!lowered.contains(gone), "{gone}");
    }
    let log = fs::read_to_string(root.path().join("spec/regen.log")).unwrap();
    for line in ["headers/x-left\tleft out", "content/text~1csv\tleft out"] {
        assert!(log.contains(line), "{line}: {log}");
    }
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
