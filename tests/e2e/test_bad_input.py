"""Bad input gets the answer that the table says, in no time, and changes nothing."""

from __future__ import annotations

import time

import pytest
from bad_inputs import BAD_DOCUMENTS, BAD_MESSAGES, BadDocument, BadMessage
from plugpoint_kit.rest import Rest
from plugpoint_kit.server import Server
from plugpoint_kit.soap import Soap, envelope

# A bomb must not go off: what is refused is refused at once, however slow the machine.
ANSWER_S_MAX = 20


@pytest.fixture
def stock(rest: Rest) -> str:
    """Two items that no bad input may touch; returns what the catalog looks like."""
    body = b'[{"sku":"OLD-1","texts":[{"lang":"en","title":"One"}]},{"sku":"OLD-2","texts":[{"lang":"en","title":"Two"}]}]'
    answer = rest.post_import("spring", body, mode="replace")
    assert answer.json()["counts"]["added"] == 2, answer.text
    return look(rest)


def look(rest: Rest) -> str:
    """Everything a reader can see of the catalog."""
    return rest.get("/v1/catalogs/spring/items").text + rest.get("/v1/catalogs/spring/changes", params={"since": 0}).text


@pytest.mark.parametrize("bad", BAD_DOCUMENTS, ids=lambda bad: bad.name)
@pytest.mark.parametrize("mode", ["merge", "replace"])
def test_rest_document(rest: Rest, stock: str, bad: BadDocument, mode: str):
    started = time.monotonic()
    answer = rest.post_import("spring", bad.body, bad.content_type, mode=mode)
    assert time.monotonic() - started < ANSWER_S_MAX
    assert answer.status_code == 200, answer.text
    view = answer.json()
    assert (view["status"], view["error"]["code"]) == ("failed", bad.code), view
    assert look(rest) == stock


@pytest.mark.parametrize("bad", BAD_MESSAGES, ids=lambda bad: bad.name)
def test_soap_message(rest: Rest, soap: Soap, stock: str, bad: BadMessage):
    started = time.monotonic()
    answer = soap.post(bad.make(soap.ns), bad.version, content_type=bad.content_type)
    assert time.monotonic() - started < ANSWER_S_MAX
    assert answer.code == bad.code, answer.text
    expected = 415 if bad.code == "media_type_unsupported" else 500 if bad.version == "1.1" else 400
    assert answer.status == expected
    assert look(rest) == stock


@pytest.mark.parametrize("bad", [bad for bad in BAD_DOCUMENTS if bad.text is not None], ids=lambda bad: bad.name)
def test_soap_document(rest: Rest, soap: Soap, stock: str, bad: BadDocument):
    """The same documents as text inside a sound envelope."""
    answer = soap.import_text("spring", bad.text, mode="replace")
    if bad.soap_fault:
        assert (answer.status, answer.code) == (500, bad.soap_fault), answer.text
    else:
        assert (answer.status, answer.value("status"), answer.value("code")) == (200, "failed", bad.code), answer.text
    assert look(rest) == stock


