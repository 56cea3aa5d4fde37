"""The layout of the store: the keys of objects. See docs/formats/store-layout.md.

Every key except those of manifests, runs and time stamps ends with the SHA-256 of the object's bytes: two writers of
the same key write the same bytes, and the key alone shows whether an object is wrong.
"""

from __future__ import annotations

from datetime import UTC, datetime
from urllib.parse import unquote

from archive.values.digest import Sha256
from archive.values.key_parts import OF_COLLECTIONS, escaped

WARCS, CDXJS, TEXTS, MANIFESTS, RUNS, REREADS, ITEMS = OF_COLLECTIONS
"""Objects of `RUNS` are the only ones that are replaced: their content is derived from the others."""
LEDGER = "ledger/v1/"
ROOTS = "root/v1/"
PURGED = "purged/v1/"
"""Manifests of segments that a purge replaced, as they were: their chain and the roots still name them."""
MONTHS = "months/v1/"
"""Captures of whole months, which can be made again (docs/formats/months.md). They belong to no single collection."""
EXPORTS = "export/v1/"
"""Exports that services make in parts (docs/formats/exports.md). They can be made again, and end after a time."""
STAMP = ".tsr"
"""The end of the key of a time stamp. The digest in that key is the one of the root that is stamped."""

_LONGEST_KEY = 1024
_LONGEST_NAME = 255
_PLAIN = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.=~+,@!()'")


def warc_key(collection: str, at: datetime, sha256: Sha256) -> str:
    """Return the key of a complete WARC file; `at` is the time of its first record."""
    return f"{WARCS}{_dated(collection, at)}-{sha256}.warc.gz"


def cdxj_key(collection: str, at: datetime, sha256: Sha256) -> str:
    return f"{CDXJS}{_dated(collection, at)}-{sha256}.cdxj.gz"


def plain_cdxj_key(collection: str, at: datetime, sha256: Sha256) -> str:
    """Return the key of an uncompressed index, as earlier versions of Pressmark uploaded it."""
    return cdxj_key(collection, at, sha256).removesuffix(".gz")


def text_key(collection: str, at: datetime, sha256: Sha256) -> str:
    return f"{TEXTS}{_dated(collection, at)}-{sha256}.jsonl.zst"


def run_key(collection: str, run: str) -> str:
    """Return the key of the texts of a run."""
    return f"{RUNS}{escaped(collection)}/{escaped(run)}.jsonl.zst"


def items_key(collection: str, run: str, sha256: Sha256) -> str:
    """Return the key of the items that a user's spider yielded in a run."""
    return f"{items_prefix(collection, run)}{sha256}.jsonl.zst"


def items_prefix(collection: str, run: str) -> str:
    """Return the beginning of the key of the items of a run."""
    return f"{ITEMS}{escaped(collection)}/{escaped(run)}-"


def run_of_items(key: str) -> str:
    """Return the run in a key of items."""
    return _unescaped(key.rpartition("/")[2].rpartition("-")[0])


def collection_of_items_key(key: str) -> str:
    """Return the collection in a key of items."""
    return _unescaped(key.removeprefix(ITEMS).partition("/")[0])


def reread_key(collection: str, segment: str, version: int, at: datetime, sha256: Sha256) -> str:
    """Return the key of re-extracted texts of a segment; those of a later version, or time, sort after it."""
    when = f"{at.astimezone(UTC):%Y%m%dT%H%M%SZ}"
    return f"{REREADS}{escaped(collection)}/{escaped(segment)}/{version:06}-{when}-{sha256}.jsonl.zst"


def ledger_prefix(worker: str) -> str:
    """Return the beginning of the keys of the ledger that a worker writes."""
    return f"{LEDGER}{escaped(worker)}/"


def ledger_key(worker: str, level: int, first: int, last: int, sha256: Sha256) -> str:
    """Return the key of a part of the ledger. Keys of one level sort by number."""
    return f"{ledger_prefix(worker)}{level}-{first:010}-{last:010}-{sha256}.jsonl.zst"


