"""A directory that takes no files is named, also while it does not exist: then its nearest parent is."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from pathlib import Path

import pytest
from services.broken_homes import House, immutable

from config.settings import Settings
from pressmark.upkeep.conditions import _space
from pressmark.upkeep.disks import refusals_of


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    made = House(tmp_path / "home")
    made.home.mkdir()
    with made.mounts:
        yield made


def test_a_missing_directory_that_can_not_be_made_is_named_by_its_parent(house: House, tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir()
    immutable(house, closed)
    settings = Settings(home=house.home, store=str(closed / "not" / "yet"))

    [(use, path, error)] = refusals_of(settings)

    assert (use, path, error.errno) == ("store", closed, errno.EPERM)
    assert f"has no permission to write to {closed} (store)" in " ".join(one.sentence for one in _space(settings))


def test_a_home_that_refuses_files_is_named_once_for_all_that_does_not_exist_in_it(house: House) -> None:
    immutable(house, house.home)

    told = [(use, path) for use, path, _ in refusals_of(Settings(home=house.home))]

    assert told == [("home", house.home), ("database", house.home)]


def test_a_missing_directory_that_can_be_made_is_not_named(house: House, tmp_path: Path) -> None:
    settings = Settings(home=house.home, store=str(tmp_path / "not" / "yet"))

    assert list(refusals_of(settings)) == []
