//! SAP's language keys: one character, or an ISO code of two that is not always ISO's.

/// Keys of one character and their BCP 47 tags, in the order of the keys. `Z` is the customer's own and means none.
const KEYS: &[(&str, &str)] = &[
    ("0", "sr"),
    ("1", "zh"),
    ("2", "th"),
    ("3", "ko"),
    ("4", "ro"),
    ("5", "sl"),
    ("6", "hr"),
    ("7", "ms"),
    ("8", "uk"),
    ("9", "et"),
    ("A", "ar"),
    ("B", "he"),
    ("C", "cs"),
    ("D", "de"),
    ("E", "en"),
    ("F", "fr"),
    ("G", "el"),
    ("H", "hu"),
    ("I", "it"),
    ("J", "ja"),
    ("K", "da"),
    ("L", "pl"),
    ("M", "zh-Hant"),
    ("N", "nl"),
    ("O", "no"),
    ("P", "pt"),
    ("Q", "sk"),
    ("R", "ru"),
    ("S", "es"),
    ("T", "tr"),
    ("U", "fi"),
    ("V", "sv"),
    ("W", "bg"),
    ("X", "lt"),
    ("Y", "lv"),
    ("a", "af"),
    ("b", "is"),
    ("c", "ca"),
    ("d", "sh"),
    ("i", "id"),
];

/// What to read as the language: the ISO code where there is one, else the key's, else what was sent, which is then a finding.
pub(crate) fn tag<'e>(key: Option<&'e str>, iso: Option<&'e str>) -> Option<&'e str> {
    match iso {
        // Traditional Chinese, in SAP's own ISO table.
        Some("ZF" | "zf") => Some("zh-Hant"),
        Some(iso) => Some(iso),
        None => {
            let key = key?;
            let known = KEYS.binary_search_by_key(&key, |(known, _)| known);
            Some(known.map_or(key, |index| KEYS[index].1))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{KEYS, tag};

    #[test]
    fn keys_become_tags() {
        let cases = [
            (Some("D"), None, Some("de")),
            (Some("d"), None, Some("sh")),
            (Some("D"), Some("EN"), Some("EN")),
            (Some("M"), Some("ZF"), Some("zh-Hant")),
            (Some("Z"), None, Some("Z")),
            (None, None, None),
        ];
        for (key, iso, expected) in cases {
            assert_eq!(tag(key, iso), expected);
        }
        assert!(KEYS.windows(2).all(|pair| pair[0].0 < pair[1].0));
    }
}
