//! A client for a sandbox, made where the SDK is at hand: this crate does not depend on it.

/// A `cloudally::Client` that talks to a sandbox as its [`partner`](crate::Sandbox::partner), as its
/// [`distributor`](crate::Sandbox::distributor), or as its [`portal_user`](crate::Sandbox::portal_user).
///
/// It is the `Result` of `ClientBuilder::build`. The crate that calls it needs `cloudally` among its dependencies.
///
/// ```ignore
/// // Cannot be compiled here: this crate does not depend on `cloudally`.
/// let sandbox = cloudally_sandbox::Sandbox::start().await?;
/// let partner = cloudally_sandbox::client!(sandbox)?;
/// let portal_user = cloudally_sandbox::client!(sandbox, portal_user)?;
/// ```
#[macro_export]
macro_rules! client {
    ($sandbox:expr) => {
        $crate::client!($sandbox, partner)
    };
    ($sandbox:expr, portal_user) => {{
        let account = $sandbox.portal_user();
        ::cloudally::Client::builder()
            .base_url($sandbox.url())
            .credentials(::cloudally::Credentials::portal(
                account.email(),
                account.password(),
            ))
            .build()
    }};
    ($sandbox:expr, $account:ident) => {{
        let account = $sandbox.$account();
        ::cloudally::Client::builder()
            .base_url($sandbox.url())
            .credentials(
                ::cloudally::Credentials::partner(account.client_id(), account.client_secret())
                    .with_user(account.email(), account.password()),
            )
            .build()
    }};
}
