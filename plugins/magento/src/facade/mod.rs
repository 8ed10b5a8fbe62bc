//! The facade: answers the clients of a Magento 1 shop in its stead, SOAP v2 in rpc/encoded style.
//!
//! Registered as `soap.facade` under the key `magento`. The endpoint has found out who calls before this is asked; what is stored
//! goes to the desk. It keeps nothing between two calls.
//!
//! # What is answered
//! `service` has the operations. `call` and `multiCall` of the first version take the same operations by their paths
//! (`catalog_product.create`) or names; each call of a `multiCall` has a result or a fault of its own.
//!
//! # Products and their ids
//! The catalog knows items by their sku, the service by a number as well. `ids` derives the number from the sku, so it is the same
//! for ever and for whatever way the item came in, and nothing is stored for it. Two skus of one catalog may have one number; then
//! the number names neither, and a client is told to use the sku. As in the shop, a product given as digits is an id unless
//! the identifier's type says `sku`.
//!
//! # Store views
//! `0`, `1`, `admin`, `default` and none are the profile's language. A view that is named like a language (`de`, `de_AT`) is that
//! language's texts; any other is fault 100.
//!
//! # Losses
//! Those of the [format](crate), tier prices above all. `created_at` and `updated_at` are not told. Filters are for id, sku,
//! name, type, set and status; others are refused.

mod arguments;
mod ids;
mod info;
mod list;
mod many;
mod merge;
mod product;
mod service;
mod stock;
mod store;
mod value;
mod words;

use plugpoint_sdk::codes;
use plugpoint_sdk::error::ApiError;
use plugpoint_sdk::facade::{
    FacadeCall, FacadeDesk, FacadeError, FacadeOutcome, FacadeTerms, FacadeWords, SessionTravel,
};
use plugpoint_sdk::model::{Item, ItemData};
use plugpoint_sdk::points::soap_facade::SoapFacade;
use plugpoint_sdk::profile::Profile;

use arguments::Arguments;
use service::Operation;
use value::Value;

/// Speaks as a Magento 1 shop. It has no settings but those of the profile.
#[derive(Debug, Clone, Copy, Default)]
pub struct MagentoFacade;

impl SoapFacade for MagentoFacade {
    fn terms(&self) -> FacadeTerms {
        FacadeTerms {
            namespace: service::NAMESPACE,
            operations: service::FACADE_OPERATIONS,
            sessions: SessionTravel::Argument(service::SESSION),
            is_encoded: true,
            words: FacadeWords {
                session: words::SESSION_EXPIRED,
                credentials: words::ACCESS_DENIED,
                operation: words::PATH_INVALID,
                invalid: words::PARAMETER_MISSING,
                busy: words::BUSY,
                failed: words::INTERNAL,
            },
        }
    }

    fn wsdl(&self, address: &str) -> Result<String, ApiError> {
        Ok(service::wsdl(address))
    }

    fn answer(&self, call: &FacadeCall<'_>, desk: &mut FacadeDesk<'_>) -> Result<String, FacadeError> {
        let Some(operation) = service::operation(call.operation.name()) else {
            return Err(words::PATH_INVALID.fault("").into());
        };
        let arguments = Arguments::of_message(call.operation, operation);
        let mut shop = Shop { desk, profile: call.profile };
        let result = shop.answer(operation, &arguments)?;
        Ok(value::response(operation, &result))
    }
}

/// The shop for the time of one call.
struct Shop<'c, 'd> {
    desk: &'c mut FacadeDesk<'d>,
    profile: &'c Profile,
}

impl Shop<'_, '_> {
    fn answer(&mut self, operation: &Operation, arguments: &Arguments<'_>) -> Result<Value, FacadeError> {
        match operation.name {
            "login" => self.login(arguments),
            "endSession" => {
                self.desk.sign_out()?;
                Ok(Value::Bool(true))
            }
            "call" => self.call(arguments),
            "multiCall" => self.multi_call(arguments),
            _ => self.work(operation, arguments),
        }
    }

    /// The operations of which a call may be one among several.
    fn work(&mut self, operation: &Operation, arguments: &Arguments<'_>) -> Result<Value, FacadeError> {
        match operation.name {
            "catalogProductCreate" => self.create(arguments),
            "catalogProductUpdate" => self.update(arguments),
            "catalogProductDelete" => self.delete(arguments),
            "catalogProductInfo" => self.info(arguments),
            "catalogProductList" => self.list(arguments),
            "catalogInventoryStockItemList" => self.stock_list(arguments),
            "catalogInventoryStockItemUpdate" => self.stock_update(arguments),
            _ => Err(words::PATH_INVALID.fault("").into()),
        }
    }

    fn login(&mut self, arguments: &Arguments<'_>) -> Result<Value, FacadeError> {
        let user = arguments.text("username").unwrap_or_default();
        let secret = arguments.text("apiKey").unwrap_or_default();
        Ok(Value::Text(self.desk.sign_in(user, secret)?))
    }

    /// Puts one item in and waits until it is there.
    fn put(&mut self, item: ItemData) -> Result<(), FacadeError> {
        if let Err(findings) = Item::try_from_data(item.clone()) {
            let first = findings.first();
            let said = first.map(|finding| match &finding.path {
                Some(path) => format!("{path}: {}", finding.message),
                None => finding.message.clone(),
            });
            return Err(words::DATA_INVALID.fault(&said.unwrap_or_default()).into());
        }
        let outcome = self.desk.put(vec![item])?;
        done(&outcome)
    }

    /// Takes one item out and waits until it is gone.
    fn remove(&mut self, sku: &str) -> Result<(), FacadeError> {
        let outcome = self.desk.remove(&[sku])?;
        done(&outcome)
    }
}

/// Whether the shop can say that it is done.
fn done(outcome: &FacadeOutcome) -> Result<(), FacadeError> {
    if outcome.is_pending() {
        let detail = "the change is kept and will be carried out, but others are still before it";
        return Err(ApiError::new(&codes::UNAVAILABLE, detail).retry_after(30).into());
    }
    if outcome.is_whole() { Ok(()) } else { Err(words::DATA_INVALID.fault(&outcome.reason()).into()) }
}
