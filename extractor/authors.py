"""Who a page says it is by: the persons that it names for machines; where it names but itself, those that it shows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from urllib.parse import urlsplit

from extractor.about import Labels
from extractor.bylines import clean_name, heading_byline, written_byline
from extractor.labels import labelled_byline
from extractor.page import Page
from extractor.people import people_of, without_office
from extractor.structured import Claim
from extractor.titles import key, one_line
from extractor.urls import normalise

_MOST = 20
_SHORTEST_LABEL = 3

Authors = tuple[tuple[str, ...], str]
"""The names, and where they come from."""


def authors_of(page: Page, said: Sequence[Claim], labels: Labels) -> Authors | None:
    """The authors: of one vocabulary, without the site's own name if it names anybody else."""
    sites = _names_of_site(page, said)
    names: dict[str, dict[str, str]] = {}
    for claim in said:
        if claim.field == "author" and (name := clean_name(one_line(claim.value))):
            found = names.setdefault(claim.origin, {})
            for person in people_of(without_office(name, sites)):
                found.setdefault(key(person), person)
    if not names:
        return _shown(page, labels, sites)
    for number, (origin, found) in enumerate(names.items()):
        persons = tuple(name for written, name in found.items() if written not in sites)
        if persons and (number == 0 or all(map(_is_full_name, persons))):
            return persons[:_MOST], origin
    shown = _shown(page, labels, sites)
    if shown is not None and all(_is_full_name(name) and key(name) not in sites for name in shown[0]):
        return shown
    return next((tuple(found.values())[:_MOST], origin) for origin, found in names.items())


def _shown(page: Page, labels: Labels, sites: frozenset[str]) -> Authors | None:
    shown = heading_byline(page) or written_byline(page) or labelled_byline(labels())
    return (people_of(without_office(shown[0], sites)), shown[1]) if shown else None


def _is_full_name(name: str) -> bool:
    """Whether a name is more than one word, and no label stands before it."""
    return ":" not in name and (" " in name or not name.isascii())


def _names_of_site(page: Page, said: Iterable[Claim]) -> frozenset[str]:
    """What a site is called, by itself and by its address, as `key` writes it."""
    labels = (urlsplit(normalise(page.url) or "").hostname or "").removeprefix("www.").split(".")
    hosts = [".".join(labels), *(label for label in labels[:-1] if len(label) >= _SHORTEST_LABEL)]
    return frozenset(filter(None, map(key, [*hosts, *(claim.value for claim in said if claim.field == "site")])))
