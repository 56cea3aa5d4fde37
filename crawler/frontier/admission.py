"""From the URLs that a page names to links for the frontier: within scope, and not seen a moment ago."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from archive.index.pages import Owed
from crawler.policy.answers import MOST_HOPS
from crawler.policy.rows import Link, Role, Row
from crawler.policy.scope import OutOfScope, Scope
from crawler.policy.skip_reasons import count_dropped
from crawler.policy.traps import SHAPES
from extractor.values.identity import plain

_MOST_EXAMPLES = 5
"""URLs of each kind of trap that are told."""
_MOST_RECENT = 50_000
"""URLs remembered as seen, so that most links of a page need no look at the frontier. The frontier decides anyway."""


@dataclass(slots=True)
class _Known:
    """URLs that were named before."""

    seen: set[str] = field(default_factory=set)
    """They need not be let in again."""
    judged: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """What each is fetched as: nothing, where it was refused. What is judged once more would count once more."""

    def trim(self) -> None:
        for urls in (self.seen, self.judged):
            if len(urls) > _MOST_RECENT:
                urls.clear()


class Admission:
    """Lets links in. What it refuses is counted by reason, each URL about once."""

    def __init__(
        self, scope: Scope, tally: Counter[str], trapped: Callable[[str, str], None] = lambda reason, url: None
    ) -> None:
        """`trapped` is told the first URLs that look endless: for which reason, and which."""
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
        """Links to pages `depth` links away from a seed."""
        if self._scope.depth is not None and depth > self._scope.depth:
            self._pass_over(urls)
            return []
        admitted = self._admit(self._later(urls, modified) if modified else urls, self._pages, self._page)
        return [Link(url, role, depth, modified=modified, mark=mark) for url in admitted]

    def left(self, owed: Iterable[Owed]) -> Iterator[Link]:
        """Links to what an earlier run left."""
        for url, role, depth, mark in owed:
            yield from self.pages([url], depth, role=Role(role), mark=mark)

    def requisites(self, urls: Iterable[str], row: Row) -> list[Link]:
        """Links to what the page or style sheet of `row` needs."""
        hops = row.hops + 1 if row.role == Role.REQUISITE else 0
        if hops > MOST_HOPS:
            return []
        admitted = self._admit(urls, self._requisites, self._requisite)
        return [Link(url, Role.REQUISITE, row.depth, hops) for url in admitted]

    def target(self, url: str, row: Row) -> Link:
        """Where the URL of `row` redirects to. Raises OutOfScope."""
        if row.role == Role.REQUISITE:
            url = self._scope.requisite(url)
        elif row.seed:
            self._scope.move(row.url, url)
        else:
            url = self._scope.page(url)
        return Link(url, Role(row.role), row.depth, row.hops + 1, bool(row.seed), row.modified, target=True)

    def go_on(self, urls: Sequence[str]) -> None:
        """A run goes on that let these in before: they count towards what looks endless, and no second time."""
        for url in urls:
            self._scope.recount(url)
            self._pages.judged[url] = (url,)
        self._pages.seen.update(urls)
        self._pages.trim()

    def forget(self) -> None:
        """Links that were let in did not come to the frontier: let them in again."""
        self._pages.seen.clear()
        self._requisites.seen.clear()
        self._dated.clear()

    def _pass_over(self, urls: Iterable[str]) -> None:
        """They lead too far from here, and may be let in from elsewhere."""
        deep = {url for url in urls if url not in self._deep}
        self._drop("depth", len(deep))
        self._deep |= deep
        if len(self._deep) > _MOST_RECENT:
            self._deep.clear()

    def _later(self, urls: Iterable[str], modified: float) -> Iterator[str]:
        """The URLs themselves; one that is seen again with a later change than before is as if never seen."""
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
            self._tell(out.reason, url)
            return ()

    def _page(self, url: str) -> tuple[str, ...]:
        """What is for print or is AMP comes after the page that it is made of, which then stands for it."""
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

    def _tell(self, reason: str, url: str) -> None:
        if reason in SHAPES and self._told[reason] < _MOST_EXAMPLES:
            self._told[reason] += 1
            self._trapped(reason, url)

    def _drop(self, reason: str, count: int = 1) -> None:
        count_dropped(self._tally, reason, count)
