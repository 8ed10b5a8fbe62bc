"""The table of bad documents: how each is made, and the exact answer that each must get over REST and over SOAP.

A document sent to REST is acknowledged as soon as it is durable, so a broken document is a finished import of status
`failed` with a code; what is wrong with the request itself is a problem document.
"""

from __future__ import annotations

import dataclasses
import gzip
import zlib
from collections.abc import Callable

from plugpoint_kit import soap

XML = "application/xml"
JSON = "application/json"
NDJSON = "application/x-ndjson"
CSV = "text/csv"

ITEM = b'<item><sku>NEW-1</sku><texts><lang>en</lang><title>New</title></texts></item>'
BOMB = ("<!DOCTYPE items [<!ENTITY a0 'ha'>" + "".join(f"<!ENTITY a{n} '{f'&a{n - 1};' * 10}'>" for n in range(1, 10)) + "]>").encode()
EXTERNAL = b"<!DOCTYPE items [<!ENTITY secret SYSTEM 'file:///etc/hostname'>]>"


@dataclasses.dataclass(frozen=True)
class BadDocument:
    """A document that must become a failed import of this code, over REST and as text over SOAP."""

    name: str
    body: bytes
    content_type: str
    code: str
    # What the SOAP endpoint says before it takes the document in; None where that is for the import to find out.
    soap_fault: str | None = None

    @property
    def text(self) -> str | None:
        """The document as it can stand in a CDATA section; None where an envelope cannot carry it."""
        if self.content_type != XML or b"\x01" in self.body or b"encoding=" in self.body:
            return None
        try:
            return self.body.decode()
        except UnicodeDecodeError:
            return None


def title(content: bytes) -> bytes:
    return b"<items><item><sku>NEW-1</sku><texts><lang>en</lang><title>" + content + b"</title></texts></item></items>"


def nested(depth: int) -> bytes:
    return b"<items>" + b"<x>" * depth + b"</x>" * depth + ITEM + b"</items>"


BAD_DOCUMENTS = [
    BadDocument("xml: end tag of another element", b"<items>" + ITEM + b"</item>", XML, "document_malformed"),
    BadDocument("xml: never closed", b"<items>" + ITEM, XML, "document_malformed"),
    BadDocument("xml: only blanks", b"  \n", XML, "document_malformed", soap_fault="request_invalid"),
    BadDocument("xml: text only", b"just text", XML, "document_malformed", soap_fault="request_invalid"),
    BadDocument("xml: a second root", b"<items/><items/>", XML, "document_malformed"),
    BadDocument("xml: undeclared prefix", b"<a:items>" + ITEM + b"</a:items>", XML, "document_malformed"),
    BadDocument("xml: the same attribute twice", b'<items a="1" a="2"/>', XML, "document_malformed"),
    BadDocument("xml: a control character", title(b"\x01"), XML, "document_malformed"),
    BadDocument("xml: reference to a control character", title(b"&#1;"), XML, "document_malformed"),
    BadDocument("xml: half a surrogate pair", title(b"&#xD83D;&#xDE00;"), XML, "document_malformed"),
    BadDocument("xml: unknown entity", title(b"&nbsp;"), XML, "entity_unknown"),
    BadDocument("xml: entity bomb", BOMB + title(b"&a9;"), XML, "entity_unknown"),
    BadDocument("xml: external entity", EXTERNAL + title(b"&secret;"), XML, "entity_unknown"),
    BadDocument("xml: bytes are not UTF-8", title(b"caf\xe9"), XML, "encoding_invalid"),
    BadDocument("xml: unknown encoding", b'<?xml version="1.0" encoding="klingon"?>' + title(b"x"), XML, "encoding_invalid"),
    BadDocument("xml: half a character of UTF-16", b"\xff\xfe" + title(b"x").decode().encode("utf-16-le")[:-1], XML, "encoding_invalid"),
    BadDocument("xml: 10,000 levels deep", nested(10_000), XML, "limit_exceeded"),
    BadDocument("xml: 1,000 attributes", b"<items " + b" ".join(b'a%d="1"' % n for n in range(1000)) + b"/>", XML, "limit_exceeded"),
    BadDocument("json: never closed", b'[{"sku": "NEW-1"', JSON, "document_malformed"),
    BadDocument("json: neither list nor object", b"42", JSON, "document_malformed"),
    BadDocument("json: something after the end", b"[] x", JSON, "document_malformed"),
    # In JSON each record stands for itself: one bad byte is one bad record, and here it is the only one.
    BadDocument("json: bytes are not UTF-8", b'[{"sku": "caf\xe9"}]', JSON, "too_many_rejected"),
    BadDocument("json: 10,000 levels deep", b"[" * 10_000 + b"]" * 10_000, JSON, "limit_exceeded"),
    BadDocument("calendar: a text that nobody reads", b"BEGIN:VCALENDAR", "text/calendar", "media_type_unsupported"),
    BadDocument("csv: no header of ours", b"foo;bar\n1;2\n", CSV, "document_malformed"),
]


