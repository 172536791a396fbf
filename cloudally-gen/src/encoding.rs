//! Decodes the content encodings that the HTTP client leaves, because it compares names by case or
//! did not ask for them.

use std::io::{self, Read};

use bytes::Bytes;
use flate2::bufread::{MultiGzDecoder, ZlibDecoder};
use http::HeaderMap;
use http::header::CONTENT_ENCODING;

/// The encoding of a body that the HTTP client has not decoded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Encoding {
    Identity,
    Gzip,
    Deflate,
    /// One or several that cannot be decoded, as the service names them.
    Unknown(String),
}

impl Encoding {
    /// Reads what the headers say. The HTTP client removes the header of what it decodes.
    pub(crate) fn of(headers: &HeaderMap) -> Self {
        if !headers.contains_key(CONTENT_ENCODING) {
            return Self::Identity;
        }
        let values = headers.get_all(CONTENT_ENCODING).iter();
        let names = values.map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned());
        let names: Vec<String> = names
            .flat_map(|names| {
                names
                    .split(',')
                    .map(|name| name.trim().to_owned())
                    .collect::<Vec<_>>()
            })
            .filter(|name| !name.is_empty() && !name.eq_ignore_ascii_case("identity"))
            .collect();
        match names.as_slice() {
            [] => Self::Identity,
            [name] => match name.to_ascii_lowercase().as_str() {
                "gzip" | "x-gzip" => Self::Gzip,
                "deflate" => Self::Deflate,
                _ => Self::Unknown(name.clone()),
            },
            _ => Self::Unknown(names.join(", ")),
        }
    }
}

/// Decodes the first part of a body, of up to this many bytes. What cannot be decoded is cut off.
///
/// It is for the body of an error, of which anything is better than nothing.
#[must_use]
pub fn decode_start(headers: &HeaderMap, body: Bytes, limit: usize) -> Bytes {
    match Encoding::of(headers) {
        Encoding::Identity => body,
        encoding => {
            let mut decoded = Vec::new();
            let _ = decode_into(&encoding, &body, limit, &mut decoded);
            decoded.into()
        }
    }
}

/// Decodes a body, up to one byte more than the limit.
pub(crate) fn decode(encoding: &Encoding, body: Bytes, limit: usize) -> io::Result<Bytes> {
    if *encoding == Encoding::Identity {
        return Ok(body);
    }
    let mut decoded = Vec::new();
    decode_into(encoding, &body, limit.saturating_add(1), &mut decoded)?;
    Ok(decoded.into())
}

fn decode_into(encoding: &Encoding, body: &[u8], limit: usize, to: &mut Vec<u8>) -> io::Result<()> {
    let limit = u64::try_from(limit).unwrap_or(u64::MAX);
    let read = match encoding {
        Encoding::Identity => body.take(limit).read_to_end(to),
        Encoding::Gzip => MultiGzDecoder::new(body).take(limit).read_to_end(to),
        Encoding::Deflate => ZlibDecoder::new(body).take(limit).read_to_end(to),
        Encoding::Unknown(name) => {
            return Err(io::Error::other(format!(
                "the encoding `{name}` is not known"
            )));
        }
    };
    read.map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;

    #[test]
    fn the_name_of_an_encoding_is_read_in_any_case() {
        let unknown = |name: &str| Encoding::Unknown(name.to_owned());
        for (values, expected) in [
            (&[][..], Encoding::Identity),
            (&["", "Identity"], Encoding::Identity),
            (&["GZIP"], Encoding::Gzip),
            (&["identity, x-GZip"], Encoding::Gzip),
            (&["Deflate"], Encoding::Deflate),
            (&["zstd"], unknown("zstd")),
            (&["gzip", "br"], unknown("gzip, br")),
        ] {
            let values = values.iter().map(|value| HeaderValue::from_static(value));
            let headers = values.map(|value| (CONTENT_ENCODING, value));
            assert_eq!(Encoding::of(&headers.collect()), expected);
        }
    }
}
