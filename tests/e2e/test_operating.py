"""What an operator's bad day does to an import: oversize, broken uploads, full disks, locked databases, unknown customers.

For each the exact answer, and nothing lost or half done. Every test has a server of its own.
"""

from __future__ import annotations

import contextlib
import os
import socket
import sqlite3
import subprocess
import threading
import time

import pytest
from plugpoint_kit.rest import Rest
from plugpoint_kit.server import Server
from plugpoint_kit.soap import Soap, canonical_item, envelope, import_catalog

ONE = b'[{"sku":"A","texts":[{"lang":"en","title":"One"}]}]'


@pytest.fixture
def own_server():
    """Starts servers with an environment of the test's; ends them all."""
    servers = []

    def start(**env: str) -> Server:
        servers.append(Server(env=env))
        return servers[-1].start()

    yield start
    for server in servers:
        server.remove()


def spooled(server: Server) -> list[str]:
    """Files that lie in the spool."""
    return [name for _, _, files in os.walk(server.data_dir / "spool") for name in files]


BODY_BYTES_MAX = 64 * 1024


@pytest.mark.parametrize("how", ["announced", "chunked"])
def test_oversize_is_refused_with_413(own_server, how):
    server = own_server(PLUGPOINT__LIMITS__IMPORT_BODY_BYTES_MAX=str(BODY_BYTES_MAX))
    rest = Rest(server.url, server.create_tenant().auth)
    body = b" " * (BODY_BYTES_MAX + 1)
    data = body if how == "announced" else iter([body[:1000], body[1000:]])
    answer = rest.post_import("spring", data)
    assert (answer.status_code, answer.json()["code"]) == (413, "body_too_large"), answer.text
    assert rest.get("/v1/catalogs/spring").status_code == 404
    assert spooled(server) == []
    exact = ONE + b" " * (BODY_BYTES_MAX - len(ONE))
    assert rest.post_import("spring", exact).json()["status"] == "succeeded"


def test_oversize_over_soap_is_a_fault(own_server):
    server = own_server(PLUGPOINT__LIMITS__IMPORT_BODY_BYTES_MAX=str(BODY_BYTES_MAX))
    tenant = server.create_tenant()
    soap = Soap(server.url, tenant.auth)
    items = "".join(canonical_item(f"A-{n}") for n in range(1000))
    answer = soap.import_items("spring", items)
    assert (answer.status, answer.code) == (500, "body_too_large"), answer.text
    assert spooled(server) == []


@pytest.mark.parametrize("protocol", ["rest", "soap"])
@pytest.mark.parametrize("chunked", [False, True], ids=["length", "chunked"])
def test_a_truncated_upload_leaves_nothing(own_server, protocol, chunked):
    server = own_server()
    tenant = server.create_tenant()
    rest = Rest(server.url, tenant.auth)
    assert rest.post_import("spring", ONE).status_code == 200
    before = rest.get("/v1/catalogs/spring/items").text
    kept = sorted(spooled(server))
    send_half(server, tenant, protocol, chunked)
    deadline = time.monotonic() + 20
    while sorted(spooled(server)) != kept and time.monotonic() < deadline:
        time.sleep(0.1)
    assert sorted(spooled(server)) == kept
    assert rest.get("/v1/catalogs/spring/items").text == before
    assert rest.get("/readyz").status_code == 200


def send_half(server: Server, tenant, protocol: str, chunked: bool) -> None:
    import base64

    token = base64.b64encode(f"{tenant.key_id}:{tenant.secret}".encode()).decode()
    if protocol == "rest":
        path, kind, body = "/v1/catalogs/spring/imports?mode=replace", "application/json", b"[" + b",".join([ONE[1:-1]] * 1000) + b"]"
    else:
        path, kind = "/soap/v1/catalog", "text/xml"
        ns = Soap(server.url, tenant.auth).ns
        body = envelope(import_catalog(ns, "spring", f"<c:items>{canonical_item('B') * 1000}</c:items>", mode="replace")).encode()
    head = f"POST {path} HTTP/1.1\r\nHost: x\r\nAuthorization: Basic {token}\r\nContent-Type: {kind}\r\n"
    half = body[: len(body) // 2]
    with socket.create_connection(("127.0.0.1", server.port)) as connection:
        if chunked:
            connection.sendall(head.encode() + b"Transfer-Encoding: chunked\r\n\r\n" + b"%x\r\n" % len(half) + half + b"\r\n")
        else:
            connection.sendall(head.encode() + f"Content-Length: {len(body)}\r\n\r\n".encode() + half)
        time.sleep(0.3)


@contextlib.contextmanager
def small_disk(folder, size: str):
    """A file system of that size mounted on the folder; needs root."""
    if os.geteuid() != 0:
        pytest.skip("mounting a small disk needs root")
    folder.mkdir(parents=True, exist_ok=True)
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size},mode=0700", "tmpfs", str(folder)], capture_output=True, text=True)
    if mounted.returncode != 0:
        pytest.skip(f"mounting a small disk is not allowed here: {mounted.stderr.strip()}")
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


