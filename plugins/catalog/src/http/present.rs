//! What the tenant's presenters say about items, put behind the items' own fields as `extensions`. Called by the two routes
//! that answer items, and only where the tenant has presenters.
//!
//! The presenters run on a thread of the tenant's, which this watches as an import's is watched: one that brings nothing is
//! given up, and the items that are left go on without it. It refuses to fail a read: what cannot be said is left out and
//! logged once for each answer.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use plugpoint_http::body::blocking;
use plugpoint_http::{Platform, TenantRuntime, conditional};
use plugpoint_kernel::{Beat, Hook, Running};
use plugpoint_sdk::codes;
use plugpoint_sdk::desk::StoredItem;
use plugpoint_sdk::model::{CatalogId, ItemData};
use plugpoint_sdk::points::item_presenter::{ItemPresenter, PresentContext};
use plugpoint_store::ItemRow;

/// How long an answer waits for one of its tenant's places; after that it is given without extensions.
const PLACE_WAIT_MAX: Duration = Duration::from_secs(2);

/// How long all items of one answer may take together; those that are left then are answered without extensions.
const ANSWER_MAX: Duration = Duration::from_secs(2);

/// How often the thread is looked after.
const LOOK_INTERVAL: Duration = Duration::from_millis(10);

/// Whether somebody has something to say about this tenant's items.
pub(super) fn is_due(runtime: &TenantRuntime) -> bool {
    !runtime.plan.presenters.is_empty()
}

/// One item as it is answered, and whether every presenter has said what it had to say.
pub(super) async fn one(
    platform: &Platform,
    runtime: &Arc<TenantRuntime>,
    catalog: CatalogId,
    mut stored: StoredItem,
) -> (StoredItem, bool) {
    let words = words(platform, runtime, catalog, vec![stored.body.clone()]).await.pop();
    let Words { members, is_whole } = words.unwrap_or_default();
    extend(&mut stored, &members);
    (stored, is_whole)
}

/// The rows of a page as they are answered.
pub(super) async fn rows(
    platform: &Platform,
    runtime: &Arc<TenantRuntime>,
    catalog: CatalogId,
    mut rows: Vec<ItemRow>,
) -> Vec<ItemRow> {
    let bodies = rows.iter().map(|row| row.stored.body.clone()).collect();
    let words = words(platform, runtime, catalog, bodies).await;
    for (row, Words { members, .. }) in rows.iter_mut().zip(&words) {
        extend(&mut row.stored, members);
    }
    rows
}

/// What was said about one item.
#[derive(Default)]
struct Words {
    /// `"member":value` after `"member":value`.
    members: String,
    is_whole: bool,
}

/// Puts the extensions behind the item's own fields, if there are any.
fn extend(stored: &mut StoredItem, members: &str) {
    if let Some(fields) = stored.body.strip_suffix('}').filter(|_| !members.is_empty()) {
        stored.body = format!("{fields},\"extensions\":{{{members}}}}}");
        stored.etag = conditional::presented(&stored.etag, members.as_bytes());
    }
}

/// What is said about each of `bodies`, in their order; it may end early.
async fn words(
    platform: &Platform,
    runtime: &Arc<TenantRuntime>,
    catalog: CatalogId,
    bodies: Vec<String>,
) -> Vec<Words> {
    let Some(place) = runtime.presenting.enter(PLACE_WAIT_MAX).await else {
        tracing::warn!(tenant = %runtime.tenant, "too many answers of this tenant are presented at once; items are answered without extensions");
        return Vec::new();
    };
    let budget_percent = platform.config().hooks.budget_percent;
    let work = Arc::new(Work { runtime: Arc::clone(runtime), catalog, bodies, state: Mutex::default() });
    let presented = blocking(move || {
        // Held until the thread is free again, even if the client has gone.
        let _place = place;
        Ok(work.run(budget_percent))
    });
    presented.await.unwrap_or_else(|error| {
        tracing::error!(%error, tenant = %runtime.tenant, "items are answered without extensions");
        Vec::new()
    })
}

/// One answer's items, shared with the thread that presents them: it may never end.
struct Work {
    runtime: Arc<TenantRuntime>,
    catalog: CatalogId,
    bodies: Vec<String>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// Which thread has the word; one that was given up has it no more.
    attempt: u32,
    /// Of the first items, in their order.
    words: Vec<Words>,
    /// By presenter: how often it failed, and what it said the first time.
    failures: BTreeMap<usize, (u64, String)>,
}

/// Whether to go on with the items that are left.
#[derive(PartialEq)]
enum Next {
    GoOn,
    End,
}

