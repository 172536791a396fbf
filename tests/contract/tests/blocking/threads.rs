//! One client for many threads.

use std::sync::Barrier;

use crate::service::{client, sandbox};

#[test]
fn sixteen_threads_share_one_sign_in() {
    let sandbox = sandbox();
    let client = client(&sandbox);
    let barrier = Barrier::new(16);
    let expected = sandbox.tasks().len();
    std::thread::scope(|scope| {
        for _ in 0..16 {
            scope.spawn(|| {
                let client = client.clone();
                barrier.wait();
                client.partners().profile().unwrap();
                assert_eq!(client.tasks().list().items().count(), expected);
            });
        }
    });
    assert_eq!(sandbox.request_count("partnerLogin"), 1);
    assert_eq!(sandbox.request_count("getPartner"), 16);
    assert_eq!(sandbox.request_count("listPartnerTasks"), 16 * 6);
}

#[test]
fn an_iterator_can_be_handed_to_another_thread() {
    let sandbox = sandbox();
    let mut items = client(&sandbox).tasks().list().items();
    items.next().unwrap().unwrap();
    let rest = std::thread::spawn(move || items.map(Result::unwrap).count());
    assert_eq!(rest.join().unwrap(), sandbox.tasks().len() - 1);
}
