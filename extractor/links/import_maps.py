"""Resolve the names in the import maps of pages, as browsers do (HTML, section 8.1.6.2). Pure."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Self

from extractor.values.urls import resolve

_DEEPEST = 20
"""Slashes of a name, or of the address of a script, that are looked at: the work does not grow with the map."""
MOST_MAPS = 100
"""Import maps of one page that are joined: each costs as much as all names before it."""
Names = Mapping[str, str]
"""The absolute address of each name; a prefix of names ends with a slash, and so does its address."""


@dataclass(frozen=True, slots=True)
class ImportMap:
    """What names in scripts stand for: everywhere, and in the scripts below an address."""

    imports: Names = field(default_factory=dict)
    scopes: Mapping[str, Names] = field(default_factory=dict)

    @classmethod
    def parse(cls, text: str, base: str) -> Self:
        """Parse the text of a map; `base` is that of its page. What is not as it must be is left out."""
        try:
            said = json.loads(text)
        except (ValueError, RecursionError):
            return cls()
        if not isinstance(said, dict):
            return cls()
        scopes = said.get("scopes")
        named = scopes.items() if isinstance(scopes, dict) else ()
        within = {where: _names(names, base) for scope, names in named if (where := resolve(scope, base)) is not None}
        return cls(_names(said.get("imports"), base), within)

    def __len__(self) -> int:
        """Return the number of its names."""
        return len(self.imports) + sum(len(names) for names in self.scopes.values())

    def text(self) -> str:
        """Return the map as JSON, with absolute addresses."""
        return json.dumps({"imports": self.imports, "scopes": self.scopes})

    def joined(self, other: ImportMap) -> ImportMap:
        """Return both maps as one; the other one decides where both have a name."""
        scopes = {scope: {**self.scopes.get(scope, {}), **names} for scope, names in other.scopes.items()}
        return ImportMap({**self.imports, **other.imports}, {**self.scopes, **scopes})

    def addresses(self) -> Iterator[str]:
        """Yield the addresses of files; a prefix names none."""
        for names in (self.imports, *self.scopes.values()):
            yield from (address for name, address in names.items() if not name.endswith("/"))

    def names_for(self, script: str) -> list[Names]:
        """Return the names that hold for the script at an address, the first to be looked at first."""
        within = [self.scopes[script]] if script in self.scopes else []
        within += [self.scopes[scope] for scope in prefixes(script) if scope in self.scopes] if self.scopes else []
        return [*within, self.imports] if self.imports else within


def address_of(name: str, names: list[Names]) -> str | None:
    """Return the address that a name stands for, or None. The longest prefix of a name decides."""
    for one in names:
        if name in one:
            return one[name]
        for prefix in prefixes(name):
            if prefix in one:
                found = resolve(one[prefix] + name.removeprefix(prefix), one[prefix])
                return found if found is not None and found.startswith(one[prefix]) else None
    return None


def prefixes(name: str) -> Iterator[str]:
    """Yield the beginnings of a name that end with a slash, the longest first."""
    end = name.rfind("/")
    for _ in range(_DEEPEST):
        if end < 0:
            return
        yield name[: end + 1]
        end = name.rfind("/", 0, end)


def _names(said: Any, base: str) -> dict[str, str]:
    """Return the names of one part of a map. One that is an address is a name for scripts that import that address."""
    found: dict[str, str] = {}
    for name, address in said.items() if isinstance(said, dict) else ():
        where = resolve(address, base) if isinstance(address, str) else None
        if where is None or not name or (name.endswith("/") and not where.endswith("/")):
            continue
        found[(resolve(name, base) if name.startswith(("/", "./", "../", "http:", "https:")) else None) or name] = where
    return found
