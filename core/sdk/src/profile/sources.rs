//! Sources: the services that a profile names for `plugpoint pull`.
//!
//! Read with the rest of a profile; what a key does is said in [`keys`](super::keys). Whether somebody provides a source's kind is
//! the kernel's to say.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::ProfileError;
use crate::model::ImportMode;

/// Section `[sources.NAME]`: a service that is asked for documents.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SourceProfile {
    /// Where it is called.
    pub url: String,
    /// The key of the `import.source` that asks it; never empty once the profile was read.
    pub kind: String,
    /// Who logs in.
    pub user: Option<String>,
    /// The environment variable with the secret; see [`SECRET_ENV`](super::keys::SECRET_ENV).
    pub secret_env: Option<String>,
    /// Records that are asked for at once, 1 to 1000.
    pub page_size: u32,
    /// The catalog that the document is for.
    pub catalog: String,
    /// What the import may do.
    pub mode: ImportMode,
    /// Seconds that one answer may take, 1 to 600.
    pub timeout_s: u32,
    /// Bytes that one answer may have.
    pub response_bytes_max: u64,
    /// When servers ask it by themselves, in the words of the tasks' timings; none if only who says so does. What is no timing, the
    /// server and its commands refuse, for the sdk knows no clocks.
    pub schedule: Option<String>,
}

impl Default for SourceProfile {
    fn default() -> Self {
        Self {
            url: String::new(),
            kind: String::new(),
            user: None,
            secret_env: None,
            page_size: 50,
            catalog: "main".to_owned(),
            mode: ImportMode::Replace,
            timeout_s: 60,
            response_bytes_max: 16 << 20,
            schedule: None,
        }
    }
}

/// Says what only all layers together tell: that a source has an address, and its kind.
pub(super) fn complete(sources: &mut BTreeMap<String, SourceProfile>, errors: &mut Vec<ProfileError>) {
    for (name, source) in sources {
        if source.url.is_empty() {
            let message = "lacks the key \"url\"".to_owned();
            errors.push(ProfileError { path: format!("sources.{name}"), line: None, message });
        }
        if source.kind.is_empty() {
            source.kind.clone_from(name);
        }
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::super::Profile;
    use super::super::keys::SECTIONS;
    use super::SourceProfile;

    #[track_caller]
    fn refuses(toml: &str, expected: &[&str]) {
        let errors = Profile::parse(toml).expect_err(toml);
        let told: Vec<String> = errors.iter().map(ToString::to_string).collect();
        assert_eq!(told, expected);
    }

    pub(in super::super) fn whole_source() -> SourceProfile {
        let (user, secret_env) = (Some("u".to_owned()), Some("PLUGPOINT_SOURCE_SHOP".to_owned()));
        let (url, kind, schedule) = ("https://a.example".into(), "shop".into(), Some("every 15m".to_owned()));
        SourceProfile { url, kind, user, secret_env, schedule, ..Default::default() }
    }

    #[test]
    fn a_source_has_its_defaults_and_its_bounds() {
        let told = |toml: &str| Profile::parse(&format!("[sources.shop]\nurl = 'https://a.example'\n{toml}"));
        let shop = told("user = 'u'\nsecret_env = 'PLUGPOINT_SOURCE_SHOP'\nschedule = 'every 15m'");
        let shop = &shop.expect("valid").sources["shop"];
        assert_eq!(*shop, whole_source());
        assert_eq!(
            Profile::parse("[sources]\nshop = 'https://a.example'").expect("valid").sources["shop"].kind,
            "shop"
        );
        let declared = SECTIONS.iter().find(|section| section.is_named).expect("sources").keys;
        let defaults = declared.iter().filter(|key| !key.default.is_empty());
        let defaults: String = defaults.map(|key| format!("{} = {}\n", key.name, key.default)).collect();
        assert_eq!(told(&defaults).expect("valid").sources, told("").expect("valid").sources);
        for at_bounds in
            ["page_size = 1", "page_size = 1000", "timeout_s = 600", "response_bytes_max = 1024", "mode = 'delete'"]
        {
            assert!(told(at_bounds).is_ok(), "{at_bounds}");
        }
        for beyond in
            ["page_size = 0", "page_size = 1001", "timeout_s = 0", "timeout_s = 601", "response_bytes_max = 1023"]
        {
            assert_eq!(told(beyond).expect_err(beyond).len(), 1);
        }
        for name in ["PLUGPOINT_SOURCE_A", &format!("PLUGPOINT_SOURCE_{}", "A".repeat(64))] {
            assert!(told(&format!("secret_env = '{name}'")).is_ok(), "{name}");
        }
        let too_long = format!("PLUGPOINT_SOURCE_{}", "A".repeat(65));
        for name in [
            "HOME",
            "PLUGPOINT_SOURCE_",
            "PLUGPOINT_SOURCE_a",
            "XPLUGPOINT_SOURCE_A",
            "PLUGPOINT_SOURCE_A\\nB",
            &too_long,
        ] {
            assert!(told(&format!("secret_env = \"{name}\"")).is_err(), "{name}");
        }
    }

    #[test]
    fn mistakes_in_sources_are_told() {
        refuses(
            "[sources.shop]\nurl = 'ftp://a'\nsecret_env = 'HOME'\nmode = 'all'\nuzer = 'x'\ncatalog = ''\n[sources.B]\nkind = 'x'",
            &[
                "line 7: sources.B: \"B\" is not a lower-case word such as bmecat",
                "line 6: sources.shop.catalog: \"\" is not the name of a catalog such as main",
                "line 4: sources.shop.mode: \"all\" is not one of replace, merge, delete",
                "line 3: sources.shop.secret_env: \"HOME\" is not a name such as PLUGPOINT_SOURCE_SHOP",
                "line 2: sources.shop.url: \"ftp://a\" is not an http or https address without user and query, such as https://shop.example/api",
                "line 5: sources.shop.uzer: there is no such key; did you mean \"user\"?",
            ],
        );
        for url in [
            "https://u:p@a.example",
            "https://a.example/?q=1",
            "https://a.example/#x",
            "https://",
            "https://a b",
            "file:///etc/passwd",
        ] {
            assert!(Profile::parse(&format!("[sources]\nshop = '{url}'")).is_err(), "{url}");
        }
        for url in ["http://a", "https://a.example:8443/index.php/api/v2_soap/index/"] {
            assert!(Profile::parse(&format!("[sources]\nshop = '{url}'")).is_ok(), "{url}");
        }
        refuses("[sources.shop]\nuser = 'x'", &["sources.shop: lacks the key \"url\""]);
        refuses("[sources]\nshop = 5", &["line 2: sources.shop: 5 is not a text or a table"]);
        let layers = ["[sources]\nshop = 'https://a'", "[sources.shop]\nuser = 'u'"];
        let shop = &Profile::from_layers(&layers).expect("valid").sources["shop"];
        assert_eq!((shop.url.as_str(), shop.user.as_deref()), ("https://a", Some("u")));
        let many = |count: u32| (0..count).map(|i| format!("s{i} = 'https://a'\n")).collect::<String>();
        assert!(Profile::parse(&format!("[sources]\n{}", many(100))).is_ok());
        assert!(Profile::parse(&format!("[sources]\n{}", many(101))).is_err());
    }
}
