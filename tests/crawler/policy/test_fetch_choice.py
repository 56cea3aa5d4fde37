"""Pages of one URL pattern are drawn, or not, by what the browser brought to the pages before."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from archive.index.pages import FetchPattern
from crawler.policy.fetch_choice import ASKED_AGAIN, EACH, LONGEST, SURE, choose, learnt, passed, pattern_of
from extractor.values.verdict import DRAWN, Verdict

NOW = datetime(2026, 11, 29, tzinfo=UTC)
SHELL = Verdict(DRAWN, 'the empty element "root"')
PATTERN = "https://example.org/news/*"
SHORT = b"<p>Breaking news of the harbour.</p><script src=/a.js></script>"


@pytest.mark.parametrize(
    ("url", "pattern"),
    [
        ("https://example.org/", "https://example.org/"),
        ("https://example.org", "https://example.org/*"),
        ("https://example.org/news/moon.html", "https://example.org/news/*"),
        ("https://example.org/news/", "https://example.org/news/"),
        ("https://example.org/news/2026/11/moon?id=3&a=", "https://example.org/news/*/*/*?a&id"),
        ("https://example.org/a-very-long-title-of-a-page/comments/", "https://example.org/*/comments/"),
        ("https://example.org/find?%00=1&b", "https://example.org/*?%00&b"),
    ],
)
def test_a_pattern_has_the_directories_and_the_names_of_parameters(url: str, pattern: str) -> None:
    assert pattern_of(url) == pattern


def test_urls_with_many_or_long_parameters_have_patterns_with_room_in_an_index() -> None:
    many = [f"https://example.org/find?{'&'.join(f'facet{n}={value}' for n in range(5000))}" for value in "ab"]
    long = [f"https://example.org/find?{name * 5000}=1" for name in "ab"]

    patterns = [pattern_of(url) for url in (*many, *long)]

    assert patterns[0] == patterns[1]
    assert len(set(patterns)) == 3
    assert all(len(one.encode()) <= LONGEST for one in patterns)


def after(*gains: bool) -> FetchPattern | None:
    known = None
    for gained in gains:
        known = learnt(known, PATTERN, gained=gained, now=NOW)
    return known


def test_a_shell_is_drawn_until_the_browser_brought_nothing_to_three() -> None:
    draws = [choose(SHELL, b"", after(*[False] * count), NOW) for count in range(SURE + 1)]

    assert [choice and choice.draw for choice in draws] == [True, True, True, False]
    assert draws[-1] is not None
    assert draws[-1].reason == f"the browser brought no text to the last 3 pages like {PATTERN}"


def test_a_page_that_gained_makes_the_pattern_drawn_again() -> None:
    choice = choose(SHELL, b"", after(False, False, False, True), NOW)

    assert choice is not None
    assert choice.draw


def test_one_page_of_twenty_is_drawn_again() -> None:
    known, drawn = after(False, False, False), []
    assert known is not None
    for number in range(1, 2 * EACH + 1):
        choice = choose(SHELL, b"", known, NOW)
        assert choice is not None
        if choice.draw:
            drawn.append(number)
            known = learnt(known, PATTERN, gained=False, now=NOW)
        else:
            known = passed(known)

    assert drawn == [EACH, 2 * EACH]


def test_a_page_is_drawn_again_after_a_week() -> None:
    soon, later = (choose(SHELL, b"", after(False, False, False), NOW + wait) for wait in (timedelta(1), ASKED_AGAIN))

    assert soon is not None
    assert later is not None
    assert (soon.draw, later.draw) == (False, True)
    assert "asked again" in later.reason


def test_a_short_page_is_drawn_where_the_pages_like_it_needed_it() -> None:
    undecided = [choose(None, SHORT, after(*[True] * count), NOW) for count in range(SURE)]
    decided = choose(None, SHORT, after(True, True, True), NOW)

    assert undecided == [None] * SURE
    assert decided is not None
    assert decided.draw
    assert choose(None, SHORT, after(True, True, True, False), NOW) is None


LONG = b"<script></script><p>%s</p>" % (b"text " * 200)


@pytest.mark.parametrize("body", [b"<p>A page without scripts.</p>", LONG])
def test_a_page_with_its_own_text_is_never_drawn(body: bytes) -> None:
    assert choose(None, body, after(*[True] * 9), NOW) is None


def test_a_login_is_not_drawn() -> None:
    assert choose(Verdict("login", "a form"), SHORT, after(*[True] * 9), NOW) is None
