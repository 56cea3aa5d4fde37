"""A record that is damaged, lost or in quarantine is no original: its page is kept anew by the next run."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from journeys.household import Household, gazette
from web_of_tests.newspaper import Newspaper

from archive.record import read

ARTICLE = "forum-instrument-market"


@pytest.fixture
def kept(household: Household, paper: Newspaper) -> Household:
    """A home that has the newspaper, with its segment shipped."""
    household.source("gazette", gazette(paper.url))
    household.run("run", "gazette")
    return household


def newest(home: Household, url: str) -> dict[str, Any]:
    found: dict[str, Any] = home.look("captures", url, "--json").json["items"][0]
    return found


def files_of(home: Household) -> Iterator[Path]:
    yield from sorted(home.home.rglob("*.warc.gz"))
    yield from sorted(home.home.rglob("*.warc.gz.open"))


def flip(home: Household, capture: dict[str, Any]) -> int:
    """Change one bit in the middle of a record, wherever it rests; in how many files."""
    changed = 0
    for path in files_of(home):
        with path.open("rb") as file:
            [place] = [(one.offset, one.length) for one in read(file) if one.id == capture["record_id"]] or [(0, 0)]
        if place[1]:
            content = bytearray(path.read_bytes())
            content[place[0] + place[1] // 2] ^= 1
            path.chmod(0o644)
            path.write_bytes(content)
            changed += 1
    return changed


def test_without_damage_the_second_run_says_unchanged(kept: Household, paper: Newspaper) -> None:
    before = newest(kept, paper.url_of(ARTICLE))

    assert "gazette unchanged: " in kept.run("run", "gazette").err
    assert kept.look("verify", "--all", "--json").json["findings"] == []
    assert newest(kept, paper.url_of(ARTICLE))["original"]["record_id"] == before["record_id"]


def test_a_page_whose_record_is_damaged_is_kept_anew_by_the_next_run(kept: Household, paper: Newspaper) -> None:
    url = paper.url_of(ARTICLE)
    before, text = newest(kept, url), kept.look("snapshot", "get", url).out
    assert flip(kept, before) == 2
    kept.look("verify", "--all", code=10)

    assert newest(kept, url)["damaged"]["state"] == "damaged"
    kept.look("snapshot", "get", url, code=10)
    kept.run("run", "gazette")

    again = newest(kept, url)
    assert (again["kind"], again["sha256"], again["damaged"]) == ("response", before["sha256"], None)
    assert kept.look("snapshot", "get", url).out == text
