"""The table of attacks by messages of SOAP, by what stands in addresses and headers, and by what never ends. `test_attacks.py` sends each.

`{trap}` is the address of a listener that nobody may call, `{canary}` that of a file whose text may never be answered.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator

from attacks import ENCODING, ENTITY, LIMIT, MALFORMED, Answer, fault, stored

@dataclasses.dataclass(frozen=True)
class Message:
    """A message and its fault. In `body`, `{import}` is a sound ImportCatalog, `{ns}` the service's namespace, `{token}` the right UsernameToken."""

    name: str
    body: str
    answer: Answer
    header: str = ""
    version: str = "1.1"
    # What stands before the envelope, and what the whole is encoded in.
    prolog: str = ""
    encoding: str = "utf-8"
    content_type: str | None = None
    action: str | None = '""'
    # Without them the credentials are those of the message.
    has_credentials: bool = True


ENVELOPE_DOCTYPE = "<!DOCTYPE e [<!ENTITY x SYSTEM '{canary}'>]>"
SECURITY = '<w:Security xmlns:w="http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd"{}>'
UTILITY = 'xmlns:u="http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd"'
TWICE_UNDERSTOOD = '<x:T xmlns:x="urn:x" xmlns:s="http://schemas.xmlsoap.org/soap/envelope/" s:mustUnderstand="{}" soapenv:mustUnderstand="{}"/>'
ANONYMOUS = fault("unauthenticated")
ACTION = "urn:plugpoint:catalog:v1/"


def doctypes_of_envelopes() -> Iterator[Message]:
    refused = fault("doctype_refused")
    yield Message("a DOCTYPE with an external entity", "{import}", refused, prolog=ENVELOPE_DOCTYPE)
    yield Message("a DOCTYPE with a parameter entity", "{import}", refused, prolog="<!DOCTYPE e [<!ENTITY % p SYSTEM '{trap}p'> %p;]>")
    yield Message("a DOCTYPE elsewhere", "{import}", refused, prolog="<!DOCTYPE e SYSTEM '{trap}e.dtd'>")
    yield Message("a DOCTYPE behind a comment", "{import}", refused, prolog="<!-- x -->" + ENVELOPE_DOCTYPE)
    yield Message("a DOCTYPE behind a mark", "{import}", refused, prolog="\ufeff" + ENVELOPE_DOCTYPE)
    yield Message("a DOCTYPE in UTF-16", "{import}", refused, prolog=ENVELOPE_DOCTYPE, encoding="utf-16")
    yield Message("a DOCTYPE in the Header", "{import}", refused, header="<!DOCTYPE e>")
    yield Message("a DOCTYPE in the Body", "<!DOCTYPE e>{import}", refused)
    yield Message("a DOCTYPE in small letters", "{import}", fault(MALFORMED), prolog="<!doctype e>")
    yield Message("a quadratic blow-up", "{import}", refused, prolog="<!DOCTYPE e [<!ENTITY a '" + "x" * 50_000 + "'>]>")
    yield Message("a DOCTYPE without an end", "{import}", refused, prolog="<!DOCTYPE e [")
    yield Message("an entity without a DOCTYPE", '<c:GetItem xmlns:c="{ns}"><c:catalogId>&x;</c:catalogId></c:GetItem>', fault(ENTITY))


def spoofed() -> Iterator[Message]:
    unknown = fault("soap_operation_unknown")
    yield Message("SOAPAction of another operation", "{import}", unknown, action=f'"{ACTION}GetItem"')
    yield Message("SOAPAction of no operation", "{import}", unknown, action=f'"{ACTION}DropCatalog"')
    yield Message("SOAPAction of somebody else", "{import}", unknown, action='"urn:somebody:else/ImportCatalog"')
    yield Message("SOAPAction of two operations", "{import}", unknown, action=f'"{ACTION}ImportCatalog"\r\nSOAPAction: "{ACTION}GetItem"')
    yield Message("SOAPAction that nobody quoted, of another", "{import}", unknown, action=f"{ACTION}GetItem")
    yield Message("an action parameter of another operation", "{import}", Answer(400, "soap_operation_unknown"), version="1.2",
                  content_type=f'application/soap+xml; action="{ACTION}GetItem"', action=None)
    yield Message("two operations", '{import}<c:GetItem xmlns:c="{ns}"/>', fault("soap_envelope_invalid"))
    yield Message("an operation within an operation", '<c:GetItem xmlns:c="{ns}">{import}</c:GetItem>', fault("request_invalid"))
    yield Message("the operation as an attribute's namespace", '<c:ImportCatalog xmlns:c="urn:x" xmlns:d="{ns}" d:c="x"/>', unknown)


