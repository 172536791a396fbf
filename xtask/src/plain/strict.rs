//! Refuses, all at once, what the generator gives up on, or makes code of that says something else
//! than the document does. This is for the project's own document: there it is for the overlay, and
//! so for a reader, to decide what is meant.

mod answers;
mod bodies;
mod names;
mod parameters;

use serde_json::{Value, json};

use super::STAGE;
use super::calls::{self, Call};
use crate::error::Action;
use crate::error::Error;
use crate::report::Report;

/// Puts whatever is not plain into the report. Failures are never generated, so the document comes
/// without them.
pub(crate) fn check(mut document: Value, report: &mut Report) -> Result<(), Error> {
    let uses = parameters::uses(&document);
    let calls = calls::sound(&document, report);
    for call in &calls {
        elsewhere(call, report);
        parameters::check(call, &document, &uses, report);
        bodies::check(call, &document, report);
        answers::check(call, report);
    }
    names::operations(&calls, report);
    names::check(&mut document, report)
}

/// A call that goes to a server of its own would go to the one that all others go to.
fn elsewhere(call: &Call<'_>, report: &mut Report) {
    for (owner, at) in [
        (call.item, call.at.parent()),
        (call.operation, call.at.clone()),
    ] {
        if let Some(servers) = owner.get("servers").filter(|each| *each != &json!([])) {
            let at = at.child("servers");
            let means = "the client has one server for all calls";
            let advice =
                "take this out, if that server takes the call as well; or take the operation out";
            report.refuse(STAGE, &at, servers, means, advice, &Action::Remove(&at));
        }
    }
    if call.operation.get("callbacks").is_some() {
        let what = "left out: they are what the service calls";
        report.note(STAGE, &call.at.child("callbacks"), what);
    }
}

#[cfg(test)]
mod tests;
