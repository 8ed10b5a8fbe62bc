//! `bench import`: items/s, MB/s, peak memory and time from the connect to the acknowledged commit, alone or beside peers; the same
//! catalog sent again with 1 % changed; and what lies between a bare loop over the bytes and the import.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use super::peers::Peers;
use super::product::{Product, Running};
use super::{envelope, http, median};
use crate::Outcome;
use crate::workspace::{self, Target};

/// One import that ended well.
pub(crate) struct Figure {
    /// From the connect to the last byte of the answer.
    pub(crate) seconds: f64,
    /// Bytes sent.
    pub(crate) bytes: u64,
    pub(crate) cpu_s: f64,
    pub(crate) peak_rss_mb: f64,
}

/// Runs the rounds and prints a table.
pub(crate) fn run(items: u32, rounds: u32, peers: Option<&Path>, binary: Option<&Path>) -> Outcome {
    let folder = workspace::metadata()?.target_directory.join("bench");
    fs::create_dir_all(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let product = Product::build(&folder, binary)?;
    let document =
        Document { file: folder.join(format!("catalog-{items}.xml")), namespace: product.namespace()?, items };
    let bytes = document.write(false)?;
    println!("{items} items, {:.1} MB, {rounds} rounds", mega(bytes));
    let peers = peers.map(|home| Peers::prepare(home, &folder, items)).transpose()?;
    let (mut ours, mut again) = (Vec::new(), Vec::new());
    let mut theirs: Vec<Peer> = Vec::new();
    for round in 0..rounds {
        let (figure, repeated) = import_twice(&product, &document, bytes)?;
        print(OURS, items, &figure);
        print(AGAIN, items, &repeated);
        again.push((figure.seconds / repeated.seconds, repeated));
        for (name, run) in peers.iter().flat_map(|peers| peers.of_round(round)) {
            let other = run()?;
            print(name, items, &other);
            // Of the same minute: the machine is never as busy in the next round as in this one.
            let ratio = other.seconds / figure.seconds;
            match theirs.iter_mut().find(|peer| peer.name == name) {
                Some(peer) => peer.add(other, ratio),
                None => theirs.push(Peer { name, figures: vec![other], ratios: vec![ratio] }),
            }
        }
        ours.push(figure);
    }
    println!("\nmedians, and the highest peak RSS:");
    print(OURS, items, &middle(&ours));
    let (ratios, repeated): (Vec<f64>, Vec<Figure>) = again.into_iter().unzip();
    print(AGAIN, items, &middle(&repeated));
    tell_ratio("the same catalog again, 1 % changed, is", &ratios);
    for peer in &theirs {
        print(peer.name, items, &middle(&peer.figures));
        tell_ratio("plugpoint is", &peer.ratios);
    }
    let sample = items.min(PARTS_ITEMS);
    let import_s = middle(&ours).seconds * f64::from(sample) / f64::from(items);
    let document = Document { items: sample, ..document };
    document.write(false)?;
    parts(&folder, &document.file, import_s)
}

/// The parts hold all items in memory between one another: so many are enough.
const PARTS_ITEMS: u32 = 100_000;

const OURS: &str = "plugpoint";
const AGAIN: &str = "- again";

fn tell_ratio(what: &str, ratios: &[f64]) {
    println!(
        "{:10} {what} {:.2} times as fast (median of {} rounds, {:.2} to {:.2})",
        "",
        median(ratios),
        ratios.len(),
        ratios.iter().copied().fold(f64::INFINITY, f64::min),
        ratios.iter().copied().fold(0.0, f64::max),
    );
}

/// Prints how much longer the import takes than a bare loop over its bytes, and what it does in that time.
fn parts(folder: &Path, input: &Path, import_s: f64) -> Outcome {
    let program = workspace::build("plugpoint-plugin-catalog", Target::Example("import_parts"), true)?;
    let data = folder.join("parts");
    // Left behind by a run that was stopped.
    let _ = fs::remove_dir_all(&data);
    let output = Command::new(&program).arg(input).arg(&data).output();
    let _ = fs::remove_dir_all(&data);
    let output = output.map_err(|error| format!("import_parts: {error}"))?;
    if !output.status.success() {
        return Err(format!("import_parts: {}", String::from_utf8_lossy(&output.stderr)));
    }
    let parts: BTreeMap<String, f64> =
        serde_json::from_slice(&output.stdout).map_err(|error| format!("import_parts: {error}"))?;
    let of = |part: &str| parts.get(part).copied().unwrap_or_default();
    println!(
        "\na bare quick-xml loop over the same bytes: {:.2} s; the import takes {:.1} times as long",
        of("bare"),
        import_s / of("bare")
    );
    println!("what an import does, each part on one thread, in seconds of a processor (sync: by the clock):");
    for part in ["parse", "convert", "validate", "prepare", "store", "commit", "sync"] {
        println!("  {part:9} {:6.2} s  {:5.2} times the bare loop", of(part), of(part) / of("bare"));
    }
    Ok(())
}

/// What one peer needed, and how many times as long as ours of the same round that was.
struct Peer {
    name: &'static str,
    figures: Vec<Figure>,
    ratios: Vec<f64>,
}

impl Peer {
    fn add(&mut self, figure: Figure, ratio: f64) {
        self.figures.push(figure);
        self.ratios.push(ratio);
    }
}

/// What is sent: one file, for a large one may not fit on the disk twice.
pub(super) struct Document {
    pub(super) file: PathBuf,
    pub(super) namespace: String,
    pub(super) items: u32,
}

impl Document {
    pub(super) fn write(&self, is_changed: bool) -> Outcome<u64> {
        envelope::write(&self.file, &self.namespace, self.items, is_changed)
    }
}

/// A new tenant's first import, and its second.
fn import_twice(product: &Product, document: &Document, bytes: u64) -> Outcome<(Figure, Figure)> {
    let running = product.start()?;
    document.write(false)?;
    let first = import_once(&running, document, bytes)?;
    document.write(true)?;
    // The checkpoint behind the first import is no part of the second.
    std::thread::sleep(Duration::from_secs(2));
    Ok((first, import_once(&running, document, bytes)?))
}

pub(super) fn import_once(running: &Running, document: &Document, bytes: u64) -> Outcome<Figure> {
    let headers = [
        running.authorization.clone(),
        "Content-Type: text/xml; charset=utf-8".to_owned(),
        "SOAPAction: \"\"".to_owned(),
    ];
    let cpu_before = running.process.cpu_s();
    let begun = Instant::now();
    let mut answer = http::post_file(running.process.address, "/soap/v1/catalog", &headers, &document.file)?;
    // The server answers after a minute, however long the import takes.
    let id =
        answer.body.split_once("<importId>").and_then(|(_, rest)| rest.split_once('<')).map(|(id, _)| id.to_owned());
    while let Some(id) = id.as_deref().filter(|_| answer.status == 200 && is_unfinished(&answer.body)) {
        std::thread::sleep(Duration::from_millis(250));
        let path = format!("/v1/catalogs/bench/imports/{id}");
        answer = http::get(running.process.address, &path, &headers[..1])?;
    }
    let seconds = begun.elapsed().as_secs_f64();
    let is_whole =
        answer.status == 200 && answer.body.contains("succeeded") && accepted(&answer.body) == Some(document.items);
    if !is_whole {
        let start: String = answer.body.chars().take(600).collect();
        return Err(format!("the import did not succeed: HTTP {}\n{start}", answer.status));
    }
    let cpu_s = running.process.cpu_s() - cpu_before;
    Ok(Figure { seconds, bytes, cpu_s, peak_rss_mb: running.process.peak_rss_mb() })
}

fn is_unfinished(answer: &str) -> bool {
    ["running", "queued"].iter().any(|status| {
        answer.contains(&format!("<status>{status}<")) || answer.contains(&format!("\"status\":\"{status}\""))
    })
}

/// How many items were taken, in XML or in JSON.
fn accepted(answer: &str) -> Option<u32> {
    let (_, rest) = answer.split_once("<accepted>").or_else(|| answer.split_once("\"accepted\":"))?;
    rest.split(|character: char| !character.is_ascii_digit()).next()?.parse().ok()
}

pub(super) fn print(name: &str, items: u32, figure: &Figure) {
    println!(
        "{name:10} {:7.2} s {:9.0} items/s {:7.1} MB/s  CPU {:6.2} s  peak RSS {:6.1} MB",
        figure.seconds,
        f64::from(items) / figure.seconds,
        mega(figure.bytes) / figure.seconds,
        figure.cpu_s,
        figure.peak_rss_mb
    );
}

/// The medians; of memory the highest.
fn middle(figures: &[Figure]) -> Figure {
    let of = |value: fn(&Figure) -> f64| median(&figures.iter().map(value).collect::<Vec<_>>());
    Figure {
        seconds: of(|figure| figure.seconds),
        bytes: figures.first().map_or(0, |figure| figure.bytes),
        cpu_s: of(|figure| figure.cpu_s),
        peak_rss_mb: figures.iter().map(|figure| figure.peak_rss_mb).fold(0.0, f64::max),
    }
}

#[expect(clippy::cast_precision_loss, reason = "sizes of files, printed with one decimal")]
fn mega(bytes: u64) -> f64 {
    bytes as f64 / 1e6
}
