"""Other people's SOAP stacks against the service: the WSDL loads and every operation works in each, in each version that it speaks."""

from __future__ import annotations

import datetime
import decimal

import pytest
from conftest import as_json
from interop_cases import CASES, OPERATIONS, Case, Step
from interop_clients import CLIENTS, Client, must_be_there

WSDL = Case("the WSDL loads", "wsdl", ())
CELLS = [(client, version, case) for client in CLIENTS for version in client.versions for case in (WSDL, *CASES)
         if case.needs is None or case.needs in client.can]


@pytest.mark.parametrize(("client", "version", "case"), CELLS,
                         ids=[f"{client.name}-{version}-{case.name}" for client, version, case in CELLS])
def test_interop(request, client: Client, version: str, case: Case):
    missing = client.missing()
    if missing and must_be_there():
        pytest.fail(f"{client.name} needs {', '.join(missing)}: run tests/interop/install.sh")
    if missing:
        pytest.skip(f"{client.name} needs {', '.join(missing)}: run tests/interop/install.sh")
    tenants = request.getfixturevalue("tenants")
    if case.needs == "digest":
        tenants = {**tenants, "own": request.getfixturevalue("digest_key")}
        if tenants["own"] is None:
            pytest.skip("the server offers no password digests")
    program = request.getfixturevalue("programs")(client, version)
    if case is WSDL:
        assert tuple(program.hello["operations"].split(",")) == OPERATIONS, program.hello
        return
    known = {**request.getfixturevalue("seed"), "catalog": f"{client.name}-{version}-{CASES.index(case)}"}
    for step in case.steps:
        take(step, client, program, tenants[step.tenant], known)
    for catalog, item in case.stored:
        stored = request.getfixturevalue("rest").get(f"/v1/catalogs/{catalog.format(**known)}/items/{item['sku']}").json()
        assert parts(stored, as_json(item)) == parts(as_json(item), as_json(item))


def take(step: Step, client: Client, program, tenant, known: dict[str, str]) -> None:
    """Makes one call and holds its answer against what has to come back."""
    call = {name: value if name == "document" else filled(value, known) for name, value in step.fields.items()}
    who = {"user": tenant.key_id, "password": tenant.secret if step.is_secret_right else "wrong"}
    answer = program.ask({"operation": step.operation, "credential": step.credential, **who, **call})
    expected = {name: filled(value, known) for name, value in step.expect.items()}
    if expected["outcome"] == "fault":
        expected["exception"] = client.exception
        # The sentence is for people; that there is one, and the request's id, shows that the whole detail was read.
        assert answer.get("message") and answer.get("requestId") and answer.get("reason"), answer
    got = {name: answer.get(name) for name in expected}
    assert {name: comparable(name, value) for name, value in got.items()} == \
           {name: comparable(name, value) for name, value in expected.items()}, answer
    known.update({name: answer[name] for name in step.keep})


def filled(value: str | None, known: dict[str, str]) -> str | None:
    for name, put in known.items():
        value = value.replace("{" + name + "}", put) if value else value
    return value


def comparable(name: str, value):
    """12.5 is 12.50, and 01:00+01:00 is 00:00Z."""
    if not isinstance(value, str):
        return value
    kind = name.rsplit(".", 1)[-1]
    if kind in ("amount", "progress"):
        return decimal.Decimal(value)
    if kind == "validFrom":
        return datetime.datetime.fromisoformat(value).astimezone(datetime.UTC)
    return value


def parts(whole, like):
    """What of `whole` is spoken of in `like`; amounts as numbers."""
    if isinstance(like, dict) and isinstance(whole, dict):
        return {name: comparable(name, parts(whole[name], inner)) for name, inner in like.items() if name in whole}
    if isinstance(like, list) and isinstance(whole, list) and len(whole) == len(like):
        return [parts(it, inner) for it, inner in zip(whole, like, strict=True)]
    return whole
