//! Runs one target and says how it ended. A finding is told whole, so that a log of the CI is enough to reproduce it.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::targets::Target;
use crate::{Outcome, workspace};

/// What a reader is given at most; the limits that are looked for are depth and shape, which fit in.
const INPUT_BYTES_MAX: u64 = 1 << 16;
/// An input that takes longer is a finding. Far beyond what any takes, for the machine may be busy.
const INPUT_SECONDS_MAX: u64 = 60;
/// A process that takes more is a finding.
const MEMORY_MB_MAX: u64 = 1024;
/// How much of a failed run's log is shown.
const LOG_LINES_MAX: usize = 60;

/// Where and how long the targets run.
pub(crate) struct Runner {
    /// Where the binaries lie.
    pub(crate) binaries: PathBuf,
    /// Where each target has a folder: `seeds`, made anew; `found`, what libFuzzer keeps; `artifacts`, its findings; `log`.
    pub(crate) folder: PathBuf,
    pub(crate) seconds: u64,
    pub(crate) seed: u32,
}

impl Runner {
    /// Runs a target on its seeds and on what becomes of them. The line that is returned says how far it came.
    pub(crate) fn run(&self, target: &Target) -> Outcome<String> {
        let folder = self.folder.join(target.name);
        let seeds = target.seeds(&workspace::root())?;
        let count = seeds.len();
        let log = folder.join("log");
        prepare(&folder, seeds).map_err(|error| format!("{}: {error}", folder.display()))?;
        let status = self.start(target.name, &folder, &log).map_err(|error| format!("{}: {error}", target.name))?;
        let text = fs::read(&log).map_err(|error| format!("{}: {error}", log.display()))?;
        told(target.name, count, status, &String::from_utf8_lossy(&text))
    }

    fn start(&self, name: &str, folder: &Path, log: &Path) -> std::io::Result<ExitStatus> {
        let output = File::create(log)?;
        Command::new(self.binaries.join(name))
            .args([folder.join("found"), folder.join("seeds")])
            .arg(format!("-max_total_time={}", self.seconds))
            .arg(format!("-seed={}", self.seed))
            .arg(format!("-max_len={INPUT_BYTES_MAX}"))
            .arg(format!("-timeout={INPUT_SECONDS_MAX}"))
            .arg(format!("-rss_limit_mb={MEMORY_MB_MAX}"))
            .arg(format!("-artifact_prefix={}/", folder.join("artifacts").display()))
            .arg("-print_final_stats=1")
            .stdout(output.try_clone()?)
            .stderr(output)
            .status()
    }

    /// Gives a target one input, and its output to the terminal.
    pub(crate) fn reproduce(&self, target: &Target, input: &Path) -> Outcome {
        let binary = self.binaries.join(target.name);
        let status = Command::new(&binary).arg(input).status();
        match status.map_err(|error| format!("{}: {error}", binary.display()))? {
            status if status.success() => Ok(()),
            status => Err(format!("{} on {}: {status}", target.name, input.display())),
        }
    }
}

/// The folders of a target, with its seeds and nothing but them in `seeds`.
fn prepare(folder: &Path, seeds: impl IntoIterator<Item = (String, Vec<u8>)>) -> std::io::Result<()> {
    let into = folder.join("seeds");
    if into.exists() {
        fs::remove_dir_all(&into)?;
    }
    for folder in [&into, &folder.join("found"), &folder.join("artifacts")] {
        fs::create_dir_all(folder)?;
    }
    seeds.into_iter().try_for_each(|(name, input)| fs::write(into.join(name), input))
}

/// How a run ended, from its exit and its log.
fn told(name: &str, seeds: usize, status: ExitStatus, log: &str) -> Outcome<String> {
    let executed = log.lines().rev().find_map(|line| line.strip_prefix("stat::number_of_executed_units:"));
    let executed: u64 = executed.and_then(|count| count.trim().parse().ok()).unwrap_or(0);
    if !status.success() {
        let written =
            log.lines().rev().find_map(|line| line.split_once("Test unit written to ").map(|(_, path)| path.trim()));
        return Err(finding(name, status, log, written.map(Path::new)));
    }
    if executed < seeds as u64 {
        return Err(format!("{name}: ran {executed} inputs, fewer than its {seeds} seeds\n{}", tail(log)));
    }
    Ok(format!("{name:<12} {seeds:>5} seeds {executed:>9} inputs"))
}

