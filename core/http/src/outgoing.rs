//! The one place that makes outgoing calls: requests to a service that a tenant's profile names.
//!
//! Used by the pull of the catalog plugin. It calls the configured address and nothing else: no redirect is followed, no proxy is
//! taken from the environment, no compressed answer is asked for or unpacked. Every answer is bounded in bytes and time. Which
//! certificates are trusted is this machine's to say (`SSL_CERT_FILE` and `SSL_CERT_DIR` are heeded); there is no way to trust all.

use std::io::{self, Read};
use std::sync::Arc;
use std::time::Duration;

use plugpoint_sdk::codes;
use plugpoint_sdk::error::ApiError;
use plugpoint_sdk::pull::PulledResponse;
use ureq::http::Response;
use ureq::tls::{Certificate, RootCerts, TlsConfig};
use ureq::{Agent, Body, Error};

/// The most room that is made for a body before any of it has come: what a head says of it costs nothing to say.
const BODY_BYTES_FIRST: usize = 256 * 1024;
/// The longest path behind the address.
const PATH_BYTES_MAX: usize = 2048;

/// A service that is called.
pub struct Outgoing {
    agent: Agent,
    url: String,
    timeout: Duration,
    response_bytes_max: u64,
}

impl Outgoing {
    /// A client of the service at `url`. Nothing is connected yet.
    ///
    /// # Errors
    /// `source_tls_failed` when the url is https and this machine trusts no certificate at all.
    pub fn new(url: &str, timeout: Duration, response_bytes_max: u64) -> Result<Self, ApiError> {
        let mut config = Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .proxy(None)
            .accept_encoding("identity")
            .user_agent(concat!("plugpoint/", env!("CARGO_PKG_VERSION")));
        if url.starts_with("https:") {
            config = config.https_only(true).tls_config(tls()?);
        }
        Ok(Self { agent: config.build().into(), url: url.to_owned(), timeout, response_bytes_max })
    }

    /// How long an answer may take.
    #[must_use]
    pub fn timeout(&self) -> Duration {
        self.timeout
    }

    /// Posts `body` to the address with `path` behind it, and gives the answer whatever its status. `at_most` shortens the time
    /// that the answer may take.
    ///
    /// # Errors
    /// `source_unreachable`, `source_tls_failed`, `source_timeout`, `source_answer_too_large`, `source_failed`.
    pub fn post(
        &self,
        path: &str,
        headers: &[(&str, &str)],
        body: &[u8],
        at_most: Duration,
    ) -> Result<PulledResponse, ApiError> {
        let url = self.address(path)?;
        let timeout = self.timeout.min(at_most);
        let mut request = self.agent.post(&url);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.config().timeout_global(Some(timeout)).build();
        let response = request.send(body).map_err(|error| self.failed(error, timeout))?;
        self.answer(response, timeout)
    }

    /// The address with a path behind it. The host cannot be left: it ends before the first slash of the address.
    fn address(&self, path: &str) -> Result<String, ApiError> {
        if path.is_empty() {
            return Ok(self.url.clone());
        }
        let is_plain = |byte: u8| byte.is_ascii_graphic() && !matches!(byte, b'\\' | b'#');
        let climbs = path.split(['/', '?']).any(|part| part == "..");
        if path.len() > PATH_BYTES_MAX || climbs || !path.bytes().all(is_plain) {
            return Err(ApiError::new(
                &codes::SOURCE_FAILED,
                format!("the source asked for the path {path:?}, which is none"),
            ));
        }
        Ok(format!("{}/{}", self.url.trim_end_matches('/'), path.trim_start_matches('/')))
    }

    fn answer(&self, response: Response<Body>, timeout: Duration) -> Result<PulledResponse, ApiError> {
        let (head, body) = response.into_parts();
        let headers = head.headers.iter().filter_map(|(name, value)| {
            let value = value.to_str().ok()?;
            Some((name.as_str().to_owned(), value.to_owned()))
        });
        let headers: Vec<_> = headers.collect();
        let coding = headers.iter().find(|(name, value)| name == "content-encoding" && value != "identity");
        if let Some((_, coding)) = coding {
            let detail = format!("{} answered in the encoding {coding:?}, which was not asked for", self.url);
            return Err(ApiError::new(&codes::SOURCE_FAILED, detail));
        }
        let max = self.response_bytes_max;
        let told = body.content_length().unwrap_or(0);
        if told > max {
            return Err(self.too_large());
        }
        let mut bytes = Vec::with_capacity(usize::try_from(told).unwrap_or(0).min(BODY_BYTES_FIRST));
        let mut reader = body.into_reader().take(max.saturating_add(1));
        reader.read_to_end(&mut bytes).map_err(|error| self.failed(error.into(), timeout))?;
        if bytes.len() as u64 > max {
            return Err(self.too_large());
        }
        Ok(PulledResponse { status: head.status.as_u16(), headers, body: bytes })
    }

