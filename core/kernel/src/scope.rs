//! Resolves what one kind of tenant sees: core and plugins, and at most one customer. Customers never meet here.
//!
//! Used by the commit, once for the platform and once for each customer. It decides who is effective at each point, whom that
//! one shadows; [`chain`] then puts them in order. It calls nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use plugpoint_sdk::near::offer;
use plugpoint_sdk::profile::Profile;
use plugpoint_sdk::registry::{Arity, Fallback, Layer};

use crate::chain;
use crate::meter::Meter;
use crate::problem::{Party, Problem};
use crate::source::Registered;

/// One implementation that is effective, with those it shadows, highest layer first.
#[derive(Debug, Clone)]
pub(crate) struct Effective {
    pub(crate) winner: Arc<Registered>,
    pub(crate) shadowed: Vec<Arc<Registered>>,
    /// The last anchor before it, in a chain with anchors.
    pub(crate) place: Option<&'static str>,
    pub(crate) meter: Arc<Meter>,
}

impl Effective {
    /// Where its place in a chain was stated: by itself, or by what it replaces.
    pub(crate) fn placed_by(&self) -> &Registered {
        let mut all = std::iter::once(&self.winner).chain(&self.shadowed);
        all.find(|it| !it.registration.constraints.is_empty()).unwrap_or(&self.winner)
    }
}

/// What one kind of tenant sees.
#[derive(Debug, Default)]
pub(crate) struct Scope {
    /// Grouped by point; keys in their order, chains in theirs.
    pub(crate) effective: Vec<Effective>,
}

/// The profile names a key that nobody provides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unprovided {
    /// The setting, as in `catalog.transformer`.
    pub setting: String,
    pub(crate) key: String,
    /// What was perhaps meant.
    pub(crate) offer: String,
}

impl Scope {
    /// Resolves `visible` and reports everything that stands against it.
    pub(crate) fn resolve(visible: &[Arc<Registered>], problems: &mut Vec<Problem>) -> Self {
        ids_are_unique(visible, problems);
        let mut effective = Vec::new();
        for point in plugpoint_sdk::points::all() {
            let mut slots: BTreeMap<&str, Vec<Arc<Registered>>> = BTreeMap::new();
            for registered in visible.iter().filter(|it| it.point().name == point.name) {
                slots.entry(slot_of(registered)).or_default().push(Arc::clone(registered));
            }
            let provided: BTreeSet<&str> =
                slots.iter().filter(|(_, all)| is_provided(all)).map(|(slot, _)| *slot).collect();
            let winners = slots.values().filter_map(|all| win(all, &provided, problems)).collect();
            match point.arity {
                Arity::One | Arity::OnePerKey => effective.extend::<Vec<_>>(winners),
                Arity::Chain | Arity::FirstMatch => effective.extend(chain::arranged(point, winners, problems)),
            }
        }
        Self { effective }
    }

    pub(crate) fn at(&self, point: &str) -> impl Iterator<Item = &Effective> {
        self.effective.iter().filter(move |it| it.winner.point().name == point)
    }

    /// What a point's default means under a profile; none if nothing is called.
    pub(crate) fn default_of(&self, default: &Fallback, profile: &Profile) -> Result<Option<&Effective>, Unprovided> {
        let Fallback::Keyed { point, setting, key } = *default else { return Ok(None) };
        self.keyed(point, key(profile), setting).map(Some)
    }

    /// What a point has for the key to which a profile's setting is set.
    pub(crate) fn keyed(&self, point: &str, key: &str, setting: &str) -> Result<&Effective, Unprovided> {
        if let Some(found) = self.at(point).find(|it| it.winner.key() == Some(key)) {
            return Ok(found);
        }
        let offer = offer(key, self.at(point).filter_map(|it| it.winner.key()));
        Err(Unprovided { setting: setting.to_owned(), key: key.to_owned(), offer })
    }
}

