"""The valid sources of a directory by name, each built on demand."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from config.source import Source
from config.source_files.described_sources import OTHER_HOSTS, DescribedSources


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

    def reaching(self, host: str) -> set[str]:
        """Return the names of the sources that may cover a page of `host`: they name it, or can reach any.

        None is built, and nothing is called for each but one search: there may be many.
        """
        host, near, anywhere = host.removeprefix("www."), dict[str, DescribedSources](), OTHER_HOSTS.search
        for file, described in self.owners.values():
            said = described.said
            if said is None or host in said or anywhere(said):
                near[file] = described
        found = {(file, name) for file, described in near.items() for name in described.reaching(host)}
        return {name for file, name in found if name in self.owners and self.owners[name].file == file}

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
