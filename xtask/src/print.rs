//! Prints to the standard streams, which may be closed or full.

use std::io::{self, ErrorKind, Write};

/// Prints to the standard output. If nobody reads it any more, that is no failure: the work is done
/// without them.
pub(crate) fn out(text: &str) -> io::Result<()> {
    let mut stream = io::stdout().lock();
    match stream
        .write_all(text.as_bytes())
        .and_then(|()| stream.flush())
    {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        done => done,
    }
}

/// Prints to the standard error. If that fails, there is nowhere to say so.
pub(crate) fn err(text: &str) {
    let mut stream = io::stderr().lock();
    let _ = stream
        .write_all(text.as_bytes())
        .and_then(|()| stream.flush());
}
