//! The ceiling of `cargo xtask bench read`: a bare axum handler that answers a fixed number of bytes as JSON.
//!
//! Arguments: address, number of bytes. It authenticates nobody and looks nothing up.

use std::error::Error;

use axum::Router;
use axum::body::Bytes;
use axum::http::header;
use axum::routing::get;
use tokio::net::TcpListener;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let (Some(address), Some(size)) = (arguments.next(), arguments.next()) else {
        return Err("usage: bare_axum ADDRESS BYTES".into());
    };
    let body = Bytes::from(vec![b'x'; size.parse()?]);
    let answer = move || {
        let body = body.clone();
        async move { ([(header::CONTENT_TYPE, "application/json")], body) }
    };
    let router = Router::new().route("/v1/catalogs/{catalog}/items/{sku}", get(answer));
    axum::serve(TcpListener::bind(address).await?, router).await?;
    Ok(())
}
