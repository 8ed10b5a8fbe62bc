"""Quotas of a tenant: passed at the bound, refused one beyond it, over REST, SOAP and the command line; shown to the tenant."""

from __future__ import annotations

import json
import time

import pytest
import requests
from plugpoint_kit.rest import Rest
from plugpoint_kit.server import Server
from plugpoint_kit.soap import Soap, canonical_item


def rest_of(server: Server, profile: str) -> tuple[Rest, Soap]:
    tenant = server.create_tenant(profile=profile)
    return Rest(server.url, tenant.auth), Soap(server.url, tenant.auth)


def items(*skus: str, title: str = "One") -> bytes:
    return json.dumps([{"sku": sku, "texts": [{"lang": "en", "title": title}]} for sku in skus]).encode()


def told(answer: requests.Response) -> tuple[int, str | None]:
    return answer.status_code, answer.json().get("code")


def skus(rest: Rest, catalog: str = "spring") -> list[str]:
    return [item["sku"] for item in rest.items(catalog)]


def put(rest: Rest, sku: str, catalog: str = "spring", title: str = "One") -> requests.Response:
    return rest.call("PUT", f"/v1/catalogs/{catalog}/items/{sku}", json={"sku": sku, "texts": [{"lang": "en", "title": title}]})


def test_a_tenant_sees_its_quotas(server):
    rest, _ = rest_of(server, "[limits]\nitems_max = 3\nspool_bytes_max = 5000\nrequests_per_second = 7\n")
    limits = rest.get("/v1/tenants/self").json()["limits"]
    assert (limits["items_max"], limits["spool_bytes_max"], limits["requests_per_second"], limits["requests_burst"]) == (3, 5000, 7, 7)
    rest, _ = rest_of(server, "[limits]\nrequests_per_second = 7\nrequests_burst = 20\n")
    limits = rest.get("/v1/tenants/self").json()["limits"]
    assert (limits["items_max"], limits["requests_burst"]) == (1_000_000_000, 20)


def test_items_are_held_to_the_bound_over_all_catalogs(server):
    rest, soap = rest_of(server, "[limits]\nitems_max = 3\n")
    assert rest.post_import("spring", items("A", "B")).json()["counts"]["added"] == 2
    assert put(rest, "C", "autumn").status_code == 201
    assert told(put(rest, "D", "autumn")) == (507, "item_quota_exceeded")
    assert told(put(rest, "D", "winter")) == (507, "item_quota_exceeded")
    assert rest.get("/v1/catalogs/winter").status_code == 404
    assert put(rest, "A", title="Two").status_code == 200, "an item that is there may change"
    failed = rest.post_import("spring", items("A", "E", title="Three"), mode="merge").json()
    assert (failed["status"], failed["error"]["code"]) == ("failed", "item_quota_exceeded")
    assert "4 items" in failed["error"]["detail"] and "allows 3" in failed["error"]["detail"]
    fault = soap.import_items("spring", canonical_item("F"))
    assert fault.value("status") == "failed" and fault.value("code") == "item_quota_exceeded", fault.text
    assert rest.get("/v1/catalogs/spring/items/A").json()["texts"][0]["title"] == "Two", "nothing was changed"
    # What replaces others, or takes some away, fits.
    assert rest.post_import("spring", items("E", "F"), mode="replace").json()["counts"]["removed"] == 2
    assert skus(rest) == ["E", "F"]
    assert rest.call("DELETE", "/v1/catalogs/autumn/items/C").status_code == 204
    assert put(rest, "G").status_code == 201


def test_an_import_far_beyond_the_bound_is_ended_early(server):
    rest, _ = rest_of(server, "[limits]\nitems_max = 100\n")
    document = b"\n".join(json.dumps({"sku": f"S{n}", "texts": [{"lang": "en", "title": "One"}]}).encode() for n in range(60_000))
    failed = rest.post_import("spring", document, "application/x-ndjson", mode="replace").json()
    assert (failed["status"], failed["error"]["code"]) == ("failed", "item_quota_exceeded")
    assert failed["counts"]["read"] < 60_000, failed["counts"]
    assert rest.get("/v1/catalogs/spring").status_code == 404


