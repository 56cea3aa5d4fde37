"""The sources that a caller may know to whom collections are closed."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping, Sequence
from threading import Lock
from typing import TYPE_CHECKING

from config.errors import ConfigError
from config.load import Sources
from config.names import DEFAULT
from config.source import Source
from config.source_files.described_sources import Listed
from config.source_files.outlines import Outlines
from scheduler.run import LOOSE

if TYPE_CHECKING:
    from scheduler.ledger.source_list import SourceList

_MOST = 8
"""Sets of closed collections whose sources are kept: those used last."""


class OpenSources(Sources):
    """The sources of other collections than the closed ones, for reading. All others are unknown."""

    def __init__(self, everything: Sources, closed: frozenset[str]) -> None:
        """Filter what `everything` has read; it alone reads files."""
        self._everything, self._closed = everything, closed
        self.directory = everything.directory
        self._filtering = Lock()
        self.version = -1
        self.unreadable = None
        self._ordered: SourceList | None = None
        self._filter()

    def in_order(self, make: Callable[[Sources], SourceList]) -> SourceList:
        """Return its sources in the order of lists, which `make` makes at the first call: it is kept up to date."""
        with self._filtering:
            if self._ordered is None:
                self._ordered = make(self)
            return self._ordered

    @property
    def of_rows(self) -> frozenset[str]:
        """The names in the rows of its sources, and of runs without a source if their collection is open."""
        self.poll()
        return self._of_rows

    def poll(self, at_most: int = 100) -> bool:
        self._everything.poll(at_most)
        return self._filter()

    def reload(self) -> bool:
        self._everything.reload()
        return self._filter()

    def publish(self, texts: Sequence[tuple[str, str | None]], by: str, before: Mapping[str, str | None]) -> None:
        self._everything.publish(texts, by, before)

    def hindrance(self, name: str) -> ConfigError | None:
        return self._everything.hindrance(name)

    def refresh(self, name: str) -> Source:
        self.get(name)
        return self._everything.refresh(name)

    def outlines(self) -> Outlines:
        return self._open_outlines

    def listed(self) -> Sequence[Listed]:
        return [one for one in self._everything.listed() if one.name in self._good]

    def _filter(self) -> bool:
        """Take over what was read since the last time; return whether that was anything."""
        with self._filtering:
            version = self._everything.version
            if version == self.version:
                return False
            everything = self._everything.outlines()
            self._open_outlines = Outlines(one for one in everything if one.collection not in self._closed)
            self._names = tuple(one.name for one in self._open_outlines)
            self._of_rows = frozenset((*self._names, *((LOOSE,) if DEFAULT not in self._closed else ())))
            self._good = self._everything.valid.only(self._names)
            self._errors = tuple(self._told())
            self.version = version
            return True

    def _told(self) -> Iterator[ConfigError]:
        """Yield the mistakes in files that describe nothing else than its sources."""
        files = {owner.file for owner in self._good.owners.values()}
        hidden = {owner.file for name, owner in self._everything.valid.owners.items() if name not in self._good}
        told = {str(self.directory / name) for name in files - hidden}
        yield from (error for error in self._everything.errors if str(error.file) in told)


class SourcesOfReaders:
    """The sources for each set of closed collections. Any thread may call."""

    def __init__(self, everything: Sources) -> None:
        self._everything = everything
        self._kept = OrderedDict[frozenset[str], OpenSources]()
        self._lock = Lock()

    def without(self, closed: frozenset[str]) -> OpenSources:
        """Return the sources of other collections than these."""
        with self._lock:
            if closed not in self._kept:
                while len(self._kept) >= _MOST:
                    self._kept.popitem(last=False)
                self._kept[closed] = OpenSources(self._everything, closed)
            self._kept.move_to_end(closed)
            return self._kept[closed]
