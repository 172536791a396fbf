//! Generates the bills: one per user and month. Amounts are text throughout.

use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use serde_json::{Value, json};

use super::users::Tenant;
use super::{Origin, SOURCES, Stream, dates, pick, remove};

const MONTHS: i32 = 3;
/// 2^53 + 1 cents, an amount that a double cannot represent exactly.
const BEYOND_DOUBLE_CENTS: i64 = 9_007_199_254_740_993;

pub(super) fn generate(origin: Origin, tenants: &[Tenant]) -> Vec<(Value, &Tenant)> {
    let rng = &mut origin.rng(Stream::Bills);
    (0..MONTHS)
        .flat_map(|month| tenants.iter().map(move |tenant| (month, tenant)))
        .enumerate()
        .map(|(i, (month, tenant))| {
            let mut bill = bill(origin, rng, i, tenant, &dates::month(origin.now, month));
            if origin.ragged {
                odd(&mut bill, i);
            }
            (bill, tenant)
        })
        .collect()
}

fn bill(origin: Origin, rng: &mut ChaCha8Rng, i: usize, tenant: &Tenant, period: &str) -> Value {
    let mut sum = 0;
    let lines: Vec<Value> = (0..rng.random_range(1..=4))
        .map(|at| {
            let (quantity, price) = match (i % 30, at) {
                _ if !origin.ragged => (rng.random_range(1..250), rng.random_range(100..600)),
                (7, 0) => (1, BEYOND_DOUBLE_CENTS),
                (11, 0) => (1, -1250),
                (13, 0) => (0, 300),
                _ => (rng.random_range(1..250), rng.random_range(100..600)),
            };
            sum += quantity * price;
            line(rng, quantity, price)
        })
        .collect();
    let discount = if i.is_multiple_of(3) { sum / 10 } else { 0 };
    json!({
        "name": tenant.billing_name(),
        "period": period,
        "discount": money(discount),
        "total": money(sum - discount),
        "lines": lines,
        "paymentType": "INVOICE",
        "trialDaysLeft": 0,
        "subscribed": true,
    })
}

fn line(rng: &mut ChaCha8Rng, quantity: i64, price: i64) -> Value {
    json!({
        "serviceType": "BACKUP",
        "service": "Daily backup, per seat",
        "quantity": quantity.to_string(),
        "price": money(price),
        "total": money(quantity * price),
        "seat": quantity.to_string(),
        "storage": rng.random_range(0..2000).to_string(),
        "source": pick(rng, &SOURCES),
    })
}

fn money(cents: i64) -> String {
    let sign = if cents < 0 { "-" } else { "" };
    let cents = cents.unsigned_abs();
    format!("{sign}{}.{:02}", cents / 100, cents % 100)
}

fn odd(bill: &mut Value, i: usize) {
    match i % 17 {
        2 => {
            bill["trialDaysLeft"] = json!(9);
            bill["subscribed"] = json!(false);
            bill["paymentType"] = Value::Null;
        }
        4 => bill["paymentType"] = json!("BARTER"),
        6 => remove(bill, "discount"),
        8 => bill["lines"][0]["source"] = json!("HOLODRIVE"),
        9 => bill["lines"][0]["storage"] = Value::Null,
        12 => bill["purchaseOrder"] = json!("PO-0042"),
        14 => remove(&mut bill["lines"][0], "seat"),
        15 => bill["lines"] = Value::Null,
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn money_is_exact() {
        assert_eq!(money(0), "0.00");
        assert_eq!(money(-5), "-0.05");
        assert_eq!(money(BEYOND_DOUBLE_CENTS), "90071992547409.93");
    }
}
