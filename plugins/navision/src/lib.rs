//! Dynamics NAV (Navision) as its clients know it: a facade that answers in the stead of an item page's web service.
//!
//! Registered as `soap.facade` under the key `navision`, for a page `Item`; a customer's crate can register [`NavisionFacade::of`]
//! another page's name under a key of its own. Pure: the endpoint reads envelopes and checks credentials, the desk stores.
//!
//! # What is answered
//! `Read`, `ReadMultiple`, `IsUpdated`, `Create`, `CreateMultiple`, `Update`, `UpdateMultiple` and `Delete`, document/literal, by HTTP
//! Basic. What `Multiple` brings is stored as a whole or not at all, unless the tenant's own rules refuse some of it.
//!
//! # Keys
//! A record's `Key` names the item and its content. Who changes or deletes by a key that is not the present one gets the fault
//! that another user has changed the record, as in NAV. Two calls of one tenant that write do so one after the other.
//!
//! # What becomes what
//! `No` is the sku, `Description` the title in the profile's language (an empty one is the number), `Blocked` makes an item inactive,
//! `Type` `Service` is the kind `service`. `GTIN` is an identifier, `Item_Category_Code` a category of the system `navision`, `Inventory`
//! the quantity of the availability, `Unit_Price` the price of kind `list` in the profile's currency, in the base unit and with or
//! without tax as the record says. Every other field of the page is an attribute of the system `navision`.
//!
//! # Filters
//! `a..b`, `..b`, `a..`, `*` and `|`, on every field of the page; several filters must all hold. Numbers are compared by
//! their size, texts by their characters (`No` and other codes without regard to case). Everything else is refused by a fault.
//!
//! # Losses
//! Number series: a record without `No` is refused. Fields that are not on the page are refused, too, as NAV does.
//! `ReadByRecId`, `GetRecIdFromKey` and reading backwards are not there.

mod criteria;
mod facade;
mod key;
mod page;
mod record;
mod words;

use plugpoint_sdk::points::soap_facade;
use plugpoint_sdk::registry::Registrar;

pub use facade::NavisionFacade;

/// The system of everything that only NAV defines.
pub const SYSTEM: &str = "navision";

/// Makes the facade `navision` known, for profiles that name it.
pub fn register(registrar: &mut Registrar) {
    registrar.provide_keyed(&soap_facade::POINT, "navision", "navision.facade", NavisionFacade::default());
}
