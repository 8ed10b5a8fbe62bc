"""Every operation of the WSDL, called by zeep as a customer's system would: both SOAP versions, both kinds of credential."""

from __future__ import annotations

import decimal
import pathlib

import pytest
import zeep
from lxml import etree
from plugpoint_kit.server import Server
from plugpoint_kit.soap import PATH, ZeepClient

DATA = pathlib.Path(__file__).resolve().parents[2] / "robot-tests/data"
VERSIONS = ["1.1", "1.2"]
CREDENTIALS = ["basic", "username_token"]


def item(sku: str, **fields):
    return {"sku": sku, "texts": [{"lang": "en", "title": f"Title of {sku}"}], **fields}


RICH = item(
    "RICH-1", kind="product", status="active", brand="Bräuer & Söhne",
    texts=[{"lang": "de", "title": "Größe <M>", "description": "Zeile 1\nZeile 2 & mehr", "keywords": ["kabel", "kupfer"]},
           {"lang": "ja", "title": "東京"}],
    identifiers=[{"scheme": "gtin", "value": "04006381333931"}],
    prices=[{"kind": "list", "amount": decimal.Decimal("12.50"), "currency": "EUR", "tax_rate": decimal.Decimal("0.19"),
             "min_quantity": decimal.Decimal("1"), "territories": ["DE", "AT"]}],
    categories=[{"system": "eclass-9.0", "code": "27-06-18-01", "path": ["Electric", "Cable"]}],
    attributes=[{"name": "Length", "values": ["100"], "unit": "mm", "system": "etim", "feature_id": "EF000008"}],
    media=[{"kind": "image", "url": "https://img.example/rich-1.jpg"}],
    contributors=[{"role": "author", "name": "A. Author"}],
    availability={"status": "in_stock", "quantity": decimal.Decimal("7")},
    relations=[{"kind": "accessory", "sku": "OTHER-1"}])


@pytest.fixture(params=[(version, credential) for version in VERSIONS for credential in CREDENTIALS], ids=lambda pair: "-".join(pair))
def client(request, server: Server, tenant) -> ZeepClient:
    version, credential = request.param
    if credential == "basic":
        return ZeepClient(server.url, auth=tenant.auth, version=version)
    return ZeepClient(server.url, token=tenant.auth, version=version)


def fault_code(error: zeep.exceptions.Fault) -> str:
    """The stable code in a fault's detail."""
    return error.detail.xpath("//*[local-name()='code']")[0].text


def test_the_wsdl_needs_no_second_document(server: Server):
    wsdl = zeep.Client(f"{server.url}{PATH}?wsdl").wsdl
    operations = {name for port in next(iter(wsdl.services.values())).ports.values() for name in port.binding._operations}
    assert operations == {"ImportCatalog", "GetImportStatus", "GetItem", "ListItems"}
    assert "import" not in {etree.QName(node).localname for node in etree.fromstring(_wsdl(server)).iter(etree.Element)}


def _wsdl(server: Server) -> bytes:
    import requests

    return requests.get(f"{server.url}{PATH}?wsdl", timeout=30).content


def test_typed_items_arrive_whole(client: ZeepClient, rest):
    answer = client.import_items("spring", [RICH, item("PLAIN-1")])
    assert answer.status == "succeeded"
    assert (answer.counts.read, answer.counts.accepted, answer.counts.added, answer.counts.rejected) == (2, 2, 2, 0)
    stored = rest.get("/v1/catalogs/spring/items/RICH-1").json()
    assert stored["brand"] == RICH["brand"]
    assert stored["texts"] == RICH["texts"]
    assert stored["prices"][0]["amount"] == "12.50"
    assert stored["prices"][0]["tax_rate"] == "0.19"
    for field in ("identifiers", "categories", "attributes", "media", "contributors", "relations"):
        assert stored[field] == RICH[field], field


def test_an_item_comes_back_as_it_was_sent(client: ZeepClient):
    client.import_items("spring", [RICH])
    answer = client.service.GetItem(catalogId="spring", sku="RICH-1")
    got = getattr(answer, "item", answer)
    assert (got.sku, got.brand, got.texts[1].title) == ("RICH-1", RICH["brand"], "東京")
    assert got.prices[0].amount == decimal.Decimal("12.50")
    assert got.prices[0].taxRate == decimal.Decimal("0.19")
    assert got.attributes[0].featureId == "EF000008"


