//! The tenant's profile: what a format plugin needs to know about this sender, without code.
//!
//! Parsed when a tenant is created and when the server takes it up. All mistakes are told at once, each with the path and line
//! of its key; unknown keys are mistakes. Whether the named transformer exists is the kernel's to say.

mod check;
mod formats;
pub mod keys;
mod limits;
mod map;
pub mod place;
mod publish;
mod sources;
mod table;

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};
use toml::{Table, Value};

use crate::operation::{ApiOperation, OperationLimits};

pub use formats::{
    BmecatProfile, CommercemlProfile, CxmlProfile, DatanormProfile, GdsnProfile, IcecatProfile, IdocProfile,
    MagentoProfile, OnixProfile, SoapProfile,
};
pub use publish::{markdown, schema};
pub use sources::SourceProfile;
pub use table::{ColumnEntry, TableProfile, heading};

/// A tenant's profile, read from `profile.toml`. Unknown keys are errors.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Profile {
    /// How catalogs of this tenant are read.
    pub catalog: CatalogProfile,
    /// What one document may cost.
    pub limits: LimitsProfile,
    /// What only the BMEcat reader knows.
    pub bmecat: BmecatProfile,
    /// What only the Magento reader knows.
    pub magento: MagentoProfile,
    /// What only the ONIX reader knows.
    pub onix: OnixProfile,
    /// What only the SAP IDoc reader knows.
    pub idoc: IdocProfile,
    /// What only the GS1 GDSN reader knows.
    pub gdsn: GdsnProfile,
    /// How lists are read.
    pub table: TableProfile,
    /// What only the cXML reader knows.
    pub cxml: CxmlProfile,
    /// What only the Icecat reader knows.
    pub icecat: IcecatProfile,
    /// Services of other systems that are kept alive for this tenant.
    pub soap: SoapProfile,
    /// What only the CommerceML reader knows.
    pub commerceml: CommercemlProfile,
    /// What only the DATANORM reader knows.
    pub datanorm: DatanormProfile,
    /// Services that are asked for documents, by their names.
    pub sources: BTreeMap<String, SourceProfile>,
    /// What may be called for this tenant.
    pub extensions: ExtensionsProfile,
}

/// Section `[catalog]`. What a key does is said in [`keys`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CatalogProfile {
    /// The format that reads the documents when no customer crate does: `canonical`, `bmecat`, ...
    pub transformer: String,
    /// The share of rejected records, 0 to 1, above which an import changes nothing.
    pub rejected_share_max: f64,
    /// BCP 47 language of texts whose document names none.
    pub language: String,
    /// BCP 47 languages whose texts are kept; all when empty.
    pub languages: Vec<String>,
    /// The language in which the sender is told of findings, where a request accepts no other.
    pub report_language: String,
    /// ISO 4217 currency of prices that have none. Without it such a price is a finding.
    pub currency: Option<String>,
    /// Reads `12,50` as 12.50. Without it a comma is a finding.
    pub decimal_comma: bool,
    /// Days that a document is kept after its import, 0 to 3650.
    pub retention_days: u32,
    /// Whether categories stay that the table of their system does not name.
    pub unmapped_categories: bool,
    /// From a price's kind as it was read to the kind that is kept.
    pub price_kinds: BTreeMap<String, String>,
    /// From a unit in lower case to the unit that is kept.
    pub units: BTreeMap<String, String>,
    /// From an attribute's name as it was read to what it becomes.
    pub attributes: BTreeMap<String, AttributeEntry>,
    /// From a category's system and code to what it becomes.
    pub categories: BTreeMap<String, BTreeMap<String, CategoryEntry>>,
}

/// What an attribute becomes.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AttributeEntry {
    /// Its name.
    pub name: String,
    /// The unit of its values; the sender's if none.
    pub unit: Option<String>,
    /// The system that defines it; the sender's if none.
    pub system: Option<String>,
}

/// What a category becomes.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CategoryEntry {
    /// Its code.
    pub code: String,
    /// The system of the code; the sender's if none.
    pub system: Option<String>,
    /// Names from the root; the sender's if none.
    pub path: Option<Vec<String>>,
}

