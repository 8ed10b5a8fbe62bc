"""Several servers on one PostgreSQL database and one folder, or bucket, of documents: any request at any of them, each import once."""

from __future__ import annotations

import concurrent.futures
import contextlib
import itertools
import json
import os
import random
import signal
import socket
import threading
import time
import uuid

import pytest
import requests
from object_store import ObjectStore
from plugpoint_kit.rest import Rest
from plugpoint_kit.server import Server, ServerError, Tenant, run_command
from plugpoint_kit.soap import Soap, canonical_item, envelope, import_catalog

POSTGRES = os.environ.get("PLUGPOINT_TEST_POSTGRES")
pytestmark = pytest.mark.skipif(not POSTGRES, reason="PLUGPOINT_TEST_POSTGRES names no server; run by .ci/postgres")

LEASE_MS = 1500
ITEMS = 4000


class Cluster:
    """Servers with data folders of their own, one database and one spool: a folder, or a bucket of a store."""

    def __init__(self, folder, store: ObjectStore | None = None, count: int = 2):
        self.folder, self.store = folder, store
        self.env = {
            "PLUGPOINT__DATABASE__URL": POSTGRES,
            "PLUGPOINT__DATABASE__SCHEMA_PREFIX": "c" + uuid.uuid4().hex[:12],
            **self.spool("spool"),
            "PLUGPOINT__CLUSTER__LEASE_MS": str(LEASE_MS),
        }
        self.nodes = [self.node(number) for number in range(count)]

    def spool(self, name: str) -> dict[str, str]:
        """What names a new spool."""
        return self.store.environment() if self.store else {"PLUGPOINT__IMPORTS__SPOOL_DIR": str(self.folder / name)}

    def node(self, number: int, **env: str) -> Server:
        return Server(self.folder / f"node-{number}", {**self.env, **env})

    def command(self, *arguments: str, **env: str):
        node = self.nodes[0]
        return run_command(*arguments, "--data-dir", str(node.data_dir), env={**os.environ, **self.env, **env})

    def create_tenant(self) -> Tenant:
        made = self.command("tenant", "create", f"t-{uuid.uuid4().hex[:12]}", "--json")
        assert made.returncode == 0, made.stderr
        said = json.loads(made.stdout)
        return Tenant(said["tenant"], None, said["key_id"], said["secret"])

    def rests(self, tenant: Tenant) -> list[Rest]:
        return [Rest(node.url, tenant.auth) for node in self.nodes]

    def listed(self) -> list[dict]:
        return json.loads(self.command("node", "list", "--json").stdout)["nodes"]

    def remove(self) -> None:
        for node in self.nodes:
            # One that a test held up would not end by itself.
            with contextlib.suppress(ServerError, ProcessLookupError):
                os.kill(node.pid, signal.SIGCONT)
            node.remove()


@pytest.fixture(scope="module")
def store():
    with ObjectStore() as store:
        yield store


@pytest.fixture(params=["folder", "bucket"])
def cluster(tmp_path, request):
    cluster = Cluster(tmp_path, request.getfixturevalue("store") if request.param == "bucket" else None)
    try:
        for node in cluster.nodes:
            node.start()
        yield cluster
    finally:
        cluster.remove()


def revision(number: int, items: int = ITEMS) -> bytes:
    lines = ({"sku": f"S{index:06}", "brand": f"r{number}", "texts": [{"lang": "en", "title": f"Item {index}"}]} for index in range(items))
    return "\n".join(json.dumps(line) for line in lines).encode()


def post(rest: Rest, document: bytes, catalog: str = "spring", **options) -> dict:
    answer = rest.post_import(catalog, document, "application/x-ndjson", mode="replace", **options)
    assert answer.status_code in (200, 202), answer.text
    return answer.json()


def eventually(condition, timeout_s: float = 30):
    deadline = time.monotonic() + timeout_s
    while not (value := condition()):
        assert time.monotonic() < deadline, "it never happened"
        time.sleep(0.02)
    return value


def view(rest: Rest, import_id: str, catalog: str = "spring") -> dict:
    answer = rest.get(f"/v1/catalogs/{catalog}/imports/{import_id}")
    assert answer.status_code == 200, answer.text
    return answer.json()


def cancel(rest: Rest, import_id: str) -> dict:
    answer = rest.call("POST", f"/v1/catalogs/spring/imports/{import_id}/cancel")
    assert answer.status_code in (200, 202), answer.text
    return answer.json()


def changes(rest: Rest, catalog: str = "spring") -> int:
    count = since = 0
    while True:
        page = rest.get(f"/v1/catalogs/{catalog}/changes", params={"since": since, "limit": 1000}).json()
        if not page["changes"]:
            return count
        count, since = count + len(page["changes"]), page["changes"][-1]["seq"]


