"""`plugpoint pull` against an invented shop: beside a server and without one, and whatever a service can do to it."""

from __future__ import annotations

import json
import os
import pathlib
import shutil
import signal
import subprocess
import time

import pytest
from magento_stub import Shop, fault, hang
from plugpoint_kit.rest import Rest
from plugpoint_kit.server import Server, Tenant, binary, create_tenant

SECRET_ENV = "PLUGPOINT_SOURCE_SHOP"
PRODUCTS = [*range(1, 181), *range(900, 1000), 250_000]


def profile(url: str, more: str = "") -> str:
    return (
        '[catalog]\ntransformer = "magento"\ncurrency = "EUR"\nlanguage = "de"\n'
        f'[sources.shop]\nurl = "{url}"\nkind = "magento"\nuser = "api"\nsecret_env = "{SECRET_ENV}"\n{more}'
    )


def command(data_dir: pathlib.Path, *arguments: str, secret: str | None, **more: str) -> list:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PLUGPOINT_SOURCE")} | more
    if secret is not None:
        environment[SECRET_ENV] = secret
    return [[binary(), "pull", *arguments, "--data-dir", str(data_dir)], environment]


def pull(data_dir: pathlib.Path, *arguments: str, secret: str | None, **more: str) -> subprocess.CompletedProcess[str]:
    line, environment = command(data_dir, *arguments, secret=secret, **more)
    return subprocess.run(line, env=environment, capture_output=True, text=True, timeout=120)


def spooled(data_dir: pathlib.Path, tenant: Tenant) -> list[pathlib.Path]:
    folder = data_dir / "spool" / tenant.name
    return sorted(folder.iterdir()) if folder.exists() else []


def assert_nothing_was_kept(data_dir: pathlib.Path, tenant: Tenant):
    assert spooled(data_dir, tenant) == []


def assert_the_secret_is_nowhere(secret: str, data_dir: pathlib.Path, *texts: str):
    for text in texts:
        assert secret not in text
    for file in data_dir.rglob("*"):
        if file.is_file():
            assert secret.encode() not in file.read_bytes(), file


@pytest.fixture
def data_dir(tmp_path: pathlib.Path) -> pathlib.Path:
    """A data folder that no server uses."""
    return tmp_path / "data"


def test_a_shop_is_pulled_beside_a_running_server(server: Server):
    with Shop(PRODUCTS) as shop:
        tenant = server.create_tenant(profile=profile(shop.url))
        rest = Rest(server.url, tenant.auth)
        done = pull(server.data_dir, "--tenant", tenant.name, "shop", "--json", secret=shop.key)
        assert done.returncode == 0, done.stderr
        told = json.loads(done.stdout)
        assert (told["status"], told["catalog"], told["mode"], told["error"]) == ("succeeded", "main", "replace", None)
        assert told["counts"]["added"] == told["pulled"]["records"] == len(PRODUCTS)
        assert told["findings"] == 0
        assert eventually(lambda: rest.get("/v1/catalogs/main").status_code == 200)
        item = rest.get("/v1/catalogs/main/items/SHOP-950").json()
        assert item["texts"] == [{"lang": "de", "title": "Produkt Nr. 950 & Zubeh\u00f6r"}]
        assert item["prices"] == [{"kind": "list", "amount": "950.9900", "currency": "EUR"}]
        assert item["availability"] == {"status": "in_stock", "quantity": "950.0000"}
        record = rest.get(f"/v1/catalogs/main/imports/{told['import']}").json()
        assert record["status"] == "succeeded"
        assert shop.problems == [] and shop.sessions == set()
        assert (shop.count("login"), shop.count("endSession"), shop.count("catalogProductInfo")) == (1, 1, len(PRODUCTS))
        # What has gone from the shop goes from the catalog: the mode is replace.
        shop.products = PRODUCTS[:100]
        done = pull(server.data_dir, "--tenant", tenant.name, "shop", secret=shop.key)
        assert done.returncode == 0 and "0 added, 0 changed, 100 unchanged, 181 removed" in done.stdout, done.stdout
        assert eventually(lambda: rest.get("/v1/catalogs/main").json()["item_count"] == 100)
        # Kept like any document: another plan can be tried on it.
        replayed = server.command("shadow", "--tenant", tenant.name, "--candidate", "voltwerk", "--json")
        assert json.loads(replayed.stdout)["replays"][0]["today"]["counts"]["read"] == 100
        assert_the_secret_is_nowhere(shop.key, server.data_dir, done.stdout, done.stderr, server.log())


