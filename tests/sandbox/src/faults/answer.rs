//! Applies faults to a response on its way out.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use axum::body::{Body, to_bytes};
use axum::http::HeaderValue;
use axum::http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http_body::{Frame, SizeHint};
use serde_json::Value;

use super::fault::Fault;
use super::field;
use crate::clock::Clock;
use crate::stop::Stop;
use crate::wire::{End, Line};

/// Applies the faults to a response, in their order.
pub(crate) async fn spoil(
    mut response: Response,
    faults: &[Fault],
    line: &Line,
    clock: &Clock,
    stop: &Stop,
) -> Response {
    for fault in faults {
        response = match fault {
            Fault::ContentType { value } => with_type(response, value),
            Fault::MalformedJson => changed(response, malformed).await,
            Fault::MissingField { field } => {
                edited(response, |body| field::remove(body, field)).await
            }
            Fault::Value { field, value } => {
                edited(response, |body| field::set(body, field, value)).await
            }
            Fault::Delay { by } => {
                tokio::select! {
                    () = clock.wait(*by) => {}
                    () = stop.stopped() => {}
                }
                response
            }
            _ => response,
        };
    }
    for fault in faults {
        match fault {
            Fault::Stall => {
                stop.stopped().await;
                line.end(End::ResetNow);
                return response;
            }
            Fault::Reset => {
                line.end(End::ResetNow);
                return response;
            }
            Fault::StallBody { after } => {
                return cut(response, *after, Then::Wait(stop), line).await;
            }
            Fault::CutBody { after } => {
                return cut(response, *after, Then::End(End::CloseWhenFlushed), line).await;
            }
            Fault::ResetBody { after } => {
                return cut(response, *after, Then::End(End::ResetWhenFlushed), line).await;
            }
            _ => {}
        }
    }
    response
}

fn with_type(mut response: Response, value: &str) -> Response {
    if let Ok(value) = HeaderValue::from_str(value) {
        response.headers_mut().insert(CONTENT_TYPE, value);
    }
    response
}

/// Collects a body. Responses are entirely in memory, so this cannot fail.
async fn bytes(body: Body) -> Bytes {
    to_bytes(body, usize::MAX).await.unwrap_or_default()
}

async fn changed(response: Response, change: impl FnOnce(Bytes) -> Bytes) -> Response {
    let (mut parts, body) = response.into_parts();
    parts.headers.remove(CONTENT_LENGTH);
    let body = change(bytes(body).await);
    (parts, Body::from(body)).into_response()
}

/// Edits a JSON body. A body that is not JSON stays unchanged.
async fn edited(response: Response, edit: impl FnOnce(&mut Value)) -> Response {
    changed(response, |text| {
        let Ok(mut value) = serde_json::from_slice(&text) else {
            return text;
        };
        edit(&mut value);
        Bytes::from(value.to_string())
    })
    .await
}

/// Breaks JSON without changing its length, so that `Content-Length` stays correct.
fn malformed(text: Bytes) -> Bytes {
    let mut text = text.to_vec();
    match text.last_mut() {
        Some(last) => *last = b',',
        None => text.push(b'{'),
    }
    text.into()
}

enum Then<'a> {
    Wait(&'a Stop),
    End(End),
}

/// Returns a response with all its headers, but with only the first bytes of its body.
async fn cut(response: Response, after: u64, then: Then<'_>, line: &Line) -> Response {
    let (mut parts, body) = response.into_parts();
    let whole = bytes(body).await;
    if let (true, Then::End(end)) = (whole.is_empty(), &then) {
        line.end(*end);
    }
    let len = usize::try_from(after)
        .unwrap_or(usize::MAX)
        .min(whole.len());
    parts
        .headers
        .insert(CONTENT_LENGTH, HeaderValue::from(whole.len()));
    let body = CutBody {
        len: u64::try_from(whole.len()).unwrap_or(u64::MAX),
        first: Some(whole.slice(..len)).filter(|first| !first.is_empty()),
        then: match then {
            Then::Wait(stop) => {
                let stop = stop.clone();
                Rest::Wait(Box::pin(async move { stop.stopped().await }))
            }
            Then::End(end) => Rest::End(line.clone(), end),
        },
    };
    (parts, Body::new(body)).into_response()
}

struct CutBody {
    /// The length that `Content-Length` declares.
    len: u64,
    first: Option<Bytes>,
    then: Rest,
}

enum Rest {
    Wait(Pin<Box<dyn Future<Output = ()> + Send>>),
    End(Line, End),
}

impl http_body::Body for CutBody {
    type Data = Bytes;
    type Error = std::io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        // The connection ends at its next flush, after the bytes returned here were written.
        if let Rest::End(line, end) = &self.then {
            line.end(*end);
        }
        if let Some(first) = self.first.take() {
            return Poll::Ready(Some(Ok(Frame::data(first))));
        }
        match &mut self.then {
            Rest::Wait(stopped) => {
                ready!(stopped.as_mut().poll(context));
                Poll::Ready(Some(Err(std::io::ErrorKind::ConnectionAborted.into())))
            }
            Rest::End(..) => Poll::Pending,
        }
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.len)
    }
}

/// Returns an error page in HTML, as a gateway in front of the service would send it.
pub(super) fn html(status: u16, reason: &str) -> String {
    format!(
        "<html>\r\n<head><title>{status} {reason}</title></head>\r\n<body>\r\n<center><h1>{status} {reason}</h1></center>\r\n</body>\r\n</html>\r\n"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn malformed_json_cannot_be_read() {
        for text in ["{}", "[]", r#"{"a": [1]}"#, ""] {
            let malformed = malformed(Bytes::from(text));
            assert!(serde_json::from_slice::<Value>(&malformed).is_err());
            assert_eq!(malformed.len(), text.len().max(1));
        }
    }
}
