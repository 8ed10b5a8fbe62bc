"""Services of other systems, kept alive: their unchanged clients (PHP's SoapClient, zeep), and messages that nobody should send."""

from __future__ import annotations

import base64
import pathlib
import re
import time
from typing import Any, Iterator

import pytest
import requests
from legacy_clients import LegacyFault, PhpClient, ZeepClient, has_php
from plugpoint_kit.rest import Rest
from plugpoint_kit.server import Server, Tenant
from plugpoint_kit.soap import ENVELOPES, envelope, read_answer

PROFILE = "[catalog]\ncurrency = 'EUR'\nlanguage = 'de'\n[soap]\nfacades = ['magento', 'navision']\n"
NAV = "urn:microsoft-dynamics-schemas/page/item"
EXPIRED = ("5", "Session expired. Try to relogin.")
PRODUCT = {
    "name": "Hämmer & Co",
    "description": "<b>stark</b>",
    "price": "12.5",
    "status": "1",
    "weight": "0.8",
    "category_ids": ["3", "5"],
    "additional_attributes": [{"key": "colour", "value": "rot"}],
    "stock_data": {"qty": "7", "is_in_stock": 1},
}


@pytest.fixture
def tenant(server: Server) -> Tenant:
    return server.create_tenant(profile=PROFILE)


@pytest.fixture
def address(server: Server, tenant: Tenant) -> str:
    return f"{server.url}/soap/tenants/{tenant.name}"


@pytest.fixture(params=["php", "zeep"])
def shop(request: pytest.FixtureRequest, address: str) -> Iterator[Any]:
    """A client of a Magento shop."""
    if request.param == "php" and not has_php():
        pytest.skip("no php-cli with php-soap")
    client = PhpClient(f"{address}/magento?wsdl") if request.param == "php" else ZeepClient(f"{address}/magento?wsdl")
    yield client
    client.close()


@pytest.fixture(params=["php", "zeep"])
def nav(request: pytest.FixtureRequest, address: str, tenant: Tenant) -> Iterator[Any]:
    """A client of a NAV page; it sends all arguments of an operation under their names."""
    if request.param == "php":
        if not has_php():
            pytest.skip("no php-cli with php-soap")
        php = PhpClient(f"{address}/navision?wsdl", login=tenant.key_id, password=tenant.secret)
        call = lambda operation, **arguments: php.call(operation, arguments)  # noqa: E731
        yield call
        php.close()
        return
    client = ZeepClient(f"{address}/navision?wsdl", tenant.auth)
    yield client.call


@pytest.fixture
def php(address: str) -> Iterator[PhpClient]:
    if not has_php():
        pytest.skip("no php-cli with php-soap")
    client = PhpClient(f"{address}/magento?wsdl")
    yield client
    client.close()


def item_at(rest: Rest, sku: str) -> requests.Response:
    return rest.get(f"/v1/catalogs/main/items/{sku}")


def refused(call: Any, *arguments: Any, **named: Any) -> tuple[str, str]:
    with pytest.raises(LegacyFault) as caught:
        call(*arguments, **named)
    return caught.value.code, caught.value.text


# --- Magento ---


def test_a_shops_client_changes_nothing_but_the_address(shop: Any, tenant: Tenant, rest: Rest):
    session = shop.call("login", tenant.key_id, tenant.secret)
    assert re.fullmatch("[0-9a-f]{32}", session)
    product = shop.call("catalogProductCreate", session, "simple", "4", "H-1", PRODUCT, "default")
    assert isinstance(product, int) and 0 < product < 2**31
    told = shop.call("catalogProductInfo", session, str(product), "default", {}, "id")
    expected = {"product_id": str(product), "sku": "H-1", "set": "4", "type": "simple", "name": "Hämmer & Co", "price": "12.5000",
                "description": "<b>stark</b>", "weight": "0.8", "status": "1"}
    assert {name: told[name] for name in expected} == expected
    assert list_of(told["category_ids"]) == ["3", "5"]

    assert shop.call("catalogProductUpdate", session, "H-1", {"price": "13.99", "status": "2"}, "default", "sku") is True
    item = item_at(rest, "H-1").json()
    assert item["prices"] == [{"kind": "list", "amount": "13.99", "currency": "EUR"}]
    assert item["status"] == "inactive" and item["texts"][0] == {"lang": "de", "title": "Hämmer & Co", "description": "<b>stark</b>"}
    assert item["availability"] == {"status": "in_stock", "quantity": "7"}

    assert shop.call("catalogInventoryStockItemUpdate", session, "H-1", {"qty": "0", "is_in_stock": 0}) == 1
    stock = list_of(shop.call("catalogInventoryStockItemList", session, ["H-1", "nowhere"]))
    assert [(it["sku"], it["qty"], it["is_in_stock"]) for it in stock] == [("H-1", "0.0000", "0")]

    filters = {"complex_filter": [{"key": "sku", "value": {"key": "like", "value": "H-%"}}]}
    listed = list_of(shop.call("catalogProductList", session, filters, "default"))
    assert [(it["product_id"], it["sku"], it["name"]) for it in listed] == [(str(product), "H-1", "Hämmer & Co")]

    assert shop.call("catalogProductDelete", session, str(product), "id") == 1
    assert item_at(rest, "H-1").status_code == 404
    assert refused(shop.call, "catalogProductDelete", session, "H-1", "sku") == ("101", "Product not exists.")
    assert shop.call("endSession", session) is True
    assert refused(shop.call, "catalogProductInfo", session, "H-1", "default", {}, "sku") == EXPIRED


