//! `bench hostile`: what one tenant's misbehaving hook costs the imports of another.
//!
//! A quiet tenant sends small documents one after the other, in two stretches alone, which shows the noise of the machine, and in one
//! beside another tenant, whose loaded customer shows one vice and which sends a document after each pause. Each vice has a server of its
//! own. Bounded: so many imports for each stretch, at most ten documents a second beside them, all on the loopback address.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use serde_json::Value;

use super::http;
use super::product::{Product, Running};
use crate::{Outcome, workspace};

const VICES: [&str; 6] = ["panics", "loops", "allocates", "blocks", "findings", "invalid"];

/// Between two documents of the hostile tenant.
const PAUSE: Duration = Duration::from_millis(100);

const SOURCE: &str = include_str!("hostile_customer.rs");

/// Runs all vices and prints p50 and p99 of the quiet tenant's imports for each.
pub(crate) fn run(imports: u32, items: u32, binary: Option<&Path>) -> Outcome {
    let folder = workspace::metadata()?.target_directory.join("bench");
    fs::create_dir_all(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let library = library(&folder, "hostile", &[("lib.rs", SOURCE)])?;
    let product = Product::build(&folder, binary)?;
    let document = folder.join("quiet.ndjson");
    fs::write(&document, quiet(items)).map_err(|error| format!("{}: {error}", document.display()))?;
    println!("{imports} imports of {items} items in each stretch; p50 and p99 in ms");
    for vice in VICES {
        // A server of its own: what an earlier vice has left running would be taken for this one's.
        let running = product.start_with("hostile", &library, &[vice])?;
        let authorization = running.others.first().cloned().unwrap_or_default();
        stretch(&running, &document, imports)?; // everything is loaded and made once
        let (first, second) = (stretch(&running, &document, imports)?, stretch(&running, &document, imports)?);
        let beside = disturbed(&running, &folder, (vice, &authorization), || stretch(&running, &document, imports))?;
        let quiet = first.p99.midpoint(second.p99);
        println!(
            "{vice:10} p50 {:5.1}, {:5.1} quiet, {:5.1} beside; p99 {:5.1}, {:5.1} quiet, {:5.1} beside: {:+.1} %, noise {:.1} %; peak RSS {:.0} MB",
            first.p50,
            second.p50,
            beside.p50,
            first.p99,
            second.p99,
            beside.p99,
            (beside.p99 / quiet - 1.0) * 100.0,
            (first.p99 - second.p99).abs() / quiet * 100.0,
            running.process.peak_rss_mb()
        );
        println!("{:10} became of its documents: {}", "", ends(&running, &authorization)?);
    }
    Ok(())
}

/// Times of one stretch, in ms.
struct Times {
    p50: f64,
    p99: f64,
}

fn stretch(running: &Running, document: &Path, imports: u32) -> Outcome<Times> {
    let headers =
        [running.authorization.clone(), "Content-Type: application/x-ndjson".to_owned(), "Prefer: wait=60".to_owned()];
    let mut times = Vec::new();
    for _ in 0..imports {
        let answer = http::post_file(running.process.address, "/v1/catalogs/main/imports", &headers, document)?;
        if answer.status != 200 || !answer.body.contains("\"succeeded\"") {
            return Err(format!("a quiet import did not succeed: HTTP {}\n{}", answer.status, answer.body));
        }
        times.push(answer.elapsed.as_secs_f64() * 1000.0);
    }
    times.sort_by(f64::total_cmp);
    let at =
        |percent: usize| times.get((times.len() * percent).div_ceil(100).saturating_sub(1)).copied().unwrap_or(0.0);
    Ok(Times { p50: at(50), p99: at(99) })
}

/// Measures while the hostile tenant sends.
fn disturbed(
    running: &Running,
    folder: &Path,
    (vice, authorization): (&str, &str),
    measure: impl FnOnce() -> Outcome<Times>,
) -> Outcome<Times> {
    let document = folder.join(format!("hostile-{vice}.txt"));
    fs::write(&document, format!("{vice}\n")).map_err(|error| format!("{}: {error}", document.display()))?;
    let ends = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let headers = [authorization.to_owned(), "Content-Type: text/plain".to_owned()];
            while !ends.load(Ordering::Relaxed) {
                // Refusals are part of it: a suspended hook, a full queue.
                let _ = http::post_file(running.process.address, "/v1/catalogs/main/imports", &headers, &document);
                std::thread::sleep(PAUSE);
            }
        });
        let times = measure();
        ends.store(true, Ordering::Relaxed);
        times
    })
}

/// How the latest imports of a tenant stand, and why they failed.
fn ends(running: &Running, authorization: &str) -> Outcome<String> {
    let path = "/v1/catalogs/main/imports?limit=100";
    let answer = http::get(running.process.address, path, &[authorization.to_owned()])?;
    let list: Value = serde_json::from_str(&answer.body).map_err(|error| format!("GET {path}: {error}"))?;
    let mut ends: BTreeMap<String, u32> = BTreeMap::new();
    for import in list["imports"].as_array().into_iter().flatten() {
        let why = import["error"]["code"].as_str().or(import["status"].as_str());
        *ends.entry(why.unwrap_or_default().to_owned()).or_default() += 1;
    }
    Ok(ends.iter().map(|(what, count)| format!("{count} {what}")).collect::<Vec<_>>().join(", "))
}

fn quiet(items: u32) -> String {
    let mut text = String::new();
    for item in 0..items {
        let _ = writeln!(
            text,
            r#"{{"sku":"Q{item}","texts":[{{"lang":"en","title":"Cable tie {item}"}}],"prices":[{{"kind":"list","amount":"1.50","currency":"EUR"}}]}}"#
        );
    }
    text
}

/// Builds a customer crate as an integrator would, outside the workspace.
pub(super) fn library(folder: &Path, name: &str, sources: &[(&str, &str)]) -> Outcome<PathBuf> {
    let (place, root) = (folder.join(name), workspace::root());
    let manifest = format!(
        "[package]\nname = \"plugpoint-customer-{name}\"\nversion = \"1.0.0\"\nedition = \"2024\"\n\n\
         [lib]\npath = \"lib.rs\"\ncrate-type = [\"rlib\", \"cdylib\"]\n\n\
         [dependencies]\nplugpoint-sdk = {{ path = {:?} }}\n\n[workspace]\n",
        root.join("core/sdk")
    );
    let failed = |error| format!("{}: {error}", place.display());
    fs::create_dir_all(&place).map_err(failed)?;
    for (file, text) in [&[("Cargo.toml", manifest.as_str())], sources].concat() {
        fs::write(place.join(file), text).map_err(failed)?;
    }
    fs::copy(root.join("Cargo.lock"), place.join("Cargo.lock")).map_err(failed)?;
    let mut command = workspace::cargo();
    let target = place.join("target");
    command.args(["build", "--quiet", "--release", "--target-dir"]).arg(&target).current_dir(&place);
    match command.status() {
        Ok(status) if status.success() => Ok(target.join(format!("release/libplugpoint_customer_{name}.so"))),
        Ok(status) => Err(format!("cargo build of the customer {name}: {status}")),
        Err(error) => Err(format!("cargo build: {error}")),
    }
}
