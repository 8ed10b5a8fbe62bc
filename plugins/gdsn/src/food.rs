//! What a label says of food: allergens and nutrients, each an attribute with its code in its name, so that they can be found.

use plugpoint_sdk::model::Attribute;
use plugpoint_sdk::reading::Record;
use plugpoint_sdk::xml::Element;

use crate::keep::{Numbers, SYSTEM, keep};
use crate::shape::{first_text, measurement};

/// `allergen/AM` with its level of containment; further facts under that name.
pub(crate) fn allergen(allergen: &Element, record: &mut Record<'_>) {
    let Some(code) = allergen.child("allergenTypeCode").and_then(first_text) else {
        return rest(allergen, "allergen", &[], record);
    };
    let path = format!("allergen/{code}");
    let level = allergen.child("levelOfContainmentCode").or_else(|| allergen.child("levelOfContainment"));
    // Without a level it is known at least that something is said of it.
    let values = level.and_then(first_text).map(str::to_owned).into_iter().collect();
    let attribute = Attribute { name: path.clone(), values, system: Some(SYSTEM.to_owned()), ..Attribute::default() };
    record.attribute(allergen, attribute);
    rest(allergen, &path, &["allergenTypeCode", "levelOfContainmentCode", "levelOfContainment"], record);
}

/// `nutrient/UNPREPARED/100GRM/FAT` with its unit: preparation state and basis (a quantity, or its code), as far as they are sent, then the nutrient.
pub(crate) fn nutrients(header: &Element, record: &mut Record<'_>) {
    const NAMED: [&str; 5] = [
        "preparationStateCode",
        "preparationState",
        "nutrientBasisQuantity",
        "nutrientBasisQuantityTypeCode",
        "nutrientDetail",
    ];
    let mut path = "nutrient".to_owned();
    let state = header.child(NAMED[0]).or_else(|| header.child(NAMED[1])).and_then(first_text);
    let basis = header.child(NAMED[2]).or_else(|| header.child(NAMED[3])).map(|basis| match measurement(basis) {
        Some((value, unit)) => format!("{value}{unit}"),
        None => first_text(basis).unwrap_or_default().to_owned(),
    });
    for part in [state, basis.as_deref()].into_iter().flatten().filter(|part| !part.is_empty()) {
        path.push('/');
        path.push_str(part);
    }
    // Where both are sent, the quantity says it all.
    header.child(NAMED[3]).into_iter().for_each(Element::pass_over);
    rest(header, &path, &NAMED, record);
    let details =
        header.children_named("nutrientDetail").chain(header.children_named("foodAndBeverageNutrientInformation"));
    for detail in details {
        nutrient(detail, &path, record);
    }
}

fn nutrient(detail: &Element, path: &str, record: &mut Record<'_>) {
    let code = detail.child("nutrientTypeCode").or_else(|| detail.child("nutrientType")).and_then(first_text);
    let path = format!("{path}/{}", code.unwrap_or("nutrientDetail"));
    for quantity in detail.children_named("quantityContained") {
        let (value, unit) = measurement(quantity).or_else(|| Some((first_text(quantity)?, ""))).unwrap_or_default();
        if value.is_empty() {
            continue;
        }
        let unit = Some(unit.to_owned()).filter(|unit| !unit.is_empty());
        let (name, values, system) = (path.clone(), vec![value.to_owned()], Some(SYSTEM.to_owned()));
        record.attribute(quantity, Attribute { name, values, unit, system, ..Attribute::default() });
    }
    rest(detail, &path, &["nutrientTypeCode", "nutrientType", "quantityContained"], record);
}

/// All children but those that are named, below a path.
fn rest(element: &Element, path: &str, read: &[&str], record: &mut Record<'_>) {
    let first = record.draft.data.attributes.len();
    let mut numbers = Numbers::default();
    for child in element.children().iter().filter(|child| !read.contains(&child.name())) {
        keep(child, &numbers.path(path, child), first, record);
    }
}
