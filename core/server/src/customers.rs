//! The customers folder at the start: every library is judged, tried alone against this server, and taken or refused.
//!
//! Used by `assembly` and by `plugpoint customer check`. A refused library is never replaced by anything: tenants of its
//! customer are answered `customer_unknown`. A library whose code ends the process ends the server here; `check` survives it.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use plugpoint_config::{Config, OnRefusal};
use plugpoint_kernel::{Candidate, Fault, FaultCode, Folder, Library, Loaded, Plans, Refusal, Source};

use crate::bundle;
use crate::cli::Failure;

/// What is done with a sentence that the operator should read.
pub type Tell<'a> = &'a dyn Fn(&str);

/// Where libraries are looked for.
#[must_use]
pub fn folder(config: &Config, data_dir: &Path) -> PathBuf {
    match &config.customers.dir {
        Some(folder) => folder.as_path().to_owned(),
        None => data_dir.join("customers"),
    }
}

/// Commits everything that registers hooks: core, plugins, linked and loaded customers.
///
/// # Errors
/// Every refused library, unless `customers.on_refusal` is `skip`; all clashes at once, with file and line of every party.
pub fn plans(config: &Config, data_dir: &Path, tell: Tell<'_>) -> Result<Plans, Failure> {
    let folder = Folder::read(&folder(config, data_dir))?;
    for file in &folder.ignored {
        tell(&format!("{}: is no customer library and is ignored", file.display()));
    }
    let (mut sources, mut refused, mut names) = (bundle::sources(), folder.refused, BTreeSet::new());
    let loaded = loaded(&folder.candidates, &mut refused, &mut names);
    sources.extend(loaded.iter().map(|(loaded, candidate)| Source::loaded(loaded, &candidate.shadows)));
    if !refused.is_empty() {
        match config.customers.on_refusal {
            OnRefusal::Stop => return Err(stopped(&refused)),
            OnRefusal::Skip => refused.iter().for_each(|refusal| tell(&format!("not loaded: {refusal}"))),
        }
    }
    Ok(Plans::commit(sources)?.without(names))
}

fn stopped(refused: &[Refusal]) -> Failure {
    let plural = if refused.len() == 1 { "library" } else { "libraries" };
    let lines: Vec<String> = refused.iter().map(|refusal| format!("\n  {refusal}")).collect();
    let (count, lines) = (refused.len(), lines.concat());
    let advice = "\ncustomers.on_refusal = \"skip\" starts the server without these customers";
    Failure::new(format!("{count} customer {plural} cannot be loaded:{lines}{advice}"))
}

/// Loads what can be loaded; the rest goes to `refused`, and the customers' names to `names`.
fn loaded<'a>(
    candidates: &'a [Candidate],
    refused: &mut Vec<Refusal>,
    names: &mut BTreeSet<String>,
) -> Vec<(Loaded, &'a Candidate)> {
    let mut opened = Vec::new();
    for (candidate, library) in candidates.iter().zip(inspected(candidates)) {
        match library.and_then(Loaded::open) {
            Ok(loaded) => opened.push((loaded, candidate)),
            Err(refusal) => {
                names.insert(candidate.name.clone());
                refused.push(refusal);
            }
        }
    }
    let is_held_twice: BTreeSet<&str> = {
        let mut seen = BTreeSet::new();
        opened.iter().map(|(loaded, _)| loaded.entry.name).filter(|name| !seen.insert(*name)).collect()
    };
    let judged = opened.into_iter().filter(|(loaded, candidate)| {
        // Two files of one customer are a clash: the commit names both, whatever their own names are.
        let verdict = match is_held_twice.contains(loaded.entry.name) {
            true => Ok(()),
            false => is_named_for(loaded, candidate).and_then(|()| tried(loaded)),
        };
        let Err(refusal) = verdict else { return true };
        names.extend([candidate.name.clone(), loaded.entry.name.to_owned()]);
        refused.push(refusal);
        false
    });
    judged.collect()
}

/// Reads every library, on all processors: hundreds of them are a gigabyte to hash. Loading is left to one thread.
fn inspected(candidates: &[Candidate]) -> Vec<Result<Library, Refusal>> {
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let share = candidates.len().div_ceil(threads).max(1);
    let inspect =
        |share: &[Candidate]| -> Vec<_> { share.iter().map(|candidate| Library::inspect(&candidate.file)).collect() };
    std::thread::scope(|scope| {
        let started: Vec<_> =
            candidates.chunks(share).map(|share| (share, scope.spawn(move || inspect(share)))).collect();
        // A thread that has panicked has judged nothing; its share is judged here, where a panic is seen.
        started.into_iter().flat_map(|(share, thread)| thread.join().unwrap_or_else(|_| inspect(share))).collect()
    })
}

fn is_named_for(loaded: &Loaded, candidate: &Candidate) -> Result<(), Refusal> {
    let (named, held) = (candidate.name.as_str(), loaded.entry.name);
    if named == held {
        return Ok(());
    }
    let reason = format!("it is named for customer {named} and holds customer {held}; name it {}", file_name(loaded));
    Err(Fault::new(FaultCode::FileName, reason).at(&candidate.file))
}

/// The name under which a library belongs into the customers folder.
#[must_use]
pub fn file_name(loaded: &Loaded) -> String {
    let version = loaded.entry.package.rsplit(' ').next().unwrap_or_default();
    format!("{}-{version}.so", loaded.entry.name)
}

/// Commits one library with all that is linked, to see whether its registrations fit. What else is wrong is not its fault.
///
/// # Errors
/// Every problem to which its customer is a party; a `register` that panics is one.
pub fn tried(loaded: &Loaded) -> Result<(), Refusal> {
    let mut sources = bundle::sources();
    sources.push(Source::loaded(loaded, &[]));
    let Err(problems) = Plans::commit(sources) else { return Ok(()) };
    let who = format!("customer {}", loaded.entry.name);
    let own = problems.as_slice().iter().filter(|problem| problem.parties.iter().any(|party| party.who == who));
    let own: Vec<String> = own.map(ToString::to_string).collect();
    if own.is_empty() {
        return Ok(());
    }
    Err(Fault::new(FaultCode::Registration, own.join("\n  ")).at(&loaded.library.file))
}
