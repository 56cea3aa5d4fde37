"""The one object that all doors open onto: sources, runs, and what is kept."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from config.errors import ConfigError, Problem
from config.load import Sources, parse_sources
from config.settings import Settings
from config.source import Source, check_url
from config.write import remove_source, write_text
from crawler.scope import more_hosts
from extractor.urls import normalise
from scheduler.run import LOOSE
from scheduler.timetable import Tick, entry_of, next_ticks

if TYPE_CHECKING:
    from archive.archive import Archive
    from archive.database.engine import Database
    from archive.figures import Figures
    from archive.index import Index
    from archive.items import Items
    from archive.store import ObjectStore
    from pressmark.idempotency import Requests
    from pressmark.keys import Keys
    from pressmark.webhooks.hooks import Hooks
    from scheduler.epochs import Epochs
    from scheduler.events import Events
    from scheduler.pauses import Pauses
    from scheduler.run import Run, Status
    from scheduler.runs import Runs
    from scheduler.slots import Slots


class SourceExists(ConfigError):
    def __init__(self, name: str, file: Path) -> None:
        super().__init__(Problem(f"there is a source {name!r} already", suggestion="give another name", file=file))
        self.name = name


@dataclass(frozen=True, slots=True)
class Service:
    """Everything that a door needs. Of one process; opened and closed by `pressmark.assembly`."""

    settings: Settings
    sources: Sources
    database: Database
    store: ObjectStore
    archive: Archive
    index: Index
    epochs: Epochs
    runs: Runs
    pauses: Pauses
    slots: Slots
    events: Events
    requests: Requests
    figures: Figures
    """What this process has counted and not yet written."""
    keys: Keys
    webhooks: Hooks
    now: Callable[[], datetime]

    @property
    def items(self) -> Items:
        """What users' spiders gave."""
        from archive.items import Items

        return Items(self.settings.home / "items", self.store)

    def add_source(self, text: str) -> Source:
        """Write the file of a new source. Raises ConfigError for what is none, and for a name that is taken."""
        [source] = parse_sources(text)
        directory = self.settings.sources
        directory.mkdir(parents=True, exist_ok=True)
        file = directory / f"{source.name}.yaml"
        self.sources.reload()
        if source.name in self.sources.good or file.exists():
            raise SourceExists(source.name, file)
        write_text(file, text)
        self.sources.reload()
        return source

    def remove_source(self, name: str) -> Path:
        """Take a source out of its file; what is kept of it stays. Raises ConfigError, UnknownSource among them."""
        file = self.sources.file_of(name)
        remove_source(file, name)
        self.sources.reload()
        self.pauses.resume(name)
        return file

    def request(self, name: str, *, everything: bool = False) -> Run:
        """Ask for a run of a source by hand; with `everything`, of all its pages, due or not. Raises UnknownSource."""
        run = self.runs.request(self.sources.get(name).name, everything=everything)
        assert run is not None, "who asks by hand always gets a run"
        return run

    def request_url(self, url: str) -> Run:
        """Ask for one page: by the source whose site it is on, as polite and with the rights that it has, or by none.

        Raises ValueError for what is no URL.
        """
        run = self.runs.request(self.source_of(url), url=url)
        assert run is not None, "who asks by hand always gets a run"
        return run

    def source_of(self, url: str) -> str:
        """The name of the source whose site a page is on, or of what stands for none. Raises ValueError."""
        host = _host(check_url(url))
        return next((source.name for source in self.sources if host in _hosts(source)), LOOSE)

    def runs_of(
        self, source: str | None, status: Status | None = None, *, before: str | None = None, limit: int
    ) -> Sequence[Run]:
        """The runs of a source or of all, the newest first. Raises UnknownRun for what is `before`, and UnknownSource
        for a source that there is not, and that never had a run: those of one that was removed stay.
        """
        found = self.runs.list(source=source, status=status, before=before, limit=limit)
        if source is not None and not found and not self.runs.list(source=source, limit=1):
            self.sources.get(source)
        return found

    def next_ticks(self, count: int, *, source: str | None = None) -> list[Tick]:
        """The next ticks of all sources, or of one, soonest first. Raises UnknownSource."""
        sources = list(self.sources) if source is None else [self.sources.get(source)]
        after = self.now()
        ticks = (tick for each in sources for tick in _ticks(each, self.settings.timezone, after, count))
        return sorted(ticks)[:count]


def _hosts(source: Source) -> set[str]:
    return {_host(seed) for seed in source.seeds} | set(more_hosts(source))


def _host(url: str) -> str:
    """With its port, unless that is the usual one; letters of other scripts as in requests."""
    return urlsplit(normalise(url) or url).netloc


def _ticks(source: Source, zone: str, after: datetime, count: int) -> Iterator[Tick]:
    entry = entry_of(source, zone)
    return iter(next_ticks(entry, after, count) if entry else ())
