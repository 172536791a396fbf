use super::*;
use serde_json::json;

#[test]
fn every_reason_is_shown_with_an_action_to_paste() {
    let mut refusals = Refusals::default();
    let place = Pointer::root().child("paths").child("/a'b").child("trace");
    refusals.add(
        "calls",
        &place,
        &json!({"x": 1}),
        "means",
        "do",
        &Action::Remove(&place),
    );
    refusals.add(
        "calls",
        &place.child("x"),
        &json!("y".repeat(500)),
        "means too",
        "do",
        &Action::None,
    );
    refusals.add(
        "calls",
        &place.child("y"),
        &json!(1),
        "means as well",
        "do",
        &Action::Remove(&place),
    );
    let document = json!({"paths": {"/a'b": {"trace": {"x": 1}}}});
    refusals.aim(&document, Evidence::Optional);
    let text = refusals.into_result().unwrap_err().to_string();
    assert!(text.ends_with("overlay action: that of 1"), "{text}");
    assert!(text.contains("3 reasons") && text.contains("/paths/~1a'b/trace"));
    assert!(
        text.contains(r#"- target: "$.paths['/a\\'b'].trace""#),
        "{text}"
    );
    assert!(text.lines().all(|line| line.len() < 200), "{text}");
}

#[test]
fn equal_reasons_are_one_with_all_places_and_actions() {
    let names: Vec<String> = (0..12).map(|number| format!("a{number}")).collect();
    let document: Value = json!({"a": names.iter().map(|name| (name.clone(), json!({}))).collect::<serde_json::Map<_, _>>()});
    let mut refusals = Refusals::default();
    let root = Pointer::root();
    for name in &names {
        let at = root.child("a").child(name);
        refusals.add("s", &at, &json!({}), "means", "do", &Action::Remove(&at));
        let action = Action::Update(&root, "{openapi: 3.1.0}");
        refusals.add("s", &at.child("type"), &json!(1), "newer", "do", &action);
    }
    refusals.aim(&document, Evidence::Optional);
    let text = refusals.into_result().unwrap_err().to_string();
    assert!(text.contains("for 2 reasons at 24 places"), "{text}");
    assert_eq!(text.matches("   means: ").count(), 2, "{text}");
    assert_eq!(text.matches("remove: true").count(), 12, "{text}");
    assert_eq!(text.matches("openapi: 3.1.0").count(), 1, "{text}");
    assert!(text.contains("   also:  at 3 other places"), "{text}");
}

#[test]
fn what_goes_with_a_whole_is_not_taken_apart() {
    let document = json!({"a": {"b": [{"name": "n", "in": "query"}]}});
    let place = Pointer::root().child("a");
    let entry = place.child("b").index(0);
    let mut refusals = Refusals::default();
    for (at, action) in [
        (&entry, Action::Remove(&entry)),
        (&place, Action::Remove(&place)),
    ] {
        let advice = format!("do something about {at}");
        refusals.add("s", at, &json!(1), "why: \"so\"", advice, &action);
    }
    refusals.aim(&document, Evidence::Needed);
    let text = refusals.into_result().unwrap_err().to_string();
    assert!(text.contains("overlay action: that of 2"), "{text}");
    assert_eq!(text.matches("remove: true").count(), 1, "{text}");
    assert!(text.contains(r#"x-source: "why: \"so\"""#), "{text}");
}
