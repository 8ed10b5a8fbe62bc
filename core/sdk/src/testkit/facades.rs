//! A desk in memory for facades, and what every facade keeps to: `soap_facade::conformance`.
//!
//! Bad messages are made from the good ones, so a failure happens again. The desk holds items as the platform does: checked
//! against the declared limits, but through no rules of a customer's.

use std::collections::BTreeMap;
use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};
use std::ops::Bound;

use crate::codes;
use crate::desk::{ImportCounts, ImportStatus};
use crate::error::ApiError;
use crate::facade::{
    DeskAnswer, DeskQuestion, FacadeCall, FacadeCaller, FacadeDesk, FacadeError, FacadeItem, FacadeOutcome,
    FacadePayload, FacadePlatform,
};
use crate::guard::contain;
use crate::model::{Finding, ImportMode, Item, ItemData, TenantId};
use crate::points::soap_facade::SoapFacade;
use crate::profile::Profile;
use crate::xml::{Element, XmlEvent, XmlOptions, XmlReader, escaped, resolved};

/// The secret that [`FakeDesk`] knows.
pub const FACADE_SECRET: &str = "s3cret-Of-The-Facade";
/// The user of that secret.
const USER: &str = "client";
/// The address that descriptions are asked for.
const ADDRESS: &str = "https://catalog.example/soap/tenants/acme/it?a=1&b=2";
/// Texts that break what was written for names, numbers and filters.
const ODD: [&str; 12] =
    ["", " ", "0", "-1", "1e9", "99999999999999999999", "..", "|*|", "%", "\u{1F4A1}", "Ä ß", "x;y;z"];

/// What a facade is tried on.
#[derive(Clone, Copy)]
pub struct FacadeTrial<'a> {
    /// The tenant's profile.
    pub profile: &'a Profile,
    /// What is in the catalog.
    pub items: &'a [ItemData],
    /// Good messages, at least one for each operation: the Body's element, and whatever it refers to behind it. A login has
    /// the user `client` and the [`FACADE_SECRET`].
    pub messages: &'a [&'a str],
}

/// A desk in memory.
#[derive(Debug, Clone, Default)]
pub struct FakeDesk {
    /// The catalog.
    pub items: BTreeMap<String, ItemData>,
    /// Whether imports do not end while they are waited for.
    pub is_slow: bool,
    /// Sessions that were opened, less those that were ended.
    pub sessions: i32,
    /// Imports that were asked for.
    pub imports: u32,
}

impl FakeDesk {
    /// A desk with these items.
    #[must_use]
    pub fn new(items: &[ItemData]) -> Self {
        let items = items.iter().map(|item| (item.sku.clone(), item.clone())).collect();
        Self { items, ..Self::default() }
    }

    /// Has a facade answer a message, as [`FacadeTrial::messages`] has them.
    ///
    /// # Errors
    /// The facade's own; `document_malformed` for a message that is no XML.
    pub fn call(&mut self, facade: &dyn SoapFacade, profile: &Profile, message: &str) -> Result<String, FacadeError> {
        let operation = parsed(message, facade.terms().is_encoded)?;
        let tenant: TenantId = "trial".parse().map_err(|_| malformed("the tenant".to_owned()))?;
        let caller = FacadeCaller { user: USER.to_owned() };
        let call = FacadeCall { operation: &operation, caller: Some(&caller), tenant: &tenant, profile };
        facade.answer(&call, &mut FacadeDesk { platform: self })
    }

    fn stored(item: &ItemData) -> FacadeItem {
        let mut hasher = DefaultHasher::new();
        serde_json::to_string(item).unwrap_or_default().hash(&mut hasher);
        FacadeItem { data: item.clone(), etag: format!("{:016x}", hasher.finish()) }
    }

    fn after(&self, after: Option<String>, limit: u32) -> impl Iterator<Item = &ItemData> {
        let from = after.map_or(Bound::Unbounded, Bound::Excluded);
        self.items.range((from, Bound::Unbounded)).map(|(_, item)| item).take(limit as usize)
    }

