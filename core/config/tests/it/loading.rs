//! Defaults, file, environment: which one wins, and that every key can be set from both.

use plugpoint_config::{Config, Kind, LogFilter, LogFormat};
use serde_json::Value;

use crate::load;

#[test]
fn without_anything_there_are_the_defaults() {
    let config = Config::load_with(None, []).expect("the defaults");
    assert_eq!(config, Config::default());
    assert_eq!(load("", &[]), Ok(Config::default()));
    assert_eq!(
        load("[limits]\n[log]\n", &[("HOME", "/root"), ("PLUGPOINT", "x"), ("PLUGPOINT_X", "y")]),
        Ok(Config::default())
    );
    assert_eq!(config.server.listen.to_string(), "127.0.0.1:8700");
    assert_eq!(config.limits.import_body_bytes_max, 16 << 30);
    assert_eq!(config.cache.item_bytes_max, 64 << 20);
}

#[test]
fn the_file_wins_over_the_defaults_and_the_environment_over_the_file() {
    let toml =
        "[limits]\npage_items_max = 5\nwait_s_max = 0x10\n[log]\nformat = 'json'\nlevel = 'info,plugpoint_store=debug'";
    let config =
        load(toml, &[("PLUGPOINT__LIMITS__PAGE_ITEMS_MAX", "10_000"), ("PLUGPOINT__SERVER__LISTEN", "[::1]:0")]);
    let config = config.expect("valid");
    assert_eq!((config.limits.page_items_max, config.limits.wait_s_max), (10_000, 16));
    assert_eq!(config.log.format, LogFormat::Json);
    assert_eq!(config.log.level.as_str(), "info,plugpoint_store=debug");
    assert_eq!(config.server.listen.to_string(), "[::1]:0");
    assert_eq!(config.server.public_url, None);
}

#[test]
fn dotted_and_inline_tables_are_tables() {
    let config = load("limits.page_items_max = 7\nlog = {level = 'warn'}", &[]).expect("valid");
    assert_eq!(config.limits.page_items_max, 7);
    assert_eq!(config.log.level, LogFilter::WARN);
}

#[test]
fn every_number_is_taken_at_its_bounds_and_refused_beyond_from_file_and_environment() {
    for key in Config::keys() {
        let Kind::Number { min, max } = key.kind else { continue };
        assert!(max < u64::MAX && min < max, "{} has no bounds", key.path());
        let default = key.default.as_u64().expect("a number");
        assert!((min..=max).contains(&default), "{}: the default {default} is out of bounds", key.path());
        let variable = format!("PLUGPOINT__{}__{}", key.section.to_uppercase(), key.name.to_uppercase());
        let both = |number: i128| {
            let from_file = load(&format!("[{}]\n{} = {number}", key.section, key.name), &[]);
            let from_variable = load("", &[(&variable, &number.to_string())]);
            assert_eq!(from_file.is_ok(), from_variable.is_ok(), "{} = {number}", key.path());
            from_file.map_err(|told| told.join("\n"))
        };
        for bound in [min, max] {
            assert!(both(bound.into()).is_ok(), "{} = {bound}", key.path());
        }
        let below = both(i128::from(min) - 1).expect_err("below");
        let above = both(i128::from(max) + 1).expect_err("above");
        assert!(
            below.contains(&format!("{}: {} is below the minimum {min}", key.path(), i128::from(min) - 1)),
            "{below}"
        );
        assert!(above.contains(&format!("{}: {} is above the maximum {max}", key.path(), max + 1)), "{above}");
    }
}

#[test]
fn every_word_is_taken() {
    for key in Config::keys() {
        let Kind::Words(words) = key.kind else { continue };
        assert!(words.contains(&key.default.as_str().expect("a word")));
        for word in words {
            assert!(
                load(&format!("[{}]\n{} = '{word}'", key.section, key.name), &[]).is_ok(),
                "{} = {word}",
                key.path()
            );
        }
    }
}

#[test]
fn a_public_url_is_an_address_to_build_upon() {
    for good in ["https://catalog.example.com", "http://10.0.0.1:8080", "https://example.com/plugpoint/v2"] {
        let config = load(&format!("[server]\npublic_url = '{good}'"), &[]).expect(good);
        assert_eq!(config.server.public_url.expect("set").as_str(), good);
    }
    for bad in [
        "",
        "catalog.example.com",
        "ftp://x",
        "https://",
        "https://:80",
        "https://x/",
        "https://x?y",
        "https://x#y",
        "https://u@x",
        "https://x y",
    ] {
        let told = load(&format!("[server]\npublic_url = '{bad}'"), &[]).expect_err(bad);
        assert_eq!(
            told,
            [format!(
                "plugpoint.toml:2: server.public_url: {bad:?} is not an absolute http or https address without query, fragment or slash at its end"
            )]
        );
    }
}

