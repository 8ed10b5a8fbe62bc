"""Kill -9 in the middle of imports: an acknowledged import completes exactly once, a reader never sees a part of one.

Every round replaces a catalog of one revision by the next; a reader pages through it all the time and must find every page
of one revision only.
"""

from __future__ import annotations

import itertools
import json
import random
import threading
import time

import pytest
import requests
from plugpoint_kit.rest import Rest
from plugpoint_kit.server import Server
from plugpoint_kit.soap import Soap, canonical_item, envelope, import_catalog

ITEMS = 4000


def revision(number: int, padding: str = "") -> bytes:
    lines = (json.dumps({"sku": f"S{index:05}", "brand": f"r{number}", "texts": [{"lang": "en", "title": f"Item {index}{padding}"}]}) for index in range(ITEMS))
    return "\n".join(lines).encode()


class Reader(threading.Thread):
    """Reads first pages as fast as it can and remembers every page of two revisions."""

    def __init__(self, server: Server, auth):
        super().__init__(daemon=True)
        self.rest = Rest(server.url, auth)
        self.mixed: list[set[str]] = []
        self.pages = 0
        self.ended = threading.Event()

    def run(self) -> None:
        while not self.ended.is_set():
            try:
                answer = self.rest.get("/v1/catalogs/spring/items", params={"limit": 200}, timeout=10)
            except requests.RequestException:
                time.sleep(0.02)  # the server is dead at the moment
                continue
            if answer.status_code == 200:
                items = answer.json()["items"]
                brands = {item["brand"] for item in items}
                self.pages += 1
                if len(brands) > 1 or len(items) != 200:
                    self.mixed.append(brands)

    def finish(self) -> None:
        self.ended.set()
        self.join()
        assert self.mixed == [], f"a reader saw parts of an import: {self.mixed[:3]}"


@pytest.fixture
def crashing():
    server = Server().start()
    tenant = server.create_tenant()
    rest = Rest(server.url, tenant.auth)
    first = rest.post_import("spring", revision(0), "application/x-ndjson", mode="replace")
    assert first.json()["counts"]["added"] == ITEMS, first.text
    yield server, tenant, rest
    server.remove()


def brands(rest: Rest) -> set[str]:
    items = rest.items("spring", limit=200)
    assert len(items) == ITEMS
    return {item["brand"] for item in items}


def changes_since(rest: Rest, since: int) -> int:
    count = 0
    while True:
        page = rest.get("/v1/catalogs/spring/changes", params={"since": since, "limit": 1000}).json()
        if not page["changes"]:
            return count
        count += len(page["changes"])
        since = page["changes"][-1]["seq"]


def last_seq(rest: Rest) -> int:
    return rest.get("/v1/catalogs/spring").json()["last_seq"]


def test_killed_after_the_acknowledgement_it_completes_once(crashing):
    """The kill comes at another moment in every round: before, in the middle of and after the transaction."""
    server, tenant, rest = crashing
    reader = Reader(server, tenant.auth)
    reader.start()
    pause = random.Random(20)
    delays = [0.0, 0.01, *(pause.uniform(0.02, 2.0) for _ in range(6))]
    for number, delay in enumerate(delays, start=1):
        before = last_seq(rest)
        answer = rest.post_import("spring", revision(number), "application/x-ndjson", mode="replace", wait=None, key=f"round-{number}")
        assert answer.status_code == 202, answer.text
        time.sleep(delay)
        server.kill()
        server.start()
        view = rest.wait_for_import("spring", answer.json()["id"])
        assert view["status"] == "succeeded", view
        assert (view["counts"]["changed"], view["counts"]["added"], view["counts"]["removed"]) == (ITEMS, 0, 0), (delay, view)
        assert brands(rest) == {f"r{number}"}
        assert (changes_since(rest, before), last_seq(rest) - before) == (ITEMS, ITEMS), "each item changed once"
        # The sender, unsure what happened, sends again: the first import answers.
        again = rest.post_import("spring", revision(number), "application/x-ndjson", mode="replace", key=f"round-{number}")
        assert again.json()["id"] == answer.json()["id"]
    reader.finish()
    assert reader.pages > 0


