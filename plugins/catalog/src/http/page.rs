//! Pages: one row more than asked for tells whether there is a next one.

/// Takes the row that was too many off again; the cursor after the last one kept, if there was such a row.
pub(super) fn cut<T>(rows: &mut Vec<T>, limit: u32, cursor: impl FnOnce(&T) -> String) -> Option<String> {
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    if rows.len() <= limit {
        return None;
    }
    rows.truncate(limit);
    rows.last().map(cursor)
}
