//! The least HTTP client that a benchmark needs: it streams a file and times the exchange.
//!
//! It speaks HTTP/1.0, so that the end of the answer is the end of the connection. No TLS, no redirects.

use std::fs::File;
use std::io::{self, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::time::{Duration, Instant};

use crate::Outcome;

/// Longer than any import a benchmark asks for.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(600);

/// What came back.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: String,
    /// From the connect to the last byte of the answer.
    pub(crate) elapsed: Duration,
}

/// POSTs a file with the given header lines.
pub(crate) fn post_file(address: SocketAddr, path: &str, headers: &[String], file: &Path) -> Outcome<Answer> {
    let send = || -> io::Result<Answer> {
        let source = File::open(file)?;
        let length = source.metadata()?.len();
        let started = Instant::now();
        let mut stream = open(address)?;
        write!(stream, "POST {path} HTTP/1.0\r\nHost: {address}\r\nContent-Length: {length}\r\n")?;
        write_headers(&mut stream, headers)?;
        let mut source = BufReader::with_capacity(256 * 1024, source);
        // A server may refuse the rest of a document and answer early; then its answer counts, not our broken pipe.
        let sent = io::copy(&mut source, &mut stream);
        let answer = receive(&mut stream, started);
        if answer.is_err() { sent.and(answer) } else { answer }
    };
    send().map_err(|error| format!("POST {path}: {error}"))
}

/// GETs a path.
pub(crate) fn get(address: SocketAddr, path: &str, headers: &[String]) -> Outcome<Answer> {
    let send = || -> io::Result<Answer> {
        let started = Instant::now();
        let mut stream = open(address)?;
        write!(stream, "GET {path} HTTP/1.0\r\nHost: {address}\r\n")?;
        write_headers(&mut stream, headers)?;
        receive(&mut stream, started)
    };
    send().map_err(|error| format!("GET {path}: {error}"))
}

fn open(address: SocketAddr) -> io::Result<TcpStream> {
    let stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(ANSWER_TIMEOUT))?;
    stream.set_nodelay(true)?;
    Ok(stream)
}

fn write_headers(stream: &mut TcpStream, headers: &[String]) -> io::Result<()> {
    for header in headers {
        write!(stream, "{header}\r\n")?;
    }
    stream.write_all(b"\r\n")
}

fn receive(stream: &mut TcpStream, started: Instant) -> io::Result<Answer> {
    let mut raw = Vec::new();
    stream.read_to_end(&mut raw)?;
    let elapsed = started.elapsed();
    let text = String::from_utf8_lossy(&raw);
    let (head, body) = text.split_once("\r\n\r\n").ok_or_else(|| io::Error::other("no answer"))?;
    let status = head.split(' ').nth(1).and_then(|word| word.parse().ok());
    let status = status.ok_or_else(|| io::Error::other("no status line"))?;
    Ok(Answer { status, body: body.to_owned(), elapsed })
}
