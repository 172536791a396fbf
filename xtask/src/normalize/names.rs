//! Names that Rust can tell apart. Where two would become one, or one is taken, another name stands
//! in for it, and the name on the wire is put back into the generated code.

use std::collections::{BTreeMap, BTreeSet};

use heck::{ToPascalCase, ToSnakeCase};

/// The last letter of a name that stands in for another. No identifier has it, so it is left out of
/// those.
const MARK: char = '§';

/// Type names that the generated code needs for something else.
const TYPES: [&str; 50] = [
    "Option",
    "Some",
    "None",
    "Result",
    "Ok",
    "Err",
    "String",
    "Vec",
    "Box",
    "Default",
    "Clone",
    "Copy",
    "Debug",
    "Display",
    "From",
    "Into",
    "TryFrom",
    "TryInto",
    "FromStr",
    "ToString",
    "AsRef",
    "Deref",
    "DerefMut",
    "Iterator",
    "Eq",
    "PartialEq",
    "Ord",
    "PartialOrd",
    "Hash",
    "Send",
    "Sync",
    "Sized",
    "Drop",
    "Fn",
    "FnMut",
    "FnOnce",
    "Serialize",
    "Deserialize",
    "Client",
    "ClientInfo",
    "ClientHooks",
    "ByteStream",
    "Error",
    "OperationInfo",
    "RequestBuilderExt",
    "ResponseValue",
    "Secret",
    "Extra",
    "Value",
    "Unknown",
];

/// Functions of the client that an operation must not hide.
pub(super) const FUNCTIONS: [&str; 12] = [
    "new",
    "new_with_client",
    "api_version",
    "baseurl",
    "client",
    "inner",
    "pre",
    "post",
    "exec",
    "clone",
    "fmt",
    "types",
];

/// Names that the generated code of a call has for itself.
pub(super) const LOCALS: [&str; 14] = [
    "client",
    "body",
    "send",
    "new",
    "info",
    "header_map",
    "value",
    "self_",
    "types",
    "super_",
    "crate_",
    "clone",
    "fmt",
    "into",
];

/// Names that the generated code of an object has for itself.
pub(super) const FIELDS: [&str; 2] = ["extra", "builder"];

/// Names that the generated code of an enum has for itself.
pub(super) const VALUES: [&str; 2] = ["Unknown", "Self_"];

/// From a name that stands in to the name on the wire.
pub(crate) type RenameMap = BTreeMap<String, String>;

/// What is taken so far.
#[derive(Default)]
pub(super) struct Names {
    types: BTreeSet<String>,
    operations: BTreeSet<String>,
    /// How many operations want a name.
    wanted: BTreeMap<String, usize>,
    pub(super) wire: RenameMap,
}

impl Names {
    /// A type name of its own for this.
    pub(super) fn type_name(&mut self, wanted: &str) -> String {
        let wanted = settled(wanted);
        let wanted = if TYPES.contains(&wanted.as_str()) {
            format!("{wanted}Type")
        } else {
            wanted
        };
        let mut number = 1;
        loop {
            let name = match number {
                1 => wanted.clone(),
                number => settled(&format!("{wanted}{number}")),
            };
            if self.types.insert(name.clone()) {
                return name;
            }
            number += 1;
        }
    }

    /// Counts those who want a name.
    pub(super) fn want(&mut self, operation: &str) {
        *self.wanted.entry(folded(operation)).or_default() += 1;
    }

    pub(super) fn is_wanted_once(&self, operation: &str) -> bool {
        self.wanted
            .get(&folded(operation))
            .is_none_or(|count| *count == 1)
    }

    /// An operationId of its own for this.
    pub(super) fn operation(&mut self, wanted: &str) -> String {
        let is_taken =
            FUNCTIONS.contains(&snake(wanted).as_str()) || TYPES.contains(&pascal(wanted).as_str());
        // A name cannot begin with a digit, and the generator's own way out is not that of the
        // types.
        let begins_with_digit = snake(&format!("a {wanted}"))
            .chars()
            .nth(2)
            .is_some_and(|first| first.is_numeric());
        let wanted = if begins_with_digit {
            format!("op {wanted}")
        } else if is_taken {
            format!("{wanted}Operation")
        } else {
            wanted.to_owned()
        };
        // The name of the function and that of its builder must both be free.
        let operations = &mut self.operations;
        free(&wanted, "_", |name| operations.insert(folded(name)))
    }

