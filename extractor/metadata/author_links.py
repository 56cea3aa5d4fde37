"""Find links to the pages of authors, and the days in their lines, as in WordPress: *Ada Quist · 9 March 2026*."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from urllib.parse import unquote

from selectolax.lexbor import LexborNode

from extractor.html.article_region import ArticleRegion
from extractor.html.lines import in_one_line
from extractor.html.page import Page
from extractor.html.regions import FRAME, ancestors
from extractor.metadata.datelines import is_possible
from extractor.metadata.paragraphs_around import LEAST_PROSE, prose_around
from extractor.values.dates import read_date

_AUTHORS = "authors?|autor(?:en|es)?|auteurs?|contributors?|writers?|columnists?"
_OF_AUTHORS = re.compile(rf"/(?:{_AUTHORS})/([^/?#]+)/?(?:[?#]|$)", re.IGNORECASE)
_MAYBE_OF_AUTHORS = re.compile(rf"/(?:{_AUTHORS})/".encode())
_LINKS = "a:is([href*='/aut'],[href*='/contributor'],[href*='/writer'],[href*='/columnist'])"
_MOST_LOOKED_AT = 60
_LONGEST_LINE = 160
_LEVELS = 3
"""Elements around a link that may be its line."""


def author_links(page: Page) -> Iterator[tuple[LexborNode, str]]:
    """Yield the links to pages of authors, each with the last part of its address, in lower case."""
    if _MAYBE_OF_AUTHORS.search(page.octets):
        for link in page.tree.css(_LINKS)[:_MOST_LOOKED_AT]:
            if of := _OF_AUTHORS.search(link.attributes.get("href") or ""):
                yield link, unquote(of[1]).lower()


def day_in_line(link: LexborNode, day_first: bool | None = None) -> str | None:
    """Return the day in the line of a link, in ISO 8601: in the next elements around it, with little text. None for a
    line in the text, which may name anybody.
    """
    if min(prose_around(link)) >= LEAST_PROSE:
        return None
    for part in islice(ancestors(link), _LEVELS):
        line = in_one_line(part)
        if len(line) > _LONGEST_LINE or part.tag in FRAME:
            return None
        if written := read_date(line, day_first=day_first):
            return written
    return None


def day_beside_author(page: Page, day_first: bool | None = None) -> tuple[str, str] | None:
    """Return the only day that shares a line with a link to an author, in the article, and ``date line``."""
    ours = ArticleRegion(page)
    signed = (link for link, _ in author_links(page) if not (ours.is_outside(link) or ours.is_of_another(link)))
    days = set(filter(None, (day_in_line(link, day_first) for link in signed)))
    if len(days) != 1 or not is_possible(day := days.pop(), page.at):
        return None
    return day, "date line"
