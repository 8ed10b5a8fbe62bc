//! The four operations: their names, requests and responses, and how a request's fields come out of an envelope.
//!
//! The endpoint picks one by the Body's element; the WSDL publishes the same declarations. A field is known by its local
//! name, in our namespace or in none, because some clients leave it out; what is unknown, misplaced or doubled is refused.

pub(crate) mod get_import_status;
pub(crate) mod get_item;
pub(crate) mod import_catalog;
pub(crate) mod list_items;
pub(crate) mod submit_catalog;

use std::fmt::Display;
use std::io::Read;
use std::str::FromStr;

use plugpoint_sdk::codes;
use plugpoint_sdk::error::{ApiError, FieldError, quoted};
use plugpoint_sdk::model::{ItemData, TenantId};
use plugpoint_sdk::operation::{ApiOperation, OperationLimits};
use plugpoint_sdk::schema::xsd::{XsdTypes, camel_case};
use plugpoint_sdk::schema::{Body, Check, Described, TypeInfo};

use crate::NAMESPACE;
use crate::envelope::{Encoding, EnvelopeReader, QName};

/// The name of the operations together, in the WSDL and in the actions of WS-Addressing.
pub(crate) const PORT_TYPE: &str = "Catalog";

/// Who asks for an operation, and what it may cost.
pub(crate) struct Sender<'a> {
    pub(crate) tenant: &'a TenantId,
    pub(crate) request_id: &'a str,
    /// The bytes that the message is said to have.
    pub(crate) bytes_announced: Option<u64>,
    pub(crate) limits: OperationLimits,
}

/// One operation of the service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Operation {
    ImportCatalog,
    GetImportStatus,
    GetItem,
    ListItems,
    SubmitCatalog,
}

/// What an import brings, besides its fields.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Payload {
    Items,
    Document,
    Attachment,
}

impl Payload {
    /// The names of their elements, in the order of the schema.
    const NAMES: [&'static str; 3] = ["items", "document", "attachment"];

    fn of(name: &str) -> Option<Self> {
        match name {
            "items" => Some(Self::Items),
            "document" => Some(Self::Document),
            "attachment" => Some(Self::Attachment),
            _ => None,
        }
    }
}

impl Operation {
    pub(crate) const ALL: [Self; 5] =
        [Self::ImportCatalog, Self::GetImportStatus, Self::GetItem, Self::ListItems, Self::SubmitCatalog];

    /// The name of the operation and of the element that asks for it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::ImportCatalog => "ImportCatalog",
            Self::GetImportStatus => "GetImportStatus",
            Self::GetItem => "GetItem",
            Self::ListItems => "ListItems",
            Self::SubmitCatalog => "SubmitCatalog",
        }
    }

    /// Under which name the platform has limits for it.
    pub(crate) fn terms(self) -> ApiOperation {
        match self {
            Self::ImportCatalog => ApiOperation::SoapImportCatalog,
            Self::GetImportStatus => ApiOperation::SoapGetImportStatus,
            Self::GetItem => ApiOperation::SoapGetItem,
            Self::ListItems => ApiOperation::SoapListItems,
            Self::SubmitCatalog => ApiOperation::SoapSubmitCatalog,
        }
    }

    /// Whether there is no answer, but for a fault.
    pub(crate) fn is_one_way(self) -> bool {
        self == Self::SubmitCatalog
    }

    /// Whether items or a document come behind the fields.
    pub(crate) fn has_payload(self) -> bool {
        matches!(self, Self::ImportCatalog | Self::SubmitCatalog)
    }

    fn request(self) -> &'static TypeInfo {
        match self {
            Self::ImportCatalog => import_catalog::ImportCatalogRequest::type_info(),
            Self::GetImportStatus => get_import_status::GetImportStatusRequest::type_info(),
            Self::GetItem => get_item::GetItemRequest::type_info(),
            Self::ListItems => list_items::ListItemsRequest::type_info(),
            Self::SubmitCatalog => submit_catalog::SubmitCatalogRequest::type_info(),
        }
    }

    /// What the operation does, for the WSDL.
    pub(crate) fn doc(self) -> &'static str {
        self.request().doc
    }

    /// The children of the request's element, as the schema has them, without the payload.
    pub(crate) fn request_elements(self, types: &mut XsdTypes) -> String {
        match self {
            Self::ImportCatalog => types.elements::<import_catalog::ImportCatalogRequest>(),
            Self::GetImportStatus => types.elements::<get_import_status::GetImportStatusRequest>(),
            Self::GetItem => types.elements::<get_item::GetItemRequest>(),
            Self::ListItems => types.elements::<list_items::ListItemsRequest>(),
            Self::SubmitCatalog => types.elements::<submit_catalog::SubmitCatalogRequest>(),
        }
    }

    /// The children of the response's element; `None` for an operation without a response.
    pub(crate) fn response_elements(self, types: &mut XsdTypes) -> Option<String> {
        Some(match self {
            Self::ImportCatalog | Self::GetImportStatus => types.elements::<get_import_status::ImportReport>(),
            Self::GetItem => types.elements::<get_item::GetItemResponse>(),
            Self::ListItems => types.elements::<list_items::ListItemsResponse>(),
            Self::SubmitCatalog => return None,
        })
    }

    /// The operation that a Body's element asks for, if the SOAPAction, where there is one, asks for the same.
    ///
    /// # Errors
    /// `soap_operation_unknown`.
    pub(crate) fn of(element: &QName, actions: &[String]) -> Result<Self, ApiError> {
        let unknown = |detail: String| ApiError::new(&codes::SOAP_OPERATION_UNKNOWN, detail);
        let is_ours = element.namespace == NAMESPACE || element.namespace.is_empty();
        let operation = Self::ALL.into_iter().find(|operation| is_ours && operation.name() == element.local);
        let Some(operation) = operation else {
            let QName { namespace, local } = element;
            let known = Self::ALL.map(Self::name).join(", ");
            let detail =
                format!("{local:.80} of the namespace {} is none of {known} of {NAMESPACE:?}", quoted(namespace, 120));
            return Err(unknown(detail));
        };
        match actions.iter().find(|action| !operation.answers_to(action)) {
            None => Ok(operation),
            Some(action) => {
                Err(unknown(format!("SOAPAction {} does not name {}", quoted(action, 120), operation.name())))
            }
        }
    }

    /// Whether an action names this operation: by its SOAPAction, its bare name, or as WS-Addressing derives it from the WSDL.
    pub(crate) fn answers_to(self, action: &str) -> bool {
        const BORDERS: [char; 3] = ['/', '#', ':'];
        let Some(rest) = action.strip_prefix(NAMESPACE) else { return action.is_empty() || action == self.name() };
        let rest = rest.trim_start_matches(BORDERS);
        let derived = rest.strip_prefix(PORT_TYPE).and_then(|rest| rest.strip_prefix(BORDERS));
        rest == self.name() || derived.is_some_and(|name| name.strip_suffix("Request").unwrap_or(name) == self.name())
    }
}

