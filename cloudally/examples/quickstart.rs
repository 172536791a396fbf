//! Did the backups work? Prints the verdict and the ten worst findings, and restores what failed.
//!
//! Without credentials in the environment it runs against a sandbox that it starts. With them it
//! calls the service, and only reads. With `--check`, a verdict that is not ok is the exit code 2.

use std::io::{self, Write};
use std::process::ExitCode;
use std::time::Duration;

use cloudally::Client;
use cloudally::health::{Finding, Policy, Report, Scope, Severity, Snapshot, assess};
use cloudally::types::RestoreRequest;
use cloudally_sandbox::{Sandbox, Situation};
use comfy_table::{ContentArrangement, Table, presets::NOTHING};

type Outcome<T> = Result<T, Box<dyn std::error::Error>>;

#[tokio::main]
async fn main() -> ExitCode {
    let is_check = std::env::args().len() > 1;
    let is_closed = |error: &io::Error| error.kind() == io::ErrorKind::BrokenPipe;
    match run(&mut io::stdout().lock()).await {
        Ok(report) if is_check && report.verdict > Severity::Ok => ExitCode::from(2),
        Ok(_) => ExitCode::SUCCESS,
        // Whoever reads the output has seen enough.
        Err(error) if error.downcast_ref().is_some_and(is_closed) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("quickstart: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(out: &mut impl Write) -> Outcome<Report> {
    if std::env::args().skip(1).any(|it| it != "--check") {
        return Err("usage: quickstart [--check]".into());
    }
    let mut names = std::env::vars_os().map(|(name, _)| name);
    if names.any(|name| name.to_string_lossy().starts_with("CLOUDALLY_")) {
        writeln!(out, "Reading from the service; nothing is changed there.")?;
        return check(&Client::from_env()?, out).await;
    }
    let builder = Sandbox::builder().healthy().situation(Situation::storm(6));
    let sandbox = builder.situation(Situation::partial(3)).start().await?;
    writeln!(out, "Started a sandbox at {}.", sandbox.url())?;
    let client = cloudally_sandbox::client!(sandbox)?;
    let report = check(&client, out).await?;
    if let Some(failed) = report.findings.iter().find(|it| !it.failures.is_empty()) {
        restore(&client, failed, out).await?;
    }
    Ok(report)
}

/// Reads everything, judges it, and prints what is wrong.
async fn check(client: &Client, out: &mut impl Write) -> Outcome<Report> {
    let snapshot = Snapshot::read(client, Scope::Partner).await?;
    let report = assess(&snapshot, &Policy::default(), None, snapshot.read_at)?;
    let n = &report.counts;
    writeln!(out, "\nThe backups are {}:", report.verdict)?;
    let (tenants, tasks) = (n.tenants, n.active_tasks);
    writeln!(out, "{tenants} tenants, {tasks} active tasks")?;
    writeln!(out, "{} critical, {} warnings", n.critical, n.warning)?;
    let (notices, words) = (&report.notices, &report.unknown_words);
    (notices.iter()).try_for_each(|it| writeln!(out, "Note: {it}."))?;
    (words.iter()).try_for_each(|it| writeln!(out, "Unknown word: {} × {}", it.count, it.word))?;
    let mut table = Table::new();
    table
        .load_style(NOTHING)
        .set_content_arrangement(ContentArrangement::Dynamic);
    if !table.is_tty() {
        table.set_width(80);
    }
    for finding in report.findings.iter().take(10) {
        let last = finding.last_success.map(|last| last.strftime("%F %H:%M"));
        let last = last.map(|last| last.to_string()).unwrap_or_default();
        let what = [&*finding.subject(), finding.reason().unwrap_or_default()].join("\n");
        let head = [finding.severity.to_string(), finding.kind.to_string()];
        table.add_row(head.into_iter().chain([what, last]));
    }
    writeln!(out, "\n{table}\n")?;
    Ok(report)
}

/// Restores what failed, and prints the progress.
async fn restore(client: &Client, failed: &Finding, out: &mut impl Write) -> Outcome<()> {
    let task = failed.task.as_ref().and_then(|task| task.id.as_deref());
    let mut request = RestoreRequest::new(task.ok_or("the task has no id")?);
    request.entity_name = failed.entity.as_deref().map(str::to_owned);
    writeln!(out, "Restoring {:?}", request.entity_name)?;
    let restore = client.restores().create(request).await?;
    let wait = restore.wait(Duration::from_secs(60));
    let mut states = wait.interval(Duration::from_millis(400)).states();
    while let Some(job) = states.try_next().await? {
        let status = job.status.as_ref().map_or("", |it| it.as_str());
        writeln!(out, "  {status:<12} {:>3} %", job.progress.unwrap_or(0))?;
    }
    Ok(writeln!(out, "The restore is done.")?)
}