def list_of(value: Any) -> list[Any]:
    """A list as each client gives it."""
    if isinstance(value, dict):
        value = next(iter(value.values()), [])
    return list(value or [])


def test_a_shops_client_meets_the_faults_it_knows(shop: Any, tenant: Tenant):
    assert refused(shop.call, "login", tenant.key_id, "wrong") == ("2", "Access denied.")
    assert refused(shop.call, "login", "nobody", tenant.secret) == ("2", "Access denied.")
    assert refused(shop.call, "catalogProductInfo", "0" * 32, "H-1", "default", {}, "sku") == EXPIRED
    session = shop.call("login", tenant.key_id, tenant.secret)
    create = lambda sku, data, store="default", kind="simple": refused(  # noqa: E731
        shop.call, "catalogProductCreate", session, kind, "4", sku, data, store)
    shop.call("catalogProductCreate", session, "simple", "4", "H-1", {"name": "H"}, "default")
    assert create("H-1", {"name": "H"}) == ("102", 'Invalid data given. The value of attribute "SKU" must be unique')
    assert create("H-2", {"name": "H", "price": "cheap"})[0] == "102"
    assert create("H-2", {"description": "no name"})[0] == "102"
    assert create("H-2", {"name": "H"}, store="german") == ("100", "Requested store view not found.")
    assert create("H-2", {"name": "H"}, kind="complex")[0] == "104"
    assert refused(shop.call, "catalogProductUpdate", session, "H-9", {"name": "x"}, "default", "sku")[0] == "101"


def test_several_calls_in_one_message(php: PhpClient, tenant: Tenant, rest: Rest):
    session = php.call("login", tenant.key_id, tenant.secret)
    calls = [
        ["catalog_product.create", ["simple", "4", "M-1", {"name": "One", "price": "1.5", "websites": [1, 2]}]],
        ["catalog_product.info", ["nowhere"]],
        ["product_stock.update", ["M-1", {"qty": 3}]],
        ["catalog_product.info", "M-1"],
        ["sales_order.list"],
    ]
    created, unknown, stocked, told, foreign = php.call("multiCall", session, calls)
    assert isinstance(created, int) and stocked == 1
    assert unknown == {"isFault": True, "faultCode": "101", "faultMessage": "Product not exists."}
    assert foreign == {"isFault": True, "faultCode": "3", "faultMessage": "Invalid api path."}
    assert (told["sku"], told["price"], told["websites"]) == ("M-1", "1.5000", ["1", "2"])
    assert php.call("call", session, "catalog_product.list", [{"sku": {"like": "M-%"}}])[0]["product_id"] == str(created)
    assert item_at(rest, "M-1").json()["availability"]["quantity"] == "3"
    assert len(php.call("multiCall", session, [["catalog_product.info", "x"]] * 1000)) == 1000
    assert refused(php.call, "multiCall", session, [["catalog_product.info", "x"]] * 1001)[0] == "6"
    assert len(php.call("multiCall", session, [["catalog_product.info", "x"]] * 3, {"break": 1})) == 1