/// A list of items under one element.
#[plugpoint_sdk::api_schema]
pub(crate) struct ItemList {
    /// One item.
    pub item: Vec<ItemData>,
}

/// The fields of a request as they were sent, and the payload that is next in the envelope.
pub(crate) struct Fields {
    values: Vec<(String, String)>,
    pub(crate) payload: Option<Payload>,
}

impl Fields {
    /// Reads fields up to the payload, or to the operation's end. They come in the order of the schema, each once.
    ///
    /// # Errors
    /// `request_invalid` naming the field, and whatever is not well-formed.
    pub(crate) fn read<R: Read>(envelope: &mut EnvelopeReader<R>, operation: Operation) -> Result<Self, ApiError> {
        let mut fields = Self { values: Vec::new(), payload: None };
        let known = known(operation);
        let mut next = 0;
        while let Some(name) = envelope.field()? {
            let payload = Payload::of(&name.local);
            check_encoding(envelope, &name)?;
            next = place(&known, next, &name).map_err(|error| not_here(envelope, &name, error))?;
            if payload.is_some() && operation.has_payload() {
                fields.payload = payload;
                break;
            }
            if let Some(value) = envelope.value()? {
                fields.values.push((name.local, value));
            }
        }
        Ok(fields)
    }

    /// The value of a field that has to be there. `name` is the declared one.
    ///
    /// # Errors
    /// `request_invalid` naming the field.
    pub(crate) fn required<T: FromStr<Err: Display>>(&self, name: &str) -> Result<T, ApiError> {
        self.optional(name)?.ok_or_else(|| {
            let element = camel_case(name);
            invalid(name, "field_required", format!("the field {element} is missing or empty"))
        })
    }

    /// The whole number in a field that may be left out.
    ///
    /// # Errors
    /// `request_invalid` naming the field.
    pub(crate) fn number(&self, name: &str) -> Result<Option<u32>, ApiError> {
        let Some(value) = self.optional::<String>(name)? else { return Ok(None) };
        let message =
            || format!("{}: {} is no whole number from 0 to {}", camel_case(name), quoted(&value, 40), u32::MAX);
        value.parse().map(Some).map_err(|_| invalid(name, "field_invalid", message()))
    }

    /// The value of a field that may be left out.
    ///
    /// # Errors
    /// `request_invalid` naming the field.
    pub(crate) fn optional<T: FromStr<Err: Display>>(&self, name: &str) -> Result<Option<T>, ApiError> {
        let element = camel_case(name);
        let Some((_, value)) = self.values.iter().find(|(known, _)| *known == element) else { return Ok(None) };
        value.parse().map(Some).map_err(|error| invalid(name, "field_invalid", format!("{element}: {error}")))
    }
}

