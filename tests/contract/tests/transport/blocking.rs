//! What the blocking client does while nobody waits for it.

use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use cloudally::time::Clock;
use jiff::Timestamp;

use cloudally_contract::server::{Gate, Server};
use cloudally_contract::setup::{READ, REFRESH, SECOND, SIGN_IN, builder, renewing_at};
use cloudally_contract::time::FakeClock;

/// Tells each time that the time of day is asked for, which is when a token is received.
#[derive(Debug)]
struct Telling(FakeClock, Mutex<Sender<()>>);

impl Clock for Telling {
    fn monotonic(&self) -> Duration {
        self.0.monotonic()
    }

    fn now(&self) -> Timestamp {
        self.1.lock().unwrap().send(()).unwrap();
        self.0.now()
    }
}

/// The token of the last read.
fn last_read(server: &Server) -> String {
    let requests = server.requests();
    let last = requests.iter().rfind(|request| request.path == READ);
    last.unwrap().token().to_owned()
}

#[test]
fn a_token_is_renewed_in_the_background_while_no_call_is_made() {
    let gate = Gate::new();
    let server = renewing_at(&gate, 3600);
    let clock = FakeClock::new();
    let (send, received) = channel();
    let telling = Telling(clock.clone(), Mutex::new(send));
    let builder = builder(server.url()).clock(Arc::new(telling));
    let client = builder.build_blocking().unwrap();
    client.sign_in().unwrap();
    received.recv().unwrap();

    clock.advance(3590 * SECOND);
    client.partners().profile().unwrap();
    assert_eq!(last_read(&server), "t0");
    gate.open();
    let soon = Duration::from_secs(20);
    received.recv_timeout(soon).expect("no token was received");

    clock.advance(100 * SECOND);
    client.partners().profile().unwrap();
    assert_eq!(last_read(&server), "t1");
    assert_eq!((server.count_of(SIGN_IN), server.count_of(REFRESH)), (1, 1));
}
