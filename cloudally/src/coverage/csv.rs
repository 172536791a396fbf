//! Reads directories from CSV.

use super::directory::{Directory, DirectoryAccount};
use crate::error::Error;
use crate::health::{AccountKind, CoveragePolicy, DirectoryColumns, Policy};
use crate::table::{Column, Row, Table};

/// Cells that say yes, in lower case. The words of the states are those of the known exports.
const YES: [&str; 6] = ["true", "yes", "y", "1", "active", "enabled"];
/// Cells that say no, in lower case.
const NO: [&str; 10] = [
    "false",
    "no",
    "n",
    "0",
    "inactive",
    "disabled",
    "suspended",
    "archived",
    "blocked",
    "deleted",
];
/// Cells that say that there is no licence, in lower case.
const UNLICENSED: [&str; 11] = [
    "",
    "unlicensed",
    "no license",
    "no licence",
    "none",
    "n/a",
    "false",
    "no",
    "0",
    "-",
    "[]",
];
/// Types of accounts, in lower case and without space.
const TYPES: [(&str, AccountKind); 14] = [
    ("user", AccountKind::User),
    ("usermailbox", AccountKind::User),
    ("linkedmailbox", AccountKind::User),
    ("linkedusermailbox", AccountKind::User),
    ("legacymailbox", AccountKind::User),
    ("member", AccountKind::User),
    ("shared", AccountKind::Shared),
    ("sharedmailbox", AccountKind::Shared),
    ("room", AccountKind::Resource),
    ("roommailbox", AccountKind::Resource),
    ("equipment", AccountKind::Resource),
    ("equipmentmailbox", AccountKind::Resource),
    ("guest", AccountKind::Guest),
    ("external", AccountKind::Guest),
];

/// An export that is known by its headers.
struct Export {
    address: &'static [&'static str],
    aliases: Option<&'static str>,
    enabled: Option<&'static str>,
    disabled: Option<&'static str>,
    licenses: Option<&'static str>,
    shared: Option<&'static str>,
    guest: Option<&'static str>,
}

/// The exports of Microsoft 365 and Google Workspace. Those of one row are known by all its
/// addresses and by the column after them.
const EXPORTS: [Export; 4] = [
    // The users of the Microsoft 365 admin centre.
    Export {
        address: &["User principal name"],
        aliases: Some("Proxy addresses"),
        enabled: None,
        disabled: Some("Block credential"),
        licenses: Some("Licenses"),
        shared: None,
        guest: None,
    },
    // The users of Microsoft Entra.
    Export {
        address: &["mail", "userPrincipalName"],
        aliases: None,
        enabled: Some("accountEnabled"),
        disabled: None,
        licenses: None,
        shared: None,
        guest: Some("userType"),
    },
    // The mailboxes of the Exchange admin centre.
    Export {
        address: &["Email address"],
        aliases: None,
        enabled: None,
        disabled: None,
        licenses: None,
        shared: Some("Recipient type"),
        guest: None,
    },
    // The users of the Google admin console.
    Export {
        address: &["Email Address [Required]"],
        aliases: None,
        enabled: Some("Status [READ ONLY]"),
        disabled: None,
        licenses: Some("Licenses [READ ONLY]"),
        shared: None,
        guest: None,
    },
];

/// The columns of a table that were found.
#[derive(Default)]
struct Columns {
    address: Vec<Column>,
    aliases: Vec<Column>,
    enabled: Option<Column>,
    disabled: Option<Column>,
    licenses: Option<Column>,
    shared: Option<Column>,
    guest: Option<Column>,
}

impl Directory {
    /// Reads a directory from a CSV file.
    ///
    /// The file may be in UTF-8 or UTF-16, with cells separated by `,`, `;`, `|` or tabs. The policy
    /// names its columns; without that, the exports of the users of the Microsoft 365 admin centre,
    /// of Microsoft Entra and of the Google admin console, and of the mailboxes of the Exchange admin
    /// centre are known by their headers in English. Rows without any text are left out.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput) with line and column of what
    /// cannot be read, such as an address without `@` or a state that is neither yes nor no;
    /// [`ErrorKind::Configuration`](crate::ErrorKind::Configuration) if the policy makes no sense.
    ///
    /// # Examples
    ///
    /// ```
    /// use cloudally::coverage::Directory;
    /// use cloudally::health::Policy;
    /// let policy: Policy = serde_json::from_str(r#"{"coverage": {"columns": {
    ///     "address": ["Mail"], "enabled": "Active"
    /// }}}"#)?;
    /// let directory = Directory::from_csv(b"Mail;Active\nann@acme.example.com;yes\n", &policy)?;
    /// assert_eq!(directory.accounts[0].enabled, Some(true));
    /// let error = Directory::from_csv(b"Mail;Active\nann@acme.example.com;maybe\n", &policy);
    /// assert!(error.unwrap_err().to_string().contains("line 2, column `Active`"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn from_csv(bytes: &[u8], policy: &Policy) -> Result<Self, Error> {
        policy.check()?;
        let table = Table::read(bytes, "directory")?;
        let columns = match &policy.coverage.columns {
            Some(named) => named_columns(&table, named)?,
            None => known_columns(&table)?,
        };
        // A column that is empty throughout says nothing.
        let says = |column: &Column| table.rows().any(|row| !row.cell(*column).is_empty());
        let columns = Columns {
            licenses: columns.licenses.filter(says),
            shared: columns.shared.filter(says),
            ..columns
        };
        let reader = Reader {
            table: &table,
            columns: &columns,
            policy: &policy.coverage,
        };
        let accounts = table.rows().map(|row| reader.account(row));
        Ok(Self {
            accounts: accounts.collect::<Result<_, _>>()?,
            tenant: None,
            has_shared_column: columns.shared.is_some(),
        })
    }
}

