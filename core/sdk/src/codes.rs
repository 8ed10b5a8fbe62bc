//! Every stable error code and finding code, declared once. The list of codes under `openapi/` is generated from here.
//!
//! A code never changes its meaning and is never reused.

/// A stable error code of the platform.
#[derive(Debug, PartialEq, Eq)]
pub struct Code {
    /// The code itself.
    pub name: &'static str,
    /// HTTP status of a REST answer.
    pub status: u16,
    /// A short title, the same for every occurrence.
    pub title: &'static str,
    /// What the caller can do.
    pub remedy: &'static str,
}

impl Code {
    /// Whether the cause lies in the storage's present state, so that the same work may succeed later unchanged.
    #[must_use]
    pub fn is_passing(&self) -> bool {
        [&STORAGE_BUSY, &STORAGE_FULL, &UNAVAILABLE].contains(&self)
    }
}

macro_rules! codes {
    ($(#[doc = $doc:literal] $ident:ident = $name:literal, $status:literal, $title:literal, $remedy:literal;)*) => {
        $(#[doc = $doc] pub static $ident: Code = Code { name: $name, status: $status, title: $title, remedy: $remedy };)*
        /// All error codes, in the order of this file.
        pub static ALL: &[&Code] = &[$(&$ident),*];
    };
}

codes! {
    /// A parameter or body breaks a declared rule.
    REQUEST_INVALID = "request_invalid", 400, "The request breaks a declared rule", "Correct the fields listed under errors.";
    /// The body is not of the form its content type promises.
    DOCUMENT_MALFORMED = "document_malformed", 400, "The document is malformed", "Correct the document at the given position.";
    /// No format at hand recognises the document.
    FORMAT_UNKNOWN = "format_unknown", 400, "No format recognises the document", "Send a known format, or name the format in the profile.";
    /// A DOCTYPE where none is allowed.
    DOCTYPE_REFUSED = "doctype_refused", 400, "A document type declaration is not allowed here", "Send the envelope without a DOCTYPE.";
    /// An entity that is not one of XML's five.
    ENTITY_UNKNOWN = "entity_unknown", 400, "An entity is not defined", "Send the character itself or a numeric reference.";
    /// The encoding is unknown or the bytes do not fit it.
    ENCODING_INVALID = "encoding_invalid", 400, "The bytes do not fit the declared encoding", "Declare the encoding that the bytes are in.";
    /// A limit of the reader: depth, attributes, text, names.
    LIMIT_EXCEEDED = "limit_exceeded", 400, "A limit of the document reader is exceeded", "See the limits page; split or flatten the document.";
    /// No or wrong credentials.
    UNAUTHENTICATED = "unauthenticated", 401, "Credentials are missing or wrong", "Send a valid key id and secret.";
    /// A session of a facade that is not known, or not any more.
    SESSION_UNKNOWN = "session_unknown", 401, "The session is unknown or has ended", "Log in again.";
    /// The credentials do not allow this.
    FORBIDDEN = "forbidden", 403, "The credentials do not allow this", "Ask the operator for the right.";
    /// The operator has suspended the tenant.
    TENANT_SUSPENDED = "tenant_suspended", 403, "The tenant is suspended", "Ask the operator; what was acknowledged goes on when the tenant is served again.";
    /// No such resource for this tenant.
    NOT_FOUND = "not_found", 404, "There is no such resource", "Check the address.";
    /// Another method.
    METHOD_NOT_ALLOWED = "method_not_allowed", 405, "The resource does not know this method", "Use a method of the Allow header.";
    /// The idempotency key was used for another document.
    IDEMPOTENCY_MISMATCH = "idempotency_mismatch", 422, "The idempotency key was used for another document", "Use a new key for a new document.";
    /// A condition of the request does not hold.
    PRECONDITION_FAILED = "precondition_failed", 412, "The item has changed since it was read", "Read the item again.";
    /// The body is larger than allowed.
    BODY_TOO_LARGE = "body_too_large", 413, "The body is larger than allowed", "Split the document, or ask the operator for a higher limit.";
    /// The query is longer than allowed.
    URI_TOO_LONG = "uri_too_long", 414, "The address is longer than allowed", "Shorten the query.";
    /// No reader for this content type.
    MEDIA_TYPE_UNSUPPORTED = "media_type_unsupported", 415, "The content type is not supported", "Use one of the content types named in the detail.";
    /// The body ended early or too slowly.
    BODY_INCOMPLETE = "body_incomplete", 400, "The body ended before it was complete", "Send the document again.";
    /// The request took longer than allowed to arrive.
    REQUEST_TIMEOUT = "request_timeout", 408, "The request took too long to arrive", "Send faster, or in smaller parts.";
    /// Too many requests of this tenant at once.
    TOO_MANY_REQUESTS = "too_many_requests", 429, "Too many requests at once", "Retry after the given time.";
    /// More requests of this tenant in a second than its profile allows.
    REQUEST_RATE_EXCEEDED = "request_rate_exceeded", 429, "The tenant sends more requests than it may", "Retry after the given time.";
    /// A rate of wrong records above the profile's tolerance.
    TOO_MANY_REJECTED = "too_many_rejected", 422, "More records were rejected than the profile tolerates", "Read the findings, correct the records, send again.";
    /// A customer's hook brought nothing for longer than its point allows and was given up.
    HOOK_TIMEOUT = "hook_timeout", 500, "A customer hook took too long", "Tell the operator the import id.";
    /// A customer's hook failed too often and is left out for a while.
    HOOK_SUSPENDED = "hook_suspended", 503, "A customer hook is suspended", "Send it again after a pause; tell the operator if it lasts.";
    /// A customer's hook failed.
    HOOK_FAILED = "hook_failed", 500, "A customer hook failed", "Tell the operator the import id.";
    /// Somebody asked for the end of an import before it had ended.
    IMPORT_CANCELLED = "import_cancelled", 409, "The import was cancelled", "Nothing was changed; send the document again to import it.";
    /// Something of ours failed.
    INTERNAL = "internal", 500, "Something failed on our side", "Tell the operator the request id.";
    /// The tenant's customer crate is not part of this server.
    CUSTOMER_UNKNOWN = "customer_unknown", 503, "The tenant's customer crate is not loaded", "Tell the operator.";
    /// The tenant's profile cannot be read, or names what is not there.
    PROFILE_INVALID = "profile_invalid", 503, "The tenant's profile cannot be used", "Tell the operator.";
    /// What would be called for the tenant is not what its profile pins.
    PLAN_CHANGED = "plan_changed", 503, "The tenant's extension plan is not the one that is pinned", "Tell the operator.";
    /// The tenant's database is of a release that this server does not serve, or its update has failed.
    SCHEMA_VERSION = "schema_version", 503, "The tenant's database is not at a version that this server serves", "Retry later; if it lasts, tell the operator.";
    /// The database is locked by someone else.
    STORAGE_BUSY = "storage_busy", 503, "The storage is busy", "Retry after the given time.";
    /// The server shuts down or its queue is full.
    UNAVAILABLE = "unavailable", 503, "The server cannot take this now", "Retry after the given time.";
    /// No space is left for the document.
    STORAGE_FULL = "storage_full", 507, "There is no space left for the document", "Tell the operator; nothing was stored.";
    /// The tenant's documents in the spool would take more bytes than its profile allows.
    SPOOL_QUOTA_EXCEEDED = "spool_quota_exceeded", 507, "The tenant's documents take more space than they may", "Wait until documents are no longer kept, or ask the operator for a higher quota.";
    /// The tenant would have more items than its profile allows.
    ITEM_QUOTA_EXCEEDED = "item_quota_exceeded", 507, "The tenant would have more items than it may", "Remove items, or ask the operator for a higher quota.";
    /// A service that is pulled from cannot be connected to.
    SOURCE_UNREACHABLE = "source_unreachable", 502, "The service cannot be reached", "Check the source's url and whether the service runs.";
    /// The connection to a service that is pulled from cannot be secured.
    SOURCE_TLS_FAILED = "source_tls_failed", 502, "The connection to the service cannot be secured", "Check the service's certificate, and which ones this machine trusts.";
    /// A service that is pulled from took too long.
    SOURCE_TIMEOUT = "source_timeout", 504, "The service took too long to answer", "Try again later, or raise the source's timeout_s.";
    /// A service that is pulled from does not let us in.
    SOURCE_LOGIN_REFUSED = "source_login_refused", 502, "The service refused the login", "Check the source's user and secret.";
    /// A service that is pulled from answered more than is allowed.
    SOURCE_ANSWER_TOO_LARGE = "source_answer_too_large", 502, "An answer of the service is larger than allowed", "Lower the source's page_size or raise its response_bytes_max.";
    /// A service that is pulled from answered something else than it should.
    SOURCE_FAILED = "source_failed", 502, "The service did not answer as it should", "See the detail; ask whoever runs the service.";
    /// The environment lacks the secret of a source.
    SOURCE_SECRET_UNSET = "source_secret_unset", 503, "The secret of the source is not set", "Set the environment variable that the detail names.";
    /// The rejected records of an import cannot be written out: it has none, it has not ended, or its format cannot be divided.
    REJECTED_UNAVAILABLE = "rejected_unavailable", 409, "The rejected records cannot be written out", "Correct the records in the source system by the findings and send them again.";
    /// The document of an import is no longer kept.
    DOCUMENT_GONE = "document_gone", 410, "The document is no longer kept", "Correct the records in the source system by the findings and send them again.";
    /// A backup that is damaged, not whole, foreign, or of a newer release.
    BACKUP_INVALID = "backup_invalid", 422, "The backup cannot be used", "See the detail; nothing was changed.";
    /// An envelope that is no SOAP envelope.
    SOAP_ENVELOPE_INVALID = "soap_envelope_invalid", 400, "The message is not a valid SOAP envelope", "Check namespace, order and number of Header and Body.";
    /// Parts, references or encodings of a message with attachments that are not as they have to be.
    SOAP_ATTACHMENT_INVALID = "soap_attachment_invalid", 400, "An attachment of the message cannot be taken", "Send the envelope first, then the one attachment that it refers to by its Content-ID.";
    /// A version of SOAP we do not know.
    SOAP_VERSION_MISMATCH = "soap_version_mismatch", 400, "The SOAP version is not supported", "Use the SOAP 1.1 or 1.2 envelope namespace.";
    /// A header block that must be understood and is not.
    SOAP_MUST_UNDERSTAND = "soap_must_understand", 400, "A mandatory header is not understood", "Send the header without mustUnderstand, or not at all.";
    /// A header of WS-Addressing that cannot be followed.
    SOAP_ADDRESSING_INVALID = "soap_addressing_invalid", 400, "A WS-Addressing header cannot be followed", "Send each header once, with the anonymous address for answers, or no such headers.";
    /// An rpc/encoded message where messages are document/literal.
    SOAP_ENCODING_UNSUPPORTED = "soap_encoding_unsupported", 400, "The message is rpc/encoded, which the service is not", "Build the client from the WSDL, which is document/literal wrapped.";
    /// The body's operation is none of ours, or not what SOAPAction says.
    SOAP_OPERATION_UNKNOWN = "soap_operation_unknown", 400, "The operation is not known", "Use an operation of the WSDL; let SOAPAction name it.";
}

/// A stable finding code: what can be wrong with one record.
#[derive(Debug, PartialEq, Eq)]
pub struct FindingCode {
    /// The code itself.
    pub name: &'static str,
    /// What it means.
    pub meaning: &'static str,
}

macro_rules! finding_codes {
    ($($ident:ident = $name:literal, $meaning:literal;)*) => {
        /// Finding codes as constants.
        pub mod finding { $(#[doc = $meaning] pub const $ident: &str = $name;)* }
        /// All finding codes, in the order of this file.
        pub static FINDINGS: &[FindingCode] = &[$(FindingCode { name: $name, meaning: $meaning }),*];
    };
}

finding_codes! {
    FIELD_REQUIRED = "field_required", "A required field is missing.";
    FIELD_LENGTH = "field_length", "A text or list is shorter or longer than declared.";
    FIELD_RANGE = "field_range", "A number is outside the declared range.";
    FIELD_PATTERN = "field_pattern", "A text does not have the declared form.";
    FIELD_INVALID = "field_invalid", "A field breaks another declared rule.";
    FIELD_UNKNOWN = "field_unknown", "A field is not part of the canonical item.";
    RECORD_MALFORMED = "record_malformed", "The record cannot be read.";
    RECORD_TOO_LARGE = "record_too_large", "The record is larger than the limit for one item.";
    SKU_MISSING = "sku_missing", "The record has no item number.";
    SKU_DUPLICATE = "sku_duplicate", "The item number occurs more than once; the last record wins.";
    RECORD_OUTDATED = "record_outdated", "The record is older than one of the same item that was read before; it was left out.";
    SKU_UNKNOWN = "sku_unknown", "A partial change names an item that is not there.";
    DECIMAL_INVALID = "decimal_invalid", "A number is not a decimal in the expected form.";
    DATE_INVALID = "date_invalid", "A date or time cannot be read.";
    PRICE_AMOUNT_MISSING = "price_amount_missing", "A price has no amount and was left out.";
    PRICE_FORMULA_REFUSED = "price_formula_refused", "A price formula is not computed; the price was left out.";
    CURRENCY_MISSING = "currency_missing", "A price has no currency and the profile names no default.";
    CURRENCY_UNKNOWN = "currency_unknown", "A currency is not an ISO 4217 code.";
    TAX_PERCENT = "tax_percent", "A tax above 1 was read as a percentage.";
    GTIN_CHECK_DIGIT = "gtin_check_digit", "A GTIN's check digit is wrong; it was kept as sent.";
    CATEGORY_UNKNOWN = "category_unknown", "A category link names a group that the document does not have.";
    MODE_NARROWED = "mode_narrowed", "The document asks for more than the caller allowed; the caller's mode holds.";
    MODE_UNSUITED = "mode_unsuited", "The record cannot be applied in this mode.";
    LANGUAGE_UNKNOWN = "language_unknown", "A language code is not known; the profile's language was used.";
    TEXT_TRUNCATED = "text_truncated", "A text was longer than allowed and was cut.";
    ENCODING_GUESSED = "encoding_guessed", "The document declares no encoding and is not UTF-8; its bytes were taken for what they probably are.";
    PART_IGNORED = "part_ignored", "A part of the document has no place in the canonical form and was left out.";
    FINDINGS_OMITTED = "findings_omitted", "A record has more findings than are listed.";
    COLUMNS_ASSUMED = "columns_assumed", "The profile maps no columns; those with well-known headings were taken.";
    COLUMN_MISSING = "column_missing", "A column that the profile maps is not in the document.";
    CELL_ERROR = "cell_error", "A cell holds an error of the spreadsheet instead of a value.";
    NUMBER_SHORTENED = "number_shortened", "A spreadsheet has shortened a number (4.00639E+12); its digits are lost.";
    RULE_PANICKED = "rule_panicked", "A customer rule panicked on this item.";
    RULE_SUSPENDED = "rule_suspended", "A rule failed too often and is left out for a while; its items are refused.";
    RULE_REJECTED = "rule_rejected", "A customer rule rejected this item.";
}