def test_one_php_object_in_two_places_is_a_reference(php: PhpClient, tenant: Tenant):
    session = php.call("login", tenant.key_id, tenant.secret)
    pair = {"__twice": {"key": "colour", "value": "red"}}
    php.call("catalogProductCreate", session, "simple", "4", "R-1", {"name": "R", "additional_attributes": [pair, pair]})
    assert 'href="#ref' in php.last, "the client sends what this is about"
    told = php.call("catalogProductInfo", session, "R-1", None, {"additional_attributes": ["colour"]}, "sku")
    assert told["additional_attributes"] == [{"key": "colour", "value": "red"}]


def test_a_php_client_without_a_wsdl(address: str, tenant: Tenant):
    if not has_php():
        pytest.skip("no php-cli with php-soap")
    for version in (1, 2):
        client = PhpClient(None, location=f"{address}/magento/", uri="urn:Magento", soap_version=version)
        session = client.call("login", tenant.key_id, tenant.secret)
        sku = f"W-{version}"
        client.call("catalogProductCreate", session, "simple", "4", sku, {"name": "W"})
        assert client.call("catalogProductInfo", session, sku)["sku"] == sku
        assert refused(client.call, "catalogProductInfo", "x", sku)[1] == EXPIRED[1]
        client.close()


def test_our_own_source_pulls_from_our_own_facade(server: Server, tenant: Tenant, address: str, monkeypatch: pytest.MonkeyPatch):
    client = ZeepClient(f"{address}/magento?wsdl")
    session = client.call("login", tenant.key_id, tenant.secret)
    for number in range(3):
        client.call("catalogProductCreate", session, "simple", "4", f"P-{number}", {**PRODUCT, "name": f"Thing {number}"}, "")
    profile = (f"[catalog]\ntransformer = 'magento'\ncurrency = 'EUR'\nlanguage = 'de'\n[sources.shop]\nurl = '{address}/magento'\n"
               f"kind = 'magento'\nuser = '{tenant.key_id}'\nsecret_env = 'PLUGPOINT_SOURCE_SHOP'\n")
    other = server.create_tenant(profile=profile)
    monkeypatch.setenv("PLUGPOINT_SOURCE_SHOP", tenant.secret)
    done = server.command("pull", "--tenant", other.name, "shop")
    assert done.returncode == 0, done.stderr
    pulled = Rest(server.url, other.auth)
    deadline = time.monotonic() + 30
    while item_at(pulled, "P-2").status_code != 200:
        assert time.monotonic() < deadline
        time.sleep(0.1)
    item = item_at(pulled, "P-2").json()
    assert item["texts"][0]["title"] == "Thing 2" and item["prices"][0]["amount"] == "12.5000"
    assert {it["code"] for it in item["categories"]} == {"3", "5"} and item["availability"]["quantity"] == "7.0000"


# --- NAV ---


def test_a_nav_client_changes_nothing_but_the_address(nav: Any, rest: Rest):
    record = {"No": "1000", "Description": "Hämmer & Co", "Blocked": False, "Type": "Inventory", "Base_Unit_of_Measure": "STK",
              "GTIN": "4006381333931", "Item_Category_Code": "TOOLS", "Inventory": "12.5", "Unit_Price": "19.90",
              "Price_Includes_VAT": True, "Vendor_No": "V1"}
    created = item_of(nav("Create", Item=record))
    assert {name: str(created[name]) for name in record} == {name: str(value) for name, value in record.items()}
    stored = item_at(rest, "1000").json()
    assert stored["prices"] == [{"kind": "list", "amount": "19.90", "currency": "EUR", "tax_included": True, "unit": "STK"}]
    assert stored["identifiers"] == [{"scheme": "gtin", "value": "4006381333931"}]

    updated = item_of(nav("Update", Item={"Key": created["Key"], "Unit_Price": "21"}))
    assert (str(updated["Unit_Price"]), updated["Description"]) == ("21", "Hämmer & Co")
    code, text = refused(nav, "Update", Item={"Key": created["Key"], "Unit_Price": "22"})
    assert code.endswith("NavCSideRecordChangedException") and "Other user has modified" in text
    assert value_of(nav("IsUpdated", Key=created["Key"])) is True
    assert value_of(nav("IsUpdated", Key=updated["Key"])) is False

    many = items_of(nav("CreateMultiple", Item_List={"Item": [{"No": f"2{at:03}", "Description": f"Thing {at}"} for at in range(12)]}))
    assert len(many) == 12
    changed = items_of(nav("UpdateMultiple", Item_List={"Item": [{"Key": it["Key"], "Blocked": True} for it in many[:2]]}))
    assert [it["Blocked"] for it in changed] == [True, True]

    read = lambda *filters, bookmark=None, size=0: items_of(nav(  # noqa: E731
        "ReadMultiple", filter=[{"Field": field, "Criteria": criteria} for field, criteria in filters], bookmarkKey=bookmark, setSize=size))
    assert [it["No"] for it in read(("No", "1000|2003..2005|*11"))] == ["1000", "2003", "2004", "2005", "2011"]
    assert [it["No"] for it in read(("Description", "Thing 1*"), ("Blocked", "false"))] == ["2010", "2011"]
    first = read(("No", "2*"), size=5)
    second = read(("No", "2*"), bookmark=first[-1]["Key"], size=5)
    third = read(("No", "2*"), bookmark=second[-1]["Key"], size=5)
    assert [it["No"] for it in first + second + third] == [f"2{at:03}" for at in range(12)]
    assert refused(nav, "ReadMultiple", filter=[{"Field": "No", "Criteria": "<>5"}], setSize=1)[0].endswith("NavFilterException")

    assert item_of(nav("Read", No="nowhere")) is None
    assert value_of(nav("Delete", Key=updated["Key"])) is True
    assert item_of(nav("Read", No="1000")) is None
    assert refused(nav, "Create", Item={"No": "2000"})[0].endswith("NavCSideDuplicateKeyException")
    code, text = refused(nav, "CreateMultiple", Item_List={"Item": [{"No": "3000"}, {"No": "3001", "Inventory": "-1"}]})
    assert code.endswith("NavNCLFieldValidationException") and "3001" in text
    assert item_at(rest, "3000").status_code == 404, "as a whole or not at all"


