"""Sessions of browsers: what stands behind the cookie, what it needs to change something, and how it ends."""

from __future__ import annotations

import json

import pytest
import requests
from plugpoint_kit.server import Server

COOKIE = "plugpoint_session"


@pytest.fixture(scope="module")
def operator(server: Server) -> tuple[str, str]:
    return made(server, "session-jo", "operator")


def made(server: Server, name: str, role: str) -> tuple[str, str]:
    ended = server.command("operator", "create", name, "--role", role, "--json")
    assert ended.returncode == 0, ended.stderr
    credential = json.loads(ended.stdout)
    return credential["key_id"], credential["secret"]


def log_in(server: Server, auth: tuple[str, str]) -> tuple[requests.Session, dict]:
    """A browser that has logged in, and what it was told."""
    answer = requests.post(f"{server.url}/v1/session", auth=auth, timeout=30)
    assert answer.status_code == 201, answer.text
    browser = requests.Session()
    browser.cookies.update(answer.cookies)
    return browser, answer.json()


def code(answer: requests.Response) -> tuple[int, str | None]:
    return answer.status_code, answer.json().get("code")


def test_an_operators_session_is_that_operator(server, operator):
    answer = requests.post(f"{server.url}/v1/session", auth=operator, timeout=30)
    cookie = answer.headers["Set-Cookie"]
    assert "HttpOnly" in cookie and "SameSite=Strict" in cookie and "Path=/" in cookie and "Max-Age=28800" in cookie
    assert "Secure" not in cookie and answer.headers["Cache-Control"] == "no-store"
    browser, told = log_in(server, operator)
    assert (told["kind"], told["name"], told["role"]) == ("operator", "session-jo", "operator")
    assert browser.get(f"{server.url}/v1/tasks", timeout=30).status_code == 200
    again = browser.get(f"{server.url}/v1/session", timeout=30).json()
    assert again["csrf_token"] == told["csrf_token"] and again["expires_at"] == told["expires_at"]
    assert code(browser.get(f"{server.url}/v1/catalogs", timeout=30)) == (403, "forbidden")


def test_behind_tls_the_cookie_is_for_tls(server, operator):
    answer = requests.post(f"{server.url}/v1/session", auth=operator, headers={"X-Forwarded-Proto": "https"}, timeout=30)
    assert answer.headers["Set-Cookie"].endswith("; Secure")


def test_a_tenants_session_is_that_tenant(server, tenant):
    browser, told = log_in(server, tenant.auth)
    assert (told["kind"], told["tenant"]) == ("tenant", tenant.name)
    assert browser.get(f"{server.url}/v1/tenants/self", timeout=30).json()["tenant"] == tenant.name
    assert code(browser.get(f"{server.url}/v1/tasks", timeout=30)) == (403, "forbidden")
    item = {"sku": "A", "texts": [{"lang": "en", "title": "A"}]}
    url = f"{server.url}/v1/catalogs/main/items/A"
    assert code(browser.put(url, json=item, timeout=30)) == (403, "forbidden")
    put = browser.put(url, json=item, headers={"X-CSRF-Token": told["csrf_token"]}, timeout=30)
    assert put.status_code in (200, 201), put.text


@pytest.mark.parametrize("token", [None, "", "0" * 64, "x"])
def test_nothing_is_changed_without_the_sessions_own_header(server, operator, token):
    browser, _ = log_in(server, operator)
    headers = {} if token is None else {"X-CSRF-Token": token}
    for call in (browser.post, browser.patch):
        path = "/v1/deployments" if call == browser.post else "/v1/tasks/documents.retention"
        answer = call(f"{server.url}{path}", json={"version": "1", "note": "", "disabled_until": None}, headers=headers, timeout=30)
        assert code(answer) == (403, "forbidden"), answer.text
    assert code(browser.delete(f"{server.url}/v1/session", headers=headers, timeout=30)) == (403, "forbidden")


def test_the_header_of_another_session_does_not_do(server, operator):
    browser, _ = log_in(server, operator)
    _, others = log_in(server, operator)
    body = {"version": "1", "note": ""}
    answer = browser.post(f"{server.url}/v1/deployments", json=body, headers={"X-CSRF-Token": others["csrf_token"]}, timeout=30)
    assert code(answer) == (403, "forbidden")