def manifest_key(collection: str, worker: str, segment: str, at: datetime) -> str:
    """Return the key of a manifest. Keys of one chain (a collection and a worker) share a prefix, and sort by time."""
    return f"{chain_prefix(collection, worker)}{at.astimezone(UTC):%Y/%m/%d}/{escaped(segment)}.json"


def purged_key(manifest: str, sha256: Sha256) -> str:
    """Return the key of a manifest whose segment a purge replaced, by its former key and its hash."""
    return f"{PURGED}{manifest.removeprefix(MANIFESTS).removesuffix('.json')}-{sha256}.json"


def export_prefix(export: str) -> str:
    """Return the beginning of the keys of an export in parts."""
    return f"{EXPORTS}{escaped(export)}/"


def time_of_key(key: str) -> datetime:
    """Return the time in the key of a WARC or a sidecar. Raises ValueError for any other key."""
    return datetime.strptime(key.rpartition("/")[2][:16], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)


def chain_prefix(collection: str, worker: str) -> str:
    return f"{MANIFESTS}{escaped(collection)}/{escaped(worker)}/"


def sha256_of_key(key: str) -> Sha256 | None:
    """Return the digest in a content-addressed key; None for any other key."""
    return None if is_undigested_stamp(key) else _digest_in(key)


def stamp_key(root: str, sha256: Sha256) -> str:
    """Return the key of a time stamp with this SHA-256 of the root under a key."""
    return f"{root.removesuffix('.json')}-{sha256}{STAMP}"


def root_of_stamp(key: str) -> str | None:
    """Return the key of the root whose time stamp is under a key; None for any other key."""
    if not (key.startswith(ROOTS) and key.endswith(STAMP)):
        return None
    return "-".join(key.removesuffix(STAMP).split("-")[:2]) + ".json"


def is_undigested_stamp(key: str) -> bool:
    """Return whether a key is that of a time stamp without its digest, as former versions put it."""
    return root_of_stamp(key) is not None and key.count("-") == 1


def is_stamp_of_key(content: bytes, key: str) -> bool:
    """Return whether a time stamp names the root in its undigested key.

    Its `messageImprint` has the digest of the root (RFC 3161, 2.4.2).
    """
    root = _digest_in(key)
    return root is not None and bytes.fromhex(root) in content


def _digest_in(key: str) -> Sha256 | None:
    stem = key.rpartition("/")[2].partition(".")[0]
    digest = stem.rpartition("-")[2]
    return Sha256(digest) if len(digest) == 64 and set(digest) <= set("0123456789abcdef") else None


def collection_of_key(key: str) -> str:
    """Return the collection of a key. Raises ValueError for a key in no known layout."""
    kind, version, collection, _ = key.split("/", 3)
    if f"{kind}/{version}/" not in (WARCS, CDXJS, TEXTS, MANIFESTS):
        raise ValueError(f"{key} is not an archive key")
    return _unescaped(collection)


def _unescaped(part: str) -> str:
    return unquote(part.replace("=", "%"), errors="strict")


def check_key(key: str) -> str:
    """Return the key if every store can hold it. Raises ValueError with the reason."""
    if len(key) > _LONGEST_KEY:
        raise ValueError(f"a key of {len(key)} characters, more than {_LONGEST_KEY}: {key[:80]}…")
    for part in key.split("/"):
        if not part or part.startswith("."):
            raise ValueError(f"the key {key!r} has an empty part, or one that begins with a dot")
        if len(part) > _LONGEST_NAME:
            raise ValueError(f"a part of {len(part)} characters, more than {_LONGEST_NAME}, in the key {key[:80]!r}…")
        if not _PLAIN.issuperset(part):
            raise ValueError(f"the key {key!r} has characters that not every store can hold")
    return key


def is_key(name: str) -> bool:
    """Return whether a name is a key. Other names are foreign files, or files that are being written."""
    try:
        check_key(name)
    except ValueError:
        return False
    return True


def _dated(collection: str, at: datetime) -> str:
    at = at.astimezone(UTC)
    return f"{escaped(collection)}/{at:%Y/%m/%d}/{at:%Y%m%dT%H%M%SZ}"