def value_of(result: Any) -> Any:
    """A single value: zeep unwraps it, PHP does not."""
    return next(iter(result.values())) if isinstance(result, dict) else result


def item_of(result: Any) -> Any:
    return result.get("Item") if isinstance(result, dict) and "Key" not in result else result or None


def items_of(result: Any) -> list[Any]:
    while isinstance(result, dict):
        result = result.get("Item") if "Item" in result else next(iter(result.values()), [])
        if isinstance(result, dict) and "Key" in result:
            return [result]
    return list(result or [])


def test_a_nav_client_without_credentials_is_asked_for_them(address: str, tenant: Tenant, server: Server):
    body = envelope(f'<Read xmlns="{NAV}"><No>1</No></Read>')
    other = server.create_tenant(profile=PROFILE)
    wrong = [{}, basic(tenant.key_id, "wrong"), basic(*other.auth), basic("nobody", "x"), {"Authorization": "NTLM TlRMTVNTUAABAAAA"},
             {"Authorization": "Negotiate YII="}, {"Authorization": "Basic ???"}]
    answers = [post(address, "navision", body, **headers) for headers in wrong]
    for answer in answers:
        assert answer.status_code == 401 and answer.headers["WWW-Authenticate"].startswith("Basic ")
        assert read_answer(answer).reason == read_answer(answers[0]).reason, "the same whatever is wrong"
    assert post(address, "navision", body, **basic(*tenant.auth)).status_code == 200


def basic(user: str, secret: str) -> dict[str, str]:
    return {"Authorization": "Basic " + base64.b64encode(f"{user}:{secret}".encode()).decode()}


# --- whose service it is ---


def test_a_facade_that_no_profile_names_is_not_there(server: Server, tenant: Tenant, address: str):
    plain = server.create_tenant()
    one = server.create_tenant(profile="[soap]\nfacades = ['navision']\n")
    absent = [f"{server.url}/soap/tenants/{plain.name}/magento", f"{server.url}/soap/tenants/{one.name}/magento",
              f"{server.url}/soap/tenants/no-such-tenant/magento", f"{server.url}/soap/tenants/..%2F/magento", f"{address}/sap", f"{address}/"]
    for url in absent:
        answers = [requests.get(f"{url}?wsdl", timeout=30), requests.post(url, data=envelope("<login/>"), timeout=30)]
        assert [answer.status_code for answer in answers] == [404, 404], url
    details = {requests.get(url, timeout=30).json()["detail"] for url in absent[:5]}
    assert details == {"there is no such service"}, "a tenant that is not there looks like one without the facade"
    assert requests.put(f"{address}/magento", timeout=30).status_code == 405


