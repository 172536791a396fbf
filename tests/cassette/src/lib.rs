//! Records what a client and the service say to each other, and plays it back.
//!
//! A [`Recorder`] stands between a client and the service, on loopback, and passes everything on. What it heard becomes a
//! [`Cassette`]: every secret, address, name and id is replaced by a made-up one, the same one wherever it occurs, and a
//! scanner refuses to write a cassette that still holds one. Nothing touches the disk before that. A [`Player`] answers as
//! the service did.
//!
//! ```no_run
//! # async fn run() -> Result<(), cloudally_cassette::Error> {
//! use cloudally_cassette::{Cassette, Player, Recorder};
//! let recorder = Recorder::start("https://api.cloudally.com").await?;
//! println!("point a client at {}", recorder.url());
//! // ... and when it is done:
//! recorder.finish().await?.write("morning.json".as_ref())?;
//!
//! let player = Player::start(Cassette::read("morning.json".as_ref())?).await?;
//! println!("point a client at {}", player.url());
//! # Ok(())
//! # }
//! ```
//!
//! As a program: `cloudally-cassette record --out FILE` and `cloudally-cassette play FILE`.

mod cassette;
mod error;
mod listener;
mod player;
mod recorder;
mod scan;
mod scrub;
mod words;

pub use cassette::{Cassette, Interaction, Request, Response};
pub use error::Error;
pub use player::{Player, Unexpected};
pub use recorder::Recorder;
