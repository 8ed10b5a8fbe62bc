"""Backups that are taken while a server imports, checked without one, and put back as a whole or not at all."""

from __future__ import annotations

import dataclasses
import json
import pathlib
import shutil
import subprocess
import time
from collections.abc import Callable

import pytest
from plugpoint_kit.rest import Rest
from plugpoint_kit.server import Server, binary, run_command
from plugpoint_kit.soap import Soap, digest_token, envelope

NOTICED_S = 30


@pytest.fixture
def own_server():
    server = Server().start()
    yield server
    server.remove()


@pytest.fixture
def other_server():
    server = Server().start()
    yield server
    server.remove()


def document(items: int, title: str) -> bytes:
    return "\n".join(json.dumps({"sku": f"S{n:06}", "texts": [{"lang": "en", "title": title}]}) for n in range(items)).encode()


def post(rest: Rest, items: int, title: str, wait: int | None = 60, catalog: str = "spring") -> dict:
    answer = rest.post_import(catalog, document(items, title), "application/x-ndjson", mode="replace", wait=wait)
    assert answer.status_code in (200, 202), answer.text
    return answer.json()


def titles(rest: Rest, catalog: str = "spring") -> dict[str, int]:
    found: dict[str, int] = {}
    for item in rest.items(catalog, limit=1000):
        title = item["texts"][0]["title"]
        found[title] = found.get(title, 0) + 1
    return found


def until(what, expected) -> None:
    deadline = time.monotonic() + NOTICED_S
    while (seen := what()) != expected:
        assert time.monotonic() < deadline, f"{seen!r} is not {expected!r}"
        time.sleep(0.05)


def done(server: Server, *arguments: str) -> dict:
    ended = server.command(*arguments, "--json")
    assert ended.returncode == 0, ended.stderr
    return json.loads(ended.stdout)


def verify(folder: pathlib.Path) -> subprocess.CompletedProcess[str]:
    return run_command("backup", "verify", str(folder), "--json")


def test_a_backup_of_a_server_that_imports_has_all_that_was_acknowledged(own_server, other_server, tmp_path):
    tenants = [own_server.create_tenant(name) for name in ("acme", "beta")]
    rests = [Rest(own_server.url, tenant.auth) for tenant in tenants]
    for rest in rests:
        post(rest, 500, "first")
        post(rest, 20, "other", catalog="autumn")
    acknowledged = [post(rests[0], 20_000, f"round {number}", wait=None)["id"] for number in range(4)]
    backup = tmp_path / "backup"
    told = done(own_server, "backup", "--to", str(backup))
    assert [entry["tenant"] for entry in told["tenants"]] == ["acme", "beta"]
    acme = told["tenants"][0]
    assert acme["documents_waiting"] + acme["documents_kept"] == 6 and acme["credentials"] == 1
    assert told["tenants"][1]["catalogs"][1]["items"] == 500
    checked = verify(backup)
    assert checked.returncode == 0 and json.loads(checked.stdout)["tenants"] == told["tenants"], checked.stderr
    assert oct(backup.stat().st_mode & 0o777) == "0o700"
    assert all(oct(path.stat().st_mode & 0o077) == "0o0" for path in backup.rglob("*"))
    # Elsewhere, while that server runs: the same credentials, and what waited is imported.
    restored = done(other_server, "restore", "--from", str(backup))["tenants"]
    assert [(one["tenant"], one["replaced"], one["key_id"]) for one in restored] == [("acme", False, None), ("beta", False, None)]
    assert restored[0]["documents_waiting"] == acme["documents_waiting"]
    there = [Rest(other_server.url, tenant.auth) for tenant in tenants]
    assert titles(there[1]) == {"first": 500} and titles(there[1], "autumn") == {"other": 20}
    until(lambda: there[0].get(f"/v1/catalogs/spring/imports/{acknowledged[-1]}").status_code, 200)
    assert [there[0].wait_for_import("spring", one)["status"] for one in acknowledged] == ["succeeded"] * 4
    assert titles(there[0]) == {"round 3": 20_000} == titles(rests[0])
    # The first server went on meanwhile.
    assert [rests[0].wait_for_import("spring", one)["status"] for one in acknowledged] == ["succeeded"] * 4
    acts = [act["action"] for act in done(other_server, "audit", "list")["acts"]]
    assert acts == ["restore"] * 4, "begun and completed, each"


