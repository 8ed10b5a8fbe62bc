"""Each attack gets the answer that the table says, and the server is as it was: alive, of the same size, with nothing stored that the table
does not name, with one line in its log, and without having called or read anything."""

from __future__ import annotations

import concurrent.futures
import dataclasses
import itertools
import json
import pathlib
import re
import select
import socket
import threading
import time
from collections.abc import Iterable, Iterator

import pytest
from attack_messages import IMPATIENT, MESSAGES, REQUESTS, SLOW, Message, Request, Slow
from attacks import ATTACHED, DOCUMENTS, GLUED, MEMORY_MIB, REST, TEXT, Answer, Big, Document
from plugpoint_kit.rest import Rest
from plugpoint_kit.server import Server, Tenant
from plugpoint_kit.soap import CONTENT_TYPES as SOAP_TYPES
from plugpoint_kit.soap import PATH, Soap, canonical_item, envelope, import_catalog, username_token
from wire import WireAnswer, authorization, pour, talk
from wire import read_answer as wire_answer

CANARY = "the canary that nobody may hear"
# What an answer that comes early leaves unsent, beyond what lies in the buffers on the way.
EARLY_BYTES_MAX = 24 << 20


class Trap:
    """A listener that counts who comes."""

    def __init__(self) -> None:
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.socket.getsockname()[1]}/"
        self.visits = 0
        threading.Thread(target=self.listen, daemon=True).start()

    def listen(self) -> None:
        while True:
            try:
                connection, _ = self.socket.accept()
            except OSError:
                return
            self.visits += 1
            connection.close()


class Site:
    """A server, a tenant, and what no attack may reach."""

    def __init__(self, folder: pathlib.Path) -> None:
        self.server = Server(folder / "data").start()
        self.tenant = self.server.create_tenant()
        while "--" in self.tenant.secret:
            # One secret in a hundred; an XML comment may not hold it, and one attack puts it there.
            self.tenant = self.server.add_key(self.tenant)
        self.rest, self.soap = Rest(self.server.url, self.tenant.auth), Soap(self.server.url, self.tenant.auth)
        self.rest.post_import("spring", b'[{"sku":"OLD-1","texts":[{"lang":"en","title":"Old"}]}]')
        self.trap = Trap()
        canary = folder / "canary.txt"
        canary.write_text(CANARY)
        self.names = {b"{trap}": self.trap.url.encode(), b"{canary}": canary.as_uri().encode()}
        self.numbers = itertools.count(1)

    def baited(self, text: bytes) -> bytes:
        for name, address in self.names.items():
            text = text.replace(name, address).replace(name.decode().encode("utf-16-le"), address.decode().encode("utf-16-le"))
        return text

    def pieces(self, body: bytes | Big) -> Iterator[bytes]:
        return map(self.baited, body.pieces() if isinstance(body, Big) else [body])

    def pieces_as_text(self, body: bytes | Big) -> Iterator[bytes]:
        """For a CDATA section. No unit of a big document ends one."""
        return (piece.replace(b"]]>", b"]]]]><![CDATA[>") for piece in self.pieces(body))

    def post(self, path: str, content_type: str, pieces: Iterable[bytes], *fields: str, has_credentials: bool = True) -> Sent:
        """Sends and looks at what it cost."""
        credentials = authorization(self.tenant) if has_credentials else ""
        request_id = f"attack-{next(self.numbers)}"
        head = f"POST {path} HTTP/1.1\r\nHost: x\r\n{credentials}Content-Type: {content_type}\r\nTransfer-Encoding: chunked\r\n"
        head += "".join(f"{field}\r\n" for field in (f"X-Request-Id: {request_id}", "Connection: close", *fields)) + "\r\n"
        before_kb, log_from = self.server.resident_kb(anew=True), self.server.log_bytes()
        answer, sent_bytes = pour(self.server, head.encode(), pieces)
        return Sent(answer, request_id, sent_bytes, self.server.resident_kb() - before_kb, log_from)

    def told(self, sent: Sent, code: str) -> list[str]:
        """The lines of the log that say what was wrong with it. The line of an import may come a moment after its answer."""
        names = (f"request_id={sent.request_id} ", f'request_id="{sent.request_id}" ', f"import_id={sent.import_id} ")
        wrong = (f'code="{code}"', f'error="{code}"')
        for _ in range(200):
            lines = [line for line in self.server.log_lines(sent.log_from) if any(name in line + " " for name in names)]
            found = [line for line in lines if any(word in line for word in wrong)]
            if found:
                assert all(line in found for line in lines if "request refused" in line or "request failed" in line), lines
                return found
            time.sleep(0.02)
        return []

    def outcome(self, sent: Sent, catalog: str) -> Answer:
        """What was answered, and what is there now, as REST shows it."""
        assert CANARY not in sent.answer.body.decode(errors="replace")
        code, findings, import_id = sent.answer.code, (), sent.import_id
        if import_id:
            view = self.rest.wait_for_import(catalog, import_id)
            code = view.get("error", {}).get("code")
            findings = tuple(sorted({finding["code"] for finding in self.rest.get(f"/v1/catalogs/{catalog}/imports/{import_id}/findings").json()["findings"]}))
        items = self.rest.items(catalog) if self.rest.get(f"/v1/catalogs/{catalog}").status_code == 200 else []
        assert CANARY not in json.dumps(items)
        # On a slow machine an import outlasts the patience of its sender, who is answered 202; it is waited for all the same.
        status = 200 if import_id else sent.answer.status
        return Answer(status, code, tuple(item["texts"][0]["title"] for item in items), findings)

    def close(self) -> None:
        self.trap.socket.close()
        self.server.remove()


