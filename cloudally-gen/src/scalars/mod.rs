//! Values that the service writes in several forms: identifiers, dates, amounts, durations,
//! secrets.
//!
//! Reading one never loses what the service sent: a value that has no known form keeps its JSON and
//! is written back unchanged.

pub mod amount;
pub mod id;
pub mod seconds;
pub mod secret;
pub mod timestamp;