    /// The names of parameters, or what stands in for them.
    pub(super) fn parameter(&mut self, taken: &mut BTreeSet<String>, name: &str) -> String {
        self.stand_in(taken, name, snake, &LOCALS, "parameter")
    }

    /// The names of the fields of an object, or what stands in for them.
    pub(super) fn field(&mut self, taken: &mut BTreeSet<String>, name: &str) -> String {
        self.stand_in(taken, name, snake, &FIELDS, "field")
    }

    /// The values of an enum, or what stands in for them.
    pub(super) fn value(&mut self, taken: &mut BTreeSet<String>, name: &str) -> String {
        self.stand_in(taken, name, pascal, &VALUES, "value")
    }

    fn stand_in(
        &mut self,
        taken: &mut BTreeSet<String>,
        name: &str,
        case: fn(&str) -> String,
        reserved: &[&str],
        what: &str,
    ) -> String {
        let own = case(name);
        if !name.contains(MARK) && !reserved.contains(&own.as_str()) && taken.insert(own.clone()) {
            return name.to_owned();
        }
        let stem = if reserved.contains(&own.as_str()) {
            format!("{own} {what}")
        } else {
            own
        };
        let mut number = 1;
        loop {
            let shown = if number == 1 {
                stem.clone()
            } else {
                format!("{stem} {number}")
            };
            let mark = format!("{shown}{MARK}");
            let is_free = self.wire.get(&mark).is_none_or(|wire| wire == name);
            if is_free && taken.insert(case(&mark)) {
                self.wire.insert(mark.clone(), name.to_owned());
                return mark;
            }
            number += 1;
        }
    }
}

/// What the names of a function and of its builder have in common.
fn folded(operation: &str) -> String {
    snake(operation).replace('_', "")
}

fn free(wanted: &str, part: &str, mut take: impl FnMut(&str) -> bool) -> String {
    let mut name = wanted.to_owned();
    let mut number = 2;
    while !take(&name) {
        name = format!("{wanted}{part}{number}");
        number += 1;
    }
    name
}

/// The name of a type or of an enum's value, as the generator makes it.
pub(super) fn pascal(name: &str) -> String {
    identifier(name, |text| text.to_pascal_case())
}

/// The name of a type that stays as it is when the generator makes one of it: `AX` would become
/// `Ax`.
pub(super) fn settled(name: &str) -> String {
    let mut name = pascal(name);
    for _ in 0..8 {
        let next = pascal(&name);
        if next == name {
            break;
        }
        name = next;
    }
    name
}

/// The name of a field or a function, as the generator makes it.
pub(super) fn snake(name: &str) -> String {
    identifier(name, |text| text.to_snake_case())
}

fn identifier(name: &str, case: fn(&str) -> String) -> String {
    let out = match name {
        "+1" => "plus1".to_owned(),
        "-1" => "minus1".to_owned(),
        other => case(
            &other
                .replace('\'', "")
                .replace(|letter| !unicode_ident::is_xid_continue(letter), "-"),
        ),
    };
    let out = match out.chars().next() {
        None => case("x"),
        Some(first) if unicode_ident::is_xid_start(first) => out,
        Some(_) => format!("{}{out}", case("x")),
    };
    let is_word = syn::parse_str::<syn::Ident>(&out).is_ok() && out != "gen";
    if is_word { out } else { format!("{out}_") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_told_apart_after_the_case_is_changed() {
        let mut names = Names::default();
        assert_eq!(names.type_name("user-name"), "UserName");
        assert_eq!(names.type_name("userName"), "UserName2");
        assert_eq!(names.type_name("option"), "OptionType");
        assert_eq!(names.type_name("3d"), "X3d");
        assert_eq!(names.type_name("A x"), "Ax");
        assert_eq!(names.operation("getUser"), "getUser");
        assert_eq!(names.operation("get_user"), "get_user_2");
        assert_eq!(names.operation("client"), "clientOperation");
    }

    #[test]
    fn the_name_on_the_wire_is_kept_for_what_stands_in() {
        let mut names = Names::default();
        let mut taken = BTreeSet::new();
        assert_eq!(names.field(&mut taken, "a_b"), "a_b");
        let other = names.field(&mut taken, "aB");
        assert_ne!(snake(&other), "a_b");
        assert_eq!(names.wire[&other], "aB");
        assert_eq!(snake(&names.field(&mut taken, "extra")), "extra_field");
        assert_eq!(
            pascal(&names.value(&mut BTreeSet::new(), "UNKNOWN")),
            "UnknownValue"
        );
    }
}