def test_a_tenant_is_replaced_as_a_whole_while_the_server_runs(own_server, tmp_path):
    server, backup = own_server, tmp_path / "backup"
    tenant, other = server.create_tenant("acme"), server.create_tenant("other")
    rest, others = Rest(server.url, tenant.auth), Rest(server.url, other.auth)
    post(rest, 100, "old")
    post(others, 100, "theirs")
    done(server, "backup", "--to", str(backup), "--tenant", "acme")
    post(rest, 50, "new")
    running = post(rest, 30_000, "newest", wait=None)["id"]
    rotated = done(server, "tenant", "rotate-key", "acme")
    until(lambda: rest.get("/v1/tenants/self").status_code, 401)
    refused = server.command("restore", "--from", str(backup))
    assert refused.returncode == 1 and "--replace" in refused.stderr, refused.stderr
    restored = done(server, "restore", "--from", str(backup), "--replace")["tenants"]
    assert [(one["tenant"], one["replaced"]) for one in restored] == [("acme", True)]
    until(lambda: rest.get("/v1/tenants/self").status_code, 200)
    assert titles(rest) == {"old": 100}
    assert rest.get("/v1/catalogs/spring/items/S000099").json()["texts"][0]["title"] == "old"
    assert rest.get(f"/v1/catalogs/spring/imports/{running}").status_code == 404
    assert Rest(server.url, (rotated["key_id"], rotated["secret"])).get("/v1/tenants/self").status_code == 401
    assert post(rest, 10, "after")["status"] == "succeeded" and titles(rest) == {"after": 10}
    assert titles(others) == {"theirs": 100}
    assert not list((server.data_dir / "restore").glob("*"))


def test_a_tenant_is_restored_beside_itself_under_another_name(own_server, tmp_path):
    server, backup = own_server, tmp_path / "backup"
    tenant = server.create_tenant("acme")
    rest = Rest(server.url, tenant.auth)
    post(rest, 100, "old")
    waiting = [post(rest, 20_000, f"round {number}", wait=None)["id"] for number in range(3)]
    done(server, "tenant", "suspend", "acme")  # what waits stays waiting
    count = done(server, "backup", "--to", str(backup))["tenants"][0]["documents_waiting"]
    assert count >= 1
    copy = done(server, "restore", "--from", str(backup), "--tenant", "acme", "--as", "acme-copy")["tenants"][0]
    assert copy["documents_waiting"] == count and copy["key_id"] != tenant.key_id
    copied = Rest(server.url, (copy["key_id"], copy["secret"]))
    # A backup of a suspended tenant is one.
    assert copied.get("/v1/tenants/self").json()["code"] == "tenant_suspended"
    for name in ("acme", "acme-copy"):
        done(server, "tenant", "resume", name)
    until(lambda: [one.get("/v1/tenants/self").status_code for one in (rest, copied)], [200, 200])
    assert [rest.wait_for_import("spring", one)["status"] for one in waiting] == ["succeeded"] * 3
    until(lambda: titles(copied), {"round 2": 20_000})
    assert copied.get("/v1/tenants/self").json()["tenant"] == "acme-copy"
    assert post(copied, 5, "mine")["status"] == "succeeded"
    assert titles(rest) == {"round 2": 20_000}, "the two have nothing in common"


def test_sealed_secrets_need_their_key(own_server, other_server, tmp_path):
    tenant = own_server.create_tenant("acme")
    digests = own_server.add_key(tenant, digest=True)
    backup = tmp_path / "backup"
    done(own_server, "backup", "--to", str(backup))
    assert not list(backup.rglob("secrets.key"))
    for path in backup.rglob("*"):
        assert path.is_dir() or digests.secret.encode() not in path.read_bytes()

    def by_digest(server: Server) -> int:
        soap = Soap(server.url, None)
        body = f'<c:ListItems xmlns:c="{soap.ns}"><c:catalogId>spring</c:catalogId></c:ListItems>'
        answer = soap.post(envelope(body, header=digest_token(*digests.auth)))
        return answer.code

    ended = other_server.command("restore", "--from", str(backup))
    assert ended.returncode == 0 and digests.key_id in ended.stderr and "--digest" in ended.stderr, ended.stderr
    assert by_digest(other_server) == "unauthenticated"
    for credential in (tenant, digests):
        assert Rest(other_server.url, credential.auth).get("/v1/tenants/self").status_code == 200
    (other_server.data_dir / "secrets.key").unlink(missing_ok=True)
    key = other_server.data_dir / "secrets.key"
    key.write_bytes((own_server.data_dir / "secrets.key").read_bytes())
    key.chmod(0o600)
    assert done(other_server, "restore", "--from", str(backup), "--replace")["tenants"][0]["unsealable"] == []
    other_server.stop()
    other_server.start()
    assert by_digest(other_server) == "not_found", "let in; there is no catalog"


