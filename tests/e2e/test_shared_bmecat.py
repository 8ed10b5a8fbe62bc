"""Real BMEcat catalogs through SOAP and REST; the counts must be those of the samples' own manifest."""

from __future__ import annotations

import contextlib
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
def test_every_sample_has_the_manifests_count(server: Server, shared_data, each, way):
    tenant = server.create_tenant(profile=PROFILE)
    rest, soap = Rest(server.url, tenant.auth), Soap(server.url, tenant.auth)
    sends = {"soap element": soap.import_document, "soap glued": soap.import_glued, "soap text": soap.import_text}
    for number, (file, count, document) in enumerate(samples(shared_data)):
        catalog = f"sample-{number}"
        with each(file):
            if way == "rest":
                import_id = rest.post_import(catalog, document, "application/xml").json()["id"]
            else:
                import_id = sends[way](catalog, document.decode("utf-8"), mode="replace").value("importId")
            view = rest.get(f"/v1/catalogs/{catalog}/imports/{import_id}").json()
            check(view, count, rest.findings(catalog, import_id))


def check(view: dict, count: int, findings: list[dict]) -> None:
    counts = view["counts"]
    assert counts["read"] == count, view
    assert counts["accepted"] + counts["rejected"] == counts["read"], view
    # Updates of items that nobody has sent before are refused one by one, which may be too much for the whole.
    allowed = [None, "too_many_rejected"] if counts["rejected"] else [None]
    assert view.get("error", {}).get("code") in allowed, view
    refused = {finding.get("sku") for finding in findings if finding["severity"] == "error"}
    assert len(refused) == counts["rejected"], findings
    for finding in findings:
        # What is said of a record says where it stands; what is said of the document as a whole does not.
        assert finding["message"] and (finding.get("line") or not finding.get("sku")), finding


@pytest.fixture
def each():
    """Runs every part of a table and reports all that failed, not only the first."""
    failures: list[str] = []

    @contextlib.contextmanager
    def part(name: str):
        try:
            yield
        except Exception as error:  # noqa: BLE001: whatever a part raises is that part's failure
            failures.append(f"{name}: {error!r}"[:1500])

    yield part
    assert not failures, "\n".join(failures)
