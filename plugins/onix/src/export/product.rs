//! One item as a Product of ONIX 3.0, its parts in the order of the standard. It writes what the item says and what the standard
//! wants, and judges nothing: what of it comes back is found out by reading it.

use std::collections::HashMap;

use plugpoint_sdk::model::timestamp::Timestamp;
use plugpoint_sdk::model::{Attribute, Decimal, Identifier, ItemData, ItemStatus, Media, Price};
use plugpoint_sdk::reading::library_language_code;
use plugpoint_sdk::xml::escaped;

use super::codes;
use crate::assumed::MARK;
use crate::book::ONIX;
use crate::facts::PART;

/// Simple values of the description, by where they stand in it.
const BEFORE_MEASURES: &[&str] =
    &["ProductPackaging", "ProductFormDescription", "TradeCategory", "PrimaryContentType", "ProductContentType"];
const EDITION: &[&str] =
    &["ContributorStatement", "EditionType", "EditionNumber", "EditionVersionNumber", "EditionStatement"];
const ILLUSTRATIONS: &[&str] = &["Illustrated", "NumberOfIllustrations", "IllustrationsNote"];

/// Writes an item. `supplier` stands in where the item names none.
pub(super) fn write(item: &ItemData, supplier: &str, text: &mut String) {
    let facts = Facts::of(item);
    let mut out = Out { text };
    out.within("Product", |out| {
        out.value("RecordReference", &item.sku);
        out.value("NotificationType", "03");
        identifiers(out, item);
        out.within("DescriptiveDetail", |out| description(out, item, &facts));
        collateral(out, item, &facts);
        publishing(out, item, &facts);
        related(out, item);
        supply(out, item, &facts, supplier);
    });
    out.text.push('\n');
}

/// Attributes of ONIX by their names.
struct Facts<'i>(HashMap<&'i str, &'i Attribute>);

impl<'i> Facts<'i> {
    fn of(item: &'i ItemData) -> Self {
        let own = item.attributes.iter().filter(|attribute| attribute.system.as_deref() == Some(ONIX));
        Self(own.map(|attribute| (attribute.name.as_str(), attribute)).collect())
    }

    fn values(&self, name: &str) -> impl Iterator<Item = &'i str> {
        self.0.get(name).into_iter().flat_map(|attribute| attribute.values.iter().map(String::as_str))
    }

    fn first(&self, name: &str) -> Option<&'i str> {
        self.values(name).next()
    }
}

/// The record as it grows.
struct Out<'t> {
    text: &'t mut String,
}

impl Out<'_> {
    fn value(&mut self, name: &str, value: &str) {
        self.text.extend(["<", name, ">", &escaped(value), "</", name, ">"]);
    }

    fn assumed(&mut self, name: &str, value: &str) {
        self.text.extend(["<", name, MARK, ">", &escaped(value), "</", name, ">"]);
    }

    fn in_language(&mut self, name: &str, lang: &str, value: &str) {
        let lang = escaped(&library_language_code(lang));
        self.text.extend(["<", name, " language=\"", &lang, "\">", &escaped(value), "</", name, ">"]);
    }

    fn within(&mut self, name: &str, content: impl FnOnce(&mut Self)) {
        self.text.extend(["<", name, ">"]);
        content(self);
        self.text.extend(["</", name, ">\n"]);
    }

    /// Values of a block that were kept by their path.
    fn kept(&mut self, facts: &Facts<'_>, block: &str, names: &[&str]) {
        for name in names {
            facts.values(&format!("{block}/{name}")).for_each(|value| self.value(name, value));
        }
    }

    fn date(&mut self, at: Timestamp, whole_day: &str) {
        // ONIX knows seconds and nothing smaller.
        let text = at.to_string();
        let text = text.split_once('.').map_or_else(|| text.clone(), |(seconds, _)| format!("{seconds}Z"));
        let digits = |text: &str| text.chars().filter(|it| !matches!(it, '-' | ':')).collect::<String>();
        match text.strip_suffix(whole_day).filter(|date| date.len() == 10) {
            Some(date) => self.text.extend(["<Date dateformat=\"00\">", &digits(date), "</Date>"]),
            None => self.text.extend(["<Date dateformat=\"14\">", &digits(&text), "</Date>"]),
        }
    }
}