def test_a_shop_is_pulled_without_a_server(data_dir: pathlib.Path):
    with Shop(PRODUCTS) as shop:
        tenant = create_tenant(data_dir, None, None, profile(shop.url, "page_size = 7\n"))
        options = ("--catalog", "trial", "--mode", "merge", "--json")
        done = pull(data_dir, "--tenant", tenant.name, "shop", *options, secret=shop.key)
        assert done.returncode == 0, done.stderr
        told = json.loads(done.stdout)
        assert (told["catalog"], told["mode"], told["counts"]["added"]) == ("trial", "merge", len(PRODUCTS))
        assert shop.problems == [] and shop.sessions == set()
        document = (data_dir / "spool" / tenant.name / told["import"] / "document").read_text()
        assert document.count("<product>") == len(PRODUCTS) and 'xmlns="urn:plugpoint:magento:1"' in document
        assert_the_secret_is_nowhere(shop.key, data_dir, done.stdout, done.stderr)
    server = Server(data_dir).start()
    try:
        answer = Rest(server.url, tenant.auth).get("/v1/catalogs/trial/items/SHOP-250000")
        assert answer.status_code == 200
    finally:
        server.remove()


def test_the_documents_of_a_server_are_left_to_it(data_dir: pathlib.Path):
    """What was acknowledged before is the server's: a pull imports its own document and no other."""
    with Shop([1, 2]) as shop:
        tenant = create_tenant(data_dir, None, None, profile(shop.url))
        assert pull(data_dir, "--tenant", tenant.name, "shop", secret=shop.key).returncode == 0
        first = spooled(data_dir, tenant)[0]
        # As a server leaves it that was killed before it imported: acknowledged, with an id of its own and no ending.
        other = first.with_name(first.name[:-4] + ("0000" if first.name[-4:] != "0000" else "0001"))
        shutil.copytree(first, other)
        meta = json.loads((other / "meta.json").read_text())
        (other / "meta.json").write_text(json.dumps(meta | {"id": other.name, "catalog": "servers"}))
        assert pull(data_dir, "--tenant", tenant.name, "shop", secret=shop.key).returncode == 0
    server = Server(data_dir)
    try:
        # Taken up by the next start, and only then.
        server.start()
        rest = Rest(server.url, tenant.auth)
        assert eventually(lambda: rest.get(f"/v1/catalogs/servers/imports/{other.name}").json().get("status") == "succeeded")
        assert len(rest.get("/v1/catalogs/main/imports").json()["imports"]) == 2
    finally:
        server.remove()


def failing(kind):
    """What the shop does at its 150th description."""

    def trouble(operation, product):
        return kind() if operation == "catalogProductInfo" and product == 150 else None

    return trouble


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        (lambda: fault("1", "Internal Error."), "source_failed: catalogProductInfo: the service answered fault 1: Internal Error."),
        (lambda: (503, "down"), "HTTP status 503"),
        (lambda: (302, ""), "HTTP status 302"),
        (lambda: (200, "<html><body>Wartung</body></html>"), "no SOAP at all"),
        (lambda: (200, b"\x00\x01\x02"), "no SOAP that can be read"),
        (lambda: (200, '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'), "document type declaration"),
        (lambda: (200, "x" * 20_000), "source_answer_too_large"),
        (lambda: (None, ""), "broke off"),
        (lambda: hang(4), "source_timeout"),
    ],
    ids=["fault", "status", "redirect", "html", "garbage", "doctype", "too-large", "broken-off", "hanging"],
)
def test_a_shop_that_fails_in_the_middle_changes_nothing(data_dir: pathlib.Path, kind, expected):
    with Shop(PRODUCTS) as shop:
        tenant = create_tenant(data_dir, None, None, profile(shop.url, "timeout_s = 1\nresponse_bytes_max = 16384\n"))
        shop.trouble = failing(kind)
        done = pull(data_dir, "--tenant", tenant.name, "shop", "--json", secret=shop.key)
        assert done.returncode == 1 and expected in done.stderr, done.stderr
        told = json.loads(done.stdout)
        assert told["status"] == "not_pulled" and told["error"]["code"] in done.stderr and "import" not in told
        assert shop.sessions == set() and shop.operations[-1] == "endSession"
        assert_nothing_was_kept(data_dir, tenant)
        assert_the_secret_is_nowhere(shop.key, data_dir, done.stdout, done.stderr)


