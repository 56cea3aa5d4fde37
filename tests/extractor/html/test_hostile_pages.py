"""No page makes reading raise or take long: mutations of the cases, and all kinds of bombs."""

from __future__ import annotations

import gzip
import random
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import LONG

from extractor.html.page import Page
from extractor.links.links import links
from extractor.links.listing import read_listing
from extractor.reading import extract
from extractor.values.text import Text

CASES = sorted((Path(__file__).parents[1] / "cases").glob("*/page.html"))
MUTATIONS = 5_000 if LONG else 2_000
SEED = 20261124
LIMIT = 10.0
"""Seconds of CPU for one page."""
SIZE = 4 if LONG else 1
SPLICES = (
    b"<",
    b">",
    b'"',
    b"\0",
    b"\xff\xfe",
    b"</div>",
    b"<table>",
    b"<form>",
    b"<!--",
    b"-->",
    b"<p>",
    b"<script>",
    b"&#xD800;",
    b"&#0;",
    b"<svg><a href=x>",
    b"<template>",
    b"<select><option>",
    b"<textarea>",
    b"<h1>",
    b'<meta property="og:title" content="\\ud800">',
    b'<script type="application/ld+json">{"@type":"Article","headline":"\\ud800\\u0000","author":[[{}]]}</script>',
    b'<time datetime="9999-99-99T99:99">',
    b'<base href="http://[">',
    b'<a href="//\\\\:::@@">x</a>',
)


def mutate(body: bytes, chance: random.Random) -> bytes:
    octets = bytearray(body)
    for _ in range(chance.randint(1, 12)):
        start = chance.randrange(len(octets) + 1)
        length = min(chance.randint(1, 400), len(octets) - start)
        match chance.randrange(5):
            case 0:
                octets[start : start + length] = b""
            case 1:
                octets[start:start] = octets[start : start + length] * chance.randint(1, 5)
            case 2:
                octets[start:start] = chance.choice(SPLICES)
            case 3:
                octets[start : start + length] = chance.randbytes(length)
            case 4:
                other = chance.choice(CASES).read_bytes()
                at = chance.randrange(len(other))
                octets[start:start] = other[at : at + length]
    return bytes(octets)


def is_sane(text: Text | None) -> bool:
    if text is None:
        return True
    words = [text.text, text.title or "", *text.authors]
    said = bool(text.text or text.title or text.authors or text.date)
    return said and all("\0" not in word and word.encode() is not None for word in words)


@pytest.mark.parametrize("part", range(4))
def test_mutated_pages_are_read_without_an_exception_and_in_time(part: int) -> None:
    for number in range(part, MUTATIONS, 4):
        chance = random.Random(f"{SEED}/{number}")
        body = mutate(chance.choice(CASES).read_bytes(), chance)
        page = Page("https://e.org/a/b", body, chance.choice((None, "text/html; charset=gb2312", "text/html")))
        started = time.process_time()

        assert is_sane(extract(page)), f"seed {SEED}/{number}"
        links(page)
        read_listing(page)

        assert time.process_time() - started < LIMIT, f"seed {SEED}/{number}"


