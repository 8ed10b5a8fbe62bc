"""What goes on in the background: tasks, runs, schedules, intents and daemons, over HTTP and by command."""

from __future__ import annotations

import json
import time

import pytest
import requests
from magento_stub import Shop, hang
from plugpoint_kit.rest import Rest
from plugpoint_kit.server import Server

SECRET_ENV = "PLUGPOINT_SOURCE_SHOP"
PRODUCTS = list(range(1, 61))
KEY = "k3y"
FAR = "2999-01-01T00:00:00Z"


class Desk:
    """An operator at a server."""

    def __init__(self, server: Server, name: str, role: str):
        ended = server.command("operator", "create", name, "--role", role, "--json")
        assert ended.returncode == 0, ended.stderr
        told = json.loads(ended.stdout)
        self.server, self.auth = server, (told["key_id"], told["secret"])

    def call(self, method: str, path: str, **options) -> requests.Response:
        return requests.request(method, f"{self.server.url}{path}", auth=self.auth, timeout=30, **options)

    def get(self, path: str):
        answer = self.call("GET", path)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def runs(self, query: str = "") -> list[dict]:
        return self.get(f"/v1/runs?{query}")["runs"]

    def intend(self, task: str, query: str = "", body: object = None) -> dict:
        answer = self.call("POST", f"/v1/tasks/{task}/runs{query}", json=body)
        assert answer.status_code in (200, 202), answer.text
        assert (answer.status_code == 200) == (answer.json()["outcome"] == "joined")
        return answer.json()

    def pause(self, kind: str, name: str, until: str | None) -> dict:
        answer = self.call("PATCH", f"/v1/{kind}/{name}", json={"disabled_until": until})
        assert answer.status_code == 200, answer.text
        return answer.json()

    def until(self, run: int, state: str) -> dict:
        deadline = time.monotonic() + 60
        while (seen := self.get(f"/v1/runs/{run}"))["state"] != state:
            assert time.monotonic() < deadline, seen
            time.sleep(0.05)
        return seen


def eventually(condition, seconds: float = 30.0):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if seen := condition():
            return seen
        time.sleep(0.05)
    raise AssertionError("it never happened")


@pytest.fixture
def server():
    server = Server(env={SECRET_ENV: KEY, "PLUGPOINT_TASKS_LEASE_MS": "1000"})
    server.start()
    yield server
    server.remove()


@pytest.fixture
def desk(server):
    return Desk(server, "jo", "operator")


def profile(url: str, more: str = "") -> str:
    return (
        '[catalog]\ntransformer = "magento"\ncurrency = "EUR"\nlanguage = "de"\n'
        f'[sources.shop]\nurl = "{url}"\nkind = "magento"\nuser = "api"\nsecret_env = "{SECRET_ENV}"\n{more}'
    )


def test_the_platform_s_own_tasks_begin_by_the_clock(server, desk):
    eventually(lambda: {"documents.retention", "tasks.history"} <= {run["task"] for run in desk.runs("state=succeeded")})
    tasks = {task["name"]: task for task in desk.get("/v1/tasks")["tasks"]}
    assert list(tasks) == sorted(tasks) and {"documents.retention", "sources.pull", "tasks.history"} <= set(tasks)
    retention = tasks["documents.retention"]
    assert (retention["scope"], retention["schedules"], retention["runs"]["succeeded"]) == ("platform", 1, 1)
    assert retention["next_at"] > retention["runs"].get("started_at", "") and "disabled_until" not in retention
    assert tasks["sources.pull"]["scope"] == "tenant" and tasks["sources.pull"]["schedules"] == 0
    run = desk.runs("task=documents.retention")[0]
    assert (run["by"], run["output"]) == ("schedule documents.retention", {"looked_at": 0, "removed": 0, "failed": 0})
    # Another start is no reason to do it again: it is due in an hour.
    server.stop()
    server.start()
    time.sleep(1.5)
    assert len(desk.runs("task=documents.retention")) == 1


