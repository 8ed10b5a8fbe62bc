"""What people do with the console, in a real browser; each page looked at by axe, in both colours."""

from __future__ import annotations

import re

import pytest
import requests
from playwright.sync_api import expect

OF_OPERATORS = ["Overview", "Tenants", "Tasks", "Runs", "Daemons", "Fleet", "Deployments"]
OF_TENANTS = ["Imports", "Catalogs", "Extensions"]
FIRST_LOAD_BYTES_MAX = 300_000


def violations(console, axe: str) -> list[str]:
    console.page.evaluate(axe)
    found = console.page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    return [f"{it['id']}: {it['help']}: {[node['html'][:120] for node in it['nodes'][:3]]}" for it in found["violations"]]


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_page_is_accessible(console, jo, acme, axe, shots, theme):
    console.page.emulate_media(color_scheme=theme)
    console.open()
    console.page.get_by_role("heading", name="Plugpoint console").wait_for()
    look(console, axe, shots, f"login-{theme}")
    for auth, pages in ((jo, OF_OPERATORS), (acme, OF_TENANTS)):
        console.log_in(auth)
        for name in pages:
            console.go(name)
            if name == "Imports":
                console.page.get_by_label("Catalog").select_option("spare")
            if name not in ("Overview", "Fleet", "Deployments", "Runs"):
                console.page.get_by_role("table").first.wait_for()
            look(console, axe, shots, f"{name.lower()}-{theme}")
        console.page.get_by_role("button", name="Log out").click()
        console.page.get_by_role("button", name="Log in").wait_for()


def look(console, axe, shots, name: str) -> None:
    console.page.wait_for_timeout(200)
    if shots:
        console.page.screenshot(path=shots / f"{name}.png")
    assert violations(console, axe) == [], name


def test_wrong_credentials_are_told_and_open_no_dialog(console):
    console.open()
    console.page.get_by_label("Key id").fill("ok_nobody")
    console.page.get_by_label("Secret").fill("wrong")
    console.page.get_by_role("button", name="Log in").click()
    expect(console.page.get_by_role("alert")).to_have_text("Key id or secret is wrong.")


def test_a_session_outlives_a_reload_and_ends_with_log_out(console, jo):
    console.log_in(jo)
    console.page.reload()
    console.page.get_by_role("button", name="Log out").click()
    console.page.get_by_role("button", name="Log in").wait_for()
    console.page.reload()
    console.page.get_by_role("button", name="Log in").wait_for()


def test_no_script_reads_the_session(console, jo):
    console.log_in(jo)
    assert "plugpoint_session" not in console.page.evaluate("document.cookie")
    cookie = next(it for it in console.page.context.cookies() if it["name"] == "plugpoint_session")
    assert cookie["httpOnly"] and cookie["sameSite"] == "Strict"


def test_a_session_that_ended_elsewhere_leads_to_the_log_in(console, jo):
    console.log_in(jo).go("Tasks")
    console.page.context.clear_cookies()
    console.page.get_by_text("The session has ended").wait_for()


def test_a_task_is_run_and_its_run_looked_at_and_restarted(console, jo, acme, axe, shots):
    console.log_in(jo).go("Tasks")
    row = console.row("documents.retention")
    row.get_by_role("button", name="Run now").click()
    dialog = console.page.get_by_role("dialog")
    if dialog.get_by_label("Tenant").count():
        dialog.get_by_label("Tenant").fill("acme")
    look(console, axe, shots, "intent")
    dialog.get_by_role("button", name="Run now").click()
    told = console.page.get_by_text(re.compile(r"run \d+, by operator jo"))
    told.wait_for()
    number = re.search(r"run (\d+)", told.inner_text())[1]
    console.go("Runs")
    row = console.page.get_by_role("row").filter(has=console.page.get_by_role("cell", name=number, exact=True)).first
    expect(row).to_contain_text("succeeded", timeout=30_000)
    row.get_by_role("button", name="Details").click()
    expect(console.page.get_by_role("dialog")).to_contain_text("operator jo")
    look(console, axe, shots, "run")
    console.page.keyboard.press("Escape")
    expect(console.page.get_by_role("dialog")).to_have_count(0)
    row.get_by_role("button", name="Restart").click()
    console.page.get_by_text("Done.").wait_for()


def test_wrong_input_of_an_intent_is_told(console, jo):
    console.log_in(jo).go("Tasks")
    console.row("documents.retention").get_by_role("button", name="Run now").click()
    console.page.get_by_label("Input (JSON)").fill("[1]")
    console.page.get_by_role("dialog").get_by_role("button", name="Run now").click()
    console.page.get_by_text("This is no JSON object.").wait_for()


@pytest.mark.parametrize("page,name", [("Tasks", "tasks.history"), ("Daemons", "sources")])
def test_what_runs_is_disabled_and_enabled(console, jo, platform, page, name):
    console.log_in(jo).go(page)
    row = console.row(name)
    row.get_by_role("button", name="Disable until").click()
    console.page.get_by_role("dialog").get_by_role("button", name="Disable until").click()
    expect(row).to_contain_text("disabled until")
    kind = page.lower()
    row_of = lambda: next(it for it in requests.get(f"{platform.url}/v1/{kind}", auth=jo, timeout=30).json()[kind] if it["name"] == name)
    assert row_of().get("disabled_until")
    row.get_by_role("button", name="Enable").click()
    expect(row).to_contain_text("enabled")
    assert not row_of().get("disabled_until")