P = b"<p>A paragraph of some length, which says that the tide comes in and goes out, twice a day.</p>"
BOMBS: dict[str, Callable[[], bytes]] = {
    "nested divs": lambda: b"<div>" * 50_000 * SIZE + P * 5,
    "nested divs with classes": lambda: b'<div class="comment share">' * 50_000 * SIZE + P * 5,
    "nested tables": lambda: b"<table><tr><td>" * 25_000 * SIZE + P * 5,
    "nested forms and fields": lambda: b"<form><p><textarea></textarea>" * 12_500 * SIZE + P * 5,
    "nested inline elements": lambda: b"<b><i><font>" * 8_000 * SIZE + P * 5,
    "an endless attribute": lambda: b'<div class="' + b"share " * 175_000 * SIZE + b'">' + P * 5 + b"</div>",
    "attributes": lambda: b"<div " + b" ".join(b"a%d=1" % i for i in range(25_000 * SIZE)) + b">" + P * 5,
    "tags in a value without quotes": lambda: b"<p>" + b"<a/x=" * 60_000 * SIZE,
    "tags and quotes in a value without quotes": lambda: b'<a/x=<a/"' * 35_000 * SIZE,
    "a text without a space": lambda: b"<p>" + b"a" * (SIZE << 21) + b"</p>",
    "NULs": lambda: P * 5 + b"\0" * (SIZE << 19),
    "controls": lambda: b"<input><textarea></textarea><label>x</label>" * 12_500 * SIZE + P * 5,
    "times": lambda: b'<time datetime="2026-01-01">x</time><span class=date>x</span>' * 12_500 * SIZE + P * 5,
    "days of a discussion beside much": lambda: (
        b'<script type="application/ld+json">{"@type":"DiscussionForumPosting"}</script>'
        + b"<p>2026-01-01</p>" * 2_000 * SIZE
        + b"<div>"
        + b"word " * 200_000
        + b"</div>"
    ),
    "items of microdata": lambda: b"<div itemscope><b itemprop=author>x</b>" * 12_500 * SIZE + P * 5,
    "links": lambda: b"".join(b'<li class=a><a href="/%d">x</a></li>' % i for i in range(25_000 * SIZE)),
    "deep JSON-LD": lambda: b'<script type="application/ld+json">' + b"[" * 50_000 * SIZE + b"</script>" + P * 5,
    "wide JSON-LD": lambda: (
        b'<script type="application/ld+json">[' + b'{"@type":"Article"},' * 25_000 * SIZE + b"{}]</script>" + P * 5
    ),
    "regex bait in dates": lambda: (
        b"<div class=date>" + b"2026-11-24 " * 20_000 + b"(" * 12_500 * SIZE + b"</div>" + P * 5
    ),
    "regex bait in by-lines": lambda: "来源：".encode() * 50_000 * SIZE + P * 5,
    "a heading that stands everywhere": lambda: b"<h1>e</h1>" + P + b"<p>" + b"e word " * 1_000_000 + b"</p>",
    "parts that come late": lambda: (
        b"".join(b'<!--$?--><template id="B:%d"></template>%s<!--/$-->' % (i, P) for i in range(5_000 * SIZE))
        + b"".join(
            b'<div hidden id="S:%d">%s</div><script>$RC("B:%d","S:%d")</script>' % (i, P, i, i)
            for i in range(5_000 * SIZE)
        )
    ),
    "hidden addresses": lambda: b'<a data-cfemail="224a4b62430c47">x</a>' * 25_000 * SIZE + P * 5,
    "buttons in one heading": lambda: b"<h2>" + b"<button>x</button>" * 30_000 * SIZE + b"</h2>" + P * 5,
    "names around one heading": lambda: (
        b"<div id=nav-of-all-pages>" * 900 + b"<h2>" + b"<a href=x>y</a>" * 40_000 * SIZE + b"</h2><h1>T</h1>" + P * 5
    ),
    "controls of much": lambda: (
        b"".join(b'<button aria-controls="a%d">x</button><p id=a%d hidden>y</p>' % (i, i) for i in range(12_500 * SIZE))
        + P * 5
    ),
    "regex bait in titles": lambda: b"<title>" + b" - | " * 50_000 * SIZE + b"</title>" + P * 5,
    "compressed octets": lambda: gzip.compress(random.Random(1).randbytes(1 << 20)),
    "random octets": lambda: random.Random(2).randbytes(SIZE << 19),
    "nothing but markup": lambda: b"<" * (SIZE << 19),
    "unclosed comments": lambda: b"<!--" * 125_000 * SIZE + P,
    "tables": lambda: b"<table><tr><td>x</td></tr></table>" * 12_500 * SIZE + P * 5,
    "entities": lambda: b"<p>" + b"&amp;&#x41;&nbsp;&notanentity;" * 25_000 * SIZE + b"</p>",
}


@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_is_read_without_an_exception_and_in_time(name: str) -> None:
    page = Page("https://e.org/", BOMBS[name]())
    started = time.process_time()

    assert is_sane(extract(page))

    assert time.process_time() - started < LIMIT
