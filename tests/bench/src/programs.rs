//! Runs the two programs: the server once for all, the client as often as something is measured.

use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use crate::work::{Contender, Outcome};

/// Where the programs are, and the server that runs.
#[derive(Debug)]
pub struct Programs {
    client: PathBuf,
    server: Child,
    url: String,
}

/// What the client is to do.
#[derive(Clone, Copy, Debug)]
pub struct Task<'a> {
    /// The work's name.
    pub work: &'a str,
    /// Who does it.
    pub contender: Contender,
    /// How the server behaves: the first part of the path.
    pub way: &'a str,
}

impl Programs {
    /// Starts the server.
    ///
    /// # Errors
    /// If it does not start.
    pub fn start(client: impl Into<PathBuf>, server: &str) -> Outcome<Self> {
        let mut server = Command::new(server)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let output = server.stdout.take().ok_or("the server has no output")?;
        let mut url = String::new();
        BufReader::new(output).read_line(&mut url)?;
        Ok(Self {
            client: client.into(),
            server,
            url: url.trim().to_owned(),
        })
    }

    /// Lets the client do it so many times, and gives what it prints.
    ///
    /// # Errors
    /// If it fails.
    pub fn run(&self, task: Task<'_>, count: u32) -> Outcome<String> {
        self.finish(task, count, Command::new(&self.client))
            .map(|(said, _)| said)
    }

    /// The same under a tool of valgrind, and what the tool says.
    pub(crate) fn under(&self, tool: &[&str], task: Task<'_>, count: u32) -> Outcome<String> {
        let mut command = Command::new("valgrind");
        command.args(tool).arg(&self.client);
        self.finish(task, count, command).map(|(_, told)| told)
    }

    fn finish(
        &self,
        task: Task<'_>,
        count: u32,
        mut command: Command,
    ) -> Outcome<(String, String)> {
        let output = command
            .args([task.work, task.contender.name(), &count.to_string()])
            .arg(format!("{}/{}", self.url, task.way))
            .output()
            .map_err(|error| format!("{}: {error}", command.get_program().display()))?;
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        if !output.status.success() {
            return Err(format!("{task:?} failed: {told}").into());
        }
        Ok((String::from_utf8(output.stdout)?, told))
    }
}

impl Drop for Programs {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}
