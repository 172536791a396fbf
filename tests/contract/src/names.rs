//! Names that resolve to this machine.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use cloudally::reqwest::{
    self,
    dns::{Addrs, Name, Resolve, Resolving},
    redirect, retry,
};

use crate::server::Gate;

/// Names that resolve to this machine, unless told to fail: no resolver outside is asked.
#[derive(Clone, Default)]
pub struct Names {
    fails: Arc<AtomicBool>,
    gate: Option<Gate>,
}

impl Names {
    /// They resolve when the gate is opened: who gets as far as that has a token in hand, and has
    /// sent nothing.
    pub fn held(gate: &Gate) -> Self {
        Self {
            gate: Some(gate.clone()),
            ..Self::default()
        }
    }

    pub fn fail(&self, fail: bool) {
        self.fails.store(fail, Ordering::SeqCst);
    }

    /// Connections that use these names.
    pub fn connections(&self) -> reqwest::Client {
        let builder = reqwest::Client::builder().no_proxy().retry(retry::never());
        let builder = builder
            .redirect(redirect::Policy::none())
            .pool_max_idle_per_host(0);
        builder.dns_resolver(self.clone()).build().unwrap()
    }
}

impl Resolve for Names {
    fn resolve(&self, _: Name) -> Resolving {
        let Self { fails, gate } = self.clone();
        Box::pin(async move {
            if let Some(gate) = gate {
                gate.passed().await;
            }
            match fails.load(Ordering::SeqCst) {
                true => Err("no such name".into()),
                false => {
                    let here = [SocketAddr::from(([127, 0, 0, 1], 0))];
                    Ok(Box::new(here.into_iter()) as Addrs)
                }
            }
        })
    }
}
