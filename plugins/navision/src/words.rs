//! The faults of the service: a code of NAV's own namespace, its sentence, and the sentence again as the detail.

use plugpoint_sdk::facade::{FacadeError, FacadeFault, Words};
use plugpoint_sdk::xml::escaped;

const NAMESPACE: &str = "urn:microsoft-dynamics-schemas/error";

const fn words(code: &'static str) -> Words {
    Words { code, namespace: NAMESPACE, text: "{}" }
}

pub(crate) const OPERATION: Words = words("Microsoft.Dynamics.Nav.Service.WebServices.ServiceBrokerException");
pub(crate) const INVALID: Words = words("Microsoft.Dynamics.Nav.Types.Exceptions.NavNCLInvalidParameterException");
pub(crate) const DENIED: Words = words("Microsoft.Dynamics.Nav.Types.Exceptions.NavSecurityException");
pub(crate) const BUSY: Words = words("Microsoft.Dynamics.Nav.Types.Exceptions.NavCSideLockTimeoutException");
pub(crate) const FAILED: Words = Words {
    text: "The service could not do this. Its operator finds the reason in the log.",
    ..words("Microsoft.Dynamics.Nav.Types.Exceptions.NavNCLDialogException")
};

const FILTER: Words = words("Microsoft.Dynamics.Nav.Types.NavFilterException");
const NOT_FOUND: Words = words("Microsoft.Dynamics.Nav.Types.Exceptions.NavCSideRecordNotFoundException");
const EXISTS: Words = words("Microsoft.Dynamics.Nav.Types.Exceptions.NavCSideDuplicateKeyException");
const CHANGED: Words = words("Microsoft.Dynamics.Nav.Types.Exceptions.NavCSideRecordChangedException");
const FIELD: Words = words("Microsoft.Dynamics.Nav.Types.Exceptions.NavNCLFieldValidationException");

fn fault(words: Words, said: &str) -> FacadeError {
    let detail =
        format!("<string xmlns=\"http://schemas.microsoft.com/2003/10/Serialization/\">{}</string>", escaped(said));
    FacadeFault { detail, ..words.fault(said) }.into()
}

pub(crate) fn invalid(said: impl AsRef<str>) -> FacadeError {
    fault(INVALID, said.as_ref())
}

pub(crate) fn bad_filter(said: impl AsRef<str>) -> FacadeError {
    fault(FILTER, said.as_ref())
}

pub(crate) fn bad_field(said: impl AsRef<str>) -> FacadeError {
    fault(FIELD, said.as_ref())
}

pub(crate) fn not_found(number: &str) -> FacadeError {
    fault(NOT_FOUND, &format!("The Item does not exist. Identification fields and values: No.='{number}'"))
}

pub(crate) fn exists(number: &str) -> FacadeError {
    fault(EXISTS, &format!("The Item already exists. Identification fields and values: No.='{number}'"))
}

pub(crate) fn changed(number: &str) -> FacadeError {
    fault(CHANGED, &format!("Other user has modified \"Item\" \"No.='{number}'\""))
}
