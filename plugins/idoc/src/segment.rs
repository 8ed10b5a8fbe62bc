//! Segments of an IDoc as the readers of its message types see them: values as SAP writes them, keys, names of paths.
//!
//! Pure functions over elements; what they mean for an item is said elsewhere.

use plugpoint_sdk::xml::Element;

/// What a reduced message type sends for a field of which it says nothing.
const NO_DATA: &str = "/";

/// Fields that say who did what to the record in the sender's system, and the function of the segment, which is read before.
const BOOKKEEPING: &[&str] =
    &["MSGFN", "FUNCTION", "ERSDA", "ERNAM", "LAEDA", "AENAM", "PSTAT", "VPSTA", "MATERIAL", "MATERIAL_LONG"];

/// Segments with so many rows of one meaning (consumption, forecasts) that they stay unmapped.
const VOLUMINOUS: &[&str] =
    &["E1MVEGM", "E1MVEUM", "E1MPRWM", "E1BPE1MVEGRT", "E1BPE1MVEURT", "E1BPE1MPRWRT", "E1BPE1MFCSRT"];

/// What tells repeated segments of a kind apart; the first that is there of each group.
const KEYS: &[(&str, &[&[&str]])] = &[
    ("E1MARCM", &[&["WERKS"]]),
    ("E1MARDM", &[&["LGORT"]]),
    ("E1MARMM", &[&["MEINH"]]),
    ("E1MEANM", &[&["EAN11"]]),
    ("E1MBEWM", &[&["BWKEY"], &["BWTAR"]]),
    ("E1MVKEM", &[&["VKORG"], &["VTWEG"]]),
    ("E1WLK2M", &[&["VKORG"], &["VTWEG"], &["WERKS"]]),
    ("E1MLANM", &[&["ALAND"]]),
    ("E1MLGNM", &[&["LGNUM"]]),
    ("E1MLGTM", &[&["LGTYP"]]),
    ("E1CUVAL", &[&["CHARC", "CHARC_LONG"]]),
    ("E1BPE1MARCRT", &[&["PLANT"]]),
    ("E1BPE1MARDRT", &[&["PLANT"], &["STGE_LOC"]]),
    ("E1BPE1MPGDRT", &[&["PLANT"]]),
    ("E1BPE1MPOPRT", &[&["PLANT"]]),
    ("E1BPE1MBEWRT", &[&["VAL_AREA"], &["VAL_TYPE"]]),
    ("E1BPE1MVKERT", &[&["SALES_ORG"], &["DISTR_CHAN"]]),
    ("E1BPE1WLK2RT", &[&["SALES_ORG"], &["DISTR_CHAN"], &["PLANT"]]),
    ("E1BPE1MARMRT", &[&["ALT_UNIT_ISO", "ALT_UNIT"]]),
    ("E1BPE1MEANRT", &[&["UNIT_ISO", "UNIT"], &["EAN_UPC", "EAN"]]),
    ("E1BPE1MLANRT", &[&["DEPCOUNTRY_ISO", "DEPCOUNTRY"]]),
    ("E1BPE1MLGNRT", &[&["WHSE_NO"]]),
    ("E1BPE1MLGTRT", &[&["WHSE_NO"], &["STGE_TYPE"]]),
];

/// Quantities and the fields that name their unit, the ISO code first.
const UNITS: &[(&str, &[&str])] = &[
    ("BRGEW", &["GEWEI"]),
    ("NTGEW", &["GEWEI"]),
    ("VOLUM", &["VOLEH"]),
    ("LAENG", &["MEABM"]),
    ("BREIT", &["MEABM"]),
    ("HOEHE", &["MEABM"]),
    ("ERGEW", &["ERGEI"]),
    ("ERVOL", &["ERVOE"]),
    ("INHAL", &["INHME"]),
    ("INHBR", &["INHME"]),
    ("AUMNG", &["MEINS"]),
    ("NET_WEIGHT", &["UNIT_OF_WT_ISO", "UNIT_OF_WT"]),
    ("GROSS_WT", &["UNIT_OF_WT_ISO", "UNIT_OF_WT"]),
    ("VOLUME", &["VOLUMEUNIT_ISO", "VOLUMEUNIT"]),
    ("LENGTH", &["UNIT_DIM_ISO", "UNIT_DIM"]),
    ("WIDTH", &["UNIT_DIM_ISO", "UNIT_DIM"]),
    ("HEIGHT", &["UNIT_DIM_ISO", "UNIT_DIM"]),
    ("NET_CONT", &["CONT_UNIT_ISO", "CONT_UNIT"]),
    ("GROSS_CONT", &["CONT_UNIT_ISO", "CONT_UNIT"]),
];

/// A field's value; nothing where it is empty or a reduced message says nothing of it.
pub(crate) fn value<'e>(segment: &'e Element, field: &str) -> Option<&'e str> {
    segment.child_text(field).filter(|value| *value != NO_DATA)
}

/// The value of the first field that has one.
pub(crate) fn first<'e>(segment: &'e Element, fields: &[&str]) -> Option<&'e str> {
    fields.iter().find_map(|field| value(segment, field))
}

/// A flag: `X` or nothing.
pub(crate) fn flag(segment: &Element, field: &str) -> bool {
    value(segment, field).is_some_and(|sent| sent.eq_ignore_ascii_case("X"))
}

/// What the sender did to the segment.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Function {
    /// 003: it is gone.
    Deleted,
    /// 004 changed, 018 sent along: what is not there is unchanged.
    Changed,
    /// 005 replaced, 009 created, or nothing: all there is.
    Whole,
}

