//! The operations whose cost has limits of its own for each tenant, and which limits each has.
//!
//! Declared once, here: `[limits.operations]` of a profile is checked against it, the configuration says how much each may be at
//! most, the protocols hold their requests to it, `GET /v1/tenants/self` and the page of limits show it. Nothing is enforced here.

use serde::{Deserialize, Serialize};

use crate::profile::keys::{Key, Kind};

/// A kind of limit that an operation can have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OperationLimit {
    /// Bytes of a request's body, as it is sent and as it is unpacked.
    BodyBytes,
    /// Entries on a page of the answer.
    PageItems,
    /// Seconds that the answer waits for an import's end.
    WaitSeconds,
}

impl OperationLimit {
    /// Its name in a profile and in answers, with its unit.
    #[must_use]
    pub const fn name(self) -> &'static str {
        self.key().name
    }

    const fn key(self) -> Key {
        let (name, max, doc) = match self {
            Self::BodyBytes => {
                ("body_bytes_max", 1 << 40, "Bytes of a request's body, as it is sent and as it is unpacked.")
            }
            Self::PageItems => ("page_items_max", 10_000, "Entries on a page; one that asks for more gets so many."),
            Self::WaitSeconds => ("wait_s_max", 3600, "Seconds that the answer waits for an import's end at most."),
        };
        let min = if matches!(self, Self::WaitSeconds) { 0 } else { 1 };
        Key { name, doc, kind: Kind::Number { min, max }, default: "" }
    }
}

/// The limits of one operation; none where there is no such limit, or nobody has set one.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct OperationLimits {
    /// Bytes of a request's body.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub body_bytes_max: Option<u64>,
    /// Entries on a page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub page_items_max: Option<u64>,
    /// Seconds that the answer waits.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub wait_s_max: Option<u64>,
}

impl OperationLimits {
    /// One of them.
    #[must_use]
    pub fn get(&self, limit: OperationLimit) -> Option<u64> {
        match limit {
            OperationLimit::BodyBytes => self.body_bytes_max,
            OperationLimit::PageItems => self.page_items_max,
            OperationLimit::WaitSeconds => self.wait_s_max,
        }
    }

    /// How long a page is that was asked for with so many entries.
    #[must_use]
    pub fn page(&self, asked: u32) -> u32 {
        self.page_items_max.and_then(|max| u32::try_from(max).ok()).map_or(asked, |max| asked.min(max))
    }

    /// Lowers one of them; what is lower already stays.
    pub fn lower(&mut self, limit: OperationLimit, max: u64) {
        let place = match limit {
            OperationLimit::BodyBytes => &mut self.body_bytes_max,
            OperationLimit::PageItems => &mut self.page_items_max,
            OperationLimit::WaitSeconds => &mut self.wait_s_max,
        };
        *place = Some(place.map_or(max, |known| known.min(max)));
    }
}

macro_rules! operations {
    ($($Operation:ident = $name:literal [$($Limit:ident),+] $doc:literal;)+) => {
        /// An operation with limits, by the name that the OpenAPI document or the WSDL has for it.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
        pub enum ApiOperation {
            $(#[doc = $doc] #[serde(rename = $name)] $Operation,)+
        }

        impl ApiOperation {
            /// All of them, in the order of the reference.
            pub const ALL: &'static [Self] = &[$(Self::$Operation,)+];

            /// Its name.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$Operation => $name,)+ }
            }

            /// Where it is asked for.
            #[must_use]
            pub const fn place(self) -> &'static str {
                match self { $(Self::$Operation => $doc,)+ }
            }

            /// The limits that it has.
            #[must_use]
            pub const fn limits(self) -> &'static [OperationLimit] {
                match self { $(Self::$Operation => &[$(OperationLimit::$Limit,)+],)+ }
            }
        }

        /// The keys of `[limits.operations]`.
        pub(crate) const KEYS: &[Key] = &[$(Key {
            name: $name,
            doc: $doc,
            kind: Kind::Table(const { &[$(OperationLimit::$Limit.key(),)+] }),
            default: "",
        },)+];
    };
}

