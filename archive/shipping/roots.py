"""The daily root of the manifests, and its time stamp. See docs/formats/root.md.

A root names each manifest that no earlier root names, with its SHA-256, the end of each ledger, and the root before it.
So one time stamp confirms that everything was there at that time.
"""

from __future__ import annotations

import io
import json
import logging
import re
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from archive.shipping.ledger_parts import head_of, parts_of
from archive.store import ObjectStore
from archive.store.confirm import confirm
from archive.store.object_reader import octets_of
from archive.values.digest import Sha256, sha256
from archive.values.errors import Finding, IntegrityError, ObjectNotFound
from archive.warc.exchange_records import software
from archive.warc.keys import MANIFESTS, ROOTS, purged_key, root_of_stamp, stamp_key
from archive.warc.ledger import current
from archive.warc.manifest import Manifest

if TYPE_CHECKING:
    from archive.warc.integrity.timestamps import Authority

log = logging.getLogger(__name__)

FORMAT = "pressmark-root-1"
_KEY = re.compile(rf"{ROOTS}\d{{4}}/\d\d/\d\d/(\d{{8}}T\d{{6}}Z)-([0-9a-f]{{64}})\.json")


@dataclass(frozen=True, slots=True)
class Root:
    at: datetime
    previous: Sha256 | None
    """The SHA-256 of the root before it."""
    manifests: tuple[tuple[str, Sha256], ...]
    """Key and SHA-256 of each manifest that no earlier root names."""
    ledgers: tuple[tuple[str, int, Sha256], ...]
    """Worker, number and SHA-256 of the last part of each ledger."""
    software: str

    def to_bytes(self) -> bytes:
        fields = {"format": FORMAT, **asdict(self), "at": self.at.astimezone(UTC).isoformat(timespec="seconds")}
        return json.dumps(fields, sort_keys=True, separators=(",", ":")).encode()

    @property
    def key(self) -> str:
        at = self.at.astimezone(UTC)
        return f"{ROOTS}{at:%Y/%m/%d}/{at:%Y%m%dT%H%M%SZ}-{sha256(self.to_bytes())}.json"

    @staticmethod
    def parse(content: bytes, key: str) -> Root:
        """Parse the root under a key. Raises IntegrityError if it is damaged, or of another format."""
        found = _KEY.fullmatch(key)
        if found is None or sha256(content) != found[2]:
            raise IntegrityError(f"{key} is damaged: its SHA-256 is {sha256(content)}")
        try:
            fields = json.loads(content)
            if (form := fields.pop("format")) != FORMAT:
                raise IntegrityError(f"{key} has the format {form!r}; this version reads {FORMAT}")
            manifests = tuple((name, Sha256(digest)) for name, digest in fields["manifests"])
            ledgers = tuple((worker, number, Sha256(digest)) for worker, number, digest in fields["ledgers"])
            at = datetime.fromisoformat(fields["at"])
            return Root(at, fields["previous"], manifests, ledgers, fields["software"])
        except (ValueError, KeyError, TypeError) as error:
            raise IntegrityError(f"{key} is damaged: {type(error).__name__}: {error}") from error


def root_keys(store: ObjectStore) -> list[str]:
    """Return the keys of all roots, oldest first. Raises StoreError."""
    return [key for key in store.keys(ROOTS) if _KEY.fullmatch(key)]


def put_root(store: ObjectStore, now: datetime) -> str | None:
    """Put the root of a day that has none yet, and return its key; None if nothing is new. Raises StoreError.

    What a damaged root names is named again: its damage must not end the chain. A root of a later day, from a clock
    that was ahead, does not end it either: the next one follows it. If that day is today and no later root is there,
    today has no other: what is new is named tomorrow.
    """
    keys, today = root_keys(store), f"{now.astimezone(UTC):%Y%m%d}"
    if keys and _day(keys[-1]) == today:  # so that no root is read in each look at a day that has one
        return None
    roots = {key: root for key in keys if (root := _readable(store, key))}
    end = _end(keys, roots.values(), today)
    if end and _day(end) == today:
        return None
    last = roots.get(end) if end else None
    named = {key for root in roots.values() for key, _ in root.manifests}
    manifests = tuple(_intact(store, (key for key in store.keys(MANIFESTS) if key not in named)))
    ledgers = tuple(_ends(store))
    if not manifests and (not ledgers or (last and last.ledgers == ledgers)):
        return None
    previous = _digest(end) if end else None
    root = Root(now.astimezone(UTC).replace(microsecond=0), previous, manifests, ledgers, software())
    _put(store, root.key, root.to_bytes(), replace=True)
    return root.key


def _end(keys: Iterable[str], roots: Iterable[Root], today: str) -> str | None:
    """Return the key of the root that no other follows; of several, because one is damaged, the newest until today."""
    followed = {root.previous for root in roots}
    ends = [key for key in keys if _digest(key) not in followed]
    return max(ends, key=lambda key: (_day(key) <= today, key), default=None)


