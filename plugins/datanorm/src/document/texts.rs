//! Texts and files that articles refer to by a number: collected, and handed to the articles that waited for them.

use plugpoint_sdk::codes::finding;
use plugpoint_sdk::model::{Finding, Media};
use plugpoint_sdk::reading::{Place, Record};

use super::{Walk, Walked};
use crate::blocks::{Blocks, Key, Kind, Part, Waiter};
use crate::fields::{Fields, Version};

impl Walk<'_> {
    /// A record of a text or of a list of files.
    pub(super) fn block(&mut self, fields: &Fields<'_>, key: &Key) -> Walked {
        if key.1.is_empty() || fields.get(1) == "L" {
            fields.pass_over();
            let message =
                "the record names no text, or deletes one, which is not possible alone; send the articles again";
            let at = fields.at(2);
            let note = Finding::warning(finding::PART_IGNORED, message).at(at.position).path(at.path);
            return Ok(self.sink.note(note)?);
        }
        self.blocks.open(key);
        match (key.0, self.version()) {
            (Kind::Files, _) => {
                let name = [fields.get(5), fields.get(6)]
                    .into_iter()
                    .filter(|it| !it.is_empty())
                    .collect::<Vec<_>>()
                    .join(".");
                let (kind, description) = (media_kind(fields.get(6)).to_owned(), fields.some(7).map(str::to_owned));
                if !name.is_empty() {
                    self.blocks.add_file(Media { kind, url: name, description, ..Media::default() });
                }
                let _ = fields.get(3);
            }
            (_, Version::Five) => self.blocks.add_line(fields.get(4).parse().ok(), fields.raw(5).trim_end()),
            (_, Version::Four) => {
                for [number, text] in [[4, 6], [7, 9]] {
                    let (number, text) = (fields.get(number), fields.raw(text).trim_end());
                    if !number.is_empty() || !text.is_empty() {
                        self.blocks.add_line(number.parse().ok(), text);
                    }
                }
            }
        }
        Ok(())
    }

    /// The block before is complete: articles that waited for it get their text.
    pub(super) fn close_block(&mut self, next: Option<&Key>) -> Walked {
        let Some(key) = self.blocks.close(next) else { return Ok(()) };
        for waiter in self.blocks.released(&key) {
            self.resolve(waiter)?;
        }
        Ok(())
    }

    fn resolve(&mut self, waiter: Waiter) -> Walked {
        let mut record = Record::new(waiter.sku.clone(), Place::new(waiter.position, ""), self.profile);
        if let Some(key) = complete(&self.blocks, &mut record, &waiter.parts, waiter.files.as_deref()) {
            self.blocks.wait(key, waiter);
            return Ok(());
        }
        self.amend(record.fitted(), false)
    }
}

/// Adds the long text and the files as far as they have come; gives the first that has not.
pub(super) fn complete(blocks: &Blocks, record: &mut Record<'_>, parts: &[Part], files: Option<&str>) -> Option<Key> {
    let position = record.draft.position;
    let (lines, missing) = blocks.text(parts);
    record.description(Place::new(position, "D"), None, &lines.join("\n"));
    let Some(number) = files else { return missing };
    let Some(files) = blocks.files(number) else { return missing.or_else(|| Some((Kind::Files, number.into()))) };
    for file in files {
        record.media(Place::new(position, "G"), file.clone());
    }
    missing
}

/// What a file is, by its extension.
fn media_kind(extension: &str) -> &'static str {
    match extension.to_ascii_lowercase().as_str() {
        "jpg" | "jpeg" | "png" | "gif" | "bmp" | "tif" | "tiff" | "webp" | "pcx" | "wmf" => "image",
        "avi" | "mp4" | "mpg" | "mpeg" | "mov" | "wmv" => "video",
        _ => "document",
    }
}
