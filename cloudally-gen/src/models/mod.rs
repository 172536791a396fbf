//! Methods of the generated types that combine several fields.

mod backups;
mod label;
mod restores;
mod tenants;

pub use self::restores::RestoreOutcome;