@dataclasses.dataclass(frozen=True)
class BadMessage:
    """A SOAP message that must be answered with a fault of this code. `make` gets the service's namespace."""

    name: str
    make: Callable[[str], bytes]
    code: str
    version: str = "1.1"
    content_type: str | None = None


def _import(ns: str, payload: str) -> str:
    return soap.import_catalog(ns, "spring", payload)


def _items(ns: str, items: str = "") -> str:
    return _import(ns, f"<c:items>{items or soap.canonical_item('NEW-1')}</c:items>")


def _with_prolog(prolog: bytes) -> Callable[[str], bytes]:
    return lambda ns: prolog + soap.envelope(_items(ns), prolog="").encode()


def _replaced(old: str, new: str) -> Callable[[str], bytes]:
    def make(ns: str) -> bytes:
        message = soap.envelope(_items(ns))
        assert old in message, f"{old} is not part of the message"
        return message.replace(old, new).encode()

    return make


def _headed(header: str, version: str = "1.1") -> Callable[[str], bytes]:
    """A sound message with this in its Header."""
    return lambda ns: soap.envelope(_items(ns), version, header=header).encode()


def _security(content: str, attributes: str = "") -> str:
    return f'<w:Security xmlns:w="{soap.WSSE}" xmlns:u="{soap.WSU}"{attributes}>{content}</w:Security>'


def _rpc(ns: str) -> bytes:
    """As Axis sends it without a WSDL."""
    style = 'soapenv:encodingStyle="http://schemas.xmlsoap.org/soap/encoding/"'
    xsi = 'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:xsd="http://www.w3.org/2001/XMLSchema"'
    return soap.envelope(f'<n:GetItem {style} {xsi} xmlns:n="{ns}"><catalogId xsi:type="xsd:string">spring</catalogId></n:GetItem>').encode()


WSA = 'xmlns:a="http://www.w3.org/2005/08/addressing"'
TOKEN = "<w:UsernameToken><w:Username>somebody</w:Username><w:Password>wrong</w:Password></w:UsernameToken>"

