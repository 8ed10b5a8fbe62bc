//! Headings that mean the same in nearly every list, in English, German, French, Polish and Russian, and those of Google Merchant.
//!
//! Asked for lists whose profile maps no columns. A heading is here only if it hardly means anything else; prices that a list
//! has more than one of (purchase, wholesale) are left to the profile.

use std::collections::BTreeMap;

use plugpoint_sdk::profile::ColumnEntry;
use plugpoint_sdk::profile::place::Place;

/// Places with their headings: letters and digits alone, in lower case. Of several headings for a place that takes one column, the
/// one that stands first here is taken.
const HEADINGS: &[(&str, &[&str])] = &[
    (
        "sku",
        &[
            "sku",
            "articlenumber",
            "articleno",
            "itemnumber",
            "itemno",
            "itemcode",
            "productnumber",
            "productcode",
            "partnumber",
            "partno",
            "artikelnummer",
            "artikelnr",
            "artnr",
            "artikelno",
            "bestellnummer",
            "bestellnr",
            "materialnummer",
            "supplierpid",
            "supplieraid",
            "référence",
            "reference",
            "réf",
            "ref",
            "codearticle",
            "référencearticle",
            "numéroarticle",
            "indeks",
            "kodproduktu",
            "numerkatalogowy",
            "nrkatalogowy",
            "symbol",
            "артикул",
            "кодтовара",
            "код",
            "id",
        ],
    ),
    (
        "texts.title",
        &[
            "title",
            "name",
            "productname",
            "itemname",
            "producttitle",
            "bezeichnung",
            "artikelbezeichnung",
            "produktbezeichnung",
            "artikelname",
            "produktname",
            "kurztext",
            "kurzbezeichnung",
            "titel",
            "titre",
            "nom",
            "désignation",
            "designation",
            "libellé",
            "libelle",
            "nomduproduit",
            "nazwa",
            "nazwaproduktu",
            "nazwatowaru",
            "tytuł",
            "название",
            "наименование",
            "наименованиетовара",
            "товар",
        ],
    ),
    (
        "texts.description",
        &[
            "description",
            "longdescription",
            "productdescription",
            "beschreibung",
            "langtext",
            "artikelbeschreibung",
            "produktbeschreibung",
            "descriptif",
            "opis",
            "opisproduktu",
            "описание",
        ],
    ),
    (
        "texts.keywords",
        &["keywords", "tags", "schlagworte", "schlagwörter", "suchbegriffe", "motsclés", "słowakluczowe"],
    ),
    (
        "brand",
        &[
            "brand",
            "manufacturer",
            "marke",
            "hersteller",
            "marque",
            "fabricant",
            "marka",
            "producent",
            "бренд",
            "производитель",
        ],
    ),
    (
        "identifiers.gtin",
        &[
            "gtin",
            "ean",
            "ean13",
            "eancode",
            "eannummer",
            "eannr",
            "gtinean",
            "eangtin",
            "barcode",
            "upc",
            "strichcode",
            "codebarres",
            "codeean",
            "gencod",
            "kodean",
            "kodkreskowy",
            "штрихкод",
            "штрихкодean",
        ],
    ),
    ("identifiers.isbn", &["isbn", "isbn13"]),
    (
        "identifiers.mpn",
        &[
            "mpn",
            "manufacturerpartnumber",
            "manufacturernumber",
            "herstellernummer",
            "herstellernr",
            "herstellerartikelnummer",
            "référencefabricant",
            "kodproducenta",
            "артикулпроизводителя",
        ],
    ),
    (
        "prices.list.amount",
        &[
            "price",
            "unitprice",
            "listprice",
            "preis",
            "listenpreis",
            "einzelpreis",
            "prix",
            "prixunitaire",
            "cena",
            "цена",
        ],
    ),
    ("prices.net.amount", &["netprice", "nettopreis", "preisnetto", "prixht", "cenanetto"]),
    ("prices.gross.amount", &["grossprice", "bruttopreis", "preisbrutto", "prixttc", "cenabrutto"]),
    ("prices.retail.amount", &["rrp", "msrp", "uvp", "retailprice"]),
    ("prices.sale.amount", &["saleprice"]),
    ("prices.currency", &["currency", "currencycode", "währung", "waehrung", "devise", "waluta", "валюта"]),
    (
        "prices.list.tax_percent",
        &["vat", "vatrate", "taxrate", "mwst", "mwstsatz", "tva", "tauxtva", "stawkavat", "ндс"],
    ),
    ("prices.list.min_quantity", &["minquantity", "fromquantity", "abmenge", "staffelmenge"]),
    ("prices.list.per_quantity", &["preiseinheit", "priceunit", "pricebasis"]),
    (
        "prices.list.unit",
        &["unit", "uom", "unitofmeasure", "einheit", "mengeneinheit", "unité", "jm", "jednostka", "едизм"],
    ),
    ("categories.google", &["googleproductcategory"]),
    (
        "categories.supplier",
        &[
            "category",
            "productgroup",
            "producttype",
            "warengruppe",
            "produktgruppe",
            "kategorie",
            "artikelgruppe",
            "catégorie",
            "categorie",
            "famille",
            "kategoria",
            "grupa",
            "категория",
            "группа",
        ],
    ),
    (
        "media.image",
        &[
            "imagelink",
            "additionalimagelink",
            "image",
            "imageurl",
            "picture",
            "pictureurl",
            "bild",
            "bildurl",
            "foto",
            "photo",
            "zdjęcie",
            "obraz",
            "изображение",
            "картинка",
            "фото",
        ],
    ),
    ("media.data_sheet", &["datasheet", "datasheeturl", "datenblatt", "fichetechnique", "kartakatalogowa"]),
    ("media.product_page", &["link", "producturl", "url"]),
    ("contributors.author", &["author", "authors", "autor", "auteur"]),
    ("availability.status", &["availability", "verfügbarkeit", "disponibilité", "dostępność", "наличие"]),
    (
        "availability.quantity",
        &[
            "stock",
            "stockquantity",
            "quantityinstock",
            "stocklevel",
            "lagerbestand",
            "bestand",
            "lager",
            "stanmagazynowy",
            "stan",
            "остаток",
        ],
    ),
    ("availability.lead_time_days", &["leadtimedays", "leadtime", "lieferzeittage", "lieferzeitintagen"]),
    ("availability.available_from", &["availabilitydate", "availablefrom", "lieferbarab"]),
];

