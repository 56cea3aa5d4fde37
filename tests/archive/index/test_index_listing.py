"""Listings of captures, and the capture closest to a time."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from specimens.captures import NOON, capture_of

from archive.index.index import Index

SITE = [
    "http://a.org/",
    "http://a.org/b",
    "https://www.a.org/b/",
    "http://a.org/b/c",
    "http://x.a.org:81/",
    "http://b.org/",
]


@pytest.fixture
def site(index: Index) -> Index:
    index.add([capture_of(url, minute=10 * n + m, number=10 * n + m) for n, url in enumerate(SITE) for m in range(3)])
    return index


def listed(index: Index, url: str, **question: Any) -> list[tuple[str, int]]:
    return [(one.url, (one.at - NOON) // timedelta(minutes=1)) for one in index.captures(url, **question)]


def test_captures_are_listed_by_key_and_time(site: Index) -> None:
    both = [("http://a.org/b", 10), ("http://a.org/b", 11), ("http://a.org/b", 12)]
    both += [("https://www.a.org/b/", 20), ("https://www.a.org/b/", 21), ("https://www.a.org/b/", 22)]

    assert listed(site, "http://a.org/b") == both
    assert listed(site, "http://a.org/b", newest_first=True) == both[::-1]
    assert listed(site, "http://a.org/b", limit=4) == both[:4]
    assert listed(site, "http://a.org/b", limit=0) == []
    assert (
        listed(site, "http://a.org/b", since=NOON + timedelta(minutes=12), until=NOON + timedelta(minutes=20))
        == both[2:4]
    )


@pytest.mark.parametrize(
    ("url", "match", "urls"),
    [
        ("a.org/b", "exact", [1, 2]),
        ("a.org/b", "prefix", [1, 2, 3]),
        ("a.org/b/", "prefix", [3]),
        ("a.org", "host", [0, 1, 2, 3]),
        ("a.org", "domain", [0, 1, 2, 3, 4]),
        ("c.org", "domain", []),
    ],
)
def test_a_listing_covers_a_url_a_prefix_a_host_or_a_domain(site: Index, url: str, match: Any, urls: list[int]) -> None:
    found = listed(site, url, match=match)

    assert sorted({one for one, _ in found}) == sorted(SITE[n] for n in urls)
    assert listed(site, url, match=match, newest_first=True) == found[::-1]


def test_a_listing_covers_a_collection_or_all(index: Index) -> None:
    index.add([capture_of(), capture_of(minute=1, number=1, collection="other")])

    sizes = {name: len(listed(index, capture_of().url, collection=name)) for name in (None, "all", "default", "none")}
    assert sizes == {None: 2, "all": 2, "default": 1, "none": 0}


def test_a_long_listing_has_every_capture_once(index: Index) -> None:
    many = [capture_of("http://a.org/b", minute=n // 3, number=n) for n in range(2_500)]
    index.add(many)

    found = [one.location.offset for one in index.captures("a.org", match="host")]
    assert found == [one.location.offset for one in many]
    assert [one.location.offset for one in index.captures("a.org", match="host", newest_first=True)] == found[::-1]


def test_captures_may_be_added_while_a_listing_is_read(index: Index) -> None:
    index.add([capture_of(minute=n, number=n) for n in range(1_500)])
    listing = index.captures(capture_of().url)

    assert next(listing).at == NOON
    assert index.add([capture_of(minute=9_999, number=9_999)]) == 1
    assert len(list(listing)) == 1_500


@pytest.mark.parametrize(("minute", "nearest"), [(-99, 0), (0, 0), (4, 0), (6, 10), (14, 10), (16, 20), (99, 20)])
def test_the_closest_capture_is_before_or_after(index: Index, minute: int, nearest: int) -> None:
    index.add([capture_of(minute=n, number=n) for n in (0, 10, 20)])

    found = index.closest(capture_of().url, NOON + timedelta(minutes=minute))
    assert found
    assert found.at == NOON + timedelta(minutes=nearest)


def test_the_closest_capture_may_have_another_spelling_of_the_url(index: Index) -> None:
    index.add([capture_of("http://www.a.org/x", minute=5)])

    assert index.closest("https://a.org/x/", NOON) == capture_of("http://www.a.org/x", minute=5)
    assert index.closest("https://a.org/y", NOON) is None
    assert index.closest("https://a.org/x", NOON, "other") is None
    assert index.closest("https://a.org/x", NOON, "all") is not None