BAD_MESSAGES = [
    BadMessage("a DOCTYPE", _with_prolog(b"<!DOCTYPE x>"), "doctype_refused"),
    BadMessage("a DOCTYPE in SOAP 1.2", lambda ns: b"<!DOCTYPE x>" + soap.envelope(_items(ns), "1.2", prolog="").encode(), "doctype_refused", "1.2"),
    BadMessage("an entity bomb", _with_prolog(BOMB), "doctype_refused"),
    BadMessage("an entity nobody declared", _replaced("A title", "&nobody;"), "entity_unknown"),
    BadMessage("a wrong end tag", _replaced("</c:items>", "</c:item>"), "document_malformed"),
    BadMessage("a truncated message", lambda ns: soap.envelope(_items(ns)).encode()[:-30], "document_malformed"),
    BadMessage("an empty body", lambda ns: b"", "document_malformed"),
    BadMessage("not XML", lambda ns: b"{}", "document_malformed"),
    BadMessage("no envelope", lambda ns: _items(ns).encode(), "soap_envelope_invalid"),
    BadMessage("another SOAP version", _replaced(soap.ENVELOPES["1.1"], "http://www.w3.org/2001/12/soap-envelope"), "soap_version_mismatch"),
    BadMessage("two bodies", _replaced("</soapenv:Body>", "</soapenv:Body><soapenv:Body/>"), "soap_envelope_invalid"),
    BadMessage("a header after the body", _replaced("</soapenv:Body>", "</soapenv:Body><soapenv:Header/>"), "soap_envelope_invalid"),
    BadMessage("a processing instruction", _replaced("<c:items>", "<?php ?><c:items>"), "soap_envelope_invalid"),
    BadMessage("an unknown operation", lambda ns: soap.envelope(f'<c:DropCatalog xmlns:c="{ns}"/>').encode(), "soap_operation_unknown"),
    BadMessage("an operation of another namespace", lambda ns: soap.envelope(_items("urn:somebody-else")).encode(), "soap_operation_unknown"),
    BadMessage("a header that must be understood",
               lambda ns: soap.envelope(_items(ns), header='<x:T xmlns:x="urn:x" soapenv:mustUnderstand="1"/>').encode(), "soap_must_understand"),
    BadMessage("bytes that are not UTF-8", lambda ns: soap.envelope(_items(ns)).encode().replace(b"A title", b"caf\xe9"), "encoding_invalid"),
    BadMessage("10,000 levels in the document", lambda ns: soap.envelope(_import(ns, f"<c:document>{'<x>' * 10_000}{'</x>' * 10_000}</c:document>")).encode(),
               "limit_exceeded"),
    BadMessage("an unknown mode", _replaced("<c:mode>merge", "<c:mode>upsert"), "request_invalid"),
    BadMessage("a catalog id with a blank", _replaced("<c:catalogId>spring", "<c:catalogId>spring sale"), "request_invalid"),
    BadMessage("no catalog id", _replaced("<c:catalogId>spring</c:catalogId>", ""), "request_invalid"),
    BadMessage("neither items nor document", lambda ns: soap.envelope(_import(ns, "")).encode(), "request_invalid"),
    BadMessage("JSON as content type", lambda ns: soap.envelope(_items(ns)).encode(), "media_type_unsupported", content_type="application/json"),
    BadMessage("an rpc/encoded call", _rpc, "soap_encoding_unsupported"),
    BadMessage("an answer wanted elsewhere", _headed(f"<a:ReplyTo {WSA}><a:Address>http://127.0.0.1:1/</a:Address></a:ReplyTo>"), "soap_addressing_invalid"),
    BadMessage("an answer wanted elsewhere in SOAP 1.2", _headed(f"<a:FaultTo {WSA}><a:Address>http://127.0.0.1:1/</a:Address></a:FaultTo>", "1.2"),
               "soap_addressing_invalid", "1.2"),
    BadMessage("two message ids", _headed(f"<a:MessageID {WSA}>urn:1</a:MessageID><a:MessageID {WSA}>urn:2</a:MessageID>"), "soap_addressing_invalid"),
    BadMessage("an Action of another operation", _headed(f"<a:Action {WSA}>urn:plugpoint:catalog:v1/GetItem</a:Action>"), "soap_operation_unknown"),
    BadMessage("a signature", _headed(_security('<d:Signature xmlns:d="http://www.w3.org/2000/09/xmldsig#"/>')), "unauthenticated"),
    BadMessage("encrypted data", _headed(_security('<x:EncryptedData xmlns:x="http://www.w3.org/2001/04/xmlenc#"/>')), "unauthenticated"),
    BadMessage("a wrong token beside right credentials", _headed(_security(TOKEN)), "unauthenticated"),
    BadMessage("two Security headers", _headed(_security("") * 2), "unauthenticated"),
    BadMessage("two tokens", _headed(_security(TOKEN * 2)), "unauthenticated"),
    BadMessage("a token in a token", _headed(_security(TOKEN.replace("</w:UsernameToken>", TOKEN + "</w:UsernameToken>"))), "unauthenticated"),
    BadMessage("two Timestamps", _headed(_security("<u:Timestamp/>" * 2)), "unauthenticated"),
    BadMessage("a Timestamp of long ago", _headed(_security("<u:Timestamp><u:Expires>2001-01-01T00:00:00Z</u:Expires></u:Timestamp>")), "unauthenticated"),
    BadMessage("a Timestamp of the future", _headed(_security("<u:Timestamp><u:Created>2999-01-01T00:00:00Z</u:Created></u:Timestamp>")), "unauthenticated"),
    BadMessage("a Timestamp that is no time", _headed(_security("<u:Timestamp><u:Created>now</u:Created></u:Timestamp>")), "unauthenticated"),
    BadMessage("a Body in a header block", _headed('<x:W xmlns:x="urn:x"><soapenv:Body/></x:W>'), "soap_envelope_invalid"),
]


