//! What each operation may cost: the server's own limit of it, lowered by the tenant's profile.
//!
//! The protocols ask here before they read a body; `GET /v1/tenants/self` and the page of limits show the same numbers.

use plugpoint_sdk::operation::{ApiOperation, OperationLimit, OperationLimits};
use plugpoint_sdk::profile::LimitsProfile;

use crate::sections::LimitsSection;

impl LimitsSection {
    /// What an operation may cost a tenant of this profile.
    #[must_use]
    pub fn of_tenant(&self, profile: &LimitsProfile, operation: ApiOperation) -> OperationLimits {
        let own = profile.operations.get(&operation).copied().unwrap_or_default();
        let mut limits = OperationLimits::default();
        for limit in operation.limits() {
            limits.lower(*limit, ceiling(self, operation, *limit).1);
            if let Some(max) = own.get(*limit) {
                limits.lower(*limit, max);
            }
        }
        if operation == ApiOperation::CreateImport {
            // The body is the document, and nothing else.
            limits.lower(OperationLimit::BodyBytes, profile.document_bytes_max);
        }
        limits
    }

    /// The bytes of a document of a tenant of this profile, however it comes.
    #[must_use]
    pub fn document_bytes_max(&self, profile: &LimitsProfile) -> u64 {
        self.import_body_bytes_max.min(profile.document_bytes_max)
    }

    /// The bytes of a call to a facade. An envelope in another encoding has up to twice as many.
    fn facade_body_bytes_max(&self) -> u64 {
        2 * (self.soap_envelope_bytes_max + self.facade_call_bytes_max) as u64
    }
}

/// The server's own limit of an operation: the key that sets it, and its value.
pub(crate) fn ceiling(limits: &LimitsSection, operation: ApiOperation, limit: OperationLimit) -> (&'static str, u64) {
    use ApiOperation::{CallFacade, CreateImport, PutItem, SoapImportCatalog, SoapSubmitCatalog};
    match (limit, operation) {
        (OperationLimit::PageItems, _) => ("`limits.page_items_max`", limits.page_items_max as u64),
        (OperationLimit::WaitSeconds, _) => ("`limits.wait_s_max`", limits.wait_s_max),
        (OperationLimit::BodyBytes, CreateImport | SoapImportCatalog | SoapSubmitCatalog) => {
            ("`limits.import_body_bytes_max`", limits.import_body_bytes_max)
        }
        (OperationLimit::BodyBytes, PutItem) => ("`limits.json_body_bytes_max`", limits.json_body_bytes_max),
        (OperationLimit::BodyBytes, CallFacade) => (
            "twice `limits.soap_envelope_bytes_max` and `limits.facade_call_bytes_max`",
            limits.facade_body_bytes_max(),
        ),
        // An envelope in another encoding has up to twice as many bytes.
        (OperationLimit::BodyBytes, _) => {
            ("twice `limits.soap_envelope_bytes_max`", 2 * limits.soap_envelope_bytes_max as u64)
        }
    }
}

#[cfg(test)]
mod tests {
    use plugpoint_sdk::operation::{ApiOperation, OperationLimit};
    use plugpoint_sdk::profile::Profile;

    use crate::Config;

    #[test]
    fn a_tenant_lowers_its_limits_and_raises_none() {
        let limits = Config::default().limits;
        for operation in ApiOperation::ALL {
            let own = limits.of_tenant(&Profile::default().limits, *operation);
            for limit in [OperationLimit::BodyBytes, OperationLimit::PageItems, OperationLimit::WaitSeconds] {
                assert_eq!(own.get(limit).is_some(), operation.limits().contains(&limit), "{operation:?} {limit:?}");
            }
            for limit in operation.limits() {
                let of = |max: u64| {
                    let text = format!("[limits.operations.{}]\n{} = {max}", operation.name(), limit.name());
                    let profile = Profile::parse(&text).expect("a profile").limits;
                    limits.of_tenant(&profile, *operation).get(*limit)
                };
                let ceiling = own.get(*limit).expect("it has one");
                for (asked, expected) in
                    [(1, 1), (ceiling - 1, ceiling - 1), (ceiling, ceiling), (ceiling + 1, ceiling)]
                {
                    assert_eq!(of(asked), Some(expected), "{operation:?} {limit:?} {asked}");
                }
            }
        }
    }

    #[test]
    fn the_body_of_an_import_by_rest_is_its_document() {
        let limits = Config::default().limits;
        let profile = Profile::parse("[limits]\ndocument_bytes_max = 5000").expect("a profile").limits;
        let bytes_max = |operation| limits.of_tenant(&profile, operation).body_bytes_max;
        assert_eq!(bytes_max(ApiOperation::CreateImport), Some(5000));
        assert_eq!(bytes_max(ApiOperation::SoapImportCatalog), Some(limits.import_body_bytes_max));
        assert_eq!(limits.document_bytes_max(&profile), 5000);
        assert_eq!(limits.document_bytes_max(&Profile::default().limits), limits.import_body_bytes_max);
    }
}
