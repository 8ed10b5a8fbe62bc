"""Tenants whose databases are at addresses of their own, beside others of the same platform."""

from __future__ import annotations

import json
import os
import subprocess
import uuid

import pytest
from plugpoint_kit.rest import Rest
from plugpoint_kit.server import Server, Tenant

SERVER = os.environ.get("PLUGPOINT_TEST_POSTGRES")
pytestmark = pytest.mark.skipif(not SERVER, reason="PLUGPOINT_TEST_POSTGRES names no server; run by .ci/postgres")


def asked(url: str, statement: str) -> str:
    return subprocess.run(["psql", url, "-XAtc", statement], capture_output=True, text=True, check=True, timeout=60).stdout.strip()


@pytest.fixture
def address():
    """Another database than the platform's."""
    name = f"away_{uuid.uuid4().hex[:12]}"
    asked(SERVER, f"CREATE DATABASE {name}")
    yield SERVER.replace("/postgres?", f"/{name}?")
    asked(SERVER, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def server(address):
    # After it nobody is connected any more.
    server = Server().start()
    yield server
    server.remove()


def done(server: Server, *arguments: str) -> dict:
    ended = server.command(*arguments, "--json")
    assert ended.returncode == 0, ended.stderr
    return json.loads(ended.stdout)


def schemas(address: str) -> list[str]:
    return asked(address, "SELECT nspname FROM pg_namespace WHERE nspname !~ '^(pg_|information|public)'").split()


def document(items: int, title: str) -> bytes:
    return "\n".join(json.dumps({"sku": f"S{n:06}", "texts": [{"lang": "en", "title": title}]}) for n in range(items)).encode()


def test_a_tenant_elsewhere_is_served_backed_up_and_deleted(server, address, tmp_path):
    here = server.create_tenant()
    made = done(server, "tenant", "create", "away", "--at", f"{address}&schema=shop-1")
    away = Tenant("away", None, made["key_id"], made["secret"])
    rest = Rest(server.url, away.auth)
    import_id = rest.post_import("spring", document(500, "one"), "application/x-ndjson", mode="replace", wait=60).json()["id"]
    assert rest.get("/v1/catalogs/spring").json()["item_count"] == 500
    assert asked(address, 'SELECT count(*) FROM "shop-1".items') == "500" and schemas(address) == ["shop-1"]
    rows = {row["tenant"]: row["place"] for row in done(server, "tenant", "list")["tenants"]}
    assert rows[here.name] is None and rows["away"].endswith("?schema=shop-1") and "plugpoint:plugpoint" not in rows["away"]
    server.kill()
    server.start()
    assert rest.get(f"/v1/catalogs/spring/imports/{import_id}").json()["status"] == "succeeded"
    backup = tmp_path / "backup"
    done(server, "backup", "--to", str(backup), "--tenant", "away")
    rest.post_import("spring", document(20, "two"), "application/x-ndjson", mode="replace", wait=60)
    done(server, "restore", "--from", str(backup), "--tenant", "away", "--replace")
    done(server, "restore", "--from", str(backup), "--tenant", "away", "--as", "copy")
    assert asked(address, 'SELECT count(*) FROM "shop-1".items') == "500" and schemas(address) == ["shop-1"]
    proof = done(server, "tenant", "delete", "away", "--yes")
    places = {place["place"]: place for place in proof["removed"]}
    assert places["schemas"]["rows"] > 500 and proof["search"]["found"] == [] and schemas(address) == []
    assert [row["tenant"] for row in done(server, "tenant", "list")["tenants"] if row["place"]] == []


@pytest.mark.parametrize(
    "change, code, words",
    [
        (lambda url: url.replace("postgres://", "mysql://"), 2, "begins with postgres://"),
        (lambda url: f"{url}&schema=public", 2, "is not public"),
        (lambda url: os.environ["PLUGPOINT_TEST_POOLER"], 2, "pooler"),
        (lambda url: "postgres://u@127.0.0.1:1/db?sslmode=disable", 1, "Connection refused"),
        (lambda url: url.replace(":plugpoint@", ":wrong@"), 1, "password authentication failed"),
        (lambda url: url.replace("/away_", "/gone_"), 1, "does not exist"),
    ],
)
def test_an_address_that_cannot_be_used_is_told_and_creates_nothing(server, address, change, code, words):
    ended = server.command("tenant", "create", "away", "--at", change(address))
    assert ended.returncode == code and words in ended.stderr, ended.stderr
    assert "wrong@" not in ended.stderr and "internal" not in ended.stderr
    assert done(server, "tenant", "list")["tenants"] == []


def test_an_address_in_use_is_refused(server, address):
    done(server, "tenant", "create", "first", "--at", f"{address}&schema=shop")
    ended = server.command("tenant", "create", "second", "--at", f"{address}&schema=shop")
    assert ended.returncode == 2 and "the schema shop is in use" in ended.stderr, ended.stderr
    assert [row["tenant"] for row in done(server, "tenant", "list")["tenants"]] == ["first"]
