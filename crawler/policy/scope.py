"""Which URLs belong to a source, and the form in which they are fetched."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from urllib.parse import urlsplit

from config.source import FetchMode, Source, Walk
from config.values.pattern import Pattern, SlowPattern
from crawler.policy.actions import REASON, is_action
from crawler.policy.rows import host_of
from crawler.policy.skip_reasons import WITHHELD
from crawler.policy.traps import LONGEST_REQUISITE, Traps
from extractor.values.identity import without_tracking
from extractor.values.urls import normalise

Test = Callable[[str], object]

_MOST_SLOW = 20
"""Slow matches that a run tolerates; after these, the patterns that were too slow are not tried again."""
_SLOW = "slow-patterns"


class OutOfScope(Exception):
    """A URL outside the source. `reason` is a short word for counting."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Scope:
    """The URLs of one source: what includes them, what excludes them, and what makes them look endless.

    Without `include`, a site covers the directories of its seeds, and a listing or a sitemap the hosts of its seeds.
    The items of a feed belong to it on any host.
    """

    def __init__(
        self,
        source: Source,
        seeds: Iterable[str],
        tally: Counter[str] | None = None,
        secret_in: Callable[[str], object] = lambda url: None,
    ) -> None:
        """Set up the scope. `tally` is the run's: endless URLs recorded there outlive the process. `secret_in` says
        whether a URL has a secret of a login: then it is not written down.
        """
        self._secret_in = secret_in
        scope = self._scope = source.scope
        self._source = source.name
        self._tally: Counter[str] = Counter() if tally is None else tally
        self._slow: dict[str, str] = {}
        self._walk = source.walked_as
        self._seeds = frozenset(seeds)
        self._hosts = {host_of(seed) for seed in self._seeds}
        self._more_hosts = more_hosts(source)
        self._include = tuple(self._test("include", place) for place in scope.include) or self._default(
            source.walked_as
        )
        self._exclude = tuple(self._test("exclude", place) for place in scope.exclude)
        self._fetch_modes = [(self._test("fetch", place), place, mode) for place, mode in scope.fetch.items()]
        self._fetch_mode = source.fetch
        self._traps = Traps(self._tally)
        self.depth = scope.depth

    def page(self, url: str) -> str:
        """Return the URL of a page in the form in which it is fetched. Raises OutOfScope."""
        if url in self._seeds:
            return url
        url = clean(url)
        self.check_secret(url)
        if self._excludes(url):
            raise OutOfScope("excluded")
        if not self._includes(url):
            raise OutOfScope("outside")
        if is_action(url):
            raise OutOfScope(REASON)
        if reason := self._traps.check(url):
            raise OutOfScope(reason)
        return url

    def covers(self, url: str) -> bool:
        """Return whether a URL belongs to the source, however endless it looks."""
        return url in self._seeds or self._includes(url)

    def explain(self, url: str) -> tuple[bool, str]:
        """Explain whether a page belongs to the source, and by which rule, as a sentence."""
        if url in self._seeds:
            return True, "the page is a start URL (seed) of the source"
        try:
            fetched = self.page(url)
        except OutOfScope as out:
            return False, self._why_out(url, out.reason)
        written = self._named(self._scope.include, self._include, fetched)
        belongs = (
            f"the page is included by the pattern {written!r}"
            if written
            else f"the crawl method (walk) {self._walk} covers the page"
        )
        belongs = belongs if fetched == url else f"{belongs}, and Pressmark fetches it from the address {fetched}"
        suspected = self._traps.suspect(fetched)
        return True, f"{belongs}; {suspected}" if suspected else belongs

    def fetch_mode(self, url: str) -> tuple[FetchMode, str]:
        """Return how a page is fetched, and the key that says so: ``scope.fetch "/app/"``."""
        for test, place, mode in self._fetch_modes:
            if test(url):
                return mode, f"scope.fetch {place!r}: {mode}"
        return self._fetch_mode, f"fetch: {self._fetch_mode}"

    @property
    def slow(self) -> str | None:
        """Return which pattern took too long for a URL, as a sentence; None when none did."""
        count = self._tally[_SLOW]
        if not count:
            return None
        told = next(iter(self._slow.values()), f"a pattern of the scope of {self._source} took too long")
        return f"{told}; URLs skipped so far: {count}"

    def read(self, url: str, signature: str) -> None:
        """Note that a page with this `signature` was read: if all pages say the same, they may be endless."""
        self._traps.read(url, signature)

    def recount(self, url: str) -> None:
        """Count a page that was let in before its run was interrupted: it counts towards what looks endless."""
        self._traps.check(url)

    def _includes(self, url: str) -> bool:
        return any(test(url) for test in self._include)

    def _excludes(self, url: str) -> bool:
        return any(test(url) for test in self._exclude)

    def _why_out(self, url: str, reason: str) -> str:
        if reason == "excluded":
            return (
                f"the page is excluded by the pattern {self._named(self._scope.exclude, self._exclude, clean(url))!r}"
            )
        if reason == "outside":
            return (
                "the page matches none of the URLs to include (scope.include)"
                if self._scope.include
                else f"the crawl method (walk) {self._walk} does not cover this page"
            )
        return f"Pressmark does not fetch the page: {reason}"

    @staticmethod
    def _named(written: Sequence[str], tests: Sequence[Test], url: str) -> str | None:
        """Return the first listed place that matches."""
        return next((place for place, test in zip(written, tests, strict=False) if test(url)), None)

    def check_secret(self, url: str) -> None:
        """Raise OutOfScope for a URL that has a secret of a login."""
        if self._secret_in(url):
            raise OutOfScope(WITHHELD)

    def requisite(self, url: str) -> str:
        """Return the URL of a requisite, which belongs to its page on any host. Raises OutOfScope."""
        self.check_secret(url)
        if self._excludes(url):
            raise OutOfScope("excluded")
        if reason := self._traps.check_length(url, LONGEST_REQUISITE):
            raise OutOfScope(reason)
        return url

    def move(self, seed: str, target: str) -> None:
        """Note that a seed redirected.

        The same site with or without ``www.`` or TLS belongs to the source as the seed does.
        """
        if is_same_site(seed, target):
            self._seeds |= {target}
            self._hosts.add(host_of(target))

    def recall(self, led: Iterable[str]) -> None:
        """Restore the redirects of seeds from before the interruption."""
        for target in led:
            if any(is_same_site(seed, target) for seed in self._seeds):
                self.move(target, target)

    def why_outside(self, url: str, *, requisite: bool) -> str | None:
        """Return why a URL that was let in no longer belongs to the source as it is described now."""
        if url in self._seeds:
            return None
        if self._excludes(url):
            return "excluded"
        return None if requisite or self.covers(url) else "outside"

    def _default(self, walk: Walk) -> tuple[Test, ...]:
        if self._more_hosts or walk in ("listing", "sitemap", "forum"):
            return (self._on_our_hosts,)
        if walk == "site":
            return (self._in_directory_of_a_seed,)
        return (bool,) if walk == "feed" else ()

    def _in_directory_of_a_seed(self, url: str) -> bool:
        if not self._on_our_hosts(url):
            return False
        path = _path(url)
        return any(path.startswith(_directory(seed)) for seed in self._seeds)

    def _on_our_hosts(self, url: str) -> bool:
        host = host_of(url)
        return host in self._hosts or any(matches_host(host, url, pattern) for pattern in self._more_hosts)

    def _test(self, key: str, place: str) -> Test:
        if place.startswith("re:"):
            return self._matching(key, place)
        if place.startswith("/"):
            return lambda url: self._on_our_hosts(url) and _path(url).startswith(place)
        prefix = normalise(place) or place
        return lambda url: url.startswith(prefix)

    def _matching(self, key: str, place: str) -> Test:
        """Build a test that excludes a URL if the pattern takes too long for it."""
        pattern, left_out = Pattern(place[3:]), key == "exclude"

        def test(url: str) -> bool:
            if place in self._slow and self._tally[_SLOW] >= _MOST_SLOW:
                self._tally[_SLOW] += 1
                return left_out
            try:
                return pattern.search(url)
            except SlowPattern:
                told = f"in the source {self._source}, the pattern {place!r} of scope.{key} takes too long for {url}"
                self._slow.setdefault(place, f"{told}; write a simpler pattern")
                self._tally[_SLOW] += 1
                return left_out

        return test


