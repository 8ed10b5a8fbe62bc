//! Territories as ONIX says them: countries and regions, included and excluded. The item wants countries; nothing means everywhere.
//!
//! The world without some countries becomes the list of all others, so that nobody has to know what was excluded.

use std::collections::HashSet;

use plugpoint_sdk::codes::finding;
use plugpoint_sdk::reading::Record;
use plugpoint_sdk::xml::Element;

/// Where something holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Area {
    /// Nothing is said.
    Unsaid,
    /// Everywhere.
    World,
    /// In these.
    Only(Vec<String>),
    /// Everywhere but in these; if it is the rest, but where its likes hold as well.
    Except { countries: Vec<String>, is_rest: bool },
}

/// ISO 3166-1, as the standard's list of countries has them, in their order.
#[rustfmt::skip]
const COUNTRIES: &str =
    "AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ CA CC CD CF CG CH \
     CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN \
     GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI \
     LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM \
     PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD \
     TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW";

/// The countries that use the Euro as their sole currency (region ECZ).
const EUROZONE: &str = "AD AT BE CY DE EE ES FI FR GR HR IE IT LT LU LV MC ME MT NL PT SI SK SM VA";

/// Regions within countries that the standard's list (49) knows, by their country.
#[rustfmt::skip]
const REGIONS: &[(&str, &str)] = &[
    ("AU", "CT NS NT QL SA TS VI WA"),
    ("BE", "BRU VLG WAL"),
    ("CA", "AB BC MB NB NL NS NT NU ON PE QC SK YT"),
    ("CN", "11 12 13 14 15 21 22 23 31 32 33 34 35 36 37 41 42 43 44 45 46 50 51 52 53 54 61 62 63 64 65 71 91 92 AH BJ CQ \
     FJ GD GS GX GZ HA HB HE HI HK HL HN JL JS JX LN MO NM NX QH SC SD SH SN SX TJ TW XJ XZ YN ZJ"),
    ("ES", "CN"),
    ("FR", "H"),
    ("GB", "AIR APS CHA ENG EWS IOM NIR SCT WLS"),
    ("IE", "AIR"),
    ("IT", "AG AL AN AO AP AQ AR AT AV BA BG BI BL BN BO BR BS BT BZ CA CB CE CH CI CL CN CO CR CS CT CZ EN FC FE FG FI FM \
     FR GE GO GR IM IS KR LC LE LI LO LT LU MB MC ME MI MN MO MS MT NA NO NU OG OR OT PA PC PD PE PG PI PN PO PR PT \
     PU PV PZ RA RC RE RG RI RM RN RO SA SI SO SP SR SS SV TA TE TN TO TP TR TS TV UD VA VB VC VE VI VR VS VT VV"),
    ("RS", "KM VO"),
    ("RU", "AD AL ALT AMU ARK AST BA BEL BRY BU CE CHE CHU CU DA IN IRK IVA KAM KB KC KDA KEM KGD KGN KHA KHM KIR KK KL \
     KLU KO KOS KR KRS KYA LEN LIP MAG ME MO MOS MOW MUR NEN NGR NIZ NVS OMS ORE ORL PER PNZ PRI PSK ROS RYA SA SAK \
     SAM SAR SE SMO SPE STA SVE TA TAM TOM TUL TVE TY TYU UD ULY VGG VLA VLG VOR YAN YAR YEV ZAB"),
    ("US", "AK AL AR AZ CA CO CT DC DE FL GA HI IA ID IL IN KS KY LA MA MD ME MI MN MO MS MT NC ND NE NH NJ NM NV NY OH OK \
     OR PA RI SC SD TN TX UT VA VT WA WI WV WY"),
];

/// Whether a code is one of the standard's list of countries.
pub(crate) fn is_country(code: &str) -> bool {
    COUNTRIES.split_ascii_whitespace().any(|known| known == code)
}

