"""Operators over HTTP: what `/v1/fleet` shows of runs of `plugpoint migrate`, and to whom."""

from __future__ import annotations

import json

import pytest
import requests
from plugpoint_kit.server import Server


@pytest.fixture(scope="module")
def server():
    server = Server()
    server.start()
    yield server
    server.remove()


@pytest.fixture(scope="module")
def tenant(server):
    return server.create_tenant("acme")


def create(server: Server, name: str, *options: str) -> tuple[str, str]:
    ended = server.command("operator", "create", name, "--json", *options)
    assert ended.returncode == 0, ended.stderr
    told = json.loads(ended.stdout)
    return told["key_id"], told["secret"]


def get(server: Server, path: str, auth: tuple[str, str] | None) -> requests.Response:
    return requests.get(f"{server.url}{path}", auth=auth, timeout=30)


def test_runs_are_shown_to_operators(server, tenant):
    jo = create(server, "jo", "--role", "admin")
    assert get(server, "/v1/fleet/migrations", jo).json() == {"migrations": []}
    missing = get(server, "/v1/fleet/migrations/last", jo)
    assert (missing.status_code, missing.json()["code"]) == (404, "not_found")
    ids = [json.loads(server.command("migrate", "--json").stdout)["run"] for _ in range(3)]
    shown = get(server, "/v1/fleet/migrations", jo).json()["migrations"]
    assert [run["id"] for run in shown] == ids[::-1]
    assert {(run["state"], run["checked"], run["up_to_date"], run["failed"]) for run in shown} == {("succeeded", 1, 1, 0)}
    assert [run["id"] for run in get(server, "/v1/fleet/migrations?limit=1", jo).json()["migrations"]] == ids[-1:]
    one = get(server, f"/v1/fleet/migrations/{ids[0]}", jo).json()
    assert one == {"migration": shown[-1], "tenants": []}
    assert get(server, "/v1/fleet/migrations/last", jo).json()["migration"]["id"] == ids[-1]
    for query in ("limit=0", "limit=10001", "limit=x", "page=1"):
        refused = get(server, f"/v1/fleet/migrations?{query}", jo)
        assert (refused.status_code, refused.json()["code"]) == (400, "request_invalid"), query


def test_who_is_no_operator_is_refused(server, tenant):
    viewer = create(server, "nagios")
    path = "/v1/fleet/migrations"
    assert get(server, path, viewer).status_code == 200
    for auth, status, code in [
        (None, 401, "unauthenticated"),
        (tenant.auth, 403, "forbidden"),
        ((tenant.key_id, "wrong"), 401, "unauthenticated"),
        ((viewer[0], "wrong"), 401, "unauthenticated"),
        ((viewer[0], ""), 401, "unauthenticated"),
        (("ok_00000000000000000000", viewer[1]), 401, "unauthenticated"),
        ((viewer[0].upper(), viewer[1]), 401, "unauthenticated"),
    ]:
        answer = get(server, path, auth)
        assert (answer.status_code, answer.json()["code"]) == (status, code), auth
    # An operator is nobody among tenants.
    assert get(server, "/v1/catalogs", viewer).status_code == 401
    assert get(server, "/v1/tenants/self", viewer).status_code == 401


def test_an_operator_that_is_removed_is_refused_at_once(server):
    gone = create(server, "gone", "--role", "operator")
    assert get(server, "/v1/fleet/migrations", gone).status_code == 200
    assert server.command("operator", "remove", "gone").returncode == 0
    assert get(server, "/v1/fleet/migrations", gone).status_code == 401
    again = create(server, "gone")
    assert get(server, "/v1/fleet/migrations", gone).status_code == 401
    assert get(server, "/v1/fleet/migrations", again).status_code == 200


def verifications(server: Server) -> int:
    lines = requests.get(f"{server.url}/metrics", timeout=30).text.splitlines()
    return sum(int(line.split()[-1]) for line in lines if line.startswith("auth_verifications_total"))


def test_a_credential_that_is_remembered_costs_no_verification(server):
    known = create(server, "often")
    path = "/v1/fleet/migrations"
    before = verifications(server)
    assert all(get(server, path, known).status_code == 200 for _ in range(20))
    assert verifications(server) == before + 1
    assert all(get(server, path, (known[0], f"wrong {n}")).status_code == 401 for n in range(5))
    assert verifications(server) == before + 6


def test_the_commands_say_what_is_wrong(server):
    create(server, "twice")
    for arguments, code, said in [
        (["create", "twice"], 1, "it exists already"),
        (["create", "Not A Name"], 2, "is no operator's name: 1 to 40 of a-z 0-9 -"),
        (["create", "other", "--role", "root"], 2, "viewer, operator, admin"),
        (["remove", "nobody"], 1, "there is no such thing"),
    ]:
        ended = server.command("operator", *arguments)
        assert ended.returncode == code and said in ended.stderr, ended
    listed = json.loads(server.command("operator", "list", "--json").stdout)["operators"]
    assert {"name": "twice", "role": "viewer"}.items() <= next(it for it in listed if it["name"] == "twice").items()
    assert all(set(it) == {"name", "role", "key_id", "created_at"} for it in listed)
    assert "twice" in server.command("operator", "list").stdout
    acts = server.command("audit", "list").stdout
    assert "operator create" in acts and "ps_" not in acts
