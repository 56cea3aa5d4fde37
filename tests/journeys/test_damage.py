"""A damaged, lost or quarantined record can't be an original: the next run archives its page again."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from journeys.household import Household, gazette
from services.waiting import eventually
from web_of_tests.newspaper import Newspaper

from archive.warc.record import read

ARTICLE = "forum-instrument-market"


@pytest.fixture
def kept(household: Household, paper: Newspaper) -> Household:
    """A home that has archived the newspaper, with its segment shipped."""
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
    """Change one bit in the middle of a record, wherever it is stored; return in how many files."""
    return sum(_flip(path, capture["record_id"]) for path in files_of(home))


def lose_everything(home: Household) -> None:
    """Delete every WARC file, and the journals: what is left names captures whose bytes are nowhere."""
    for path in files_of(home):
        path.unlink()
    for journal in (home.home / "spool").rglob("*.journal.jsonl"):
        journal.unlink()


def _flip(path: Path, record_id: str) -> bool:
    with path.open("rb") as file:
        found = next((one for one in read(file) if one.id == record_id), None)
    if found is None:
        return False
    content = bytearray(path.read_bytes())
    content[found.offset + found.length // 2] ^= 1
    path.chmod(0o644)
    path.write_bytes(content)
    return True


@pytest.mark.costly
def test_without_damage_the_second_run_says_unchanged(kept: Household, paper: Newspaper) -> None:
    before = newest(kept, paper.url_of(ARTICLE))

    assert "gazette unchanged: " in kept.run("run", "gazette").err
    assert kept.look("verify", "--all", "--json").json["findings"] == []
    assert newest(kept, paper.url_of(ARTICLE))["original"]["record_id"] == before["record_id"]


def test_a_page_whose_record_is_damaged_is_archived_again_by_the_next_run(kept: Household, paper: Newspaper) -> None:
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


@pytest.mark.costly
def test_pages_whose_object_is_gone_are_archived_again_by_the_next_run(kept: Household, paper: Newspaper) -> None:
    url = paper.url_of(ARTICLE)
    before = newest(kept, url)
    lose_everything(kept)
    kept.look("snapshot", "get", url, code=10)
    assert newest(kept, url)["damaged"]["state"] == "missing"
    said = kept.look("doctor", code=10).out
    kept.run("run", "gazette")

    assert "captures that are damaged or lost" in said
    assert newest(kept, url)["sha256"] == before["sha256"]
    assert "Instrument" in kept.look("snapshot", "get", url).out


@pytest.mark.parametrize(
    "more", ["", pytest.param("timetable: {every: 1d, adaptive: {min: 1d, max: 9d}}\n", marks=pytest.mark.costly)]
)
def test_pages_are_archived_again_although_their_lists_are_lost_too(
    household: Household, paper: Newspaper, more: str
) -> None:
    household.environment["PRESSMARK_SPOOL__SEAL_BYTES"] = "20KiB"  # the list and this page are in different segments
    household.source("gazette", gazette(paper.url, more=more))
    household.run("run", "gazette")
    url = paper.url_of("glass-that-remembers")
    assert newest(household, url)["segment"] != newest(household, f"{paper.url}/")["segment"]
    lose_everything(household)
    household.look("snapshot", "get", url, code=10)  # nobody has read the other segments yet
    ended = household.run("run", "gazette")
    assert "gazette done: " in ended.err
    assert newest(household, url)["damaged"] is None
    assert "glass" in household.look("snapshot", "get", url).out


def test_a_damaged_foreign_file_marks_nothing(kept: Household, tmp_path: Path, paper: Newspaper) -> None:
    copy = tmp_path / "copy.warc.gz"
    copy.write_bytes(next(files_of(kept)).read_bytes()[:-9])
    kept.look("verify", str(copy), code=10)

    assert all(one["damaged"] is None for one in _all(kept, paper))
    assert "out of reach: " not in kept.look("doctor").out


@pytest.mark.costly
def test_pages_that_a_crash_and_a_damaged_spool_lost_are_archived_again(household: Household) -> None:
    household.environment["PRESSMARK_SPOOL__SEAL_AFTER"] = "1h"
    with Newspaper(slow=0.0, latency=0.25) as paper:
        household.source("gazette", gazette(paper.url))
        with household.serving(kill=True) as served:
            run = served.ask("POST", "/api/v1/sources/gazette/runs").json["id"]
            eventually(lambda: served.get(f"/api/v1/runs/{run}").json["pages"] >= 8)
        before = _all(household, paper)
        damaged = next(one for one in before if one["mime"] == "text/html" and one["status"] == 200)
        assert flip(household, damaged) == 1
        household.run("run", "gazette")  # the killed run resumes
        lost = [one for one in _all(household, paper) if one["damaged"]]
        household.run("run", "gazette")

        assert damaged["record_id"] in {one["record_id"] for one in lost}
        assert {one["damaged"]["state"] for one in lost} <= {"quarantined", "original"}
        for one in lost:
            again = newest(household, one["url"])
            assert again["damaged"] is None, again
            household.look("snapshot", "get", one["url"], "--headers")
        assert household.look("verify", "--all", "--json").json["findings"] == []
        after = {one["record_id"] for one in _all(household, paper) if one["damaged"]}
        assert damaged["record_id"] in after <= {one["record_id"] for one in lost}


def test_the_page_of_a_damaged_capture_says_what_is_wrong_why_and_the_ways_out(
    kept: Household, paper: Newspaper
) -> None:
    url = paper.url_of(ARTICLE)
    before = newest(kept, url)
    with kept.serving() as served:
        assert served.get(before["page"]).status == 200
        flip(kept, before)
        shown = served.get(before["page"], accept="text/html")
        listed = served.get(f"/captures?url={url}", accept="text/html").text
        ready = served.get("/readyz")
        pywb = served.get(f"/all/cdx?url={url}")

    assert shown.status == 502
    for said in ("This capture can&#39;t be read", "Why", "gzip member is damaged", "All captures", "Archive now"):
        assert said in shown.text
    assert "<strong>damaged</strong>" in listed
    assert (ready.status, list(ready.json["notices"])) == (200, ["captures"])
    assert "captures that are damaged or lost: 1;" in ready.json["notices"]["captures"]
    assert pywb.status == 404


def _all(home: Household, paper: Newspaper) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = home.look("captures", paper.url, "--match", "host", "--json", "--limit", "1000").json[
        "items"
    ]
    return found
