"""Real BMEcat catalogs through SOAP and REST; the counts must be those of the samples' own manifest."""

from __future__ import annotations

import json

import pytest
from plugpoint_kit.rest import Rest
from plugpoint_kit.server import Server
from plugpoint_kit.soap import Soap

PROFILE = '[catalog]\ntransformer = "bmecat"\n'


def samples(shared_data) -> list[tuple[str, int, bytes]]:
    manifest = json.loads((shared_data / "MANIFEST.json").read_text())
    chosen = [entry for entry in manifest if entry["fmt"] == "bmecat"]
    return [(entry["file"], entry["n"], (shared_data / entry["file"]).read_bytes()) for entry in chosen]


@pytest.mark.parametrize("way", ["rest", "soap element", "soap glued", "soap text"])
def test_every_sample_has_the_manifests_count(server: Server, shared_data, subtests_like, way):
    tenant = server.create_tenant(profile=PROFILE)
    rest, soap = Rest(server.url, tenant.auth), Soap(server.url, tenant.auth)
    for number, (file, count, document) in enumerate(samples(shared_data)):
        catalog = f"sample-{number}"
        with subtests_like(file):
            if way == "rest":
                view = rest.post_import(catalog, document, "application/xml").json()
                read, import_id = view["counts"]["read"], view["id"]
                assert view["status"] == "succeeded", view
            else:
                send = {"soap element": soap.import_document, "soap glued": soap.import_glued, "soap text": soap.import_text}[way]
                answer = send(catalog, document.decode("utf-8"))
                assert answer.value("status") == "succeeded", answer.text
                read, import_id = int(answer.value("read")), answer.value("importId")
            assert read == count
            for finding in rest.findings(catalog, import_id):
                assert finding["code"] and finding["message"] and finding.get("line"), finding


@pytest.fixture
def subtests_like():
    """Runs every part of a table and reports all that failed, not only the first."""
    import contextlib

    failures: list[str] = []

    @contextlib.contextmanager
    def part(name: str):
        try:
            yield
        except Exception as error:  # noqa: BLE001: whatever a part raises is that part's failure
            failures.append(f"{name}: {error!r}"[:1500])

    yield part
    assert not failures, "\n".join(failures)
