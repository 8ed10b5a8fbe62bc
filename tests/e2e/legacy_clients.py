"""Clients of services whose facades we are, unchanged: PHP's SoapClient in a process of its own, and zeep."""

from __future__ import annotations

import json
import pathlib
import shutil
import subprocess
from typing import Any

import requests
import zeep
from zeep.transports import Transport

PHP_CLIENT = pathlib.Path(__file__).parent / "php/client.php"


class LegacyFault(Exception):
    """What a client is told, whichever client it is."""

    def __init__(self, code: str, text: str):
        super().__init__(f"{code}: {text}")
        self.code, self.text = code.rsplit(":", 1)[-1], text


class PhpClient:
    """PHP's SoapClient in a process of its own."""

    def __init__(self, wsdl: str, **options: Any):
        self.process = subprocess.Popen(["php", str(PHP_CLIENT)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.last: str = ""
        self._ask({"wsdl": wsdl, "options": options})

    def call(self, operation: str, *arguments: Any) -> Any:
        return self._ask({"operation": operation, "arguments": list(arguments)})

    def _ask(self, asked: dict[str, Any]) -> Any:
        self.process.stdin.write(json.dumps(asked) + "\n")
        self.process.stdin.flush()
        said = json.loads(self.process.stdout.readline())
        self.last = said["request"] or ""
        if "faultcode" in said:
            raise LegacyFault(said["faultcode"], said["faultstring"])
        return said["ok"]

    def close(self) -> None:
        self.process.stdin.close()
        self.process.wait(timeout=30)


class ZeepClient:
    """zeep, strict, as a customer's script has it."""

    def __init__(self, wsdl: str, auth: tuple[str, str] | None = None):
        session = requests.Session()
        session.trust_env = False
        session.auth = auth
        self.client = zeep.Client(wsdl, transport=Transport(session=session, timeout=120))

    def call(self, operation: str, *arguments: Any, **named: Any) -> Any:
        """With positional arguments, lists are those of SOAP's encoding: entries of which each says what it is."""
        arguments = [self._encoded(argument) for argument in arguments]
        try:
            return zeep.helpers.serialize_object(self.client.service[operation](*arguments, **named), dict)
        except zeep.exceptions.Fault as fault:
            raise LegacyFault(fault.code, fault.message) from None

    def _encoded(self, value: Any) -> Any:
        if isinstance(value, dict):
            return {name: self._encoded(inner) for name, inner in value.items()}
        if not isinstance(value, list):
            return value
        return {"_value_1": [zeep.xsd.AnyObject(zeep.xsd.Element("item", self._type(it)), self._encoded(it)) for it in value]}

    def _type(self, entry: Any) -> Any:
        if isinstance(entry, str):
            return zeep.xsd.String()
        return self.client.get_type("ns0:complexFilter" if isinstance(entry["value"], dict) else "ns0:associativeEntity")

    def close(self) -> None:
        pass


def has_php() -> bool:
    if not shutil.which("php"):
        return False
    return "soap" in subprocess.run(["php", "-m"], capture_output=True, text=True, timeout=30).stdout.split()
