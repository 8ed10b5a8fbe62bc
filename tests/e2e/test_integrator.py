"""The integrator's guide as a new integrator follows it: outside of the repository, every block of the tutorial in its order."""

from __future__ import annotations

import json
import os
import pathlib
import subprocess

import pytest
from plugpoint_kit.rest import Rest
from plugpoint_kit.server import binary, free_port, run_command

ROOT = pathlib.Path(__file__).resolve().parents[2]


def test_the_tutorial_works_as_it_is_written(tmp_path):
    if run_command("customer", "--help").returncode != 0:
        pytest.skip("this server cannot load customer libraries yet")
    programs = tmp_path / "bin"
    programs.mkdir()
    (programs / "plugpoint").symlink_to(pathlib.Path(binary()).resolve())
    # What was built once is not built again; the library still comes from a release build.
    environment = os.environ | {
        "PATH": f"{programs}:{os.environ['PATH']}",
        "PORT": str(free_port()),
        "CARGO_TARGET_DIR": str(pathlib.Path(binary()).resolve().parents[1] / "new-customer"),
    }
    for name in ("PLUGPOINT_CONFIG", "PLUGPOINT_DATA_DIR", "UPDATE_CASES"):
        environment.pop(name, None)
    done = subprocess.run([ROOT / "docs/run-blocks", "src/tutorial.md"], env=environment, capture_output=True, text=True, timeout=1200)
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"


def test_every_mistake_of_a_profile_is_told_at_once_with_its_line(tmp_path):
    file = tmp_path / "profile.toml"
    file.write_text('[catalog]\ncurency = "EUR"\nlanguage = "german"\n[catalog.units]\nm = 1\n[bmcat]\n')
    done = run_command("profile", "check", str(file))
    assert done.returncode == 2
    for told in ('line 2: catalog.curency: there is no such key; did you mean "currency"?', "line 3: catalog.language:", "line 5: catalog.units.m:", 'did you mean "bmecat"?'):
        assert told in done.stderr, done.stderr
    file.write_text('[catalog]\ntransformer = "bmecatt"\n')
    done = run_command("profile", "check", str(file))
    assert done.returncode == 2 and '"bmecat"' in done.stderr, done.stderr
    file.write_text('[catalog]\ntransformer = "bmecat"\n')
    assert run_command("profile", "check", str(file)).returncode == 0


def test_an_import_becomes_a_case_without_its_secrets(server, tmp_path):
    tenant = server.create_tenant()
    document = [
        {"sku": f"A-{number}", "texts": [{"lang": "en", "title": "Lamp"}], "media": [{"kind": "image", "url": f"https://bob:s3cret@host.example/{number}.jpg?token=t0ken"}]}
        for number in range(5)
    ]
    answer = Rest(server.url, tenant.auth).session.post(
        f"{server.url}/v1/catalogs/main/imports", json=document, headers={"Prefer": "wait=30"}, auth=tenant.auth, timeout=60
    )
    case = tmp_path / "cases" / "recorded"
    done = server.command("record", "--import", answer.json()["id"], "--into", str(case), "--max-records", "2")
    assert done.returncode == 0, done.stderr
    recorded = (case / "in.json").read_text()
    assert "s3cret" not in recorded and "t0ken" not in recorded and "A-0" in recorded and "A-4" in recorded
    assert [item["sku"] for item in json.loads((case / "expected.json").read_text())["items"]] == ["A-0", "A-4"]
    assert "password in an address" in done.stdout and 'transformer = "canonical"' in (case / "profile.toml").read_text()
    again = server.command("record", "--import", answer.json()["id"], "--into", str(case))
    assert again.returncode == 2 and "nothing was changed" in again.stderr
    missing = server.command("record", "--import", "0198c0de-0000-7000-8000-000000000000", "--into", str(tmp_path / "none"))
    assert missing.returncode == 1 and "no document of import" in missing.stderr
