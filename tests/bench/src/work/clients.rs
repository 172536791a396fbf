//! Clients beside the first one in a process, for a service with TLS.

use std::time::Instant;

use super::{Contender, Outcome, client};
use crate::memory;

const URL: &str = "https://127.0.0.1:9";

/// Makes so many clients beside one, and holds them. Tells the seconds that it took, and by how many
/// MB the process grew.
#[expect(clippy::disallowed_methods, reason = "the time is what is measured")]
pub(super) fn build(contender: Contender, count: u32) -> Outcome<String> {
    if contender != Contender::Sdk {
        return Err("only the SDK makes clients".into());
    }
    let _first = client(URL)?;
    let (before, start) = (memory::resident()?, Instant::now());
    let clients: Vec<_> = (0..count).map(|_| client(URL)).collect::<Result<_, _>>()?;
    let took = start.elapsed().as_secs_f64();
    let grown = memory::resident()? - before;
    drop(clients);
    Ok(format!("{took} {grown}"))
}
