//! SOAP as Magento speaks it: questions in RPC or WS-I style, answers in either.
//!
//! Used by the client. An answer is read as a stream and taken apart here; whatever it says is bounded before it is kept.

use plugpoint_sdk::codes;
use plugpoint_sdk::error::ApiError;
use plugpoint_sdk::pull::{PulledResponse, SourceError};
use plugpoint_sdk::xml::{Element, XmlError, XmlEvent, XmlLimits, XmlOptions, XmlReader, escaped};

/// The longest part of a fault's text that is passed on, in characters.
const FAULT_CHARS_MAX: usize = 300;
/// Open elements of an answer; Magento needs ten.
const DEPTH_MAX: usize = 32;

const HEAD: &str = concat!(
    r#"<?xml version="1.0" encoding="UTF-8"?><soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/" "#,
    r#"xmlns:m="urn:Magento"><soap:Body>"#
);
const TAIL: &str = "</soap:Body></soap:Envelope>";

/// How a shop is configured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Style {
    /// RPC, the default of Magento.
    Rpc,
    /// WS-I Basic Profile, document/literal.
    WsI,
}

/// One argument of a question.
pub(crate) enum Argument {
    /// A text.
    Text(&'static str, String),
    /// A list; the name differs with the style.
    List { rpc: &'static str, wsi: &'static str, values: Vec<String> },
    /// Filters as field, comparison, value.
    Filters(Vec<(&'static str, &'static str, String)>),
}

/// Why there is no answer.
#[derive(Debug)]
pub(crate) enum Trouble {
    /// The shop says why.
    Fault {
        /// Without a prefix: `5` is an expired session.
        code: String,
        /// Shortened, without control characters.
        text: String,
    },
    /// Anything else.
    Other(SourceError),
}

impl From<SourceError> for Trouble {
    fn from(error: SourceError) -> Self {
        Self::Other(error)
    }
}

impl Trouble {
    /// Something that the shop's answer to `operation` is not.
    pub(crate) fn failed(operation: &str, what: impl std::fmt::Display) -> Self {
        Self::Other(ApiError::new(&codes::SOURCE_FAILED, format!("{operation}: {what}")).into())
    }

    /// As the platform wants it.
    pub(crate) fn into_error(self, operation: &str) -> SourceError {
        match self {
            Self::Fault { code, text } => {
                let detail = format!("{operation}: the service answered fault {code}: {text}");
                ApiError::new(&codes::SOURCE_FAILED, detail).into()
            }
            Self::Other(error) => error,
        }
    }
}

/// A question as an envelope.
pub(crate) fn envelope(style: Style, operation: &str, arguments: &[Argument]) -> String {
    let name = match (style, operation) {
        (Style::Rpc, _) => operation.to_owned(),
        (Style::WsI, "login" | "endSession") => format!("{operation}Param"),
        (Style::WsI, _) => format!("{operation}RequestParam"),
    };
    let arguments: String = arguments.iter().map(|argument| written(style, argument)).collect();
    format!("{HEAD}<m:{name}>{arguments}</m:{name}>{TAIL}")
}

fn written(style: Style, argument: &Argument) -> String {
    let item = if style == Style::Rpc { "item" } else { "complexObjectArray" };
    match argument {
        Argument::Text(name, value) => format!("<{name}>{}</{name}>", escaped(value)),
        Argument::List { rpc, wsi, values } => {
            let name = if style == Style::Rpc { rpc } else { wsi };
            let items: String = values.iter().map(|value| format!("<{item}>{}</{item}>", escaped(value))).collect();
            format!("<{name}>{items}</{name}>")
        }
        Argument::Filters(filters) => {
            let one = |(field, comparison, value): &(&str, &str, String)| {
                let value = escaped(value);
                format!(
                    "<{item}><key>{field}</key><value><key>{comparison}</key><value>{value}</value></value></{item}>"
                )
            };
            let filters: String = filters.iter().map(one).collect();
            format!("<filters><complex_filter>{filters}</complex_filter></filters>")
        }
    }
}

/// Where in an answer the elements stand that are wanted: directly in it, or in the one part of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    Part,
    Entries,
}

