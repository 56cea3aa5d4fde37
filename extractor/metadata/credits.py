"""Find authors on pages without a marked by-line: links to authors, names after *Author*, *Text:* and the like, author
boxes, signatures at either end of the text.

Such places also name other people, so a method only counts if all its results on a page are the same persons.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import islice

from selectolax.lexbor import LexborNode

from extractor.html.article_region import ArticleRegion
from extractor.html.cheap_queries import CheapQuery
from extractor.html.lines import in_one_line, lines_of
from extractor.html.page import Page
from extractor.html.regions import ancestors, words_of
from extractor.metadata.author_links import author_links, day_in_line
from extractor.metadata.bylines import NO_LATIN, clean_name
from extractor.metadata.paragraphs_around import LEAST_PROSE, prose_around
from extractor.metadata.people import is_full_name, people_of
from extractor.metadata.titles import key

Persons = tuple[str, ...]
_Found = Iterator[tuple[Persons, LexborNode]]
"""Persons, and the places of their names."""
_Lines = Sequence[tuple[str, LexborNode]]

_MOST_LOOKED_AT = 60
_LONGEST_LINE, _LONGEST_MARKED = 160, 60
_LEAST_OF_NAME = 3
_LABEL = (
    r"(?:(?:about (?:the )?|über (?:den|die) )?(?:authors?(?:\(s\))?|auteur(?:e|s|rice|\(s\))?|autor[ae]s?|autori"
    r"|autor(?:en|in|innen|[:*]innen|in[/ ]autor|/in)?)"
    r"|(?:written|posted|text|words|story) by|(?:verfasst|geschrieben|text|beitrag) von|(?:écrit|rédigé|texte) par"
    r"|(?:escrito|texto) por|scritto da|geschreven door|skrevet a[vf]|skrive[nt] av)(?:\s*:)?"
    r"|(?:texte?(?: (?:und|and|et|&|\+) (?:fotos?|photos?|bilder|images?))?|texto|tekst"
    r"|words|story|by|von|par|por|di|door|verfasser(?:in)?)\s*:"
)
"""Labels; the last ones count only with a colon."""
_LEAD = r"(?:by|von|par|por|di|door|av|af)(?=\s)"
_CREDIT = re.compile(rf"(?:{_LABEL})(?:\s+(.{{4,}}))?", re.IGNORECASE)
_BYLINE = re.compile(rf"{_LEAD} (?!.* (?:zu[mr]?|to|à) )(.{{4,90}})", re.IGNORECASE)
_MAYBE = re.compile(
    rf"\n[ \t\xa0]*(?=[ABDEGPRSTVWÉÜabdegprstvwéü])(?i:{_LABEL}|{_LEAD})\s+([^\W\d_][^\n]{{3,{_LONGEST_LINE}}})"
)
"""A label in a line of each text. Its first letters are found much faster than the label."""
_OF_WORKS = re.compile(
    r"\n[ \t\xa0]*(?=[DILMPRSVdilmprsv])(?i:directed by|director|starring|music by|lyrics|regie|drehbuch|isbn|publisher"
    r"|verlag)\b"
)
"""Pages about a film, a song or a book name its author, who is not the page's."""
_NEXT_CREDIT = re.compile(
    r"\s+(?:illustration|foto|photo|bild|image|video|translat|übersetz|datum)|\s*[|/•·]|,\s*[\w-]+$", re.IGNORECASE
)
_ROLE = re.compile(r"\s*\([^()]*\)$")
_BOXES = CheapQuery("[class*=author i]:not([class*=authoriz i])")
_RIGHT = "p[style*='text-align:right'],p[style*='text-align: right']"


def credited(page: Page) -> Iterator[Persons]:
    """Yield the credited persons, the most reliable method first."""
    ours = ArticleRegion(page)
    lines = page.lines if _may_name(page) else ()
    ways = (
        _in_links(page),
        _beside_days(page, ours),
        _behind_labels(page, lines),
        _in_boxes(page, ours),
        _in_lines(lines),
        _in_signatures(page),
    )
    for way in ways:
        named: dict[frozenset[str], Persons] = {}
        for persons, node in way:
            if not (ours.belongs_elsewhere(node) or ours.is_of_another(node)):
                named.setdefault(frozenset(map(key, persons)), persons)
        if len(named) == 1 and _are_whole(persons := next(iter(named.values())), page):
            yield persons


def _are_whole(persons: Persons, page: Page) -> bool:
    """Return whether the names are words of the page: *Ada QuistEditor* is two, separated only by a style sheet."""
    words = " ".join(page.words.split())
    return all(re.search(rf"(?<!\w){re.escape(name)}(?!\w)", words) for name in persons)


