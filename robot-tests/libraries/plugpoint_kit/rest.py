"""The REST side of one tenant: thin enough that a test sees the real answers."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import requests

TIMEOUT_S = 120
ENDED = ("succeeded", "failed")


class Rest:
    """Requests with one credential."""

    def __init__(self, url: str, auth: tuple[str, str] | None):
        self.url = url.rstrip("/")
        self.session = requests.Session()
        self.session.auth = auth
        # requests would otherwise pick up a .netrc or a proxy of the machine.
        self.session.trust_env = False

    def call(self, method: str, path: str, **options: Any) -> requests.Response:
        options.setdefault("timeout", TIMEOUT_S)
        options.setdefault("allow_redirects", False)
        return self.session.request(method, self.url + path, **options)

    def get(self, path: str, **options: Any) -> requests.Response:
        return self.call("GET", path, **options)

    def post_import(self, catalog: str, document: bytes, content_type: str | None = "application/json", *, mode: str | None = None,
                    wait: int | None = 60, key: str | None = None, **options: Any) -> requests.Response:
        headers = options.pop("headers", {})
        if content_type:
            headers["Content-Type"] = content_type
        if wait:
            headers["Prefer"] = f"wait={wait}"
        if key:
            headers["Idempotency-Key"] = key
        params = {"mode": mode} if mode else {}
        return self.call("POST", f"/v1/catalogs/{catalog}/imports", data=document, headers=headers, params=params, **options)

    def wait_for_import(self, catalog: str, import_id: str, timeout_s: float = TIMEOUT_S) -> dict[str, Any]:
        deadline = time.monotonic() + timeout_s
        while True:
            answer = self.get(f"/v1/catalogs/{catalog}/imports/{import_id}")
            answer.raise_for_status()
            view = answer.json()
            if view["status"] in ENDED:
                return view
            if time.monotonic() > deadline:
                raise TimeoutError(f"import {import_id} is still {view['status']} after {timeout_s} s")
            time.sleep(0.05)

    def pages(self, path: str, **params: Any) -> Iterator[dict[str, Any]]:
        """Follows next_cursor to the end."""
        while True:
            answer = self.get(path, params=params)
            answer.raise_for_status()
            page = answer.json()
            yield page
            if not page.get("next_cursor"):
                return
            params["cursor"] = page["next_cursor"]

    def items(self, catalog: str, **params: Any) -> list[dict[str, Any]]:
        return [item for page in self.pages(f"/v1/catalogs/{catalog}/items", **params) for item in page["items"]]

    def findings(self, catalog: str, import_id: str) -> list[dict[str, Any]]:
        path = f"/v1/catalogs/{catalog}/imports/{import_id}/findings"
        return [finding for page in self.pages(path) for finding in page["findings"]]

    def remove_items(self, catalog: str) -> None:
        for item in self.items(catalog):
            self.call("DELETE", f"/v1/catalogs/{catalog}/items/{requests.utils.quote(item['sku'], safe='')}")