def test_what_one_server_has_taken_in_the_other_tells_and_serves(cluster):
    here, there = cluster.rests(cluster.create_tenant())
    done = post(here, revision(1, 100))
    assert done["counts"]["added"] == 100
    assert view(there, done["id"]) == done
    assert there.get("/v1/catalogs/spring/items/S000001").json()["brand"] == "r1"
    assert there.get("/v1/catalogs/spring").json()["item_count"] == 100
    # And on at the other, at once: nobody keeps what is done.
    began = time.monotonic()
    assert post(there, revision(2, 100))["counts"]["changed"] == 100
    assert time.monotonic() - began < 5
    assert there.get(f"/v1/catalogs/spring/imports/{uuid.uuid4()}").status_code == 404
    listed = here.get("/v1/catalogs/spring/imports")
    assert listed.status_code == 200, listed.text
    assert [entry["id"] for entry in listed.json()["imports"]][1] == done["id"]


def test_what_has_ended_is_not_taken_up_again(cluster):
    rests = cluster.rests(cluster.create_tenant())
    for number in range(6):
        post(rests[number % 2], revision(number, 20))
    said = [line for node in cluster.nodes for line in node.log_lines() if "queued here, too" in line]
    assert said == []


def test_a_running_import_is_told_and_cancelled_at_any_server(cluster):
    here, there = cluster.rests(cluster.create_tenant())
    running = post(here, revision(1, 150_000), wait=None)["id"]
    waiting = post(here, revision(2, 10), wait=None)["id"]
    eventually(lambda: view(there, running)["status"] == "running" and view(there, running)["counts"]["read"] > 0)
    assert view(there, waiting)["status"] == "queued"
    assert {entry["id"] for entry in there.get("/v1/catalogs/spring/imports").json()["imports"]} == {running, waiting}
    # One that waits ends when its turn comes; the answer waits a while for that.
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        asked = pool.submit(cancel, there, waiting)
        eventually(lambda: cancel(here, running)["status"] == "failed")
        assert asked.result()["status"] in ("queued", "failed")
    for rest in (here, there):
        for import_id in (running, waiting):
            ended = rest.wait_for_import("spring", import_id, 30)
            assert ended["status"] == "failed", ended
            assert ended["error"]["code"] == "import_cancelled", ended
        assert rest.get("/v1/catalogs/spring/items").json().get("items", []) == []


def test_one_key_is_one_import_wherever_it_is_sent(cluster):
    rests = cluster.rests(cluster.create_tenant())
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        for key in ("one", "two", "three"):
            sent = [pool.submit(post, rest, revision(1, 50), key=key, wait=None) for rest in rests * 4]
            assert len({one.result()["id"] for one in sent}) == 1
    other = rests[1].post_import("spring", revision(2, 50), "application/x-ndjson", mode="replace", key="one")
    assert other.json()["code"] == "idempotency_mismatch", other.text
    # Also once it is history, and from the other side.
    rests[0].wait_for_import("spring", post(rests[0], revision(1, 50), key="one", wait=None)["id"])
    assert len(rests[1].get("/v1/catalogs/spring/imports").json()["imports"]) == 3


def test_imports_of_a_catalog_run_in_the_order_of_their_acknowledgement(cluster):
    rests = cluster.rests(cluster.create_tenant())
    large = revision(0, 20_000)
    ids = [post(rests[0], large, wait=None)["id"]]
    for number, rest in zip(range(1, 13), itertools.cycle(reversed(rests)), strict=False):
        ids.append(post(rest, revision(number, 300), wait=None)["id"])
    ended = [rests[1].wait_for_import("spring", import_id) for import_id in ids]
    assert [one["status"] for one in ended] == ["succeeded"] * len(ids)
    finished = [one["finished_at"] for one in ended]
    assert finished == sorted(finished)
    assert {item["brand"] for item in rests[0].items("spring")} == {"r12"}
    assert ended[0]["counts"]["added"] == 20_000 and ended[1]["counts"]["removed"] == 19_700
    assert all(one["counts"]["changed"] == 300 for one in ended[1:])


