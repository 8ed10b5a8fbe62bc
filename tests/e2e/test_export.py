"""Export over HTTP and by the command: read back it changes nothing, it says what it loses, and a client cannot hold it for ever."""

from __future__ import annotations

import csv
import gzip
import io
import json
import os
import pathlib
import re
import socket
import subprocess
import time

import pytest
from plugpoint_kit.rest import Rest
from plugpoint_kit.server import Server, Tenant, binary, create_tenant

FORMATS = {
    "ndjson": ("application/x-ndjson; charset=utf-8", "ndjson"),
    "csv": ("text/csv; charset=utf-8; header=present", "csv"),
    "canonical-xml": ("application/xml; charset=utf-8", "xml"),
    "bmecat2005": ("application/xml; charset=utf-8", "xml"),
    "onix3": ("application/xml; charset=utf-8", "xml"),
}
CSV_LOSSES = ["/attributes/feature_id", "/attributes/system", "/attributes/values", "/contributors", "/prices", "/texts"]
FOREIGN = {name: f'[catalog]\ntransformer = "{reader}"\n' for name, reader in (("bmecat2005", "bmecat"), ("onix3", "onix"))}
TRAILER = "plugpoint-export-report"


def simple(number: int) -> dict:
    """What every format can carry."""
    return {
        "sku": f"A-{number:06}",
        "kind": "product",
        "status": "active",
        "brand": "Hafen & Söhne <KG>",
        "texts": [{"lang": "en", "title": f'Cable "{number}"', "description": "first line\nsecond; line, with commas"}],
        "identifiers": [{"scheme": "gtin", "value": "4006381333931"}, {"scheme": "mpn", "value": f"M{number}"}],
        "prices": [{"kind": "list", "amount": f"{number % 100}.50", "currency": "EUR", "tax_rate": "0.19"}],
        "categories": [{"system": "supplier", "code": str(number % 7), "path": ["Shop", f"Group {number % 7}"]}],
        "attributes": [{"name": "Colour", "values": ["red", "blue"]}, {"name": "Length", "values": ["1.5"], "unit": "m"}],
        "media": [{"kind": "image", "url": f"https://a.example/{number}.jpg"}],
    }


def rich(number: int) -> dict:
    """Something for every format to lose."""
    item = simple(number)
    item["kind"] = "publication"
    item["status"] = "announced"
    item["texts"].append({"lang": "de", "title": f" Kabel {number}"})
    item["prices"].append({"kind": "net", "amount": "9.00", "currency": "USD", "territories": ["DE"]})
    item["contributors"] = [{"role": "editor", "name": "Jane"}]
    item["attributes"].append({"name": "empty", "values": ["", " x "], "system": "etim", "feature_id": "EF000008"})
    return item


def book(number: int) -> dict:
    """What ONIX can carry."""
    item = simple(number)
    item["kind"] = "publication"
    item["identifiers"] = [{"scheme": "isbn", "value": "9783161484100"}]
    item["prices"] = [{"kind": "retail", "amount": "9.50", "currency": "EUR", "tax_rate": "0.07", "tax_included": True}]
    item["categories"] = [{"system": "thema", "code": "FBA", "path": ["Fiction"]}]
    item["attributes"] = [{"name": "product_form", "values": ["BB"], "system": "onix"}]
    item["contributors"] = [{"role": "author", "name": "Jane"}]
    return item


def ndjson(items) -> bytes:
    return "".join(json.dumps(item) + "\n" for item in items).encode()


def fill(server: Server, tenant: Tenant, catalog: str, items) -> None:
    """Puts items into a catalog whatever the tenant's own format is: one by one through REST, or as a document."""
    rest = Rest(server.url, tenant.auth)
    answer = rest.post_import(catalog, ndjson(items), "application/x-ndjson", mode="replace")
    assert answer.status_code == 200 and answer.json()["status"] == "succeeded", answer.text


def counts(view: dict) -> tuple[int, ...]:
    return tuple(view["counts"][name] for name in ("rejected", "added", "changed", "removed"))


