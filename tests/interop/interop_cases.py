"""What every client is asked, written once. A value in braces is filled in for each client: its catalogs, ids, and what a step before kept."""

from __future__ import annotations

import dataclasses
import pathlib

FOREIGN = pathlib.Path(__file__).resolve().parents[2] / "robot-tests/data/bmecat_small.xml"
OPERATIONS = ("GetImportStatus", "GetItem", "ImportCatalog", "ListItems")
COLUMNS = ("wsdl", "ImportCatalog items", "ImportCatalog document", "GetImportStatus", "GetItem", "ListItems", "faults", "texts", "token", "digest")

# The items of the catalog that is there before a client comes.
RICH = {"sku": "RICH-1", "status": "announced", "brand": "Bräuer & Söhne", "lang": "de", "title": "Größe <M>", "keywords": "kabel|kupfer",
        "amount": "12.50", "currency": "EUR", "taxIncluded": "true", "validFrom": "2026-03-01T00:00:00+00:00"}
PLAIN = {"sku": "PLAIN-1", "lang": "en", "title": "A plain one"}
LAST = {"sku": "Z-1", "lang": "en", "title": "The last one"}
# As the schema wants it, so that every client sends it; but there is no such currency.
BAD = {"sku": "BAD-1", "lang": "en", "title": "In play money", "amount": "1", "currency": "XQX"}
# In a catalog of its own, because not every client reads it well.
HOSTILE = {"sku": "HOSTILE-1", "lang": "en", "title": "  <&>\"' ]]> ä \U0001f600 <![CDATA[x]]> &amp;\ttab  "}
SEED = (RICH, PLAIN, LAST)

NO_IMPORT = "01890000-0000-7000-8000-000000000000"


@dataclasses.dataclass(frozen=True)
class Step:
    """One call and what has to come back: fields of the answer, None for one that must not be there."""

    operation: str
    fields: dict[str, str]
    expect: dict[str, str | None]
    credential: str = "basic"
    is_secret_right: bool = True
    # "own" has the canonical format, "foreign" a transformer that reads BMEcat.
    tenant: str = "own"
    # Fields of the answer that later steps use.
    keep: tuple[str, ...] = ()


@dataclasses.dataclass(frozen=True)
class Case:
    """One or more steps under one name, in one column of the matrix."""

    name: str
    column: str
    steps: tuple[Step, ...]
    # What a client has to be able to do.
    needs: str | None = None
    # Items that have to be in a catalog afterwards, as REST gives them: catalog and item.
    stored: tuple[tuple[str, dict[str, str]], ...] = ()


def items(*items: dict[str, str]) -> dict[str, str]:
    """Items as fields of a call or an answer."""
    return {"items": str(len(items)), **{f"{number}.{name}": value for number, item in enumerate(items) for name, value in item.items()}}


def import_items(*sent: dict[str, str]) -> dict[str, str]:
    return {"catalogId": "{catalog}", "mode": "merge", "waitSeconds": "30", **items(*sent)}


def import_document() -> dict[str, str]:
    document = FOREIGN.read_text().split("?>", 1)[1].strip()
    return {"catalogId": "{catalog}", "mode": "replace", "waitSeconds": "30", "document": document}


def counts(read: int, accepted: int, added: int) -> dict[str, str]:
    return {"outcome": "result", "status": "succeeded", "read": str(read), "accepted": str(accepted), "added": str(added),
            "rejected": str(read - accepted), "findings": str(read - accepted), "progress": "1"}


def fault(code: str, pointer: str | None = None) -> dict[str, str | None]:
    return {"outcome": "fault", "code": code, "pointer": pointer}


def get(sku: str, catalog: str = "{seed}") -> dict[str, str]:
    return {"catalogId": catalog, "sku": sku}


GOT = {"outcome": "result", **items(PLAIN)}
REFUSED = fault("unauthenticated")

# Texts that a careless writer or reader breaks: name, what is sent, what comes back if that is not the same, what it needs.
# A canonical document's blanks at the ends of a text do not belong to it unless it says xml:space="preserve", which no typed
# client can; blanks that are stored come back.
TEXTS = (
    ("umlauts", "Größe für Äcker, ça va? Łódź, Ελλάδα, 東京", None, None),
    ("markup", "<&>\"' <b>bold</b> <!-- no --> <?no?> %3C \\n", None, None),
    ("what looks like references", "&amp; &lt; &#65; &auml;", None, "references"),
    ("the end of cdata", "a ]]> b", None, None),
    ("a section of cdata", "a <![CDATA[ b ]]> c", None, "cdata"),
    ("blanks inside", "two  blanks   and\u00a0one that does not break", None, None),
    ("blanks at the ends", "  between blanks  ", "between blanks", None),
    ("combining and right to left", "e\u0301 a\u0308 \u05e9\u05dc\u05d5\u05dd \u202eabc\u202c", None, None),
    ("beyond U+FFFF", "\U0001f600 \U00020000 \U0001d11e", None, "astral"),
)