@dataclasses.dataclass(frozen=True)
class Packed:
    """A body that says to be packed in some way, and the answer that it must get over REST; over SOAP the code is the same."""

    name: str
    coding: str
    body: bytes
    status: int
    code: str


def _damaged(at: int) -> bytes:
    packed = bytearray(_WHOLE)
    packed[at] ^= 0xFF
    return bytes(packed)


# Blanks, so that over SOAP nothing else is wrong before the end.
_WHOLE = gzip.compress(b" " * 400)

BAD_PACKED = [
    Packed("brotli", "br", b"x", 415, "media_type_unsupported"),
    Packed("zstd", "zstd", b"x", 415, "media_type_unsupported"),
    Packed("compress", "compress", b"x", 415, "media_type_unsupported"),
    Packed("packed twice", "gzip, gzip", gzip.compress(_WHOLE), 415, "media_type_unsupported"),
    Packed("packed in two ways", "deflate, gzip", gzip.compress(zlib.compress(b"[]")), 415, "media_type_unsupported"),
    Packed("a charset for a coding", "utf-8", b"[]", 415, "media_type_unsupported"),
    Packed("not packed", "gzip", b"[{}]", 400, "document_malformed"),
    Packed("nothing", "gzip", b"", 400, "document_malformed"),
    Packed("nothing, deflate", "deflate", b"", 400, "document_malformed"),
    Packed("zlib that says gzip", "gzip", zlib.compress(b"[]"), 400, "document_malformed"),
    Packed("gzip that says deflate", "deflate", _WHOLE, 400, "document_malformed"),
    Packed("a wrong checksum", "gzip", _damaged(-8), 400, "document_malformed"),
    Packed("a wrong length", "gzip", _damaged(-1), 400, "document_malformed"),
    Packed("a wrong checksum, zlib", "deflate", zlib.compress(b"[]")[:-1] + b"\0", 400, "document_malformed"),
    Packed("something behind", "gzip", _WHOLE + b"x", 400, "document_malformed"),
    Packed("zeros behind", "gzip", _WHOLE + bytes(512), 400, "document_malformed"),
    Packed("a second zlib stream", "deflate", zlib.compress(b"[]") * 2, 400, "document_malformed"),
    Packed("cut off", "gzip", _WHOLE[:-9], 400, "body_incomplete"),
    Packed("cut off in the checksum", "gzip", _WHOLE[:-1], 400, "body_incomplete"),
    Packed("a header alone", "gzip", _WHOLE[:10], 400, "body_incomplete"),
    Packed("half a second member", "gzip", _WHOLE + _WHOLE[:12], 400, "body_incomplete"),
    Packed("two MB of blanks in two kB", "gzip", gzip.compress(b" " * (2 << 20)), 400, "limit_exceeded"),
    Packed("two MB of blanks in two kB, deflate", "deflate", zlib.compress(b" " * (2 << 20)), 400, "limit_exceeded"),
]


@dataclasses.dataclass(frozen=True)
class BadPackage:
    """A message in parts that must be answered with a fault of this code. `@` in the payload is a reference to the part `a`."""

    name: str
    payload: str
    # What follows the envelope's part; everything else of the message has the boundary b.
    rest: bytes
    code: str
    content_type: str = "multipart/related; boundary=b"
    root: bytes = b"--b\r\nContent-ID: <root>\r\n\r\n"

    def make(self, message: bytes) -> bytes:
        return self.root + message + b"\r\n" + self.rest


def _part(head: bytes = b"", content: bytes = b"[]") -> bytes:
    return b"--b\r\nContent-ID: <a>\r\n" + head + b"\r\n" + content + b"\r\n--b--"


_INVALID = "soap_attachment_invalid"

