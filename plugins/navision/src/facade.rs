//! The facade: the operations of a page, one after the other.
//!
//! The endpoint has checked the credentials. It keeps nothing between two calls; what is stored goes to the desk.

use plugpoint_sdk::codes;
use plugpoint_sdk::error::{ApiError, quoted};
use plugpoint_sdk::facade::{
    Access, FacadeCall, FacadeDesk, FacadeError, FacadeItem, FacadeOperation, FacadeTerms, FacadeWords, SessionTravel,
};
use plugpoint_sdk::model::{Item, ItemData};
use plugpoint_sdk::points::soap_facade::SoapFacade;
use plugpoint_sdk::profile::Profile;
use plugpoint_sdk::xml::Element;

use crate::criteria::Criteria;
use crate::key::Key;
use crate::page::{self, Field, Home, ITEM, Page};
use crate::record::{put_over, text, value, written};
use crate::words;

/// Records in one message.
const RECORDS_MAX: usize = 1000;
/// Records in one answer.
const ANSWER_MAX: usize = 10_000;
/// Filters in one question.
const FILTERS_MAX: usize = 100;
/// Items that are read at once.
const PAGE: u32 = 500;
/// Item numbers that are read at once.
const NUMBERS: u32 = 10_000;

/// Speaks as the web service of an item page.
#[derive(Debug, Clone, Copy)]
pub struct NavisionFacade {
    page: Page,
}

impl Default for NavisionFacade {
    fn default() -> Self {
        Self { page: ITEM }
    }
}

impl NavisionFacade {
    /// For a page of another name, as in `ItemCard` of `urn:microsoft-dynamics-schemas/page/itemcard`. The name is an XML name.
    #[must_use]
    pub const fn of(name: &'static str, namespace: &'static str) -> Self {
        Self { page: Page { name, namespace } }
    }
}

impl SoapFacade for NavisionFacade {
    fn terms(&self) -> FacadeTerms {
        const OPERATIONS: &[FacadeOperation] = &[
            FacadeOperation { name: "Read", access: Access::Reads },
            FacadeOperation { name: "ReadMultiple", access: Access::Reads },
            FacadeOperation { name: "IsUpdated", access: Access::Reads },
            FacadeOperation { name: "Create", access: Access::Writes },
            FacadeOperation { name: "CreateMultiple", access: Access::Writes },
            FacadeOperation { name: "Update", access: Access::Writes },
            FacadeOperation { name: "UpdateMultiple", access: Access::Writes },
            FacadeOperation { name: "Delete", access: Access::Writes },
        ];
        FacadeTerms {
            namespace: self.page.namespace,
            operations: OPERATIONS,
            sessions: SessionTravel::HttpBasic,
            is_encoded: false,
            words: FacadeWords {
                session: words::DENIED,
                credentials: words::DENIED,
                operation: words::OPERATION,
                invalid: words::INVALID,
                busy: words::BUSY,
                failed: words::FAILED,
            },
        }
    }

    fn wsdl(&self, address: &str) -> Result<String, ApiError> {
        Ok(page::wsdl(self.page, address))
    }

    fn answer(&self, call: &FacadeCall<'_>, desk: &mut FacadeDesk<'_>) -> Result<String, FacadeError> {
        let Self { page } = *self;
        let name = call.operation.name();
        let mut service = Service { page, desk, profile: call.profile };
        let result = match name {
            "Read" => service.read(call.operation)?,
            "ReadMultiple" => service.read_multiple(call.operation)?,
            "IsUpdated" => service.is_updated(call.operation)?,
            "Create" => service.create(&[service.record(call.operation)?])?,
            "CreateMultiple" => list_of(page, &service.create(&service.records(call.operation)?)?),
            "Update" => service.update(&[service.record(call.operation)?])?,
            "UpdateMultiple" => list_of(page, &service.update(&service.records(call.operation)?)?),
            "Delete" => service.delete(call.operation)?,
            _ => return Err(words::invalid("There is no such operation.")),
        };
        Ok(format!("<{name}_Result xmlns=\"{}\">{result}</{name}_Result>", page.namespace))
    }
}

/// The page for the time of one call.
struct Service<'c, 'd> {
    page: Page,
    desk: &'c mut FacadeDesk<'d>,
    profile: &'c Profile,
}

impl Service<'_, '_> {
    // --- reading ---

    fn read(&mut self, operation: &Element) -> Result<String, FacadeError> {
        let number = required(operation, "No")?;
        let item = self.desk.item(number)?;
        Ok(item.map(|item| written(self.page, &item, self.profile)).unwrap_or_default())
    }