def test_a_session_that_expires_is_renewed_once(data_dir: pathlib.Path):
    with Shop(PRODUCTS) as shop:
        tenant = create_tenant(data_dir, None, None, profile(shop.url))
        expired = []

        def trouble(operation, product):
            if operation == "catalogProductInfo" and product in (100, 950) and product not in expired[:limit]:
                expired.append(product)
                return fault("5", "Session expired. Try to relogin.")
            return None

        shop.trouble, limit = trouble, 2
        expired.append(950)
        done = pull(data_dir, "--tenant", tenant.name, "shop", secret=shop.key)
        assert done.returncode == 0, done.stderr
        assert shop.count("login") == 2
        expired.clear()
        done = pull(data_dir, "--tenant", tenant.name, "shop", secret=shop.key)
        assert done.returncode == 1 and "fault 5" in done.stderr
        assert len(spooled(data_dir, tenant)) == 1


def test_a_login_that_is_refused(data_dir: pathlib.Path):
    with Shop(PRODUCTS) as shop:
        tenant = create_tenant(data_dir, None, None, profile(shop.url))
        done = pull(data_dir, "--tenant", tenant.name, "shop", secret="wr0ng-key")
        assert done.returncode == 1
        assert "source_login_refused: login: the service answered fault 2: Access denied for api with [secret]." in done.stderr
        assert shop.operations == ["login"]
        assert_nothing_was_kept(data_dir, tenant)
        assert_the_secret_is_nowhere("wr0ng-key", data_dir, done.stdout, done.stderr)


def test_what_is_not_set_or_not_there_is_said(data_dir: pathlib.Path):
    with Shop([1]) as shop:
        tenant = create_tenant(data_dir, None, None, profile(shop.url))
        url = shop.url
        cases = [
            (("shop",), None, f"set the environment variable {SECRET_ENV}", 1),
            (("shop",), "", f"set the environment variable {SECRET_ENV}", 1),
            (("shopp",), "any-key", 'has no source "shopp"; did you mean "shop"?', 1),
            (("shop", "--mode", "all"), "any-key", "replace, merge or delete", 2),
            (("shop", "--catalog", "a b"), "any-key", "--catalog", 2),
            ((), "any-key", "SOURCE", 2),
        ]
        for arguments, secret, expected, code in cases:
            done = pull(data_dir, "--tenant", tenant.name, *arguments, secret=secret)
            assert (done.returncode, expected in done.stderr) == (code, True), (arguments, done.stderr)
        assert shop.operations == []
        done = pull(data_dir, "--tenant", "nobody", "shop", secret="any-key")
        assert done.returncode == 1 and "there is no tenant nobody" in done.stderr
    # The shop has gone.
    done = pull(data_dir, "--tenant", tenant.name, "shop", secret="any-key")
    assert done.returncode == 1 and "source_unreachable" in done.stderr and url in done.stderr, done.stderr
    assert_nothing_was_kept(data_dir, tenant)


