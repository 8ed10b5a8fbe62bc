"""zeep, strict: the WSDL at run time, faults as zeep.exceptions.Fault."""

from __future__ import annotations

import datetime
import decimal
import importlib.metadata
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

import line
import requests
import zeep
from lxml import etree
from zeep.transports import Transport
from zeep.wsse.username import UsernameToken

WSDL, ENDPOINT, VERSION = sys.argv[1:4]
PORTS = {"1.1": "CatalogSoap11", "1.2": "CatalogSoap12"}

session = requests.Session()
session.trust_env = False
client = zeep.Client(WSDL, port_name=PORTS[VERSION], transport=Transport(session=session, timeout=120, operation_timeout=120))
service = client.create_service(client.service._binding.name, ENDPOINT)


def log_in(call: line.Call) -> None:
    who = call.get("user", ""), call.get("password", "")
    session.auth = who if call["credential"] == "basic" else None
    tokens = {"token": lambda: UsernameToken(*who), "digest": lambda: UsernameToken(*who, use_digest=True)}
    client.wsse = tokens[call["credential"]]() if call["credential"] in tokens else None


def item(sent: line.Call) -> dict:
    made = {"sku": sent["sku"], "texts": [{"lang": sent["lang"], "title": sent["title"]}]}
    for name in ("status", "brand"):
        if name in sent:
            made[name] = sent[name]
    if "keywords" in sent:
        made["texts"][0]["keywords"] = sent["keywords"].split("|")
    if "amount" in sent:
        price = {"kind": "list", "amount": decimal.Decimal(sent["amount"]), "currency": sent["currency"]}
        if "taxIncluded" in sent:
            price["taxIncluded"] = sent["taxIncluded"] == "true"
        if "validFrom" in sent:
            price["validFrom"] = datetime.datetime.fromisoformat(sent["validFrom"])
        made["prices"] = [price]
    return made


def told(item) -> line.Call:
    text, price = item.texts[0], item.prices[0] if item.prices else None
    said = {"sku": item.sku, "status": item.status, "brand": item.brand, "lang": text.lang, "title": text.title,
            "keywords": "|".join(text.keywords) or None}
    if price:
        said |= {"amount": str(price.amount), "currency": price.currency,
                 "taxIncluded": None if price.taxIncluded is None else str(price.taxIncluded).lower(),
                 "validFrom": price.validFrom and price.validFrom.isoformat()}
    return {name: value for name, value in said.items() if value is not None}


def report(answer) -> line.Call:
    # An element without children is None for zeep.
    findings = answer.findings.finding if answer.findings else []
    said = {"importId": answer.importId, "status": answer.status, "read": answer.counts.read, "accepted": answer.counts.accepted,
            "added": answer.counts.added, "rejected": answer.counts.rejected, "progress": answer.progress,
            "findings": len(findings)}
    if findings:
        said |= {"finding.severity": findings[0].severity, "finding.code": findings[0].code, "finding.sku": findings[0].sku}
    return said


def import_catalog(call: line.Call) -> line.Call:
    options = {"catalogId": call["catalogId"], "mode": call["mode"], "waitSeconds": int(call["waitSeconds"])}
    if "document" in call:
        options["document"] = {"_value_1": etree.fromstring(call["document"])}
    else:
        options["items"] = {"item": [item(sent) for sent in line.items(call)]}
    return report(service.ImportCatalog(**options))


def list_items(call: line.Call) -> line.Call:
    options = {"cursor": call["cursor"]} if "cursor" in call else {}
    page = service.ListItems(catalogId=call["catalogId"], limit=int(call["limit"]), **options)
    after = {"nextCursor": page.nextCursor} if page.nextCursor else {}
    return line.numbered([told(it) for it in (page.items.item if page.items else [])]) | after


OPERATIONS = {
    "ImportCatalog": import_catalog,
    "GetImportStatus": lambda call: report(service.GetImportStatus(importId=call["importId"])),
    "GetItem": lambda call: line.numbered([told(service.GetItem(catalogId=call["catalogId"], sku=call["sku"]))]),
    "ListItems": list_items,
}


def answer(call: line.Call) -> line.Call:
    log_in(call)
    try:
        return {"outcome": "result", **OPERATIONS[call["operation"]](call)}
    except zeep.exceptions.Fault as fault:
        # zeep hands the detail over as an element; the WSDL's type makes an object of it.
        detail = client.get_element("{urn:plugpoint:catalog:v1}PlugpointFault").parse(fault.detail[0], client.wsdl.types)
        pointer = {"pointer": detail.errors[0].pointer} if detail.errors else {}
        typed = {"code": detail.code, "message": detail.message, "requestId": detail.requestId, **pointer}
        return line.fault(fault, fault.code, fault.message, typed)


line.say({"client": f"zeep {importlib.metadata.version('zeep')}", "operations": ",".join(sorted(service._binding._operations))})
line.serve(answer)