def test_killed_before_the_acknowledgement_nothing_happened(crashing):
    server, _, rest = crashing
    whole = revision(9)

    def slowly():
        for start in range(0, len(whole), 64 * 1024):
            yield whole[start : start + 64 * 1024]
            time.sleep(0.05)

    for delay in (0.05, 0.2):
        before = last_seq(rest)
        kill = threading.Timer(delay, server.kill)
        kill.start()
        with pytest.raises(requests.RequestException):
            rest.post_import("spring", slowly(), "application/x-ndjson", mode="replace")
        kill.join()
        server.start()
        time.sleep(1)
        assert brands(rest) == {"r0"}
        assert last_seq(rest) == before


def test_killed_while_it_is_imported_as_it_arrives(crashing):
    """A document so large that its import begins before it is whole: acknowledged, it completes once; not yet, nothing happened."""
    server, tenant, rest = crashing
    reader = Reader(server, tenant.auth)
    reader.start()
    for number, delay in enumerate((0.0, 0.05, 0.2, 0.5, 1.0), start=1):
        before = last_seq(rest)
        answer = rest.post_import("spring", revision(number, " word" * 150), "application/x-ndjson", mode="replace", wait=None)
        assert answer.status_code == 202, answer.text
        time.sleep(delay)
        server.kill()
        server.start()
        view = rest.wait_for_import("spring", answer.json()["id"])
        assert (view["status"], view["counts"]["changed"]) == ("succeeded", ITEMS), view
        assert brands(rest) == {f"r{number}"}
        assert (changes_since(rest, before), last_seq(rest) - before) == (ITEMS, ITEMS), "each item changed once"
        assert arriving(rest, server, revision(9, " word" * 150), delay) == (before + ITEMS, {f"r{number}"})
    reader.finish()
    lines = [line for line in server.log_lines() if "document acknowledged" in line]
    assert any("is_ahead=true" in line for line in lines), lines


def arriving(rest: Rest, server: Server, document: bytes, delay: float) -> tuple[int, set[str]]:
    """What is there after a kill in the middle of a document of which most has come."""

    def most():
        yield document[: len(document) * 3 // 4]
        time.sleep(delay)
        server.kill()

    with pytest.raises(requests.RequestException):
        rest.post_import("spring", most(), "application/x-ndjson", mode="replace")
    server.start()
    return last_seq(rest), brands(rest)


def test_killed_while_a_soap_caller_waits(crashing):
    server, tenant, rest = crashing
    soap = Soap(server.url, tenant.auth)
    items = "".join(canonical_item(f"S{index:05}", "Over SOAP").replace("<c:texts>", "<c:brand>soap</c:brand><c:texts>", 1) for index in range(ITEMS))
    message = envelope(import_catalog(soap.ns, "spring", f"<c:items>{items}</c:items>", mode="replace", key="soap-1"))
    kill = threading.Timer(0.8, server.kill)
    kill.start()
    try:
        soap.post(message)
    except requests.RequestException:
        pass
    kill.join()
    server.start()
    # Acknowledged or not, sending it again with its key ends in exactly one import.
    answer = soap.post(message)
    assert answer.value("status") == "succeeded", answer.text
    assert brands(rest) == {"soap"}
    assert last_seq(rest) == 2 * ITEMS


def test_several_documents_wait_in_line_and_keep_their_order(crashing):
    server, _, rest = crashing
    ids = [rest.post_import("spring", revision(number), "application/x-ndjson", mode="replace", wait=None).json()["id"] for number in range(1, 4)]
    server.kill()
    server.start()
    views = [rest.wait_for_import("spring", import_id) for import_id in ids]
    assert [view["status"] for view in views] == ["succeeded"] * 3
    assert brands(rest) == {"r3"}
    assert all(earlier["finished_at"] <= later["finished_at"] for earlier, later in itertools.pairwise(views))
