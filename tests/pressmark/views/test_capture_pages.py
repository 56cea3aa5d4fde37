"""Captures come page by page, each once, however large a page is and however many share a moment."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from specimens.captures import NOON
from specimens.segments import SegmentFile, answered

from archive.values.urlkey import Match
from config.settings import load_settings
from pressmark.service.assembly import open_pressmark
from pressmark.service.service import Service
from pressmark.views.capture_pages import Place, captures_of, read_cursor, write_cursor

URL = "https://example.org/news"
MINUTES = [0, 1, 1, 1, 1, 2, 3, 3, 4]


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    directory: Path = tmp_path_factory.mktemp("pages")
    with open_pressmark(load_settings({"home": directory / "home"})) as service:
        file = SegmentFile(directory)
        for number, minute in enumerate(MINUTES):
            file.write(answered(URL, b"%d" % number, minute=minute))
            file.write(answered(f"{URL}/{number % 2}", b"%d" % number, minute=minute))
        service.index.opened(file.name, collection="default", worker="w", epoch=1, path=file.path, at=NOON)
        service.index.add(file.captures)
        yield service


def all_pages(service: Service, match: Match, limit: int) -> list[list[str]]:
    pages, cursor = [], None
    while True:
        page = captures_of(service, URL, match=match, cursor=cursor, limit=limit)
        pages.append([item.record_id for item in page.items])
        if (cursor := page.next) is None:
            return pages


@pytest.mark.parametrize("limit", [1, 2, 3, 4, 9, 27, 100])
@pytest.mark.parametrize(("match", "count"), [("exact", 9), ("prefix", 18), ("host", 18)])
def test_every_capture_comes_once_in_one_order(service: Service, match: Match, count: int, limit: int) -> None:
    pages = all_pages(service, match, limit)
    [whole] = all_pages(service, match, 100)

    assert [record for page in pages for record in page] == whole
    assert len(set(whole)) == count
    assert [len(page) for page in pages[:-1]] == [limit] * (len(pages) - 1)


def test_the_newest_capture_of_a_url_comes_first(service: Service) -> None:
    times = [item.at for item in captures_of(service, URL).items]

    assert all(later >= earlier for later, earlier in pairwise(times))


@given(
    st.datetimes(datetime(1990, 1, 1), datetime(9000, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001
    st.integers(0, 10**9),
    st.text(max_size=50),
)
def test_a_cursor_reads_back_as_the_place_that_it_was_written_from(at: datetime, before: int, key: str) -> None:
    place = Place(at, before, key)

    assert read_cursor(write_cursor(place)) == place


@pytest.mark.parametrize("cursor", ["", "x", "1", "1.x", "9" * 40 + ".1"])
def test_an_invalid_cursor_is_refused(cursor: str) -> None:
    with pytest.raises(ValueError, match="invalid cursor"):
        read_cursor(cursor)


def test_a_cursor_of_another_list_is_refused(service: Service) -> None:
    cursor = captures_of(service, URL, match="prefix", limit=1).next

    with pytest.raises(ValueError, match="belongs to another list"):
        captures_of(service, URL, cursor=cursor)
