"""The guide's page for integrators shows lines of the programs that are run here, and speaks of every client."""

from __future__ import annotations

import re

import pytest
from interop_clients import CLIENTS, FOLDER, Client

PAGE = (FOLDER.parents[1] / "docs/src/soap-clients.md").read_text()
SECTIONS = dict(re.findall(r"^## (\S+)\n(.*?)(?=^## |\Z)", PAGE, flags=re.MULTILINE | re.DOTALL))


@pytest.mark.parametrize("client", CLIENTS, ids=lambda client: client.name)
def test_what_the_guide_shows_is_what_is_run(client: Client):
    program = {line.strip() for path in client.folder.iterdir() for line in path.read_text().splitlines()}
    shown = [line.strip() for language, block in re.findall(r"^```(\w+)\n(.*?)^```", SECTIONS[client.name], flags=re.MULTILINE | re.DOTALL)
             for line in block.splitlines() if language != "text"]
    assert [line for line in shown if line not in program] == []


def test_the_table_is_that_of_the_clients():
    rows = re.findall(r"^\| \[[^\]]+\]\(#([\w-]+)\)[^|]*\| ([\d., ]+) \| ([^|]+) \|", PAGE, flags=re.MULTILINE)
    found = {name: (tuple(versions.strip().split(", ")), "UsernameToken" in credentials) for name, versions, credentials in rows}
    assert found == {client.name: (client.versions, "token" in client.can) for client in CLIENTS}
    assert set(SECTIONS) == set(found)
