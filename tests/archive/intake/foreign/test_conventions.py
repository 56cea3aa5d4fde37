"""Files in the formats of crawlers that can't be run here."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from specimens import conventions
from specimens.archives import Kept, empty_archive
from specimens.conventions import HERE, PAGE
from specimens.crawled import kept_answers, taken, told_answers

from archive.values.capture import Capture


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[Kept]:
    with empty_archive(tmp_path / "archive") as kept:
        yield kept


def body_of(kept: Kept, capture: Capture) -> bytes:
    with kept.archive.open(capture) as snapshot:
        return snapshot.payload().body


def test_a_file_in_the_format_of_heritrix_is_ingested(kept: Kept, tmp_path: Path) -> None:
    path = tmp_path / "heritrix.warc.gz"
    path.write_bytes(conventions.heritrix())

    one = taken(kept, path)

    assert (one.captures, one.refused, one.converted) == (6, (), False)
    first, unchanged, cut, headless, seen = kept.archive.captures(HERE, match="host")
    assert [each.truncated for each in (first, cut, headless)] == [None, "length", "unspecified"]
    assert [body_of(kept, each) for each in (first, seen, unchanged, cut)] == [PAGE, PAGE, PAGE, PAGE[:100]]
    with kept.archive.open(first) as snapshot:
        assert snapshot.request_head.startswith(b"GET /2 HTTP/1.0")
    [name] = kept.archive.captures("dns:a.example")
    assert (name.status, b"192.0.2.7" in body_of(kept, name)) == (None, True)


@pytest.mark.parametrize("year", [2016, 2024])
def test_a_file_in_the_format_of_common_crawl_is_ingested(kept: Kept, tmp_path: Path, year: int) -> None:
    path = tmp_path / "CC-MAIN.warc.gz"
    path.write_bytes(conventions.common_crawl(year=year))

    one = taken(kept, path)

    assert (one.captures, one.refused, one.converted) == (2, (), False)
    whole, cut = kept.archive.captures(HERE, match="host")
    assert (whole.truncated, cut.truncated) == (None, "length")
    assert [body_of(kept, each) for each in (whole, cut)] == [PAGE, PAGE[:64]]
    assert kept_answers(kept, HERE) == told_answers(path)
