# English. Every message of this file is in all languages, with the same variables; a test compares.
# finding-CODE: what is wrong in general; .advice: what the sender does about it. The codes are those of the sdk.

finding-field_required = A required field is missing.
    .advice = Fill the field in the source system and send the item again.
finding-field_length = A text or a list is shorter or longer than allowed.
    .advice = Shorten or complete the value in the source system and send the item again.
finding-field_range = A number is outside the allowed range.
    .advice = Correct the number in the source system and send the item again.
finding-field_pattern = A text does not have the required form.
    .advice = Write the value in the form that the message names and send the item again.
finding-field_invalid = A field holds a value that cannot be used.
    .advice = Correct the value in the source system and send the item again.
finding-field_unknown = A field is not known.
    .advice = Check the spelling of the field's name, or leave the field out.
finding-record_malformed = The record cannot be read.
    .advice = Check how the source system writes this record: number of fields, quotes, brackets.
finding-record_too_large = The record is larger than one item may be.
    .advice = Remove what does not belong to the item, such as embedded pictures, or split it.
finding-sku_missing = The record has no item number.
    .advice = Give the item its number in the source system and send it again.
finding-sku_duplicate = The item number occurs more than once; the last record counts.
    .advice = Send each item number once. If these are different items, give them different numbers.
finding-sku_unknown = A partial change names an item that is not there.
    .advice = Send the whole item first, or correct the item number.
finding-decimal_invalid = A number cannot be read as a decimal.
    .advice = Write the number with digits and one decimal point, without a thousands separator or a unit, such as 1234.50.
finding-date_invalid = A date or time cannot be read.
    .advice = Write the date as year-month-day, such as 2026-01-31.
finding-price_amount_missing = A price has no amount and was left out.
    .advice = Give the price its amount, or remove the empty price.
finding-price_formula_refused = A price is a formula; formulas are not computed, and the price was left out.
    .advice = Send the price as an amount.
finding-currency_missing = A price has no currency.
    .advice = Name the currency with the price or in the head of the document, or ask the operator to set a default.
finding-currency_unknown = The currency is not a valid currency code.
    .advice = Use the three-letter code of ISO 4217, such as EUR or PLN.
finding-tax_percent = A tax above 1 was read as a percentage.
    .advice = Nothing is lost. To avoid the note, send the tax as a fraction: 0.19 for 19 percent.
finding-gtin_check_digit = The check digit of a GTIN (EAN) is wrong; the number was kept as sent.
    .advice = Compare the number with the label of the product and correct it.
finding-category_unknown = The item is assigned to a group that the document does not contain.
    .advice = Send the group along, or correct the id of the group.
finding-mode_narrowed = The document asks for more than the sender of the import allowed; what was allowed was done.
    .advice = If the document is to replace the whole catalog, allow it: send it with mode=replace.
finding-mode_unsuited = The record cannot be applied in this kind of import.
    .advice = Send the record in a document of the fitting kind, or choose another mode.
finding-language_unknown = A language code is not known; the default language was used.
    .advice = Use a code of ISO 639, such as en or eng.
finding-text_truncated = A text was longer than allowed and was cut.
    .advice = Shorten the text in the source system if its end matters.
finding-part_ignored = A part of the document has no place here and was left out.
    .advice = Nothing has to be done. If the part matters, ask the operator.
finding-findings_omitted = A record has more findings than are listed.
    .advice = Correct those that are listed and send the item again; what is left is told then.
finding-rule_panicked = A checking rule failed on this item.
    .advice = The fault is not in the item. Tell the operator the id of the import.
finding-rule_suspended = A checking rule is out of service for a while; its items are rejected.
    .advice = Send the items again later; tell the operator if it lasts.
finding-rule_rejected = A rule of the recipient rejects this item.
    .advice = Change what the message names and send the item again.
finding-encoding_guessed = The document does not say its encoding, or says a wrong one; it was read in the one it probably is in.
    .advice = Look at umlauts and accents in the result. Let the source system declare its encoding, best of all UTF-8.
finding-record_outdated = The record is older than one of the same item before it and was left out.
    .advice = Nothing has to be done if the newer record is right; otherwise send the item once more with a newer state.
