"""The protocol of the clients for those in Python: a call is a line, an answer is a line, both in the form that HTML forms have."""

from __future__ import annotations

import sys
from collections.abc import Callable
from urllib.parse import parse_qsl, urlencode

Call = dict[str, str]


def say(answer: Call) -> None:
    print(urlencode(answer), flush=True)


def fault(error: Exception, faultcode: str, reason: str, detail: Call) -> Call:
    """What a fault is told as: the native exception, the fault's own words, and what was read out of the typed detail."""
    return {"outcome": "fault", "exception": type(error).__name__, "faultcode": faultcode, "reason": reason, **detail}


def error(error: Exception) -> Call:
    return {"outcome": "error", "exception": type(error).__name__, "reason": str(error)[:500]}


def serve(answer: Callable[[Call], Call]) -> None:
    for line in sys.stdin:
        try:
            say(answer(dict(parse_qsl(line.rstrip("\n"), keep_blank_values=True))))
        except Exception as failed:  # noqa: BLE001: the driver judges it
            say(error(failed))


def items(call: Call) -> list[Call]:
    """The items of a call, each with its own fields."""
    return [{name.split(".", 1)[1]: value for name, value in call.items() if name.startswith(f"{number}.")}
            for number in range(int(call.get("items", "0")))]


def numbered(items: list[Call]) -> Call:
    """Items as fields of an answer."""
    return {"items": str(len(items)), **{f"{number}.{name}": value for number, item in enumerate(items) for name, value in item.items()}}