def test_an_intent_is_started_joined_or_queued(server, desk):
    other = Desk(server, "ann", "admin")
    started = desk.intend("tasks.history")
    assert started["outcome"] == "started" and started["run"]["by"] == "operator jo"
    assert desk.until(started["run"]["id"], "succeeded")["output"] == {"forgotten": 0}
    paused = desk.pause("tasks", "tasks.history", FAR)
    assert paused["disabled_until"] == FAR
    queued = desk.intend("tasks.history")
    assert queued["outcome"] == "queued" and queued["run"]["id"] > started["run"]["id"]
    joined = other.intend("tasks.history")
    assert (joined["outcome"], joined["run"]["id"], joined["run"]["by"]) == ("joined", queued["run"]["id"], "operator jo")
    told = server.command("task", "run", "tasks.history", "--json")
    assert json.loads(told.stdout)["outcome"] == "joined"
    # Another input is another thing to do.
    assert desk.intend("tasks.history", body={"x": 1})["outcome"] == "queued"
    assert desk.intend("tasks.history", body={"x": 1})["outcome"] == "joined"
    enabled = desk.pause("tasks", "tasks.history", None)
    assert "disabled_until" not in enabled
    desk.until(queued["run"]["id"], "succeeded")
    waited = server.command("task", "run", "tasks.history", "--wait")
    assert waited.returncode == 0 and "succeeded" in waited.stdout, waited.stderr


def test_runs_are_cancelled_and_done_again_and_it_is_written_down_who_did_it(server, desk):
    desk.pause("tasks", "tasks.history", FAR)
    run = desk.intend("tasks.history")["run"]["id"]
    assert desk.call("POST", f"/v1/runs/{run}/cancel").json()["state"] == "cancelled"
    assert desk.call("POST", f"/v1/runs/{run}/cancel").json()["state"] == "cancelled"
    assert desk.call("POST", f"/v1/runs/{run}/restart").json()["state"] == "queued"
    assert desk.call("POST", f"/v1/runs/{run}/restart").json()["state"] == "queued"
    ended = server.command("task", "cancel", str(run))
    assert ended.returncode == 0 and "cancelled" in ended.stdout
    assert server.command("task", "cancel", str(run)).returncode == 1
    assert server.command("task", "restart", str(run)).returncode == 0
    desk.pause("tasks", "tasks.history", None)
    desk.until(run, "succeeded")
    acts = json.loads(server.command("audit", "list", "--json").stdout)["acts"]
    told = [(act["action"], act["detail"]) for act in acts if act["actor"] == "operator jo"]
    assert told == [
        ("task disable", f"tasks.history: enabled -> disabled until {FAR}"),
        ("task run", f"tasks.history: queued run {run}"),
        ("task cancel", f"run {run} of tasks.history: queued -> cancelled"),
        ("task restart", f"run {run} of tasks.history: cancelled -> queued"),
        ("task enable", f"tasks.history: disabled until {FAR} -> enabled"),
    ]


def test_a_source_is_pulled_when_somebody_wants_it(server, desk):
    with Shop(PRODUCTS, key=KEY) as shop:
        tenant = server.create_tenant(profile=profile(shop.url))
        run = desk.intend("sources.pull", f"?tenant={tenant.name}", {"source": "shop"})["run"]
        ended = desk.until(run["id"], "succeeded")
        rest = Rest(server.url, tenant.auth)
        assert rest.wait_for_import("main", ended["output"]["import"])["counts"]["added"] == len(PRODUCTS)
        assert (ended["tenant"], ended["output"]["records"], ended["note"]) == (tenant.name, 60, "60 records")
        unknown = desk.intend("sources.pull", f"?tenant={tenant.name}", {"source": "nope"})["run"]
        error = desk.until(unknown["id"], "failed")["error"]
        assert error == f"not_found: tenant {tenant.name} has no source \"nope\"; there is \"shop\""
        wrong = desk.intend("sources.pull", f"?tenant={tenant.name}", {"sauce": "shop"})["run"]
        assert "unknown field `sauce`" in desk.until(wrong["id"], "failed")["error"]
        assert desk.get(f"/v1/runs/{wrong['id']}")["attempts"] == 1, "no attempt would help"