const START: &str = "T00:00:00Z";
const END: &str = "T23:59:59Z";

fn identifiers(out: &mut Out<'_>, item: &ItemData) {
    item.identifiers.iter().for_each(|identifier| one_identifier(out, identifier));
    if item.identifiers.is_empty() {
        out.text.extend(["<ProductIdentifier", MARK, ">"]);
        out.value("ProductIDType", "01");
        out.value("IDValue", &item.sku);
        out.text.push_str("</ProductIdentifier>\n");
    }
}

fn one_identifier(out: &mut Out<'_>, Identifier { scheme, value }: &Identifier) {
    let digits = value.bytes().filter(u8::is_ascii_digit).count();
    let code = match (scheme.as_str(), digits) {
        ("isbn", 13) => Some("15"),
        ("gtin", 14) => Some("14"),
        _ => codes::identifier(scheme),
    };
    out.within("ProductIdentifier", |out| {
        out.value("ProductIDType", code.unwrap_or("01"));
        if code.is_none() && scheme != "proprietary" {
            out.value("IDTypeName", scheme);
        }
        out.value("IDValue", value);
    });
}

fn description(out: &mut Out<'_>, item: &ItemData, facts: &Facts<'_>) {
    const BLOCK: &str = "DescriptiveDetail";
    out.value("ProductComposition", if item.kind == "bundle" { "30" } else { "00" });
    match facts.first("product_form") {
        Some(form) => out.value("ProductForm", form),
        None => out.assumed("ProductForm", "00"),
    }
    facts.values("product_form_detail").for_each(|detail| out.value("ProductFormDetail", detail));
    out.kept(facts, BLOCK, BEFORE_MEASURES);
    measures(out, item);
    out.kept(facts, BLOCK, &["CountryOfManufacture"]);
    parts(out, item);
    series(out, facts);
    titles(out, item, facts);
    for (index, person) in item.contributors.iter().enumerate() {
        out.within("Contributor", |out| {
            out.value("SequenceNumber", &(index + 1).to_string());
            out.value("ContributorRole", codes::role(&person.role).unwrap_or("Z99"));
            out.value("PersonName", &person.name);
        });
    }
    out.kept(facts, BLOCK, EDITION);
    for (role, name) in [("01", "language"), ("02", "original_language")] {
        for language in facts.values(name) {
            out.within("Language", |out| {
                out.value("LanguageRole", role);
                out.value("LanguageCode", &library_language_code(language));
            });
        }
    }
    for pages in facts.values("pages") {
        out.within("Extent", |out| {
            out.value("ExtentType", "00");
            out.value("ExtentValue", pages);
            out.value("ExtentUnit", "03");
        });
    }
    out.kept(facts, BLOCK, ILLUSTRATIONS);
    subjects(out, item);
    facts
        .values("audience")
        .for_each(|audience| out.value("AudienceCode", codes::audience(audience).unwrap_or(audience)));
}

fn measures(out: &mut Out<'_>, item: &ItemData) {
    for attribute in item.attributes.iter().filter(|attribute| attribute.system.as_deref() == Some(ONIX)) {
        let (Some(code), Some(unit)) = (codes::measure(&attribute.name), &attribute.unit) else { continue };
        for value in &attribute.values {
            out.within("Measure", |out| {
                out.value("MeasureType", code);
                out.value("Measurement", value);
                out.value("MeasureUnitCode", if unit == "g" { "gr" } else { unit });
            });
        }
    }
}

