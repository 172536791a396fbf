//! Amounts as other programs write them: read as the policy says, and never guessed.

use rust_decimal::Decimal;

use crate::health::ReconcilePolicy;

/// Reads an amount, or says why it cannot be read.
pub(super) fn read(
    text: &str,
    policy: &ReconcilePolicy,
    currency: Option<&str>,
) -> Result<Decimal, String> {
    let refuse = |what: &str| {
        let shown: String = text
            .chars()
            .filter(|it| !it.is_control())
            .take(40)
            .collect();
        format!("the amount `{shown}` {what}")
    };
    let text = text.trim();
    if text.is_empty() {
        return Err("it has no amount".to_owned());
    }
    // Two more ways in which books write what is negative, and nothing else.
    let bracketed = text
        .strip_prefix('(')
        .and_then(|text| text.strip_suffix(')'));
    let trailing = text.strip_suffix('-').filter(|_| bracketed.is_none());
    let (text, is_negative) = match bracketed.or(trailing) {
        Some(rest) => (rest.trim(), true),
        None => sign(text),
    };
    let (text, code) = without_currency(text, policy);
    if let (Some(code), Some(own)) = (code, currency)
        && !code.trim().eq_ignore_ascii_case(own)
    {
        return Err(refuse(&format!("is in {code} and not in {own}")));
    }
    let (text, is_negative) = match sign(text) {
        (rest, true) if !is_negative => (rest, true),
        _ => (text, is_negative),
    };
    let (whole, decimals) = match text.split_once(policy.decimal_separator.unwrap_or('.')) {
        Some((whole, decimals)) => (whole, Some(decimals)),
        None => (text, None),
    };
    let is_stated = policy
        .decimal_separator
        .or(policy.thousands_separator)
        .is_some();
    if decimals.is_some_and(|it| it.len() == 3) && !is_stated {
        let what = "could have thousands or three decimals; set the policy's `reconcile.decimal_separator`";
        return Err(refuse(what));
    }
    let is_digits = |text: &str| !text.is_empty() && text.bytes().all(|it| it.is_ascii_digit());
    let whole = match policy.thousands_separator {
        Some(separator) if whole.contains(separator) => {
            let groups: Vec<&str> = whole.split(separator).collect();
            let (first, rest) = groups
                .split_first()
                .map_or(("", &[][..]), |(it, rest)| (*it, rest));
            let is_first = is_digits(first) && first.len() <= 3;
            if !is_first
                || !rest
                    .iter()
                    .all(|group| is_digits(group) && group.len() == 3)
            {
                return Err(refuse("has groups of digits that are not of three"));
            }
            groups.concat()
        }
        _ => whole.to_owned(),
    };
    if !is_digits(&whole) || !decimals.is_none_or(is_digits) {
        let what = "is no plain decimal; the policy's `reconcile` says which separators and signs of a currency amounts have";
        return Err(refuse(what));
    }
    let plain = match decimals {
        Some(decimals) => format!("{whole}.{decimals}"),
        None => whole,
    };
    let amount = Decimal::from_str_exact(&plain);
    let amount = amount.map_err(|_| refuse("has more than 28 digits"))?;
    Ok(if is_negative { -amount } else { amount })
}

/// Takes off a leading sign, and says whether it is a minus.
fn sign(text: &str) -> (&str, bool) {
    let minus = text.strip_prefix(['-', '\u{2212}']);
    match (minus, text.strip_prefix('+')) {
        (Some(rest), _) => (rest.trim_start(), true),
        (_, Some(rest)) => (rest.trim_start(), false),
        _ => (text, false),
    }
}

/// Takes off one sign of a currency, before or after the number, and returns the code that it stands
/// for.
fn without_currency<'a>(text: &'a str, policy: &'a ReconcilePolicy) -> (&'a str, Option<&'a str>) {
    let fitting = policy.currency_signs.iter().filter_map(|(sign, code)| {
        let sign = sign.trim();
        let rest = text
            .strip_prefix(sign)
            .or_else(|| text.strip_suffix(sign))?;
        Some((sign.len(), rest.trim(), code.as_str()))
    });
    // The longest, because one can begin with another.
    match fitting.max_by_key(|(length, _, _)| *length) {
        Some((_, rest, code)) => (rest, Some(code)),
        None => (text, None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn amounts_are_read_as_the_policy_says_or_not_at_all() {
        let plain = json!({});
        let english = json!({"thousands_separator": ",", "currency_signs": {"$": "USD", "USD": "usd", "US$": "USD", "¥": "JPY"}});
        let german = json!({"thousands_separator": ".", "decimal_separator": ",",
            "currency_signs": {"€": "USD"}});
        let swiss = json!({"thousands_separator": "'"});
        for (policy, text, expected) in [
            (&plain, "1000.50", Some("1000.50")),
            (&plain, " -0.05 ", Some("-0.05")),
            (&plain, "+3", Some("3")),
            (&plain, "\u{2212}3", Some("-3")),
            (&plain, "1,000.50", None),
            (&plain, "1.000,50", None),
            (&plain, "$5", None),
            (&plain, "5 USD", None),
            (&plain, "(5.00)", Some("-5.00")),
            (&plain, "5.00-", Some("-5.00")),
            (&plain, "(-5.00)", None),
            (&plain, "-5.00-", None),
            (&plain, "(5.00", None),
            (&plain, "1e3", None),
            (&plain, "--5", None),
            (&plain, "5.", None),
            (&plain, ".5", None),
            (&plain, "1 000", None),
            (&plain, "", None),
            (&plain, "free", None),
            (&plain, "12345678901234567890123456789.5", None),
            (&english, "$1,000.50", Some("1000.50")),
            (&english, "-$1,000.50", Some("-1000.50")),
            (&english, "$-1,000", Some("-1000")),
            (&english, "1,000.50 USD", Some("1000.50")),
            (&english, "US$5", Some("5")),
            (&english, "¥5", None),
            (&english, "1.000", Some("1.000")),
            (&plain, "1.000", None),
            (&english, "1234.5", Some("1234.5")),
            (&english, "1,00.50", None),
            (&english, "1000,000", None),
            (&english, ",000", None),
            (&english, "-$-5", None),
            (&english, "($5.00)", Some("-5.00")),
            (&english, "€5", None),
            (&german, "1.000,50 €", Some("1000.50")),
            (&german, "0,5", Some("0.5")),
            (&german, "1000.50", None),
            (&german, "1,000.50", None),
            (&swiss, "1'000.50", Some("1000.50")),
        ] {
            let policy: ReconcilePolicy = serde_json::from_value(policy.clone()).unwrap();
            let amount = read(text, &policy, Some("USD")).map(|amount| amount.to_string());
            assert_eq!(amount.ok().as_deref(), expected, "{text}");
        }
        let problem = read("1,000.50", &ReconcilePolicy::default(), None).unwrap_err();
        assert!(
            problem.contains("`1,000.50`") && problem.contains("`reconcile`"),
            "{problem}"
        );
    }
}
