//! The command line: what to run, where, and what the exit code says.

use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};
use serde_json::Value;

use crate::bench::Bench;
use crate::error::Error;
use crate::exit::{DONE, FAILED, STALE};
use crate::pipeline::{Made, Reviewed};
use crate::profile::ANY;
use crate::progress::{Progress, colored, error_word};
use crate::regen::Paths;
use crate::semver_diff::{self, Baseline, Class, Side};
use crate::write::Outputs;
use crate::{bench, check, ci, corpus, emit, handwritten, overlay, pipeline, print, regen, write};

/// `--check --semver` found a change that the version does not tell of.
const UNTOLD: u8 = 3;

/// What `cargo xtask help` says of the way of a document.
const PIPELINE: &str = "\
regen takes a document through these stages, each of which notes every rewrite in regen.log:
  read        YAML or JSON, with the files that it refers to (refs)
  overlay     our actions on it; `review` finds those that are wrong or needless by now
  bundle      every part has its shape (structure), references resolve, operations have names: spec/bundled.json
  widen       keywords of 3.1 that 3.0 has no word for, where reads only get wider
  down        3.1 to 3.0.3 by the standards; no meaning changes
  normalize   names, choices and mixtures become what the generator is sound on; what it would send or read in another way is refused
  lower       what progenitor cannot take, or would make brittle code of: spec/lowered.json
  generate    progenitor
  postprocess passes over its code; write: all files or none

Exit codes: 0 done; 1 --check found stale outputs, --gate a count that is too high; 2 refused or failed, and nothing was written
unless the error says so; 3 --check --semver found a breaking change that the version does not tell of.";

/// The project's own tasks.
#[derive(Parser)]
#[command(name = "cargo xtask", after_help = PIPELINE)]
struct Cli {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Make the raw client from the vendor's document, or a whole crate from any other.
    Regen(Regen),
    /// Measure what a call costs, and write docs/performance.md.
    Bench {
        /// Only compare the counts of instructions and allocations with the baselines; exit with 1
        /// if one is too high.
        #[arg(long, conflicts_with = "accept")]
        gate: bool,
        /// Only make the counts of now the baselines.
        #[arg(long)]
        accept: bool,
    },
    /// Compile a crate of each document of the corpus, and let it read and write the document's
    /// examples.
    Corpus {
        /// Where the crates go; they are kept, so that the next run is quick.
        #[arg(long, value_name = "DIR", default_value_os_t = workspace().join("target").join("corpus"))]
        out: PathBuf,
    },
    /// Run jobs of CI by their names; without a name, list them.
    Ci { jobs: Vec<String> },
}

#[derive(Args)]
struct Regen {
    /// Change nothing; name each stale file and exit with 1.
    #[arg(long)]
    check: bool,
    /// Change nothing; say what would be written.
    #[arg(long)]
    dry_run: bool,
    /// Tell how long each stage takes.
    #[arg(long, short)]
    verbose: bool,
    /// The root of the workspace to work in.
    #[arg(long, default_value_os_t = workspace(), conflicts_with = "spec")]
    root: PathBuf,
    /// Write what changed in the document to this file, as Markdown.
    #[arg(long, value_name = "FILE", conflicts_with = "spec")]
    report: Option<PathBuf>,
    /// What to compare the document with: a revision in git, or a bundled.json. Without it, the
    /// last commit.
    #[arg(long, value_name = "REV|FILE", conflicts_with = "spec")]
    against: Option<String>,
    /// Exit with 3 if the change is breaking and the version of the workspace does not say so.
    #[arg(long, requires = "check")]
    semver: bool,
    /// Any OpenAPI 3.0 or 3.1 document, YAML or JSON, to make a crate of.
    #[arg(long, value_name = "FILE", requires = "out")]
    spec: Option<PathBuf>,
    /// An OpenAPI Overlay to apply to it first; may be given several times.
    #[arg(long, value_name = "FILE", requires = "spec")]
    overlay: Vec<PathBuf>,
    /// The folder to write the crate to.
    #[arg(long, value_name = "DIR", requires = "spec")]
    out: Option<PathBuf>,
    /// The name of the crate; without it, one is made of the title.
    #[arg(long, value_name = "CRATE", requires = "spec")]
    name: Option<String>,
}

fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .unwrap_or(Path::new("."))
        .to_owned()
}