def test_a_source_is_pulled_by_the_clock(server, desk):
    with Shop(PRODUCTS, key=KEY) as shop:
        tenant = server.create_tenant(profile=profile(shop.url, 'schedule = "every 1s"\n'))
        runs = eventually(lambda: (found := desk.runs(f"tenant={tenant.name}&state=succeeded")) and len(found) >= 2 and found)
        assert {run["by"] for run in runs} == {f"schedule sources.pull/{tenant.name}/shop"}
        task = next(task for task in desk.get("/v1/tasks")["tasks"] if task["name"] == "sources.pull")
        assert task["schedules"] == 1 and "next_at" in task
        # A tenant that is gone leaves neither runs nor schedules behind, and nobody asks for it any more.
        ended = server.command("tenant", "delete", tenant.name, "--yes", "--json")
        assert ended.returncode == 0, ended.stderr
        places = {place["place"]: place["rows"] for place in json.loads(ended.stdout)["removed"]}
        assert places["runs of tasks"] >= 3
        assert desk.runs(f"tenant={tenant.name}") == []
        count = shop.count("login")
        time.sleep(2.5)
        assert shop.count("login") <= count + 1


def test_a_schedule_that_says_no_time_is_refused_with_its_profile(server):
    for words, why in [("every now", "no pause"), ("0 5 * * * Mars/Olympus", "no zone"), ("0 0 31 2 *", "never comes")]:
        file = server.data_dir / "profile.toml"
        file.write_text(profile("http://localhost:9/", f'schedule = "{words}"\n'))
        for command in (("tenant", "create", "clocky", "--profile", str(file)), ("profile", "check", str(file))):
            ended = server.command(*command)
            assert ended.returncode == 2 and "sources.shop.schedule" in ended.stderr and why in ended.stderr, ended.stderr


def test_a_killed_server_s_pull_is_done_by_the_next_once(server, desk):
    with Shop(PRODUCTS, key=KEY) as shop:
        shop.trouble = lambda operation, product: hang(60) if product == 30 else None
        tenant = server.create_tenant(profile=profile(shop.url))
        run = desk.intend("sources.pull", f"?tenant={tenant.name}", {"source": "shop"})["run"]["id"]
        desk.until(run, "running")
        eventually(lambda: shop.count("catalogProductInfo") >= 30)
        server.kill()
        shop.trouble = lambda operation, product: None
        killed_at = time.monotonic()
        server.start()
        ended = desk.until(run, "succeeded")
        assert time.monotonic() - killed_at < 10
        assert ended["attempts"] == 2
        rest = Rest(server.url, tenant.auth)
        rest.wait_for_import("main", ended["output"]["import"])
        assert len(rest.get("/v1/catalogs/main/imports").json()["imports"]) == 1


def test_a_running_pull_is_cancelled(server, desk):
    with Shop(PRODUCTS, key=KEY) as shop:
        shop.trouble = lambda operation, product: hang(1) if product >= 2 else None
        tenant = server.create_tenant(profile=profile(shop.url))
        run = desk.intend("sources.pull", f"?tenant={tenant.name}", {"source": "shop"})["run"]["id"]
        eventually(lambda: shop.count("catalogProductInfo") >= 1)
        told = desk.call("POST", f"/v1/runs/{run}/cancel").json()
        assert told["is_cancelled"] is True or told["state"] != "running"
        assert desk.until(run, "cancelled")
        assert Rest(server.url, tenant.auth).get("/v1/catalogs/main").status_code == 404


def test_a_daemon_rests_and_goes_on(server, desk):
    tenant = server.create_tenant()
    rest = Rest(server.url, tenant.auth)
    daemons = {daemon["name"]: daemon for daemon in desk.get("/v1/daemons")["daemons"]}
    assert sorted(daemons) == ["imports", "sources", "tasks", "upkeep"]
    for daemon in daemons.values():
        (process,) = daemon["processes"]
        assert (process["state"], process["restarts"]) == ("running", 0) and daemon["doc"]

    def state(name: str) -> str:
        return next(it for it in desk.get("/v1/daemons")["daemons"] if it["name"] == name)["processes"][0]["state"]

    desk.pause("daemons", "imports", FAR)
    eventually(lambda: state("imports") == "stopped")
    document = json.dumps([{"sku": "A1", "texts": [{"lang": "en", "title": "Cable"}]}]).encode()
    accepted = rest.call("POST", "/v1/catalogs/main/imports", data=document, headers={"Content-Type": "application/json"})
    time.sleep(1)
    assert rest.get(f"/v1/catalogs/main/imports/{accepted.json()['id']}").json()["status"] == "queued"
    # It rests after another start, too.
    server.stop()
    server.start()
    time.sleep(1)
    assert rest.get(f"/v1/catalogs/main/imports/{accepted.json()['id']}").json()["status"] == "queued"
    desk.pause("daemons", "imports", None)
    assert rest.wait_for_import("main", accepted.json()["id"])["status"] == "succeeded"
    desk.pause("daemons", "tasks", FAR)
    eventually(lambda: state("tasks") == "stopped")
    assert desk.intend("tasks.history")["outcome"] == "queued"
    desk.pause("daemons", "tasks", None)
    eventually(lambda: desk.runs("state=queued") == [])