def test_the_description_names_the_address_it_was_asked_at(server: Server, tenant: Tenant, address: str):
    for query in ("?wsdl", "?WSDL", "?wsdl=1", "", "/?wsdl"):
        text = requests.get(f"{address}/magento{query}", headers={"Host": "shop.example:81"}, timeout=30).text
        assert f'location="http://shop.example:81/soap/tenants/{tenant.name}/magento"' in text, query
    assert requests.get(f"{address}/magento?xsd=encoding", timeout=30).text.count("<xsd:schema ") == 1
    assert requests.get(f"{address}/navision?xsd=encoding", timeout=30).status_code == 404


def test_a_session_is_good_for_its_tenant_and_facade_alone(server: Server, tenant: Tenant, address: str):
    other = server.create_tenant(profile=PROFILE)
    elsewhere = f"{server.url}/soap/tenants/{other.name}"
    session = ZeepClient(f"{address}/magento?wsdl").call("login", tenant.key_id, tenant.secret)
    theirs = ZeepClient(f"{elsewhere}/magento?wsdl")
    assert refused(theirs.call, "endSession", session) == EXPIRED
    wrong = refused(theirs.call, "login", tenant.key_id, "wrong")
    assert refused(theirs.call, "login", tenant.key_id, tenant.secret) == wrong == ("2", "Access denied.")


def test_a_changed_credential_ends_its_sessions(server: Server, tenant: Tenant, address: str):
    client = ZeepClient(f"{address}/magento?wsdl")
    session = client.call("login", tenant.key_id, tenant.secret)
    assert list_of(client.call("catalogProductList", session, {}, "")) == []
    assert server.command("tenant", "rotate-key", tenant.name).returncode == 0
    assert refused(client.call, "catalogProductList", session, {}, "") == EXPIRED


def test_sessions_are_bounded_and_end_when_idle(tmp_path: pathlib.Path):
    limits = {"PLUGPOINT__LIMITS__FACADE_SESSIONS_MAX": "2", "PLUGPOINT__LIMITS__FACADE_SESSION_IDLE_S": "2"}
    server = Server(tmp_path, env=limits).start()
    try:
        tenant = server.create_tenant(profile=PROFILE)
        client = ZeepClient(f"{server.url}/soap/tenants/{tenant.name}/magento?wsdl")
        sessions = [client.call("login", tenant.key_id, tenant.secret) for _ in range(3)]
        assert len(set(sessions)) == 3
        assert refused(client.call, "catalogProductList", sessions[0], {}, "") == EXPIRED
        for session in sessions[1:]:
            client.call("catalogProductList", session, {}, "")
        time.sleep(3.5)
        for session in sessions[1:]:
            assert refused(client.call, "catalogProductList", session, {}, "") == EXPIRED
        session = client.call("login", tenant.key_id, tenant.secret)
        server.kill()
        server.start()
        assert refused(client.call, "catalogProductList", session, {}, "") == EXPIRED, "a new process knows none"
        log = server.log()
        assert not any(secret in log for secret in [*sessions, session, tenant.secret])
    finally:
        server.remove()


# --- what nobody should send ---


def post(address: str, facade: str, body: str | bytes, **headers: str) -> requests.Response:
    headers = {"Content-Type": "text/xml; charset=utf-8", "SOAPAction": '""', **headers}
    data = body.encode() if isinstance(body, str) else body
    return requests.post(f"{address}/{facade}", data=data, headers=headers, timeout=120)


def message(body: str, **options: str) -> str:
    return envelope(body.replace("<login>", '<m:login xmlns:m="urn:Magento">').replace("</login>", "</m:login>"), **options)


