"""Verify everything archived: the sealed files of the spool, and the store by its manifests."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence, Set
from datetime import datetime
from itertools import chain
from pathlib import Path
from typing import TypedDict

from archive.index.damage import examine, mark_lost
from archive.index.objects import FIRST, Copy, Objects
from archive.index.purges.given_up import given_up
from archive.index.segments import SegmentRow
from archive.index.unshipped import UnshippedSegment, lost_from_spool, unshipped_elsewhere
from archive.shipping.ledger_parts import parts_of
from archive.shipping.ledger_reading import broken_parts
from archive.shipping.purge_chains import purged_manifests
from archive.shipping.roots import broken_roots
from archive.shipping.unnamed_objects import Expected, expected_of
from archive.spool.sealed import spools_in
from archive.texts.texts import Texts
from archive.values.counters import Figure
from archive.values.errors import Finding
from archive.values.key_parts import escaped
from archive.warc.integrity.lineage import broken_links, not_under
from archive.warc.integrity.verify import WARC_SUFFIX, verify
from archive.warc.keys import ITEMS, ROOTS, STAMP, sha256_of_key
from pressmark.service.index_state import compared
from pressmark.service.keys import authority_of
from pressmark.service.service import Service
from pressmark.upkeep.audit_store import CheckedObject, audit_store, held_manifests, intact, read_manifest
from pressmark.upkeep.last_audit import LAST_FULL, last_damage, last_full, marks_of, note_damage
from pressmark.upkeep.ledger.decisions_back import known_ends
from pressmark.upkeep.ledger.given_up import GivenUp
from pressmark.upkeep.ledger.unread_parts import unread_ledgers
from pressmark.upkeep.months.months import month_flaws

OK, WRONG = "ok", "wrong"


class ExpectedByIndex(TypedDict):
    """Arguments of `audit_store`."""

    known: Collection[str]
    expected: Expected


def audit(service: Service) -> Iterator[CheckedObject]:
    """Verify all of the spool and the store, count it for metrics, and note when this was last done in full."""
    shipped = shipped_segments(service)
    wrong = list[str]()
    for checked in chain(
        audit_spool(service.settings.home),
        audit_store(service.store, service.keys.trust, **expected_by_index(service, shipped)),
        audit_beside(service),
        audit_unshipped(service),
    ):
        wrong += count_checked(service, [checked])
        yield checked
    note_audit(service, wrong, left_out=bool(left_to_others(service)))


def left_to_others(service: Service) -> Sequence[UnshippedSegment]:
    """Return the sealed segments whose captures only the spool of another machine has: they are not verified here."""
    sealed = {one.name for one in service.index.segments("sealed")}
    elsewhere = unshipped_elsewhere(service.database, service.now(), service.epochs.lease) if sealed else ()
    return [one for one in elsewhere if one.name in sealed]


def shipped_segments(service: Service) -> Sequence[SegmentRow]:
    """Return the segments whose files the store must have."""
    return list(service.index.segments("committed", "releasing", "released"))


def expected_by_index(service: Service, shipped: Sequence[SegmentRow]) -> ExpectedByIndex:
    """Return what `audit_store` expects by the index."""
    known = [segment.manifest_key for segment in shipped if segment.manifest_key]
    return {"known": known, "expected": expected_of(shipped, Texts(service.database))}


def audit_beside(service: Service) -> Iterator[CheckedObject]:
    """Verify what the store has beside the segments, and that the index has all segments."""
    yield from audit_items(service)
    yield from audit_ledger(service)
    yield from audit_roots(service)
    yield from audit_months(service)
    yield from audit_index(service)


def count_checked(service: Service, checked: Iterable[CheckedObject]) -> list[str]:
    """Count what was checked for metrics; return the names of what has findings."""
    wrong = list[str]()
    for one in checked:
        service.figures.count(Figure.CHECKED, WRONG if one.findings else OK)
        wrong += [one.name] if one.findings else []
    return wrong


def note_audit(
    service: Service, wrong: Sequence[str], *, since: datetime | None = None, left_out: bool = False
) -> None:
    """Note what an audit of everything found: `wrong` are the names of what has findings.

    `since` is when it verified its first object, if that may be long ago; what was found later counts more. With
    `left_out`, sealed files were not verified: then it does not count as a full audit, and known damage stays known.
    """
    at = since or service.now()
    _mark(service, {Path(name).name if name.endswith(WARC_SUFFIX) else name for name in wrong})
    _note_copies(service, wrong, at)
    last, before = last_full(service.database), last_damage(service.database)
    if left_out or (since is not None and last is not None and last > at):
        known = [*before.names, *([] if before.names else [before.first])] if before else []
        note_damage(service.database, list(dict.fromkeys([*known, *wrong])))
        return
    note_damage(service.database, wrong)
    marks_of(service.database).set(LAST_FULL, at.isoformat())


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
    mark_lost(service.index, spools_in(service.settings.home))


def _note_copies(service: Service, wrong: Sequence[str], since: datetime) -> None:
    """Have the next audit of a share look first at what is wrong; what was wrong before and is not, is intact again."""
    objects, at, named = Objects(service.database), service.now(), set(wrong)
    again = (objects.of(key) for key, _, _, seen, _ in objects.wrong(FIRST) if key not in named and seen <= since)
    objects.record([Copy(row.id, FIRST, at, "ok") for row in again if row is not None])
    objects.suspect(wrong, FIRST, at, "pressmark verify --all found it damaged or missing")


def audit_spool(home: Path) -> Iterator[CheckedObject]:
    """Verify the sealed files of all workers. Recovery checks open files."""
    for path in _sealed(home):
        try:
            yield CheckedObject(str(path), tuple(verify(path)))
        except FileNotFoundError:  # released meanwhile
            continue


def _sealed(home: Path) -> list[Path]:
    return sorted((home / "spool").glob(f"*/sealed/*{WARC_SUFFIX}"))


def audit_unshipped(service: Service) -> Iterator[CheckedObject]:
    """Name the segments that only another machine has, whose worker is gone, those that the spool has lost, and those
    that people have given up.

    Those of live workers get to the store.
    """
    for lost in lost_from_spool(service.database, spools_in(service.settings.home), with_marked=True):
        sentence = f"the file of {lost.captures} captures is missing in the spool, and not in the store: {lost.path}"
        yield CheckedObject(lost.name, (Finding(lost.name, None, "missing", sentence),))
    for segment in unshipped_elsewhere(service.database, service.now(), service.epochs.lease):
        if segment.is_gone:
            count, host = segment.captures, segment.host or "(unknown)"
            sentence = f"{count} captures are only in the spool of the worker {segment.worker} on the machine {host}"
            yield CheckedObject(segment.name, (Finding(segment.name, None, "elsewhere", sentence),))
    for one in given_up(service.database):
        sentence = f"the file of a segment of the machine {one.host} is lost: {one.sentence}"
        yield CheckedObject(one.segment, (Finding(one.segment, None, "missing", sentence),))


def audit_items(service: Service) -> Iterator[CheckedObject]:
    """Verify the items of users' spiders.

    Each object of the store by its key, and those of every run that yielded some.
    """
    for key in service.store.keys(ITEMS):
        if digest := sha256_of_key(key):
            yield CheckedObject(key, tuple(intact(service.store, key, digest)))
    held = service.items.runs()
    for run in service.runs.giving():
        if escaped(run) not in held:
            sentence = "the store has lost the items of this run"
            yield CheckedObject(f"{ITEMS}*/{escaped(run)}", (Finding(run, None, "missing", sentence),))


def audit_ledger(service: Service) -> Iterator[CheckedObject]:
    """Verify the parts of the ledger, and that none is missing but those that a person has given up."""
    accepted = GivenUp(service).findings()
    broken = [finding for finding in broken_parts(service.store, known_ends(service)) if finding not in accepted]
    found = [*broken, *unread_ledgers(service)]
    wrong = {finding.file for finding in found}
    for key in sorted({part.key for part in parts_of(service.store)} | wrong):
        yield CheckedObject(key, tuple(finding for finding in found if finding.file == key))


def audit_roots(service: Service) -> Iterator[CheckedObject]:
    """Verify the daily roots and their time stamps, and that no root is missing.

    Raises ConfigError for an invalid file of certificates.
    """
    for key, found in broken_roots(service.store, authority_of(service.settings.timestamps)):
        yield CheckedObject(key, tuple(found))
    for key in sorted(Objects(service.database).known(ROOTS).difference(service.store.keys(ROOTS))):
        if not key.endswith(STAMP):  # a root without one is found above
            yield CheckedObject(key, (Finding(key, None, "missing", "the store has lost this root"),))


def audit_chain(service: Service) -> Iterator[CheckedObject]:
    """Verify what proves that nothing was removed or replaced, without reading WARC files.

    It checks the manifests, their chains and signatures, the ledger, and the roots with their time stamps.
    """
    manifests = []
    for key in held_manifests(service.store, ()):
        manifest = read_manifest(service.store, key)
        if isinstance(manifest, Finding):
            yield CheckedObject(key, (manifest,))
        else:
            manifests.append(manifest)
            yield CheckedObject(key, tuple(not_under(key, manifest)))
    manifests += purged_manifests(service.store)
    yield CheckedObject("the chain of manifests", tuple(broken_links(manifests)))
    yield CheckedObject("the signatures of manifests", tuple(service.keys.trust.findings(manifests)))
    yield from audit_ledger(service)
    yield from audit_roots(service)


def audit_months(service: Service) -> Iterator[CheckedObject]:
    """Verify the months in the store, and those that lookups use: every line of their files."""
    for key, found in month_flaws(service):
        yield CheckedObject(key, tuple(found))


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