def _in_links(page: Page) -> _Found:
    """Return full names in links to author pages, if their addresses show that."""
    for link, slug in author_links(page):
        persons = _persons(in_one_line(link))
        words = (word.lower() for name in persons for word in name.split() if len(word) >= _LEAST_OF_NAME)
        if any(word in slug for word in words):
            yield persons, link


def _beside_days(page: Page, ours: ArticleRegion) -> _Found:
    """Return the names in links to author pages that share their line with a day, as WordPress themes write them.

    The address of a name in another script, or of an account, does not have the words of the name.
    """
    for link, slug in author_links(page):
        name = clean_name(in_one_line(link))
        if name and _may_sign(name, slug) and day_in_line(link) and not ours.is_outside(link):
            yield (name,), link


def _may_sign(name: str, slug: str) -> bool:
    """Return whether it is a full name, a name in another script than addresses have, or the account in the address."""
    return is_full_name(name) or NO_LATIN.fullmatch(name) is not None or name.lower() == slug


def _behind_labels(page: Page, lines: _Lines) -> _Found:
    """Return labelled names before, after or beside the text."""
    if lines and not _OF_WORKS.search(page.words):
        for persons, node in islice(_labelled(lines), _MOST_LOOKED_AT):
            if min(prose_around(node)) < LEAST_PROSE:
                yield persons, node


def _labelled(lines: _Lines) -> _Found:
    """Return full names after a label, in its line, or in the next line if the label is alone."""
    label: LexborNode | None = None
    for line, node in lines:
        persons = _listed(node, label) or _persons(line) if label is not None else ()
        credit = _CREDIT.fullmatch(line) if not persons and len(line) <= _LONGEST_LINE else None
        label = node if credit and not credit[1] else None
        persons = _persons(credit[1]) if credit and credit[1] else persons
        if persons:
            yield persons, node


def _listed(node: LexborNode, label: LexborNode) -> Persons:
    """Return the full names in the list after a label."""
    around = {part.mem_id for part in ancestors(label)}
    listing = next((part for part in ancestors(node) if part.tag in ("ul", "ol")), None)
    if listing is None or listing.mem_id in around:
        return ()
    items = islice(listing.iter(), _MOST_LOOKED_AT)
    return tuple(dict.fromkeys(name for item in items for name in _persons(in_one_line(item))))


def _in_boxes(page: Page, ours: ArticleRegion) -> _Found:
    """Return full names in the first line of author boxes, without a role in brackets."""
    for node in islice(_BOXES.all(page), _MOST_LOOKED_AT):
        line, _ = next(lines_of(node), ("", node))
        if len(line) <= _LONGEST_MARKED and (persons := _persons(_ROLE.sub("", line))) and not _is_at_side(node, ours):
            yield persons, node


def _is_at_side(box: LexborNode, ours: ArticleRegion) -> bool:
    """Return whether an author box is in a menu, a sidebar or the like, which the box itself resembles."""
    around = list(ancestors(box))
    outermost = max((number for number, part in enumerate(around) if "author" in words_of(part)), default=-1)
    return outermost + 1 < len(around) and ours.is_outside(around[outermost + 1])


def _in_lines(lines: _Lines) -> _Found:
    """Return full names in separate lines, at most after *by*, before or after the whole text."""
    bylines = ((_BYLINE.fullmatch(line), node) for line, node in lines if len(line) <= _LONGEST_LINE)
    named = ((_persons(byline[1]), node) for byline, node in bylines if byline)
    for persons, node in islice(named, _MOST_LOOKED_AT):
        if persons and (_ends_text(node) or _begins_text(node)):
            yield persons, node


def _in_signatures(page: Page) -> _Found:
    """Return a single full name, bold and aligned right, after the whole text."""
    if b"text-align" in page.octets:
        for node in page.tree.css(_RIGHT)[:_MOST_LOOKED_AT]:
            line, bold = in_one_line(node), node.css_first("b,strong")
            if bold is not None and in_one_line(bold) == line and (persons := _persons(line)) and _ends_text(bold):
                yield persons, node


def _may_name(page: Page) -> bool:
    """Return whether it is worth reading all lines."""
    return any(_persons(found[1]) for found in _MAYBE.finditer(page.words))


def _persons(written: str) -> Persons:
    """Return the full names of a by-line, without what follows them; none if it is anything else."""
    name = clean_name(_NEXT_CREDIT.split(written, maxsplit=1)[0])
    persons = people_of(name) if name else ()
    return persons if all(map(is_full_name, persons)) else ()


def _ends_text(node: LexborNode) -> bool:
    before, after = prose_around(node)
    return before >= LEAST_PROSE and after == 0


def _begins_text(node: LexborNode) -> bool:
    before, after = prose_around(node)
    return after >= LEAST_PROSE and before == 0
