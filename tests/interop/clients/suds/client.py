"""suds-community: the WSDL at run time, objects by its factory, faults as suds.WebFault."""

from __future__ import annotations

import base64
import hashlib
import os
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

import line
import suds
from suds.client import Client
from suds.sax.date import DateTime
from suds.sax.text import Raw
from suds.transport.http import HttpAuthenticated
from suds.wsse import Security, UsernameToken

WSDL, ENDPOINT, VERSION = sys.argv[1:4]

client = Client(WSDL, location=ENDPOINT, cache=None, timeout=120)


def log_in(call: line.Call) -> None:
    who = {"username": call.get("user", ""), "password": call.get("password", "")}
    basic = who if call["credential"] == "basic" else {}
    client.set_options(transport=HttpAuthenticated(timeout=120, **basic), wsse=None)
    if call["credential"] in ("token", "digest"):
        security, token = Security(), UsernameToken(**who)
        if call["credential"] == "digest":
            # suds has the fields of a digest and leaves the digest to its caller.
            nonce = os.urandom(16)
            token.setnonce(base64.b64encode(nonce).decode())
            token.setnonceencoding(True)
            token.setcreated()
            hashed = hashlib.sha1(nonce + str(DateTime(token.created)).encode() + who["password"].encode())
            token.setpassworddigest(base64.b64encode(hashed.digest()).decode())
        security.tokens.append(token)
        client.set_options(wsse=security)


def item(sent: line.Call):
    made = client.factory.create("ns0:Item")
    text = client.factory.create("ns0:Text")
    made.sku, text.lang, text.title = sent["sku"], sent["lang"], sent["title"]
    if "keywords" in sent:
        text.keywords = sent["keywords"].split("|")
    made.texts = [text]
    made.status, made.brand, made.availability = sent.get("status"), sent.get("brand"), None
    if "amount" in sent:
        price = client.factory.create("ns0:Price")
        price.kind, price.amount, price.currency = "list", sent["amount"], sent["currency"]
        price.taxIncluded = sent.get("taxIncluded")
        price.validFrom = sent.get("validFrom")
        made.prices = [price]
    return made


def told(item) -> line.Call:
    def of(thing, name):
        return getattr(thing, name, None)

    text, price = item.texts[0], item.prices[0] if of(item, "prices") else None
    keywords = of(text, "keywords")
    said = {"sku": item.sku, "status": of(item, "status"), "brand": of(item, "brand"), "lang": text.lang, "title": text.title,
            "keywords": "|".join(keywords) if keywords else None}
    if price:
        included, since = of(price, "taxIncluded"), of(price, "validFrom")
        said |= {"amount": str(price.amount), "currency": price.currency,
                 "taxIncluded": None if included is None else str(included).lower(), "validFrom": since and since.isoformat()}
    return {name: value for name, value in said.items() if value is not None}


def report(answer) -> line.Call:
    findings = list(getattr(answer.findings, "finding", []))
    said = {"importId": answer.importId, "status": answer.status, "read": answer.counts.read, "accepted": answer.counts.accepted,
            "added": answer.counts.added, "rejected": answer.counts.rejected, "progress": answer.progress, "findings": len(findings)}
    if findings:
        said |= {"finding.severity": findings[0].severity, "finding.code": findings[0].code, "finding.sku": findings[0].sku}
    return said


def import_catalog(call: line.Call) -> line.Call:
    options = {"catalogId": call["catalogId"], "mode": call["mode"], "waitSeconds": int(call["waitSeconds"])}
    if "document" in call:
        # suds knows no value for xs:any; Raw goes out as it is.
        options["document"] = Raw(call["document"])
    else:
        options["items"] = {"item": [item(sent) for sent in line.items(call)]}
    return report(client.service.ImportCatalog(**options))


def list_items(call: line.Call) -> line.Call:
    options = {"cursor": call["cursor"]} if "cursor" in call else {}
    page = client.service.ListItems(catalogId=call["catalogId"], limit=int(call["limit"]), **options)
    cursor = getattr(page, "nextCursor", None)
    return line.numbered([told(it) for it in getattr(page.items, "item", [])]) | ({"nextCursor": cursor} if cursor else {})


OPERATIONS = {
    "ImportCatalog": import_catalog,
    "GetImportStatus": lambda call: report(client.service.GetImportStatus(importId=call["importId"])),
    "GetItem": lambda call: line.numbered([told(client.service.GetItem(catalogId=call["catalogId"], sku=call["sku"]))]),
    "ListItems": list_items,
}


def answer(call: line.Call) -> line.Call:
    log_in(call)
    try:
        return {"outcome": "result", **OPERATIONS[call["operation"]](call)}
    except suds.WebFault as caught:
        fault, detail = caught.fault, caught.fault.detail.PlugpointFault
        errors = getattr(detail, "errors", None)
        # One entry comes as an object, several as a list: the detail is no typed answer for suds.
        first = errors[0] if isinstance(errors, list) else errors
        pointer = {"pointer": first.pointer} if first is not None else {}
        typed = {"code": detail.code, "message": detail.message, "requestId": detail.requestId, **pointer}
        return line.fault(caught, fault.faultcode, fault.faultstring, typed)


operations = {name for definition in client.sd for port in definition.ports for name, _ in port[1]}
line.say({"client": f"suds {suds.__version__}", "operations": ",".join(sorted(operations))})
line.serve(answer)