/// Section `[limits]`. The server's own limits hold beside it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LimitsProfile {
    /// Bytes of a document.
    pub document_bytes_max: u64,
    /// Records of a document.
    pub records_max: u64,
    /// Documents that are received at once.
    pub receives_max: usize,
    /// Exports that run at once.
    pub exports_max: usize,
    /// Items of all catalogs together.
    pub items_max: u64,
    /// Bytes of all documents that wait or are kept.
    pub spool_bytes_max: u64,
    /// Requests in a second.
    pub requests_per_second: u32,
    /// Requests that may come at once; as many as in a second if none.
    pub requests_burst: Option<u32>,
    /// Limits of single operations.
    pub operations: BTreeMap<ApiOperation, OperationLimits>,
}

/// Section `[extensions]`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ExtensionsProfile {
    /// The hash of the one plan by which this tenant is served; any when none.
    pub plan: Option<String>,
}

impl Default for CatalogProfile {
    fn default() -> Self {
        Self {
            transformer: "canonical".to_owned(),
            rejected_share_max: 0.5,
            language: "en".to_owned(),
            languages: Vec::new(),
            report_language: "en".to_owned(),
            currency: None,
            decimal_comma: false,
            retention_days: 30,
            unmapped_categories: true,
            price_kinds: BTreeMap::new(),
            units: BTreeMap::new(),
            attributes: BTreeMap::new(),
            categories: BTreeMap::new(),
        }
    }
}

impl Default for LimitsProfile {
    fn default() -> Self {
        Self {
            document_bytes_max: 1 << 40,
            records_max: 1_000_000_000,
            receives_max: 10_000,
            exports_max: 1024,
            items_max: 1_000_000_000,
            spool_bytes_max: 1 << 50,
            requests_per_second: 1_000_000,
            requests_burst: None,
            operations: BTreeMap::new(),
        }
    }
}

/// The largest profile, in bytes.
const PROFILE_BYTES_MAX: usize = 1024 * 1024;

/// One mistake in a profile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProfileError {
    /// The key, as in `catalog.language`; empty where the text is no TOML.
    pub path: String,
    /// The line of the key in its text, from 1, where it is known.
    pub line: Option<usize>,
    /// What is wrong, naming value and bounds.
    pub message: String,
}

impl fmt::Display for ProfileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(line) = self.line {
            write!(f, "line {line}: ")?;
        }
        match self.path.as_str() {
            "" => f.write_str(&self.message),
            path => write!(f, "{path}: {}", self.message),
        }
    }
}

impl std::error::Error for ProfileError {}

/// All mistakes of a profile; never empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProfileErrors(pub Vec<ProfileError>);

impl fmt::Display for ProfileErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lines: Vec<String> = self.0.iter().map(ToString::to_string).collect();
        f.write_str(&lines.join("; "))
    }
}

impl std::error::Error for ProfileErrors {}

impl Profile {
    /// Reads a profile from TOML. What is absent has its default.
    ///
    /// # Errors
    /// Every mistake with the path and line of its key.
    pub fn parse(text: &str) -> Result<Self, Vec<ProfileError>> {
        Self::from_layers(&[text]).map_err(|errors| errors.0)
    }

    /// The whole profile as TOML, with every key that has a value.
    ///
    /// # Errors
    /// None that a profile that was read can raise.
    pub fn to_toml(&self) -> Result<String, toml::ser::Error> {
        toml::to_string(self)
    }

    /// Reads profiles as TOML, each over the one before it, setting by setting and mapping by mapping: the customer crate's,
    /// then the tenant's.
    ///
    /// # Errors
    /// Every mistake of every text.
    pub fn from_layers(layers: &[&str]) -> Result<Self, ProfileErrors> {
        let (mut merged, mut errors) = (Table::new(), Vec::new());
        for layer in layers {
            merge(&mut merged, check::checked(layer, &mut errors));
        }
        if !errors.is_empty() {
            return Err(ProfileErrors(errors));
        }
        let mut profile: Self = merged.try_into().map_err(|error: toml::de::Error| {
            ProfileErrors(vec![ProfileError { path: String::new(), line: None, message: error.message().to_owned() }])
        })?;
        let units = std::mem::take(&mut profile.catalog.units);
        profile.catalog.units = units.into_iter().map(|(sent, unit)| (sent.trim().to_lowercase(), unit)).collect();
        sources::complete(&mut profile.sources, &mut errors);
        let columns: Vec<(&str, String)> =
            profile.table.columns.iter().map(|(name, entry)| (name.as_str(), entry.to.to_string())).collect();
        errors.extend(
            table::clashes(columns.iter().map(|(name, to)| (*name, to.as_str())))
                .into_iter()
                .map(|(name, message)| ProfileError { path: format!("table.columns.{name}"), line: None, message }),
        );
        if errors.is_empty() { Ok(profile) } else { Err(ProfileErrors(errors)) }
    }
}

