"""Turn the URLs that a page names into links for the frontier: within scope, and not seen a moment ago."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from archive.index.pages import UnfetchedUrl
from crawler.policy.answers import MOST_HOPS
from crawler.policy.rows import Link, Role, Row
from crawler.policy.scope import OutOfScope, Scope
from crawler.policy.skip_reasons import count_dropped
from crawler.policy.traps import SHAPES
from extractor.values.identity import plain

_MOST_EXAMPLES = 5
"""URLs reported for each kind of trap."""
_MOST_RECENT = 50_000
"""URLs remembered as seen, so that most links of a page need no lookup in the frontier. The frontier still decides."""


@dataclass(slots=True)
class _Known:
    """URLs that were named before."""

    seen: set[str] = field(default_factory=set)
    """These need not be let in again."""
    judged: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """The URL that each is fetched as; empty if it was refused. Judging a URL twice would count it twice."""

    def trim(self) -> None:
        for urls in (self.seen, self.judged):
            if len(urls) > _MOST_RECENT:
                urls.clear()


class Admission:
    """Lets links in. It counts what it refuses by reason, each URL about once."""

    def __init__(
        self, scope: Scope, tally: Counter[str], trapped: Callable[[str, str], None] = lambda reason, url: None
    ) -> None:
        """Set up the admission. `trapped` gets the reason and the URL of the first URLs that look endless."""
        self._scope, self._tally, self._trapped = scope, tally, trapped
        self._told: Counter[str] = Counter()
        self._pages, self._requisites = _Known(), _Known()
        self._deep: set[str] = set()
        self._dated: dict[str, float] = {}

    def pages(
        self,
        urls: Iterable[str],
        depth: int,
        *,
        role: Role = Role.PAGE,
        modified: float | None = None,
        mark: str | None = None,
    ) -> list[Link]:
        """Return links to pages `depth` links away from a seed."""
        if self._scope.depth is not None and depth > self._scope.depth:
            self._pass_over(urls)
            return []
        admitted = self._admit(self._later(urls, modified) if modified else urls, self._pages, self._page)
        return [Link(url, role, depth, modified=modified, mark=mark) for url in admitted]

    def left(self, unfetched: Iterable[UnfetchedUrl]) -> Iterator[Link]:
        """Return links to pages that an earlier run left."""
        for url, role, depth, mark in unfetched:
            yield from self.pages([url], depth, role=Role(role), mark=mark)

    def requisites(self, urls: Iterable[str], row: Row) -> list[Link]:
        """Return links to what the page or style sheet of `row` needs."""
        hops = row.hops + 1 if row.role == Role.REQUISITE else 0
        if hops > MOST_HOPS:
            return []
        admitted = self._admit(urls, self._requisites, self._requisite)
        return [Link(url, Role.REQUISITE, row.depth, hops) for url in admitted]

    def again(self, urls: Iterable[str]) -> list[Link]:
        """Return links to requisites that waited in a run that is resumed."""
        return [Link(url, Role.REQUISITE, hops=1) for url in self._admit(urls, self._requisites, self._requisite)]

    def target(self, url: str, row: Row) -> Link:
        """Return the link to the redirect target of `row`. Raises OutOfScope."""
        self._scope.check_secret(url)
        if row.role == Role.REQUISITE:
            url = self._scope.requisite(url)
        elif row.seed:
            self._scope.move(row.url, url)
        else:
            url = self._scope.page(url)
        return Link(url, Role(row.role), row.depth, row.hops + 1, bool(row.seed), row.modified, target=True)

    def readmit(self, urls: Sequence[str]) -> None:
        """Resume a run that let these URLs in before: they count towards what looks endless, but not twice."""
        for url in urls:
            self._scope.recount(url)
            self._pages.judged[url] = (url,)
        self._pages.seen.update(urls)
        self._pages.trim()

    def forget(self) -> None:
        """Let these links in again: they did not reach the frontier."""
        self._pages.seen.clear()
        self._requisites.seen.clear()
        self._dated.clear()

    def _pass_over(self, urls: Iterable[str]) -> None:
        """Pass over links that are too far from the seeds; they may be let in from another page."""
        deep = {url for url in urls if url not in self._deep}
        self._drop("depth", len(deep))
        self._deep |= deep
        if len(self._deep) > _MOST_RECENT:
            self._deep.clear()

    def _later(self, urls: Iterable[str], modified: float) -> Iterator[str]:
        """Return the URLs themselves. A URL seen again with a later change than before counts as never seen."""
        for url in urls:
            if modified > self._dated.get(url, 0.0):
                self._dated[url] = modified
                self._pages.seen.discard(url)
            yield url
        if len(self._dated) > _MOST_RECENT:
            self._dated.clear()

    def _admit(self, urls: Iterable[str], known: _Known, judge: Callable[[str], tuple[str, ...]]) -> list[str]:
        admitted: list[str] = []
        for url in urls:
            if url not in known.seen:
                known.seen.add(url)
                if url not in known.judged:
                    known.judged[url] = self._judge(url, judge)
                admitted += known.judged[url]
        known.trim()
        return admitted

    def _judge(self, url: str, judge: Callable[[str], tuple[str, ...]]) -> tuple[str, ...]:
        try:
            return judge(url)
        except OutOfScope as out:
            self._drop(out.reason)
            self._report_trap(out.reason, url)
            return ()

    def _page(self, url: str) -> tuple[str, ...]:
        """Return the link of a page.

        A print or AMP version has lower priority than the page that it is made of, which then replaces it.
        """
        url = self._scope.page(url)
        of = plain(url)
        if of == url:
            return (url,)
        try:
            return self._scope.page(of), url
        except OutOfScope:
            return (url,)

    def _requisite(self, url: str) -> tuple[str, ...]:
        return (self._scope.requisite(url),)

    def _report_trap(self, reason: str, url: str) -> None:
        if reason in SHAPES and self._told[reason] < _MOST_EXAMPLES:
            self._told[reason] += 1
            self._trapped(reason, url)

    def _drop(self, reason: str, count: int = 1) -> None:
        count_dropped(self._tally, reason, count)
