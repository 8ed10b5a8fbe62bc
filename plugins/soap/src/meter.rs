//! Holds a message to what its operation may cost its tenant, as soon as both are known: they stand in the message itself.
//!
//! The endpoint reads every message through it. Until the operation is known the server's own limits hold; what was read by then
//! counts. It knows no tenant and asks nobody.

use std::cell::Cell;
use std::io::{self, Read};

use plugpoint_sdk::codes;
use plugpoint_sdk::error::ApiError;

/// How much of a message was read, and how much may be.
#[derive(Debug)]
pub(crate) struct Meter {
    /// As it is unpacked.
    read: Cell<u64>,
    bytes_max: Cell<u64>,
}

impl Meter {
    pub(crate) fn new() -> Self {
        Self { read: Cell::new(0), bytes_max: Cell::new(u64::MAX) }
    }

    /// The message, counted.
    pub(crate) fn around<'m>(&'m self, body: &'m mut dyn Read) -> Metered<'m> {
        Metered { meter: self, body }
    }

    /// From now on the message may have so many bytes. `announced` are those that its sender says it has.
    ///
    /// # Errors
    /// `body_too_large` if it has more already, or will have.
    pub(crate) fn limit(&self, bytes_max: u64, announced: Option<u64>) -> Result<(), ApiError> {
        self.bytes_max.set(bytes_max);
        match announced.unwrap_or_default().max(self.read.get()) > bytes_max {
            true => Err(self.too_large()),
            false => Ok(()),
        }
    }

    fn too_large(&self) -> ApiError {
        let detail =
            format!("the message has more than the {} bytes that its operation may have", self.bytes_max.get());
        ApiError::new(&codes::BODY_TOO_LARGE, detail)
    }
}

/// A message that is counted while it is read.
pub(crate) struct Metered<'m> {
    meter: &'m Meter,
    body: &'m mut dyn Read,
}

impl Read for Metered<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let count = self.body.read(into)?;
        let read = self.meter.read.get() + count as u64;
        self.meter.read.set(read);
        if read > self.meter.bytes_max.get() {
            return Err(io::Error::other(self.meter.too_large()));
        }
        Ok(count)
    }
}
