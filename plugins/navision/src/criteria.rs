//! Criteria of a filter: ranges, wildcards and alternatives, in NAV's way of writing.
//!
//! A page's reading holds records against them. What it does not know it refuses by naming it: a filter that was understood
//! wrongly would give other records than were asked for.

use plugpoint_sdk::error::quoted;
use plugpoint_sdk::model::{Decimal, decimal};

/// Alternatives of one filter.
const ALTERNATIVES_MAX: usize = 1000;
/// What has a meaning in NAV that is not known here.
const UNKNOWN: &[char] = &['&', '<', '>', '=', '@', '?', '(', ')', '\'', '"', '%'];

/// How the values of a field are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Characters.
    Text,
    /// Characters without regard to case.
    Code,
    /// Decimals, by their size.
    Number,
    /// Yes or no.
    Flag,
}

/// What a value has to be: one of these.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Criteria {
    kind: Kind,
    alternatives: Vec<Alternative>,
}

#[derive(Debug, Clone, PartialEq)]
enum Alternative {
    Is(Value),
    /// The parts between asterisks.
    Like(Vec<String>),
    Between(Option<Value>, Option<Value>),
}

#[derive(Debug, Clone, PartialEq, PartialOrd)]
enum Value {
    Text(String),
    Number(Decimal),
    Flag(bool),
}

impl Criteria {
    /// Reads criteria; none if they are empty, which is no filter.
    ///
    /// # Errors
    /// A sentence about what is not known.
    pub(crate) fn of(text: &str, kind: Kind) -> Result<Option<Self>, String> {
        if text.trim().is_empty() {
            return Ok(None);
        }
        if let Some(unknown) = text.chars().find(|character| UNKNOWN.contains(character)) {
            return Err(format!("the criteria {} have {unknown:?}; known are .. and | and *", quoted(text, 80)));
        }
        if text.split('|').count() > ALTERNATIVES_MAX {
            return Err(format!("the criteria have more than {ALTERNATIVES_MAX} alternatives"));
        }
        let alternatives = text.split('|').map(|text| Alternative::of(text.trim(), kind));
        Ok(Some(Self { kind, alternatives: alternatives.collect::<Result<_, _>>()? }))
    }

    /// Whether a value, as it is written in a record, is one of those.
    pub(crate) fn hold(&self, value: &str) -> bool {
        let Some(value) = Value::of(value, self.kind) else { return false };
        self.alternatives.iter().any(|alternative| alternative.holds(&value))
    }
}

impl Alternative {
    fn of(text: &str, kind: Kind) -> Result<Self, String> {
        let value = |text: &str| {
            let unreadable = || format!("the criterion {} is not of the field's type", quoted(text, 80));
            Value::of(text, kind).ok_or_else(unreadable)
        };
        if let Some((from, to)) = text.split_once("..") {
            let end = |text: &str| match text.trim() {
                "" => Ok(None),
                text => value(text).map(Some),
            };
            if text.contains('*') || to.contains("..") || from.trim().is_empty() && to.trim().is_empty() {
                return Err(format!("the criterion {} is no range", quoted(text, 80)));
            }
            return Ok(Self::Between(end(from)?, end(to)?));
        }
        if !text.contains('*') {
            return Ok(Self::Is(value(text)?));
        }
        if !matches!(kind, Kind::Text | Kind::Code) {
            return Err(format!("the criterion {} has a wildcard, but the field holds no text", quoted(text, 80)));
        }
        let part = |part: &str| if kind == Kind::Code { part.to_uppercase() } else { part.to_owned() };
        Ok(Self::Like(text.split('*').map(part).collect()))
    }

    fn holds(&self, value: &Value) -> bool {
        match (self, value) {
            (Self::Is(wanted), value) => wanted == value,
            (Self::Between(from, to), value) => {
                from.as_ref().is_none_or(|from| value >= from) && to.as_ref().is_none_or(|to| value <= to)
            }
            (Self::Like(parts), Value::Text(text)) => is_like(text, parts),
            (Self::Like(_), _) => false,
        }
    }
}