fn named_columns(table: &Table, named: &DirectoryColumns) -> Result<Columns, Error> {
    let all = |headers: &[String]| {
        let columns = headers.iter().map(|header| table.require(header));
        columns.collect::<Result<Vec<_>, _>>()
    };
    let one = |header: &Option<String>| {
        let column = header.as_ref().map(|header| table.require(header));
        column.transpose()
    };
    Ok(Columns {
        address: all(&named.address)?,
        aliases: all(&named.aliases)?,
        enabled: one(&named.enabled)?,
        disabled: one(&named.disabled)?,
        licenses: one(&named.licenses)?,
        shared: one(&named.shared)?,
        guest: one(&named.guest)?,
    })
}

fn known_columns(table: &Table) -> Result<Columns, Error> {
    for export in &EXPORTS {
        let find = |header: Option<&str>| match header {
            Some(header) => table.find(header),
            None => Ok(None),
        };
        let telling = [export.disabled, export.enabled, export.shared, export.guest];
        let telling = telling.into_iter().flatten().next();
        let mut address = Vec::new();
        for header in export.address {
            address.extend(table.find(header)?);
        }
        if address.len() < export.address.len() || find(telling)?.is_none() {
            continue;
        }
        return Ok(Columns {
            address,
            aliases: find(export.aliases)?.into_iter().collect(),
            enabled: find(export.enabled)?,
            disabled: find(export.disabled)?,
            licenses: find(export.licenses)?,
            shared: find(export.shared)?,
            guest: find(export.guest)?,
        });
    }
    let problem = format!(
        "is no export that is known by its headers; name its columns in the policy's `coverage.columns`, of {}",
        table.columns()
    );
    Err(table.refuse(&problem))
}

/// Makes accounts of rows.
struct Reader<'a> {
    table: &'a Table,
    columns: &'a Columns,
    policy: &'a CoveragePolicy,
}

