"""The architecture checks itself: names are ours, libraries have one keeper, licences allow what we do."""

from __future__ import annotations

import ast
import importlib
import importlib.util
import tomllib
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).parent.parent
PACKAGES = ("config", "extractor", "archive", "crawler", "scheduler", "pressmark")
MODULES = sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))

KEEPERS = {
    "warcio": ("archive/warc.py", "archive/warc_"),
    "fastwarc": ("archive/",),
    "boto3": ("archive/store/s3.py",),
    "botocore": ("archive/store/s3",),
    "sqlalchemy": (
        "archive/database/",
        "archive/index.py",
        "archive/segments.py",
        "archive/texts.py",
        "scheduler/",
    ),
    "alembic": ("archive/database/",),
    "scrapy": ("crawler/",),
    "apscheduler": ("scheduler/clock.py", "scheduler/timetable.py"),
    # The child of the reader loads them before its limits are set.
    "trafilatura": ("extractor/", "archive/reader_child.py"),
    "resiliparse": ("extractor/",),
    "selectolax": ("extractor/",),
    "feedparser": ("extractor/",),
    "htmldate": ("extractor/", "archive/reader_child.py"),
    "fastapi": ("pressmark/api/", "pressmark/web/"),
    "starlette": ("pressmark/api/", "pressmark/web/"),
    "typer": ("pressmark/cli/",),
    "jinja2": ("pressmark/web/",),
    "prometheus_client": ("pressmark/metrics.py",),
    "ruamel": ("config/",),
    "pydantic_settings": ("config/",),
}


def imports(path: Path) -> set[str]:
    """The top-level names of everything that a module imports, also inside functions."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module.split(".")[0])
    return found


def outside_keepers(name: str, path: str) -> bool:
    return not path.startswith(KEEPERS[name])


def test_each_library_is_imported_by_its_keeper_alone() -> None:
    strays = [
        f"{path.relative_to(ROOT)} imports {name}"
        for path in MODULES
        for name in imports(path) & KEEPERS.keys()
        if outside_keepers(name, path.relative_to(ROOT).as_posix())
    ]

    assert strays == []


def test_a_stray_import_would_be_seen(tmp_path: Path) -> None:
    stray = tmp_path / "stray.py"
    stray.write_text("def f():\n    from boto3.session import Session\n")

    assert imports(stray) == {"boto3"}
    assert outside_keepers("boto3", "archive/ship.py")


@pytest.mark.parametrize("package", PACKAGES)
def test_we_alone_own_our_package_names(package: str) -> None:
    spec = importlib.util.find_spec(package)

    assert spec is not None
    assert spec.origin is not None
    assert Path(spec.origin) == ROOT / package / "__init__.py"
    assert metadata.packages_distributions().get(package, ["pressmark"]) == ["pressmark"]


def test_every_all_is_honest() -> None:
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


def test_no_module_is_longer_than_four_hundred_lines() -> None:
    long = {
        path.relative_to(ROOT).as_posix(): n
        for path in MODULES
        if (n := len(path.read_text("utf-8").splitlines())) > 400
    }

    assert long == {}


# --- licences ---------------------------------------------------------------------------------------------------------

REFUSED = ("AGPL", "GPL")
WEAK = ("LGPL", "MPL")  # used unmodified, as separate packages


def licence(distribution: metadata.Distribution) -> str:
    facts = distribution.metadata
    classifiers = [c.rpartition("::")[2].strip() for c in facts.get_all("Classifier", []) if c.startswith("License")]
    return (
        facts.get("License-Expression")
        or " / ".join(classifiers)
        or (facts.get("License") or "unknown").splitlines()[0]
    )


def refused(text: str) -> bool:
    """True for GPL and AGPL; LGPL and MPL are weak, and a choice that leaves a permissive one is none."""
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
def test_a_refused_licence_is_seen(text: str) -> None:
    assert refused(text)


@pytest.mark.parametrize(
    "text", ["MIT", "LGPL-3.0-only", "GNU Lesser General Public License v3 (LGPLv3)", "Apache-2.0"]
)
def test_an_allowed_licence_is_not(text: str) -> None:
    assert not refused(text)


def test_every_direct_dependency_is_locked_with_hashes() -> None:
    project = (ROOT / "pyproject.toml").read_text()

    direct = {
        Requirement(text).name.lower().replace("_", "-").replace(".", "-")
        for text in tomllib.loads(project)["project"]["dependencies"]
    }
    lock = (ROOT / "requirements.lock").read_text()

    assert direct <= {name.lower().replace("_", "-").replace(".", "-") for name in locked("requirements.lock")}
    assert lock.count("--hash=sha256:") >= len(locked("requirements.lock"))
    assert "://" not in lock + (ROOT / "requirements-dev.lock").read_text()