@pytest.mark.parametrize("name", FORMATS)
def test_what_is_exported_and_imported_again_changes_nothing(server: Server, name: str):
    tenant = server.create_tenant(profile=FOREIGN.get(name))
    rest = Rest(server.url, tenant.auth)
    if name in FOREIGN:
        for number in range(40):
            item = simple(number) if name == "bmecat2005" else book(number)
            item["availability"] = {"status": "available", "lead_time_days": 3}
            assert rest.call("PUT", f"/v1/catalogs/spring/items/{item['sku']}", json=item).status_code == 201
    else:
        make = simple if name == "csv" else rich
        fill(server, tenant, "spring", [make(number) for number in range(300)])
    before = rest.items("spring")
    answer = rest.get(f"/v1/catalogs/spring/export?format={name}")
    assert answer.status_code == 200, answer.text
    media_type, extension = FORMATS[name]
    assert answer.headers["Content-Type"] == media_type
    assert answer.headers["Content-Disposition"] == f'attachment; filename="spring.{extension}"'
    report = rest.get(f"/v1/catalogs/spring/export/report?format={name}").json()
    assert (report["written"], report["left_out"], report["losses"]) == (len(before), 0, []), report
    again = rest.post_import("spring", answer.content, media_type.split(";")[0], mode="replace").json()
    assert again["status"] == "succeeded" and counts(again) == (0, 0, 0, 0), again
    assert again["counts"]["unchanged"] == len(before)
    assert rest.items("spring") == before


@pytest.mark.parametrize(("name", "losses"), [
    ("ndjson", []),
    ("canonical-xml", []),
    ("csv", CSV_LOSSES),
    ("bmecat2005", ["/attributes/values", "/contributors", "/kind", "/status", "/texts/title"]),
])
def test_what_a_format_cannot_carry_is_told(server: Server, rest: Rest, tenant: Tenant, name: str, losses: list[str]):
    items = [simple(1), rich(2), rich(3)]
    fill(server, tenant, "spring", items)
    report = rest.get(f"/v1/catalogs/spring/export/report?format={name}").json()
    assert [loss["path"] for loss in report["losses"]] == losses
    assert all(loss["items"] == 2 and loss["first_sku"] == "A-000002" for loss in report["losses"])
    document = rest.get(f"/v1/catalogs/spring/export?format={name}").text
    comment = re.search(rf"<!-- {TRAILER} (.*) -->\n\Z", document)
    assert (comment is not None) == (FORMATS[name][1] == "xml")
    if comment:
        told = json.loads(comment.group(1))
        assert told["losses"] == report["losses"] and told["written"] == 3


def raw_request(server: Server, tenant: Tenant, path: str, *headers: str) -> socket.socket:
    import base64

    credentials = base64.b64encode(":".join(tenant.auth).encode()).decode()
    lines = [f"GET {path} HTTP/1.1", "Host: x", f"Authorization: Basic {credentials}", "Connection: close", *headers]
    connection = socket.create_connection(("127.0.0.1", server.port), timeout=60)
    connection.sendall(("\r\n".join(lines) + "\r\n\r\n").encode())
    return connection


def whole(connection: socket.socket) -> bytes:
    parts = []
    while part := connection.recv(65536):
        parts.append(part)
    return b"".join(parts)


def dechunked(body: bytes) -> tuple[bytes, str]:
    """The content of a chunked body, and its trailers."""
    content = b""
    while True:
        size, _, body = body.partition(b"\r\n")
        length = int(size, 16)
        if length == 0:
            return content, body.decode()
        content, body = content + body[:length], body[length + 2:]


