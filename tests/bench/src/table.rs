//! The table of what was measured, in Markdown.

use std::fmt;

/// A row.
#[derive(Clone, Debug, Default)]
pub struct Row {
    /// What was measured.
    pub what: String,
    /// Who does it; empty where it does not apply.
    pub by: By,
    /// How they compare.
    pub ratio: String,
    /// What was wanted.
    pub goal: String,
    /// Whether that was reached.
    pub is_met: Option<bool>,
}

impl Row {
    /// What only the SDK does.
    #[must_use]
    pub fn of_sdk(what: &str, sdk: String, goal: &str, is_met: Option<bool>) -> Self {
        Self {
            what: what.to_owned(),
            by: By::sdk(sdk),
            goal: goal.to_owned(),
            is_met,
            ..Self::default()
        }
    }
}

/// What each contender takes.
#[derive(Clone, Debug, Default)]
pub struct By {
    /// The usual code by hand.
    pub by_hand: String,
    /// An expert's.
    pub expert: String,
    /// The generated client.
    pub generated: String,
    /// The SDK.
    pub sdk: String,
}

impl By {
    /// What only the SDK does.
    #[must_use]
    pub fn sdk(sdk: String) -> Self {
        Self {
            sdk,
            ..Self::default()
        }
    }
}

/// The rows, in order.
#[derive(Clone, Debug, Default)]
pub struct Table(pub Vec<Row>);

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "| what | by hand | expert | generated | SDK | compared | goal | |"
        )?;
        writeln!(f, "|---|---|---|---|---|---|---|---|")?;
        for row in &self.0 {
            let By {
                by_hand,
                expert,
                generated,
                sdk,
            } = &row.by;
            let verdict = match row.is_met {
                Some(true) => "met",
                Some(false) => "**missed**",
                None => "",
            };
            writeln!(
                f,
                "| {} | {by_hand} | {expert} | {generated} | {sdk} | {} | {} | {verdict} |",
                row.what, row.ratio, row.goal
            )?;
        }
        Ok(())
    }
}

/// A count, with its thousands apart.
#[must_use]
pub fn thousands(number: f64) -> String {
    let digits = format!("{number:.0}");
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at) % 3 == 0 {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_stand_apart() {
        for (number, text) in [(7.0, "7"), (1000.0, "1,000"), (85_320.4, "85,320")] {
            assert_eq!(thousands(number), text);
        }
    }
}
