//! Path parameters. A segment that does not fit its type names no resource: 404, as for any other unknown address.

use axum::extract::{FromRequestParts, Path};
use axum::http::request::Parts;
use plugpoint_sdk::codes;
use plugpoint_sdk::error::ApiError;
use serde::de::DeserializeOwned;

use crate::problem::Problem;

/// The decoded parameters of the route, as [`Path`] has them.
#[derive(Debug)]
pub struct ValidPath<T>(pub T);

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for ValidPath<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        match Path::<T>::from_request_parts(parts, state).await {
            Ok(Path(value)) => Ok(Self(value)),
            Err(rejection) => {
                Err(ApiError::new(&codes::NOT_FOUND, "the address names no resource").caused_by(rejection).into())
            }
        }
    }
}