/// Words for an availability, and what they mean.
const AVAILABILITIES: &[(&str, &str)] = &[
    ("in stock", "in_stock"),
    ("instock", "in_stock"),
    ("available", "in_stock"),
    ("auf lager", "in_stock"),
    ("lieferbar", "in_stock"),
    ("sofort lieferbar", "in_stock"),
    ("en stock", "in_stock"),
    ("dostępny", "in_stock"),
    ("в наличии", "in_stock"),
    ("out of stock", "out_of_stock"),
    ("sold out", "out_of_stock"),
    ("nicht auf lager", "out_of_stock"),
    ("ausverkauft", "out_of_stock"),
    ("nicht lieferbar", "out_of_stock"),
    ("rupture de stock", "out_of_stock"),
    ("niedostępny", "out_of_stock"),
    ("нет в наличии", "out_of_stock"),
];

/// What a heading means, and how well: the smaller, the better.
pub(crate) fn known(heading: &str) -> Option<(usize, ColumnEntry)> {
    let bare: String =
        heading.chars().filter(|character| character.is_alphanumeric()).flat_map(char::to_lowercase).collect();
    let unnumbered = bare.trim_end_matches(|character: char| character.is_ascii_digit());
    HEADINGS.iter().find_map(|(place, headings)| {
        let of = |name: &str| headings.iter().position(|known| *known == name);
        // Pictures come in several columns: `Bild 1`, `Bild 2`.
        let numbered = || if place.starts_with("media.") { of(unnumbered) } else { None };
        let rank = of(&bare).or_else(numbered)?;
        Some((rank, entry(place, &bare)?))
    })
}

fn entry(place: &str, heading: &str) -> Option<ColumnEntry> {
    let mut entry = ColumnEntry::from(place.parse::<Place>().ok()?);
    match heading {
        "additionalimagelink" => entry.split = Some(",".to_owned()),
        "producttype" => entry.split = Some(">".to_owned()),
        _ if place == "availability.status" => {
            let words = AVAILABILITIES.iter().map(|(word, means)| ((*word).to_owned(), (*means).to_owned()));
            entry.values = words.collect::<BTreeMap<_, _>>();
        }
        _ => {}
    }
    Some(entry)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_place_is_one_and_every_heading_is_bare_and_there_once() {
        let mut seen = std::collections::BTreeSet::new();
        for (place, headings) in HEADINGS {
            assert!(entry(place, "").is_some(), "{place}");
            for heading in *headings {
                assert!(heading.chars().all(|it| it.is_alphanumeric() && it.to_lowercase().eq([it])), "{heading}");
                assert!(seen.insert(heading), "{heading}");
            }
        }
    }

    #[test]
    fn headings_are_known_however_they_are_written() {
        for (heading, place) in [
            ("Artikel-Nr.", "sku"),
            (" ARTIKELNUMMER ", "sku"),
            ("EAN-Code", "identifiers.gtin"),
            ("Bild 2", "media.image"),
            ("image_link", "media.image"),
            ("Désignation", "texts.title"),
            ("Штрих-код", "identifiers.gtin"),
            ("Währung", "prices.currency"),
        ] {
            assert_eq!(known(heading).map(|(_, entry)| entry.to.to_string()).as_deref(), Some(place), "{heading}");
        }
        for heading in ["", "Farbe", "Einkaufspreis", "sku 2", "EK"] {
            assert!(known(heading).is_none(), "{heading}");
        }
    }
}
