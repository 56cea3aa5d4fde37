"""Verify everything archived: the sealed files of the spool, and the store by its manifests."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Collection, Iterator, Sequence, Set
from contextlib import closing
from dataclasses import asdict, dataclass
from datetime import datetime
from itertools import chain
from pathlib import Path

from archive.database.engine import Database
from archive.database.marks import Marks
from archive.index.damage import examine
from archive.index.objects import FIRST, Copy, Objects
from archive.shipping.ledger_parts import parts_of
from archive.shipping.ledger_reading import broken_parts
from archive.shipping.roots import broken_roots
from archive.shipping.unnamed_objects import Expected, expected_of, gone, unnamed
from archive.store import ObjectStore
from archive.store.object_reader import octets_of, opened
from archive.texts.texts import Texts
from archive.values.counters import Figure
from archive.values.digest import Sha256, sha256_file
from archive.values.errors import Finding, IntegrityError, ObjectNotFound
from archive.warc.integrity.lineage import broken_links, not_under
from archive.warc.integrity.trust import Trust
from archive.warc.integrity.verify import WARC_SUFFIX, cdxj_lines, verify, verify_file
from archive.warc.keys import ITEMS, MANIFESTS, REREADS, escaped, sha256_of_key
from archive.warc.manifest import Manifest
from pressmark.service.index_state import compared
from pressmark.service.keys import authority_of
from pressmark.service.service import Service
from pressmark.upkeep.ledger_saving import ends_of

OK, WRONG = "ok", "wrong"
LAST_FULL, LAST_DAMAGE = "last-full", "last-damage"

_IN_MEMORY = 16 << 20
_NAMED = 1000


@dataclass(frozen=True, slots=True)
class CheckedObject:
    """One file or object, and its findings."""

    name: str
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class Damage:
    """Files and objects with findings."""

    count: int
    first: str
    names: tuple[str, ...] = ()
    """All of them, unless there are too many."""


def audit(service: Service) -> Iterator[CheckedObject]:
    """Verify all of the spool and the store, count it for metrics, and note when this was last done in full."""
    shipped = service.index.segments("committed", "releasing", "released")
    known = [segment.manifest_key for segment in shipped if segment.manifest_key]
    expected = expected_of(shipped, Texts(service.database))
    wrong = list[str]()
    for checked in chain(
        audit_spool(service.settings.home),
        audit_store(service.store, service.keys.trust, known=known, expected=expected),
        audit_items(service),
        audit_ledger(service),
        audit_roots(service),
        audit_index(service),
    ):
        service.figures.count(Figure.CHECKED, WRONG if checked.findings else OK)
        wrong += [checked.name] if checked.findings else []
        yield checked
    _mark(service, {Path(name).name if name.endswith(WARC_SUFFIX) else name for name in wrong})
    _note_copies(service, wrong)
    _note_damage(service.database, wrong)
    marks_of(service.database).set(LAST_FULL, service.now().isoformat())


def sizes(service: Service) -> dict[str, int]:
    """Return the bytes of each WARC that `audit` verifies, by the name that it uses: they take most of its time."""
    shipped = service.index.segments("committed", "releasing", "released")
    stored = {segment.object_key: segment.size or 0 for segment in shipped if segment.object_key}
    return stored | {str(path): path.stat().st_size for path in _sealed(service.settings.home)}


def _mark(service: Service, damaged: Set[str]) -> None:
    """Mark the captures that are out of reach, and unmark those that are back."""
    marked = service.index.damages.segments()
    for segment in service.index.segments():
        warcs = {Path(place).name for place in (segment.path, segment.object_key) if place}
        if segment.name in marked or not damaged.isdisjoint({*warcs, segment.manifest_key}):
            examine(service.index, service.store, segment.name)


def last_full(database: Database) -> datetime | None:
    """Return when everything was last verified, whatever was found; None when never."""
    at = marks_of(database).get(LAST_FULL)
    return datetime.fromisoformat(at) if at else None


def last_damage(database: Database) -> Damage | None:
    """Return what the last full audit found damaged or missing; None when nothing, or before the first."""
    told = marks_of(database).get(LAST_DAMAGE)
    found = json.loads(told) if told else None
    return Damage(found["count"], found["first"], tuple(found.get("names", ()))) if found else None


def forget_damage(database: Database, healed: Set[str]) -> None:
    """Take objects that are intact again from what the last full audit found."""
    damage = last_damage(database) if healed else None
    if damage is not None and not healed.isdisjoint(damage.names):
        _note_damage(database, [name for name in damage.names if name not in healed])


def _note_copies(service: Service, wrong: Sequence[str]) -> None:
    """Have the next audit of a share look first at what is wrong; what was wrong before and is not, is intact again."""
    objects, at, named = Objects(service.database), service.now(), set(wrong)
    again = (objects.of(key) for key, *_ in objects.wrong(FIRST) if key not in named)
    objects.record([Copy(row.id, FIRST, at, "ok") for row in again if row is not None])
    objects.suspect(wrong, FIRST, at, "pressmark verify --all found it damaged or missing")


def _note_damage(database: Database, wrong: Sequence[str]) -> None:
    names = tuple(wrong) if len(wrong) <= _NAMED else ()
    damage = Damage(len(wrong), wrong[0], names) if wrong else None
    marks_of(database).set(LAST_DAMAGE, json.dumps(asdict(damage) if damage else None))


def marks_of(database: Database) -> Marks:
    return Marks(database, "fixity:")


def audit_spool(home: Path) -> Iterator[CheckedObject]:
    """Verify the sealed files of all workers. Recovery checks open files."""
    for path in _sealed(home):
        try:
            yield CheckedObject(str(path), tuple(verify(path)))
        except FileNotFoundError:  # released meanwhile
            continue


def _sealed(home: Path) -> list[Path]:
    return sorted((home / "spool").glob(f"*/sealed/*{WARC_SUFFIX}"))


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
    manifests = []
    unreadable, named = [], set[str]()
    held = _held(store, known)
    missing = set(known).difference(held)
    for key in held:
        manifest = _manifest(store, key)
        if isinstance(manifest, Finding):
            unreadable.append(key)
            yield CheckedObject(key, (manifest,))
            continue
        manifests.append(manifest)
        named.update(entry.key for entry in manifest.objects)
        if misplaced := tuple(not_under(key, manifest)):
            unreadable.append(key)
            yield CheckedObject(key, misplaced)
        yield from _objects(store, manifest)
    for key in sorted(missing):
        sentence = "this manifest is in the index but missing in the store"
        yield CheckedObject(key, (Finding(key, None, "missing", sentence),))
    yield from _unnamed(store, named, [key for lost in (*unreadable, *sorted(missing)) for key in expected(lost)])
    for key in store.keys(REREADS):
        if digest := sha256_of_key(key):
            yield CheckedObject(key, tuple(_whole(store, key, digest)))
    if broken := tuple(broken_links(manifests)):
        yield CheckedObject("the chain of manifests", broken)
    if ill_signed := tuple((trust or Trust()).findings(manifests)):
        yield CheckedObject("the signatures of manifests", ill_signed)


def _held(store: ObjectStore, known: Collection[str]) -> list[str]:
    """The keys of the manifests that the store has: lists of some stores lag behind, so known ones are requested."""
    listed = set(store.keys(MANIFESTS))
    return sorted(listed.union(key for key in known if key not in listed and store.size(key) is not None))


def audit_items(service: Service) -> Iterator[CheckedObject]:
    """Verify the items of users' spiders.

    Each object of the store by its key, and those of every run that yielded some.
    """
    for key in service.store.keys(ITEMS):
        if digest := sha256_of_key(key):
            yield CheckedObject(key, tuple(_whole(service.store, key, digest)))
    held = service.items.runs()
    for run in service.runs.giving():
        if escaped(run) not in held:
            sentence = "the store has lost the items of this run"
            yield CheckedObject(f"{ITEMS}*/{escaped(run)}", (Finding(run, None, "missing", sentence),))


def audit_ledger(service: Service) -> Iterator[CheckedObject]:
    """Verify the parts of the ledger, and that none is missing."""
    found = broken_parts(service.store, ends_of(service))
    wrong = {finding.file for finding in found}
    for key in sorted({part.key for part in parts_of(service.store)} | wrong):
        yield CheckedObject(key, tuple(finding for finding in found if finding.file == key))


def audit_roots(service: Service) -> Iterator[CheckedObject]:
    """Verify the daily roots and their time stamps. Raises ConfigError for an invalid file of certificates."""
    for key, found in broken_roots(service.store, authority_of(service.settings.timestamps)):
        yield CheckedObject(key, tuple(found))


def audit_chain(service: Service) -> Iterator[CheckedObject]:
    """Verify what proves that nothing was removed or replaced, without reading WARC files.

    It checks the manifests, their chains and signatures, the ledger, and the roots with their time stamps.
    """
    manifests = []
    for key in _held(service.store, ()):
        manifest = _manifest(service.store, key)
        if isinstance(manifest, Finding):
            yield CheckedObject(key, (manifest,))
        else:
            manifests.append(manifest)
            yield CheckedObject(key, tuple(not_under(key, manifest)))
    yield CheckedObject("the chain of manifests", tuple(broken_links(manifests)))
    yield CheckedObject("the signatures of manifests", tuple(service.keys.trust.findings(manifests)))
    yield from audit_ledger(service)
    yield from audit_roots(service)


def audit_index(service: Service) -> Iterator[CheckedObject]:
    """Find the manifests of the store that the index does not know, or has lost rows of."""
    found = compared(service)
    for key in found.unknown:
        sentence = "this manifest is missing in the index; run pressmark serve or pressmark rebuild to import it"
        yield CheckedObject(key, (Finding(key, None, "unknown", sentence),))
    for key in found.incomplete:
        sentence = "rows of this segment were deleted from the index; run pressmark serve or pressmark rebuild"
        yield CheckedObject(key, (Finding(key, None, "incomplete", sentence),))
    for key in found.gone:
        sentence = "rows of this segment were deleted from the index, and its WARC is gone; restore it from a copy"
        yield CheckedObject(key, (Finding(key, None, "incomplete", sentence),))


def _unnamed(store: ObjectStore, named: Collection[str], expected: Collection[str]) -> Iterator[CheckedObject]:
    """Find the objects that no readable manifest names, and the missing ones."""
    held = set[str]()
    for key, digest in unnamed(store, named):
        held.add(key)
        yield CheckedObject(key, tuple(_whole(store, key, digest)))
    for key in gone(expected, chain(held, named)):
        sentence = "this object is missing in the store; the manifest of its segment can't be read"
        yield CheckedObject(key, (Finding(key, None, "missing", sentence),))


def _manifest(store: ObjectStore, key: str) -> Manifest | Finding:
    try:
        return Manifest.parse(octets_of(store, key), key)
    except (IntegrityError, ObjectNotFound) as error:
        return Finding(key, None, "manifest", str(error))


def _objects(store: ObjectStore, manifest: Manifest) -> Iterator[CheckedObject]:
    """Check the objects, sidecars first: a changed index says nothing about its WARC."""
    sidecars = [entry for entry in manifest.objects if entry is not manifest.warc]
    wrong = {entry.key: tuple(_whole(store, entry.key, entry.sha256)) for entry in sidecars}
    yield CheckedObject(manifest.warc.key, tuple(_warc(store, manifest, indexed=not wrong[manifest.cdxj.key])))
    yield from (CheckedObject(key, findings) for key, findings in wrong.items())


def _whole(store: ObjectStore, key: str, digest: Sha256) -> Iterator[Finding]:
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
        with tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY) as copy:
            with closing(opened(store, key)) as source:
                shutil.copyfileobj(source, copy)
            yield from verify_file(copy, key, sha256=manifest.warc.sha256, lines=lines)  # type: ignore[arg-type]
    except (IntegrityError, ObjectNotFound) as error:
        yield _not_had(key, error)


def _not_had(key: str, error: Exception) -> Finding:
    return Finding(key, None, "missing" if isinstance(error, ObjectNotFound) else "unreadable", str(error))
