"""Find the authors of a page: from metadata; if that names only the site, from the visible page."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from urllib.parse import urlsplit

from extractor.html.page import Page
from extractor.metadata.bylines import clean_name, heading_byline, written_byline
from extractor.metadata.cards import writers_on_card
from extractor.metadata.credits import credited
from extractor.metadata.labels import labelled_byline
from extractor.metadata.page_facts import Labels
from extractor.metadata.people import is_full_name, people_of, without_office
from extractor.metadata.structured import THREADS, Claim
from extractor.metadata.titles import key, one_line
from extractor.values.urls import normalise

_MOST = 20
_SHORTEST_LABEL = 3
_ADDRESS = re.compile(r"\(([\w-]+(?:\.[\w-]+)+)\)")

Authors = tuple[tuple[str, ...], str]
"""The names, and where they come from."""


def authors_of(page: Page, said: Sequence[Claim], labels: Labels) -> Authors | None:
    """Return the authors of one vocabulary, without the site's own name if there are others.

    If the page names only the site or an account, return the full names that it shows.
    """
    sites = _names_of_site(page, said)
    claimed = _claimed(said, sites)
    if not claimed:
        return next(_shown(page, labels, sites), None)
    of_thread = any(claim.field == "kind" and claim.value in THREADS for claim in said)
    for number, (names, origin) in enumerate(claimed):
        persons = tuple(name for name in names if not _is_of_site(name, sites))
        full = tuple(map(_is_full_name, persons))
        if persons and (all(full) or (number == 0 and (of_thread or any(full)))):
            return persons, origin
    names, origin = claimed[0]
    accounts = tuple(name for name in names if not _is_of_site(name, sites))
    is_person = is_full_name if accounts else _is_person
    for shown in _shown(page, labels, sites):
        if all(is_person(name) and not _is_of_site(name, sites) for name in shown[0]):
            return shown
    return accounts or names, origin


def _claimed(said: Iterable[Claim], sites: frozenset[str]) -> Sequence[Authors]:
    """Return the authors in each vocabulary."""
    names: dict[str, dict[str, str]] = {}
    for claim in said:
        if claim.field == "author" and (name := clean_name(one_line(claim.value))):
            found = names.setdefault(claim.origin, {})
            for person in people_of(without_office(name, sites)):
                found.setdefault(key(person), person)
    return [(tuple(found.values())[:_MOST], origin) for origin, found in names.items()]


def _shown(page: Page, labels: Labels, sites: frozenset[str]) -> Iterator[Authors]:
    """Yield the visible authors, most reliable first. Only a full name on a card is more reliable than a by-line."""
    written = filter(None, (clean_name(one_line(name)) for name in writers_on_card(page)))
    on_card = tuple(person for name in written for person in people_of(without_office(name, sites)))[:_MOST]
    if on_card and all(is_full_name(name) and not _is_of_site(name, sites) for name in on_card):
        yield on_card, "card"
    for shown in (heading_byline, written_byline, lambda _: labelled_byline(labels())):
        if found := shown(page):
            yield people_of(without_office(found[0], sites)), found[1]
    for persons in credited(page):
        if not any(_is_of_site(name, sites) for name in persons):
            yield persons[:_MOST], "byline"
    if on_card:
        yield on_card, "card"


def _is_of_site(name: str, sites: frozenset[str]) -> bool:
    """Return whether a name is the site's, or has its address in brackets."""
    address = _ADDRESS.search(name)
    return key(name) in sites or (address is not None and key(address[1]) in sites)


def _is_full_name(name: str) -> bool:
    """Return whether a name has several words, and no label before it."""
    return ":" not in name and (" " in name or not name.isascii())


def _is_person(name: str) -> bool:
    """Return whether a name looks like a person's. It may be in capitals; Chinese has no spaces between words."""
    return is_full_name(name.title() if name.isupper() else name) or (" " not in name and not name.isascii())


def _names_of_site(page: Page, said: Iterable[Claim]) -> frozenset[str]:
    """Return the names of a site, from metadata and from its address, as `key` writes them."""
    labels = (urlsplit(normalise(page.url) or "").hostname or "").removeprefix("www.").split(".")
    hosts = [".".join(labels), *(label for label in labels[:-1] if len(label) >= _SHORTEST_LABEL)]
    return frozenset(filter(None, map(key, [*hosts, *(claim.value for claim in said if claim.field == "site")])))
