//! `plugpoint extensions diff`: what differs between two plans that were printed with `--json`.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use clap::Args;
use serde::Serialize;
use serde_json::Value;

use super::Failure;
use crate::terminal;

/// What may differ of a hook without a word about it: who reads the plan wants to hear of everything else.
const SILENT: [&str; 3] = ["id", "key", "calls"];

/// Compare two plans, as printed by `plugpoint extensions --json`. Exit code 1 when they differ.
///
/// Example:
///   plugpoint extensions --tenant acme --json > before.json
///   plugpoint extensions diff before.json after.json
#[derive(Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct Diff {
    /// The plan as it was.
    #[arg(value_name = "A.json")]
    before: PathBuf,
    /// The plan as it is.
    #[arg(value_name = "B.json")]
    after: PathBuf,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

/// One difference.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Change {
    /// The point.
    point: String,
    /// The hook, with its key where it has one.
    hook: String,
    /// What of it: `hook` itself, its `position` in the order, or a field of the plan.
    what: String,
    /// As it was; nothing where the hook is new.
    before: Option<String>,
    /// As it is; nothing where the hook is gone.
    after: Option<String>,
}

impl Diff {
    pub(super) fn run(self) -> Result<(), Failure> {
        let (before, after) = (plan_of(&self.before)?, plan_of(&self.after)?);
        let changes = changes(&before, &after);
        if self.json {
            terminal::line(&serde_json::to_string_pretty(&changes)?);
        } else if changes.is_empty() {
            terminal::line("the plans are the same");
        } else {
            let shown = |value: &Option<String>| value.clone().unwrap_or_else(|| "-".to_owned());
            let cells = |it: &Change| {
                vec![it.point.clone(), it.hook.clone(), it.what.clone(), shown(&it.before), shown(&it.after)]
            };
            let rows: Vec<_> = changes.iter().map(cells).collect();
            terminal::out(&terminal::table(&["point", "hook", "what", "before", "after"], &rows));
        }
        match changes.len() {
            0 => Ok(()),
            count => Err(Failure::new(format!("{count} differences"))),
        }
    }
}

fn plan_of(file: &Path) -> Result<Value, Failure> {
    let wrong = |what: String| Failure::usage(format!("{}: {what}", file.display()));
    let text = std::fs::read_to_string(file).map_err(|error| wrong(error.to_string()))?;
    let plan: Value = serde_json::from_str(&text).map_err(|error| wrong(error.to_string()))?;
    match plan["points"].is_array() {
        true => Ok(plan),
        false => Err(wrong("is no plan; print one with `plugpoint extensions --json`".to_owned())),
    }
}

type Hooks<'a> = BTreeMap<(String, String), (usize, &'a Value)>;

/// The hooks of a plan by point and id, each with its place in the order of calls.
fn hooks(plan: &Value) -> Hooks<'_> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let mut found = BTreeMap::new();
    for point in plan["points"].as_array().into_iter().flatten() {
        for (place, hook) in point["hooks"].as_array().into_iter().flatten().enumerate() {
            let name = match hook["key"].as_str() {
                Some(key) => format!("{key} = {}", text(&hook["id"])),
                None => text(&hook["id"]),
            };
            // Keys have no order, so that one more does not move the others.
            let place = if hook["key"].is_string() { 0 } else { place + 1 };
            found.insert((text(&point["point"]), name), (place, hook));
        }
    }
    found
}

/// Everything that differs, in the order of points and hooks.
pub(crate) fn changes(before: &Value, after: &Value) -> Vec<Change> {
    let (before, after) = (hooks(before), hooks(after));
    let all: BTreeSet<&(String, String)> = before.keys().chain(after.keys()).collect();
    let mut found = Vec::new();
    for (point, hook) in all {
        let key = (point.clone(), hook.clone());
        let mut add = |what: &str, before: Option<String>, after: Option<String>| {
            let (point, hook, what) = (point.clone(), hook.clone(), what.to_owned());
            found.push(Change { point, hook, what, before, after });
        };
        match (before.get(&key), after.get(&key)) {
            (Some((was_at, was)), Some((is_at, is))) => {
                if was_at != is_at {
                    add("position", Some(was_at.to_string()), Some(is_at.to_string()));
                }
                let names = |hook: &Value| {
                    hook.as_object().into_iter().flatten().map(|(name, _)| name.clone()).collect::<Vec<_>>()
                };
                let fields: BTreeSet<String> = names(was).into_iter().chain(names(is)).collect();
                for field in fields.iter().filter(|field| !SILENT.contains(&field.as_str())) {
                    if was[field] != is[field] {
                        add(field, shown(&was[field]), shown(&is[field]));
                    }
                }
            }
            (was, is) => add("hook", was.map(|(_, hook)| origin(hook)), is.map(|(_, hook)| origin(hook))),
        }
    }
    found
}

fn shown(value: &Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::String(text) => Some(text.clone()),
        other => Some(other.to_string()),
    }
}

fn origin(hook: &Value) -> String {
    let text = |name: &str| hook[name].as_str().unwrap_or_default();
    format!("{} ({})", text("package"), text("layer"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn plan(hooks: Value) -> Value {
        json!({"points": [{"point": "catalog.item_rule", "hooks": hooks}]})
    }

    #[track_caller]
    fn differ(before: Value, after: Value, expected: &[(&str, &str, Option<&str>, Option<&str>)]) {
        let changes = changes(&plan(before), &plan(after));
        let told: Vec<_> = changes
            .iter()
            .map(|it| (it.hook.as_str(), it.what.as_str(), it.before.as_deref(), it.after.as_deref()))
            .collect();
        assert_eq!(told, expected);
    }

    #[test]
    fn equal_plans_have_no_difference_whatever_was_called() {
        differ(json!([{"id": "a", "calls": {"count": 1}}]), json!([{"id": "a", "calls": {"count": 2}}]), &[]);
    }

    #[test]
    fn a_hook_that_came_went_moved_or_changed_is_told() {
        let a = json!({"id": "a", "package": "acme 1", "layer": "customer"});
        let b = json!({"id": "b", "package": "acme 1", "layer": "customer"});
        let newer = json!({"id": "a", "package": "acme 2", "layer": "customer"});
        differ(json!([a]), json!([a, b]), &[("b", "hook", None, Some("acme 1 (customer)"))]);
        differ(json!([a, b]), json!([a]), &[("b", "hook", Some("acme 1 (customer)"), None)]);
        differ(json!([a]), json!([newer]), &[("a", "package", Some("acme 1"), Some("acme 2"))]);
        let moved = [("a", "position", Some("1"), Some("2")), ("b", "position", Some("2"), Some("1"))];
        differ(json!([a, b]), json!([b, a]), &moved);
    }

    #[test]
    fn keys_have_no_order() {
        let (x, y) = (json!({"id": "x", "key": "x"}), json!({"id": "y", "key": "y"}));
        differ(json!([x, y]), json!([y, x]), &[]);
    }
}
