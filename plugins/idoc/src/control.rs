//! EDI_DC40, the control record: which message this is, how old, and whether it is a test. The rest of it is about its transport.

use plugpoint_sdk::xml::Element;

use crate::segment::{flag, value};

/// Characters of a type that are shown.
const TYPE_CHARS_MAX: usize = 40;

/// What the control record says.
#[derive(Default, Clone)]
pub(crate) struct Control {
    /// MESTYP.
    pub(crate) message: String,
    /// IDOCTYP, or CIMTYP where the sender extended it.
    pub(crate) kind: String,
    /// SERIAL as a number; higher is newer.
    pub(crate) serial: Option<u64>,
    /// TEST is set.
    pub(crate) is_test: bool,
}

impl Control {
    /// Reads EDI_DC40, or EDI_DC of older releases.
    pub(crate) fn read(control: &Element) -> Self {
        let shown = |text: &str| text.chars().take(TYPE_CHARS_MAX).collect();
        let kind = ["CIMTYP", "IDOCTYP"].into_iter().find_map(|field| value(control, field));
        let read = Self {
            message: value(control, "MESTYP").map(shown).unwrap_or_default(),
            kind: kind.map(shown).unwrap_or_default(),
            serial: value(control, "SERIAL").and_then(|serial| serial.parse().ok()),
            is_test: flag(control, "TEST"),
        };
        control.pass_over();
        read
    }
}
