//! Runs the program `plugpoint`: a command to its end, or a server that ends with the test.

use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

pub(crate) fn plugpoint(data_dir: &Path, arguments: &[&str]) -> Output {
    command(data_dir, arguments).output().unwrap()
}

pub(crate) fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

fn command(data_dir: &Path, arguments: &[&str]) -> Command {
    // Another binary may be named, as for the suites in Python.
    let program = std::env::var_os("PLUGPOINT_BIN").unwrap_or_else(|| env!("CARGO_BIN_EXE_plugpoint").into());
    let mut command = Command::new(program);
    command.args(arguments).arg("--data-dir").arg(data_dir);
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("PLUGPOINT")) {
        command.env_remove(name);
    }
    // The backtrace of a debug build takes longer than the shortest time budget; then a panic is a hook that hangs.
    command.env("RUST_BACKTRACE", "0");
    command
}

/// A tenant's credential as `key_id:secret`.
pub(crate) fn tenant(data_dir: &Path, name: &str, customer: &str) -> String {
    let output = plugpoint(data_dir, &["tenant", "create", name, "--customer", customer, "--json"]);
    assert!(output.status.success(), "{}", text(&output.stderr));
    let told: Value = serde_json::from_slice(&output.stdout).unwrap();
    format!("{}:{}", told["key_id"].as_str().unwrap(), told["secret"].as_str().unwrap())
}

/// A server that runs.
pub(crate) struct Server {
    process: Child,
    url: String,
    /// From the start of the process until it says that it can serve.
    pub(crate) ready_after: Duration,
}

impl Server {
    /// Starts a server on a data folder, with a setting or two in the environment's form.
    pub(crate) fn start(data_dir: &Path, settings: &[(&str, &str)]) -> Result<Self, String> {
        let started = Instant::now();
        let mut command = command(data_dir, &["serve", "--listen", "127.0.0.1:0"]);
        command.envs(settings.iter().copied()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut process = command.spawn().unwrap();
        let mut line = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let Some(url) = line.trim().strip_prefix("plugpoint listens on ") else {
            let mut told = String::new();
            process.stderr.take().unwrap().read_to_string(&mut told).unwrap();
            process.wait().unwrap();
            return Err(told);
        };
        let mut server = Self { process, url: url.to_owned(), ready_after: Duration::MAX };
        while server.get("/readyz", "").0 != 200 {
            assert!(started.elapsed() < Duration::from_secs(30), "never ready");
            std::thread::sleep(Duration::from_millis(2));
        }
        server.ready_after = started.elapsed();
        Ok(server)
    }

    /// The processor time that it has taken until now, all threads together.
    pub(crate) fn cpu_time(&self) -> Duration {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.process.id())).unwrap();
        let fields: Vec<&str> = stat.rsplit(')').next().unwrap().split_whitespace().collect();
        // utime and stime, in hundredths of a second.
        let ticks: u64 = fields[11..13].iter().map(|ticks| ticks.parse::<u64>().unwrap()).sum();
        Duration::from_millis(ticks * 10)
    }

    /// Status and body.
    pub(crate) fn get(&self, path: &str, credential: &str) -> (u16, Value) {
        let request = agent().get(format!("{}{path}", self.url)).header("Authorization", basic(credential));
        answer(request.call())
    }

    /// Sends a document and waits for its end.
    pub(crate) fn import(&self, credential: &str, document: &str) -> (u16, Value) {
        let request = agent().post(format!("{}/v1/catalogs/main/imports", self.url));
        let request = request.header("Authorization", basic(credential)).header("Prefer", "wait=30");
        answer(request.header("Content-Type", "text/plain").send(document))
    }

    /// Ends the server and returns what it has logged.
    pub(crate) fn log(mut self) -> String {
        self.process.kill().unwrap();
        let mut told = String::new();
        self.process.stderr.take().unwrap().read_to_string(&mut told).unwrap();
        told
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        _ = self.process.kill();
        _ = self.process.wait();
    }
}

fn agent() -> ureq::Agent {
    ureq::Agent::config_builder().http_status_as_error(false).build().into()
}

fn basic(credential: &str) -> String {
    use base64::Engine;
    format!("Basic {}", base64::engine::general_purpose::STANDARD.encode(credential))
}

fn answer(response: Result<ureq::http::Response<ureq::Body>, ureq::Error>) -> (u16, Value) {
    let mut response = response.unwrap();
    let body = response.body_mut().read_to_string().unwrap();
    (response.status().as_u16(), serde_json::from_str(&body).unwrap_or(Value::Null))
}
