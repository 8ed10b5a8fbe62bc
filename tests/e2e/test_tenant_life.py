"""Tenants that are suspended, resumed and deleted beside a running server.

What a client is told, what becomes of documents that were acknowledged, and that nothing of a deleted tenant is left, even
where the server or the command was killed in the middle.
"""

from __future__ import annotations

import json
import os
import subprocess
import time

import pytest
import requests
from plugpoint_kit.rest import Rest
from plugpoint_kit.server import Server, binary, environment
from plugpoint_kit.soap import Soap, canonical_item, digest_token, envelope

NOTICED_S = 30  # the promise is one second; a loaded machine may take longer, and what counts is that it happens


@pytest.fixture
def own_server():
    server = Server().start()
    yield server
    server.remove()


def document(items: int, title: str = "One") -> bytes:
    return "\n".join(json.dumps({"sku": f"S{n:06}", "texts": [{"lang": "en", "title": title}]}) for n in range(items)).encode()


def post(rest: Rest, items: int, title: str = "One", wait: int | None = 60) -> requests.Response:
    return rest.post_import("spring", document(items, title), "application/x-ndjson", mode="replace", wait=wait)


def until(what, expected) -> None:
    """Waits for what a server notices by itself."""
    deadline = time.monotonic() + NOTICED_S
    while (seen := what()) != expected:
        assert time.monotonic() < deadline, f"{seen!r} is not {expected!r}"
        time.sleep(0.05)


def told(answer: requests.Response) -> tuple[int, str | None]:
    return answer.status_code, answer.json().get("code")


def done(server: Server, *arguments: str) -> dict:
    ended = server.command(*arguments, "--json")
    assert ended.returncode == 0, ended.stderr
    return json.loads(ended.stdout)


def state_of(server: Server, tenant: str) -> tuple[str, str | None]:
    row = next(row for row in done(server, "tenant", "list")["tenants"] if row["tenant"] == tenant)
    return row["state"], row["reason"]


def test_a_suspended_tenant_is_told_so_and_others_are_served(own_server):
    server = own_server
    tenant, other = server.create_tenant(), server.create_tenant()
    rest, others = Rest(server.url, tenant.auth), Rest(server.url, other.auth)
    post(rest, 3)
    path = "/v1/catalogs/spring/items/S000000"
    assert [rest.get(path).status_code for _ in range(3)] == [200] * 3  # remembered: credential and answer
    done(server, "tenant", "suspend", tenant.name, "--reason", "no payment")
    until(lambda: rest.get(path).status_code, 403)
    answer = rest.get(path)
    assert told(answer) == (403, "tenant_suspended") and "suspended" in answer.json()["detail"]
    assert "payment" not in answer.text
    for method, other_path in [("GET", "/v1/tenants/self"), ("POST", "/v1/catalogs/spring/imports"), ("PUT", path), ("DELETE", path)]:
        assert told(rest.call(method, other_path, data=b"[]")) == (403, "tenant_suspended"), (method, other_path)
    for version, status in [("1.1", 500), ("1.2", 400)]:
        fault = Soap(server.url, tenant.auth).import_items("spring", canonical_item("A1"), version)
        assert (fault.status, fault.code) == (status, "tenant_suspended"), fault.text
        assert "suspended" in fault.reason
    # Who has not proved to be of the tenant learns nothing.
    assert told(Rest(server.url, (tenant.key_id, "wrong")).get(path)) == (401, "unauthenticated")
    assert others.get("/v1/tenants/self").status_code == 200
    assert state_of(server, tenant.name) == ("suspended", "no payment")
    refused = server.command("import", "-", "--tenant", tenant.name, "--catalog", "spring")
    assert refused.returncode != 0
    done(server, "tenant", "resume", tenant.name)
    until(lambda: rest.get(path).status_code, 200)
    assert state_of(server, tenant.name) == ("active", None)


def test_what_was_acknowledged_waits_and_goes_on_after_the_resumption(own_server):
    server = own_server
    tenant = server.create_tenant()
    rest = Rest(server.url, tenant.auth)
    post(rest, 10, "before")
    ids = [post(rest, 30_000, f"round {n}", wait=None).json()["id"] for n in range(3)]
    until(lambda: rest.get(f"/v1/catalogs/spring/imports/{ids[0]}").json()["status"] in ("running", "succeeded"), True)
    done(server, "tenant", "suspend", tenant.name)
    until(lambda: rest.get("/v1/tenants/self").status_code, 403)
    # Nothing moves: neither the one that ran nor those behind it, not even after a restart.
    spool = server.data_dir / "spool" / tenant.name
    assert {path.name for path in spool.iterdir()} >= set(ids)
    server.kill()
    server.start()
    assert told(rest.get("/v1/tenants/self")) == (403, "tenant_suspended")
    done(server, "tenant", "resume", tenant.name)
    until(lambda: rest.get("/v1/tenants/self").status_code, 200)
    assert [rest.wait_for_import("spring", one)["status"] for one in ids] == ["succeeded"] * 3
    assert rest.get("/v1/catalogs/spring/items/S000000").json()["texts"][0]["title"] == "round 2"
    assert rest.get("/v1/catalogs/spring").json()["item_count"] == 30_000


