"""Builds a client's program, keeps it running, asks it one call a line. It knows no case and judges no answer.

A call and an answer are one line each in the form that HTML forms have (`name=value&name=value`), because every language here
reads and writes that without a library. A program is started as `run WSDL ENDPOINT VERSION`, says first
`client=NAME AND VERSION&operations=A,B,C`, and then answers each call with `outcome=result`, with `outcome=fault` for what its
SOAP library raises for a fault, `exception`, `code`, `message` and `pointer` taken from the typed detail, or with
`outcome=error` for everything else.
"""

from __future__ import annotations

import concurrent.futures
import hashlib
import os
import pathlib
import re
import selectors
import shutil
import subprocess
import sys
import tempfile
import time
from urllib.parse import parse_qsl, urlencode

import requests
from interop_clients import FOLDER, Client, node

ROOT = FOLDER.parents[1]
BUILDS = ROOT / "target/interop"
ANSWER_TIMEOUT_S = 120
BUILD_TIMEOUT_S = 600

Line = dict[str, str]


class ClientError(RuntimeError):
    """A client's program cannot be built, ended, or is silent."""


def environment(wsdl: str, out: pathlib.Path) -> dict[str, str]:
    return {**os.environ, "PYTHON": sys.executable, "NODE": node(), "WSDL": wsdl, "OUT": str(out), "LC_ALL": "C.UTF-8", "no_proxy": "*"}


class Builds:
    """The programs of clients that generate or compile, made beside each other and kept as long as WSDL and sources are the same."""

    def __init__(self, wsdl: str):
        self.wsdl = wsdl
        text = requests.get(wsdl, timeout=60).text
        self.wsdl_hash = hashlib.sha256(re.sub(r'location="[^"]*"', "", text).encode()).hexdigest()
        self.pool = concurrent.futures.ThreadPoolExecutor(os.cpu_count() or 1)
        self.started: dict[str, concurrent.futures.Future[pathlib.Path]] = {}

    def start(self, client: Client) -> None:
        if client.name not in self.started:
            self.started[client.name] = self.pool.submit(self._build, client)

    def folder(self, client: Client) -> pathlib.Path:
        self.start(client)
        return self.started[client.name].result()

    def _build(self, client: Client) -> pathlib.Path:
        script = client.folder / "build"
        BUILDS.mkdir(parents=True, exist_ok=True)
        if not script.exists():
            return BUILDS
        sources = hashlib.sha256(self.wsdl_hash.encode())
        shared = client.folder.parent.glob("*.*")
        for path in sorted(path for path in (*shared, *client.folder.rglob("*")) if path.is_file()):
            sources.update(path.read_bytes())
        done = BUILDS / f"{client.name}-{sources.hexdigest()[:16]}"
        if done.exists():
            return done
        for old in BUILDS.glob(f"{client.name}-????????????????"):
            shutil.rmtree(old, ignore_errors=True)
        folder = pathlib.Path(tempfile.mkdtemp(prefix=f"{client.name}.", dir=BUILDS))
        try:
            made = subprocess.run([str(script)], cwd=folder, env=environment(self.wsdl, folder), stdin=subprocess.DEVNULL,
                                  stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=BUILD_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            raise ClientError(f"{client.name} is not built within {BUILD_TIMEOUT_S} s") from None
        if made.returncode != 0:
            shutil.rmtree(folder, ignore_errors=True)
            raise ClientError(f"{client.name} cannot be built:\n{made.stdout[-8000:]}")
        folder.rename(done)
        return done


class Program:
    """A client's running program for one version of SOAP."""

    def __init__(self, client: Client, wsdl: str, endpoint: str, version: str, out: pathlib.Path):
        self.name = f"{client.name} {version}"
        self.errors = tempfile.TemporaryFile()
        command = [str(client.folder / "run"), wsdl, endpoint, version]
        self.process = subprocess.Popen(command, env=environment(wsdl, out), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.errors)
        self.selector = selectors.DefaultSelector()
        self.selector.register(self.process.stdout, selectors.EVENT_READ)
        self.rest = b""
        self.hello = self._line()

    def ask(self, call: Line) -> Line:
        try:
            self.process.stdin.write(urlencode(call).encode() + b"\n")
            self.process.stdin.flush()
        except BrokenPipeError:
            raise ClientError(f"{self.name} has ended: {self._said()}") from None
        return self._line()

    def _line(self) -> Line:
        deadline = time.monotonic() + ANSWER_TIMEOUT_S
        while b"\n" not in self.rest:
            if not self.selector.select(max(0.0, deadline - time.monotonic())):
                raise ClientError(f"{self.name} is silent for {ANSWER_TIMEOUT_S} s: {self._said()}")
            read = os.read(self.process.stdout.fileno(), 65536)
            if not read:
                raise ClientError(f"{self.name} ended: {self._said()}")
            self.rest += read
        line, self.rest = self.rest.split(b"\n", 1)
        return dict(parse_qsl(line.decode().rstrip("\r"), keep_blank_values=True))

    def _said(self) -> str:
        self.errors.seek(0)
        return self.errors.read()[-4000:].decode(errors="replace")

    def close(self) -> None:
        self.process.stdin.close()
        try:
            self.process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.selector.close()
        self.process.stdout.close()
        self.errors.close()