@pytest.mark.parametrize("how", ["announced", "chunked"])
def test_documents_are_held_to_the_bound_of_the_spool(server, how):
    rest, soap = rest_of(server, "[limits]\nspool_bytes_max = 5000\n")

    def send(size: int, sku: str) -> requests.Response:
        body = items(sku).ljust(size)
        return rest.post_import("spring", body if how == "announced" else iter([body[:1000], body[1000:]]))

    assert send(3000, "A").json()["status"] == "succeeded"
    refused = send(2001, "B")
    assert told(refused) == (507, "spool_quota_exceeded"), refused.text
    assert send(2000, "B").json()["status"] == "succeeded"
    assert told(send(len(items("C")), "C")) == (507, "spool_quota_exceeded")
    fault = soap.import_items("spring", canonical_item("D"))
    assert (fault.status, fault.code) == (500, "spool_quota_exceeded"), fault.text
    assert skus(rest) == ["A", "B"]
    assert put(rest, "E").status_code == 201, "an item by itself needs no spool"


def test_requests_are_held_to_the_rate_and_the_burst(server):
    rest, soap = rest_of(server, "[limits]\nrequests_per_second = 1\nrequests_burst = 5\n")
    began = time.monotonic()
    answers = [rest.get("/v1/tenants/self") for _ in range(5)]
    assert [answer.status_code for answer in answers] == [200] * 5
    refused = [rest.get("/v1/catalogs") for _ in range(20)]
    passed = [answer for answer in refused if answer.status_code == 200]
    assert len(passed) <= time.monotonic() - began + 1
    refused = [answer for answer in refused if answer.status_code != 200]
    assert refused and {told(answer) for answer in refused} == {(429, "request_rate_exceeded")}
    assert {answer.headers["Retry-After"] for answer in refused} == {"1"}
    answers = [soap.import_items("spring", canonical_item("A1"), version) for version in ("1.1", "1.2") * 4]
    faults = [answer for answer in answers if answer.code]
    assert faults and {(fault.status, fault.code) for fault in faults} == {(500, "request_rate_exceeded")}, "clients look for faults behind 500 alone"
    # What was answered from memory counts, too, and what was refused does not.
    time.sleep(float(refused[0].headers["Retry-After"]) + 1)
    assert rest.get("/v1/tenants/self").status_code == 200


def test_a_rate_is_of_one_tenant_and_of_those_who_are_known(server):
    rest, _ = rest_of(server, "[limits]\nrequests_per_second = 1\n")
    other, _ = rest_of(server, "[limits]\nrequests_per_second = 1\n")
    wrong = Rest(server.url, (rest.session.auth[0], "wrong"))
    assert {wrong.get("/v1/catalogs").status_code for _ in range(10)} == {401}
    assert rest.get("/v1/catalogs").status_code == 200, "a stranger takes nothing of it"
    assert 429 in {rest.get("/v1/catalogs").status_code for _ in range(10)}
    assert other.get("/v1/catalogs").status_code == 200


@pytest.mark.parametrize(
    "line, words",
    [
        ("items_max = 0", "within 1 to 1000000000"),
        ("items_max = 1000000001", "within 1 to 1000000000"),
        ("spool_bytes_max = 1023", "within 1024 to 1125899906842624"),
        ("requests_per_second = 0", "within 1 to 1000000"),
        ("requests_burst = 1000001", "within 1 to 1000000"),
        ("requests_per_minute = 5", "there is no such key"),
    ],
)
def test_a_quota_out_of_its_bounds_is_refused(server, tmp_path, line, words):
    profile = tmp_path / "profile.toml"
    profile.write_text(f"[limits]\n{line}\n")
    ended = server.command("tenant", "create", "never", "--profile", str(profile))
    assert ended.returncode == 2 and words in ended.stderr, ended.stderr
