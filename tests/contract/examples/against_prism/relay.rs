//! A relay between the SDK and Prism: it notes what goes out, and can ask Prism for a certain
//! status.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::{Arc, Mutex};

use cloudally_contract::answer::Answer;
use cloudally_contract::request::Request;
use cloudally_contract::service::Service;
use httpmock::{HttpMockRequest, HttpMockResponse};

/// A relay to Prism.
pub(crate) struct Relay {
    service: Service,
    prefer: Arc<Mutex<Option<u16>>>,
}

impl Relay {
    /// A relay to what listens at `address`.
    pub(crate) async fn to(address: &str) -> Self {
        let service = Service::start().await;
        let prefer: Arc<Mutex<Option<u16>>> = Arc::default();
        let (address, preferred) = (address.to_owned(), Arc::clone(&prefer));
        service
            .server()
            .mock_async(|_, then| {
                then.respond_with(move |request| {
                    let status = *preferred.lock().unwrap();
                    match forward(&address, request, status) {
                        Ok(answer) => answer,
                        Err(error) => {
                            Answer::spring(502, &format!("Prism is out of reach: {error}")).into()
                        }
                    }
                });
            })
            .await;
        Self { service, prefer }
    }

    /// The relay's URL.
    pub(crate) fn url(&self) -> String {
        self.service.server().base_url()
    }

    /// Asks Prism for answers with this status from now on, or for good ones.
    pub(crate) fn prefer(&self, status: Option<u16>) {
        *self.prefer.lock().unwrap() = status;
    }

    /// What went out.
    pub(crate) fn seen(&self) -> Vec<Request> {
        self.service.seen()
    }
}

/// HTTP/1.0, so that the answer comes in one piece and ends with the connection.
fn forward(
    address: &str,
    request: &HttpMockRequest,
    prefer: Option<u16>,
) -> std::io::Result<HttpMockResponse> {
    let uri = request.uri();
    let target = uri.path_and_query().map_or("/", |target| target.as_str());
    let mut head = format!(
        "{} {target} HTTP/1.0\r\nhost: {address}\r\n",
        request.method_str()
    );
    for (name, value) in request.headers_vec() {
        // The answer is passed on as it comes, so it must come plain.
        if !["host", "connection", "accept-encoding"].contains(&name.to_ascii_lowercase().as_str())
        {
            head += &format!("{name}: {value}\r\n");
        }
    }
    if let Some(status) = prefer {
        head += &format!("prefer: code={status}\r\n");
    }
    let mut stream = TcpStream::connect(address)?;
    stream.write_all(head.as_bytes())?;
    stream.write_all(b"\r\n")?;
    stream.write_all(request.body_ref())?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer)?;
    parse(&answer).ok_or_else(|| std::io::Error::other("the answer is no HTTP"))
}

fn parse(answer: &[u8]) -> Option<HttpMockResponse> {
    let end = answer.windows(4).position(|window| window == b"\r\n\r\n")?;
    let (head, body) = (
        std::str::from_utf8(&answer[..end]).ok()?,
        &answer[end + 4..],
    );
    let mut lines = head.split("\r\n");
    let status: u16 = lines.next()?.split(' ').nth(1)?.parse().ok()?;
    let headers = lines
        .filter_map(|line| line.split_once(": "))
        .filter(|(name, _)| {
            !["connection", "keep-alive", "content-length"]
                .contains(&name.to_ascii_lowercase().as_str())
        })
        .map(|(name, value)| (name.to_owned(), value.to_owned()));
    Some(
        HttpMockResponse::builder()
            .status(status)
            .headers(headers.collect::<Vec<_>>())
            .body(body.to_vec())
            .build(),
    )
}