    fn is_updated(&mut self, operation: &Element) -> Result<String, FacadeError> {
        let key = key(required(operation, "Key")?)?;
        let item = self.desk.item(&key.sku)?.ok_or_else(|| words::not_found(&key.sku))?;
        Ok(format!("<IsUpdated_Result>{}</IsUpdated_Result>", item.etag != key.etag))
    }

    fn read_multiple(&mut self, operation: &Element) -> Result<String, FacadeError> {
        let filters = filters(operation)?;
        let size = required(operation, "setSize")?;
        let size: i64 =
            size.parse().map_err(|_| words::invalid(format!("setSize: {} is no whole number.", quoted(size, 40))))?;
        let Ok(size) = usize::try_from(size) else {
            return Err(words::invalid("setSize: reading backwards is not supported."));
        };
        let after = text(operation, "bookmarkKey").filter(|key| !key.is_empty()).map(key).transpose()?;
        let mut wanted = Wanted { size, found: Vec::new(), page: self.page, profile: self.profile };
        self.walk(&filters, after.map(|key| key.sku), &mut wanted)?;
        Ok(format!("<ReadMultiple_Result>{}</ReadMultiple_Result>", wanted.found.concat()))
    }

    /// Gives every record that passes the filters to `wanted`, until that has enough. Filters for the number are held
    /// against the numbers alone before an item is read.
    fn walk(
        &mut self,
        filters: &[(&'static Field, Criteria)],
        mut after: Option<String>,
        wanted: &mut Wanted<'_>,
    ) -> Result<(), FacadeError> {
        let profile = self.profile;
        let (by_number, others): (Vec<_>, Vec<_>) = filters.iter().partition(|(field, _)| field.home == Home::Number);
        let passes = |item: &ItemData| {
            others.iter().all(|(field, criteria)| criteria.hold(&value(item, field, profile).unwrap_or_default()))
        };
        loop {
            let page = match by_number.is_empty() {
                true => self.desk.items(after.as_deref(), PAGE)?,
                false => {
                    let numbers = self.desk.skus(after.as_deref(), NUMBERS)?;
                    let Some(last) = numbers.last() else { return Ok(()) };
                    after = Some(last.clone());
                    for number in numbers.iter().filter(|it| by_number.iter().all(|(_, criteria)| criteria.hold(it))) {
                        let item = self.desk.item(number)?;
                        if item.filter(|item| passes(&item.data)).is_some_and(|item| wanted.take(&item)) {
                            return wanted.end();
                        }
                    }
                    continue;
                }
            };
            let Some(last) = page.last() else { return Ok(()) };
            after = Some(last.data.sku.clone());
            for item in page.iter().filter(|item| passes(&item.data)) {
                if wanted.take(item) {
                    return wanted.end();
                }
            }
        }
    }

    // --- writing ---

    /// The record of an operation that has one.
    fn record<'m>(&self, operation: &'m Element) -> Result<&'m Element, FacadeError> {
        operation.child(self.page.name).ok_or_else(|| missing(self.page.name))
    }

    /// The records of an operation that has a list.
    fn records<'m>(&self, operation: &'m Element) -> Result<Vec<&'m Element>, FacadeError> {
        let name = format!("{}_List", self.page.name);
        let list = operation.child(&name).ok_or_else(|| missing(&name))?;
        let records: Vec<_> = list.children_named(self.page.name).collect();
        if records.len() > RECORDS_MAX {
            return Err(words::invalid(format!("More than {RECORDS_MAX} records are too many for one message.")));
        }
        if records.is_empty() { Err(missing(self.page.name)) } else { Ok(records) }
    }

    fn create(&mut self, records: &[&Element]) -> Result<String, FacadeError> {
        let mut items: Vec<ItemData> = Vec::with_capacity(records.len());
        for record in records {
            let number = required(record, "No")?;
            if items.iter().any(|item| item.sku == number) || self.desk.item(number)?.is_some() {
                return Err(words::exists(number));
            }
            let mut item = ItemData { sku: number.to_owned(), kind: "product".to_owned(), ..ItemData::default() };
            put_over(&mut item, record, self.profile)?;
            if item.texts.is_empty() {
                let (lang, title) = (self.profile.catalog.language.clone(), number.to_owned());
                item.texts.push(plugpoint_sdk::model::Text { lang, title, ..Default::default() });
            }
            items.push(item);
        }
        self.put(items)
    }

    fn update(&mut self, records: &[&Element]) -> Result<String, FacadeError> {
        let mut items: Vec<ItemData> = Vec::with_capacity(records.len());
        for record in records {
            let mut item = self.present(required(record, "Key")?)?.data;
            if items.iter().any(|other| other.sku == item.sku) {
                return Err(words::changed(&item.sku));
            }
            if text(record, "No").is_some_and(|number| number != item.sku) {
                return Err(words::bad_field("No: a record cannot be renamed; create a new one and delete this."));
            }
            put_over(&mut item, record, self.profile)?;
            items.push(item);
        }
        self.put(items)
    }

    fn delete(&mut self, operation: &Element) -> Result<String, FacadeError> {
        let item = self.present(required(operation, "Key")?)?;
        let outcome = self.desk.remove(&[&item.data.sku])?;
        done(&outcome)?;
        Ok("<Delete_Result>true</Delete_Result>".to_owned())
    }

    /// The item of a key, if it is as the key says.
    fn present(&mut self, text: &str) -> Result<FacadeItem, FacadeError> {
        let key = key(text)?;
        match self.desk.item(&key.sku)? {
            None => Err(words::not_found(&key.sku)),
            Some(item) if item.etag != key.etag => Err(words::changed(&key.sku)),
            Some(item) => Ok(item),
        }
    }

    /// Stores all of them, and gives them as they are stored.
    fn put(&mut self, items: Vec<ItemData>) -> Result<String, FacadeError> {
        for item in &items {
            if let Err(findings) = Item::try_from_data(item.clone()) {
                let first = findings.first();
                let said = first.map(|it| format!("{}: {}", it.path.as_deref().unwrap_or_default(), it.message));
                return Err(words::bad_field(format!("No.='{}': {}", item.sku, said.unwrap_or_default())));
            }
        }
        let numbers: Vec<String> = items.iter().map(|item| item.sku.clone()).collect();
        let outcome = self.desk.put(items)?;
        done(&outcome)?;
        let mut records = String::new();
        for number in numbers {
            let stored = self.desk.item(&number)?.ok_or_else(|| words::not_found(&number))?;
            records += &written(self.page, &stored, self.profile);
        }
        Ok(records)
    }
}