/// Tables are merged key by key, at every depth.
fn merge(below: &mut Table, above: Table) {
    for (key, value) in above {
        match (below.get_mut(&key), value) {
            (Some(Value::Table(old)), Value::Table(new)) => merge(old, new),
            (_, value) => _ = below.insert(key, value),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::Profile;
    use super::keys::{SECTIONS, Section};

    #[track_caller]
    fn refuses(toml: &str, expected: &[&str]) {
        let errors = Profile::parse(toml).expect_err(toml);
        let told: Vec<String> = errors.iter().map(ToString::to_string).collect();
        assert_eq!(told, expected);
    }

    #[test]
    fn what_is_absent_has_its_default() {
        assert_eq!(Profile::parse(""), Ok(Profile::default()));
        assert_eq!(Profile::parse("[catalog]"), Ok(Profile::default()));
    }

    #[test]
    fn every_key_is_read_at_its_bounds() {
        let toml = "[catalog]\ntransformer = 'bmecat'\nrejected_share_max = 1\nlanguage = 'de-AT'\ncurrency = 'CHF'\n\
                    decimal_comma = true\nretention_days = 3650";
        let catalog = Profile::parse(toml).expect("valid").catalog;
        let numbers = (catalog.rejected_share_max, catalog.retention_days, catalog.decimal_comma);
        assert_eq!(numbers, (1.0, 3650, true));
        let texts = (catalog.transformer.as_str(), catalog.language.as_str(), catalog.currency.as_deref());
        assert_eq!(texts, ("bmecat", "de-AT", Some("CHF")));
    }

    #[test]
    fn a_profile_written_out_is_read_back_and_has_every_declared_key() {
        let mut profile = Profile::default();
        profile.catalog.currency = Some("EUR".to_owned());
        profile.bmecat.mime_root = Some("https://media.example/".to_owned());
        profile.extensions.plan = Some("0123456789abcdef".to_owned());
        profile.table.header = Some(1);
        profile.limits.requests_burst = Some(200);
        (profile.table.sheet, profile.table.list_separator) = (Some("Preise".to_owned()), Some("|".to_owned()));
        profile.sources.insert("shop".to_owned(), super::sources::tests::whole_source());
        let text = toml::to_string(&profile).expect("TOML");
        assert_eq!(Profile::parse(&text), Ok(profile));
        let table: toml::Table = text.parse().expect("TOML");
        let written: Vec<(&str, Vec<&str>)> = table
            .iter()
            .map(|(name, keys)| {
                (name.as_str(), keys.as_table().expect("a section").keys().map(String::as_str).collect())
            })
            .collect();
        let keys_of = |section: &Section| section.keys.iter().map(|key| key.name).collect::<BTreeSet<_>>();
        let mut declared: Vec<(&str, Vec<&str>)> = SECTIONS
            .iter()
            .map(|it| (it.name, if it.is_named { vec!["shop"] } else { keys_of(it).into_iter().collect() }))
            .collect();
        declared.sort_unstable();
        assert_eq!(written, declared);
        let source = table["sources"]["shop"].as_table().expect("a source");
        let named = SECTIONS.iter().find(|section| section.is_named).expect("sources");
        assert_eq!(source.keys().map(String::as_str).collect::<BTreeSet<_>>(), keys_of(named));
    }

    #[test]
    fn declared_defaults_are_those_that_hold() {
        let mut text = String::new();
        for section in SECTIONS.iter().filter(|section| !section.is_named) {
            text += &format!(
                "[{}]
",
                section.name
            );
            for key in section.keys.iter().filter(|key| !key.default.is_empty()) {
                text += &format!(
                    "{} = {}
",
                    key.name, key.default
                );
            }
        }
        assert_eq!(Profile::parse(&text), Ok(Profile::default()));
    }

    #[test]
    fn mappings_are_read_and_merged_word_by_word() {
        let below = "[catalog.units]
' Stück ' = 'C62'
m = 'MTR'
[catalog.attributes]
A = 'a'
[catalog.categories.supplier]
1 = 'x'";
        let above = "[catalog.units]
m = 'M'
[catalog.categories]
supplier = { 2 = { code = 'y', system = 's', path = ['p'] } }";
        let catalog = Profile::from_layers(&[below, above]).expect("valid").catalog;
        let units: Vec<_> = catalog.units.iter().map(|(from, to)| (from.as_str(), to.as_str())).collect();
        assert_eq!(units, [("m", "M"), ("stück", "C62")]);
        assert_eq!(catalog.attributes["A"].name, "a");
        let codes: Vec<_> = catalog.categories["supplier"].values().map(|to| to.code.as_str()).collect();
        assert_eq!(codes, ["x", "y"]);
    }

    #[test]
    fn mistakes_in_mappings_have_their_path_and_line() {
        refuses(
            "[catalog]
languages = ['de', 'german']
[catalog.attributes]
'A B' = { nam = 'x', unit = '' }
\
             [catalog.price_kinds]
net = 'Net Price'
[catalog.categories]
supplier = 'x'
[bmecat]
extras = 1",
            &[
                "line 10: bmecat.extras: 1 is not true or false",
                "line 4: catalog.attributes.\"A B\": lacks the key \"name\"",
                "line 4: catalog.attributes.\"A B\".nam: there is no such key; did you mean \"name\"?",
                "line 4: catalog.attributes.\"A B\".unit: \"\" is not a text of 1 to 64 characters",
                "line 8: catalog.categories.supplier: \"x\" is not a table",
                "line 2: catalog.languages[1]: \"german\" is not a BCP 47 language such as de",
                "line 6: catalog.price_kinds.net: \"Net Price\" is not a lower-case word such as bmecat",
            ],
        );
    }

    #[test]
    fn all_mistakes_are_told_with_their_paths() {
        refuses(
            "[catalog]\nretention_days = 3651\nrejected_share_max = 1.01\nlanguage = 'german'\ncurrency = 'DEM'\n\
             curency = 'EUR'\ntransformer = ''\n[catalogue]\nx = 1",
            &[
                "line 6: catalog.curency: there is no such key; did you mean \"currency\"?",
                "line 5: catalog.currency: \"DEM\" is not an active ISO 4217 currency",
                "line 4: catalog.language: \"german\" is not a BCP 47 language such as de",
                "line 3: catalog.rejected_share_max: 1.01 is not within 0 to 1",
                "line 2: catalog.retention_days: 3651 is not within 0 to 3650",
                "line 7: catalog.transformer: \"\" is not a lower-case word such as bmecat",
                "line 8: catalogue: there is no such section; did you mean \"catalog\"?",
            ],
        );
    }

    #[test]
    fn values_of_another_type_are_told() {
        refuses("[catalog]\ndecimal_comma = 'yes'", &["line 2: catalog.decimal_comma: \"yes\" is not true or false"]);
        refuses(
            "[catalog]\nrejected_share_max = nan",
            &["line 2: catalog.rejected_share_max: nan is not within 0 to 1"],
        );
        refuses("[catalog]\nretention_days = -1", &["line 2: catalog.retention_days: -1 is not within 0 to 3650"]);
        refuses("[catalog]\ncurrency = ''", &["line 2: catalog.currency: \"\" is not an active ISO 4217 currency"]);
        refuses("catalog = 1", &["line 1: catalog: is a section: write [catalog]"]);
    }

    #[test]
    fn a_layer_changes_only_what_it_sets() {
        let customer = "[catalog]\ntransformer = \"bmecat\"\ncurrency = \"EUR\"\n";
        let profile = Profile::from_layers(&[customer, "", "[catalog]\ncurrency = \"CHF\"\n"]).expect("valid").catalog;
        assert_eq!((profile.transformer.as_str(), profile.currency.as_deref()), ("bmecat", Some("CHF")));
        assert_eq!(Profile::from_layers(&[]), Ok(Profile::default()));
        let errors = Profile::from_layers(&["[catalog]\nlanguage = 5", "[catalog"]).expect_err("both layers are wrong");
        assert!(errors.to_string().starts_with("line 2: catalog.language: 5 is not"), "{errors}");
        assert!(errors.to_string().contains("; line 1: "), "{errors}");
    }

    #[test]
    fn what_is_no_toml_is_told_with_its_line() {
        let errors = Profile::parse("[catalog]\nlanguage = de").expect_err("no TOML");
        assert_eq!(errors.len(), 1);
        assert!(errors[0].to_string().contains("line 2"), "{}", errors[0]);
        assert!(Profile::parse(&" ".repeat(1_100_000)).expect_err("too large")[0].message.contains("1100000 bytes"));
    }
}
