"""What a site says of the use of a page: rights that it reserves, and refusals to hand it out.

It says so in several places: for the whole site in robots.txt, ai.txt and tdmrep.json, in the head of an answer, and in
the `<meta>` elements of a page. Here are the fields of a head, how all of them are written in one line each, and what
they reserve.

Sources: TDM Reservation Protocol (W3C community group report, 2024), X-Robots-Tag and robots `<meta>`, Content-Usage
(draft-ietf-aipref-attach), Content-Signal (contentsignals.org, 2025), ai.txt (Spawning, 2023), and Crawler-Price
beside 402. Directive (EU) 2019/790, articles 3 and 4, says whom a reservation of text and data mining binds.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from http import HTTPStatus
from typing import Literal

Field = tuple[str, str]
"""Where something is said and its name, such as ``tdmrep.json tdm-reservation`` or ``x-robots-tag``, and its value."""
Reserved = Literal["mining", "archiving"]
"""Text and data mining, including what language models are given; keeping a copy at all."""

AGENT = "pressmark"
"""What a site calls us in the fields that name a crawler."""

FIELDS = frozenset(
    (b"tdm-reservation", b"tdm-policy", b"x-robots-tag", b"content-usage", b"content-signal", b"crawler-price")
)
"""Names of fields of a head, in lower case."""
SITE_FILES = ("/robots.txt", "/.well-known/tdmrep.json", "/ai.txt")
"""The paths of the files in which a site says it for all its pages. They are no pages."""
_REFUSALS = (HTTPStatus.PAYMENT_REQUIRED, HTTPStatus.UNAVAILABLE_FOR_LEGAL_REASONS)
_LONGEST = 500
"""Characters of a value; the head has all of it."""
_MOST = 20
"""Fields that are kept."""
_TOKENS = re.compile(r"[\s,]+")
_OF_AGENT = re.compile(r"\s*([a-z][a-z0-9_-]*)\s*:(.*)")
_DIRECTIVES = frozenset({"unavailable_after", "max-snippet", "max-image-preview", "max-video-preview"})
"""Names before a colon that are no crawler's."""
_ROBOTS: dict[str, Reserved] = {"noai": "mining", "noarchive": "archiving", "nocache": "archiving"}
_MINING = frozenset({"ai-train", "ai-input", "train-ai", "train-genai", "ai", "tdm"})
"""Keys of Content-Signal and Content-Usage."""


def is_site_file(key: str) -> bool:
    """Return whether the key of a URL is that of such a file."""
    return key.partition(")")[2] in SITE_FILES


def reservations(status: int | None, headers: Iterable[Field]) -> Iterator[Field]:
    """Yield the fields of a head that say something of the use of a page, in their order, each with its value.

    A refusal comes first: see `refusals`.
    """
    yield from refusals(status)
    for name, value in headers:
        if name.lower().encode("latin-1", "replace") in FIELDS and value.strip():
            yield name.lower(), value.strip()[:_LONGEST]


def refusals(status: int | None) -> Iterator[Field]:
    """Yield the field `status` for 402 (payment required) and 451 (legal reasons, RFC 7725)."""
    for refusal in _REFUSALS:
        if status == refusal:
            yield "status", f"{refusal.value} {refusal.phrase}"


def written(fields: Iterable[Field]) -> str | None:
    """Return fields as lines, each once; None if there are none."""
    lines = dict.fromkeys(f"{name}: {' '.join(value.split())[:_LONGEST]}" for name, value in fields if value)
    return "\n".join(list(lines)[:_MOST]) or None


def read(lines: str | None) -> list[Field]:
    """Return the fields of such lines."""
    return [(name, value) for name, _, value in (line.partition(": ") for line in (lines or "").split("\n")) if value]


def reserved(fields: Iterable[Field]) -> dict[Reserved, str]:
    """Return what fields reserve, each with the first line that says so.

    What a page says of TDM comes before what its head says, and that before tdmrep.json.
    """
    found: dict[Reserved, str] = {}
    tdm: dict[str, str] = {}
    for name, value in fields:
        place, _, last = name.rpartition(" ")
        if last == "tdm-reservation":
            tdm[place] = value.strip()
        for what in _said(place, last, value):
            found.setdefault(what, f"{name}: {value}")
    place = next((place for place in ("meta", "", "tdmrep.json") if place in tdm), "")
    if tdm.get(place) == "1":
        found.setdefault("mining", f"{place} tdm-reservation: 1".strip())
    return found


def _said(place: str, name: str, value: str) -> Iterator[Reserved]:
    if name in ("x-robots-tag", "robots", AGENT):
        yield from (_ROBOTS[token] for token in _for_us(value.lower()) if token in _ROBOTS)
    elif name in ("content-signal", "content-usage"):
        if any(map(_denies, _TOKENS.split(value.lower()))):
            yield "mining"
    elif (place, name) == ("ai.txt", "disallow"):
        yield "mining"


def _for_us(value: str) -> Iterator[str]:
    """Yield the robots directives that are for every crawler or for us.

    A crawler that is named before a directive has the following ones, too, until another crawler is named.
    """
    agent = AGENT
    for part in value.split(","):
        named = _OF_AGENT.fullmatch(part)
        if named and named[1] not in _DIRECTIVES:
            agent = named[1]
        if agent == AGENT:
            yield from (named[2] if named and named[1] == agent else part).split()


def _denies(token: str) -> bool:
    key, _, value = token.partition(";")[0].partition("=")  # parameters come after a semicolon: RFC 8941, 3.1.2
    return key in _MINING and value in ("n", "no")
