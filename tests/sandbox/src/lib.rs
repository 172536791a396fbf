//! A stateful fake of the CloudAlly REST service that listens on loopback, for testing API clients
//! and for trying them out without an account.
//!
//! [`Sandbox::start`] generates a data set, listens on a free port of 127.0.0.1, and serves the 14
//! operations of the vendor's OpenAPI document, `GET /v1/partners/bills`, and the v2 paths that
//! public clients are known to call. The program `cloudally-sandbox` does the same from a shell.
//! This crate shares no code with the SDK, so that a mistake in one is not repeated in the other.
//!
//! | to | use |
//! |---|---|
//! | choose the data | [`SandboxBuilder`]; for single items, [`Sandbox::add_user`] and [`Sandbox::add_reseller`] |
//! | test alerts | [`SandboxBuilder::healthy`] and [`Situation`], or a [`Scenario`] by name |
//! | compare bills with the vendor's billing file | [`Sandbox::billing_file`] |
//! | inject faults | [`Sandbox::faults`] with a [`Rule`] and its [`Fault`] |
//! | control time | [`Sandbox::advance`], [`Clock`] |
//! | inspect the received requests | [`Sandbox::requests`] |
//! | do so without Rust | the program's flags, and the endpoints under `/_sandbox/`, which `/` lists |
//!
//! # Accounts
//!
//! | account | signs in at | may call | sees |
//! |---|---|---|---|
//! | [`partner`](Sandbox::partner) | `/auth/partner`, `/v2/auth/partner`, `/auth` | everything but `listResellers`, `getReseller` and `/v2/resellers/` | all users |
//! | [`distributor`](Sandbox::distributor) | the same | everything | all users |
//! | [`reseller`](Sandbox::reseller) | the same | everything but `listResellers` and `getReseller` | its own users |
//! | [`portal_user`](Sandbox::portal_user) | `/auth`; with the client's credentials also `/auth/partner`, `/v2/auth/partner` | backup tasks and restores | all backup tasks |
//! | a portal user from [`AddedUser::credentials`] | the same | the same | the backup tasks of its user |
//!
//! A partner signs in with the client id and secret in the body, or in the headers `client-id` and
//! `client-secret` beside an `email` and `password` in the body, or with all of these; whatever is
//! sent must be correct. Access tokens are JWTs that expire. A refresh token works once: using it a
//! second time revokes every token of that sign-in. The `Authorization` header may carry the access
//! token with or without the scheme `Bearer`.
//!
//! Evidence: observed for the ways to sign in and to send the token, inferred for the lifetimes and
//! for the single use of refresh tokens.
//!
//! # Lists
//!
//! Every list is served in pages `{page, totalPages, total, nextPageToken, data}`. v1 takes
//! `pageSize`, `page` (from 1) and `nextPageToken`; v2 takes `limit` and `page`. A page has at most
//! 500 items, which is also the default; a larger size counts as 500. The tasks and the statuses of
//! v1 return next-page tokens, the other lists do not. Where a request carries a token, its `page`
//! is ignored.
//!
//! Evidence: observed for the parameters and the envelope, inferred for the limit and for which
//! lists return tokens.
//!
//! # Data
//!
//! The data is generated from a seed and the time at the start; equal seeds and times give equal
//! bytes. Users own tasks (`userId`), tasks have status entries (`taskId`), and resellers own users
//! (`partnerId`, `partnerID`). Every item has the fields that published samples of the live service
//! have, and there are statuses of tasks that are not in the task list, and failed and outdated
//! backups. A sub-source that did not fail is `ACTIVE` or `ARCHIVED`, and the `domain` and the
//! `backupTaskId` of a task are null.
//!
//! [Ragged](SandboxBuilder::ragged) data also has nulls, missing and unknown fields, enum values
//! that no document names, dates in every known format and unusual names. Some of its tasks have the
//! id of a backup task, and some sub-sources are `SUCCESS`. Each of these is at a fixed position
//! rather than a random one, so that every seed has it.
//!
//! Evidence: observed for the fields and for `ACTIVE` and `ARCHIVED`, inferred for `SUCCESS` and for
//! what `backupTaskId` joins.
//!
//! A client should not rely on what the service is not known to do: the values of most enums, the
//! types of flags and ids that no client shows, the format of a bill's period, that items of v2
//! have the shapes of v1, that the distributor sees all users there, and which pages a portal user
//! may read.
//!
//! Evidence: inferred for all of these.
//!
//! # Restores
//!
//! `POST /v1/restore` accepts any JSON object; a `taskId` in it must be the id of a task or a
//! backup task that the account sees. The response is a 201 with `Location` and the job
//! `{jobId, status, progress}`, which goes from `PENDING` through `IN_PROGRESS` to `COMPLETED` as
//! the [`Clock`] advances. With the `entityName` `fail` it ends as `FAILED` and has a `message`.
//! While a restore of a task and entity is running, a second one of the same is refused with a 409.
//! Only the account that created a job can read it.
//!
//! Evidence: spec for the paths, inferred for everything else.
//!
//! # Backups
//!
//! A task runs its next backup at the time that its `nextBackup` states, and daily from then on:
//! its `lastBackupDates` and the dates of its status entries follow the clock. An entry that failed
//! keeps failing. A [`Situation`] can stop the backups of a task or of an entity. The lists of the
//! [`Sandbox`], such as [`tasks`](Sandbox::tasks), stay as they were at the start.
//!
//! # Errors
//!
//! An error response has the body `{timestamp, status, error, message, path}`, as Spring Boot
//! writes it. Every response has an `x-request-id`. An unknown path is a 404 and a wrong method a
//! 405, with or without a token.
//!
//! Evidence: inferred.

/// Runs the examples of the README as doctests.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

mod account;
mod added;
mod auth;
mod billing_file;
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
mod hosts;
mod paging;
mod restore;
mod routes;
mod sandbox;
mod situations;
mod start_error;
mod state;
mod stop;
mod tls;
mod token;
mod traffic;
mod wire;

pub use added::{AddedBackupTask, AddedBill, AddedReseller, AddedTask, AddedUser};
pub use billing_file::BillingFile;
pub use builder::SandboxBuilder;
pub use clock::Clock;
pub use credentials::Credentials;
pub use faults::{
    AddedRule, Failure, Fault, Faults, Rule, RuleError, RuleId, Shift, Total, Trigger,
};
pub use history::{RecordedRequest, Requests};
pub use jiff::Timestamp;
pub use sandbox::Sandbox;
pub use situations::{Affected, Scenario, Situation, SituationError, UnknownScenario};
pub use start_error::SandboxError;
