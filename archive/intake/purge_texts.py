"""The texts of a segment that a purge rewrites."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from archive.shipping.sidecars import rows_in, write_texts
from archive.store.object_reader import copied, opened
from archive.texts.text_replacement import texts_of_segment
from archive.values.digest import sha256_file
from archive.values.errors import IntegrityError
from archive.values.key_parts import escaped
from archive.warc.keys import REREADS, sha256_of_key

if TYPE_CHECKING:
    from archive.index.index import Index
    from archive.store import ObjectStore
    from archive.texts.texts import TextRow
    from archive.warc.manifest import Manifest


def texts_without(  # noqa: PLR0917 - where the texts are, which are left, and where they go
    index: Index, store: ObjectStore, former: Manifest, name: str, records: Collection[str], path: Path
) -> Path | None:
    """Write the sidecar of the texts that are left, for the segment `name`: newer ones of the index, and those of the
    store. Return its path, or None without texts. Raises IntegrityError, ObjectNotFound, StoreError.
    """
    with path.open("wb") as sidecar:
        count = write_texts(_left(index, store, former, name, records), sidecar, path.parent)
    return path if count else None


def _left(index: Index, store: ObjectStore, former: Manifest, name: str, records: Collection[str]) -> Iterator[TextRow]:
    seen = set(records)
    for row in texts_of_segment(index.database, former.segment, records):
        seen.add(row.record_id)
        yield replace(row, segment=name)
    *_, last = None, *store.keys(f"{REREADS}{escaped(former.collection)}/{escaped(former.segment)}/")
    if last is not None:
        key, digest = last, sha256_of_key(last)
    elif former.text is not None:
        key, digest = former.text.key, former.text.sha256
    else:
        return
    with copied(opened(store, key)) as file:
        if sha256_file(file) != digest:
            raise IntegrityError(f"{key} is damaged: repair it before a purge")
        file.seek(0)
        yield from (replace(row, segment=name) for row in rows_in(file) if row.record_id not in seen)
