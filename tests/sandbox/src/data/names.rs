//! Generates names of companies and people, both plain and unusual.

use rand_chacha::ChaCha8Rng;

use super::pick;

const FIRST_WORDS: [&str; 16] = [
    "Harbor",
    "Cedar",
    "Granite",
    "Lakeside",
    "Summit",
    "Willow",
    "Copper",
    "Northfield",
    "Bluebird",
    "Kestrel",
    "Orchard",
    "Ironbridge",
    "Silverline",
    "Foxglove",
    "Meridian",
    "Stonegate",
];
const SECOND_WORDS: [&str; 16] = [
    "Analytics",
    "Dental Group",
    "Logistics",
    "Architects",
    "Law Offices",
    "Veterinary Clinic",
    "Engineering",
    "Primary School",
    "Insurance Brokers",
    "Brewing Co.",
    "Media",
    "Property Management",
    "Physiotherapy",
    "Foods",
    "Accounting",
    "Community Trust",
];
const GIVEN_NAMES: [&str; 16] = [
    "Amelia", "Bogdan", "Chiara", "Dmitri", "Eleni", "Farid", "Greta", "Hiro", "Ingrid", "Joaquin",
    "Keira", "Luc", "Maren", "Noor", "Oskar", "Priya",
];
const FAMILY_NAMES: [&str; 16] = [
    "Stone", "Petrov", "Romano", "Weiss", "Okafor", "Lindgren", "Haddad", "Novak", "Tanaka",
    "Silva", "Murphy", "Dubois", "Jensen", "Kaur", "Brandt", "Ortega",
];

/// Names that break careless handling: quoting, trimming, truncating, joining by name.
const STRANGE: [&str; 13] = [
    "Acme 12345",
    "",
    "Acme",
    "Größe & Söhne Überlingen GmbH",
    "O'Reilly \"Quotes\" <b>& Sons</b>",
    "Rocket 🚀 Labs 👩‍👩‍👧‍👦",
    "株式会社サンプル",
    "  spaces around  ",
    "tab\there, newline\nthere",
    "שלום בע\"מ",
    "C:\\Backup\\%USERPROFILE%",
    "null",
    "Cafe\u{301} Zero\u{200b}Width",
];

const LONG_NAME_EVERY: usize = 7;

pub(super) fn company(rng: &mut ChaCha8Rng) -> String {
    format!("{} {}", pick(rng, &FIRST_WORDS), pick(rng, &SECOND_WORDS))
}

pub(super) fn person(rng: &mut ChaCha8Rng) -> String {
    format!("{} {}", pick(rng, &GIVEN_NAMES), pick(rng, &FAMILY_NAMES))
}

/// Returns the `n`-th unusual name; some have hundreds of characters.
pub(super) fn strange(n: usize) -> String {
    if n % LONG_NAME_EVERY == LONG_NAME_EVERY - 1 {
        return format!("{} Ltd.", "Very Long Consolidated Holdings ".repeat(12));
    }
    STRANGE[n % STRANGE.len()].to_owned()
}

/// Converts a name to a domain label: `harbor-analytics`.
pub(crate) fn slug(name: &str) -> String {
    name.split(|c: char| !c.is_ascii_alphanumeric())
        .filter(|part| !part.is_empty())
        .map(str::to_ascii_lowercase)
        .collect::<Vec<_>>()
        .join("-")
}

/// Returns an email address for a person: `amelia.stone@<domain>`.
pub(super) fn mail(person: &str, domain: &str) -> String {
    format!("{}@{domain}", slug(person).replace('-', "."))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_plain() {
        assert_eq!(slug("Harbor Brewing Co."), "harbor-brewing-co");
        assert_eq!(
            mail("Amelia Stone", "a.example.com"),
            "amelia.stone@a.example.com"
        );
    }

    #[test]
    fn some_strange_names_are_long() {
        assert!((0..LONG_NAME_EVERY).any(|n| strange(n).len() > 300));
    }
}
