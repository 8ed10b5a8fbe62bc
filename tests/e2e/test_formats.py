"""Documents of every format: what `plugpoint detect` says of them, and what a tenant gets whose profile says `auto`."""

from __future__ import annotations

import json
import pathlib

import pytest
from plugpoint_kit.rest import Rest
from plugpoint_kit.server import Server, run_command

ROOT = pathlib.Path(__file__).resolve().parents[2]
PROFILE = '[catalog]\ntransformer = "auto"\ncurrency = "EUR"\nrejected_share_max = 1.0\n'
ONE_OF_EACH = {
    "canonical": '<items><item><sku>A1</sku><texts><lang>en</lang><title>One</title></texts></item></items>',
    "bmecat": '<BMECAT version="1.2"><T_NEW_CATALOG><ARTICLE><SUPPLIER_AID>A1</SUPPLIER_AID><ARTICLE_DETAILS>'
    "<DESCRIPTION_SHORT>One</DESCRIPTION_SHORT></ARTICLE_DETAILS></ARTICLE></T_NEW_CATALOG></BMECAT>",
    "onix": '<ONIXMessage release="3.0"><Product><RecordReference>A1</RecordReference><NotificationType>03</NotificationType><DescriptiveDetail>'
    "<TitleDetail><TitleType>01</TitleType><TitleElement><TitleElementLevel>01</TitleElementLevel><TitleText>One</TitleText></TitleElement>"
    "</TitleDetail></DescriptiveDetail></Product></ONIXMessage>",
    "service": "<R><ProductList><Product><SKU>A1</SKU><Name>One</Name></Product></ProductList></R>",
}


def detect(*arguments: str) -> list[dict]:
    done = run_command("detect", "--json", *arguments)
    return [json.loads(line) for line in done.stdout.splitlines()]


# An encoding that only the content type tells, and an envelope around nothing.
UNTOLD = {"encoding_of_the_content_type", "empty_list"}


def cases() -> list[pathlib.Path]:
    files = ROOT.glob("plugins/*/tests/cases/*/in.*")
    return sorted(file for file in files if not file.parent.name.startswith("bad_") and file.parent.name not in UNTOLD)


def test_every_format_is_read_by_a_tenant_that_says_auto(server: Server, subtests):
    rest = Rest(server.url, server.create_tenant(profile=PROFILE).auth)
    for format, document in ONE_OF_EACH.items():
        with subtests.test(format):
            answer = rest.post_import(f"auto-{format}", document.encode(), "application/octet-stream").json()
            assert (answer["status"], answer["counts"]["accepted"]) == ("succeeded", 1), answer
            assert rest.get(f"/v1/catalogs/auto-{format}/items/A1").json()["texts"][0]["title"] == "One"


def test_what_nobody_recognises_changes_nothing_and_says_what_was_seen(server: Server):
    rest = Rest(server.url, server.create_tenant(profile=PROFILE).auth)
    answer = rest.post_import("main", b"<weather><degrees>12</degrees></weather>", "application/xml").json()
    assert answer["status"] == "failed" and answer["error"]["code"] == "format_unknown", answer
    assert "<weather>" in answer["error"]["detail"]


def test_each_case_is_recognised_by_its_own_format(subtests):
    files = cases()
    found = detect("--head", *map(str, files))
    assert len(found) == len(files) > 100
    for file, told in zip(files, found):
        with subtests.test(str(file.relative_to(ROOT))):
            plugin = file.parts[-5]
            own = {"services": "service", "tables": "table"}.get(plugin, plugin)
            assert told["format"] == own, told


def test_detect_tells_what_an_import_would_make_of_a_document(tmp_path):
    good, bad = tmp_path / "good.xml", tmp_path / "bad.xml"
    good.write_text(ONE_OF_EACH["bmecat"].replace("ARTICLE_DETAILS><D", "ARTICLE_DETAILS><STRANGE a='1'/><D"))
    bad.write_text("<weather/>")
    told = detect(str(good))[0]
    assert (told["format"], told["version"], told["certain"]) == ("bmecat", "BMEcat 1.2 T_NEW_CATALOG", True)
    assert told["encoding"] == {"name": "UTF-8", "why": "nothing says otherwise; all bytes are ASCII"}
    assert (told["reading"]["records"], told["reading"]["accepted"], told["reading"]["mode"]) == (1, 1, "replace")
    assert run_command("detect", str(good)).returncode == 0
    done = run_command("detect", str(good), str(bad), str(tmp_path / "none.xml"))
    assert done.returncode == 1 and "2 of 3 documents" in done.stderr
    assert "format    unknown" in done.stdout


def test_an_undeclared_latin_1_document_is_read_whole_and_that_is_told(server: Server):
    rest = Rest(server.url, server.create_tenant(profile=PROFILE).auth)
    document = ONE_OF_EACH["bmecat"].replace("One", "Größe").encode("latin-1")
    answer = rest.post_import("latin", document, "application/xml").json()
    assert answer["counts"]["accepted"] == 1, answer
    assert rest.get("/v1/catalogs/latin/items/A1").json()["texts"][0]["title"] == "Größe"
    assert [finding["code"] for finding in rest.findings("latin", answer["id"])] == ["encoding_guessed"]


def listed(shared_data: pathlib.Path) -> list[tuple[str, int]]:
    manifest = json.loads((shared_data / "MANIFEST.json").read_text())
    return [(entry["file"], entry["n"]) for entry in manifest if isinstance(entry["n"], int) and entry["n"] > 0]


@pytest.fixture(scope="module")
def auto(server: Server) -> Rest:
    return Rest(server.url, server.create_tenant(profile=PROFILE).auth)


def test_every_real_document_has_all_its_records(auto: Rest, shared_data, subtests):
    for number, (file, count) in enumerate(listed(shared_data)):
        with subtests.test(file):
            document = (shared_data / file).read_bytes()
            answer = auto.post_import(f"real-{number}", document, "application/octet-stream").json()
            assert answer["counts"]["read"] == count, answer