fn parts(out: &mut Out<'_>, item: &ItemData) {
    for part in item.relations.iter().filter(|relation| relation.kind == PART) {
        out.within("ProductPart", |out| {
            related_identifier(out, &part.sku);
            out.assumed("ProductForm", "00");
            if let Some(quantity) = part.quantity {
                out.value("NumberOfCopies", &quantity.to_string());
            }
        });
    }
}

fn series(out: &mut Out<'_>, facts: &Facts<'_>) {
    let (titles, numbers) = (facts.values("series"), facts.values("series_number"));
    let numbers: Vec<&str> = numbers.collect();
    for (index, title) in titles.enumerate() {
        out.within("Collection", |out| {
            match facts.first("DescriptiveDetail/Collection/CollectionType") {
                Some(kind) => out.value("CollectionType", kind),
                None => out.assumed("CollectionType", "00"),
            }
            out.within("TitleDetail", |out| {
                out.value("TitleType", "01");
                out.within("TitleElement", |out| {
                    out.value("TitleElementLevel", "02");
                    if let Some(number) = numbers.get(index) {
                        out.value("PartNumber", number);
                    }
                    out.value("TitleText", title);
                });
            });
        });
    }
}

/// The first text's title is the distinctive one, the others are titles in other languages.
fn titles(out: &mut Out<'_>, item: &ItemData, facts: &Facts<'_>) {
    for (index, text) in item.texts.iter().enumerate() {
        out.within("TitleDetail", |out| {
            out.value("TitleType", if index == 0 { "01" } else { "06" });
            out.within("TitleElement", |out| {
                out.value("TitleElementLevel", "01");
                if let Some(part) = facts.first("part_number").filter(|_| index == 0) {
                    out.value("PartNumber", part);
                }
                out.in_language("TitleText", &text.lang, &text.title);
                if index == 0 {
                    facts.values("subtitle").for_each(|subtitle| out.value("Subtitle", subtitle));
                }
            });
        });
    }
}

fn subjects(out: &mut Out<'_>, item: &ItemData) {
    for category in &item.categories {
        // A known scheme, alone or with a version behind it.
        let cuts = category.system.match_indices('-').map(|(at, _)| category.system.split_at(at));
        let versioned =
            cuts.filter_map(|(system, version)| Some((codes::scheme(system)?, Some(&version[1..])))).next_back();
        let scheme = codes::scheme(&category.system).map(|code| (code, None)).or(versioned);
        out.within("Subject", |out| {
            match scheme {
                Some((code, version)) => {
                    out.value("SubjectSchemeIdentifier", code);
                    if let Some(version) = version {
                        out.value("SubjectSchemeVersion", version);
                    }
                }
                None if category.system == "supplier" => out.value("SubjectSchemeIdentifier", "23"),
                None => {
                    out.value("SubjectSchemeIdentifier", "24");
                    out.value("SubjectSchemeName", &category.system);
                }
            }
            out.value("SubjectCode", &category.code);
            if let Some(name) = category.path.last() {
                out.value("SubjectHeadingText", name);
            }
        });
    }
    for text in item.texts.iter().filter(|text| !text.keywords.is_empty()) {
        out.within("Subject", |out| {
            out.value("SubjectSchemeIdentifier", "20");
            out.in_language("SubjectHeadingText", &text.lang, &text.keywords.join("; "));
        });
    }
}

fn collateral(out: &mut Out<'_>, item: &ItemData, facts: &Facts<'_>) {
    const OTHER: &str = "CollateralDetail/TextContent/";
    let others = facts.0.iter().filter_map(|(name, it)| Some((name.strip_prefix(OTHER)?, *it)));
    let mut others: Vec<_> = others.filter(|(code, _)| code.len() == 2).collect();
    others.sort_by_key(|(code, _)| *code);
    let has_texts = item.texts.iter().any(|text| text.description.is_some()) || !others.is_empty();
    if !has_texts && item.media.is_empty() {
        return;
    }
    out.within("CollateralDetail", |out| {
        for text in &item.texts {
            if let Some(description) = &text.description {
                text_content(out, "03", |out| out.in_language("Text", &text.lang, description));
            }
        }
        for (code, attribute) in others {
            attribute.values.iter().for_each(|value| text_content(out, code, |out| out.value("Text", value)));
        }
        item.media.iter().for_each(|file| resource(out, file));
    });
}