/// What a person needs to see a finding, and to see it again.
fn finding(name: &str, status: ExitStatus, log: &str, artifact: Option<&Path>) -> String {
    let mut text = format!("{name}: {status}\n{}\n", tail(log));
    let Some((path, input)) = artifact.and_then(|path| Some((path, fs::read(path).ok()?))) else {
        return text + "no input was written, as when the stack overflows";
    };
    let path = path.display();
    let encoded = STANDARD.encode(&input);
    text += &format!("reproduce it with: cargo xtask fuzz {name} --input {path}\n");
    text += &format!("or elsewhere: echo {encoded} | base64 -d >input && cargo xtask fuzz {name} --input input");
    text
}

fn tail(log: &str) -> String {
    let lines: Vec<_> = log.lines().collect();
    lines[lines.len().saturating_sub(LOG_LINES_MAX)..].join("\n")
}

#[cfg(test)]
mod tests {
    use std::os::unix::process::ExitStatusExt as _;

    use super::*;

    /// By `abort`, as after a panic.
    const ABORTED: i32 = 6;

    #[test]
    fn a_run_that_took_all_its_seeds_says_how_far_it_came() {
        let log = "#12 DONE\nstat::number_of_executed_units: 4711\nstat::average_exec_per_sec: 1\n";
        let line = told("envelope", 12, ExitStatus::from_raw(0), log).unwrap();
        assert_eq!(line.split_whitespace().collect::<Vec<_>>(), ["envelope", "12", "seeds", "4711", "inputs"]);
    }

    #[test]
    fn a_run_that_left_out_seeds_has_failed() {
        let log = "stat::number_of_executed_units: 11\n";
        let error = told("envelope", 12, ExitStatus::from_raw(0), log).unwrap_err();
        assert!(error.starts_with("envelope: ran 11 inputs, fewer than its 12 seeds"), "{error}");
        assert!(told("envelope", 11, ExitStatus::from_raw(0), log).is_ok());
        assert!(told("envelope", 1, ExitStatus::from_raw(0), "").is_err());
    }

    #[test]
    fn a_finding_is_told_with_its_input_and_how_to_see_it_again() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("crash-0123");
        fs::write(&path, b"<a\0").unwrap();
        let log = format!("thread panicked at x\nartifact_prefix='y'; Test unit written to {}\n", path.display());
        let error = told("envelope", 1, ExitStatus::from_raw(ABORTED), &log).unwrap_err();
        assert!(error.starts_with("envelope: signal: 6"), "{error}");
        assert!(error.contains("panicked at x") && error.contains("echo PGEA | base64 -d"), "{error}");
        assert!(error.contains(&format!("cargo xtask fuzz envelope --input {}\n", path.display())), "{error}");
    }

    #[test]
    fn a_finding_without_an_input_is_told_too() {
        let lines: String = (0..LOG_LINES_MAX + 1).map(|line| format!("line {line}\n")).collect();
        let error = told("table", 1, ExitStatus::from_raw(11), &lines).unwrap_err();
        assert!(error.contains("signal: 11") && error.ends_with("as when the stack overflows"), "{error}");
        assert!(error.contains("line 1\n") && !error.contains("line 0\n"), "{error}");
    }

    #[test]
    fn seeds_of_an_earlier_run_are_gone_and_findings_stay() {
        let folder = tempfile::tempdir().unwrap();
        prepare(folder.path(), [("a".to_owned(), vec![1])]).unwrap();
        fs::write(folder.path().join("found/x"), "").unwrap();
        prepare(folder.path(), [("b".to_owned(), vec![2])]).unwrap();
        assert!(!folder.path().join("seeds/a").exists() && folder.path().join("found/x").exists());
        assert_eq!(fs::read(folder.path().join("seeds/b")).unwrap(), [2]);
    }
}
