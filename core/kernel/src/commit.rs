//! The commit: runs every `register`, checks everything, and reports all that is wrong in one go.
//!
//! Called once, at start-up, by the server. Nothing is called and nothing is frozen until there is no problem left.

use std::collections::BTreeMap;
use std::sync::Arc;

use plugpoint_sdk::points;
use plugpoint_sdk::profile::Profile;
use plugpoint_sdk::registry::{Arity, Order};
use plugpoint_sdk::update::Updates;

use crate::plan::{CustomerPlan, Plans};
use crate::problem::{Problem, Problems};
use crate::scope::Scope;
use crate::source::{Door, Opened, Registered, Source};

/// The longest id or key, in bytes.
const NAME_BYTES_MAX: usize = 80;
/// The longest name of a customer, in bytes.
const CUSTOMER_BYTES_MAX: usize = 40;
/// What the platform is called where customers are called by their names: `core/0007_steps_done` in a report of updates.
const PLATFORM: &str = "core";

impl Plans {
    /// Runs every source's `register`, resolves who is effective where, and freezes the result.
    ///
    /// # Errors
    /// Every problem, each with the file and line of every party; the same text for the same registrations in any order.
    pub fn commit(sources: Vec<Source>) -> Result<Self, Problems> {
        let mut problems = Vec::new();
        let mut opened: Vec<Opened> = sources.into_iter().map(|source| source.open(&mut problems)).collect();
        opened.sort_by(|left, right| left.origin.cmp(&right.origin));
        doors_are_distinct(&opened, &mut problems);
        let (customers, platform): (Vec<_>, Vec<_>) =
            opened.into_iter().partition(|it| matches!(it.origin.door, Door::Customer { .. }));

        let platform: Vec<Arc<Registered>> =
            platform.into_iter().flat_map(|it| checked(it.registered, &mut problems)).collect();
        let base = CustomerPlan {
            scope: resolved(platform.clone(), &mut problems),
            profile_toml: String::new(),
            profile: Profile::default(),
            updates: Arc::default(),
        };
        base_has_its_defaults(&base, &mut problems);

        let mut plans = BTreeMap::new();
        for customer in customers {
            if let Some((name, plan)) = customer_plan(customer, &platform, &mut problems) {
                plans.insert(name, plan);
            }
        }
        Problems::none_of(problems)?;
        Ok(Self::new(base, plans))
    }
}

fn resolved(mut visible: Vec<Arc<Registered>>, problems: &mut Vec<Problem>) -> Scope {
    visible.sort_by(|left, right| left.rank().cmp(&right.rank()));
    Scope::resolve(&visible, problems)
}

/// Resolves the platform together with one customer. Problems to which the customer is no party were reported before.
fn customer_plan(
    customer: Opened,
    platform: &[Arc<Registered>],
    problems: &mut Vec<Problem>,
) -> Option<(String, CustomerPlan)> {
    let Door::Customer { name, profile: profile_toml, updates } = &customer.origin.door else { return None };
    let who = customer.origin.door.to_string();
    let own = checked(customer.registered, problems);
    let mut found = Vec::new();
    let scope = resolved(platform.iter().cloned().chain(own).collect(), &mut found);
    problems.extend(found.into_iter().filter(|problem| problem.parties.iter().any(|party| party.who == who)));

    let mut broken = |what: String| problems.push(Problem::new(what, vec![customer.origin.party()]));
    let profile = match Profile::from_layers(&[profile_toml]) {
        Ok(profile) => profile,
        Err(error) => {
            broken(format!("the profile of customer {name} cannot be read: {error}"));
            return None;
        }
    };
    let updates = match Updates::read(updates) {
        Ok(updates) => Arc::new(updates),
        Err(error) => {
            broken(format!("the update file of customer {name} cannot be read: {error}"));
            return None;
        }
    };
    for point in points::all() {
        if scope.at(point.name).next().is_none()
            && let Err(unprovided) = scope.default_of(&point.default, &profile)
        {
            broken(format!("customer {name}: {unprovided}"));
        }
    }
    let profile_toml = profile_toml.clone();
    Some((name.clone(), CustomerPlan { scope, profile_toml, profile, updates }))
}

