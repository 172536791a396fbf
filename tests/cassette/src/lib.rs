//! Records the traffic between a client and the CloudAlly service, and plays it back.
//!
//! A [`Recorder`] is a proxy on loopback that forwards every request to the service. It returns the
//! traffic as a [`Cassette`], in which every secret, email address, name and id is replaced by a
//! made-up value, and equal values by equal ones. A cassette that still contains private data is
//! not written, and nothing reaches the disk before that check. A [`Player`] responds as the
//! service did, once or [repeatedly](Player::repeat).
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
//! The program does the same: `cloudally-cassette record --out FILE` and
//! `cloudally-cassette play FILE`, with `--repeat` if the client runs more than once.

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
