//! Reads answers: a body within its limit, in one buffer, and what it says.

use std::mem;

use bytes::Bytes;
use progenitor_client::{Error, ResponseValue};
use serde::de::DeserializeOwned;

use crate::Client;

impl Client {
    /// The body of an answer, decompressed.
    ///
    /// # Errors
    /// If the connection breaks, or the body is longer than the session allows.
    pub async fn body(&self, mut response: reqwest::Response) -> Result<Bytes, Error<()>> {
        let session = &self.inner;
        let limit = session.limit();
        // It is not known of a body that comes compressed.
        let told = response.content_length().unwrap_or(0);
        let told = usize::try_from(told).unwrap_or(usize::MAX);
        if told > limit {
            return Err(session.too_long());
        }
        let Some(first) = response.chunk().await.map_err(Error::ResponseBodyError)? else {
            return Ok(Bytes::new());
        };
        if first.len() > limit {
            return Err(session.too_long());
        }
        // A small body comes in one piece, which is then all that is needed.
        let Some(second) = response.chunk().await.map_err(Error::ResponseBodyError)? else {
            return Ok(first);
        };
        let mut body = Vec::new();
        // Anything may be told. If there is no room for that much, the room is found as the body comes.
        let _ = body.try_reserve_exact(told);
        body.extend_from_slice(&first);
        drop(first);
        let mut next = Some(second);
        while let Some(chunk) = next {
            if chunk.len() > limit.saturating_sub(body.len()) {
                return Err(session.too_long());
            }
            body.extend_from_slice(&chunk);
            drop(chunk);
            next = response.chunk().await.map_err(Error::ResponseBodyError)?;
        }
        Ok(body.into())
    }

    /// What an answer says, as JSON.
    ///
    /// # Errors
    /// As with [`body`](Self::body); and if the body is not the JSON of this type.
    pub(crate) async fn read<T: DeserializeOwned>(
        &self,
        mut response: reqwest::Response,
    ) -> Result<ResponseValue<T>, Error<()>> {
        let status = response.status();
        // Several calls may share the session, so what it does not keep never goes through it.
        self.inner.saw(&mut response);
        let headers = mem::take(response.headers_mut());
        let body = self.body(response).await?;
        match decode(&body) {
            Ok(value) => Ok(ResponseValue::new(value, status, headers)),
            Err(error) => Err(Error::InvalidResponsePayload(body, error)),
        }
    }
}

/// Whether a body is UTF-8 is seen once, for the whole, and not for each text in it.
fn decode<T: DeserializeOwned>(body: &[u8]) -> serde_json::Result<T> {
    match std::str::from_utf8(body) {
        Ok(text) => serde_json::from_str(text),
        // Its error tells where.
        Err(_) => serde_json::from_slice(body),
    }
}
