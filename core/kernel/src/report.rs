//! The plan in words: at each point who is effective, from where, whom it shadows and why it won.
//!
//! Printed by `plugpoint extensions` (as the table below), served at `GET /v1/extensions` (as JSON). It decides nothing.

use std::collections::BTreeSet;
use std::fmt;

use plugpoint_sdk::points;
use plugpoint_sdk::profile::Profile;
use plugpoint_sdk::registry::{Arity, Bounds, Fallback, Layer, OnError, Order, PointInfo};
use serde::Serialize;

use crate::meter::CallStats;
use crate::scope::{Effective, Scope};
use crate::source::Registered;

/// A whole plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PlanReport {
    /// The customer; none for tenants without one.
    pub customer: Option<String>,
    /// Equal where points, hooks, versions, order and the bytes of libraries are equal. 16 hexadecimal digits; lines of source
    /// and paths do not count.
    pub hash: String,
    /// All points, those of an import first, in the order in which it meets them.
    pub points: Vec<PointReport>,
}

/// One point.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PointReport {
    /// Its name.
    pub point: &'static str,
    /// How many implementations it takes.
    pub arity: Arity,
    /// What happens when one fails.
    pub on_error: OnError,
    /// How long one call may bring nothing, in milliseconds.
    pub time_budget_ms: u64,
    /// When a hook that keeps failing is left out.
    pub breaker: BreakerReport,
    /// The anchors of its order.
    pub anchors: Vec<&'static str>,
    /// What holds where nobody is registered, in one sentence.
    pub default: String,
    /// True if the default holds.
    pub is_default: bool,
    /// Who is effective, in the order of the calls.
    pub hooks: Vec<HookReport>,
}

/// The rule of a point's circuit breakers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct BreakerReport {
    /// Opens after so many failures within the window, if at least every second call failed.
    pub failures: u32,
    /// The window, in seconds.
    pub window_s: u64,
    /// How long it stays open, in seconds.
    pub pause_s: u64,
}

/// One effective hook.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct HookReport {
    /// Its id.
    pub id: String,
    /// Its key, at a point with keys.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// The anchor after which it stands.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<&'static str>,
    /// Its layer.
    pub layer: Layer,
    /// The door: `core`, `plugin bmecat`, `customer voltwerk`.
    pub door: String,
    /// The crate and its version.
    pub package: String,
    /// The library that it was loaded from; none if it is linked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub library: Option<LibraryReport>,
    /// File and line that registered it.
    pub location: String,
    /// Why it is the one, in one sentence.
    pub reason: String,
    /// Whom it shadows, highest layer first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub shadows: Vec<ShadowReport>,
    /// Its calls since the server started; only a running server knows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub calls: Option<CallStats>,
}

/// The file that a loaded customer crate came from.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct LibraryReport {
    /// Its path.
    pub file: String,
    /// SHA-256 of its bytes, in hexadecimal digits.
    pub sha256: String,
    /// Files of lower versions of this customer, which are not loaded, highest first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub shadows: Vec<String>,
}

/// One hook that lost.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ShadowReport {
    /// Its id.
    pub id: String,
    /// Its layer.
    pub layer: Layer,
    /// The door.
    pub door: String,
    /// The crate and its version.
    pub package: String,
    /// File and line that registered it.
    pub location: String,
}

impl PlanReport {
    /// The same for the tenant's own eyes: libraries by the names of their files, without this server's folders.
    #[must_use]
    pub fn without_folders(&self) -> Self {
        let mut report = self.clone();
        let hooks = report.points.iter_mut().flat_map(|point| &mut point.hooks);
        for library in hooks.filter_map(|hook| hook.library.as_mut()) {
            for file in std::iter::once(&mut library.file).chain(&mut library.shadows) {
                *file = file.rsplit('/').next().unwrap_or_default().to_owned();
            }
        }
        report
    }

    pub(crate) fn new(customer: Option<&str>, scope: &Scope, profile: &Profile) -> Self {
        let points: Vec<_> = points::all().iter().map(|point| PointReport::new(point, scope, profile)).collect();
        let hash = hash(&points);
        Self { customer: customer.map(str::to_owned), hash, points }
    }
}

impl PointReport {
    fn new(point: &PointInfo, scope: &Scope, profile: &Profile) -> Self {
        let mut hooks: Vec<_> =
            scope.at(point.name).map(|effective| HookReport::new(effective, won_because(effective))).collect();
        let is_default = hooks.is_empty();
        let default = match point.default {
            Fallback::Nothing => "nothing is called".to_owned(),
            Fallback::Refuse => "a key that nobody provides is refused".to_owned(),
            Fallback::Keyed { point, setting, .. } => format!("the {point} that the profile's {setting} names"),
        };
        if is_default
            && let Fallback::Keyed { setting, key, .. } = point.default
            && let Ok(Some(effective)) = scope.default_of(&point.default, profile)
        {
            hooks.push(HookReport::new(effective, format!("default: the profile's {setting} is {:?}", key(profile))));
        }
        let anchors = match point.order {
            Order::None => Vec::new(),
            Order::Anchors(anchors) => anchors.to_vec(),
        };
        let PointInfo { name, arity, on_error, bounds, .. } = *point;
        let time_budget_ms = u64::try_from(bounds.budget.as_millis()).unwrap_or(u64::MAX);
        let Bounds { failures, window, pause, .. } = bounds;
        let breaker = BreakerReport { failures, window_s: window.as_secs(), pause_s: pause.as_secs() };
        Self { point: name, arity, on_error, time_budget_ms, breaker, anchors, default, is_default, hooks }
    }
}

