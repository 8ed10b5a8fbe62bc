"""Starts, stops, kills and restarts a `plugpoint serve` of our own, and creates tenants on its data folder.

With PLUGPOINT_URL set the installation belongs to somebody else: nothing is started or ended, and tenants can be created
only when PLUGPOINT_DATA_DIR names its data folder.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import uuid

import requests

START_TIMEOUT_S = 60
STOP_TIMEOUT_S = 60


class ServerError(RuntimeError):
    """The server or one of its commands did not do what it was asked for."""


@dataclasses.dataclass(frozen=True)
class Tenant:
    """A tenant and its way in."""

    name: str
    customer: str | None
    key_id: str
    secret: str

    @property
    def auth(self) -> tuple[str, str]:
        return self.key_id, self.secret


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def binary() -> str:
    """PLUGPOINT_BIN, else the workspace's newest build, else whatever is installed."""
    named = os.environ.get("PLUGPOINT_BIN")
    if named:
        return named
    target = pathlib.Path(__file__).resolve().parents[3] / "target"
    built = [path for path in (target / "debug/plugpoint", target / "release/plugpoint") if path.exists()]
    if built:
        return str(max(built, key=lambda path: path.stat().st_mtime))
    installed = shutil.which("plugpoint")
    if installed:
        return installed
    raise ServerError("no plugpoint binary: run `make build` or set PLUGPOINT_BIN")


def environment(data_dir: str | os.PathLike[str]) -> dict[str, str]:
    """What a server and the commands on a data folder get. Where PLUGPOINT__DATABASE__URL names a PostgreSQL database, each folder has
    schemas of its own there, as it has files of its own without."""
    own = {}
    if os.environ.get("PLUGPOINT__DATABASE__URL") and "PLUGPOINT__DATABASE__SCHEMA_PREFIX" not in os.environ:
        folder = str(pathlib.Path(data_dir).resolve())
        own["PLUGPOINT__DATABASE__SCHEMA_PREFIX"] = "e" + hashlib.sha256(folder.encode()).hexdigest()[:12]
    return {**os.environ, **own}


class Server:
    """One server process on one data folder."""

    def __init__(self, data_dir: str | os.PathLike[str] | None = None, env: dict[str, str] | None = None):
        self._scratch = None if data_dir else tempfile.mkdtemp(prefix="plugpoint-")
        self.data_dir = pathlib.Path(data_dir or self._scratch)
        self.data_dir.mkdir(parents=True, exist_ok=True)
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._told = env or {}
        self._env = {**environment(self.data_dir), **self._told}
        self._process: subprocess.Popen[bytes] | None = None
        self._log = tempfile.NamedTemporaryFile(prefix="plugpoint-", suffix=".log", delete=False)

    @property
    def pid(self) -> int:
        if self._process is None:
            raise ServerError("the server is not running")
        return self._process.pid

    def start(self) -> Server:
        command = [binary(), "serve", "--data-dir", str(self.data_dir), "--listen", f"127.0.0.1:{self.port}"]
        self._process = subprocess.Popen(command, env=self._env, stdin=subprocess.DEVNULL, stdout=self._log, stderr=self._log)
        deadline = time.monotonic() + START_TIMEOUT_S
        while time.monotonic() < deadline:
            if self._process.poll() is not None:
                raise ServerError(f"the server ended at once with {self._process.returncode}:\n{self.log()}")
            try:
                if requests.get(f"{self.url}/readyz", timeout=2).status_code == 200:
                    return self
            except requests.ConnectionError:
                pass
            time.sleep(0.05)
        self.kill()
        raise ServerError(f"the server was not ready after {START_TIMEOUT_S} s:\n{self.log()}")

    def stop(self) -> int:
        """Asks it to end and returns its exit code."""
        return self._end(signal.SIGTERM)

    def kill(self) -> int:
        """Ends it as a power cut would, as far as a process can tell."""
        return self._end(signal.SIGKILL)

    def _end(self, how: signal.Signals) -> int:
        if self._process is None:
            return 0
        self._process.send_signal(how)
        try:
            code = self._process.wait(timeout=STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
            raise ServerError(f"the server did not end within {STOP_TIMEOUT_S} s:\n{self.log()}") from None
        self._process = None
        return code

    def remove(self) -> None:
        """Ends it if it still runs and throws its scratch folder and log away."""
        if self._process is not None:
            self.kill()
        self._log.close()
        os.unlink(self._log.name)
        if self._scratch:
            shutil.rmtree(self._scratch, ignore_errors=True)

    def log(self) -> str:
        """The end of what it said."""
        return pathlib.Path(self._log.name).read_text(errors="replace")[-8000:]

    def log_bytes(self) -> int:
        """How much it has said so far."""
        return pathlib.Path(self._log.name).stat().st_size

    def log_lines(self, since: int = 0) -> list[str]:
        """What it said since then, without colours."""
        said = pathlib.Path(self._log.name).read_bytes()[since:].decode(errors="replace")
        return re.sub(r"\x1b\[[0-9;]*m", "", said).splitlines()

    def resident_kb(self, *, anew: bool = False) -> int:
        """The most memory that it had at once; `anew` forgets what was before and says what it has now."""
        if anew:
            pathlib.Path(f"/proc/{self.pid}/clear_refs").write_text("5")
        return int(pathlib.Path(f"/proc/{self.pid}/status").read_text().split("VmHWM:")[1].split()[0])

    def create_tenant(self, name: str | None = None, customer: str | None = None, profile: str | None = None) -> Tenant:
        return create_tenant(self.data_dir, name, customer, profile)

    def add_key(self, tenant: Tenant, *, digest: bool = False) -> Tenant:
        """The tenant with one more credential, made for password digests if asked for."""
        done = self.command("tenant", "add-key", tenant.name, "--json", *(["--digest"] if digest else []))
        if done.returncode != 0:
            raise ServerError(f"tenant add-key {tenant.name} ended with {done.returncode}: {done.stderr}{done.stdout}")
        said = json.loads(done.stdout)
        return Tenant(said["tenant"], said.get("customer"), said["key_id"], said["secret"])

    def command(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Runs a command of the binary on the same data folder, with what the server alone was told by its environment."""
        return run_command(*arguments, "--data-dir", str(self.data_dir), env={**environment(self.data_dir), **self._told})


def run_command(*arguments: str, env: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    if env is None and "--data-dir" in arguments:
        env = environment(arguments[arguments.index("--data-dir") + 1])
    return subprocess.run([binary(), *arguments], capture_output=True, text=True, timeout=60, env=env)


def create_tenant(data_dir: str | os.PathLike[str], name: str | None, customer: str | None, profile: str | None) -> Tenant:
    """`plugpoint tenant create`; a name of its own where none is given. `profile` is the text of a profile.toml."""
    name = name or f"t-{uuid.uuid4().hex[:12]}"
    command = ["tenant", "create", name, "--data-dir", str(data_dir), "--json"]
    if customer:
        command += ["--customer", customer]
    with tempfile.NamedTemporaryFile("w", suffix=".toml") as file:
        if profile:
            file.write(profile)
            file.flush()
            command += ["--profile", file.name]
        done = run_command(*command)
    if done.returncode != 0:
        raise ServerError(f"tenant create {name} ended with {done.returncode}: {done.stderr}{done.stdout}")
    said = json.loads(done.stdout)
    return Tenant(said["tenant"], said.get("customer"), said["key_id"], said["secret"])