    fn too_large(&self) -> ApiError {
        let detail = format!("{} answered more than {} bytes", self.url, self.response_bytes_max);
        ApiError::new(&codes::SOURCE_ANSWER_TOO_LARGE, detail)
    }

    /// What went wrong, by cause. The sentence names the address, which holds no secret.
    fn failed(&self, error: Error, timeout: Duration) -> ApiError {
        let url = &self.url;
        let (code, detail) = match &error {
            Error::Timeout(_) => {
                (&codes::SOURCE_TIMEOUT, format!("{url} did not answer within {} s", timeout.as_secs_f64()))
            }
            Error::HostNotFound => (&codes::SOURCE_UNREACHABLE, format!("the host of {url} is not known")),
            Error::Rustls(cause) => (&codes::SOURCE_TLS_FAILED, format!("{url}: {cause}")),
            Error::Tls(cause) => (&codes::SOURCE_TLS_FAILED, format!("{url}: {cause}")),
            Error::Io(cause) => match of_connection(cause) {
                Trouble::Tls(cause) => (&codes::SOURCE_TLS_FAILED, format!("{url}: {cause}")),
                Trouble::Connection => (&codes::SOURCE_UNREACHABLE, format!("{url}: {cause}")),
                Trouble::Broken => (&codes::SOURCE_FAILED, format!("{url} broke off: {cause}")),
            },
            Error::ConnectionFailed => (&codes::SOURCE_UNREACHABLE, format!("{url} cannot be connected to")),
            other => (&codes::SOURCE_FAILED, format!("{url} does not speak HTTP as it should: {other}")),
        };
        ApiError::new(code, detail).caused_by(error)
    }
}

enum Trouble {
    Tls(String),
    Connection,
    Broken,
}

fn of_connection(error: &io::Error) -> Trouble {
    use io::ErrorKind::{AddrNotAvailable, ConnectionRefused, HostUnreachable, NetworkDown, NetworkUnreachable};
    if let Some(cause) = error.get_ref().and_then(|cause| cause.downcast_ref::<rustls::Error>()) {
        return Trouble::Tls(cause.to_string());
    }
    // A name that cannot be looked up has no kind of its own, only the standard library's words.
    if error.to_string().starts_with("failed to lookup address") {
        return Trouble::Connection;
    }
    match error.kind() {
        ConnectionRefused | HostUnreachable | NetworkUnreachable | NetworkDown | AddrNotAvailable => {
            Trouble::Connection
        }
        _ => Trouble::Broken,
    }
}

