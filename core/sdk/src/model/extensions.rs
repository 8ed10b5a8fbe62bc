//! The member of an item under which presenters answer. It is declared so that the published schema has it, and holds
//! nothing: what a client sends back is passed over unread, and nothing of it is ever stored.

use serde::de::{Deserialize, Deserializer, IgnoredAny};
use serde::ser::{Serialize, SerializeMap, Serializer};

use crate::schema::{Path, Rules, Shape, Value, Violations};

/// What an answer says beside an item's own fields; in an item that was read, nothing.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Extensions;

impl Extensions {
    /// Always: the stored form of an item has no extensions. They are written into its answer, behind its own fields.
    #[must_use]
    pub fn is_left_out(&self) -> bool {
        true
    }
}

impl<'de> Deserialize<'de> for Extensions {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        IgnoredAny::deserialize(deserializer).map(|_| Self)
    }
}

impl Serialize for Extensions {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_map(Some(0))?.end()
    }
}

impl Value for Extensions {
    const SHAPE: Shape = Shape::AnswerOnly;
    fn check_value(&self, _: &Rules, _: &Path<'_>, _: &mut Violations) {}
}

#[cfg(test)]
mod tests {
    use crate::model::ItemData;

    #[test]
    fn extensions_are_read_over_and_never_written() {
        let plain = r#"{"sku":"A1","texts":[{"lang":"en","title":"Cable"}]}"#;
        let item: ItemData = serde_json::from_str(plain).unwrap();
        for sent in ["{}", "null", "1", "[[{}]]", r#"{"stock": {"a": [1, "}"]}}"#, r#"{"extensions": {}}"#] {
            let text = format!("{},\"extensions\":{sent}}}", plain.strip_suffix('}').unwrap());
            let read: ItemData = serde_json::from_str(&text).unwrap();
            assert_eq!(read, item, "{sent}");
            assert!(!serde_json::to_string(&read).unwrap().contains("extensions"), "{sent}");
        }
        for bad in [r#"{"sku":"A1","texts":[],"extensions":}"#, r#"{"sku":"A1","texts":[],"extension":{}}"#] {
            assert!(serde_json::from_str::<ItemData>(bad).is_err(), "{bad}");
        }
    }
}
