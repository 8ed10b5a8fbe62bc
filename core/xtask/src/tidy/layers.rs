//! Who may import whom, proved from `cargo metadata`.
//!
//! The table is DESIGN's: `sdk-macros <- sdk <- kernel, store, messages <- http, tasks <- plugins <- server` and
//! `sdk <- customers <- bundle <- server`. A dev-dependency keeps the same table, plus the test kits.

use std::collections::{BTreeMap, BTreeSet};

use crate::workspace::{Metadata, Package};

/// What kind of room a crate is. Its folder decides, never the crate itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Room {
    Macros,
    Sdk,
    Kernel,
    Config,
    Messages,
    Store,
    Tasks,
    Http,
    Plugin,
    Customer,
    Bundle,
    Server,
    Testkit,
    Xtask,
    Fuzz,
}

/// For each room the rooms it may import.
const MAY_IMPORT: &[(Room, &[Room])] = {
    use Room::{
        Bundle, Config, Customer, Fuzz, Http, Kernel, Macros, Messages, Plugin, Sdk, Server, Store, Tasks, Testkit,
        Xtask,
    };
    &[
        (Macros, &[]),
        (Sdk, &[Macros]),
        (Kernel, &[Sdk]),
        (Config, &[Sdk]),
        (Messages, &[Sdk]),
        (Store, &[Sdk]),
        (Tasks, &[Sdk, Store]),
        (Http, &[Sdk, Kernel, Config, Store, Messages]),
        (Plugin, &[Sdk, Kernel, Config, Store, Tasks, Http, Messages]),
        (Customer, &[Sdk, Plugin]),
        (Bundle, &[Sdk, Customer]),
        (Server, &[Sdk, Kernel, Config, Store, Tasks, Http, Plugin, Bundle]),
        (Testkit, &[Sdk, Config, Store, Http, Server]),
        (Xtask, &[]),
        (Fuzz, &[Sdk, Plugin]),
    ]
};

/// What customers, and whatever they import, must stay free of.
const NOT_BELOW_CUSTOMERS: &[&str] = &[
    "tokio",
    "axum",
    "hyper",
    "rusqlite",
    "postgres",
    "plugpoint-http",
    "plugpoint-store",
    "plugpoint-kernel",
    "plugpoint-config",
    "plugpoint-messages",
];
/// Third parties that one crate alone may import directly.
const SOLE_IMPORTERS: &[(&str, &str)] = &[
    ("rusqlite", "plugpoint-store"),
    ("postgres", "plugpoint-store"),
    ("tokio-postgres", "plugpoint-store"),
    ("libloading", "plugpoint-kernel"),
    ("fluent-bundle", "plugpoint-messages"),
];

/// Every violation as a sentence.
pub(crate) fn check(metadata: &Metadata) -> Vec<String> {
    let members = metadata.members();
    let mut problems = Vec::new();
    for (name, package) in &members {
        let Some(room) = room(package) else {
            problems.push(format!("{name}: lies in no folder that the layers know"));
            continue;
        };
        problems.extend(direct(package, room, &members));
        if room == Room::Customer {
            problems.extend(forbidden_below(metadata, package));
        }
    }
    problems
}

/// The direct dependencies of one crate against the table.
fn direct(package: &Package, room: Room, members: &BTreeMap<&str, &Package>) -> Vec<String> {
    let name = &package.name;
    let allowed = MAY_IMPORT.iter().find(|(of, _)| *of == room).map_or(&[][..], |(_, allowed)| *allowed);
    let mut problems = Vec::new();
    for dependency in &package.dependencies {
        let sole = SOLE_IMPORTERS.iter().find(|(third_party, owner)| *third_party == dependency.name && owner != name);
        if let Some((third_party, owner)) = sole {
            problems.push(format!("{name} imports {third_party}; only {owner} may"));
        }
        let Some(target) = members.get(dependency.name.as_str()).and_then(|package| self::room(package)) else {
            continue;
        };
        let is_dev = dependency.kind.as_deref() == Some("dev");
        let is_allowed =
            allowed.contains(&target) || (is_dev && may_test_with(room, target)) || dependency.name == *name;
        if !is_allowed {
            problems.push(format!(
                "{name} ({room:?}) imports {} ({target:?}); {room:?} may import {allowed:?}",
                dependency.name
            ));
        }
    }
    problems
}

/// What tests may import beyond the table: the whole server stands behind the test kit, so only rooms that the server is
/// made of may use it, and a format plugin may be tested through the registry.
fn may_test_with(room: Room, target: Room) -> bool {
    match target {
        Room::Testkit => matches!(room, Room::Server | Room::Plugin | Room::Http | Room::Bundle | Room::Customer),
        Room::Kernel | Room::Sdk => true,
        Room::Config | Room::Store => matches!(room, Room::Server | Room::Testkit | Room::Http),
        Room::Plugin => room == Room::Plugin,
        _ => false,
    }
}

