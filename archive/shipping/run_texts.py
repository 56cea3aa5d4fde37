"""The texts of a run in one object of the store: JSON Lines, each with the id of its record.

The object is a second copy of the texts beside the sidecars of the segments, made where a setting asks for it. It is
derived from rows, and written again whenever a segment of the run is committed or its texts are extracted again. The
same rows give the same bytes. See docs/formats/store-layout.md.
"""

from __future__ import annotations

import json
import logging
import tempfile
from collections.abc import Iterable, Iterator
from datetime import UTC
from typing import TYPE_CHECKING, Any, BinaryIO, cast

from archive.texts.run_text_rows import PlacedText, is_all_kept, runs_of, texts_of_run
from archive.texts.texts import facts_of
from archive.values.digest import Sha256, sha256_file
from archive.values.errors import StoreError
from archive.warc.keys import run_key

if TYPE_CHECKING:
    from archive.database.engine import Database
    from archive.store import ObjectStore

logger = logging.getLogger(__name__)

_LEVEL = 10
_IN_MEMORY = 8 << 20
_FACTS = ("title", "author", "date", "language", "url")


class RunTexts:
    """Updates the objects of runs when their segments change. Without `new`, it only updates objects that exist."""

    def __init__(self, database: Database, store: ObjectStore, *, new: bool) -> None:
        self._database = database
        self._store = store
        self._new = new

    def shipped(self, segment: str) -> None:
        """Call `put`, but ignore failures of the store: the release of the segment tries again."""
        try:
            self.put(segment)
        except StoreError as error:
            logger.info("the texts of a run could not be put", extra={"segment": segment, "reason": str(error)})

    def put(self, segment: str, *, missing_only: bool = False) -> None:
        """Put the texts of each run with captures in a segment, if all segments of the run are in the store.

        During a run, they are put again with its next segment. A run without texts has no object.
        Raises StoreError.
        """
        for run, collection in runs_of(self._database, segment):
            key = run_key(collection, run)
            if is_all_kept(self._database, run) and self._is_due(key, missing_only=missing_only):
                self._put(key, run)

    def put_last(self, segment: str) -> None:
        """Put the texts of each run of a segment whose texts were just written, as `put` does, until they are current.

        Two processes may write texts of one run at a time: the one that puts last looks again after that. Raises
        StoreError.
        """
        for run, collection in runs_of(self._database, segment):
            key, put = run_key(collection, run), None
            if is_all_kept(self._database, run) and self._is_due(key, missing_only=False):
                while (there := self._put(key, run, unless=put)) != put:
                    put = there

    def _put(self, key: str, run: str, *, unless: Sha256 | None = None) -> Sha256 | None:
        """Put the texts of a run unless they have this digest. Return their digest; None if there are none."""
        if not (lines := _packed(lines_of_run(self._database, run))):
            return None
        with lines:
            digest = sha256_file(lines)
            if digest != unless:
                lines.seek(0)
                self._store.put(key, lines, digest, replace=True)
        return digest

    def _is_due(self, key: str, *, missing_only: bool) -> bool:
        if self._new != missing_only:  # whether the store has it already does not matter
            return self._new
        return (self._store.size(key) is None) == missing_only


def lines_of_run(database: Database, run: str) -> Iterator[bytes]:
    """Yield one line with a JSON object for each text of a run, as in docs/formats/store-layout.md."""
    return map(line_of, texts_of_run(database, run))


def line_of(placed: PlacedText) -> bytes:
    from archive.texts.text_as_markdown import markdown_of  # it loads what reads pages

    whose = {"run": placed.run, "collection": placed.collection, "source": placed.source, "offset": placed.offset}
    row = placed.text
    said = {**facts_of(row), "at": row.at.astimezone(UTC).isoformat(), "markdown": markdown_of(row), **whose}
    try:
        return _json(said, ascii_only=False)
    except UnicodeEncodeError:  # a lone surrogate has no UTF-8
        return _json(said, ascii_only=True)


def document_of(placed: PlacedText) -> str:
    """Return a text as a Markdown file: its metadata as YAML, the title, the text."""
    from archive.texts.text_as_markdown import markdown_of

    row = placed.text
    known = {name: getattr(row, name) for name in _FACTS if getattr(row, name)}
    kept = {
        "captured": row.at.astimezone(UTC).isoformat(),
        "run": placed.run,
        "record": row.record_id,
        "segment": row.segment,
        "offset": placed.offset,
        "digest": row.digest,
        "extractor": f"{row.extractor} {row.version}",
    }
    head = "\n".join(f"{name}: {json.dumps(value, ensure_ascii=False)}" for name, value in {**known, **kept}.items())
    return f"---\n{head}\n---\n\n{markdown_of(row) or ''}\n"


def _json(said: dict[str, Any], *, ascii_only: bool) -> bytes:
    return json.dumps(said, sort_keys=True, separators=(",", ":"), ensure_ascii=ascii_only).encode() + b"\n"


def _packed(lines: Iterable[bytes]) -> BinaryIO | None:
    """Compress the lines with Zstandard into a file, which the caller closes; None if there are no lines."""
    from zstandard import ZstdCompressor

    first = next(rest := iter(lines), None)
    if first is None:
        return None
    file = tempfile.SpooledTemporaryFile(_IN_MEMORY)  # noqa: SIM115 - handed to the caller
    with ZstdCompressor(level=_LEVEL).stream_writer(cast("BinaryIO", file), closefd=False) as packed:
        packed.write(first)
        for line in rest:
            packed.write(line)
    file.seek(0)
    return cast("BinaryIO", file)