def _text_case(name: str, title: str, back: str, needs: str | None) -> Case:
    sent = {"sku": "T-1", "lang": "en", "title": title}
    read = Step("GetItem", get("T-1", "{catalog}"), {"outcome": "result", "0.title": back})
    return Case(name, "texts", (Step("ImportCatalog", import_items(sent), counts(1, 1, 1)), read), needs,
                (("{catalog}", {**sent, "title": back}),))


CASES = (
    Case("typed items", "ImportCatalog items", (Step("ImportCatalog", import_items(RICH, PLAIN), counts(2, 2, 2)),),
         stored=(("{catalog}", RICH), ("{catalog}", PLAIN))),
    Case("a bad item is a finding", "ImportCatalog items", (
        Step("ImportCatalog", import_items(PLAIN, BAD),
             {**counts(2, 1, 1), "finding.severity": "error", "finding.code": "currency_unknown", "finding.sku": "BAD-1"}),)),
    Case("no items", "ImportCatalog items", (Step("ImportCatalog", import_items(), counts(0, 0, 0)),)),
    Case("a foreign document", "ImportCatalog document", (
        Step("ImportCatalog", import_document(), counts(3, 3, 3), tenant="foreign"),
        Step("GetItem", get("NYM-3X15", "{catalog}"),
             {"outcome": "result", "0.title": "Mantelleitung NYM-J 3x1,5", "0.amount": "89.90"}, tenant="foreign"))),
    Case("an import's status", "GetImportStatus", (
        Step("GetImportStatus", {"importId": "{importId}"}, {**counts(3, 3, 3), "importId": "{importId}"}),)),
    Case("an item", "GetItem", (Step("GetItem", get("RICH-1"), {"outcome": "result", **items(RICH)}),)),
    Case("an item with little", "GetItem", (
        Step("GetItem", get("PLAIN-1"), {**GOT, "0.amount": None, "0.brand": None, "0.keywords": None}),)),
    Case("pages", "ListItems", (
        Step("ListItems", {"catalogId": "{seed}", "limit": "2"}, {"outcome": "result", **items(PLAIN, RICH)}, keep=("nextCursor",)),
        Step("ListItems", {"catalogId": "{seed}", "limit": "2", "cursor": "{nextCursor}"},
             {"outcome": "result", **items(LAST), "nextCursor": None}))),
    Case("an empty page", "ListItems", (
        Step("ListItems", {"catalogId": "{empty}", "limit": "2"}, {"outcome": "result", "items": "0", "nextCursor": None}),)),
    Case("wrong credentials", "faults", (Step("GetItem", get("PLAIN-1"), REFUSED, is_secret_right=False),)),
    Case("no credentials", "faults", (Step("ListItems", {"catalogId": "{seed}", "limit": "2"}, REFUSED, credential="none"),)),
    Case("wrong credentials of an import", "faults", (Step("ImportCatalog", import_items(PLAIN), REFUSED, is_secret_right=False),)),
    Case("a bad catalog id", "faults", (Step("GetItem", get("A", "no such name"), fault("request_invalid", "/catalogId")),), needs="lax"),
    Case("a limit out of bounds", "faults", (
        Step("ListItems", {"catalogId": "{seed}", "limit": "100000"}, fault("request_invalid", "/limit")),)),
    Case("a bad cursor", "faults", (
        Step("ListItems", {"catalogId": "{seed}", "limit": "2", "cursor": "!"}, fault("request_invalid", "/cursor")),)),
    Case("an unknown item", "faults", (Step("GetItem", get("NOBODY"), fault("not_found")),)),
    Case("an unknown import", "faults", (Step("GetImportStatus", {"importId": NO_IMPORT}, fault("not_found")),)),
    Case("an import after a fault", "faults", (
        Step("GetItem", get("NOBODY <&>"), fault("not_found")), Step("GetItem", get("PLAIN-1"), GOT))),
    *(_text_case(name, title, back or title, needs) for name, title, back, needs in TEXTS),
    Case("a stored text comes back as it is", "texts", (Step("GetItem", get("HOSTILE-1", "{hostile}"), {"outcome": "result", **items(HOSTILE)}),), needs="blanks"),
    Case("half characters are refused", "texts", (
        Step("ImportCatalog", import_items({"sku": "T-1", "lang": "en", "title": TEXTS[-1][1]}), fault("document_malformed")),),
        needs="split"),
    *(case for kind in ("token", "digest") for case in (
        Case(f"{kind}: an item", kind, (Step("GetItem", get("PLAIN-1"), GOT, credential=kind),), needs=kind),
        Case(f"{kind}: an import", kind, (
            Step("ImportCatalog", import_items(PLAIN), counts(1, 1, 1), credential=kind),), needs=kind),
        Case(f"{kind}: a status and a list", kind, (
            Step("GetImportStatus", {"importId": "{importId}"}, counts(3, 3, 3), credential=kind),
            Step("ListItems", {"catalogId": "{seed}", "limit": "1"}, {"outcome": "result", **items(PLAIN)}, credential=kind)), needs=kind),
        Case(f"{kind}: wrong", kind, (Step("GetItem", get("PLAIN-1"), REFUSED, credential=kind, is_secret_right=False),), needs=kind),
    )),
)
