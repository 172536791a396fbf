//! Directories as files.

use serde_json::json;

use crate::coverage::{AccountKind, Directory, DirectoryAccount};
use crate::error::Error;
use crate::health::Policy;

fn read(text: &str, columns: serde_json::Value) -> Result<Directory, Error> {
    let coverage = json!({"coverage": {"columns": columns}});
    let policy: Policy = serde_json::from_value(coverage).unwrap();
    Directory::from_csv(text.as_bytes(), &policy)
}

#[test]
fn the_common_exports_are_known_by_their_headers() {
    let microsoft = "\u{feff}Block credential,City,Display name,Licenses,Proxy addresses,User principal name\r\n\
        False,Bonn,\"Lee, Ann\",Exchange Online (Plan 1)+Power BI,\"SMTP:Ann@acme.example.com+smtp:a+b@acme.example.com+SIP:ann@acme.example.com\",ann@acme.example.com\r\n\
        True,,Team,Unlicensed,,team@acme.example.com\r\n\
        False,,Guest,Unlicensed,,bob_other.example#EXT#@acme.example.com\r\n";
    let entra = "userPrincipalName,displayName,mail,userType,accountEnabled\n\
        ann@acme.example.com,Ann,ann.lee@acme.example.com,Member,True\n\
        bob@acme.example.com,Bob,,Guest,False\n";
    let exchange = "Display name,Email address,Recipient type,Archive status\n\
        Team,team@acme.example.com,SharedMailbox,None\nAnn,ann@acme.example.com,UserMailbox,None\n";
    let google = "First Name [Required],Last Name [Required],Email Address [Required],Status [READ ONLY],Licenses [READ ONLY]\n\
        Ann,Lee,ann@acme.example.com,Active,Google Workspace Business Starter\n\
        Bob,Fox,bob@acme.example.com,Suspended,\n";
    let user = |address: &str, aliases: &[&str], enabled, licensed, kind, line| DirectoryAccount {
        address: address.into(),
        aliases: aliases.iter().map(|&alias| alias.into()).collect(),
        enabled,
        licensed,
        kind,
        line: Some(line),
    };
    use AccountKind::{Guest, Shared, User};
    let (yes, no) = (Some(true), Some(false));
    for (text, expected) in [
        (
            microsoft,
            vec![
                user(
                    "ann@acme.example.com",
                    &["Ann@acme.example.com", "a+b@acme.example.com"],
                    yes,
                    yes,
                    User,
                    2,
                ),
                user("team@acme.example.com", &[], no, no, User, 3),
                user(
                    "bob_other.example#EXT#@acme.example.com",
                    &[],
                    yes,
                    no,
                    Guest,
                    4,
                ),
            ],
        ),
        (
            entra,
            vec![
                user(
                    "ann.lee@acme.example.com",
                    &["ann@acme.example.com"],
                    yes,
                    None,
                    User,
                    2,
                ),
                user("bob@acme.example.com", &[], no, None, Guest, 3),
            ],
        ),
        (
            exchange,
            vec![
                user("team@acme.example.com", &[], None, None, Shared, 2),
                user("ann@acme.example.com", &[], None, None, User, 3),
            ],
        ),
        (
            google,
            vec![
                user("ann@acme.example.com", &[], yes, yes, User, 2),
                user("bob@acme.example.com", &[], no, no, User, 3),
            ],
        ),
    ] {
        let directory = Directory::from_csv(text.as_bytes(), &Policy::default()).unwrap();
        assert_eq!(directory.accounts, expected);
        assert_eq!(directory.has_shared_column, text == exchange);
    }
}

#[test]
fn a_policy_names_the_columns() {
    let columns = json!({"address": "Mail", "aliases": ["Others"], "enabled": "Active",
        "licenses": "Paid", "shared": "Shared", "guest": "Guest"});
    let text = "mail;others;active;paid;shared;guest\n\
        ann@x.example;a@x.example b@x.example, c@x.example;YES;1;no;no\n\
        team@x.example;;0;no;yes;\nbob@x.example;;active;None;;true\n";
    let accounts = read(text, columns).unwrap().accounts;
    assert_eq!(
        accounts[0].aliases,
        ["a@x.example", "b@x.example", "c@x.example"]
    );
    let told: Vec<_> = accounts
        .iter()
        .map(|one| (one.enabled, one.licensed, one.kind))
        .collect();
    let expected = [
        (Some(true), Some(true), AccountKind::User),
        (Some(false), Some(false), AccountKind::Shared),
        (Some(true), Some(false), AccountKind::Guest),
    ];
    assert_eq!(told, expected);
}

