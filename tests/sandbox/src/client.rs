//! A macro that builds an SDK client for a sandbox. It is a macro because this crate does not
//! depend on the SDK.

/// Builds a `cloudally::Client` that talks to a sandbox as its
/// [`partner`](crate::Sandbox::partner), or as the account that the second argument names:
/// `distributor`, `reseller` or `portal_user`.
///
/// The value is the `Result` of `ClientBuilder::build`. The calling crate needs `cloudally` among
/// its dependencies.
///
/// ```ignore
/// // Not compiled, because this crate does not depend on `cloudally`.
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
