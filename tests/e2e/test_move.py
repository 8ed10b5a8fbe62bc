"""Tenants that are moved to another database while they are read: nothing fails but writes, and those are told to come again."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
import time

import pytest
from plugpoint_kit.rest import Rest
from plugpoint_kit.server import Server, binary, environment

from test_elsewhere import SERVER, address, document, done, schemas, server  # noqa: F401  (fixtures)

pytestmark = pytest.mark.skipif(not SERVER, reason="PLUGPOINT_TEST_POSTGRES names no server; run by .ci/postgres")

NOTICED_S = 30


def until(what, expected) -> None:
    deadline = time.monotonic() + NOTICED_S
    while (seen := what()) != expected:
        assert time.monotonic() < deadline, f"{seen!r} is not {expected!r}"
        time.sleep(0.05)


class Reader(threading.Thread):
    """Reads without a pause, and keeps what was answered."""

    def __init__(self, rest: Rest):
        super().__init__()
        self._rest, self._ends, self.statuses = rest, threading.Event(), []

    def run(self) -> None:
        number = 0
        while not self._ends.is_set():
            number += 1
            self.statuses.append(self._rest.get(f"/v1/catalogs/spring/items/S{number % 1000:06}").status_code)

    def end(self) -> None:
        self._ends.set()
        self.join()


def put(rest: Rest, sku: str, title: str) -> int:
    return rest.call("PUT", f"/v1/catalogs/spring/items/{sku}", json={"sku": sku, "texts": [{"lang": "en", "title": title}]}).status_code


def test_there_and_back_while_it_is_read_and_written(server, address):  # noqa: F811
    tenant = server.create_tenant()
    rest = Rest(server.url, tenant.auth)
    rest.post_import("spring", document(1000, "one"), "application/x-ndjson", mode="replace", wait=60)
    to = f"{address}&schema=shop"
    reader = Reader(Rest(server.url, tenant.auth))
    reader.start()
    written, ends = [], threading.Event()

    def write() -> None:
        while not ends.is_set():
            written.append((len(written), put(rest, f"W{len(written):05}", "new")))

    writer = threading.Thread(target=write)
    writer.start()
    try:
        moved = done(server, "tenant", "move", tenant.name, "--to", to)
        assert moved["place"].endswith("/" + address.split("/")[-1].split("?")[0] + "?schema=shop") and moved["rows"] > 1000
        imported = rest.post_import("autumn", document(50, "two"), "application/x-ndjson", mode="replace", wait=60).json()
        assert imported["status"] == "succeeded"
        done(server, "tenant", "move", tenant.name, "--confirm")
        back = done(server, "tenant", "move", tenant.name, "--to", "platform")
        assert back["place"] is None and back["from"] == moved["place"]
        done(server, "tenant", "move", tenant.name, "--confirm")
        until(lambda: put(rest, "LAST", "x"), 201)
    finally:
        ends.set()
        writer.join()
        reader.end()
    assert set(reader.statuses) == {200} and len(reader.statuses) > 20
    assert {status for _, status in written} <= {201, 503}
    # What was acknowledged is there, what was refused is not.
    there = {item["sku"] for item in rest.items("spring", limit=1000)}
    assert {f"W{number:05}" for number, status in written if status == 201} == {sku for sku in there if sku.startswith("W")}
    assert rest.get("/v1/catalogs/autumn").json()["item_count"] == 50 and schemas(address) == []


@pytest.mark.parametrize("ends_by", ["the same command", "--back"])
def test_a_move_that_is_killed_is_completed_or_taken_back(server, address, ends_by):  # noqa: F811
    tenant = server.create_tenant()
    rest = Rest(server.url, tenant.auth)
    rest.post_import("spring", document(3000, "one"), "application/x-ndjson", mode="replace", wait=60)
    to = f"{address}&schema=shop"
    command = [binary(), "tenant", "move", tenant.name, "--to", to, "--data-dir", str(server.data_dir)]
    for pause in (0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.6):
        running = subprocess.Popen(command, env=environment(server.data_dir), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(pause)  # it is killed wherever it is by then
        running.send_signal(signal.SIGKILL)
        running.wait()
        assert rest.get("/v1/catalogs/spring").json()["item_count"] == 3000, pause
    place = {row["tenant"]: row["place"] for row in done(server, "tenant", "list")["tenants"]}[tenant.name]
    if ends_by == "--back":
        ended = server.command("tenant", "move", tenant.name, "--back")
        assert ended.returncode == 0 or "no move of it" in ended.stderr, ended.stderr
        place = {row["tenant"]: row["place"] for row in done(server, "tenant", "list")["tenants"]}[tenant.name]
        assert place is None
    elif place is None:
        done(server, "tenant", "move", tenant.name, "--to", to)
    until(lambda: put(rest, "AFTER", "x"), 201)
    assert rest.get("/v1/catalogs/spring").json()["item_count"] == 3001
    ended = server.command("tenant", "move", tenant.name, "--confirm")
    assert ended.returncode == 0 or "no move of it" in ended.stderr, ended.stderr
    assert schemas(address) == ([] if ends_by == "--back" else ["shop"])
    assert rest.get("/v1/catalogs/spring").json()["item_count"] == 3001


def test_back_after_the_switch_brings_what_was_written_since(server, address):  # noqa: F811
    tenant = server.create_tenant()
    rest = Rest(server.url, tenant.auth)
    rest.post_import("spring", document(10, "one"), "application/x-ndjson", mode="replace", wait=60)
    done(server, "tenant", "move", tenant.name, "--to", f"{address}&schema=shop")
    until(lambda: put(rest, "NEW", "x"), 201)
    for refused in (["tenant", "delete", tenant.name, "--yes"], ["tenant", "move", tenant.name, "--to", f"{address}&schema=other"]):
        ended = server.command(*refused)
        assert ended.returncode != 0 and "neither confirmed nor taken back" in ended.stderr, ended.stderr
        assert not ended.stderr.startswith("plugpoint: internal: the storage failed")
    assert done(server, "tenant", "move", tenant.name, "--back")["place"] is None
    until(lambda: put(rest, "NEWER", "x"), 201)
    assert rest.get("/v1/catalogs/spring").json()["item_count"] == 12
    done(server, "tenant", "move", tenant.name, "--confirm")
    assert schemas(address) == []
    done(server, "tenant", "delete", tenant.name, "--yes")


@pytest.mark.parametrize(
    "change, words",
    [
        (lambda url: "mysql://db/shop", "begins with postgres://"),
        (lambda url: "postgres://u@127.0.0.1:1/db?sslmode=disable", "Connection refused"),
        (lambda url: os.environ["PLUGPOINT_TEST_POOLER"], "pooler"),
        (lambda url: f"{url}&schema=taken", "is in use"),
        (lambda url: "platform", "it is there already"),
    ],
)
def test_a_place_that_cannot_be_used_is_told_and_changes_nothing(server, address, change, words):  # noqa: F811
    tenant = server.create_tenant()
    done(server, "tenant", "create", "other", "--at", f"{address}&schema=taken")
    ended = server.command("tenant", "move", tenant.name, "--to", change(address))
    assert ended.returncode != 0 and words in ended.stderr, ended.stderr
    assert put(Rest(server.url, tenant.auth), "A", "x") == 201
    assert "no move of it" in server.command("tenant", "move", tenant.name, "--back").stderr
