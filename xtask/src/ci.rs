//! The jobs of CI. `.ci/run` and the workflows run them by the same names.

use std::path::Path;
use std::process::Command;

use serde_json::Value;

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
    /// `cargo check` of this package without features, and with each of its features alone.
    Features(&'static str),
    /// A program without words.
    Program(&'static str),
    /// A script of this workspace, by bash.
    Script(&'static str),
}

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
        proves: "clippy finds nothing",
        steps: &[
            Step::Cargo("clippy --workspace --all-targets --all-features --locked -- -D warnings"),
            Step::Cargo("clippy --locked -p cloudally --features blocking -- -D warnings"),
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
        proves: "each package builds from its packaged files, and so does a program that depends on them",
        steps: &[Step::Script("tests/tools/packages.sh")],
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
    // From here on `.ci/run` leaves them out: they take long, or need an extension of cargo, another toolchain or an account.
    Job {
        name: "features",
        proves: "each feature of the libraries compiles alone, and none does",
        steps: &[Step::Features("cloudally-gen"), Step::Features("cloudally")],
    },
    Job {
        name: "check",
        proves: "everything compiles; with `rust-version`'s toolchain, that it is enough",
        steps: &[Step::Cargo(
            "check --workspace --all-targets --all-features --locked",
        )],
    },
    Job {
        name: "powerset",
        proves: "any two features compile together (needs cargo-hack)",
        steps: &[
            Step::Cargo("hack check --locked -p cloudally --feature-powerset --depth 2"),
            Step::Cargo("hack check --locked -p cloudally-gen --feature-powerset --depth 2"),
        ],
    },
    Job {
        name: "minimal",
        proves: "the oldest dependencies that the manifests allow suffice (needs cargo-minimal-versions and nightly)",
        steps: &[Step::Cargo(
            "minimal-versions check --direct -p cloudally --all-features",
        )],
    },
    Job {
        name: "semver",
        proves: "the API breaks no promise of the last release (needs cargo-semver-checks)",
        steps: &[Step::Cargo("semver-checks -p cloudally")],
    },
    Job {
        name: "public-api",
        proves: "prints what changed in the API since main (needs cargo-public-api and nightly)",
        steps: &[Step::Cargo(
            "public-api -p cloudally --all-features diff origin/main..HEAD",
        )],
    },
    Job {
        name: "deny",
        proves: "dependencies have no known vulnerability, and accepted licences and sources (needs cargo-deny)",
        steps: &[Step::Cargo("deny --locked check")],
    },
    Job {
        name: "typos",
        proves: "nothing is misspelt (needs typos-cli)",
        steps: &[Step::Program("typos")],
    },
    Job {
        name: "live",
        proves: "the live service is as the document says; reads only (needs CLOUDALLY_LIVE=1 and credentials)",
        steps: &[Step::Cargo(
            "test --locked -p cloudally-contract --test suite -- --ignored --nocapture",
        )],
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
            Self::Features(package) => {
                let check = format!(
                    "check --quiet --locked -p {package} --no-default-features --features="
                );
                for feature in [String::new()].into_iter().chain(features(root, package)?) {
                    if !passes(cargo(root, &format!("{check}{feature}")))? {
                        return Ok(false);
                    }
                }
                Ok(true)
            }
            Self::Program(name) => {
                let mut program = Command::new(name);
                program.current_dir(root);
                passes(program)
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

/// The features that the manifest of a package declares.
fn features(root: &Path, package: &str) -> Result<Vec<String>, Error> {
    let mut metadata = cargo(root, "metadata --no-deps --locked --format-version 1");
    let output = metadata
        .output()
        .map_err(|error| failed_to_run(&metadata, error))?;
    let metadata: Value = serde_json::from_slice(&output.stdout)
        .map_err(|error| failed_to_run(&metadata, error.into()))?;
    let mut packages = metadata["packages"].as_array().into_iter().flatten();
    let features = packages
        .find(|each| each["name"] == package)
        .and_then(|found| found["features"].as_object());
    Ok(features
        .into_iter()
        .flatten()
        .map(|(name, _)| name.clone())
        .collect())
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
