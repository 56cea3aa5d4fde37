"""The objects of an export in parts, as they are in the store: the plan, the files, the manifest.

All keys but that of the manifest end with the digest of their object: a process that lost its job overwrites nothing.
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, BinaryIO
from urllib.parse import unquote

import zstandard

from archive.database.closed_collections import TakenDown
from archive.export.parts.part_plan import ASKED, KEY, LINE, Row
from archive.store import ObjectStore
from archive.store.object_reader import octets_of
from archive.values.digest import Sha256, sha256, sha256_file
from archive.values.errors import DamagedRecord, IntegrityError, ObjectNotFound
from archive.warc import cdxj
from archive.warc.keys import EXPORTS, export_prefix, sha256_of_key

_PLAN = ".plan.jsonl.zst"
_MANIFEST = "manifest.json"


class ExportMissing(Exception):
    """The store has no such export, or not the whole of it."""

    def __init__(self, id_: str) -> None:
        super().__init__(
            f"the store has no complete export {id_}: it is not over, or it was cancelled, deleted or is too old"
        )


@dataclass(frozen=True, slots=True)
class Part:
    """A file of an export. All files one after the other are the export."""

    key: str
    octets: int
    sha256: Sha256
    captures: int
    """Selected captures and originals of revisits that it was made of, without those that were left out."""


@dataclass(frozen=True, slots=True)
class ExportManifest:
    """What an export in parts has."""

    id: str
    form: str
    options: Mapping[str, Any]
    """As it was requested."""
    name: str
    """Name of the whole file, without its suffix."""
    suffix: str
    """The ending of the name of each part."""
    created: str
    software: str
    selection: str
    captures: int
    originals: int
    missing: int
    hidden: int
    """Captures that take-downs hid when the export was planned."""
    parts: tuple[Part, ...]
    left_out: tuple[Mapping[str, Any], ...]
    """Captures whose records could not be read: see `archive.values.errors.Finding`."""

    @property
    def octets(self) -> int:
        return sum(part.octets for part in self.parts)

    def to_bytes(self) -> bytes:
        return json.dumps({"version": 1, **asdict(self)}, ensure_ascii=False, indent=1, sort_keys=True).encode() + b"\n"

    @classmethod
    def parse(cls, content: bytes) -> ExportManifest:
        """Raise KeyError, TypeError, ValueError for anything but a manifest of this version."""
        facts = json.loads(content)
        if facts.pop("version") != 1:
            raise ValueError("it is of another version")
        parts = tuple(Part(**part) for part in facts.pop("parts"))
        return cls(**{**facts, "parts": parts, "left_out": tuple(facts["left_out"])})


class StoredExport:
    """The objects of one export."""

    def __init__(self, store: ObjectStore, id_: str) -> None:
        self._store, self.id = store, id_
        self._prefix = export_prefix(id_)

    def put(self, number: int, file: BinaryIO, suffix: str) -> tuple[str, Sha256]:
        """Store the file of a part; return its key and its digest."""
        file.seek(0)
        digest = sha256_file(file)
        file.seek(0)
        key = f"{self._prefix}{number:06}-{digest}.part{suffix}"
        self._store.put(key, file, digest)
        return key, digest

    def put_facts(self, facts: Mapping[str, str], taken: TakenDown) -> str:
        """Store what all parts of a plan share, with what was taken down; return its key."""
        hidden = {"ranges": sorted(taken.ranges), "records": sorted(taken.records), "pages": sorted(taken.pages)}
        content = json.dumps({"facts": facts, "hidden": hidden}, sort_keys=True).encode()
        return self._put_bytes("facts", content, ".json")

    def put_plan(self, number: int, facts: str, rows: Sequence[Row]) -> str:
        """Store the plan of a part, with the key of its facts; return its key, in the order of the parts."""
        lines = (json.dumps(one, separators=(",", ":")) for one in ([number, facts], *rows))
        packed = zstandard.ZstdCompressor().compress("".join(f"{line}\n" for line in lines).encode())
        return self._put_bytes(f"{number:06}", packed, _PLAN)

    def _put_bytes(self, name: str, content: bytes, suffix: str) -> str:
        digest = sha256(content)
        key = f"{self._prefix}{name}-{digest}{suffix}"
        self._store.put(key, io.BytesIO(content), digest)
        return key

    def plan(self, key: str) -> tuple[int, str, list[Row]]:
        """Return the number of a part, the key of its facts, and its rows. Raises ObjectNotFound, IntegrityError."""
        [number, facts], *rows = map(json.loads, _lines(self._intact(key)))
        return number, facts, rows

    def facts(self, key: str) -> tuple[dict[str, str], TakenDown]:
        """Return what all parts share. Raises ObjectNotFound, IntegrityError."""
        found = json.loads(self._intact(key))
        hidden = found["hidden"]
        ranges = frozenset((first, past) for first, past in hidden["ranges"])
        return found["facts"], TakenDown(ranges, frozenset(hidden["records"]), frozenset(hidden["pages"]))

    def planned(self) -> Iterator[tuple[str, list[Row]]]:
        """Yield the key of the facts and the rows of each part that is planned, also of a plan that was made twice."""
        for key in list(self._store.keys(self._prefix)):
            if key.endswith(_PLAN):
                _, facts, rows = self.plan(key)
                yield facts, rows

    def put_manifest(self, manifest: ExportManifest) -> str:
        """Store the manifest, which makes the export complete; return its key."""
        content, key = manifest.to_bytes(), self._prefix + _MANIFEST
        self._store.put(key, io.BytesIO(content), sha256(content))
        return key

    def manifest(self) -> ExportManifest:
        """Return the manifest. Raises ExportMissing, IntegrityError."""
        key = self._prefix + _MANIFEST
        try:
            return ExportManifest.parse(octets_of(self._store, key))
        except ObjectNotFound:
            raise ExportMissing(self.id) from None
        except (KeyError, TypeError, ValueError) as error:
            why = f"{key} is not the manifest of an export of this version ({type(error).__name__}: {error})"
            raise IntegrityError(f"{why}; delete the export {self.id}, and request it again") from error

    def is_complete(self) -> bool:
        """Return whether the store has the manifest."""
        return self._store.size(self._prefix + _MANIFEST) is not None

    def opened(self, part: Part, offset: int = 0) -> BinaryIO:
        """Open the file of a part. The caller closes it. Raises ExportMissing."""
        try:
            return self._store.get(part.key, offset)
        except ObjectNotFound:
            raise ExportMissing(self.id) from None

    def delete(self) -> int:
        """Delete all objects, the manifest first; return how many."""
        keys = sorted(self._store.keys(self._prefix), reverse=True)  # "manifest" sorts after digits and "facts"
        for key in keys:
            self._store.delete(key)
        return len(keys)

    def _intact(self, key: str) -> bytes:
        content = octets_of(self._store, key)
        if sha256(content) != sha256_of_key(key):
            raise IntegrityError(f"{key} is damaged; delete the export {self.id}, and request it again")
        return content


def exports_in(store: ObjectStore) -> list[str]:
    """Return the ids of the exports of which the store has objects."""
    return sorted({unquote(key.split("/")[2].replace("=", "%")) for key in store.keys(EXPORTS)})


def has_records(stored: StoredExport, records: frozenset[str]) -> bool:
    """Return whether an export has some of these records, or nobody can tell."""
    try:
        return any(cdxj.parse(row[LINE]).record_id in records for _, rows in stored.planned() for row in rows)
    except (DamagedRecord, IntegrityError, ObjectNotFound, ValueError):
        return True


def taken_down_since(stored: StoredExport, now: TakenDown) -> int:
    """Return how many selected captures of an export are taken down now, and were not when it was planned.

    Raises ObjectNotFound, IntegrityError.
    """
    known, count = dict[str, TakenDown](), 0
    if not now:
        return 0
    for key, rows in stored.planned():
        if key not in known:
            _, then = stored.facts(key)
            records = now.records - then.records
            known[key] = TakenDown(now.ranges - then.ranges, records, now.pages if records else frozenset())
        if added := known[key]:
            count += sum(_is_hidden(row, added) for row in rows if row[ASKED])
    return count


def _is_hidden(row: Row, added: TakenDown) -> bool:
    capture = cdxj.parse(row[LINE])
    referred = capture.refers_to.record_id if capture.refers_to else None
    return added.hides(row[KEY], capture.record_id, referred)


def _lines(packed: bytes) -> list[bytes]:
    return zstandard.ZstdDecompressor().decompress(packed).split(b"\n")[:-1]
