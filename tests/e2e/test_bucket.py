"""A server whose documents lie in a bucket of an object store: what is in it, what leaves it, and what happens when it does not answer.

What several servers do with one bucket is in `test_cluster.py`.
"""

from __future__ import annotations

import datetime
import json
import os
import shutil
import time
import uuid

import pytest
import requests
from object_store import ObjectStore
from plugpoint_kit.rest import Rest
from plugpoint_kit.server import Server, ServerError
from plugpoint_kit.soap import Soap, canonical_item

MIB = 1 << 20
SWEPT_S = 30


@pytest.fixture(scope="module")
def store():
    with ObjectStore() as store:
        yield store


class Bucketed:
    """A server, and the bucket that its documents lie in."""

    def __init__(self, store: ObjectStore, folder):
        self.store, self.environment = store, store.environment()
        self.server = Server(folder, {**self.environment, "PLUGPOINT__IMPORTS__RETRY_BASE_MS": "20"})

    @property
    def spool(self):
        return self.server.data_dir / "spool"

    def names(self) -> set[str]:
        return {name for name in self.store.names(self.environment) if name != "spool-id"}


@pytest.fixture
def bucketed(store, tmp_path):
    bucketed = Bucketed(store, tmp_path / "node")
    bucketed.server.start()
    yield bucketed
    bucketed.server.remove()


def document(items: int, title: str = "One", padding: int = 0) -> bytes:
    text = {"lang": "en", "title": title, **({"description": "x" * padding} if padding else {})}
    rows = ({"sku": f"S{n:06}", "texts": [text]} for n in range(items))
    return "\n".join(map(json.dumps, rows)).encode()


def post(rest: Rest, body: bytes, wait: int | None = 60) -> requests.Response:
    return rest.post_import("spring", body, "application/x-ndjson", mode="replace", wait=wait)


def done(server: Server, *arguments: str) -> dict:
    ended = server.command(*arguments, "--json")
    assert ended.returncode == 0, ended.stderr
    return json.loads(ended.stdout)


def until(what, timeout_s: float = SWEPT_S):
    deadline = time.monotonic() + timeout_s
    while not (seen := what()):
        assert time.monotonic() < deadline, "it never happened"
        time.sleep(0.05)
    return seen


def uuid_of(days_ago: float) -> str:
    """A UUIDv7 (RFC 9562, section 5.7) of so many days ago."""
    at = datetime.datetime.now(datetime.UTC) - datetime.timedelta(days=days_ago)
    value = int(at.timestamp() * 1000) << 80 | 0x7 << 76 | uuid.uuid4().int & ((1 << 76) - 1)
    return str(uuid.UUID(int=value & ~(0x3 << 62) | 0x2 << 62))


