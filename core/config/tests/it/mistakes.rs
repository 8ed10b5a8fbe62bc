//! What an operator gets wrong, and what he is told: all of it, with source, key, value and bounds.

use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;

use plugpoint_config::Config;

use crate::{load, nowhere, told, variables};

#[track_caller]
fn refuses(toml: &str, environment: &[(&str, &str)], expected: &[&str]) {
    assert_eq!(load(toml, environment).expect_err(toml), expected);
}

#[test]
fn unknown_names_come_with_what_was_perhaps_meant() {
    refuses(
        "[limits]\npage_item_max = 5",
        &[],
        &["plugpoint.toml:2: limits.page_item_max: there is no such key; did you mean \"page_items_max\"?"],
    );
    refuses("\n[limit]\nx = 1", &[], &["plugpoint.toml:2: limit: there is no such section; did you mean \"limits\"?"]);
    refuses("[cache]\nx = 1", &[], &["plugpoint.toml:2: cache.x: there is no such key; there is \"item_bytes_max\""]);
    refuses(
        "",
        &[("PLUGPOINT__LIMITS__PAGE_ITEM_MAX", "5")],
        &[
            "environment variable PLUGPOINT__LIMITS__PAGE_ITEM_MAX: limits.page_item_max: there is no such key; did you mean \"page_items_max\"?",
        ],
    );
    refuses(
        "",
        &[("PLUGPOINT__SEVER__LISTEN", "x")],
        &["environment variable PLUGPOINT__SEVER__LISTEN: sever: there is no such section; did you mean \"server\"?"],
    );
}

#[test]
fn values_of_another_type_are_named() {
    refuses(
        "[limits]\npage_items_max = 'many'",
        &[],
        &["plugpoint.toml:2: limits.page_items_max: \"many\" is not a whole number"],
    );
    refuses(
        "[limits]\npage_items_max = 1.5",
        &[],
        &["plugpoint.toml:2: limits.page_items_max: a float is not a whole number"],
    );
    refuses(
        "[limits]\npage_items_max = [1]",
        &[],
        &["plugpoint.toml:2: limits.page_items_max: a array is not a whole number"],
    );
    refuses(
        "[limits.page_items_max]\nx = 1",
        &[],
        &["plugpoint.toml:1: limits.page_items_max: a table is not a whole number"],
    );
    refuses("[server]\nlisten = 8700", &[], &["plugpoint.toml:2: server.listen: 8700 is not a text"]);
    refuses(
        "[server]\nlisten = 'localhost:8700'",
        &[],
        &["plugpoint.toml:2: server.listen: \"localhost:8700\" is not an address and port such as 127.0.0.1:8700"],
    );
    refuses("[log]\nformat = 'xml'", &[], &["plugpoint.toml:2: log.format: \"xml\" is not one of text, json"]);
    refuses("[log]\nformat = true", &[], &["plugpoint.toml:2: log.format: a boolean is not a text"]);
    refuses("limits = 5", &[], &["plugpoint.toml:1: limits: is a section: write [limits]"]);
    refuses("[[limits]]\npage_items_max = 1", &[], &["plugpoint.toml:1: limits: is a section: write [limits]"]);
    for number in ["", " ", "5 GiB", "1e3", "-", "0x10", "99999999999999999999999999999999999999999"] {
        let expected = format!(
            "environment variable PLUGPOINT__AUTH__CACHE_TTL_S: auth.cache_ttl_s: {number:?} is not a whole number"
        );
        refuses("", &[("PLUGPOINT__AUTH__CACHE_TTL_S", number)], &[&expected]);
    }
}

#[test]
fn levels_are_checked_before_the_server_starts() {
    for level in ["", "verbose", "info,", "=debug", "info,plugpoint_store", "plugpoint=loud", "INFO"] {
        let told = load(&format!("[log]\nlevel = '{level}'"), &[]).expect_err(level);
        assert!(told[0].starts_with(&format!("plugpoint.toml:2: log.level: {level:?} is not a level")), "{told:?}");
    }
}