def wrapped() -> Iterator[Message]:
    """The shapes of signature wrapping (XSW): what is signed, or lets one in, stands elsewhere than what is carried out."""
    token = SECURITY.format("") + "{token}</w:Security>"
    sound = {"has_credentials": False}
    yield Message("none: a token where it belongs", "{import}", stored("A title"), token, **sound)
    yield Message("a token in the Body", token + "{import}", ANONYMOUS, **sound)
    yield Message("a token in the operation", '<c:GetItem xmlns:c="{ns}">' + token + "</c:GetItem>", ANONYMOUS, **sound)
    yield Message("a token in another header", "{import}", ANONYMOUS, f'<x:Old xmlns:x="urn:x">{token}</x:Old>', **sound)
    yield Message("a token for somebody else", "{import}", ANONYMOUS, token.replace("Security ", 'Security soapenv:actor="urn:other" ', 1), **sound)
    yield Message("a token in a Security of another namespace", "{import}", ANONYMOUS, token.replace("secext-1.0.xsd", "secext-9.9.xsd"), **sound)
    yield Message("a token within a wrapper of Security", "{import}", ANONYMOUS, token.replace("{token}", '<x:Object xmlns:x="urn:x">{token}</x:Object>'), **sound)
    yield Message("a token in a comment", "{import}", ANONYMOUS, token.replace("{token}", "<!--{token}-->"), **sound)
    yield Message("a token in CDATA", "{import}", ANONYMOUS, token.replace("{token}", "<![CDATA[{token}]]>"), **sound)
    yield Message("the Body in the Header", "{import}", fault("soap_envelope_invalid"), '<x:W xmlns:x="urn:x"><soapenv:Body>{import}</soapenv:Body></x:W>')
    yield Message("an Envelope in the Body", "<soapenv:Envelope><soapenv:Body>{import}</soapenv:Body></soapenv:Envelope>", fault("soap_operation_unknown"))
    yield Message("a Body within the Body", "<soapenv:Body>{import}</soapenv:Body>", fault("soap_operation_unknown"))
    signed = SECURITY.format(f" {UTILITY}") + '<d:Signature xmlns:d="http://www.w3.org/2000/09/xmldsig#">{}</d:Signature></w:Security>'
    twice = signed.format('<d:SignedInfo><d:Reference URI="#b"/></d:SignedInfo>') + f'<x:W xmlns:x="urn:x" {UTILITY} u:Id="b"/>'
    transform = signed.format('<d:Object><x:stylesheet xmlns:x="http://www.w3.org/1999/XSL/Transform"/></d:Object>')
    yield Message("a signature of what is not the Body", "{import}", ANONYMOUS, twice)
    yield Message("a signature with a style sheet", "{import}", ANONYMOUS, transform)
    yield Message("a key that would be fetched", "{import}", ANONYMOUS, signed.format('<d:KeyInfo><d:RetrievalMethod URI="{trap}k"/></d:KeyInfo>'))
    yield Message("an answer wanted at the trap", "{import}", fault("soap_addressing_invalid"),
                  '<a:ReplyTo xmlns:a="http://www.w3.org/2005/08/addressing"><a:Address>{trap}</a:Address></a:ReplyTo>')


def lying() -> Iterator[Message]:
    """Envelopes in another encoding than they say, or in none."""
    wrong, plain = fault(ENCODING), "text/xml; charset=utf-8"
    get = '<c:GetItem xmlns:c="{ns}"><c:catalogId>%s</c:catalogId></c:GetItem>'
    yield Message("none: UTF-16 that says so", "{import}", stored("A title"), encoding="utf-16", content_type="text/xml; charset=utf-16")
    yield Message("UTF-16 as charset, UTF-8 sent", "{import}", fault(MALFORMED), content_type="text/xml; charset=utf-16")
    yield Message("UTF-16 declared, UTF-8 sent", "{import}", wrong, prolog='<?xml version="1.0" encoding="UTF-16"?>', content_type="text/xml")
    yield Message("UTF-32", "{import}", wrong, encoding="utf-32", content_type="text/xml")
    yield Message("EBCDIC declared", "{import}", wrong, prolog='<?xml version="1.0" encoding="IBM037"?>', content_type="text/xml")
    yield Message("EBCDIC sent", "{import}", wrong, prolog='<?xml version="1.0" encoding="IBM037"?>', encoding="cp037", content_type="text/xml")
    yield Message("UTF-7 as charset", "{import}", wrong, content_type="text/xml; charset=utf-7")
    yield Message("overlong UTF-8", get % "a\xc0\xbc", wrong, encoding="latin-1", content_type=plain)
    yield Message("CESU-8", get % "\xed\xa0\xbd\xed\xb8\x80", wrong, encoding="latin-1", content_type=plain)
    yield Message("NUL", get % "a\0", fault(MALFORMED))
    yield Message("a reference to NUL", get % "a&#0;", fault(MALFORMED))
    yield Message("half a pair by references", get % "&#xD83D;&#xDE00;", fault(MALFORMED))


