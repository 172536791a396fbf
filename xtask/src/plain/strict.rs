//! Refuses, all at once, what the generator gives up on, or makes code of that says something else than the document does.
//! This is for the project's own document: there it is for the overlay, and so for a reader, to decide what is meant.

mod answers;
mod bodies;
mod names;
mod parameters;

use serde_json::Value;

use super::{STAGE, calls};
use crate::error::Error;
use crate::report::Report;

/// Puts whatever is not plain into the report. Failures are never generated, so the document comes without them.
pub(crate) fn check(mut document: Value, report: &mut Report) -> Result<(), Error> {
    let uses = parameters::uses(&document);
    let calls = calls::sound(&document, report);
    for call in &calls {
        parameters::check(call, &document, &uses, report);
        bodies::check(call, &document, report);
        answers::check(call, report);
    }
    names::operations(&calls, report);
    names::check(&mut document, report)
}

#[cfg(test)]
mod tests;
