"""Room on the disk: a document that will not fit is refused before it is read, beside those that were let in before.

Nothing large is ever sent: what counts here is what a client announces.
"""

from __future__ import annotations

import contextlib
import os
import socket
import time

import pytest
from plugpoint_kit.rest import Rest
from plugpoint_kit.server import Server, Tenant
from plugpoint_kit.soap import Soap
from wire import ANSWER_S_MAX, WireAnswer, authorization, read_answer

ONE = b'[{"sku":"A","texts":[{"lang":"en","title":"One"}]}]'
TIB = 1 << 40


@contextlib.contextmanager
def serving(growth_percent: int):
    env = {"PLUGPOINT__IMPORTS__GROWTH_PERCENT": str(growth_percent), "PLUGPOINT__LIMITS__IMPORT_BODY_BYTES_MAX": str(TIB)}
    server = Server(env=env)
    try:
        yield server.start()
    finally:
        server.remove()


def free_bytes(server: Server) -> int:
    space = os.statvfs(server.data_dir)
    return min(space.f_bavail * space.f_frsize, TIB // 4)


def announce(server: Server, tenant: Tenant, size: int) -> socket.socket:
    """A document over REST of which only the size is told."""
    connection = socket.create_connection(("127.0.0.1", server.port))
    connection.settimeout(ANSWER_S_MAX)
    head = "POST /v1/catalogs/spring/imports HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nExpect: 100-continue\r\n"
    connection.sendall((head + authorization(tenant) + f"Content-Length: {size}\r\n\r\n").encode())
    return connection


def is_asked_for(connection: socket.socket) -> bool:
    """Whether the server wants the body; else it has said 507."""
    line = connection.recv(12)
    assert line in (b"HTTP/1.1 100", b"HTTP/1.1 507"), line
    return line.endswith(b"100")


def fits(server: Server, tenant: Tenant, size: int) -> bool:
    with announce(server, tenant, size) as connection:
        return is_asked_for(connection)


def spooled(server: Server) -> list[str]:
    return [name for _, _, files in os.walk(server.data_dir / "spool") for name in files]


def eventually(holds) -> bool:
    """What happens once the server has noticed that a client has gone."""
    deadline = time.monotonic() + ANSWER_S_MAX
    while not holds():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.1)
    return True


# Others write to the same disk meanwhile: what fits takes half of what is free, what does not twice as much.
@pytest.mark.parametrize("growth_percent", [0, 300, 10_000])
def test_a_document_is_let_in_if_it_and_its_import_fit(growth_percent):
    with serving(growth_percent) as server:
        tenant = server.create_tenant()
        whole = free_bytes(server) * 100 // (100 + growth_percent)
        assert not fits(server, tenant, whole * 2)
        assert fits(server, tenant, whole // 2)
        assert eventually(lambda: spooled(server) == [])
        rest = Rest(server.url, tenant.auth)
        assert [rest.get(path).status_code for path in ("/healthz", "/readyz")] == [200, 200]
        assert rest.post_import("spring", ONE).json()["status"] == "succeeded"


def test_documents_that_come_together_are_counted_together():
    with serving(0) as server:
        tenant, other = server.create_tenant(), server.create_tenant()
        size = free_bytes(server) * 6 // 10
        with announce(server, tenant, size) as first:
            assert is_asked_for(first)
            assert not fits(server, other, size), "there is no room for two of them"
            assert fits(server, other, size // 4)
            assert Rest(server.url, other.auth).post_import("spring", ONE).json()["status"] == "succeeded"
        assert eventually(lambda: fits(server, other, size)), "the room of one that was broken off is given back"


def test_the_refusal_is_a_problem_document():
    with serving(0) as server, announce(server, server.create_tenant(), free_bytes(server) * 2) as connection:
        answer = read_answer(connection)
        assert (answer.statuses, answer.code) == ([507], "storage_full"), answer
        assert answer.header("content-type") == "application/problem+json"


ENVELOPE = {"1.1": "http://schemas.xmlsoap.org/soap/envelope/", "1.2": "http://www.w3.org/2003/05/soap-envelope"}


def begin_message(server: Server, tenant: Tenant, version: str, operation: str, *, parts: bool) -> WireAnswer:
    """A message that says it is larger than the disk, of which only the beginning comes."""
    ns = Soap(server.url, tenant.auth).ns
    payload = '<attachment href="cid:a"/>' if parts else "<document><catalog>"
    message = (f'<s:Envelope xmlns:s="{ENVELOPE[version]}"><s:Body><{operation} xmlns="{ns}"><catalogId>spring</catalogId>'
               f"<mode>merge</mode>{payload}")
    kind = "text/xml" if version == "1.1" else "application/soap+xml"
    if parts:
        message = (f"--b\r\nContent-Type: {kind}\r\nContent-ID: <e>\r\n\r\n{message}</{operation}></s:Body></s:Envelope>\r\n"
                   "--b\r\nContent-ID: <a>\r\n\r\nsku,title\r\n" + "A,One\r\n" * 20_000)
        kind = f'multipart/related; boundary=b; start="<e>"; type="{kind}"'
    else:
        # What is read at once is more than what is parsed.
        message += "<a>x</a>" * 20_000
    head = f"POST /soap/v1/catalog HTTP/1.1\r\nHost: x\r\nContent-Type: {kind}\r\n"
    with socket.create_connection(("127.0.0.1", server.port)) as connection:
        connection.settimeout(ANSWER_S_MAX)
        length = free_bytes(server) * 2
        connection.sendall((head + authorization(tenant) + f"Content-Length: {length}\r\n\r\n{message}").encode())
        return read_answer(connection)


def test_over_soap_the_refusal_is_a_fault_of_the_server():
    with serving(0) as server:
        tenant = server.create_tenant()
        for version, blame in (("1.1", b"soap:Server<"), ("1.2", b"soap:Receiver<")):
            for operation in ("ImportCatalog", "SubmitCatalog"):
                for parts in (False, True):
                    answer = begin_message(server, tenant, version, operation, parts=parts)
                    assert (answer.status, answer.code) == (500, "storage_full"), (version, operation, parts, answer)
                    assert blame in answer.body
        assert spooled(server) == []
        answer = Soap(server.url, tenant.auth).import_document("spring", "<items/>")
        assert answer.status == 200, answer.text
