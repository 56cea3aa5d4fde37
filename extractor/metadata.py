"""Title, authors, dates and language of a page: what it says for machines first, then what it shows.

Every field says where it came from: ``json-ld``, ``open-graph``, ``dublin-core``, ``meta``, ``microdata``, ``heading``,
``title element``, ``byline`` (with the Chinese label that stood before the name), ``time element``, ``date line``,
``url``, ``htmldate``.
"""

from __future__ import annotations

import html
import logging
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import urlsplit

from selectolax.lexbor import LexborNode

from extractor.bylines import clean_name, labelled_byline, written_byline
from extractor.dates import date_in_path, read_date
from extractor.page import Page
from extractor.regions import ancestors, is_apparatus, is_comments, vocabulary, words_of
from extractor.structured import ARTICLES, THREADS, Claim, claims
from extractor.taming import tame

_LONGEST_TITLE = 500
_MOST_AUTHORS = 20
_TOKEN = re.compile(r"[\u2e80-\u30ff\u3130-\u9fff\uac00-\ud7af\uf900-\ufaff]|[^\W\u2e80-\uffff]+")
_SEPARATOR = re.compile(r"\s+[|–—\-»«·:•]\s+|\s*[_|｜]\s*|(?<=[\u3000-\uffff])\s*[-–—]+\s*(?=[\u3000-\uffff])")
_ALIKE = 0.7
_DATE_SELECTORS = (
    "time[pubdate]",
    "article time[datetime],main time[datetime]",
    "time[datetime]",
    "[class*=publish i],[id*=publish i],[class*=pubtime i],[id*=pubtime i],[class*=pubdate i]",
    "time,.entry-date,.post-date,.date,[class*=date i],[id*=date i],[class*=time i],[id*=time i]",
    "[class*=byline i],[class*=meta i],[class*=info i],[class*=source i],[class*=origin i]",
)
_CHANGED = vocabulary("modified updated update lastmod")
_MOST_LOOKED_AT = 12
_DATE_WINDOW = 200
_FIRST_DAY, _LAST_DAY = datetime(1995, 1, 1), datetime(2100, 1, 1)  # noqa: DTZ001 - what htmldate wants
_NEAR_HEADING = 400


@dataclass(frozen=True, slots=True)
class Metadata:
    """What is known of a page beside its text."""

    title: str | None = None
    authors: tuple[str, ...] = ()
    date: str | None = None
    """When it was published: ISO 8601 with the precision and the zone that were given."""
    modified: str | None = None
    language: str | None = None
    """As declared, e.g. ``zh-CN``: not always true."""
    thread: bool | None = None
    """Whether the page says that it is a discussion (True) or an article (False); None when it says neither."""
    origins: dict[str, str] = field(default_factory=dict)
    """Field → where its value came from."""


def read_metadata(page: Page) -> Metadata:
    said = list(claims(page.tree))
    title, authors, date = _title(page, said), _authors(page, said), _published(page, said)
    modified = _first_date(said, "modified")
    language = _language(page, said)
    found = {"title": title, "author": authors, "date": date, "modified": modified, "language": language}
    return Metadata(
        title=title[0] if title else None,
        authors=authors[0] if authors else (),
        date=date[0] if date else None,
        modified=modified[0] if modified else None,
        language=language[0] if language else None,
        thread=_is_thread({claim.value for claim in said if claim.field == "kind"}),
        origins={name: value[1] for name, value in found.items() if value},
    )


def _is_thread(kinds: set[str]) -> bool | None:
    """By schema.org's types; the `article` of Open Graph means nothing, forums say it too."""
    if not kinds.isdisjoint(THREADS):
        return True
    return None if kinds.isdisjoint(ARTICLES) else False


def _title(page: Page, said: Iterable[Claim]) -> tuple[str, str] | None:
    """A heading that agrees with what the page says of itself is the title; else the first that is said."""
    claimed = [(_line(claim.value), claim.origin) for claim in said if claim.field == "title" and claim.value.strip()]
    sites = {_key(claim.value) for claim in said if claim.field == "site"} | {_key(urlsplit(page.url).hostname or "")}
    element = _line(" ".join(node.text() for node in page.tree.css("title")[:1]))
    headings = [_line(node.text(separator=" ")) for node in page.tree.css("h1")[:_MOST_LOOKED_AT] if not _aside(node)]
    headings = [heading for heading in headings if heading]
    for heading in headings:
        for value, origin in claimed:
            if _key(heading) == _key(value):
                return heading, origin
        if any(_agree(heading, value) for value in [value for value, _ in claimed] + [element]):
            return heading, "heading"
    if claimed:
        return _without_site(claimed[0][0], sites), claimed[0][1]
    if len(headings) == 1:
        return headings[0], "heading"
    return (_without_site(element, sites, guess=True), "title element") if element else None


