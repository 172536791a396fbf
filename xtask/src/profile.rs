//! What may differ between the project's own client and a crate of another document. Everything
//! else is one way for both.

use crate::bundle::Names;
use crate::error::Evidence;
use crate::formats::FORMATS;

/// The support types that the generated code stands on, and what the document must say.
#[derive(Debug)]
pub(crate) struct Profile {
    /// Whether an operation may be without a name.
    pub(crate) names: Names,
    /// Whether facts carry a grade of evidence, which goes into the docs.
    pub(crate) evidence: Evidence,
    /// Type and format of the scalars that have a type of their own, and that type.
    pub(crate) formats: &'static [(&'static str, &'static str, &'static str)],
    /// The type of a number that is no integer.
    pub(crate) number: &'static str,
    /// Whether that type holds all digits of a number.
    pub(crate) is_exact: bool,
    pub(crate) map: &'static str,
    /// Whether there is a hand-written crate around the generated code, with a session, pages and
    /// a table of operations.
    pub(crate) is_own: bool,
}

/// The project's own client: `cloudally-gen` is written by hand around it.
pub(crate) const OWN: Profile = Profile {
    names: Names::Needed,
    evidence: Evidence::Needed,
    formats: &FORMATS,
    number: "crate::amount::Amount",
    is_exact: true,
    map: "crate::small_map::SmallMap",
    is_own: true,
};

/// A whole crate of any document.
pub(crate) const ANY: Profile = Profile {
    names: Names::MayBeMissing,
    evidence: Evidence::Optional,
    formats: &[("string", "password", "crate::secret::Secret")],
    number: "::serde_json::Number",
    is_exact: false,
    map: "::std::collections::BTreeMap",
    is_own: false,
};

impl Profile {
    /// The type that stands for a scalar of this format, if it has one of its own.
    pub(crate) fn type_of(&self, kind: &str, format: &str) -> Option<&'static str> {
        let mut formats = self.formats.iter();
        let found = formats.find(|(of, known, _)| *of == kind && *known == format)?;
        Some(found.2)
    }
}
