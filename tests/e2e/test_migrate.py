"""`plugpoint migrate`: tenants' databases as an older release has left them, brought up to date beside each other."""

from __future__ import annotations

import json
import os
import pathlib
import random
import sqlite3
import subprocess
import time

import pytest
from plugpoint_kit.rest import Rest
from plugpoint_kit.server import Server, Tenant, binary, environment

STEPS = pathlib.Path(__file__).parents[2] / "core/store/migrations/tenant"
OLD = ["0001_catalogs.sql", "0002_unmapped.sql", "0003_brands.sql", "0004_recalls.sql"]
ROWS = 2_000
BODY = '{"sku":"%s","kind":"product","status":"active","texts":[{"lang":"en","title":"old"}]}'
# A server that leaves it to `plugpoint migrate` to bring tenants up to date.
BY_COMMAND = pytest.mark.parametrize("server", [{"PLUGPOINT__DATABASE__MIGRATE": "command"}], indirect=True)
ON_SERVER = os.environ.get("PLUGPOINT__DATABASE__URL")


@pytest.fixture
def server(request):
    server = Server(env=getattr(request, "param", None))
    yield server
    server.remove()


def file_of(server: Server, tenant: str) -> pathlib.Path:
    return server.data_dir / "tenants" / tenant / "catalog.db"


def left_by_an_older_release(server: Server, tenant: str) -> None:
    """A tenant with a catalog of some thousand rows, of the structure before this one."""
    file_of(server, tenant).parent.mkdir(parents=True)
    with sqlite3.connect(file_of(server, tenant)) as db:
        for step in OLD:
            db.executescript((STEPS / step).read_text())
        db.execute("INSERT INTO catalogs VALUES (1, 'spring', 0, 0, ?, ?)", (ROWS, ROWS))
        db.executemany(
            "INSERT INTO items VALUES (?, 1, ?, ?, ?, 0, NULL, NULL, randomblob(16), NULL, '', char(10) || 'old', ?)",
            [(n, f"S{n * 7919 % 100003:06}", n, n, BODY % f"S{n * 7919 % 100003:06}") for n in range(1, ROWS + 1)])
        db.execute(f"UPDATE meta SET next_seq = {ROWS + 1}")
        db.executescript("PRAGMA application_id = 0x504c5054; PRAGMA user_version = 4")
    db.close()


def rows(server: Server, tenant: str) -> list[tuple]:
    db = sqlite3.connect(file_of(server, tenant))
    try:
        return db.execute("SELECT row_id, sku, seq, hash, body FROM items ORDER BY row_id").fetchall()
    finally:
        db.close()


def structure(server: Server, tenant: str) -> int:
    db = sqlite3.connect(file_of(server, tenant))
    try:
        number = db.execute("PRAGMA user_version").fetchone()[0]
        # A tenant has one structure or the other, never a part of it.
        has_tree = db.execute("SELECT count(*) FROM sqlite_schema WHERE name = 'item_skus'").fetchone()[0]
        has_index = db.execute("SELECT count(*) FROM sqlite_schema WHERE name = 'items_sku'").fetchone()[0]
        assert (has_tree, has_index) == ((1, 0) if number >= 5 else (0, 1)), number
        return number
    finally:
        db.close()


def migrate(server: Server, *options: str) -> tuple[int, dict]:
    ended = server.command("migrate", "--json", *options)
    return ended.returncode, json.loads(ended.stdout)


@pytest.fixture
def tenants(server) -> list[str]:
    if ON_SERVER:
        pytest.skip("these are files")
    names = [f"{kind}-{n}" for kind in ("pilot", "shop") for n in range(6)]
    for name in names:
        server.create_tenant(name)
        left_by_an_older_release(server, name)
    return names