@dataclasses.dataclass(frozen=True)
class Damage:
    """What happened to a backup, and what is said of it."""

    name: str
    does: Callable[[pathlib.Path], object]
    words: str


def changed(path: str, at: int = -1) -> Callable[[pathlib.Path], object]:
    def damage(folder: pathlib.Path) -> None:
        content = bytearray((folder / path).read_bytes())
        content[at] ^= 1
        (folder / path).write_bytes(content)

    return damage


def cut(path: str, to: int = -1) -> Callable[[pathlib.Path], object]:
    return lambda folder: (folder / path).write_bytes((folder / path).read_bytes()[:to])


def said(key: str, value: object) -> Callable[[pathlib.Path], object]:
    def damage(folder: pathlib.Path) -> None:
        manifest = json.loads((folder / "manifest.json").read_text())
        manifest[key] = value
        (folder / "manifest.json").write_text(json.dumps(manifest))

    return damage


def a_document(folder: pathlib.Path) -> pathlib.Path:
    return next(folder.glob("acme/spool/*/document"))


def linked(folder: pathlib.Path) -> None:
    there = a_document(folder)
    moved = folder.parent / "elsewhere"
    there.rename(moved)
    there.symlink_to(moved)


DAMAGES = [
    Damage("a byte of a database", changed("acme/catalog.db"), "damaged"),
    Damage("the head of a database", changed("acme/catalog.db", 0), "damaged"),
    Damage("a database that is cut", cut("acme/catalog.db"), "bytes instead of"),
    Damage("an empty database", cut("acme/catalog.db", 0), "bytes instead of"),
    Damage("a database that is gone", lambda folder: (folder / "acme/catalog.db").unlink(), "acme/catalog.db"),
    Damage("the tenant's row", changed("acme/tenant.json", 20), "damaged"),
    Damage("the tenant's row that is gone", lambda folder: (folder / "acme/tenant.json").unlink(), "acme/tenant.json"),
    Damage("a byte of a document", lambda folder: a_document(folder).write_bytes(b"x" * a_document(folder).stat().st_size), "damaged"),
    Damage("a document that is cut", lambda folder: a_document(folder).write_bytes(b""), "0 bytes instead of"),
    Damage("a document that is a link", linked, "is no file"),
    Damage("a file more", lambda folder: (folder / "acme/spool/more").write_text("x"), "is no file of this backup"),
    Damage("a file more at the top", lambda folder: (folder / "more").write_text("x"), "is no file of this backup"),
    Damage("a manifest that is cut", cut("manifest.json", 100), "cannot be read"),
    Damage("a manifest that was changed", said("release", "9"), "was changed"),
    Damage("a manifest that is gone", lambda folder: (folder / "manifest.json").unlink(), "is no backup"),
    Damage("a manifest without its hash", lambda folder: (folder / "manifest.b3").unlink(), "not complete"),
    Damage("another manifest's hash", changed("manifest.b3", 0), "was changed"),
    Damage("a newer form", said("version", 2), "newer release"),
    Damage("a newer structure", said("tenant_schema", 1000), "newer release"),
    Damage("somebody else's", said("format", "tarball"), "no backup of Plugpoint"),
    Damage("no manifest but a list", lambda folder: (folder / "manifest.json").write_text("[]"), "cannot be read"),
]


@pytest.fixture(scope="module")
def sound(tmp_path_factory):
    """A data folder with two tenants, and a backup of it."""
    server = Server().start()
    for name in ("acme", "beta"):
        post(Rest(server.url, server.create_tenant(name).auth), 50, "kept")
    folder = tmp_path_factory.mktemp("backups") / "sound"
    done(server, "backup", "--to", str(folder))
    yield server, folder
    server.remove()