impl Function {
    /// MSGFN of MATMAS and COND_A, FUNCTION of ARTMAS.
    pub(crate) fn of(segment: &Element) -> Self {
        match first(segment, &["MSGFN", "FUNCTION"]) {
            Some("003") => Self::Deleted,
            Some("005" | "009") | None => Self::Whole,
            Some(_) => Self::Changed,
        }
    }
}

/// Marks of segments say nothing of their own.
pub(crate) fn pass_over_marks(segment: &Element) {
    let _mark = segment.attribute("SEGMENT");
    segment.children().iter().for_each(pass_over_marks);
}

/// A segment rather than a field: it says so, or has fields of its own.
pub(crate) fn is_segment(element: &Element) -> bool {
    element.attribute("SEGMENT").is_some() || !element.children().is_empty()
}

/// Whether a segment only goes on with the fields of another: `E1MARA1` of `E1MARAM`, `E1BPE1MARART1` of `E1BPE1MARART`.
pub(crate) fn continues(name: &str, of: &str) -> bool {
    let Some(rest) = name.strip_suffix(|last: char| last.is_ascii_digit()) else { return false };
    rest == of || of.strip_suffix('M') == Some(rest)
}

/// Fields of which nothing is kept.
pub(crate) fn is_bookkeeping(field: &str) -> bool {
    BOOKKEEPING.contains(&field)
}

/// Segments of which nothing is kept.
pub(crate) fn is_voluminous(segment: &str) -> bool {
    VOLUMINOUS.contains(&segment)
}

/// The fields by which a segment is told apart from its like.
pub(crate) fn key_fields(segment: &Element) -> Vec<&'static str> {
    let groups = KEYS.iter().find(|(name, _)| *name == segment.name()).map_or(&[][..], |(_, groups)| *groups);
    let sent = |group: &&[&'static str]| group.iter().copied().find(|field| value(segment, field).is_some());
    groups.iter().filter_map(sent).collect()
}

/// A segment's name with its key: `E1MVKEM[1000.10]`, in SAP's own spelling of namespaces.
pub(crate) fn keyed_name(segment: &Element) -> String {
    let keys: Vec<_> = key_fields(segment).into_iter().filter_map(|field| value(segment, field)).collect();
    let name = sap_name(segment.name());
    if keys.is_empty() { name } else { format!("{name}[{}]", keys.join(".")) }
}

/// A name as SAP knows it: XML has no `/`, so `/X/Y` comes as `_-X_-Y`.
pub(crate) fn sap_name(name: &str) -> String {
    name.replace("_-", "/")
}

/// The fields that may name the unit of a quantity; nothing if the field is none.
pub(crate) fn unit_fields(field: &str) -> Option<&'static [&'static str]> {
    UNITS.iter().find(|(quantity, _)| *quantity == field).map(|(_, units)| *units)
}

/// Whether a field only names the unit of others.
pub(crate) fn is_unit_field(field: &str) -> bool {
    field != "MEINS" && UNITS.iter().any(|(_, units)| units.contains(&field))
}

/// A number as SAP writes it, the sign behind it: `1.500-`.
pub(crate) fn number(sent: &str) -> String {
    match sent.strip_suffix('-') {
        Some(digits) => format!("-{}", digits.trim_end()),
        None => sent.to_owned(),
    }
}

/// A value that SAP sends where nothing was entered: a decimal or a date of zeros. `00` may be a code.
pub(crate) fn is_initial(value: &str) -> bool {
    let is_decimal = value.contains('.') && value.bytes().all(|byte| matches!(byte, b'0' | b'.'));
    is_decimal || value == "00000000"
}

/// A material number as the profile wants it. Only numbers that are all digits are padded by SAP.
pub(crate) fn material_number(sent: &str, without_zeros: bool) -> &str {
    if !without_zeros || !sent.bytes().all(|byte| byte.is_ascii_digit()) {
        return sent;
    }
    match sent.trim_start_matches('0') {
        "" => "0",
        bare => bare,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_their_sign_behind_them() {
        for (sent, expected) in [("1.500-", "-1.500"), ("2.000 -", "-2.000"), ("3", "3"), ("", "")] {
            assert_eq!(number(sent), expected);
        }
    }

    #[test]
    fn what_was_never_entered_is_told_from_codes_of_zeros() {
        for initial in ["0.000", "000.00", "00000000", "."] {
            assert!(is_initial(initial), "{initial}");
        }
        for code in ["00", "0", "0000000", "0001", "10.000", ""] {
            assert!(!is_initial(code), "{code}");
        }
    }

    #[test]
    fn zeros_go_only_where_the_profile_says_so_and_all_are_digits() {
        let cases = [
            ("000000000000004711", true, "4711"),
            ("000000000000004711", false, "000000000000004711"),
            ("000A", true, "000A"),
            ("0000", true, "0"),
        ];
        for (sent, without_zeros, expected) in cases {
            assert_eq!(material_number(sent, without_zeros), expected);
        }
    }

    #[test]
    fn names_of_continuations_and_namespaces() {
        assert!(continues("E1MARA1", "E1MARAM") && continues("E1BPE1MARART1", "E1BPE1MARART"));
        assert!(!continues("E1MARCM", "E1MARAM") && !continues("E1MARC1", "E1MARAM") && !continues("Z1", "E1MARAM"));
        assert_eq!(sap_name("_-LUMBERL_-VFI_ARTMAS01"), "/LUMBERL/VFI_ARTMAS01");
    }
}
