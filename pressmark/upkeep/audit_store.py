"""Verify the objects of the store by their manifests."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from itertools import chain

from archive.shipping.purge_chains import purged_manifests
from archive.shipping.purged import undeleted
from archive.shipping.unnamed_objects import Expected, gone, unnamed
from archive.store import ObjectStore
from archive.store.object_reader import copied, octets_of, opened
from archive.values.digest import Sha256, sha256_file
from archive.values.errors import Finding, IntegrityError, ObjectNotFound
from archive.warc.integrity.lineage import broken_links, not_under
from archive.warc.integrity.trust import Trust
from archive.warc.integrity.verify import cdxj_lines, verify_file
from archive.warc.keys import MANIFESTS, REREADS, sha256_of_key
from archive.warc.manifest import Manifest


@dataclass(frozen=True, slots=True)
class CheckedObject:
    """One file or object, and its findings."""

    name: str
    findings: tuple[Finding, ...]


ReadManifests = Mapping[str, Manifest | Finding]
"""Manifests by their keys, or why they can't be read."""


def audit_store(
    store: ObjectStore,
    trust: Trust | None = None,
    known: Collection[str] = (),
    expected: Expected = lambda _manifest: (),
) -> Iterator[CheckedObject]:
    """Verify the store.

    It checks each object that a manifest names, completely, and the WARC with its index; extracted texts; the chain of
    the manifests; signatures. An object that no manifest names is checked by its key. `known` are the keys of manifests
    that the store must have: no other manifest names the last ones of a chain. `expected` says what belongs to an
    unreadable manifest.
    """
    read = dict[str, Manifest | Finding]()
    for key in held_manifests(store, known):
        read[key] = read_manifest(store, key)
        yield from audit_segment(store, key, read[key])
    yield from audit_rest(store, read, trust, known, expected)


def audit_segment(store: ObjectStore, key: str, manifest: Manifest | Finding) -> Iterator[CheckedObject]:
    """Verify a manifest, and each object that it names, completely."""
    if isinstance(manifest, Finding):
        yield CheckedObject(key, (manifest,))
        return
    if misplaced := tuple(not_under(key, manifest)):
        yield CheckedObject(key, misplaced)
    yield from _objects(store, manifest)


def audit_rest(
    store: ObjectStore,
    read: ReadManifests,
    trust: Trust | None = None,
    known: Collection[str] = (),
    expected: Expected = lambda _manifest: (),
) -> Iterator[CheckedObject]:
    """Verify the objects that no manifest names, and all manifests together: their chain and their signatures.

    `read` are all manifests that the store has; the others as in `audit_store`.
    """
    manifests = [one for one in read.values() if not isinstance(one, Finding)]
    named = {entry.key for one in manifests for entry in one.objects}
    unreadable = [key for key, one in read.items() if isinstance(one, Finding) or any(not_under(key, one))]
    missing = sorted(set(known).difference(read))
    for key in missing:
        sentence = "this manifest is in the index but missing in the store"
        yield CheckedObject(key, (Finding(key, None, "missing", sentence),))
    yield from _unnamed(store, named, [key for lost in (*unreadable, *missing) for key in expected(lost)])
    for key, by in undeleted(store).items():
        sentence = f"this object was purged by {by}; it is still in the store, or came back; run pressmark purge"
        yield CheckedObject(key, (Finding(key, None, "purged", sentence),))
    for key in store.keys(REREADS):
        if digest := sha256_of_key(key):
            yield CheckedObject(key, tuple(intact(store, key, digest)))
    manifests += purged_manifests(store)
    if broken := tuple(broken_links(manifests)):
        yield CheckedObject("the chain of manifests", broken)
    if ill_signed := tuple((trust or Trust()).findings(manifests)):
        yield CheckedObject("the signatures of manifests", ill_signed)


def held_manifests(store: ObjectStore, known: Collection[str]) -> list[str]:
    """The keys of the manifests that the store has: lists of some stores lag behind, so known ones are requested."""
    listed = set(store.keys(MANIFESTS))
    return sorted(listed.union(key for key in known if key not in listed and store.size(key) is not None))


def _unnamed(store: ObjectStore, named: Collection[str], expected: Collection[str]) -> Iterator[CheckedObject]:
    """Find the objects that no readable manifest names, and the missing ones."""
    held = set[str]()
    for key, digest in unnamed(store, named):
        held.add(key)
        yield CheckedObject(key, tuple(intact(store, key, digest)))
    for key in gone(expected, chain(held, named)):
        sentence = "this object is missing in the store; the manifest of its segment can't be read"
        yield CheckedObject(key, (Finding(key, None, "missing", sentence),))


def read_manifest(store: ObjectStore, key: str) -> Manifest | Finding:
    try:
        return Manifest.parse(octets_of(store, key), key)
    except (IntegrityError, ObjectNotFound) as error:
        return Finding(key, None, "manifest", str(error))


def _objects(store: ObjectStore, manifest: Manifest) -> Iterator[CheckedObject]:
    """Check the objects, sidecars first: a changed index says nothing about its WARC."""
    sidecars = [entry for entry in manifest.objects if entry is not manifest.warc]
    wrong = {entry.key: tuple(intact(store, entry.key, entry.sha256)) for entry in sidecars}
    yield CheckedObject(manifest.warc.key, tuple(_warc(store, manifest, indexed=not wrong[manifest.cdxj.key])))
    yield from (CheckedObject(key, findings) for key, findings in wrong.items())


def intact(store: ObjectStore, key: str, digest: Sha256) -> Iterator[Finding]:
    """Check whether an object has the bytes that were put."""
    try:
        with closing(opened(store, key)) as file:
            found = sha256_file(file)
    except (IntegrityError, ObjectNotFound) as error:
        yield _not_had(key, error)
    else:
        if found != digest:
            yield Finding(key, None, "object-digest", f"the object's SHA-256 is {found}, not {digest}")


def _warc(store: ObjectStore, manifest: Manifest, *, indexed: bool) -> Iterator[Finding]:
    key, index = manifest.warc.key, manifest.cdxj.key
    try:
        lines = list(cdxj_lines(octets_of(store, index), index)) if indexed else None
        with copied(opened(store, key)) as copy:
            yield from verify_file(copy, key, sha256=manifest.warc.sha256, lines=lines)
    except (IntegrityError, ObjectNotFound) as error:
        yield _not_had(key, error)


def _not_had(key: str, error: Exception) -> Finding:
    return Finding(key, None, "missing" if isinstance(error, ObjectNotFound) else "unreadable", str(error))
