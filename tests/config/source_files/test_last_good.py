from __future__ import annotations

import json
import os
import sqlite3
from contextlib import closing
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from config.source import Source
from config.source_files.last_good import LastGood, Stamp, Version, rules, version_of

OLD = (1, 10, 7, 1)
SOURCES = (Source(name="a", seeds=("https://a.example/",)), Source(name="b", seeds=("https://b.example/",)))
SAID = {"source": "a", "seeds": ["https://a.example/"], "depth": 3, "yes": True, "none": None}


def good(said: Any = SAID, text: str = "never read", stamp: Stamp = OLD) -> Version:
    return version_of(stamp, said, text, SOURCES)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / ".good" / "versions.db"


def test_the_next_process_finds_the_remembered_versions(file: Path) -> None:
    LastGood(file).store({"a.yaml": good(), "b.yaml": good()})
    LastGood(file).store({"b.yaml": good({})}, removed=["a.yaml", "c.yaml"])
    LastGood(file).store({"a.yaml": good()})

    assert LastGood(file).all() == {"a.yaml": good(), "b.yaml": good({})}
    assert good() == Version(OLD, json.dumps(SAID), None, ("a", "b"), rules())


@pytest.mark.parametrize("said", [{"a": date(2026, 11, 28)}, {1: "a"}, {"a": float("inf")}])
def test_values_that_json_cannot_represent_are_kept_as_yaml(file: Path, said: Any) -> None:
    LastGood(file).store({"a.yaml": good(said, "a: 2026-11-28\n")})
    version = LastGood(file).all()["a.yaml"]

    assert version.document().data == {"a": date(2026, 11, 28)}


def test_a_file_that_was_changed_just_now_is_read_again_by_the_next_process(file: Path) -> None:
    file.parent.mkdir()
    stat = file.parent.stat()
    young = (stat.st_mtime_ns, 10, 7, stat.st_ctime_ns)
    LastGood(file).store({"a.yaml": good(stamp=young), "b.yaml": good()})

    assert {name: version.stamp for name, version in LastGood(file).all().items()} == {
        "a.yaml": (0, 0, 0, 0),
        "b.yaml": OLD,
    }


def test_a_damaged_file_is_replaced(file: Path) -> None:
    many = {f"{number}.yaml": good() for number in range(200)}
    LastGood(file).store(many)
    sound = file.read_bytes()
    for damaged in (b"no database" * 100, sound[:4096] + b"\0" * (len(sound) - 4096)):
        file.write_bytes(damaged)

        assert LastGood(file).all() == {}
        LastGood(file).store(many)
        assert LastGood(file).all().keys() == many.keys()


def test_versions_in_another_format_are_forgotten(file: Path) -> None:
    LastGood(file).store({"a.yaml": good()})
    with closing(sqlite3.connect(file)) as database, database:
        database.execute("PRAGMA user_version = 99")

    assert LastGood(file).all() == {}
    LastGood(file).store({"a.yaml": good()})
    assert LastGood(file).all().keys() == {"a.yaml"}


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_nothing_is_remembered_if_the_directory_cannot_be_written(file: Path) -> None:
    file.parent.parent.chmod(0o500)
    try:
        LastGood(file).store({"a.yaml": good()})
        assert LastGood(file).all() == {}
    finally:
        file.parent.parent.chmod(0o700)


def test_a_missing_directory_is_not_created(tmp_path: Path) -> None:
    LastGood(tmp_path / "sources" / ".good" / "versions.db").store({}, ["a.yaml"])

    assert not (tmp_path / "sources").exists()
