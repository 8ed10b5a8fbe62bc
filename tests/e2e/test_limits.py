"""Limits per tenant and operation: shown, enforced at the byte over REST and SOAP, for one tenant and not for the next."""

from __future__ import annotations

import gzip

import pytest
from plugpoint_kit.rest import Rest
from plugpoint_kit.server import Server, ServerError
from plugpoint_kit.soap import Soap, canonical_item, envelope, import_catalog

BYTES_MAX = 4000
PROFILE = f"""
[limits.operations.createImport]
body_bytes_max = {BYTES_MAX}
[limits.operations.ImportCatalog]
body_bytes_max = {BYTES_MAX}
[limits.operations.SubmitCatalog]
body_bytes_max = {BYTES_MAX}
[limits.operations.GetItem]
body_bytes_max = {BYTES_MAX}
[limits.operations.putItem]
body_bytes_max = {BYTES_MAX}
[limits.operations.listItems]
page_items_max = 2
[limits.operations.ListItems]
page_items_max = 3
"""
ONE = b'[{"sku":"A","texts":[{"lang":"en","title":"One"}]}]'
HOW = ["announced", "chunked", "packed"]


@pytest.fixture
def limited(server: Server):
    tenant = server.create_tenant(profile=PROFILE)
    return Rest(server.url, tenant.auth), Soap(server.url, tenant.auth)


def sent(body: bytes, how: str):
    """A body as `requests` takes it, and its headers."""
    if how == "packed":
        return gzip.compress(body), {"Content-Encoding": "gzip"}
    return (body if how == "announced" else iter([body[:99], body[99:]])), {}


def test_a_tenant_sees_its_limits(rest: Rest, limited):
    def operations(rest: Rest) -> dict[str, dict]:
        return {it.pop("operation"): it for it in rest.get("/v1/tenants/self").json()["limits"]["operations"]}

    own, usual = operations(limited[0]), operations(rest)
    assert own["createImport"] == {**usual["createImport"], "body_bytes_max": BYTES_MAX}
    assert (own["listItems"], usual["listItems"]) == ({"page_items_max": 2}, {"page_items_max": 1000})
    assert own["listImports"] == usual["listImports"]
    assert set(own) == set(usual)


@pytest.mark.parametrize("how", HOW)
def test_an_import_by_rest_is_held_to_its_limit(rest: Rest, limited, how):
    for size, status in ((BYTES_MAX, 200), (BYTES_MAX + 1, 413)):
        body, headers = sent(ONE.ljust(size), how)
        answer = limited[0].post_import("spring", body, headers=headers)
        assert answer.status_code == status, answer.text
        if status == 413:
            assert answer.json()["code"] == "body_too_large"
        body, headers = sent(ONE.ljust(size), how)
        assert rest.post_import("spring", body, headers=headers).status_code == 200


@pytest.mark.parametrize("how", HOW)
def test_an_item_is_held_to_its_limit(limited, how):
    for size, statuses in ((BYTES_MAX, (200, 201)), (BYTES_MAX + 1, (413,))):
        body, headers = sent(ONE[1:-1].ljust(size), how)
        headers["Content-Type"] = "application/json"
        answer = limited[0].call("PUT", "/v1/catalogs/spring/items/A", data=body, headers=headers)
        assert answer.status_code in statuses, answer.text


@pytest.mark.parametrize("how", HOW)
@pytest.mark.parametrize("version", ["1.1", "1.2"])
@pytest.mark.parametrize("operation", ["ImportCatalog", "SubmitCatalog", "GetItem"])
def test_a_message_is_held_to_the_limit_of_its_operation(limited, operation, version, how):
    rest, soap = limited
    assert rest.post_import("stock", ONE).status_code == 200
    body = import_catalog(soap.ns, "spring", f"<c:items>{canonical_item('A')}</c:items>")
    if operation == "SubmitCatalog":
        body = body.replace("<c:waitSeconds>30</c:waitSeconds>", "").replace("ImportCatalog", "SubmitCatalog")
    if operation == "GetItem":
        body = f'<c:GetItem xmlns:c="{soap.ns}"><c:catalogId>stock</c:catalogId><c:sku>A</c:sku></c:GetItem>'
    message = envelope(body, version).encode()
    for size in (BYTES_MAX, BYTES_MAX + 1):
        data, headers = sent(message.ljust(size), how)
        answer = soap.post(data, version, headers=headers)
        if size == BYTES_MAX:
            assert (answer.status in (200, 202), answer.fault) == (True, None), answer.text
        else:
            status, blame = (500, "soap:Client") if version == "1.1" else (400, "soap:Sender")
            assert (answer.status, answer.fault, answer.code) == (status, blame, "body_too_large"), answer.text


def test_pages_are_as_long_as_the_operation_allows(limited):
    rest, soap = limited
    items = b"".join(b'{"sku":"A%d","texts":[{"lang":"en","title":"One"}]}\n' % n for n in range(5))
    assert rest.post_import("spring", items, "application/x-ndjson").json()["counts"]["added"] == 5
    assert len(rest.get("/v1/catalogs/spring/items", params={"limit": 100}).json()["items"]) == 2
    assert len(rest.items("spring", limit=100)) == 5
    body = f'<c:ListItems xmlns:c="{soap.ns}"><c:catalogId>spring</c:catalogId><c:limit>100</c:limit></c:ListItems>'
    assert soap.post(envelope(body)).values("sku") == ["A0", "A1", "A2"]


def test_a_document_is_held_to_the_tenants_limit_however_it_comes(server: Server):
    tenant = server.create_tenant(profile="[limits]\ndocument_bytes_max = 2000\n")
    rest, soap = Rest(server.url, tenant.auth), Soap(server.url, tenant.auth)
    for size, code in ((2000, None), (2001, "body_too_large")):
        document = "<items><item><sku>A</sku><texts><lang>en</lang><title>One</title></texts></item></items>".ljust(size)
        answer = soap.import_text("spring", document)
        assert answer.code == code, answer.text
        answer = rest.post_import("spring", document.encode(), "application/xml")
        assert answer.status_code == (413 if code else 200), answer.text


def test_an_operation_that_is_not_there_is_refused_with_those_that_are(server: Server):
    for name, told in (("upload", "putItem"), ("createimport", 'did you mean "createImport"')):
        with pytest.raises(ServerError) as refused:
            server.create_tenant(profile=f"[limits.operations.{name}]\nbody_bytes_max = 1000\n")
        assert "there is no such key" in str(refused.value) and told in str(refused.value), refused.value
