//! Generates the profiles of the ordinary partner and the distributor.

use serde_json::{Value, json};

use super::{Origin, Profiles, Stream, remove, resellers, uuid};

pub(crate) fn generate(origin: Origin) -> Profiles {
    let rng = &mut origin.rng(Stream::Partners);
    let partner_id = uuid(rng);
    let distributor_id = uuid(rng);
    let mut profiles = Profiles {
        partner: json!({
            "partnerId": partner_id,
            "email": crate::auth::PARTNER_EMAIL,
            "contactName": "Amelia Stone",
            "discount": 12.5,
            "phone": "+1 555 0100",
            "currency": "USD",
            "address": "1 Harbor Way, Springfield",
            "region": "US_EST",
        }),
        distributor: json!({
            "partnerId": distributor_id,
            "email": crate::auth::DISTRIBUTOR_EMAIL,
            "contactName": "Greta Weiss",
            "discount": 20,
            "phone": "+49 69 5550100",
            "currency": "EUR",
            "address": "Straße der Sicherung 7, 60311 Frankfurt",
            "region": "EU_FRANKFURT",
        }),
        details: resellers::profile(
            rng,
            "Overland Distribution",
            "overland.example.org",
            &distributor_id,
        ),
    };
    if origin.ragged {
        profiles.partner["supportTier"] = json!("gold");
        profiles.distributor["contactName"] = Value::Null;
        remove(&mut profiles.distributor, "phone");
    }
    profiles
}