def test_a_mark_is_set(console, jo):
    console.log_in(jo).go("Deployments")
    console.page.get_by_role("button", name="Set a mark").click()
    console.page.get_by_label("Version").fill("9.9.9")
    console.page.get_by_label("Note").fill("canary of acme")
    console.page.get_by_role("dialog").get_by_role("button", name="Set a mark").click()
    expect(console.row("9.9.9")).to_contain_text("operator jo")


def test_a_viewer_sees_and_presses_nothing(console, vi):
    console.log_in(vi).go("Tasks")
    console.page.get_by_text("Your role, viewer, only looks.").wait_for()
    expect(console.row("documents.retention").get_by_role("button", name="Run now")).to_be_disabled()


def test_findings_are_shown_with_their_lines(console, acme, axe, shots):
    console.log_in(acme).go("Imports")
    console.page.get_by_label("Catalog").select_option("spare")
    console.page.get_by_role("button", name="Details").first.click()
    dialog = console.page.get_by_role("dialog")
    expect(dialog.get_by_role("row").filter(has_text="BAD").first).to_contain_text("error")
    look(console, axe, shots, "findings")


def test_an_import_is_seen_at_work(console, acme, platform):
    console.log_in(acme).go("Imports")
    console.page.get_by_label("Catalog").select_option("main")
    rows = console.page.get_by_role("row")
    rows.nth(1).wait_for()
    before = rows.count()
    body = b'[{"sku":"LATER","texts":[{"lang":"en","title":"Later"}]}]'
    url = f"{platform.url}/v1/catalogs/main/imports?mode=merge"
    assert requests.post(url, data=body, auth=acme, headers={"Content-Type": "application/json"}, timeout=30).ok
    expect(rows).to_have_count(before + 1)


def test_a_thousand_items_are_shown(console, acme, shots):
    console.log_in(acme).go("Catalogs")
    console.page.get_by_role("link", name="main", exact=True).click()
    table = console.page.get_by_role("region", name="Items")
    rows = table.get_by_role("row")
    for count in range(2, 12):
        console.page.get_by_role("button", name="Show more").click()
        expect(rows).to_have_count(count * 100 + 1)
    if not shots:
        return
    # A figure for people, no test: how long a frame takes while the page is scrolled.
    took = console.page.evaluate("""async () => {
        const times = [];
        for (let n = 0; n < 10; n++) {
            const from = performance.now();
            window.scrollTo(0, n * 2000);
            await new Promise(requestAnimationFrame);
            times.push(performance.now() - from);
        }
        return times.sort((a, b) => a - b)[5];
    }""")
    (shots / "frames.txt").write_text(f"{took:.1f} ms: median of ten frames with 1100 rows\n")


def test_items_are_searched(console, acme):
    console.log_in(acme).go("Catalogs")
    console.page.get_by_role("link", name="spare", exact=True).click()
    console.page.get_by_label("Title begins with").fill("a GOOD")
    console.page.keyboard.press("Enter")
    table = console.page.get_by_role("region", name="Items").get_by_role("row")
    expect(table).to_have_count(9)
    console.page.get_by_label("Title begins with").fill("nothing of the kind")
    console.page.keyboard.press("Enter")
    console.page.get_by_text("Nothing here yet.").wait_for()


def test_everything_is_reached_by_the_keyboard(console, jo):
    console.open()
    page = console.page
    page.get_by_label("Key id").wait_for()
    page.keyboard.type(jo[0])
    page.keyboard.press("Tab")
    page.keyboard.type(jo[1])
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Log out").wait_for()
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to content")).to_be_focused()
    for name in OF_OPERATORS[:3]:
        page.keyboard.press("Tab")
        expect(page.get_by_role("link", name=name, exact=True)).to_be_focused()
    page.keyboard.press("Enter")
    page.get_by_role("heading", level=1, name="Tasks").wait_for()
    button = console.row("tasks.history").get_by_role("button", name="Disable until")
    button.focus()
    page.keyboard.press("Enter")
    page.get_by_role("dialog").wait_for()
    page.keyboard.press("Escape")
    expect(button).to_be_focused()


@pytest.mark.parametrize("language,word,log_out", [("de", "Aufgaben", "Abmelden"), ("pl", "Zadania", "Wyloguj")])
def test_it_speaks_the_users_language(console, jo, language, word, log_out, shots):
    console.log_in(jo)
    console.page.get_by_label("Language").select_option(language)
    console.page.get_by_role("navigation").get_by_role("link", name=word, exact=True).click()
    console.page.get_by_role("heading", level=1, name=word).wait_for()
    assert console.page.evaluate("document.documentElement.lang") == language
    console.page.get_by_role("table").wait_for()
    if shots:
        console.page.screenshot(path=shots / f"tasks-{language}.png")
    console.page.get_by_role("button", name=log_out).click()


def test_the_first_load_is_small(console, platform):
    sizes = []
    console.page.on("response", lambda it: sizes.append(it.request.sizes()["responseBodySize"]) if "/console/" in it.url else None)
    console.open()
    console.page.get_by_role("heading", level=1).wait_for()
    console.page.wait_for_load_state("networkidle")
    assert len(sizes) >= 3 and 10_000 < sum(sizes) < FIRST_LOAD_BYTES_MAX, sizes
