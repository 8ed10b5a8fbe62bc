"""Who takes part: every client with its versions, what it can, and how its faults arrive. What each is asked is in `interop_cases`."""

from __future__ import annotations

import dataclasses
import functools
import os
import pathlib
import shutil
import subprocess
import sys
from collections.abc import Callable

FOLDER = pathlib.Path(__file__).parent
NODE_MIN = 20

BOTH = ("1.1", "1.2")
ONLY_11 = ("1.1",)


@dataclasses.dataclass(frozen=True)
class Need:
    """One thing that a client needs, and the package that brings it."""

    package: str
    is_there: Callable[[], bool]


def command(name: str, package: str) -> Need:
    return Need(package, lambda: shutil.which(name) is not None)


def file(path: str, package: str) -> Need:
    return Need(package, lambda: pathlib.Path(path).exists())


def answers(package: str, *line: str) -> Need:
    """A command that ends well when the thing is there."""
    return Need(package, lambda: shutil.which(line[0]) is not None and subprocess.run(line, capture_output=True, timeout=60).returncode == 0)


def module(name: str, package: str) -> Need:
    return answers(f"pip {package}", sys.executable, "-c", f"import {name}")


def node() -> str:
    """The node that install.sh found or fetched."""
    fetched = pathlib.Path(sys.executable).parent / "node"
    return str(fetched) if fetched.exists() else "node"


NODE = Need(f"nodejs >= {NODE_MIN}", lambda: _node_is_new_enough())
GXX = command("g++", "g++")
JDK = command("javac", "openjdk-17-jdk-headless")
JARS = "/usr/share/java"


def _node_is_new_enough() -> bool:
    if not shutil.which(node()):
        return False
    said = subprocess.run([node(), "--version"], capture_output=True, text=True, timeout=60).stdout
    return int(said.lstrip("v").split(".")[0] or 0) >= NODE_MIN


def npm(name: str) -> Need:
    return file(str(FOLDER / "node_modules" / name / "package.json"), f"npm {name}")


@dataclasses.dataclass(frozen=True)
class Client:
    """One client; its programs are in `clients/<name>/`."""

    name: str
    versions: tuple[str, ...]
    # The class of the exception (or fault object) in which a fault of the service arrives.
    exception: str
    needs: tuple[Need, ...]
    # What it can beyond the operations: "token", "digest", "astral" (characters beyond U+FFFF), "split" (writes such a
    # character as two references, which is not XML), "blanks" (keeps the blanks at a text's ends when it reads), "references" and
    # "cdata" (escapes a text that looks like a reference or a section of CDATA), "lax" (sends what the schema's patterns refuse).
    can: frozenset[str]

    @property
    def folder(self) -> pathlib.Path:
        return FOLDER / "clients" / self.name

    @functools.cache
    def missing(self) -> tuple[str, ...]:
        return tuple(need.package for need in self.needs if not need.is_there())


def _client(name: str, versions: tuple[str, ...], exception: str, needs: tuple[Need, ...], can: str) -> Client:
    return Client(name, versions, exception, needs, frozenset(can.split()))


CLIENTS = (
    _client("zeep", BOTH, "Fault", (module("zeep", "zeep"),), "token digest astral blanks references cdata lax"),
    _client("suds", ONLY_11, "WebFault", (module("suds", "suds-community"),), "token digest astral blanks cdata lax"),
    _client("node-soap", BOTH, "Error", (NODE, npm("soap")), "token digest astral references cdata lax"),
    _client("strong-soap", BOTH, "Error", (NODE, npm("strong-soap")), "token digest astral references lax"),
    _client("php", BOTH, "SoapFault", (answers("php-cli php-soap", "php", "-r", "exit(extension_loaded('soap') ? 0 : 1);"),),
            "token astral blanks references cdata lax"),
    _client("gsoap", BOTH, "PlugpointFault",
            (command("wsdl2h", "gsoap"), file("/usr/include/stdsoap2.h", "libgsoap-dev"), file("/usr/include/openssl/sha.h", "libssl-dev"), GXX),
            "token digest astral blanks references cdata lax"),
    _client("soap-lite", BOTH, "SOAP::SOM", (answers("libsoap-lite-perl", "perl", "-MSOAP::Lite", "-e1"),), "token astral blanks references cdata lax"),
    _client("soap-wsdl", ONLY_11, "SOAP::WSDL::SOAP::Typelib::Fault11",
            (command("wsdl2perl", "libsoap-wsdl-perl"), answers("libsoap-wsdl-perl", "perl", "-MSOAP::WSDL", "-e1")), "token astral blanks references cdata lax"),
    _client("jaxws", BOTH, "CatalogFault", (JDK, command("wsimport", "jaxws"), file(f"{JARS}/jaxws-rt.jar", "libjaxws-java")),
            "token astral blanks references cdata lax"),
    _client("axis", ONLY_11, "PlugpointFault",
            (JDK, file(f"{JARS}/axis.jar", "libaxis-java"), file(f"{JARS}/javax.mail.jar", "libmail-java")), "token split blanks references cdata lax"),
    _client("mono", BOTH, "SoapException", (command("wsdl", "mono-devel"), command("mcs", "mono-devel")), "astral blanks references cdata lax"),
    _client("soap4r", ONLY_11, "SOAP::FaultError", (answers("ruby-soap4r ruby-httpclient", "ruby", "-e", "require 'soap/wsdlDriver'; require 'httpclient'"),),
            "token astral blanks references cdata"),
    _client("curl", BOTH, "curl", (command("curl", "curl"), answers("pip lxml", sys.executable, "-c", "import lxml")),
            "token digest astral blanks references cdata lax"),
)


def must_be_there() -> bool:
    """In the continuous integration no client may be missing."""
    return os.environ.get("CI", "") not in ("", "0", "false")
