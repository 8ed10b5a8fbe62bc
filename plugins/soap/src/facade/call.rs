//! One call of a facade's hook: on a thread of its own, watched, with the desk on the thread that waits for it.
//!
//! The endpoint starts it. What the hook asks comes through a channel and is done here; meanwhile its budget stands still. A hook
//! that brings nothing is given up, and so is one that asks for ever. It judges no answer.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::time::{Duration, Instant};

use plugpoint_http::TenantRuntime;
use plugpoint_kernel::{Beat, Hook};
use plugpoint_sdk::codes;
use plugpoint_sdk::error::ApiError;
use plugpoint_sdk::facade::{
    DeskAnswer, DeskQuestion, FacadeCall, FacadeCaller, FacadeDesk, FacadeError, FacadePlatform,
};
use plugpoint_sdk::points::soap_facade::SoapFacade;
use plugpoint_sdk::xml::Element;

/// How often the thread is looked after.
const LOOK_INTERVAL: Duration = Duration::from_millis(10);
/// How long a thread that has asked its last question may take to hand over what it says.
const LAST_WAIT: Duration = Duration::from_secs(1);

/// All that the hook's thread owns.
pub(super) struct Errand {
    pub(super) operation: Element,
    pub(super) caller: Option<FacadeCaller>,
    pub(super) runtime: Arc<TenantRuntime>,
    pub(super) hook: Hook<dyn SoapFacade>,
}

struct Asked {
    question: DeskQuestion,
    answer: SyncSender<Result<DeskAnswer, ApiError>>,
}

/// Runs the hook until it answers, is given up, or `until` is over. Blocks.
///
/// # Errors
/// The hook's own; `hook_timeout`, `hook_suspended`, `hook_failed`.
pub(super) fn run(
    errand: Errand,
    budget_percent: u32,
    until: Instant,
    mut ask: impl FnMut(DeskQuestion) -> Result<DeskAnswer, ApiError>,
) -> Result<String, FacadeError> {
    let (runtime, hook) = (Arc::clone(&errand.runtime), errand.hook.clone());
    let (to_desk, questions) = sync_channel::<Asked>(0);
    let name = format!("the facade {}", hook.id);
    let budget = hook.budget() * budget_percent / 100;
    let mut running = runtime.answering.threads.start(&name, move |_: &Beat| errand.run(to_desk))?;
    loop {
        match next(&questions) {
            Ok(Asked { question, answer }) => {
                let said = if Instant::now() < until { ask(question) } else { Err(too_long()) };
                running.brought();
                // A thread that does not wait any more has been told enough.
                let _ = answer.send(said);
            }
            Err(RecvTimeoutError::Disconnected) => return running.result(LAST_WAIT)?,
            Err(RecvTimeoutError::Timeout) => {}
        }
        // One that still asks when all time is over gets no further budget by asking.
        if running.idle() >= budget || Instant::now() >= until + budget {
            running.slow_down_once();
            hook.given_up();
            let detail = format!("{name} brought nothing for {budget:?} and was given up");
            return Err(ApiError::new(&codes::HOOK_TIMEOUT, detail).into());
        }
    }
}

fn next(questions: &Receiver<Asked>) -> Result<Asked, RecvTimeoutError> {
    questions.recv_timeout(LOOK_INTERVAL)
}

fn too_long() -> ApiError {
    ApiError::new(&codes::UNAVAILABLE, "the call takes too long; what it did so far stays").retry_after(10)
}

impl Errand {
    fn run(self, to_desk: SyncSender<Asked>) -> Result<String, FacadeError> {
        let Self { operation, caller, runtime, hook } = self;
        let call = FacadeCall {
            operation: &operation,
            caller: caller.as_ref(),
            tenant: &runtime.tenant,
            profile: &runtime.profile,
        };
        let mut line = Line { to_desk };
        let mut desk = FacadeDesk { platform: &mut line };
        hook.call(|hook| hook.answer(&call, &mut desk), has_failed).map_err(ApiError::from)?
    }
}

/// What the desk refuses is no failure of the facade, and neither is a fault.
fn has_failed(result: &Result<String, FacadeError>) -> bool {
    matches!(result, Err(FacadeError::Failed(error)) if error.code == &codes::HOOK_FAILED)
}

/// The desk, as the hook's thread reaches it.
struct Line {
    to_desk: SyncSender<Asked>,
}

impl FacadePlatform for Line {
    fn ask(&mut self, question: DeskQuestion) -> Result<DeskAnswer, ApiError> {
        let gone = || ApiError::new(&codes::UNAVAILABLE, "the call was given up");
        let (answer, said) = sync_channel(1);
        self.to_desk.send(Asked { question, answer }).map_err(|_| gone())?;
        said.recv().map_err(|_| gone())?
    }
}
