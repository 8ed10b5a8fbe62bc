//! What a crate says when it plugs in: a [`Point`] it knows, an id of its own, an implementation, a place in the order.
//!
//! Every crate's `register(&mut Registrar)` calls this; the kernel reads the result. Registering only records: nothing is
//! checked, ordered or called here, and no registrar knows its own layer, so that none can claim a higher one.

use std::fmt;
use std::panic::Location;
use std::sync::Arc;
use std::time::Duration;

use serde::Serialize;

use crate::guard::{self, Guard};
use crate::points::Implementation;
use crate::profile::Profile;

/// How many implementations a point takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Arity {
    /// Exactly one is effective.
    One,
    /// One for each key; who calls it chooses the key.
    OnePerKey,
    /// Ordered; the first that answers wins.
    FirstMatch,
    /// Ordered; every one is called.
    Chain,
}

/// How the implementations of a point stand to each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// No anchors. In a chain, entries may still name one another; ties go by id.
    None,
    /// Named places, in this order. Nothing stands before the first; an entry stands in the earliest place that its own
    /// `after` and `before` allow; ties go by id.
    Anchors(&'static [&'static str]),
}

/// What the platform does when an implementation fails or panics.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum OnError {
    /// The import fails and changes nothing.
    FailImport,
    /// The item is rejected with a finding; the import goes on.
    RejectItem,
    /// It is logged; the import is as it was.
    Log,
    /// What it would have said is left out of the answer, and it is logged.
    LeaveOut,
    /// The request is refused as unavailable, and it is logged.
    Unavailable,
    /// The answer breaks off, visibly to the client, and it is logged.
    BreakOff,
}

/// What holds where nobody has registered anything.
#[derive(Debug, Clone, Copy)]
pub enum Fallback {
    /// Nothing is called.
    Nothing,
    /// A key that nobody provides is refused, with the keys that come near.
    Refuse,
    /// The entry of a point of arity [`Arity::OnePerKey`] whose key the tenant's profile names.
    Keyed {
        /// The other point's name.
        point: &'static str,
        /// The profile's setting, as the operator writes it.
        setting: &'static str,
        /// Reads that setting.
        key: fn(&Profile) -> &str,
    },
}

/// What one call of a hook may take, and when a hook that keeps failing is left out for a while. Times are wall time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds {
    /// How long a call may bring nothing: no return, no record handed over, no byte read. After that it is given up.
    pub budget: Duration,
    /// How many bytes more than before a call may hold, between two things that it hands over or gets from the platform. A
    /// thread beyond it gets none and waits for the end of its budget. See [`crate::memory`].
    pub memory_bytes: u64,
    /// The circuit breaker opens after so many failures within `window`, if at least every second call failed; a call that
    /// was given up opens it at once.
    pub failures: u32,
    /// See `failures`.
    pub window: Duration,
    /// How long it stays open; then one call is let through as a probe and decides.
    pub pause: Duration,
}

/// An extension point: its rules as data. Constants of this type stand in [`crate::points`], nowhere else.
#[non_exhaustive]
pub struct Point<D: ?Sized> {
    /// `<area>.<noun>`.
    pub name: &'static str,
    /// How many implementations it takes.
    pub arity: Arity,
    /// How they stand to each other.
    pub order: Order,
    /// What happens when one fails.
    pub on_error: OnError,
    /// What holds without any.
    pub default: Fallback,
    /// What one call may take, and when the hook is left out.
    pub bounds: Bounds,
    /// Puts an implementation into the closed list of kinds.
    pub implementation: fn(Arc<D>) -> Implementation,
}

impl<D: ?Sized> Point<D> {
    /// The same rules without the type, and the source file that documents them.
    #[must_use]
    pub const fn info(&self, source: &'static str) -> PointInfo {
        let Self { name, arity, order, on_error, default, bounds, .. } = *self;
        PointInfo { name, arity, order, on_error, default, bounds, source }
    }
}

/// The rules of a point without its type: for the kernel, the report and the generated document.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct PointInfo {
    /// `<area>.<noun>`.
    pub name: &'static str,
    /// How many implementations it takes.
    pub arity: Arity,
    /// How they stand to each other.
    pub order: Order,
    /// What happens when one fails.
    pub on_error: OnError,
    /// What holds without any.
    pub default: Fallback,
    /// What one call may take, and when the hook is left out.
    pub bounds: Bounds,
    /// The text of the source file; its head is the point's documentation.
    pub source: &'static str,
}

/// Who outranks whom. It comes from the door through which a crate was let in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Layer {
    /// The platform itself.
    Core,
    /// A capability, the same for every tenant.
    Plugin,
    /// One customer's crate.
    Customer,
}

impl fmt::Display for Layer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Core => "core",
            Self::Plugin => "plugin",
            Self::Customer => "customer",
        })
    }
}

/// On which side of another entry or anchor an entry stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Side {
    /// Later than it.
    After,
    /// Earlier than it.
    Before,
}

