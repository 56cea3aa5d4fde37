"""The layout of the store: which key an object has. See docs/formats/store-layout.md.

Every key but those of manifests and of runs ends in the SHA-256 of the object's own bytes: two writers of the
same key write the same bytes, and a wrong object is told from its key alone.
"""

from __future__ import annotations

from datetime import UTC, datetime
from urllib.parse import quote, unquote

from archive.values.digest import Sha256

WARCS = "warc/v1/"
CDXJS = "cdxj/v1/"
TEXTS = "text/v1/"
MANIFESTS = "manifest/v1/"
RUNS = "run/v1/"
"""The one kind of objects that are made anew, and replaced: what they say can be read from the others."""
REREADS = "reread/v1/"
ITEMS = "item/v1/"

_LONGEST_KEY = 1024
_LONGEST_NAME = 255
_PLAIN = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.=~+,@!()'")


def warc_key(collection: str, at: datetime, sha256: Sha256) -> str:
    """The key of a whole WARC file: `at` is when its first record was made."""
    return f"{WARCS}{_dated(collection, at)}-{sha256}.warc.gz"


def cdxj_key(collection: str, at: datetime, sha256: Sha256) -> str:
    return f"{CDXJS}{_dated(collection, at)}-{sha256}.cdxj"


def text_key(collection: str, at: datetime, sha256: Sha256) -> str:
    return f"{TEXTS}{_dated(collection, at)}-{sha256}.jsonl.zst"


def run_key(collection: str, run: str) -> str:
    """The key of the texts of a run."""
    return f"{RUNS}{escaped(collection)}/{escaped(run)}.jsonl.zst"


def items_key(collection: str, run: str, sha256: Sha256) -> str:
    """The key of the items that a user's spider gave in a run."""
    return f"{items_prefix(collection, run)}{sha256}.jsonl.zst"


def items_prefix(collection: str, run: str) -> str:
    """What the key of the items of a run begins with."""
    return f"{ITEMS}{escaped(collection)}/{escaped(run)}-"


def run_of_items(key: str) -> str:
    """The run that the key of items names."""
    return _unescaped(key.rpartition("/")[2].rpartition("-")[0])


def collection_of_items_key(key: str) -> str:
    """The collection that the key of items names."""
    return _unescaped(key.removeprefix(ITEMS).partition("/")[0])


def reread_key(collection: str, segment: str, version: int, at: datetime, sha256: Sha256) -> str:
    """The key of the texts of a segment that were read again: those of a later version, or time, sort behind."""
    when = f"{at.astimezone(UTC):%Y%m%dT%H%M%SZ}"
    return f"{REREADS}{escaped(collection)}/{escaped(segment)}/{version:06}-{when}-{sha256}.jsonl.zst"


def manifest_key(collection: str, worker: str, segment: str, at: datetime) -> str:
    """The key of a manifest. Those of one chain (a collection and a worker) share a prefix, and sort by time."""
    return f"{chain_prefix(collection, worker)}{at.astimezone(UTC):%Y/%m/%d}/{escaped(segment)}.json"


def time_of_key(key: str) -> datetime:
    """The moment in the key of a WARC or a sidecar. Raises ValueError for any other key."""
    return datetime.strptime(key.rpartition("/")[2][:16], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)


def chain_prefix(collection: str, worker: str) -> str:
    return f"{MANIFESTS}{escaped(collection)}/{escaped(worker)}/"


def sha256_of_key(key: str) -> Sha256 | None:
    """The digest that a content-addressed key promises, or None for any other key."""
    stem = key.rpartition("/")[2].partition(".")[0]
    digest = stem.rpartition("-")[2]
    return Sha256(digest) if len(digest) == 64 and set(digest) <= set("0123456789abcdef") else None


def collection_of_key(key: str) -> str:
    """The collection that a key of ours belongs to. Raises ValueError for any other key."""
    kind, version, collection, _ = key.split("/", 3)
    if f"{kind}/{version}/" not in (WARCS, CDXJS, TEXTS, MANIFESTS):
        raise ValueError(f"{key} is not an archive key")
    return _unescaped(collection)


def escaped(name: str) -> str:
    """A name as one part of a key: ASCII letters, digits and ``-_.~`` stay, any other byte of its UTF-8 is ``=XX``."""
    part = quote(name, safe="").replace("%", "=")
    return "=2E" + part[1:] if part.startswith(".") else part


def _unescaped(part: str) -> str:
    return unquote(part.replace("=", "%"), errors="strict")


def check_key(key: str) -> str:
    """Give the key back if every store can hold it. Raises ValueError with the reason."""
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
    """Whether that is a key. A name that is none is not ours: a file of someone else, or one that is being written."""
    try:
        check_key(name)
    except ValueError:
        return False
    return True


def _dated(collection: str, at: datetime) -> str:
    at = at.astimezone(UTC)
    return f"{escaped(collection)}/{at:%Y/%m/%d}/{at:%Y%m%dT%H%M%SZ}"
