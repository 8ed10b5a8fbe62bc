//! The tenant's profile: what a format plugin needs to know about this sender, without code.
//!
//! Parsed when a tenant is created and when the server takes it up. All mistakes are told at once; unknown keys are
//! mistakes. Whether the named transformer exists is the kernel's to say.

use std::fmt;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use toml::{Table, Value};

use crate::model::currency;
use crate::near::offer;
use crate::schema::{LANGUAGE, Matcher, TOKEN};
/// A tenant's profile, read from `profile.toml`. Unknown keys are errors.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Profile {
    /// How catalogs of this tenant are read.
    pub catalog: CatalogProfile,
}

/// Section `[catalog]`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CatalogProfile {
    /// The format that reads the documents when no customer crate does: `canonical`, `bmecat`, ...
    pub transformer: String,
    /// The share of rejected records, 0 to 1, above which an import changes nothing.
    pub rejected_share_max: f64,
    /// BCP 47 language of texts whose document names none.
    pub language: String,
    /// ISO 4217 currency of prices that have none. Without it such a price is a finding.
    pub currency: Option<String>,
    /// Reads `12,50` as 12.50. Without it a comma is a finding.
    pub decimal_comma: bool,
    /// Days that a document is kept after its import, 0 to 3650.
    pub retention_days: u32,
}

impl Default for CatalogProfile {
    fn default() -> Self {
        Self {
            transformer: "canonical".to_owned(),
            rejected_share_max: 0.5,
            language: "en".to_owned(),
            currency: None,
            decimal_comma: false,
            retention_days: 30,
        }
    }
}

/// The most days that a document can be kept.
const RETENTION_DAYS_MAX: u32 = 3650;
/// The largest profile, in bytes.
const PROFILE_BYTES_MAX: usize = 64 * 1024;

/// One mistake in a profile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProfileError {
    /// The key, as in `catalog.language`; empty where the text is no TOML.
    pub path: String,
    /// What is wrong, naming value and bounds.
    pub message: String,
}

impl fmt::Display for ProfileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
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
    /// Every mistake with the path of its key.
    pub fn parse(text: &str) -> Result<Self, Vec<ProfileError>> {
        Self::from_layers(&[text]).map_err(|errors| errors.0)
    }

    /// Reads profiles as TOML, each over the one before it, setting by setting: the customer crate's, then the tenant's.
    ///
    /// # Errors
    /// Every mistake of every text.
    pub fn from_layers(layers: &[&str]) -> Result<Self, ProfileErrors> {
        let (mut profile, mut errors) = (Self::default(), Errors::default());
        for layer in layers {
            profile.read(layer, &mut errors);
        }
        if errors.0.is_empty() { Ok(profile) } else { Err(ProfileErrors(errors.0)) }
    }

    fn read(&mut self, text: &str, errors: &mut Errors) {
        if text.len() > PROFILE_BYTES_MAX {
            return errors
                .add("", format!("the profile has {} bytes; allowed: at most {PROFILE_BYTES_MAX}", text.len()));
        }
        let table: Table = match text.parse() {
            Ok(table) => table,
            Err(error) => return errors.add("", located(text, &error)),
        };
        for (name, value) in table {
            match (name.as_str(), value) {
                ("catalog", Value::Table(keys)) => self.catalog.read(keys, errors),
                ("catalog", _) => errors.add("catalog", "is a section: write [catalog]"),
                (unknown, _) => errors.add(unknown, format!("there is no such section{}", offer(unknown, ["catalog"]))),
            }
        }
    }
}

fn located(text: &str, error: &toml::de::Error) -> String {
    let before = error.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
    format!("line {}: {}", before.matches('\n').count() + 1, error.message())
}

#[derive(Default)]
struct Errors(Vec<ProfileError>);

impl Errors {
    fn add(&mut self, path: &str, message: impl Into<String>) {
        self.0.push(ProfileError { path: path.to_owned(), message: message.into() });
    }

    /// Takes the value over if it has the type and keeps the rule.
    fn take<T: DeserializeOwned>(&mut self, path: &str, value: Value, slot: &mut T, rule: Rule<T>) {
        let shown = value.to_string();
        match value.try_into::<T>() {
            Ok(value) if (rule.holds)(&value) => *slot = value,
            Ok(_) => self.add(path, format!("{shown} is not {}", rule.words)),
            Err(error) => self.add(path, error.message()),
        }
    }
}

/// What a value must be, in words that follow "is not".
struct Rule<T> {
    holds: fn(&T) -> bool,
    words: &'static str,
}

