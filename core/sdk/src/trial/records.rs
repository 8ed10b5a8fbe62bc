//! A document cut into its records, without knowing its format: the transformer itself says where each one starts.
//!
//! Used to put records into another order, to leave some out, to repeat them a million times, and to shorten a document.

use crate::model::Position;

/// The number of a record, as far as it has one.
type Sku = Option<String>;

/// A document of at least two records that lie beside each other. A record that the transformer refused, of which it does not
/// say where it starts, belongs to what stands before it.
#[derive(Debug, Clone)]
pub(crate) struct Records<'d> {
    /// All before the first record.
    pub(crate) head: (&'d str, Vec<Sku>),
    /// Each record but the last, with whatever separates it from the next.
    pub(crate) bodies: Vec<(&'d str, Vec<Sku>)>,
    /// The last record and all behind it.
    pub(crate) tail: (&'d str, Vec<Sku>),
}

impl<'d> Records<'d> {
    /// Cuts `document`. None where it is not UTF-8, has fewer than two records, or the places do not ascend.
    pub(crate) fn cut(document: &'d [u8], starts: &[(Sku, Option<Position>)]) -> Option<Self> {
        let text = std::str::from_utf8(document).ok()?;
        let (mut offsets, mut skus) = (vec![0], vec![Vec::new()]);
        for (sku, at) in starts {
            if let Some(at) = at {
                offsets.push(offset(text, *at)?);
                skus.push(Vec::new());
            }
            skus.last_mut()?.push(sku.clone());
        }
        if offsets.len() < 3 || !offsets[1..].is_sorted_by(|left, right| left < right) {
            return None;
        }
        offsets.push(text.len());
        let mut parts = offsets.windows(2).map(|pair| &text[pair[0]..pair[1]]).zip(skus);
        let head = parts.next()?;
        let mut bodies: Vec<_> = parts.collect();
        let tail = bodies.pop()?;
        Some(Self { head, bodies, tail })
    }

    /// The document with the records `order`, by their places, and the last one.
    pub(crate) fn composed(&self, order: &[usize]) -> String {
        let bodies: String = order.iter().map(|place| self.bodies[*place].0).collect();
        format!("{}{bodies}{}", self.head.0, self.tail.0)
    }

    /// The numbers that this document has.
    #[cfg(any(test, feature = "testkit"))]
    pub(crate) fn skus(&self, order: &[usize]) -> Vec<Sku> {
        let bodies = order.iter().map(|place| &self.bodies[*place].1);
        std::iter::once(&self.head.1).chain(bodies).chain([&self.tail.1]).flatten().cloned().collect()
    }
}

/// A document with its first `records` - 1 records and its last one, or as it is if it has no more. None where its records do
/// not lie beside each other.
#[must_use]
pub fn shortened(document: &[u8], starts: &[(Option<String>, Option<Position>)], records: usize) -> Option<Vec<u8>> {
    if starts.len() <= records {
        return Some(document.to_vec());
    }
    let cut = Records::cut(document, starts)?;
    let order: Vec<usize> = (0..cut.bodies.len().min(records.saturating_sub(1))).collect();
    Some(cut.composed(&order).into_bytes())
}

/// Line and column, both from 1, as an offset in bytes. A byte order mark has no column.
fn offset(text: &str, at: Position) -> Option<usize> {
    let line_index = usize::try_from(at.line.checked_sub(1)?).ok()?;
    let column_index = usize::try_from(at.column.checked_sub(1)?).ok()?;
    let mark = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
    let start = match line_index {
        0 => mark,
        _ => text.match_indices('\n').nth(line_index - 1)?.0 + 1,
    };
    text[start..].char_indices().map(|(index, _)| start + index).nth(column_index)
}

#[cfg(test)]
mod tests {
    use super::{Position, Records};

    fn cut(text: &str, places: &[(u64, u64)]) -> Option<(String, Vec<String>, String)> {
        let starts: Vec<_> =
            places.iter().map(|(line, column)| (None, Some(Position { line: *line, column: *column }))).collect();
        let records = Records::cut(text.as_bytes(), &starts)?;
        let bodies = records.bodies.iter().map(|(body, _)| (*body).to_owned()).collect();
        Some((records.head.0.to_owned(), bodies, records.tail.0.to_owned()))
    }

    #[test]
    fn records_lie_between_their_starts() {
        let expected = ("ä[".to_owned(), vec!["1,\n".to_owned(), "2,".to_owned()], "3]".to_owned());
        assert_eq!(cut("ä[1,\n2,3]", &[(1, 3), (2, 1), (2, 3)]), Some(expected));
        assert!(cut("\u{feff}1\n2", &[(1, 1), (2, 1)]).is_some_and(|(head, ..)| head == "\u{feff}"));
    }

    #[test]
    fn what_was_refused_belongs_to_what_stands_before_it() {
        let at = |line| Some(Position { line, column: 1 });
        let sku = |sku: &str| Some(sku.to_owned());
        let starts = [(None, None), (sku("a"), at(2)), (None, None), (sku("b"), at(4)), (sku("c"), at(5))];
        let records = Records::cut(b"x\na\nx\nb\nc", &starts).unwrap();
        assert_eq!(records.composed(&[1, 0, 0]), "x\nb\na\nx\na\nx\nc");
        assert_eq!(records.skus(&[1, 0]), [None, sku("b"), sku("a"), None, sku("c")]);
    }

    #[test]
    fn what_cannot_be_cut_is_not() {
        let cases: [&[(u64, u64)]; 6] =
            [&[], &[(1, 1)], &[(2, 1), (1, 1)], &[(1, 1), (1, 1)], &[(0, 0), (1, 1)], &[(1, 1), (9, 9)]];
        for places in cases {
            assert_eq!(cut("1\n2\n3", places), None, "{places:?}");
        }
        assert!(Records::cut(&[0xff, b'1'], &[(None, Some(Position { line: 1, column: 1 }))]).is_none());
    }
}
