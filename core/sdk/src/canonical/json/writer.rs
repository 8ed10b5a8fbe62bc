//! Canonical NDJSON: the items as they are stored, one a line. Nothing is lost.

use std::collections::BTreeSet;

use crate::codes;
use crate::error::ApiError;
use crate::export::{ExportError, ExportSession};
use crate::points::catalog_exporter::CatalogExporter;

/// Writes canonical NDJSON.
#[derive(Debug, Clone, Copy, Default)]
pub struct NdjsonExporter;

impl CatalogExporter for NdjsonExporter {
    fn export(&self, session: &mut ExportSession<'_>) -> Result<(), ExportError> {
        let mut line = Vec::new();
        let nothing = BTreeSet::new();
        while let Some(item) = session.next_item()? {
            line.clear();
            serde_json::to_writer(&mut line, &item).map_err(unwritable)?;
            // A reader holds no larger record, so it would not come back.
            if line.len() > session.xml_limits.record_bytes_max {
                session.left_out(&item.sku);
                continue;
            }
            line.push(b'\n');
            session.write(&line)?;
            session.written(&item.sku, &nothing);
        }
        Ok(())
    }

    fn media_type(&self) -> &'static str {
        "application/x-ndjson; charset=utf-8"
    }

    fn file_extension(&self) -> &'static str {
        "ndjson"
    }
}

fn unwritable(error: serde_json::Error) -> ApiError {
    ApiError::new(&codes::INTERNAL, "an item could not be written").caused_by(error)
}
