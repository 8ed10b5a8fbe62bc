"""The table of hostile values: what stands in the fields of items, and what becomes of it. `test_attack_values.py` sends each over REST and SOAP.

A number is stored exactly or is a finding with its code; nothing is guessed, rounded or computed. A text is stored and answered as it was sent,
whatever it means to a database, a browser, a shell, a spreadsheet or a template.
"""

from __future__ import annotations

import unicodedata

NUMBERS = {
    "amount": lambda text: {"prices": [{"kind": "list", "amount": text, "currency": "EUR"}]},
    "tax_rate": lambda text: {"prices": [{"kind": "list", "amount": "1", "currency": "EUR", "tax_rate": text}]},
    "min_quantity": lambda text: {"prices": [{"kind": "list", "amount": "1", "currency": "EUR", "min_quantity": text}]},
    "per_quantity": lambda text: {"prices": [{"kind": "list", "amount": "1", "currency": "EUR", "per_quantity": text}]},
    "stock": lambda text: {"availability": {"status": "in_stock", "quantity": text}},
    "relation": lambda text: {"relations": [{"kind": "similar", "sku": "X", "quantity": text}]},
}

NO_DECIMAL = ["NaN", "INF", "-INF", "Infinity", "inf", "1e400", "1e2", "1E+2", "1e-400", "+1", "0x10", "0b1", "010x", "1_000", "1,000.00", "1,5", "1 000", "1\u00a0000",
              "\u0661\u0662", "\uff11", "\u00bd", "\u2212" + "1", "--1", "1-", "-", ".", "1.", ".5", "1.2.3", "", " ", " 1", "1 ", "1\n", "\t1", "1\0", "\u200b1", "1/2", "1%", "EUR 1",
              "=1+1", "true", "null", "1" * 30, "12345678901234", "0.1234567890123456", "9" * 10_000, "1." + "0" * 30]

# What is a decimal, and in which fields it may stand.
DECIMALS = {
    "-0": set(NUMBERS) - {"min_quantity", "per_quantity", "relation"},
    "0": set(NUMBERS) - {"min_quantity", "per_quantity", "relation"},
    "-1": set(),
    "0.000000000000001": set(NUMBERS),
    "1": set(NUMBERS),
    "0001.50": set(NUMBERS) - {"tax_rate"},
    "1.000000000000001": set(NUMBERS) - {"tax_rate"},
    "9999999999999.999999999999999": set(NUMBERS) - {"tax_rate"},
}

# As they stand in JSON. A number has been a binary float somewhere on its way and is refused, whatever it says.
RAW_NUMBERS = {
    **dict.fromkeys([b"12.5", b"-0", b"1" * 30, b"true", b"null", b"[]", b"{}", b'["1"]'], "decimal_invalid"),
    **dict.fromkeys([b"1e400", b"NaN", b"Infinity", b"+1", b".5", b"1.", b"'1'", b"-", b"\"1"], "record_malformed"),
}

# Days are whole numbers, in JSON too; nothing else is read into them.
DAYS = {b"0": None, b"3650": None, b"3651": "field_range", b'"1"': "field_invalid",
        **dict.fromkeys([b"-1", b"-0", b"1.5", b"4294967296", b"99999999999999999999", b"1e2"], "field_invalid"),
        **dict.fromkeys([b"NaN", b"+1", b"0x10", b"1e400"], "record_malformed")}

INJECTIONS = [
    "' OR '1'='1'; DROP TABLE items; --", '"; DELETE FROM items; --', "<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "</title></texts><sku>X</sku>",
    "<![CDATA[x]]>", "]]>", "&lt;b&gt; &amp;amp; &#60;", "<?xml version='1.0'?>", "<!DOCTYPE x>", "{{7*7}}", "${7*7}", "${jndi:ldap://127.0.0.1/a}", "<%= 7*7 %>", "#{7*7}",
    "`id`", "$(id)", "; rm -rf / #", "| cat /etc/passwd", "=cmd|' /C calc'!A0", "+1+1", "-2+3", "@SUM(1+1)", "\uff1d1+1", "a\r\nX-Evil: 1", "a\nb\rc\td", "%s%n%x%d", "{0}{name}",
    "../../../../etc/passwd", "..\\..\\windows\\system.ini", "file:///etc/passwd", "%2e%2e%2f%00", "\\u0000\\x00", "a\u202egnp.exe", "a\u200bb\u200d\ufeffc", "e\u0301 \u00e9", "\U0001f600\U0010ffff",
    "a\u2028\u2029b", "\x7f\x80\x9f", "null", "undefined", "NaN", "true", "[object Object]", "__proto__", '{"sku":"X"}', "\\", "'", '"', "\"\"\"", "a,b;c\td", "COM1", "x" * 1000,
]

def injected(number: int, text: str) -> dict:
    """An item with the text in every field that takes any, cut where a field is shorter."""
    return {
        "sku": f"I-{number:02}", "kind": "product", "status": "active", "brand": text[:256],
        "texts": [{"lang": "en", "title": text, "description": text, "keywords": [text, text]}],
        "prices": [{"kind": "list", "amount": "1", "currency": "EUR", "unit": text[:32].strip(), "territories": [text[:16].strip()]}],
        "categories": [{"system": text[:64].strip(), "code": text[:128], "path": [text, text]}],
        "attributes": [{"name": text[:256], "values": [text, text], "unit": text[:64].strip(), "system": text[:64].strip(), "feature_id": text[:64].strip()}],
        "media": [{"kind": "image", "url": text, "mime_type": text[:128], "description": text}],
        "contributors": [{"role": "author", "name": text[:512]}],
    }


def is_printable(text: str) -> bool:
    """Whether it can be the number of an item: no control and no format character, no blank at the ends, 128 characters."""
    categories = [unicodedata.category(character)[0] for character in text]
    return len(text) <= 128 and "C" not in categories and categories[0] != "Z" and categories[-1] != "Z"
