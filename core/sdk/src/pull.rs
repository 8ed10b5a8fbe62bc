//! What a source asks through and writes to: questions out, answers in, one document into the spool.
//!
//! Used by the implementations of `import.source`. The platform is behind [`Outlet`]: it makes the connections, bounds every
//! answer in bytes and time, and keeps the document. Nothing here opens a connection or reads the environment.

use crate::error::ApiError;
use crate::memory::handed_over;
use crate::points::import_source::POINT;
use crate::profile::{Profile, SourceProfile};
use crate::xml::XmlLimits;

/// What a source may take between two things that it asks or writes.
const MEMORY_BYTES: u64 = POINT.bounds.memory_bytes;

/// One pull, as the source sees it. Deliberately without `Debug`: it holds a secret.
pub struct PullSession<'a> {
    /// The platform.
    pub outlet: &'a mut dyn Outlet,
    /// The source's name in the profile.
    pub name: &'a str,
    /// The source's settings.
    pub settings: &'a SourceProfile,
    /// The whole profile of the tenant.
    pub profile: &'a Profile,
    /// The secret that the settings name, if they name one. It belongs into requests and nowhere else.
    pub secret: Option<&'a str>,
    /// What an XML answer may make us hold in memory, as the server is configured.
    pub xml_limits: XmlLimits,
}

/// An answer, whole. Its bytes are a stranger's.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PulledResponse {
    /// The HTTP status. Redirects are not followed: they come back as they are.
    pub status: u16,
    /// Names in lower case, and values, in their order. Values that are no text are left out.
    pub headers: Vec<(String, String)>,
    /// The body, within the source's `response_bytes_max`.
    pub body: Vec<u8>,
}

impl PulledResponse {
    /// The first header of a name, given in lower case.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

/// The platform's side of a pull. A source calls it through [`PullSession`].
pub trait Outlet {
    /// Sends a request and waits for the answer.
    ///
    /// # Errors
    /// No answer, one that is too late or too large; [`SourceError::Stopped`].
    fn post(&mut self, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Result<PulledResponse, SourceError>;
    /// As [`post`](Self::post), for a request that takes leave: it is also sent after a stop, and waited for only briefly.
    ///
    /// # Errors
    /// As [`post`](Self::post), but never [`SourceError::Stopped`].
    fn post_last(&mut self, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Result<PulledResponse, SourceError>;
    /// Takes more of the document.
    ///
    /// # Errors
    /// [`SourceError::Stopped`]: the platform wants no more, and knows why.
    fn write(&mut self, bytes: &[u8]) -> Result<(), SourceError>;
    /// Takes note of how far the source is.
    fn progress(&mut self, done: u64, of: Option<u64>);
}

impl PullSession<'_> {
    /// Posts `body` to the source's url with `path` behind it and gives the answer, whatever its status. An empty path is the
    /// url itself.
    ///
    /// # Errors
    /// No answer, one that is too late or too large; [`SourceError::Stopped`].
    pub fn post(&mut self, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Result<PulledResponse, SourceError> {
        handed_over(MEMORY_BYTES, || self.outlet.post(path, headers, body))
    }

    /// As [`post`](Self::post), for the request that takes leave of the service. It is sent even when the pull was stopped.
    ///
    /// # Errors
    /// No answer, one that is too late or too large.
    pub fn post_last(
        &mut self,
        path: &str,
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> Result<PulledResponse, SourceError> {
        handed_over(MEMORY_BYTES, || self.outlet.post_last(path, headers, body))
    }

    /// Adds to the document. What was written is gone if the source then fails.
    ///
    /// # Errors
    /// [`SourceError::Stopped`].
    pub fn write(&mut self, bytes: &[u8]) -> Result<(), SourceError> {
        handed_over(MEMORY_BYTES, || self.outlet.write(bytes))
    }

    /// Says how many records there are so far, and of how many, where that is known.
    pub fn progress(&mut self, done: u64, of: Option<u64>) {
        self.outlet.progress(done, of);
    }
}

/// Why a source gave up.
#[derive(Debug)]
pub enum SourceError {
    /// The platform asked to stop, and knows why.
    Stopped,
    /// The service, or what it answered, is of no use.
    Failed(ApiError),
}

impl From<ApiError> for SourceError {
    fn from(error: ApiError) -> Self {
        Self::Failed(error)
    }
}
