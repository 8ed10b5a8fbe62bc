//! `bench import`: items/s, MB/s, peak memory and time from the connect to the acknowledged commit, alone or beside peers.

use std::fs;
use std::path::Path;

use super::peers::Peers;
use super::product::Product;
use super::{envelope, http, median};
use crate::{Outcome, workspace};

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
    let input = folder.join(format!("catalog-{items}.xml"));
    let bytes = envelope::write(&input, &product.namespace()?, items)?;
    println!("{items} items, {:.1} MB, {rounds} rounds", mega(bytes));
    let peers = peers.map(|home| Peers::prepare(home, &folder, items)).transpose()?;
    let mut ours = Vec::new();
    let mut theirs: Vec<Peer> = Vec::new();
    for round in 0..rounds {
        let figure = import_once(&product, &input, bytes, items)?;
        print(OURS, items, &figure);
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
    for peer in &theirs {
        print(peer.name, items, &middle(&peer.figures));
        println!(
            "{:10} plugpoint is {:.2} times as fast (median of {} rounds, {:.2} to {:.2})",
            "",
            median(&peer.ratios),
            peer.ratios.len(),
            peer.ratios.iter().copied().fold(f64::INFINITY, f64::min),
            peer.ratios.iter().copied().fold(0.0, f64::max),
        );
    }
    Ok(())
}

const OURS: &str = "plugpoint";

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

fn import_once(product: &Product, input: &Path, bytes: u64, items: u32) -> Outcome<Figure> {
    let running = product.start()?;
    let headers = [
        running.authorization.clone(),
        "Content-Type: text/xml; charset=utf-8".to_owned(),
        "SOAPAction: \"\"".to_owned(),
    ];
    let cpu_before = running.process.cpu_s();
    let answer = http::post_file(running.process.address, "/soap/v1/catalog", &headers, input)?;
    let is_whole =
        answer.status == 200 && answer.body.contains("succeeded") && answer.body.contains(&format!(">{items}</"));
    if !is_whole {
        let start: String = answer.body.chars().take(600).collect();
        return Err(format!("the import did not succeed: HTTP {}\n{start}", answer.status));
    }
    Ok(Figure {
        seconds: answer.elapsed.as_secs_f64(),
        bytes,
        cpu_s: running.process.cpu_s() - cpu_before,
        peak_rss_mb: running.process.peak_rss_mb(),
    })
}

fn print(name: &str, items: u32, figure: &Figure) {
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
