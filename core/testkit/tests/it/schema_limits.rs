//! Every documented limit of every published type is enforced at exactly that limit: the value at the limit is taken, the
//! one just beyond is refused with the right pointer and code. Generated from the descriptions of all types that are linked
//! in; a new type is covered by being declared. Those of an item are also held against a running server.

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use plugpoint_sdk::codes::finding::{FIELD_LENGTH, FIELD_PATTERN, FIELD_RANGE};
use plugpoint_sdk::error::FieldError;
use plugpoint_sdk::schema::{Body, Entry, Field, Limit, Refusal, Rule, Rules, Shape, TypeInfo, entries, limits};
use plugpoint_testkit::{TestServer, TestTenant};
use serde_json::{Map, Value, json};

/// The smallest step of a decimal.
const STEP: &str = "0.000000000000001";

#[test]
fn every_documented_limit_is_enforced_at_exactly_that_limit() {
    let mut seen = 0;
    for entry in entries() {
        let subject = Subject { entry, check: &entry.check_json };
        accept(&subject, &sample(entry.info), "the sample");
        for limit in limits::of(entry.info) {
            hold(&subject, &limit);
            seen += 1;
        }
    }
    assert!(seen > 150, "only {seen} limits: are the types linked in?");
}

#[test]
fn the_server_enforces_every_documented_limit_of_an_item() {
    let server = TestServer::start();
    let tenant = server.tenant("limits", None, "");
    let all = entries();
    let item = all.iter().find(|entry| entry.info.name == "Item").expect("the type Item");
    let Body::Object(fields) = &item.info.body else { panic!("an item is an object") };
    let mut seen = 0;
    for entry in &all {
        let field = fields.iter().find(|field| named(&field.shape).is_some_and(|info| info.name == entry.info.name));
        let place = match field {
            Some(field) => Place { tenant: &tenant, item: sample(item.info), field: Some(field) },
            None if entry.info.name == "Item" => Place { tenant: &tenant, item: json!({}), field: None },
            None => continue,
        };
        let check = |document: &str| place.put(document);
        let subject = Subject { entry, check: &check };
        for limit in limits::of(entry.info) {
            hold(&subject, &limit);
            seen += 1;
        }
    }
    assert!(seen > 80, "only {seen} limits");
}

/// A type, and who is asked whether a value of it is taken.
struct Subject<'a> {
    entry: &'a Entry,
    check: &'a dyn Fn(&str) -> Result<(), Refusal>,
}

/// Where in an item a value stands, and the tenant that sends it.
struct Place<'a> {
    tenant: &'a TestTenant<'a>,
    item: Value,
    field: Option<&'static Field>,
}

impl Place<'_> {
    fn put(&self, document: &str) -> Result<(), Refusal> {
        let document: Value = serde_json::from_str(document).expect("the test's own JSON");
        let (mut item, mut prefix) = (self.item.clone(), String::new());
        match self.field {
            None => item = document,
            Some(Field { name, shape, .. }) => {
                let is_list = matches!(shape, Shape::List(_));
                prefix = if is_list { format!("/{name}/0") } else { format!("/{name}") };
                item[*name] = if is_list { json!([document]) } else { document };
            }
        }
        // Of an address that no sku can have, an item without one is still refused for what it lacks.
        let sku = item["sku"].as_str().filter(|sku| !sku.is_empty()).unwrap_or("-").to_owned();
        let path = format!("/v1/catalogs/limits/items/{}", utf8_percent_encode(&sku, NON_ALPHANUMERIC));
        let answer = self.tenant.put(&path, &item);
        if matches!(answer.status, 200 | 201) {
            return Ok(());
        }
        let errors = answer.body["errors"].as_array().cloned().unwrap_or_default();
        let text = |error: &Value, name: &str| error[name].as_str().unwrap_or_default().to_owned();
        let errors = errors.iter().filter(|error| error["code"] != "field_invalid" || errors.len() == 1);
        let errors: Vec<_> = errors
            .map(|error| FieldError {
                pointer: text(error, "pointer").strip_prefix(&prefix).unwrap_or_default().to_owned(),
                code: text(error, "code"),
                message: text(error, "message"),
            })
            .collect();
        let of_rules = |error: &&FieldError| [FIELD_LENGTH, FIELD_PATTERN, FIELD_RANGE].contains(&error.code.as_str());
        match errors.as_slice() {
            [error] if ["field_invalid", "field_unknown", "field_required"].contains(&error.code.as_str()) => {
                Err(Refusal::Shape(error.message.clone()))
            }
            [] => panic!("{path}: {answer:?}"),
            // What an item is refused for beside its declared limits, as an unknown currency, is tested elsewhere.
            _ => Err(Refusal::Rules(errors.iter().filter(of_rules).cloned().collect())),
        }
    }
}

