//! Generates the users, which are the partner's tenants.

use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use serde_json::{Value, json};

use super::dates::{self, DAY};
use super::{CURRENCIES, Origin, REGIONS, Stream, names, pick, remove, uuid};

/// The fields of a user that other generators need.
#[derive(Debug)]
pub(super) struct Tenant {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) domain: String,
    /// The plain company name, which differs from `name` where that is unusual.
    company: String,
}

/// The size of a group of users, of which the first belong to one reseller each and the others to
/// the partner itself.
const GROUP: usize = 16;

pub(super) fn generate(
    origin: Origin,
    count: usize,
    partner: &Value,
    resellers: &[Value],
) -> (Vec<Tenant>, Vec<Value>) {
    let rng = &mut origin.rng(Stream::Users);
    (0..count)
        .map(|i| {
            let tenant = tenant(origin, rng, i);
            let owner = resellers.get(i % GROUP).unwrap_or(partner);
            let mut user = user(origin, rng, &tenant, &owner["partnerId"]);
            if origin.ragged {
                odd(&tenant, &mut user, i);
            }
            (tenant, user)
        })
        .unzip()
}

fn tenant(origin: Origin, rng: &mut ChaCha8Rng, i: usize) -> Tenant {
    let company = names::company(rng);
    let top = if i.is_multiple_of(2) { "com" } else { "org" };
    Tenant {
        id: uuid(rng),
        name: match i % 3 {
            1 if origin.ragged => names::strange(i / 3),
            // As the portal shows names since March 2026.
            1 => format!("{company} {}", 12_345 + i),
            _ => company.clone(),
        },
        domain: format!("{}-{i}.example.{top}", names::slug(&company)),
        company,
    }
}

fn user(origin: Origin, rng: &mut ChaCha8Rng, tenant: &Tenant, partner_id: &Value) -> Value {
    let person = names::person(rng);
    json!({
        "id": tenant.id,
        "name": tenant.name,
        "email": names::mail(&person, &tenant.domain),
        "status": "ACTIVE",
        "date": dates::day_number(dates::ago(origin.now, rng.random_range(30..2000) * DAY)),
        "dailyReport": rng.random_bool(0.5),
        "region": pick(rng, &REGIONS),
        "discount": rng.random_range(0..=30),
        "reportEmails": [],
        "partnerID": partner_id,
        "currency": pick(rng, &CURRENCIES),
        "customStorage": null,
        "ms365EnterprisePlan": rng.random_bool(0.4),
        "gsuiteEnterprisePlan": rng.random_bool(0.4),
    })
}

fn odd(tenant: &Tenant, user: &mut Value, i: usize) {
    user["reportEmails"] = json!([user["email"], format!("it@{}", tenant.domain)]);
    match i % 20 {
        2 => user["status"] = json!("ON_SABBATICAL"),
        3 => user["customStorage"] = json!({"type": "S3"}),
        5 => user["reportEmails"] = Value::Null,
        6 => user["discount"] = json!(7.25),
        8 => user["date"] = Value::Null,
        9 => user["currency"] = json!("XTS"),
        11 => user["region"] = json!("MOON_NORTH"),
        12 => remove(user, "ms365EnterprisePlan"),
        14 => user["name"] = Value::Null,
        15 => user["retention"] = json!({"years": 7, "legalHold": true}),
        17 => user["reportEmails"] = json!([]),
        18 => remove(user, "customStorage"),
        _ => {}
    }
}

impl Tenant {
    /// Returns an account of the tenant: `amelia.stone@harbor-analytics-0.example.com`.
    pub(super) fn account(&self, rng: &mut ChaCha8Rng) -> String {
        names::mail(&names::person(rng), &self.domain)
    }

    /// Returns the name on the tenant's bills.
    pub(super) fn billing_name(&self) -> &str {
        if self.name.is_empty() {
            &self.company
        } else {
            &self.name
        }
    }
}
