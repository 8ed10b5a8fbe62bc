"""Catalogs as attachments: MTOM and SOAP with Attachments, as each toolkit writes them, and what of them is refused.

Raw messages are what the toolkits were seen to send; node-soap, gSOAP and JAX-WS themselves are part of the interoperability suite.
"""

from __future__ import annotations

import base64
import gzip
import pathlib
import quopri
import time

import pytest
from bad_inputs import BAD_PACKAGES, BadPackage
from plugpoint_kit import soap as kit
from plugpoint_kit.rest import Rest
from plugpoint_kit.server import Server
from plugpoint_kit.soap import Soap, SoapAnswer, ZeepClient, envelope, import_catalog
from wire import authorization, talk

CSV = b"sku;title\r\nA-1;Cable\r\nA-2;Tie\r\n"
NDJSON = b'{"sku":"A-1","texts":[{"lang":"en","title":"One"}]}\n{"sku":"A-2","texts":[{"lang":"en","title":"Two"}]}\n'
XML = ('<?xml version="1.0" encoding="ISO-8859-1"?><!DOCTYPE items [<!ENTITY x "y">]><items>'
       "<item><sku>A-1</sku><texts><lang>de</lang><title>Hämmer</title></texts></item></items>").encode("iso-8859-1")
CSV_PROFILE = '[catalog]\ntransformer = "table"\nlanguage = "en"\n'


def package(ns: str, payload: str, *parts: tuple[str, bytes], version: str = "1.1", boundary: str = "b", wait: int = 60) -> bytes:
    """A message in parts: an envelope around an import of `payload`, then parts of (head, content)."""
    message = envelope(import_catalog(ns, "spring", payload, wait=wait), version).encode()
    body = b""
    for head, content in (("Content-Type: application/xop+xml; charset=utf-8\r\nContent-ID: <root>", message), *parts):
        body += f"--{boundary}\r\n{head}\r\n\r\n".encode() + content + b"\r\n"
    return body + f"--{boundary}--\r\n".encode()


def include(cid: str = "a") -> str:
    return f'<c:attachment><xop:Include xmlns:xop="http://www.w3.org/2004/08/xop/include" href="cid:{cid}"/></c:attachment>'


def send(soap: Soap, body: bytes, boundary: str = "b", **options) -> SoapAnswer:
    return soap.post(body, content_type=f'multipart/related; type="application/xop+xml"; start="<root>"; boundary="{boundary}"', **options)


@pytest.mark.parametrize(("head", "content", "added"), [
    ("Content-Type: application/octet-stream", NDJSON, 2),
    ("Content-Type: application/x-ndjson", NDJSON, 2),
    ("Content-Type: text/plain", NDJSON, 2),
    ("Content-Type: application/vnd.ms-excel", NDJSON, 2),
    ("Content-Type: text/xml", XML, 1),
    ("Content-Transfer-Encoding: base64", base64.encodebytes(NDJSON), 2),
    ("Content-Transfer-Encoding: quoted-printable", quopri.encodestring(NDJSON), 2),
], ids=["octet-stream", "ndjson", "text", "a desktop's label", "xml with a document type", "base64", "quoted-printable"])
@pytest.mark.parametrize("version", ["1.1", "1.2"])
def test_a_document_is_attached(rest: Rest, soap: Soap, head, content, added, version):
    answer = send(soap, package(soap.ns, include(), (f"Content-ID: <a>\r\n{head}", content), version=version))
    assert (answer.status, answer.value("status"), answer.value("added")) == (200, "succeeded", str(added)), answer.text
    assert len(rest.items("spring")) == added


def test_a_list_is_attached(server: Server):
    tenant = server.create_tenant(profile=CSV_PROFILE)
    soap = Soap(server.url, tenant.auth)
    answer = send(soap, package(soap.ns, include(), ("Content-ID: <a>\r\nContent-Type: application/vnd.ms-excel", CSV)))
    assert answer.value("added") == "2", answer.text


@pytest.mark.parametrize("payload", [
    '<c:document href="cid:a"/>', "<c:document>cid:a</c:document>", "<c:attachment>cid:a</c:attachment>", '<c:attachment href="cid:a"/>',
    include(), include().replace("c:attachment", "c:document"),
], ids=["swa", "swaRef in document", "swaRef", "href", "mtom", "mtom in document"])
def test_every_way_to_refer(soap: Soap, payload):
    answer = send(soap, package(soap.ns, payload, ("Content-ID: <a>", NDJSON)))
    assert answer.value("added") == "2", answer.text


def test_base64_stands_in_the_envelope(server: Server, tenant, rest: Rest):
    """What a client sends that has no MTOM, zeep among them."""
    client = ZeepClient(server.url, tenant.auth)
    report = client.service.ImportCatalog(catalogId="spring", mode="merge", waitSeconds=60, attachment=NDJSON)
    assert (report.status, report.counts.added) == ("succeeded", 2)


