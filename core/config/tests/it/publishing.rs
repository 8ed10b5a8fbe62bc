//! What others read: printed TOML is a configuration again, the schema and the page of limits name every key.

use plugpoint_config::{Config, Kind, config_schema, limits_markdown};
use plugpoint_sdk::operation::ApiOperation;
use serde_json::json;

use crate::load;

#[test]
fn a_printed_configuration_is_read_back() {
    let toml =
        "[server]\npublic_url = 'https://x.example'\n[limits]\npage_items_max = 3\n[log]\nlevel = 'info,a-b=warn'";
    for config in [Config::default(), load(toml, &[]).expect("valid")] {
        assert_eq!(load(&config.to_toml(), &[]), Ok(config));
    }
}

#[test]
fn a_printed_key_stands_under_its_description() {
    let printed = Config::default().to_toml();
    let page = "\n# Entries on a page of a listing.\n# 1 to 10000. Default: 1000.\npage_items_max = 1000\n";
    assert!(printed.contains(page), "{printed}");
    assert!(printed.contains(
        "\n# `text` for people, `json` for machines.\n# text or json. Default: \"text\".\nformat = \"text\"\n"
    ));
    assert!(printed.contains("Default: not set.\n# public_url =\n"), "{printed}");
    assert!(printed.starts_with("# Where the server listens and how it stops.\n[server]\n"), "{printed}");
}

#[test]
fn the_schema_has_every_key_with_its_bounds() {
    let schema = config_schema();
    assert_eq!(schema["additionalProperties"], json!(false));
    for key in Config::keys() {
        let section = &schema["properties"][key.section];
        assert_eq!(section["additionalProperties"], json!(false));
        let property = &section["properties"][key.name];
        assert!(property["description"].as_str().is_some_and(|text| text.starts_with(key.doc)), "{}", key.path());
        if let Kind::Number { min, max } = key.kind {
            let stated = (&property["minimum"], &property["maximum"], &property["default"]);
            assert_eq!(stated, (&json!(min), &json!(max), &key.default), "{}", key.path());
        }
    }
    assert_eq!(schema["properties"]["log"]["properties"]["format"]["enum"], json!(["text", "json"]));
}

#[test]
fn the_page_of_limits_has_every_number_in_readable_units() {
    let page = limits_markdown();
    for key in Config::keys() {
        let is_number = matches!(key.kind, Kind::Number { .. });
        assert_eq!(page.contains(&format!("| `{}` |", key.path())), is_number, "{}", key.path());
    }
    assert!(
        page.contains(
            "| `limits.import_body_bytes_max` | 16 GiB | 1 KiB to 1 TiB | A catalog document, as received. |"
        ),
        "{page}"
    );
    assert!(page.contains("| `limits.page_items_max` | 1000 | 1 to 10000 |"), "{page}");
    assert!(page.contains("`PLUGPOINT__LIMITS__PAGE_ITEMS_MAX`"));
    for operation in ApiOperation::ALL {
        for limit in operation.limits() {
            let row = format!("| `{}` | {} | `{}` | ", operation.name(), operation.place(), limit.name());
            assert_eq!(page.matches(&row).count(), 1, "{row}");
        }
    }
    assert!(page.contains("`body_bytes_max` | 16 GiB | `limits.import_body_bytes_max` |"), "{page}");
    assert!(!page.contains("## log"), "a section without numbers has no table");
}
