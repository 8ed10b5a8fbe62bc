"""The server with its tenants, the clients' programs, and the matrix at the end."""

from __future__ import annotations

import json

import pytest
from interop_cases import COLUMNS, HOSTILE, SEED
from interop_clients import CLIENTS, Client
from interop_driver import Builds, ClientError, Program
from plugpoint_kit.rest import Rest
from plugpoint_kit.server import Server, Tenant
from plugpoint_kit.soap import PATH

CELL = "interop_cell"


# --- The server and what is there before a client comes ---

@pytest.fixture(scope="session")
def tenants(server: Server) -> dict[str, Tenant]:
    return {"own": server.create_tenant(), "foreign": server.create_tenant(profile='[catalog]\ntransformer = "bmecat"\n')}


@pytest.fixture(scope="session")
def rest(server: Server, tenants: dict[str, Tenant]) -> Rest:
    return Rest(server.url, tenants["own"].auth)


def as_json(item: dict[str, str]) -> dict:
    """An item of the cases in the canonical form."""
    text = {"lang": item["lang"], "title": item["title"], **({"keywords": item["keywords"].split("|")} if "keywords" in item else {})}
    stored = {"sku": item["sku"], "texts": [text], **{name: item[name] for name in ("status", "brand") if name in item}}
    if "amount" in item:
        stored["prices"] = [{"kind": "list", "amount": item["amount"], "currency": item["currency"],
                             "tax_included": item["taxIncluded"] == "true", "valid_from": item["validFrom"].replace("+00:00", "Z")}]
    return stored


@pytest.fixture(scope="session")
def seed(rest: Rest) -> dict[str, str]:
    """Brought in over REST, so that no client's reading depends on a client's writing."""
    document = json.dumps([as_json(item) for item in SEED]).encode()
    seeded = rest.post_import("seed", document).json()
    assert seeded["status"] == "succeeded", seeded
    hostile = rest.post_import("hostile", json.dumps([as_json(HOSTILE)]).encode()).json()
    assert hostile["counts"]["added"] == 1, hostile
    rest.post_import("empty", document).raise_for_status()
    rest.remove_items("empty")
    return {"seed": "seed", "empty": "empty", "hostile": "hostile", "importId": seeded["id"]}


@pytest.fixture(scope="session")
def digest_key(server: Server, tenants: dict[str, Tenant]) -> Tenant | None:
    """The tenant with a credential made for password digests, which are not checked against a hash; None where the server has none."""
    own = tenants["own"]
    done = server.command("tenant", "add-key", own.name, "--digest", "--json")
    if done.returncode != 0:
        return None
    said = json.loads(done.stdout)
    return Tenant(own.name, own.customer, said["key_id"], said["secret"])


# --- The programs ---

@pytest.fixture(scope="session")
def programs(request, server: Server):
    """Gives the running program of a client and a version; the first that is asked for starts all builds beside each other."""
    wsdl, endpoint = f"{server.url}{PATH}?wsdl", f"{server.url}{PATH}"
    builds, running = Builds(wsdl), {}
    wanted = {item.callspec.params["client"].name for item in request.session.items if "client" in getattr(item, "callspec", _None).params}
    for client in CLIENTS:
        if client.name in wanted and not client.missing():
            builds.start(client)

    def program(client: Client, version: str) -> Program:
        key = (client.name, version)
        if key not in running:
            try:
                running[key] = Program(client, wsdl, endpoint, version, builds.folder(client))
            except ClientError as error:
                running[key] = error
        if isinstance(running[key], ClientError):
            raise running[key]
        return running[key]

    yield program
    for started in running.values():
        if isinstance(started, Program):
            started.close()


class _None:
    params: dict = {}


# --- The matrix ---

def pytest_collection_modifyitems(items):
    for item in items:
        params = getattr(item, "callspec", _None).params
        if "client" in params and "case" in params:
            item.user_properties.append((CELL, [params["client"].name, params["version"], params["case"].column]))


def pytest_terminal_summary(terminalreporter):
    cells: dict[tuple[str, str], dict[str, set[str]]] = {}
    cases = 0
    for outcome in ("passed", "failed", "error", "skipped"):
        for report in terminalreporter.stats.get(outcome, []):
            found = dict(getattr(report, "user_properties", [])).get(CELL)
            if found:
                name, version, column = found
                cells.setdefault((name, version), {}).setdefault(column, set()).add(outcome)
                cases += outcome != "skipped"
    if cells:
        terminalreporter.section("interop matrix")
        for line in matrix(cells, cases):
            terminalreporter.write_line(line)


def word(outcomes: set[str]) -> str:
    """What a cell says: no outcome at all means that the client cannot."""
    if outcomes & {"failed", "error"}:
        return "FAILED"
    return "ok" if "passed" in outcomes else "skipped" if outcomes else "-"


def matrix(cells: dict[tuple[str, str], dict[str, set[str]]], cases: int) -> list[str]:
    order = [(client.name, version) for client in CLIENTS for version in client.versions]
    rows = [("client", "SOAP", *COLUMNS)]
    for pair in [pair for pair in order if pair in cells]:
        rows.append((*pair, *(word(cells[pair].get(column, set())) for column in COLUMNS)))
    widths = [max(len(row[number]) for row in rows) for number in range(len(rows[0]))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    said = [cell for row in rows[1:] for cell in row[2:]]
    clients = {row[0] for row in rows[1:] if "ok" in row}
    skipped = f", {said.count('skipped')} skipped" if "skipped" in said else ""
    counted = said.count("ok") + said.count("FAILED")
    return [*lines, f"interop: {len(clients)} clients, {counted} cells ({cases} cases), {said.count('FAILED')} failed{skipped}"]
