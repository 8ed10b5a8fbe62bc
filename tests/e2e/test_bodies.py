"""Bodies as they come over the wire: packed, in chunks, awaited, cut off, without an announced length.

What is documented of them is in docs/src/exchanging.md; here each is sent as bytes.
"""

from __future__ import annotations

import gzip
import pathlib
import time
import zlib

import pytest
from bad_inputs import BAD_PACKED, Packed
from plugpoint_kit.rest import Rest
from plugpoint_kit.server import Server
from plugpoint_kit.soap import Soap, canonical_item, envelope, import_catalog
from wire import authorization, talk

REST_PATH, SOAP_PATH = "/v1/catalogs/spring/imports", "/soap/v1/catalog"
ONE = b'[{"sku":"A-1","texts":[{"lang":"en","title":"One"}]}]'


def deflated(content: bytes) -> bytes:
    """Deflate without zlib's header, as many clients understand the word."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    return packer.compress(content) + packer.flush()


PACKERS = [("gzip", gzip.compress), ("x-gzip", gzip.compress), ("deflate", zlib.compress), ("deflate", deflated), ("Identity", bytes)]
PACKER_NAMES = ["gzip", "x-gzip", "zlib", "deflate alone", "identity"]


@pytest.mark.parametrize(("coding", "pack"), PACKERS, ids=PACKER_NAMES)
@pytest.mark.parametrize("how", ["announced", "chunked"])
def test_a_packed_document_is_imported(rest: Rest, coding, pack, how):
    packed = pack(ONE)
    body = packed if how == "announced" else iter([packed[:5], packed[5:]])
    answer = rest.post_import("spring", body, headers={"Content-Encoding": coding})
    assert (answer.status_code, answer.json()["counts"]["added"]) == (200, 1), answer.text


def test_a_key_belongs_to_the_document_and_not_to_its_packing(rest: Rest):
    first = rest.post_import("spring", ONE, key="k").json()["id"]
    for coding, pack in PACKERS[:3]:
        assert rest.post_import("spring", pack(ONE), key="k", headers={"Content-Encoding": coding}).json()["id"] == first
    other = rest.post_import("spring", gzip.compress(ONE + b" "), key="k", headers={"Content-Encoding": "gzip"})
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_mismatch")


@pytest.mark.parametrize("version", ["1.1", "1.2"])
def test_a_packed_envelope_is_read(rest: Rest, soap: Soap, version):
    message = envelope(import_catalog(soap.ns, "spring", f"<c:items>{canonical_item('A')}</c:items>"), version).encode()
    answer = soap.post(gzip.compress(message), version, headers={"Content-Encoding": "gzip"})
    assert (answer.status, answer.value("added")) == (200, "1"), answer.text


def test_a_packed_item_is_stored(rest: Rest):
    body = zlib.compress(b'{"sku":"A","texts":[{"lang":"en","title":"One"}]}')
    headers = {"Content-Type": "application/json", "Content-Encoding": "deflate"}
    assert rest.call("PUT", "/v1/catalogs/spring/items/A", data=body, headers=headers).status_code in (200, 201)


@pytest.mark.parametrize("bad", BAD_PACKED, ids=lambda bad: bad.name)
def test_a_bad_packing_has_its_answer(rest: Rest, soap: Soap, bad: Packed):
    answer = rest.post_import("spring", bad.body, headers={"Content-Encoding": bad.coding})
    assert (answer.status_code, answer.json()["code"]) == (bad.status, bad.code), answer.text
    told = "gzip, deflate, identity" if bad.status == 415 else None
    assert answer.headers.get("Accept-Encoding") == told
    assert rest.get("/v1/catalogs/spring").status_code == 404
    answer = soap.session.post(soap.url + SOAP_PATH, data=bad.body, auth=soap.auth,
                               headers={"Content-Type": "text/xml", "Content-Encoding": bad.coding})
    assert f"<code>{bad.code}</code>" in answer.text, answer.text
    assert (answer.status_code == 415, answer.headers.get("Accept-Encoding")) == (bad.status == 415, told)


def bomb() -> bytes:
    """10 GB of blanks, of which gzip makes 10 MB: a block that is packed once and repeated."""
    packer, block = zlib.compressobj(9, zlib.DEFLATED, 31), b" " * (10 << 20)
    head = packer.compress(block) + packer.flush(zlib.Z_FULL_FLUSH)
    return head + (packer.compress(block) + packer.flush(zlib.Z_FULL_FLUSH)) * 1023


def resident_kb(server: Server) -> int:
    status = pathlib.Path(f"/proc/{server.pid}/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0])


@pytest.mark.parametrize("protocol", ["rest", "soap"])
def test_a_bomb_costs_next_to_nothing(server: Server, rest: Rest, soap: Soap, protocol):
    content = bomb()
    assert 9_000_000 < len(content) < 12_000_000
    rest.post_import("spring", ONE)
    (before_kb, before_s), headers = (resident_kb(server), cpu_s(server)), {"Content-Encoding": "gzip"}
    if protocol == "rest":
        answer = rest.post_import("spring", content, headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (400, "limit_exceeded"), answer.text
    else:
        prolog = zlib.compressobj(9, zlib.DEFLATED, 31)
        head = envelope(import_catalog(soap.ns, "spring", "<c:document><a>"), prolog="").split("</c:ImportCatalog>")[0]
        content = prolog.compress(head.encode()) + prolog.flush() + content
        answer = soap.post(content, headers=headers)
        assert (answer.status, answer.code) == (500, "limit_exceeded"), answer.text
    # The rest of it is read and thrown away, still packed.
    assert cpu_s(server) - before_s < 5
    assert resident_kb(server) - before_kb < 64 << 10
    assert [item["sku"] for item in rest.items("spring")] == ["A-1"]


def cpu_s(server: Server) -> float:
    fields = pathlib.Path(f"/proc/{server.pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / 100


# --- HTTP/1.1 and 1.0 on the wire ---


def head(tenant, line: str, *fields: str, auth: bool = True) -> bytes:
    return (f"{line}\r\nHost: x\r\n" + (authorization(tenant) if auth else "") + "".join(f"{field}\r\n" for field in fields) + "\r\n").encode()


JSON = "Content-Type: application/json"
POST = f"POST {REST_PATH} HTTP/1.1"


def chunk(content: bytes, extension: bytes = b"") -> bytes:
    return b"%x%s\r\n%s\r\n" % (len(content), extension, content)


CHUNKED = [
    # name, header fields beyond the usual, the body, status, code
    ("one", [], chunk(ONE) + b"0\r\n\r\n", 202, None),
    ("a byte each", [], b"".join(chunk(bytes([byte])) for byte in ONE) + b"0\r\n\r\n", 202, None),
    ("extensions", [], chunk(ONE[:9], b';a=b;c="d;e"') + chunk(ONE[9:], b" ;x") + b"0;last\r\n\r\n", 202, None),
    ("upper case and leading zeros", [], b"000" + (b"%X\r\n" % len(ONE)) + ONE + b"\r\n0\r\n\r\n", 202, None),
    ("trailers", ["Trailer: Digest"], chunk(ONE) + b"0\r\nDigest: x\r\nAuthorization: Basic bm9ib2R5Ong=\r\n\r\n", 202, None),
    ("TE of a client", ["TE: deflate,gzip;q=0.3", "Connection: TE, close"], chunk(ONE) + b"0\r\n\r\n", 202, None),
    ("packed", ["Content-Encoding: gzip"], chunk(gzip.compress(ONE)) + b"0\r\n\r\n", 202, None),
    ("a length beside it, which does not count", ["Content-Length: 3"], chunk(ONE) + b"0\r\n\r\n", 202, None),
    ("nothing", [], b"0\r\n\r\n", 400, "document_malformed"),
    ("a size that is none", [], b"xyz\r\n", 400, "body_incomplete"),
    ("a negative size", [], b"-1\r\n", 400, "body_incomplete"),
    ("a size beyond 64 bits", [], b"f" * 17 + b"\r\n", 400, "body_incomplete"),
    ("no end of a chunk", [], b"%x\r\n" % len(ONE) + ONE + b"xx", 400, "body_incomplete"),
    ("endless extensions", [], b"1;" + b"x" * 40_000 + b"\r\n[\r\n", 400, "body_incomplete"),
    ("endless trailers", [], chunk(ONE) + b"0\r\n" + b"X: x\r\n" * 10_000 + b"\r\n", 400, "body_incomplete"),
]


@pytest.mark.parametrize(("fields", "body", "status", "code"), [case[1:] for case in CHUNKED], ids=[case[0] for case in CHUNKED])
def test_chunks(server: Server, tenant, fields, body, status, code):
    answer = talk(server, head(tenant, POST, JSON, "Transfer-Encoding: chunked", *fields) + body)
    assert (answer.status, answer.code if code else None) == (status, code), (answer.head, answer.body)


FRAMED = [
    # name, request line, header fields, the body, status, code. What breaks HTTP itself has a bare 400 and the end of the connection.
    ("1.0 with a length", "POST {} HTTP/1.0", [f"Content-Length: {len(ONE)}"], ONE, 202, None),
    ("1.0 kept alive", "POST {} HTTP/1.0", [f"Content-Length: {len(ONE)}", "Connection: keep-alive"], ONE, 202, None),
    ("1.0 without a length has no body", "POST {} HTTP/1.0", [], ONE, 400, "document_malformed"),
    ("1.0 with chunks", "POST {} HTTP/1.0", ["Transfer-Encoding: chunked"], chunk(ONE) + b"0\r\n\r\n", 400, None),
    ("1.1 without a length has no body", "POST {} HTTP/1.1", ["Connection: close"], ONE, 400, "document_malformed"),
    ("two lengths that differ", "POST {} HTTP/1.1", ["Content-Length: 53", "Content-Length: 54"], ONE, 400, None),
    ("a length that is none", "POST {} HTTP/1.1", ["Content-Length: +53"], ONE, 400, None),
    ("chunked is not last", "POST {} HTTP/1.1", ["Transfer-Encoding: chunked, gzip"], ONE, 400, None),
    ("packed by transfer", "POST {} HTTP/1.1", ["Transfer-Encoding: gzip, chunked"], chunk(gzip.compress(ONE)) + b"0\r\n\r\n", 415, "media_type_unsupported"),
    ("more than announced", "POST {} HTTP/1.1", ["Content-Length: 53", "Connection: close"], ONE + b"garbage", 202, None),
]


@pytest.mark.parametrize(("line", "fields", "body", "status", "code"), [case[1:] for case in FRAMED], ids=[case[0] for case in FRAMED])
def test_framing(server: Server, tenant, line, fields, body, status, code):
    answer = talk(server, head(tenant, line.format(REST_PATH), JSON, *fields) + body)
    assert (answer.status, answer.code if code else None) == (status, code), (answer.head, answer.body)
    assert len(ONE) == 53


def test_less_than_announced_is_incomplete(server: Server, tenant):
    answer = talk(server, head(tenant, POST, JSON, "Content-Length: 60") + ONE, shut=True)
    assert (answer.status, answer.code) == (400, "body_incomplete"), answer.body
    answer = talk(server, head(tenant, POST, JSON, "Transfer-Encoding: chunked") + chunk(ONE), shut=True)
    assert (answer.status, answer.code) == (400, "body_incomplete"), answer.body


def test_axis_over_http_1_0(server: Server, tenant, soap: Soap):
    """Axis 1.4 asks so; the answer is not chunked, and ends with the connection."""
    message = envelope(import_catalog(soap.ns, "spring", f"<c:items>{canonical_item('A')}</c:items>")).encode()
    line = f"POST {SOAP_PATH} HTTP/1.0"
    answer = talk(server, head(tenant, line, "Content-Type: text/xml; charset=utf-8", f"Content-Length: {len(message)}", 'SOAPAction: ""') + message)
    assert answer.status == 200 and b"<added>1</added>" in answer.body, answer.body
    assert answer.header("transfer-encoding") is None


# --- Expect: 100-continue ---

EXPECT = "Expect: 100-continue"


@pytest.mark.parametrize("path", [REST_PATH, SOAP_PATH], ids=["rest", "soap"])
def test_a_body_that_waits_is_asked_for(server: Server, tenant, soap: Soap, path):
    body = ONE if path == REST_PATH else envelope(import_catalog(soap.ns, "spring", f"<c:items>{canonical_item('A')}</c:items>")).encode()
    kind = JSON if path == REST_PATH else "Content-Type: text/xml"
    for expect in (EXPECT, "expect: 100-Continue"):
        request = head(tenant, f"POST {path} HTTP/1.1", kind, expect, f"Content-Length: {len(body)}", "Connection: close")
        answer = talk(server, request, 0.3, body)
        assert answer.statuses[0] == 100 and answer.status in (200, 202), (answer.statuses, answer.body)


REFUSED_BY_HEAD = [
    # name, path, header fields, with credentials, status, code
    ("no credentials", REST_PATH, [JSON, "Content-Length: 9"], False, 401, "unauthenticated"),
    ("too large", REST_PATH, [JSON, "Content-Length: 99999999999999"], True, 413, "body_too_large"),
    ("a picture", REST_PATH, ["Content-Type: image/png", "Content-Length: 9"], True, 415, "media_type_unsupported"),
    ("a coding", REST_PATH, [JSON, "Content-Encoding: br", "Content-Length: 9"], True, 415, "media_type_unsupported"),
    ("nowhere", "/v1/nothing", [JSON, "Content-Length: 9"], True, 404, "not_found"),
    ("soap: wrong credentials", SOAP_PATH, ["Content-Type: text/xml", "Content-Length: 9", "Authorization: Basic bm9ib2R5Ong="], False, 500, "unauthenticated"),
    ("soap: too large", SOAP_PATH, ["Content-Type: text/xml", "Content-Length: 99999999999999"], True, 500, "body_too_large"),
    ("soap: JSON", SOAP_PATH, [JSON, "Content-Length: 9"], True, 415, "media_type_unsupported"),
    ("soap: a coding", SOAP_PATH, ["Content-Type: text/xml", "Content-Encoding: zstd", "Content-Length: 9"], True, 415, "media_type_unsupported"),
    ("soap: parts without a boundary", SOAP_PATH, ["Content-Type: multipart/related", "Content-Length: 9"], True, 500, "soap_attachment_invalid"),
]


@pytest.mark.parametrize(("path", "fields", "auth", "status", "code"), [case[1:] for case in REFUSED_BY_HEAD], ids=[case[0] for case in REFUSED_BY_HEAD])
def test_a_body_is_not_asked_for_if_its_head_is_refused(server: Server, tenant, path, fields, auth, status, code):
    started = time.monotonic()
    answer = talk(server, head(tenant, f"POST {path} HTTP/1.1", EXPECT, *fields, auth=auth))
    assert (answer.statuses, answer.code) == ([status], code), answer.body
    assert time.monotonic() - started < 20, "it did not wait for the body"
