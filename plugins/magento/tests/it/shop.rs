//! An invented shop: as strict as a real one about sessions and operations, and able to be as odd as one.
//!
//! It reads questions by looking for their elements: it must not share a reader with what it tests.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::rc::Rc;

use plugpoint_sdk::pull::PulledResponse;
use plugpoint_sdk::testkit::{FAKE_SECRET, FakeService, SentRequest};

/// How a shop is odd.
#[derive(Debug, Clone, Default)]
pub(crate) struct Oddity {
    /// Speaks WS-I.
    pub(crate) is_wsi: bool,
    /// Refuses the upper bound of a range.
    pub(crate) refuses_bound: bool,
    /// Answers these many products whatever it is asked for.
    pub(crate) repeats: bool,
    /// Refuses the inventory with this fault.
    pub(crate) stock_fault: Option<&'static str>,
    /// The session expires after each so many questions.
    pub(crate) expires_after: Option<u32>,
    /// This product is listed, but gone when it is asked for.
    pub(crate) gone: Option<u64>,
    /// Answers the description of this product with this body.
    pub(crate) answers: Option<(u64, Vec<u8>)>,
    /// Refuses the login and repeats what it was sent.
    pub(crate) refuses_login: bool,
}

/// What the shop has seen.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    pub(crate) operations: Vec<String>,
    pub(crate) open: BTreeSet<String>,
    pub(crate) sessions: u32,
    questions: u32,
}

/// A shop with these products.
pub(crate) fn shop(ids: &[u64], oddity: Oddity) -> (FakeService, Rc<RefCell<Seen>>) {
    let (ids, seen) = (ids.to_vec(), Rc::new(RefCell::new(Seen::default())));
    let noted = Rc::clone(&seen);
    (Box::new(move |request: &SentRequest| answer(&ids, &oddity, &mut noted.borrow_mut(), request)), seen)
}

fn answer(ids: &[u64], oddity: &Oddity, seen: &mut Seen, request: &SentRequest) -> PulledResponse {
    let text = String::from_utf8(request.body.clone()).expect("a question is UTF-8");
    assert!(request.headers.iter().any(|(name, value)| name == "Content-Type" && value.starts_with("text/xml")));
    let sent = text.split("<m:").nth(1).and_then(|rest| rest.split('>').next()).expect("an operation").to_owned();
    let suffix = if oddity.is_wsi { if sent.starts_with("catalog") { "RequestParam" } else { "Param" } } else { "" };
    let Some(operation) = sent.strip_suffix(suffix).filter(|it| oddity.is_wsi || !it.ends_with("Param")) else {
        return fault("SOAP-ENV:Server", &format!("Procedure '{sent}' not present"));
    };
    seen.operations.push(operation.to_owned());
    if operation == "login" {
        return login(oddity, seen, &text);
    }
    let session = inner(&text, "sessionId").expect("a session");
    seen.questions += 1;
    if oddity.expires_after.is_some_and(|after| seen.questions > after) {
        seen.questions = 0;
        seen.open.remove(session);
    }
    if !seen.open.contains(session) {
        return fault("5", "Session expired. Try to relogin.");
    }
    match operation {
        "endSession" => {
            seen.open.remove(session);
            good(oddity, operation, "endSessionReturn", "true")
        }
        "catalogProductList" => list(ids, oddity, &text),
        "catalogProductInfo" => info(ids, oddity, &text),
        "catalogInventoryStockItemList" => stock(oddity, &text),
        other => fault("3", &format!("Invalid api path {other}.")),
    }
}

fn login(oddity: &Oddity, seen: &mut Seen, text: &str) -> PulledResponse {
    let (user, key) = (inner(text, "username"), inner(text, "apiKey"));
    if oddity.refuses_login || user != Some("api") || key != Some(FAKE_SECRET) {
        return fault("2", &format!("Access denied for {user:?} with {key:?}."));
    }
    seen.sessions += 1;
    seen.questions = 0;
    let session = format!("session-{}", seen.sessions);
    seen.open.insert(session.clone());
    good(oddity, "login", "loginReturn", &session)
}

