"""When a capture is suspicious, decided from its text, its posts, and those before."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from archive.database.packed_text import PageText
from archive.index.run_review import Brought
from pressmark.views.review.suspicion import suspicion

AT = datetime(2026, 1, 31, 12, tzinfo=UTC)


def brought(now: str, before: str, *, posts: tuple[int, int] = (0, 0), verdict: str | None = None) -> Brought:
    threads = [json.dumps({"thread": {"posts": [{}] * count}}) for count in posts]
    text, former = PageText(now, None, threads[0]), PageText(before, None, threads[1])
    return Brought("https://example.org/", AT, "r", 200, verdict=verdict, text=text, before=former)


@pytest.mark.parametrize(("now", "before"), [(19, 200), (0, 200), (99, 1_000)])
def test_less_than_a_tenth_of_a_text_is_suspicious(now: int, before: int) -> None:
    assert suspicion(brought("x" * now, "x" * before)) == f"the text has {now} characters; before, it had {before}"


@pytest.mark.parametrize(("now", "before"), [(20, 200), (0, 199), (1_000, 200), (200, 0)])
def test_a_tenth_of_a_text_and_less_of_a_short_one_are_not(now: int, before: int) -> None:
    assert suspicion(brought("x" * now, "x" * before)) is None


def test_a_thread_that_lost_a_post_is_suspicious_and_one_that_grew_is_not() -> None:
    assert suspicion(brought("a", "a", posts=(1, 2))) == "the page has 1 post; before, it had 2"
    assert suspicion(brought("a", "a", posts=(2, 1))) is None


@pytest.mark.parametrize(
    ("verdict", "word"),
    [("login", "login form"), ("captcha", "CAPTCHA"), ("blocked", "a notice instead"), ("parked", "unused domain")],
)
def test_what_came_instead_of_the_page_is_named_whatever_its_text(verdict: str, word: str) -> None:
    assert word in (suspicion(brought("x", "x" * 1_000, verdict=verdict)) or "")


def test_another_verdict_is_not_suspicious() -> None:
    assert suspicion(brought("x", "x" * 1_000, verdict="drawn-by-scripts")) is None
