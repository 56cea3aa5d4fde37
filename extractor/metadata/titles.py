"""Find the title of a page: the heading that agrees with its metadata, without the name of the site."""

from __future__ import annotations

import html
import re
from collections.abc import Container, Iterable, Sequence
from urllib.parse import urlsplit

from selectolax.lexbor import LexborNode

from extractor.html.article_region import ArticleRegion
from extractor.html.page import Page
from extractor.metadata.claim import Claim
from extractor.values.urls import Resolver, normalise

_LONGEST = 500
_MOST_HEADINGS = 12
_TOKEN = re.compile(r"[\u2e80-\u30ff\u3130-\u9fff\uac00-\ud7af\uf900-\ufaff]|[^\W\u2e80-\uffff]+")
_SEPARATOR = re.compile(r"\s+[|–—\-»«·:•]\s+|\s*[_|｜]\s*|(?<=[\u3000-\uffff])\s*[-–—]+\s*(?=[\u3000-\uffff])")
_PROGRAM = re.compile(
    r"(?:\s+[|–—\-»«·:•]|[_|｜])\s*powered by "
    r"(?:discuz|phpwind|dvbbs|phpbb|vbulletin|mybb|smf|xenforo|ip\.board|invision|dedecms|phpcms|empirecms)\b.*",
    re.IGNORECASE,
)
"""Endings of title elements that forum and site software adds."""
_UNSAID = "style,script,button,[hidden]"
_PERMALINKS = " ¶🔗"
_TO_ITSELF = "a[href^='#']"
_JOINTS = " |–—-»«·:•_｜"
_ALIKE = 0.7
_LEAST_WORDS, _LEAST_LETTERS = 4, 8


def title_of(page: Page, said: Iterable[Claim]) -> tuple[str, str] | None:
    """Return the title and its origin: an agreeing heading, or the first claim, or the title element."""
    claimed = [
        (one_line(claim.value), claim.origin) for claim in said if claim.field == "title" and claim.value.strip()
    ]
    sites = {key(claim.value) for claim in said if claim.field == "site"} | {
        key(urlsplit(normalise(page.url) or "").hostname or "")
    }
    element = _PROGRAM.sub("", one_line(" ".join(node.text() for node in page.tagged("title")[:1])))
    ours = ArticleRegion(page)
    found, aside = list[LexborNode](), list[LexborNode]()
    for node in page.tagged("h1")[:_MOST_HEADINGS]:
        (aside if ours.is_outside(node) else found).append(node)
    shown = map(_text_of, sorted(found, key=lambda node: _leads_elsewhere(node, page.url)))
    headings = [heading for heading in shown if heading]
    for heading in headings:
        for value, origin in claimed:
            if key(heading) == key(value):
                return heading, origin
        others = [*(value for value, _ in claimed), element]
        if any(_agree(heading, value) or _begins(value, heading) for value in others):
            return heading, "heading"
    if claimed and (claimed[0][1] == "json-ld" or not _is_trusted(headings, sites) or _is_shown(claimed[0][0], page)):
        return _without_site(claimed[0][0], sites), claimed[0][1]
    of_site = (*sites, key(_last_and_short(element)))
    if len(headings) == 1 and key(headings[0]) not in of_site and not _is_shown(element, page):
        return headings[0], "heading"
    of_whole = {key(_text_of(heading)) for heading in aside}
    return (_without_site(_without_end(element, of_whole), sites, guess=True), "title element") if element else None


def _text_of(heading: LexborNode) -> str:
    """Return the text of a heading, without buttons and the sign of a link to itself."""
    if heading.css_first(_UNSAID) is not None:
        whole, heading = heading, heading.clone()
        for part in heading.css(_UNSAID):
            part.decompose()
        heading = heading if heading.text().strip() else whole
    said = one_line(heading.text(separator=" "))
    for link in heading.css(_TO_ITSELF)[-1:]:
        sign = one_line(link.text())
        said = said.removesuffix(sign) if not any(map(str.isalnum, sign)) else said
    return said.rstrip(_PERMALINKS)


def _leads_elsewhere(heading: LexborNode, url: str) -> bool:
    """Return whether all of a heading is a link to another page, of which this one is a part."""
    link = heading.css_first("a[href]")
    if link is None or link.text().strip() != heading.text().strip():
        return False
    leads = Resolver(url)((link.attributes.get("href") or "").partition("#")[0]) if normalise(url) else None
    return leads is not None and leads != normalise(url)


def _begins(title: str, heading: str) -> bool:
    """Return whether a title is a heading followed by a separator and other words."""
    rest = title.removeprefix(heading)
    return rest != title and _SEPARATOR.match(rest) is not None


def _is_trusted(headings: Sequence[str], sites: set[str]) -> bool:
    """Return whether to trust a page's only heading more than its title for search engines and sharing."""
    if len(headings) != 1 or key(headings[0]) in sites:
        return False
    return len(_TOKEN.findall(headings[0])) >= _LEAST_WORDS and len(headings[0]) >= _LEAST_LETTERS


def _is_shown(claimed: str, page: Page) -> bool:
    """Return whether an h2 heading is the page's title; then the h1 is that of its section."""
    sought = key(claimed)
    return any(key(node.text()) == sought for node in page.tree.css("h2")[:_MOST_HEADINGS])


def _last_and_short(element: str) -> str:
    """Return the end of the title element if it is short compared with the rest, as a site name is; otherwise empty."""
    parts = _parts(element)
    return parts[-1] if len(parts) > 1 and len(parts[-1]) * 2 < max(map(len, parts)) else ""


def one_line(written: str, longest: int = _LONGEST) -> str:
    """Return the text in one line, with doubly escaped entities resolved."""
    return " ".join(html.unescape(written).split())[:longest]


def _agree(heading: str, other: str) -> bool:
    """Return whether most of a heading's words are in `other`, and are a good part of it."""
    words, others = set(_TOKEN.findall(heading.lower())), set(_TOKEN.findall(other.lower()))
    shared = len(words & others)
    return bool(words) and shared / len(words) >= _ALIKE and shared >= len(others) * 0.3


def _without_site(title: str, sites: set[str], *, guess: bool = False) -> str:
    """Remove the site's name from either end. If it is unknown, `guess` takes the shorter end for it."""
    if (shorter := _without_end(title, sites)) != title:
        return shorter
    parts = _parts(title)
    if len(parts) < 2:
        return title
    if key(parts[0]) in sites:
        return title[len(parts[0]) :].lstrip(_JOINTS)
    longest = max(parts, key=len)
    return longest if guess and len(longest) > len(title) * 0.4 else title


def _without_end(title: str, names: Container[str]) -> str:
    """Remove a name of the site, or of a larger work, from the end."""
    parts = _parts(title)
    return title[: title.rindex(parts[-1])].rstrip(_JOINTS) if len(parts) > 1 and key(parts[-1]) in names else title


def _parts(title: str) -> list[str]:
    return [part for part in _SEPARATOR.split(title) if part]


def key(written: str) -> str:
    """Return the key that is equal for different spellings."""
    return "".join(_TOKEN.findall(written.lower().removeprefix("www.")))