/// Reads the answer to `operation` and gives what `map` makes of each element at the place.
pub(crate) fn read<T>(
    answer: &PulledResponse,
    operation: &str,
    limits: XmlLimits,
    place: Place,
    map: impl FnMut(Element) -> T,
) -> Result<Vec<T>, Trouble> {
    if !matches!(answer.status, 200 | 500) {
        return Err(Trouble::failed(operation, format!("the service answered with HTTP status {}", answer.status)));
    }
    let read = body(answer, operation, limits, place, map);
    match (answer.status, read) {
        (_, Ok(Some(Outcome::Fault(code, text)))) => Err(Trouble::Fault { code, text }),
        // Faults come with status 500; what is no fault then is some other page of the web server.
        (500, Ok(Some(_)) | Err(_)) => Err(Trouble::failed(operation, "the service answered with HTTP status 500")),
        (_, Ok(Some(Outcome::Answer(values)))) => Ok(values),
        (_, Ok(None)) => Err(Trouble::failed(operation, "the answer is another operation's, or no SOAP at all")),
        (_, Err(error)) => Err(Trouble::failed(operation, format!("the answer is no SOAP that can be read: {error}"))),
    }
}

enum Outcome<T> {
    Answer(Vec<T>),
    Fault(String, String),
}

fn body<T>(
    answer: &PulledResponse,
    operation: &str,
    limits: XmlLimits,
    place: Place,
    mut map: impl FnMut(Element) -> T,
) -> Result<Option<Outcome<T>>, XmlError> {
    let charset = answer.header("content-type").and_then(charset);
    let limits = XmlLimits { depth_max: limits.depth_max.min(DEPTH_MAX), ..limits };
    let mut source: &[u8] = &answer.body;
    let mut reader = XmlReader::new(&mut source, XmlOptions { charset, limits, ..XmlOptions::default() });
    let (mut path, mut outcome) = (Vec::<String>::new(), None);
    loop {
        let (name, depth) = match reader.next()? {
            XmlEvent::Start(tag) => (tag.local().to_owned(), path.len()),
            XmlEvent::End => {
                path.pop();
                continue;
            }
            XmlEvent::Eof => return Ok(outcome),
            XmlEvent::Text(_) => continue,
        };
        let is_body = path.first().is_some_and(|root| root == "Envelope") && path.get(1).is_some_and(|it| it == "Body");
        if depth == 2 && is_body && name == "Fault" {
            let (code, text) = fault(&reader.element()?);
            outcome = Some(Outcome::Fault(code, text));
            continue;
        }
        if depth == 2 && is_body && is_answer_to(&name, operation) && outcome.is_none() {
            outcome = Some(Outcome::Answer(Vec::new()));
        }
        let wanted = if place == Place::Part { 3 } else { 4 };
        match &mut outcome {
            Some(Outcome::Answer(values)) if depth == wanted => values.push(map(reader.element()?)),
            _ => path.push(name),
        }
    }
}

fn is_answer_to(name: &str, operation: &str) -> bool {
    name.strip_prefix(operation).is_some_and(|rest| matches!(rest, "Response" | "ResponseParam"))
}

/// Code and text of a fault of SOAP 1.1 or 1.2.
fn fault(fault: &Element) -> (String, String) {
    let code = fault.child_text("faultcode").or_else(|| fault.child("Code")?.child_text("Value"));
    let text = fault.child_text("faultstring").or_else(|| fault.child("Reason")?.child_text("Text"));
    let code = code.map_or("unknown", |code| code.rsplit(':').next().unwrap_or(code));
    (plain(code), plain(text.unwrap_or("without a text")))
}

/// A stranger's text for a message: short, on one line.
fn plain(text: &str) -> String {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    text.chars().filter(|character| !character.is_control()).take(FAULT_CHARS_MAX).collect()
}

