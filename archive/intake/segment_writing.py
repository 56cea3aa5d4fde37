"""Write what the store has of a segment into the index: its captures, then its texts, a few at a time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from archive.index.row_counts import note_all_texts, owes_events
from archive.texts.later_texts import add_some, capture_ids, keep_some
from archive.texts.text_replacement import has_texts, replace_texts

if TYPE_CHECKING:
    from archive.index.index import Index
    from archive.texts.prepared_texts import Ready
    from archive.texts.texts import TextRow
    from archive.values.capture import Capture
    from archive.warc.manifest import Manifest


@dataclass(frozen=True, slots=True)
class ReadSegment:
    """A segment of the store, before its texts."""

    number: int
    manifest: Manifest
    captures: Sequence[Capture] | None = None
    """None: its WARC is missing."""
    texts: int | None = 0
    """None: the store has lost them."""
    is_again: bool = False
    """Whether the texts were extracted after the manifest was written."""


@dataclass(frozen=True, slots=True)
class SomeTexts:
    """Some of the texts of the segment before."""

    rows: Sequence[TextRow]
    ready: Ready


class SegmentWriting:
    """Writes a segment that was read. Texts replace earlier ones if they were extracted after the manifest was
    written. Where an ingest was interrupted, they are announced as the ingest would have done: by time.
    """

    def __init__(self, index: Index, read: ReadSegment) -> None:
        """Index the segment and its captures, unless its WARC is missing."""
        self._index, self.read, self.texts = index, read, 0
        self.name = read.manifest.segment
        self._had_texts = read.is_again and has_texts(index.database, self.name)
        self._owes = owes_events(index.database, self.name)
        if read.captures is not None:
            index.commit_captures(read.manifest, read.captures, read.texts, announce=self._owes)

    @cached_property
    def _ids(self) -> dict[str, int]:
        return capture_ids(self._index.database, self.name)

    def add(self, some: SomeTexts) -> None:
        if not self._owes:
            add_some(self._index.database, self.name, some.rows, some.ready, self._ids)
        elif self._had_texts and not self.texts:  # the earlier ones, before others replace them
            self._index.note_texts(self.name, some.rows)
        else:
            keep_some(self._index.database, some.rows)
        if self._had_texts:
            replace_texts(self._index.database, self.name, some.rows)
        self.texts += len(some.rows)

    def end(self) -> None:
        if self.read.texts:
            if self._owes:
                self._index.note_texts(self.name, ())
            note_all_texts(self._index.database, self.name)
