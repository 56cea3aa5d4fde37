from __future__ import annotations

from datetime import timedelta

import pytest
from specimens.captures import NOON, capture_of

from archive.index.nearest import nearest

HTTP, HTTPS = "http://a.org/x", "https://a.org/x"
PAGE = capture_of(HTTPS, minute=0)
REDIRECT = capture_of(HTTP, minute=-0.1, status=301, redirect=HTTPS)
ELSEWHERE = capture_of(HTTP, minute=-0.1, status=301, redirect="https://a.org/y")


def test_without_captures_none_is_nearest() -> None:
    assert nearest([], HTTPS, NOON) is None


@pytest.mark.parametrize("url", [HTTP, HTTPS])
@pytest.mark.parametrize("seconds", [-600, -5, -2, 0, 600])
def test_the_page_is_preferred_to_a_redirect_to_it(url: str, seconds: int) -> None:
    assert nearest([REDIRECT, PAGE], url, NOON + timedelta(seconds=seconds)) == PAGE


def test_a_redirect_is_returned_for_exactly_its_second() -> None:
    assert nearest([REDIRECT, PAGE], HTTP, REDIRECT.at.replace(microsecond=0)) == REDIRECT


def test_a_redirect_to_the_same_page_is_returned_if_there_is_nothing_else() -> None:
    assert nearest([REDIRECT], HTTPS, NOON) == REDIRECT


def test_a_redirect_to_another_page_counts_like_any_capture() -> None:
    assert nearest([ELSEWHERE, PAGE], HTTP, NOON) == ELSEWHERE


def test_within_a_minute_the_exact_url_is_preferred() -> None:
    twin, itself = capture_of(HTTP, minute=1), capture_of(HTTPS, minute=1.9)

    assert nearest([twin, itself], HTTPS, NOON) == itself
    assert nearest([twin, capture_of(HTTPS, minute=2.1)], HTTPS, NOON) == twin


def test_the_earlier_of_two_equally_near_captures_is_returned() -> None:
    assert nearest([capture_of(minute=1), capture_of(minute=-1)], PAGE.url, NOON) == capture_of(minute=-1)
