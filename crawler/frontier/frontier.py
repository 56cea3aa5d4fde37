"""The frontier of a run: the URLs to fetch and the URLs seen, in one table of one SQLite file.

The result of a page and the links found on it are one transaction, so a kill at any moment loses no link and repeats at
most the pages in flight. If a page has very many links, the first ones are written while the page is still in flight,
and the last ones with its result. A URL is leased to be fetched; the leases of a dead process return when the file is
opened again (durability.md, 1.5.5).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain

from archive.index.pages import UnfetchedUrl
from crawler.frontier import statements as sql
from crawler.frontier.frontier_file import FrontierFile
from crawler.policy.latest_change import requeue_changed, store_changes
from crawler.policy.rows import FetchResult, Link, Moved, Role, Row, SeedFate, State, host_of, key_of
from crawler.policy.skip_reasons import count_dropped
from crawler.policy.thread_pages import ThreadPage, ThreadPosition
from extractor.values.identity import page_key

_Parameters = tuple[
    bytes, str, int, int, int, int, int, int, bool, int | None, int | None, float | None, bytes | None, str | None
]

_MOST_CRASHES = 8
"""A URL that was in flight at this many crashes is not tried again.

It is more than a few, because the crash may be its neighbour's fault.
"""
_PRIORITY = {Role.PAGE: 0, Role.REQUISITE: 1, Role.LISTING: 2, Role.FEED: 2, Role.SITEMAP: 2, Role.THREAD: 0}
_SEED_PRIORITY = 3


class Frontier(FrontierFile):
    """The URLs of one run. Used by one thread at a time of one process."""

    def _read(self) -> None:
        super()._read()
        self.returned = self._return_leases()
        """The number of leases that a dead process left."""
        self.states: Counter[State] = Counter(
            {State(s): n for s, n in self._db.execute("SELECT state, count(*) FROM urls GROUP BY state")}
        )
        self._hosts: dict[str, int] = dict(self._db.execute("SELECT name, id FROM hosts"))
        self.noted: dict[int, ThreadPosition] = {}
        """By row, what pages of threads say of the whole thread; written with the result of the row."""

    def add(self, links: Iterable[Link], *, via: int | None = None, page: int | None = None) -> int:
        """Queue the URLs that were never seen and return their number, without other addresses of a page."""
        links = list(links)
        rows = [self._parameters(link, via, page) for link in links]
        with self._transaction():
            added = self._insert(sql.ADD_NEW, rows)
            again = store_changes(self._db, links)
        self.states.update(added)
        self._queued_again(again)
        return added[State.PENDING]

    def write_results(self, settled: Sequence[FetchResult]) -> set[int]:
        """Write the results of leased URLs, with the links found there, in one transaction.

        A result that is still LEASED has more links to come.

        Returns the hosts that may now have something to lease.
        """
        found = [self._parameters(link, one.id, one.page) for one in settled for link in one.links if not link.target]
        targets = [self._parameters(link, one.id, one.page) for one in settled for link in one.links if link.target]
        with self._counted():
            added = self._insert(sql.ADD_NEW, found) + self._insert(sql.ADD_TARGET, targets)
            again = store_changes(self._db, (link for one in settled for link in one.links))
            self._db.executemany(sql.SETTLE, map(_written, settled))
            noted = [(one.id, *self.noted[one.id]) for one in settled if one.id in self.noted]
            self._db.executemany(sql.ADD_THREAD_PAGE, noted)
            late, hosts = requeue_changed(self._db, settled)
            ids = [(one.id,) for one in settled if _came_to_nothing(one)]
            promoted = [host for of in ids for (host,) in self._db.execute(sql.PROMOTE, of)]
        for row, *_ in noted:
            self.noted.pop(row, None)
        self.states.update(added)
        self.states[State.PENDING] += len(promoted)
        self.states[State.LEASED] -= len(settled)
        self.states.update(one.state for one in settled)
        self._queued_again(again + late)
        return {row[2] for row in chain(found, targets)} | set(promoted) | hosts

    def lease(self, host: int, limit: int, now: float, *, requisites_only: bool = False) -> list[Row]:
        """Lease up to `limit` URLs of a host that are due, the most urgent first."""
        statement = sql.LEASE_REQUISITES if requisites_only else sql.LEASE_ANY
        rows = list(map(Row._make, self._db.execute(statement, (host, now, limit))))
        if rows:
            self._mark(rows, State.LEASED, State.PENDING)
        return rows

    def release(self, rows: Sequence[Row]) -> None:
        """Return the leases of URLs that were not fetched."""
        if rows:
            self._mark(rows, State.PENDING, State.LEASED)

    def pending(self, after: int, limit: int) -> list[Row]:
        """Return up to `limit` of the URLs to fetch, ordered by id, with ids above the given one.

        They are not leased.
        """
        return list(map(Row._make, self._db.execute(sql.PENDING, (after, limit))))

    def drop(self, reasons: Mapping[int, str]) -> None:
        """Write off pending URLs by their ids, each with its reason."""
        with self._transaction():
            self._db.executemany(
                "UPDATE urls SET state = 5, reason = ? WHERE id = ?", [(why, url) for url, why in reasons.items()]
            )
        self.states[State.PENDING] -= len(reasons)
        self.states[State.DROPPED] += len(reasons)
        for reason in reasons.values():
            count_dropped(self.tally, reason)

    def give_up(self, host: int, reason: str) -> int:
        """Write off the pending URLs of a host and return their number."""
        with self._transaction():
            count = self._db.execute(
                "UPDATE urls SET state = 5, reason = ? WHERE state = 0 AND host = ?", (reason, host)
            ).rowcount
        self.states[State.PENDING] -= count
        self.states[State.DROPPED] += count
        count_dropped(self.tally, reason, count)
        return count

    def shorten_waits(self, now: float, longest: float) -> None:
        """Let no URL wait longer than that from now on, in seconds: the clock was ahead when it was put off."""
        with self._transaction():
            self._db.execute(sql.SHORTEN_WAITS, (now + longest, now + longest))

    def next_due(self, host: int, now: float, *, requisites_only: bool = False) -> float | None:
        """Return when the next waiting URL of a host may be leased; None when no URL waits."""
        first, last = (1, 1) if requisites_only else (0, _SEED_PRIORITY)
        found: float | None = self._db.execute(sql.NEXT_DUE, (host, now, first, last)).fetchone()[0]
        return found

    def waiting(self) -> dict[int, str]:
        """Return the hosts with URLs to fetch, and their names."""
        ids = {host for (host,) in self._db.execute("SELECT DISTINCT host FROM urls WHERE state = 0")}
        return {number: name for name, number in self._hosts.items() if number in ids}

    def host(self, number: int) -> str:
        name: str = self._db.execute("SELECT name FROM hosts WHERE id = ?", (number,)).fetchone()[0]
        return name

    def seen(self, urls: Sequence[str]) -> set[str]:
        """Return the given URLs that are in the frontier, in any state."""
        one = "SELECT 1 FROM urls WHERE key = ?"
        return {url for url in urls if self._db.execute(one, (key_of(url),)).fetchone()}

    def let_in(self) -> Iterator[str]:
        """Return the URLs of pages in the order of their arrival. Seeds are left out, because they always belong."""
        for (url,) in self._db.execute("SELECT url FROM urls WHERE role != 1 AND seed = 0 ORDER BY id"):
            yield url

    def seeds(self) -> list[SeedFate]:
        """Return the seeds in their order, then their redirect targets."""
        found = self._db.execute("SELECT url, state, reason FROM urls WHERE seed = 1 ORDER BY id")
        return [SeedFate(url, State(state), reason) for url, state, reason in found]

    def led(self) -> list[str]:
        """Return the redirect targets of seeds."""
        return [url for (url,) in self._db.execute("SELECT url FROM urls WHERE seed = 1 AND hops > 0 ORDER BY id")]

    async def aliases(self, most: int) -> list[tuple[str, str]]:
        """Return addresses that were not requested, each with the one that its page was fetched under."""
        return await self._in_thread(tuple, sql.ALIASES, most)

    async def items(self) -> dict[str, tuple[int, str]]:
        """Return the fates of the pages that lists name, each with the number of pages and one example."""
        return {fate: (count, url) for fate, count, url in await self._in_thread(tuple, sql.ITEMS)}

    async def thread_pages(self) -> list[ThreadPage]:
        """Return the pages of threads that were read."""
        return await self._in_thread(ThreadPage._make, sql.THREAD_PAGES)

    async def moved(self) -> list[Moved]:
        """Return the URLs that redirected, without requisites."""
        return await self._in_thread(Moved._make, sql.MOVED)

    async def unfetched(self, most: int) -> list[UnfetchedUrl]:
        """Return the URLs that are still to be fetched, or could not be this time, the most urgent first."""
        return await self._in_thread(UnfetchedUrl._make, sql.OWED, most)

    async def reasons(self, state: State) -> dict[str, int]:
        """Return the number of URLs in a state, by reason."""
        return dict(
            await self._in_thread(tuple, "SELECT reason, count(*) FROM urls WHERE state = ? GROUP BY reason", state)
        )

    def _return_leases(self) -> int:
        with self._transaction():
            self._db.execute(
                "UPDATE urls SET state = 4, reason = 'crash' WHERE state = 1 AND crashes >= ?", (_MOST_CRASHES,)
            )
            return self._db.execute("UPDATE urls SET state = 0, crashes = crashes + 1 WHERE state = 1").rowcount

    def _mark(self, rows: Sequence[Row], state: State, before: State) -> None:
        with self._transaction():
            self._db.executemany("UPDATE urls SET state = ? WHERE id = ?", [(state, row.id) for row in rows])
        self.states[before] -= len(rows)
        self.states[state] += len(rows)

    def _insert(self, statement: str, rows: Sequence[_Parameters]) -> Counter[State]:
        """Insert or update rows; return how many are newly in each state."""
        return Counter(State(state) for row in rows for (state,) in self._db.execute(statement, row))

    def _queued_again(self, again: Counter[str]) -> None:
        """Note that skipped pages are waiting now."""
        self.states[State.PENDING] += again.total()
        self.states[State.DROPPED] -= again.total()
        for reason, count in again.items():
            count_dropped(self.tally, reason, -count)

    def _parameters(self, link: Link, via: int | None, page: int | None) -> _Parameters:
        """Build the parameters of a row.

        This happens before the transaction, because it writes a new host and remembers its number.
        """
        url, role, depth, hops, seed, modified, target, mark = link
        priority = _SEED_PRIORITY if seed else _PRIORITY[role]
        belongs = page if target or role is Role.REQUISITE else None
        host = self._host(host_of(url))
        same = None if role is Role.REQUISITE else key_of(page_key(url))
        return (
            key_of(url),
            url,
            host,
            role,
            depth,
            priority,
            *((seed, same, via) if target else (seed, same)),
            State.PENDING,
            hops,
            seed,
            via,
            belongs,
            modified,
            same,
            mark,
        )

    def _host(self, name: str) -> int:
        number = self._hosts.get(name)
        if number is None:
            number = self._hosts[name] = self._db.execute("INSERT INTO hosts (name) VALUES (?)", (name,)).lastrowid or 0
        return number


def _written(one: FetchResult) -> tuple[State, str | None, float, int, bytes | None, int]:
    target = next((key_of(link.url) for link in one.links if link.target), None)
    return one.state, one.reason, one.due, one.attempts, target, one.id


def _came_to_nothing(settled: FetchResult) -> bool:
    return settled.state is State.FAILED or (settled.state is State.DONE and settled.reason is not None)