    fn import(&mut self, mode: ImportMode, items: Vec<ItemData>) -> FacadeOutcome {
        self.imports += 1;
        let mut outcome = FacadeOutcome {
            status: ImportStatus::Succeeded,
            counts: ImportCounts::default(),
            findings: Vec::new(),
            error: None,
        };
        let before = self.items.clone();
        for data in items {
            outcome.counts.read += 1;
            if mode == ImportMode::Delete {
                outcome.counts.removed += u64::from(self.items.remove(&data.sku).is_some());
                continue;
            }
            let sku = data.sku.clone();
            match Item::try_from_data(data) {
                Ok(item) => drop(self.items.insert(sku, item.into_data())),
                Err(findings) => {
                    outcome.counts.rejected += 1;
                    outcome.findings.extend(findings);
                }
            }
        }
        if outcome.counts.rejected * 2 > outcome.counts.read {
            self.items = before;
            outcome.status = ImportStatus::Failed;
            outcome.error = Some((codes::TOO_MANY_REJECTED.name.to_owned(), "too many were refused".to_owned()));
        }
        if self.is_slow {
            outcome.status = ImportStatus::Queued;
        }
        outcome
    }
}

impl FacadePlatform for FakeDesk {
    fn ask(&mut self, question: DeskQuestion) -> Result<DeskAnswer, ApiError> {
        Ok(match question {
            DeskQuestion::SignIn { user, secret } if user == USER && secret == FACADE_SECRET => {
                self.sessions += 1;
                DeskAnswer::Session("0123456789abcdef0123456789abcdef".to_owned())
            }
            DeskQuestion::SignIn { .. } => {
                return Err(ApiError::new(&codes::UNAUTHENTICATED, "the credentials are wrong"));
            }
            DeskQuestion::SignOut => {
                self.sessions -= 1;
                DeskAnswer::Done
            }
            DeskQuestion::Item(sku) => DeskAnswer::Item(self.items.get(&sku).map(|item| Box::new(Self::stored(item)))),
            DeskQuestion::Items { after, limit } => {
                DeskAnswer::Items(self.after(after, limit).map(Self::stored).collect())
            }
            DeskQuestion::Skus { after, limit } => {
                DeskAnswer::Skus(self.after(after, limit).map(|item| item.sku.clone()).collect())
            }
            DeskQuestion::Import(mode, FacadePayload::Items(items)) => {
                DeskAnswer::Outcome(Box::new(self.import(mode, items)))
            }
            DeskQuestion::Import(_, FacadePayload::Document { .. }) => {
                let mut outcome = self.import(ImportMode::Merge, Vec::new());
                outcome.findings.push(Finding::warning("fake", "the desk of the trial reads no document"));
                DeskAnswer::Outcome(Box::new(outcome))
            }
        })
    }
}

/// The first element of a message, references resolved if it is encoded.
fn parsed(message: &str, is_encoded: bool) -> Result<Element, ApiError> {
    let xml = format!("<Body>{message}</Body>");
    let body = tree(&xml).ok_or_else(|| malformed("the message is no XML".to_owned()))?;
    let elements = body.into_children();
    match is_encoded {
        true => resolved(elements, 1 << 20, 128).map_err(malformed),
        false => elements.into_iter().next().ok_or_else(|| malformed("the message is empty".to_owned())),
    }
}

fn malformed(what: String) -> ApiError {
    ApiError::new(&codes::DOCUMENT_MALFORMED, what)
}

fn tree(xml: &str) -> Option<Element> {
    let mut bytes = xml.as_bytes();
    let mut reader = XmlReader::new(&mut bytes, XmlOptions::default());
    let element = match reader.next() {
        Ok(XmlEvent::Start(_)) => reader.element().ok()?,
        _ => return None,
    };
    matches!(reader.next(), Ok(XmlEvent::Eof)).then_some(element)
}

/// Every violation of the promises, in one sentence each.
pub(crate) fn facade_promises(facade: &dyn SoapFacade, trial: &FacadeTrial<'_>) -> Vec<String> {
    let mut violations = described(facade);
    let terms = facade.terms();
    let elements: Vec<Element> = trial.messages.iter().filter_map(|text| parsed(text, terms.is_encoded).ok()).collect();
    for operation in terms.operations {
        if !elements.iter().any(|element| element.name() == operation.name) {
            violations.push(format!("the trial has no message for {}", operation.name));
        }
    }
    for message in trial.messages {
        violations.extend(answered(facade, trial, message));
    }
    for element in &elements {
        violations.extend(harmed(element).find_map(|message| survived(facade, trial, &message)));
    }
    violations
}

