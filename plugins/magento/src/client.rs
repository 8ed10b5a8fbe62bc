//! A session with one shop: log in, ask, take leave.
//!
//! Used by the source. It asks again after an expired session, once; it believes no answer more than the operation allows.

use plugpoint_sdk::codes;
use plugpoint_sdk::error::ApiError;
use plugpoint_sdk::pull::{PullSession, SourceError};
use plugpoint_sdk::xml::Element;

use crate::soap::{Argument, Place, Style, Trouble, envelope, read};

/// The shop does not let the user do this.
pub(crate) const ACCESS_DENIED: &str = "2";
/// The shop has no such operation.
pub(crate) const NO_SUCH_PATH: &str = "3";
/// The operation cannot be called.
pub(crate) const NOT_CALLABLE: &str = "4";
/// The session is over.
const SESSION_EXPIRED: &str = "5";
/// The longest session id, in bytes; Magento's have 32.
const SESSION_BYTES_MAX: usize = 256;

/// A shop into which we are logged in.
pub(crate) struct Client<'s, 'a> {
    pub(crate) session: &'s mut PullSession<'a>,
    style: Style,
    id: String,
    has_renewed: bool,
}

impl<'s, 'a> Client<'s, 'a> {
    /// Logs in. The shop's style is found out on the way.
    pub(crate) fn login(session: &'s mut PullSession<'a>) -> Result<Self, SourceError> {
        let (style, id) = match login(session, Style::Rpc) {
            // PHP's words for an operation of the other style.
            Err(Trouble::Fault { text, .. }) if text.contains("not present") => {
                (Style::WsI, login(session, Style::WsI))
            }
            other => (Style::Rpc, other),
        };
        let id = id.map_err(refused)?;
        Ok(Self { session, style, id, has_renewed: false })
    }

    /// Asks one question of the session.
    pub(crate) fn ask<T>(
        &mut self,
        operation: &'static str,
        arguments: &dyn Fn() -> Vec<Argument>,
        place: Place,
        map: &mut dyn FnMut(Element) -> T,
    ) -> Result<Vec<T>, Trouble> {
        match self.ask_once(operation, arguments, place, map) {
            Err(Trouble::Fault { code, .. }) if code == SESSION_EXPIRED && !self.has_renewed => {
                self.has_renewed = true;
                self.id = login(self.session, self.style).map_err(|trouble| Trouble::Other(refused(trouble)))?;
                self.ask_once(operation, arguments, place, map)
            }
            other => other,
        }
    }

    fn ask_once<T>(
        &mut self,
        operation: &'static str,
        arguments: &dyn Fn() -> Vec<Argument>,
        place: Place,
        map: &mut dyn FnMut(Element) -> T,
    ) -> Result<Vec<T>, Trouble> {
        let mut all = vec![Argument::Text("sessionId", self.id.clone())];
        all.extend(arguments());
        let question = envelope(self.style, operation, &all);
        let answer = self.session.post("", HEADERS, question.as_bytes())?;
        read(&answer, operation, self.session.xml_limits, place, map)
    }

    /// Ends the session. The shop ends it by itself sooner or later, so what it answers does not matter.
    pub(crate) fn leave(self) {
        let question = envelope(self.style, "endSession", &[Argument::Text("sessionId", self.id)]);
        _ = self.session.post_last("", HEADERS, question.as_bytes());
    }
}

const HEADERS: &[(&str, &str)] = &[("Content-Type", "text/xml; charset=utf-8"), ("SOAPAction", "\"urn:Action\"")];

fn login(session: &mut PullSession<'_>, style: Style) -> Result<String, Trouble> {
    let name = session.name;
    let lacking = |key: &str| {
        let detail = format!("a Magento source logs in: set sources.{name}.{key}");
        Trouble::Other(ApiError::new(&codes::PROFILE_INVALID, detail).into())
    };
    let user = session.settings.user.clone().ok_or_else(|| lacking("user"))?;
    let secret = session.secret.ok_or_else(|| lacking("secret_env"))?.to_owned();
    let arguments = [Argument::Text("username", user), Argument::Text("apiKey", secret)];
    let answer = session.post("", HEADERS, envelope(style, "login", &arguments).as_bytes())?;
    let ids = read(&answer, "login", session.xml_limits, Place::Part, |part| part.text().trim().to_owned())?;
    match <[String; 1]>::try_from(ids) {
        Ok([id]) if (1..=SESSION_BYTES_MAX).contains(&id.len()) => Ok(id),
        _ => Err(Trouble::failed("login", "the service answered no session")),
    }
}

fn refused(trouble: Trouble) -> SourceError {
    match trouble {
        Trouble::Fault { code, text } => {
            let detail = format!("login: the service answered fault {code}: {text}");
            ApiError::new(&codes::SOURCE_LOGIN_REFUSED, detail).into()
        }
        other => other.into_error("login"),
    }
}
