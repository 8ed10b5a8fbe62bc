//! Which message of GDSN a document is, and in which version.

/// The messages that say something about items.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Message {
    /// CIN: items.
    Notification,
    /// CIP: who is to get which items.
    Publication,
    /// CIHW: items that go.
    Withdrawal,
}

impl Message {
    /// By the name of a root or of an element within an envelope.
    pub(crate) fn named(name: &str) -> Option<Self> {
        match name {
            "catalogueItemNotificationMessage" | "catalogueItemNotification" | "catalogueItem" => {
                Some(Self::Notification)
            }
            "catalogueItemPublicationMessage" | "catalogueItemPublication" => Some(Self::Publication),
            "catalogueItemHierarchicalWithdrawalMessage" | "catalogueItemHierarchicalWithdrawal" => {
                Some(Self::Withdrawal)
            }
            _ => None,
        }
    }

    /// Its abbreviation.
    pub(crate) fn abbreviation(self) -> &'static str {
        match self {
            Self::Notification => "CIN",
            Self::Publication => "CIP",
            Self::Withdrawal => "CIHW",
        }
    }
}

/// Whether a root of this name may hold messages.
pub(crate) fn is_envelope(name: &str) -> bool {
    matches!(name, "StandardBusinessDocument" | "as2Message" | "envelope" | "Envelope")
}

/// Whether a name is that of another message of GDSN, which holds no items.
pub(crate) fn is_of_gdsn(name: &str, namespace: &str) -> bool {
    namespace.starts_with("urn:gs1:gdsn")
        || namespace.starts_with("urn:ean.ucc:gdsn")
        || name.starts_with("catalogueItem")
}

/// The version that a namespace names; nothing if it names none.
pub(crate) fn version_of(namespace: &str) -> Option<&str> {
    let after = namespace.split_once(":xsd:").map(|(_, version)| version);
    after.or_else(|| namespace.starts_with("urn:ean.ucc").then_some("2"))
}

#[cfg(test)]
mod tests {
    use super::version_of;

    #[test]
    fn versions_of_namespaces() {
        let cases = [
            ("urn:gs1:gdsn:catalogue_item_notification:xsd:3", Some("3")),
            ("urn:ean.ucc:2", Some("2")),
            ("urn:ean.ucc:gdsn:2", Some("2")),
            ("", None),
        ];
        for (namespace, expected) in cases {
            assert_eq!(version_of(namespace), expected);
        }
    }
}
