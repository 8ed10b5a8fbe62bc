"""The binary as an operator and a newcomer use it: demo, documents, configuration, logs, metrics."""

from __future__ import annotations

import json
import subprocess

import requests
from plugpoint_kit.rest import Rest
from plugpoint_kit.server import Server, binary, run_command


def test_the_demo_ends_with_both_catalogs(tmp_path):
    done = subprocess.run([binary(), "demo", "--exit", "--data-dir", str(tmp_path / "demo")], capture_output=True, text=True, timeout=120)
    said = done.stdout + done.stderr
    assert done.returncode == 0, said
    for customer in ("voltwerk", "lindenverlag"):
        row = next((line for line in said.splitlines() if customer in line and "succeeded" in line), None)
        assert row, f"no successful import of {customer} in:\n{said}"
    assert "curl" in said and "catalog.transformer" in said


def test_printed_documents_are_those_that_are_served(server: Server):
    served = requests.get(f"{server.url}/openapi.json", timeout=30).json()
    assert json.loads(run_command("openapi").stdout) == served
    address = f"{server.url}/soap/v1/catalog"
    served = requests.get(f"{address}?wsdl", timeout=30).text
    assert run_command("wsdl", "--address", address).stdout.strip() == served.strip()


def test_all_mistakes_of_a_configuration_are_told_at_once(tmp_path):
    file = tmp_path / "plugpoint.toml"
    file.write_text('[server]\nlissten = "127.0.0.1:1"\n[limits]\npage_items_max = 0\n')
    done = run_command("config", "check", "--config", str(file))
    assert done.returncode == 2
    assert "lissten" in done.stderr and "listen" in done.stderr
    assert "page_items_max" in done.stderr


def test_the_packaged_configuration_is_valid_and_changes_nothing():
    import pathlib

    file = pathlib.Path(__file__).resolve().parents[2] / "packaging/config/plugpoint.toml"
    assert run_command("config", "check", "--config", str(file)).returncode == 0
    assert run_command("config", "print", "--config", str(file)).stdout == run_command("config", "print").stdout


def test_a_tenant_is_created_once(server: Server):
    tenant = server.create_tenant(name="only-once")
    again = server.command("tenant", "create", tenant.name, "--json")
    assert again.returncode != 0 and "only-once" in again.stderr
    assert Rest(server.url, tenant.auth).get("/v1/tenants/self").status_code == 200


def test_a_key_is_added_and_the_others_go_on(server: Server):
    tenant = server.create_tenant()
    added = server.add_key(tenant)
    assert added.key_id != tenant.key_id
    for credential in (tenant, added):
        assert Rest(server.url, credential.auth).get("/v1/tenants/self").status_code == 200
    nobody = server.command("tenant", "add-key", "nobody-there", "--digest")
    assert nobody.returncode != 0 and "there is no tenant nobody-there" in nobody.stderr


def test_the_secret_is_nowhere_in_the_data(server: Server):
    tenant = server.create_tenant()
    Rest(server.url, tenant.auth).get("/v1/tenants/self")
    for file in server.data_dir.rglob("*"):
        if file.is_file():
            assert tenant.secret.encode() not in file.read_bytes(), file
    assert tenant.secret not in server.log()


def test_logs_and_metrics_name_request_and_import():
    server = Server(env={"PLUGPOINT__LOG__FORMAT": "json"}).start()
    try:
        rest = Rest(server.url, server.create_tenant().auth)
        answer = rest.post_import("spring", b'[{"sku":"A","texts":[{"lang":"en","title":"One"}]}]')
        assert answer.json()["status"] == "succeeded"
        request_id = answer.headers["X-Request-Id"]
        lines = [json.loads(line) for line in server.log().splitlines() if line.startswith("{")]
        about = [line for line in lines if request_id in json.dumps(line)]
        assert about, "no line of the log names the request"
        assert any(answer.json()["id"] in json.dumps(line) for line in lines), "no line of the log names the import"
        metrics = requests.get(f"{server.url}/metrics", timeout=30).text
        for subject in ("http_requests", "import", "items", "hook"):
            assert any(subject in line for line in metrics.splitlines() if not line.startswith("#")), f"no metric about {subject}"
        assert server.stop() == 0
    finally:
        server.remove()


def test_a_second_server_on_the_same_address_says_so(server: Server):
    done = subprocess.run([binary(), "serve", "--data-dir", str(server.data_dir / "other"), "--listen", f"127.0.0.1:{server.port}"],
                          capture_output=True, text=True, timeout=30)
    assert done.returncode != 0
    assert str(server.port) in done.stderr