finding-columns_assumed = The profile assigns no columns; those with well-known headings were taken.
    .advice = Compare the result with the table. If a column is missing, ask the operator to assign it in the profile.
finding-column_missing = A column that the profile assigns is not in the document.
    .advice = Send the column along under the agreed heading, or ask the operator to change the profile.
finding-cell_error = A cell holds an error of the spreadsheet instead of a value.
    .advice = Correct the formula in the spreadsheet and send the table again.
finding-number_shortened = A spreadsheet has shortened a number, as in 4.00639E+12; its digits are lost.
    .advice = Format the column as text before you save the table, enter the numbers again and send it.
finding-other = The recipient has checked the item by a rule of its own.
    .advice = Read the message; ask the operator if it is not clear.

# What is wrong with this value at this place.
finding-says-value-path = { $title } Sent was “{ $value }” in { $path }.
finding-says-value = { $title } Sent was “{ $value }”.
finding-says-path = { $title } Place: { $path }.

# error-CODE: why a whole document was refused.
error-request_invalid = The request breaks a declared rule
    .advice = Correct the fields listed under errors.
error-document_malformed = The document is malformed
    .advice = Correct the document at the given position.
error-doctype_refused = A document type declaration is not allowed here
    .advice = Send the envelope without a DOCTYPE.
error-entity_unknown = An entity is not defined
    .advice = Send the character itself or a numeric reference.
error-encoding_invalid = The bytes do not fit the declared encoding
    .advice = Declare the encoding that the bytes are in.
error-limit_exceeded = A limit of the document reader is exceeded
    .advice = See the limits page; split or flatten the document.
error-unauthenticated = Credentials are missing or wrong
    .advice = Send a valid key id and secret.
error-forbidden = The credentials do not allow this
    .advice = Ask the operator for the right.
error-tenant_suspended = The tenant is suspended
    .advice = Ask the operator; what was acknowledged goes on when the tenant is served again.
error-not_found = There is no such resource
    .advice = Check the address.
error-method_not_allowed = The resource does not know this method
    .advice = Use a method of the Allow header.
error-idempotency_mismatch = The idempotency key was used for another document
    .advice = Use a new key for a new document.
error-precondition_failed = The item has changed since it was read
    .advice = Read the item again.
error-body_too_large = The body is larger than allowed
    .advice = Split the document, or ask the operator for a higher limit.
error-uri_too_long = The address is longer than allowed
    .advice = Shorten the query.
error-media_type_unsupported = The content type is not supported
    .advice = Use one of the content types named in the detail.
error-body_incomplete = The body ended before it was complete
    .advice = Send the document again.
error-request_timeout = The request took too long to arrive
    .advice = Send faster, or in smaller parts.
error-too_many_requests = Too many requests at once
    .advice = Retry after the given time.
error-request_rate_exceeded = The tenant sends more requests than it may
    .advice = Retry after the given time.
error-too_many_rejected = More records were rejected than the profile tolerates
    .advice = Read the findings, correct the records, send again.
error-hook_timeout = A customer hook took too long
    .advice = Tell the operator the import id.
error-hook_suspended = A customer hook is suspended
    .advice = Send it again after a pause; tell the operator if it lasts.
error-hook_failed = A customer hook failed
    .advice = Tell the operator the import id.
error-import_cancelled = The import was cancelled
    .advice = Nothing was changed; send the document again to import it.
error-internal = Something failed on our side
    .advice = Tell the operator the request id.
error-customer_unknown = The tenant's customer crate is not loaded
    .advice = Tell the operator.
error-profile_invalid = The tenant's profile cannot be used
    .advice = Tell the operator.
error-plan_changed = The tenant's extension plan is not the one that is pinned
    .advice = Tell the operator.
error-schema_version = The tenant's database is not at a version that this server serves
    .advice = Retry later; if it lasts, tell the operator.
error-storage_busy = The storage is busy
    .advice = Retry after the given time.
error-unavailable = The server cannot take this now
    .advice = Retry after the given time.
error-storage_full = There is no space left for the document
    .advice = Tell the operator; nothing was stored.
error-spool_quota_exceeded = The tenant's documents take more space than they may
    .advice = Wait until documents are no longer kept, or ask the operator for a higher quota.
error-item_quota_exceeded = The tenant would have more items than it may
    .advice = Remove items, or ask the operator for a higher quota.
