//! What a call costs with the SDK, with the generated client alone, and by hand.
//!
//! `bench-server` answers on loopback, in a process of its own; `bench-client` does one kind of
//! work so many times, one way. `cargo bench` runs the two under valgrind and against the clock;
//! `cargo xtask bench` writes what it finds to `docs/performance.md`.

pub mod answers;
pub mod by_hand;
pub mod clock;
pub mod counts;
pub mod cpu;
pub mod expert;
pub mod memory;
pub mod page;
pub mod programs;
pub mod rows;
pub mod serve;
pub mod table;
pub mod valgrind;
pub mod work;