@pytest.mark.parametrize("compressed", [False, True])
def test_the_report_is_a_trailer_for_who_takes_trailers(server: Server, tenant: Tenant, compressed: bool):
    fill(server, tenant, "spring", [simple(1), rich(2), {"sku": "ü", "texts": [{"lang": "en", "title": " "}]}])
    headers = ["TE: trailers"] + (["Accept-Encoding: gzip"] if compressed else [])
    head, _, body = whole(raw_request(server, tenant, "/v1/catalogs/spring/export?format=csv", *headers)).partition(b"\r\n\r\n")
    assert f"trailer: {TRAILER}" in head.decode().lower()
    content, trailers = dechunked(body)
    name, _, value = trailers.strip().partition(": ")
    assert name == TRAILER
    told = json.loads(value)
    assert (told["format"], told["written"], told["left_out"]) == ("csv", 2, 1)
    assert told["losses"]["/prices"] == 1
    content = gzip.decompress(content) if compressed else content
    assert ("content-encoding: gzip" in head.decode().lower()) == compressed
    rows = list(csv.reader(io.StringIO(content.decode(), newline="")))
    assert [row[0] for row in rows] == ["sku", "A-000001", "A-000002"]
    # Who did not ask gets none, and a whole answer.
    _, _, body = whole(raw_request(server, tenant, "/v1/catalogs/spring/export?format=csv")).partition(b"\r\n\r\n")
    assert dechunked(body)[1].strip() == ""


def test_requests_that_make_no_sense_are_refused(server: Server, rest: Rest, tenant: Tenant):
    fill(server, tenant, "spring", [simple(1)])
    rival = Rest(server.url, server.create_tenant().auth)
    cases = [
        (rest, "/v1/catalogs/spring/export", 400, "request_invalid"),
        (rest, "/v1/catalogs/spring/export?format=", 400, "request_invalid"),
        (rest, "/v1/catalogs/spring/export?format=cvs", 400, "request_invalid"),
        (rest, "/v1/catalogs/spring/export?format=csv&lang=de", 400, "request_invalid"),
        (rest, "/v1/catalogs/autumn/export?format=csv", 404, "not_found"),
        (rest, "/v1/catalogs/..%2F/export?format=csv", 404, "not_found"),
        (rival, "/v1/catalogs/spring/export?format=csv", 404, "not_found"),
        (Rest(server.url, None), "/v1/catalogs/spring/export?format=csv", 401, "unauthenticated"),
    ]
    for client, path, status, code in cases:
        for address in (path, path.replace("/export", "/export/report")):
            answer = client.get(address)
            assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text
    answer = rest.get("/v1/catalogs/spring/export?format=cvs").json()
    assert '"bmecat2005", "canonical-xml", "csv", "ndjson", "onix3"' in answer["detail"] and answer["errors"][0]["pointer"] == "?format"
    head = rest.call("HEAD", "/v1/catalogs/spring/export?format=csv")
    assert head.status_code == 200 and head.content == b""


def test_an_empty_catalog_is_a_whole_document(server: Server, rest: Rest, tenant: Tenant):
    fill(server, tenant, "spring", [simple(1)])
    assert rest.call("DELETE", "/v1/catalogs/spring/items/A-000001").status_code == 204
    for name in FORMATS:
        answer = rest.get(f"/v1/catalogs/spring/export?format={name}")
        assert answer.status_code == 200, answer.text
        assert "A-000001" not in answer.text


def imported_back(server: Server, name: str, document: bytes, mode: str | None) -> tuple[int, dict]:
    """What an import of an empty document into a catalog of one item answers."""
    profile = FOREIGN.get(name, "")
    rest = Rest(server.url, server.create_tenant(profile=profile).auth)
    item = {"sku": "A", "texts": [{"lang": "en", "title": "a"}]}
    assert rest.call("PUT", "/v1/catalogs/main/items/A", json=item).status_code in (200, 201)
    answer = rest.post_import("main", document, FORMATS[name][0], mode=mode)
    return answer.status_code, answer.json() | {"items": len(rest.items("main"))}