fn described(facade: &dyn SoapFacade) -> Vec<String> {
    let mut violations = Vec::new();
    let text = match contain(|| facade.wsdl(ADDRESS)) {
        Ok(Ok(text)) => text,
        Ok(Err(error)) => return vec![format!("its description is an error: {error}")],
        Err(panicked) => return vec![format!("asked for its description it {panicked}")],
    };
    // A description may begin with a declaration, which stands in no element.
    if tree(&text).is_none() {
        violations.push("its description is no XML".to_owned());
    }
    if !text.contains(&format!("\"{}\"", escaped(ADDRESS))) {
        violations.push("its description lacks the address it was given".to_owned());
    }
    for operation in facade.terms().operations {
        if !text.contains(&format!("\"{}\"", operation.name)) {
            violations.push(format!("its description lacks the operation {}", operation.name));
        }
    }
    violations
}

fn answered(facade: &dyn SoapFacade, trial: &FacadeTrial<'_>, message: &str) -> Option<String> {
    let name = shortened(message);
    match contain(|| FakeDesk::new(trial.items).call(facade, trial.profile, message)) {
        Err(panicked) => Some(format!("at the good message {name} it {panicked}")),
        Ok(Err(error)) => Some(format!("it refused the good message {name}: {error:?}")),
        Ok(Ok(answer)) if tree(&answer).is_none() => {
            Some(format!("its answer to {name} is not one element: {}", shortened(&answer)))
        }
        Ok(Ok(answer)) => tells(&answer, &name),
    }
}

fn survived(facade: &dyn SoapFacade, trial: &FacadeTrial<'_>, message: &str) -> Option<String> {
    let name = shortened(message);
    let call = || contain(|| FakeDesk::new(trial.items).call(facade, trial.profile, message)).map(told);
    match (call(), call()) {
        (Err(panicked), _) => Some(format!("at {name} it {panicked}")),
        (Ok(first), second) if second.as_ref() != Ok(&first) => Some(format!("to {name} it said two things")),
        (Ok((is_answer, text)), _) if is_answer && tree(&text).is_none() => {
            Some(format!("its answer to {name} is not one element: {}", shortened(&text)))
        }
        (Ok((_, text)), _) => tells(&text, &name),
    }
}

fn told(result: Result<String, FacadeError>) -> (bool, String) {
    match result {
        Ok(answer) => (true, answer),
        Err(error) => (false, format!("{error:?}")),
    }
}

fn tells(text: &str, name: &str) -> Option<String> {
    text.contains(FACADE_SECRET).then(|| format!("the secret is in what it said to {name}"))
}

fn shortened(text: &str) -> String {
    text.replace(FACADE_SECRET, "(the secret)").chars().take(200).collect()
}

/// What is done to one element of a message.
#[derive(Clone, Copy)]
enum Harm {
    Left,
    Twice,
    Nested,
    Text(&'static str),
    Renamed,
}

/// The message with every harm at every element but the outermost.
fn harmed(message: &Element) -> impl Iterator<Item = String> + '_ {
    let harms = [Harm::Left, Harm::Twice, Harm::Nested, Harm::Renamed].into_iter().chain(ODD.map(Harm::Text));
    let harms: Vec<Harm> = harms.collect();
    (1..count(message)).flat_map(move |place| {
        harms.clone().into_iter().map(move |harm| {
            let mut left = place;
            let mut text = String::new();
            write(&mut text, message, &mut left, harm);
            text
        })
    })
}

fn count(element: &Element) -> usize {
    1 + element.children().iter().map(count).sum::<usize>()
}

/// Writes an element with a harm at the one that `left` counts down to.
fn write(out: &mut String, element: &Element, left: &mut usize, harm: Harm) {
    let is_it = *left == 0;
    *left = left.wrapping_sub(1);
    if !is_it {
        return plain(out, element.name(), element, |out, child| write(out, child, left, harm));
    }
    let whole = |out: &mut String, name: &str| plain(out, name, element, copy);
    match harm {
        Harm::Left => {}
        Harm::Twice => {
            whole(out, element.name());
            whole(out, element.name());
        }
        Harm::Nested => {
            out.push_str("<nested>");
            whole(out, element.name());
            out.push_str("</nested>");
        }
        Harm::Text(text) => *out += &format!("<{0}>{1}</{0}>", element.name(), escaped(text)),
        Harm::Renamed => whole(out, "renamed"),
    }
}

fn copy(out: &mut String, element: &Element) {
    plain(out, element.name(), element, copy);
}

fn plain(out: &mut String, name: &str, element: &Element, mut child: impl FnMut(&mut String, &Element)) {
    *out += &format!("<{name}>{}", escaped(element.text()));
    for inner in element.children() {
        child(out, inner);
    }
    *out += &format!("</{name}>");
}