/// Holds a request to its declared rules.
///
/// # Errors
/// `request_invalid` with every broken rule.
pub(crate) fn checked<T: Check>(request: T) -> Result<T, ApiError> {
    match request.check() {
        Ok(()) => Ok(request),
        Err(errors) => {
            let errors: Vec<_> = errors.into_iter().map(in_xml).collect();
            let detail =
                errors.first().map_or_else(String::new, |error| format!("{}: {}", error.pointer, error.message));
            Err(ApiError::new(&codes::REQUEST_INVALID, detail).with_errors(errors))
        }
    }
}

/// The refusal of a field that comes after the payload, or twice.
pub(crate) fn refuse_further<R: Read>(envelope: &mut EnvelopeReader<R>, operation: Operation) -> Result<(), ApiError> {
    match envelope.field()? {
        None => Ok(()),
        Some(name) if Payload::of(&name.local).is_some() => {
            let what = "comes after another payload; an import has either items, one document or one attachment";
            Err(misplaced(envelope, &name, ("field_invalid", what.to_owned())))
        }
        Some(name) => {
            let known = known(operation);
            let error = place(&known, known.len(), &name).err();
            Err(misplaced(envelope, &name, error.unwrap_or(("field_unknown", "is not expected here".to_owned()))))
        }
    }
}

/// Refuses a field as rpc/encoded messages have it. Clients that say so of the whole envelope alone may mean nothing by it, as long
/// as the field holds its value.
fn check_encoding<R: Read>(envelope: &EnvelopeReader<R>, name: &QName) -> Result<(), ApiError> {
    let form = envelope.encoded_form();
    match envelope.encoding() {
        Encoding::None => Ok(()),
        Encoding::OnEnvelope if form.is_none_or(|form| !form.contains("href")) => Ok(()),
        Encoding::OnOperation if name.namespace.is_empty() => Err(envelope.encoded(&unqualified(name))),
        _ => form.map_or(Ok(()), |form| Err(envelope.encoded(form))),
    }
}

fn unqualified(name: &QName) -> String {
    format!("its element {:.80} lacks the namespace {NAMESPACE:?}", name.local)
}

/// The refusal of a field that has no place: of an encoded message that is not the field's fault.
fn not_here<R: Read>(envelope: &EnvelopeReader<R>, name: &QName, error: (&str, String)) -> ApiError {
    let is_foreign = name.namespace.is_empty() && error.0 == "field_unknown";
    if envelope.encoding() != Encoding::None && is_foreign {
        return envelope.encoded(&unqualified(name));
    }
    misplaced(envelope, name, error)
}

/// The elements that an operation's request has, in their order.
fn known(operation: Operation) -> Vec<String> {
    let Body::Object(fields) = &operation.request().body else { return Vec::new() };
    let payload = if operation.has_payload() { &Payload::NAMES[..] } else { &[] };
    fields.iter().map(|field| camel_case(field.name)).chain(payload.iter().map(|name| (*name).to_owned())).collect()
}

/// Where the schema goes on after a field, or why the field has no place at `next`.
fn place(known: &[String], next: usize, name: &QName) -> Result<usize, (&'static str, String)> {
    let is_ours = name.namespace == NAMESPACE || name.namespace.is_empty();
    match known.iter().position(|field| is_ours && *field == name.local) {
        Some(at) if at >= next => Ok(at + 1),
        Some(at) if at + 1 == next => Err(("field_duplicate", "is there twice".to_owned())),
        Some(_) => Err(("field_order", format!("is out of order or there twice; the order is {}", known.join(", ")))),
        None => Err(("field_unknown", format!("is not known here; known are {}", known.join(", ")))),
    }
}

fn misplaced<R: Read>(envelope: &EnvelopeReader<R>, name: &QName, (code, what): (&str, String)) -> ApiError {
    let (pointer, message) = (format!("/{:.80}", name.local), format!("the field {:.80} {what}", name.local));
    let error = FieldError { pointer, code: code.to_owned(), message: message.clone() };
    envelope.refused(&message).with_errors(vec![error])
}

fn invalid(name: &str, code: &str, message: String) -> ApiError {
    let error =
        FieldError { pointer: format!("/{}", camel_case(name)), code: code.to_owned(), message: message.clone() };
    ApiError::new(&codes::REQUEST_INVALID, message).with_errors(vec![error])
}

/// Names in a pointer as SOAP callers know them: `/catalog_id` is `/catalogId` here.
fn in_xml(error: FieldError) -> FieldError {
    FieldError { pointer: camel_case(&error.pointer), ..error }
}