def test_the_sessions_own_header_does(server, operator):
    browser, told = log_in(server, operator)
    body = {"version": "1.0", "note": "by session"}
    answer = browser.post(f"{server.url}/v1/deployments", json=body, headers={"X-CSRF-Token": told["csrf_token"]}, timeout=30)
    assert answer.status_code == 201 and answer.json()["by"] == "operator session-jo", answer.text


def test_a_viewers_session_only_looks(server):
    browser, told = log_in(server, made(server, "session-vi", "viewer"))
    assert browser.get(f"{server.url}/v1/tenants", timeout=30).status_code == 200
    answer = browser.post(f"{server.url}/v1/deployments", json={"version": "1", "note": ""}, headers={"X-CSRF-Token": told["csrf_token"]}, timeout=30)
    assert code(answer) == (403, "forbidden")


def test_logging_out_ends_the_session_whoever_kept_the_cookie(server, operator):
    browser, told = log_in(server, operator)
    kept = dict(browser.cookies)
    answer = browser.delete(f"{server.url}/v1/session", headers={"X-CSRF-Token": told["csrf_token"]}, timeout=30)
    assert answer.status_code == 204 and "Max-Age=0" in answer.headers["Set-Cookie"]
    assert code(requests.get(f"{server.url}/v1/session", cookies=kept, timeout=30)) == (401, "unauthenticated")


def test_a_session_ends_with_its_operator(server):
    browser, _ = log_in(server, made(server, "session-gone", "admin"))
    assert browser.get(f"{server.url}/v1/tasks", timeout=30).status_code == 200
    ended = server.command("operator", "remove", "session-gone")
    assert ended.returncode == 0, ended.stderr
    assert code(browser.get(f"{server.url}/v1/tasks", timeout=30)) == (401, "unauthenticated")


def test_a_session_outlives_a_crash_of_the_server(server_of_its_own):
    server = server_of_its_own
    browser, _ = log_in(server, made(server, "jo", "viewer"))
    server.kill()
    server.start()
    assert browser.get(f"{server.url}/v1/tasks", timeout=30).status_code == 200


@pytest.fixture
def server_of_its_own():
    server = Server().start()
    yield server
    server.remove()


@pytest.mark.parametrize("cookie", ["", "0" * 64, "0" * 63, "G" * 64, "a b", "0" * 4000])
def test_a_cookie_that_is_none_is_nobody(server, cookie):
    answer = requests.get(f"{server.url}/v1/session", headers={"Cookie": f"{COOKIE}={cookie}"}, timeout=30)
    assert code(answer) == (401, "unauthenticated")


def test_wrong_credentials_get_no_session(server, operator):
    answer = requests.post(f"{server.url}/v1/session", auth=(operator[0], "wrong"), timeout=30)
    assert code(answer) == (401, "unauthenticated") and "Set-Cookie" not in answer.headers


def test_a_session_begins_no_other(server, operator):
    browser, told = log_in(server, operator)
    answer = browser.post(f"{server.url}/v1/session", headers={"X-CSRF-Token": told["csrf_token"]}, timeout=30)
    assert code(answer) == (401, "unauthenticated")


def test_credentials_come_before_the_cookie(server, operator, tenant):
    browser, _ = log_in(server, operator)
    assert browser.get(f"{server.url}/v1/session", auth=tenant.auth, timeout=30).json()["kind"] == "tenant"
    assert code(browser.get(f"{server.url}/v1/session", auth=("ok_no", "no"), timeout=30)) == (401, "unauthenticated")


def test_a_pages_script_is_asked_in_a_way_that_opens_no_dialog(server):
    plain = requests.get(f"{server.url}/v1/session", timeout=30)
    assert plain.headers["WWW-Authenticate"].startswith("Basic ")
    scripted = requests.get(f"{server.url}/v1/session", headers={"X-Requested-With": "XMLHttpRequest"}, timeout=30)
    assert (scripted.status_code, scripted.headers["WWW-Authenticate"]) == (401, 'Session realm="plugpoint"')


def test_the_console_may_load_nothing_but_its_own_files(server):
    answer = requests.get(f"{server.url}/console/", timeout=30)
    policy = answer.headers["Content-Security-Policy"]
    assert "unsafe" not in policy and "default-src 'none'" in policy and "frame-ancestors 'none'" in policy
    assert requests.get(f"{server.url}/console/nothing.js", timeout=30).status_code == 404
    assert requests.get(f"{server.url}/console/..%2f..%2fetc%2fpasswd", timeout=30).status_code == 404