def costly() -> Iterator[Message]:
    """Envelopes that would cost memory, were there no limits."""
    limit = fault(LIMIT)
    yield Message("100,000 levels in the Header", "{import}", limit, "<a>" * 100_000 + "</a>" * 100_000)
    yield Message("100,000 levels in the Body", "<a>" * 100_000, fault("soap_operation_unknown"))
    yield Message("a million attributes of the operation", "<a" + "".join(f' a{number}=""' for number in range(1_000_000)) + "/>", limit)
    yield Message("a block of 100 KB", "{import}", limit, f'<x:a xmlns:x="urn:x">{"x" * 100_000}</x:a>')
    yield Message("100,000 blocks", "{import}", limit, '<x:a xmlns:x="urn:x"/>' * 100_000)
    yield Message("a name of 4 MB", f"<{'a' * 4_000_000}/>", limit)
    yield Message("a field of 4 MB", '<c:GetItem xmlns:c="{ns}"><c:catalogId>' + "x" * 4_000_000 + "</c:catalogId></c:GetItem>", fault("request_invalid"))
    yield Message("an unknown field of 4 MB", '<c:GetItem xmlns:c="{ns}"><c:x>' + "x" * 4_000_000 + "</c:x></c:GetItem>", fault("request_invalid"))
    yield Message("a comment of 4 MB", "{import}", limit, prolog=f"<!--{'x' * 4_000_000}-->")
    yield Message("blanks of 4 MB", "{import}", limit, prolog=" " * 4_000_000)
    yield Message("4 MB behind the operation", "{import}" + " " * 4_000_000, limit)
    yield Message("100,000 namespaces", "{import}", limit, "<a" + "".join(f' xmlns:a{number}="urn:x"' for number in range(100_000)) + "/>")
    malformed = fault("document_malformed")
    yield Message("mustUnderstand twice by its namespace, 0 first", "{import}", malformed, TWICE_UNDERSTOOD.format(0, 1))
    yield Message("mustUnderstand twice by its namespace, 1 first", "{import}", malformed, TWICE_UNDERSTOOD.format(1, 0))
    included = '<x:include xmlns:x="http://www.w3.org/2001/XInclude" href="{canary}"/>'
    yield Message("an XInclude in a field", '<c:GetItem xmlns:c="{ns}"><c:catalogId>' + included + "</c:catalogId></c:GetItem>", fault("request_invalid"))


MESSAGES = [*doctypes_of_envelopes(), *spoofed(), *wrapped(), *lying(), *costly()]

# --- Requests: what stands in addresses and headers ---


@dataclasses.dataclass(frozen=True)
class Request:
    """A request as bytes. Where it goes to a place of the catalog, `spring`, the answer is one of that; nothing of it reaches a header of the answer."""

    name: str
    line: str
    status: int
    code: str | None = None
    fields: tuple[str, ...] = ()
    body: bytes = b""


ITEM_OF_JSON = b'{"sku":"%s","texts":[{"lang":"en","title":"New"}]}'
IMPORT = "POST /v1/catalogs/{}/imports"
NOWHERE = (404, "not_found")
AS_JSON = "Content-Type: application/json"
LONG = "a" * 10_000

