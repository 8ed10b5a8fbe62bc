"""An invented Magento 1 shop that speaks SOAP v2 over HTTP, strictly: a login first, known sessions, sessions that are left.

Its products are numbers; nothing of it is anybody's data.
"""

from __future__ import annotations

import http.server
import re
import ssl
import threading
import time
import uuid
from xml.sax.saxutils import escape

HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?>\n<SOAP-ENV:Envelope xmlns:SOAP-ENV="http://schemas.xmlsoap.org/soap/envelope/" '
    'xmlns:ns1="urn:Magento" xmlns:xsd="http://www.w3.org/2001/XMLSchema" '
    'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><SOAP-ENV:Body>'
)
TAIL = "</SOAP-ENV:Body></SOAP-ENV:Envelope>\n"


class Shop:
    """A shop on a port of its own, for the time of a `with`."""

    def __init__(self, products: list[int], user: str = "api", key: str = "k3y & <secret>", tls: tuple[str, str] | None = None):
        self.products, self.user, self.key = products, user, key
        self.sessions: set[str] = set()
        self.operations: list[str] = []
        self.problems: list[str] = []
        # What a test makes it do at an operation: a function of the operation and the product's id, None for nothing special.
        self.trouble = lambda operation, product: None
        shop = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            # Head and body in one piece: in two, the second would wait for the client's delayed acknowledgement.
            wbufsize = -1

            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                status, answer = shop.answer(body)
                if status is None:
                    self.close_connection = True
                    return
                data = answer if isinstance(answer, bytes) else answer.encode()
                self.send_response(status)
                if status == 302:
                    self.send_header("Location", "http://127.0.0.1:9/")
                self.send_header("Content-Type", "text/xml; charset=utf-8")
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        if tls:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*tls)
            self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        scheme = "https" if tls else "http"
        self.url = f"{scheme}://localhost:{self.server.server_address[1]}/index.php/api/v2_soap/index/"

    def __enter__(self) -> Shop:
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()

    def count(self, operation: str) -> int:
        return self.operations.count(operation)

    def answer(self, body: str) -> tuple[int | None, str | bytes]:
        found = re.search(r"<m:(\w+)[ >]", body)
        if not found:
            self.problems.append(f"no operation in {body[:200]!r}")
            return fault("1", "no operation")
        operation = found[1]
        self.operations.append(operation)
        product = int(inner(body, "productId") or 0)
        trouble = self.trouble(operation, product)
        if trouble is not None:
            return trouble
        if operation == "login":
            if (inner(body, "username"), inner(body, "apiKey")) != (escape(self.user), escape(self.key)):
                return fault("2", f"Access denied for {escape(self.user)} with {inner(body, 'apiKey')}.")
            session = uuid.uuid4().hex
            self.sessions.add(session)
            return good(operation, "loginReturn", session)
        session = inner(body, "sessionId")
        if session not in self.sessions:
            self.problems.append(f"{operation} without a session")
            return fault("5", "Session expired. Try to relogin.")
        if operation == "endSession":
            self.sessions.remove(session)
            return good(operation, "endSessionReturn", "true")
        if operation == "catalogProductList":
            return self.list(body)
        if operation == "catalogInventoryStockItemList":
            ids = re.findall(r"<item>(\d+)</item>", inner(body, "products") or "")
            rows = [f"<item><product_id>{i}</product_id><qty>{i}.0000</qty><is_in_stock>1</is_in_stock></item>" for i in ids]
            return good(operation, "result", "".join(rows))
        if operation == "catalogProductInfo":
            return self.info(product)
        self.problems.append(f"unknown operation {operation}")
        return fault("3", "Invalid api path.")

    def list(self, body: str) -> tuple[int, str]:
        bounds = dict(re.findall(r"<key>(product_id|entity_id)</key><value><key>\w+</key><value>(\d+)</value>", body))
        if "product_id" not in bounds:
            self.problems.append("a list without a lower bound")
        low, high = int(bounds.get("product_id", 0)), int(bounds.get("entity_id", 1 << 40))
        rows = [f"<item><product_id>{i}</product_id><sku>SHOP-{i}</sku></item>" for i in self.products if low < i <= high]
        return good("catalogProductList", "storeView", "".join(rows))

    def info(self, product: int) -> tuple[int, str]:
        if product not in self.products:
            return fault("101", "Product not exists.")
        return good("catalogProductInfo", "info", (
            f'<product_id xsi:type="xsd:string">{product}</product_id><sku>SHOP-{product}</sku><type>simple</type>'
            f"<name>Produkt Nr. {product} &amp; Zubeh\u00f6r</name><status>1</status><weight>1.2500</weight><price>{product}.9900</price>"
            f"<category_ids><item>3</item></category_ids><url_key>produkt-{product}</url_key>"
        ))


def good(operation: str, part: str, inside: str) -> tuple[int, str]:
    return 200, f"{HEAD}<ns1:{operation}Response><{part}>{inside}</{part}></ns1:{operation}Response>{TAIL}"


def fault(code: str, text: str) -> tuple[int, str]:
    return 500, f"{HEAD}<SOAP-ENV:Fault><faultcode>{code}</faultcode><faultstring>{text}</faultstring></SOAP-ENV:Fault>{TAIL}"


def inner(body: str, name: str) -> str | None:
    found = re.search(rf"<{name}>(.*?)</{name}>", body, re.S)
    return found[1] if found else None


def hang(seconds: float) -> tuple[None, str]:
    time.sleep(seconds)
    return None, ""