/// TLS by the certificates that this machine trusts.
fn tls() -> Result<TlsConfig, ApiError> {
    let trusted = rustls_native_certs::load_native_certs();
    if trusted.certs.is_empty() {
        let detail = "this machine trusts no certificate: install its certificates, or set SSL_CERT_FILE";
        let error = ApiError::new(&codes::SOURCE_TLS_FAILED, detail);
        return Err(match trusted.errors.into_iter().next() {
            Some(cause) => error.caused_by(cause),
            None => error,
        });
    }
    let certificates: Vec<_> = trusted.certs.iter().map(|der| Certificate::from_der(der).to_owned()).collect();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = TlsConfig::builder().root_certs(RootCerts::from(certificates.into_iter()));
    Ok(config.unversioned_rustls_crypto_provider(provider).build())
}

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::net::{TcpListener, TcpStream};
    use std::thread::JoinHandle;

    use super::*;

    /// A service that answers one request with fixed bytes, and gives back what it was asked.
    fn service(answer: &'static [u8]) -> (String, JoinHandle<String>) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/api", listener.local_addr().unwrap());
        let asked = std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let text = request(&mut stream);
            // The client may have heard enough before the end.
            _ = stream.write_all(answer);
            text
        });
        (url, asked)
    }

    /// Reads a request whose body ends with a dot.
    fn request(stream: &mut TcpStream) -> String {
        let mut bytes = Vec::new();
        let mut piece = [0; 1024];
        while !bytes.ends_with(b".") {
            let count = stream.read(&mut piece).unwrap();
            assert!(count > 0, "the request ended early");
            bytes.extend(&piece[..count]);
        }
        String::from_utf8(bytes).unwrap()
    }

    fn ask(url: &str, path: &str, bytes_max: u64) -> Result<PulledResponse, ApiError> {
        let outgoing = Outgoing::new(url, Duration::from_secs(10), bytes_max).unwrap();
        outgoing.post(path, &[("SOAPAction", "x")], b"question.", Duration::MAX)
    }

    #[test]
    fn an_answer_is_given_whatever_its_status() {
        let cases: [(&'static [u8], u16, &str); 3] = [
            (b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX-A: b\r\n\r\nhi", 200, "hi"),
            (b"HTTP/1.1 500 No\r\nConnection: close\r\n\r\nfault", 500, "fault"),
            (b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n", 302, ""),
        ];
        for (bytes, status, body) in cases {
            let (url, asked) = service(bytes);
            let answer = ask(&url, "v2/x?y=1", 1024).unwrap();
            assert_eq!((answer.status, String::from_utf8(answer.body.clone()).unwrap().as_str()), (status, body));
            let asked = asked.join().unwrap();
            assert!(asked.starts_with("POST /api/v2/x?y=1 HTTP/1.1\r\n"), "{asked}");
            let head = asked.to_lowercase();
            assert!(head.contains("soapaction: x") && head.contains("accept-encoding: identity"), "{asked}");
            assert_eq!(answer.header("x-a"), (status == 200).then_some("b"));
        }
    }

    #[test]
    fn an_answer_is_bounded_in_bytes_from_both_sides() {
        let told: &'static [u8] = b"HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\n12345678";
        let untold: &'static [u8] = b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n12345678";
        let vast: &'static [u8] = b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n12345678";
        for (bytes, max, code) in [
            (told, 8, None),
            (untold, 8, None),
            (told, 7, Some("source_answer_too_large")),
            (untold, 7, Some("source_answer_too_large")),
            (vast, 7, Some("source_answer_too_large")),
            (vast, 1 << 40, Some("source_failed")),
        ] {
            let (url, asked) = service(bytes);
            assert_eq!(ask(&url, "", max).err().map(|error| error.code.name), code);
            asked.join().unwrap();
        }
    }

    #[test]
    fn what_is_no_answer_is_told_by_its_cause() {
        let cases: [(&'static [u8], &str); 4] = [
            (b"", "source_failed"),
            (b"SSH-2.0-OpenSSH\r\n\r\n", "source_failed"),
            (b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n123", "source_failed"),
            (b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 1\r\n\r\nx", "source_failed"),
        ];
        for (bytes, code) in cases {
            let (url, asked) = service(bytes);
            assert_eq!(ask(&url, "", 1024).unwrap_err().code.name, code, "{}", String::from_utf8_lossy(bytes));
            asked.join().unwrap();
        }
        let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let error = ask(&format!("http://{closed}"), "", 1024).unwrap_err();
        assert_eq!(error.code.name, "source_unreachable");
        let error = ask("http://no-such-host.invalid", "", 1024).unwrap_err();
        assert_eq!(error.code.name, "source_unreachable", "{error}");
    }

    #[test]
    fn an_answer_that_does_not_come_is_not_waited_for() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        for (timeout, at_most) in
            [(Duration::from_millis(200), Duration::MAX), (Duration::from_secs(60), Duration::from_millis(200))]
        {
            let started = std::time::Instant::now();
            let outgoing = Outgoing::new(&url, timeout, 1024).unwrap();
            let error = outgoing.post("", &[], b".", at_most).unwrap_err();
            assert_eq!(error.code.name, "source_timeout");
            assert!(started.elapsed() < Duration::from_secs(20));
        }
    }

    #[test]
    fn a_path_stays_below_the_address() {
        let outgoing = Outgoing::new("http://a.example/x/", Duration::from_secs(1), 1).unwrap();
        for (path, expected) in [
            ("", "http://a.example/x/"),
            ("y", "http://a.example/x/y"),
            ("/y?z=..1", "http://a.example/x/y?z=..1"),
            ("//b.example/", "http://a.example/x/b.example/"),
            ("@b.example", "http://a.example/x/@b.example"),
        ] {
            assert_eq!(outgoing.address(path).unwrap(), expected);
        }
        let too_long = "a".repeat(PATH_BYTES_MAX + 1);
        for path in ["../y", "y/..", "y\\z", "y z", "y\r\nX: 1", "y#z", "ä", &too_long] {
            assert_eq!(outgoing.address(path).unwrap_err().code.name, "source_failed", "{path}");
        }
        assert!(outgoing.address(&too_long[1..]).is_ok());
    }
}
