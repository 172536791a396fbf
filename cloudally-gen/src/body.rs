//! Reads response bodies, within a limit and into one buffer.

#![expect(clippy::result_large_err, reason = "the error is progenitor's")]

use std::future::Future;
use std::mem;

use bytes::Bytes;
use progenitor_client::{Error, ResponseValue};
use serde::de::{DeserializeOwned, Error as _};

use crate::Client;
use crate::encoding::{self, Encoding};
use crate::json;
use crate::session::Refusal;

impl Client {
    /// Reads the decompressed body of a response, whose status and headers the session records.
    ///
    /// # Errors
    /// Fails if the connection breaks, and if the session refuses the body:
    /// [`Session::refusal`](crate::session::Session::refusal) says why.
    pub async fn body(&self, mut response: reqwest::Response) -> Result<Bytes, Error<()>> {
        let encoding = Encoding::of(response.headers());
        self.inner.record(&mut response);
        self.collect(response, encoding).await
    }

    /// Decodes the JSON of a body, after the checks that the session makes.
    ///
    /// # Errors
    /// Fails if the session refuses the body, and if it is not the JSON of this type.
    pub fn decode<T: DeserializeOwned>(&self, body: Bytes) -> Result<T, Error<()>> {
        match self.inner.check(&body) {
            Ok(()) => {
                json::decode(&body).map_err(|error| Error::InvalidResponsePayload(body, error))
            }
            // What an error says is in its body.
            Err(refusal @ Refusal::ErrorEnvelope(_)) => {
                let error = serde_json::Error::custom(&refusal);
                self.inner.refuse::<()>(refusal);
                Err(Error::InvalidResponsePayload(body, error))
            }
            Err(refusal) => Err(self.inner.refuse(refusal)),
        }
    }

    /// Reads and decodes a JSON response.
    ///
    /// # Errors
    /// Fails as [`body`](Self::body) and [`decode`](Self::decode) do.
    pub(crate) fn read<T: DeserializeOwned>(
        &self,
        response: reqwest::Response,
    ) -> impl Future<Output = Result<ResponseValue<T>, Error<()>>> {
        self.read_as(response, |body| self.decode(body))
    }

    /// Reads the bytes of a response that is not JSON, without decoding them.
    ///
    /// # Errors
    /// Fails as [`body`](Self::body) does.
    #[allow(dead_code, reason = "not every document has such a response")]
    pub(crate) fn read_bytes(
        &self,
        response: reqwest::Response,
    ) -> impl Future<Output = Result<ResponseValue<Bytes>, Error<()>>> {
        self.read_as(response, Ok)
    }

    async fn read_as<T>(
        &self,
        mut response: reqwest::Response,
        decode: impl FnOnce(Bytes) -> Result<T, Error<()>>,
    ) -> Result<ResponseValue<T>, Error<()>> {
        let status = response.status();
        let encoding = Encoding::of(response.headers());
        // Several calls may share a session, so headers that it does not record stay with the
        // response.
        self.inner.record(&mut response);
        let headers = mem::take(response.headers_mut());
        let body = self.collect(response, encoding).await?;
        Ok(ResponseValue::new(decode(body)?, status, headers))
    }

    async fn collect(
        &self,
        response: reqwest::Response,
        encoding: Encoding,
    ) -> Result<Bytes, Error<()>> {
        let refuse = |refusal| Err(self.inner.refuse(refusal));
        let limit = self.inner.limit();
        if let Encoding::Unknown(name) = encoding {
            return refuse(Refusal::UnknownEncoding(name));
        }
        let Some(body) = collect(response, limit).await? else {
            return refuse(Refusal::TooLong);
        };
        match encoding::decode(&encoding, body, limit) {
            Ok(body) if body.len() <= limit => Ok(body),
            Ok(_) => refuse(Refusal::TooLong),
            Err(error) => Err(Error::InvalidResponsePayload(
                Bytes::new(),
                serde_json::Error::io(error),
            )),
        }
    }
}

/// Reads a body, or returns `None` if it is longer than the limit.
async fn collect(
    mut response: reqwest::Response,
    limit: usize,
) -> Result<Option<Bytes>, Error<()>> {
    // A compressed response announces no length.
    let announced = response.content_length().unwrap_or(0);
    let announced = usize::try_from(announced).unwrap_or(usize::MAX);
    if announced > limit {
        return Ok(None);
    }
    let Some(first) = response.chunk().await.map_err(Error::ResponseBodyError)? else {
        return Ok(Some(Bytes::new()));
    };
    if first.len() > limit {
        return Ok(None);
    }
    // A small body is one chunk, which is then returned without a copy.
    let Some(second) = response.chunk().await.map_err(Error::ResponseBodyError)? else {
        return Ok(Some(first));
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
            return Ok(None);
        }
        body.extend_from_slice(&chunk);
        drop(chunk);
        next = response.chunk().await.map_err(Error::ResponseBodyError)?;
    }
    Ok(Some(body.into()))
}