def test_all_are_brought_up_to_date_and_served_as_before(server, tenants):
    before = {name: rows(server, name) for name in tenants}
    code, plan = migrate(server, "--dry-run")
    newest = plan["structure"]
    assert (code, plan["checked"], len(plan["left"]), plan["is_dry_run"]) == (0, 12, 12, True)
    assert {it["structure"] for it in plan["left"]} == {4}
    assert {structure(server, name) for name in tenants} == {4}
    code, report = migrate(server)
    assert (code, report["migrated"], report["failed"], report["left"]) == (0, 12, [], [])
    assert {name: rows(server, name) for name in tenants} == before
    assert {structure(server, name) for name in tenants} == {newest}
    code, report = migrate(server)
    assert (code, report["up_to_date"], report["migrated"]) == (0, 12, 0)
    said = server.command("migrate").stdout
    assert "12 tenants, 12 were up to date, 0 migrated, 0 failed, 0 left" in said
    tenant = server.create_tenant("fresh")
    assert migrate(server)[1]["up_to_date"] == 13
    server.start()
    assert Rest(server.url, tenant.auth).get("/v1/catalogs").json()["catalogs"] == []
    acts = json.loads(server.command("audit", "list", "--json").stdout)
    assert "12 tenants are behind" in json.dumps(acts)


def test_one_that_fails_is_as_it_was_harms_no_other_and_goes_on_later(server, tenants):
    with sqlite3.connect(file_of(server, "shop-3")) as db:
        db.execute("CREATE TABLE item_skus (in_the_way)")
    before = rows(server, "shop-3")
    code, report = migrate(server, "--stop-at", "100")
    assert (code, report["migrated"], report["left"]) == (1, 11, [])
    assert [it["tenant"] for it in report["failed"]] == ["shop-3"]
    assert "item_skus already exists" in report["failed"][0]["error"]
    assert rows(server, "shop-3") == before
    with sqlite3.connect(file_of(server, "shop-3")) as db:
        assert db.execute("PRAGMA user_version").fetchone() == (4,)
        db.execute("DROP TABLE item_skus")
    db.close()
    code, report = migrate(server)
    assert (code, report["up_to_date"], report["migrated"]) == (0, 11, 1)
    assert rows(server, "shop-3") == before


def test_a_canary_that_fails_and_too_many_failures_end_it(server, tenants):
    for name in ("pilot-2", "shop-0"):
        with sqlite3.connect(file_of(server, name)) as db:
            db.execute("CREATE TABLE item_skus (in_the_way)")
        db.close()
    code, report = migrate(server, "--canary", "pilot-*", "--jobs", "1")
    assert code == 1
    assert [it["tenant"] for it in report["failed"]] == ["pilot-2"]
    assert {it["tenant"] for it in report["left"]} == {*(f"shop-{n}" for n in range(6)), *(f"pilot-{n}" for n in (3, 4, 5))}
    with sqlite3.connect(file_of(server, "pilot-2")) as db:
        db.execute("DROP TABLE item_skus")
    db.close()
    code, report = migrate(server, "--canary", "pilot-*", "--jobs", "1", "--stop-at", "5")
    assert code == 1
    assert [it["tenant"] for it in report["failed"]] == ["shop-0"]
    assert {it["tenant"] for it in report["left"]} == {f"shop-{n}" for n in range(1, 6)}
    code, report = migrate(server, "--tenants", "shop-?", "--stop-at", "100")
    assert (code, report["checked"], report["migrated"], len(report["failed"])) == (1, 6, 5, 1)


def test_what_cannot_be_looked_at_has_failed_and_stops_others_only_as_a_canary(server, tenants):
    whole = file_of(server, "shop-1").read_bytes()
    file_of(server, "shop-1").write_bytes(b"no database at all")
    code, report = migrate(server, "--canary", "pilot-*", "--stop-at", "100")
    assert (code, report["migrated"], report["left"]) == (1, 11, [])
    assert [it["tenant"] for it in report["failed"]] == ["shop-1"]
    file_of(server, "shop-1").write_bytes(whole)
    file_of(server, "pilot-0").write_bytes(b"no database at all")
    code, report = migrate(server, "--canary", "pilot-*", "--stop-at", "100")
    assert (code, report["migrated"], [it["tenant"] for it in report["left"]]) == (1, 0, ["shop-1"])


def test_what_is_wrong_is_told(server):
    server.create_tenant("acme")
    for options, said in [
        (["--tenants", "nobody-*"], "no tenant is like nobody-*"),
        (["--stop-at", "101"], "101 is not in 0..=100"),
        (["--jobs", "0"], "number would be zero"),
        (["--to", "2026-99-nothing"], "no customer brings a step `2026-99-nothing`"),
    ]:
        ended = server.command("migrate", *options)
        assert ended.returncode == 2 and said in ended.stderr, ended