impl Reader<'_> {
    fn account(&self, row: &Row) -> Result<DirectoryAccount, Error> {
        let Self { table, columns, .. } = self;
        let mut addresses = Vec::new();
        for &column in &columns.address {
            if let Some(address) = row.text(Some(column)) {
                addresses.push(check(table, row, column, address)?);
            }
        }
        // An alias alone names nobody.
        if let (true, Some(&column)) = (addresses.is_empty(), columns.address.first()) {
            let problem = "no address; write one, or remove the row";
            return Err(table.refuse_cell(row, column, problem));
        }
        for &column in &columns.aliases {
            for alias in aliases(row.cell(column)) {
                addresses.push(check(table, row, column, alias)?);
            }
        }
        let yes = |column: Option<Column>| {
            let told = column.map(|column| self.yes_or_no(row, column));
            told.transpose()
        };
        let is_enabled = yes(columns.enabled)?;
        // A state such as `Active` means the same under either header, and yes the opposite.
        let is_disabled = match columns.disabled.filter(|it| is_state(row.cell(*it))) {
            Some(state) => yes(Some(state))?.map(|is_active| !is_active),
            None => yes(columns.disabled)?,
        };
        let kind = self.kind(row, &addresses)?;
        let mut addresses = addresses.into_iter();
        Ok(DirectoryAccount {
            address: addresses.next().unwrap_or_default(),
            aliases: addresses.collect(),
            enabled: is_enabled.or(is_disabled.map(|it| !it)),
            licensed: columns
                .licenses
                .map(|column| self.is_licensed(row.cell(column))),
            kind,
            line: Some(row.line),
        })
    }

    fn kind(&self, row: &Row, addresses: &[String]) -> Result<AccountKind, Error> {
        let shared = self.kind_of(row, self.columns.shared, AccountKind::Shared)?;
        let is_external = addresses
            .iter()
            .any(|it| it.to_uppercase().contains("#EXT#"));
        let guest = match self.kind_of(row, self.columns.guest, AccountKind::Guest)? {
            // What the directory says counts before what the address looks like.
            Some(kind) => Some(kind),
            None => is_external.then_some(AccountKind::Guest),
        };
        Ok(match (shared, guest) {
            (Some(kind), None) | (None, Some(kind)) => kind,
            (Some(AccountKind::User), Some(kind)) => kind,
            (Some(kind), Some(_)) => kind,
            (None, None) => AccountKind::User,
        })
    }

    /// The kind that a cell names, or that it says yes or no to; none if it is empty.
    fn kind_of(
        &self,
        row: &Row,
        column: Option<Column>,
        asked: AccountKind,
    ) -> Result<Option<AccountKind>, Error> {
        let Some((column, cell)) = column.zip(row.text(column)) else {
            return Ok(None);
        };
        let word = cell.to_lowercase();
        let mut own = self.policy.types.iter();
        if let Some((_, kind)) = own.find(|(own, _)| own.trim().to_lowercase() == word) {
            return Ok(Some(*kind));
        }
        if YES[..4].contains(&word.as_str()) {
            return Ok(Some(asked));
        }
        if NO[..4].contains(&word.as_str()) {
            return Ok(Some(AccountKind::User));
        }
        let word: String = word.chars().filter(|it| !it.is_whitespace()).collect();
        if let Some((_, kind)) = TYPES.iter().find(|(own, _)| *own == word) {
            return Ok(Some(*kind));
        }
        let problem = format!(
            "`{}`, which is neither yes nor no nor a type that is known, such as `SharedMailbox`; say in the policy's `coverage.types` what it means",
            shown(cell)
        );
        Err(self.table.refuse_cell(row, column, &problem))
    }

    /// Whether a cell names a licence that counts.
    fn is_licensed(&self, cell: &str) -> bool {
        let ignored = &self.policy.ignored_licenses;
        let counts = |name: &str| {
            let name = name.trim().to_lowercase();
            let is_ignored = ignored.iter().any(|own| own.trim().to_lowercase() == name);
            !UNLICENSED.contains(&name.as_str()) && !is_ignored
        };
        // A name can contain what separates names.
        counts(cell) && cell.split(['+', ';', ',']).any(counts)
    }

    fn yes_or_no(&self, row: &Row, column: Column) -> Result<bool, Error> {
        let text = row.cell(column).to_lowercase();
        let is_in = |words: &[&str]| words.contains(&text.as_str());
        if is_in(&YES) {
            return Ok(true);
        }
        if is_in(&NO) {
            return Ok(false);
        }
        let problem = match text.as_str() {
            "" => "nothing; write yes or no".to_owned(),
            _ => format!(
                "`{}`, which is neither yes nor no, such as `Active` or `Suspended`",
                shown(row.cell(column))
            ),
        };
        Err(self.table.refuse_cell(row, column, &problem))
    }
}

/// The addresses of a list. `SMTP:` lists may also have those of other protocols.
fn aliases(cell: &str) -> impl Iterator<Item = &str> {
    let is_separator = |it: char| matches!(it, ';' | ',' | '|') || it.is_whitespace();
    let parts = cell.split(is_separator).flat_map(schemes);
    parts.filter_map(|part| match part.split_once(':') {
        Some((scheme, rest)) if scheme.eq_ignore_ascii_case("smtp") => Some(rest),
        Some(_) => None,
        None => Some(part).filter(|part| !part.is_empty()),
    })
}

/// Splits at each `+` before a scheme such as `smtp:`, because an address can have a `+` as well.
fn schemes(text: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let mut start = 0;
    for (at, _) in text.match_indices('+') {
        let rest = &text[at + 1..];
        let scheme = rest.split(':').next().unwrap_or_default();
        let is_scheme = scheme.len() < rest.len()
            && !scheme.is_empty()
            && scheme.bytes().all(|byte| byte.is_ascii_alphanumeric());
        if is_scheme {
            parts.push(&text[start..at]);
            start = at + 1;
        }
    }
    parts.push(&text[start..]);
    parts
}

fn check(table: &Table, row: &Row, column: Column, address: &str) -> Result<String, Error> {
    let is_odd = |it: char| {
        let is_mark = matches!(it, '<' | '>' | '"' | '(' | ')' | ',' | ':' | ';' | '\\');
        let is_invisible = matches!(
            it,
            '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}'
        );
        it.is_whitespace() || it.is_control() || is_mark || is_invisible
    };
    let is_address = address.split_once('@').is_some_and(|(name, host)| {
        !name.is_empty() && !host.is_empty() && !host.contains('@') && !address.contains(is_odd)
    });
    if is_address {
        return Ok(address.to_owned());
    }
    // What cannot be seen is shown by its number.
    let problem = format!("`{}`, which is no address", shown(address).escape_debug());
    Err(table.refuse_cell(row, column, &problem))
}

/// Whether a cell names a state, and does not say yes or no.
fn is_state(cell: &str) -> bool {
    let cell = cell.to_lowercase();
    YES[4..].iter().chain(&NO[4..]).any(|state| *state == cell)
}

/// A cell as a message shows it: on one line, and cut off if it is long.
fn shown(text: &str) -> String {
    let text = text
        .chars()
        .map(|it| if it.is_control() { ' ' } else { it });
    text.take(64).collect()
}