@pytest.mark.parametrize("name", FORMATS)
def test_an_empty_export_is_taken_back_and_empties_nothing_that_was_not_asked_for(server: Server, rest: Rest, tenant: Tenant, name: str):
    rest.post_import("bare", b"[]", "application/json", mode="merge")
    document = rest.get(f"/v1/catalogs/bare/export?format={name}").content
    status, told = imported_back(server, name, document, "merge")
    assert (status, told["status"], told["counts"]["read"], told["items"]) == (200, "succeeded", 0, 1), told
    status, told = imported_back(server, name, document, "replace")
    assert status == 200, told
    # What says nothing at all might as well have been cut off; ONIX has no message that replaces a catalog.
    expected = {"ndjson": ("failed", 1), "onix3": ("succeeded", 1)}.get(name, ("succeeded", 0))
    assert (told["status"], told["items"]) == expected, told
    if name == "ndjson":
        assert told["error"]["code"] == "document_malformed" and "send []" in told["error"]["detail"], told


LARGE = 30_000


@pytest.fixture(scope="module")
def large() -> Server:
    """A server with short patience, and a tenant whose catalog fills every buffer on the way to a client."""
    server = Server(env={"PLUGPOINT__LIMITS__EXPORT_IDLE_TIMEOUT_S": "2"}).start()
    server.tenant = server.create_tenant()
    fill(server, server.tenant, "spring", (simple(number) for number in range(LARGE)))
    yield server
    server.remove()


def test_an_export_shows_one_moment_whatever_is_imported_meanwhile(large: Server):
    rest = Rest(large.url, large.tenant.auth)
    with rest.get("/v1/catalogs/spring/export?format=ndjson", stream=True) as answer:
        lines = answer.iter_lines()
        first = json.loads(next(lines))
        changed = rest.post_import("spring", ndjson([simple(LARGE + 1)]), "application/x-ndjson", mode="merge").json()
        assert changed["counts"]["added"] == 1
        gone = rest.call("DELETE", f"/v1/catalogs/spring/items/A-{LARGE - 1:06}")
        assert gone.status_code == 204
        skus = [first["sku"], *(json.loads(line)["sku"] for line in lines)]
    assert skus == [f"A-{number:06}" for number in range(LARGE)]
    fill(large, large.tenant, "spring", (simple(number) for number in range(LARGE)))


def test_a_client_that_takes_nothing_is_broken_off(large: Server):
    connection = raw_request(large, large.tenant, "/v1/catalogs/spring/export?format=ndjson")
    assert connection.recv(10).startswith(b"HTTP/1.1")
    eventually(lambda: "the client took nothing for too long" in large.log())
    rest = whole_or_reset(connection)
    assert not rest.endswith(b"0\r\n\r\n") and len(rest) < LARGE * 300, "a part is never called whole"
    # Its place and its hold on the state are free again.
    assert Rest(large.url, large.tenant.auth).get("/v1/catalogs/spring/export/report?format=ndjson").json()["written"] == LARGE


def whole_or_reset(connection: socket.socket) -> bytes:
    parts = []
    try:
        while part := connection.recv(65536):
            parts.append(part)
    except ConnectionError:
        pass
    return b"".join(parts)


def test_a_client_that_leaves_ends_its_export(large: Server):
    for _ in range(20):
        connection = raw_request(large, large.tenant, "/v1/catalogs/spring/export?format=csv")
        connection.close()
    eventually(lambda: Rest(large.url, large.tenant.auth).get("/v1/catalogs/spring/export/report?format=csv").status_code == 200)
    # No hook was left behind by any of them: imports go on.
    fill(large, large.tenant, "other", [simple(1)])


def test_a_tenant_has_a_bounded_number_of_exports(large: Server):
    open_ones = [raw_request(large, large.tenant, "/v1/catalogs/spring/export?format=ndjson") for _ in range(2)]
    assert all(connection.recv(10) for connection in open_ones)
    answer = Rest(large.url, large.tenant.auth).get("/v1/catalogs/spring/export?format=ndjson")
    assert (answer.status_code, answer.json()["code"]) == (429, "too_many_requests")
    assert int(answer.headers["Retry-After"]) > 0
    for connection in open_ones:
        connection.close()
    eventually(lambda: Rest(large.url, large.tenant.auth).get("/v1/catalogs/spring/export/report?format=ndjson").status_code == 200)


def resident_kib(pid: int) -> int:
    status = pathlib.Path(f"/proc/{pid}/status").read_text()
    return int(re.search(r"VmRSS:\s+(\d+)", status).group(1))


