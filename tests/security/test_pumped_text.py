"""Text that was written to make a regular expression try again and again: ten times of it is ten times the work.

Each case is a door, and a piece that is repeated there. The work is CPU of the thread, of two sizes compared, so the
speed of the machine does not matter; what takes exponential time never ends.
"""

from __future__ import annotations

import json
import re
import time
from collections import Counter
from collections.abc import Callable

import pytest

from archive.values.urlkey import urlkey
from crawler.media.playlist import PlaylistUnfit, segments_of
from crawler.policy.actions import is_action
from crawler.policy.traps import Traps
from crawler.run.stand_ins import StandIns
from crawler.run.token_answers import shown
from extractor.html.css import css_urls, replace_urls
from extractor.html.css_conditions import image_conditions
from extractor.html.page import Page
from extractor.links.links import links
from pressmark.replay.html import candidates
from pressmark.service.redaction import without_parameters

SITE = "https://a.example"
LONGEST = 1_000_000
MEASURED = 0.002
"""Seconds of CPU from which on work is measured."""
Door = Callable[[str], object]


def cpu(door: Door, text: str) -> float:
    """Return the least seconds of three times."""
    return min(_once(door, text) for _ in range(3))


def _once(door: Door, text: str) -> float:
    begun = time.thread_time()
    door(text)
    return time.thread_time() - begun


def growth(door: Door, before: str, piece: str, after: str) -> float:
    """Return how many times the work grows when the text grows ten times; of little work, 1."""
    size = 1_000
    while size * 10 <= LONGEST:
        first, then = (before + piece * (each // len(piece) + 1) + after for each in (size, 10 * size))
        least = _once(door, first)
        if least >= MEASURED:
            return cpu(door, then) / cpu(door, first)
        if (most := _once(door, then)) >= 100 * MEASURED:
            return most / least
        size *= 4
    return 1.0


def answer(text: str) -> object:
    stand_ins = StandIns({SITE: {"token": "s3cret-of-a-login"}}, {"a.example"}, b"key")
    return shown(stand_ins, json.dumps({"name": text}).encode(), secure=True)


def login(text: str) -> object:
    return StandIns({SITE: {"greeting": text}}, {"a.example"}, b"key")


def playlist(text: str) -> None:
    with pytest.raises(PlaylistUnfit):
        segments_of(f"#EXTM3U\n#EXT-X-KEY:{text}\n", f"{SITE}/a.m3u8")


def trapped(text: str) -> None:
    traps = Traps(Counter())
    for number in range(35):
        traps.read(f"{SITE}/a?b={number}&{text}", "the same")


def pictures(text: str) -> object:
    return links(Page(SITE, f'<title>x</title><img srcset="{text}">'.encode(), "text/html"))


def in_archive(text: str) -> str:
    class Addresses:
        def resource(self, reference: str, _: str) -> str:
            return reference

    return candidates(text, Addresses())  # type: ignore[arg-type]


def styles(text: str) -> object:
    return css_urls(text, SITE), replace_urls(text, lambda url, _: url)


CASES: list[tuple[Door, str, str, str]] = [
    (login, "", "A/", "\n!"),
    (answer, "", "eyJa", "!"),
    (playlist, "", "0", ""),
    (playlist, "", "-", "\x01"),
    (trapped, "", "?1", ""),
    (lambda text: is_action(SITE + text), "", "/comment/", "!"),
    (lambda text: is_action(SITE + text), "/?sort=", "/index.php?;", "!"),
    (pictures, "a", ",", ""),
    (in_archive, "a", ", ", ""),
    (styles, "url(", r"\a", ""),
    (styles, "url(", r"\aaaaaaa", "!"),
    (styles, 'url("', r"\"", ""),
    (lambda text: image_conditions(text, SITE), "url(", r"\a", ""),
    (lambda text: image_conditions(text, SITE), ".a {--", " ", "; background: url(x)}"),
    (lambda text: image_conditions(text, SITE), '.a"', r"\"", "{background: url(x)}"),
    (lambda text: urlkey(f"{SITE}/?{text}"), "", "-cfid=", "!"),
    (without_parameters, "https://a.example/?a=", "a.", "!"),
]


@pytest.mark.parametrize(("door", "before", "piece", "after"), CASES)
def test_ten_times_the_text_is_about_ten_times_the_work(door: Door, before: str, piece: str, after: str) -> None:
    assert growth(door, before, piece, after) <= 15


def test_work_that_grows_faster_than_its_text_is_seen() -> None:
    assert growth(re.compile(r"\s+$").search, "", " ", "!") > 15
