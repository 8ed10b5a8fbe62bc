//! `GET /v1/catalogs/{catalog}/export`: a whole catalog in one format, streamed while it is written.
//!
//! The answer begins with the first piece, so what goes wrong before is a problem document; what goes wrong later breaks the answer
//! off. At the end its report goes out as a trailer, to those who take trailers.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::{Duration, Instant};

use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE, TRAILER};
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use axum::response::Response;
use http_body::{Body as HttpBody, Frame};
use plugpoint_http::body::blocking;
use plugpoint_http::{Principal, Problem, ValidPath, ValidQuery};
use plugpoint_sdk::api_schema;
use plugpoint_sdk::codes;
use plugpoint_sdk::error::ApiError;
use plugpoint_sdk::export::ExportReport;
use tokio::runtime::Handle;
use tokio::sync::OwnedSemaphorePermit;
use tokio::sync::mpsc::{self, Receiver, Sender};
use tokio::time::timeout;

use super::state::{CatalogHttp, catalog_id};
use crate::export::Export;

/// Pieces that may wait for the connection.
const PIECES_AHEAD: usize = 1;

/// What is asked for.
#[api_schema]
pub(super) struct ExportQuery {
    /// `ndjson`, `csv`, `canonical-xml`, or another format of the tenant's extension plan (`catalog.exporter`).
    #[validate(length(min = 1, max = 80))]
    pub format: String,
}

/// A whole catalog in one format
///
/// The items of one moment in the order of their sku, whatever is imported meanwhile. Importing the document again changes nothing
/// but what the format cannot carry; that is listed in the trailer `plugpoint-export-report` (send `TE: trailers`), at the end of
/// formats that are XML as a comment, and by `exportReport`. An answer that ends early is broken off, never ended.
#[utoipa::path(get, path = "/v1/catalogs/{catalog}/export", operation_id = "exportCatalog", tag = "catalogs",
    params(("catalog" = String, Path, description = "The catalog's name.", example = "main"), ExportQuery),
    responses(
        (status = 200, description = "The document.", content_type = "application/x-ndjson", body = String,
            headers(("Content-Disposition" = String, description = "The name of a file for it.")),
            example = "{\"sku\":\"A1\",\"kind\":\"product\",\"status\":\"active\",\"texts\":[{\"lang\":\"en\",\"title\":\"Cable tie\"}]}\n"),
        (status = 400, response = super::Refused),
        (status = 404, response = super::Refused),
        (status = 429, response = super::Refused),
        (status = 503, response = super::Refused),
    ))]
pub(super) async fn get_export(
    State(state): State<Arc<CatalogHttp>>,
    principal: Principal,
    ValidPath(name): ValidPath<String>,
    ValidQuery(query): ValidQuery<ExportQuery>,
) -> Result<Response, Problem> {
    let catalog = catalog_id(&name)?;
    let place = place(&state)?;
    let idle = Duration::from_secs(state.platform.config().limits.export_idle_timeout_s);
    // Held by this request from now on: when the client leaves, the sender sees it.
    let (sender, receiver) = mpsc::channel(PIECES_AHEAD);
    let client = Client { sender, idle, runtime: Handle::current() };
    let begin = move || {
        let config = state.platform.config();
        let mut export = Export::start(&principal.runtime, config, &catalog, &query.format)?;
        let first = export.next_piece(&|| client.is_there())?;
        Ok((Sending { export, client, _place: place }, first))
    };
    let (sending, first) = blocking(begin).await?;
    let mut response = Response::new(Body::empty());
    let headers = response.headers_mut();
    let unwritable = |error| ApiError::new(&codes::INTERNAL, "the answer could not be written").caused_by(error);
    let disposition = format!("attachment; filename=\"{}\"", sending.export.file_name());
    headers.insert(CONTENT_TYPE, HeaderValue::try_from(sending.export.media_type()).map_err(unwritable)?);
    headers.insert(CONTENT_DISPOSITION, HeaderValue::try_from(disposition).map_err(unwritable)?);
    headers.insert(TRAILER, HeaderValue::from_static(ExportReport::TRAILER));
    // Not awaited: it ends with the body, by itself or because nobody takes it.
    tokio::task::spawn_blocking(move || {
        if let Err(error) = sending.run(first) {
            tracing::warn!(catalog = name, error = &error as &dyn std::error::Error, "an export was broken off");
        }
    });
    *response.body_mut() = Body::new(ExportBody { receiver, is_over: false });
    Ok(response)
}

/// A place among the exports that run at once.
pub(super) fn place(state: &CatalogHttp) -> Result<OwnedSemaphorePermit, ApiError> {
    Arc::clone(&state.exports)
        .try_acquire_owned()
        .map_err(|_| ApiError::new(&codes::TOO_MANY_REQUESTS, "too many exports run at once").retry_after(5))
}

/// What goes to the connection. A body that ends without `End` is broken.
enum Message {
    Piece(Bytes),
    End(HeaderMap),
}

/// Who takes the document.
struct Client {
    sender: Sender<Message>,
    idle: Duration,
    runtime: Handle,
}

impl Client {
    fn is_there(&self) -> bool {
        !self.sender.is_closed()
    }

    /// Waits until the connection has room, at most as long as a client may take nothing and the export may last.
    fn send(&self, message: Message, deadline: Instant) -> Result<(), ApiError> {
        let gone = |detail| Err(ApiError::new(&codes::UNAVAILABLE, detail));
        let at_most = self.idle.min(deadline.saturating_duration_since(Instant::now()));
        match self.runtime.block_on(async { timeout(at_most, self.sender.send(message)).await }) {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) => gone("the client has gone"),
            Err(_) => gone("the client took nothing for too long"),
        }
    }
}

/// An export on its way to its client.
struct Sending {
    export: Export,
    client: Client,
    _place: OwnedSemaphorePermit,
}

impl Sending {
    fn run(mut self, first: Option<Vec<u8>>) -> Result<(), ApiError> {
        let deadline = self.export.deadline();
        let mut next = first;
        while let Some(piece) = next {
            self.client.send(Message::Piece(piece.into()), deadline)?;
            next = self.export.next_piece(&|| self.client.is_there())?;
        }
        let mut trailers = HeaderMap::new();
        if let Some(Ok(report)) = self.export.report().map(|report| HeaderValue::try_from(report.trailer())) {
            trailers.insert(HeaderName::from_static(ExportReport::TRAILER), report);
        }
        self.client.send(Message::End(trailers), deadline)
    }
}

/// The body of the answer.
struct ExportBody {
    receiver: Receiver<Message>,
    is_over: bool,
}

impl HttpBody for ExportBody {
    type Data = Bytes;
    type Error = std::io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, std::io::Error>>> {
        if self.is_over {
            return Poll::Ready(None);
        }
        let message = ready!(self.receiver.poll_recv(cx));
        self.is_over = !matches!(message, Some(Message::Piece(_)));
        Poll::Ready(Some(match message {
            Some(Message::Piece(piece)) => Ok(Frame::data(piece)),
            Some(Message::End(trailers)) => Ok(Frame::trailers(trailers)),
            None => Err(std::io::Error::other("the export was broken off")),
        }))
    }

    fn is_end_stream(&self) -> bool {
        self.is_over
    }
}