def test_sources_are_listed_and_profiles_checked(data_dir: pathlib.Path, tmp_path: pathlib.Path):
    tenant = create_tenant(data_dir, None, None, profile("https://shop.example/api"))
    done = pull(data_dir, "--tenant", tenant.name, "--list", "--json", secret="x")
    (listed,) = json.loads(done.stdout)["sources"]
    assert (listed["name"], listed["kind"], listed["secret_is_set"]) == ("shop", "magento", True)
    done = pull(data_dir, "--tenant", tenant.name, "--list", secret=None)
    assert f"{SECRET_ENV} (not set)" in done.stdout and "https://shop.example/api" in done.stdout
    file = tmp_path / "profile.toml"
    file.write_text('[sources]\nmagneto = "https://a.example"\nb = { url = "https://a", secret_env = "HOME" }\n')
    refused = subprocess.run([binary(), "profile", "check", str(file)], capture_output=True, text=True, timeout=60)
    assert refused.returncode == 2 and '"HOME" is not a name such as PLUGPOINT_SOURCE_SHOP' in refused.stderr
    file.write_text('[sources]\nmagneto = "https://a.example"\n')
    refused = subprocess.run([binary(), "profile", "check", str(file)], capture_output=True, text=True, timeout=60)
    assert refused.returncode == 2 and 'sources.magneto.kind to "magneto"' in refused.stderr and 'did you mean "magento"?' in refused.stderr


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_an_interruption_ends_it_cleanly(data_dir: pathlib.Path, how: signal.Signals):
    with Shop(PRODUCTS) as shop:
        tenant = create_tenant(data_dir, None, None, profile(shop.url))
        shop.trouble = lambda operation, product: time.sleep(0.05) if operation == "catalogProductInfo" else None
        line, environment = command(data_dir, "--tenant", tenant.name, "shop", secret=shop.key)
        process = subprocess.Popen(line, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        assert eventually(lambda: shop.count("catalogProductInfo") > 10)
        process.send_signal(how)
        _, told = process.communicate(timeout=30)
        assert process.returncode == 130 and "the pull was interrupted; nothing was imported" in told
        assert shop.sessions == set() and shop.operations[-1] == "endSession"
        assert_nothing_was_kept(data_dir, tenant)


def test_a_pull_that_is_killed_leaves_nothing_for_long_and_a_start_of_the_server_does_not_end_one(data_dir: pathlib.Path):
    with Shop(PRODUCTS) as shop:
        tenant = create_tenant(data_dir, None, None, profile(shop.url))
        shop.trouble = lambda operation, product: time.sleep(0.02) if operation == "catalogProductInfo" else None
        line, environment = command(data_dir, "--tenant", tenant.name, "shop", secret=shop.key)
        process = subprocess.Popen(line, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        assert eventually(lambda: shop.count("catalogProductInfo") > 10)
        process.kill()
        process.wait()
        assert [part.suffix for part in spooled(data_dir, tenant)] == [".part"]
        process = subprocess.Popen(line, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        assert eventually(lambda: shop.count("login") == 2 and len(spooled(data_dir, tenant)) == 1), "the remains are swept"
        server = Server(data_dir).start()
        try:
            assert len(spooled(data_dir, tenant)) == 1, "what is being written is not"
            _, told = process.communicate(timeout=60)
            assert process.returncode == 0, told
            rest = Rest(server.url, tenant.auth)
            assert eventually(lambda: rest.get("/v1/catalogs/main").json().get("item_count") == len(PRODUCTS))
            assert len(rest.get("/v1/catalogs/main/imports").json()["imports"]) == 1
        finally:
            server.remove()


def certificate(folder: pathlib.Path) -> tuple[str, str]:
    """A certificate for localhost that signs itself."""
    key, certificate = folder / "key.pem", folder / "certificate.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj", "/CN=localhost",
         "-addext", "subjectAltName=DNS:localhost", "-addext", "basicConstraints=critical,CA:FALSE",
         "-keyout", str(key), "-out", str(certificate)],
        check=True, capture_output=True)
    return str(certificate), str(key)


@pytest.mark.skipif(shutil.which("openssl") is None, reason="no openssl to make a certificate")
def test_tls_is_verified(data_dir: pathlib.Path, tmp_path: pathlib.Path):
    tls = certificate(tmp_path)
    with Shop([1, 2], tls=tls) as shop:
        tenant = create_tenant(data_dir, None, None, profile(shop.url))
        done = pull(data_dir, "--tenant", tenant.name, "shop", secret=shop.key)
        assert done.returncode == 1 and "source_tls_failed" in done.stderr, done.stderr
        assert shop.operations == [], "nothing is sent before the service is known"
        done = pull(data_dir, "--tenant", tenant.name, "shop", secret=shop.key, SSL_CERT_FILE=tls[0])
        assert done.returncode == 0, done.stderr
        # Nor is a proxy taken from the environment.
        done = pull(data_dir, "--tenant", tenant.name, "shop", secret=shop.key, SSL_CERT_FILE=tls[0], HTTPS_PROXY="http://127.0.0.1:9", ALL_PROXY="http://127.0.0.1:9")
        assert done.returncode == 0, done.stderr


def test_an_import_that_fails_is_a_failure(data_dir: pathlib.Path):
    with Shop([1, 2]) as shop:
        tenant = create_tenant(data_dir, None, None, profile(shop.url).replace('"magento"\ncurrency', '"canonical"\ncurrency'))
        done = pull(data_dir, "--tenant", tenant.name, "shop", "--json", secret=shop.key)
        assert done.returncode == 1 and "failed" in done.stderr
        assert json.loads(done.stdout)["status"] == "failed"
        assert len(spooled(data_dir, tenant)) == 1, "it can be replayed"


def eventually(condition, seconds: float = 30.0) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.1)
    return False