PROBLEMS = [
    # name, method, path, options, status, code
    ("unknown route", "GET", "/v1/nothing", {}, 404, "not_found"),
    ("unknown catalog", "GET", "/v1/catalogs/nowhere", {}, 404, "not_found"),
    ("unknown item", "GET", "/v1/catalogs/spring/items/NOBODY", {}, 404, "not_found"),
    ("unknown import", "GET", "/v1/catalogs/spring/imports/01890000-0000-7000-8000-000000000000", {}, 404, "not_found"),
    ("import id of another form", "GET", "/v1/catalogs/spring/imports/42", {}, 404, "not_found"),
    ("wrong method", "DELETE", "/v1/catalogs", {}, 405, "method_not_allowed"),
    ("unknown mode", "POST", "/v1/catalogs/spring/imports?mode=upsert", {"data": b"[]", "headers": {"Content-Type": "application/json"}}, 400, "request_invalid"),
    ("unknown parameter", "GET", "/v1/catalogs/spring/items?colour=red", {}, 400, "request_invalid"),
    ("limit of zero", "GET", "/v1/catalogs/spring/items?limit=0", {}, 400, "request_invalid"),
    ("limit too high", "GET", "/v1/catalogs/spring/items?limit=1000000", {}, 400, "request_invalid"),
    ("limit is no number", "GET", "/v1/catalogs/spring/items?limit=ten", {}, 400, "request_invalid"),
    ("a cursor that we never gave", "GET", "/v1/catalogs/spring/items?cursor=abc", {}, 400, "request_invalid"),
    ("catalog id with a blank", "GET", "/v1/catalogs/spring%20sale", {}, 404, "not_found"),
    ("catalog id with a blank, to write", "PUT", "/v1/catalogs/spring%20sale/items/A", {"json": {"sku": "A", "texts": [{"lang": "en", "title": "x"}]}}, 404, "not_found"),
    ("an empty document", "POST", "/v1/catalogs/spring/imports", {"data": b"", "headers": {"Content-Type": "application/json"}}, 400, "document_malformed"),
    ("a form instead of a document", "POST", "/v1/catalogs/spring/imports", {"data": {"a": "b"}}, 415, "media_type_unsupported"),
    ("a PDF instead of a document", "POST", "/v1/catalogs/spring/imports", {"data": b"%PDF-1.7", "headers": {"Content-Type": "application/pdf"}},
     415, "media_type_unsupported"),
    ("a wait that is no number", "POST", "/v1/catalogs/spring/imports",
     {"data": b"[]", "headers": {"Content-Type": "application/json", "Prefer": "wait=soon"}}, 400, "request_invalid"),
    ("an idempotency key with a blank", "POST", "/v1/catalogs/spring/imports",
     {"data": b"[]", "headers": {"Content-Type": "application/json", "Idempotency-Key": "a b"}}, 400, "request_invalid"),
    ("item: not JSON", "PUT", "/v1/catalogs/spring/items/NEW-1", {"data": b"{", "headers": {"Content-Type": "application/json"}}, 400, "document_malformed"),
    ("item: another type", "PUT", "/v1/catalogs/spring/items/NEW-1", {"data": b"<a/>", "headers": {"Content-Type": "text/xml"}}, 415, "media_type_unsupported"),
    ("item: no text", "PUT", "/v1/catalogs/spring/items/NEW-1", {"json": {"sku": "NEW-1", "texts": []}}, 400, "request_invalid"),
    ("item: unknown field", "PUT", "/v1/catalogs/spring/items/NEW-1",
     {"json": {"sku": "NEW-1", "texts": [{"lang": "en", "title": "x"}], "colour": "red"}}, 400, "request_invalid"),
    ("item: another sku than the path's", "PUT", "/v1/catalogs/spring/items/NEW-1", {"json": {"sku": "NEW-2", "texts": [{"lang": "en", "title": "x"}]}}, 400, "request_invalid"),
    ("item: changed since", "PUT", "/v1/catalogs/spring/items/OLD-1",
     {"json": {"sku": "OLD-1", "texts": [{"lang": "en", "title": "x"}]}, "headers": {"If-Match": '"another"'}}, 412, "precondition_failed"),
]


@pytest.mark.parametrize(("method", "path", "options", "status", "code"), [case[1:] for case in PROBLEMS], ids=[case[0] for case in PROBLEMS])
def test_rest_problem(rest: Rest, stock: str, method, path, options, status, code):
    answer = rest.call(method, path, **options)
    assert (answer.status_code, answer.json().get("code")) == (status, code), answer.text
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json()["status"] == status
    if status == 405:
        assert answer.headers["Allow"]
    assert look(rest) == stock


@pytest.mark.parametrize("auth", [None, ("nobody", "x"), "right key, wrong secret", "bearer"], ids=str)
def test_wrong_credentials(server: Server, tenant, auth):
    anonymous = Rest(server.url, (tenant.key_id, "wrong") if auth == "right key, wrong secret" else auth if isinstance(auth, tuple) else None)
    headers = {"Authorization": "Bearer nonsense"} if auth == "bearer" else {}
    answer = anonymous.get("/v1/catalogs", headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (401, "unauthenticated")
    assert "Basic" in answer.headers["WWW-Authenticate"]
    for version, status in (("1.1", 500), ("1.2", 400)):
        soap = Soap(server.url, anonymous.session.auth)
        message = f'<c:GetItem xmlns:c="{soap.ns}"><c:catalogId>spring</c:catalogId><c:sku>OLD-1</c:sku></c:GetItem>'
        answer = soap.post(envelope(message, version), version)
        assert (answer.status, answer.code) == (status, "unauthenticated"), answer.text
