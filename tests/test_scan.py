"""`make scan` says ok only of what a source has answered for: OSV, the package index, the suites of Debian."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from crawling.site import Asked, Reply, Site, serving

SCAN = Path(__file__).parents[1] / "deploy" / "scan.py"
NOWHERE = "http://127.0.0.1:9"
"""The port for discarding, at which nothing listens."""


@pytest.fixture
def site() -> Iterator[Site]:
    with serving() as made:
        yield made


@pytest.fixture
def lock(tmp_path: Path) -> Path:
    path = tmp_path / "some.lock"
    path.write_text(
        "alpha==1.0 \\\n    --hash=sha256:00\nbeta==2.0 ; sys_platform == 'win32' \\\n    --hash=sha256:00\n"
    )
    return path


def scan(*arguments: str | Path) -> tuple[int, str]:
    command = [sys.executable, SCAN, *arguments]
    done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=120)
    return done.returncode, done.stdout + done.stderr


def in_json(value: object) -> Reply:
    return Reply(body=json.dumps(value), type="application/json")


def of_release(version: str, *ids: str, withdrawn: bool = False) -> Reply:
    when = "2026-01-01T00:00:00Z" if withdrawn else None
    known = [{"id": id_, "withdrawn": when} for id_ in ids]
    return in_json({"info": {"version": version}, "vulnerabilities": known})


def test_what_osv_knows_of_a_pin_fails_the_scan_and_a_pin_of_another_platform_is_asked_about(
    site: Site, lock: Path
) -> None:
    asked = []

    def osv(request: Asked) -> Reply:
        asked.extend(json.loads(request.body)["queries"])
        return in_json({"results": [{}, {"vulns": [{"id": "PYSEC-1"}, {"id": "GHSA-2"}]}]})

    site.routes["/v1/querybatch"] = osv
    code, said = scan("--osv", site.url, lock)

    assert asked == [
        {"package": {"name": "alpha", "ecosystem": "PyPI"}, "version": "1.0"},
        {"package": {"name": "beta", "ecosystem": "PyPI"}, "version": "2.0"},
    ]
    assert code == 1
    assert "VULNERABLE: beta 2.0: GHSA-2\nVULNERABLE: beta 2.0: PYSEC-1" in said


def test_a_lock_without_known_vulnerabilities_passes(site: Site, lock: Path) -> None:
    site.routes["/v1/querybatch"] = in_json({"results": [{}, {}]})

    assert scan("--osv", site.url, lock) == (
        0,
        "OSV was asked about 2 Python packages\nno known vulnerability in what was looked at\n",
    )


@pytest.mark.parametrize(
    "answer",
    [
        {"results": [{}]},
        {"results": [{"next_page_token": "abc"}, {}]},
        {"code": 3},
        [],
        "a login page",
    ],
)
def test_an_answer_that_is_not_one_of_osv_is_not_taken_for_ok(site: Site, lock: Path, answer: object) -> None:
    site.routes["/v1/querybatch"] = in_json(answer)
    code, said = scan("--osv", site.url, "--index", NOWHERE, lock)

    assert code == 3
    assert f"OSV could not be asked ({site.url})" in said
    assert "NOT LOOKED AT: Python packages: all 2" in said
    assert "no known vulnerability" not in said


def test_without_osv_the_index_is_asked_and_what_it_says_nothing_of_is_named(site: Site, lock: Path) -> None:
    site.routes["/alpha/json"] = of_release("1.0")
    site.routes["/beta/json"] = of_release("2.1")  # it speaks of the newest release alone
    code, said = scan("--osv", NOWHERE, "--index", site.url, lock)

    assert code == 3
    assert "NOT LOOKED AT: Python packages of which the index has no statement, 1: beta 2.0" in said

    site.routes["/beta/2.0/json"] = of_release("2.0", "PYSEC-9")
    code, said = scan("--osv", NOWHERE, "--index", site.url, lock)
    assert (code, "VULNERABLE: beta 2.0: PYSEC-9" in said) == (1, True)

    site.routes["/beta/2.0/json"] = of_release("2.0", "PYSEC-9", withdrawn=True)
    code, said = scan("--osv", NOWHERE, "--index", site.url, lock)
    assert (code, "no known vulnerability" in said) == (0, True)


def test_an_accepted_vulnerability_is_shown_with_its_reason_and_another_of_the_package_fails(
    site: Site, tmp_path: Path
) -> None:
    lock = tmp_path / "some.lock"
    lock.write_text("sqlitedict==2.1.0\n")
    site.routes["/v1/querybatch"] = in_json({"results": [{"vulns": [{"id": "PYSEC-2026-1939"}]}]})
    code, said = scan("--osv", site.url, lock)
    assert (code, "ACCEPTED: sqlitedict 2.1.0: PYSEC-2026-1939: only in requirements-dev.lock" in said) == (0, True)

    site.routes["/v1/querybatch"] = in_json({"results": [{"vulns": [{"id": "PYSEC-2027-1"}]}]})
    assert scan("--osv", site.url, lock)[0] == 1


def test_an_image_that_cannot_be_looked_at_is_not_ok(tmp_path: Path) -> None:
    code, said = scan("--image", "localhost/pressmark", "--engine", str(tmp_path / "no-engine"))

    assert code == 3
    assert "NOT LOOKED AT: the packages of the image localhost/pressmark" in said


def test_a_lock_with_a_line_without_a_version_is_not_looked_at(site: Site, lock: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.lock"
    other.write_text("gamma @ https://packages.example/gamma.whl\n")
    code, said = scan("--osv", site.url, lock, other)

    assert (code, site.asked) == (1, [])
    assert f"{other}: no pin of a version, so it can't be looked at: gamma @" in said


@pytest.mark.parametrize(
    ("report", "code"),
    [
        ({"Metadata": {"OS": {"Family": "debian"}}, "Results": [{"Class": "os-pkgs"}]}, 0),
        ({"Metadata": {"OS": {"Family": "none"}}, "Results": [{"Class": "os-pkgs"}]}, 3),
        ({"Metadata": {"OS": {"Family": "debian"}}, "Results": []}, 3),
        ("", 3),
    ],
)
def test_trivy_has_looked_only_if_its_report_has_the_packages_of_a_known_system(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, report: object, code: int
) -> None:
    """With a stand-in for Trivy: its database needs a network."""
    trivy = tmp_path / "trivy"
    trivy.write_text(f"#!/bin/sh\ncat <<'END'\n{json.dumps(report) if report else ''}\nEND\n")
    trivy.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")

    assert scan("--image", "localhost/pressmark", "--engine", str(tmp_path / "no-engine"))[0] == code
