"""Hostile values in items: stored and answered exactly as they were sent, or refused with a code; shown to people without effect."""

from __future__ import annotations

import csv
import decimal
import io
import json
import re
from typing import Any
from xml.sax.saxutils import escape

import pytest
import requests
from attack_values import DAYS, DECIMALS, INJECTIONS, NO_DECIMAL, NUMBERS, RAW_NUMBERS, injected, is_printable
from lxml import etree
from plugpoint_kit.rest import Rest
from plugpoint_kit.server import Server
from plugpoint_kit.soap import Soap, camel_case, envelope, import_catalog

LENIENT = "[catalog]\nrejected_share_max = 1.0\n"
WAYS = ["json", "xml", "soap"]


@pytest.fixture(scope="module")
def shop(server: Server) -> tuple[Rest, Soap]:
    """A tenant that tolerates every rejected record; each test has a catalog of its own."""
    tenant = server.create_tenant(profile=LENIENT)
    return Rest(server.url, tenant.auth), Soap(server.url, tenant.auth)


def as_xml(value: Any, name: str) -> str:
    """An item as canonical XML; a return is written as a reference, or a reader would take it for a line end."""
    if isinstance(value, dict):
        return f"<{name}>" + "".join(as_xml(inner, key) for key, inner in value.items()) + f"</{name}>"
    if isinstance(value, list):
        return "".join(as_xml(inner, name) for inner in value)
    return f"<{name}>" + escape(value, {"\r": "&#13;"}) + f"</{name}>"


def sent(shop: tuple[Rest, Soap], way: str, catalog: str, items: list[dict]) -> tuple[dict, list[dict]]:
    """Imports items and returns what was stored by its number, and the findings."""
    rest, soap = shop
    document = "".join(as_xml(camel_case(item), "item") for item in items)
    if way == "soap":
        answer = soap.post(envelope(import_catalog(soap.ns, catalog, f'<c:items xmlns="{soap.ns}">{document}</c:items>', wait=60)))
        import_id, status = answer.value("importId"), answer.value("status")
    else:
        body = json.dumps(items).encode() if way == "json" else f"<items>{document}</items>".encode()
        view = rest.post_import(catalog, body, "application/json" if way == "json" else "application/xml").json()
        import_id, status = view["id"], view["status"]
    assert status == "succeeded", import_id
    return {item["sku"]: item for item in rest.items(catalog, limit=1000)}, rest.findings(catalog, import_id)


def numbered(cases: list[tuple[str, str]]) -> list[dict]:
    return [{"sku": f"N-{index}", "texts": [{"lang": "en", "title": "t"}], **NUMBERS[field](text)} for index, (field, text) in enumerate(cases)]


def read_number(item: dict, field: str) -> str | None:
    """The text at the place of a number."""
    part = {"stock": "availability", "relation": "relations"}.get(field, "prices")
    entry = item[part] if part == "availability" else item[part][0]
    return entry.get("quantity" if field in ("stock", "relation") else field)


@pytest.mark.parametrize("way", WAYS)
def test_what_is_no_decimal_is_a_finding(shop: tuple[Rest, Soap], way: str):
    # In XML blanks around a value are none of it, and an empty element is one that is left out.
    texts = [text for text in NO_DECIMAL if way == "json" or text == text.strip() and "\0" not in text and text]
    cases = [(field, text) for field in NUMBERS for text in texts]
    stored, findings = sent(shop, way, f"no-decimal-{way}", numbered(cases))
    assert not stored
    codes = {finding["sku"]: finding["code"] for finding in findings}
    told = {(field, text[:40], codes.get(f"N-{index}")) for index, (field, text) in enumerate(cases)}
    assert {case for case in told if case[2] != "decimal_invalid"} <= {(field, "9" * 40, "field_invalid") for field in NUMBERS}
    assert all(finding["path"].rsplit("/", 1)[1] in (*NUMBERS, "quantity") for finding in findings)


@pytest.mark.parametrize("way", WAYS)
def test_a_decimal_is_stored_exactly(shop: tuple[Rest, Soap], way: str):
    cases = [(field, text) for field in NUMBERS for text in DECIMALS]
    stored, findings = sent(shop, way, f"decimal-{way}", numbered(cases))
    codes = {finding["sku"]: finding["code"] for finding in findings}
    for index, (field, text) in enumerate(cases):
        sku = f"N-{index}"
        if field in DECIMALS[text]:
            number = decimal.Decimal(read_number(stored[sku], field))
            assert number == decimal.Decimal(text) and number.as_tuple().exponent == decimal.Decimal(text).as_tuple().exponent, (field, text)
            assert sku not in codes
        else:
            assert (sku in stored, codes.get(sku)) == (False, "field_range"), (field, text)


