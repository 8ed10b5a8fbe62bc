"""curl: envelopes written by hand, as shell scripts and small systems send them."""

from __future__ import annotations

import base64
import datetime
import hashlib
import os
import pathlib
import subprocess
import sys
from xml.sax.saxutils import escape, quoteattr

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

import line
from lxml import etree

WSDL, ENDPOINT, VERSION = sys.argv[1:4]
NAMESPACE = "urn:plugpoint:catalog:v1"
ENVELOPE = {"1.1": "http://schemas.xmlsoap.org/soap/envelope/", "1.2": "http://www.w3.org/2003/05/soap-envelope"}[VERSION]
WSS = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-"


def curl(*arguments: str, sent: bytes = b"") -> bytes:
    command = ["curl", "--silent", "--show-error", "--noproxy", "*", "--max-time", "120", *arguments]
    return subprocess.run(command, input=sent, capture_output=True, check=True).stdout


def element(name: str, content: str | None) -> str:
    return "" if content is None else f"<{name}>{content}</{name}>"


def text(name: str, value: str | None) -> str:
    return element(name, None if value is None else escape(value))


def security(call: line.Call) -> str:
    kind, secret, more = "PasswordText", call["password"], ""
    if call["credential"] == "digest":
        nonce, created = os.urandom(16), datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        kind = "PasswordDigest"
        secret = base64.b64encode(hashlib.sha1(nonce + created.encode() + call["password"].encode()).digest()).decode()
        encoding = quoteattr(f"{WSS}soap-message-security-1.0#Base64Binary")
        more = (f"<wsse:Nonce EncodingType={encoding}>{base64.b64encode(nonce).decode()}</wsse:Nonce>"
                f"<wsu:Created xmlns:wsu=\"{WSS}wssecurity-utility-1.0.xsd\">{created}</wsu:Created>")
    password = f"<wsse:Password Type=\"{WSS}username-token-profile-1.0#{kind}\">{escape(secret)}</wsse:Password>"
    token = element("wsse:UsernameToken", text("wsse:Username", call["user"]) + password + more)
    return f"<wsse:Security xmlns:wsse=\"{WSS}wssecurity-secext-1.0.xsd\">{token}</wsse:Security>"


def ask(call: line.Call, content: str) -> etree._Element:
    operation = call["operation"]
    header = element("s:Header", security(call)) if call["credential"] in ("token", "digest") else ""
    body = f"<s:Body><{operation} xmlns=\"{NAMESPACE}\">{content}</{operation}></s:Body>"
    envelope = f"<s:Envelope xmlns:s=\"{ENVELOPE}\">{header}{body}</s:Envelope>"
    action = f"{NAMESPACE}/{operation}"
    headers = {"1.1": ["Content-Type: text/xml; charset=utf-8", f'SOAPAction: "{action}"'],
               "1.2": [f'Content-Type: application/soap+xml; charset=utf-8; action="{action}"']}[VERSION]
    options = [option for header in headers for option in ("--header", header)]
    if call["credential"] == "basic":
        options += ["--user", f"{call['user']}:{call['password']}"]
    answer = curl(*options, "--data-binary", "@-", ENDPOINT, sent=envelope.encode())
    return etree.fromstring(answer, etree.XMLParser(resolve_entities=False, no_network=True))


def of(parent: etree._Element, path: str) -> str | None:
    found = parent.find("/".join(f"{{{NAMESPACE}}}{name}" for name in path.split("/")))
    return None if found is None else found.text or ""


def item(sent: line.Call) -> str:
    keywords = "".join(text("keywords", keyword) for keyword in sent["keywords"].split("|")) if "keywords" in sent else ""
    price = "".join(text(name, sent.get(name)) for name in ("amount", "currency", "taxIncluded", "validFrom"))
    return element("item", "".join(text(name, sent.get(name)) for name in ("sku", "status", "brand"))
                   + element("texts", text("lang", sent["lang"]) + text("title", sent["title"]) + keywords)
                   + (element("prices", "<kind>list</kind>" + price) if price else ""))


def told(item: etree._Element) -> line.Call:
    keywords = "|".join(found.text for found in item.iterfind(f"{{{NAMESPACE}}}texts/{{{NAMESPACE}}}keywords"))
    said = {"sku": of(item, "sku"), "status": of(item, "status"), "brand": of(item, "brand"), "lang": of(item, "texts/lang"),
            "title": of(item, "texts/title"), "keywords": keywords or None,
            **{name: of(item, f"prices/{name}") for name in ("amount", "currency", "taxIncluded", "validFrom")}}
    return {name: value for name, value in said.items() if value is not None}


def report(answer: etree._Element) -> line.Call:
    said = {name: of(answer, name) for name in ("importId", "status", "progress")}
    said |= {name: of(answer, f"counts/{name}") for name in ("read", "accepted", "added", "rejected")}
    findings = answer.findall(f"{{{NAMESPACE}}}findings/{{{NAMESPACE}}}finding")
    said["findings"] = str(len(findings))
    for name in ("severity", "code", "sku") if findings else ():
        said[f"finding.{name}"] = of(findings[0], name)
    return said


def result(call: line.Call, content: etree._Element) -> line.Call:
    if call["operation"] in ("ImportCatalog", "GetImportStatus"):
        return report(content)
    if call["operation"] == "GetItem":
        return line.numbered([told(content.find(f"{{{NAMESPACE}}}item"))])
    cursor = of(content, "nextCursor")
    items = line.numbered([told(found) for found in content.iterfind(f"{{{NAMESPACE}}}items/{{{NAMESPACE}}}item")])
    return {**items, **({"nextCursor": cursor} if cursor else {})}


def request(call: line.Call) -> str:
    fields = {"ImportCatalog": ("catalogId", "mode", "waitSeconds"), "GetImportStatus": ("importId",), "GetItem": ("catalogId", "sku"),
              "ListItems": ("catalogId", "cursor", "limit")}[call["operation"]]
    content = "".join(text(name, call.get(name)) for name in fields)
    if call["operation"] == "ImportCatalog":
        content += element("document", call["document"]) if "document" in call else element("items", "".join(map(item, line.items(call))))
    return content


def answer(call: line.Call) -> line.Call:
    content = ask(call, request(call)).find(f"{{{ENVELOPE}}}Body")[0]
    if content.tag != f"{{{ENVELOPE}}}Fault":
        return {"outcome": "result", **result(call, content)}
    detail = next(content.iter(f"{{{NAMESPACE}}}PlugpointFault"))
    reason = content.findtext("faultstring") or content.findtext(f"{{{ENVELOPE}}}Reason/{{{ENVELOPE}}}Text")
    said = {"outcome": "fault", "exception": "curl", "reason": reason, **{name: of(detail, name) for name in ("code", "message", "requestId")},
            "pointer": of(detail, "errors/pointer")}
    return {name: value for name, value in said.items() if value is not None}


version = curl("--version").decode().split()[1]
wsdl = etree.fromstring(curl(WSDL))
names = sorted(wsdl.xpath("//*[local-name()='portType']/*[local-name()='operation']/@name"))
line.say({"client": f"curl {version}", "operations": ",".join(names)})
line.serve(answer)
