//! The reading side of an import: the tenant's transformer and rules, on a thread of the tenant's own.
//!
//! The storing side starts it, takes its batches and watches it: a hook that brings nothing first loses its priority and
//! the worker's place, then, beyond its point's time budget, the whole import is given up. It decides about no record.

use std::io::Read;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use plugpoint_kernel::{Beat, Running, TenantPlan, step_back};
use plugpoint_sdk::codes;
use plugpoint_sdk::document::{Document, TransformError};
use plugpoint_sdk::error::ApiError;

use super::findings::FindingsLog;
use super::progress::CountedReader;
use super::recall::{Basis, Recognition};
use super::run::Import;
use super::sink::{Intake, Storage};

/// How often the storing side looks whether the reading one still brings something.
pub(crate) const LOOK_INTERVAL: Duration = Duration::from_millis(50);

/// An import that has taken longer lets shorter ones go first, whoever's they are: one tenant's flood or large catalog then
/// costs another's few items next to nothing.
const LONG_AFTER: Duration = Duration::from_secs(1);

/// How long the last word of a thread is waited for that has hung up, or was told to stop.
const LAST_WORD_MAX: Duration = Duration::from_secs(60);

/// Why another import should not wait for this one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Slow {
    /// A hook brings nothing: no processor is needed meanwhile.
    Waiting,
    /// It has run for a while, now at a lower priority.
    Long,
}

/// The reading thread, as the storing side sees it.
pub(crate) struct Reading<'a> {
    import: &'a Import,
    running: Running<Result<(), TransformError>>,
    on_slow: &'a dyn Fn(Slow),
    is_given_up: bool,
    started: Instant,
    is_long: bool,
}

impl<'a> Reading<'a> {
    /// Starts to read. `on_slow` is called at most once for each reason why another import should not wait for this one.
    ///
    /// # Errors
    /// The tenant's hooks have left too many threads behind.
    pub(crate) fn start(
        import: &'a Import,
        document: Box<dyn Read + Send>,
        findings: &Arc<Mutex<FindingsLog>>,
        (to_store, basis): (Storage, Option<Basis>),
        on_slow: &'a dyn Fn(Slow),
    ) -> Result<Self, ApiError> {
        let (owned, findings) = (import.clone(), Arc::clone(findings));
        let task = move |beat: &Beat| read(&owned, document, &findings, (to_store, basis), beat);
        if import.is_patient {
            step_back(); // before the other thread starts, which has its priority from this one
        }
        let running = import.runtime.threads.start("import-read", task)?;
        Ok(Self { import, running, on_slow, is_given_up: false, started: Instant::now(), is_long: import.is_patient })
    }

    /// Something came from the thread.
    pub(crate) fn brought(&mut self) {
        self.running.brought();
        self.step_back_in_time();
    }

    /// Nothing came for a while.
    ///
    /// # Errors
    /// `hook_timeout` when the hook that runs has used up its budget, `unavailable` when the server stops and it does not.
    pub(crate) fn look(&mut self) -> Result<(), ApiError> {
        self.step_back_in_time();
        let looked = self.looked();
        self.is_given_up = looked.is_err();
        looked
    }

    /// Both threads of a long import get a lower priority, once; they end with the import, so nobody has to give it back.
    fn step_back_in_time(&mut self) {
        if !self.is_long && self.started.elapsed() > LONG_AFTER {
            self.is_long = true;
            (self.on_slow)(Slow::Long);
            self.running.step_back();
            step_back();
        }
    }

    fn looked(&mut self) -> Result<(), ApiError> {
        let hooks = &self.import.config.hooks;
        let idle = self.running.idle();
        if idle < Duration::from_millis(hooks.slow_after_ms) {
            return Ok(());
        }
        if self.running.slow_down_once() {
            (self.on_slow)(Slow::Waiting);
        }
        let job = &self.import.job;
        if job.progress.is_stopping() {
            return Err(ApiError::new(&codes::UNAVAILABLE, "the server stops while a hook does not return"));
        }
        let number = self.running.beat().hook();
        let plan = &self.import.runtime.plan;
        let (what, id, budget) = named(plan, job.meta().is_canonical, number);
        let budget = budget * hooks.budget_percent / 100;
        if idle < budget {
            return Ok(());
        }
        give_up(plan, job.meta().is_canonical, number);
        let detail = format!(
            "the {what} {id} brought nothing for {} ms and was given up; nothing was changed",
            budget.as_millis()
        );
        Err(ApiError::new(&codes::HOOK_TIMEOUT, detail))
    }

    /// What became of the document, once the thread has said its last word or was given up.
    pub(crate) fn end(self) -> Result<(), TransformError> {
        let at_most = if self.is_given_up { Duration::ZERO } else { LAST_WORD_MAX };
        self.running.result(at_most).unwrap_or_else(|error| Err(TransformError::Document(error)))
    }
}

/// The reading thread's work.
fn read(
    import: &Import,
    document: Box<dyn Read + Send>,
    findings: &Mutex<FindingsLog>,
    (to_store, basis): (Storage, Option<Basis>),
    beat: &Beat,
) -> Result<(), TransformError> {
    let Import { config, runtime, job, .. } = import;
    let mut intake = Intake::new(
        (&runtime.plan, &runtime.profile),
        (findings, &job.progress, beat),
        (to_store, basis.map(|basis| Recognition::new(runtime, basis))),
        job.meta().mode,
        config.imports.batch_items,
    );
    let mut source = CountedReader::new(document, &job.progress, beat);
    let transformer = if job.meta().is_canonical { &runtime.plan.canonical } else { &runtime.plan.transformer };
    let mut document = Document {
        source: &mut source,
        media_type: &job.meta().media_type,
        charset: job.meta().charset.as_deref(),
        mode: intake.mode,
        profile: &runtime.profile,
        xml_limits: config.limits.xml(),
        formats: &runtime.plan.formats,
    };
    transformer
        .call(|transformer| transformer.transform(&mut document, &mut intake), has_panicked)
        .map_err(|suspended| TransformError::Document(suspended.into()))??;
    Ok(intake.finish()?)
}

/// A document that is not what it claims to be is no failure of the transformer.
fn has_panicked(result: &Result<(), TransformError>) -> bool {
    matches!(result, Err(TransformError::Document(error)) if error.code == &codes::HOOK_FAILED)
}

/// The hook behind a number of [`Beat::enter`]: 0 is the transformer, then the rules as [`Intake`] calls them.
fn named(plan: &TenantPlan, is_canonical: bool, number: u32) -> (&'static str, &str, Duration) {
    let transformer = if is_canonical { &plan.canonical } else { &plan.transformer };
    match rule(plan, number) {
        Some(rule) => ("rule", &rule.id, rule.budget()),
        None => ("transformer", &transformer.id, transformer.budget()),
    }
}

fn give_up(plan: &TenantPlan, is_canonical: bool, number: u32) {
    match rule(plan, number) {
        Some(rule) => rule.given_up(),
        None if is_canonical => plan.canonical.given_up(),
        None => plan.transformer.given_up(),
    }
}

fn rule(
    plan: &TenantPlan,
    number: u32,
) -> Option<&plugpoint_kernel::Hook<dyn plugpoint_sdk::points::item_rule::ItemRule>> {
    let index = usize::try_from(number).ok()?.checked_sub(1)?;
    plan.rules_decoded.iter().chain(&plan.rules_validated).nth(index)
}