@dataclasses.dataclass(frozen=True)
class Sent:
    """What became of a request."""

    answer: WireAnswer
    request_id: str
    bytes: int
    grown_kb: int
    log_from: int

    @property
    def import_id(self) -> str | None:
        found = re.search(rb'(?:<importId>|"id":")([0-9a-f-]{36})', self.answer.body)
        return found.group(1).decode() if found and self.answer.status in (200, 202) else None


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    site = Site(tmp_path_factory.mktemp("site"))
    yield site
    good = [site.rest.post_import("good", b'[{"sku":"A","texts":[{"lang":"en","title":"a"}]}]').json(),
            site.rest.post_import("good", b"<items><item><sku>B</sku><texts><lang>en</lang><title>b</title></texts></item></items>", "application/xml").json()]
    answer = site.soap.import_items("good", "<c:item><c:sku>C</c:sku><c:texts><c:lang>en</c:lang><c:title>c</c:title></c:texts></c:item>")
    skus = [item["sku"] for item in site.rest.items("good")]
    site.close()
    assert [view["status"] for view in good] == ["succeeded"] * 2 and answer.value("status") == "succeeded" and skus == ["A", "B", "C"]


def message(site: Site, catalog: str, way: str, document: Document) -> tuple[str, Iterator[bytes]]:
    """The content type and the pieces of a SOAP message that carries a document."""
    before, after = {
        GLUED: ("<c:document>", "</c:document>"),
        TEXT: ("<c:document><![CDATA[", "]]></c:document>"),
        ATTACHED: ('<c:document href="cid:a"/>', ""),
    }[way]
    whole = envelope(import_catalog(site.soap.ns, catalog, before + "{}" + after))
    head, tail = (part.encode() for part in whole.split("{}"))
    if way == ATTACHED:
        head = b"--b\r\n\r\n" + head + tail + f"\r\n--b\r\nContent-ID: <a>\r\nContent-Type: {document.content_type}\r\n\r\n".encode()
        tail = b"\r\n--b--\r\n"
    content_type = "multipart/related; boundary=b" if way == ATTACHED else "text/xml"
    pieces = site.pieces_as_text(document.body) if way == TEXT else site.pieces(document.body)
    return content_type, itertools.chain([head], pieces, [tail])


def attack(site: Site, catalog: str, way: str, document: Document) -> Sent:
    if way == REST:
        return site.post(f"/v1/catalogs/{catalog}/imports", document.content_type, site.pieces(document.body), "Prefer: wait=30")
    content_type, pieces = message(site, catalog, way, document)
    return site.post(PATH, content_type, pieces, 'SOAPAction: ""')


CASES = [pytest.param(document, way, id=f"{document.name}-{way}") for document in DOCUMENTS for way in document.answers]


@pytest.mark.parametrize(("document", "way"), CASES)
def test_a_document(site: Site, document: Document, way: str):
    catalog = f"c{next(site.numbers)}"
    sent = attack(site, catalog, way, document)
    assert site.outcome(sent, catalog) == document.answers[way], sent.answer.body[:2000]
    if code := document.answers[way].code:
        assert len(site.told(sent, code)) == 1
    assert sent.grown_kb < document.memory_mib << 10
    assert site.trap.visits == 0
    if way in document.early:
        assert sent.bytes < EARLY_BYTES_MAX


@pytest.mark.parametrize("attack", MESSAGES, ids=lambda attack: attack.name)
def test_a_message(site: Site, attack: Message):
    catalog = f"c{next(site.numbers)}"
    sent = said(site, catalog, attack)
    assert site.outcome(sent, catalog) == attack.answer, sent.answer.body
    assert sent.grown_kb < MEMORY_MIB << 10
    if attack.answer.code:
        assert len(site.told(sent, attack.answer.code)) == 1
    assert site.trap.visits == 0


def said(site: Site, catalog: str, attack: Message) -> Sent:
    payload = f"<c:items>{canonical_item('NEW-1')}</c:items>"
    token = re.search("<wsse:UsernameToken.*</wsse:UsernameToken>", username_token(*site.tenant.auth)).group()
    names = {"{token}": token.replace("wsse:", "w:"), "{import}": import_catalog(site.soap.ns, catalog, payload), "{ns}": site.soap.ns}
    body, header = attack.body, attack.header
    for name, text in names.items():
        body, header = body.replace(name, text), header.replace(name, text)
    message = envelope(body, attack.version, header, prolog=attack.prolog).encode(attack.encoding)
    fields = [f"SOAPAction: {attack.action}"] if attack.action is not None else []
    content_type = attack.content_type or SOAP_TYPES[attack.version]
    return site.post(PATH, content_type, site.pieces(message), *fields, has_credentials=attack.has_credentials)


