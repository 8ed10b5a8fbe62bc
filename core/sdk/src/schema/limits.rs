//! The list of everything a description promises, so that tests can hold the server to it. Called by tests and by the
//! generated page of limits. Reads [`TypeInfo`] only.

use std::borrow::Cow;

use super::{Body, Field, Rules, Shape, TypeInfo};
use crate::model::decimal;

/// One documented limit.
#[derive(Debug, Clone, PartialEq)]
pub struct Limit {
    /// The published type.
    pub type_name: &'static str,
    /// JSON pointer within the type; `*` stands for any entry of a list. Empty for the type itself.
    pub pointer: String,
    /// What is promised.
    pub rule: Rule,
}

/// A promise about a value, in the words of OpenAPI.
#[derive(Debug, Clone, PartialEq)]
pub enum Rule {
    /// Has to be there.
    Required,
    /// Fewest characters.
    MinLength(usize),
    /// Most characters.
    MaxLength(usize),
    /// Fewest entries.
    MinItems(usize),
    /// Most entries.
    MaxItems(usize),
    /// Smallest number.
    Minimum(i128),
    /// A number that is already too small.
    ExclusiveMinimum(i128),
    /// Largest number.
    Maximum(i128),
    /// The form of a text.
    Pattern(Cow<'static, str>),
    /// One of so many words.
    Enum(usize),
    /// No field that is not declared.
    NoOtherFields,
}

/// Every limit of one type, fields in the order of declaration.
#[must_use]
pub fn of(info: &'static TypeInfo) -> Vec<Limit> {
    let mut limits = Vec::new();
    let mut add = |pointer: String, rule| limits.push(Limit { type_name: info.name, pointer, rule });
    match &info.body {
        Body::Object(fields) => {
            add(String::new(), Rule::NoOtherFields);
            for field in *fields {
                of_field(field, &mut add);
            }
        }
        Body::Words(words) => add(String::new(), Rule::Enum(words.len())),
        Body::Newtype(field) => of_value(&field.shape, &field.rules, "", &mut add),
    }
    limits
}

fn of_field(field: &Field, add: &mut dyn FnMut(String, Rule)) {
    let pointer = format!("/{}", field.name);
    if field.required {
        add(pointer.clone(), Rule::Required);
    }
    of_value(&field.shape, &field.rules, &pointer, add);
}

fn of_value(shape: &Shape, rules: &Rules, pointer: &str, add: &mut dyn FnMut(String, Rule)) {
    let mut put = |rule: Option<Rule>| {
        if let Some(rule) = rule {
            add(pointer.to_owned(), rule);
        }
    };
    match shape {
        Shape::Optional(inner) => of_value(inner, rules, pointer, add),
        Shape::List(inner) => {
            put(rules.length_min.map(Rule::MinItems));
            put(rules.length_max.map(Rule::MaxItems));
            of_value(inner, rules.each.unwrap_or(&Rules::NONE), &format!("{pointer}/*"), add);
        }
        Shape::Text => {
            put(rules.length_min.map(Rule::MinLength));
            put(rules.length_max.map(Rule::MaxLength));
            put(rules.pattern.map(|pattern| Rule::Pattern(pattern.ecma().into())));
        }
        Shape::Decimal => {
            put(Some(Rule::Pattern(decimal_pattern(rules))));
            of_range(shape, rules).into_iter().for_each(|rule| put(Some(rule)));
        }
        Shape::Integer(_) | Shape::Float => of_range(shape, rules).into_iter().for_each(|rule| put(Some(rule))),
        Shape::Bool | Shape::Timestamp | Shape::Uuid | Shape::Named(_) | Shape::AnswerOnly => {}
    }
}

/// The form of a decimal within its bounds. JSON Schema applies `minimum` to numbers only, and a decimal is a string, so the
/// bounds that a decimal can have (not below 0, above 0, at most a digit) are said by its pattern too.
pub(super) fn decimal_pattern(rules: &Rules) -> Cow<'static, str> {
    let is_positive = rules.exclusive_min == Some(0);
    if !is_positive && rules.min != Some(0) {
        return decimal::PATTERN.into();
    }
    let not_zero = if is_positive { "(?=.*[1-9])" } else { "" };
    match rules.max {
        Some(max @ 1..=9) => {
            let below = max - 1;
            format!(r"^{not_zero}0{{0,12}}([0-{below}](\.[0-9]{{1,15}})?|{max}(\.0{{1,15}})?)$").into()
        }
        _ => format!(r"^{not_zero}{}", decimal::PATTERN.trim_start_matches("^-?")).into(),
    }
}

/// The bounds of a number: the declared ones, else those of its type.
pub(super) fn of_range(shape: &Shape, rules: &Rules) -> Vec<Rule> {
    let own = |pick: fn(&super::IntegerShape) -> i128| match shape {
        // Bounds of 64 bits are beyond what JSON numbers hold exactly; to state them would help nobody.
        Shape::Integer(integer) if pick(integer) == 0 || pick(integer).unsigned_abs() < 1 << 53 => Some(pick(integer)),
        _ => None,
    };
    let exclusive = rules.exclusive_min.map(|min| Rule::ExclusiveMinimum(min.into()));
    let min = rules.min.map(i128::from).or_else(|| own(|integer| integer.min).filter(|_| exclusive.is_none()));
    let max = rules.max.map(i128::from).or_else(|| own(|integer| integer.max));
    [min.map(Rule::Minimum), exclusive, max.map(Rule::Maximum)].into_iter().flatten().collect()
}
