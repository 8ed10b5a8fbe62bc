//! Resolves what one kind of tenant sees: core and plugins, and at most one customer. Customers never meet here.
//!
//! Used by the commit, once for the platform and once for each customer. It decides who is effective at each point, whom that
//! one shadows and in which order chains run; it calls nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use plugpoint_sdk::near::offer;
use plugpoint_sdk::profile::Profile;
use plugpoint_sdk::registry::{Arity, Constraint, Fallback, Layer, Order, PointInfo, Side};

use crate::order;
use crate::plan::Timer;
use crate::problem::{Party, Problem};
use crate::source::Registered;

/// One implementation that is effective, with those it shadows, highest layer first.
#[derive(Debug, Clone)]
pub(crate) struct Effective {
    pub(crate) winner: Arc<Registered>,
    pub(crate) shadowed: Vec<Arc<Registered>>,
    /// The last anchor before it, in a chain with anchors.
    pub(crate) place: Option<&'static str>,
    pub(crate) timer: Arc<Timer>,
}

impl Effective {
    /// Where its place in a chain was stated: by itself, or by what it replaces.
    fn placed_by(&self) -> &Registered {
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
pub(crate) struct Unprovided {
    pub(crate) setting: &'static str,
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
                Arity::Chain | Arity::FirstMatch => effective.extend(chain(point, winners, problems)),
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
        let key = key(profile);
        if let Some(found) = self.at(point).find(|it| it.winner.key() == Some(key)) {
            return Ok(Some(found));
        }
        let offer = offer(key, self.at(point).filter_map(|it| it.winner.key()));
        Err(Unprovided { setting, key: key.to_owned(), offer })
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
    Some(Effective { winner: Arc::clone(winner), shadowed, place: None, timer: Arc::default() })
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

/// Puts the entries of a chain into their order.
fn chain(point: &'static PointInfo, entries: Vec<Effective>, problems: &mut Vec<Problem>) -> Vec<Effective> {
    let anchors = match point.order {
        Order::None => &[][..],
        Order::Anchors(anchors) => anchors,
    };
    let statements = Statements::collect(point, &entries, anchors, problems);
    let edges = statements.edges.keys().copied().collect();
    match order::sorted(entries.len() + anchors.len(), &edges) {
        Ok(sorted) => {
            let mut place = None;
            let mut entries: Vec<Option<Effective>> = entries.into_iter().map(Some).collect();
            let mut placed = Vec::with_capacity(entries.len());
            for number in sorted {
                match entries.get_mut(number).and_then(Option::take) {
                    Some(entry) => placed.push(Effective { place, ..entry }),
                    None => place = anchors.get(number - entries.len()).copied(),
                }
            }
            placed
        }
        Err(circles) => {
            problems.extend(circles.iter().map(|circle| statements.problem(point, circle)));
            Vec::new()
        }
    }
}

/// Who wants what before what. Entries are numbered by id, then the anchors in their order: so ties go by id, and every entry
/// comes before the next anchor unless it asked to stand after it.
#[derive(Default)]
struct Statements {
    /// For each edge the words that state it, and who said them; an anchor's own edges have no party.
    edges: BTreeMap<order::Edge, (String, Option<Party>)>,
}

impl Statements {
    fn collect(point: &PointInfo, entries: &[Effective], anchors: &[&str], problems: &mut Vec<Problem>) -> Self {
        let mut statements = Self::default();
        let names: Vec<&str> = entries.iter().map(|it| it.winner.id()).chain(anchors.iter().copied()).collect();
        let first_anchor = entries.len();
        for (number, name) in names.iter().enumerate().skip(1) {
            if number > first_anchor {
                statements.state(number - 1, number, format!("{:?} before {name:?}", names[number - 1]), None);
            }
        }
        for (number, entry) in entries.iter().enumerate() {
            if !anchors.is_empty() {
                let words = format!("{:?} before {:?}", anchors[0], names[number]);
                statements.state(first_anchor, number, words, None);
            }
            let stated_by = entry.placed_by();
            for constraint in &stated_by.registration.constraints {
                statements.constrain(point, &names, number, constraint, stated_by, problems);
            }
        }
        statements
    }

    fn constrain(
        &mut self,
        point: &PointInfo,
        names: &[&str],
        number: usize,
        constraint: &Constraint,
        stated_by: &Registered,
        problems: &mut Vec<Problem>,
    ) {
        let side = match constraint.side {
            Side::After => "after",
            Side::Before => "before",
        };
        let found = constraint.targets.iter().find_map(|target| names.iter().position(|name| **name == **target));
        let Some(target) = found else {
            let wanted: Vec<String> = constraint.targets.iter().map(|target| format!("{target:?}")).collect();
            let first = constraint.targets.first().map_or("", |target| target);
            let others = names.iter().copied().filter(|name| *name != names[number]);
            let (id, wanted, offer) = (names[number], wanted.join(" or "), offer(first, others));
            let message = format!("{id:?} is to stand {side} {wanted}, which {} does not have{offer}", point.name);
            problems.push(Problem::new(message, vec![stated_by.party()]));
            return;
        };
        let words = format!("{:?} {side} {:?}", names[number], names[target]);
        match constraint.side {
            Side::After => self.state(target, number, words, Some(stated_by.party())),
            Side::Before => self.state(number, target, words, Some(stated_by.party())),
        }
    }

    /// The first to state an edge is named for it; that somebody else means the same adds nothing.
    fn state(&mut self, before: usize, after: usize, words: String, party: Option<Party>) {
        self.edges.entry((before, after)).or_insert((words, party));
    }

    fn problem(&self, point: &PointInfo, circle: &[usize]) -> Problem {
        let nexts = circle.iter().cycle().skip(1);
        let edges = circle.iter().zip(nexts).filter_map(|(before, after)| self.edges.get(&(*before, *after)));
        let (words, parties): (Vec<&str>, Vec<Option<Party>>) =
            edges.map(|(words, party)| (words.as_str(), party.clone())).unzip();
        let message = format!("the order of {} goes in a circle: {}", point.name, words.join(", "));
        Problem::new(message, parties.into_iter().flatten().collect())
    }
}
