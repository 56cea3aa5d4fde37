"""Every setting, command, exit code, metric and error is in the documents, as in the code."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path
from types import ModuleType

import pytest

DOCS = Path(__file__).parent.parent / "docs"


def load() -> ModuleType:
    spec = importlib.util.spec_from_file_location("reference", DOCS / "reference.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


reference = load()


@pytest.mark.parametrize("name", reference.PAGES)
def test_a_reference_page_equals_what_the_code_generates(name: str) -> None:
    """If it does not: `make reference`."""
    assert (DOCS / name).read_text("utf-8") == reference.PAGES[name]()


def test_the_pages_contain_their_subjects() -> None:
    assert "`PRESSMARK_S3__BUCKET`" in reference.settings_page()
    assert "`timetable.catch_up`" in reference.sources_page()
    assert "## pressmark snapshot get" in reference.commands_page()
    assert "| 10 | integrity |" in reference.exit_codes_page()
    assert "`CaptureNotFound`" in reference.errors_page()
    assert "`pressmark_captures_acked`" in reference.metrics_page()
    assert "| `captures-lost` | recovery |" in reference.states_page()


def without_purpose(page: str) -> list[str]:
    return re.findall(r"^\| `([^`]+)` \|  \|", page, re.MULTILINE)


@pytest.mark.parametrize("package", reference.PACKAGES)
def test_every_file_is_listed_with_its_purpose(package: str) -> None:
    page = reference.files_page(package)
    listed = set(re.findall(r"^\| `([^`]+)` \|", page, re.MULTILINE))
    files = [path for path in (DOCS.parent / package).rglob("*.py") if "versions" not in path.parts]

    names = {path.relative_to(DOCS.parent).as_posix().removesuffix("__init__.py") for path in files}
    assert {name for name in names if not name.endswith("migrations/")} <= listed
    assert without_purpose(page) == []
    assert without_purpose("| `archive/x.py` |  | `_PAGE` 20 |") == ["archive/x.py"]


def test_the_lists_of_files_show_routes_settings_and_numbers() -> None:
    pressmark = reference.files_page("pressmark")

    assert "`GET /search`; `_PAGE` 20 (Results on a page of the search)" in pressmark
    assert "`spool.seal_bytes` `64MiB`" in reference.files_page("config")
    assert "`_RULES_KEPT` 6 * 3600.0 (Seconds after which robots.txt is fetched again" in reference.files_page(
        "crawler"
    )


def test_every_command_shows_its_usage() -> None:
    sections = reference.commands_page().split("\n## ")[1:]

    assert len(sections) > 30
    assert [section.split("\n")[0] for section in sections if "\n```\npressmark " not in section] == []


def test_every_exit_code_is_explained() -> None:
    assert [line for line in reference.exit_codes_page().splitlines() if line.endswith("|  |")] == []


def test_every_error_is_explained() -> None:
    assert [name for name, _, text in reference.errors() if not text] == []


def test_an_internal_error_exists_and_is_not_listed() -> None:
    declared = {node.name for _, node in reference.classes()}
    listed = {name for name, _, _ in reference.errors()}

    assert listed.isdisjoint(reference.INTERNAL)
    assert declared.issuperset(reference.INTERNAL)


def test_every_metric_is_explained() -> None:
    assert [name for name, text in reference.metrics() if not text] == []


def test_every_setting_and_source_key_is_explained() -> None:
    from config.settings import Settings
    from config.source import Source

    rows = [*reference.settings_rows(Settings), *reference.source_rows(Source)]

    assert [row[0] for row in rows if not row[-1]] == []


def test_the_picture_of_the_rooms_has_every_room_of_every_package() -> None:
    drawn = re.findall(r"<text[^>]*>([^<]+)</text>", reference.rooms_picture())
    rooms = {room.name for package in ("archive", "crawler", "extractor", "pressmark") for room in rooms_of(package)}

    assert rooms - set(drawn) == set()
    assert {"pressmark", "scheduler", "crawler", "archive", "extractor", "config"} <= set(drawn)


def rooms_of(package: str) -> list[Path]:
    return [entry for entry in (DOCS.parent / package).iterdir() if (entry / "__init__.py").is_file()]