/// One wish about the order.
#[derive(Debug, Clone)]
pub struct Constraint {
    /// Which side.
    pub side: Side,
    /// Anchors or ids; the first that exists counts.
    pub targets: Vec<Arc<str>>,
}

/// One recorded registration.
#[derive(Debug)]
pub struct Registration {
    /// The hook's id: names it in reports, findings and metrics, and is its key in a chain.
    pub id: Arc<str>,
    /// The key, at a point of arity [`Arity::OnePerKey`].
    pub key: Option<Arc<str>>,
    /// True if it was meant to override a lower layer.
    pub is_replacement: bool,
    /// What is called, behind its guard.
    pub implementation: Implementation,
    /// Its wishes about the order; all of them hold.
    pub constraints: Vec<Constraint>,
    /// The line that registered it.
    pub location: &'static Location<'static>,
}

/// Takes down what a crate registers. The kernel makes one for each door and reads it afterwards.
#[derive(Debug, Default)]
pub struct Registrar {
    registrations: Vec<Registration>,
    failures: Vec<String>,
}

impl Registrar {
    /// Provides the implementation of a point, or one entry of a chain. `id` is 1 to 80 of `a-z 0-9 _ - .`, by custom
    /// `<crate>.<noun>`.
    #[track_caller]
    pub fn provide<D: ?Sized, T: Guard<D>>(&mut self, point: &Point<D>, id: &str, hook: T) -> Entry<'_> {
        self.record(point, None, id, hook, false)
    }

    /// Provides the implementation for one key of a point. `key` has the form of an id.
    #[track_caller]
    pub fn provide_keyed<D: ?Sized, T: Guard<D>>(&mut self, point: &Point<D>, key: &str, id: &str, hook: T) {
        self.record(point, Some(key), id, hook, false);
    }

    /// Overrides what a lower layer provides. In a chain, `id` is that of the entry to be overridden: the new one takes its
    /// id, and its place too unless it names another.
    #[track_caller]
    pub fn replace<D: ?Sized, T: Guard<D>>(&mut self, point: &Point<D>, id: &str, hook: T) -> Entry<'_> {
        self.record(point, None, id, hook, true)
    }

    /// Overrides what a lower layer provides for one key.
    #[track_caller]
    pub fn replace_keyed<D: ?Sized, T: Guard<D>>(&mut self, point: &Point<D>, key: &str, id: &str, hook: T) {
        self.record(point, Some(key), id, hook, true);
    }

    #[track_caller]
    fn record<D: ?Sized, T: Guard<D>>(
        &mut self,
        point: &Point<D>,
        key: Option<&str>,
        id: &str,
        hook: T,
        is_replacement: bool,
    ) -> Entry<'_> {
        let id: Arc<str> = id.into();
        let implementation = (point.implementation)(hook.guarded(Arc::clone(&id)));
        let (key, location) = (key.map(Arc::from), Location::caller());
        let registration = Registration { id, key, is_replacement, implementation, constraints: Vec::new(), location };
        self.registrations.push(registration);
        let index = self.registrations.len() - 1;
        Entry { constraints: &mut self.registrations[index].constraints }
    }

    /// Runs a crate's `register` and takes down a panic as a failure. Generic, so that it is instantiated in the crate whose
    /// panics it has to contain.
    pub fn run(&mut self, register: impl FnOnce(&mut Self)) {
        if let Err(panicked) = guard::contain(|| register(self)) {
            self.failures.push(panicked.to_string());
        }
    }

    /// What was registered, in the order of the calls, and the text of every panic of a `register`.
    #[must_use]
    pub fn into_parts(self) -> (Vec<Registration>, Vec<String>) {
        (self.registrations, self.failures)
    }
}

/// An entry just registered, to be given its place.
#[derive(Debug)]
pub struct Entry<'a> {
    constraints: &'a mut Vec<Constraint>,
}

impl Entry<'_> {
    /// Stands later than an anchor or an entry. Given several, the first that exists counts. May be called more than once.
    pub fn after(self, targets: impl Targets) -> Self {
        self.constrain(Side::After, targets.into_targets())
    }

    /// Stands earlier than an anchor or an entry. Given several, the first that exists counts. May be called more than once.
    pub fn before(self, targets: impl Targets) -> Self {
        self.constrain(Side::Before, targets.into_targets())
    }

    fn constrain(self, side: Side, targets: Vec<Arc<str>>) -> Self {
        self.constraints.push(Constraint { side, targets });
        self
    }
}

/// An anchor or id, or several of which the first that exists counts.
pub trait Targets {
    /// As a list.
    fn into_targets(self) -> Vec<Arc<str>>;
}

impl Targets for &str {
    fn into_targets(self) -> Vec<Arc<str>> {
        vec![self.into()]
    }
}

impl<const N: usize> Targets for [&str; N] {
    fn into_targets(self) -> Vec<Arc<str>> {
        self.map(Arc::from).into()
    }
}
