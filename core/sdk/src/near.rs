//! "Did you mean": the known names that come near to an unknown one.
//!
//! Used wherever a name is refused: by commit, by the configuration, by a tenant's profile. Never corrects anything by itself.

/// The most names that are offered.
const OFFERS_MAX: usize = 3;
/// The most names that are listed when none comes near.
const LISTED_MAX: usize = 16;

/// The shortest part of a name that points to it.
const PART_BYTES_MIN: usize = 3;

/// The candidates that differ least from `name`, nearest first, at most three: those that contain it, and those that differ
/// in no more than a third of it.
#[must_use]
pub fn near_matches<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Vec<&'a str> {
    let distance_max = (name.chars().count() / 3).max(1);
    let contains = |candidate: &str| name.len() >= PART_BYTES_MIN && candidate.contains(name);
    let measured = candidates.into_iter().map(|candidate| match contains(candidate) {
        true => (1, candidate),
        false => (distance(name, candidate), candidate),
    });
    let mut near: Vec<_> = measured.filter(|(distance, _)| *distance <= distance_max).collect();
    near.sort_unstable();
    near.dedup();
    near.into_iter().take(OFFERS_MAX).map(|(_, candidate)| candidate).collect()
}

/// The end of a sentence that refuses `name`: what was perhaps meant, or what there is.
#[must_use]
pub fn offer<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> String {
    let mut candidates: Vec<&str> = candidates.into_iter().collect();
    candidates.sort_unstable();
    candidates.dedup();
    let near = near_matches(name, candidates.iter().copied());
    let listed = |names: &[&str], last: &str| {
        let quoted: Vec<String> = names.iter().map(|name| format!("{name:?}")).collect();
        quoted.join(last)
    };
    if !near.is_empty() {
        return format!("; did you mean {}?", listed(&near, " or "));
    }
    if candidates.is_empty() {
        return "; there is none".to_owned();
    }
    let more = if candidates.len() > LISTED_MAX { ", ..." } else { "" };
    candidates.truncate(LISTED_MAX);
    format!("; there is {}{more}", listed(&candidates, ", "))
}

/// Insertions, deletions and substitutions between two texts (Levenshtein), in characters.
fn distance(left: &str, right: &str) -> usize {
    let right: Vec<char> = right.chars().collect();
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (i, from) in left.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, to) in right.iter().enumerate() {
            let substituted = diagonal + usize::from(from != *to);
            diagonal = row[j + 1];
            row[j + 1] = substituted.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[right.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offers_what_comes_near_else_what_there_is() {
        let known = ["canonical", "bmecat", "bmecat-lite", "onix"];
        let cases: [(&str, &[&str], &str); 6] = [
            ("cat", &["bmecat", "bmecat-lite"], r#"; did you mean "bmecat" or "bmecat-lite"?"#),
            ("bmecatt", &["bmecat"], r#"; did you mean "bmecat"?"#),
            ("bmcat", &["bmecat"], r#"; did you mean "bmecat"?"#),
            ("canonic", &["canonical"], r#"; did you mean "canonical"?"#),
            ("unix", &["onix"], r#"; did you mean "onix"?"#),
            ("", &[], r#"; there is "bmecat", "bmecat-lite", "canonical", "onix""#),
        ];
        for (name, near, sentence) in cases {
            assert_eq!(near_matches(name, known), near, "{name}");
            assert_eq!(offer(name, known), sentence, "{name}");
        }
        assert_eq!(offer("x", []), "; there is none");
    }

    #[test]
    fn distance_counts_characters_not_bytes() {
        for (left, right, expected) in [("", "", 0), ("a", "", 1), ("süß", "suß", 1), ("kitten", "sitting", 3)] {
            assert_eq!(distance(left, right), expected);
            assert_eq!(distance(right, left), expected);
        }
    }
}
