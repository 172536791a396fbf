//! Serves the lists, each with the items that the account sees.

use std::sync::Arc;

use axum::Extension;
use axum::extract::State;
use axum::routing::{MethodRouter, get};

use super::Shared;
use crate::account::Account;
use crate::data::Kind;
use crate::paging::{V1Query, V2Query};

type Caller = Extension<Arc<Account>>;

/// Returns the handler of a v1 list that is read by page numbers.
pub(super) fn by_number(kind: Kind) -> MethodRouter<Shared> {
    get(
        async move |State(state): State<Shared>, account: Caller, query: V1Query| {
            let data = state.data.read();
            query.by_number(&data.view(kind, &account.scope), state.clock.now())
        },
    )
}

/// Returns the handler of a v1 list with next-page tokens.
pub(super) fn by_token(kind: Kind) -> MethodRouter<Shared> {
    get(
        async move |State(state): State<Shared>, account: Caller, query: V1Query| {
            let data = state.data.read();
            let view = data.view(kind, &account.scope);
            query.by_token(&view, state.authority.signer(), state.clock.now())
        },
    )
}

/// Returns the handler of a v2 list.
pub(super) fn v2(kind: Kind) -> MethodRouter<Shared> {
    get(
        async move |State(state): State<Shared>, account: Caller, query: V2Query| {
            let data = state.data.read();
            query.by_number(&data.view(kind, &account.scope), state.clock.now())
        },
    )
}