/// The type that a field holds, one or many of.
fn named(shape: &Shape) -> Option<&'static TypeInfo> {
    match shape {
        Shape::Named(info) => Some(info()),
        Shape::Optional(inner) | Shape::List(inner) => named(inner),
        _ => None,
    }
}

fn hold(subject: &Subject<'_>, limit: &Limit) {
    let entry = subject.entry;
    let (shape, rules) = target(entry.info, &limit.pointer);
    match &limit.rule {
        Rule::Required => {
            let mut document = sample(entry.info);
            let name = &limit.pointer[1..];
            document.as_object_mut().and_then(|object| object.remove(name)).expect("a required field is in the sample");
            refuse_shape(subject, &document, &format!("missing field `{name}`"));
        }
        Rule::NoOtherFields => {
            let mut document = sample(entry.info);
            document["no_such_field"] = json!(1);
            refuse_shape(subject, &document, "unknown field `no_such_field`");
        }
        &Rule::Enum(count) => {
            let Body::Words(words) = &entry.info.body else { panic!("only words have an enum") };
            assert_eq!(words.len(), count);
            words.iter().for_each(|word| accept(subject, &json!(word.name), word.name));
            refuse_shape(subject, &json!("no_such_word"), "unknown variant `no_such_word`");
        }
        &Rule::MinLength(min) => {
            both(subject, limit, FIELD_LENGTH, json!(text(&rules, min)), json!(text(&Rules::NONE, min - 1)))
        }
        &Rule::MaxLength(max) => {
            both(subject, limit, FIELD_LENGTH, json!(text(&rules, max)), json!(text(&rules, max + 1)))
        }
        &Rule::MinItems(min) => {
            both(subject, limit, FIELD_LENGTH, list(shape, &rules, min), list(shape, &rules, min - 1))
        }
        &Rule::MaxItems(max) => {
            both(subject, limit, FIELD_LENGTH, list(shape, &rules, max), list(shape, &rules, max + 1))
        }
        &Rule::Minimum(min) => both(subject, limit, FIELD_RANGE, number(shape, min), beside(shape, min, -1)),
        &Rule::Maximum(max) => both(subject, limit, FIELD_RANGE, number(shape, max), beside(shape, max, 1)),
        &Rule::ExclusiveMinimum(min) => both(subject, limit, FIELD_RANGE, beside(shape, min, 1), number(shape, min)),
        Rule::Pattern(text) if matches!(shape, Shape::Decimal) => decimals(subject, limit, text),
        Rule::Pattern(_) => {
            let len = rules.length_min.unwrap_or(1).max(1);
            for wrong in ["\u{7}", " ", "\n", "\u{85}", "\u{200b}"] {
                both(subject, limit, FIELD_PATTERN, json!(text_of(&rules, len)), json!(wrong.repeat(len)));
            }
        }
    }
}

