"""The manifest of a month in the store: its files, with digests, and its segments. See docs/formats/months.md."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import Any, NamedTuple

from archive.database.schema import microseconds
from archive.values.digest import Sha256
from archive.values.errors import IntegrityError

_NAME = re.compile(r"\d{4}-(0[1-9]|1[0-2])")
_FORMAT = "pressmark-month/1"
_LEAST = {"captures", "lines", "blocks", "segments"}


@dataclass(frozen=True, slots=True)
class MonthObject:
    """A file of a month in the store."""

    key: str
    sha256: Sha256
    size: int


class MonthSegment(NamedTuple):
    """A segment with captures in a month."""

    collection: str
    object_key: str
    """The key of its WARC in the store."""
    manifest_key: str
    captures: int
    """Those in this month."""
    total: int
    """Those in all months: other months may have the rest."""


@dataclass(frozen=True)
class Month:
    """What a manifest says."""

    name: str
    """The month in UTC: ``2024-05``."""
    captures: int
    damaged: int
    """Those that were marked as unreadable when the month was written."""
    lines: MonthObject
    """Sorted lines in compressed blocks (ZipNum)."""
    blocks: MonthObject
    """The index of the blocks, as ``cluster.idx`` of ZipNum."""
    parquet: MonthObject | None
    """The same captures as a table; None if it was left out."""
    segments: Mapping[str, MonthSegment]
    replaces: tuple[str, ...] = ()
    """The keys of the manifests of this month that purges made others of, in this order; this one comes instead."""

    @cached_property
    def span(self) -> tuple[int, int]:
        """Its first microsecond since 1970, and the first one after it."""
        return span_of(self.name)

    def octets(self) -> bytes:
        """Return the manifest. The same facts give the same bytes."""
        facts: dict[str, Any] = {"format": _FORMAT, "month": self.name, "captures": self.captures}
        facts["damaged"] = self.damaged
        for name in ("lines", "blocks", "parquet"):
            if (one := getattr(self, name)) is not None:
                facts[name] = {"key": one.key, "sha256": str(one.sha256), "size": one.size}
        if self.replaces:
            facts["replaces"] = list(self.replaces)
        facts["segments"] = {name: list(one) for name, one in sorted(self.segments.items())}
        return (json.dumps(facts, ensure_ascii=False, indent=1) + "\n").encode()

    @property
    def objects(self) -> tuple[MonthObject, ...]:
        return tuple(one for one in (self.lines, self.blocks, self.parquet) if one is not None)


def parsed(data: bytes, key: str) -> Month:
    """Parse a manifest. Raises IntegrityError, which names its key."""
    try:
        facts = json.loads(data)
        if facts["format"] != _FORMAT or not facts.keys() >= _LEAST or not is_month(facts["month"]):
            raise ValueError(f"its format is not {_FORMAT}")
        files = {name: _object(facts[name]) for name in ("lines", "blocks", "parquet") if name in facts}
        segments = {name: MonthSegment(*values) for name, values in facts["segments"].items()}
        return Month(
            facts["month"],
            int(facts["captures"]),
            int(facts["damaged"]),
            files["lines"],
            files["blocks"],
            files.get("parquet"),
            segments,
            tuple(map(str, facts.get("replaces", ()))),
        )
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise IntegrityError(f"{key} is not the manifest of a month: {error}") from error


def _object(facts: Mapping[str, Any]) -> MonthObject:
    return MonthObject(facts["key"], Sha256(facts["sha256"]), int(facts["size"]))


def is_month(name: str) -> bool:
    """Return whether a text is a month, such as ``2024-05``."""
    return _NAME.fullmatch(name) is not None


def month_of(at: int) -> str:
    """Return the month of a time in microseconds since 1970."""
    return f"{datetime.fromtimestamp(at // 1_000_000, UTC):%Y-%m}"


def span_of(name: str) -> tuple[int, int]:
    """Return the first microsecond of a month, and the first one after it."""
    year, month = int(name[:4]), int(name[5:])
    first = datetime(year, month, 1, tzinfo=UTC)
    past = datetime(year + month // 12, month % 12 + 1, 1, tzinfo=UTC)
    return microseconds(first), microseconds(past)