def test_a_number_of_json_is_no_decimal(shop: tuple[Rest, Soap]):
    rest, _ = shop
    price = b'{"sku":"P-%d","texts":[{"lang":"en","title":"t"}],"prices":[{"kind":"list","currency":"EUR","amount":%s}]}'
    days = b'{"sku":"D-%d","texts":[{"lang":"en","title":"t"}],"availability":{"status":"in_stock","lead_time_days":%s}}'
    lines = [price % case for case in enumerate(RAW_NUMBERS)] + [days % case for case in enumerate(DAYS)]
    view = rest.post_import("raw", b"\n".join(lines), "application/x-ndjson").json()
    expected = [*RAW_NUMBERS.items(), *DAYS.items()]
    told = {finding["line"]: finding["code"] for finding in rest.findings("raw", view["id"])}
    assert [(text, told.get(line)) for line, (text, _) in enumerate(expected, 1)] == expected
    assert {item["sku"]: item["availability"]["lead_time_days"] for item in rest.items("raw")} == {"D-0": 0, "D-1": 3650}


def leaves(tree: etree._Element) -> list[tuple[str, str]]:
    return [(etree.QName(element).localname, element.text or "") for element in tree.iter() if not len(element)]


@pytest.mark.parametrize("way", WAYS)
def test_a_text_is_answered_as_it_was_sent(shop: tuple[Rest, Soap], way: str):
    rest, soap = shop
    items = [injected(index, text) for index, text in enumerate(INJECTIONS)]
    stored, findings = sent(shop, way, f"texts-{way}", items)
    assert findings == []
    for item in items:
        assert stored[item["sku"]] == item
        assert rest.get(f"/v1/catalogs/texts-{way}/items/{item['sku']}").json() == item
    listed = soap.post(envelope(f'<c:ListItems xmlns:c="{soap.ns}"><c:catalogId>texts-{way}</c:catalogId><c:limit>1000</c:limit></c:ListItems>'))
    answered = etree.fromstring(listed.text.encode()).iter(f"{{{soap.ns}}}item")
    for item, element in zip(items, answered, strict=True):
        assert leaves(element) == leaves(etree.fromstring(as_xml(camel_case(item), "item")))


@pytest.mark.parametrize("text", INJECTIONS, ids=range(len(INJECTIONS)))
def test_a_text_as_the_number_of_an_item(shop: tuple[Rest, Soap], text: str):
    rest, soap = shop
    path = "/v1/catalogs/numbers/items/" + requests.utils.quote(text, safe="")
    answer = rest.call("PUT", path, json={"sku": text, "texts": [{"lang": "en", "title": "t"}]})
    names = {name.lower() for name in answer.headers}
    assert "x-evil" not in names and re.fullmatch(r'"[0-9a-zA-Z+/=_-]+"', answer.headers.get("ETag", '"none"'))
    if not is_printable(text):
        assert (answer.status_code, answer.json()["code"]) == (400, "request_invalid"), answer.text
        return
    assert answer.status_code == 201, answer.text
    assert rest.get(path).json()["sku"] == text
    told = soap.post(envelope(f'<c:GetItem xmlns:c="{soap.ns}"><c:catalogId>numbers</c:catalogId><c:sku>{escape(text)}</c:sku></c:GetItem>'))
    assert told.value("sku") == text, told.text
    assert rest.call("DELETE", path).status_code == 204


def test_people_are_shown_a_text_without_effect(shop: tuple[Rest, Soap]):
    rest, _ = shop
    # Every text as the number of an item that is refused, and as the value for which it is.
    items = [{"sku": text, "texts": [{"lang": "en", "title": text}], "prices": [{"kind": text, "amount": text, "currency": text}]} for text in INJECTIONS]
    view = rest.post_import("shown", json.dumps(items).encode()).json()
    address = f"/v1/catalogs/shown/imports/{view['id']}"
    assert view["counts"]["rejected"] == len(INJECTIONS), view
    page = rest.get(address + "/report")
    assert "default-src 'none'" in page.headers["Content-Security-Policy"] and "unsafe" not in page.headers["Content-Security-Policy"]
    tree = etree.HTML(page.content)
    assert not tree.xpath("//script|//img|//iframe|//object|//form|//link|//meta[@http-equiv]|//@*[starts-with(name(), 'on')]")
    assert not re.search("[\u202e\u200b\ufeff\x7f-\x9f]", page.text[page.text.index("<body>"):])
    table = list(csv.reader(io.StringIO(rest.get(address + "/findings.csv").content.decode("utf-8-sig"))))
    assert len(table) > len(INJECTIONS) and all(len(row) == 9 for row in table)
    for cell in (cell for row in table for cell in row):
        assert not re.match("\\s*[=+\\-@\uff1d\uff0b\uff0d\uff20]", cell), cell
        assert not re.search("[\u202e\u200b\ufeff\x00-\x1f\x7f-\x9f]", cell), cell