# What stands for a name in an address, and what it is meant to be.
ODD_NAMES = {
    "up": "..%2f..%2fetc%2fpasswd",
    "up, all of it packed": "%2e%2e%2f%2e%2e%2fetc",
    "up, packed twice": "%252e%252e%252f",
    "up, overlong": "%c0%ae%c0%ae%c0%af",
    "up, backwards": "..%5c..%5cwindows",
    "up alone": "%2e%2e",
    "here": "%2e",
    "a path": "a%2fb",
    "NUL": "a%00b",
    "a header": "a%0d%0aX-Evil:%201",
    "a line": "a%0ab",
    "no UTF-8": "%ff%fe",
    "half a byte": "a%2",
    "no number": "a%zz",
    "the other way round": "a%e2%80%aeb",
    "nothing to be seen": "a%e2%80%8bb",
    "a template": "%7b%7b7*7%7d%7d",
    "SQL": "a'%20OR%20'1'='1",
    "a script": "%3cscript%3ealert(1)%3c%2fscript%3e",
}


def odd(what: str, line: str, body: bytes = b"", *, status: int = 404, code: str = "not_found", **others: tuple[int, str | None]) -> Iterator[Request]:
    """A request for each odd name; `others` are those with another answer, by the name with `_` for blanks."""
    for name, text in ODD_NAMES.items():
        answer = others.get(re.sub(r"[^a-zA-Z]+", "_", name), (status, code))
        yield Request(f"{what}: {name}", line.format(text), *answer, (AS_JSON,) if body else (), body)
    yield Request(f"{what}: 10,000 characters", line.format(LONG), 414, "uri_too_long", (AS_JSON,) if body else (), body)


def header(name: str, field: str, status: int, code: str | None = None, line: str = IMPORT.format("spring"), body: bytes = b"") -> Request:
    return Request(name, line, status, code, (AS_JSON, field), body)


REQUESTS = [
    *odd("catalog to read", "GET /v1/catalogs/{}/items"),
    *odd("catalog to import into", IMPORT, b"[]"),
    *odd("item to read", "GET /v1/catalogs/spring/items/{}"),
    *odd("item to write", "PUT /v1/catalogs/spring/items/{}", ITEM_OF_JSON % b"NEW-1", status=400, code="request_invalid", up_overlong=NOWHERE, no_UTF_=NOWHERE),
    *odd("import", "GET /v1/catalogs/spring/imports/{}"),
    *odd("report of an import", "GET /v1/catalogs/spring/imports/{}/report"),
    *odd("tenant of a facade", "POST /soap/tenants/{}/magento", b"<x/>"),
    *odd("facade", "GET /soap/tenants/spring/{}?wsdl"),
    *odd("page of a code", "GET /docs/errors/{}"),
    *odd("page of the documentation", "GET /docs/{}"),
    *odd("cursor", "GET /v1/catalogs/spring/items?cursor={}", status=400, code="request_invalid"),
    *odd("export", "GET /v1/catalogs/spring/export?format={}", status=400, code="request_invalid"),
    Request("up, as it is", "GET /v1/catalogs/../../../etc/passwd", 404, "not_found"),
    Request("an address of another host", "GET http://evil.example/v1/catalogs/nowhere", 404, "not_found"),
    Request("an address that is none", "GET v1/catalogs", 400),
    Request("TRACE", "TRACE /v1/catalogs", 405, "method_not_allowed"),
    Request("CONNECT", "CONNECT evil.example:443", 404, "not_found"),
    Request("a method that is a script", "<script> /v1/catalogs", 400),
    header("a key of 10,000 characters", f"Idempotency-Key: {LONG}", 400, "request_invalid"),
    header("a key beyond ASCII", "Idempotency-Key: \xe4", 400, "request_invalid"),
    header("a key with a tab", "Idempotency-Key: a\tb", 400, "request_invalid"),
    # A bare line feed ends a field: X-Evil is one of the request's, and of no answer.
    header("a key with a line", "Idempotency-Key: a\nX-Evil: 1", 400, "document_malformed"),
    header("a key with a bare return", "Idempotency-Key: a\rX-Evil: 1", 400),
    header("a key with NUL", "Idempotency-Key: a\0b", 400),
    header("a key on two lines", "Idempotency-Key: a\r\n X-Evil: 1", 400),
    header("a key that goes up", "Idempotency-Key: ../../../etc/passwd", 202, None, body=b"[]"),
    header("an empty key", "Idempotency-Key:", 400, "request_invalid", body=b"[]"),
    header("two keys", "Idempotency-Key: a\r\nIdempotency-Key: b", 400, "request_invalid", body=b"[]"),
    header("a request id that is a header", "X-Request-Id: a\r\tX-Evil: 1", 400),
    header("a request id that is a script", "X-Request-Id: <script>alert(1)</script>", 400, "request_invalid", line="GET /v1/catalogs?limit=0"),
    header("a request id of 10,000 characters", f"X-Request-Id: {LONG}", 400, "request_invalid", line="GET /v1/catalogs?limit=0"),
    header("a head of 64 KiB", f"X: {'x' * 65536}", 431),
    header("10,000 fields", "X: x\r\n" * 9_999 + "X: x", 431),
    header("a field's name with a blank", "X : x", 400),
    header("no number to wait", "Prefer: wait=1e400", 400, "request_invalid", body=b"[]"),
    header("a negative wait", "Prefer: wait=-1", 400, "request_invalid", body=b"[]"),
    header("a wait beyond all integers", "Prefer: wait=99999999999999999999", 400, "request_invalid", body=b"[]"),
    header("a mode that is SQL", "X: x", 400, "request_invalid", line=IMPORT.format("spring") + "?mode=merge';DROP%20TABLE%20items;--", body=b"[]"),
    header("a limit beyond all integers", "X: x", 400, "request_invalid", line="GET /v1/catalogs/spring/items?limit=99999999999999999999"),
    header("a limit below nothing", "X: x", 400, "request_invalid", line="GET /v1/catalogs/spring/items?limit=-1"),
    header("a language that is a header", "Accept-Language: de\r\tX-Evil: 1", 400, line="GET /v1/catalogs"),
    header("two sets of credentials", "Authorization: Basic Og==", 401, "unauthenticated", line="GET /v1/catalogs"),
]