BAD_PACKAGES = [
    BadPackage("no boundary is named", "@", _part(), _INVALID, "multipart/related"),
    BadPackage("a boundary of 71 characters", "@", _part(), _INVALID, "multipart/related; boundary=" + "b" * 71),
    BadPackage("another boundary is named", "@", _part(), _INVALID, "multipart/related; boundary=c"),
    BadPackage("multipart/mixed", "@", _part(), "media_type_unsupported", "multipart/mixed; boundary=b"),
    BadPackage("start names another part", "@", _part(), _INVALID, 'multipart/related; boundary=b; start="<a>"'),
    BadPackage("the first part is no envelope", "@", b"--b--", _INVALID, root=b"--b\r\nContent-Type: text/csv\r\n\r\nsku\r\n--b\r\n\r\n"),
    BadPackage("the attachment is missing", "@", b"--b--", _INVALID),
    BadPackage("the attachment is called otherwise", "@", _part().replace(b"<a>", b"<A>"), _INVALID),
    BadPackage("the attachment is the message itself", "<c:document href='cid:root'/>", _part(), _INVALID),
    BadPackage("the attachment is elsewhere", "<c:document href='http://127.0.0.1/a'/>", _part(), _INVALID),
    BadPackage("the attachment is a file", "<c:document href='file:///etc/hostname'/>", _part(), _INVALID),
    BadPackage("nothing refers to the attachment", "<c:items/>", _part(), _INVALID),
    BadPackage("an attachment too many", "@", _part()[:-2] + b"\r\nContent-ID: c\r\n\r\n--b--", _INVALID),
    BadPackage("two attachments of one id", "@", _part()[:-2] + b"\r\nContent-ID: a\r\n\r\n--b--", _INVALID),
    BadPackage("a million empty parts", "@", b"--b\r\n\r\n" * 1_000_000, _INVALID),
    BadPackage("cut off", "@", _part()[:-5], "body_incomplete"),
    BadPackage("cut off in a head", "@", b"--b\r\nContent-ID: a", "body_incomplete"),
    BadPackage("an envelope without its end", "@", b"", "body_incomplete"),
    BadPackage("parts within a part", "@", _part(b"Content-Type: multipart/mixed; boundary=c\r\n"), _INVALID),
    BadPackage("a packed part", "@", _part(b"Content-Encoding: gzip\r\n"), "media_type_unsupported"),
    BadPackage("an unknown transfer encoding", "@", _part(b"Content-Transfer-Encoding: x-uuencode\r\n"), "media_type_unsupported"),
    BadPackage("no base64", "@", _part(b"Content-Transfer-Encoding: base64\r\n", b"W10*"), _INVALID),
    BadPackage("base64 cut short", "@", _part(b"Content-Transfer-Encoding: base64\r\n", b"W1"), _INVALID),
    BadPackage("no quoted-printable", "@", _part(b"Content-Transfer-Encoding: quoted-printable\r\n", b"=XX"), _INVALID),
    BadPackage("a head of 64 KiB", "@", _part(b"X: " + b"x" * 65536 + b"\r\n"), "limit_exceeded"),
    BadPackage("a head of 10,000 lines", "@", _part(b"X: x\r\n" * 10_000), "limit_exceeded"),
    BadPackage("a head that is none", "@", _part(b"nonsense\r\n"), _INVALID),
    BadPackage("a NUL in a head", "@", _part(b"X: \0\r\n"), _INVALID),
    BadPackage("an id twice in one head", "@", _part(b"Content-ID: <b>\r\n"), _INVALID),
    BadPackage("64 KiB behind the end", "@", _part() + b"\r\n" + b"x" * 65536, "limit_exceeded"),
    BadPackage("64 KiB before the beginning", "@", _part(), _INVALID, root=b"x" * 65536 + b"\r\n--b\r\n\r\n"),
    BadPackage("an empty attachment", "@", _part(content=b""), "document_malformed"),
    BadPackage("an empty field", "<c:attachment/>", b"--b--", "request_invalid"),
    BadPackage("no base64 in the envelope", "<c:attachment>&lt;a/></c:attachment>", b"--b--", _INVALID),
    BadPackage("an attachment beside items", "<c:items/>@", _part(), "request_invalid"),
    BadPackage("a DOCTYPE in the envelope's part", "@", _part(), "doctype_refused", root=b"--b\r\n\r\n<!DOCTYPE a>"),
]
