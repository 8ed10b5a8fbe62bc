//! What becomes of each record of an IDoc: handed over, deleted, or refused with its reason. Called by the walk.

use plugpoint_sdk::codes::finding;
use plugpoint_sdk::model::{Finding, ItemPatch, Position};
use plugpoint_sdk::xml::Element;

use crate::article::{self, Article};
use crate::condition;
use crate::document::{Walk, Walked};
use crate::material::{self, Master};
use crate::newest::{Order, WATCHED_MAX};
use crate::segment::{Function, flag, material_number};

/// A record that may have to be refused.
struct Refused<'a> {
    position: Position,
    path: &'a str,
    sku: Option<&'a str>,
}

impl<'a> Refused<'a> {
    fn new(segment: &'a Element, sku: Option<&'a str>) -> Self {
        Self { position: segment.position(), path: segment.name(), sku }
    }
}

impl Walk<'_> {
    /// An E1MARAM.
    pub(crate) fn material(&mut self, segment: &Element) -> Walked {
        let Some(sent) = material::number(segment) else {
            let message = "E1MARAM has no MATNR: nothing says which material this is";
            segment.pass_over();
            return self.refuse(&Refused::new(segment, None), finding::SKU_MISSING, message);
        };
        let without_zeros = self.without_zeros();
        let sku = material_number(sent, without_zeros).to_owned();
        if !self.is_to_be_read(('m', &sku), &Refused::new(segment, Some(&sku)))? {
            segment.pass_over();
            return Ok(());
        }
        let is_gone = flag(segment, "LVORM") && self.settings.deletion_flag == "delete";
        if Function::of(segment) == Function::Deleted || is_gone {
            segment.pass_over();
            return Ok(self.sink.delete(sku, segment.position())?);
        }
        let read = material::read(segment, &sku, self.profile, without_zeros);
        self.hand_over(read)
    }

    /// An E1KOMG.
    pub(crate) fn condition(&mut self, segment: &Element) -> Walked {
        let wanted = &self.settings.price_conditions;
        let kind = condition::kind_of_condition(segment);
        if !wanted.is_empty() && !wanted.iter().any(|wanted| wanted == kind) {
            self.unmapped.part(&format!("E1KOMG[{}]", kind.chars().take(4).collect::<String>()));
            segment.pass_over();
            return Ok(());
        }
        let Some(sent) = material::number(segment) else {
            let message = "the condition is not for one material: its key (E1KOMG) has no MATNR";
            segment.pass_over();
            return self.refuse(&Refused::new(segment, None), finding::SKU_MISSING, message);
        };
        let sku = material_number(sent, self.without_zeros()).to_owned();
        // Conditions of other keys of the same material are apart from this one.
        let key = format!("{sku} {}", condition::key(segment));
        if !self.is_to_be_read(('c', &key), &Refused::new(segment, Some(&sku)))? {
            segment.pass_over();
            return Ok(());
        }
        let read = condition::read(segment, &sku, self.profile);
        self.note_all(read.findings, &sku)?;
        match read.refused {
            None => {
                let (ops, position) = (read.ops, segment.position());
                Ok(self.sink.patch(ItemPatch { sku, ops, position, is_record: true })?)
            }
            Some(refused) => {
                segment.pass_over();
                Ok(self.sink.reject(refused.sku(sku).excerpt(&self.reader.raw_excerpt()))?)
            }
        }
    }

    /// The segments of one article of an ARTMAS.
    pub(crate) fn article(&mut self, article: &Article) -> Walked {
        let sku = material_number(&article.number, self.without_zeros()).to_owned();
        let at = Refused { position: article.position, path: "E1BPE1MATHEAD", sku: Some(&sku) };
        if !self.is_to_be_read(('m', &sku), &at)? {
            return Ok(());
        }
        let is_gone = self.settings.deletion_flag == "delete" && article.is_flagged();
        if article.function() == Function::Deleted || is_gone {
            return Ok(self.sink.delete(sku, article.position)?);
        }
        let read = article::read(article, &sku, self.profile, self.without_zeros());
        article.segments.iter().for_each(|segment| self.unmapped.record(segment));
        self.hand_over(read)
    }

    fn hand_over(&mut self, read: Master) -> Walked {
        match read {
            Master::Item(draft, texts) => {
                self.sink.upsert(*draft)?;
                texts.map_or(Ok(()), |texts| Ok(self.sink.patch(texts)?))
            }
            Master::Change(patch, findings) => {
                self.note_all(findings, &patch.sku)?;
                Ok(self.sink.patch(patch)?)
            }
        }
    }

    fn without_zeros(&self) -> bool {
        self.settings.material_number == "without_zeros"
    }

    /// Whether a record is to be read: it is no test, and not older than one before it. If not, it is refused.
    fn is_to_be_read(&mut self, (message, key): (char, &str), at: &Refused<'_>) -> Walked<bool> {
        if self.control.is_test && !self.settings.test_idocs {
            let message =
                "the control record says that the IDoc is a test (TEST = X); idoc.test_idocs in the profile lets it in";
            self.refuse(at, finding::MODE_UNSUITED, message)?;
            return Ok(false);
        }
        match self.newest.see(message, key, self.control.serial) {
            Order::Newer => {}
            Order::Outdated => {
                let message = "an IDoc with a higher SERIAL came before it; this older state was left out";
                self.refuse(at, finding::RECORD_OUTDATED, message)?;
                return Ok(false);
            }
            Order::Unwatched if self.is_unwatched => {}
            Order::Unwatched => {
                self.is_unwatched = true;
                let message = format!(
                    "the document has more than {WATCHED_MAX} materials; of those beyond them the last record wins, whatever its SERIAL"
                );
                self.sink.note(Finding::warning(finding::FIELD_LENGTH, message).at(at.position).path(at.path))?;
            }
        }
        Ok(true)
    }

    fn refuse(&mut self, at: &Refused<'_>, code: &'static str, message: &str) -> Walked {
        let mut refused = Finding::error(code, message).at(at.position).path(at.path);
        if let Some(sku) = at.sku {
            refused = refused.sku(sku);
        }
        // Segments of an article do not lie beside each other; the first ones of the IDoc would be shown.
        if !article::is_segment(at.path) {
            refused = refused.excerpt(&self.reader.raw_excerpt());
        }
        Ok(self.sink.reject(refused)?)
    }

    fn note_all(&mut self, findings: Vec<Finding>, sku: &str) -> Walked {
        for mut finding in findings {
            finding.sku.get_or_insert_with(|| sku.to_owned());
            self.sink.note(finding)?;
        }
        Ok(())
    }
}
