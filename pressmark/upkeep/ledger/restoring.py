"""Restore the ledger that the store has: files of sources, and rows."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass

from archive.shipping.ledger_reading import LedgerRead, read_ledger
from archive.store.failover import unlisted, with_failover
from archive.values.errors import Finding
from config.files.atomic_write import write_text
from config.load import SUFFIXES
from pressmark.service.service import Service
from pressmark.upkeep.ledger.given_up import GivenUp
from pressmark.upkeep.ledger.saving import note_restored
from scheduler.ledger.ledger_restored import RestoredRows, restore_ledger

_NAME = re.compile(r"[^/\\\x00.][^/\\\x00]*")


@dataclass(frozen=True, slots=True)
class Restored:
    """What was added to the home."""

    sources: int
    rows: RestoredRows
    findings: tuple[Finding, ...]


def restore(service: Service) -> Restored:
    """Write the source files that are missing, and the rows that the database lacks.

    Existing ones stay. Of decisions of people, the latest counts.

    A store without a ledger, as an earlier version wrote it, restores nothing. Raises StoreError, DatabaseUnusable,
    OSError.
    """
    store = with_failover(service.store)
    with read_ledger(store) as ledger:
        sources = _restore_files(service, ledger)
        rows = restore_ledger(service.database, ledger)
        if sources:
            service.sources.reload()
        accepted = GivenUp(service).findings()
        broken = (finding for finding in ledger.findings if finding not in accepted)
        return Restored(sources, rows, (*unlisted(store), *broken))


def _restore_files(service: Service, ledger: LedgerRead) -> int:
    directory, latest = service.settings.sources, _latest(ledger)
    missing = {name: text for name, text in latest.items() if _is_name(name) and not (directory / name).exists()}
    if missing:
        directory.mkdir(parents=True, exist_ok=True)
    for name, text in missing.items():
        write_text(directory / name, text)
        note_restored(service, name, text)
    return len(missing)


def _latest(ledger: LedgerRead) -> dict[str, str]:
    """Return the latest text of each source file that a worker still has.

    A version without a worker replaces all before it. One of a worker leaves those of other workers.
    """
    versions = defaultdict[str, dict[str, str]](dict)
    for record in ledger.records("source"):
        name, _, *whose = record.key
        texts, worker = versions[name], "".join(whose)
        for replaced in (worker, "") if worker else tuple(texts):
            texts.pop(replaced, None)
        if (text := (record.value or {}).get("text")) is not None:
            texts[worker] = text
    return {name: list(texts.values())[-1] for name, texts in versions.items() if texts}


def _is_name(name: str) -> bool:
    """Return whether it is the name of a source file, and no path: others may write to the store."""
    return bool(_NAME.fullmatch(name)) and name.endswith(SUFFIXES)
