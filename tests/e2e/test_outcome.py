"""What the person at the other end gets: a page that leads to the broken item, a table, and the rejected records to correct and send again."""

from __future__ import annotations

import csv
import io
import re
import shutil

import pytest
from lxml import etree
from plugpoint_kit.rest import Rest
from plugpoint_kit.server import Server
from plugpoint_kit.soap import envelope, import_catalog

BMECAT = '[catalog]\ntransformer = "bmecat"\n'
HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE BMECAT SYSTEM "bmecat_new_catalog.dtd">
<b:BMECAT version="2005" xmlns:b="http://www.bmecat.org/bmecat/2005" xmlns:x="urn:x?a=1&amp;b=2">
  <b:HEADER><b:CATALOG><b:LANGUAGE default="true">deu</b:LANGUAGE><b:CATALOG_ID>K</b:CATALOG_ID>
    <b:CATALOG_VERSION>1.0</b:CATALOG_VERSION><b:CURRENCY>EUR</b:CURRENCY></b:CATALOG></b:HEADER>
  <b:T_NEW_CATALOG>
    <b:CATALOG_GROUP_SYSTEM><b:CATALOG_STRUCTURE type="root"><b:GROUP_ID>1</b:GROUP_ID><b:GROUP_NAME>Alle &amp; mehr</b:GROUP_NAME>
      <b:PARENT_ID>0</b:PARENT_ID></b:CATALOG_STRUCTURE></b:CATALOG_GROUP_SYSTEM>
"""
TAIL = "  </b:T_NEW_CATALOG>\n</b:BMECAT>\n"


def product(number: int, *, sku: str | None = None, price: str = "12.50", title: str | None = None) -> str:
    sku = f"ART-{number:05d}" if sku is None else sku
    identity = f"<b:SUPPLIER_PID>{sku}</b:SUPPLIER_PID>" if sku else ""
    title = f"Kabel {number} &lt;grau&gt; äöü" if title is None else title
    return f"""    <b:PRODUCT mode="new" x:source="a&#10;b">
      {identity}
      <b:PRODUCT_DETAILS><b:DESCRIPTION_SHORT>{title}</b:DESCRIPTION_SHORT></b:PRODUCT_DETAILS>
      <b:PRODUCT_ORDER_DETAILS><b:ORDER_UNIT>C62</b:ORDER_UNIT></b:PRODUCT_ORDER_DETAILS>
      <b:PRODUCT_PRICE_DETAILS>
        <b:PRODUCT_PRICE price_type="net_list"><b:PRICE_AMOUNT>{price}</b:PRICE_AMOUNT></b:PRODUCT_PRICE>
      </b:PRODUCT_PRICE_DETAILS>
    </b:PRODUCT>
