//! Headers that the program sets beside those of the client.

use http::header::{
    ACCEPT_ENCODING, AUTHORIZATION, CONNECTION, CONTENT_LENGTH, EXPECT, HOST, PROXY_AUTHORIZATION,
    TE, TRANSFER_ENCODING, UPGRADE,
};
use http::{HeaderMap, HeaderName, HeaderValue};

/// Headers that the client sets itself.
const RESERVED: [HeaderName; 7] = [
    AUTHORIZATION,
    HOST,
    CONTENT_LENGTH,
    TRANSFER_ENCODING,
    CONNECTION,
    HeaderName::from_static("client-id"),
    HeaderName::from_static("client-secret"),
];

/// Headers that decide how a response comes, which hold for no request but the one that sets them.
const OF_ONE_REQUEST: [HeaderName; 5] = [ACCEPT_ENCODING, EXPECT, PROXY_AUTHORIZATION, TE, UPGRADE];

/// Sets a header of one request, or says why it cannot be sent, without its value.
pub(crate) fn set(
    headers: &mut HeaderMap,
    name: &str,
    value: Option<HeaderValue>,
) -> Result<(), String> {
    set_unless(headers, &RESERVED, name, value)
}

/// Sets a header of every request, or says why it cannot be sent, without its value.
pub(crate) fn set_default(
    headers: &mut HeaderMap,
    name: &str,
    value: Option<HeaderValue>,
) -> Result<(), String> {
    set_unless(
        headers,
        &[RESERVED.as_slice(), &OF_ONE_REQUEST].concat(),
        name,
        value,
    )
}

fn set_unless(
    headers: &mut HeaderMap,
    reserved: &[HeaderName],
    name: &str,
    value: Option<HeaderValue>,
) -> Result<(), String> {
    let name =
        HeaderName::try_from(name).map_err(|_| format!("`{name}` is not the name of a header"))?;
    if reserved.contains(&name) {
        return Err(format!(
            "the client sets the header `{name}` itself; remove it"
        ));
    }
    let value = value.ok_or_else(|| {
        format!("the value of the header `{name}` has a character that a header cannot carry")
    })?;
    headers.insert(name, value);
    Ok(())
}
