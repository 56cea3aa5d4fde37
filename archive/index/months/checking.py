"""Check a month in the store: every byte of its files, every line, and that the store has its segments."""

from __future__ import annotations

import hashlib
import zlib
from collections import Counter
from collections.abc import Collection, Iterator
from contextlib import closing

from archive.database.schema import microseconds
from archive.index.months.lines import row_of_line
from archive.index.months.month import Month, MonthObject, MonthSegment
from archive.index.months.stored import read_month
from archive.store import ObjectStore
from archive.store.object_reader import octets_of, opened
from archive.values.errors import DamagedRecord, Finding, IntegrityError, ObjectNotFound
from archive.warc import cdxj
from archive.warc.manifest import Manifest

WAY_OUT = (
    "restore it from a copy, or run pressmark months detach (and pressmark rebuild where the database has no rows of "
    "it) and pressmark months delete; until then, a purge deletes nothing that this month may name"
)
"""Of a month whose manifest can't be read."""
_PIECE = 1 << 20
_GZIP = 31


def flaws(store: ObjectStore, key: str, there: Collection[str]) -> Iterator[Finding]:
    """Yield what is wrong with the month whose manifest is under a key. `there` are all manifests of segments that the
    store has. Raises StoreUnreachable, StoreDenied.
    """
    try:
        month = read_month(store, key)
    except ObjectNotFound:
        yield Finding(key, None, "missing", f"the manifest of this month is missing in the store; {WAY_OUT}")
        return
    except IntegrityError as error:
        yield Finding(key, None, "damaged", f"{error}; {WAY_OUT}")
        return
    found = [finding for one in month.objects for finding in _of_object(store, one)]
    yield from found
    places = dict[str, set[int]]()
    if not found:
        yield from _of_lines(store, month, places)
    for name, segment in month.segments.items():
        if segment.manifest_key not in there:
            yield Finding(key, None, "missing", f"the store lacks the manifest of the segment {name}, or it was purged")
        elif places:
            yield from _of_segment(store, month, key, segment, places.get(name, set()))


def _of_object(store: ObjectStore, one: MonthObject) -> Iterator[Finding]:
    whole = hashlib.sha256()
    try:
        with closing(opened(store, one.key)) as file:
            while piece := file.read(_PIECE):
                whole.update(piece)
    except ObjectNotFound:
        yield Finding(one.key, None, "missing", "this file of a month is missing in the store")
        return
    except IntegrityError as error:
        yield Finding(one.key, None, "damaged", str(error))
        return
    if whole.hexdigest() != one.sha256:
        yield Finding(one.key, None, "object-digest", f"the object's SHA-256 is {whole.hexdigest()}, not {one.sha256}")


def _of_segment(
    store: ObjectStore, month: Month, key: str, segment: MonthSegment, places: Collection[int]
) -> Iterator[Finding]:
    """Compare the lines of a segment with its own index in the store: the month must have all captures of its time."""
    try:
        manifest = Manifest.parse(octets_of(store, segment.manifest_key), segment.manifest_key)
        captures = list(cdxj.read(octets_of(store, manifest.cdxj.key)))
    except (IntegrityError, DamagedRecord, ObjectNotFound) as error:
        yield Finding(key, None, "captures", f"the captures of a segment can't be compared: {error}")
        return
    first, past = month.span
    wanted = {one.location.offset for one in captures if one.kind != "failed" and first <= microseconds(one.at) < past}
    listed = sum(one.kind != "failed" for one in captures)
    if lacking := len(wanted.difference(places)):
        yield Finding(key, None, "captures", f"it lacks {lacking} captures of {manifest.cdxj.key}")
    if segment.total < max(listed, manifest.captures):
        why = f"it says that {manifest.cdxj.key} has {segment.total} captures, not {max(listed, manifest.captures)}"
        yield Finding(key, None, "captures", why)


def _of_lines(store: ObjectStore, month: Month, places: dict[str, set[int]]) -> Iterator[Finding]:
    """Compare the lines with the manifest and with the index of the blocks; note the offsets of each segment."""
    try:
        counted = _counted(store, month, places)
    except (ValueError, DamagedRecord, zlib.error) as error:
        yield Finding(month.lines.key, None, "line", str(error))
        return
    expected = {name: one.captures for name, one in month.segments.items()}
    if counted != expected or sum(counted.values()) != month.captures:
        yield Finding(month.lines.key, None, "captures", f"it has {sum(counted.values())} lines, not {month.captures}")


def _counted(store: ObjectStore, month: Month, places: dict[str, set[int]]) -> Counter[str]:
    """Count the lines of each segment. Raises ValueError, DamagedRecord, zlib.error for what is wrong with one."""
    counted, before, end = Counter[str](), b"", 0
    first, past = month.span
    with closing(opened(store, month.lines.key)) as file:
        for entry in octets_of(store, month.blocks.key).splitlines():
            key, _, offset, length, _ = entry.split(b"\t")
            if int(offset) != end:
                raise ValueError(f"the block of {key.decode()} is not at byte {end}")
            end += int(length)
            for line in zlib.decompress(file.read(int(length)), _GZIP).splitlines():
                row = row_of_line(line)
                if line < before or not first <= row.at < past or (key and not line.startswith(key + b" ")):
                    raise ValueError(f"a line is not in its place: {line[:120]!r}")
                counted[row.segment] += 1
                places.setdefault(row.segment, set()).add(row.offset)
                before, key = line, b""
    return counted
