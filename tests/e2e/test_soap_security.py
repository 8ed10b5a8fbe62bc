"""Password digests against a real server: replays, restarts, and what is kept of a secret. PHP's client as its scripts do it."""

from __future__ import annotations

import json
import os
import pathlib
import subprocess

import pytest
from legacy_clients import has_php
from plugpoint_kit.rest import Rest
from plugpoint_kit.server import Server, Tenant
from plugpoint_kit.soap import PATH, Soap, digest_token, envelope, utc

SIGNED_PHP = pathlib.Path(__file__).parent / "php/signed.php"
VERSIONS = ["1.1", "1.2"]


@pytest.fixture
def own(tmp_path):
    """A server that may be killed, with a tenant of its own."""
    server = Server(tmp_path / "data").start()
    yield server
    server.remove()


def listing(soap: Soap, header: str, version: str = "1.1"):
    body = f'<c:GetItem xmlns:c="{soap.ns}"><c:catalogId>spring</c:catalogId><c:sku>A</c:sku></c:GetItem>'
    return soap.post(envelope(body, version, header), version, auth=None)


def outcome(answer) -> str:
    """What became of the credentials: `in`, or the sentence of the refusal. The catalog is empty, so who is in finds nothing."""
    assert answer.code in ("not_found", "unauthenticated"), answer.text
    return "in" if answer.code == "not_found" else answer.reason


def test_a_replay_is_refused_and_a_killed_server_still_knows(own: Server):
    digests = own.add_key(own.create_tenant(), digest=True)
    soap = Soap(own.url, None)
    tokens = [digest_token(*digests.auth) for _ in range(5)]
    assert [outcome(listing(soap, token)) for token in tokens] == ["in"] * 5
    assert "used before" in outcome(listing(soap, tokens[0]))
    own.kill()
    own.start()
    for token in tokens:
        assert "used before" in outcome(listing(soap, token))
    assert outcome(listing(soap, digest_token(*digests.auth))) == "in"


def test_a_nonce_is_used_up_by_a_right_digest_alone(server: Server, tenant: Tenant):
    digests = server.add_key(tenant, digest=True)
    soap, nonce = Soap(server.url, None), os.urandom(16)
    for _ in range(3):
        assert "PasswordDigest is wrong" in outcome(listing(soap, digest_token(digests.key_id, "wrong", nonce=nonce)))
    assert outcome(listing(soap, digest_token(*digests.auth, nonce=nonce))) == "in"
    # A nonce is used once, whatever is Created.
    assert "used before" in outcome(listing(soap, digest_token(*digests.auth, nonce=nonce, created=utc(1))))


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize(("offset_s", "name", "said"), [
    (-400, "MessageExpired", "behind our clock"), (400, "InvalidSecurity", "ahead of our clock"), (-200, None, "in"), (200, None, "in"),
], ids=["stale", "future", "old", "early"])
def test_the_clock_of_the_sender(server: Server, tenant: Tenant, version: str, offset_s: int, name: str | None, said: str):
    digests = server.add_key(tenant, digest=True)
    created = utc(offset_s)
    answer = listing(Soap(server.url, None), digest_token(*digests.auth, created=created), version)
    assert said in outcome(answer)
    if name:
        assert f":{name}<" in answer.text and created in answer.reason and "300 s are tolerated" in answer.reason
        assert answer.status == (500 if version == "1.1" else 400)


def test_the_window_is_configuration(tmp_path):
    settings = {"PLUGPOINT__AUTH__TOKEN_AGE_S_MAX": "100", "PLUGPOINT__AUTH__CLOCK_SKEW_S": "50"}
    server = Server(tmp_path / "data", env=settings).start()
    try:
        digests = server.add_key(server.create_tenant(), digest=True)
        soap = Soap(server.url, None)
        assert outcome(listing(soap, digest_token(*digests.auth, created=utc(-1)))) == "in"
        assert "100 s are tolerated" in outcome(listing(soap, digest_token(*digests.auth, created=utc(-200))))
        assert "; 50 s are tolerated" in outcome(listing(soap, digest_token(*digests.auth, created=utc(200))))
    finally:
        server.remove()


def test_a_secret_that_is_kept_is_sealed(own: Server):
    tenant = own.create_tenant()
    assert not (own.data_dir / "secrets.key").exists()
    digests = own.add_key(tenant, digest=True)
    assert outcome(listing(Soap(own.url, None), digest_token(*digests.auth))) == "in"
    assert (own.data_dir / "secrets.key").stat().st_mode & 0o777 == 0o600
    for file in own.data_dir.rglob("*"):
        if file.is_file():
            assert digests.secret.encode() not in file.read_bytes(), file
    for credential in (tenant, digests):
        assert Rest(own.url, credential.auth).get("/v1/tenants/self").status_code == 200, "as a text it works as every other"


def test_a_key_of_sealed_secrets_that_is_lost_or_open_is_told_the_operator(own: Server):
    digests = own.add_key(own.create_tenant(), digest=True)
    key = own.data_dir / "secrets.key"
    key.chmod(0o644)
    assert listing(Soap(own.url, None), digest_token(*digests.auth)).code == "internal"
    assert "chmod 600" in own.log()
    key.unlink()
    assert listing(Soap(own.url, None), digest_token(*digests.auth)).code == "internal"
    assert not key.exists(), "a new key would open nothing"


def test_a_rotated_key_ends_digests(server: Server, tenant: Tenant):
    digests = server.add_key(tenant, digest=True)
    assert server.command("tenant", "rotate-key", tenant.name).returncode == 0
    assert "is wrong" in outcome(listing(Soap(server.url, None), digest_token(*digests.auth)))


@pytest.mark.skipif(not has_php(), reason="no php with SoapClient")
@pytest.mark.parametrize("version", VERSIONS)
def test_php_signs_its_calls(server: Server, tenant: Tenant, version: str):
    digests = server.add_key(tenant, digest=True)
    command = ["php", str(SIGNED_PHP), f"{server.url}{PATH}?wsdl=oneway", *digests.auth, version]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    said = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(said) == 6, done.stdout + done.stderr
    submitted, imported, item, listed, replayed, refused = said
    assert submitted == {"ok": None}
    assert (imported["ok"]["status"], imported["ok"]["counts"]["added"]) == ("succeeded", 1)
    assert item["ok"]["item"]["sku"] == "A" and listed["ok"]["items"]["item"]
    assert replayed["code"] == "unauthenticated" and "used before" in replayed["text"]
    # A one-way call has no answer, but its fault is one like every other.
    assert refused["code"] == "unauthenticated", refused
    assert refused["fault"] == ("wsse:FailedAuthentication" if version == "1.1" else "soap:Sender")
