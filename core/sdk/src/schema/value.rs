//! How values of the basic types are checked against declared rules. Called for every field of every item of an import.
//!
//! A valid value costs comparisons only: no allocation, and no counting of characters where the bytes already decide.

use std::cmp::Ordering;

use rust_decimal::Decimal;

use super::violation::shown;
use super::{IntegerShape, Path, Rules, Shape, Violations};
use crate::codes::finding::{DECIMAL_INVALID, FIELD_LENGTH, FIELD_PATTERN, FIELD_RANGE};
use crate::model::decimal;
use crate::model::timestamp::Timestamp;

/// A value that rules can be declared for.
pub trait Value {
    /// Its form.
    const SHAPE: Shape;
    /// Adds every violation to `out`.
    fn check_value(&self, rules: &Rules, at: &Path<'_>, out: &mut Violations);
}

impl Value for bool {
    const SHAPE: Shape = Shape::Bool;
    fn check_value(&self, _: &Rules, _: &Path<'_>, _: &mut Violations) {}
}

impl Value for Timestamp {
    const SHAPE: Shape = Shape::Timestamp;
    fn check_value(&self, _: &Rules, _: &Path<'_>, _: &mut Violations) {}
}

impl Value for uuid::Uuid {
    const SHAPE: Shape = Shape::Uuid;
    fn check_value(&self, _: &Rules, _: &Path<'_>, _: &mut Violations) {}
}

impl Value for String {
    const SHAPE: Shape = Shape::Text;
    fn check_value(&self, rules: &Rules, at: &Path<'_>, out: &mut Violations) {
        let fits = check_length(Counted::Text(self), rules, at, out);
        if let Some(pattern) = rules.pattern.filter(|pattern| fits && !pattern.is_match(self)) {
            out.add(at, FIELD_PATTERN, || format!("{} does not have the form {}", shown(self), pattern.text()));
        }
    }
}

impl<T: Value> Value for Option<T> {
    const SHAPE: Shape = Shape::Optional(&T::SHAPE);
    fn check_value(&self, rules: &Rules, at: &Path<'_>, out: &mut Violations) {
        if let Some(value) = self {
            value.check_value(rules, at, out);
        }
    }
}

impl<T: Value> Value for Vec<T> {
    const SHAPE: Shape = Shape::List(&T::SHAPE);
    fn check_value(&self, rules: &Rules, at: &Path<'_>, out: &mut Violations) {
        check_length(Counted::List(self.len()), rules, at, out);
        let each = rules.each.unwrap_or(&Rules::NONE);
        for (index, value) in self.iter().enumerate() {
            if out.is_full() {
                return;
            }
            value.check_value(each, &at.index(index), out);
        }
    }
}

impl Value for Decimal {
    const SHAPE: Shape = Shape::Decimal;
    fn check_value(&self, rules: &Rules, at: &Path<'_>, out: &mut Violations) {
        if !decimal::fits(self) {
            out.add(at, DECIMAL_INVALID, || format!("{self} {}", decimal::DecimalError::TooLong));
        }
        check_range(self, |bound| self.cmp(&Decimal::from(bound)), rules, at, out);
    }
}

impl Value for f64 {
    const SHAPE: Shape = Shape::Float;
    fn check_value(&self, rules: &Rules, at: &Path<'_>, out: &mut Violations) {
        #[expect(clippy::cast_precision_loss, reason = "bounds are small whole numbers, which f64 holds exactly")]
        check_range(self, |bound| self.total_cmp(&(bound as f64)), rules, at, out);
    }
}

macro_rules! integers {
    ($($ty:ty, $format:literal, $xsd:literal;)*) => {$(
        impl Value for $ty {
            const SHAPE: Shape = Shape::Integer(IntegerShape {
                min: <$ty>::MIN as i128,
                max: <$ty>::MAX as i128,
                format: $format,
                xsd: $xsd,
            });
            fn check_value(&self, rules: &Rules, at: &Path<'_>, out: &mut Violations) {
                check_range(self, |bound| i128::from(*self).cmp(&i128::from(bound)), rules, at, out);
            }
        }
    )*};
}

integers! {
    u8, "int32", "unsignedByte";
    u16, "int32", "unsignedShort";
    u32, "int64", "unsignedInt";
    u64, "int64", "unsignedLong";
    i32, "int32", "int";
    i64, "int64", "long";
}

/// What a length counts: characters (Unicode scalar values) of a text, entries of a list.
#[derive(Clone, Copy)]
enum Counted<'a> {
    Text(&'a str),
    List(usize),
}

impl Counted<'_> {
    /// An upper bound that costs nothing; exact for lists.
    fn at_most(self) -> usize {
        match self {
            Self::Text(text) => text.len(),
            Self::List(len) => len,
        }
    }

    fn exactly(self) -> usize {
        match self {
            Self::Text(text) => text.chars().count(),
            Self::List(len) => len,
        }
    }

    fn noun(self) -> &'static str {
        match self {
            Self::Text(_) => "character(s)",
            Self::List(_) => "entries",
        }
    }
}

/// Whether the length fits. Counts characters only where the number of bytes leaves it open.
fn check_length(value: Counted<'_>, rules: &Rules, at: &Path<'_>, out: &mut Violations) -> bool {
    let (min, max) = (rules.length_min.unwrap_or(0), rules.length_max.unwrap_or(usize::MAX));
    let bound = value.at_most();
    if bound <= max && (min == 0 || (min == 1 && bound > 0)) {
        return true;
    }
    let actual = value.exactly();
    if (min..=max).contains(&actual) {
        return true;
    }
    let noun = value.noun();
    out.add(at, FIELD_LENGTH, || {
        let limit = if actual > max { format!("at most {max}") } else { format!("at least {min}") };
        match value {
            Counted::Text(text) if actual > 0 => format!("{} has {actual} {noun}; allowed: {limit}", shown(text)),
            _ => format!("has {actual} {noun}; allowed: {limit}"),
        }
    });
    false
}

fn check_range(
    value: &dyn std::fmt::Display,
    cmp: impl Fn(i64) -> Ordering,
    rules: &Rules,
    at: &Path<'_>,
    out: &mut Violations,
) {
    if let Some(min) = rules.min.filter(|min| cmp(*min).is_lt()) {
        out.add(at, FIELD_RANGE, || format!("{value} is below the minimum {min}"));
    }
    if let Some(min) = rules.exclusive_min.filter(|min| cmp(*min).is_le()) {
        out.add(at, FIELD_RANGE, || format!("{value} is not above {min}"));
    }
    if let Some(max) = rules.max.filter(|max| cmp(*max).is_gt()) {
        out.add(at, FIELD_RANGE, || format!("{value} is above the maximum {max}"));
    }
}