/// What must be unique within a point: the point itself, the key, or the id.
fn slot_of(registered: &Registered) -> &str {
    match registered.point().arity {
        Arity::One => "",
        Arity::OnePerKey => registered.key().unwrap_or_default(),
        Arity::Chain | Arity::FirstMatch => registered.id(),
    }
}

fn slot_name(registered: &Registered) -> String {
    let point = registered.point().name;
    match registered.point().arity {
        Arity::One => point.to_owned(),
        Arity::OnePerKey => format!("{point} {:?}", registered.key().unwrap_or_default()),
        Arity::Chain | Arity::FirstMatch => format!("{point} {:?}", registered.id()),
    }
}

fn is_provided(all: &[Arc<Registered>]) -> bool {
    all.iter().any(|it| !it.registration.is_replacement)
}

fn parties<'a>(all: impl IntoIterator<Item = &'a Arc<Registered>>) -> Vec<Party> {
    all.into_iter().map(|it| it.party()).collect()
}

/// The highest layer of one slot wins, if it said that it overrides what is below.
fn win(all: &[Arc<Registered>], provided: &BTreeSet<&str>, problems: &mut Vec<Problem>) -> Option<Effective> {
    let mut layers: BTreeMap<Layer, Vec<&Arc<Registered>>> = BTreeMap::new();
    for registered in all {
        layers.entry(registered.layer()).or_default().push(registered);
    }
    let name = slot_name(&all[0]);
    let mut below: Vec<&Arc<Registered>> = Vec::new();
    for (layer, here) in &layers {
        if here.len() > 1 {
            let message = format!("{name} is registered more than once at layer {layer}; keep one");
            problems.push(Problem::new(message, parties(here.iter().copied())));
        }
        let provides = here.iter().filter(|it| !it.registration.is_replacement);
        if below.is_empty() {
            if provides.count() == 0 {
                absent(&name, &all[0], here, provided, problems);
            }
        } else {
            for registered in provides {
                let message = format!("{name} is already provided by a lower layer; say `replace` to override it");
                problems.push(Problem::new(message, parties(below.iter().copied().chain([*registered]))));
            }
        }
        below.splice(0..0, here.iter().copied());
    }
    let (winner, shadowed) = below.split_first()?;
    let shadowed = shadowed.iter().map(|it| Arc::clone(it)).collect();
    let meter = Arc::new(Meter::new(winner.point().bounds));
    Some(Effective { winner: Arc::clone(winner), shadowed, place: None, meter })
}

fn absent(
    name: &str,
    example: &Registered,
    here: &[&Arc<Registered>],
    provided: &BTreeSet<&str>,
    problems: &mut Vec<Problem>,
) {
    let point = example.point();
    let offer = match point.arity {
        Arity::One => "; say `provide`".to_owned(),
        _ => offer(slot_of(example), provided.iter().copied()),
    };
    let message = format!("{name} is to be replaced, but no lower layer provides it{offer}");
    problems.push(Problem::new(message, parties(here.iter().copied())));
}

/// An id names one thing, in reports, findings and metrics alike. What replaces another may take its id.
fn ids_are_unique(visible: &[Arc<Registered>], problems: &mut Vec<Problem>) {
    let mut slots_of_id: BTreeMap<&str, BTreeSet<(&str, &str)>> = BTreeMap::new();
    for registered in visible {
        slots_of_id.entry(registered.id()).or_default().insert((registered.point().name, slot_of(registered)));
    }
    for (id, _) in slots_of_id.into_iter().filter(|(_, slots)| slots.len() > 1) {
        let so_named = || visible.iter().filter(|it| it.id() == id);
        let slots: BTreeSet<String> = so_named().map(|it| slot_name(it)).collect();
        let slots = slots.into_iter().collect::<Vec<_>>().join(" and ");
        problems.push(Problem::new(format!("the id {id:?} names more than one hook: {slots}"), parties(so_named())));
    }
}