@pytest.mark.parametrize("name", FORMATS)
def test_memory_does_not_grow_with_the_catalog(large: Server, name: str):
    rest = Rest(large.url, large.tenant.auth)
    small = 0
    with rest.get(f"/v1/catalogs/spring/export?format={name}", stream=True) as answer:
        bytes_read, most = 0, 0
        for chunk in answer.iter_content(1 << 16):
            bytes_read += len(chunk)
            resident = resident_kib(large.pid)
            small = small or resident
            most = max(most, resident)
    assert bytes_read > 5_000_000
    assert most - small < 24 * 1024, f"grew by {most - small} KiB over {bytes_read} bytes"


def export(data_dir: pathlib.Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([binary(), "export", *arguments, "--data-dir", str(data_dir)], capture_output=True, text=True, timeout=120)


def test_the_command_writes_beside_a_running_server(server: Server, tenant: Tenant, tmp_path: pathlib.Path):
    fill(server, tenant, "spring", [simple(1), rich(2)])
    done = export(server.data_dir, "--tenant", tenant.name, "--catalog", "spring", "--format", "ndjson")
    assert done.returncode == 0, done.stderr
    assert [json.loads(line)["sku"] for line in done.stdout.splitlines()] == ["A-000001", "A-000002"]
    assert done.stderr == "exported  2 items of catalog spring as ndjson\n"
    path = tmp_path / "spring.csv"
    path.write_text("old")
    done = export(server.data_dir, "--tenant", tenant.name, "--catalog", "spring", "--format", "csv", "--output", str(path), "--json")
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert [loss["path"] for loss in report["losses"]] == CSV_LOSSES
    assert path.read_text().startswith("sku,title,")
    assert [entry.name for entry in tmp_path.iterdir()] == ["spring.csv"]
    mask = os.umask(0)
    os.umask(mask)
    assert path.stat().st_mode & 0o777 == 0o666 & ~mask


def test_the_command_says_why_it_cannot(tmp_path: pathlib.Path):
    data_dir = tmp_path / "data"
    tenant = create_tenant(data_dir, None, None, None)
    known = ("--tenant", tenant.name, "--catalog", "spring", "--format", "csv")
    cases = [
        (known, 1, "there is no such catalog"),
        (("--tenant", "nobody", *known[2:]), 1, "there is no tenant nobody"),
        (("--tenant", "A B", *known[2:]), 2, "--tenant"),
        (known[:4], 2, "--format"),
    ]
    for arguments, code, sentence in cases:
        done = export(data_dir, *arguments, "--output", str(tmp_path / "out"))
        assert (done.returncode, sentence in done.stderr, done.stdout) == (code, True, ""), done.stderr
        assert not (tmp_path / "out").exists()


def test_the_command_knows_the_formats(server: Server, tenant: Tenant):
    fill(server, tenant, "spring", [simple(1)])
    done = export(server.data_dir, "--tenant", tenant.name, "--catalog", "spring", "--format", "xlsx")
    assert (done.returncode, done.stdout) == (1, "")
    assert 'there is no export format "xlsx"; there is "bmecat2005", "canonical-xml", "csv", "ndjson", "onix3"' in done.stderr


def test_a_killed_command_leaves_no_file_under_the_name(large: Server, tmp_path: pathlib.Path):
    path = tmp_path / "spring.xml"
    command = [binary(), "export", "--tenant", large.tenant.name, "--catalog", "spring", "--format", "bmecat2005", "--output", str(path)]
    process = subprocess.Popen([*command, "--data-dir", str(large.data_dir)], stderr=subprocess.DEVNULL)
    eventually(lambda: any(file.stat().st_size > 0 for file in tmp_path.iterdir()))
    process.terminate()
    assert process.wait(timeout=60) == 130
    assert list(tmp_path.iterdir()) == [], "what was written until then goes"


def eventually(condition, timeout_s: float = 30) -> bool:
    deadline = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < deadline, "it never happened"
        time.sleep(0.05)
    return True
