//! Subject schemes (list 27) and product classifications (list 9) as names of systems.

use super::look_up;

/// The system of a subject scheme. `20` and `B2` are keywords, `23` and `24` the sender's own; none of them is here.
pub(crate) fn scheme(code: &str) -> Option<&'static str> {
    look_up(SCHEMES, code)
}

/// The system of a product classification.
pub(crate) fn classification(code: &str) -> Option<&'static str> {
    look_up(CLASSIFICATIONS, code)
}

#[rustfmt::skip]
const SCHEMES: &[(&str, &str)] = &[
    ("01", "dewey"), ("02", "dewey-abridged"), ("03", "lcc"), ("04", "lcsh"), ("05", "nlm"), ("06", "mesh"),
    ("07", "nal"), ("08", "aat"), ("09", "udc"), ("10", "bisac"), ("11", "bisac-regional"), ("12", "bic"),
    ("13", "bic-geographical"), ("14", "bic-language"), ("15", "bic-time"), ("16", "bic-education"),
    ("17", "bic-reading-level"), ("18", "dnb-ddc"), ("19", "lc-genre"), ("21", "bic-children"),
    ("22", "bisac-merchandising"), ("25", "isbn-materias"), ("26", "wgs"), ("27", "swd"), ("28", "electre"),
    ("29", "clil"), ("30", "dnb"), ("31", "nugi"), ("32", "nur"), ("33", "ecpa"), ("34", "siso"), ("35", "kdc"),
    ("36", "ddc-22-de"), ("37", "bokgrupper"), ("38", "varegrupper"), ("39", "kl06"), ("40", "ndc"), ("41", "bsq"),
    ("42", "anele"), ("43", "grep-program"), ("44", "grep-area"), ("46", "ddk-no"), ("47", "varugrupper"),
    ("48", "sab"), ("51", "isbn-udc"), ("52", "eci"), ("53", "cce"), ("54", "cce-geographical"),
    ("55", "cce-language"), ("56", "cce-time"), ("57", "cce-school"), ("58", "cce-age"), ("59", "vds"),
    ("60", "grep-fag"), ("61", "jel"), ("62", "csh"), ("63", "rvm"), ("64", "ysa"), ("65", "allars"), ("66", "ykl"),
    ("67", "musa"), ("68", "cilla"), ("69", "kaunokki"), ("70", "bella"), ("71", "yso"), ("72", "pto"),
    ("74", "sears"), ("75", "bic-e4l"), ("76", "csr"), ("78", "jp-c-code"), ("79", "jp-genre"), ("85", "postal"),
    ("86", "geonames"), ("88", "clc"), ("90", "season-event"), ("91", "gnd"), ("92", "bic-ukslc"), ("93", "thema"),
    ("94", "thema-place"), ("95", "thema-language"), ("96", "thema-time"), ("97", "thema-education"),
    ("98", "thema-interest"), ("99", "thema-style"), ("A4", "ccss"), ("A5", "rameau"), ("A7", "isic"),
    ("A8", "lc-children"), ("B0", "eurovoc"), ("B1", "bisg-education"), ("B4", "character-names"),
    ("B5", "place-names"), ("B6", "fast"), ("B7", "ngss"), ("B8", "lesemotive"), ("C6", "isced-f"),
    ("C9", "jpro"),
];

#[rustfmt::skip]
const CLASSIFICATIONS: &[(&str, &str)] = &[
    ("01", "hs"), ("02", "unspsc"), ("03", "hmrc"), ("04", "wa-de"), ("05", "taric"), ("06", "fondsgroep"),
    ("07", "supplier"), ("08", "gapp"), ("09", "cpa"), ("10", "ncm"), ("11", "cpv"), ("12", "pkwiu"),
    ("13", "htsus"), ("14", "us-schedule-b"), ("15", "clave-sat"), ("16", "cn"), ("17", "cct"), ("18", "cact"),
    ("19", "nico"), ("20", "taric-additional"), ("21", "htsus-additional"), ("22", "cppap"), ("50", "electre-genre"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tables_are_in_order_and_no_system_stands_for_two_schemes() {
        for table in [SCHEMES, CLASSIFICATIONS] {
            assert!(table.windows(2).all(|pair| pair[0].0 < pair[1].0));
            let systems: std::collections::HashSet<_> = table.iter().map(|(_, system)| system).collect();
            assert_eq!(systems.len(), table.len());
        }
    }
}
