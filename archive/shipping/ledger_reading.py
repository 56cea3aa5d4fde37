"""Read the ledger of all workers from a store, and check its parts and chains."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from types import MappingProxyType

from archive.shipping.ledger_parts import head_of, parts_of, take, temporary_rows
from archive.store import ObjectStore
from archive.values.errors import Finding, IntegrityError, ObjectNotFound
from archive.warc.keys import ledger_prefix
from archive.warc.ledger import Head, Kind, Part, Record, current, gaps, within


class LedgerRead:
    """The latest records of `parts`, all that the store listed. `findings` says which are damaged or missing."""

    def __init__(self, rows: sqlite3.Connection, findings: tuple[Finding, ...], parts: list[Part]) -> None:
        self._rows = rows
        self.findings = findings
        self.parts = parts

    def records(self, kind: Kind) -> Iterator[Record]:
        """Yield the records of a kind, in the order of their keys. Those of deleted rows have the value None."""
        for (line,) in self._rows.execute("SELECT line FROM rows WHERE kind = ? ORDER BY key", (kind,)):
            fields = json.loads(line)
            at = datetime.fromisoformat(fields["at"])
            yield Record(kind, tuple(fields["key"]), fields["value"], at)


@contextmanager
def read_ledger(store: ObjectStore) -> Iterator[LedgerRead]:
    """Read the ledgers of all workers. For a damaged part, those that it replaces are read, if the store has them.

    Raises StoreError.
    """
    parts = parts_of(store)
    with temporary_rows() as rows:
        findings = [*broken_parts(store), *_take_all(store, parts, current(parts), rows)]
        yield LedgerRead(rows, tuple(dict.fromkeys(findings)), parts)


def _take_all(store: ObjectStore, parts: list[Part], some: list[Part], rows: sqlite3.Connection) -> Iterator[Finding]:
    for part in some:
        try:
            take(store, part, rows)
        except (IntegrityError, ObjectNotFound) as error:
            yield _damaged(part, error)
            yield from _take_all(store, parts, current(within(parts, part)), rows)


def broken_parts(store: ObjectStore, ends: Mapping[str, int] = MappingProxyType({})) -> list[Finding]:
    """Check the digest of each part, and the chain of each worker.

    `ends` are workers with the number of the last part that the store must have. Raises StoreError.
    """
    parts = parts_of(store)
    found = list[Finding]()
    heads = dict[Part, Head]()
    for part in parts:
        try:
            heads[part] = head_of(store, part)
        except (IntegrityError, ObjectNotFound) as error:
            found.append(_damaged(part, error))
    live = current(parts)
    for worker in sorted({part.worker for part in live} | ends.keys()):
        chain = [part for part in live if part.worker == worker]
        found += [missing_parts(worker, *gap) for gap in gaps(chain, ends.get(worker, 0))]
        found += _broken_links(worker, chain, heads)
    return found


def _broken_links(worker: str, chain: list[Part], heads: dict[Part, Head]) -> Iterator[Finding]:
    number, digest = 0, None
    for part in chain:
        if part.first > number + 1:
            digest = None
        elif part.first <= number:
            twice = f"the ledger of {worker} has another part {part.first}"
            sentence = f"{twice}: two services write it; if both still run, give one of them another worker.name"
            yield Finding(part.key, None, "chain", sentence)
        elif (head := heads.get(part)) and number and digest and head.previous != digest:
            sentence = f"the part before it has the SHA-256 {digest}, not {head.previous}"
            yield Finding(part.key, None, "chain", sentence)
        number = max(number, part.last)
        digest = (heads[part].end or part.sha256) if part in heads else None


def missing_parts(worker: str, first: int, last: int) -> Finding:
    """Return that the store lacks these parts."""
    which = f"part {first} is" if first == last else f"parts {first} to {last} are"
    return Finding(ledger_prefix(worker), None, "missing", f"{which} missing in the ledger of the worker {worker}")


def _damaged(part: Part, error: Exception) -> Finding:
    return Finding(part.key, None, "missing" if isinstance(error, ObjectNotFound) else "ledger", str(error))
