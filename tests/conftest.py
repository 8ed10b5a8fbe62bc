"""One server for a whole run, one fresh tenant for every test."""

from __future__ import annotations

import os
import pathlib

import pytest
from plugpoint_kit.rest import Rest
from plugpoint_kit.server import Server, Tenant
from plugpoint_kit.soap import Soap

ROOT = pathlib.Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session")
def server():
    server = Server().start()
    yield server
    server.remove()


@pytest.fixture
def tenant(server: Server) -> Tenant:
    return server.create_tenant()


@pytest.fixture
def rest(server: Server, tenant: Tenant) -> Rest:
    return Rest(server.url, tenant.auth)


@pytest.fixture
def soap(server: Server, tenant: Tenant) -> Soap:
    return Soap(server.url, tenant.auth)


@pytest.fixture(scope="session")
def shared_data() -> pathlib.Path:
    """The folder of real-world samples, where a machine has one; they are not part of this repository."""
    folder = pathlib.Path(os.environ.get("PLUGPOINT_SHARED_DATA") or ROOT.parent / "shared/data")
    if not (folder / "MANIFEST.json").exists():
        pytest.skip("no shared sample data (PLUGPOINT_SHARED_DATA)")
    return folder