"""


@pytest.fixture
def shop(server: Server) -> Rest:
    return Rest(server.url, server.create_tenant(profile=BMECAT).auth)


def imported(rest: Rest, document: str | bytes, content_type: str = "application/xml", **options) -> str:
    """The address of an import that has succeeded."""
    data = document.encode() if isinstance(document, str) else document
    answer = rest.post_import("main", data, content_type, **options)
    assert answer.json()["status"] == "succeeded", answer.text
    return f"/v1/catalogs/main/imports/{answer.json()['id']}"


def body_of(page: str) -> str:
    return page[page.index("<body>"):]


def text_of(page: str) -> str:
    return " ".join(etree.HTML(page.encode()).find("body").itertext())


def test_one_broken_price_among_ten_thousand_items_is_led_to(shop: Rest):
    products = [product(n, price="12,5x" if n == 7321 else "12.50") for n in range(1, 10_001)]
    document = HEAD + "".join(products) + TAIL
    page = shop.get(imported(shop, document) + "/report").text
    place = document[: document.index("<b:PRICE_AMOUNT>12,5x")]
    line, column = place.count("\n") + 1, len(place) - place.rindex("\n")
    text = text_of(page)
    assert f"line {line}, column {column}" in text, text
    assert "ART-07321" in text and "Write the number with digits" in text
    assert "<b:PRICE_AMOUNT>".replace("<", "&lt;").replace(">", "&gt;") + "<mark>12,5x</mark>" in page
    assert len(page) < 20_000, "and nothing else stands in the way"


def test_three_of_fifty_are_corrected_and_sent_again(shop: Rest):
    broken = {7: {"sku": ""}, 21: {"title": ""}, 50: {"sku": "X" * 129}}
    address = imported(shop, HEAD + "".join(product(n, **broken.get(n, {})) for n in range(1, 51)) + TAIL)
    view = shop.get(address).json()
    assert (view["counts"]["read"], view["counts"]["rejected"], view["mode"]) == (50, 3, "replace"), view
    assert "3 of 50 records were rejected. 47 were taken." in text_of(shop.get(address + "/report").text)
    answer = shop.get(address + "/rejected")
    assert (answer.status_code, answer.headers["X-Records"]) == (200, "3")
    assert answer.headers["Content-Type"] == "application/xml" and "rejected-" in answer.headers["Content-Disposition"]
    assert "mode=merge" in answer.text.split("-->")[0] and "DOCTYPE" not in answer.text
    tree = etree.fromstring(answer.content, etree.XMLParser(resolve_entities=False, no_network=True))
    bmecat = {"b": "http://www.bmecat.org/bmecat/2005"}
    products = tree.findall(".//b:PRODUCT", bmecat)
    assert len(products) == 3 and products[0].get("{urn:x?a=1&b=2}source") == "a\nb"
    assert tree.findtext(".//b:CURRENCY", namespaces=bmecat) == "EUR" and tree.findtext(".//b:GROUP_NAME", namespaces=bmecat) == "Alle & mehr"
    # As the person at the other end does it.
    details = products[0].find("b:PRODUCT_DETAILS", bmecat)
    number = etree.Element(f"{{{bmecat['b']}}}SUPPLIER_PID")
    number.text = "ART-00007"
    details.addprevious(number)
    products[1].find(".//b:DESCRIPTION_SHORT", bmecat).text = "Kabel 21"
    products[2].find("b:SUPPLIER_PID", bmecat).text = "ART-00050"
    again = imported(shop, etree.tostring(tree), mode="merge")
    counts = shop.get(again).json()["counts"]
    assert (counts["read"], counts["accepted"], counts["rejected"], counts["added"], counts["removed"]) == (3, 3, 0, 3, 0), counts
    skus = [item["sku"] for item in shop.items("main", limit=1000)]
    assert skus == [f"ART-{n:05d}" for n in range(1, 51)]
    title = shop.get("/v1/catalogs/main/items/ART-00007").json()["texts"][0]["title"]
    assert title == "Kabel 7 <grau> äöü"


def test_sent_again_unchanged_it_gives_the_same_findings(shop: Rest):
    broken = {2: {"sku": ""}, 3: {"title": ""}}
    address = imported(shop, HEAD + "".join(product(n, **broken.get(n, {})) for n in range(1, 9)) + TAIL)
    rejected = shop.get(address + "/rejected").content
    answer = shop.post_import("main", rejected, "application/xml", mode="merge").json()
    assert (answer["status"], answer["error"]["code"]) == ("failed", "too_many_rejected"), "all of it is still wrong"
    codes = lambda path: sorted(f["code"] for f in shop.get(path + "/findings?severity=error").json()["findings"])
    assert codes(address) == codes(f"/v1/catalogs/main/imports/{answer['id']}")


CANONICAL = [
    ("application/xml", b"<catalog><head>x</head><item><sku>A</sku></item><item><sku>B</sku><texts><lang>en</lang><title>b</title></texts></item>"
     b"<item><sku>C</sku></item><item><sku>D</sku><texts><lang>en</lang><title>d</title></texts></item></catalog>",
     b"<head>x</head><item><sku>A</sku></item><item><sku>C</sku></item></catalog>"),
    ("application/json", b'\xef\xbb\xbf[{"sku":"A"},\n {"sku":"B","texts":[{"lang":"en","title":"b"}]},\n{"sku":"\xc3\xa4",\n "texts": 5},'
     b'{"sku":"D","texts":[{"lang":"en","title":"d"}]}]', b'[\n{"sku":"A"},\n{"sku":"\xc3\xa4",\n "texts": 5}\n]\n'),
    ("application/x-ndjson", b'{"sku":"A"}\n{"sku":"B","texts":[{"lang":"en","title":"b"}]}\n\n{"sku": oops}\n{"sku":"D","texts":[{"lang":"en","title":"d"}]}\n',
     b'{"sku":"A"}\n{"sku": oops}\n'),
    ("text/csv; charset=windows-1252", 'sku;title\r\n;"no\r\nnumber"\r\nB;Größe\r\nC;"ä\r\nö";x\r\nD;d\r\n'.encode("cp1252"),
     '\ufeffsku;title\r\n;"no\r\nnumber"\r\nC;"ä\r\nö";x\r\n'.encode()),
]


@pytest.mark.parametrize(("content_type", "document", "expected"), CANONICAL, ids=[it[0].split(";")[0] for it in CANONICAL])
def test_rejected_records_in_every_canonical_form(rest: Rest, content_type: str, document: bytes, expected: bytes):
    address = imported(rest, document, content_type)
    assert rest.get(address).json()["counts"]["rejected"] == 2
    answer = rest.get(address + "/rejected")
    assert answer.status_code == 200, answer.text
    assert answer.content == expected if "xml" not in content_type else answer.content.rstrip().endswith(expected), answer.text
    assert answer.headers["Content-Type"].split(";")[0] == content_type.split(";")[0]
    # It can be read again, by a sender who still names his charset, and gives the same two.
    again = rest.post_import("main", answer.content, content_type, mode="merge").json()
    assert (again["counts"]["read"], again["counts"]["rejected"]) == (2, 2), again


def test_what_cannot_be_given_back_says_why(server: Server, rest: Rest):
    whole = imported(rest, b'[{"sku":"A","texts":[{"lang":"en","title":"a"}]}]', "application/json")
    answer = rest.get(whole + "/rejected")
    assert (answer.status_code, answer.json()["code"]) == (409, "rejected_unavailable") and "no record" in answer.json()["detail"]
    failed = rest.post_import("main", b"<catalog><item>", "application/xml").json()
    answer = rest.get(f"/v1/catalogs/main/imports/{failed['id']}/rejected")
    assert (answer.status_code, answer.json()["code"]) == (409, "rejected_unavailable") and "send it whole" in answer.json()["detail"]
    address = imported(rest, b'[{"sku":"B"},{"sku":"A","texts":[{"lang":"en","title":"a"}]}]', "application/json")
    tenant = rest.get("/v1/tenants/self").json()["tenant"]
    shutil.rmtree(server.data_dir / "spool" / tenant / address.rsplit("/", 1)[1])
    answer = rest.get(address + "/rejected")
    assert (answer.status_code, answer.json()["code"]) == (410, "document_gone")
    page = rest.get(address + "/report").text
    assert 'href="rejected"' not in page and "field_required" in page, "the page is there without the document"


ONIX_21 = """<?xml version="1.0" encoding="ISO-8859-1"?>
<!DOCTYPE ONIXMessage SYSTEM "http://www.editeur.org/onix/2.1/02/reference/onix-international.dtd">
<ONIXMessage><Header><FromCompany>&Eacute;ditions L&aelig;rke</FromCompany></Header>
<Product><RecordReference>A1</RecordReference><NotificationType>03</NotificationType><Title><TitleType>01</TitleType><TitleText>Caf&eacute;</TitleText></Title></Product>
<Product><RecordReference>A2</RecordReference><NotificationType>88</NotificationType><Title><TitleType>01</TitleType><TitleText textcase="&quot;&eacute;">Côte d&rsquo;Or &ndash; &ccaron; &amp;lt;</TitleText></Title></Product>
</ONIXMessage>"""


@pytest.mark.parametrize("transformer", ["onix", "auto"])
def test_named_characters_come_back_as_characters(server: Server, transformer: str):
    rest = Rest(server.url, server.create_tenant(profile=f'[catalog]\ntransformer = "{transformer}"\n').auth)
    address = imported(rest, ONIX_21.encode("iso-8859-1"))
    rejected = rest.get(address + "/rejected")
    assert (rejected.status_code, rejected.headers.get("x-records")) == (200, "1"), rejected.text
    # Nothing of a DTD is left, and any reader of XML takes it.
    root = etree.fromstring(rejected.content, etree.XMLParser(load_dtd=False, resolve_entities=False))
    assert (root.findtext("Header/FromCompany"), root.findtext("Product/Title/TitleText")) == ("Éditions Lærke", "Côte d’Or – č &lt;")
    assert root.find("Product/Title/TitleText").get("textcase") == '"é' and b"DOCTYPE" not in rejected.content
    again = imported(rest, rejected.content.replace(b">88<", b">03<"), mode="merge")
    assert rest.get(again).json()["counts"]["added"] == 1
    assert rest.get("/v1/catalogs/main/items/A2").json()["texts"][0]["title"] == "Côte d’Or – č &lt;"


EVIL = ["<script>alert(1)</script>", "=cmd|' /C calc'!A0", "@SUM(1+1)", "\u202eexe.txt", "\"><img src=x onerror=alert(1)>", "-2+3", "</style><b>", "&lt;b&gt;"]


def test_hostile_values_are_shown_and_do_nothing(rest: Rest):
    items = [{"sku": f"S{n}", "texts": [{"lang": "en", "title": "t"}], "prices": [{"kind": "list", "amount": evil, "currency": "EUR"}]} for n, evil in enumerate(EVIL)]
    items += [{"sku": evil, "texts": 5} for evil in EVIL] + [{"sku": "huge", "brand": "x" * (1 << 20)}]
    good = [{"sku": f"G{n}", "texts": [{"lang": "en", "title": "t"}]} for n in range(40)]
    import json
    address = imported(rest, json.dumps(items + good, ensure_ascii=False).encode(), "application/json")
    answer = rest.get(address + "/report")
    page = body_of(answer.text)
    assert "unsafe" not in answer.headers["Content-Security-Policy"] and "default-src 'none'" in answer.headers["Content-Security-Policy"]
    for markup in ("<script", "<img", "onerror=alert(1)>", "</style", "\u202e"):
        assert markup not in page, markup
    assert "U+202E" in page and "&lt;script&gt;alert(1)&lt;/script&gt;" in page and "&amp;lt;b" in page
    assert len(answer.content) < 300_000
    tree = etree.HTML(answer.content)
    assert not tree.xpath("//script|//img|//iframe|//object|//form|//link|//@*[starts-with(name(), 'on')]")
    table = rest.get(address + "/findings.csv")
    rows = list(csv.reader(io.StringIO(table.content.decode("utf-8-sig"))))
    assert rows[0] == ["severity", "code", "line", "column", "path", "sku", "value", "message", "advice"]
    assert len(rows) > len(EVIL) and all(len(row) == 9 for row in rows)
    for row in rows[1:]:
        for cell in row:
            assert not re.match(r"[\s]*[=+\-@\uff1d]", cell), row
            assert "\u202e" not in cell and "\n" not in cell
    listed = [finding for page in rest.pages(address + "/findings", limit=1000) for finding in page["findings"]]
    assert len(listed) == len(rows) - 1, "the table has all of them"


def test_languages_over_rest_and_soap(server: Server):
    from plugpoint_kit.soap import Soap

    tenant = server.create_tenant(profile='[catalog]\nreport_language = "pl"\n')
    rest, soap = Rest(server.url, tenant.auth), Soap(server.url, tenant.auth)
    items = "".join(f"<c:item><c:sku>{sku}</c:sku>{texts}</c:item>" for sku, texts in (
        ("A", "<c:texts><c:lang>en</c:lang><c:title>a</c:title></c:texts>"),
        ("B", "<c:texts><c:lang>en</c:lang><c:title>b</c:title></c:texts><c:prices><c:kind>list</c:kind><c:amount>12,5x</c:amount><c:currency>EUR</c:currency></c:prices>")))
    answer = soap.post(envelope(import_catalog(soap.ns, "main", f"<c:items>\n{items}</c:items>")))
    assert answer.value("status") == "succeeded", answer.text
    status = soap.post(envelope(f"<c:GetImportStatus xmlns:c='{soap.ns}'><c:importId>{answer.value('importId')}</c:importId></c:GetImportStatus>"))
    for told in (answer, status):
        assert (told.value("code"), told.value("sku"), told.value("value"), told.value("line")) == ("decimal_invalid", "B", "12,5x", "2"), told.text
        assert told.value("path") == "/prices/0/amount" and int(told.value("column")) > 1
        assert "Liczby nie można odczytać" in told.value("message") and "Zapisz liczbę" in told.value("advice")
    address = f"/v1/catalogs/main/imports/{answer.value('importId')}"
    for accepted, language in (("de", "de"), ("ru;q=0.4, fr;q=0.7", "fr"), ("ja", "pl"), ("en-GB", "en")):
        for path in ("/findings", "/findings.csv", "/report", "/rejected"):
            told = rest.get(address + path, headers={"Accept-Language": accepted})
            assert (told.status_code, told.headers["Content-Language"]) == (200, language), path
            assert "accept-language" in told.headers["Vary"].lower(), path


def test_what_is_unmapped_is_told_over_soap(server: Server):
    from plugpoint_kit.soap import Soap

    soap = Soap(server.url, server.create_tenant(profile=BMECAT).auth)
    document = (HEAD + product(1) + product(2) + TAIL).split("?>", 1)[1]
    answer = soap.import_document("main", document.replace('<!DOCTYPE BMECAT SYSTEM "bmecat_new_catalog.dtd">', ""))
    assert answer.value("status") == "succeeded", answer.text
    status = soap.post(envelope(f"<c:GetImportStatus xmlns:c='{soap.ns}'><c:importId>{answer.value('importId')}</c:importId></c:GetImportStatus>"))
    for told in (answer, status):
        paths = dict(re.findall(r"<unmappedPath>\s*<path>([^<]*)</path>\s*<count>(\d+)</count>", told.text))
        assert int(told.value("unmappedTotal")) == len(paths) and paths["PRODUCT/@source"] == "2", told.text


def test_rejected_records_of_soap_items_come_back(soap, rest: Rest):
    items = "<c:item><c:sku>A</c:sku></c:item><c:item><c:sku>B</c:sku><c:texts><c:lang>en</c:lang><c:title>b</c:title></c:texts></c:item>"
    answer = soap.post(envelope(import_catalog(soap.ns, "main", f"<c:items>{items}</c:items>")))
    assert answer.value("status") == "succeeded", answer.text
    given = rest.get(f"/v1/catalogs/main/imports/{answer.value('importId')}/rejected")
    tree = etree.fromstring(given.content)
    assert [element.text for element in tree.iter(f"{{{soap.ns}}}sku")] == ["A"], given.text


def test_a_large_document_is_given_back_piece_by_piece(rest: Rest):
    bad = "<item><sku>{}</sku><brand>" + "y" * 2000 + "</brand></item>\n"
    good = "<item><sku>{}</sku><texts><lang>en</lang><title>t</title></texts></item>\n"
    document = "<catalog>\n" + "".join((bad if n % 2 else good).format(f"S{n}") for n in range(20_000)) + "</catalog>"
    address = imported(rest, document)
    answer = rest.get(address + "/rejected", stream=True, headers={"Accept-Encoding": "identity"})
    assert answer.headers["X-Records"] == "10000" and "Content-Length" not in answer.headers
    first = next(answer.iter_content(1000))
    assert first.startswith(b"<?xml")
    answer.close()  # A reader who goes away costs nobody anything.
    whole = rest.get(address + "/rejected").content
    assert whole.count(b"<item>") == 10_000 and whole.rstrip().endswith(b"</catalog>")
    page = rest.get(address + "/report").text
    assert len(page) < 120_000 and "more of this kind are in the" in page
    assert "10\u202f000 of 20\u202f000 records were rejected" in text_of(page)