impl CatalogProfile {
    fn read(&mut self, keys: Table, errors: &mut Errors) {
        static IS_TOKEN: Matcher = Matcher::new(TOKEN);
        static IS_LANGUAGE: Matcher = Matcher::new(LANGUAGE);
        for (name, value) in keys {
            let path = format!("catalog.{name}");
            match name.as_str() {
                "transformer" => {
                    let rule = Rule {
                        holds: |text: &String| IS_TOKEN.is_match(text),
                        words: "a lower-case word such as bmecat",
                    };
                    errors.take(&path, value, &mut self.transformer, rule);
                }
                "rejected_share_max" => {
                    let rule = Rule { holds: |share| (0.0..=1.0).contains(share), words: "within 0 to 1" };
                    errors.take(&path, value, &mut self.rejected_share_max, rule);
                }
                "language" => {
                    let rule = Rule {
                        holds: |text: &String| IS_LANGUAGE.is_match(text),
                        words: "a BCP 47 language such as de",
                    };
                    errors.take(&path, value, &mut self.language, rule);
                }
                "currency" => {
                    let rule =
                        Rule { holds: |text: &String| currency::is_active(text), words: "an active ISO 4217 currency" };
                    let mut code = String::new();
                    errors.take(&path, value, &mut code, rule);
                    self.currency = Some(code).filter(|code| !code.is_empty());
                }
                "decimal_comma" => {
                    errors.take(
                        &path,
                        value,
                        &mut self.decimal_comma,
                        Rule { holds: |_| true, words: "true or false" },
                    );
                }
                "retention_days" => {
                    let rule = Rule { holds: |days| *days <= RETENTION_DAYS_MAX, words: "within 0 to 3650" };
                    errors.take(&path, value, &mut self.retention_days, rule);
                }
                unknown => errors.add(&path, format!("there is no such key{}", offer(unknown, KEYS))),
            }
        }
    }
}

/// The keys of `[catalog]`.
const KEYS: [&str; 6] =
    ["transformer", "rejected_share_max", "language", "currency", "decimal_comma", "retention_days"];

#[cfg(test)]
mod tests {
    use super::{KEYS, Profile};

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
    fn a_profile_written_out_is_read_back_and_names_every_key() {
        let mut profile = Profile::default();
        profile.catalog.currency = Some("EUR".to_owned());
        let text = toml::to_string(&profile).expect("TOML");
        assert_eq!(Profile::parse(&text), Ok(profile));
        assert!(KEYS.iter().all(|key| text.contains(&format!("\n{key} = "))), "{text}");
    }

    #[test]
    fn all_mistakes_are_told_with_their_paths() {
        refuses(
            "[catalog]\nretention_days = 3651\nrejected_share_max = 1.01\nlanguage = 'german'\ncurrency = 'DEM'\n\
             curency = 'EUR'\ntransformer = ''\n[catalogue]\nx = 1",
            &[
                "catalog.curency: there is no such key; did you mean \"currency\"?",
                "catalog.currency: \"DEM\" is not an active ISO 4217 currency",
                "catalog.language: \"german\" is not a BCP 47 language such as de",
                "catalog.rejected_share_max: 1.01 is not within 0 to 1",
                "catalog.retention_days: 3651 is not within 0 to 3650",
                "catalog.transformer: \"\" is not a lower-case word such as bmecat",
                "catalogue: there is no such section; did you mean \"catalog\"?",
            ],
        );
    }

    #[test]
    fn values_of_another_type_are_told() {
        refuses(
            "[catalog]\ndecimal_comma = 'yes'",
            &["catalog.decimal_comma: invalid type: string \"yes\", expected a boolean"],
        );
        refuses("[catalog]\nrejected_share_max = nan", &["catalog.rejected_share_max: nan is not within 0 to 1"]);
        refuses(
            "[catalog]\nretention_days = -1",
            &["catalog.retention_days: invalid value: integer `-1`, expected u32"],
        );
        refuses("[catalog]\ncurrency = ''", &["catalog.currency: \"\" is not an active ISO 4217 currency"]);
        refuses("catalog = 1", &["catalog: is a section: write [catalog]"]);
    }

    #[test]
    fn a_layer_changes_only_what_it_sets() {
        let customer = "[catalog]\ntransformer = \"bmecat\"\ncurrency = \"EUR\"\n";
        let profile = Profile::from_layers(&[customer, "", "[catalog]\ncurrency = \"CHF\"\n"]).expect("valid").catalog;
        assert_eq!((profile.transformer.as_str(), profile.currency.as_deref()), ("bmecat", Some("CHF")));
        assert_eq!(Profile::from_layers(&[]), Ok(Profile::default()));
        let errors = Profile::from_layers(&["[catalog]\nlanguage = 5", "[catalog"]).expect_err("both layers are wrong");
        assert!(errors.to_string().starts_with("catalog.language: invalid type"), "{errors}");
        assert!(errors.to_string().contains("; line 1: "), "{errors}");
    }

    #[test]
    fn what_is_no_toml_is_told_with_its_line() {
        let errors = Profile::parse("[catalog]\nlanguage = de").expect_err("no TOML");
        assert_eq!(errors.len(), 1);
        assert!(errors[0].to_string().contains("line 2"), "{}", errors[0]);
        assert!(Profile::parse(&" ".repeat(70_000)).expect_err("too large")[0].message.contains("70000 bytes"));
    }
}
