"""What a purge deletes beside its records, and what it can't reach: people read it before they confirm."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from typing import TYPE_CHECKING

from archive.database.closed_collections import TakenDown, closing_collections, hiding
from archive.index.objects import Objects
from archive.spool.sealed import spools_in
from archive.store.replicated import replicas_of
from archive.texts.text_replacement import versions_of

if TYPE_CHECKING:
    from archive.database.engine import Database
    from archive.intake.purge_plan import Plan
    from pressmark.service.service import Service

_SHOWN = 20
"""Files that are named by a sentence each."""
_IMPORTED = re.compile(r"\d{14}-[0-9a-f]{16}(-purge\d+)?")
"""The names of segments that other tools wrote (`archive.intake.ingest`), also after purges."""


def count_texts(database: Database, plan: Plan) -> int:
    """Return how many texts a purge deletes."""
    with closing_collections(frozenset()), hiding(TakenDown()):
        return sum(1 for _ in versions_of(database, (one.record_id for one in plan.captures)))


def not_reached(service: Service, plan: Plan) -> list[str]:
    """Return, as sentences, where bytes of these records may be that their purge does not delete, and which files of
    their pages stay.
    """
    elsewhere = (*_former_replicas(service), *_quarantines(service), *_given_up(plan))
    return [*elsewhere, *_requests_elsewhere(plan), *_files_left(plan)]


def _former_replicas(service: Service) -> Iterator[str]:
    for place in sorted(Objects(service.database).places() - replicas_of(service.store).keys()):
        yield (
            f"the replica {place} has copies of files of this archive, and the settings do not name it any more: a "
            "purge does not reach it; add it to the settings again before the purge"
        )


def _quarantines(service: Service) -> Iterator[str]:
    for spool in spools_in(service.settings.home):
        if any((spool / "quarantine").glob("*")):
            yield (
                f"{spool / 'quarantine'} has damaged parts of WARC files, which may have these records: a purge does "
                "not read them; delete what you do not need"
            )


def _given_up(plan: Plan) -> Iterator[str]:
    """A purge has no other captures than those of the archive; those of files that come back follow, if it has any."""
    if not (count := len(plan.lost)):
        return
    if not plan.captures:
        yield (
            f"captures of these pages in WARC files that were given up: {count}; purge again if the files come back, "
            "as there is nothing else to delete now"
        )
    else:
        yield (
            f"captures of these pages in WARC files that were given up: {count}; if the files come back, these "
            "captures are deleted from them before anything else happens with the files"
        )


def _requests_elsewhere(plan: Plan) -> Iterator[str]:
    """Our own files have the request of each answer beside it."""
    if foreign := sum(_IMPORTED.fullmatch(name) is not None for name in plan.segments):
        yield (
            f"WARC files of other tools with these records: {foreign}; the requests may be in other files: their URLs "
            "and cookies stay there"
        )


def _files_left(plan: Plan) -> Iterator[str]:
    """Name video and audio of the pages: a take-down of a page does not hide the files that it plays."""
    urls = sorted({one.url for one in plan.files_left})
    for url in urls[:_SHOWN]:
        yield (
            f"the video or audio file {url} stays, although a list of the files of these pages names it; to delete it, "
            f"run pressmark takedown add {shlex.quote(url)} --reason REASON, then pressmark purge with the id of that "
            "take-down"
        )
    if (more := len(urls) - _SHOWN) > 0:
        yield f"more video and audio files of these pages stay: {more}; --json names all of them"
