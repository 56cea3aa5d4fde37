"""The architecture checks itself: names are ours, libraries have one keeper, licences are permitted."""

from __future__ import annotations

import ast
import importlib
import importlib.util
import os
import re
import shutil
import subprocess
import sys
import tomllib
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).parent.parent
PACKAGES = ("config", "extractor", "archive", "crawler", "scheduler", "pressmark")
MODULES = sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))

STRAYS = {
    "archive/stray.py": ("def f():\n    from boto3.session import Session\n", "archive.stray -> boto3"),
    "crawler/stray.py": ("import warcio\n", "crawler.stray -> warcio"),
    "extractor/stray.py": ("from archive.values.capture import Capture\n", "extractor.stray -> archive.values.capture"),
}


def linted(directory: Path) -> str:
    """Return import-linter's report on a copy of the packages; `make layers` runs it on the real ones."""
    command = [sys.executable, "-c", "from importlinter.cli import lint_imports_command; lint_imports_command()"]
    environment = {**os.environ, "PYTHONPATH": str(directory), "COLUMNS": "200"}
    done = subprocess.run(command, cwd=directory, env=environment, capture_output=True, text=True, check=False)
    return f"{done.returncode}\n{done.stdout}{done.stderr}"


def test_import_linter_reports_a_library_outside_its_keeper_and_an_upward_import(tmp_path: Path) -> None:
    for package in PACKAGES:
        shutil.copytree(ROOT / package, tmp_path / package, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    clean = linted(tmp_path)
    for name, (code, _) in STRAYS.items():
        (tmp_path / name).write_text(code)
    told = linted(tmp_path)

    assert clean.startswith("0\n"), clean
    assert told.startswith("1\n"), told
    assert [seen for _, seen in STRAYS.values() if seen not in told] == []


@pytest.mark.parametrize("package", PACKAGES)
def test_our_package_names_belong_to_us_alone(package: str) -> None:
    spec = importlib.util.find_spec(package)

    assert spec is not None
    assert spec.origin is not None
    assert Path(spec.origin) == ROOT / package / "__init__.py"
    assert metadata.packages_distributions().get(package, ["pressmark"]) == ["pressmark"]


def test_every_name_in_all_exists() -> None:
    for path in MODULES:
        tree = ast.parse(path.read_text("utf-8"))
        names = {
            element.value
            for node in tree.body
            if isinstance(node, ast.Assign) and any(isinstance(t, ast.Name) and t.id == "__all__" for t in node.targets)
            for element in getattr(node.value, "elts", ())
        }
        if names:
            module = importlib.import_module(
                ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
            )
            assert [name for name in names if not hasattr(module, name)] == [], path


# --- licences ---------------------------------------------------------------------------------------------------------

REFUSED = ("AGPL", "GPL")
WEAK = ("LGPL", "MPL")  # used unmodified, as separate packages


def licence(distribution: metadata.Distribution) -> str:
    facts: Any = distribution.metadata
    classifiers = [c.rpartition("::")[2].strip() for c in facts.get_all("Classifier", []) if c.startswith("License")]
    return (
        facts.get("License-Expression")
        or " / ".join(classifiers)
        or (facts.get("License") or "unknown").splitlines()[0]
    )


def refused(text: str) -> bool:
    """Return True for GPL and AGPL. LGPL and MPL are weak, and a choice that includes a permissive one is fine."""
    words = text.upper().replace("LESSER GENERAL PUBLIC LICENSE", "LGPL").replace("(LGPL)", "LGPL")
    words = words.replace("AFFERO GENERAL PUBLIC LICENSE", "AGPL").replace("GENERAL PUBLIC LICENSE", "GPL")
    if any(choice in words for choice in (" OR MIT", "MIT OR", " OR APACHE", "APACHE-2.0 OR", " OR BSD", "MPL")):
        return False
    return any(name in words.replace("LGPL", "") for name in REFUSED)


def locked(name: str) -> list[str]:
    return [line.split("==")[0] for line in (ROOT / name).read_text().splitlines() if "==" in line]


def test_no_dependency_at_run_time_is_under_gpl_or_agpl() -> None:
    found = {}
    for name in locked("requirements.lock"):
        try:
            found[name] = licence(metadata.distribution(name))
        except metadata.PackageNotFoundError:
            continue  # for another platform or Python

    assert {name: text for name, text in found.items() if refused(text)} == {}
    assert len(found) > 50


@pytest.mark.parametrize("text", ["GPL-3.0-or-later", "GNU Affero General Public License v3", "AGPL-3.0"])
def test_a_refused_licence_is_detected(text: str) -> None:
    assert refused(text)


@pytest.mark.parametrize(
    "text", ["MIT", "LGPL-3.0-only", "GNU Lesser General Public License v3 (LGPLv3)", "Apache-2.0"]
)
def test_an_allowed_licence_is_accepted(text: str) -> None:
    assert not refused(text)


def without_hash(lock: str) -> list[str]:
    """Return the packages of a lock that any file of their name would satisfy."""
    packages = re.split(r"^(?=\S)", lock, flags=re.MULTILINE)
    return [package.split("==")[0] for package in packages if "==" in package and "--hash=sha256:" not in package]


def test_a_package_locked_without_a_hash_is_detected() -> None:
    lock = "a==1 \\\n    --hash=sha256:00\nb==2\nc==3 ; python_version < '4' \\\n    --hash=sha256:11\n"

    assert without_hash(lock) == ["b"]


def test_every_direct_dependency_is_locked_with_hashes() -> None:
    project = (ROOT / "pyproject.toml").read_text()

    direct = {
        Requirement(text).name.lower().replace("_", "-").replace(".", "-")
        for text in tomllib.loads(project)["project"]["dependencies"]
    }
    lock = (ROOT / "requirements.lock").read_text()

    assert direct <= {name.lower().replace("_", "-").replace(".", "-") for name in locked("requirements.lock")}
    assert without_hash(lock) == []
    assert "://" not in lock + (ROOT / "requirements-dev.lock").read_text()


@pytest.mark.parametrize("lock", ["requirements.lock", "requirements-dev.lock"])
def test_what_jsonschema_would_import_under_the_gpl_or_slowly_is_in_no_lock(lock: str) -> None:
    """See the overrides in pyproject.toml."""
    assert "jsonschema" in locked(lock)
    assert {"rfc3987", "rfc3987-syntax"} & set(locked(lock)) == set()
