//! Creating, changing, removing and telling of one product.

use plugpoint_sdk::facade::{FacadeError, FacadeItem};
use plugpoint_sdk::model::{Attribute, ItemData};

use super::arguments::Arguments;
use super::value::Value;
use super::{Shop, ids, info, merge, store, words};
use crate::item::{SYSTEM, kind_of};

/// The types of products that the service knows.
const TYPES: [&str; 6] = ["simple", "grouped", "configurable", "virtual", "bundle", "downloadable"];

impl Shop<'_, '_> {
    pub(super) fn create(&mut self, arguments: &Arguments<'_>) -> Result<Value, FacadeError> {
        let (kind, set) = (required(arguments, "type")?, required(arguments, "set")?);
        let sku = required(arguments, "sku")?;
        if !TYPES.contains(&kind) {
            return Err(words::TYPE_UNKNOWN.fault("").into());
        }
        let language = store::language(arguments, self.profile)?;
        if self.desk.item(sku)?.is_some() {
            return Err(words::DATA_INVALID.fault("The value of attribute \"SKU\" must be unique").into());
        }
        let set = Attribute {
            name: "set".to_owned(),
            values: vec![set.to_owned()],
            system: Some(SYSTEM.to_owned()),
            ..Attribute::default()
        };
        let mut item =
            ItemData { sku: sku.to_owned(), kind: kind_of(kind), attributes: vec![set], ..ItemData::default() };
        let data = arguments.get("productData").ok_or_else(|| missing("productData"))?;
        merge::product(&mut item, data, &language, self.profile)?;
        self.put(item)?;
        Ok(Value::Int(ids::id_of(sku)))
    }

    pub(super) fn update(&mut self, arguments: &Arguments<'_>) -> Result<Value, FacadeError> {
        let language = store::language(arguments, self.profile)?;
        let data = arguments.get("productData").ok_or_else(|| missing("productData"))?;
        let mut item = self.find(arguments)?.data;
        merge::product(&mut item, data, &language, self.profile)?;
        self.put(item)?;
        Ok(Value::Bool(true))
    }

    pub(super) fn delete(&mut self, arguments: &Arguments<'_>) -> Result<Value, FacadeError> {
        let item = self.find(arguments)?.data;
        self.remove(&item.sku)?;
        Ok(Value::Int(1))
    }

    pub(super) fn info(&mut self, arguments: &Arguments<'_>) -> Result<Value, FacadeError> {
        let language = store::language(arguments, self.profile)?;
        let item = self.find(arguments)?.data;
        Ok(info::product(&item, &language, &info::Wanted::of(arguments.get("attributes"))))
    }

    /// The product that the arguments name.
    fn find(&mut self, arguments: &Arguments<'_>) -> Result<FacadeItem, FacadeError> {
        let product = required(arguments, "product")?;
        let by_sku = match arguments.text("productIdentifierType") {
            Some(kind) => kind.eq_ignore_ascii_case("sku"),
            None => false,
        };
        self.product(product, by_sku)?.ok_or_else(|| words::PRODUCT_UNKNOWN.fault("").into())
    }

    /// The product of an id, or of a sku: whatever is no number is one.
    pub(super) fn product(&mut self, product: &str, by_sku: bool) -> Result<Option<FacadeItem>, FacadeError> {
        let digits = product.strip_prefix(['+', '-']).unwrap_or(product);
        let is_number = product == "0"
            || !digits.starts_with('0') && !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
        if by_sku || !is_number {
            return Ok(self.desk.item(product)?);
        }
        let Ok(id) = product.parse::<u64>() else { return Ok(None) };
        match ids::sku_of(self.desk, id)? {
            Some(sku) => Ok(self.desk.item(&sku)?),
            None => Ok(None),
        }
    }
}

/// An argument that has to be there.
pub(super) fn required<'m>(arguments: &Arguments<'m>, name: &'static str) -> Result<&'m str, FacadeError> {
    arguments.text(name).ok_or_else(|| missing(name))
}

pub(super) fn missing(name: &str) -> FacadeError {
    words::PARAMETER_MISSING.fault(name).into()
}