error-source_unreachable = The service cannot be reached
    .advice = Check the source's url and whether the service runs.
error-source_tls_failed = The connection to the service cannot be secured
    .advice = Check the service's certificate, and which ones this machine trusts.
error-source_timeout = The service took too long to answer
    .advice = Try again later, or raise the source's timeout_s.
error-source_login_refused = The service refused the login
    .advice = Check the source's user and secret.
error-source_answer_too_large = An answer of the service is larger than allowed
    .advice = Lower the source's page_size or raise its response_bytes_max.
error-source_failed = The service did not answer as it should
    .advice = See the detail; ask whoever runs the service.
error-source_secret_unset = The secret of the source is not set
    .advice = Set the environment variable that the detail names.
error-soap_envelope_invalid = The message is not a valid SOAP envelope
    .advice = Check namespace, order and number of Header and Body.
error-soap_attachment_invalid = An attachment of the message cannot be taken
    .advice = Send the envelope first, then the one attachment that it refers to by its Content-ID.
error-soap_version_mismatch = The SOAP version is not supported
    .advice = Use the SOAP 1.1 or 1.2 envelope namespace.
error-soap_must_understand = A mandatory header is not understood
    .advice = Send the header without mustUnderstand, or not at all.
error-soap_addressing_invalid = A WS-Addressing header cannot be followed
    .advice = Send each header once, with the anonymous address for answers, or no such headers.
error-soap_encoding_unsupported = The message is rpc/encoded, which the service is not
    .advice = Build the client from the WSDL, which is document/literal wrapped.
error-soap_operation_unknown = The operation is not known
    .advice = Use an operation of the WSDL; let SOAPAction name it.
error-rejected_unavailable = The rejected records cannot be written out
    .advice = Correct the records in the source system by the findings and send them again.
error-document_gone = The document is no longer kept
    .advice = Correct the records in the source system by the findings and send them again.
error-backup_invalid = The backup cannot be used
    .advice = See the detail; nothing was changed.
error-format_unknown = No format recognises the document
    .advice = Send a known format, or name the format in the profile.
error-session_unknown = The session is unknown or has ended
    .advice = Log in again.
error-other = The import could not be carried out
    .advice = Tell the operator the id of the import.

# The report page.
report-title = Import report
outcome-waiting = This import has not ended yet. Load the page again later.
outcome-failed = Nothing was changed: the document could not be imported.
outcome-empty = The document holds no records; nothing was read from it.
outcome-clean = { $accepted ->
        [one] The one record was taken.
       *[other] All { $accepted } records were taken.
    }
outcome-partial = { $rejected ->
        [one] One of { $read } records was rejected.
       *[other] { $rejected } of { $read } records were rejected.
    } { $accepted ->
        [0] None was taken.
        [one] One was taken.
       *[other] { $accepted } were taken.
    }
reason = Reason
what-to-do = What to do
label-import = Import
label-catalog = Catalog
label-format = Format
label-encoding = Encoding
label-size = Size
label-received = Received
label-finished = Finished
label-mode = Mode
size-bytes = { $bytes } bytes
count-read = read
count-accepted = accepted
count-rejected = rejected
count-added = added
count-changed = changed
count-unchanged = unchanged
count-removed = removed
section-errors = Rejected
section-warnings = Warnings
section-unmapped = Not read
column-place = Place
column-item = Item
column-problem = What is wrong
line = line { $line }
line-column = line { $line }, column { $column }
element-path = in { $path }
sent-value = Sent
from-document = From the document
more-of-kind = { $count ->
        [one] One more of this kind is
       *[other] { $count } more of this kind are
    } in the
more-kinds = There are more kinds of findings than are shown here. All of them are in the
more-place = table
findings-kept-max = Only the first { $count } findings were kept.
csv-link = All findings as a table (CSV)
rejected-link = The rejected records in your own format
rejected-how = Correct them there and send the file again with mode=merge. Without it a document that declares a whole catalog would replace everything by these few records.
unmapped-intro = These parts of the document are not known to the reader. They were left out; the records were taken without them.
column-path = Path
column-count = Number
unmapped-more = { $count ->
        [one] One more path is
       *[other] { $count } more paths are
    } in the import's description (JSON).
all-well = There is nothing to correct.
