//! A stand-in for the CloudAlly REST service, on loopback and with state: for tests of clients, and to try
//! them out without an account.
//!
//! [`Sandbox::start`] makes a data set, listens on a free port of 127.0.0.1 and serves the 14 operations of
//! the vendor's document, `GET /v1/partners/bills`, and the v2 paths that clients are seen to use. The
//! binary of the same name does that from a shell. It shares no code with the client that it tests.
//!
//! | to | there is |
//! |---|---|
//! | say what data there is | [`SandboxBuilder`]; by hand, [`Sandbox::add_user`], [`Sandbox::add_reseller`] |
//! | let something go wrong | [`Sandbox::faults`] with a [`Rule`] and its [`Fault`] |
//! | let time go by | [`Sandbox::advance`], [`Clock`] |
//! | see what was asked | [`Sandbox::requests`] |
//! | do so without Rust | the program's flags, and the endpoints under `/_sandbox/`, which `/` lists |
//!
//! # Accounts
//!
//! | account | signs in at | may call | sees |
//! |---|---|---|---|
//! | [`partner`](Sandbox::partner) | `/auth/partner`, `/v2/auth/partner`, `/auth` | all but resellers and v2 | all users |
//! | [`distributor`](Sandbox::distributor) | the same | everything | all users |
//! | [`reseller`](Sandbox::reseller) | the same | all but the list of resellers | its own users |
//! | [`portal_user`](Sandbox::portal_user) | `/auth`, and with the client `/auth/partner` | backup tasks and restores | all backup tasks |
//! | a portal user that was [added](AddedUser::credentials) | the same | the same | those of its user |
//!
//! A partner's sign-in takes the client id and secret in the body, or in the headers `client-id` and
//! `client-secret` beside an `email` and `password` in the body, or all of these; what is given must be
//! right. Access tokens are JWTs and expire; a refresh token works once, and who uses one twice loses all
//! tokens of that sign-in. A request may carry its token bare or after `Bearer`.
//!
//! # Lists
//!
//! All lists are pages `{page, totalPages, total, nextPageToken, data}`. v1 takes `pageSize`, `page` and
//! `nextPageToken`, v2 takes `limit` and `page`; a size above 500 counts as 500. Tasks and statuses of v1
//! hand out next page tokens, the other lists don't. With a token, `page` doesn't matter.
//!
//! # Data
//!
//! Made from a seed and the time at the start: the same two give the same bytes. Users own tasks
//! (`userId`), tasks have status entries (`taskId`), resellers own users (`partnerId`, `partnerID`). In a
//! data set of the default size there are nulls, missing and unknown fields, enum values that no
//! document names, dates of every known form, awkward names, statuses of tasks that aren't listed, failed
//! and outdated backups. Each of those sits at a fixed position and not at a random one.
//!
//! What isn't known of the service is a guess here, and a client should not lean on it: the values of most
//! enums, the type of flags and ids where no client shows one, the period's form on a bill, that v2 items
//! look like those of v1 (where the distributor sees all users), which pages a portal user may read.
//!
//! # Restores
//!
//! All of it is inferred; nobody has published what the service does. `POST /v1/restore` takes any JSON
//! object; a `taskId` in it must be the id of a task or a backup task. It answers 201, `Location`, and the
//! job `{jobId, status, progress}`, which goes from `PENDING` by `IN_PROGRESS` to `COMPLETED` as the
//! [`Clock`] goes on. With an `entityName` of `fail` it ends as `FAILED`, and has a `message`. While a restore
//! of a task and entity goes on, another one of the same is refused (409). A job is shown to the account
//! that asked for it.
//!
//! # Backups
//!
//! A task has its next backup when its `nextBackup` says, and once a day from there on: its
//! `lastBackupDates` and the dates of its status entries move with the clock. What failed goes on failing.
//! The lists of the [`Sandbox`], such as [`tasks`](Sandbox::tasks), stay as they were at the start.
//!
//! # Errors
//!
//! `{timestamp, status, error, message, path}`, as Spring Boot writes them. Every response has an
//! `x-request-id`. An unknown path is 404 and a wrong method 405, with or without a token.

/// The examples of the page for users.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

mod account;
mod added;
mod auth;
mod body;
mod builder;
mod client;
mod clock;
mod credentials;
mod data;
mod document;
mod error;
mod faults;
mod grants;
mod history;
mod paging;
mod restore;
mod routes;
mod sandbox;
mod state;
mod stop;
mod tls;
mod token;
mod traffic;
mod wire;

pub use added::{AddedBackupTask, AddedBill, AddedReseller, AddedTask, AddedUser};
pub use builder::{SandboxBuilder, SandboxError};
pub use clock::Clock;
pub use credentials::Credentials;
pub use faults::{
    AddedRule, Failure, Fault, Faults, Rule, RuleError, RuleId, Shift, Total, Trigger,
};
pub use history::{RecordedRequest, Requests};
pub use jiff::Timestamp;
pub use sandbox::Sandbox;