pub(crate) fn run() -> ExitCode {
    let result = match Cli::parse().task {
        Task::Regen(arguments) => regen(&arguments),
        Task::Bench { gate, accept } => {
            let bench = match (gate, accept) {
                (true, _) => Bench::Gate,
                (_, true) => Bench::Accept,
                _ => Bench::Write,
            };
            bench::run(&workspace(), bench)
        }
        Task::Corpus { out } => corpus::run(&workspace(), &out).and_then(|count| {
            let text = format!("{count} crates compile, and keep what their examples say\n");
            print::out(&text).map_err(|source| Error::Unprinted { source, done: text })?;
            Ok(DONE)
        }),
        Task::Ci { jobs } => ci::run(&workspace(), &jobs),
    };
    ExitCode::from(result.unwrap_or_else(|error| {
        print::err(&format!("{}: {error}\n", error_word()));
        FAILED
    }))
}

/// What a run has to say. It is printed at the end, so that a stream that fails stops nothing
/// halfway.
#[derive(Default)]
struct Output {
    out: String,
    err: String,
    /// How many files were written or removed.
    written: usize,
}

impl Output {
    // Writing to a string cannot fail.
    fn line(&mut self, line: std::fmt::Arguments<'_>) {
        let _ = writeln!(self.out, "{line}");
    }

    fn complaint(&mut self, line: std::fmt::Arguments<'_>) {
        let _ = writeln!(self.err, "{line}");
    }

    fn print(&self) -> Result<(), Error> {
        let printed = print::out(&self.out);
        print::err(&self.err);
        printed.map_err(|source| {
            let done = match self.written {
                0 => "no file was changed".to_owned(),
                count => format!("the work itself is done, and {count} files were changed"),
            };
            Error::Unprinted { source, done }
        })
    }
}

fn regen(arguments: &Regen) -> Result<u8, Error> {
    let mut told = Output::default();
    let done = work(arguments, &mut told);
    let printed = told.print();
    let code = done?;
    printed.map(|()| code)
}

fn work(arguments: &Regen, told: &mut Output) -> Result<u8, Error> {
    let mut progress = Progress::new(arguments.verbose);
    let mut is_untold = false;
    let is_empty;
    let without_function;
    let (outputs, owned, root, rewrites) = match (&arguments.spec, &arguments.out) {
        (Some(spec), Some(out)) => {
            let name = arguments.name.as_deref();
            // A wrong name is told before the work is done.
            name.map_or(Ok(()), emit::check_name)?;
            let mut made = pipeline::run(spec, &arguments.overlay, &ANY, &mut progress)?;
            let outputs = emit::outputs(emit::whole(&mut made, name)?, out)?;
            is_empty = made.is_empty();
            without_function = std::mem::take(&mut made.report.without_function);
            let rewrites = made.report.len();
            let owned = out.join("src").join("generated");
            (outputs, owned, out.as_path(), rewrites)
        }
        _ => {
            let paths = Paths::below(&arguments.root)?;
            let baseline = progress.stage("baseline", || {
                let against = arguments.against.as_deref();
                semver_diff::baseline(&arguments.root, against, arguments.semver)
            })?;
            let before = baseline
                .as_ref()
                .map_or(Ok(Value::Null), Baseline::before)?;
            let done = regen::run(&paths, before, &mut progress)
                .inspect_err(|error| tell_vendor(&baseline, &paths, error, told))?;
            is_untold = tell_changes(arguments, &baseline, &done, &mut progress, told)?;
            if !arguments.check {
                let Made {
                    bundled, report, ..
                } = &done.made;
                let by_hand =
                    handwritten::tasks(&arguments.root, bundled, &report.without_function);
                told.out.push_str(&by_hand);
            }
            let outputs = regen::outputs(&done, &paths);
            is_empty = done.made.is_empty();
            without_function = done.made.report.without_function.clone();
            let rewrites = done.made.report.len();
            (outputs, paths.generated, arguments.root.as_path(), rewrites)
        }
    };
    progress.total();
    for (operation, why) in without_function {
        told.complaint(format_args!(
            "warning: there is no function for {operation}: {why}"
        ));
    }
    if is_empty {
        let what = "warning: the document has no operation, so the client has no function: is it the whole document? webhooks are what the service calls";
        told.complaint(format_args!("{what}"));
    }
    if arguments.check {
        let code = check_outputs(&outputs, &owned, root, told)?;
        return Ok(if code == DONE && is_untold {
            UNTOLD
        } else {
            code
        });
    }
    if arguments.dry_run {
        let stale = check::check(&outputs, &owned)?;
        for (path, what) in &stale {
            let path = relative(path, root);
            told.line(format_args!("would change {path} ({what})"));
        }
        told.line(format_args!(
            "{} outputs from {rewrites} rewrites, {} would change",
            outputs.len(),
            stale.len()
        ));
        return Ok(DONE);
    }
    let written = write::write(&outputs, &owned)?;
    told.written = written.len();
    for path in &written {
        let verb = if outputs.contains_key(path) {
            "wrote"
        } else {
            "removed"
        };
        told.line(format_args!("{verb} {}", relative(path, root)));
    }
    told.line(format_args!(
        "{} outputs from {rewrites} rewrites, {} changed",
        outputs.len(),
        written.len()
    ));
    Ok(DONE)
}

