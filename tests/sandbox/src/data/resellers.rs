//! Generates the distributor's resellers. A user belongs to the reseller whose `partnerId` is the
//! user's `partnerID`.

use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use serde_json::{Value, json};

use super::{Origin, REGIONS, Stream, names, pick, remove, uuid};

const RESELLERS: usize = 12;
const COUNTRY_CODES: [&str; 4] = ["US", "DE", "GB", "JP"];
const DAYS: [&str; 3] = ["MONDAY", "WEDNESDAY", "FRIDAY"];

pub(super) fn generate(origin: Origin) -> Vec<Value> {
    let rng = &mut origin.rng(Stream::Resellers);
    (0..RESELLERS)
        .map(|i| {
            let name = format!("{} IT Services", names::company(rng));
            let domain = format!("{}-{i}.example.com", names::slug(&name));
            let partner_id = uuid(rng);
            let mut reseller = profile(rng, &name, &domain, &partner_id);
            if origin.ragged {
                odd(&mut reseller, i);
            }
            reseller
        })
        .collect()
}

pub(super) fn profile(rng: &mut ChaCha8Rng, name: &str, domain: &str, partner_id: &str) -> Value {
    let contact = names::person(rng);
    json!({
        "resellerName": name,
        "contactName": contact,
        "resellerEmail": names::mail(&contact, domain),
        "partnerId": partner_id,
        "region": pick(rng, &REGIONS),
        "countryCode": pick(rng, &COUNTRY_CODES),
        "customStorage": null,
        "waiveSharedMailboxes": rng.random_bool(0.5),
        "whiteLabel": rng.random_bool(0.3),
        "notificationSettings": {
            "provideType": "EMAIL",
            "reportFreq": "WEEKLY",
            "reportDay": pick(rng, &DAYS),
            "sendSummaryReport": rng.random_bool(0.5),
            "failureOnlyReport": rng.random_bool(0.5),
        },
    })
}

fn odd(reseller: &mut Value, i: usize) {
    match i {
        1 => reseller["resellerName"] = json!("Acme 12345"),
        2 => reseller["notificationSettings"] = Value::Null,
        3 => reseller["customStorage"] = json!({"type": "S3"}),
        4 => remove(reseller, "contactName"),
        5 => reseller["resellerName"] = json!("Bücher \"&\" 🚀 Partner"),
        6 => reseller["region"] = json!("MOON_NORTH"),
        7 => reseller["notificationSettings"]["reportFreq"] = json!("EVERY_FULL_MOON"),
        8 => reseller["onboarding"] = json!({"stage": 3, "notes": []}),
        9 => remove(reseller, "notificationSettings"),
        _ => {}
    }
}
