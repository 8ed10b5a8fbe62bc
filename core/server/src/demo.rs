//! `plugpoint demo`: the main job in one command. A server, the linked customers that bring a demo document, their catalogs
//! over real SOAP on a real socket, and what became of them, ready to be looked at.

use std::net::{SocketAddr, TcpListener};
use std::path::PathBuf;
use std::time::{Duration, Instant};

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};
use plugpoint_config::{Config, LogFilter};
use plugpoint_kernel::Plans;
use plugpoint_sdk::customer::{self, CustomerEntry};
use plugpoint_sdk::model::TenantId;
use plugpoint_store::{Credential, NewTenant};
use serde_json::Value;

use crate::cli::Failure;
use crate::serving::{self, Running};
use crate::{bundle, logging, terminal};

/// Start a server on a scratch data folder, push the example customers' catalogs to it over SOAP, show what became of them.
///
/// Examples:
///   plugpoint demo           # stays up until Ctrl-C, to try the printed curl lines
///   plugpoint demo --exit    # ends after the report
#[derive(Args)]
#[command(verbatim_doc_comment)]
pub struct Demo {
    /// End after the report instead of waiting for Ctrl-C.
    #[arg(long)]
    exit: bool,
    /// Keep the data in this folder. Without it a scratch folder is used and removed.
    #[arg(long, value_name = "DIR")]
    data_dir: Option<PathBuf>,
    /// Address and port. Without it 127.0.0.1:8700, or a free port where that is taken.
    #[arg(long, value_name = "ADDR")]
    listen: Option<SocketAddr>,
}

/// How long the demo waits for one import.
const IMPORT_WAIT_MAX: Duration = Duration::from_secs(120);

/// One customer of the demo, as a tenant.
struct Guest {
    name: &'static str,
    document: &'static [u8],
    credential: Credential,
}

impl Demo {
    pub(crate) fn run(self) -> Result<(), Failure> {
        let scratch = tempfile::tempdir()?;
        let data_dir = self.data_dir.clone().unwrap_or_else(|| scratch.path().to_owned());
        let mut config = Config::default();
        config.log.level = LogFilter::WARN;
        config.server.listen = self.listen.unwrap_or_else(default_address);
        logging::start(&config.log);
        let running = serving::start(config, &data_dir)?;
        terminal::line(&format!("Plugpoint listens on {} (data in {})\n", running.url(), data_dir.display()));
        let guests = guests(&running)?;
        let mut rows = Vec::new();
        for guest in &guests {
            rows.push(import(&running, guest)?);
        }
        terminal::line("Imported over SOAP:\n");
        let headers = [
            "tenant",
            "document",
            "status",
            "read",
            "accepted",
            "rejected",
            "added",
            "changed",
            "unchanged",
            "seconds",
        ];
        terminal::out(&terminal::table(&headers, &rows));
        plans(&guests)?;
        hints(&running, &guests)?;
        if !self.exit {
            terminal::line("\nCtrl-C ends the demo.");
            running.wait_for_signal()?;
        }
        running.stop();
        Ok(())
    }
}

fn default_address() -> SocketAddr {
    let usual = SocketAddr::from(([127, 0, 0, 1], 8700));
    if TcpListener::bind(usual).is_ok() { usual } else { SocketAddr::from(([127, 0, 0, 1], 0)) }
}

/// Every linked customer that brings a demo document becomes a tenant of its own name.
fn guests(running: &Running) -> Result<Vec<Guest>, Failure> {
    let mut entries: Vec<&CustomerEntry> = customer::linked().filter(|entry| !entry.demo.is_empty()).collect();
    entries.sort_by_key(|entry| entry.name);
    let control = running.platform.store().control();
    let mut guests = Vec::new();
    for entry in entries {
        let tenant: TenantId = entry.name.parse()?;
        let credential = match control.tenant(&tenant)? {
            Some(_) => control.rotate_key(&tenant)?,
            None => {
                let customer = Some(entry.name.to_owned());
                control.create_tenant(&NewTenant { tenant, customer, profile_toml: String::new() })?
            }
        };
        guests.push(Guest { name: entry.name, document: entry.demo, credential });
    }
    Ok(guests)
}