#[test]
fn all_mistakes_are_told_at_once_with_their_sources() {
    refuses(
        "[limits]\npage_items_max = 0\nxml_depth = 3\n\n[log]\nformat = 'xml'\n[serve]\n",
        &[("PLUGPOINT__LIMITS__WAIT_S_MAX", "-1"), ("PLUGPOINT__AUTH__TTL", "1"), ("PLUGPOINT__IMPORTS__WORKERS", "4")],
        &[
            "plugpoint.toml:2: limits.page_items_max: 0 is below the minimum 1 (allowed: 1 to 10000)",
            "plugpoint.toml:3: limits.xml_depth: there is no such key; did you mean \"xml_depth_max\"?",
            "plugpoint.toml:6: log.format: \"xml\" is not one of text, json",
            "plugpoint.toml:7: serve: there is no such section; did you mean \"server\"?",
            "environment variable PLUGPOINT__AUTH__TTL: auth.ttl: there is no such key; did you mean \"cache_ttl_s\"?",
            "environment variable PLUGPOINT__LIMITS__WAIT_S_MAX: limits.wait_s_max: -1 is below the minimum 0 (allowed: 0 to 3600)",
        ],
    );
}

#[test]
fn a_mistake_in_the_file_is_told_even_if_the_environment_mends_it() {
    let told = load("[limits]\npage_items_max = 0", &[("PLUGPOINT__LIMITS__PAGE_ITEMS_MAX", "5")])
        .expect_err("the file is wrong");
    assert_eq!(told.len(), 1);
}

#[test]
fn what_is_no_toml_is_told_with_its_lines() {
    let told = load("[limits]\npage_items_max = \n[log\nformat = 'json'\n", &[]).expect_err("no TOML");
    assert!(told.len() >= 2, "{told:?}");
    assert!(told[0].starts_with("plugpoint.toml:2: "), "{told:?}");
    assert!(told.iter().any(|line| line.starts_with("plugpoint.toml:3: ")), "{told:?}");
    let twice = load("[log]\nformat = 'json'\nformat = 'text'\n", &[]).expect_err("a key twice");
    assert!(twice[0].starts_with("plugpoint.toml:3: duplicate key"), "{twice:?}");
}

#[test]
fn a_file_that_cannot_be_read_is_a_mistake_never_the_defaults() {
    let errors = Config::load_with(Some(&nowhere()), []).expect_err("no file");
    assert!(told(&errors, "")[0].starts_with("/nowhere/plugpoint.toml: cannot be read: "), "{errors}");
    let folder = tempfile::tempdir().expect("a folder");
    assert!(Config::load_with(Some(folder.path()), []).is_err());
    let binary = folder.path().join("binary.toml");
    std::fs::write(&binary, [0xff, 0xfe, 0]).expect("a file");
    assert!(Config::load_with(Some(&binary), []).is_err());
    let endless = folder.path().join("large.toml");
    std::fs::write(&endless, vec![b'\n'; (1 << 20) + 1]).expect("a file");
    let errors = Config::load_with(Some(&endless), []).expect_err("too large");
    assert!(errors.to_string().contains("has 1048577 bytes; a configuration has at most 1048576"), "{errors}");
}

#[test]
fn a_variable_that_is_no_utf8_is_told_if_it_is_ours() {
    let odd = OsString::from_vec(vec![0xff]);
    let mut environment = variables(&[]);
    environment.push((OsString::from("PATH"), odd.clone()));
    environment.push((odd.clone(), OsString::from("x")));
    assert!(Config::load_with(None, environment.clone()).is_ok());
    environment.push((OsString::from("PLUGPOINT__LOG__LEVEL"), odd));
    let errors = Config::load_with(None, environment).expect_err("no UTF-8");
    assert_eq!(
        errors.to_string(),
        "the configuration has 1 mistake\n  environment variable PLUGPOINT__LOG__LEVEL: is not UTF-8"
    );
}
