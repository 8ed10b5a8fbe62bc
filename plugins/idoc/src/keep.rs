//! Fields without a place of their own in an item become attributes, so that nothing of a material is lost in silence.
//!
//! They are named by their path, repeated segments with their key: `E1MARCM[1000]/DISMM`. Continuations of a segment count as it.

use std::collections::HashMap;

use plugpoint_sdk::model::Attribute;
use plugpoint_sdk::reading::Record;
use plugpoint_sdk::xml::Element;

use crate::material::is_gone;
use crate::segment::{
    self, continues, is_bookkeeping, is_initial, is_segment, is_unit_field, is_voluminous, sap_name, unit_fields, value,
};

/// The system of all attributes that come from an IDoc.
pub(crate) const SYSTEM: &str = "idoc";
/// Segments within each other whose fields are kept; SAP's own end at three.
const DEPTH_MAX: usize = 8;

/// Keeps fields; those named in `read` have a place of their own.
pub(crate) struct Keeper<'r, 'p> {
    pub(crate) record: &'r mut Record<'p>,
    /// Whether the record says only what has changed: then a value that is initial now takes the attribute away.
    pub(crate) is_change: bool,
}

impl Keeper<'_, '_> {
    /// Keeps a segment under a path, the segments in it included.
    pub(crate) fn segment(&mut self, segment: &Element, path: &str, read: &[&str]) {
        self.below(segment, path, read, DEPTH_MAX);
    }

    fn below(&mut self, segment: &Element, path: &str, read: &[&str], depth_left: usize) {
        let before = self.record.draft.data.attributes.len();
        let keys = segment::key_fields(segment);
        for field in segment.children().iter().filter(|child| !is_segment(child)) {
            if keys.contains(&field.name()) || read.contains(&field.name()) {
                continue;
            }
            self.field(segment, field, path);
        }
        let mut seen: HashMap<String, usize> = HashMap::new();
        for child in segment.children().iter().filter(|child| is_segment(child)) {
            if depth_left == 0 || is_voluminous(child.name()) || read.contains(&child.name()) {
                continue;
            }
            if continues(child.name(), segment.name()) {
                self.below(child, path, read, depth_left);
                continue;
            }
            let path = joined(path, &numbered(segment::keyed_name(child), &mut seen));
            self.child(child, &path, depth_left - 1);
        }
        // A plant or an organisation of which nothing else is said is there all the same.
        if self.record.draft.data.attributes.len() == before && !self.is_change {
            for key in keys {
                self.record.fact(segment, SYSTEM, &joined(path, key), value(segment, key).unwrap_or_default());
            }
        }
    }

    fn child(&mut self, child: &Element, path: &str, depth_left: usize) {
        if !is_gone(child, self.record, self.is_change) {
            self.below(child, path, &[], depth_left);
        }
    }

    fn field(&mut self, segment: &Element, field: &Element, path: &str) {
        if is_bookkeeping(field.name()) || is_unit_field(field.name()) {
            return field.pass_over();
        }
        let Some(sent) = value(segment, field.name()) else { return };
        let name = joined(path, &sap_name(field.name()));
        let mut attribute = Attribute { name, system: Some(SYSTEM.to_owned()), ..Attribute::default() };
        if is_initial(sent) {
            if self.is_change {
                self.record.attribute(field, attribute);
            }
            return;
        }
        match unit_fields(field.name()) {
            Some(units) => {
                attribute.unit = segment::first(segment, units).map(str::to_owned);
                attribute.values.push(segment::number(sent));
            }
            None => attribute.values.push(sent.to_owned()),
        }
        self.record.attribute(field, attribute);
    }
}

/// Fields of the material itself have no path before them.
fn joined(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path}/{name}") }
}

/// The second segment of one name without a key of its own is `[2]`.
pub(crate) fn numbered(name: String, seen: &mut HashMap<String, usize>) -> String {
    let count = seen.entry(name.clone()).or_default();
    *count += 1;
    if *count == 1 { name } else { format!("{name}[{count}]") }
}
