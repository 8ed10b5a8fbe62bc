"""A real browser, and a server with something to see."""

from __future__ import annotations

import json
import os
import pathlib
import shutil

import pytest
from playwright.sync_api import Browser, Page, sync_playwright
from plugpoint_kit.rest import Rest
from plugpoint_kit.server import Server

ROOT = pathlib.Path(__file__).resolve().parents[2]
WAIT_MS = 15_000


def pytest_addoption(parser):
    parser.addoption("--shots", default=None, help="a folder to write a picture of every page to")


@pytest.fixture(scope="session")
def shots(request) -> pathlib.Path | None:
    folder = request.config.getoption("--shots")
    if folder is None:
        return None
    path = pathlib.Path(folder)
    path.mkdir(parents=True, exist_ok=True)
    return path


@pytest.fixture(scope="session")
def axe() -> str:
    """The accessibility checker, as its package has it."""
    return (ROOT / "plugins/console/web/node_modules/axe-core/axe.min.js").read_text(encoding="utf-8")


@pytest.fixture(scope="session")
def browser() -> Browser:
    path = shutil.which("chromium")
    assert path, "these tests need Debian's chromium; .ci/setup installs it"
    with sync_playwright() as playwright:
        # A browser run by root has no sandbox of its own.
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"] if os.geteuid() == 0 else [])
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def platform() -> Server:
    """A server with tenants, a catalog with findings, and runs that ended in different ways."""
    server = Server().start()
    yield server
    server.remove()


def operator(server: Server, name: str, role: str) -> tuple[str, str]:
    ended = server.command("operator", "create", name, "--role", role, "--json")
    assert ended.returncode == 0, ended.stderr
    told = json.loads(ended.stdout)
    return told["key_id"], told["secret"]


@pytest.fixture(scope="session")
def jo(platform: Server) -> tuple[str, str]:
    return operator(platform, "jo", "operator")


@pytest.fixture(scope="session")
def vi(platform: Server) -> tuple[str, str]:
    return operator(platform, "vi", "viewer")


@pytest.fixture(scope="session")
def acme(platform: Server) -> tuple[str, str]:
    """A tenant whose catalog has 1,200 items, and an import of which two were refused."""
    tenant = platform.create_tenant("acme")
    rest = Rest(platform.url, tenant.auth)
    items = [{"sku": f"A{n:04}", "brand": "Voltwerk", "texts": [{"lang": "en", "title": f"Cable tie {n} mm"}]} for n in range(1200)]
    answer = rest.post_import("main", json.dumps(items).encode())
    assert answer.json()["status"] == "succeeded", answer.text
    good = ['{"sku":"GOOD%s","texts":[{"lang":"en","title":"A good one"}]}' % n for n in range(8)]
    lines = [*good, '{"sku":"BAD"}', '{"sku":"WORSE","texts":[],"status":"nowhere"}']
    answer = rest.post_import("spare", ("[" + ",\n ".join(lines) + "]").encode())
    assert answer.json()["status"] == "succeeded", answer.text
    return tenant.auth


class Console:
    """The console in a browser window of its own."""

    def __init__(self, page: Page, url: str):
        self.page, self.url, self.said = page, url, []
        page.set_default_timeout(WAIT_MS)
        page.on("console", lambda it: self.said.append(it.text) if it.type in ("error", "warning") else None)
        page.on("pageerror", lambda error: self.said.append(str(error)))

    def open(self, where: str = "") -> Console:
        self.page.goto(f"{self.url}/console/{where}")
        return self

    def log_in(self, auth: tuple[str, str]) -> Console:
        self.open()
        self.page.get_by_label("Key id").fill(auth[0])
        self.page.get_by_label("Secret").fill(auth[1])
        self.page.get_by_role("button", name="Log in").click()
        self.page.get_by_role("button", name="Log out").wait_for()
        return self

    def go(self, name: str) -> Console:
        self.page.get_by_role("navigation").get_by_role("link", name=name, exact=True).click()
        self.page.get_by_role("heading", level=1, name=name, exact=True).wait_for()
        return self

    def row(self, text: str):
        return self.page.get_by_role("row").filter(has_text=text).first

    def complaints(self) -> list[str]:
        """What the browser complained of, but for the first look whether there is a session."""
        return [it for it in self.said if "401" not in it]


@pytest.fixture
def console(browser: Browser, platform: Server):
    context = browser.new_context(locale="en-GB", viewport={"width": 1400, "height": 900})
    console = Console(context.new_page(), platform.url)
    yield console
    context.close()
    assert console.complaints() == []