def _day(key: str) -> str:
    """Return the day of the root under a key, such as 20261128."""
    return key.rpartition("/")[2][:8]


def _digest(key: str) -> Sha256:
    return Sha256(key.removesuffix(".json")[-64:])


def _readable(store: ObjectStore, key: str) -> Root | None:
    try:
        return Root.parse(octets_of(store, key), key)
    except (IntegrityError, ObjectNotFound) as error:
        log.warning("a root can't be read", extra={"object": key, "reason": str(error)})
        return None


def _intact(store: ObjectStore, keys: Iterable[str]) -> Iterator[tuple[str, Sha256]]:
    """Yield the key and the digest of each intact manifest. A damaged one waits for its repair and a later root."""
    for key in keys:
        try:
            content = octets_of(store, key)
            Manifest.parse(content, key)
        except (IntegrityError, ObjectNotFound) as error:
            log.warning("a damaged manifest is in no root yet", extra={"object": key, "reason": str(error)})
            continue
        yield key, sha256(content)


def put_stamp(store: ObjectStore, root: str, stamp: bytes) -> None:
    """Put the time stamp of a root, which was checked. One that is there stays: it confirms an earlier time.

    Raises StoreError, IntegrityError.
    """
    if not stamps_of(store, root):
        _put(store, stamp_key(root, sha256(stamp)), stamp, replace=False)


def stamps_of(store: ObjectStore, root: str) -> list[str]:
    """Return the keys of the time stamps of the root under a key: one, or more if several workers requested it.

    Raises StoreError.
    """
    return [key for key in store.keys(root.removesuffix(".json")) if root_of_stamp(key) == root]


def unstamped(store: ObjectStore) -> list[str]:
    """Return the keys of the roots without a time stamp. Raises StoreError."""
    stamped = {root_of_stamp(key) for key in store.keys(ROOTS)}
    return [key for key in root_keys(store) if key not in stamped]


def broken_roots(store: ObjectStore, certificates: Authority = ()) -> Iterator[tuple[str, list[Finding]]]:
    """Yield each root with what is wrong: with itself, its manifests, its place in the chain, and its time stamp.

    Raises StoreError.
    """
    keys = root_keys(store)
    there, followed = {_digest(key) for key in keys}, dict[Sha256 | None, str]()
    for key in keys:
        try:
            content = octets_of(store, key)
            root = Root.parse(content, key)
        except (IntegrityError, ObjectNotFound) as error:
            yield key, [Finding(key, None, "root", str(error))]
            continue
        found = list[Finding]()
        if root.previous is not None and root.previous not in there:
            found.append(
                Finding(key, None, "chain", f"the root before it, with the SHA-256 {root.previous}, is missing")
            )
        if (other := followed.setdefault(root.previous, key)) != key:
            found.append(Finding(key, None, "chain", f"{other} names the same root before it"))
        found += _changed(store, key, root)
        found += _stamp(store, key, content, certificates)
        yield key, found


def _changed(store: ObjectStore, key: str, root: Root) -> Iterator[Finding]:
    for manifest, digest in root.manifests:
        try:
            found = sha256(_manifest(store, manifest, digest))
        except (IntegrityError, ObjectNotFound) as error:
            yield Finding(key, None, "missing", f"a manifest that it names can't be read: {error}")
            continue
        if found != digest:
            yield Finding(key, None, "root", f"{manifest} has the SHA-256 {found}, not {digest}: it was replaced")


def _manifest(store: ObjectStore, key: str, digest: Sha256) -> bytes:
    """Return a manifest; one that a purge replaced is under another key."""
    try:
        return octets_of(store, key)
    except ObjectNotFound:
        return octets_of(store, purged_key(key, digest))


def _stamp(store: ObjectStore, key: str, content: bytes, certificates: Authority) -> Iterator[Finding]:
    from archive.warc.integrity.timestamps import time_of

    stamps = stamps_of(store, key)
    if not stamps:
        yield Finding(key, None, "unstamped", "this root has no time stamp; the service requests it again")
    for stamp in stamps:
        try:
            time_of(octets_of(store, stamp), content, certificates)
        except (IntegrityError, ObjectNotFound) as error:
            yield Finding(stamp, None, "stamp", str(error))


def _ends(store: ObjectStore) -> Iterator[tuple[str, int, Sha256]]:
    last = {part.worker: part for part in current(parts_of(store))}
    for worker, part in sorted(last.items()):
        try:
            yield worker, part.last, head_of(store, part).end or part.sha256
        except (IntegrityError, ObjectNotFound) as error:
            log.warning(
                "a damaged part of the ledger is in no root yet", extra={"object": part.key, "reason": str(error)}
            )


def _put(store: ObjectStore, key: str, content: bytes, *, replace: bool) -> None:
    stored = store.put(key, io.BytesIO(content), sha256(content), replace=replace)
    confirm(store, key, stored, "get")
