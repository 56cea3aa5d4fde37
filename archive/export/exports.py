"""Plan exports of an archive, and stream them."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from archive.export.job import Binds, Done, Job, LeftOut, nothing_binds, refuse
from archive.export.judged import Judgements
from archive.export.plan import Plan
from archive.index.selection_rows import chosen
from archive.retrieval.elsewhere import Elsewhere
from archive.retrieval.retrieval import Retrieval
from archive.warc.exchange_records import software

if TYPE_CHECKING:
    from archive.export.protocol import Exporter
    from archive.index.index import Index
    from archive.index.selection import Selection
    from archive.store import ObjectStore
    from archive.texts.snapshot_notes import SnapshotNotes
    from archive.texts.texts import Texts

_GATHERED = 1 << 16
_COUNTED = 1000


class Exports:
    def __init__(
        self,
        index: Index,
        texts: Texts,
        store: ObjectStore,
        *,
        by: str | None = None,
        binds: Binds = nothing_binds,
        notes: SnapshotNotes | None = None,
        elsewhere: Elsewhere | None = None,
    ) -> None:
        """Create exports. `by` is the software that the files name; default: this one. For `binds` see `Job`.

        `notes` have the tags that people gave to snapshots; None for none. `elsewhere` are other machines' spools.
        """
        self._binds = binds
        self._notes = notes
        self._by = by or software()
        self._index, self._texts = index, texts
        self._retrieval = Retrieval(index, store, elsewhere)

    def make_plan(self, plan: Plan, selection: Selection, form: str, created: datetime) -> None:
        """Write the captures of an export into an empty plan."""
        plan.make(
            selection,
            form,
            created=created,
            software=self._by,
            captures=chosen(self._index, selection),
            ancestry=self._index.ancestry,
            tags_of=self._tags_of,
            judged_of=Judgements(self._texts.database).of,
        )

    def count(self, selection: Selection, each: Callable[[], object]) -> int:
        """Return how many captures a selection has in this context. `each` is called after some of them."""
        count = 0
        for _ in chosen(self._index, selection):
            count += 1
            if not count % _COUNTED:
                each()
        return count

    def job(self, plan: Plan, *, after: int = 0, left_out: LeftOut = refuse, done: Done = lambda _: None) -> Job:
        """See `Job`."""
        return Job(
            plan,
            self._retrieval,
            self._texts,
            after=after,
            left_out=left_out,
            done=done,
            binds=self._binds,
        )

    def _tags_of(self, records: Sequence[str]) -> dict[str, tuple[str, ...]]:
        found = self._notes.of(records) if self._notes is not None else {}
        return {record: note.said.tags for record, note in found.items()}

    @contextmanager
    def streamed(self, exporter: Exporter, selection: Selection, created: datetime) -> Iterator[Stream]:
        """Return an export as a stream, planned and not started. Damage ends it with an error: see `refuse`."""
        with (
            tempfile.TemporaryDirectory(prefix="pressmark-export-") as directory,
            Plan(Path(directory) / "plan.db") as plan,
        ):
            self.make_plan(plan, selection, exporter.name, created)
            job = self.job(plan)
            yield Stream(job.name + exporter.suffix, plan.size, gathered(exporter.pieces(job)))


class Stream:
    """A file that is generated while it is read."""

    def __init__(self, name: str, items: int, pieces: Iterator[bytes]) -> None:
        self.name, self.items, self.pieces = name, items, pieces


def gathered(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """Join pieces to 64 KiB or more: passing a piece on costs more than making a short one."""
    held: list[bytes] = []
    size = 0
    for piece in pieces:
        held.append(piece)
        size += len(piece)
        if size >= _GATHERED:
            yield b"".join(held)
            held, size = [], 0
    if held:
        yield b"".join(held)
