//! Numbers of products under the types of list 5. A number is typed as what it really is: one whose length or check digit is not that of
//! its type goes as a proprietary one, under the name that the item has for it.

use plugpoint_sdk::model::{Identifier, is_gtin, is_isbn};

use super::codes;
use super::out::Out;

/// The type of a proprietary number; a name belongs to it.
const PROPRIETARY: &str = "01";

pub(super) fn product_identifier(out: &mut Out<'_>, Identifier { scheme, value }: &Identifier) {
    out.within("ProductIdentifier", |out| match typed(scheme, value) {
        Some((code, value)) => {
            out.value("ProductIDType", code);
            out.value("IDValue", &value);
        }
        None => {
            out.value("ProductIDType", PROPRIETARY);
            out.value("IDTypeName", scheme);
            out.value("IDValue", value);
        }
    });
}

/// The number under which another product is kept, for a group of its own. The name is ours, and not the item's.
pub(super) fn related_identifier(out: &mut Out<'_>, sku: &str) {
    out.within("ProductIdentifier", |out| number("ProductIDType", out, sku));
}

/// The same for a work, whose types (list 16) are those of products as far as they are used here.
pub(super) fn work_identifier(out: &mut Out<'_>, sku: &str) {
    out.within("WorkIdentifier", |out| number("WorkIDType", out, sku));
}

fn number(name: &str, out: &mut Out<'_>, sku: &str) {
    let is_isbn_13 = sku.len() == 13 && is_isbn(sku);
    out.value(name, if is_isbn_13 { "15" } else { PROPRIETARY });
    if !is_isbn_13 {
        out.assumed("IDTypeName", "sku");
    }
    out.value("IDValue", sku);
}

/// The type of a number and how it is written there; nothing for one that has no type.
fn typed(scheme: &str, value: &str) -> Option<(&'static str, String)> {
    let has = |start: &str, length: usize| value.starts_with(start) && value.len() == length;
    let digits: String = value.chars().filter(|it| !matches!(it, '-' | ' ')).collect();
    let code = match scheme {
        // Without hyphens, as the standard wants it.
        "isbn" if is_isbn(&digits) => return Some((if digits.len() == 13 { "15" } else { "02" }, digits)),
        "gtin" if is_gtin(value) => match value.len() {
            12 => "04",
            13 => "03",
            14 => "14",
            _ => return None,
        },
        "upc" if value.len() == 12 && is_gtin(value) => "04",
        "isbn" | "gtin" | "upc" => return None,
        "ismn" if has("9790", 13) && is_gtin(value) => "25",
        "ismn" if has("M", 10) => "05",
        "copublisher_isbn" if value.len() == 13 && is_isbn(value) => "24",
        "isbn_a" if value.starts_with("10.97") => "26",
        "doi" if value.starts_with("10.") => "06",
        "issn" if matches!(value.len(), 13 | 15 | 18) && value.starts_with("977") => "34",
        "lccn" if value.len() <= 12 => "13",
        "jp_e_code" if value.len() == 20 => "27",
        "ismn" | "copublisher_isbn" | "isbn_a" | "doi" | "issn" | "lccn" | "jp_e_code" => return None,
        other => codes::identifier(other)?,
    };
    Some((code, value.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::typed;

    #[test]
    fn a_number_is_typed_as_what_it_is() {
        let cases = [
            ("isbn", "9783161484100", Some(("15", "9783161484100"))),
            ("isbn", "978-3-16-148410-0", Some(("15", "9783161484100"))),
            ("isbn", "9783161484101", None),
            ("isbn", "316148410X", Some(("02", "316148410X"))),
            ("isbn", "3161484101", None),
            ("gtin", "4006381333931", Some(("03", "4006381333931"))),
            ("gtin", "4006381333932", None),
            ("gtin", "14006381333938", Some(("14", "14006381333938"))),
            ("gtin", "036000291452", Some(("04", "036000291452"))),
            ("gtin", "96385074", None),
            ("gtin", "X", None),
            ("upc", "036000291452", Some(("04", "036000291452"))),
            ("upc", "036000291453", None),
            ("doi", "10.1000/182", Some(("06", "10.1000/182"))),
            ("doi", "https://doi.org/10.1000/182", None),
            ("issn", "1234-5679", None),
            ("ismn", "9790260000438", Some(("25", "9790260000438"))),
            ("oclc", "1", Some(("23", "1"))),
            ("proprietary", "1", None),
            ("mpn", "1", None),
        ];
        for (scheme, value, expected) in cases {
            let read = typed(scheme, value);
            assert_eq!(read.as_ref().map(|(code, value)| (*code, value.as_str())), expected, "{scheme} {value}");
        }
    }
}
