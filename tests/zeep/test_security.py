"""Who zeep says it is, how a digest is refused, what WS-Addressing and one-way calls come to: all as zeep sees it."""

from __future__ import annotations

import datetime
import time

import pytest
import zeep
from lxml import etree
from plugpoint_kit.server import Server, Tenant
from plugpoint_kit.soap import PATH, PASSWORD_DIGEST, WSSE, ZeepClient
from zeep.plugins import HistoryPlugin
from zeep.wsa import WsAddressingPlugin
from zeep.wsse.username import UsernameToken

VERSIONS = ["1.1", "1.2"]
WSA = "http://www.w3.org/2005/08/addressing"
ITEM = {"sku": "A", "texts": [{"lang": "en", "title": "A"}]}


@pytest.fixture
def digests(server: Server, tenant: Tenant) -> Tenant:
    """The tenant with a credential made for digests."""
    return server.add_key(tenant, digest=True)


def refusal(call) -> tuple[str, list[str], str]:
    """Our code, the names that the fault has for it, and its sentence."""
    with pytest.raises(zeep.exceptions.Fault) as caught:
        call()
    fault = caught.value
    names = [etree.QName(name).localname if isinstance(name, etree.QName) else str(name) for name in fault.subcodes or []] or [fault.code.rsplit(":", 1)[-1]]
    return fault.detail.xpath("//*[local-name()='code']")[0].text, names, fault.message


@pytest.mark.parametrize("version", VERSIONS)
def test_a_digest_lets_in_again_and_again(server: Server, digests: Tenant, version: str):
    client = ZeepClient(server.url, token=digests.auth, digest=True, version=version)
    assert client.import_items("spring", [ITEM]).status == "succeeded"
    for _ in range(3):
        assert client.service.GetItem(catalogId="spring", sku="A") is not None


@pytest.mark.parametrize("version", VERSIONS)
def test_one_answer_to_whatever_is_wrong_with_a_digest(server: Server, tenant: Tenant, digests: Tenant, version: str):
    wrong = {"not made for it": tenant.auth, "secret": (digests.key_id, "wrong"), "key id": ("pk_nobody", digests.secret)}
    told = set()
    for name, token in wrong.items():
        client = ZeepClient(server.url, token=token, digest=True, version=version)
        code, names, sentence = refusal(lambda client=client: client.service.ListItems(catalogId="spring"))
        assert (code, names[0]) == ("unauthenticated", "FailedAuthentication"), name
        told.add(sentence)
    assert len(told) == 1 and "plugpoint tenant add-key NAME --digest" in told.pop()


class Stale(UsernameToken):
    """zeep with a clock of its own."""

    def apply(self, envelope, headers):
        envelope, headers = super().apply(envelope, headers)
        assert envelope.find(f".//{{{WSSE}}}Password").get("Type") == PASSWORD_DIGEST
        return envelope, headers


@pytest.mark.parametrize("version", VERSIONS)
def test_a_wrong_clock_is_told_the_difference(server: Server, digests: Tenant, version: str):
    client = ZeepClient(server.url, version=version)
    created = datetime.datetime.now(datetime.UTC).replace(tzinfo=None) - datetime.timedelta(seconds=4000)
    client.client.wsse = Stale(*digests.auth, use_digest=True, created=created)
    code, names, sentence = refusal(lambda: client.service.ListItems(catalogId="spring"))
    assert (code, names[0]) == ("unauthenticated", "MessageExpired")
    behind = int(sentence.split(" s behind our clock, ")[0].rsplit(" ", 1)[1])
    assert 4000 <= behind < 4100 and sentence.endswith("; 300 s are tolerated"), sentence
    assert created.strftime("%Y-%m-%dT%H:%M:%S") in sentence


@pytest.mark.parametrize("version", VERSIONS)
def test_answers_and_faults_are_related_to_their_question(server: Server, tenant: Tenant, version: str):
    history = HistoryPlugin()
    client = ZeepClient(server.url, auth=tenant.auth, version=version, plugins=(WsAddressingPlugin(), history))
    client.import_items("spring", [ITEM])

    def related() -> str:
        asked = history.last_sent["envelope"].find(f".//{{{WSA}}}MessageID").text
        answer = history.last_received["envelope"]
        assert answer.find(f".//{{{WSA}}}RelatesTo").text == asked
        return answer.find(f".//{{{WSA}}}Action").text

    client.service.GetItem(catalogId="spring", sku="A")
    assert related().endswith("GetItemResponse")
    refusal(lambda: client.service.GetItem(catalogId="spring", sku="NOBODY"))


@pytest.mark.parametrize("version", VERSIONS)
def test_nobody_gets_addressing_headers_who_sent_none(server: Server, tenant: Tenant, version: str):
    history = HistoryPlugin()
    client = ZeepClient(server.url, auth=tenant.auth, version=version, plugins=(history,))
    client.import_items("spring", [ITEM])
    assert WSA.encode() not in etree.tostring(history.last_received["envelope"])


@pytest.mark.parametrize("version", VERSIONS)
def test_a_one_way_call_is_acknowledged_and_carried_out(server: Server, tenant: Tenant, rest, version: str):
    client = ZeepClient(server.url, auth=tenant.auth, version=version, query="wsdl=oneway")
    answer = client.service.SubmitCatalog(catalogId="spring", mode="merge", idempotencyKey="k1", items={"item": [ITEM]})
    assert answer is None
    deadline = time.monotonic() + 60
    while (got := rest.get("/v1/catalogs/spring/items/A")).status_code == 404:
        assert time.monotonic() < deadline, "the import did not run"
        time.sleep(0.05)
    assert got.json()["texts"] == ITEM["texts"]
    # Its sender finds it by its key: the same document asked for with an answer.
    again = client.service.ImportCatalog(catalogId="spring", mode="merge", idempotencyKey="k1", waitSeconds=30, items={"item": [ITEM]})
    assert (again.status, again.counts.added) == ("succeeded", 1)


@pytest.mark.parametrize("version", VERSIONS)
def test_a_one_way_call_that_is_not_taken_is_a_fault(server: Server, tenant: Tenant, version: str):
    client = ZeepClient(server.url, auth=(tenant.key_id, "wrong"), version=version, query="wsdl=oneway")
    assert refusal(lambda: client.service.SubmitCatalog(catalogId="spring", mode="merge", items={"item": [ITEM]}))[0] == "unauthenticated"


def test_one_way_operations_stand_in_a_document_of_their_own(server: Server):
    def operations(query: str) -> set[str]:
        wsdl = zeep.Client(f"{server.url}{PATH}?{query}").wsdl
        return {name for port in next(iter(wsdl.services.values())).ports.values() for name in port.binding._operations}

    assert operations("wsdl=oneway") - operations("wsdl") == {"SubmitCatalog"}