@pytest.mark.parametrize("protocol", ["rest", "soap"])
def test_a_full_spool_refuses_and_recovers(protocol):
    server = Server()
    try:
        with small_disk(server.data_dir / "spool", "512k"):
            server.start()
            tenant = server.create_tenant()
            rest, soap = Rest(server.url, tenant.auth), Soap(server.url, tenant.auth)
            assert rest.post_import("spring", ONE).json()["status"] == "succeeded"
            before = rest.get("/v1/catalogs/spring/items").text
            if protocol == "rest":
                answer = rest.post_import("spring", ONE[:-1] + b" " * 2_000_000 + b"]", mode="replace")
                assert (answer.status_code, answer.json()["code"]) == (507, "storage_full"), answer.text
            else:
                answer = soap.import_items("spring", canonical_item("B", "x" * 900) * 2000, mode="replace")
                assert (answer.status, answer.code) == (500, "storage_full"), answer.text
            assert rest.get("/v1/catalogs/spring/items").text == before
            # What did not fit is gone again, so the next small document fits.
            assert rest.post_import("spring", ONE).json()["status"] == "succeeded"
            server.stop()
    finally:
        server.remove()


def test_a_locked_database_says_busy_and_loses_nothing(own_server):
    server = own_server()
    tenant = server.create_tenant()
    rest = Rest(server.url, tenant.auth)
    assert rest.post_import("spring", ONE).json()["status"] == "succeeded"
    database = server.data_dir / "tenants" / tenant.name / "catalog.db"
    lock = sqlite3.connect(database, isolation_level=None)
    lock.execute("BEGIN IMMEDIATE")
    try:
        answer = rest.call("PUT", "/v1/catalogs/spring/items/B", json={"sku": "B", "texts": [{"lang": "en", "title": "Two"}]})
        assert (answer.status_code, answer.json()["code"]) == (503, "storage_busy"), answer.text
        assert int(answer.headers["Retry-After"]) > 0
        # Reading goes on beside a writer.
        assert rest.get("/v1/catalogs/spring/items/A").status_code == 200
        queued = rest.post_import("spring", ONE.replace(b'"A"', b'"C"'), wait=None)
        assert queued.status_code == 202, queued.text
        time.sleep(1)
    finally:
        lock.execute("ROLLBACK")
        lock.close()
    # The acknowledged import is carried out as soon as the database is free.
    assert rest.wait_for_import("spring", queued.json()["id"])["status"] == "succeeded"
    assert [item["sku"] for item in rest.items("spring")] == ["A", "C"]


def test_an_unknown_customer_is_named(own_server):
    server = own_server()
    done = server.command("tenant", "create", "lost", "--customer", "volt-werk", "--json")
    assert done.returncode != 0
    assert "volt-werk" in done.stderr and "voltwerk" in done.stderr, done.stderr


def test_an_unknown_transformer_is_named(own_server, tmp_path):
    server = own_server()
    profile = tmp_path / "profile.toml"
    profile.write_text('[catalog]\ntransformer = "bmekat"\n')
    done = server.command("tenant", "create", "lost", "--profile", str(profile), "--json")
    assert done.returncode != 0
    assert "bmekat" in done.stderr and "bmecat" in done.stderr, done.stderr


def test_slow_senders_do_not_keep_others_out(own_server):
    server = own_server()
    tenant = server.create_tenant()
    rest = Rest(server.url, tenant.auth)
    sockets = []
    for _ in range(64):
        connection = socket.create_connection(("127.0.0.1", server.port))
        connection.sendall(b"POST /v1/catalogs/spring/imports HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n")
        sockets.append(connection)
    started = time.monotonic()
    assert rest.post_import("spring", ONE).json()["status"] == "succeeded"
    assert time.monotonic() - started < 10
    for connection in sockets:
        connection.close()


def test_eight_imports_at_once_all_count(own_server):
    server = own_server()
    rest = Rest(server.url, server.create_tenant().auth)
    statuses = []

    def push(number: int) -> None:
        own = Rest(server.url, rest.session.auth)
        answer = own.post_import("spring", ONE.replace(b'"A"', b'"A%d"' % number))
        statuses.append(answer.json()["status"])

    threads = [threading.Thread(target=push, args=(number,)) for number in range(8)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert statuses == ["succeeded"] * 8
    assert len(rest.items("spring")) == 8