/// Where the overlay no longer fits, says what the vendor changed: most likely that is why.
fn tell_vendor(baseline: &Option<Baseline>, paths: &Paths, error: &Error, told: &mut Output) {
    if !matches!(error, Error::Refused(refusals) if refusals.are_of_overlay()) {
        return;
    }
    // What cannot be read has an error of its own already.
    let vendor = semver_diff::vendor_file(&paths.document);
    let (Some(baseline), Ok(vendor)) = (baseline, vendor) else {
        return;
    };
    let changes = semver_diff::vendor(&baseline.vendor, &vendor);
    if !changes.all.is_empty() {
        told.line(format_args!(
            "what the vendor changed since {}:",
            baseline.name
        ));
        let colored = colored(&std::io::stdout());
        told.out.push_str(&semver_diff::list(&changes, colored));
    }
}

/// Says what changed, and whether the version must tell of it and does not.
fn tell_changes(
    arguments: &Regen,
    baseline: &Option<Baseline>,
    run: &Reviewed,
    progress: &mut Progress,
    told: &mut Output,
) -> Result<bool, Error> {
    let root = &arguments.root;
    let Some(baseline) = baseline else {
        return Ok(false);
    };
    let bundled = baseline.bundled()?;
    let changes = progress.stage("changes", || {
        let old = Side {
            vendor: &baseline.vendor,
            bundled: &bundled,
        };
        let new = Side {
            vendor: &run.vendor,
            bundled: &run.made.bundled,
        };
        semver_diff::changes(&old, &new)
    });
    let mut review = run.review.clone();
    let old = if baseline.vendor == run.vendor {
        review.clone()
    } else {
        overlay::review(
            baseline.vendor.clone(),
            &run.overlay,
            &overlay::Moves::default(),
        )
    };
    review.without_old(&old);
    let colored = colored(&std::io::stdout());
    told.out
        .push_str(&semver_diff::summary(&changes, &review, baseline, colored));
    if !arguments.check {
        let by_hand = handwritten::affected(root, &run.made.bundled, &changes.all);
        told.out.push_str(&by_hand);
    }
    if let Some(path) = &arguments.report {
        let text = semver_diff::markdown(&changes, &review, baseline);
        fs::write(path, text).map_err(|error| Error::io("write", path, error))?;
    }
    if !arguments.semver {
        return Ok(false);
    }
    if changes.all.is_empty() {
        told.line(format_args!("since {}: no changes", baseline.name));
    }
    let (Some(now), Some(_)) = (semver_diff::now(root), &baseline.version) else {
        let what = format!(
            "`{}` does not tell of which version it is, so the version is not judged",
            baseline.name
        );
        if arguments.against.is_some() {
            return Err(Error::usage(format!(
                "{what}: give --against a revision of git"
            )));
        }
        told.line(format_args!("{what}: there is no git to ask"));
        return Ok(false);
    };
    let Some((from, to)) = semver_diff::bump(&changes, baseline) else {
        return Ok(false);
    };
    let is_untold = changes.class() == Some(Class::Breaking) && now < to;
    if is_untold {
        told.complaint(format_args!(
            "the change is breaking: after {from} the version is at least {to}, and it is {now}"
        ));
    }
    Ok(is_untold)
}

fn check_outputs(
    outputs: &Outputs,
    owned: &Path,
    root: &Path,
    told: &mut Output,
) -> Result<u8, Error> {
    let stale = check::check(outputs, owned)?;
    for (path, what) in &stale {
        told.complaint(format_args!("stale: {} ({what})", relative(path, root)));
    }
    if stale.is_empty() {
        told.line(format_args!("{} outputs are up to date", outputs.len()));
        Ok(DONE)
    } else {
        told.complaint(format_args!(
            "run `cargo xtask regen` and commit what it writes"
        ));
        Ok(STALE)
    }
}

fn relative(path: &Path, root: &Path) -> String {
    path.strip_prefix(root)
        .unwrap_or(path)
        .display()
        .to_string()
}