def test_marks_are_set_by_servers_and_by_operators(server, desk):
    marks = desk.get("/v1/deployments")["deployments"]
    assert [mark["by"] for mark in marks] == ["server"] and marks[0]["version"].startswith("plugpoint ")
    set_ = desk.call("POST", "/v1/deployments", json={"version": "acme 7", "note": "canary"})
    assert set_.status_code == 201
    server.stop()
    server.start()
    assert [mark["version"] for mark in desk.get("/v1/deployments")["deployments"]] == ["acme 7", marks[0]["version"]]


def test_who_may_not_is_refused_and_what_is_wrong_is_told(server, desk):
    viewer, tenant = Desk(server, "nagios", "viewer"), server.create_tenant()
    changes = [
        ("PATCH", "/v1/tasks/tasks.history", {"disabled_until": FAR}),
        ("POST", "/v1/tasks/tasks.history/runs", None),
        ("POST", "/v1/runs/1/restart", None),
        ("POST", "/v1/runs/1/cancel", None),
        ("PATCH", "/v1/daemons/imports", {"disabled_until": FAR}),
        ("POST", "/v1/deployments", {"version": "1"}),
    ]
    looks = [("GET", path, None) for path in ("/v1/tasks", "/v1/runs", "/v1/runs/1", "/v1/daemons", "/v1/deployments")]
    for method, path, body in changes + looks:
        url = f"{server.url}{path}"
        assert requests.request(method, url, json=body, timeout=30).status_code == 401
        refused = requests.request(method, url, json=body, auth=tenant.auth, timeout=30)
        assert (refused.status_code, refused.json()["code"]) == (403, "forbidden"), path
        seen = viewer.call(method, path, json=body)
        assert seen.status_code == (200 if method == "GET" else 403), (path, seen.text)
    for method, path, options, status, code in [
        ("GET", "/v1/runs/0", {}, 404, "not_found"),
        ("GET", "/v1/runs/x", {}, 404, "not_found"),
        ("GET", "/v1/runs?state=odd", {}, 400, "request_invalid"),
        ("GET", "/v1/runs?limit=1001", {}, 400, "request_invalid"),
        ("GET", "/v1/runs?tenant=A!", {}, 400, "request_invalid"),
        ("POST", "/v1/runs/999999/restart", {}, 404, "not_found"),
        ("POST", "/v1/tasks/nope/runs", {}, 404, "not_found"),
        ("POST", "/v1/tasks/tasks.history/runs", {"json": [1]}, 400, "request_invalid"),
        ("POST", "/v1/tasks/tasks.history/runs", {"data": "{}"}, 415, "media_type_unsupported"),
        ("POST", "/v1/tasks/tasks.history/runs", {"json": {"x": "y" * 65_536}}, 413, "body_too_large"),
        ("POST", "/v1/tasks/sources.pull/runs", {"json": {"source": "shop"}}, 400, "request_invalid"),
        ("POST", f"/v1/tasks/tasks.history/runs?tenant={tenant.name}", {}, 400, "request_invalid"),
        ("POST", "/v1/tasks/sources.pull/runs?tenant=nobody", {"json": {"source": "shop"}}, 404, "not_found"),
        ("PATCH", "/v1/tasks/nope", {"json": {"disabled_until": FAR}}, 404, "not_found"),
        ("PATCH", "/v1/tasks/tasks.history", {"json": {"disabled_until": "2001-01-01"}}, 400, "request_invalid"),
        ("PATCH", "/v1/tasks/tasks.history", {"json": {"until": FAR}}, 400, "request_invalid"),
        ("PATCH", "/v1/daemons/nope", {"json": {}}, 404, "not_found"),
        ("POST", "/v1/deployments", {"json": {"version": ""}}, 400, "request_invalid"),
        ("POST", "/v1/deployments", {"json": {"version": "x" * 101}}, 400, "request_invalid"),
    ]:
        refused = desk.call(method, path, **options)
        assert (refused.status_code, refused.json()["code"]) == (status, code), (path, refused.text)
    largest = {"x": "y" * (65_536 - len('{"x":""}'))}
    taken = desk.call("POST", "/v1/tasks/tasks.history/runs", data=json.dumps(largest, separators=(",", ":")), headers={"Content-Type": "application/json"})
    assert taken.status_code == 202, taken.text