@pytest.mark.parametrize("size", [0, 1, 20 * MIB], ids=["one item", "small", "in parts"])
def test_a_document_is_in_the_bucket_as_it_came(bucketed, size):
    tenant = bucketed.server.create_tenant()
    rest = Rest(bucketed.server.url, tenant.auth)
    body = document(max(1, size // 2000), padding=1900 if size else 0)
    ended = post(rest, body).json()
    assert ended["status"] == "succeeded"
    assert bucketed.names() == {f"{tenant.name}/{ended['id']}.json", f"{tenant.name}/{ended['id']}/document"}
    assert bucketed.store.get(bucketed.environment, f"{tenant.name}/{ended['id']}/document") == body
    told = json.loads(bucketed.store.get(bucketed.environment, f"{tenant.name}/{ended['id']}.json"))
    assert (told["bytes"], told["tenant"]) == (len(body), tenant.name)
    # The same over again takes nothing more: the second document is one of its own.
    again = post(rest, body).json()
    assert again["counts"]["unchanged"] == max(1, size // 2000) and len(bucketed.names()) == 4


def test_another_machine_goes_on_with_the_bucket_alone(bucketed, tmp_path):
    """The folder of documents is a copy: lost with its machine, nothing is."""
    server = bucketed.server
    tenant = server.create_tenant()
    rest = Rest(server.url, tenant.auth)
    rejected = b'{"sku":"A","texts":[{"lang":"en","title":"One"}]}\n{"texts":[]}'
    first = post(rest, rejected).json()
    assert first["counts"]["rejected"] == 1
    waiting = [post(rest, document(20_000, f"round {n}"), wait=None).json()["id"] for n in range(3)]
    server.kill()
    shutil.rmtree(bucketed.spool)
    server.start()
    assert [rest.wait_for_import("spring", one)["status"] for one in waiting] == ["succeeded"] * 3
    assert rest.get("/v1/catalogs/spring/items/S000000").json()["texts"][0]["title"] == "round 2"
    kept = rest.get(f"/v1/catalogs/spring/imports/{first['id']}/rejected")
    assert kept.status_code == 200 and b'"texts":[]' in kept.content


def test_documents_from_before_the_bucket_are_put_there(store, tmp_path):
    server = Server(tmp_path / "node").start()
    try:
        tenant = server.create_tenant()
        rest = Rest(server.url, tenant.auth)
        kept = post(rest, document(10)).json()["id"]
        waiting = [post(rest, document(20_000, f"round {n}"), wait=None).json()["id"] for n in range(3)]
        server.kill()
    finally:
        server.remove()
    bucketed = Bucketed(store, tmp_path / "node")
    try:
        bucketed.server.start()
        rest = Rest(bucketed.server.url, tenant.auth)
        assert [rest.wait_for_import("spring", one)["status"] for one in waiting] == ["succeeded"] * 3
        assert bucketed.names() == {f"{tenant.name}/{one}{end}" for one in [kept, *waiting] for end in (".json", "/document")}
    finally:
        bucketed.server.remove()


def test_another_bucket_gets_what_is_here(bucketed, store):
    """Who names another bucket, or loses one, loses nothing of what this server has."""
    server = bucketed.server
    tenant = server.create_tenant()
    rest = Rest(server.url, tenant.auth)
    kept = post(rest, document(10)).json()["id"]
    waiting = [post(rest, document(20_000, f"round {n}"), wait=None).json()["id"] for n in range(3)]
    server.kill()
    moved = Bucketed(store, server.data_dir)
    try:
        moved.server.start()
        rest = Rest(moved.server.url, tenant.auth)
        assert [rest.wait_for_import("spring", one)["status"] for one in waiting] == ["succeeded"] * 3
        assert moved.names() == {f"{tenant.name}/{one}{end}" for one in [kept, *waiting] for end in (".json", "/document")}
    finally:
        moved.server.remove()


def test_a_store_that_does_not_answer_is_said_and_nothing_is_lost(bucketed):
    server, store = bucketed.server, bucketed.store
    tenant = server.create_tenant()
    rest, soap = Rest(server.url, tenant.auth), Soap(server.url, tenant.auth)
    assert post(rest, document(10, "before")).json()["status"] == "succeeded"
    before = bucketed.names()
    with store.silent():
        refused = post(rest, document(10, "refused"))
        assert (refused.status_code, refused.json()["code"]) == (503, "unavailable"), refused.text
        assert "object store" in refused.json()["detail"] and int(refused.headers["retry-after"]) > 0
        assert store.endpoint not in refused.text and "s3://" not in refused.text
        fault = soap.import_items("spring", canonical_item("A1"))
        assert (fault.code, fault.status) == ("unavailable", 500), fault.text
        # What is imported is read as ever.
        assert rest.get("/v1/catalogs/spring/items/S000000").json()["texts"][0]["title"] == "before"
        assert [path.name for path in (bucketed.spool / tenant.name).iterdir()] == [next(iter(before)).split("/")[1].removesuffix(".json")]
    # The store may have heard some of it; acknowledged is none, and what is not leaves it in time.
    assert {name for name in bucketed.names() if name.endswith(".json")} == {name for name in before if name.endswith(".json")}
    assert post(rest, document(10, "after")).json()["status"] == "succeeded"
    assert rest.get("/v1/catalogs/spring/items/S000000").json()["texts"][0]["title"] == "after"


def test_an_acknowledged_import_waits_as_long_as_the_store_does_not_answer(bucketed):
    server = bucketed.server
    tenant = server.create_tenant()
    rest = Rest(server.url, tenant.auth)
    post(rest, document(10, "before"))
    waiting = [post(rest, document(30_000, f"round {n}"), wait=None).json()["id"] for n in range(3)]
    done(server, "tenant", "suspend", tenant.name)
    until(lambda: rest.get("/v1/tenants/self").status_code == 403)
    for path in (bucketed.spool / tenant.name).glob("*/document"):
        path.unlink()  # as on a server that others tell of it
    with bucketed.store.refusing(bucketed.environment):
        done(server, "tenant", "resume", tenant.name)
        until(lambda: rest.get("/v1/tenants/self").status_code == 200)
        # More attempts than a run gets that fails for another reason.
        until(lambda: server.log().count("import run given up") > 5)
        assert rest.get(f"/v1/catalogs/spring/imports/{waiting[-1]}").json()["status"] == "queued"
    assert [rest.wait_for_import("spring", one)["status"] for one in waiting] == ["succeeded"] * 3
    assert rest.get("/v1/catalogs/spring/items/S000000").json()["texts"][0]["title"] == "round 2"


def test_a_server_without_its_bucket_does_not_start_and_says_why(store, tmp_path):
    nowhere = {**store.environment(), "PLUGPOINT__IMPORTS__BUCKET": f"s3://none-{uuid.uuid4().hex[:8]}"}
    server = Server(tmp_path / "node", nowhere)
    try:
        with pytest.raises(ServerError, match="object store"):
            server.start()
        assert "NoSuchBucket" in server.log() or "not found" in server.log().lower(), server.log()
    finally:
        server.remove()


def test_a_document_that_is_another_one_is_not_imported(bucketed):
    server = bucketed.server
    tenant = server.create_tenant()
    rest = Rest(server.url, tenant.auth)
    post(rest, document(10, "before"))
    done(server, "tenant", "suspend", tenant.name)
    server.stop()
    done(server, "tenant", "resume", tenant.name)
    # As another server would have acknowledged it that ended at once; and somebody changed the document after that.
    acknowledged = next(name for name in bucketed.names() if name.endswith(".json"))
    meta = json.loads(bucketed.store.get(bucketed.environment, acknowledged))
    forged = uuid_of(0)
    meta.update(id=forged, created_at=datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ"))
    bucketed.store.put(bucketed.environment, f"{tenant.name}/{forged}/document", document(10, "forged"))
    bucketed.store.put(bucketed.environment, f"{tenant.name}/{forged}.json", json.dumps(meta).encode())
    server.start()
    ended = rest.wait_for_import("spring", forged)
    assert (ended["status"], ended["error"]["code"]) == ("failed", "internal"), ended
    assert "another hash" in ended["error"]["detail"]
    assert rest.get("/v1/catalogs/spring/items/S000000").json()["texts"][0]["title"] == "before"


@pytest.mark.parametrize(
    "text",
    [b"", b"{}", b"[]", b"\xff", b'{"id":"../../x"}', None],
    ids=["empty", "no fields", "a list", "no text", "a path", "of another tenant"],
)
def test_what_is_no_acknowledgement_is_reported_and_harms_nothing(bucketed, text):
    server = bucketed.server
    tenant = server.create_tenant()
    rest = Rest(server.url, tenant.auth)
    good = post(rest, document(10)).json()["id"]
    name = f"{tenant.name}/{uuid_of(0)}.json"
    if text is None:
        text = bucketed.store.get(bucketed.environment, f"{tenant.name}/{good}.json")
    bucketed.store.put(bucketed.environment, name, text)
    said = server.log_bytes()
    server.stop()
    server.start()
    assert any("unreadable and stays where it is" in line for line in server.log_lines(said))
    assert post(rest, document(10, "after")).json()["status"] == "succeeded"
    assert name in bucketed.names()


def test_more_documents_than_one_page_lists_are_all_seen(bucketed):
    server, environment = bucketed.server, bucketed.environment
    tenant = server.create_tenant()
    rest = Rest(server.url, tenant.auth)
    kept = post(rest, document(10)).json()["id"]
    meta = json.loads(bucketed.store.get(environment, f"{tenant.name}/{kept}.json"))
    server.stop()
    others = [uuid_of(0) for _ in range(700)]
    for other in others:
        meta["id"] = other
        bucketed.store.put(environment, f"{tenant.name}/{other}/document", document(10))
        bucketed.store.put(environment, f"{tenant.name}/{other}.json", json.dumps(meta).encode())
    server.start()
    assert {path.name for path in (bucketed.spool / tenant.name).iterdir()} == {kept, *others}
    assert rest.wait_for_import("spring", others[-1])["status"] == "succeeded"
    done(server, "tenant", "delete", tenant.name, "--yes")
    assert bucketed.names() == set()


def test_what_nobody_acknowledged_leaves_the_bucket_when_it_is_old(bucketed):
    server, environment = bucketed.server, bucketed.environment
    tenant = server.create_tenant()
    kept = post(Rest(server.url, tenant.auth), document(10)).json()["id"]
    old, young = uuid_of(2.1), uuid_of(1.9)
    for orphan in (old, young):
        bucketed.store.put(environment, f"{tenant.name}/{orphan}/document", b"some")
    bucketed.store.put(environment, f"{tenant.name}/notes/of-somebody", b"some")
    server.stop()
    server.start()
    until(lambda: f"{tenant.name}/{old}/document" not in bucketed.names())
    left = {f"{kept}.json", f"{kept}/document", f"{young}/document", "notes/of-somebody"}
    assert bucketed.names() == {f"{tenant.name}/{name}" for name in left}


def test_retention_ends_in_the_bucket_too_and_copies_end_before(bucketed):
    server = bucketed.server
    kept = server.create_tenant()
    brief = server.create_tenant(profile="[catalog]\nretention_days = 0\n")
    ids = [post(Rest(server.url, tenant.auth), document(10)).json()["id"] for tenant in (kept, brief)]
    server.stop()
    server.start()
    names = {f"{kept.name}/{ids[0]}.json", f"{kept.name}/{ids[0]}/document"}
    until(lambda: bucketed.names() == names)
    # What the bucket keeps takes no room here, and is brought when somebody asks for it.
    until(lambda: not (bucketed.spool / kept.name / ids[0] / "document").exists())
    assert not (bucketed.spool / brief.name / ids[1]).exists()


def test_a_tenant_is_deleted_from_the_bucket_with_proof(bucketed):
    server = bucketed.server
    tenant, other = server.create_tenant(), server.create_tenant()
    rest, others = Rest(server.url, tenant.auth), Rest(server.url, other.auth)
    rejected = b'{"sku":"A","texts":[{"lang":"en","title":"One"}]}\n{"texts":[]}'
    assert post(rest, rejected).json()["counts"]["rejected"] == 1
    post(others, document(10))
    for n in range(3):
        post(rest, document(20_000, f"{n}"), wait=None)
    bucketed.store.put(bucketed.environment, f"{tenant.name}/{uuid_of(0)}/document", b"of nobody")
    proof = done(server, "tenant", "delete", tenant.name, "--yes")
    assert proof["search"]["found"] == []
    assert any("bucket" in place["place"] for place in proof["removed"]), proof
    assert any("bucket" in place for place in proof["search"]["searched"]), proof
    assert {name.split("/")[0] for name in bucketed.names()} == {other.name}
    assert not (bucketed.spool / tenant.name).exists()


def test_a_backup_has_the_documents_of_the_bucket_and_a_restoration_puts_them_there(bucketed, store, tmp_path):
    server, backup = bucketed.server, tmp_path / "backup"
    tenant = server.create_tenant("acme")
    rest = Rest(server.url, tenant.auth)
    old = post(rest, document(100, "old")).json()["id"]
    server.stop()
    shutil.rmtree(bucketed.spool)  # the bucket alone has it
    server.start()
    done(server, "backup", "--to", str(backup))
    assert next(backup.glob("acme/spool/*/document")).read_bytes() == document(100, "old")
    assert not list(backup.rglob("in-bucket"))
    new = post(rest, document(50, "new")).json()["id"]
    done(server, "restore", "--from", str(backup), "--replace")
    until(lambda: rest.get("/v1/tenants/self").status_code == 200)
    assert rest.get("/v1/catalogs/spring").json()["item_count"] == 100
    assert rest.get(f"/v1/catalogs/spring/imports/{new}").status_code == 404
    until(lambda: bucketed.names() == {f"acme/{old}.json", f"acme/{old}/document"})
    # Elsewhere, with another bucket.
    elsewhere = Bucketed(store, tmp_path / "elsewhere")
    try:
        elsewhere.server.start()
        done(elsewhere.server, "restore", "--from", str(backup))
        there = Rest(elsewhere.server.url, tenant.auth)
        until(lambda: there.get("/v1/tenants/self").status_code == 200)
        until(lambda: elsewhere.names() == {f"acme/{old}.json", f"acme/{old}/document"})
    finally:
        elsewhere.server.remove()


def test_kills_leave_every_acknowledged_import_and_no_other(bucketed):
    server = bucketed.server
    tenant = server.create_tenant()
    rest = Rest(server.url, tenant.auth)
    acknowledged = []
    for round_ in range(6):
        for n in range(3):
            acknowledged.append(post(rest, document(3000, f"round {round_}.{n}"), wait=None).json()["id"])
        time.sleep(0.1 * round_)
        server.kill()
        if round_ % 2:
            shutil.rmtree(bucketed.spool)
        server.start()
    assert [rest.wait_for_import("spring", one)["status"] for one in acknowledged] == ["succeeded"] * len(acknowledged)
    listed = [one["id"] for one in rest.get("/v1/catalogs/spring/imports", params={"limit": "100"}).json()["imports"]]
    assert sorted(listed) == sorted(acknowledged)
    assert {name.split("/")[1].removesuffix(".json") for name in bucketed.names()} == set(acknowledged)
    assert os.listdir(bucketed.spool / tenant.name)
