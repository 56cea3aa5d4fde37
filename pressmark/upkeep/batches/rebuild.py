"""A rebuild of the index in jobs: each job adds the segments of some manifests, the last one checks what links all."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from itertools import takewhile
from typing import Any

from archive.shipping.purge_chains import purged_manifests
from archive.store.failover import with_failover
from archive.values.errors import Finding
from archive.warc.integrity.lineage import broken_links
from archive.warc.keys import MANIFESTS
from pressmark.service.index_state import compared
from pressmark.service.service import Service
from pressmark.upkeep.audit_store import read_manifest
from pressmark.upkeep.batches.kinds import Halted, Results, Summary, going_on
from scheduler.ledger.batches import PLAN

_SHARDS = 64
"""At least this many jobs, if there are so many manifests: enough for the services to share."""
_MOST = 50
"""The most manifests of a job: who takes over the job of a dead service begins it again, and adds nothing twice."""


class RebuildInJobs:
    """Each job is a range of manifests. See `pressmark.upkeep.batches.kinds.Kind`.

    The command that requested the rebuild restores the rest, such as the history of runs.
    """

    def __init__(self, *, full: bool) -> None:
        """Create one; with `full`, the WARC files are read, too."""
        self._full = full

    def plan(self, service: Service, halted: Halted) -> Sequence[str]:
        keys = sorted(with_failover(service.store).keys(MANIFESTS))
        size = max(1, min(_MOST, len(keys) // _SHARDS))
        return [_name(keys[start : start + size]) for start in range(0, len(keys), size)]

    def part(self, service: Service, name: str, halted: Halted) -> Mapping[str, Any]:
        from archive.intake.rebuild import Rebuild  # it loads the extractor

        store, (first, last) = with_failover(service.store), name.split(" ")
        keys = [key for key in store.keys(MANIFESTS) if first <= key <= last]
        rebuild = Rebuild(
            store,
            service.index,
            level="full" if self._full else "quick",
            trust=service.keys.trust,
            run_texts=service.settings.reading.run_texts,
        )
        done = rebuild.index_segments(takewhile(lambda _: not halted(), keys), len(keys))
        going_on(halted)
        counts = {"segments": done.segments, "captures": done.captures, "texts": done.texts}
        return {"manifests": len(keys), **counts, "wrong": list(_as_json(done.findings))}

    def summary(self, service: Service, results: Results, since: datetime | None, halted: Halted) -> Summary:
        """Check the chain of the manifests and their signatures, and note the objects of the store."""
        store, manifests = with_failover(service.store), []
        for key in store.keys(MANIFESTS):
            going_on(halted)
            manifest = read_manifest(store, key)
            manifests += [] if isinstance(manifest, Finding) else [manifest]  # its job named it
        chains = [*manifests, *purged_manifests(store)]
        wrong = list(_as_json([*broken_links(chains), *service.keys.trust.findings(chains)]))
        service.index.note_keys(store.keys())
        done = [result for name, result in results if name != PLAN]
        counts = {what: sum(one[what] for one in done) for what in ("segments", "captures", "texts")}
        found = sum(len(one["wrong"]) for one in done) + len(wrong)
        return Summary({"wrong": wrong}, {**counts, "wrong": found, "left": len(compared(service).unknown)})


def _name(keys: Sequence[str]) -> str:
    return f"{keys[0]} {keys[-1]}"


def _as_json(findings: Iterable[Finding]) -> Iterator[dict[str, Any]]:
    return ({"name": finding.file, "findings": [asdict(finding)]} for finding in findings)
