from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from config.last_good import LastGood, Version

OLD = (1, 10, 7, 1)
SAID = {"source": "a", "seeds": ["https://a.example/"], "depth": 3, "yes": True, "none": None}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / ".good" / "versions.db"


def test_the_next_process_finds_the_remembered_versions(file: Path) -> None:
    LastGood(file).keep({"a.yaml": Version(OLD, SAID, "never read"), "b.yaml": Version(OLD, SAID, "b")})
    LastGood(file).keep({"b.yaml": Version(OLD, {}, "")}, removed=["a.yaml", "c.yaml"])
    LastGood(file).keep({"a.yaml": Version(OLD, SAID, "never read")})

    assert LastGood(file).all() == {"a.yaml": Version(OLD, SAID, None), "b.yaml": Version(OLD, {}, None)}


@pytest.mark.parametrize("said", [{"a": date(2026, 11, 28)}, {1: "a"}, {"a": float("inf")}])
def test_values_that_json_cannot_represent_are_kept_as_yaml(file: Path, said: Any) -> None:
    LastGood(file).keep({"a.yaml": Version(OLD, said, "a: 2026-11-28\n")})
    version = LastGood(file).all()["a.yaml"]

    assert version.document(Path("a.yaml")).data == {"a": date(2026, 11, 28)}


def test_a_file_that_was_changed_just_now_is_read_again_by_the_next_process(file: Path) -> None:
    file.parent.mkdir()
    stat = file.parent.stat()
    young = (stat.st_mtime_ns, 10, 7, stat.st_ctime_ns)
    LastGood(file).keep({"a.yaml": Version(young, SAID, ""), "b.yaml": Version(OLD, SAID, "")})

    assert {name: version.stamp for name, version in LastGood(file).all().items()} == {"a.yaml": (), "b.yaml": OLD}


def test_a_damaged_file_is_replaced(file: Path) -> None:
    many = {f"{number}.yaml": Version(OLD, SAID, "") for number in range(200)}
    LastGood(file).keep(many)
    sound = file.read_bytes()
    for damaged in (b"no database" * 100, sound[:4096] + b"\0" * (len(sound) - 4096)):
        file.write_bytes(damaged)

        assert LastGood(file).all() == {}
        LastGood(file).keep(many)
        assert LastGood(file).all().keys() == many.keys()


def test_versions_in_another_format_are_forgotten(file: Path) -> None:
    LastGood(file).keep({"a.yaml": Version(OLD, SAID, "")})
    with closing(sqlite3.connect(file)) as database, database:
        database.execute("PRAGMA user_version = 99")

    assert LastGood(file).all() == {}
    LastGood(file).keep({"a.yaml": Version(OLD, SAID, "")})
    assert LastGood(file).all().keys() == {"a.yaml"}


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_nothing_is_remembered_if_the_directory_cannot_be_written(file: Path) -> None:
    file.parent.parent.chmod(0o500)
    try:
        LastGood(file).keep({"a.yaml": Version(OLD, SAID, "")})
        assert LastGood(file).all() == {}
    finally:
        file.parent.parent.chmod(0o700)


def test_a_missing_directory_is_not_created(tmp_path: Path) -> None:
    LastGood(tmp_path / "sources" / ".good" / "versions.db").keep({}, ["a.yaml"])

    assert not (tmp_path / "sources").exists()
