"""Plan an export in parts, and make one of its files. Repeating either of them loses and doubles nothing."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from archive.database.closed_collections import TakenDown, hiding, taken_down
from archive.export.exports import gathered
from archive.export.parts.part_plan import NUMBER, PartPlan
from archive.export.parts.stored import StoredExport
from archive.export.protocol import Joining
from archive.values.errors import Finding

if TYPE_CHECKING:
    from archive.export.exports import Exports
    from archive.export.plan import Item, Order
    from archive.export.protocol import Exporter
    from archive.index.selection import Selection

IN_PARTS = ("warc", "wet", "wat", "cdxj", "zipnum", "jsonl", "parquet")
"""The formats that are made in parts: a file is what its parts are, one after the other, or is made of that."""


class Wanted(NamedTuple):
    """An export that was requested."""

    exporter: Exporter
    selection: Selection
    created: datetime


@dataclass(frozen=True, slots=True)
class MadePart:
    """What is known of the file of a part."""

    key: str
    sha256: str
    octets: int
    captures: int
    left_out: tuple[Finding, ...]


def plan_parts(exports: Exports, stored: StoredExport, wanted: Wanted, going_on: Callable[[], object]) -> list[str]:
    """Store the plan of each part, with what is taken down in this context; return their keys.

    Raises what `going_on` raises, between two parts.
    """
    with _plan() as plan:
        exports.make_plan(plan, wanted.selection, wanted.exporter.name, wanted.created)
        facts = {**plan.facts(), "totals": json.dumps(asdict(plan.totals))}
        facts["hidden"] = str(_hidden(exports, wanted.selection, going_on))
        facts_key, keys = stored.put_facts(facts, taken_down()), list[str]()
        for number, rows in enumerate(plan.split(order_of(wanted.exporter)), 1):
            going_on()
            keys.append(stored.put_plan(number, facts_key, rows))
        return keys


def make_part(
    exports: Exports, stored: StoredExport, exporter: Exporter, plan_key: str, going_on: Callable[[], object]
) -> MadePart:
    """Make the file of a part, and store it. Raises what `going_on` raises, after each capture, and StoreError.

    It hides what was hidden when the export was planned, so that the file is the same whenever it is made.
    """
    number, facts_key, rows = stored.plan(plan_key)
    facts, hidden = stored.facts(facts_key)
    after = rows[0][NUMBER] - 1 if rows and order_of(exporter) == "file" else 0

    def done(_item: Item) -> None:
        going_on()

    with _plan() as plan, tempfile.TemporaryFile() as file, hiding(hidden):
        plan.take(facts, rows)
        job = exports.job(plan, after=after, left_out=lambda _item, _error: None, done=done)
        for piece in gathered(exporter.pieces(job)):
            file.write(piece)
        octets = file.tell()
        key, sha256 = stored.put(number, file, exporter.suffix)
        left_out = tuple(
            Finding(f"{item.capture.location.segment}.warc.gz", item.capture.location.offset, "left-out", why)
            for item, why in plan.left_out()
        )
    return MadePart(key, sha256, octets, len(rows) - len(left_out), left_out)


def of_parts(exporter: Exporter) -> Exporter:
    """Return the exporter that makes the parts of an export."""
    return exporter.parts if isinstance(exporter, Joining) else exporter


def order_of(exporter: Exporter) -> Order:
    """Return the order in which a format has its captures."""
    return "file" if exporter.resumable else "key"


def totals_of(facts: dict[str, str]) -> dict[str, Any]:
    """Return the numbers of selected captures, of originals, of those that are missing, and of hidden captures."""
    totals: dict[str, Any] = json.loads(facts["totals"])
    return {**{name: totals[name] for name in ("captures", "originals", "missing")}, "hidden": int(facts["hidden"])}


def _hidden(exports: Exports, selection: Selection, going_on: Callable[[], object]) -> int:
    """Return how many captures take-downs hide from a selection; older ones of a URL count, too."""
    if not taken_down():
        return 0
    every = replace(selection, latest=False)
    with hiding(TakenDown()):
        there = exports.count(every, going_on)
    return there - exports.count(every, going_on)


@contextmanager
def _plan() -> Iterator[PartPlan]:
    with (
        tempfile.TemporaryDirectory(prefix="pressmark-export-") as directory,
        PartPlan(Path(directory) / "plan.db") as plan,
    ):
        yield plan