fn text_content(out: &mut Out<'_>, code: &str, text: impl FnOnce(&mut Out<'_>)) {
    out.within("TextContent", |out| {
        out.value("TextType", code);
        out.value("ContentAudience", "00");
        text(out);
    });
}

/// A file by reference. What it shows is not known beyond its kind.
fn resource(out: &mut Out<'_>, file: &Media) {
    let (content, mode) = match file.kind.as_str() {
        "image" => ("07", "03"),
        "thumbnail" => ("27", "03"),
        "sample" => ("15", "04"),
        "audio" => ("15", "02"),
        "video" => ("15", "05"),
        "document" => ("16", "04"),
        _ => ("16", "01"),
    };
    out.within("SupportingResource", |out| {
        out.value("ResourceContentType", content);
        out.value("ContentAudience", "00");
        out.value("ResourceMode", mode);
        if let Some(caption) = &file.description {
            out.within("ResourceFeature", |out| {
                out.value("ResourceFeatureType", "02");
                out.value("FeatureNote", caption);
            });
        }
        out.within("ResourceVersion", |out| {
            out.assumed("ResourceForm", "02");
            if let Some(code) = file.mime_type.as_deref().and_then(codes::media_type) {
                out.within("ResourceVersionFeature", |out| {
                    out.value("ResourceVersionFeatureType", "01");
                    out.value("FeatureValue", code);
                });
            }
            out.value("ResourceLink", &file.url);
        });
    });
}

fn publishing(out: &mut Out<'_>, item: &ItemData, facts: &Facts<'_>) {
    out.within("PublishingDetail", |out| {
        if let Some(brand) = &item.brand {
            out.within("Imprint", |out| out.value("ImprintName", brand));
        }
        for publisher in facts.values("publisher") {
            out.within("Publisher", |out| {
                out.value("PublishingRole", "01");
                out.value("PublisherName", publisher);
            });
        }
        out.kept(facts, "PublishingDetail", &["CityOfPublication", "CountryOfPublication"]);
        let status = match item.status {
            ItemStatus::Active => "04",
            ItemStatus::Announced => "02",
            ItemStatus::Inactive => "06",
            ItemStatus::Discontinued => "07",
        };
        out.value("PublishingStatus", status);
        for date in facts.values("publication_date") {
            let digits: String = date.chars().filter(|it| *it != '-').collect();
            let format = match (digits.len(), digits.bytes().all(|byte| byte.is_ascii_digit())) {
                (8, true) => "00",
                (6, true) => "01",
                (4, true) => "05",
                _ => continue,
            };
            out.within("PublishingDate", |out| {
                out.value("PublishingDateRole", "01");
                out.text.extend(["<Date dateformat=\"", format, "\">", &digits, "</Date>"]);
            });
        }
    });
}

fn related(out: &mut Out<'_>, item: &ItemData) {
    let mut others = item.relations.iter().filter(|relation| relation.kind != PART).peekable();
    if others.peek().is_none() {
        return;
    }
    let (works, products): (Vec<_>, Vec<_>) = others.partition(|it| codes::work_relation(&it.kind).is_some());
    out.within("RelatedMaterial", |out| {
        for work in works {
            out.within("RelatedWork", |out| {
                out.value("WorkRelationCode", codes::work_relation(&work.kind).unwrap_or("01"));
                out.within("WorkIdentifier", |out| {
                    out.value("WorkIDType", "01");
                    out.value("IDValue", &work.sku);
                });
            });
        }
        for relation in products {
            out.within("RelatedProduct", |out| {
                out.value("ProductRelationCode", codes::relation(&relation.kind).unwrap_or("00"));
                related_identifier(out, &relation.sku);
            });
        }
    });
}