/// Whether a code is one of the standard's list of regions within countries.
pub(crate) fn is_region(code: &str) -> bool {
    let Some((country, region)) = code.split_once('-') else { return false };
    let known = REGIONS.iter().find(|(known, _)| *known == country);
    known.is_some_and(|(_, regions)| regions.split_ascii_whitespace().any(|known| known == region))
}

/// Names of the elements that say an area, of one release.
struct Names {
    countries: &'static [&'static str],
    regions: &'static [&'static str],
    countries_excluded: &'static [&'static str],
    regions_excluded: &'static [&'static str],
}

const ONIX_3: Names = Names {
    countries: &["CountriesIncluded"],
    regions: &["RegionsIncluded"],
    countries_excluded: &["CountriesExcluded"],
    regions_excluded: &["RegionsExcluded"],
};

/// Within a price of 2.1, where `Territory` has a text of its own.
const ONIX_2: Names = Names {
    countries: &["CountryCode"],
    regions: &["Territory"],
    countries_excluded: &["CountryExcluded"],
    regions_excluded: &["TerritoryExcluded"],
};

/// The area of a price of any release.
pub(crate) fn of_price(price: &Element, record: &mut Record<'_>) -> Area {
    match price.child("Territory").filter(|territory| !territory.children().is_empty()) {
        Some(territory) => read(territory, &ONIX_3, record),
        None => read(price, &ONIX_2, record),
    }
}

/// The area of the market or markets of a supply.
pub(crate) fn of_market(supply: &Element, record: &mut Record<'_>) -> Area {
    let markets = supply.children_named("Market").filter_map(|market| market.child("Territory"));
    let mut countries = Vec::new();
    let mut found = Area::Unsaid;
    for territory in markets {
        match read(territory, &ONIX_3, record) {
            Area::Only(own) => countries.extend(own),
            area => found = area,
        }
    }
    if countries.is_empty() { found } else { Area::Only(countries) }
}

fn read(element: &Element, names: &Names, record: &mut Record<'_>) -> Area {
    let (mut countries, mut regions) = (codes(element, names.countries), codes(element, names.regions));
    let (excluded, regions_excluded) =
        (codes(element, names.countries_excluded), codes(element, names.regions_excluded));
    if !regions_excluded.is_empty() {
        let message = "regions within a country cannot be excluded; the price holds in the whole country";
        record.findings.warn_value(finding::PART_IGNORED, element, &regions_excluded.join(" "), message);
    }
    let is_world = regions.iter().any(|region| region == "WORLD");
    let is_rest = regions.iter().any(|region| region == "ROW");
    if is_world || is_rest || (countries.is_empty() && regions.is_empty() && !excluded.is_empty()) {
        return match excluded.is_empty() && !is_rest {
            true => Area::World,
            false => Area::Except { countries: excluded, is_rest: is_rest && !is_world },
        };
    }
    if regions.iter().any(|region| region == "ECZ") {
        regions.retain(|region| region != "ECZ");
        countries.extend(EUROZONE.split(' ').map(str::to_owned));
    }
    countries.extend(regions);
    countries.retain(|country| !excluded.contains(country));
    let mut seen = HashSet::new();
    countries.retain(|country| seen.insert(country.clone()));
    if countries.is_empty() { Area::Unsaid } else { Area::Only(countries) }
}

/// Codes parted by blanks, as the standard has them, or by commas and semicolons, as some senders do.
fn codes(element: &Element, names: &[&str]) -> Vec<String> {
    let named = names.iter().flat_map(|name| element.children_named(name));
    let codes = named.flat_map(|child| child.text().split([' ', '\t', '\n', ',', ';']));
    codes.filter(|code| !code.is_empty()).map(str::to_uppercase).collect()
}