def test_a_key_belongs_to_the_document_and_not_to_its_way(rest: Rest, soap: Soap):
    key = "<c:idempotencyKey>k</c:idempotencyKey><c:waitSeconds>60"

    def keyed(body: bytes) -> str:
        return send(soap, body.replace(b"<c:waitSeconds>60", key.encode())).value("importId")

    first = keyed(package(soap.ns, include(), ("Content-ID: a", NDJSON)))
    assert first == keyed(package(soap.ns, include("other"), ("Content-ID: other\r\nContent-Transfer-Encoding: base64", base64.b64encode(NDJSON))))
    assert first == keyed(package(soap.ns, f"<c:attachment>{base64.b64encode(NDJSON).decode()}</c:attachment>"))
    assert first == rest.post_import("spring", NDJSON, "application/x-ndjson", key="k", mode="merge").json()["id"]


def test_a_package_may_be_packed(soap: Soap):
    body = gzip.compress(package(soap.ns, include(), ("Content-ID: a", NDJSON)))
    assert send(soap, body, headers={"Content-Encoding": "gzip"}).value("added") == "2"


@pytest.mark.parametrize("bad", BAD_PACKAGES, ids=lambda bad: bad.name)
def test_a_bad_package_has_its_answer(rest: Rest, soap: Soap, bad: BadPackage):
    started = time.monotonic()
    message = envelope(import_catalog(soap.ns, "spring", bad.payload.replace("@", include()))).encode()
    answer = soap.post(bad.make(message), content_type=bad.content_type)
    assert time.monotonic() - started < 20
    assert answer.code == bad.code, answer.text
    assert answer.status == (415 if bad.code == "media_type_unsupported" else 500)
    assert rest.get("/v1/catalogs/spring").status_code == 404


@pytest.mark.parametrize("kind", ["parts", "preamble", "head", "epilogue", "base64"])
def test_a_package_without_end_is_given_up(server: Server, tenant, soap: Soap, kind):
    """None of it is kept: memory is as it was, and the answer comes while the sender still sends."""
    message = envelope(import_catalog(soap.ns, "spring", include())).encode()
    root = b"--b\r\nContent-ID: root\r\n\r\n" + message + b"\r\n"
    begin, endless = {
        "parts": (root, b"--b\r\n\r\n\r\n"),
        "preamble": (b"", b"x" * 1024 + b"\r\n"),
        "head": (root + b"--b\r\n", b"X: " + b"x" * 1000 + b"\r\n"),
        "epilogue": (root.replace(b"<c:attachment>", b"<c:items/><!--").replace(b"</c:attachment>", b"-->") + b"--b--\r\n", b"x" * 1024),
        "base64": (root + b"--b\r\nContent-ID: a\r\nContent-Transfer-Encoding: base64\r\n\r\n", b"====" * 256),
    }[kind]
    before_kb = resident_kb(server)
    head = f"POST {kit.PATH} HTTP/1.1\r\nHost: x\r\n{authorization(tenant)}Content-Type: multipart/related; boundary=b\r\nTransfer-Encoding: chunked\r\n\r\n"
    chunk = endless * (1 + (1 << 20) // len(endless))
    chunks = (b"%x\r\n%s\r\n" % (len(piece), piece) for piece in (begin, *[chunk] * 40) if piece)
    answer = talk(server, head.encode(), *chunks)
    expected = {"parts": "soap_attachment_invalid", "preamble": "soap_attachment_invalid", "base64": "soap_attachment_invalid"}.get(kind, "limit_exceeded")
    assert (answer.status, answer.code) == (500, expected), answer.body
    assert resident_kb(server) - before_kb < 32 << 10


def test_a_large_attachment_is_not_kept_in_memory(server: Server, rest: Rest, soap: Soap):
    line = b'{"sku":"A-%07d","texts":[{"lang":"en","title":"' + b"x" * 400 + b'"}]}\n'
    send(soap, package(soap.ns, include(), ("Content-ID: a", NDJSON)))
    before_kb = resident_kb(server)
    content = b"".join(line % number for number in range(150_000))
    answer = send(soap, package(soap.ns, include(), ("Content-ID: a", content), wait=0))
    assert (answer.status, answer.value("status")) in [(200, "queued"), (200, "running")], answer.text
    assert len(content) > 60 << 20
    assert resident_kb(server) - before_kb < 40 << 10
    rest.wait_for_import("spring", answer.value("importId"))


def resident_kb(server: Server) -> int:
    status = pathlib.Path(f"/proc/{server.pid}/status").read_text()
    return int(status.split("VmRSS:")[1].split()[0])
