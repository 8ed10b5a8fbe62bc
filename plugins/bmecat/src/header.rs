//! HEADER: what holds for all products of the document unless they say otherwise.

use plugpoint_sdk::codes::finding;
use plugpoint_sdk::model::Finding;
use plugpoint_sdk::model::currency::is_active;
use plugpoint_sdk::profile::CatalogProfile;
use plugpoint_sdk::xml::Element;

use crate::spelling::text;
use plugpoint_sdk::reading::Findings;
use plugpoint_sdk::reading::language_tag;

/// Territories of one document; more are not kept.
const TERRITORIES_MAX: usize = 300;

/// The defaults of one document.
#[derive(Debug)]
pub(crate) struct Header {
    /// BCP 47 language of texts that name none.
    pub(crate) language: String,
    /// Currency of prices that name none.
    pub(crate) currency: Option<String>,
    /// What goes before a relative MIME_SOURCE.
    pub(crate) mime_root: Option<String>,
    /// Where prices hold that name no territory.
    pub(crate) territories: Vec<String>,
}

impl Header {
    /// What holds for a document without a header.
    pub(crate) fn from_profile(profile: &CatalogProfile) -> Self {
        let currency = profile.currency.clone();
        Self { language: profile.language.clone(), currency, mime_root: None, territories: Vec::new() }
    }

    /// Reads the element HEADER; what it does not say comes from the profile.
    pub(crate) fn read(element: &Element, profile: &CatalogProfile) -> (Self, Vec<Finding>) {
        let mut header = Self::from_profile(profile);
        let mut findings = Findings::default();
        for catalog in element.children_named("CATALOG") {
            header.read_languages(catalog, &mut findings);
            if let Some(sent) = catalog.child("CURRENCY") {
                header.read_currency(sent, &mut findings);
            }
            header.mime_root = catalog.child_text("MIME_ROOT").map(str::to_owned);
            header.territories = territories(catalog);
        }
        (header, findings.into_list())
    }

    fn read_languages(&mut self, catalog: &Element, findings: &mut Findings) {
        let mut languages = catalog.children_named("LANGUAGE");
        let is_default = |language: &&Element| language.attribute("default") == Some("true");
        let chosen = catalog.children_named("LANGUAGE").find(is_default).or_else(|| languages.next());
        let Some((element, code)) = chosen.and_then(|element| Some((element, text(element)?))) else { return };
        match language_tag(code) {
            Some(tag) => self.language = tag,
            None => {
                let message = format!("the catalog's language is not a language code; {} is used", self.language);
                findings.warn_value(finding::LANGUAGE_UNKNOWN, element, code, message);
            }
        }
    }

    fn read_currency(&mut self, element: &Element, findings: &mut Findings) {
        let Some(sent) = text(element) else { return };
        match currency(sent) {
            Some(code) => self.currency = Some(code),
            None => findings.warn_value(
                finding::CURRENCY_UNKNOWN,
                element,
                sent,
                "the catalog's currency is no active ISO 4217 code",
            ),
        }
    }
}

/// An active ISO 4217 code as sent, in capitals; nothing if it is none.
pub(crate) fn currency(sent: &str) -> Option<String> {
    let code = sent.to_ascii_uppercase();
    is_active(&code).then_some(code)
}

/// The TERRITORY children of an element, in capitals.
pub(crate) fn territories(element: &Element) -> Vec<String> {
    let sent = element.children_named("TERRITORY").filter_map(text).filter(|code| code.len() <= 16);
    sent.map(str::to_ascii_uppercase).take(TERRITORIES_MAX).collect()
}