fn list(ids: &[u64], oddity: &Oddity, text: &str) -> PulledResponse {
    let bound = |field: &str| {
        let rest = text.split(&format!("<key>{field}</key><value><key>")).nth(1)?;
        let value = rest.split("<value>").nth(1)?.split('<').next()?;
        Some((rest.split('<').next()?.to_owned(), value.parse::<u64>().ok()?))
    };
    let (comparison, above) = bound("product_id").expect("a lower bound");
    assert_eq!(comparison, "gt");
    let upper = bound("entity_id");
    if upper.is_some() && oddity.refuses_bound {
        return fault("102", "Invalid filters given. Details in error message.");
    }
    let upper = upper.map_or(u64::MAX, |(comparison, value)| {
        assert_eq!(comparison, "lteq");
        value
    });
    let is_asked = |id: &u64| oddity.repeats || (*id > above && *id <= upper);
    let entry = |id: &u64| format!("<product_id>{id}</product_id><sku>S{id}</sku><name>x</name>");
    let entries: Vec<String> = ids.iter().filter(|id| is_asked(id)).map(entry).collect();
    good(oddity, "catalogProductList", "storeView", &items(oddity, &entries))
}

fn info(ids: &[u64], oddity: &Oddity, text: &str) -> PulledResponse {
    let id: u64 = inner(text, "productId").expect("an id").parse().expect("a number");
    assert_eq!(inner(text, "identifierType"), Some("id"));
    if let Some((of, body)) = &oddity.answers
        && *of == id
    {
        return PulledResponse { status: 200, headers: Vec::new(), body: body.clone() };
    }
    if oddity.gone == Some(id) || !ids.contains(&id) {
        return fault("101", "Product not exists.");
    }
    let categories = items(oddity, &["3".to_owned(), "9".to_owned()]);
    let described = format!(
        "<product_id xsi:type=\"xsd:string\">{id}</product_id><sku>S{id}</sku><type>simple</type><name>N&#228;gel &amp; {id}</name>\
         <status>1</status><price>1.5000</price><category_ids>{categories}</category_ids>"
    );
    good(oddity, "catalogProductInfo", "info", &described)
}

fn stock(oddity: &Oddity, text: &str) -> PulledResponse {
    if let Some(code) = oddity.stock_fault {
        return fault(code, "Access denied.");
    }
    let name = if oddity.is_wsi { "productIds" } else { "products" };
    let asked = inner(text, name).expect("ids");
    let asked = asked.split('<').filter_map(|piece| piece.split('>').nth(1)?.parse::<u64>().ok());
    let entry = |id| {
        format!("<product_id>{id}</product_id><sku>S{id}</sku><qty>{}.0000</qty><is_in_stock>1</is_in_stock>", id + 1)
    };
    let entries: Vec<String> = asked.map(entry).collect();
    good(oddity, "catalogInventoryStockItemList", "result", &items(oddity, &entries))
}

fn items(oddity: &Oddity, entries: &[String]) -> String {
    let item = if oddity.is_wsi { "complexObjectArray" } else { "item" };
    entries.iter().map(|entry| format!("<{item}>{entry}</{item}>")).collect()
}

fn good(oddity: &Oddity, operation: &str, part: &str, inner: &str) -> PulledResponse {
    let (response, part) = match oddity.is_wsi {
        true => (format!("{operation}ResponseParam"), "result"),
        false => (format!("{operation}Response"), part),
    };
    envelope(200, &format!("<ns1:{response}><{part}>{inner}</{part}></ns1:{response}>"))
}

fn fault(code: &str, text: &str) -> PulledResponse {
    envelope(
        500,
        &format!("<SOAP-ENV:Fault><faultcode>{code}</faultcode><faultstring>{text}</faultstring></SOAP-ENV:Fault>"),
    )
}

fn envelope(status: u16, body: &str) -> PulledResponse {
    let text = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<SOAP-ENV:Envelope xmlns:SOAP-ENV=\"http://schemas.xmlsoap.org/soap/envelope/\" \
         xmlns:ns1=\"urn:Magento\" xmlns:xsd=\"http://www.w3.org/2001/XMLSchema\" \
         xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\"><SOAP-ENV:Body>{body}</SOAP-ENV:Body></SOAP-ENV:Envelope>"
    );
    let headers = vec![("content-type".to_owned(), "text/xml; charset=utf-8".to_owned())];
    PulledResponse { status, headers, body: text.into_bytes() }
}

/// What stands in the first element of a name.
fn inner<'t>(text: &'t str, name: &str) -> Option<&'t str> {
    let rest = text.split(&format!("<{name}>")).nth(1)?;
    rest.split(&format!("</{name}>")).next()
}