fn won_because(effective: &Effective) -> String {
    let layer = effective.winner.layer();
    match effective.shadowed.first() {
        Some(shadowed) => format!("replaces {} of layer {}", shadowed.id(), shadowed.layer()),
        None => format!("provided by layer {layer}; nobody replaces it"),
    }
}

impl HookReport {
    fn new(effective: &Effective, reason: String) -> Self {
        let ShadowReport { id, layer, door, package, location } = ShadowReport::new(&effective.winner);
        let key = effective.winner.key().map(str::to_owned);
        let shadows = effective.shadowed.iter().map(|shadowed| ShadowReport::new(shadowed)).collect();
        let library = effective.winner.origin.library.clone();
        Self { id, key, after: effective.place, layer, door, package, library, location, reason, shadows, calls: None }
    }
}

impl ShadowReport {
    fn new(registered: &Registered) -> Self {
        Self {
            id: registered.id().to_owned(),
            layer: registered.layer(),
            door: registered.origin.door.to_string(),
            package: registered.origin.package.clone(),
            location: registered.at(),
        }
    }
}

/// Of everything that decides what is called, each part behind its length so that no two plans read alike.
fn hash(points: &[PointReport]) -> String {
    let mut hasher = blake3::Hasher::new();
    let mut part = |text: &str| {
        hasher.update(&(text.len() as u64).to_le_bytes());
        hasher.update(text.as_bytes());
    };
    for point in points {
        part(point.point);
        for hook in &point.hooks {
            let key = hook.key.as_deref().unwrap_or_default();
            let sha256 = hook.library.as_ref().map_or("", |library| &library.sha256);
            for text in [&hook.id, key, hook.after.unwrap_or(""), &hook.door, &hook.package, sha256] {
                part(text);
            }
        }
    }
    hasher.finalize().to_hex()[..16].to_owned()
}

const TITLES: [&str; 6] = ["POINT", "HOOK", "LAYER", "FROM", "REGISTERED AT", "WHY"];

impl PlanReport {
    /// The libraries that have a part in the plan, each once.
    fn libraries(&self) -> BTreeSet<&LibraryReport> {
        self.points.iter().flat_map(|point| &point.hooks).filter_map(|hook| hook.library.as_ref()).collect()
    }

    fn rows(&self) -> Vec<[String; 6]> {
        let mut rows = vec![TITLES.map(str::to_owned)];
        for point in &self.points {
            if point.hooks.is_empty() {
                let name = format!("{} ({})", point.point, arity_name(point.arity));
                rows.push([name, "-".to_owned(), String::new(), String::new(), String::new(), point.default.clone()]);
            }
            for (index, hook) in point.hooks.iter().enumerate() {
                let name =
                    if index == 0 { format!("{} ({})", point.point, arity_name(point.arity)) } else { String::new() };
                let place = match (&hook.key, hook.after) {
                    (Some(key), _) => format!("{key} = {}", hook.id),
                    (None, Some(anchor)) => format!("{anchor} > {}", hook.id),
                    (None, None) => hook.id.clone(),
                };
                let (layer, location) = (hook.layer.to_string(), hook.location.clone());
                rows.push([name, place, layer, hook.package.clone(), location, hook.reason.clone()]);
                for shadow in &hook.shadows {
                    let (layer, location) = (shadow.layer.to_string(), shadow.location.clone());
                    let id = format!("  shadows {}", shadow.id);
                    rows.push([String::new(), id, layer, shadow.package.clone(), location, String::new()]);
                }
            }
        }
        rows
    }
}

fn arity_name(arity: Arity) -> &'static str {
    match arity {
        Arity::One => "one",
        Arity::OnePerKey => "one per key",
        Arity::FirstMatch => "first match",
        Arity::Chain => "chain",
    }
}

/// A table of aligned columns under a line that names customer and hash.
impl fmt::Display for PlanReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let customer = self.customer.as_deref().unwrap_or("(none)");
        writeln!(f, "customer {customer}, plan {}", self.hash)?;
        for LibraryReport { file, sha256, shadows } in self.libraries() {
            writeln!(f, "loaded from {file}, sha256 {sha256}")?;
            shadows.iter().try_for_each(|shadowed| writeln!(f, "  instead of {shadowed}"))?;
        }
        let rows = self.rows();
        let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
        let widths: Vec<usize> = (0..TITLES.len()).map(width).collect();
        for row in &rows {
            let cells = row.iter().zip(&widths).map(|(cell, width)| format!("{cell:width$}"));
            writeln!(f, "{}", cells.collect::<Vec<_>>().join("  ").trim_end())?;
        }
        Ok(())
    }
}