/// Pushes one customer's document over SOAP and follows the import to its end.
fn import(running: &Running, guest: &Guest) -> Result<Vec<String>, Failure> {
    let client = Client::new(running, guest);
    let begun = Instant::now();
    let answer = client.soap(&envelope(guest.document))?;
    let id = between(&answer, "importId>", "<")
        .ok_or_else(|| Failure::new(format!("the server refused the document:\n{answer}")))?;
    let bar = ProgressBar::new(1000);
    let style = ProgressStyle::with_template("  {prefix:<14} [{bar:30}] {percent:>3} %  {msg}")?.progress_chars("=> ");
    bar.set_style(style);
    bar.set_prefix(guest.name);
    let view = loop {
        let view = client.get(&format!("/v1/catalogs/demo/imports/{id}"))?;
        let status = view["status"].as_str().unwrap_or_default();
        bar.set_message(format!("{status}, {} items read", view["counts"]["read"]));
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a share of 0 to 1 in thousandths"
        )]
        bar.set_position((view["progress"].as_f64().unwrap_or(0.0) * 1000.0) as u64);
        if matches!(status, "succeeded" | "failed") {
            break view;
        }
        if begun.elapsed() > IMPORT_WAIT_MAX {
            return Err(Failure::new(format!("import {id} did not end within {} s", IMPORT_WAIT_MAX.as_secs())));
        }
        std::thread::sleep(Duration::from_millis(20));
    };
    bar.finish_and_clear();
    let count = |name: &str| view["counts"][name].to_string();
    let size = format!("{} kB", guest.document.len() / 1024);
    let mut row = vec![guest.name.to_owned(), size, view["status"].as_str().unwrap_or("?").to_owned()];
    row.extend(["read", "accepted", "rejected", "added", "changed", "unchanged"].map(count));
    row.push(format!("{:.2}", begun.elapsed().as_secs_f64()));
    Ok(row)
}

/// The extension plan of each customer.
fn plans(guests: &[Guest]) -> Result<(), Failure> {
    let plans = Plans::commit(bundle::sources())?;
    for guest in guests {
        let profile = plans.profile(Some(guest.name), "")?;
        terminal::line(&format!("\nExtension plan of {}:\n", guest.name));
        terminal::out(&plans.for_tenant(Some(guest.name), &profile)?.report.to_string());
    }
    Ok(())
}

/// Lines to paste, with a sku that is really there.
fn hints(running: &Running, guests: &[Guest]) -> Result<(), Failure> {
    let url = running.url();
    terminal::line(&format!(
        "\nLook around:\n\n  {url}/docs\n  {url}/openapi.json\n  {url}/soap/v1/catalog?wsdl\n  {url}/metrics\n"
    ));
    for guest in guests {
        let Credential { key_id, secret } = &guest.credential;
        let items = Client::new(running, guest).get("/v1/catalogs/demo/items?limit=1")?;
        let sku = items["items"][0]["sku"].as_str().unwrap_or("SKU").to_owned();
        let base = format!("{url}/v1/catalogs/demo");
        terminal::line(&format!("  # {}", guest.name));
        terminal::line(&format!("  curl -s -u {key_id}:{secret} '{base}/items/{sku}'"));
        terminal::line(&format!("  curl -s -u {key_id}:{secret} '{base}/items?limit=3'"));
        terminal::line(&format!("  curl -s -u {key_id}:{secret} '{base}/imports'"));
        terminal::line(&format!("  curl -s -u {key_id}:{secret} '{url}/v1/extensions'\n"));
    }
    Ok(())
}

/// An ordinary SOAP 1.1 call with the customer's document as it is, less its prolog, which cannot stand inside an envelope.
fn envelope(document: &[u8]) -> Vec<u8> {
    let head = concat!(
        r#"<?xml version="1.0" encoding="UTF-8"?><soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/">"#,
        r#"<soap:Body><cat:ImportCatalog xmlns:cat="urn:plugpoint:catalog:v1"><cat:catalogId>demo</cat:catalogId>"#,
        r#"<cat:mode>replace</cat:mode><cat:document>"#
    );
    let tail = "</cat:document></cat:ImportCatalog></soap:Body></soap:Envelope>";
    [head.as_bytes(), document, tail.as_bytes()].concat()
}

fn between<'a>(text: &'a str, start: &str, end: &str) -> Option<&'a str> {
    let rest = &text[text.find(start)? + start.len()..];
    rest.find(end).map(|length| &rest[..length])
}

/// The demo as a client: nothing but the public interface.
struct Client {
    agent: ureq::Agent,
    url: String,
    authorization: String,
}

impl Client {
    fn new(running: &Running, guest: &Guest) -> Self {
        let pair = format!("{}:{}", guest.credential.key_id, guest.credential.secret);
        let config =
            ureq::Agent::config_builder().http_status_as_error(false).timeout_global(Some(IMPORT_WAIT_MAX)).build();
        let authorization = format!("Basic {}", BASE64.encode(pair));
        Self { agent: config.into(), url: running.url(), authorization }
    }

    fn soap(&self, envelope: &[u8]) -> Result<String, Failure> {
        let request = self.agent.post(format!("{}/soap/v1/catalog", self.url));
        let request =
            request.header("Authorization", &self.authorization).header("Content-Type", "text/xml; charset=utf-8");
        Ok(request.header("SOAPAction", "\"ImportCatalog\"").send(envelope)?.body_mut().read_to_string()?)
    }

    fn get(&self, path: &str) -> Result<Value, Failure> {
        let request = self.agent.get(format!("{}{path}", self.url)).header("Authorization", &self.authorization);
        Ok(serde_json::from_str(&request.call()?.body_mut().read_to_string()?)?)
    }
}