@pytest.mark.parametrize("pause_s", [0.0, 0.1, 0.5, 1.0])
def test_what_a_killed_server_has_acknowledged_the_other_imports_once(cluster, pause_s):
    here, there = cluster.rests(cluster.create_tenant())
    ids = [post(here, revision(number), wait=None)["id"] for number in (1, 2)]
    time.sleep(pause_s)  # it is killed wherever it is by then
    cluster.nodes[0].kill()
    killed_at = time.monotonic()
    ended = [there.wait_for_import("spring", import_id) for import_id in ids]
    took = time.monotonic() - killed_at
    assert [(one["status"], one["counts"]["added"], one["counts"]["changed"]) for one in ended] == [
        ("succeeded", ITEMS, 0), ("succeeded", 0, ITEMS)]
    assert took < LEASE_MS / 1000 + 15, took
    assert changes(there) == ITEMS, "the latest change of each item"
    assert there.get("/v1/catalogs/spring").json()["last_seq"] == 2 * ITEMS, "each was imported once"
    # It comes back, and finds nothing to do.
    cluster.nodes[0].start()
    assert [view(here, import_id) for import_id in ids] == ended
    assert post(here, revision(3))["counts"]["changed"] == ITEMS


@pytest.mark.parametrize("pause_s", [0.05, 0.3, 0.6])
def test_a_server_that_was_held_up_commits_nothing_that_another_has_taken_over(cluster, pause_s):
    here, there = cluster.rests(cluster.create_tenant())
    import_id = post(here, revision(1, 20_000), wait=None)["id"]
    time.sleep(pause_s)
    os.kill(cluster.nodes[0].pid, signal.SIGSTOP)
    ended = there.wait_for_import("spring", import_id, 60)
    assert (ended["status"], ended["counts"]["added"]) == ("succeeded", 20_000)
    os.kill(cluster.nodes[0].pid, signal.SIGCONT)
    assert view(here, import_id) == ended
    # It has found out by the time that it imports again.
    again = post(here, revision(2, 20_000))
    assert again["counts"]["changed"] == 20_000, cluster.nodes[0].log()
    assert here.get("/v1/catalogs/spring").json()["last_seq"] == 40_000
    assert len(there.get("/v1/catalogs/spring/imports").json()["imports"]) == 2


def test_a_server_that_is_stopped_hands_its_imports_over_at_once(cluster):
    here, there = cluster.rests(cluster.create_tenant())
    ids = [post(here, revision(number, 20_000), wait=None)["id"] for number in (1, 2, 3)]
    eventually(lambda: view(here, ids[0])["status"] != "queued")
    began = time.monotonic()
    assert cluster.nodes[0].stop() == 0
    assert len(cluster.listed()) == 1
    for number, import_id in enumerate(ids):
        ended = there.wait_for_import("spring", import_id)
        assert ended["status"] == "succeeded" and ended["counts"]["added" if number == 0 else "changed"] == 20_000
    assert time.monotonic() - began < 60


def test_a_server_with_a_spool_of_its_own_does_not_start(cluster):
    elsewhere = cluster.spool("elsewhere")
    stray = cluster.node(9, **elsewhere)
    with pytest.raises(ServerError, match="accept-spool"):
        stray.start()
    nodes = cluster.listed()
    assert len(nodes) == 2 and all(node["seen_ms_ago"] < 10_000 for node in nodes)
    assert {f"pid {node.pid}" for node in cluster.nodes} == {" ".join(node["address"].split()[1:3]) for node in nodes}
    for node in cluster.nodes:
        node.stop()
    assert cluster.listed() == []
    accepted = cluster.command("node", "accept-spool", **elsewhere)
    assert accepted.returncode == 0, accepted.stderr
    stray.start()
    stray.remove()
    with pytest.raises(ServerError, match="accept-spool"):
        cluster.nodes[1].start()


class Balancer(threading.Thread):
    """Gives each connection to a server that takes it, in turn, and passes bytes on."""

    def __init__(self, ports: list[int]):
        super().__init__(daemon=True)
        self.turns = itertools.cycle(range(len(ports)))
        self.ports = ports
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.url = f"http://127.0.0.1:{self.listener.getsockname()[1]}"
        self.start()

    def run(self) -> None:
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self.serve, args=(client,), daemon=True).start()

    def serve(self, client: socket.socket) -> None:
        first = next(self.turns)
        for offset in range(len(self.ports)):
            try:
                server = socket.create_connection(("127.0.0.1", self.ports[(first + offset) % len(self.ports)]), timeout=5)
            except OSError:
                continue
            server.settimeout(None)
            back = threading.Thread(target=self.pump, args=(server, client), daemon=True)
            back.start()
            self.pump(client, server)
            return
        client.close()

    @staticmethod
    def pump(source: socket.socket, sink: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                sink.sendall(data)
        for end in (source, sink):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)


