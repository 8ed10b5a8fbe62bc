//! One declaration, four uses: what `#[api_schema]` writes down about a type, and who reads it.
//!
//! The attribute fills [`TypeInfo`] tables; [`value`] checks values against them, [`openapi`] and [`xsd`] publish them,
//! [`limits`] lists them for the tests. A limit therefore exists once. Nothing here knows a particular type.

pub mod limits;
pub mod openapi;
mod pattern;
mod registry;
mod value;
mod violation;
pub mod xsd;

pub use limits::{Limit, Rule};
pub use pattern::{CURRENCY, LANGUAGE, Matcher, PRINTABLE, Pattern, TOKEN, VISIBLE};
pub use registry::{Entry, NameClash, Refusal, SchemaNames, check_json, entries};
pub use value::Value;
pub use violation::{Path, Violations};

// What the attribute's output refers to, so that a crate using it needs no dependency but the sdk.
#[doc(hidden)]
pub use {inventory, serde, utoipa};

use crate::error::FieldError;

/// Everything that is declared about one published type.
#[derive(Debug)]
pub struct TypeInfo {
    /// The name under which OpenAPI and XSD know it.
    pub name: &'static str,
    /// The Rust path, which tells two types of one name apart.
    pub path: &'static str,
    /// The doc comment.
    pub doc: &'static str,
    /// What it consists of.
    pub body: Body,
}

/// What a type consists of.
#[derive(Debug)]
pub enum Body {
    /// Named fields in the order of their declaration.
    Object(&'static [Field]),
    /// A closed list of words.
    Words(&'static [Word]),
    /// One value under a name of its own. The field's name is empty.
    Newtype(&'static Field),
}

/// One field.
#[derive(Debug)]
pub struct Field {
    /// The name in JSON.
    pub name: &'static str,
    /// The doc comment.
    pub doc: &'static str,
    /// Whether a document without it is refused.
    pub required: bool,
    /// The form of the value.
    pub shape: Shape,
    /// The declared rules.
    pub rules: Rules,
}

/// One word of a closed list.
#[derive(Debug)]
pub struct Word {
    /// The word on the wire.
    pub name: &'static str,
    /// What it means.
    pub doc: &'static str,
}

/// The form of a value, before any rule.
#[derive(Debug, Clone, Copy)]
pub enum Shape {
    /// `true` or `false`.
    Bool,
    /// A whole number of the Rust type's range.
    Integer(IntegerShape),
    /// A binary floating point number.
    Float,
    /// A text.
    Text,
    /// A decimal, as a string.
    Decimal,
    /// A point in time, as a string.
    Timestamp,
    /// A UUID, as a string.
    Uuid,
    /// A type with a description of its own.
    Named(fn() -> &'static TypeInfo),
    /// May be absent or null.
    Optional(&'static Shape),
    /// Several of one shape.
    List(&'static Shape),
    /// An object of any members that JSON answers may have; passed over where it is sent, unknown to XML.
    AnswerOnly,
}

/// The range and the names of an integer type.
#[derive(Debug, Clone, Copy)]
pub struct IntegerShape {
    /// Smallest value of the type.
    pub min: i128,
    /// Largest value of the type.
    pub max: i128,
    /// OpenAPI's `format`.
    pub format: &'static str,
    /// The XSD type.
    pub xsd: &'static str,
}

/// The declared rules of a value; what is absent is not limited.
#[derive(Debug, Clone, Copy)]
pub struct Rules {
    /// Fewest characters of a text, or entries of a list.
    pub length_min: Option<usize>,
    /// Most characters of a text, or entries of a list.
    pub length_max: Option<usize>,
    /// Smallest number.
    pub min: Option<i64>,
    /// A number that is already too small.
    pub exclusive_min: Option<i64>,
    /// Largest number.
    pub max: Option<i64>,
    /// The form of a text.
    pub pattern: Option<Pattern>,
    /// The rules of a list's entries.
    pub each: Option<&'static Rules>,
}

impl Rules {
    /// No rule.
    pub const NONE: Self = Self {
        length_min: None,
        length_max: None,
        min: None,
        exclusive_min: None,
        max: None,
        pattern: None,
        each: None,
    };

    /// Stops the compiler where a rule does not fit the value's shape, because it would be published and never enforced.
    const fn assert_fit(&self, shape: &Shape) {
        let shape = if let Shape::Optional(inner) = shape { inner } else { shape };
        let is_number = matches!(shape, Shape::Integer(_) | Shape::Float | Shape::Decimal);
        let has_range = self.min.is_some() || self.exclusive_min.is_some() || self.max.is_some();
        let has_length = self.length_min.is_some() || self.length_max.is_some();
        assert!(!has_range || is_number, "range(..) is for numbers");
        assert!(!has_length || matches!(shape, Shape::Text | Shape::List(_)), "length(..) is for texts and lists");
        assert!(self.pattern.is_none() || matches!(shape, Shape::Text), "pattern is for texts");
        // What `limits::decimal_pattern` can say; anything else would be published as a bound that no schema applies.
        let is_said = matches!(self.min, None | Some(0)) && matches!(self.exclusive_min, None | Some(0));
        let is_capped = self.max.is_none()
            || (matches!(self.max, Some(1..=9)) && (self.min.is_some() || self.exclusive_min.is_some()));
        assert!(
            !matches!(shape, Shape::Decimal) || (is_said && is_capped),
            "a decimal's range is 0 or above 0, to at most 9"
        );
        match (shape, self.each) {
            (Shape::List(inner), Some(each)) => each.assert_fit(inner),
            (_, Some(_)) => panic!("each(..) is for lists"),
            (_, None) => {}
        }
    }
}

impl Field {
    /// A field whose rules fit its shape; otherwise the crate does not compile.
    #[must_use]
    pub const fn new(name: &'static str, doc: &'static str, required: bool, shape: Shape, rules: Rules) -> Self {
        rules.assert_fit(&shape);
        Self { name, doc, required, shape, rules }
    }
}

/// A type with a description.
pub trait Described {
    /// The description.
    fn type_info() -> &'static TypeInfo;

    /// Every limit that the description states about this type itself, not about the types of its fields.
    #[must_use]
    fn limits() -> Vec<Limit> {
        limits::of(Self::type_info())
    }
}

/// A value that can be checked against its declaration.
pub trait Check {
    /// Adds every violation to `out`, with pointers that start at `at`.
    fn check_at(&self, at: &Path<'_>, out: &mut Violations);

    /// Checks the whole value. A valid value costs no allocation.
    ///
    /// # Errors
    /// The violations in the order of declaration, at most [`Violations::MAX`].
    fn check(&self) -> Result<(), Vec<FieldError>> {
        let mut out = Violations::default();
        self.check_at(&Path::ROOT, &mut out);
        out.into_result()
    }
}