/// Everything below a customer crate, dev-dependencies left out.
fn forbidden_below(metadata: &Metadata, customer: &Package) -> Vec<String> {
    let nodes: BTreeMap<&str, _> = metadata.resolve.nodes.iter().map(|node| (node.id.as_str(), node)).collect();
    let names: BTreeMap<&str, &str> =
        metadata.packages.iter().map(|package| (package.id.as_str(), package.name.as_str())).collect();
    let mut seen = BTreeSet::new();
    let mut todo = vec![customer.id.as_str()];
    while let Some(id) = todo.pop() {
        let Some(node) = nodes.get(id).filter(|_| seen.insert(id)) else {
            continue;
        };
        let shipped = node.deps.iter().filter(|dep| dep.dep_kinds.iter().any(|kind| kind.kind.is_none()));
        todo.extend(shipped.map(|dep| dep.pkg.as_str()));
    }
    let below = seen.iter().filter_map(|id| names.get(id)).filter(|name| NOT_BELOW_CUSTOMERS.contains(name));
    below
        .map(|name| format!("{} reaches {name}; a customer crate is free of servers and databases", customer.name))
        .collect()
}

/// The room of a crate, from the folder of its manifest.
fn room(package: &Package) -> Option<Room> {
    let folder = package.manifest_path.parent()?;
    let name = folder.file_name()?.to_str()?;
    let parent = folder.parent()?.file_name()?.to_str()?;
    Some(match (parent, name) {
        ("plugins", _) => Room::Plugin,
        ("customers", _) => Room::Customer,
        ("core", "sdk-macros") => Room::Macros,
        ("core", "sdk") => Room::Sdk,
        ("core", "kernel") => Room::Kernel,
        ("core", "config") => Room::Config,
        ("core", "messages") => Room::Messages,
        ("core", "store") => Room::Store,
        ("core", "tasks") => Room::Tasks,
        ("core", "http") => Room::Http,
        ("core", "server") => Room::Server,
        ("core", "testkit") => Room::Testkit,
        ("core", "xtask") => Room::Xtask,
        (_, "bundle") => Room::Bundle,
        (_, "fuzz") => Room::Fuzz,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn package(folder: &str, name: &str, dependencies: &[(&str, Option<&str>)]) -> serde_json::Value {
        let list: Vec<_> =
            dependencies.iter().map(|(name, kind)| serde_json::json!({"name": name, "kind": kind})).collect();
        serde_json::json!({"id": name, "name": name, "manifest_path": format!("/w/{folder}/Cargo.toml"), "dependencies": list})
    }

    fn verdict(packages: &[serde_json::Value], nodes: &serde_json::Value) -> String {
        let ids: Vec<_> = packages.iter().map(|package| package["id"].clone()).collect();
        let whole = serde_json::json!({"packages": packages, "workspace_members": ids, "target_directory": "t", "resolve": {"nodes": nodes}});
        check(&serde_json::from_value(whole).expect("a test's metadata")).join("|")
    }

    #[test]
    fn the_table_holds() {
        let sdk = package("core/sdk", "plugpoint-sdk", &[]);
        let http = package("core/http", "plugpoint-http", &[("plugpoint-sdk", None)]);
        let none = serde_json::json!([]);
        assert_eq!(verdict(&[sdk.clone(), http.clone()], &none), "");
        let upside_down = package("core/sdk", "plugpoint-sdk", &[("plugpoint-http", None)]);
        assert!(
            verdict(&[upside_down, http.clone()], &none).contains("plugpoint-sdk (Sdk) imports plugpoint-http (Http)")
        );
        let sql = package("plugins/x", "plugpoint-plugin-x", &[("rusqlite", None)]);
        assert!(verdict(&[sql], &none).contains("only plugpoint-store may"));
        let lost = package("elsewhere/x", "x", &[]);
        assert!(verdict(&[lost], &none).contains("in no folder"));
    }

    #[test]
    fn nothing_of_a_server_below_a_customer_not_even_indirectly() {
        let reader = package("plugins/reader", "plugpoint-plugin-reader", &[("tokio", None)]);
        let customer = package("customers/c", "plugpoint-customer-c", &[("plugpoint-plugin-reader", None)]);
        let tokio = serde_json::json!({"id": "tokio", "name": "tokio", "manifest_path": "/r/tokio/Cargo.toml", "dependencies": []});
        let edge = |to: &str| serde_json::json!([{"pkg": to, "dep_kinds": [{"kind": null}]}]);
        let nodes = serde_json::json!([
            {"id": "plugpoint-customer-c", "deps": edge("plugpoint-plugin-reader")},
            {"id": "plugpoint-plugin-reader", "deps": edge("tokio")},
            {"id": "tokio", "deps": []},
        ]);
        let whole = serde_json::json!({"packages": [reader, customer, tokio], "workspace_members": ["plugpoint-plugin-reader", "plugpoint-customer-c"],
            "target_directory": "t", "resolve": {"nodes": nodes}});
        let problems = check(&serde_json::from_value(whole).expect("a test's metadata"));
        assert_eq!(problems, ["plugpoint-customer-c reaches tokio; a customer crate is free of servers and databases"]);
    }
}
