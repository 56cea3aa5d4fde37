"""The valid sources of a directory by name, each built on demand."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from config.source import Source
from config.source_files.described_sources import DescribedSources


class Owner(NamedTuple):
    """The file that describes a source."""

    file: str
    described: DescribedSources


class ValidSources(Mapping[str, Source]):
    """The sources by name, each built on demand."""

    def __init__(self, owners: Mapping[str, Owner], build: Callable[[Owner], Sequence[Source]]) -> None:
        self.owners = owners
        self._build = build

    def only(self, names: Iterable[str]) -> ValidSources:
        """Return the sources with these names."""
        return ValidSources({name: self.owners[name] for name in names if name in self.owners}, self._build)

    def __getitem__(self, name: str) -> Source:
        owner = self.owners[name]
        built = self._build(owner)
        if not built:
            raise KeyError(name)
        return built[owner.described.names.index(name)]

    def __iter__(self) -> Iterator[str]:
        return iter(self.owners)

    def __len__(self) -> int:
        return len(self.owners)

    def __contains__(self, name: object) -> bool:
        return name in self.owners
