//! A partner's morning check: shows the profile and the backups that failed or are stale, and
//! restores one.
//!
//! Without credentials in the environment it runs against a sandbox that it starts. With them it
//! calls the service, and only reads.

use std::collections::BTreeMap;
use std::error::Error;
use std::process::ExitCode;
use std::time::Duration;

use cloudally::time::{Clock, SystemClock};
use cloudally::types::{BackupStatus, PartnerId, RestoreRequest, Task, TaskId, User, UserId};
use cloudally::{Client, Credentials, ListRequest};
use cloudally_sandbox::Sandbox;
use comfy_table::presets::UTF8_BORDERS_ONLY;
use comfy_table::{ContentArrangement, Table};

const DAY: Duration = Duration::from_secs(24 * 3600);
/// A backup is stale if none worked for this long.
const STALE: Duration = Duration::from_secs(3 * 24 * 3600);
/// An entry is left out if nothing was attempted for this long.
const ABANDONED: Duration = Duration::from_secs(30 * 24 * 3600);

#[tokio::main]
async fn main() -> ExitCode {
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("quickstart: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Result<(), Box<dyn Error>> {
    if has_credentials() {
        println!(
            "Reading from the service that the environment names; nothing is changed there.\n"
        );
        let client = Client::from_env()?;
        morning_check(&client, 500).await?;
    } else {
        let sandbox = Sandbox::start().await?;
        println!(
            "No credentials in the environment: started a sandbox at {}.\n",
            sandbox.url()
        );
        let partner = sandbox.partner();
        let credentials = Credentials::partner(partner.client_id(), partner.client_secret())
            .with_user(partner.email(), partner.password());
        let client = Client::builder()
            .base_url(sandbox.url())
            .credentials(credentials)
            .build()?;
        // Small pages, so that there are several of each list.
        let failed = morning_check(&client, 15).await?;
        restore(&client, failed).await?;
        sandbox.shutdown().await;
    }
    Ok(())
}

/// Whether the environment names credentials.
fn has_credentials() -> bool {
    ["CLIENT_ID", "CLIENT_SECRET", "USER", "PASSWORD"]
        .iter()
        .any(|name| {
            ["", "_FILE"]
                .iter()
                .any(|suffix| std::env::var_os(format!("CLOUDALLY_{name}{suffix}")).is_some())
        })
}

/// Prints the profile and the tables of failed and stale backups, and returns the first entry that
/// failed.
async fn morning_check(
    client: &Client,
    page_size: u32,
) -> Result<Option<BackupStatus>, cloudally::Error> {
    let profile = client.partners().profile().await?;
    println!(
        "Partner {} ({}), contact {}, {}",
        text(profile.email.as_deref()),
        text(profile.partner_id.as_ref().map(PartnerId::as_str)),
        text(profile.contact_name.as_deref()),
        profile
            .region
            .map_or_else(|| "no region".to_owned(), |region| region.to_string()),
    );

    let users: Vec<User> = read("users", client.users().list().page_size(page_size)).await?;
    let tasks: Vec<Task> = read("tasks", client.tasks().list().page_size(page_size * 10)).await?;
    let statuses: Vec<BackupStatus> = read(
        "statuses",
        client
            .partners()
            .backup_statuses()
            .page_size(page_size * 20),
    )
    .await?;

    let now = SystemClock::new().now();
    let (abandoned, current): (Vec<_>, Vec<_>) = statuses
        .into_iter()
        .partition(|entry| entry.is_abandoned(now, ABANDONED));
    let (failed, rest): (Vec<_>, Vec<_>) =
        current.into_iter().partition(BackupStatus::has_failures);
    let stale: Vec<_> = rest
        .into_iter()
        .filter(|entry| entry.is_stale(now, STALE))
        .collect();

    // Names are not unique, and the portal changes them, so tenants are identified by their ids.
    let tenants = by_id(
        &users,
        |user| user.id.as_ref().map(UserId::as_str),
        |user| {
            let name = user.display_name().filter(|name| !name.is_empty());
            text(name.or(user.email.as_deref()))
        },
    );
    let aliases = by_id(
        &tasks,
        |task| task.id.as_ref().map(TaskId::as_str),
        |task| text(task.alias.as_deref()),
    );
    print_table("Failed", &failed, &tenants, &aliases);
    print_table("Stale", &stale, &tenants, &aliases);
    println!(
        "\n{} failed and {} stale (no backup for {} days); left out: {} not attempted for {} days, {} of them failed",
        failed.len(),
        stale.len(),
        STALE.as_secs() / DAY.as_secs(),
        abandoned.len(),
        ABANDONED.as_secs() / DAY.as_secs(),
        abandoned
            .iter()
            .filter(|entry| entry.has_failures())
            .count(),
    );
    Ok(failed.into_iter().find(|entry| {
        entry
            .task_id
            .as_ref()
            .is_some_and(|id| aliases.contains_key(id.as_str()))
    }))
}

/// Prints the entries, tenant by tenant. A tenant is named once.
fn print_table(
    title: &str,
    entries: &[BackupStatus],
    tenants: &BTreeMap<&str, String>,
    aliases: &BTreeMap<&str, String>,
) {
    let mut keyed: Vec<_> = entries
        .iter()
        .map(|entry| {
            let tenant = entry.user_id.as_ref().map_or("", UserId::as_str);
            (tenants.get(tenant), tenant, row(entry, tenants, aliases))
        })
        .collect();
    keyed.sort();
    let mut table = Table::new();
    table.load_style(UTF8_BORDERS_ONLY);
    table.set_content_arrangement(ContentArrangement::Dynamic);
    table.set_header([
        "Tenant",
        "Name",
        "Source",
        "Alias",
        "What failed",
        "Last good backup (UTC)",
    ]);
    let mut before = None;
    for (_, tenant, mut row) in keyed {
        if before == Some(tenant) {
            row[0].clear();
        }
        before = Some(tenant);
        table.add_row(row);
    }
    println!("\n{title}\n{table}");
}

/// Reads a list page by page.
async fn read<T: Send + 'static>(
    what: &str,
    list: ListRequest<T>,
) -> Result<Vec<T>, cloudally::Error> {
    let mut pages = list.pages();
    let (mut items, mut count) = (Vec::new(), 0);
    while let Some(page) = pages.try_next().await? {
        items.extend(page.items);
        count += 1;
    }
    let pages = if count == 1 { "page" } else { "pages" };
    println!("Read {} {what} in {count} {pages}", items.len());
    Ok(items)
}

