//! Single values as 1C writes them: flags, currencies, units, ids. Pure functions over text.

/// Whether a text means yes.
pub(crate) fn is_true(text: &str) -> bool {
    flag(text) == Some(true)
}

/// Yes or no; nothing for anything else.
pub(crate) fn flag(text: &str) -> Option<bool> {
    match text.trim().to_lowercase().as_str() {
        "true" | "1" | "да" | "истина" => Some(true),
        "false" | "0" | "нет" | "ложь" => Some(false),
        _ => None,
    }
}

/// The ISO 4217 code of a currency as 1C names it: by its code, its number, or what people say. Anything else stays as it was sent.
pub(crate) fn currency(sent: &str) -> &str {
    let sent = sent.trim();
    match sent.to_lowercase().trim_end_matches('.') {
        "руб" | "р" | "рубль" | "рублей" | "₽" | "643" | "810" | "rur" => "RUB",
        "$" | "дол" | "долл" | "доллар" | "840" => "USD",
        "€" | "евро" | "978" => "EUR",
        "грн" | "гривна" | "₴" | "980" => "UAH",
        "тг" | "тнг" | "тенге" | "₸" | "398" => "KZT",
        "933" => "BYN",
        "156" => "CNY",
        "051" | "51" => "AMD",
        "417" => "KGS",
        "860" => "UZS",
        "944" => "AZN",
        "498" => "MDL",
        "981" => "GEL",
        "972" => "TJS",
        _ => sent,
    }
}

/// The UN/ECE abbreviation of a code of the Russian classification of units (ОКЕИ), for the usual ones.
pub(crate) fn unit_of_code(code: &str) -> Option<&'static str> {
    Some(match code {
        "006" | "6" => "MTR",
        "055" | "55" => "MTK",
        "112" => "LTR",
        "113" => "MTQ",
        "163" => "GRM",
        "166" => "KGM",
        "168" => "TNE",
        "356" => "HUR",
        "715" => "NPR",
        "778" => "NMP",
        "796" => "PCE",
        "839" => "SET",
        _ => return None,
    })
}

/// The number of a good or an offer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Id<'a> {
    /// The number of the item: the good's, or `good#variant`.
    pub(crate) sku: &'a str,
    /// The good, where the item is a variant of it.
    pub(crate) variant_of: Option<&'a str>,
}

impl<'a> Id<'a> {
    /// An id as sent. `good#` and `good#good` are the good itself.
    pub(crate) fn parse(sent: &'a str) -> Self {
        let sent = sent.trim();
        match sent.split_once('#').map(|(good, variant)| (good.trim(), variant.trim())) {
            Some((good, variant)) if good.is_empty() || variant.is_empty() || good == variant => {
                Self { sku: if good.is_empty() { variant } else { good }, variant_of: None }
            }
            Some((good, _)) => Self { sku: sent, variant_of: Some(good) },
            None => Self { sku: sent, variant_of: None },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags_and_currencies_in_any_spelling() {
        for (text, expected) in
            [(" Истина ", Some(true)), ("0", Some(false)), ("ДА", Some(true)), ("", None), ("2", None)]
        {
            assert_eq!(flag(text), expected, "{text}");
        }
        for (sent, expected) in [
            ("руб.", "RUB"),
            ("643", "RUB"),
            ("RUR", "RUB"),
            (" EUR ", "EUR"),
            ("Евро", "EUR"),
            ("шт", "шт"),
            ("BYR", "BYR"),
        ] {
            assert_eq!(currency(sent), expected);
        }
    }

    #[test]
    fn ids_of_goods_and_variants() {
        let id = |sent| {
            let Id { sku, variant_of } = Id::parse(sent);
            (sku, variant_of)
        };
        assert_eq!(id(" a "), ("a", None));
        assert_eq!(id("a#b"), ("a#b", Some("a")));
        assert_eq!(id("a#b#c"), ("a#b#c", Some("a")));
        for same in ["a#", "#a", "a#a", " a # "] {
            assert_eq!(id(same), ("a", None), "{same}");
        }
        assert_eq!(id("#"), ("", None));
    }
}
