//! `bench read`: requests/s of `GET …/items/{sku}` with credentials, as a share of what a bare handler reaches.
//!
//! Two sets of items: 500, which any cache holds, and the whole catalog, picked at random. The bare handler answers the bytes of
//! an ordinary item without looking at the request. wrk makes the load (Debian: `apt-get install wrk`).

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::slice;

use super::process::{self, Process};
use super::product::{Product, Running};
use super::{envelope, http, median};
use crate::Outcome;
use crate::workspace::{self, Target};

/// Items of the small set.
const HOT_ITEMS: u32 = 500;

/// How much to measure.
pub(crate) struct Plan {
    pub(crate) items: u32,
    pub(crate) rounds: u32,
    pub(crate) seconds: u32,
    pub(crate) connections: u32,
}

/// What one stretch of load showed.
struct Load {
    requests_per_s: f64,
    cpu_us_per_request: f64,
}

/// Runs the rounds and prints requests/s, processor time per request and their ratios.
pub(crate) fn run(plan: &Plan, binary: Option<&Path>) -> Outcome {
    let folder = workspace::metadata()?.target_directory.join("bench");
    fs::create_dir_all(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let product = Product::build(&folder, binary)?;
    let bare_binary = workspace::build("xtask", Target::Example("bare_axum"), true)?;
    let running = product.start()?;
    let size = fill(&running, &product, &folder, plan.items)?;
    let bare = start_bare(&bare_binary, size)?;
    println!("{} items in the catalog, an item answers {size} bytes, {} connections", plan.items, plan.connections);
    for (name, items) in [("hot", HOT_ITEMS.min(plan.items)), ("whole", plan.items)] {
        compare(plan, (name, items), &running, &bare, &folder)?;
    }
    Ok(())
}

/// Imports the catalog and returns the length of one item's answer.
fn fill(running: &Running, product: &Product, folder: &Path, items: u32) -> Outcome<usize> {
    let input = folder.join(format!("catalog-{items}.xml"));
    envelope::write(&input, &product.namespace()?, items, false)?;
    let headers = [
        running.authorization.clone(),
        "Content-Type: text/xml; charset=utf-8".to_owned(),
        "SOAPAction: \"\"".to_owned(),
    ];
    let address = running.process.address;
    let answer = http::post_file(address, "/soap/v1/catalog", &headers, &input)?;
    if answer.status != 200 || !answer.body.contains("succeeded") {
        return Err(format!("the import did not succeed: HTTP {}\n{}", answer.status, answer.body));
    }
    let path = item_path(items / 2);
    let answer = http::get(address, &path, slice::from_ref(&running.authorization))?;
    if answer.status != 200 {
        return Err(format!("GET {path}: HTTP {}", answer.status));
    }
    Ok(answer.body.len())
}

fn start_bare(binary: &Path, size: usize) -> Outcome<Process> {
    let address = process::free_address()?;
    let mut command = Command::new(binary);
    command.args([address.to_string(), size.to_string()]);
    Process::start(command, address)
}

fn compare(plan: &Plan, (name, items): (&str, u32), running: &Running, bare: &Process, folder: &Path) -> Outcome {
    let script = write_script(folder, name, items, &running.authorization)?;
    let (mut rates, mut costs) = (Vec::new(), Vec::new());
    for round in 1..=plan.rounds {
        let ceiling = load(plan, bare, &script)?;
        let ours = load(plan, &running.process, &script)?;
        println!(
            "{name:6} round {round}: bare {:7.0}/s {:5.1} us CPU, plugpoint {:7.0}/s {:5.1} us CPU",
            ceiling.requests_per_s, ceiling.cpu_us_per_request, ours.requests_per_s, ours.cpu_us_per_request
        );
        rates.push(ours.requests_per_s / ceiling.requests_per_s);
        costs.push(ours.cpu_us_per_request / ceiling.cpu_us_per_request);
    }
    println!(
        "{name:6} ({items} items): {:.1} % of the bare handler's requests/s, {:.2} times its CPU per request (medians)",
        median(&rates) * 100.0,
        median(&costs)
    );
    Ok(())
}

/// Runs wrk once; any answer but 2xx spoils the figure and is an error.
fn load(plan: &Plan, process: &Process, script: &Path) -> Outcome<Load> {
    let cpu_before = process.cpu_s();
    let output = Command::new("wrk")
        .args(["-t1", &format!("-c{}", plan.connections), &format!("-d{}s", plan.seconds), "-s"])
        .arg(script)
        .arg(format!("http://{}", process.address))
        .output()
        .map_err(|error| format!("wrk: {error} (Debian: apt-get install wrk)"))?;
    let cpu = process.cpu_s() - cpu_before;
    let text = String::from_utf8_lossy(&output.stdout);
    let figures =
        text.lines().find_map(|line| line.strip_prefix("FIGURES ")).ok_or_else(|| format!("wrk said: {text}"))?;
    let mut numbers = figures.split_whitespace().filter_map(|word| word.parse::<f64>().ok());
    let (requests, seconds, failed) = (numbers.next(), numbers.next(), numbers.next());
    let (Some(requests), Some(seconds), Some(failed)) = (requests, seconds, failed) else {
        return Err(format!("wrk said: {figures}"));
    };
    if failed > 0.0 || requests < 1.0 {
        return Err(format!("{failed} of {requests} requests failed"));
    }
    Ok(Load { requests_per_s: requests / seconds, cpu_us_per_request: cpu * 1e6 / requests })
}

/// The script asks for one of the items at random, with the tenant's credentials.
fn write_script(folder: &Path, name: &str, items: u32, authorization: &str) -> Outcome<PathBuf> {
    let path = folder.join(format!("read-{name}.lua"));
    let value = authorization.trim_start_matches("Authorization: ");
    let mut script = format!("local headers = {{ [\"Authorization\"] = \"{value}\" }}\nlocal paths = {{\n");
    (0..items).for_each(|index| script.push_str(&format!("\"{}\",\n", item_path(index))));
    // Requests are formatted once, before the load: the load generator shares the cores with the servers.
    script.push_str(
        "}\nlocal requests = {}\n\
         function init()\n\
         for i, path in ipairs(paths) do requests[i] = wrk.format(\"GET\", path, headers) end\n\
         math.randomseed(7)\n\
         end\n\
         function request() return requests[math.random(#requests)] end\n\
         function done(summary)\n\
         local e = summary.errors\n\
         print(string.format(\"FIGURES %d %.6f %d\", summary.requests, summary.duration / 1e6, e.status + e.connect + e.read + e.write + e.timeout))\n\
         end\n",
    );
    fs::write(&path, script).map_err(|error| format!("{}: {error}", path.display()))?;
    Ok(path)
}

fn item_path(index: u32) -> String {
    format!("/v1/catalogs/bench/items/{}", envelope::sku(index))
}
