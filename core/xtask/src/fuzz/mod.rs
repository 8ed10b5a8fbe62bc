//! `cargo xtask fuzz`: builds the fuzz targets and runs each on its seeds, and for a while on what libFuzzer makes of them.
//!
//! It needs the compiler that everything else needs: the crates of the workspace are compiled by `fuzz/rustc.sh`, which counts
//! edges; all others are those that clippy and the tests have already built. What is found lies in `target/fuzz/NAME`; nothing
//! is added to `fuzz/corpus`, which people write. A sanitizer of memory is left to cargo-fuzz.

mod runner;
mod targets;

use std::path::PathBuf;
use std::sync::Mutex;
use std::thread;

use clap::Args;

use self::runner::Runner;
use self::targets::Target;
use crate::{Outcome, workspace};

#[derive(Args)]
pub(crate) struct Fuzz {
    /// The targets, named as in fuzz/fuzz_targets; all of them unless some are named.
    targets: Vec<String>,
    /// How many seconds each target runs.
    #[arg(long, default_value_t = 8)]
    seconds: u64,
    /// What libFuzzer's choices begin with; 0 is another one each time.
    #[arg(long, default_value_t = 1)]
    seed: u32,
    /// How many targets run beside each other; as many as there are processors unless told.
    #[arg(long)]
    jobs: Option<usize>,
    /// Runs one target on this file alone: reproduces a finding.
    #[arg(long, value_name = "FILE")]
    input: Option<PathBuf>,
}

/// Builds and runs what is asked for; fails when a target has a finding, and tells every one.
pub(crate) fn run(options: &Fuzz) -> Outcome {
    let targets = targets::named(&options.targets)?;
    let reproduced = match (&options.input, targets.as_slice()) {
        (Some(input), [target]) => Some((input, target)),
        (Some(_), _) => return Err("--input needs one target, named before it".to_owned()),
        (None, _) => None,
    };
    build(&targets)?;
    let folder = workspace::metadata()?.target_directory;
    let (seconds, seed) = (options.seconds, options.seed);
    let runner = Runner { binaries: folder.join("debug"), folder: folder.join("fuzz"), seconds, seed };
    match reproduced {
        Some((input, target)) => runner.reproduce(target, input),
        None => all(&runner, &targets, options.jobs),
    }
}

/// Builds the binaries of the targets. All members and features are selected though few are built: by them cargo decides with
/// which features others' crates are built, and so does it in the lint and the tests.
fn build(targets: &[Target]) -> Outcome {
    let mut command = workspace::cargo();
    command.args(["build", "--quiet", "--locked", "--workspace", "--all-features"]);
    command.args(targets.iter().flat_map(|target| ["--bin", target.name]));
    command.env("RUSTC_WORKSPACE_WRAPPER", workspace::root().join("fuzz/rustc.sh")).env("CARGO_INCREMENTAL", "0");
    let status = command.status().map_err(|error| format!("cargo build: {error}"))?;
    if status.success() { Ok(()) } else { Err("cargo build of the fuzz targets failed".to_owned()) }
}

/// Runs all targets, some beside each other, each even if one before it failed.
fn all(runner: &Runner, targets: &[Target], jobs: Option<usize>) -> Outcome {
    let jobs = jobs.unwrap_or_else(|| thread::available_parallelism().map_or(1, usize::from)).max(1);
    let waiting = Mutex::new(targets.iter());
    let next = || waiting.lock().ok()?.next();
    let lane = || {
        let ran = std::iter::from_fn(next).map(|target| runner.run(target));
        ran.inspect(|outcome| println!("{}", outcome.as_ref().unwrap_or_else(|finding| finding)))
            .filter_map(Result::err)
            .count()
    };
    let failed: usize = thread::scope(|scope| {
        let lanes: Vec<_> = (0..jobs).map(|_| scope.spawn(lane)).collect();
        lanes.into_iter().map(|lane| lane.join().unwrap_or(1)).sum()
    });
    let seconds = runner.seconds;
    if failed > 0 {
        return Err(format!("fuzz: {failed} of {} targets failed", targets.len()));
    }
    println!("fuzz: {} targets without a finding, {seconds} s each", targets.len());
    Ok(())
}
