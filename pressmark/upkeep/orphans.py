"""Objects of the store that no manifest names: they are reported and, on request, adopted. Nothing is removed here.

They come from a worker that died between a WARC and its manifest and whose spool is lost, or from a manifest that was
damaged or deleted. Old indexes and texts among them whose WARC is archived are deleted by `pressmark.upkeep.litter`.
"""

from __future__ import annotations

from collections.abc import Iterator

from archive.shipping.housekeeping import Orphan, ingest_orphan, orphans
from archive.values.errors import IntegrityError, RefusedWarc, StoreError
from archive.warc.keys import WARCS
from pressmark.service.exits import Exit, exit_of
from pressmark.service.service import Service
from pressmark.service.states import Condition
from pressmark.upkeep.imports import reading_archive

_PART = "orphans"


def examine_store(service: Service, *, adopting: bool) -> Iterator[Condition]:
    """Report them. A WARC counts as an error until it is adopted: its captures can't be found."""
    try:
        found = list(orphans(service.store, service.now()))
        yield from _adopted(service, found) if adopting else map(_condition_of, found)
    except StoreError as error:
        yield Condition(_PART, str(error), exit_of(error))
    else:
        if not found:
            yield Condition(
                _PART,
                "every file that has been in the store for more than two days is listed in a manifest (list of files)",
            )


def _condition_of(orphan: Orphan) -> Condition:
    sentence = f"the stored file {orphan.key} ({orphan.size} bytes) is in no manifest (list of files)"
    if not orphan.key.startswith(WARCS):
        return Condition(_PART, f"{sentence}; Pressmark can make it again as long as its WARC file exists")
    return Condition(_PART, f"{sentence}; to import it, run pressmark doctor --adopt", Exit.INTEGRITY)


def _adopted(service: Service, found: list[Orphan]) -> Iterator[Condition]:
    with reading_archive(service) as archive:
        for orphan in found:
            try:
                is_warc = ingest_orphan(service.store, orphan, archive.ingest)
            except (IntegrityError, RefusedWarc) as error:
                yield Condition(_PART, str(error), Exit.INTEGRITY)
            else:
                yield Condition(_PART, f"{orphan.key} was imported") if is_warc else _condition_of(orphan)
