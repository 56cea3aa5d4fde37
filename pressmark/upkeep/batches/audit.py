"""An audit of the whole store in jobs: one for each segment, then one for all segments together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import chain
from typing import Any

from archive.index.purges.purged_marks import unpurged
from archive.index.unshipped import HeldSegment, held_in_spools
from pressmark.service.service import Service
from pressmark.upkeep.audit import (
    audit_beside,
    audit_unshipped,
    expected_by_index,
    note_audit,
    shipped_segments,
)
from pressmark.upkeep.audit_store import audit_rest, audit_segment, held_manifests, read_manifest
from pressmark.upkeep.batches.kinds import Halted, Results, Summary, checked_as_json, going_on, wrong_in
from scheduler.ledger.batches import PLAN, SUMMARY


def named(held: Sequence[HeldSegment]) -> list[dict[str, str | None]]:
    """Return segments that were not verified, with who has them."""
    return [{"segment": one.name, "worker": one.holder.worker, "host": one.holder.host} for one in held]


class AuditInJobs:
    """Each job is a manifest and all that it names. See `pressmark.upkeep.batches.kinds.Kind`."""

    def plan(self, service: Service, halted: Halted) -> Sequence[str]:
        known = expected_by_index(service, shipped_segments(service))["known"]
        return held_manifests(service.store, known)

    def part(self, service: Service, name: str, halted: Halted) -> Mapping[str, Any]:
        store = service.store
        found = checked_as_json(service, audit_segment(store, name, read_manifest(store, name)), halted)
        if found["wrong"] and not list(unpurged(service.database, [name])):
            return {"checked": 0, "wrong": [], "purged": True}  # since the jobs were listed
        return found

    def summary(self, service: Service, results: Results, since: datetime | None, halted: Halted) -> Summary:
        """Verify the rest, and note what was found for the metrics, the states and the next audit of a share.

        What was verified first decides how old the audit is: a service may have done it long ago.
        """
        done = dict(results)
        done.pop(PLAN, None)
        shipped = shipped_segments(service)
        expected = expected_by_index(service, shipped)
        manifests = {}
        for key in held_manifests(service.store, expected["known"]):
            going_on(halted)
            manifests[key] = read_manifest(service.store, key)
        rest = chain(
            audit_rest(service.store, manifests, service.keys.trust, **expected),
            audit_beside(service),
            audit_unshipped(service),
        )
        own = checked_as_json(service, rest, halted)
        wrong = wrong_in([*done.items(), (SUMMARY, own)])
        going_on(halted)
        since = since or service.now()
        held = held_in_spools(service.database)
        sealed = any(one.state == "sealed" for one in held)
        note_audit(service, [one.name for one in wrong], since=since, left_out=sealed)
        checked = sum(one["checked"] for one in done.values()) + own["checked"]
        return Summary(
            own,
            {
                "since": since.isoformat(),
                "checked": checked,
                "wrong": len(wrong),
                "segments": sum(not one.get("purged") for one in done.values()),
                "later": sum(key not in done for key in manifests),
                "in_spools": len(held),
                "not_verified": named(held),
            },
        )