/// Near every bound, the server takes exactly what has the published form. (A minus before a zero is lost in reading: -0 is 0.)
fn decimals(subject: &Subject<'_>, limit: &Limit, pattern: &str) {
    let entry = subject.entry;
    let form = regex(pattern);
    let near = [
        STEP,
        "0",
        "00",
        "1",
        "-1",
        "0001.000",
        "1.0",
        "1.000000000000001",
        "1.000000000000000",
        "0.999999999999999",
        "2",
        "9999999999999.999999999999999",
        "10000000000000",
        "0.0000000000000001",
        "12,5",
        "+1",
        "1e3",
        "",
        " 1",
        ".5",
        "5.",
        "-",
    ];
    for text in near {
        let outcome = (subject.check)(&with(entry.info, &limit.pointer, json!(text)).to_string());
        assert_eq!(outcome.is_ok(), form(text), "{} {limit:?}: {text:?}: {outcome:?}", entry.info.path);
    }
    refuse_shape(subject, &with(entry.info, &limit.pointer, json!(12.5)), "a decimal as a string");
}

/// The published form as a function. Rust's expressions know no lookahead; the one there is says "not zero".
fn regex(pattern: &str) -> impl Fn(&str) -> bool {
    let plain = regex::Regex::new(&pattern.replace("(?=.*[1-9])", "")).expect("a pattern");
    let not_zero = pattern.contains("(?=.*[1-9])");
    move |text| plain.is_match(text) && (!not_zero || text.contains(|digit: char| ('1'..='9').contains(&digit)))
}

fn both(subject: &Subject<'_>, limit: &Limit, code: &str, at: Value, beyond: Value) {
    let entry = subject.entry;
    accept(subject, &with(entry.info, &limit.pointer, at), &format!("{limit:?}"));
    let document = with(entry.info, &limit.pointer, beyond);
    match (subject.check)(&document.to_string()) {
        Err(Refusal::Rules(errors)) => {
            let pointer = limit.pointer.replace('*', "0");
            let found: Vec<_> = errors.iter().map(|error| (error.pointer.as_str(), error.code.as_str())).collect();
            assert_eq!(found, [(pointer.as_str(), code)], "{limit:?}");
        }
        // Below 0 an unsigned number does not even become one, and an identifier is only ever made through its check.
        Err(Refusal::Shape(message)) => {
            let unreadable =
                matches!(limit.rule, Rule::Minimum(0) | Rule::Maximum(_)) && message.contains("invalid value");
            assert!(unreadable || matches!(entry.info.body, Body::Newtype(_)), "{limit:?}: {message}");
        }
        Ok(()) => panic!("{}: {limit:?} took what lies beyond", entry.info.path),
    }
}

fn accept(subject: &Subject<'_>, document: &Value, what: &str) {
    let outcome = (subject.check)(&document.to_string());
    assert_eq!(outcome, Ok(()), "{}: {what}", subject.entry.info.path);
}

fn refuse_shape(subject: &Subject<'_>, document: &Value, parts: &str) {
    match (subject.check)(&document.to_string()) {
        Err(Refusal::Shape(message)) => {
            assert!(parts.split('|').any(|part| message.contains(part)), "{}: {message}", subject.entry.info.path);
        }
        other => panic!("{}: {parts}: {other:?}", subject.entry.info.path),
    }
}

/// The shape and rules at a pointer; an optional value is what it is when it is there.
fn target(info: &'static TypeInfo, pointer: &str) -> (&'static Shape, Rules) {
    let mut parts = pointer.split('/').skip(1);
    let field: &'static Field = match (&info.body, parts.next()) {
        (Body::Object(fields), Some(name)) => fields.iter().find(|field| field.name == name).expect("a declared field"),
        (Body::Newtype(field), None) => field,
        _ => return (&Shape::Bool, Rules::NONE),
    };
    let inner = |shape: &'static Shape| if let Shape::Optional(inner) = shape { *inner } else { shape };
    let (mut shape, mut rules) = (inner(&field.shape), field.rules);
    for _ in parts {
        let Shape::List(entry) = shape else { panic!("{pointer} is no list") };
        (shape, rules) = (inner(entry), rules.each.copied().unwrap_or(Rules::NONE));
    }
    (shape, rules)
}