# --- What comes too slowly. The server's patience is a second for heads and pauses, three for a whole body. ---

IMPATIENT = {
    "PLUGPOINT__LIMITS__REQUEST_HEAD_TIMEOUT_S": "1",
    "PLUGPOINT__LIMITS__BODY_IDLE_TIMEOUT_S": "1",
    "PLUGPOINT__LIMITS__BODY_TOTAL_TIMEOUT_S": "3",
    "PLUGPOINT__LIMITS__UNREAD_BODY_TIMEOUT_S": "1",
}


@dataclasses.dataclass(frozen=True)
class Slow:
    """A request that never ends: first what comes at once, then a drop each quarter of a second, for ever."""

    name: str
    start: bytes
    drop: bytes
    status: int
    code: str | None = None


CHUNKED_HEAD = b"{credentials}Content-Type: %s\r\nTransfer-Encoding: chunked\r\n\r\n"
REST_HEAD = b"POST /v1/catalogs/slow/imports HTTP/1.1\r\nHost: x\r\n" + CHUNKED_HEAD % b"application/xml"
SOAP_HEAD = b"POST /soap/v1/catalog HTTP/1.1\r\nHost: x\r\n" + CHUNKED_HEAD % b"text/xml"
ANONYMOUS_HEAD = SOAP_HEAD.replace(b"{credentials}", b"")

SLOW = [
    Slow("nothing at all", b"", b"", 0),
    Slow("half a line", b"POST /v1/cata", b"", 0),
    Slow("a head by drops", b"POST /v1/catalogs/slow/imports HTTP/1.1\r\nHost: x\r\n", b"X: x\r\n", 0),
    Slow("a head without an end", b"POST /v1/catalogs/slow/imports HTTP/1.1\r\nHost: x\r\nX: ", b"x", 0),
    Slow("a body that does not come", REST_HEAD, b"", 408, "request_timeout"),
    Slow("a body that stops", REST_HEAD + b"7\r\n<items>\r\n", b"", 408, "request_timeout"),
    Slow("a body by drops", REST_HEAD + b"7\r\n<items>\r\n", b"1\r\n \r\n", 408, "request_timeout"),
    Slow("a chunk's size by drops", REST_HEAD + b"7;", b"x", 408, "request_timeout"),
    Slow("a message that does not come", SOAP_HEAD, b"", 500, "request_timeout"),
    Slow("a message by drops", SOAP_HEAD + b"3e8\r\n", b" ", 500, "request_timeout"),
    Slow("a message by drops, of nobody", ANONYMOUS_HEAD + b"3e8\r\n", b" ", 500, "request_timeout"),
    Slow("an answer that nobody reads", REST_HEAD.replace(b"slow", b"a%20b"), b"1\r\n \r\n", 404, "not_found"),
]
