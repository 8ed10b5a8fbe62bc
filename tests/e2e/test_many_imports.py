"""Twenty imports at once, of different sizes and tenants: small ones never wait behind a giant.

Judged by what has happened when, never by how long it took: the giants are cancelled when all others have ended, so they are
as large as they have to be on a fast machine and cost nothing more on a slow one.
"""

from __future__ import annotations

import concurrent.futures
import time

import pytest
from plugpoint_kit.rest import ENDED, Rest
from plugpoint_kit.server import Server
from plugpoint_kit.soap import Soap, canonical_item

GIANTS, MIDDLES, SMALLS = 3, 4, 13
GIANT_ITEMS, MIDDLE_ITEMS = 400_000, 1500
PATIENCE_S = 300


@pytest.fixture
def own_server():
    """A server with as many workers as it has by default: fewer than there are giants."""
    server = Server().start()
    yield server
    server.remove()


def document(items: int, prefix: str = "A") -> bytes:
    return b"".join(b'{"sku":"%s-%d","texts":[{"lang":"en","title":"Item %d"}]}\n' % (prefix.encode(), n, n) for n in range(items))


def view(rest: Rest, catalog: str, import_id: str) -> dict:
    answer = rest.get(f"/v1/catalogs/{catalog}/imports/{import_id}")
    assert answer.status_code == 200, answer.text
    return answer.json()


def begin_giant(rest: Rest, body: bytes, catalog: str = "giant") -> str:
    answer = rest.post_import(catalog, body, "application/x-ndjson", wait=None)
    assert answer.status_code == 202, answer.text
    return answer.json()["id"]


def wait_until_read(rest: Rest, import_id: str) -> None:
    """Until some of a giant has been read."""
    deadline = time.monotonic() + PATIENCE_S
    while not (now := view(rest, "giant", import_id))["counts"]["read"]:
        assert now["status"] not in ENDED and time.monotonic() < deadline, now
        time.sleep(0.05)


def cancel(rest: Rest, import_id: str, catalog: str = "giant") -> dict:
    answer = rest.call("POST", f"/v1/catalogs/{catalog}/imports/{import_id}/cancel")
    assert answer.status_code == 200, answer.text
    return rest.wait_for_import(catalog, import_id, PATIENCE_S)


def test_small_imports_end_while_giants_run(own_server: Server):
    giants = [Rest(own_server.url, own_server.create_tenant().auth) for _ in range(GIANTS)]
    middles = [Rest(own_server.url, own_server.create_tenant().auth) for _ in range(MIDDLES)]
    # Two small ones of one tenant at a time: they wait for each other, and for nobody else.
    owners = [own_server.create_tenant() for _ in range((SMALLS + 1) // 2)]
    body, middle = document(GIANT_ITEMS), document(MIDDLE_ITEMS)

    def import_small(number: int) -> str:
        owner, catalog = owners[number // 2], f"small-{number}"
        if number % 3 == 0:
            return Soap(own_server.url, owner.auth).import_items(catalog, canonical_item("A"), wait=PATIENCE_S).value("status")
        answer = Rest(own_server.url, owner.auth).post_import(catalog, document(3), "application/x-ndjson", wait=PATIENCE_S, timeout=PATIENCE_S)
        return answer.json()["status"]

    def import_middle(rest: Rest) -> str:
        return rest.post_import("middle", middle, "application/x-ndjson", wait=PATIENCE_S, timeout=PATIENCE_S).json()["status"]

    with concurrent.futures.ThreadPoolExecutor(GIANTS + MIDDLES + SMALLS) as senders:
        ids = list(senders.map(begin_giant, giants, [body] * GIANTS))
        for rest, import_id in zip(giants, ids, strict=True):
            wait_until_read(rest, import_id)
        others = [senders.submit(import_middle, rest) for rest in middles] + [senders.submit(import_small, n) for n in range(SMALLS)]
        assert [other.result() for other in others] == ["succeeded"] * (MIDDLES + SMALLS)
    # All others have ended: not one giant has.
    for rest, import_id in zip(giants, ids, strict=True):
        now = view(rest, "giant", import_id)
        assert (now["status"], now["progress"] < 1) == ("running", True), now
    for rest, import_id in zip(giants, ids, strict=True):
        ended = cancel(rest, import_id)
        assert (ended["status"], ended["error"]["code"]) == ("failed", "import_cancelled"), ended
        assert rest.get("/v1/catalogs/giant/items").status_code in (200, 404)


def test_imports_of_one_tenant_keep_their_order_and_its_reads_go_on(own_server: Server):
    rest = Rest(own_server.url, own_server.create_tenant().auth)
    assert rest.post_import("small", document(2), "application/x-ndjson").json()["status"] == "succeeded"
    giant = begin_giant(rest, document(GIANT_ITEMS))
    wait_until_read(rest, giant)
    small = rest.post_import("small", document(3), "application/x-ndjson", wait=None).json()["id"]
    # One database, one writer: the tenant's next import waits for the one that runs, whatever its catalog.
    assert view(rest, "small", small)["status"] == "queued"
    assert len(rest.items("small")) == 2
    assert view(rest, "giant", giant)["status"] == "running"
    cancel(rest, giant)
    assert rest.wait_for_import("small", small, PATIENCE_S)["status"] == "succeeded"
    assert len(rest.items("small")) == 3


def test_a_small_import_goes_before_a_giant_of_its_tenant_that_waits(own_server: Server):
    rest, body = Rest(own_server.url, own_server.create_tenant().auth), document(GIANT_ITEMS)
    running = begin_giant(rest, body)
    wait_until_read(rest, running)
    waiting = begin_giant(rest, body, "another-giant")
    behind = rest.post_import("another-giant", document(2), "application/x-ndjson", wait=None).json()["id"]
    small = rest.post_import("small", document(2), "application/x-ndjson", wait=None).json()["id"]
    assert view(rest, "giant", running)["status"] == "running"
    cancel(rest, running)
    ended = rest.wait_for_import("small", small, PATIENCE_S)
    giant = view(rest, "another-giant", waiting)
    assert ended["status"] == "succeeded"
    assert giant["status"] in ("queued", "running") and giant.get("started_at", "9") >= ended["finished_at"], (giant, ended)
    # The small one of the giant's own catalog stays behind it.
    assert view(rest, "another-giant", behind)["status"] == "queued"
    cancel(rest, waiting, "another-giant")
    assert rest.wait_for_import("another-giant", behind, PATIENCE_S)["counts"]["added"] == 2
