//! A fake service for sources, and what every source keeps to: `import_source::conformance`.
//!
//! Every request can be made to fail, each in every way; the failures are derived from the good answers, so one happens again.

use proptest::prelude::*;
use proptest::test_runner::TestCaseError;

use super::damage;
use super::promises::{runner, told};
use crate::codes;
use crate::error::ApiError;
use crate::guard::contain;
use crate::points::import_source::ImportSource;
use crate::profile::{Profile, SourceProfile};
use crate::pull::{Outlet, PullSession, PulledResponse, SourceError};
use crate::xml::XmlLimits;

/// The secret that sources are tried with.
pub const FAKE_SECRET: &str = "s3cret-Of-The-Trial";
/// Requests beyond which a pull of the trial is taken for endless.
const REQUESTS_MAX: usize = 10_000;
/// Random answers that are tried.
const TRIES: u32 = 64;

/// One request as the service got it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SentRequest {
    /// What stands behind the url.
    pub path: String,
    /// The headers that the source set.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}

/// A service: a request in, an answer out.
pub type FakeService = Box<dyn FnMut(&SentRequest) -> PulledResponse>;

/// What a source is tried on.
#[derive(Clone, Copy)]
pub struct PullTrial<'a> {
    /// Its settings.
    pub settings: &'a SourceProfile,
    /// The tenant's profile.
    pub profile: &'a Profile,
    /// Makes a fresh service.
    pub service: &'a dyn Fn() -> FakeService,
}

/// What became of one pull.
#[derive(Debug)]
pub struct Pulled {
    /// What the source returned.
    pub result: Result<(), SourceError>,
    /// What it wrote.
    pub document: Vec<u8>,
    /// What it asked, the request that takes leave included.
    pub requests: Vec<SentRequest>,
    /// The last progress that it told.
    pub progress: (u64, Option<u64>),
}

/// What is done to the answer of one request.
#[derive(Clone, Copy)]
enum Harm<'h> {
    NoAnswer,
    Becomes(&'h dyn Fn(PulledResponse) -> PulledResponse),
    Stop,
}

struct FakeOutlet<'h> {
    service: FakeService,
    /// The request that is harmed, counted from 0, and how.
    harm: Option<(usize, Harm<'h>)>,
    /// From this write on, counted from 0, the document is not wanted.
    writes_max: usize,
    writes: usize,
    is_stopped: bool,
    /// Whether the harm has changed anything: the request that takes leave is never harmed.
    is_harmed: bool,
    calls_after_stop: usize,
    pulled: (Vec<u8>, Vec<SentRequest>, (u64, Option<u64>)),
}

impl FakeOutlet<'_> {
    fn stop(&mut self) -> SourceError {
        self.calls_after_stop += usize::from(self.is_stopped);
        self.is_stopped = true;
        SourceError::Stopped
    }

    fn answered(&mut self, path: &str, headers: &[(&str, &str)], body: &[u8]) -> PulledResponse {
        let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let request = SentRequest { path: path.to_owned(), headers, body: body.to_vec() };
        let answer = (self.service)(&request);
        self.pulled.1.push(request);
        answer
    }
}

