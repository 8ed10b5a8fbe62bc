"""A candidate is compared on real documents before it serves; plans can be compared and pinned."""

from __future__ import annotations

import json
import time

from plugpoint_kit.rest import Rest
from plugpoint_kit.server import Server

ITEMS = b'[{"sku":"A","texts":[{"lang":"en","title":"One"}]},{"sku":"B","texts":[{"lang":"en","title":"Two"}]}]'


def shadow(server: Server, *arguments: str):
    return server.command("shadow", *arguments)


def test_the_same_plan_brings_the_same_items(server: Server):
    tenant = server.create_tenant(customer="voltwerk")
    kept = Rest(server.url, tenant.auth).post_import("main", b"<BMECAT/>", content_type="application/xml").json()
    done = shadow(server, "--tenant", tenant.name, "--candidate", "voltwerk", "--import", kept["id"], "--json")
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert report["share"] == 0.0 and report["today"]["plan"] == report["candidate"]["plan"]
    assert report["replays"][0]["today"]["counts"] == report["replays"][0]["candidate"]["counts"]


def test_a_candidate_that_fails_where_today_succeeds_is_not_promoted(server: Server):
    tenant = server.create_tenant()
    rest = Rest(server.url, tenant.auth)
    assert rest.post_import("main", ITEMS).json()["counts"]["accepted"] == 2
    done = shadow(server, "--tenant", tenant.name, "--candidate", "lindenverlag")
    assert done.returncode == 1 and "succeeds by (generic) and fails by lindenverlag" in done.stderr
    refused = server.command("promote", "--tenant", tenant.name, "--candidate", "lindenverlag")
    assert refused.returncode == 1 and "lindenverlag" in refused.stderr
    assert rest.get("/v1/extensions").json()["customer"] is None
    assert rest.get("/v1/catalogs/main").json()["item_count"] == 2, "nothing of the tenant has changed"
    forced = server.command("promote", "--tenant", tenant.name, "--candidate", "lindenverlag", "--force")
    assert forced.returncode == 0, forced.stderr
    assert eventually(lambda: rest.get("/v1/extensions").json()["customer"] == "lindenverlag")


def test_a_live_trial_leaves_evidence_and_changes_nothing(server: Server):
    tenant = server.create_tenant()
    rest = Rest(server.url, tenant.auth)
    started = shadow(server, "--tenant", tenant.name, "--candidate", "lindenverlag", "--live")
    assert started.returncode == 0, started.stderr
    assert rest.post_import("main", ITEMS).json()["counts"]["added"] == 2

    def reports() -> list:
        return json.loads(shadow(server, "--tenant", tenant.name, "--report", "--json").stdout)

    assert eventually(lambda: len(reports()) == 1)
    replay = reports()[0]["replays"][0]
    assert (replay["today"]["status"], replay["candidate"]["status"]) == ("succeeded", "failed")
    assert rest.get("/v1/catalogs/main").json()["item_count"] == 2
    assert server.command("promote", "--tenant", tenant.name).returncode == 1
    assert shadow(server, "--tenant", tenant.name, "--end").returncode == 0
    assert shadow(server, "--tenant", tenant.name, "--report").returncode == 1


def test_what_cannot_be_tried_is_said(server: Server):
    tenant = server.create_tenant()
    cases = [
        (("--candidate", "voltwerk"), "no document of tenant"),
        (("--candidate", "voltwork"), 'did you mean "voltwerk"'),
        (("--candidate", "./nothing.so"), "nothing.so"),
        (("--candidate", "voltwerk", "--import", "01890a5d-ac96-774b-bcce-b302099a8057"), "is not kept"),
    ]
    for arguments, expected in cases:
        done = shadow(server, "--tenant", tenant.name, *arguments)
        assert done.returncode == 1 and expected in done.stderr, (arguments, done.stderr)
    unknown = shadow(server, "--tenant", "nobody", "--candidate", "voltwerk")
    assert unknown.returncode == 1 and "there is no tenant nobody" in unknown.stderr
    assert shadow(server, "--tenant", tenant.name, "--candidate", "voltwerk", "--tolerate", "2").returncode == 2


def test_plans_are_compared(server: Server, tmp_path):
    files = []
    for customer in ("voltwerk", "lindenverlag"):
        file = tmp_path / f"{customer}.json"
        file.write_text(server.command("extensions", "--customer", customer, "--json").stdout)
        files.append(str(file))
    same = server.command("extensions", "diff", files[0], files[0])
    assert same.returncode == 0 and "the same" in same.stdout
    differ = server.command("extensions", "diff", *files, "--json")
    assert differ.returncode == 1
    hooks = {(change["hook"], change["what"]) for change in json.loads(differ.stdout)}
    assert ("lindenverlag.transformer", "hook") in hooks
    wrong = tmp_path / "wrong.json"
    wrong.write_text("{}")
    assert server.command("extensions", "diff", str(wrong), files[0]).returncode == 2


def test_a_pinned_plan_that_changed_keeps_the_tenant_from_being_served(server: Server, tmp_path):
    plan = json.loads(server.command("extensions", "--customer", "voltwerk", "--json").stdout)["hash"]
    answers = {}
    for name, pinned in (("right", plan), ("wrong", "0123456789abcdef")):
        profile = tmp_path / f"{name}.toml"
        profile.write_text(f'[extensions]\nplan = "{pinned}"\n')
        tenant = server.create_tenant(customer="voltwerk", profile=profile.read_text())
        answers[name] = Rest(server.url, tenant.auth).get("/v1/tenants/self")
    assert answers["right"].status_code == 200
    assert answers["wrong"].status_code == 503 and answers["wrong"].json()["code"] == "plan_changed"
    assert plan in answers["wrong"].json()["detail"]


def eventually(condition, seconds: float = 30.0) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.2)
    return False
