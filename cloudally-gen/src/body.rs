//! Reads response bodies, within a limit and into one buffer.

use std::mem;

use bytes::Bytes;
use progenitor_client::{Error, ResponseValue};
use serde::de::DeserializeOwned;

use crate::Client;

impl Client {
    /// Reads the decompressed body of a response.
    ///
    /// # Errors
    /// Fails if the connection breaks, or if the body is longer than
    /// [`Session::max_response_bytes`](crate::session::Session::max_response_bytes).
    pub async fn body(&self, mut response: reqwest::Response) -> Result<Bytes, Error<()>> {
        let session = &self.inner;
        let limit = session.limit();
        // A compressed response announces no length.
        let announced = response.content_length().unwrap_or(0);
        let announced = usize::try_from(announced).unwrap_or(usize::MAX);
        if announced > limit {
            return Err(session.body_too_large());
        }
        let Some(first) = response.chunk().await.map_err(Error::ResponseBodyError)? else {
            return Ok(Bytes::new());
        };
        if first.len() > limit {
            return Err(session.body_too_large());
        }
        // A small body is one chunk, which is then returned without a copy.
        let Some(second) = response.chunk().await.map_err(Error::ResponseBodyError)? else {
            return Ok(first);
        };
        let mut body = Vec::new();
        // A service can announce any length. Where there is no room for it, room is made chunk by
        // chunk.
        let _ = body.try_reserve_exact(announced);
        body.extend_from_slice(&first);
        drop(first);
        let mut next = Some(second);
        while let Some(chunk) = next {
            if chunk.len() > limit.saturating_sub(body.len()) {
                return Err(session.body_too_large());
            }
            body.extend_from_slice(&chunk);
            drop(chunk);
            next = response.chunk().await.map_err(Error::ResponseBodyError)?;
        }
        Ok(body.into())
    }

    /// Reads and decodes a JSON response.
    ///
    /// # Errors
    /// Fails as [`body`](Self::body) does, and if the body is not the JSON of this type.
    pub(crate) async fn read<T: DeserializeOwned>(
        &self,
        mut response: reqwest::Response,
    ) -> Result<ResponseValue<T>, Error<()>> {
        let status = response.status();
        // Several calls may share a session, so headers that it does not record stay with the
        // response.
        self.inner.record(&mut response);
        let headers = mem::take(response.headers_mut());
        let body = self.body(response).await?;
        match decode(&body) {
            Ok(value) => Ok(ResponseValue::new(value, status, headers)),
            Err(error) => Err(Error::InvalidResponsePayload(body, error)),
        }
    }
}

/// Decodes a body. UTF-8 is checked once for the whole body, and not again for each string in it.
fn decode<T: DeserializeOwned>(body: &[u8]) -> serde_json::Result<T> {
    match std::str::from_utf8(body) {
        Ok(text) => serde_json::from_str(text),
        // The error of this one says where the body is not UTF-8.
        Err(_) => serde_json::from_slice(body),
    }
}
