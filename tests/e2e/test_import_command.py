"""`plugpoint import`: files, standard input, drop folders, beside a server and without one, and what a kill leaves."""

from __future__ import annotations

import json
import os
import pathlib
import signal
import subprocess
import time

import pytest
from plugpoint_kit.rest import Rest
from plugpoint_kit.server import Server, Tenant, binary, create_tenant


def item(sku: str, title: str = "x") -> dict:
    return {"sku": sku, "texts": [{"lang": "en", "title": title}]}


def ndjson(*items: dict) -> bytes:
    return "".join(json.dumps(one) + "\n" for one in items).encode()


def many(count: int) -> bytes:
    return ndjson(*(item(f"M-{number:06}", "x" * 200) for number in range(count)))


def command(data_dir: pathlib.Path, tenant: Tenant, *arguments: str) -> list[str]:
    return [binary(), "import", "--tenant", tenant.name, "--catalog", "spring", "--data-dir", str(data_dir), *arguments]


def run(data_dir: pathlib.Path, tenant: Tenant, *arguments: str, stdin: bytes = b"") -> subprocess.CompletedProcess[str]:
    done = subprocess.run(command(data_dir, tenant, *arguments), input=stdin, capture_output=True, timeout=120)
    return subprocess.CompletedProcess(done.args, done.returncode, done.stdout.decode(), done.stderr.decode())


def objects(text: str) -> list[dict]:
    return [json.loads(line) for line in text.splitlines()]


def eventually(condition, timeout_s: float = 60):
    deadline = time.monotonic() + timeout_s
    while not (value := condition()):
        assert time.monotonic() < deadline, "it never happened"
        time.sleep(0.05)
    return value


@pytest.fixture
def alone(tmp_path: pathlib.Path) -> tuple[pathlib.Path, Tenant]:
    """A data folder that no server uses, and a tenant."""
    data_dir = tmp_path / "data"
    return data_dir, create_tenant(data_dir, None, None, None)


def skus(data_dir: pathlib.Path, tenant: Tenant) -> list[str]:
    exported = subprocess.run([binary(), "export", "--tenant", tenant.name, "--catalog", "spring", "--format", "ndjson",
                               "--data-dir", str(data_dir)], capture_output=True, text=True, timeout=60)
    return [one["sku"] for one in objects(exported.stdout)]


def test_files_are_imported_in_order_by_their_names(alone, tmp_path: pathlib.Path):
    data_dir, tenant = alone
    (tmp_path / "1.ndjson").write_bytes(ndjson(item("A"), item("B")))
    (tmp_path / "2.CSV").write_text("sku,title\nC,c\n")
    (tmp_path / "3.tsv").write_text("sku\ttitle\nD\td, with a comma\n")
    (tmp_path / "4.xml").write_text("<catalog><item><sku>A</sku><texts><lang>en</lang><title>new</title></texts></item></catalog>")
    files = [str(tmp_path / name) for name in ("1.ndjson", "2.CSV", "3.tsv", "4.xml")]
    done = run(data_dir, tenant, *files, "--json")
    assert done.returncode == 0, done.stderr
    told = objects(done.stdout)
    assert [one["file"] for one in told] == files
    assert [(one["status"], one["counts"]["added"], one["counts"]["changed"]) for one in told] == [
        ("succeeded", 2, 0), ("succeeded", 1, 0), ("succeeded", 1, 0), ("succeeded", 0, 1)]
    assert skus(data_dir, tenant) == ["A", "B", "C", "D"]
    done = run(data_dir, tenant, files[0], "--mode", "replace")
    assert done.returncode == 0 and "0 added, 1 changed, 1 unchanged, 2 removed" in done.stdout, done.stdout
    assert done.stderr == "", "no bar where nobody looks"


