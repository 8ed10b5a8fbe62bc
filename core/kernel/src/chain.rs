//! Puts the entries of one chain into their order, by what they said about it and by the point's anchors.
//!
//! Used by the scope. It turns words into edges and edges that go in a circle back into words; the sorting is in
//! [`order`].

use std::collections::BTreeMap;

use plugpoint_sdk::near::offer;
use plugpoint_sdk::registry::{Constraint, Order, PointInfo, Side};

use crate::order;
use crate::problem::{Party, Problem};
use crate::scope::Effective;
use crate::source::Registered;

/// Puts the entries of a chain into their order.
pub(crate) fn arranged(
    point: &'static PointInfo,
    entries: Vec<Effective>,
    problems: &mut Vec<Problem>,
) -> Vec<Effective> {
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