LOGIN = "<login><username>u</username><apiKey>k</apiKey></login>"
TEN = "<n href='#{}'/>" * 10
BOMB = "".join(f"<m id='{level}'>" + TEN.replace("{}", str(level + 1)) + "</m>" for level in range(9)) + "<m id='9'>x</m>"
HOSTILE = {
    "doctype": (message(LOGIN, prolog='<!DOCTYPE a [<!ENTITY x "y">]>'), "Client"),
    "entity": (message(LOGIN.replace(">u<", ">&x;<")), "Client"),
    "two_bodies": (message(LOGIN).replace("</soapenv:Body>", "</soapenv:Body><soapenv:Body/>"), "Client"),
    "two_operations": (message(LOGIN + LOGIN), "Client"),
    "no_operation": (message(""), "Client"),
    "no_envelope": ("<login/>", "Client"),
    "not_xml": ("login=me", "Client"),
    "cut_off": (message(LOGIN)[:-30], "Client"),
    "instruction": (message("<?php x?>" + LOGIN), "Client"),
    "must_understand": (message(LOGIN, header='<x:y xmlns:x="urn:x" soapenv:mustUnderstand="1"/>'), "MustUnderstand"),
    "other_version": (message(LOGIN).replace(ENVELOPES["1.1"], "urn:soap:9"), "VersionMismatch"),
    "unknown_operation": (envelope("<dropTables/>"), "3"),
    "operation_of_another_service": (envelope('<login xmlns="urn:other"/>'), "3"),
    "missing_arguments": (message("<login></login>"), "2"),
    "missing_session": (envelope("<catalogProductInfo/>"), "5"),
    "nested_session": (envelope("<catalogProductInfo><sessionId><sessionId>x</sessionId></sessionId></catalogProductInfo>"), "5"),
    "long_session": (envelope(f"<endSession><sessionId>{'a' * 100_000}</sessionId></endSession>"), "5"),
    "reference_to_nothing": (message("<login><username href='#9'/></login>"), "6"),
    "reference_outside": (message("<login><username href='http://127.0.0.1:9/x'/></login>"), "6"),
    "cycle": (message("<login><username href='#1'/></login><m id='1'><n href='#2'/></m><m id='2'><n href='#1'/></m>"), "6"),
    "cycle_of_one": (message("<login><username id='1' href='#1'/></login>"), "6"),
    "reference_bomb": (message("<login><username href='#0'/></login>" + BOMB), "6"),
    "two_of_one_id": (message("<login><username id='1'>u</username><apiKey id='1'>k</apiKey></login>"), "6"),
    "many_entries": (envelope(f"<multiCall><sessionId>x</sessionId><calls>{'<item>a</item>' * 100_000}</calls></multiCall>"), "Client"),
    "large": (envelope("<multiCall>" + f"<a>{'x' * 900_000}</a>" * 10 + "</multiCall>"), "Client"),
    "deep": (envelope("<multiCall>" + "<a>" * 2000 + "</a>" * 2000 + "</multiCall>"), "Client"),
}


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.parametrize("version", ["1.1", "1.2"])
def test_hostile_messages_have_their_fault(name: str, version: str, address: str, tenant: Tenant):
    body, code = HOSTILE[name]
    content_type = {"1.1": "text/xml; charset=utf-8", "1.2": "application/soap+xml; charset=utf-8"}[version]
    answer = read_answer(post(address, "magento", body.replace(ENVELOPES["1.1"], ENVELOPES[version]), **{"Content-Type": content_type}))
    expected = {"Client": "Sender", "Server": "Receiver"}.get(code, code) if version == "1.2" else code
    assert (answer.fault or "").rsplit(":", 1)[-1] == expected, answer.text[:500]
    assert answer.status in (500, 400 if version == "1.2" else 500) and tenant.secret not in answer.text


def test_what_is_no_envelope_at_all(address: str):
    assert post(address, "magento", "{}", **{"Content-Type": "application/json"}).status_code == 415
    assert read_answer(post(address, "magento", b"x", **{"Content-Type": "multipart/related; boundary=x"})).fault is not None
    assert read_answer(post(address, "magento", b"")).fault is not None
    utf16 = message(LOGIN, prolog='<?xml version="1.0" encoding="UTF-16"?>').encode("utf-16")
    assert read_answer(post(address, "magento", utf16, **{"Content-Type": "text/xml"})).fault == "2", "another encoding is none of all this"


def test_calls_at_once_lose_no_change(address: str, tenant: Tenant, rest: Rest):
    """Read, change, write: of several clients each changes another field of one product."""
    from concurrent.futures import ThreadPoolExecutor

    client = ZeepClient(f"{address}/magento?wsdl")
    session = client.call("login", tenant.key_id, tenant.secret)
    client.call("catalogProductCreate", session, "simple", "4", "C-1", {"name": "C"}, "")
    fields = ["url_key", "visibility", "tax_class_id", "meta_title", "meta_description", "custom_design", "options_container", "url_path"]

    def change(field: str) -> bool:
        own = ZeepClient(f"{address}/magento?wsdl")
        return all(own.call("catalogProductUpdate", session, "C-1", {field: f"{field} {turn}"}, "", "sku") for turn in range(5))

    with ThreadPoolExecutor(len(fields)) as pool:
        assert all(pool.map(change, fields))
    stored = {it["name"]: it["values"] for it in item_at(rest, "C-1").json()["attributes"]}
    assert {field: stored[field] for field in fields} == {field: [f"{field} 4"] for field in fields}
