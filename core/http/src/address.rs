//! The address under which a client reached the server, for documents that have to name it (WSDL, Location).

use axum::http::HeaderMap;
use axum::http::header::{HOST, HeaderName};

/// `scheme://host[:port]` as the client used it: `Host`, or what a reverse proxy says in `X-Forwarded-*`.
///
/// Believed only as far as it goes back to the one who sent it; a value that is no plain host name is ignored, so that no
/// header can put text into a document.
#[must_use]
pub fn public_url(headers: &HeaderMap) -> String {
    const FORWARDED_HOST: HeaderName = HeaderName::from_static("x-forwarded-host");
    const FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");
    let text = |name: &HeaderName| headers.get(name).and_then(|value| value.to_str().ok()).map(first);
    let host = text(&FORWARDED_HOST).filter(|host| is_host(host)).or_else(|| text(&HOST).filter(|host| is_host(host)));
    let scheme = match text(&FORWARDED_PROTO) {
        Some("https") => "https",
        _ => "http",
    };
    format!("{scheme}://{}", host.unwrap_or("localhost"))
}

/// Several proxies make a list; the first entry is the one nearest to the client.
fn first(list: &str) -> &str {
    list.split(',').next().unwrap_or_default().trim()
}

fn is_host(host: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b".-:[]_".contains(&byte);
    (1..=255).contains(&host.len()) && host.bytes().all(plain)
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    #[test]
    fn tells_where_the_client_came_in() {
        let cases: [(&[(&str, &str)], &str); 7] = [
            (&[("host", "127.0.0.1:8700")], "http://127.0.0.1:8700"),
            (
                &[("host", "a"), ("x-forwarded-host", "shop.example"), ("x-forwarded-proto", "https")],
                "https://shop.example",
            ),
            (&[("host", "a"), ("x-forwarded-host", "one.example, two.example")], "http://one.example"),
            (&[("host", "a"), ("x-forwarded-host", "x\"/><evil")], "http://a"),
            (&[("host", "[::1]:80"), ("x-forwarded-proto", "javascript")], "http://[::1]:80"),
            (&[("host", "a b")], "http://localhost"),
            (&[], "http://localhost"),
        ];
        for (headers, expected) in cases {
            let headers =
                headers.iter().map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)));
            assert_eq!(public_url(&headers.collect()), expected);
        }
    }
}
