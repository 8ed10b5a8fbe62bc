"""The SOAP side: raw messages for what no toolkit would send, zeep for what a customer's toolkit sends."""

from __future__ import annotations

import base64
import dataclasses
import datetime
import hashlib
import os
import re
from typing import Any
from xml.sax.saxutils import escape

import requests
import zeep
from lxml import etree
from zeep.transports import Transport
from zeep.wsse.username import UsernameToken

PATH = "/soap/v1/catalog"
ENVELOPES = {"1.1": "http://schemas.xmlsoap.org/soap/envelope/", "1.2": "http://www.w3.org/2003/05/soap-envelope"}
CONTENT_TYPES = {"1.1": "text/xml; charset=utf-8", "1.2": "application/soap+xml; charset=utf-8"}
WSSE = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd"
WSU = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd"
PASSWORD_TEXT = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-username-token-profile-1.0#PasswordText"
PASSWORD_DIGEST = PASSWORD_TEXT.replace("PasswordText", "PasswordDigest")
TIMEOUT_S = 120

_namespaces: dict[str, str] = {}


def namespace(url: str) -> str:
    """The service's namespace, as its WSDL says."""
    if url not in _namespaces:
        wsdl = requests.get(f"{url}{PATH}?wsdl", timeout=TIMEOUT_S).text
        _namespaces[url] = re.search(r'targetNamespace="([^"]+)"', wsdl).group(1)
    return _namespaces[url]


@dataclasses.dataclass(frozen=True)
class SoapAnswer:
    """An answer taken apart; `code` is the stable code of a fault's detail."""

    status: int
    content_type: str
    text: str
    fault: str | None
    reason: str | None
    code: str | None

    def value(self, name: str) -> str | None:
        """The text of the first element of that local name."""
        found = self._tree().xpath("//*[local-name()=$name]", name=name)
        return found[0].text if found else None

    def values(self, name: str) -> list[str]:
        return [element.text or "" for element in self._tree().xpath("//*[local-name()=$name]", name=name)]

    def _tree(self) -> etree._Element:
        return etree.fromstring(self.text.encode(), etree.XMLParser(resolve_entities=False, no_network=True))


def read_answer(response: requests.Response) -> SoapAnswer:
    fault = reason = code = None
    try:
        tree = etree.fromstring(response.content, etree.XMLParser(resolve_entities=False, no_network=True))
    except etree.XMLSyntaxError:
        tree = None
    if tree is not None:
        def first(path: str) -> str | None:
            found = tree.xpath(path)
            return found[0].text if found else None

        fault = first("//*[local-name()='faultcode']") or first("//*[local-name()='Fault']/*[local-name()='Code']/*[local-name()='Value']")
        reason = first("//*[local-name()='faultstring']") or first("//*[local-name()='Reason']/*[local-name()='Text']")
        code = first("//*[local-name()='detail' or local-name()='Detail']//*[local-name()='code']")
    return SoapAnswer(response.status_code, response.headers.get("Content-Type", ""), response.text, fault, reason, code)


def username_token(key_id: str, secret: str) -> str:
    return (f'<wsse:Security xmlns:wsse="{WSSE}"><wsse:UsernameToken><wsse:Username>{escape(key_id)}</wsse:Username>'
            f'<wsse:Password Type="{PASSWORD_TEXT}">{escape(secret)}</wsse:Password></wsse:UsernameToken></wsse:Security>')


def utc(offset_s: float = 0) -> str:
    """The time now, or so many seconds later, as a `Created`."""
    return (datetime.datetime.now(datetime.UTC) + datetime.timedelta(seconds=offset_s)).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def digest_token(key_id: str, secret: str, *, created: str | None = None, nonce: bytes | None = None) -> str:
    """A Security header with a PasswordDigest, made by hand."""
    created, nonce = created or utc(), nonce or os.urandom(16)
    digest = base64.b64encode(hashlib.sha1(nonce + created.encode() + secret.encode()).digest()).decode()
    return (f'<wsse:Security xmlns:wsse="{WSSE}" xmlns:wsu="{WSU}"><wsse:UsernameToken><wsse:Username>{escape(key_id)}</wsse:Username>'
            f'<wsse:Password Type="{PASSWORD_DIGEST}">{digest}</wsse:Password><wsse:Nonce>{base64.b64encode(nonce).decode()}</wsse:Nonce>'
            f"<wsu:Created>{created}</wsu:Created></wsse:UsernameToken></wsse:Security>")


def envelope(body: str, version: str = "1.1", header: str = "", prolog: str = '<?xml version="1.0" encoding="UTF-8"?>') -> str:
    return (f'{prolog}<soapenv:Envelope xmlns:soapenv="{ENVELOPES[version]}"><soapenv:Header>{header}</soapenv:Header>'
            f"<soapenv:Body>{body}</soapenv:Body></soapenv:Envelope>")