fn charset(content_type: &str) -> Option<&str> {
    let parameters = content_type.split(';').skip(1).map(str::trim);
    let value =
        parameters.filter_map(|it| it.split_once('=')).find(|(name, _)| name.eq_ignore_ascii_case("charset"))?.1;
    Some(value.trim_matches('"')).filter(|value| !value.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(status: u16, body: &str) -> PulledResponse {
        let body = format!("<e:Envelope xmlns:e=\"x\"><e:Body>{body}</e:Body></e:Envelope>").into_bytes();
        PulledResponse { status, headers: Vec::new(), body }
    }

    fn texts(answer: &PulledResponse, place: Place) -> Result<Vec<String>, String> {
        let text = |element: Element| element.text().to_owned();
        read(answer, "op", XmlLimits::default(), place, text).map_err(|trouble| match trouble {
            Trouble::Fault { code, text } => format!("{code}|{text}"),
            Trouble::Other(SourceError::Failed(error)) => error.to_string(),
            Trouble::Other(SourceError::Stopped) => "stopped".to_owned(),
        })
    }

    #[test]
    fn questions_are_written_in_either_style() {
        let arguments = || {
            vec![
                Argument::Text("sessionId", "a&<b".to_owned()),
                Argument::List { rpc: "products", wsi: "productIds", values: vec!["1".to_owned(), "2".to_owned()] },
                Argument::Filters(vec![("product_id", "gt", "7".to_owned())]),
            ]
        };
        let rpc = envelope(Style::Rpc, "catalogX", &arguments());
        let expected = "<m:catalogX><sessionId>a&amp;&lt;b</sessionId><products><item>1</item><item>2</item></products>\
            <filters><complex_filter><item><key>product_id</key><value><key>gt</key><value>7</value></value></item></complex_filter></filters></m:catalogX>";
        assert!(rpc.contains(expected), "{rpc}");
        let wsi = envelope(Style::WsI, "catalogX", &arguments());
        assert!(
            wsi.contains("<m:catalogXRequestParam><sessionId>") && wsi.contains("<productIds><complexObjectArray>1<"),
            "{wsi}"
        );
        assert!(envelope(Style::WsI, "login", &[]).contains("<m:loginParam></m:loginParam>"));
    }

    #[test]
    fn answers_are_read_in_either_style() {
        let rpc = answer(200, "<opResponse><storeView><item>1</item><item>2</item></storeView></opResponse>");
        let wsi = answer(
            200,
            "<n:opResponseParam xmlns:n='urn:Magento'><result><complexObjectArray>1</complexObjectArray><complexObjectArray>2</complexObjectArray></result></n:opResponseParam>",
        );
        for body in [rpc, wsi] {
            assert_eq!(texts(&body, Place::Entries).unwrap(), ["1", "2"]);
        }
        assert_eq!(texts(&answer(200, "<opResponse><opReturn>s</opReturn></opResponse>"), Place::Part).unwrap(), ["s"]);
        assert!(texts(&answer(200, "<opResponse><storeView/></opResponse>"), Place::Entries).unwrap().is_empty());
    }

    #[test]
    fn what_is_no_answer_is_told() {
        let fault =
            "<e:Fault><faultcode>5</faultcode><faultstring>Session expired.\n Try to relogin.</faultstring></e:Fault>";
        let fault_12 =
            "<e:Fault><e:Code><e:Value>e:Sender</e:Value></e:Code><e:Reason><e:Text>no</e:Text></e:Reason></e:Fault>";
        let deep = format!("<opResponse>{}{}</opResponse>", "<a>".repeat(40), "</a>".repeat(40));
        let long =
            format!("<e:Fault><faultcode>1</faultcode><faultstring>{}</faultstring></e:Fault>", "x".repeat(1000));
        let cases = [
            (answer(500, fault), "5|Session expired. Try to relogin."),
            (answer(200, fault), "5|Session expired."),
            (answer(500, fault_12), "Sender|no"),
            (answer(500, "<opResponse/>"), "HTTP status 500"),
            (PulledResponse { status: 500, headers: Vec::new(), body: b"oops".to_vec() }, "HTTP status 500"),
            (answer(404, "<opResponse/>"), "HTTP status 404"),
            (answer(302, ""), "HTTP status 302"),
            (answer(200, "<otherResponse><a>1</a></otherResponse>"), "another operation's"),
            (answer(200, &deep), "more than 32"),
            (PulledResponse { status: 200, ..Default::default() }, "no SOAP that can be read"),
            (
                PulledResponse {
                    status: 200,
                    headers: Vec::new(),
                    body: b"<!DOCTYPE a [<!ENTITY b 'c'>]><a/>".to_vec(),
                },
                "document type declaration",
            ),
            (
                PulledResponse {
                    status: 200,
                    headers: Vec::new(),
                    body: b"<html><body>Welcome</body></html>".to_vec(),
                },
                "no SOAP at all",
            ),
            (answer(200, "<opResponse><a>&undefined;</a></opResponse>"), "undefined"),
            (answer(500, &long), &*format!("1|{}", "x".repeat(FAULT_CHARS_MAX))),
        ];
        for (answer, expected) in cases {
            let told = texts(&answer, Place::Part).unwrap_err();
            assert!(told.contains(expected), "{told} <> {expected}");
        }
        assert!(texts(&answer(500, &long), Place::Part).unwrap_err().len() < 310);
    }

    #[test]
    fn the_charset_of_the_header_counts() {
        let mut latin = answer(200, "<opResponse><a>gr\u{fc}n</a></opResponse>");
        latin.body =
            String::from_utf8(latin.body).unwrap().chars().map(|c| u8::try_from(u32::from(c)).unwrap()).collect();
        latin.headers = vec![("content-type".to_owned(), "text/xml; charset=\"ISO-8859-1\"".to_owned())];
        assert_eq!(texts(&latin, Place::Part).unwrap(), ["gr\u{fc}n"]);
        latin.headers.clear();
        assert!(texts(&latin, Place::Part).is_err());
    }
}
