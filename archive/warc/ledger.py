"""The ledger in the store: what the archive is to collect, and the history of its runs. See docs/formats/ledger.md.

A part is an object of JSON Lines. The first line is its head, the others are records. Parts of a worker are numbered,
and each names the one before it and its hash. A part of a higher level replaces several parts of the level below.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal, get_args
from urllib.parse import unquote

from archive.values.digest import Sha256
from archive.values.errors import IntegrityError
from archive.warc.keys import LEDGER, ledger_key

FORMAT = "pressmark-ledger-1"
Kind = Literal[
    "source", "run", "slot", "pause", "alarm", "timetable", "page", "owed", "event", "review", "takedown", "hold",
    "note",
]  # fmt: skip
KINDS: tuple[Kind, ...] = get_args(Kind)

_KEY = re.compile(rf"{LEDGER}([^/]+)/(\d+)-(\d{{10}})-(\d{{10}})-([0-9a-f]{{64}})\.jsonl\.zst")


@dataclass(frozen=True, slots=True)
class Record:
    """The state of something at a time. Of several records with the same kind and key, the latest counts."""

    kind: Kind
    key: tuple[str, ...]
    value: Any
    """A JSON value; None if it was deleted."""
    at: datetime | None = field(default=None, compare=False)
    """Since when that is so, if it was read from a ledger."""

    def line(self, at: datetime) -> bytes:
        return _json({"kind": self.kind, "key": list(self.key), "at": _text(at), "value": self.value})


@dataclass(frozen=True, slots=True)
class Head:
    """The first line of a part."""

    worker: str
    level: int
    first: int
    last: int
    at: datetime
    """When it was written; later than the part before it."""
    previous: Sha256 | None
    """The SHA-256 of the part of level 0 before its first; None at the beginning."""
    end: Sha256 | None
    """The SHA-256 of the last part of level 0 that it replaces; None for a part of level 0."""
    software: str

    def line(self) -> bytes:
        return _json({"format": FORMAT, **asdict(self), "at": _text(self.at)})

    @staticmethod
    def parse(line: bytes, key: str) -> Head:
        """Parse a head. Raises IntegrityError if it is of another format, or of another part than `key` says."""
        try:
            fields = json.loads(line)
            if (found := fields.pop("format")) != FORMAT:
                raise IntegrityError(f"{key} has the format {found!r}; this version reads {FORMAT}")
            head = Head(**{**fields, "at": datetime.fromisoformat(fields["at"])})
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise IntegrityError(f"{key} is damaged: {type(error).__name__}: {error}") from error
        part = part_of(key)
        if part is None or (head.worker, head.level, head.first, head.last) != part.place:
            raise IntegrityError(f"{key} is under the key of another part of the ledger")
        return head


@dataclass(frozen=True, slots=True, order=True)
class Part:
    """A part, by its key."""

    worker: str
    first: int
    last: int
    level: int
    sha256: Sha256

    @property
    def key(self) -> str:
        return ledger_key(self.worker, self.level, self.first, self.last, self.sha256)

    @property
    def place(self) -> tuple[str, int, int, int]:
        return self.worker, self.level, self.first, self.last


def part_of(key: str) -> Part | None:
    """Return the part under a key; None for any other key."""
    if (found := _KEY.fullmatch(key)) is None:
        return None
    worker, level, first, last, digest = found.groups()
    return Part(unquote(worker.replace("=", "%")), int(first), int(last), int(level), Sha256(digest))


def current(parts: Iterable[Part]) -> list[Part]:
    """Return the parts that no part of a higher level replaces, by worker and number."""
    found = list[Part]()
    reach = dict[tuple[str, int], int]()
    """The highest number of each worker and level so far."""
    for part in sorted(parts, key=lambda one: (one.worker, one.first, -one.level)):
        replaced = any(
            last >= part.last for (worker, level), last in reach.items() if worker == part.worker and level > part.level
        )
        place = part.worker, part.level
        reach[place] = max(reach.get(place, 0), part.last)
        if not replaced:
            found.append(part)
    return found


def gaps(parts: Iterable[Part], end: int = 0) -> list[tuple[int, int]]:
    """Return the first and the last number of each row of parts, until `end`, that the parts of a worker lack."""
    found, number = list[tuple[int, int]](), 0
    for part in sorted(parts):
        if part.first > number + 1:
            found.append((number + 1, part.first - 1))
        number = max(number, part.last)
    return [*found, (number + 1, end)] if end > number else found


def within(parts: Iterable[Part], whole: Part) -> Iterator[Part]:
    """Yield the parts that a part replaces."""
    for part in parts:
        inside = whole.first <= part.first and part.last <= whole.last
        if inside and part.worker == whole.worker and part.level < whole.level:
            yield part


def _json(fields: dict[str, Any]) -> bytes:
    return json.dumps(fields, sort_keys=True, separators=(",", ":")).encode() + b"\n"


def _text(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