def test_killed_at_any_moment_no_tenant_is_half_migrated(server, tenants):
    before = {name: rows(server, name) for name in tenants}
    newest = migrate(server, "--dry-run")[1]["structure"]
    command = [binary(), "migrate", "--jobs", "4", "--data-dir", str(server.data_dir)]
    for pause in random.Random(7).sample(range(0, 120, 4), 12):
        process = subprocess.Popen(command, env=environment(server.data_dir), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(pause / 1000)
        process.kill()
        process.wait()
        numbers = {structure(server, name) for name in tenants}
        assert numbers <= {4, newest}, numbers
    code, report = migrate(server)
    assert (code, report["failed"], report["left"]) == (0, [], [])
    assert {structure(server, name) for name in tenants} == {report["structure"]}
    assert {name: rows(server, name) for name in tenants} == before


def test_beside_a_server_that_runs_and_on_a_database_server(server):
    server.start()
    tenant = server.create_tenant("acme")
    rest = Rest(server.url, tenant.auth)
    rest.post_import("spring", b'[{"sku": "A1", "texts": [{"lang": "en", "title": "Cable"}]}]')
    server.create_tenant("unused")
    code, report = migrate(server)
    assert (code, report["checked"], report["up_to_date"]) == (0, 2, 2)
    if ON_SERVER:
        schema = f"{environment(server.data_dir)['PLUGPOINT__DATABASE__SCHEMA_PREFIX']}_t_acme"
        # As the release before the newest step has left it.
        undo = f'SET search_path = "{schema}"; DROP TABLE steps_done; UPDATE structure SET number = number - 1'
        psql = ["psql", "-XAtqc", undo, ON_SERVER]
        subprocess.run(psql, check=True, timeout=60)
        code, report = migrate(server)
        assert (code, report["migrated"], report["up_to_date"]) == (0, 1, 1)
    assert rest.get("/v1/catalogs/spring/items/A1").status_code == 200


def steps_of(report: dict) -> dict[str, list[str]]:
    return {it["tenant"]: it["steps"] for it in report["left"]}


@BY_COMMAND
def test_steps_that_a_customer_brings(server):
    """Voltwerk's update file: two tagged steps, for its tenants alone."""
    server.start()
    volt = server.create_tenant("volt", customer="voltwerk")
    server.create_tenant("other")
    rest = Rest(server.url, volt.auth)
    assert rest.get("/v1/catalogs").status_code == 200
    code, plan = migrate(server, "--dry-run")
    assert (code, steps_of(plan)) == (0, {"volt": ["voltwerk/2026-09-cuts", "voltwerk/2026-11-reserved"]})
    code, report = migrate(server, "--to", "2026-09-cuts")
    assert (code, report["checked"], report["migrated"], report["left"]) == (0, 1, 1, [])
    assert steps_of(migrate(server, "--dry-run")[1]) == {"volt": ["voltwerk/2026-11-reserved"]}
    code, report = migrate(server, "--to", "2026-09-cuts")
    assert (code, report["checked"], report["up_to_date"]) == (0, 1, 1)
    code, report = migrate(server)
    assert (code, report["checked"], report["migrated"], report["up_to_date"]) == (0, 2, 1, 1)
    assert migrate(server, "--dry-run")[1]["left"] == []
    assert rest.get("/v1/catalogs").status_code == 200


def test_a_server_that_opens_tenants_does_their_steps(server):
    server.start()
    tenant = server.create_tenant("volt", customer="voltwerk")
    assert Rest(server.url, tenant.auth).get("/v1/catalogs").status_code == 200
    code, plan = migrate(server, "--dry-run")
    assert (code, plan["checked"], plan["up_to_date"], plan["left"]) == (0, 1, 1, [])


@BY_COMMAND
def test_what_cannot_be_served_is_answered_until_the_command_has_run(server, tenants):
    server.start()
    rest = Rest(server.url, server.create_tenant("fresh").auth)
    assert rest.get("/v1/catalogs").status_code == 200
    rest = Rest(server.url, server.add_key(Tenant("shop-1", None, "", "")).auth)
    answer = rest.get("/v1/catalogs")
    assert (answer.status_code, answer.json()["code"], answer.headers["Retry-After"]) == (503, "schema_version", "60")
    assert migrate(server)[0] == 0
    assert rest.get("/v1/catalogs").json()["catalogs"][0]["item_count"] == ROWS


def run_of(server: Server, run: str) -> dict:
    ended = server.command("migrate", "status", run, "--json")
    assert ended.returncode == 0, ended.stderr
    return json.loads(ended.stdout)


def test_runs_are_remembered_tenant_by_tenant(server, tenants):
    assert "nothing was migrated" in server.command("migrate", "status").stdout
    with sqlite3.connect(file_of(server, "shop-3")) as db:
        db.execute("CREATE TABLE item_skus (in_the_way)")
    db.close()
    _, report = migrate(server, "--stop-at", "100")
    told = run_of(server, report["run"])
    run, outcomes = told["run"], told["outcomes"]
    assert (run["state"], run["checked"], run["migrated"], run["failed"], run["remaining"]) == ("failed", 12, 11, 1, 0)
    assert [it["tenant"] for it in outcomes] == ["shop-3", *sorted(set(tenants) - {"shop-3"})]
    assert "item_skus already exists" in outcomes[0]["error"] and outcomes[1]["error"] is None
    assert outcomes[1]["structure"] == 4 and outcomes[1]["steps"] == ["core/0005_skus", "core/0006_lease", "core/0007_steps_done"]
    assert "shop-3" in server.command("migrate", "status", "last").stdout
    # One whose process ends before it was abandoned, as the next one finds out.
    process = subprocess.Popen([binary(), "migrate", "--data-dir", str(server.data_dir)], env=environment(server.data_dir))
    process.kill()
    process.wait()
    with sqlite3.connect(server.data_dir / "control.db") as db:
        db.execute("INSERT INTO fleet_runs VALUES ('0', 'nobody', 7, 'running', 0, 0, 9, 0, 3, 0, 6)")
    db.close()
    assert migrate(server, "--dry-run")[1]["run"] is None
    assert run_of(server, "0")["run"]["state"] == "running"
    migrate(server)
    assert run_of(server, "0")["run"]["state"] == "abandoned"
    assert server.command("migrate", "status", "none-such").returncode == 1


def test_one_run_at_a_time(server, tenants):
    import fcntl

    (server.data_dir / "migrate.lock").touch()
    with open(server.data_dir / "migrate.lock") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        refused = server.command("migrate")
        assert refused.returncode == 1 and "another run is at it: plugpoint migrate status" in refused.stderr
        assert server.command("migrate", "--dry-run").returncode == 0
    assert migrate(server)[1]["migrated"] == 12


def test_tenants_are_chosen_by_tag(server, tenants):
    server.create_tenant("fresh")
    for arguments, tags in [
        (["shop-1", "canary", "big"], ["big", "canary"]),
        (["shop-2", "canary"], ["canary"]),
        (["shop-1", "--remove", "big"], ["canary"]),
        (["shop-1", "canary"], ["canary"]),
    ]:
        told = server.command("tenant", "tag", *arguments, "--json")
        assert json.loads(told.stdout)["tags"] == tags, told
    created = server.command("tenant", "create", "tagged", "--tag", "canary", "--json")
    assert created.returncode == 0
    listed = json.loads(server.command("tenant", "list", "--json").stdout)["tenants"]
    assert {it["tenant"] for it in listed if it["tags"] == ["canary"]} == {"shop-1", "shop-2", "tagged"}
    code, report = migrate(server, "--tag", "canary")
    assert (code, report["checked"], report["migrated"], report["up_to_date"]) == (0, 3, 2, 1)
    assert {structure(server, name) for name in ("shop-1", "shop-2")} == {report["structure"]}
    assert structure(server, "shop-3") == 4
    for arguments, code, said in [
        (["migrate", "--tag", "none"], 2, "no tenant has the tag none"),
        (["tenant", "tag", "nobody", "canary"], 1, "there is no tenant nobody"),
        (["tenant", "tag", "shop-1", "Not a tag"], 2, "invalid value"),
        (["tenant", "tag", "shop-1"], 2, "required"),
    ]:
        ended = server.command(*arguments)
        assert ended.returncode == code and said in ended.stderr, ended
