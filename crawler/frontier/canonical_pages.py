"""Pages that name another address as their own: a run requests each of them by only one address.

The frontier handles what a URL shows by its spelling. This module is about the canonical address that only the page
shows, in this run or in an earlier one.
"""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from typing import Literal

from archive.index.aliases import MOST_CLAIMS, Alias
from crawler.policy.backoff import forgone
from crawler.policy.revisit import Addresses
from extractor.links.canonical import canonical_of, is_plausible

Fate = Literal["free", "asked", "had"]

_log = logging.getLogger(__name__)
_MOST = 50_000
"""Pages remembered in a run. The oldest are forgotten, which costs extra requests."""


class CanonicalPages:
    """What one run knows of canonical addresses."""

    def __init__(self, addresses: Addresses | None, seeds: Iterable[str]) -> None:
        self._addresses = addresses
        self._seeds = frozenset(seeds)
        self._page_of: dict[str, str] = {}
        self._had: OrderedDict[str, str] = OrderedDict()
        self._asked: set[str] = set()
        self._claims: dict[str, set[str]] = {}

    def recall(self, urls: Sequence[str]) -> None:
        """Look up what earlier runs learnt about leased URLs."""
        if self._addresses is not None and urls:
            self._page_of |= self._addresses.canonical_of(urls)

    def state_of(self, url: str) -> Fate:
        """Return whether another address of the page of `url` was fetched in this run, or is being fetched."""
        had = self._had.get(self._page_of.get(url, url))
        if had is None or had == url or url in self._seeds:
            return "free"
        return "asked" if had in self._asked else "had"

    def note_request(self, url: str) -> None:
        """Note that a page is being requested under this address."""
        page = self._page_of.get(url, url)
        if self._had.setdefault(page, url) == url:
            self._asked.add(url)
        if len(self._had) > _MOST:
            self._asked.discard(self._had.popitem(last=False)[1])

    def over(self, url: str, *, had: bool) -> None:
        """Note that the request is over. If it failed, the page may be fetched under another address."""
        self._asked.discard(url)
        if had:
            return
        page = self._page_of.pop(url, url)
        if self._had.get(page) == url:
            del self._had[page]

    def note_canonical(self, url: str, body: bytes) -> str | None:
        """Note the canonical address that a page names, if it differs from its URL and is credible."""
        canonical = canonical_of(body, url)
        if canonical is None or not is_plausible(url, canonical):
            return None
        claims = self._claims.setdefault(canonical, set())
        claims.add(url)
        if len(claims) > MOST_CLAIMS:
            self._page_of.pop(url, None)
            return None
        self._page_of[url] = canonical
        self._had.setdefault(canonical, url)
        return canonical

    async def flush(self, spelled: Sequence[tuple[str, str]]) -> None:
        """Save the canonical addresses learnt, and the addresses recognised by their spelling.

        Raises DatabaseUnreachable; then it may be called again.
        """
        if self._addresses is None:
            return
        disbelieved = [page for page, urls in self._claims.items() if len(urls) > MOST_CLAIMS]
        named = [
            Alias(url, page, "canonical")
            for page, urls in self._claims.items()
            if len(urls) <= MOST_CLAIMS
            for url in sorted(urls)
        ]
        with forgone(_log, "%d page addresses could not be written", len(named) + len(spelled)):
            await asyncio.to_thread(self._write, named, spelled, disbelieved)

    def _write(self, named: Sequence[Alias], spelled: Sequence[tuple[str, str]], disbelieved: Sequence[str]) -> None:
        assert self._addresses is not None
        self._addresses.note([*named, *(Alias(url, page, "spelling") for url, page in spelled)])
        if disbelieved:
            self._addresses.forget(disbelieved)
