//! Reads a small file, such as a secret. What a path names may also be a pipe or a device, so both
//! size and time are bounded.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

/// How long a file may take. A pipe may come from a program that asks its user for a passphrase.
const TIMEOUT: Duration = Duration::from_secs(60);

/// Reads a file of at most so many bytes.
pub(crate) fn read_small_file(path: &Path, max_bytes: usize) -> io::Result<Vec<u8>> {
    read_within(path, max_bytes, TIMEOUT)
}

/// Reads in a thread of its own, because neither opening a pipe nor reading from it can be
/// interrupted. A thread that is stuck is left behind.
fn read_within(path: &Path, max_bytes: usize, timeout: Duration) -> io::Result<Vec<u8>> {
    let (sender, receiver) = mpsc::channel();
    let path = path.to_owned();
    thread::Builder::new()
        .name("cloudally-file".to_owned())
        .spawn(move || {
            // The receiver is gone after the timeout, when the result is of no use.
            let _ = sender.send(read(&path, max_bytes));
        })?;
    let result = receiver.recv_timeout(timeout);
    result.unwrap_or_else(|_| {
        let seconds = timeout.as_secs();
        let text = format!("it was not read to its end within {seconds} s");
        Err(io::Error::new(io::ErrorKind::TimedOut, text))
    })
}

fn read(path: &Path, max_bytes: usize) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let limit = u64::try_from(max_bytes).unwrap_or(u64::MAX);
    File::open(path)?
        .take(limit.saturating_add(1))
        .read_to_end(&mut bytes)?;
    if bytes.len() > max_bytes {
        let text = format!("it is longer than {max_bytes} bytes");
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, text));
    }
    Ok(bytes)
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use super::*;
    use std::process::Command;

    /// A new pipe with a name.
    fn pipe(name: &str) -> std::path::PathBuf {
        let name = format!("cloudally-{name}-{}", std::process::id());
        let path = std::env::temp_dir().join(name);
        let status = Command::new("mkfifo").arg(&path).status().unwrap();
        assert!(status.success());
        path
    }

    #[test]
    fn a_pipe_is_read_to_its_end() {
        let path = pipe("written");
        let writer = thread::spawn({
            let path = path.clone();
            move || std::fs::write(path, "s3cret\n").unwrap()
        });
        assert_eq!(read_small_file(&path, 7).unwrap(), b"s3cret\n");
        writer.join().unwrap();
        std::fs::remove_file(path).unwrap();
    }

    #[test]
    fn a_pipe_that_nobody_writes_to_is_given_up() {
        let path = pipe("silent");
        let error = read_within(&path, 10, Duration::from_millis(1)).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
        // Ends the thread.
        std::fs::write(&path, "").unwrap();
        std::fs::remove_file(path).unwrap();
    }

    #[test]
    fn a_device_without_an_end_is_refused() {
        let error = read_small_file(Path::new("/dev/zero"), 65_536).unwrap_err();
        assert_eq!(error.to_string(), "it is longer than 65536 bytes");
    }

    #[test]
    fn a_file_that_is_missing_is_an_error_at_once() {
        let error = read_small_file(Path::new("/nonexistent/file"), 10).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::NotFound);
    }
}
