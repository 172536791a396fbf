//! The one suite that every target must pass: stubs, the sandbox, a live service. It goes by the
//! document: each operation, for each status that the document gives it, as far as the target can
//! be made to answer it.

mod asks;
mod outcome;

use cloudally::types::{RestoreRequest, Secret};
use cloudally::{Client, ErrorKind};

use asks::Subjects;
pub use outcome::{Case, Outcome, documented};

use crate::spec;

/// What the suite is run against.
pub trait Target: Sync {
    /// A client that gets this status if it calls this operation next; nothing if the target cannot
    /// be made to answer it.
    ///
    /// The suite asks with what the operation is for. For 401 it signs in by hand with what is
    /// wrong, and for 404 it asks for what nobody has; so these two need no more than a client.
    /// What is answered with 409 was asked for before.
    fn client(&self, operation: &str, status: u16) -> Option<Client>;

    /// The partner's client id and secret to sign in with by hand, if there is one.
    fn partner(&self) -> Option<(String, Secret)>;

    /// The portal user to sign in as by hand, if there is one.
    fn user(&self) -> Option<(String, Secret)>;

    /// The restore to ask for: the only thing that changes anything. Without one the suite only
    /// reads.
    fn restore(&self) -> Option<RestoreRequest>;
}

/// Asks for everything.
pub async fn run(target: &impl Target) -> Outcome {
    let mut outcome = Outcome::default();
    let mut subjects = Subjects::of(target);
    for operation in spec::operations() {
        let id = operation.id;
        for status in operation.statuses() {
            let asked_for = match status {
                401 => subjects.wrong(),
                404 => subjects.missing(),
                _ => subjects.clone(),
            };
            let Some(client) = target.client(id, status) else {
                continue;
            };
            let Some(answer) = asks::ask(&client, id, &asked_for).await else {
                continue;
            };
            if let Ok(answered) = &answer {
                subjects.learn(id, answered);
            }
            outcome.settle((id, status), answer);
        }
    }
    outcome
}

/// What the SDK must make of a status, where the suite knows it.
fn kind_of(status: u16) -> Option<ErrorKind> {
    Some(match status {
        400 | 409 | 415 => ErrorKind::BadRequest,
        401 => ErrorKind::Unauthenticated,
        403 => ErrorKind::Forbidden,
        404 => ErrorKind::NotFound,
        _ => return None,
    })
}
