//! How long a start takes, and how much memory a sandbox needs:
//! `cargo run --release -p cloudally-sandbox --example start -- 100000`

use cloudally_sandbox::{Clock, Sandbox};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let tasks = match std::env::args().nth(1) {
        Some(count) => count.parse()?,
        None => 100_000,
    };
    let clock = Clock::system();
    let before = clock.now();
    let sandbox = Sandbox::builder().tasks(tasks).start().await?;
    let elapsed = clock.now().duration_since(before);
    println!("{tasks} tasks: started in {} ms", elapsed.as_millis());
    // Linux says how much memory there was at most.
    if let Ok(status) = std::fs::read_to_string("/proc/self/status") {
        let lines = status.lines();
        for line in lines.filter(|line| line.starts_with("VmHWM") || line.starts_with("VmRSS")) {
            println!("{line}");
        }
    }
    sandbox.shutdown().await;
    Ok(())
}
