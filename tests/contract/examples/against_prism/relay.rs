//! A relay between the SDK and Prism: it keeps what goes out, and can ask Prism for a certain
//! status.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::{Arc, Mutex};

use cloudally_contract::answer::Answer;
use cloudally_contract::request::Request;
use cloudally_contract::server::{self, Server, Step};

/// A relay to Prism.
pub(crate) struct Relay {
    server: Server,
    prefer: Arc<Mutex<Option<u16>>>,
}

impl Relay {
    /// A relay to what listens at `address`.
    pub(crate) fn to(address: &str) -> Self {
        let prefer: Arc<Mutex<Option<u16>>> = Arc::default();
        let (address, preferred) = (address.to_owned(), Arc::clone(&prefer));
        let server = Server::start(move |request| {
            let status = *preferred.lock().unwrap();
            match forward(&address, request, status) {
                Ok(response) => vec![Step::Write(response), Step::Close],
                Err(error) => {
                    Answer::spring(502, &format!("Prism is out of reach: {error}")).steps()
                }
            }
        });
        Self { server, prefer }
    }

    /// The relay's URL.
    pub(crate) fn url(&self) -> String {
        self.server.url()
    }

    /// Asks Prism for answers with this status from now on, or for good ones.
    pub(crate) fn prefer(&self, status: Option<u16>) {
        *self.prefer.lock().unwrap() = status;
    }

    /// What went out.
    pub(crate) fn seen(&self) -> Vec<Request> {
        let requests = self.server.requests();
        requests.iter().map(Request::received).collect()
    }
}

/// Sends the request on. Prism closes the connection after its response, whose bytes are returned
/// as they came.
fn forward(
    address: &str,
    request: &server::Request,
    prefer: Option<u16>,
) -> std::io::Result<Vec<u8>> {
    let query = request.query.as_deref().map(|query| format!("?{query}"));
    let target = format!("{}{}", request.path, query.unwrap_or_default());
    let mut text = format!(
        "{} {target} HTTP/1.1\r\nhost: {address}\r\n",
        request.method
    );
    for (name, value) in &request.headers {
        if !["host", "connection"].contains(&name.to_ascii_lowercase().as_str()) {
            text += &format!("{name}: {value}\r\n");
        }
    }
    if let Some(status) = prefer {
        text += &format!("prefer: code={status}\r\n");
    }
    text += &format!("connection: close\r\n\r\n{}", request.body);
    let mut stream = TcpStream::connect(address)?;
    stream.write_all(text.as_bytes())?;
    let mut response = Vec::new();
    stream.read_to_end(&mut response)?;
    Ok(response)
}
