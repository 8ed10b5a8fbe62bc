//! Contributor roles (list 17) as words. A role that is not here keeps its code.

use super::look_up;

/// The word of a role.
pub(crate) fn role(code: &str) -> Option<&'static str> {
    look_up(ROLES, code)
}

#[rustfmt::skip]
const ROLES: &[(&str, &str)] = &[
    ("A01", "author"), ("A02", "co_author"), ("A03", "screenwriter"), ("A04", "librettist"), ("A05", "lyricist"),
    ("A06", "composer"), ("A07", "artist"), ("A08", "photographer"), ("A09", "creator"), ("A10", "idea"),
    ("A11", "designer"), ("A12", "illustrator"), ("A13", "photographer"), ("A14", "text_author"), ("A15", "preface"),
    ("A16", "prologue"), ("A17", "summary"), ("A18", "supplement"), ("A19", "afterword"), ("A20", "notes"),
    ("A21", "commentary"), ("A22", "epilogue"), ("A23", "foreword"), ("A24", "introduction"), ("A25", "footnotes"),
    ("A26", "memoir"), ("A27", "experiments"), ("A28", "interpreter"), ("A29", "introduction_and_notes"),
    ("A30", "software_author"), ("A31", "book_and_lyrics"), ("A32", "contributor"), ("A33", "appendix"),
    ("A34", "index"), ("A35", "drawings"), ("A36", "cover_artist"), ("A37", "preliminary_work"),
    ("A38", "original_author"), ("A39", "maps"), ("A40", "inker_or_colorist"), ("A41", "paper_engineer"),
    ("A42", "continued_by"), ("A43", "interviewer"), ("A44", "interviewee"), ("A45", "comic_script"),
    ("A46", "inker"), ("A47", "colorist"), ("A48", "letterer"), ("A49", "cover_inker"), ("A50", "cover_colorist"),
    ("A51", "researcher"), ("A52", "original_character_design"), ("A56", "cover_designer"), ("A99", "other_creator"),
    ("B01", "editor"), ("B02", "reviser"), ("B03", "reteller"), ("B04", "abridger"), ("B05", "adapter"),
    ("B06", "translator"), ("B07", "as_told_by"), ("B08", "translator_with_commentary"), ("B09", "series_editor"),
    ("B10", "editor_and_translator"), ("B11", "editor_in_chief"), ("B12", "guest_editor"), ("B13", "volume_editor"),
    ("B14", "editorial_board_member"), ("B15", "editorial_coordinator"), ("B16", "managing_editor"),
    ("B17", "founder"), ("B18", "prepared_for_publication"), ("B19", "associate_editor"),
    ("B20", "consultant_editor"), ("B21", "general_editor"), ("B22", "dramatizer"), ("B23", "general_rapporteur"),
    ("B24", "literary_editor"), ("B25", "arranger"), ("B26", "technical_editor"), ("B27", "thesis_supervisor"),
    ("B28", "thesis_examiner"), ("B29", "scientific_editor"), ("B30", "historical_advisor"),
    ("B31", "original_editor"), ("B32", "translation_reviser"), ("B33", "transcriber"),
    ("B34", "sensitivity_reader"), ("B35", "image_descriptions"), ("B36", "text_modernizer"),
    ("B99", "other_adapter"), ("C01", "compiler"), ("C02", "selector"), ("C03", "non_text_selector"),
    ("C04", "curator"), ("C99", "other_compiler"), ("D01", "producer"), ("D02", "director"), ("D03", "conductor"),
    ("D04", "choreographer"), ("D99", "other_director"), ("E01", "actor"), ("E02", "dancer"), ("E03", "narrator"),
    ("E04", "commentator"), ("E05", "vocal_soloist"), ("E06", "instrumental_soloist"), ("E07", "reader"),
    ("E08", "performer_group"), ("E09", "speaker"), ("E10", "presenter"), ("E11", "introduction_reader"),
    ("E99", "performer"), ("F01", "cinematographer"), ("F02", "film_editor"), ("F99", "other_recorder"),
    ("Z01", "assistant"), ("Z02", "dedicatee"), ("Z03", "jurisdiction"), ("Z04", "peer_reviewer"),
    ("Z05", "completed_posthumously"), ("Z06", "in_association_with"), ("Z98", "various_roles"), ("Z99", "other"),
];

#[cfg(test)]
mod tests {
    use plugpoint_sdk::reading::word;

    use super::*;

    #[test]
    fn every_role_is_a_word_and_stands_once() {
        assert!(ROLES.windows(2).all(|pair| pair[0].0 < pair[1].0));
        for (code, role) in ROLES {
            assert_eq!(&word(role, ""), role, "{code}");
        }
    }
}