operations! {
    CreateImport = "createImport" [BodyBytes, WaitSeconds] "REST: `POST /v1/catalogs/{catalog}/imports`";
    PutItem = "putItem" [BodyBytes] "REST: `PUT /v1/catalogs/{catalog}/items/{sku}`";
    ListCatalogs = "listCatalogs" [PageItems] "REST: `GET /v1/catalogs`";
    ListItems = "listItems" [PageItems] "REST: `GET /v1/catalogs/{catalog}/items`";
    ListChanges = "listChanges" [PageItems] "REST: `GET /v1/catalogs/{catalog}/changes`";
    ListImports = "listImports" [PageItems] "REST: `GET /v1/catalogs/{catalog}/imports`";
    ListFindings = "listFindings" [PageItems] "REST: `GET /v1/catalogs/{catalog}/imports/{id}/findings`";
    SoapImportCatalog = "ImportCatalog" [BodyBytes, WaitSeconds] "SOAP: the whole message, its attachments included";
    SoapSubmitCatalog = "SubmitCatalog" [BodyBytes] "SOAP: the whole message, its attachments included";
    SoapGetImportStatus = "GetImportStatus" [BodyBytes] "SOAP: the whole message";
    SoapGetItem = "GetItem" [BodyBytes] "SOAP: the whole message";
    SoapListItems = "ListItems" [BodyBytes, PageItems] "SOAP: the whole message; the page of the answer";
    CallFacade = "callFacade" [BodyBytes] "SOAP: `POST /soap/tenants/{tenant}/{facade}`, every call to a facade";
}

#[cfg(test)]
mod tests {
    use super::{ApiOperation, OperationLimit, OperationLimits};
    use crate::profile::Profile;

    #[test]
    fn a_profile_may_limit_each_operation_in_what_it_has_and_in_nothing_else() {
        use OperationLimit::{BodyBytes, PageItems, WaitSeconds};
        for operation in ApiOperation::ALL {
            for limit in [BodyBytes, PageItems, WaitSeconds] {
                let text = format!("[limits.operations.{}]\n{} = 7", operation.name(), limit.name());
                let has = operation.limits().contains(&limit);
                let read = Profile::parse(&text);
                assert_eq!(read.is_ok(), has, "{text}: {read:?}");
                if let Ok(profile) = read {
                    assert_eq!(profile.limits.operations[operation].get(limit), Some(7), "{text}");
                    assert_eq!(profile.limits.operations.len(), 1);
                    assert_eq!(Profile::parse(&profile.to_toml().expect("TOML")), Ok(profile));
                }
            }
        }
    }

    #[test]
    fn mistakes_name_what_there_is() {
        let refused = |text: &str| Profile::parse(text).expect_err(text)[0].to_string();
        let unknown = refused("[limits.operations.deleteEverything]\nbody_bytes_max = 1");
        assert!(unknown.starts_with("line 1: limits.operations.deleteEverything: there is no such key; there is"));
        for operation in ApiOperation::ALL {
            assert!(unknown.contains(&format!("{:?}", operation.name())), "{unknown}");
        }
        assert_eq!(
            refused("[limits.operations.createimport]\nbody_bytes_max = 1"),
            "line 1: limits.operations.createimport: there is no such key; did you mean \"createImport\"?"
        );
        assert_eq!(
            refused("[limits.operations.putItem]\nwait_s_max = 1"),
            "line 2: limits.operations.putItem.wait_s_max: there is no such key; there is \"body_bytes_max\""
        );
        for value in ["0", "-1", "1099511627777", "'1 MiB'", "1.5"] {
            let text = format!("[limits.operations.putItem]\nbody_bytes_max = {value}");
            assert!(refused(&text).ends_with("is not within 1 to 1099511627776"), "{text}");
        }
        assert!(refused("[limits.operations]\nputItem = 5").contains("5 is not a table of body_bytes_max"));
    }

    #[test]
    fn limits_are_lowered_and_never_raised() {
        let mut limits = OperationLimits { body_bytes_max: Some(10), ..OperationLimits::default() };
        for (max, expected) in [(11, 10), (10, 10), (9, 9), (10, 9)] {
            limits.lower(OperationLimit::BodyBytes, max);
            assert_eq!(limits.body_bytes_max, Some(expected));
        }
        limits.lower(OperationLimit::PageItems, 3);
        assert_eq!((limits.page_items_max, limits.wait_s_max), (Some(3), None));
        assert_eq!([2, 3, 4].map(|asked| limits.page(asked)), [2, 3, 3]);
        assert_eq!(OperationLimits::default().page(4), 4);
    }
}