def test_standard_input_and_keys(alone):
    data_dir, tenant = alone
    document = ndjson(item("A"))
    first = objects(run(data_dir, tenant, "-", "--json", "--idempotency-key", "k1", stdin=document).stdout)[0]
    again = objects(run(data_dir, tenant, "-", "--json", "--idempotency-key", "k1", stdin=document).stdout)[0]
    assert first["import"] == again["import"] and again["counts"]["added"] == 1
    other = run(data_dir, tenant, "-", "--json", "--idempotency-key", "k1", stdin=ndjson(item("B")))
    assert (other.returncode, objects(other.stdout)[0]["error"]["code"]) == (1, "idempotency_mismatch")
    latin = "sku;title\nÜ;Größe\n".encode("windows-1252")
    done = run(data_dir, tenant, "-", "--media-type", "text/csv; charset=windows-1252", stdin=latin)
    assert done.returncode == 0, done.stdout
    assert skus(data_dir, tenant) == ["A", "Ü"]


def test_what_cannot_be_imported_is_told_and_the_rest_goes_on(alone, tmp_path: pathlib.Path):
    data_dir, tenant = alone
    (tmp_path / "good.ndjson").write_bytes(ndjson(item("A")))
    (tmp_path / "half.ndjson").write_bytes(ndjson(item("B"), {"sku": "C"}))
    (tmp_path / "bad.xml").write_text("<catalog><item>")
    (tmp_path / "a.ndjson.gz").write_bytes(b"\x1f\x8b")
    (tmp_path / "empty.xml").write_bytes(b"")
    (tmp_path / "nothing.ndjson").write_bytes(b"")
    os.mkfifo(tmp_path / "pipe.xml")
    names = ["bad.xml", "missing.xml", "a.ndjson.gz", "empty.xml", "pipe.xml", ".", "half.ndjson", "good.ndjson", "nothing.ndjson"]
    done = run(data_dir, tenant, *(str(tmp_path / name) for name in names), "--json")
    assert done.returncode == 1 and "6 of 9 documents failed" in done.stderr, done.stderr
    told = objects(done.stdout)
    codes = [one["error"]["code"] if one["error"] else None for one in told]
    assert codes == ["document_malformed", "body_incomplete", "media_type_unsupported", "document_malformed", "body_incomplete",
                     "body_incomplete", None, None, None]
    assert (told[6]["counts"]["accepted"], told[6]["counts"]["rejected"]) == (1, 1)
    assert told[6]["findings"][0]["sku"] == "C" and told[6]["findings_count"] >= 1
    assert skus(data_dir, tenant) == ["A", "B"]


def test_a_document_of_which_nothing_was_taken_is_a_failure(tmp_path: pathlib.Path):
    tenant = create_tenant(tmp_path / "data", None, None, "[catalog]\nrejected_share_max = 1.0\n")
    (tmp_path / "all.ndjson").write_bytes(ndjson({"sku": "A"}, {"sku": "B"}))
    assert run(tmp_path / "data", tenant, str(tmp_path / "all.ndjson")).returncode == 1


def test_a_document_that_is_too_large_is_not_kept(tmp_path: pathlib.Path):
    tenant = create_tenant(tmp_path / "data", None, None, "[limits]\ndocument_bytes_max = 1024\n")
    path = tmp_path / "large.ndjson"
    for bytes_count, code in ((1024, 0), (1025, 1)):
        start = ndjson(item("A"))
        path.write_bytes(start + b"\n" * (bytes_count - len(start)))
        assert run(tmp_path / "data", tenant, str(path)).returncode == code
        assert run(tmp_path / "data", tenant, "-", stdin=path.read_bytes()).returncode == code
    watched = tmp_path / "drop"
    watched.mkdir()
    path.rename(watched / "large.ndjson")
    with watching(tmp_path / "data", tenant, watched):
        report = eventually_report(watched, "failed", "large.ndjson")
    assert report["error"]["code"] == "body_too_large"


def test_arguments_that_make_no_sense(alone, tmp_path: pathlib.Path):
    data_dir, tenant = alone
    (tmp_path / "file").write_text("x")
    cases = [
        [],
        ["x.xml", "--watch", str(tmp_path)],
        ["--watch", str(tmp_path / "missing")],
        ["--watch", str(tmp_path / "file")],
        ["x.xml", "--mode", "overwrite"],
        ["x.xml", "--media-type", "csv"],
        ["x.xml", "y.xml", "--idempotency-key", "k"],
        ["x.xml", "--idempotency-key", "with blank"],
    ]
    for arguments in cases:
        assert run(data_dir, tenant, *arguments).returncode == 2, arguments
    unknown = Tenant("nobody", None, "", "")
    done = run(data_dir, unknown, str(tmp_path / "file"))
    assert (done.returncode, "there is no tenant nobody" in done.stderr) == (1, True)