fn list_of(page: Page, records: &str) -> String {
    format!("<{0}_List>{records}</{0}_List>", page.name)
}

/// The records that are found, and how many are wanted; 0 is all of them.
struct Wanted<'p> {
    size: usize,
    found: Vec<String>,
    page: Page,
    profile: &'p Profile,
}

impl Wanted<'_> {
    /// Takes one; true if there are enough, or too many.
    fn take(&mut self, item: &FacadeItem) -> bool {
        if self.found.len() < ANSWER_MAX {
            self.found.push(written(self.page, item, self.profile));
            return self.found.len() == self.size;
        }
        self.found.clear();
        true
    }

    /// What becomes of a walk that was ended.
    fn end(&self) -> Result<(), FacadeError> {
        if self.found.is_empty() {
            let said = format!(
                "More than {ANSWER_MAX} records pass the filters; read them in sets, by setSize and bookmarkKey."
            );
            return Err(words::invalid(said));
        }
        Ok(())
    }
}

fn filters(operation: &Element) -> Result<Vec<(&'static Field, Criteria)>, FacadeError> {
    let mut filters = Vec::new();
    for filter in operation.children_named("filter") {
        // An empty element is what some clients make of an empty list.
        let (name, criteria) =
            (text(filter, "Field").unwrap_or_default(), text(filter, "Criteria").unwrap_or_default());
        if name.is_empty() && criteria.is_empty() {
            continue;
        }
        let unknown =
            || words::bad_filter(format!("The field {} is not one by which can be filtered.", quoted(name, 80)));
        let field = page::named(name).ok_or_else(unknown)?;
        let criteria = Criteria::of(criteria, field.kind);
        let criteria = criteria.map_err(|said| words::bad_filter(format!("{name}: {said}.")))?;
        filters.extend(criteria.map(|criteria| (field, criteria)));
        if filters.len() > FILTERS_MAX {
            return Err(words::bad_filter(format!("There are more than {FILTERS_MAX} filters.")));
        }
    }
    Ok(filters)
}

fn key(text: &str) -> Result<Key, FacadeError> {
    Key::of(text).ok_or_else(|| words::invalid("The Key is none of this service."))
}

fn required<'m>(element: &'m Element, name: &str) -> Result<&'m str, FacadeError> {
    text(element, name).filter(|text| !text.is_empty()).ok_or_else(|| missing(name))
}

fn missing(name: &str) -> FacadeError {
    words::invalid(format!("The element {name} is missing or empty."))
}

/// Whether the service can say that it is done.
fn done(outcome: &plugpoint_sdk::facade::FacadeOutcome) -> Result<(), FacadeError> {
    if outcome.is_pending() {
        let detail = "the change is kept and will be carried out, but others are still before it";
        return Err(ApiError::new(&codes::UNAVAILABLE, detail).retry_after(30).into());
    }
    if outcome.is_whole() { Ok(()) } else { Err(words::bad_field(outcome.reason())) }
}