def test_two_servers_fire_each_time_once_and_one_does_what_the_other_left(server, desk):
    other = Server(server.data_dir, env={SECRET_ENV: KEY, "PLUGPOINT_TASKS_LEASE_MS": "1000"})
    other.start()
    try:
        with Shop([1], key=KEY) as shop:
            tenant = server.create_tenant(profile=profile(shop.url, 'schedule = "every 1s"\n'))
            began = time.monotonic()
            time.sleep(8)
            fired = len(desk.runs(f"tenant={tenant.name}"))
            # One at once, and one a second: two for each would be twice as many.
            assert 4 <= fired <= time.monotonic() - began + 2, fired
            assert len(desk.get("/v1/daemons")["daemons"][0]["processes"]) == 2
            shop.trouble = lambda operation, product: hang(60) if operation == "catalogProductInfo" else None
            stuck = eventually(lambda: (found := desk.runs(f"tenant={tenant.name}&state=running")) and found[0])
            holder = next(it for it in desk.get("/v1/daemons")["daemons"][0]["processes"] if it["worker"] == stuck["worker"])
            victim, survivor = (server, other) if f"pid {server.pid} " in holder["address"] else (other, server)
            victim.kill()
            shop.trouble = lambda operation, product: None
            desk.server = survivor
            killed_at = time.monotonic()
            ended = desk.until(stuck["id"], "succeeded")
            assert time.monotonic() - killed_at < 10
            assert (ended["attempts"], ended["worker"] if "worker" in ended else None) == (2, None)
            eventually(lambda: len(desk.get("/v1/daemons")["daemons"][0]["processes"]) == 1)
    finally:
        other.kill()


def test_daemons_and_marks_are_seen_and_steered_by_command(server, desk):
    eventually(lambda: {it["name"] for it in desk.get("/v1/daemons")["daemons"] if it["processes"]} >= {"imports", "sources", "tasks", "upkeep"})
    told = json.loads(done(server, "daemon", "list", "--json"))
    assert {row["name"] for row in told["daemons"]} >= {"imports", "sources", "tasks", "upkeep"} and told["disabled"] == []
    assert "sources: disabled until" in done(server, "daemon", "disable", "sources", "--minutes", "5")
    rests = lambda: next(it for it in desk.get("/v1/daemons")["daemons"] if it["name"] == "sources")
    assert rests()["disabled_until"]
    assert "disabled until" in done(server, "daemon", "list")
    done(server, "daemon", "enable", "sources")
    assert not rests().get("disabled_until")
    for kind, wrong, right in (("daemon", "sorces", "sources"), ("task", "task.history", "tasks.history")):
        for verb in ("disable", "enable"):
            refused = server.command(kind, verb, wrong)
            assert refused.returncode == 2 and f'"{wrong}"' in refused.stderr and right in refused.stderr, refused.stderr
    assert "acme 7" in done(server, "deployment", "mark", "acme 7", "--note", "canary")
    mark = desk.get("/v1/deployments")["deployments"][0]
    assert (mark["version"], mark["note"]) == ("acme 7", "canary")
    assert json.loads(done(server, "deployment", "list", "--json"))["deployments"][0]["version"] == "acme 7"
    for version, note in (("", ""), ("v" * 101, ""), ("1", "n" * 1001)):
        assert server.command("deployment", "mark", version, "--note", note).returncode == 2
    acts = [act["action"] for act in json.loads(done(server, "audit", "list", "--json"))["acts"]]
    assert {"daemon disable", "daemon enable", "deployment mark"} <= set(acts)


def done(server, *arguments: str) -> str:
    ended = server.command(*arguments)
    assert ended.returncode == 0, ended.stderr
    return ended.stdout
