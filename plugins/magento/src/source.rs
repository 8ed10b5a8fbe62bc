//! The source: walks through all products of a shop, page by page, and writes them down.
//!
//! Called by a pull. It keeps one page of ids and one product in memory, asks no question for ever, and calls nothing whole
//! that broke off.

use std::collections::HashMap;

use plugpoint_sdk::codes;
use plugpoint_sdk::error::ApiError;
use plugpoint_sdk::points::import_source::ImportSource;
use plugpoint_sdk::pull::{PullSession, SourceError};
use plugpoint_sdk::xml::Element;

use crate::client::{ACCESS_DENIED, Client, NO_SUCH_PATH, NOT_CALLABLE};
use crate::document;
use crate::soap::{Argument, Place, Trouble};

/// The largest id of a product: Magento's column has 32 bits.
const ID_MAX: u64 = u32::MAX as u64;
/// A range without a product makes the next so many times as wide: eight questions prove the end of any shop.
const GROWTH: u64 = 16;
/// There is no product of this id, any more.
const NO_SUCH_PRODUCT: &str = "101";

const LIST: &str = "catalogProductList";
const INFO: &str = "catalogProductInfo";
const STOCK: &str = "catalogInventoryStockItemList";

/// Fetches a Magento 1 shop's products over SOAP v2. It has no settings but those of the profile.
#[derive(Debug, Clone, Copy, Default)]
pub struct MagentoSource;

impl ImportSource for MagentoSource {
    fn pull(&self, session: &mut PullSession<'_>) -> Result<(), SourceError> {
        let mut client = Client::login(session)?;
        let walked = Walk { client: &mut client, is_bounded: true, has_stock: true, done: 0 }.run();
        client.leave();
        walked
    }
}

struct Walk<'w, 's, 'a> {
    client: &'w mut Client<'s, 'a>,
    /// Whether the shop takes an upper bound of a range.
    is_bounded: bool,
    /// Whether the shop tells of its stock.
    has_stock: bool,
    done: u64,
}

impl Walk<'_, '_, '_> {
    fn run(&mut self) -> Result<(), SourceError> {
        self.write(&document::start())?;
        let page_size = u64::from(self.client.session.settings.page_size);
        let (mut last, mut width) = (0, page_size);
        while last < ID_MAX {
            let upper = (last + width).min(ID_MAX);
            let page = self.page(last, upper).map_err(|trouble| trouble.into_error(LIST))?;
            match page.last() {
                Some(highest) => {
                    self.products(&page)?;
                    (last, width) = (*highest, page_size);
                }
                None if !self.is_bounded => break,
                None => (last, width) = (upper, width.saturating_mul(GROWTH)),
            }
        }
        self.write(document::END)
    }

    /// The ids above `last`, sorted; up to `upper` if the shop can say so.
    fn page(&mut self, last: u64, upper: u64) -> Result<Vec<u64>, Trouble> {
        let listed = match self.list(last, upper) {
            // Perhaps it is the bound that the shop cannot bear.
            Err(Trouble::Fault { .. }) if self.is_bounded => {
                self.is_bounded = false;
                self.list(last, upper)
            }
            other => other,
        }?;
        let ids = listed.into_iter().collect::<Option<Vec<u64>>>();
        let mut ids = ids.ok_or_else(|| Trouble::failed(LIST, "the service lists a product without an id"))?;
        let is_empty = ids.is_empty();
        ids.retain(|id| *id > last);
        if ids.is_empty() && !is_empty {
            let what = format!("the service lists the same products again, though it was asked for those after {last}");
            return Err(Trouble::failed(LIST, what));
        }
        ids.sort_unstable();
        ids.dedup();
        Ok(ids)
    }

    fn list(&mut self, last: u64, upper: u64) -> Result<Vec<Option<u64>>, Trouble> {
        let is_bounded = self.is_bounded;
        let arguments = || {
            let mut filters = vec![("product_id", "gt", last.to_string())];
            if is_bounded {
                // The same column under its other name: two filters of one name would be one.
                filters.push(("entity_id", "lteq", upper.to_string()));
            }
            vec![Argument::Filters(filters)]
        };
        self.client.ask(LIST, &arguments, Place::Entries, &mut |entry| id_of(&entry))
    }

    /// Asks for every product of a page and writes it.
    fn products(&mut self, page: &[u64]) -> Result<(), SourceError> {
        let size = usize::try_from(self.client.session.settings.page_size).unwrap_or(usize::MAX);
        for part in page.chunks(size.max(1)) {
            let stock = self.stock(part).map_err(|trouble| trouble.into_error(STOCK))?;
            for id in part {
                if let Some(info) = self.info(*id).map_err(|trouble| trouble.into_error(INFO))? {
                    self.write(&document::product(&info, stock.get(id)))?;
                    self.count()?;
                }
            }
        }
        Ok(())
    }

    /// What the inventory has about a page. A user need not be allowed to see it.
    fn stock(&mut self, ids: &[u64]) -> Result<HashMap<u64, Element>, Trouble> {
        if !self.has_stock {
            return Ok(HashMap::new());
        }
        let arguments = || {
            let values = ids.iter().map(u64::to_string).collect();
            vec![Argument::List { rpc: "products", wsi: "productIds", values }]
        };
        let listed = self.client.ask(STOCK, &arguments, Place::Entries, &mut |entry| Some((id_of(&entry)?, entry)));
        match listed {
            Ok(listed) => Ok(listed.into_iter().flatten().filter(|(id, _)| ids.contains(id)).collect()),
            Err(Trouble::Fault { code, .. })
                if [ACCESS_DENIED, NO_SUCH_PATH, NOT_CALLABLE].contains(&code.as_str()) =>
            {
                self.has_stock = false;
                Ok(HashMap::new())
            }
            Err(trouble) => Err(trouble),
        }
    }

    /// One product; none if it has gone since it was listed.
    fn info(&mut self, id: u64) -> Result<Option<Element>, Trouble> {
        let arguments = || {
            let text = |name, value: String| Argument::Text(name, value);
            vec![text("productId", id.to_string()), text("identifierType", "id".to_owned())]
        };
        let mut answered = match self.client.ask(INFO, &arguments, Place::Part, &mut |part| part) {
            Err(Trouble::Fault { code, .. }) if code == NO_SUCH_PRODUCT => return Ok(None),
            other => other?,
        };
        match (answered.pop(), answered.is_empty()) {
            (Some(info), true) if id_of(&info).is_none_or(|told| told == id) && !info.children().is_empty() => {
                Ok(Some(info))
            }
            _ => Err(Trouble::failed(INFO, format!("the answer does not describe product {id}"))),
        }
    }

    fn count(&mut self) -> Result<(), SourceError> {
        self.done += 1;
        let records_max = self.client.session.profile.limits.records_max;
        if self.done > records_max {
            let detail = format!("the service has more than the {records_max} products that the profile allows");
            return Err(ApiError::new(&codes::LIMIT_EXCEEDED, detail).into());
        }
        self.client.session.progress(self.done, None);
        Ok(())
    }

    fn write(&mut self, text: &str) -> Result<(), SourceError> {
        self.client.session.write(text.as_bytes())
    }
}

fn id_of(element: &Element) -> Option<u64> {
    element.child_text("product_id")?.parse().ok().filter(|id| (1..=ID_MAX).contains(id))
}
