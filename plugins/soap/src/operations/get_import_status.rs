//! `GetImportStatus`: where an import stands, in the form that `ImportCatalog` answers too.

use std::time::Duration;

use plugpoint_sdk::api_schema;
use plugpoint_sdk::desk::{ImportCounts, ImportDesk, ImportStatus, UnmappedPath};
use plugpoint_sdk::error::ApiError;
use plugpoint_sdk::model::{Finding, ImportId, TenantId};

use super::Fields;

/// As many findings are told in an answer; all of them are to be had over REST.
pub(crate) const FINDINGS_MAX: u32 = 100;

/// As many paths of what is unmapped.
pub(crate) const UNMAPPED_MAX: usize = 100;

/// Tells where an import stands and what it did.
#[api_schema]
pub(crate) struct GetImportStatusRequest {
    /// The id that ImportCatalog answered.
    pub import_id: ImportId,
}

/// Where an import stands and what it did.
#[api_schema(name = "SoapImportReport")]
pub(crate) struct ImportReport {
    /// The import's id.
    pub import_id: ImportId,
    /// Where it stands.
    pub status: ImportStatus,
    /// What it did so far, in records.
    pub counts: ImportCounts,
    /// The first findings, at most 100.
    pub findings: FindingList,
    /// The number of findings in all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub findings_total: Option<u64>,
    /// How far it is, 0 to 1, by bytes read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub progress: Option<f64>,
    /// Why it failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<ImportFailure>,
    /// What of the document its reader did not know and left out, at most 100 paths; none if there is nothing, or before the end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unmapped: Option<UnmappedList>,
    /// The number of such paths in all; none if there is nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unmapped_total: Option<u64>,
}

/// Paths under one element.
#[api_schema]
pub(crate) struct UnmappedList {
    /// One path.
    pub unmapped_path: Vec<UnmappedPath>,
}

/// Findings under one element.
#[api_schema]
pub(crate) struct FindingList {
    /// One finding.
    pub finding: Vec<Finding>,
}

/// Why an import failed.
#[api_schema(name = "SoapImportFailure")]
pub(crate) struct ImportFailure {
    /// Stable code.
    pub code: String,
    /// One sentence.
    pub message: String,
}

pub(crate) fn request(fields: &Fields) -> Result<GetImportStatusRequest, ApiError> {
    Ok(GetImportStatusRequest { import_id: fields.required("import_id")? })
}

/// The import as it stands when it has ended, or when `wait` is over.
///
/// # Errors
/// `not_found` and the desk's own.
pub(crate) fn report(
    desk: &dyn ImportDesk,
    tenant: &TenantId,
    id: ImportId,
    wait: Duration,
) -> Result<ImportReport, ApiError> {
    let view = desk.import(tenant, id, wait)?;
    let finding = if view.findings_count == 0 { Vec::new() } else { desk.findings(tenant, id, FINDINGS_MAX)? };
    let has_ended = matches!(view.status, ImportStatus::Succeeded | ImportStatus::Failed);
    let mut unmapped_path = if has_ended { desk.unmapped(tenant, id)? } else { Vec::new() };
    let unmapped_total = (!unmapped_path.is_empty()).then_some(unmapped_path.len() as u64);
    unmapped_path.truncate(UNMAPPED_MAX);
    Ok(ImportReport {
        import_id: view.id,
        status: view.status,
        counts: view.counts,
        findings: FindingList { finding },
        findings_total: Some(view.findings_count),
        progress: Some(view.progress),
        error: view.error.map(|(code, message)| ImportFailure { code, message }),
        unmapped: unmapped_total.map(|_| UnmappedList { unmapped_path }),
        unmapped_total,
    })
}