#[test]
fn what_cannot_be_read_is_refused_by_line_and_column() {
    let columns = || json!({"address": ["Mail"], "enabled": "Active", "aliases": ["Others"]});
    for (row, expected) in [
        (
            "ann,yes,",
            "line 2, column `Mail`, `ann`, which is no address",
        ),
        ("Ann <ann@x.example>,yes,", "column `Mail`"),
        ("a@b@x.example,yes,", "column `Mail`"),
        ("@x.example,yes,", "column `Mail`"),
        (",yes,", "line 2, column `Mail`, no address"),
        (",yes,b@x.example", "line 2, column `Mail`, no address"),
        ("ann@x.example,maybe,", "line 2, column `Active`, `maybe`"),
        ("ann@x.example,,", "line 2, column `Active`"),
        ("ann@x.example,yes,bob", "line 2, column `Others`, `bob`"),
        ("ann@x.example,yes", "2 cells on line 2"),
    ] {
        let error = read(&format!("Mail,Active,Others\n{row}\n"), columns()).unwrap_err();
        assert_eq!(error.kind(), crate::ErrorKind::InvalidInput);
        assert!(error.to_string().contains(expected), "{row}: {error}");
    }
    let missing = read("Mail,State\na@x.example,yes\n", columns())
        .unwrap_err()
        .to_string();
    assert!(missing.contains("no column `Others`") || missing.contains("no column `Active`"));
    assert!(missing.contains("`Mail`, `State`"), "{missing}");
    let unknown = Directory::from_csv(b"Mail,State\na@x.example,yes\n", &Policy::default());
    let unknown = unknown.unwrap_err().to_string();
    assert!(unknown.contains("`coverage.columns`"), "{unknown}");
    let none = read("Mail\na@x.example\n", json!({"enabled": "Mail"})).unwrap_err();
    assert!(
        none.to_string().contains("coverage.columns.address"),
        "{none}"
    );
}

#[test]
fn a_type_that_nobody_knows_is_refused_unless_the_policy_knows_it() {
    let columns = json!({"address": "Mail", "shared": "Type", "guest": "Type"});
    let kind = |cell: &str, types: serde_json::Value| {
        let coverage = json!({"coverage": {"columns": columns.clone(), "types": types}});
        let policy: Policy = serde_json::from_value(coverage).unwrap();
        let text = format!("Mail;Type\nann@x.example;{cell}\n");
        let read = Directory::from_csv(text.as_bytes(), &policy);
        read.map(|it| it.accounts[0].kind)
            .map_err(|error| error.to_string())
    };
    for (cell, expected) in [
        ("SharedMailbox", AccountKind::Shared),
        ("Shared mailbox", AccountKind::Shared),
        ("User Mailbox", AccountKind::User),
        ("RoomMailbox", AccountKind::Resource),
        ("equipment", AccountKind::Resource),
        ("Guest", AccountKind::Guest),
        ("Member", AccountKind::User),
        ("", AccountKind::User),
    ] {
        assert_eq!(kind(cell, json!({})), Ok(expected), "{cell}");
    }
    for cell in ["ja", "Non-Guest", "Unshared", "Gemeinsames Postfach"] {
        let error = kind(cell, json!({})).unwrap_err();
        assert!(
            error.contains("line 2, column `Type`") && error.contains("coverage.types"),
            "{error}"
        );
    }
    let types = json!({"gemeinsames postfach": "shared"});
    assert_eq!(kind("Gemeinsames Postfach", types), Ok(AccountKind::Shared));
}

#[test]
fn what_the_directory_says_counts_before_what_an_address_looks_like() {
    let entra = "userPrincipalName,mail,userType,accountEnabled\n\
        boss_x.example#EXT#@acme.example,boss@acme.example,Member,True\n\
        bob_x.example#EXT#@acme.example,bob@x.example,,True\n";
    let directory = Directory::from_csv(entra.as_bytes(), &Policy::default()).unwrap();
    let kinds: Vec<_> = directory.accounts.iter().map(|one| one.kind).collect();
    assert_eq!(kinds, [AccountKind::User, AccountKind::Guest]);
}

#[test]
fn states_and_licences_mean_what_they_say() {
    let disabled = json!({"address": "Mail", "disabled": "Status"});
    let text = "Mail,Status\na@x.example,Active\nb@x.example,Disabled\nc@x.example,yes\n";
    let accounts = read(text, disabled).unwrap().accounts;
    let enabled: Vec<_> = accounts.iter().map(|one| one.enabled).collect();
    assert_eq!(enabled, [Some(true), Some(false), Some(false)]);
    let policy = json!({"coverage": {
        "columns": {"address": "Mail", "licenses": "Products"},
        "ignored_licenses": ["Power Automate Free"]
    }});
    let policy: Policy = serde_json::from_value(policy).unwrap();
    let licensed = |text: &str| -> Vec<Option<bool>> {
        let directory = Directory::from_csv(text.as_bytes(), &policy).unwrap();
        directory.accounts.iter().map(|one| one.licensed).collect()
    };
    let text = "Mail;Products\na@x.example;power automate free\n\
        b@x.example;Power Automate Free+Exchange Online\nc@x.example;N/A\nd@x.example;\n";
    assert_eq!(
        licensed(text),
        [Some(false), Some(true), Some(false), Some(false)]
    );
    // A column that is empty throughout says nothing.
    assert_eq!(licensed("Mail;Products\na@x.example;\n"), [None]);
    for odd in ["mailto:a@x.example", "\u{200b}a@x.example"] {
        let error = read(&format!("Mail\n{odd}\n"), json!({"address": "Mail"})).unwrap_err();
        assert!(error.to_string().contains("which is no address"), "{error}");
    }
}