#[test]
fn the_customers_folder_is_a_path_and_nothing_else() {
    let config = load("[customers]\ndir = '/srv/x y'\non_refusal = 'skip'", &[]).expect("valid");
    assert_eq!(config.customers.dir.expect("set").as_path(), std::path::Path::new("/srv/x y"));
    assert_eq!(config.customers.on_refusal, plugpoint_config::OnRefusal::Skip);
    let told = load("[customers]\ndir = ''\non_refusal = 'ignore'", &[]).expect_err("both are wrong");
    assert_eq!(
        told,
        [
            "plugpoint.toml:2: customers.dir: \"\" is not the path of a folder",
            "plugpoint.toml:3: customers.on_refusal: \"ignore\" is not one of stop, skip",
        ]
    );
}

#[test]
fn a_bucket_is_a_name_and_perhaps_what_names_in_it_begin_with() {
    let longest = format!("s3://{}", "a".repeat(63));
    for (text, name, prefix) in [
        ("s3://abc", "abc", ""),
        ("s3://a.b-1/x", "a.b-1", "x"),
        ("s3://abc/x_1/Y.z/-", "abc", "x_1/Y.z/-"),
        (&*longest, &longest[5..], ""),
    ] {
        let bucket = load(&format!("[imports]\nbucket = '{text}'"), &[]).expect(text).imports.bucket.expect("set");
        assert_eq!((bucket.name(), bucket.prefix(), bucket.as_str()), (name, prefix, text));
    }
    let (too_long, long_prefix) = (format!("s3://{}", "a".repeat(64)), format!("s3://abc/{}", "x".repeat(257)));
    for bad in [
        "",
        "s3://",
        "abc",
        "https://abc",
        "s3://ab",
        "s3://Abc",
        "s3://a_c",
        "s3://-abc",
        "s3://abc.",
        "s3://abc/",
        "s3:///abc",
        "s3://abc/x/",
        "s3://abc/x//y",
        "s3://abc/../x",
        "s3://abc/.",
        "s3://abc/x?y",
        "s3://abc/x y",
        "s3://abc/\u{e4}",
        &too_long,
        &long_prefix,
    ] {
        let told = load(&format!("[imports]\nbucket = '{bad}'"), &[]).expect_err(bad);
        let said = "is not a bucket such as s3://name or s3://name/prefix";
        assert_eq!(told, [format!("plugpoint.toml:2: imports.bucket: {bad:?} {said}")]);
    }
}

#[test]
fn keys_are_described_once() {
    let keys = Config::keys();
    let mut paths: Vec<String> = keys.iter().map(plugpoint_config::Key::path).collect();
    paths.sort();
    paths.dedup();
    assert_eq!(paths.len(), keys.len());
    for key in &keys {
        assert!(key.doc.ends_with('.') && !key.doc.contains("  "), "{}: {:?}", key.path(), key.doc);
        assert!(
            key.default != Value::Null
                || ["public_url", "dir", "url", "spool_dir", "bucket", "bucket_endpoint"].contains(&key.name),
            "{} has no default",
            key.path()
        );
    }
}

#[test]
fn the_address_of_a_database_never_shows_its_password() {
    let url = "postgres://me:hunter2@db.example:5433/plug?sslmode=require&password=hunter2";
    for config in [
        load(&format!("[database]\nurl = '{url}'"), &[]).unwrap(),
        load("", &[("PLUGPOINT__DATABASE__URL", url)]).unwrap(),
    ] {
        assert_eq!(config.database.url.as_ref().unwrap().secret(), url);
        for shown in [config.to_toml(), format!("{config:?}")] {
            assert!(
                !shown.contains("hunter2") && shown.contains("postgres://me:***@db.example:5433/plug?***"),
                "{shown}"
            );
        }
    }
    for good in ["postgres://h/d", "postgresql://u@h", "postgres://u:p@[::1]:5/d", "postgres://%2Frun%2Fpg/d"] {
        load(&format!("[database]\nurl = '{good}'"), &[]).expect(good);
    }
    for bad in ["", "postgres://", "mysql://me:hunter2@h/d", "host=h password=hunter2", "postgres://a b"] {
        let told = load(&format!("[database]\nurl = '{bad}'"), &[]).expect_err(bad).join(" ");
        assert!(told.contains("database.url") && !told.contains("hunter2"), "{told}");
    }
}

#[test]
fn a_prefix_of_schemas_is_a_plain_name() {
    for good in ["p", "plugpoint_2", "abcdefghijklmnop"] {
        let config = load(&format!("[database]\nschema_prefix = '{good}'"), &[]).expect(good);
        assert_eq!(config.database.schema_prefix.as_str(), good);
    }
    for bad in ["", "1a", "A", "a-b", "pg_x", "a\"b", "abcdefghijklmnopq"] {
        load(&format!("[database]\nschema_prefix = '{bad}'"), &[]).expect_err(bad);
    }
}
