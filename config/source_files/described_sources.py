"""The valid sources of a file, built on demand."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from pydantic_core import from_json, to_json

from config.files.document import Document
from config.source import DEFAULT_WALK, Source
from config.source_files.outlines import Outline, one_or_more, outline_of, outline_of_json, timetable_of
from config.source_files.parse import sources_in
from config.values.mailbox import Mailbox
from config.values.timetable import Timetable

OTHER_HOSTS = re.compile(
    r'"(?:feed|hosts|spider)"|"re:|\\|//[^/"]*[^!-$&-@[-~]|"include":\s*(?:"[^/]|\[\s*(?:"/[^"]*",\s*)*"[^/])'
)
"""In a source as JSON, what may cover pages of a host without its name: a feed, `hosts`, a spider of the user, a
pattern other than a path, and other spellings of a host."""


class Listed(NamedTuple):
    """What a list of all sources says of one."""

    name: str
    timetable: Timetable | None
    seeds: tuple[str, ...]
    """`Source.starts`."""
    walk: str
    """`Source.kind`."""


class DescribedSources:
    """The valid sources of one file, by `names`.

    They are built from `said`, the file as JSON, when one of them is needed: an object for each of 50,000 sources
    takes seconds and hundreds of megabytes. Where JSON can't say what the file says, they are built from the start.
    """

    __slots__ = ("_built", "names", "said")

    def __init__(self, names: tuple[str, ...], said: str | None, built: tuple[Source, ...] | None = None) -> None:
        self.names = names
        self.said = said
        self._built = built

    def sources(self) -> tuple[Source, ...]:
        """Raises ConfigError where something was valid and is not any more, such as a time zone that was removed."""
        if self._built is None:
            self._built = sources_in(Document(from_json(self.said or "{}"), None))
        return self._built

    def outlines(self) -> list[Outline]:
        """Return the outlines of its sources, and build nothing else. Raises ValueError where `sources` raises."""
        if self._built is not None:
            return list(map(outline_of, self._built))
        return [outline_of_json(name, part) for name, part in self._parts()]

    def listed(self) -> list[Listed]:
        """Return its sources as a list shows them, and build nothing else. Raises ValueError as `outlines`."""
        if self._built is not None:
            return [Listed(one.name, one.timetable, one.starts, one.kind) for one in self._built]
        return [
            Listed(
                name,
                timetable_of(part.get("timetable")),
                _starts(part),
                _kind(part),
            )
            for name, part in self._parts()
        ]

    def reaching(self, host: str) -> Sequence[str]:
        """Return the names of those that `may_reach` says, of several in one file."""
        if self.said is None or len(self.names) == 1:
            return self.names
        return [name for name, part in self._parts() if may_reach(to_json(part).decode(), host)]

    def _parts(self) -> Iterable[tuple[str, dict[str, Any]]]:
        data = from_json(self.said or "{}")
        return zip(self.names, data.get("sources", [data]), strict=True)


def may_reach(said: str, host: str) -> bool:
    """Return whether a source, as JSON, may cover a page of `host`, which has no ``www.``."""
    return host in said or OTHER_HOSTS.search(said) is not None


def _starts(part: dict[str, Any]) -> tuple[str, ...]:
    """Return `Source.starts` of a source as JSON."""
    return (Mailbox.model_validate(part["imap"]).url,) if part.get("imap") else one_or_more(part.get("seeds"))


def _kind(part: dict[str, Any]) -> str:
    """Return `Source.kind` of a source as JSON."""
    return "spider" if part.get("spider") else "mail" if part.get("imap") else part.get("walk") or DEFAULT_WALK
