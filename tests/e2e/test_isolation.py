"""A tenant cannot see, change or infer anything of another: every path of the OpenAPI document is tried."""

from __future__ import annotations

import pytest
import requests
from plugpoint_kit.rest import Rest
from plugpoint_kit.server import Server

SECRET = "GEHEIM-4711"
# Served to everyone; says nothing about a tenant.
PUBLIC = {"/healthz", "/readyz", "/metrics", "/openapi.json", "/docs"}


@pytest.fixture(scope="module")
def victim(server: Server) -> tuple[Rest, str]:
    """A tenant with a catalog, an item and an import that others would like to see."""
    tenant = server.create_tenant(name="the-victim")
    rest = Rest(server.url, tenant.auth)
    body = f'[{{"sku":"{SECRET}","texts":[{{"lang":"en","title":"{SECRET}"}}]}},{{"sku":"BAD"}}]'.encode()
    answer = rest.post_import("treasury", body)
    assert answer.json()["status"] == "succeeded", answer.text
    return rest, answer.json()["id"]


def everything(rest: Rest) -> str:
    return "".join(rest.get(f"/v1/catalogs/treasury{path}").text for path in ("", "/items", f"/items/{SECRET}", "/changes?since=0"))


def operations(server: Server) -> list[tuple[str, str]]:
    document = requests.get(f"{server.url}/openapi.json", timeout=30).json()
    verbs = ("get", "put", "post", "delete", "patch")
    return [(verb.upper(), path) for path, item in document["paths"].items() for verb in verbs if verb in item]


def filled(path: str, values: dict[str, str]) -> str:
    for name, value in values.items():
        path = path.replace("{" + name + "}", value)
    assert "{" not in path, f"{path}: a path parameter that this test does not know; add it here"
    return path


def call(rest: Rest, verb: str, path: str) -> requests.Response:
    options = {"stream": True, "timeout": 30}
    if verb == "PUT":
        options["json"] = {"sku": path.rsplit("/", 1)[-1], "texts": [{"lang": "en", "title": "x"}]}
    if verb == "POST":
        options |= {"data": b"[]", "headers": {"Content-Type": "application/json", "Prefer": "wait=10"}}
    return rest.call(verb, path, **options)


def comparable(answer: requests.Response, values: dict[str, str]) -> tuple[int, str]:
    """An answer without what differs between any two requests."""
    body = answer.text
    for name, value in values.items():
        body = body.replace(value, name)
    problem = answer.json() if answer.headers.get("Content-Type", "").startswith("application/problem") else {}
    for noise in (problem.get("request_id"), problem.get("instance"), answer.headers.get("X-Request-Id")):
        if noise:
            body = body.replace(noise, "-")
    return answer.status_code, body


def test_no_route_tells_anything_of_another_tenant(server: Server, victim):
    rest, import_id = victim
    before = everything(rest)
    theirs = {"name": "documents.retention", "catalog": "treasury", "sku": SECRET, "id": import_id, "import_id": import_id, "import": import_id}
    nobodys = {"name": "nothings", "catalog": "nothings", "sku": "NOBODY-4711", "id": "01890000-0000-7000-8000-000000000000"}
    nobodys |= {"import_id": nobodys["id"], "import": nobodys["id"]}
    tried = 0
    for verb, path in operations(server):
        if path in PUBLIC or path.startswith("/docs"):
            continue
        # A tenant of its own for each route: what one call writes must not colour the next.
        stranger = Rest(server.url, server.create_tenant().auth)
        answer = call(stranger, verb, filled(path, theirs))
        body = answer.text
        assert "BAD" not in body or verb == "PUT", f"{verb} {path} shows the other's data"
        if "{sku}" not in path:
            assert SECRET not in body, f"{verb} {path} shows the other's data"
        if verb in ("GET", "DELETE"):
            other = call(Rest(server.url, server.create_tenant().auth), verb, filled(path, nobodys))
            if "{" in path:
                assert comparable(answer, theirs) == comparable(other, nobodys), f"{verb} {path} tells that the other's exists"
        assert everything(rest) == before, f"{verb} {path} changed the other's data"
        tried += 1
    assert tried >= 10, f"only {tried} routes were tried"


def test_no_route_answers_without_credentials(server: Server, victim):
    _, import_id = victim
    theirs = {"name": "documents.retention", "catalog": "treasury", "sku": SECRET, "id": import_id, "import_id": import_id, "import": import_id}
    for verb, path in operations(server):
        if path in PUBLIC or path.startswith("/docs"):
            continue
        answer = call(Rest(server.url, None), verb, filled(path, theirs))
        assert (answer.status_code, answer.json()["code"]) == (401, "unauthenticated"), f"{verb} {path}"


def test_public_pages_name_no_tenant(server: Server, victim):
    for path in ("/healthz", "/readyz", "/metrics", "/openapi.json"):
        text = requests.get(server.url + path, timeout=30).text
        for word in (SECRET, "treasury", "the-victim"):
            assert word not in text, f"{path} tells everybody of {word}"


def test_soap_tells_nothing_either(server: Server, victim):
    from plugpoint_kit.soap import Soap, envelope

    _, import_id = victim
    soap = Soap(server.url, server.create_tenant().auth)
    for body in (
        f"<c:GetItem xmlns:c='{soap.ns}'><c:catalogId>treasury</c:catalogId><c:sku>{SECRET}</c:sku></c:GetItem>",
        f"<c:ListItems xmlns:c='{soap.ns}'><c:catalogId>treasury</c:catalogId></c:ListItems>",
        f"<c:GetImportStatus xmlns:c='{soap.ns}'><c:importId>{import_id}</c:importId></c:GetImportStatus>",
    ):
        answer = soap.post(envelope(body))
        assert answer.code == "not_found", answer.text


def test_the_same_catalog_name_is_another_catalog(server: Server, victim):
    rest, _ = victim
    before = everything(rest)
    stranger = Rest(server.url, server.create_tenant().auth)
    assert stranger.post_import("treasury", b"[]", mode="replace").json()["status"] == "succeeded"
    assert everything(rest) == before


def test_an_idempotency_key_belongs_to_its_tenant(server: Server):
    body = b'[{"sku":"A","texts":[{"lang":"en","title":"One"}]}]'
    ids = set()
    for _ in range(2):
        answer = Rest(server.url, server.create_tenant().auth).post_import("spring", body, key="the-same-key")
        assert answer.json()["counts"]["added"] == 1
        ids.add(answer.json()["id"])
    assert len(ids) == 2
