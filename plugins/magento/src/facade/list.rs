//! `catalogProductList`: the products that pass all filters.
//!
//! The service has no pages: whoever wants a part says so by filters. Filters for id and sku are held against the numbers
//! alone before an item is read. A list that would be too long is a fault, not a part of a list.

use plugpoint_sdk::error::quoted;
use plugpoint_sdk::facade::FacadeError;
use plugpoint_sdk::model::ItemData;
use plugpoint_sdk::xml::Element;

use super::arguments::{Arguments, fields, values};
use super::value::Value;
use super::{Shop, ids, info, merge, store, words};

/// Products in one answer.
const PRODUCTS_MAX: usize = 50_000;
/// Filters in one question.
const FILTERS_MAX: usize = 64;
/// Items that are read at once.
const PAGE: u32 = 500;
/// Item numbers that are read at once.
const NUMBERS: u32 = 10_000;

/// One condition.
#[derive(Debug)]
struct Filter<'m> {
    field: Field,
    test: Test<'m>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Field {
    Id,
    Sku,
    Name,
    Type,
    Set,
    Status,
}

#[derive(Debug)]
enum Test<'m> {
    Equal(&'m str),
    NotEqual(&'m str),
    Like(&'m str),
    NotLike(&'m str),
    In(Vec<&'m str>),
    NotIn(Vec<&'m str>),
    Greater(&'m str),
    GreaterOrEqual(&'m str),
    Less(&'m str),
    LessOrEqual(&'m str),
}

impl Shop<'_, '_> {
    pub(super) fn list(&mut self, arguments: &Arguments<'_>) -> Result<Value, FacadeError> {
        let language = store::language(arguments, self.profile)?;
        let filters = arguments.get("filters").map(filters).transpose()?.unwrap_or_default();
        let (by_number, others): (Vec<_>, Vec<_>) =
            filters.into_iter().partition(|filter| matches!(filter.field, Field::Id | Field::Sku));
        let mut products = Vec::new();
        let mut take = |item: &ItemData| {
            if others.iter().all(|filter| filter.passes(&filter.field.of(item, &language))) {
                products.push(info::entry(item, &language));
            }
            if products.len() > PRODUCTS_MAX {
                let said = format!("More than {PRODUCTS_MAX} products pass the filters.");
                return Err(FacadeError::from(words::DATA_INVALID.fault(&said)));
            }
            Ok(())
        };
        match by_number.is_empty() {
            true => self.each_item(&mut take)?,
            false => self.each_numbered(&by_number, &mut take)?,
        }
        Ok(Value::List("catalogProductEntity", products))
    }

    fn each_item(&mut self, take: &mut dyn FnMut(&ItemData) -> Result<(), FacadeError>) -> Result<(), FacadeError> {
        let mut after: Option<String> = None;
        loop {
            let page = self.desk.items(after.as_deref(), PAGE)?;
            let Some(last) = page.last() else { return Ok(()) };
            after = Some(last.data.sku.clone());
            page.iter().try_for_each(|item| take(&item.data))?;
        }
    }

    fn each_numbered(
        &mut self,
        filters: &[Filter<'_>],
        take: &mut dyn FnMut(&ItemData) -> Result<(), FacadeError>,
    ) -> Result<(), FacadeError> {
        let mut after: Option<String> = None;
        loop {
            let page = self.desk.skus(after.as_deref(), NUMBERS)?;
            let Some(last) = page.last() else { return Ok(()) };
            after = Some(last.clone());
            for sku in page.iter().filter(|sku| filters.iter().all(|filter| filter.passes(&filter.field.of_sku(sku)))) {
                if let Some(item) = self.desk.item(sku)? {
                    take(&item.data)?;
                }
            }
        }
    }
}

impl Field {
    fn named(name: &str) -> Option<Self> {
        Some(match name {
            "product_id" | "entity_id" => Self::Id,
            "sku" => Self::Sku,
            "name" => Self::Name,
            "type" | "type_id" => Self::Type,
            "set" | "attribute_set_id" => Self::Set,
            "status" => Self::Status,
            _ => return None,
        })
    }

    fn of(self, item: &ItemData, language: &str) -> String {
        match self {
            Self::Id | Self::Sku => self.of_sku(&item.sku),
            Self::Name => info::title(item, language).to_owned(),
            Self::Type => info::kind(item).to_owned(),
            Self::Set => info::set(item).to_owned(),
            Self::Status => merge::status_of(item).to_owned(),
        }
    }

    fn of_sku(self, sku: &str) -> String {
        if self == Self::Id { ids::id_of(sku).to_string() } else { sku.to_owned() }
    }
}

/// The filters of a question: simple and complex ones, or those of the first version, fields with values or conditions.
fn filters(given: &Element) -> Result<Vec<Filter<'_>>, FacadeError> {
    let mut filters = Vec::new();
    let parts = ["filter", "complex_filter"];
    let is_of_the_second = given.children().iter().all(|child| parts.contains(&child.name()));
    if is_of_the_second {
        for (name, value) in parts.iter().flat_map(|part| given.child(part)).flat_map(fields) {
            conditions(name, value, &mut filters)?;
        }
    } else {
        for (name, value) in fields(given) {
            conditions(name, value, &mut filters)?;
        }
    }
    if filters.len() > FILTERS_MAX {
        return Err(invalid(format!("There are more than {FILTERS_MAX} filters.")));
    }
    Ok(filters)
}

fn conditions<'m>(name: &str, value: &'m Element, filters: &mut Vec<Filter<'m>>) -> Result<(), FacadeError> {
    let unknown = || invalid(format!("{} is no field that products can be filtered by.", quoted(name, 80)));
    let field = Field::named(name).ok_or_else(unknown)?;
    if value.children().is_empty() {
        filters.push(Filter { field, test: Test::Equal(value.text().trim()) });
        return Ok(());
    }
    let pairs = match (value.child_text("key"), value.child("value")) {
        (Some(operator), Some(operand)) => vec![(operator, operand)],
        _ => fields(value),
    };
    for (operator, operand) in pairs {
        filters.push(Filter { field, test: test(operator, operand)? });
    }
    Ok(())
}

fn test<'m>(operator: &str, operand: &'m Element) -> Result<Test<'m>, FacadeError> {
    let text = operand.text().trim();
    // Lists come as such, or with commas between their values.
    let list = || match operand.children().is_empty() {
        true => text.split(',').map(str::trim).filter(|value| !value.is_empty()).collect(),
        false => values(operand),
    };
    Ok(match operator {
        "eq" => Test::Equal(text),
        "neq" => Test::NotEqual(text),
        "like" => Test::Like(text),
        "nlike" => Test::NotLike(text),
        "in" => Test::In(list()),
        "nin" => Test::NotIn(list()),
        "gt" => Test::Greater(text),
        "gteq" | "from" | "moreq" => Test::GreaterOrEqual(text),
        "lt" => Test::Less(text),
        "lteq" | "to" => Test::LessOrEqual(text),
        other => {
            return Err(invalid(format!("{} is no condition that products can be filtered by.", quoted(other, 80))));
        }
    })
}

fn invalid(said: impl AsRef<str>) -> FacadeError {
    words::DATA_INVALID.fault(said.as_ref()).into()
}

impl Filter<'_> {
    fn passes(&self, value: &str) -> bool {
        let order = |bound: &str| compared(value, bound);
        match &self.test {
            Test::Equal(wanted) => is_same(value, wanted),
            Test::NotEqual(other) => !is_same(value, other),
            Test::Like(pattern) => is_like(value, pattern),
            Test::NotLike(pattern) => !is_like(value, pattern),
            Test::In(list) => list.iter().any(|wanted| is_same(value, wanted)),
            Test::NotIn(list) => !list.iter().any(|other| is_same(value, other)),
            Test::Greater(bound) => order(bound).is_gt(),
            Test::GreaterOrEqual(bound) => order(bound).is_ge(),
            Test::Less(bound) => order(bound).is_lt(),
            Test::LessOrEqual(bound) => order(bound).is_le(),
        }
    }
}

/// As the shop's database compares: without regard to case.
fn is_same(value: &str, wanted: &str) -> bool {
    value.to_lowercase() == wanted.to_lowercase()
}

/// Numbers by their size, texts by their letters.
fn compared(value: &str, bound: &str) -> std::cmp::Ordering {
    match (value.parse::<i128>(), bound.parse::<i128>()) {
        (Ok(value), Ok(bound)) => value.cmp(&bound),
        _ => value.to_lowercase().cmp(&bound.to_lowercase()),
    }
}

/// SQL's LIKE: `%` for anything, `_` for one character. Takes as many steps as both are long together, times the number of
/// percent signs that have to be tried again, which is one.
fn is_like(value: &str, pattern: &str) -> bool {
    let value: Vec<char> = value.to_lowercase().chars().collect();
    let pattern: Vec<char> = pattern.to_lowercase().chars().collect();
    let (mut at, mut next) = (0, 0);
    let mut again: Option<(usize, usize)> = None;
    while at < value.len() {
        match pattern.get(next) {
            Some('%') => {
                again = Some((next + 1, at));
                next += 1;
            }
            Some(wanted) if *wanted == '_' || *wanted == value[at] => {
                at += 1;
                next += 1;
            }
            _ => {
                let Some((behind, from)) = again else { return false };
                again = Some((behind, from + 1));
                (next, at) = (behind, from + 1);
            }
        }
    }
    pattern[next..].iter().all(|rest| *rest == '%')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn like_is_that_of_sql() {
        let cases = [
            ("hammer", "hammer", true),
            ("Hammer", "hAM%", true),
            ("hammer", "%mm%", true),
            ("hammer", "%mmx%", false),
            ("hammer", "h_mmer", true),
            ("hammer", "h__mmer", false),
            ("hammer", "", false),
            ("", "", true),
            ("", "%%", true),
            ("a%b", "a%b", true),
            ("aaab", "%a%a%b", true),
            ("aab", "%a%a%a%b", false),
            ("Ähre", "ä%", true),
        ];
        for (value, pattern, expected) in cases {
            assert_eq!(is_like(value, pattern), expected, "{value} {pattern}");
        }
        assert!(!is_like(&"a".repeat(1000), &format!("{}b", "a%".repeat(200))), "and it ends");
    }

    #[test]
    fn numbers_are_compared_as_such() {
        let filter = |test| Filter { field: Field::Id, test };
        assert!(filter(Test::Greater("9")).passes("10") && !filter(Test::Greater("10")).passes("10"));
        assert!(filter(Test::LessOrEqual("10")).passes("10") && !filter(Test::Less("10")).passes("10"));
        assert!(filter(Test::GreaterOrEqual("a")).passes("B") && filter(Test::NotIn(vec!["x"])).passes("y"));
    }
}