fn row(
    entry: &BackupStatus,
    tenants: &BTreeMap<&str, String>,
    aliases: &BTreeMap<&str, String>,
) -> [String; 6] {
    let named = |names: &BTreeMap<&str, String>, id: Option<&str>| {
        id.and_then(|id| names.get(id))
            .cloned()
            .unwrap_or_else(|| "-".to_owned())
    };
    let failures: Vec<String> = entry
        .failed_sub_sources()
        .map(|failed| {
            let error = failed.error.as_deref().unwrap_or("no reason given");
            match &failed.sub_source {
                Some(name) => format!("{name}: {error}"),
                None => error.to_owned(),
            }
        })
        .collect();
    [
        short(
            &named(tenants, entry.user_id.as_ref().map(UserId::as_str)),
            24,
        ),
        short(&text(entry.entity_name.as_deref()), 32),
        entry
            .source
            .as_ref()
            .map_or_else(|| "-".to_owned(), ToString::to_string),
        short(
            &named(aliases, entry.task_id.as_ref().map(TaskId::as_str)),
            16,
        ),
        if failures.is_empty() {
            "stale".to_owned()
        } else {
            short(&failures.join(", "), 48)
        },
        entry.last_backup().map_or_else(
            || "never".to_owned(),
            |last| last.strftime("%Y-%m-%d %H:%M").to_string(),
        ),
    ]
}

fn by_id<'a, T>(
    items: &'a [T],
    id: impl Fn(&'a T) -> Option<&'a str>,
    name: impl Fn(&'a T) -> String,
) -> BTreeMap<&'a str, String> {
    items
        .iter()
        .filter_map(|item| Some((id(item)?, name(item))))
        .collect()
}

fn text(value: Option<&str>) -> String {
    value
        .filter(|text| !text.is_empty())
        .unwrap_or("-")
        .to_owned()
}

/// Cuts a text to one line of at most `max` characters.
fn short(text: &str, max: usize) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.chars().count() <= max {
        return line;
    }
    line.chars().take(max - 1).chain(['…']).collect()
}

/// Restores what failed, and prints the progress.
async fn restore(client: &Client, failed: Option<BackupStatus>) -> Result<(), cloudally::Error> {
    let mut request = RestoreRequest::default();
    if let Some(entry) = failed {
        request.task_id = entry.task_id;
        request.entity_name = entry.entity_name;
    }
    println!("\nRestoring {}", text(request.entity_name.as_deref()));
    let restore = client.restores().create(request).await?;
    println!("Accepted as {}", restore.id());
    let wait = restore
        .wait(Duration::from_secs(60))
        .interval(Duration::from_millis(400));
    let mut states = wait.states();
    while let Some(job) = states.try_next().await? {
        let status = job
            .status
            .map_or_else(|| "-".to_owned(), |status| status.to_string());
        println!("  {status:<12} {:>3} %", job.progress.unwrap_or_default());
    }
    println!("The restore is done.");
    Ok(())
}