@pytest.mark.parametrize("damage", DAMAGES, ids=lambda damage: damage.name)
def test_what_is_wrong_with_a_backup_is_found_and_nothing_is_changed(sound, tmp_path, damage):
    server, folder = sound
    copy = tmp_path / "copy"
    shutil.copytree(folder, copy)
    damage.does(copy)
    checked = verify(copy)
    assert checked.returncode == 1 and "backup_invalid" in checked.stderr and damage.words in checked.stderr, checked.stderr
    before = done(server, "tenant", "list")
    for arguments in (["--replace"], ["--tenant", "acme", "--as", "never"]):
        refused = server.command("restore", "--from", str(copy), *arguments)
        # What is wrong with the backup as a whole does not concern one tenant of it.
        if "--as" in arguments and "a file more" in damage.name:
            continue
        assert refused.returncode == 1 and damage.words in refused.stderr, refused.stderr
    listed = [row for row in done(server, "tenant", "list")["tenants"] if row["tenant"] != "never"]
    assert listed == before["tenants"]
    if "a file more" in damage.name:
        done(server, "tenant", "delete", "never", "--yes") if len(done(server, "tenant", "list")["tenants"]) > 2 else None


@pytest.mark.parametrize(
    "arguments, code, words",
    [
        (["backup"], 2, "--to"),
        (["backup", "--to", "HERE/new", "--tenant", "nobody"], 1, "there is no tenant nobody"),
        (["backup", "--to", "HERE/new", "--tenant", "No Name"], 2, "is not a tenant id"),
        (["backup", "--to", "HERE"], 1, "is there already"),
        (["backup", "--to", "/proc/new"], 1, "the backup's folder"),
        (["restore", "--from", "HERE"], 1, "is no backup"),
        (["restore", "--from", "SOUND", "--tenant", "nobody"], 1, "it has acme, beta"),
        (["restore", "--from", "SOUND", "--as", "x"], 2, "--tenant"),
        (["restore", "--from", "SOUND", "--tenant", "acme"], 1, "--replace"),
        (["restore", "--from", "SOUND", "--tenant", "acme", "--as", "beta"], 1, "--replace"),
        (["restore", "--from", "SOUND", "--tenant", "acme", "--as", "No Name"], 2, "is not a tenant id"),
    ],
)
def test_what_cannot_be_done_is_said(sound, tmp_path, arguments, code, words):
    server, folder = sound
    arguments = [argument.replace("HERE", str(tmp_path)).replace("SOUND", str(folder)) for argument in arguments]
    ended = server.command(*arguments)
    assert ended.returncode == code and words in ended.stderr, ended.stderr
    assert [path.name for path in tmp_path.iterdir()] == []


def test_a_restore_that_is_killed_leaves_the_old_or_the_new(own_server, tmp_path):
    server, backup = own_server, tmp_path / "backup"
    tenant = server.create_tenant("acme")
    rest = Rest(server.url, tenant.auth)
    post(rest, 3000, "backed up")
    done(server, "backup", "--to", str(backup))
    post(rest, 2000, "today")
    for number, after_s in enumerate([0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5, 0.7, 1.0]):
        process = subprocess.Popen(
            [binary(), "restore", "--from", str(backup), "--replace", "--data-dir", str(server.data_dir)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        time.sleep(after_s)
        process.kill()
        process.wait()
        if number % 2:
            server.kill()
            server.start()
        elif done(server, "tenant", "list")["tenants"][0]["state"] == "restoring":
            # The same command again completes it.
            done(server, "restore", "--from", str(backup), "--replace")
        until(lambda: rest.get("/v1/tenants/self").status_code, 200)
        assert titles(rest) in ({"backed up": 3000}, {"today": 2000}), f"after {after_s} s"
        assert post(rest, 2000, "today")["status"] == "succeeded"


def test_a_backup_that_is_killed_has_no_name_of_one(own_server, tmp_path):
    server, backup = own_server, tmp_path / "backup"
    post(Rest(server.url, server.create_tenant("acme").auth), 3000, "x")
    for after_s in (0.02, 0.05, 0.1, 0.2):
        process = subprocess.Popen([binary(), "backup", "--to", str(backup), "--data-dir", str(server.data_dir)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(after_s)
        process.kill()
        process.wait()
        if backup.exists():
            assert verify(backup).returncode == 0, "it had ended before"
            return
    done(server, "backup", "--to", str(backup))
    assert verify(backup).returncode == 0
    assert [path.name for path in tmp_path.iterdir()] == ["backup"], "what the killed ones left is gone"