class watching:
    """A watcher while the block runs; it has to end well by SIGINT."""

    def __init__(self, data_dir: pathlib.Path, tenant: Tenant, folder: pathlib.Path, *arguments: str):
        self.command = command(data_dir, tenant, "--watch", str(folder), "--json", *arguments)

    def __enter__(self) -> subprocess.Popen[bytes]:
        self.process = subprocess.Popen(self.command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        return self.process

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
        self.out, self.err = (text.decode() for text in self.process.communicate(timeout=60))
        assert self.process.returncode in (0, -signal.SIGKILL), self.err


def eventually_report(folder: pathlib.Path, ending: str, name: str) -> dict:
    path = folder / ending / f"{name}.report.json"
    eventually(lambda: (folder / ending / name).is_symlink() or (folder / ending / name).exists())
    return json.loads(path.read_text())


def drop(folder: pathlib.Path, name: str, document: bytes) -> None:
    """As senders should: written under another name, then renamed into place."""
    part = folder / f"{name}.part"
    part.write_bytes(document)
    old = time.time() - 60
    os.utime(part, (old, old))
    part.rename(folder / name)


def test_a_drop_folder_beside_a_running_server(server: Server, tenant: Tenant, tmp_path: pathlib.Path):
    rest = Rest(server.url, tenant.auth)
    drop(tmp_path, "first.ndjson", ndjson(item("A"), item("B")))
    watch = watching(server.data_dir, tenant, tmp_path, "--mode", "replace", "--settle-s", "1")
    with watch:
        report = eventually_report(tmp_path, "done", "first.ndjson")
        assert (report["status"], report["counts"]["added"], report["error"]) == ("succeeded", 2, None)
        eventually(lambda: rest.get("/v1/catalogs/spring").status_code == 200)
        assert rest.get(f"/v1/catalogs/spring/imports/{report['import']}").json()["status"] == "succeeded"
        drop(tmp_path, "bad.ndjson", b'{"sku": "A"}\n')
        report = eventually_report(tmp_path, "failed", "bad.ndjson")
        assert report["error"]["code"] == "too_many_rejected" and report["findings"][0]["sku"] == "A"
        # The same name and the same bytes again, after something else: what was dropped last holds.
        drop(tmp_path, "second.ndjson", ndjson(item("C")))
        eventually_report(tmp_path, "done", "second.ndjson")
        drop(tmp_path, "first.ndjson", ndjson(item("A"), item("B")))
        report = eventually_report(tmp_path, "done", "first-2.ndjson")
        assert (report["counts"]["added"], report["counts"]["removed"]) == (2, 1)
    assert [one["file"] for one in objects(watch.out)] == ["first.ndjson", "bad.ndjson", "second.ndjson", "first.ndjson"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["done", "failed", "working"]
    assert list((tmp_path / "working").iterdir()) == []


def test_only_complete_files_are_taken(alone, tmp_path: pathlib.Path):
    data_dir, tenant = alone
    folder = tmp_path / "drop"
    folder.mkdir()
    for name in ("a.ndjson.part", ".b.ndjson", "c.tmp", "d.filepart"):
        drop(folder, name, ndjson(item(name)))
    secret = tmp_path / "secret.ndjson"
    secret.write_bytes(ndjson(item("secret")))
    (folder / "link.ndjson").symlink_to(secret)
    (folder / "folder.ndjson").mkdir()
    os.mkfifo(folder / "pipe.ndjson")
    watch = watching(data_dir, tenant, folder, "--settle-s", "1")
    with watch:
        growing = folder / "growing.ndjson"
        for number in range(12):
            with growing.open("ab") as file:
                file.write(ndjson(item(f"G-{number:02}")))
            time.sleep(0.2)
            assert growing.exists(), "taken while it was written"
        report = eventually_report(folder, "done", "growing.ndjson")
        assert report["counts"]["added"] == 12
    left = {path.name for path in folder.iterdir()} - {"working", "done", "failed"}
    assert left == {"a.ndjson.part", ".b.ndjson", "c.tmp", "d.filepart", "link.ndjson", "folder.ndjson", "pipe.ndjson"}
    assert watch.err.count("no regular file; it is not taken") == 2, watch.err
    assert skus(data_dir, tenant) == [f"G-{number:02}" for number in range(12)]


def test_files_are_taken_by_age_then_name(alone, tmp_path: pathlib.Path):
    data_dir, tenant = alone
    folder = tmp_path / "drop"
    folder.mkdir()
    now = time.time()
    for name, age in (("b.ndjson", 100), ("a.ndjson", 100), ("z.ndjson", 200)):
        (folder / name).write_bytes(ndjson(item("X", name)))
        os.utime(folder / name, (now - age,) * 2)
    watch = watching(data_dir, tenant, folder)
    with watch:
        eventually_report(folder, "done", "b.ndjson")
    assert [one["file"] for one in objects(watch.out)] == ["z.ndjson", "a.ndjson", "b.ndjson"]


def test_two_watchers_import_every_file_once(alone, tmp_path: pathlib.Path):
    data_dir, tenant = alone
    folder = tmp_path / "drop"
    folder.mkdir()
    one, other = watching(data_dir, tenant, folder), watching(data_dir, tenant, folder)
    with one, other:
        for number in range(20):
            drop(folder, f"{number:02}.ndjson", ndjson(item(f"A-{number:02}")))
        eventually(lambda: len(list((folder / "done").glob("*.ndjson"))) == 20)
    told = [*objects(one.out), *objects(other.out)]
    assert sorted(entry["file"] for entry in told) == [f"{number:02}.ndjson" for number in range(20)]
    assert all(entry["counts"]["added"] == 1 for entry in told)
    assert len({entry["import"] for entry in told}) == 20
    assert len(skus(data_dir, tenant)) == 20


@pytest.mark.parametrize("delay_s", [0.0, 0.15, 0.3, 0.6, 1.0])
def test_a_killed_watcher_is_taken_up_where_it_was(alone, tmp_path: pathlib.Path, delay_s: float):
    data_dir, tenant = alone
    folder = tmp_path / "drop"
    folder.mkdir()
    drop(folder, "large.ndjson", many(20_000))
    killed = watching(data_dir, tenant, folder)
    with killed as process:
        eventually(lambda: any((folder / "working").glob("*")) or any((folder / "done").glob("*.ndjson"))
                   if (folder / "working").exists() else False)
        time.sleep(delay_s)
        process.kill()
        process.wait()
    # What comes later has to be imported later.
    drop(folder, "later.ndjson", ndjson(item("M-000000", "later")))
    with watching(data_dir, tenant, folder):
        report = eventually_report(folder, "done", "large.ndjson")
        later = eventually_report(folder, "done", "later.ndjson")
    assert report["counts"]["accepted"] == 20_000 and report["counts"]["added"] == 20_000
    assert later["counts"]["changed"] == 1
    assert sorted(path.name for path in (folder / "done").iterdir()) == [
        "large.ndjson", "large.ndjson.report.json", "later.ndjson", "later.ndjson.report.json"]
    # Two documents, two imports, whatever the first watcher had done: a server finds nothing left to do.
    server = Server(data_dir).start()
    try:
        rest = Rest(server.url, tenant.auth)
        imports = rest.get("/v1/catalogs/spring/imports").json()["imports"]
        assert [entry["id"] for entry in imports] == [later["import"], report["import"]]
        assert rest.get("/v1/catalogs/spring/items/M-000000").json()["texts"][0]["title"] == "later"
    finally:
        server.remove()


def test_an_interrupted_watcher_ends_well_and_leaves_its_file_to_the_next(alone, tmp_path: pathlib.Path):
    data_dir, tenant = alone
    folder = tmp_path / "drop"
    folder.mkdir()
    drop(folder, "large.ndjson", many(60_000))
    watch = watching(data_dir, tenant, folder)
    with watch as process:
        # At once: a machine may be fast enough to end the import in any pause.
        eventually(lambda: (folder / "working").exists() and any((folder / "working").iterdir()))
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=30)
    assert len(list((folder / "working").iterdir())) == 1
    with watching(data_dir, tenant, folder):
        assert eventually_report(folder, "done", "large.ndjson")["counts"]["added"] == 60_000