impl Area {
    /// The countries, nothing for everywhere; those that are `taken` go off the rest of the world.
    pub(crate) fn countries(&self, taken: &HashSet<String>) -> Vec<String> {
        let (excluded, is_rest) = match self {
            Self::Unsaid | Self::World => return Vec::new(),
            Self::Only(countries) => return countries.clone(),
            Self::Except { countries, is_rest } => (countries, *is_rest),
        };
        if excluded.is_empty() && (!is_rest || taken.is_empty()) {
            return Vec::new();
        }
        let is_out =
            |country: &str| excluded.iter().any(|other| other == country) || (is_rest && taken.contains(country));
        COUNTRIES.split_ascii_whitespace().filter(|country| !is_out(country)).map(str::to_owned).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use plugpoint_sdk::profile::Profile;
    use plugpoint_sdk::testkit::element;

    fn area(xml: &str) -> (Area, usize) {
        let price = element(xml);
        let profile = Profile::default();
        let mut record = Record::new("1", &price, &profile.catalog);
        let area = of_price(&price, &mut record);
        (area, record.findings.into_list().len())
    }

    fn countries(xml: &str) -> String {
        area(xml).0.countries(&HashSet::new()).join(" ")
    }

    #[test]
    fn areas_become_countries() {
        let territory = |inner: &str| countries(&format!("<Price><Territory>{inner}</Territory></Price>"));
        assert_eq!(territory("<CountriesIncluded>DE AT, ch</CountriesIncluded>"), "DE AT CH");
        assert_eq!(territory("<RegionsIncluded>WORLD</RegionsIncluded>"), "");
        assert_eq!(
            territory("<CountriesIncluded>CA</CountriesIncluded><RegionsIncluded>GB-ENG</RegionsIncluded>"),
            "CA GB-ENG"
        );
        assert!(
            territory("<RegionsIncluded>ECZ</RegionsIncluded><CountriesExcluded>DE</CountriesExcluded>")
                .starts_with("AD AT BE CY EE")
        );
        let rest = territory("<RegionsIncluded>WORLD</RegionsIncluded><CountriesExcluded>AD ZW</CountriesExcluded>");
        assert!(rest.starts_with("AE AF") && rest.ends_with("ZA ZM"));
        assert_eq!(countries("<Price/>"), "");
        assert_eq!(countries("<Price><CountryCode>DE</CountryCode><CountryCode>AT</CountryCode></Price>"), "DE AT");
        assert_eq!(countries("<Price><Territory>WORLD</Territory></Price>"), "");
        assert!(
            countries("<Price><Territory>WORLD</Territory><CountryExcluded>AD</CountryExcluded></Price>")
                .starts_with("AE")
        );
        assert_eq!(area("<Price><Territory><CountriesIncluded>CA</CountriesIncluded><RegionsExcluded>CA-QC</RegionsExcluded></Territory></Price>").1, 1);
    }

    #[test]
    fn the_rest_of_the_world_is_where_no_other_price_holds() {
        let rest = area("<Price><Territory><RegionsIncluded>ROW</RegionsIncluded></Territory></Price>").0;
        let taken = ["AD", "AE", "ZW"].map(str::to_owned).into_iter().collect();
        let countries = rest.countries(&taken);
        assert_eq!((countries[0].as_str(), countries.len()), ("AF", 246));
        assert_eq!(rest.countries(&HashSet::new()), Vec::<String>::new());
    }

    #[test]
    fn the_countries_are_all_and_in_order() {
        let all: Vec<_> = COUNTRIES.split_ascii_whitespace().collect();
        assert!(all.windows(2).all(|pair| pair[0] < pair[1]));
        assert_eq!(all.len(), 249);
        assert!(EUROZONE.split(' ').all(|country| all.contains(&country)));
        assert!(is_country("DE") && !is_country("XX") && !is_country("de") && !is_country(""));
        assert!(
            is_region("GB-SCT") && is_region("US-NY") && !is_region("DE-BY") && !is_region("GB") && !is_region("GB-")
        );
        assert!(REGIONS.iter().all(|(country, _)| is_country(country)));
    }
}