/// The sample document of a type with one value put in.
fn with(info: &'static TypeInfo, pointer: &str, value: Value) -> Value {
    if pointer.is_empty() {
        return value;
    }
    let mut document = sample(info);
    let mut parts = pointer[1..].split('/');
    let name = parts.next().expect("a field");
    document[name] = parts.fold(value, |value, _| json!([value]));
    document
}

/// The smallest valid document of a type.
fn sample(info: &'static TypeInfo) -> Value {
    match &info.body {
        Body::Words(words) => json!(words[0].name),
        Body::Newtype(field) => value(&field.shape, &field.rules),
        Body::Object(fields) => {
            let required = fields.iter().filter(|field| field.required);
            Value::Object(
                required.map(|field| (field.name.to_owned(), value(&field.shape, &field.rules))).collect::<Map<_, _>>(),
            )
        }
    }
}

fn value(shape: &'static Shape, rules: &Rules) -> Value {
    match shape {
        Shape::Bool => json!(true),
        Shape::Integer(_) | Shape::Float => json!(rules.min.or(rules.exclusive_min.map(|min| min + 1)).unwrap_or(0)),
        Shape::Decimal => json!("1"),
        Shape::Timestamp => json!("2026-01-31T12:00:00Z"),
        Shape::Uuid => json!("01890a5d-ac96-774b-bcce-b302099a8057"),
        Shape::Text => json!(text_of(rules, rules.length_min.unwrap_or(1))),
        Shape::Named(info) => sample(info()),
        Shape::Optional(inner) => value(inner, rules),
        Shape::List(_) => list(shape, rules, rules.length_min.unwrap_or(0)),
        Shape::AnswerOnly => json!({}),
    }
}

fn list(shape: &'static Shape, rules: &Rules, len: usize) -> Value {
    let Shape::List(inner) = shape else { panic!("no list") };
    let entry = value(inner, rules.each.unwrap_or(&Rules::NONE));
    Value::Array(vec![entry; len])
}

/// A text of so many characters (of two bytes each, where the pattern allows) that has the declared form.
fn text(rules: &Rules, len: usize) -> String {
    let fits = |text: &String| rules.pattern.is_none_or(|pattern| pattern.is_match(text));
    let texts = ["ä", "a", "A", "0"].iter().map(|letter| letter.repeat(len));
    texts.into_iter().find(fits).unwrap_or_else(|| panic!("no text of {len} for {rules:?}"))
}

/// A text of the declared form, of that length if the form leaves it free.
fn text_of(rules: &Rules, len: usize) -> String {
    let Some(pattern) = rules.pattern else { return text(rules, len) };
    let free = ["ä", "a", "A", "0"].iter().map(|letter| letter.repeat(len));
    let fixed = ["en", "EUR", "2026-01-31", "tab"].into_iter().map(str::to_owned);
    free.chain(fixed).find(|text| pattern.is_match(text)).unwrap_or_else(|| panic!("no text for {pattern:?}"))
}

fn number(shape: &Shape, bound: i128) -> Value {
    match shape {
        Shape::Decimal => json!(bound.to_string()),
        Shape::Float => json!(bound as f64),
        _ => json!(i64::try_from(bound).expect("documented bounds are small")),
    }
}

/// The nearest value above or below a bound.
fn beside(shape: &Shape, bound: i128, side: i64) -> Value {
    match shape {
        Shape::Float => json!(if side > 0 { (bound as f64).next_up() } else { (bound as f64).next_down() }),
        Shape::Decimal if side > 0 => json!(format!("{bound}.{}", &STEP[2..])),
        // Bounds of decimals are 0 or above, so the nearest one below has another whole part, or a sign.
        Shape::Decimal if bound > 0 => json!(format!("{}.{}", bound - 1, "9".repeat(15))),
        Shape::Decimal => json!(format!("-{STEP}")),
        _ => json!(i64::try_from(bound).expect("documented bounds are small") + side),
    }
}
