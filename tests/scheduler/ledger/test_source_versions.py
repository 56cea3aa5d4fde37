"""Versions of source files: the latest of each file counts, and nobody overwrites one that he does not know."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from archive.database.engine import Database
from scheduler.ledger.source_versions import FileText, SourceVersions, VersionReplaced

NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)


@pytest.fixture
def versions(either: Database) -> SourceVersions:
    return SourceVersions(either, now=lambda: NOW)


def file_text(file: str, text: str | None, **configs: str) -> FileText:
    return FileText(file, text, configs)


def test_the_latest_version_of_each_file_counts_and_says_who_wrote_it(versions: SourceVersions) -> None:
    versions.put([file_text("a.yaml", "one", a="11"), file_text("b.yaml", "two")], "user ann", {})
    versions.put([file_text("a.yaml", "three", a="33")], "user bob", {})

    a, b = versions.latest()
    assert (a.file, versions.text(a.number), a.by, a.at, a.configs) == ("a.yaml", "three", "user bob", NOW, {"a": "33"})
    assert (b.file, versions.text(b.number), b.by) == ("b.yaml", "two", "user ann")
    assert versions.newest() == a.number
    assert [one.file for one in versions.latest(b.number)] == ["a.yaml"]


def test_the_versions_of_a_source_are_listed_also_after_its_file_is_deleted(versions: SourceVersions) -> None:
    versions.put([file_text("a.yaml", "one", first="11", **{"a_%": "1"})], "user ann", {})
    versions.put([file_text("a.yaml", None)], "user bob", {})
    versions.put([file_text("b.yaml", "two", irst="22", abc="2")], "user ann", {})

    assert [(one.by, one.digest is None) for one in versions.of_source("first", 9)] == [
        ("user bob", True),
        ("user ann", False),
    ]
    assert [one.file for one in versions.of_source("a_%", 1)] == ["a.yaml"]
    assert versions.of_source("unknown", 9) == []


def test_a_text_that_the_database_has_already_adds_no_version(versions: SourceVersions) -> None:
    versions.put([file_text("a.yaml", "one")], "user ann", {})
    before = versions.newest()
    versions.put([file_text("a.yaml", "one"), file_text("never.yaml", None)], "user bob", {})
    assert versions.newest() == before


def test_a_version_that_the_writer_does_not_know_is_not_overwritten_and_nothing_else_is_written(
    versions: SourceVersions,
) -> None:
    one, two = file_text("a.yaml", "one"), file_text("a.yaml", "two")
    versions.put([one], "user ann", {"a.yaml": None})
    versions.put([two], "user ann", {"a.yaml": one.digest})
    before = versions.newest()

    with pytest.raises(VersionReplaced, match=r"a\.yaml was changed on another machine"):
        versions.put([file_text("b.yaml", "new"), file_text("a.yaml", "three")], "user bob", {"a.yaml": one.digest})
    assert versions.newest() == before


@pytest.mark.parametrize("name", ["../a.yaml", "/tmp/a.yaml", "a/b.yaml", "a.txt", ".a.yaml", "a\0.yaml", ""])
def test_only_files_of_the_directory_of_sources_have_versions(versions: SourceVersions, name: str) -> None:
    with pytest.raises(ValueError, match="is not the name of a source file"):
        versions.put([file_text(name, "one")], "user ann", {})
    assert versions.newest() == 0
