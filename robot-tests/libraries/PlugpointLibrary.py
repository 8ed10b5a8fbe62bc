"""Keywords that need a program: a server under control, tenants, SOAP by a real toolkit, broken messages.

REST is left to RequestsLibrary and the .resource files. With the environment variable PLUGPOINT_URL the suites run against
that installation: its credentials come from PLUGPOINT_KEY_ID and PLUGPOINT_SECRET, and suites that need more tenants than
that are skipped unless PLUGPOINT_DATA_DIR names its data folder.
"""

from __future__ import annotations

import json
import os
import pathlib
import uuid
from typing import Any

import zeep
from plugpoint_kit.rest import Rest
from plugpoint_kit.server import Server, Tenant, create_tenant, run_command
from plugpoint_kit.soap import Soap, ZeepClient, envelope
from robot.api import SkipExecution, logger
from robot.api.deco import keyword, library

DATA = pathlib.Path(__file__).resolve().parents[1] / "data"


@library(scope="GLOBAL", auto_keywords=False)
class PlugpointLibrary:
    """See the module's text; one instance serves a whole run."""

    def __init__(self) -> None:
        self._server: Server | None = None
        self._url = os.environ.get("PLUGPOINT_URL", "").rstrip("/")
        self._data_dir = os.environ.get("PLUGPOINT_DATA_DIR")

    @keyword
    def start_installation(self) -> str:
        """Starts a server on a scratch folder, or finds the one of PLUGPOINT_URL. Returns its address."""
        if not self._url:
            self._server = Server().start()
            self._url, self._data_dir = self._server.url, str(self._server.data_dir)
        logger.info(f"installation: {self._url}")
        return self._url

    @keyword
    def stop_installation(self) -> None:
        """Ends the server if it is ours; its exit code must be 0."""
        if self._server is None:
            return
        code = self._server.stop()
        log = self._server.log()
        self._server.remove()
        self._server, self._url, self._data_dir = None, "", None
        if code != 0:
            raise AssertionError(f"the server ended with {code}:\n{log}")

    @keyword
    def restart_installation(self) -> None:
        """Stops and starts our own server; skipped on an installation of somebody else's."""
        if self._server is None:
            raise SkipExecution("this installation is not ours to restart")
        self._server.stop()
        self._server.start()

    @keyword
    def installation_address(self) -> str:
        return self._url

    @keyword
    def create_tenant(self, customer: str | None = None, transformer: str | None = None) -> Tenant:
        """A new tenant: of a customer, or with the generic reader of that name, or plain."""
        profile = f'[catalog]\ntransformer = "{transformer}"\n' if transformer else None
        if self._data_dir:
            return create_tenant(self._data_dir, None, customer, profile)
        if customer or profile or "PLUGPOINT_KEY_ID" not in os.environ:
            raise SkipExecution("a tenant of its own needs PLUGPOINT_DATA_DIR on this installation")
        return Tenant("given", None, os.environ["PLUGPOINT_KEY_ID"], os.environ["PLUGPOINT_SECRET"])

    @keyword
    def create_operator(self, role: str = "operator") -> Tenant:
        """Credentials of a new operator, which stand for no tenant."""
        name = f"robot-{uuid.uuid4().hex[:12]}"
        return Tenant(name, None, *self._command("operator", "create", name, "--role", role, "--json", pick=("key_id", "secret")))

    @keyword
    def rotate_key(self, tenant: Tenant) -> Tenant:
        """Gives the tenant a new secret; the old one must stop working."""
        return Tenant(tenant.name, tenant.customer, *self._command("tenant", "rotate-key", tenant.name, "--json", pick=("key_id", "secret")))

    @keyword
    def list_tenants(self) -> list[str]:
        """The names that `plugpoint tenant list` prints."""
        listed = json.loads(self._run("tenant", "list", "--json"))
        rows = listed["tenants"] if isinstance(listed, dict) else listed
        return [row["tenant"] for row in rows]

    @keyword
    def plan_without_calls(self, plan: dict[str, Any]) -> list[dict[str, Any]]:
        """The points of a plan without what only a running server counts: the calls of each hook."""
        hooks = lambda point: [{name: value for name, value in hook.items() if name != "calls"} for hook in point["hooks"]]
        return [{**point, "hooks": hooks(point)} for point in plan["points"]]

    @keyword
    def effective_extensions(self, tenant: Tenant) -> dict[str, Any]:
        """What `plugpoint extensions --tenant` prints."""
        return json.loads(self._run("extensions", "--tenant", tenant.name, "--json"))

    @keyword
    def remove_all_items(self, tenant: Tenant, catalog: str) -> None:
        """Removes what a suite left in a catalog."""
        rest = Rest(self._url, tenant.auth)
        if rest.get(f"/v1/catalogs/{catalog}").status_code == 200:
            rest.remove_items(catalog)

    @keyword
    def document_from_data(self, file: str) -> bytes:
        """The bytes of a file of the data folder."""
        return (DATA / file).read_bytes()

    @keyword
    def push_items(self, tenant: Tenant, catalog: str, items: list[dict[str, Any]], version: str = "1.1", mode: str = "merge",
                   credentials: str = "basic", key: str | None = None) -> Any:
        """Pushes canonical items with a SOAP toolkit and returns what it makes of the answer."""
        options = {"idempotencyKey": key} if key else {}
        return self._client(tenant, version, credentials).import_items(catalog, items, mode=mode, **options)

    @keyword
    def push_document(self, tenant: Tenant, catalog: str, file: str, version: str = "1.1", mode: str = "replace") -> Any:
        """Pushes a file of the data folder as a foreign document."""
        return self._client(tenant, version).import_document(catalog, self.document_from_data(file), mode=mode)

    @keyword
    def ask_import_status(self, tenant: Tenant, import_id: str) -> Any:
        return self._client(tenant).service.GetImportStatus(importId=import_id)

    @keyword
    def fetch_item(self, tenant: Tenant, catalog: str, sku: str) -> Any:
        answer = self._client(tenant).service.GetItem(catalogId=catalog, sku=sku)
        return getattr(answer, "item", answer)

    @keyword
    def fetch_all_skus(self, tenant: Tenant, catalog: str, limit: int = 100) -> list[str]:
        """Follows ListItems to its end."""
        client, skus, cursor = self._client(tenant), [], None
        while True:
            page = client.service.ListItems(catalogId=catalog, limit=limit, **({"cursor": cursor} if cursor else {}))
            skus += [item.sku for item in page.items.item]
            cursor = page.nextCursor
            if not cursor:
                return skus

    @keyword
    def fault_of_pushing_items(self, tenant: Tenant, catalog: str, items: list[dict[str, Any]], version: str = "1.1",
                               credentials: str = "basic", key: str | None = None, mode: str = "merge") -> str:
        """The stable code of the fault that this push must end in."""
        try:
            answer = self.push_items(tenant, catalog, items, version, mode, credentials, key)
        except zeep.exceptions.Fault as fault:
            return fault.detail.xpath("//*[local-name()='code']")[0].text
        raise AssertionError(f"the push was answered: {answer}")

    @keyword
    def fault_of_message(self, tenant: Tenant, file: str, version: str = "1.1") -> str:
        """Posts a SOAP body from the data folder, `NAMESPACE` in it replaced by the service's, and returns the fault's stable code.

        A file that brings its own envelope is sent as it is.
        """
        soap = Soap(self._url, tenant.auth)
        text = (DATA / file).read_text(encoding="utf-8").replace("NAMESPACE", soap.ns)
        answer = soap.post(text if "Envelope" in text else envelope(text, version), version)
        if answer.code is None:
            raise AssertionError(f"no fault with a code, but HTTP {answer.status}: {answer.text}")
        return answer.code

    def _client(self, tenant: Tenant, version: str = "1.1", credentials: str = "basic") -> ZeepClient:
        if credentials == "username token":
            return ZeepClient(self._url, token=tenant.auth, version=version)
        return ZeepClient(self._url, auth=tenant.auth if credentials == "basic" else None, version=version)

    def _run(self, *arguments: str) -> str:
        if not self._data_dir:
            raise SkipExecution("commands need PLUGPOINT_DATA_DIR on this installation")
        done = run_command(*arguments, "--data-dir", self._data_dir)
        if done.returncode != 0:
            raise AssertionError(f"plugpoint {' '.join(arguments)} ended with {done.returncode}: {done.stderr}")
        return done.stdout

    def _command(self, *arguments: str, pick: tuple[str, ...]) -> tuple[str, ...]:
        said = json.loads(self._run(*arguments))
        return tuple(said[name] for name in pick)
