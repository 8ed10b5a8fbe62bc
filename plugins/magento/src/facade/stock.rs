//! The stock of products.

use plugpoint_sdk::facade::FacadeError;
use plugpoint_sdk::model::ItemData;

use super::arguments::{Arguments, values};
use super::product::{missing, required};
use super::value::Value;
use super::{Shop, ids, info, merge, words};

/// Products that are asked for at once.
const PRODUCTS_MAX: usize = 1000;

impl Shop<'_, '_> {
    pub(super) fn stock_list(&mut self, arguments: &Arguments<'_>) -> Result<Value, FacadeError> {
        let products = values(arguments.get("products").ok_or_else(|| missing("products"))?);
        if products.len() > PRODUCTS_MAX {
            let said = format!("More than {PRODUCTS_MAX} products are asked for at once.");
            return Err(words::DATA_INVALID.fault(&said).into());
        }
        let mut entries = Vec::new();
        for product in products {
            // What is not there is not in the list, as in the shop.
            entries.extend(self.product(product, false)?.map(|item| entry(&item.data)));
        }
        Ok(Value::List("catalogInventoryStockItemEntity", entries))
    }

    pub(super) fn stock_update(&mut self, arguments: &Arguments<'_>) -> Result<Value, FacadeError> {
        let product = required(arguments, "product")?;
        let data = arguments.get("data").ok_or_else(|| missing("data"))?;
        let unknown = || words::PRODUCT_UNKNOWN.fault("");
        let mut item = self.product(product, false)?.ok_or_else(unknown)?.data;
        merge::stock(&mut item, data, self.profile)?;
        self.put(item)?;
        Ok(Value::Int(1))
    }
}

fn entry(item: &ItemData) -> Value {
    let availability = item.availability.as_ref();
    let quantity = availability.and_then(|it| it.quantity).unwrap_or_default();
    let in_stock = if availability.is_some_and(|it| it.status == "in_stock") { "1" } else { "0" };
    Value::Struct(
        "catalogInventoryStockItemEntity",
        vec![
            ("product_id", Value::Text(ids::id_of(&item.sku).to_string())),
            ("sku", Value::Text(item.sku.clone())),
            ("qty", Value::Text(info::number(quantity))),
            ("is_in_stock", Value::Text(in_stock.to_owned())),
        ],
    )
}