fn related_identifier(out: &mut Out<'_>, sku: &str) {
    let is_isbn = sku.len() == 13 && sku.starts_with("97") && sku.bytes().all(|byte| byte.is_ascii_digit());
    out.within("ProductIdentifier", |out| {
        out.value("ProductIDType", if is_isbn { "15" } else { "01" });
        out.value("IDValue", sku);
    });
}

fn supply(out: &mut Out<'_>, item: &ItemData, facts: &Facts<'_>, supplier: &str) {
    const SUPPLIER: &str = "ProductSupply/SupplyDetail/Supplier";
    let own = facts.first(&format!("{SUPPLIER}/SupplierName"));
    if item.prices.is_empty() && item.availability.is_none() && own.is_none() {
        return;
    }
    out.text.push_str("<ProductSupply><SupplyDetail>");
    match own {
        Some(name) => out.within("Supplier", |out| {
            match facts.first(&format!("{SUPPLIER}/SupplierRole")) {
                Some(role) => out.value("SupplierRole", role),
                None => out.assumed("SupplierRole", "00"),
            }
            out.value("SupplierName", name);
        }),
        None => {
            out.text.extend(["<Supplier", MARK, ">"]);
            out.value("SupplierRole", "00");
            out.value("SupplierName", supplier);
            out.text.push_str("</Supplier>\n");
        }
    }
    availability(out, item);
    item.prices.iter().for_each(|price| write_price(out, price));
    out.text.push_str("</SupplyDetail></ProductSupply>\n");
}

fn availability(out: &mut Out<'_>, item: &ItemData) {
    let Some(availability) = &item.availability else { return out.assumed("ProductAvailability", "99") };
    out.value("ProductAvailability", codes::availability(&availability.status).unwrap_or("99"));
    if let Some(from) = availability.available_from {
        out.within("SupplyDate", |out| {
            out.value("SupplyDateRole", "08");
            out.date(from, START);
        });
    }
    if let Some(days) = availability.lead_time_days {
        out.value("OrderTime", &days.to_string());
    }
    if let Some(quantity) = availability.quantity {
        out.within("Stock", |out| out.value("OnHand", &quantity.to_string()));
    }
}

fn write_price(out: &mut Out<'_>, price: &Price) {
    let kind = codes::price_kind(&price.kind, price.tax_included);
    out.within("Price", |out| {
        if let Some(code) = &kind.code {
            out.value("PriceType", code);
        }
        if let Some(qualifier) = kind.qualifier {
            out.value("PriceQualifier", qualifier);
        }
        if kind.is_rental {
            out.within("PriceCondition", |out| out.value("PriceConditionType", "10"));
        }
        if let Some(quantity) = price.min_quantity {
            out.value("MinimumOrderQuantity", &quantity.to_string());
        }
        out.value("PriceAmount", &price.amount.to_string());
        if let Some(rate) = price.tax_rate {
            out.within("Tax", |out| {
                out.value("TaxType", "01");
                out.value("TaxRatePercent", &(rate * Decimal::ONE_HUNDRED).normalize().to_string());
            });
        }
        out.value("CurrencyCode", &price.currency);
        if !price.territories.is_empty() {
            let (regions, countries): (Vec<&str>, Vec<&str>) =
                price.territories.iter().map(String::as_str).partition(|code| code.contains('-') || *code == "ROW");
            out.within("Territory", |out| {
                for (name, codes) in [("CountriesIncluded", countries), ("RegionsIncluded", regions)] {
                    if !codes.is_empty() {
                        out.value(name, &codes.join(" "));
                    }
                }
            });
        }
        for (role, at, whole_day) in [("14", price.valid_from, START), ("15", price.valid_to, END)] {
            if let Some(at) = at {
                out.within("PriceDate", |out| {
                    out.value("PriceDateRole", role);
                    out.date(at, whole_day);
                });
            }
        }
    });
}
