//! The client has one server for all calls. A call that the document sends elsewhere is refused.

use serde_json::{Value, json};

use super::STAGE;
use super::calls::Call;
use crate::error::Action;
use crate::pointer::Pointer;
use crate::report::Report;

/// Refuses the calls to another server than that of the document; where it names none, than that
/// of the first call.
pub(super) fn check(calls: &[Call<'_>], document: &Value, report: &mut Report) {
    let of_all = named(document);
    let Some(common) = of_all.or_else(|| calls.first().map(|call| own(call).1)) else {
        return;
    };
    for call in calls {
        let (at, servers) = own(call);
        let servers = if servers.is_null() {
            of_all.unwrap_or(servers)
        } else {
            servers
        };
        if servers != common {
            let at = match servers.is_null() {
                true => call.at.clone(),
                false => at.child("servers"),
            };
            let means = "the client has one server for all calls, and this one goes to another";
            let advice =
                "take this out, if that server takes the call as well; or take the operation out";
            report.refuse(STAGE, &at, servers, means, advice, &Action::Remove(&at));
        }
    }
}

/// The servers that a call or its path names, and what names them.
fn own<'d>(call: &Call<'d>) -> (Pointer, &'d Value) {
    let operation = named(call.operation).map(|servers| (call.at.clone(), servers));
    let item = || named(call.item).map(|servers| (call.at.parent(), servers));
    let none = || (call.at.clone(), &Value::Null);
    operation.or_else(item).unwrap_or_else(none)
}

fn named(owner: &Value) -> Option<&Value> {
    let servers = owner.get("servers")?;
    (*servers != json!([])).then_some(servers)
}