@pytest.mark.parametrize("attack", REQUESTS, ids=lambda attack: attack.name)
def test_a_request(site: Site, attack: Request):
    log_from = site.server.log_bytes()
    answer = asked(site, attack)
    # What is no request has no such line: it is refused before anybody could tell whose it is (see "request unreadable" below).
    lines = [line for line in site.server.log_lines(log_from) if "request refused" in line or "request failed" in line]
    assert [f'code="{attack.code}"' in line for line in lines] == ([True] if attack.code else []), lines
    assert (answer.status, answer.code) == (attack.status, attack.code), answer.body
    names = {line.split(":")[0].lower() for line in answer.head.split("\r\n")[1:]}
    assert "x-evil" not in names and len(answer.head) < 2000 and len(answer.body) < 2000
    assert [item["sku"] for item in site.rest.items("spring")] == ["OLD-1"]


def asked(site: Site, attack: Request) -> WireAnswer:
    fields = "".join(f"{field}\r\n" for field in attack.fields)
    head = f"{attack.line} HTTP/1.1\r\nHost: x\r\n{authorization(site.tenant)}{fields}Content-Length: {len(attack.body)}\r\nConnection: close\r\n\r\n"
    return talk(site.server, head.encode("latin-1") + attack.body)


UNREADABLE = [
    (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", 400, "request_invalid"),
    (b"GET  / HTTP/1.1\r\nHost: x\r\n\r\n", 400, "request_invalid"),
    (b"GET / HTTP/1.1\r\nX : x\r\n\r\n", 400, "request_invalid"),
    (b"GET / HTTP/1.1\r\nX: " + b"x" * 65536 + b"\r\n\r\n", 431, "limit_exceeded"),
]
UNREADABLE_LINES_MAX = 20


def test_what_cannot_be_read_is_in_the_log_and_does_not_fill_it(tmp_path: pathlib.Path):
    """A server of its own: how many such lines there are in a minute is bounded."""
    server = Server(tmp_path / "data").start()
    try:
        statuses = [talk(server, sent).status for sent, _, _ in UNREADABLE]
        talk(server, b"GET / HTTP/1.1\r\nHost", shut=True)
        lines = [line for line in server.log_lines() if "request unreadable" in line]
        for _ in range(3 * UNREADABLE_LINES_MAX):
            talk(server, UNREADABLE[0][0])
        flood = [line for line in server.log_lines() if "request unreadable" in line]
    finally:
        server.remove()
    assert statuses == [status for _, status, _ in UNREADABLE]
    assert ['peer=127.0.0.1 code="%s" ' % code in line for line, (_, _, code) in zip(lines, UNREADABLE, strict=True)] == [True] * len(UNREADABLE), lines
    # A minute may have ended in between.
    assert UNREADABLE_LINES_MAX <= len(flood) <= 2 * UNREADABLE_LINES_MAX


@pytest.fixture(scope="module")
def impatient(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Server, Tenant]]:
    server = Server(tmp_path_factory.mktemp("impatient") / "data", env=IMPATIENT).start()
    tenant = server.create_tenant()
    yield server, tenant
    answer = Rest(server.url, tenant.auth).post_import("good", b'[{"sku":"A","texts":[{"lang":"en","title":"a"}]}]').json()
    server.remove()
    assert answer["counts"]["added"] == 1


def test_what_never_ends_is_ended(impatient: tuple[Server, Tenant]):
    """All of them at once, so that it takes as long as the slowest."""
    server, tenant = impatient
    with concurrent.futures.ThreadPoolExecutor(len(SLOW)) as pool:
        answers = list(pool.map(lambda attack: dripped(server, tenant, attack), SLOW))
    assert [(attack.name, *answer) for attack, answer in zip(SLOW, answers)] == [(attack.name, attack.status, attack.code) for attack in SLOW]
    rest = Rest(server.url, tenant.auth)
    assert rest.get("/v1/catalogs").json()["catalogs"] == []
    assert not list(server.data_dir.glob("spool/*/*"))
    lines = [line for line in server.log_lines() if 'code="request_timeout"' in line]
    assert len(lines) == len([attack for attack in SLOW if attack.code == "request_timeout"])


def dripped(server: Server, tenant: Tenant, attack: Slow) -> tuple[int, str | None]:
    """Sends for ever, and says how the server ended it."""
    start = attack.start.replace(b"{credentials}", authorization(tenant).encode())
    deadline = time.monotonic() + 60
    with socket.create_connection(("127.0.0.1", server.port)) as connection:
        connection.settimeout(60)
        try:
            connection.sendall(start)
            while not select.select([connection], [], [], 0.25)[0]:
                assert time.monotonic() < deadline, "it was never ended"
                connection.sendall(attack.drop)
        except (BrokenPipeError, ConnectionResetError):
            pass
        answer = wire_answer(connection)
        return answer.status, answer.code
