use super::*;

/// What is said of the first change whose words hold this.
fn origin(found: &Changes, words: &str) -> Origin {
    let mut all = found.all.iter();
    let change = all.find(|change| change.what.contains(words));
    change
        .unwrap_or_else(|| panic!("{words}: {found:?}"))
        .origin
}

fn found(vendor: &Value, bundled: &Value) -> Changes {
    let old = document();
    let old = Side {
        vendor: &old,
        bundled: &old,
    };
    changes(&old, &Side { vendor, bundled })
}

#[test]
fn what_the_vendor_changed_is_told_from_what_the_overlay_did() {
    let (mut vendor, mut new) = (document(), document());
    new["components"]["schemas"]["Task"]["properties"]["mine"] = json!({});
    new["components"]["schemas"]["Task"]["properties"]["theirs"] = json!({});
    vendor["components"]["schemas"]["Task"]["properties"]["theirs"] = json!({});
    vendor["components"]["schemas"]["State"] =
        json!({"type": "string", "description": "said anew"});
    let found = found(&vendor, &new);
    assert_eq!(origin(&found, "mine"), Origin::Overlay);
    assert_eq!(origin(&found, "theirs"), Origin::Vendor);
    assert!(
        found.hidden.iter().any(|change| change
            .pointer
            .as_str()
            .starts_with("/components/schemas/State")),
        "{found:?}"
    );
}

/// The list of both is one list, and the fields in it are of one or the other.
#[test]
fn a_field_is_required_by_whoever_says_so() {
    let (mut vendor, mut new) = (document(), document());
    vendor["components"]["schemas"]["Task"]["required"] = json!(["name"]);
    new["components"]["schemas"]["Task"]["required"] = json!(["name", "tags"]);
    let found = found(&vendor, &new);
    assert_eq!(origin(&found, "`name` is now required"), Origin::Vendor);
    assert_eq!(origin(&found, "`tags` is now required"), Origin::Overlay);
    assert!(found.hidden.is_empty(), "{found:?}");
}

/// The vendor's words on a field do not make the overlay's changes to it the vendor's.
#[test]
fn words_of_the_vendor_are_no_change_of_type() {
    let (mut vendor, mut new) = (document(), document());
    let field = json!({"type": ["string", "null"], "description": "the vendor's words"});
    vendor["components"]["schemas"]["Task"]["properties"]["name"] = field;
    new["components"]["schemas"]["Task"]["properties"]["name"] =
        json!({"type": "integer", "description": "the vendor's words"});
    let found = found(&vendor, &new);
    assert_eq!(origin(&found, "now integer"), Origin::Overlay);
    assert_eq!(origin(&found, "`description`"), Origin::Vendor);
}

#[test]
fn values_of_an_enum_are_of_whoever_names_them() {
    let (mut vendor, mut new) = (document(), document());
    vendor["components"]["schemas"]["State"]["anyOf"][0]["enum"] = json!(["ON", "OFF", "LATE"]);
    new["components"]["schemas"]["State"]["anyOf"][0]["enum"] =
        json!(["ON", "OFF", "LATE", "GONE"]);
    let found = found(&vendor, &new);
    assert_eq!(origin(&found, "LATE"), Origin::Vendor);
    assert_eq!(origin(&found, "GONE"), Origin::Overlay);
}

/// What differs is the vendor's, though the overlay has something to say on it as well.
#[test]
fn a_change_that_the_overlay_amends_is_still_the_vendors() {
    let (mut vendor, mut new) = (document(), document());
    vendor["components"]["schemas"]["Task"]["properties"]["name"] = json!({"type": "integer"});
    new["components"]["schemas"]["Task"]["properties"]["name"] =
        json!({"type": "integer", "format": "seconds"});
    let found = found(&vendor, &new);
    assert_eq!(origin(&found, "(seconds)"), Origin::Vendor);
}
