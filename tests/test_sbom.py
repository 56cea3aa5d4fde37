"""The bill of materials names what the lock installs, as it is installed here."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement

ROOT = Path(__file__).parent.parent


def written(lock: Path) -> bytes:
    command = [sys.executable, "-W", "ignore", str(ROOT / "docs" / "sbom.py"), str(lock)]
    return subprocess.run(command, capture_output=True, check=True, timeout=600).stdout


def components(document: bytes) -> dict[str, Any]:
    return {one["name"]: one for one in json.loads(document)["components"]}


def locked(lock: str) -> dict[str, str]:
    lines = re.findall(r"^([a-z0-9][^\\\n]*)", lock, re.MULTILINE)
    wanted = [found for found in map(Requirement, lines) if found.marker is None or found.marker.evaluate()]
    return {found.name: str(found.specifier).removeprefix("==") for found in wanted}


def test_the_bill_of_materials_is_the_lock_and_what_is_installed(tmp_path: Path) -> None:
    lock = (ROOT / "requirements.lock").read_text("utf-8")
    document = written(ROOT / "requirements.lock")
    found = components(document)

    assert json.loads(document)["bomFormat"] == "CycloneDX"
    assert {name: one["version"] for name, one in found.items()} == locked(lock)
    assert {name: version(name) for name in found} == locked(lock)
    assert all(one["externalReferences"][0]["hashes"] for one in found.values())
    assert "pytest" not in found
    assert written(ROOT / "requirements.lock") == document, "the same lock gives the same bytes"

    (tmp_path / "lock").write_text(lock.replace(f"warcio=={version('warcio')}", "warcio==0.0.1"))
    changed = components(written(tmp_path / "lock"))
    assert changed["warcio"]["version"] == "0.0.1", "negative control: another lock gives another bill"
