//! Estimates how much memory a JSON body takes once it is decoded.
//!
//! A limit on the bytes of a body does not bound it: an item of three bytes, `{},`, becomes a value
//! of several hundred.

use crate::json::after_text;

/// Of an object that is an item of the outermost list: a value with all fields of its type, twice
/// as much again while their vector grows, and a map for a field that the type does not name.
const ITEM: usize = 2_560;
/// Of any other object: the first node of a map.
const OBJECT: usize = 800;
/// Of an array: room for four values of some type.
const ARRAY: usize = 1_024;
/// Of another field or element.
const FIELD: usize = 128;

/// How deep the decoder goes.
const MAX_DEPTH: usize = 128;

/// What a body may weigh.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// In bytes of memory.
    pub(crate) memory: usize,
    /// Of the outermost list.
    pub(crate) items: usize,
}

/// Why a body is not decoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Overweight {
    Memory,
    Items,
}

/// Checks a body. It is read a second time only if it could exceed a limit.
pub(crate) fn check(body: &[u8], limits: Limits) -> Result<(), Overweight> {
    // An item has at least three bytes.
    let can_be_heavy = body.len() / 3 >= limits.items.min(limits.memory / ITEM);
    if !can_be_heavy {
        return Ok(());
    }
    let commas = count(body, b',');
    let elements = commas.saturating_add(1);
    if elements <= limits.items {
        // What is opened is closed, and nearly every body is light even if all of it is brackets.
        let containers = (body.len() - commas) / 2;
        let rest = containers.saturating_mul(ARRAY.max(OBJECT));
        if heaviest(elements, rest, commas) <= limits.memory {
            return Ok(());
        }
        let objects = count(body, b'{');
        let rest = count(body, b'[').saturating_mul(ARRAY);
        if heaviest(objects, rest, commas) <= limits.memory {
            return Ok(());
        }
    }
    weigh(body, limits)
}

/// What so many items, further containers and fields weigh at most.
fn heaviest(items: usize, containers: usize, fields: usize) -> usize {
    let items = items.saturating_mul(ITEM);
    let fields = fields.saturating_mul(FIELD);
    items.saturating_add(containers).saturating_add(fields)
}

/// The number of these bytes.
fn count(body: &[u8], wanted: u8) -> usize {
    memchr::memchr_iter(wanted, body).count()
}

/// Adds up what the objects, arrays and fields of a body weigh, also behind a place where the decoder
/// gives up: what is beside an item that cannot be decoded is still read. A body that is not JSON has no
/// meaningful weight, and fails when it is decoded.
fn weigh(body: &[u8], limits: Limits) -> Result<(), Overweight> {
    let mut memory: usize = 0;
    let mut items: usize = 0;
    let mut place = Place::default();
    let mut at = 0;
    while let Some(byte) = body.get(at) {
        let is_item = place.is_outermost_list();
        let weight = match byte {
            b'"' => {
                at = after_text(body, at);
                continue;
            }
            b'{' | b'[' => {
                let is_array = *byte == b'[';
                place.enter(is_array);
                items += usize::from(place.is_outermost_list());
                match (is_array, is_item) {
                    (true, _) => ARRAY,
                    (false, true) => ITEM,
                    (false, false) => OBJECT,
                }
            }
            b'}' | b']' => {
                place.leave();
                0
            }
            b',' => {
                items += usize::from(is_item);
                FIELD
            }
            _ => 0,
        };
        // What is deeper is never more than skipped.
        if place.depth <= MAX_DEPTH {
            memory = memory.saturating_add(weight);
        }
        if items > limits.items {
            return Err(Overweight::Items);
        }
        if memory > limits.memory {
            return Err(Overweight::Memory);
        }
        at += 1;
    }
    Ok(())
}

/// How deep the current place is, and whether the two outermost containers are arrays.
#[derive(Default)]
struct Place {
    depth: usize,
    are_arrays: [bool; 2],
}

impl Place {
    fn enter(&mut self, is_array: bool) {
        if let Some(outermost) = self.are_arrays.get_mut(self.depth) {
            *outermost = is_array;
        }
        self.depth = self.depth.saturating_add(1);
    }

    fn leave(&mut self) {
        self.depth = self.depth.saturating_sub(1);
    }

    /// Whether what comes next is an item of the list that a page is: an array that is the body, or
    /// in a field of it.
    fn is_outermost_list(&self) -> bool {
        matches!(
            (self.depth, self.are_arrays),
            (1, [true, _]) | (2, [false, true])
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::types::{BackupStatus, BackupTask, Bill, Reseller, Task, User};

    #[test]
    fn no_type_is_larger_than_an_item() {
        for size in [
            size_of::<BackupStatus>(),
            size_of::<BackupTask>(),
            size_of::<Bill>(),
            size_of::<Reseller>(),
            size_of::<Task>(),
            size_of::<User>(),
        ] {
            assert!(3 * size + OBJECT <= ITEM, "{size}");
        }
    }

    fn limits(memory: usize, items: usize) -> Limits {
        Limits { memory, items }
    }

    #[test]
    fn the_items_of_the_outermost_list_are_counted() {
        let items = |count: usize| vec!["{\"a\":[1,2,3]}"; count].join(",");
        for (open, close) in [("[", "]"), ("{\"page\":1,\"data\":[", "],\"total\":9}")] {
            for (count, expected) in [(0, Ok(())), (9, Ok(())), (10, Err(Overweight::Items))] {
                let body = format!("{open}{}{close}", items(count));
                assert_eq!(
                    check(body.as_bytes(), limits(1 << 30, 9)),
                    expected,
                    "{body}"
                );
            }
        }
        let text = format!("[\"{}\"]", ",".repeat(100));
        assert_eq!(check(text.as_bytes(), limits(1 << 30, 9)), Ok(()));
    }

    #[test]
    fn each_bound_of_the_weight_lets_a_usual_page_pass() {
        let item = r#"{"id":"T-1","progress":{"current":1},"size":[]}"#;
        let body = format!("{{\"data\":[{}]}}", vec![item; 100].join(","));
        let weight = 100 * (ITEM + OBJECT + ARRAY + 3 * FIELD) + OBJECT + ARRAY;
        for (memory, expected) in [(weight, Ok(())), (weight / 2, Err(Overweight::Memory))] {
            assert_eq!(check(body.as_bytes(), limits(memory, 9_999)), expected);
        }
        let most = heaviest(301, body.len() / 2 * ARRAY, 300);
        assert_eq!(check(body.as_bytes(), limits(most, 9_999)), Ok(()));
    }

    #[test]
    fn many_small_values_weigh_more_than_one_large_one() {
        let megabyte = limits(1 << 20, usize::MAX);
        for body in [
            format!("{{\"data\":[{}]}}", vec!["{}"; 1_000].join(",")),
            format!(
                "{{\"new\":{{\"a\":[{}]}}}}",
                vec!["{\"a\":{}}"; 1_000].join(",")
            ),
            format!("{{\"new\":[{}]}}", vec!["0"; 10_000].join(",")),
        ] {
            assert_eq!(check(body.as_bytes(), megabyte), Err(Overweight::Memory));
        }
        let deep = format!(
            "[{}{},{}]",
            "[".repeat(200),
            "]".repeat(200),
            vec!["{}"; 1_000].join(",")
        );
        assert_eq!(check(deep.as_bytes(), megabyte), Err(Overweight::Memory));
        let body = format!("{{\"data\":[\"{}\"]}}", "{},\\\"[".repeat(100_000));
        assert_eq!(check(body.as_bytes(), megabyte), Ok(()));
    }
}
