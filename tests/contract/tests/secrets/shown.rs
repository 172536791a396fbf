//! What was shown, to be searched for secrets. Each secret of these tests has one word in it.

use std::error::Error as _;
use std::fmt::Debug;

use cloudally::Error;
use cloudally_contract::made_up::CANARY;

/// All that was shown so far.
#[derive(Default)]
pub(crate) struct Shown(Vec<String>);

impl Shown {
    pub(crate) fn text(&mut self, text: &str) {
        self.0.push(text.to_owned());
    }

    pub(crate) fn debug(&mut self, value: &impl Debug) {
        self.0.push(format!("{value:?} {value:#?}"));
    }

    pub(crate) fn error(&mut self, error: &Error) {
        self.debug(error);
        self.0.push(format!("{error} {error:#}"));
        let mut source = error.source();
        while let Some(inner) = source {
            self.debug(&inner);
            self.0.push(format!("{inner} {inner:#}"));
            source = inner.source();
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    #[track_caller]
    pub(crate) fn assert_clean(&self) {
        for text in &self.0 {
            assert!(!text.contains(CANARY), "a secret is shown: {text}");
        }
    }
}