impl Outlet for FakeOutlet<'_> {
    fn post(&mut self, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Result<PulledResponse, SourceError> {
        let number = self.pulled.1.len();
        let harm = self.harm.filter(|(at, _)| *at == number).map(|(_, harm)| harm);
        if self.is_stopped || number > REQUESTS_MAX || matches!(harm, Some(Harm::Stop)) {
            self.is_harmed = true;
            return Err(self.stop());
        }
        let answer = self.answered(path, headers, body);
        match harm {
            Some(Harm::NoAnswer) => {
                self.is_harmed = true;
                Err(ApiError::new(&codes::SOURCE_UNREACHABLE, "no answer").into())
            }
            Some(Harm::Becomes(harmed)) => {
                let becomes = harmed(answer.clone());
                self.is_harmed = becomes != answer;
                Ok(becomes)
            }
            Some(Harm::Stop) | None => Ok(answer),
        }
    }

    fn post_last(&mut self, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Result<PulledResponse, SourceError> {
        Ok(self.answered(path, headers, body))
    }

    fn write(&mut self, bytes: &[u8]) -> Result<(), SourceError> {
        if self.is_stopped || self.writes >= self.writes_max {
            return Err(self.stop());
        }
        self.writes += 1;
        self.pulled.0.extend(bytes);
        Ok(())
    }

    fn progress(&mut self, done: u64, of: Option<u64>) {
        self.pulled.2 = (done, of);
    }
}

struct Tried {
    pulled: Pulled,
    is_harmed: bool,
    calls_after_stop: usize,
}

impl PullTrial<'_> {
    /// Pulls once from a service that does nothing wrong.
    pub fn pull(&self, source: &dyn ImportSource) -> Pulled {
        self.run(source, None, usize::MAX).pulled
    }

    fn run(&self, source: &dyn ImportSource, harm: Option<(usize, Harm<'_>)>, writes_max: usize) -> Tried {
        let mut outlet = FakeOutlet {
            service: (self.service)(),
            harm,
            writes_max,
            writes: 0,
            is_stopped: false,
            is_harmed: false,
            calls_after_stop: 0,
            pulled: Default::default(),
        };
        let mut session = PullSession {
            outlet: &mut outlet,
            name: "trial",
            settings: self.settings,
            profile: self.profile,
            secret: Some(FAKE_SECRET),
            xml_limits: XmlLimits::default(),
        };
        let result = source.pull(&mut session);
        let FakeOutlet { pulled: (document, requests, progress), is_harmed, calls_after_stop, .. } = outlet;
        Tried { pulled: Pulled { result, document, requests, progress }, is_harmed, calls_after_stop }
    }
}

/// Every violation of the promises, in one sentence each.
pub(crate) fn source_promises(source: &dyn ImportSource, trial: &PullTrial<'_>) -> Vec<String> {
    let good = match contain(|| (trial.pull(source), trial.pull(source))) {
        Ok((good, again)) => {
            if let Err(error) = &good.result {
                return vec![format!("it failed with a service that does nothing wrong: {error:?}")];
            }
            if good.document != again.document {
                return vec!["the same service gave two documents".to_owned()];
            }
            good
        }
        Err(panicked) => return vec![format!("it {panicked}")],
    };
    let mut violations = Vec::new();
    if good.document.is_empty() {
        violations.push("it wrote nothing".to_owned());
    }
    if contains(&good.document, FAKE_SECRET.as_bytes()) {
        violations.push("the secret is in the document".to_owned());
    }
    let requests = good.requests.len();
    for number in 0..requests {
        violations.extend(harmed(source, trial, number));
    }
    violations.extend(stopped_while_writing(source, trial));
    violations.extend(damaged(source, trial, requests));
    violations
}

/// One request fails in each way, and is the last that the source may have wanted.
fn harmed(source: &dyn ImportSource, trial: &PullTrial<'_>, number: usize) -> Vec<String> {
    let status: fn(PulledResponse) -> PulledResponse = |answer| PulledResponse { status: 500, ..answer };
    let moved: fn(PulledResponse) -> PulledResponse = |answer| PulledResponse { status: 302, ..answer };
    let empty: fn(PulledResponse) -> PulledResponse = |answer| PulledResponse { body: Vec::new(), ..answer };
    let garbage: fn(PulledResponse) -> PulledResponse =
        |answer| PulledResponse { body: vec![0xff, b'<', 0, b'>'], ..answer };
    let half: fn(PulledResponse) -> PulledResponse = |answer| {
        let bytes = answer.body.len() / 2;
        PulledResponse { body: answer.body[..bytes].to_vec(), ..answer }
    };
    let ways: [(&str, Harm<'_>); 7] = [
        ("got no answer", Harm::NoAnswer),
        ("was answered with status 500", Harm::Becomes(&status)),
        ("was answered with status 302", Harm::Becomes(&moved)),
        ("was answered with an empty body", Harm::Becomes(&empty)),
        ("was answered with garbage", Harm::Becomes(&garbage)),
        ("was answered with half a body", Harm::Becomes(&half)),
        ("was stopped", Harm::Stop),
    ];
    let mut violations = Vec::new();
    for (how, harm) in ways {
        let Tried { pulled, is_harmed, calls_after_stop } =
            match contain(|| trial.run(source, Some((number, harm)), usize::MAX)) {
                Ok(tried) => tried,
                Err(panicked) => {
                    violations.push(format!("when request {} {how} it {panicked}", number + 1));
                    continue;
                }
            };
        match &pulled.result {
            Ok(()) if is_harmed => {
                violations.push(format!("it called the document whole though request {} {how}", number + 1));
            }
            Err(error) if format!("{error:?}").contains(FAKE_SECRET) => {
                violations.push("the secret is in an error".to_owned());
            }
            _ => {}
        }
        if calls_after_stop > 0 {
            violations.push("after it was stopped it asked or wrote".to_owned());
        }
    }
    violations
}

fn stopped_while_writing(source: &dyn ImportSource, trial: &PullTrial<'_>) -> Option<String> {
    (0..3).find_map(|writes| {
        let Tried { pulled, calls_after_stop, .. } = contain(|| trial.run(source, None, writes)).ok()?;
        if calls_after_stop > 0 {
            return Some("after it was stopped it asked or wrote".to_owned());
        }
        let is_told = pulled.document.is_empty() || matches!(pulled.result, Err(SourceError::Stopped));
        (!is_told).then(|| format!("stopped after {writes} writes, it did not say so"))
    })
}

/// Answers with bytes changed may be refused or read; nothing panics.
fn damaged(source: &dyn ImportSource, trial: &PullTrial<'_>, requests: usize) -> Option<String> {
    let flips = damage::flips(b"0123456789");
    let result =
        runner(TRIES).run(&(0..requests.max(1), any::<prop::sample::Index>(), flips), |(number, at, bytes)| {
            let change = |answer: PulledResponse| {
                let mut body = answer.body;
                let start = at.index(body.len() + 1);
                let end = (start + bytes.len()).min(body.len());
                body.splice(start..end, bytes.iter().copied());
                PulledResponse { body, ..answer }
            };
            match contain(|| trial.run(source, Some((number, Harm::Becomes(&change))), usize::MAX)) {
                Err(panicked) => Err(TestCaseError::fail(format!("with bytes of an answer changed, it {panicked}"))),
                Ok(_) => Ok(()),
            }
        });
    told(result, |example| format!("; the change was {example:?}"))
}

fn contains(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}