def import_catalog(ns: str, catalog: str, payload: str, *, mode: str = "merge", key: str | None = None, wait: int = 30) -> str:
    """The operation's element around `payload`, which is a whole `<c:items>` or `<c:document>`."""
    idempotency = f"<c:idempotencyKey>{escape(key)}</c:idempotencyKey>" if key else ""
    return (f'<c:ImportCatalog xmlns:c="{ns}"><c:catalogId>{escape(catalog)}</c:catalogId><c:mode>{mode}</c:mode>{idempotency}'
            f"<c:waitSeconds>{wait}</c:waitSeconds>{payload}</c:ImportCatalog>")


def canonical_item(sku: str, title: str = "A title", amount: str = "12.50") -> str:
    return (f"<c:item><c:sku>{escape(sku)}</c:sku><c:texts><c:lang>en</c:lang><c:title>{escape(title)}</c:title></c:texts>"
            f"<c:prices><c:kind>list</c:kind><c:amount>{amount}</c:amount><c:currency>EUR</c:currency></c:prices></c:item>")


def without_prolog(document: str) -> str:
    """A document as it can stand inside another: without declaration and document type."""
    document = document.lstrip("\ufeff")
    document = re.sub(r"^\s*<\?xml[^>]*\?>", "", document)
    return re.sub(r"<!DOCTYPE[^>\[]*(\[.*?\])?\s*>", "", document, count=1, flags=re.DOTALL)


class Soap:
    """Raw messages with one credential."""

    def __init__(self, url: str, auth: tuple[str, str] | None):
        self.url = url.rstrip("/")
        self.auth = auth
        self.session = requests.Session()
        self.session.trust_env = False

    @property
    def ns(self) -> str:
        return namespace(self.url)

    def post(self, message: bytes | str, version: str = "1.1", *, content_type: str | None = None, action: str | None = '""',
             auth: tuple[str, str] | None | bool = True, headers: dict[str, str] | None = None) -> SoapAnswer:
        if isinstance(message, str):
            message = message.encode()
        all_headers = {"Content-Type": content_type or CONTENT_TYPES[version], **(headers or {})}
        if version == "1.1" and action is not None:
            all_headers.setdefault("SOAPAction", action)
        credential = self.auth if auth is True else auth or None
        return read_answer(self.session.post(self.url + PATH, data=message, headers=all_headers, auth=credential, timeout=TIMEOUT_S))

    def import_items(self, catalog: str, items: str, version: str = "1.1", **options: Any) -> SoapAnswer:
        body = import_catalog(self.ns, catalog, f"<c:items>{items}</c:items>", **options)
        return self.post(envelope(body, version), version)

    def import_document(self, catalog: str, document: str, version: str = "1.1", **options: Any) -> SoapAnswer:
        body = import_catalog(self.ns, catalog, f"<c:document>{without_prolog(document)}</c:document>", **options)
        return self.post(envelope(body, version), version)

    def import_glued(self, catalog: str, document: str, **options: Any) -> SoapAnswer:
        """As systems do that put a whole file between two strings: declaration, document type and all."""
        return self.post(envelope(import_catalog(self.ns, catalog, f"<c:document>{document}</c:document>", **options)))

    def import_text(self, catalog: str, document: str, version: str = "1.1", **options: Any) -> SoapAnswer:
        """The document as text in a CDATA section."""
        text = document.replace("]]>", "]]]]><![CDATA[>")
        body = import_catalog(self.ns, catalog, f"<c:document><![CDATA[{text}]]></c:document>", **options)
        return self.post(envelope(body, version), version)


def camel_case(value: Any) -> Any:
    """Canonical JSON with the names that the WSDL's types have."""
    if isinstance(value, dict):
        return {re.sub(r"_(.)", lambda match: match.group(1).upper(), name): camel_case(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [camel_case(inner) for inner in value]
    return value


class ZeepClient:
    """The service as a customer's zeep sees it: WSDL loaded from the server, strict answers."""

    def __init__(self, url: str, auth: tuple[str, str] | None = None, version: str = "1.1", token: tuple[str, str] | None = None,
                 *, digest: bool = False, query: str = "wsdl", plugins: tuple[Any, ...] = ()):
        session = requests.Session()
        session.trust_env = False
        session.auth = auth
        wsse = UsernameToken(*token, use_digest=digest) if token else None
        transport = Transport(session=session, timeout=TIMEOUT_S)
        self.client = zeep.Client(f"{url}{PATH}?{query}", transport=transport, wsse=wsse, plugins=list(plugins))
        binding = {"1.1": "Soap11Binding", "1.2": "Soap12Binding"}[version]
        service_name, service = next(iter(self.client.wsdl.services.items()))
        port = next(name for name, port in service.ports.items() if type(port.binding).__name__ == binding)
        self.service = self.client.bind(service_name, port)

    def import_items(self, catalog: str, items: list[dict[str, Any]], **options: Any) -> Any:
        options.setdefault("mode", "merge")
        options.setdefault("waitSeconds", 30)
        return self.service.ImportCatalog(catalogId=catalog, items={"item": camel_case(items)}, **options)

    def import_document(self, catalog: str, document: bytes | etree._Element, **options: Any) -> Any:
        options.setdefault("mode", "merge")
        options.setdefault("waitSeconds", 30)
        if not isinstance(document, etree._Element):
            document = etree.fromstring(document, etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True))
        return self.service.ImportCatalog(catalogId=catalog, document={"_value_1": document}, **options)
