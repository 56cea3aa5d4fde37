"""Find the next page of an article of several pages: a link that differs only in the page number.

``rel=next`` alone is not enough: on many sites, it leads to another article.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import chain, islice
from urllib.parse import parse_qsl, urlsplit

from selectolax.lexbor import LexborNode

from extractor.html.cheap_queries import CheapQuery, within
from extractor.html.page import Page
from extractor.links.scripted import scripted_next
from extractor.values.urls import Resolve, normalise

_CALLED = tuple(
    CheapQuery(f"[class*={name} i],[id*={name} i]")
    for name in ("paginat", "pager", "page-numbers", "page-links", "pagenav", "pages", "fenye", "multipage")
)
"""Parts of the class names of pagers."""
_CALLED_NEXT = ("下一页", "下一頁", "下页", "下頁", "后一页", "次のページ", "次ページ")
"""Texts of links to the next page, and not to the next article, wherever they are."""
_PAGE = "页頁ペ"
"""Each of these texts has one of these characters: single characters are found much faster than words."""
_AROUND_NAME = " \n\t\xa0›»>→[]［］【】"
_MOST_LINKS = 60
_FILE = re.compile(r"^(?P<stem>.*?)(?:[-_/](?P<number>\d{1,3}))?(?P<end>\.\w{2,5}|/)?$")
_PARAMETERS = frozenset(("page", "p", "pg", "paged", "pagenum", "pageno", "seite"))


def next_part(page: Page, resolver: Resolve) -> tuple[str, str] | None:
    """Return the absolute URL of the article's next page, and ``pagination``; None without one."""
    here = normalise(page.url)
    if here is None:
        return None
    in_pagers = (within(query.all(page), "a[href]") for query in _CALLED)
    for links in chain([page.tree_index.next], in_pagers, [_called_next(page)]):
        for link in islice(links, _MOST_LINKS):
            url = _numbered(link, resolver)
            if link.tag in ("a", "link") and url and url != here and follows(here, url):
                return url, "pagination"
    written = resolver(scripted_next(page) or "")
    return (written, "pagination") if written and follows(here, written) else None


def _called_next(page: Page) -> Iterator[LexborNode]:
    if any(sign in page.words for sign in _PAGE):
        yield from (node for node in page.tree.tags("a") if node.text().strip(_AROUND_NAME) in _CALLED_NEXT)


def _numbered(link: LexborNode, resolver: Resolve) -> str | None:
    """Return the target of a link if it may have a page number other than the first."""
    reference = link.attrs.get("href") or ""
    if not any(map(str.isdigit, reference)) or link.text().strip() == "1":
        return None
    return resolver(reference)


def follows(url: str, other: str) -> bool:
    """Return whether `other` is the page after `url` in a series: ``/story`` and ``/story/2``, ``t1_1.html`` and
    ``t1_2.html``, ``?id=7`` and ``?id=7&page=2``.
    """
    here, there = urlsplit(url), urlsplit(other)
    if here.netloc != there.netloc:
        return False
    if here.path == there.path:
        return _next_number(*(_in_query(parts.query) for parts in (here, there)))
    if here.query != there.query:
        return False
    one, two = _FILE.match(here.path), _FILE.match(there.path)
    if one is None or two is None or two["number"] is None or (one["end"] or "/") != (two["end"] or "/"):
        return False
    if one["stem"] == two["stem"]:
        return _next_number(("", one["number"]), ("", two["number"]))
    whole = here.path.removesuffix(one["end"] or "")  # a name may end with a number: /2026-11-24 and /2026-11-24/2
    return whole == two["stem"] and int(two["number"]) in (1, 2)


def _next_number(one: tuple[str, str | None], two: tuple[str, str | None]) -> bool:
    if one[0] != two[0] or two[1] is None:
        return False
    number = int(two[1])
    return number in (1, 2) if one[1] is None else number == int(one[1]) + 1


def _in_query(query: str) -> tuple[str, str | None]:
    """Return the query without the page number, and that number."""
    pairs = parse_qsl(query, keep_blank_values=True)[:50]
    numbers = [value for name, value in pairs if name.lower() in _PARAMETERS and value.isdecimal() and len(value) < 4]
    rest = [f"{name}={value}" for name, value in pairs if name.lower() not in _PARAMETERS]
    return "&".join(rest), numbers[0] if numbers else None


def before(url: str) -> list[str]:
    """Return the possible addresses of the page before `url`, a later page of a series."""
    parts = urlsplit(url)
    found = _FILE.match(parts.path)
    paths = _paths_before(found) if found and found["number"] else []
    candidates = [parts._replace(path=path).geturl() for path in paths]
    query, number = _in_query(parts.query)
    if number is not None:
        numbers = [int(number) - 1] if int(number) > 1 else []
        names = [name for name, _ in parse_qsl(parts.query) if name.lower() in _PARAMETERS]
        queries = [f"{query}&{names[0]}={one}".lstrip("&") for one in numbers]
        candidates += [parts._replace(query=one).geturl() for one in [*queries, query]]
    return [one for one in candidates if follows(one, url)]


def _paths_before(found: re.Match[str]) -> list[str]:
    stem, end, number = found["stem"], found["end"] or "", int(found["number"])
    between = found.string[len(stem) : found.start("number")]
    numbered = [f"{stem}{between}{number - 1}{end}"] if number > 1 else []
    return [*numbered, stem + end, stem, f"{stem}/"]