@pytest.mark.parametrize(
    "arguments, code, words",
    [
        (["tenant", "suspend", "nobody"], 1, "there is no tenant nobody"),
        (["tenant", "resume", "nobody"], 1, "there is no tenant nobody"),
        (["tenant", "delete", "nobody", "--yes"], 1, "there is no tenant nobody"),
        (["tenant", "delete", "No Name", "--yes"], 2, "is not a tenant id"),
        (["tenant", "suspend", "a" * 41], 2, "is not a tenant id"),
        (["tenant", "suspend", "acme", "--reason", "x" * 501], 2, "at most 500 characters"),
        (["tenant", "delete", "acme"], 2, "that is not its name; nothing was deleted"),
        (["tenant", "delete", "acme", "--wait-s", "soon"], 2, "invalid value 'soon'"),
        (["audit", "list", "--limit", "0"], 2, "0 is not in 1..=1000000"),
    ],
)
def test_what_is_wrong_is_said_and_changes_nothing(server, arguments, code, words):
    if state_exists(server) is False:
        server.create_tenant("acme")
    ended = subprocess.run([binary(), *arguments, "--data-dir", str(server.data_dir)], input="wrong\n", capture_output=True, text=True, timeout=60, env=environment(server.data_dir))
    assert ended.returncode == code and words in ended.stderr, ended.stderr
    assert state_of(server, "acme") == ("active", None)


def state_exists(server: Server) -> bool:
    return any(row["tenant"] == "acme" for row in done(server, "tenant", "list")["tenants"])


def names_below(folder) -> list[str]:
    return [name for _, folders, files in os.walk(folder) for name in folders + files]


def nothing_is_left(server: Server, name: str, key_ids: list[str]) -> None:
    found = [entry for entry in names_below(server.data_dir) if entry == name or any(key in entry for key in key_ids)]
    assert found == []
    for file in server.data_dir.glob("*.db*"):
        content = file.read_bytes()
        assert [key for key in key_ids if key.encode() in content] == [], file
    assert all(row["tenant"] != name for row in done(server, "tenant", "list")["tenants"])


def test_a_tenant_is_deleted_with_proof_while_the_server_runs(own_server):
    server = own_server
    tenant, other = server.create_tenant("acme"), server.create_tenant("other")
    digest = server.add_key(tenant, digest=True)
    key_ids = [tenant.key_id, digest.key_id]
    rest, others = Rest(server.url, tenant.auth), Rest(server.url, other.auth)
    rejected = b'[{"sku":"A","texts":[{"lang":"en","title":"One"}]},{"texts":[]}]'
    assert rest.post_import("spring", rejected).json()["counts"]["rejected"] == 1
    post(rest, 200)
    post(others, 200)
    assert rest.get("/v1/catalogs/spring/items/S000001").status_code == 200
    soap = Soap(server.url, None)
    listing = f'<c:ListItems xmlns:c="{soap.ns}"><c:catalogId>spring</c:catalogId></c:ListItems>'
    assert soap.post(envelope(listing, header=digest_token(*digest.auth))).code is None
    waiting = [post(rest, 30_000, f"{n}", wait=None).json()["id"] for n in range(3)]
    proof = done(server, "tenant", "delete", "acme", "--yes")
    removed = {place["place"]: place for place in proof["removed"]}
    assert (removed["credentials"]["rows"], removed["nonces"]["rows"], removed["tenant"]["rows"]) == (2, 1, 1)
    assert removed["documents"]["files"] >= 10 and removed.get("schemas", removed["databases"])["bytes"] > 4096
    if "schemas" in removed:  # a PostgreSQL server's
        assert removed["schemas"]["rows"] > 200 and "schemas" in " ".join(proof["search"]["searched"])
    assert proof["search"]["found"] == [] and proof["search"]["names"][0] == "acme"
    nothing_is_left(server, "acme", key_ids)
    assert told(rest.get("/v1/catalogs/spring/items/S000001")) == (401, "unauthenticated")
    assert "acme" not in requests.get(f"{server.url}/metrics", timeout=30).text
    assert others.get("/v1/catalogs/spring").json()["item_count"] == 200
    # The name can be used again, and knows nothing of before.
    new = server.create_tenant("acme")
    again = Rest(server.url, new.auth)
    assert again.get("/v1/catalogs").json()["catalogs"] == []
    assert again.get("/v1/catalogs/spring/items/S000001").status_code == 404
    assert again.get(f"/v1/catalogs/spring/imports/{waiting[0]}").status_code == 404
    assert told(rest.get("/v1/tenants/self")) == (401, "unauthenticated")
    assert post(again, 5).json()["counts"]["added"] == 5
    acts = [(act["action"], act["detail"].split(":")[0]) for act in done(server, "audit", "list", "--tenant", "acme")["acts"]]
    assert acts[-3:] == [("tenant delete", "begun"), ("tenant delete", "completed"), ("tenant create", "")]
    open_files = os.popen(f"ls -l /proc/{server.pid}/fd").read()
    assert "(deleted)" not in open_files, open_files


