//! The jobs of CI. `.ci/run` runs them all, and each workflow runs one, by the same name.

use std::path::Path;
use std::process::Command;

use crate::error::Error;
use crate::exit::{DONE, FAILED};
use crate::print;

/// A job: a name, what it proves, and the commands that prove it.
struct Job {
    name: &'static str,
    proves: &'static str,
    steps: &'static [Step],
}

/// One command. The job ends at the first that fails.
enum Step {
    /// `cargo` with these words.
    Cargo(&'static str),
    /// `cargo doc` with these words, whose warnings are errors.
    Doc(&'static str),
    /// `cargo` once for each of these words, which take the place of `{}`.
    Each(&'static str, &'static [&'static str]),
    /// A crate that must not be in a tree of dependencies, and `cargo tree`'s words for it.
    Absent(&'static str, &'static str),
    /// A script of this workspace, by bash.
    Script(&'static str),
}

/// The features of `cloudally` that stand alone. Those for TLS have a job of their own.
const FEATURES: &[&str] = &[
    "blocking",
    "csv",
    "metrics",
    "restore-record",
    "schema",
    "toml",
    "unstable-raw",
    "unstable-testing",
];
/// Each TLS library alone and all of them together, beside the default.
const TLS: &[&str] = &[
    "rustls-ring",
    "rustls-no-provider",
    "native-tls",
    "rustls,rustls-ring,native-tls",
];

const JOBS: &[Job] = &[
    Job {
        name: "format",
        proves: "the code is formatted",
        steps: &[Step::Cargo("fmt --all --check")],
    },
    Job {
        name: "lints",
        proves: "clippy finds nothing, with all features and with single ones",
        steps: &[
            Step::Cargo("clippy --workspace --all-targets --all-features --locked -- -D warnings"),
            Step::Each(
                "clippy --locked -p cloudally --features {} -- -D warnings",
                FEATURES,
            ),
        ],
    },
    Job {
        name: "tls",
        proves: "a call succeeds with each TLS library, and ring comes without aws-lc",
        steps: &[
            Step::Each(
                "test --quiet --locked -p cloudally --no-default-features --features {} --test tls",
                TLS,
            ),
            Step::Absent(
                "aws-lc",
                "tree --locked -p cloudally -e normal,build --no-default-features --features rustls-ring --prefix none",
            ),
        ],
    },
    Job {
        name: "docs",
        proves: "the docs of all crates build without a warning",
        steps: &[Step::Doc("--workspace --no-deps --all-features --locked")],
    },
    Job {
        name: "regen",
        proves: "the generated files are those that the documents give, and the version says what changed",
        steps: &[Step::Cargo(
            "run --quiet --package xtask -- regen --check --semver",
        )],
    },
    Job {
        name: "tests",
        proves: "all tests pass",
        steps: &[Step::Cargo("test --workspace --locked")],
    },
    Job {
        name: "corpus",
        proves: "a crate made from each document of the corpus, and from the vendor's next ones, compiles",
        steps: &[
            Step::Cargo("run --quiet --package xtask -- corpus"),
            Step::Cargo("test --quiet --locked -p xtask --test vendor_update -- --ignored"),
        ],
    },
    Job {
        name: "bench",
        proves: "no count of instructions or allocations rose (needs valgrind)",
        steps: &[Step::Cargo("run --quiet --package xtask -- bench --gate")],
    },
    Job {
        name: "packages",
        proves: "what is published is whole: each package builds from its packaged files",
        steps: &[Step::Cargo(
            "package --locked -p cloudally-gen -p cloudally -p cloudally-sandbox -p cloudally-cassette",
        )],
    },
    Job {
        name: "tools",
        proves: "Redocly, Prism and Schemathesis agree with the document (needs Node.js and Python)",
        steps: &[
            Step::Script("tests/tools/install.sh"),
            Step::Script("tests/tools/redocly.sh"),
            Step::Script("tests/tools/prism.sh"),
            Step::Script("tests/tools/schemathesis.sh"),
        ],
    },
    Job {
        name: "examples",
        proves: "the examples print what the README promises, against their own sandbox and a service",
        steps: &[Step::Script("tests/tools/examples.sh")],
    },
];

/// Runs the jobs with these names, or lists all.
///
/// # Errors
///
/// If there is no such job, or a command cannot be started.
pub(crate) fn run(root: &Path, names: &[String]) -> Result<u8, Error> {
    if names.is_empty() {
        let line = |job: &Job| format!("{:10} {}\n", job.name, job.proves);
        let text: String = JOBS.iter().map(line).collect();
        print::out(&text).map_err(|source| Error::Unprinted {
            source,
            done: text.clone(),
        })?;
        return Ok(DONE);
    }
    for name in names {
        let Some(job) = JOBS.iter().find(|job| job.name == name) else {
            print::err(&format!(
                "there is no job `{name}`; `cargo xtask ci` lists them\n"
            ));
            return Ok(FAILED);
        };
        for step in job.steps {
            if !step.run(root)? {
                print::err(&format!("the job `{name}` failed\n"));
                return Ok(FAILED);
            }
        }
    }
    Ok(DONE)
}

impl Step {
    /// Runs the commands, and says whether they succeeded.
    fn run(&self, root: &Path) -> Result<bool, Error> {
        match self {
            Self::Cargo(words) => passes(cargo(root, words)),
            Self::Doc(words) => {
                let mut doc = cargo(root, "doc");
                doc.args(words.split(' '))
                    .env("RUSTDOCFLAGS", "-D warnings");
                passes(doc)
            }
            Self::Each(words, each) => {
                for one in *each {
                    if !passes(cargo(root, &words.replace("{}", one)))? {
                        return Ok(false);
                    }
                }
                Ok(true)
            }
            Self::Absent(name, words) => {
                let mut tree = cargo(root, words);
                let output = tree.output().map_err(|error| failed_to_run(&tree, error))?;
                let tree = String::from_utf8_lossy(&output.stdout);
                let found = tree.lines().find(|line| line.starts_with(name));
                if let Some(found) = found {
                    print::err(&format!("`cargo {words}` has {found}\n"));
                }
                Ok(output.status.success() && found.is_none())
            }
            Self::Script(path) => {
                let mut bash = Command::new("bash");
                bash.current_dir(root).arg(path);
                passes(bash)
            }
        }
    }
}

fn cargo(root: &Path, words: &str) -> Command {
    let mut command = Command::new(env!("CARGO"));
    command.current_dir(root).args(words.split(' '));
    command
}

fn passes(mut command: Command) -> Result<bool, Error> {
    print::err(&format!("$ {command:?}\n"));
    let status = command
        .status()
        .map_err(|error| failed_to_run(&command, error))?;
    Ok(status.success())
}

fn failed_to_run(command: &Command, error: std::io::Error) -> Error {
    Error::io("run", Path::new(command.get_program()), error)
}
