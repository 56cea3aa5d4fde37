"""The one object that all doors use: sources, runs, and captures."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from config.settings import Settings
from scheduler.run import LOOSE

if TYPE_CHECKING:
    from archive.archive import Archive
    from archive.database.engine import Database
    from archive.database.quick_check import QuickCheck
    from archive.index.index import Index
    from archive.shipping.items import Items
    from archive.store import ObjectStore
    from archive.values.counters import Figures
    from config.load import Sources
    from config.source import Source
    from config.values.timetable import Timed
    from pressmark.service.access.access import Access
    from pressmark.service.access.take_downs import ActiveTakeDowns
    from pressmark.service.idempotency import Requests
    from pressmark.service.keys import Keys
    from pressmark.service.open_sources import SourcesOfReaders
    from pressmark.service.openid.login import OpenIdLogin
    from pressmark.service.webhook_settings import Hooks
    from scheduler.events import Events
    from scheduler.ledger.epochs import Epochs
    from scheduler.ledger.runs import Runs
    from scheduler.ledger.source_list import SourceList
    from scheduler.ledger.source_states import SourceStates
    from scheduler.ledger.source_versions import SourceVersions
    from scheduler.pauses import Pauses
    from scheduler.run import Run, Status
    from scheduler.timetables.slots import Slots
    from scheduler.timetables.timetable import Tick
    from scheduler.timetables.upcoming_ticks import UpcomingTicks
    from scheduler.workers.halts import Halts
    from scheduler.workers.roles_seen import RolesSeen


@dataclass(frozen=True)
class Service:
    """Everything that a door needs. One per process; opened and closed by `pressmark.service.assembly`."""

    settings: Settings
    database: Database
    quick_check: QuickCheck
    store: ObjectStore
    archive: Archive
    index: Index
    epochs: Epochs
    runs: Runs
    pauses: Pauses
    slots: Slots
    halts: Halts
    events: Events
    requests: Requests
    figures: Figures
    """What this process has counted and not yet written."""
    keys: Keys
    webhooks: Hooks
    now: Callable[[], datetime]

    @property
    def sources(self) -> Sources:
        """The sources that the caller may know. They are read on first use: most commands need none."""
        from archive.database.closed_collections import closed_collections

        closed = closed_collections()
        return self._open.without(closed) if closed else self.all_sources

    def open_sources(self, closed: frozenset[str]) -> frozenset[str]:
        """Return the names of the sources in rows that are not of these collections."""
        return self._open.without(closed).of_rows

    @cached_property
    def all_sources(self) -> Sources:
        """All sources, for decisions that do not depend on the caller."""
        from config.load import Sources

        if not self.database.is_shared:
            return Sources(self.settings.sources)
        from pressmark.service.shared_sources import SharedSources

        return SharedSources(self.settings.sources, self.source_versions)

    @property
    def source_versions(self) -> SourceVersions:
        """What the machines of a shared database know of each other's files of sources."""
        from scheduler.ledger.source_versions import SourceVersions

        return SourceVersions(self.database, now=self.now)

    @cached_property
    def _open(self) -> SourcesOfReaders:
        from pressmark.service.open_sources import SourcesOfReaders

        return SourcesOfReaders(self.all_sources)

    @property
    def items(self) -> Items:
        """The items of users' spiders."""
        from archive.shipping.items import Items

        return Items(self.settings.home / "items", self.store, self.database)

    @cached_property
    def access(self) -> Access:
        """People, tokens, sessions and the audit trail."""
        from pressmark.service.access.access import Access

        return Access(self.settings, self.database, now=self.now)

    @cached_property
    def openid(self) -> OpenIdLogin | None:
        """The login with OpenID Connect; None without a provider."""
        if self.settings.oidc.issuer is None:
            return None
        from pressmark.service.openid.login import OpenIdLogin

        return OpenIdLogin(self.settings.oidc, knows=self.access.people.knows, figures=self.figures)

    @cached_property
    def take_downs(self) -> ActiveTakeDowns:
        """What is archived and not shown, and why."""
        from pressmark.service.access.take_downs import ActiveTakeDowns

        return ActiveTakeDowns(self.database, self.index, now=self.now)

    def checked_source(self, text: str) -> Source:
        """Return the one source that a text describes. Raises ConfigError, NotPermitted among them."""
        from config.files.document import read_document
        from config.source_files.parse import sources_in
        from config.source_files.run_problems import check_permitted

        document = read_document(text)
        [source] = sources_in(document)
        check_permitted(source, self.settings.permissions, document)
        return source

    def facts_of(self, name: str) -> dict[str, Any]:
        """Return what the audit trail keeps of a source. Raises UnknownSource."""
        from pressmark.service.access.source_facts import source_facts

        return source_facts(self.sources.get(name))

    def own_sources(self, names: Collection[str]) -> Collection[str]:
        """Return the sources among these whose runs are for this machine.

        With several machines, others may have a source, or permit what this one does not. With one, a run of an
        unknown source fails with the reason.
        """
        if not self.database.is_shared:
            return names
        if not self.all_sources.good.keys() >= set(names):
            self.all_sources.poll()
            if self.all_sources.unreadable is not None:
                return names
        return [source.name for source in self.all_sources.some(names) if self._may_run(source)]

    def _may_run(self, source: Source) -> bool:
        """Return whether this machine has the latest version of a source, and permits what it asks for."""
        return self.all_sources.hindrance(source.name) is None and not any(self.settings.permissions.problems(source))

    def why_not_own(self, name: str) -> str:
        """Return why this machine does not run a source that is not among `own_sources`."""
        from config.errors import ConfigError

        try:
            source = self.all_sources.get(name)
        except ConfigError as error:  # nobody knows it, or its file is invalid here
            return "; ".join(map(str, error.problems))
        hindrance = self.all_sources.hindrance(name)
        problems = hindrance.problems if hindrance else [told for _, told in self.settings.permissions.problems(source)]
        return "; ".join(map(str, problems))

    @property
    def roles_seen(self) -> RolesSeen:
        """Which roles the services on this database have."""
        from scheduler.workers.roles_seen import RolesSeen

        return RolesSeen(self.database, now=self.epochs.now)

    def collection_of(self, source: str) -> str | None:
        """Return the collection of a source; None for an unknown one."""
        from config.load import UnknownSource

        self.sources.poll()
        try:
            return self.sources.get(source).keep.collection
        except UnknownSource:
            return None

    def request(self, name: str, *, everything: bool = False, in_full: bool = False) -> Run:
        """Request a run of a source.

        With `everything`, the run fetches all its pages, due or not; with `in_full`, without conditions. Raises
        UnknownSource.
        """
        named = self.sources.get(name).name
        run = self.runs.request(named, everything=everything or in_full, in_full=in_full)
        assert run is not None, "a manual request always gets a run"
        return run

    def request_url(self, url: str) -> Run:
        """Request one page: by the source that its site belongs to, with the settings of that, or by none.

        Raises ValueError for an invalid URL.
        """
        run = self.runs.request(self.source_of(url), url=url)
        assert run is not None, "a manual request always gets a run"
        return run

    def source_of(self, url: str) -> str:
        """Return the source that a page's site belongs to, or the name that stands for none. Raises ValueError."""
        from config.values.urls import check_url

        host = _host(check_url(url))
        return next((source.name for source in self.sources if host in _hosts(source)), LOOSE)

    def runs_of(
        self, source: str | None, status: Status | None = None, *, before: str | None = None, limit: int
    ) -> Sequence[Run]:
        """Return the runs of a source or of all, newest first.

        Raises UnknownRun for the id `before`, and UnknownSource for a source that does not exist and never had a run:
        the runs of a removed source stay.
        """
        found = self.runs.list(source=source, status=status, before=before, limit=limit)
        if source is not None and not found and not self.runs.list(source=source, limit=1):
            self.sources.get(source)
        return found

    def next_ticks(self, count: int, *, source: str | None = None) -> list[Tick]:
        """Return the next ticks of one source, or of all that are not paused, soonest first. Raises UnknownSource."""
        sources: Sequence[Timed] = self.sources.outlines() if source is None else [self.sources.get(source)]
        coming = self.coming(sources)
        return sorted(tick for each in sources for tick in coming.ticks(each, count))[:count]

    def standing(self, names: Sequence[str]) -> SourceStates:
        """How these sources stand now."""
        from scheduler.ledger.source_states import standing_of

        return standing_of(self.database, self.runs, self.pauses, names, self._problems(names))

    def _problems(self, names: Sequence[str]) -> dict[str, str]:
        """What is wrong with the files of these sources."""
        told = {error.file: str(error) for error in reversed(self.sources.errors)}
        here = [name for name in names if name in self.sources.good] if told else ()
        return {name: told[file] for name in here if (file := self.sources.file_of(name)) in told}

    @property
    def roll(self) -> SourceList:
        """The sources that the caller may know, those that need attention first."""
        from archive.database.closed_collections import closed_collections

        closed = closed_collections()
        return self._open.without(closed).in_order(self._new_roll) if closed else self._all_in_order

    @cached_property
    def _all_in_order(self) -> SourceList:
        return self._new_roll(self.sources)

    def _new_roll(self, sources: Sources) -> SourceList:
        from scheduler.ledger.source_list import SourceList

        return SourceList(sources, self.events, self.standing, zone=self.settings.timezone)

    def coming(self, sources: Sequence[Timed]) -> UpcomingTicks:
        """Return when these sources will run next."""
        from scheduler.timetables.upcoming_ticks import UpcomingTicks

        return UpcomingTicks(self.database, sources, self.settings.timezone, self.now())


def _hosts(source: Source) -> set[str]:
    from crawler.policy.scope import more_hosts

    return {_host(seed) for seed in source.seeds} | set(more_hosts(source))


def _host(url: str) -> str:
    """Return the host, with its port unless that is the default; other scripts are encoded as in requests."""
    from extractor.values.urls import normalise

    return urlsplit(normalise(url) or url).netloc