def _agree(heading: str, other: str) -> bool:
    """Whether most of a heading's words stand in `other`, and make up a good part of it."""
    words, others = set(_TOKEN.findall(heading.lower())), set(_TOKEN.findall(other.lower()))
    shared = len(words & others)
    return bool(words) and shared / len(words) >= _ALIKE and shared >= len(others) * 0.3


def _without_site(title: str, sites: set[str], *, guess: bool = False) -> str:
    """Take the site's name from either end. When it is not known, the shorter end is guessed to be it."""
    parts = [part for part in _SEPARATOR.split(title) if part]
    if len(parts) < 2:
        return title
    if _key(parts[-1]) in sites:
        return title[: title.rindex(parts[-1])].rstrip(" |–—-»«·:•_｜")
    if _key(parts[0]) in sites:
        return title[len(parts[0]) :].lstrip(" |–—-»«·:•_｜")
    longest = max(parts, key=len)
    return longest if guess and len(longest) > len(title) * 0.4 else title


def _authors(page: Page, said: Iterable[Claim]) -> tuple[tuple[str, ...], str] | None:
    names: dict[str, dict[str, None]] = {}
    for claim in said:
        if claim.field == "author" and (name := clean_name(_line(claim.value))):
            names.setdefault(claim.origin, {})[name] = None
    for origin, found in names.items():
        return tuple(found)[:_MOST_AUTHORS], origin
    shown = written_byline(page.tree) or labelled_byline(page)
    return ((shown[0],), shown[1]) if shown else None


def _published(page: Page, said: Iterable[Claim]) -> tuple[str, str] | None:
    claimed = _first_date(said, "published")
    if claimed:
        return claimed
    for selector in _DATE_SELECTORS:
        for node in page.tree.css(selector)[:_MOST_LOOKED_AT]:
            shown = None if _aside(node) or not words_of(node).isdisjoint(_CHANGED) else _date_of(node)
            if shown:
                return shown, "time element" if node.tag == "time" else "date line"
    return _date_elsewhere(page)


def _date_elsewhere(page: Page) -> tuple[str, str] | None:
    """Beside the heading, in the URL, or where htmldate finds one."""
    heading = page.tree.css_first("h1")
    near = _date_after(heading) if heading is not None else None
    if near:
        return near, "date line"
    if in_path := date_in_path(page.url):
        return in_path, "url"
    guessed = _htmldate(page)
    return (guessed, "htmldate") if guessed else None


def _date_of(node: LexborNode) -> str | None:
    attributes = node.attrs
    for name in ("datetime", "content", "title"):
        if written := read_date(attributes.get(name) or ""):
            return written
    text = node.text(separator=" ")
    return read_date(text) if len(text) <= _DATE_WINDOW else None


def _date_after(heading: LexborNode) -> str | None:
    """A date in what follows a heading, up to the first paragraph."""
    node = heading.next
    read = 0
    while node is not None and read < _NEAR_HEADING and node.tag not in ("p", "article"):
        text = node.text(separator=" ")[:_NEAR_HEADING]
        read += len(text)
        if written := read_date(text):
            return written
        node = node.next
    return None


def _htmldate(page: Page) -> str | None:
    from htmldate import find_date

    logging.getLogger("htmldate").setLevel(logging.CRITICAL)
    try:
        found: str | None = find_date(
            tame(page.text),
            extensive_search=False,
            original_date=True,
            url=page.url,
            min_date=_FIRST_DAY,
            max_date=_LAST_DAY,
        )
    except MemoryError:
        raise
    except Exception:  # whatever a hostile page makes the library raise
        return None
    return found


def _first_date(said: Iterable[Claim], name: str) -> tuple[str, str] | None:
    for claim in said:
        if claim.field == name and (written := read_date(claim.value)):
            return written, claim.origin
    return None


def _language(page: Page, said: Iterable[Claim]) -> tuple[str, str] | None:
    root = page.tree.root
    declared = root.attrs.get("lang") or root.attrs.get("xml:lang") if root is not None else None
    if declared:
        return declared, "html"
    return next(((claim.value, claim.origin) for claim in said if claim.field == "language"), None)


def _aside(node: LexborNode) -> bool:
    """Whether a part is no part of the article. A form may be around all of it."""
    return any(is_comments(part) or (part.tag != "form" and is_apparatus(part)) for part in _around(node))


def _around(node: LexborNode) -> Iterator[LexborNode]:
    yield node
    yield from ancestors(node)


def _line(written: str) -> str:
    """One line, entities that were escaped twice resolved."""
    return " ".join(html.unescape(written).split())[:_LONGEST_TITLE]


def _key(written: str) -> str:
    """What is compared when two spellings are to be the same."""
    return "".join(_TOKEN.findall(written.lower().removeprefix("www.")))
