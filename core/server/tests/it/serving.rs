//! The listener from outside: hostile and slow clients.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use plugpoint_config::Config;
use plugpoint_server::serving::{self, Running};
use tempfile::TempDir;

fn start() -> (TempDir, Running) {
    let data = TempDir::new().unwrap();
    let mut config = Config::default();
    config.server.listen = SocketAddr::from(([127, 0, 0, 1], 0));
    config.limits.request_head_timeout_s = 1;
    let running = serving::start(config, data.path()).unwrap();
    (data, running)
}

/// What the server answers to these bytes, and how long it takes to end the connection.
fn send(address: SocketAddr, bytes: &[u8]) -> (String, Duration) {
    let started = Instant::now();
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    stream.write_all(bytes).unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).expect("the server ends the connection");
    (String::from_utf8_lossy(&answer).into_owned(), started.elapsed())
}

#[test]
fn a_head_has_to_arrive_in_time() {
    let (_data, running) = start();
    let starts: [&[u8]; 5] = [
        b"",
        b"P",
        b"PRI * HTTP/2.0\r\n",
        b"GET /healthz HTTP/1.1\r\nHost: x\r\n",
        b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\nGET /heal",
    ];
    for bytes in starts {
        let (answer, took) = send(running.address, bytes);
        let what = String::from_utf8_lossy(bytes);
        assert!(took < Duration::from_secs(10), "{what:?} {took:?}");
        assert_eq!(answer.starts_with("HTTP/1.1 200"), bytes.len() > 40, "{what:?} {answer}");
    }
    running.stop();
}