def test_status_can_be_asked_for_later(client: ZeepClient):
    imported = client.import_items("spring", [item("A"), item("B")], waitSeconds=30)
    answer = client.service.GetImportStatus(importId=imported.importId)
    assert (answer.importId, answer.status, answer.counts.added) == (imported.importId, "succeeded", 2)


def test_pages_follow_the_cursor_to_the_end(client: ZeepClient):
    skus = [f"P-{number:03}" for number in range(25)]
    client.import_items("spring", [item(sku) for sku in skus])
    seen, cursor, pages = [], None, 0
    while True:
        page = client.service.ListItems(catalogId="spring", limit=10, **({"cursor": cursor} if cursor else {}))
        seen += [entry.sku for entry in page.items.item]
        pages, cursor = pages + 1, page.nextCursor
        if not cursor:
            break
    assert (seen, pages) == (skus, 3)


def test_a_bad_item_is_a_finding_and_the_rest_goes_on(client: ZeepClient):
    bad = item("BAD-1", prices=[{"kind": "list", "amount": decimal.Decimal("1"), "currency": "euro"}])
    answer = client.import_items("spring", [item("GOOD-1"), bad, item("GOOD-2")])
    assert answer.status == "succeeded"
    assert (answer.counts.read, answer.counts.accepted, answer.counts.rejected) == (3, 2, 1)
    finding = answer.findings.finding[0]
    assert (finding.severity, finding.code, finding.sku) == ("error", "field_pattern", "BAD-1")
    assert finding.path == "/prices/0/currency"


def test_a_foreign_document_goes_through_the_tenants_transformer(request, server: Server):
    tenant = server.create_tenant(profile='[catalog]\ntransformer = "bmecat"\n')
    for version in VERSIONS:
        client = ZeepClient(server.url, auth=tenant.auth, version=version)
        answer = client.import_document(f"bmecat-{version}", (DATA / "bmecat_small.xml").read_bytes(), mode="replace")
        assert (answer.status, answer.counts.read, answer.counts.accepted) == ("succeeded", 3, 3)
        got = client.service.GetItem(catalogId=f"bmecat-{version}", sku="NYM-3X15")
        assert getattr(got, "item", got).texts[0].title == "Mantelleitung NYM-J 3x1,5"


def test_a_repeat_with_the_same_key_answers_the_first_result(client: ZeepClient):
    first = client.import_items("spring", [item("A")], idempotencyKey="order-1")
    again = client.import_items("spring", [item("A")], idempotencyKey="order-1")
    assert again.importId == first.importId
    with pytest.raises(zeep.exceptions.Fault) as caught:
        client.import_items("spring", [item("B")], idempotencyKey="order-1")
    assert fault_code(caught.value) == "idempotency_mismatch"


@pytest.mark.parametrize(("call", "code"), [
    (lambda service: service.GetItem(catalogId="spring", sku="NOBODY"), "not_found"),
    (lambda service: service.GetImportStatus(importId="01890000-0000-7000-8000-000000000000"), "not_found"),
    (lambda service: service.ListItems(catalogId="nowhere"), "not_found"),
    (lambda service: service.ListItems(catalogId="spring", cursor="!"), "request_invalid"),
    (lambda service: service.GetItem(catalogId="no such name", sku="A"), "request_invalid"),
], ids=["item", "import", "catalog", "cursor", "catalog id"])
def test_faults_carry_the_stable_code(client: ZeepClient, call, code):
    client.import_items("spring", [item("A")])
    with pytest.raises(zeep.exceptions.Fault) as caught:
        call(client.service)
    assert fault_code(caught.value) == code


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("credential", ["none", "basic", "token"])
def test_without_good_credentials_nothing_is_said(server: Server, tenant, version, credential):
    wrong = (tenant.key_id, "wrong")
    options = {"none": {}, "basic": {"auth": wrong}, "token": {"token": wrong}}[credential]
    client = ZeepClient(server.url, version=version, **options)
    try:
        client.service.GetItem(catalogId="spring", sku="A")
    except zeep.exceptions.Fault as fault:
        assert fault_code(fault) == "unauthenticated"
    except zeep.exceptions.TransportError as refused:
        pytest.fail(f"zeep saw no fault but a transport error: {refused}")
    else:
        pytest.fail("the call was answered")