def test_a_deleted_tenant_is_gone_though_the_command_was_killed(own_server):
    server = own_server
    post(Rest(server.url, server.create_tenant("other").auth), 10)
    for round_, after_s in enumerate([0.0, 0.02, 0.05, 0.1, 0.2, 0.4, 0.8]):
        tenant = server.create_tenant("acme")
        post(Rest(server.url, tenant.auth), 2000)
        process = subprocess.Popen([binary(), "tenant", "delete", "acme", "--yes", "--data-dir", str(server.data_dir)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(after_s)
        process.kill()
        process.wait()
        rows = {row["tenant"]: row["state"] for row in done(server, "tenant", "list")["tenants"]}
        assert rows.get("acme") in (None, "active", "deleting")
        if round_ % 2 and rows.get("acme") == "deleting":
            # The next start completes it.
            server.kill()
            server.start()
            until(lambda: any(row["tenant"] == "acme" for row in done(server, "tenant", "list")["tenants"]), False)
        elif "acme" in rows:
            done(server, "tenant", "delete", "acme", "--yes")
        nothing_is_left(server, "acme", [tenant.key_id])
    assert {row["tenant"] for row in done(server, "tenant", "list")["tenants"]} == {"other"}


def test_a_tenant_that_is_in_use_is_not_taken_and_no_longer_served(own_server):
    """A process that has the tenant open and does not let go: here one that is stopped."""
    server = own_server
    tenant = server.create_tenant("acme")
    rest = Rest(server.url, tenant.auth)
    post(rest, 10)
    os.kill(server.pid, 19)  # SIGSTOP
    try:
        ended = server.command("tenant", "delete", "acme", "--yes", "--wait-s", "1")
    finally:
        os.kill(server.pid, 18)  # SIGCONT
    assert ended.returncode == 1 and "still has the tenant open" in ended.stderr, ended.stderr
    assert state_of(server, "acme")[0] == "deleting"
    until(lambda: rest.get("/v1/tenants/self").status_code, 401)
    for refused in (["suspend", "acme"], ["resume", "acme"]):
        ended = server.command("tenant", *refused)
        assert ended.returncode == 1 and "is being deleted" in ended.stderr, ended.stderr
    done(server, "tenant", "delete", "acme", "--yes")
    nothing_is_left(server, "acme", [tenant.key_id])


def test_acts_are_written_down(own_server):
    server = own_server
    tenant = server.create_tenant("acme")
    done(server, "tenant", "add-key", "acme", "--digest")
    done(server, "tenant", "suspend", "acme", "--reason", "because")
    done(server, "tenant", "resume", "acme")
    done(server, "tenant", "rotate-key", "acme")
    acts = done(server, "audit", "list")["acts"]
    assert [act["action"] for act in acts] == ["tenant create", "tenant add-key", "tenant suspend", "tenant resume", "tenant rotate-key"]
    assert [act["detail"] for act in acts] == ["", "for password digests", "because", "", ""]
    assert {act["tenant"] for act in acts} == {"acme"} and all(act["actor"] and act["at"] for act in acts)
    assert tenant.secret not in json.dumps(acts) and tenant.key_id not in json.dumps(acts)
    assert len(done(server, "audit", "list", "--limit", "2")["acts"]) == 2
    assert done(server, "audit", "list", "--tenant", "nobody")["acts"] == []
    table = server.command("audit", "list").stdout
    assert "tenant suspend" in table and "because" in table