def more_hosts(source: Source) -> tuple[str, ...]:
    """Return the hosts that a source names besides those of its seeds, spelled as in requests."""
    return tuple(map(_in_requests, source.scope.hosts))


def own_hosts(source: Source, seeds: Iterable[str]) -> set[str]:
    """Return the hosts that get the headers and cookies of a source: those of its seeds and its login, and named ones.

    Hosts below a ``*.`` are left out: anybody may own a name there, and must not get a secret.
    """
    urls = [*seeds, *([source.login.url] if source.login is not None else ())]
    named = {host for host in more_hosts(source) if not host.startswith("*.")}
    return {host_of(normalise(url) or url) for url in urls} | named


def _in_requests(host: str) -> str:
    below = "*." if host.startswith("*.") else ""
    normal = normalise(f"http://{host.removeprefix(below)}/")
    return below + urlsplit(normal).netloc if normal else host


def is_same_site(url: str, other: str) -> bool:
    """Return whether two hosts are the same except for a ``www.``."""
    return host_of(url).removeprefix("www.") == host_of(other).removeprefix("www.")


def clean(url: str) -> str:
    """Return an absolute URL in its normal form, without tracking and session parameters.

    Raises OutOfScope if it is not an HTTP(S) URL.
    """
    normal = normalise(url.partition("#")[0])
    if normal is None:
        raise OutOfScope("no-http-url")
    return without_tracking(normal)


def _path(url: str) -> str:
    """Return path and query."""
    return url[url.index("/", url.index("://") + 3) :]


def _directory(url: str) -> str:
    path = urlsplit(url).path
    return path[: path.rindex("/") + 1]


def matches_host(host: str, url: str, pattern: str) -> bool:
    """Match ``example.org``, ``example.org:8000``, or ``*.example.org`` for all its subdomains."""
    if pattern.startswith("*."):
        return host.endswith(pattern[1:])
    return host == pattern or (":" in pattern and urlsplit(url).netloc == pattern)
