//! From `io::Error` to the platform's error. Reading the body and writing the spool both end here.

use std::io::{Error, ErrorKind};

use plugpoint_sdk::codes;
use plugpoint_sdk::error::ApiError;

/// What an I/O error means to the client: the platform's error if it carries one, a full disk, or something of ours.
pub(crate) fn api_error(error: Error) -> ApiError {
    let kind = error.kind();
    match error.downcast::<ApiError>() {
        Ok(known) => known,
        Err(error) => match kind {
            ErrorKind::StorageFull | ErrorKind::QuotaExceeded => {
                ApiError::new(&codes::STORAGE_FULL, "there is no space left for the document").caused_by(error)
            }
            ErrorKind::UnexpectedEof
            | ErrorKind::ConnectionReset
            | ErrorKind::ConnectionAborted
            | ErrorKind::BrokenPipe => {
                ApiError::new(&codes::BODY_INCOMPLETE, "the connection ended before the body did").caused_by(error)
            }
            ErrorKind::TimedOut => ApiError::new(&codes::REQUEST_TIMEOUT, "the body stopped arriving").caused_by(error),
            _ => ApiError::new(&codes::INTERNAL, "the body could not be read or kept").caused_by(error),
        },
    }
}