impl Value {
    fn of(text: &str, kind: Kind) -> Option<Self> {
        Some(match kind {
            Kind::Text => Self::Text(text.to_owned()),
            Kind::Code => Self::Text(text.to_uppercase()),
            Kind::Number if text.is_empty() => Self::Number(Decimal::ZERO),
            Kind::Number => Self::Number(decimal::parse(text).ok()?),
            Kind::Flag => match text.to_ascii_lowercase().as_str() {
                "true" | "1" | "yes" => Self::Flag(true),
                "false" | "0" | "no" | "" => Self::Flag(false),
                _ => return None,
            },
        })
    }
}

/// Whether a text begins with the first part, ends with the last, and has the others in this order in between.
fn is_like(text: &str, parts: &[String]) -> bool {
    let [first, inner @ .., last] = parts else { return false };
    let Some(mut rest) = text.strip_prefix(first.as_str()) else { return false };
    for part in inner {
        let Some(at) = rest.find(part.as_str()) else { return false };
        rest = &rest[at + part.len()..];
    }
    rest.ends_with(last.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(criteria: &str, kind: Kind, holds: &[&str], not: &[&str]) {
        let criteria = Criteria::of(criteria, kind).unwrap().unwrap();
        for value in holds {
            assert!(criteria.hold(value), "{criteria:?} and {value}");
        }
        for value in not {
            assert!(!criteria.hold(value), "{criteria:?} and {value}");
        }
    }

    #[test]
    fn ranges_alternatives_and_wildcards() {
        check("1000", Kind::Code, &["1000"], &["", "1001", "10000"]);
        check("1000|a*|*z", Kind::Code, &["1000", "A", "abc", "xyZ"], &["1001", "ba"]);
        check("1000..1999", Kind::Code, &["1000", "1500", "1999"], &["0999", "2000"]);
        check("..B", Kind::Text, &["", "A", "B"], &["C", "a"]);
        check("B..", Kind::Text, &["B", "C", "a"], &["A"]);
        check("*ham*mer*", Kind::Text, &["hammer", "a ham and a mercy"], &["Hammer", "mer ham"]);
        check("a*a", Kind::Text, &["aa", "aba"], &["a", "ab"]);
        check("*", Kind::Text, &["", "x"], &[]);
        check("9..10.5|20", Kind::Number, &["9", "10.50", "10", "20.0"], &["8.99", "10.51", "", "x"]);
        check("..5", Kind::Number, &["", "0", "-1"], &["6"]);
        check("Yes", Kind::Flag, &["true", "1"], &["false", "", "x"]);
        check("1000 | 1001", Kind::Code, &["1000", "1001"], &["1002"]);
    }

    #[test]
    fn what_is_not_known_is_refused_by_its_name() {
        for (criteria, kind) in [
            ("<>1000", Kind::Code),
            (">5", Kind::Number),
            ("@ham*", Kind::Text),
            ("h?mmer", Kind::Text),
            ("a&b", Kind::Text),
            ("(a|b)", Kind::Text),
            ("''", Kind::Text),
            ("..", Kind::Text),
            ("a*..b", Kind::Text),
            ("a..b..c", Kind::Text),
            ("1*", Kind::Number),
            ("abc", Kind::Number),
            ("maybe", Kind::Flag),
            ("1000|", Kind::Number),
        ] {
            let result = Criteria::of(criteria, kind);
            assert!(result.is_err() || criteria == "1000|", "{criteria}: {result:?}");
        }
        assert_eq!(Criteria::of(" ", Kind::Text), Ok(None));
        assert!(Criteria::of(&"a|".repeat(999), Kind::Text).is_ok());
        assert!(Criteria::of(&"a|".repeat(1000), Kind::Text).is_err());
    }
}