/// The platform alone must serve a tenant that says nothing.
fn base_has_its_defaults(base: &CustomerPlan, problems: &mut Vec<Problem>) {
    for point in points::all() {
        if let Err(unprovided) = base.scope.default_of(&point.default, &base.profile) {
            problems.push(Problem::new(format!("without a customer: {unprovided}"), Vec::new()));
        }
    }
}

/// Every plugin and every customer comes once, under a proper name.
fn doors_are_distinct(opened: &[Opened], problems: &mut Vec<Problem>) {
    let mut by_door: BTreeMap<String, Vec<&Opened>> = BTreeMap::new();
    for source in opened {
        by_door.entry(source.origin.door.to_string()).or_default().push(source);
    }
    for (door, sources) in by_door {
        let parties = || sources.iter().map(|source| source.origin.party()).collect();
        let name = sources[0].origin.door.name();
        if !matches!(sources[0].origin.door, Door::Core) && sources.len() > 1 {
            problems.push(Problem::new(format!("there is more than one {door}; keep one"), parties()));
        }
        if matches!(sources[0].origin.door, Door::Customer { .. }) && name == PLATFORM {
            let what = format!("{name:?} is no name for a customer: the platform's own steps go by it");
            problems.push(Problem::new(what, parties()));
        }
        if !is_door_name(name) {
            let rule = format!("1 to {CUSTOMER_BYTES_MAX} of a-z 0-9 -, the first a letter");
            problems.push(Problem::new(format!("{name:?} is no name for a plugin or customer: {rule}"), parties()));
        }
    }
}

fn is_door_name(name: &str) -> bool {
    let is_allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    name.len() <= CUSTOMER_BYTES_MAX
        && name.starts_with(|first: char| first.is_ascii_lowercase())
        && name.bytes().all(is_allowed)
}

/// Checks each registration by itself and leaves out those that fit no slot of their point.
fn checked(registered: Vec<Arc<Registered>>, problems: &mut Vec<Problem>) -> Vec<Arc<Registered>> {
    registered.into_iter().filter(|it| is_well_formed(it, problems)).collect()
}

fn is_well_formed(registered: &Registered, problems: &mut Vec<Problem>) -> bool {
    let mut broken = |message: String| problems.push(Problem::new(message, vec![registered.party()]));
    let (point, id) = (registered.point(), registered.id());
    for name in [Some(id), registered.key()].into_iter().flatten() {
        if !is_name(name) {
            let rule = format!("1 to {NAME_BYTES_MAX} of a-z 0-9 _ - ., the first a letter, the last no dot");
            broken(format!("{name:?} is no id or key: {rule}"));
        }
    }
    if matches!(point.order, Order::Anchors(anchors) if anchors.contains(&id)) {
        broken(format!("the id {id:?} is the name of an anchor of {}", point.name));
    }
    let is_ordered = matches!(point.arity, Arity::Chain | Arity::FirstMatch);
    if !is_ordered && !registered.registration.constraints.is_empty() {
        broken(format!("{id:?} names a place, but {} has no order", point.name));
    }
    let is_keyed = point.arity == Arity::OnePerKey;
    if is_keyed != registered.key().is_some() {
        let advice = if is_keyed { "takes a key; say `provide_keyed`" } else { "takes no key; say `provide`" };
        broken(format!("{id:?} does not fit {}, which {advice}", point.name));
        return false;
    }
    true
}

fn is_name(name: &str) -> bool {
    let is_allowed =
        |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'_' | b'-' | b'.');
    (1..=NAME_BYTES_MAX).contains(&name.len())
        && name.starts_with(|first: char| first.is_ascii_lowercase())
        && name.bytes().all(is_allowed)
        && !name.ends_with('.')
        && !name.contains("..")
}
