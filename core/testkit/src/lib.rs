//! Boots the whole server inside a test: real listener, real databases in a scratch folder, every linked plugin and customer.
//!
//! For tests alone. What crosses a process border (a kill, a full disk) is tested from outside, under `tests/`.

use std::fmt::Write as _;

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use plugpoint_config::Config;
use plugpoint_server::serving::{self, Running};
use plugpoint_store::{Credential, NewTenant};
use serde_json::Value;
use tempfile::TempDir;

/// A server on a free port of 127.0.0.1. Stops when dropped; its data goes with it.
pub struct TestServer {
    running: Option<Running>,
    agent: ureq::Agent,
    _data: TempDir,
}

/// A tenant of a [`TestServer`].
pub struct TestTenant<'a> {
    server: &'a TestServer,
    authorization: String,
}

/// An answer, whatever its status.
#[derive(Debug)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// The body; null where it is no JSON.
    pub body: Value,
}

impl TestServer {
    /// A server with the default configuration.
    ///
    /// # Panics
    /// If it does not start.
    #[must_use]
    pub fn start() -> Self {
        Self::with(Config::default())
    }

    /// A server with this configuration but for the address.
    ///
    /// # Panics
    /// If it does not start.
    #[must_use]
    pub fn with(mut config: Config) -> Self {
        config.server.listen = ([127, 0, 0, 1], 0).into();
        let data = TempDir::new().expect("a scratch folder");
        let running = serving::start(config, data.path()).unwrap_or_else(|failure| panic!("{failure:?}"));
        let agent = ureq::Agent::config_builder().http_status_as_error(false).build().into();
        Self { running: Some(running), agent, _data: data }
    }

    /// A new tenant, of a linked customer or of the generic layer, with a profile of its own.
    ///
    /// # Panics
    /// If it is refused.
    #[must_use]
    pub fn tenant(&self, name: &str, customer: Option<&str>, profile_toml: &str) -> TestTenant<'_> {
        let tenant = name.parse().expect("a tenant's name");
        let new = NewTenant { tenant, customer: customer.map(str::to_owned), profile_toml: profile_toml.to_owned() };
        let Credential { key_id, secret } = self.running().platform.store().control().create_tenant(&new).expect("new");
        let mut authorization = "Basic ".to_owned();
        BASE64.encode_string(format!("{key_id}:{secret}"), &mut authorization);
        TestTenant { server: self, authorization }
    }

    /// Asks without a credential.
    ///
    /// # Panics
    /// If there is no answer.
    #[must_use]
    pub fn get(&self, path: &str) -> Answer {
        Answer::of(self.agent.get(self.url(path)).call())
    }

    fn url(&self, path: &str) -> String {
        let mut url = self.running().url();
        let _ = write!(url, "{path}");
        url
    }

    fn running(&self) -> &Running {
        self.running.as_ref().expect("it runs until it is dropped")
    }
}

impl Drop for TestServer {
    fn drop(&mut self) {
        if let Some(running) = self.running.take() {
            running.stop();
        }
    }
}

impl TestTenant<'_> {
    /// `GET` as this tenant.
    ///
    /// # Panics
    /// If there is no answer.
    #[must_use]
    pub fn get(&self, path: &str) -> Answer {
        let request = self.server.agent.get(self.server.url(path)).header("Authorization", &self.authorization);
        Answer::of(request.call())
    }

    /// `PUT` of a JSON body as this tenant.
    ///
    /// # Panics
    /// If there is no answer.
    #[must_use]
    pub fn put(&self, path: &str, body: &Value) -> Answer {
        let request = self.server.agent.put(self.server.url(path)).header("Authorization", &self.authorization);
        Answer::of(request.content_type("application/json").send(body.to_string()))
    }
}

impl Answer {
    fn of(response: Result<ureq::http::Response<ureq::Body>, ureq::Error>) -> Self {
        let mut response = response.expect("an answer");
        let status = response.status().as_u16();
        let text = response.body_mut().read_to_string().expect("a text");
        Self { status, body: serde_json::from_str(&text).unwrap_or(Value::Null) }
    }
}
