//! From the text of a statement as SQLite takes it to PostgreSQL's. The texts are ours, so this knows no more than they need:
//! places for values (`?` and `?3` become `$1` and `$3`), and two hints that SQLite's planner gets and PostgreSQL's does without
//! (`INDEXED BY index`, and `CROSS JOIN`, which keeps the order of two tables). What stands in quotes is left alone.

pub(super) fn postgres(sql: &str) -> String {
    let mut text = String::with_capacity(sql.len() + 16);
    let mut places = 0_usize;
    let mut rest = sql;
    while let Some(at) = rest.find(['?', '\'', 'I', 'C']) {
        text.push_str(&rest[..at]);
        rest = &rest[at..];
        if let Some(behind) = rest.strip_prefix('?') {
            let digits = behind.len() - behind.trim_start_matches(|c: char| c.is_ascii_digit()).len();
            text.push('$');
            if digits > 0 {
                text.push_str(&behind[..digits]);
            } else {
                places += 1;
                text.push_str(&places.to_string());
            }
            rest = &behind[digits..];
        } else if let Some(behind) = rest.strip_prefix('\'') {
            let end = behind.find('\'').map_or(behind.len(), |end| end + 1);
            text.push_str(&rest[..=end]);
            rest = &behind[end..];
        } else if let Some(behind) = rest.strip_prefix("INDEXED BY ") {
            rest = behind.trim_start_matches(|c: char| c.is_ascii_alphanumeric() || c == '_');
        } else if let Some(behind) = rest.strip_prefix("CROSS JOIN") {
            text.push_str("JOIN");
            rest = behind;
        } else {
            text.push_str(&rest[..1]);
            rest = &rest[1..];
        }
    }
    text.push_str(rest);
    text
}

#[cfg(test)]
mod tests {
    use super::postgres;

    #[test]
    fn places_are_numbered_and_hints_dropped() {
        for (sqlite, expected) in [
            ("SELECT 1", "SELECT 1"),
            ("SELECT ?1, ?12, ?1", "SELECT $1, $12, $1"),
            ("VALUES (?, ?), (?, ?)", "VALUES ($1, $2), ($3, $4)"),
            ("SELECT '?1', 'it''s ?', ?2", "SELECT '?1', 'it''s ?', $2"),
            ("FROM items i INDEXED BY items_seq WHERE", "FROM items i  WHERE"),
            ("FROM a CROSS JOIN b ON x", "FROM a JOIN b ON x"),
            ("INSERT INTO Items", "INSERT INTO Items"),
            ("SELECT 'open", "SELECT 'open"),
            ("", ""),
        ] {
            assert_eq!(postgres(sqlite), expected);
        }
    }
}
