"""The plan of an export that is split into parts, and that of one part: its items keep their numbers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from archive.export.plan import Order, Plan

_COLUMNS = (
    "number",
    "segment",
    "offset",
    "span",
    "urlkey",
    "at",
    "asked",
    "original",
    "mime",
    "line",
    "tags",
    "judged",
)
_NAMED = ", ".join(_COLUMNS)
_TAKE = f"INSERT INTO items ({_NAMED}) VALUES ({', '.join('?' * len(_COLUMNS))})"  # noqa: S608 -- of constants
_SELECT = f"SELECT {_NAMED} FROM items ORDER BY "  # noqa: S608
_BY: Mapping[Order, str] = {"file": "number", "key": "urlkey, at, number"}
NUMBER, SPAN, KEY, ASKED, LINE = map(_COLUMNS.index, ("number", "span", "urlkey", "asked", "line"))
"""The places of these values in a row."""

SHARDS = 64
"""At least this many parts, if there are enough captures: enough for the services to share."""
_FEWEST, _MOST = 200, 5_000
"""Items of a part. What a job costs beside its captures is that of about 20 captures."""
_OCTETS = 64 << 20
"""Bytes of records of a part: who takes over the part of a dead service makes it again."""

Row = Sequence[Any]


class PartPlan(Plan):
    """A plan that is split, or one of its parts."""

    def facts(self) -> dict[str, str]:
        """Return what is known of the whole plan."""
        return dict(self._db.execute("SELECT name, value FROM facts ORDER BY name").fetchall())

    def split(self, order: Order) -> Iterator[list[Row]]:
        """Yield the rows of one part after the other, in an order; of an empty plan, one part without rows.

        By key, all captures of a key are in one part: so the parts together are sorted.
        """
        most, octets = max(_FEWEST, min(_MOST, self.size // SHARDS)), 0
        part, found = list[Row](), False
        for row in self._db.execute(_SELECT + _BY[order]):
            is_full = len(part) >= most or octets >= _OCTETS
            if is_full and (order == "file" or part[-1][KEY] != row[KEY]):
                yield part
                part, octets, found = [], 0, True
            part.append(row)
            octets += row[SPAN]
        if part or not found:
            yield part

    def take(self, facts: Mapping[str, str], rows: Iterable[Row]) -> None:
        """Fill an empty plan with a part of another one."""
        self._db.execute("BEGIN")
        self._db.executemany("INSERT INTO facts VALUES (?, ?)", facts.items())
        self._db.executemany(_TAKE, rows)
        self._db.execute("COMMIT")
