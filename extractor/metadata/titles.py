"""The title of a page: the heading that agrees with what the page says of itself, without the name of the site."""

from __future__ import annotations

import html
import re
from collections.abc import Container, Iterable, Sequence
from urllib.parse import urlsplit

from selectolax.lexbor import LexborNode

from extractor.html.article_region import Ours
from extractor.html.page import Page
from extractor.metadata.structured import Claim
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
"""What programs of forums and of sites end the title element with."""
_UNSAID = "style,script,button,[hidden]"
_PERMALINKS = " ¶🔗"
_JOINTS = " |–—-»«·:•_｜"
_ALIKE = 0.7
_LEAST_WORDS, _LEAST_LETTERS = 4, 8


def title_of(page: Page, said: Iterable[Claim]) -> tuple[str, str] | None:
    """The title, and where it comes from: a heading that agrees, else the first claim, else the title element."""
    claimed = [
        (one_line(claim.value), claim.origin) for claim in said if claim.field == "title" and claim.value.strip()
    ]
    sites = {key(claim.value) for claim in said if claim.field == "site"} | {
        key(urlsplit(normalise(page.url) or "").hostname or "")
    }
    element = _PROGRAM.sub("", one_line(" ".join(node.text() for node in page.tagged("title")[:1])))
    ours = Ours(page)
    found, aside = list[LexborNode](), list[LexborNode]()
    for node in page.tagged("h1")[:_MOST_HEADINGS]:
        (aside if ours.stands_aside(node) else found).append(node)
    shown = map(_said_by, sorted(found, key=lambda node: _leads_elsewhere(node, page.url)))
    headings = [heading for heading in shown if heading]
    for heading in headings:
        for value, origin in claimed:
            if key(heading) == key(value):
                return heading, origin
        others = [*(value for value, _ in claimed), element]
        if any(_agree(heading, value) or _begins(value, heading) for value in others):
            return heading, "heading"
    if claimed and (claimed[0][1] == "json-ld" or not _tells(headings, sites) or _is_shown(claimed[0][0], page)):
        return _without_site(claimed[0][0], sites), claimed[0][1]
    of_site = (*sites, key(_last_and_short(element)))
    if len(headings) == 1 and key(headings[0]) not in of_site and not _is_shown(element, page):
        return headings[0], "heading"
    of_whole = {key(_said_by(heading)) for heading in aside}
    return (_without_site(_without_end(element, of_whole), sites, guess=True), "title element") if element else None


def _said_by(heading: LexborNode) -> str:
    """What a heading says, but for what one may press in it, and the mark of a link to itself."""
    if heading.css_first(_UNSAID) is not None:
        whole, heading = heading, heading.clone()
        for part in heading.css(_UNSAID):
            part.decompose()
        heading = heading if heading.text().strip() else whole
    return one_line(heading.text(separator=" ")).rstrip(_PERMALINKS)


def _leads_elsewhere(heading: LexborNode, url: str) -> bool:
    """Whether all of a heading is a link to another page: to the whole of which this one is a part."""
    link = heading.css_first("a[href]")
    if link is None or link.text().strip() != heading.text().strip():
        return False
    leads = Resolver(url)((link.attributes.get("href") or "").partition("#")[0]) if normalise(url) else None
    return leads is not None and leads != normalise(url)


def _begins(title: str, heading: str) -> bool:
    """Whether a title is a heading and, behind a separator, where that stands."""
    rest = title.removeprefix(heading)
    return rest != title and _SEPARATOR.match(rest) is not None


def _tells(headings: Sequence[str], sites: set[str]) -> bool:
    """Whether a page's only heading is believed against the title that it has for search engines and friends."""
    if len(headings) != 1 or key(headings[0]) in sites:
        return False
    return len(_TOKEN.findall(headings[0])) >= _LEAST_WORDS and len(headings[0]) >= _LEAST_LETTERS


def _is_shown(claimed: str, page: Page) -> bool:
    """Whether a heading of the second rank is what the page is called: that of the first is its section's then."""
    sought = key(claimed)
    return any(key(node.text()) == sought for node in page.tree.css("h2")[:_MOST_HEADINGS])


def _last_and_short(element: str) -> str:
    """What the title element ends with, if it is short beside the rest: the site's name. Else empty."""
    parts = _parts(element)
    return parts[-1] if len(parts) > 1 and len(parts[-1]) * 2 < max(map(len, parts)) else ""


def one_line(written: str, longest: int = _LONGEST) -> str:
    """One line, entities that were escaped twice resolved."""
    return " ".join(html.unescape(written).split())[:longest]


def _agree(heading: str, other: str) -> bool:
    """Whether most of a heading's words stand in `other`, and make up a good part of it."""
    words, others = set(_TOKEN.findall(heading.lower())), set(_TOKEN.findall(other.lower()))
    shared = len(words & others)
    return bool(words) and shared / len(words) >= _ALIKE and shared >= len(others) * 0.3


def _without_site(title: str, sites: set[str], *, guess: bool = False) -> str:
    """Take the site's name from either end. When it is not known, the shorter end is guessed to be it."""
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
    """Take a name of the site, or of the whole that the page is a part of, from the end."""
    parts = _parts(title)
    return title[: title.rindex(parts[-1])].rstrip(_JOINTS) if len(parts) > 1 and key(parts[-1]) in names else title


def _parts(title: str) -> list[str]:
    return [part for part in _SEPARATOR.split(title) if part]


def key(written: str) -> str:
    """What is compared when two spellings are to be the same."""
    return "".join(_TOKEN.findall(written.lower().removeprefix("www.")))
