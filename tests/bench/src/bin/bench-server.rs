//! Serves on a free port of loopback, prints its URL, and goes on until its input ends: with the
//! program that started it.

use std::io::Read;

use cloudally_bench::answers::Answers;
use cloudally_bench::serve::serve;
use tokio::net::TcpListener;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    std::thread::spawn(|| {
        // Whatever ends the input ends the server.
        let _ = std::io::stdin().read(&mut [0]);
        std::process::exit(0)
    });
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let answers = Answers::new().await?;
    println!("http://{}", listener.local_addr()?);
    Ok(serve(listener, answers).await?)
}