impl Work {
    /// Presents until all is said or the time is over.
    fn run(self: &Arc<Self>, budget_percent: u32) -> Vec<Words> {
        let deadline = Instant::now() + ANSWER_MAX;
        let mut attempt = 0;
        while self.lock().words.len() < self.bodies.len() {
            let this = Arc::clone(self);
            let started =
                self.runtime.presenting.threads.start("item-present", move |beat| this.present(attempt, beat));
            let next = match started {
                Ok(running) => self.watch(running, budget_percent, deadline),
                // That too many never returned was told as each was given up, and would be told again by every read.
                Err(error) if error.code == &codes::HOOK_SUSPENDED => Next::End,
                Err(error) => {
                    tracing::warn!(%error, tenant = %self.runtime.tenant, "items are answered without extensions");
                    Next::End
                }
            };
            attempt += 1;
            self.lock().attempt = attempt;
            if next == Next::End {
                break;
            }
        }
        let (words, failures) = {
            let mut state = self.lock();
            (std::mem::take(&mut state.words), std::mem::take(&mut state.failures))
        };
        for (index, (times, error)) in failures {
            let hook = self.presenter(index).map_or("", |hook| &hook.id);
            tracing::warn!(tenant = %self.runtime.tenant, hook, times, error, "item presenter failed");
        }
        words
    }

    /// Waits for a thread, and gives up a presenter that brings nothing, or the answer's rest when its time is over.
    fn watch(&self, mut running: Running<()>, budget_percent: u32, deadline: Instant) -> Next {
        loop {
            match running.result(LOOK_INTERVAL) {
                Ok(()) => return Next::GoOn,
                Err(error) if error.code == &codes::HOOK_TIMEOUT => {}
                Err(error) => {
                    tracing::error!(%error, tenant = %self.runtime.tenant, "items are answered without extensions");
                    return Next::End;
                }
            }
            let index = (running.beat().hook() as usize).checked_sub(1);
            if let Some((index, hook)) = index.and_then(|index| Some((index, self.presenter(index)?)))
                && running.idle() >= hook.budget() * budget_percent / 100
            {
                running.slow_down_once();
                hook.given_up();
                self.lock().failed(index, || "it brought nothing within its budget and was given up".to_owned());
                return Next::GoOn;
            }
            if Instant::now() >= deadline {
                running.slow_down_once();
                let left = self.bodies.len() - self.lock().words.len();
                tracing::warn!(tenant = %self.runtime.tenant, left, "the time of an answer is over; the items that are left have no extensions");
                return Next::End;
            }
        }
    }

    /// The thread's work: the items that are left, until it loses the word.
    fn present(&self, attempt: u32, beat: &Beat) {
        let first = self.lock().words.len();
        for body in self.bodies.iter().skip(first) {
            let Some(words) = self.words_on(body, attempt, beat) else { return };
            let mut state = self.lock();
            if state.attempt != attempt {
                return;
            }
            state.words.push(words);
        }
    }

    /// `None` if this thread has lost the word.
    fn words_on(&self, body: &str, attempt: u32, beat: &Beat) -> Option<Words> {
        let Ok(item) = serde_json::from_str::<ItemData>(body) else {
            tracing::error!(tenant = %self.runtime.tenant, catalog = %self.catalog, "a stored item cannot be read, so it is not presented");
            return Some(Words::default());
        };
        let ctx = PresentContext { profile: &self.runtime.profile, catalog: &self.catalog };
        let mut words = Words { members: String::new(), is_whole: true };
        for (index, (member, hook)) in self.runtime.plan.presenters.iter().enumerate() {
            if self.lock().attempt != attempt {
                return None;
            }
            beat.enter(u32::try_from(index + 1).unwrap_or(u32::MAX));
            let said = hook.call(|hook| said(hook, &item, &ctx), Result::is_err);
            beat.enter(0);
            match said {
                Ok(Ok(Some(json))) => {
                    let comma = if words.members.is_empty() { "" } else { "," };
                    // A key has the form of an id, so it needs no escapes; writing to a String cannot fail.
                    let _ = write!(words.members, "{comma}\"{member}\":{json}");
                }
                Ok(Ok(None)) => {}
                Ok(Err(error)) => {
                    words.is_whole = false;
                    self.lock().failed(index, || error);
                }
                // That it is suspended was logged as the failures that led to it.
                Err(_) => words.is_whole = false,
            }
        }
        Some(words)
    }

    fn presenter(&self, index: usize) -> Option<&Hook<dyn ItemPresenter>> {
        self.runtime.plan.presenters.get(index).map(|(_, hook)| hook)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn failed(&mut self, presenter: usize, error: impl FnOnce() -> String) {
        self.failures.entry(presenter).or_insert_with(|| (0, error())).0 += 1;
    }
}

/// What one presenter says, as JSON that was looked at.
fn said(hook: &dyn ItemPresenter, item: &ItemData, ctx: &PresentContext<'_>) -> Result<Option<String>, String> {
    hook.present(item, ctx)?.map(|fragment| fragment.checked()).transpose()
}