class Load:
    """Senders of SOAP imports and readers, until they are told to end."""

    def __init__(self, url: str, tenants: list[Tenant]):
        self.url, self.ended = url, threading.Event()
        self.reads, self.wrong, self.died, self.died_in_a_row = 0, [], 0, 0
        self.acknowledged: dict[str, list[tuple[str, int]]] = {tenant.name: [] for tenant in tenants}
        self.unsure = 0
        self.lock = threading.Lock()
        jobs = [(self.send, tenant) for tenant in tenants] + [(self.read, tenant) for tenant in tenants * 2]
        self.threads = [threading.Thread(target=job, args=(tenant,), daemon=True) for job, tenant in jobs]
        for thread in self.threads:
            thread.start()

    def send(self, tenant: Tenant) -> None:
        soap = Soap(self.url, tenant.auth)
        for number in itertools.count(1):
            if self.ended.is_set():
                return
            items = "".join(canonical_item(f"S{index:04}", f"revision {number}") for index in range(200))
            body = import_catalog(soap.ns, "spring", f"<c:items>{items}</c:items>", mode="replace")
            try:
                answer = soap.post(envelope(body))
            except requests.RequestException:
                self.unsure += 1  # its connection died: the sender does not know
                continue
            if answer.status == 200:
                self.acknowledged[tenant.name].append((answer.value("importId"), number))
            else:
                self.wrong.append((answer.status, answer.text[:300]))

    def read(self, tenant: Tenant) -> None:
        rest = Rest(self.url, tenant.auth)
        in_a_row = 0
        while not self.ended.is_set():
            try:
                answer = rest.get("/v1/catalogs/spring/items", params={"limit": 50}, timeout=30)
            except requests.RequestException:
                in_a_row += 1
                with self.lock:
                    self.died += 1
                    self.died_in_a_row = max(self.died_in_a_row, in_a_row)
                continue
            in_a_row = 0
            with self.lock:
                self.reads += 1
                if answer.status_code not in (200, 404):
                    self.wrong.append((answer.status_code, answer.text[:300]))
            if answer.status_code == 200 and len({item["texts"][0]["title"] for item in answer.json()["items"]}) > 1:
                self.wrong.append(("mixed", ""))

    def finish(self) -> None:
        self.ended.set()
        for thread in self.threads:
            thread.join(60)
            assert not thread.is_alive()


def test_servers_killed_in_turn_under_load_lose_nothing_and_double_nothing(cluster):
    tenants = [cluster.create_tenant() for _ in range(3)]
    balancer = Balancer([node.port for node in cluster.nodes])
    load = Load(balancer.url, tenants)
    pause = random.Random(6)
    kills = 0
    for _ in range(3):
        for node in cluster.nodes:
            time.sleep(pause.uniform(0.5, 1.5))
            node.kill()
            kills += 1
            time.sleep(pause.uniform(0.1, 2.5))
            node.start()
    time.sleep(1)
    load.finish()
    balancer.listener.close()
    assert load.wrong == []
    # A kill ends the connections at that server; who asks again may meet its closing door, and is then served by the other.
    assert load.died_in_a_row <= 3, (load.died_in_a_row, load.died, kills)
    total = 0
    for tenant in tenants:
        rest = cluster.rests(tenant)[0]
        sent = load.acknowledged[tenant.name]
        assert sent, "each was served"
        ended = [rest.wait_for_import("spring", import_id) for import_id, _ in sent]
        assert {one["status"] for one in ended} == {"succeeded"}
        assert len({import_id for import_id, _ in sent}) == len(sent)
        finished = [one["finished_at"] for one in ended]
        assert finished == sorted(finished), "in the order of their acknowledgement"
        # Each import changed what it says it did, once.
        imports = [entry for page in rest.pages("/v1/catalogs/spring/imports", limit=100) for entry in page["imports"]]
        done = sum(entry["counts"]["added"] + entry["counts"]["changed"] + entry["counts"]["removed"] for entry in imports)
        assert rest.get("/v1/catalogs/spring").json()["last_seq"] == done
        assert len(imports) - len(sent) <= load.unsure
        total += len(sent)
    print(f"\n{kills} kills: {total} imports acknowledged, all there; {load.reads} reads, {load.died} died with their connection, "
          f"{load.unsure} imports whose sender lost its connection")


def test_a_deleted_tenant_leaves_no_document_at_any_server(cluster):
    tenant, other = cluster.create_tenant(), cluster.create_tenant()
    for rest in cluster.rests(tenant):
        post(rest, revision(1), wait=30)
        post(rest, revision(2))
    post(cluster.rests(other)[0], revision(1, 10), wait=30)
    deleted = cluster.command("tenant", "delete", tenant.name, "--yes", "--json")
    assert deleted.returncode == 0 and json.loads(deleted.stdout)["search"]["found"] == [], deleted.stderr
    eventually(lambda: not list(cluster.folder.rglob(tenant.name)))
    if cluster.store:
        assert {name.split("/")[0] for name in cluster.store.names(cluster.env)} == {"spool-id", other.name}
    assert cluster.rests(other)[1].get("/v1/catalogs/spring").json()["item_count"] == 10
