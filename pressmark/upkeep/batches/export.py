"""An export in jobs: the first one plans it, each other one makes a file of it, the last one writes the manifest."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from itertools import groupby
from typing import TYPE_CHECKING, Any

from archive.values.digest import Sha256
from archive.values.errors import ArchiveError, SpoolUnreachable
from pressmark.upkeep.batches.kinds import Halted, Results, Summary, going_on
from scheduler.ledger.batches import PLAN

if TYPE_CHECKING:
    from archive.export import Exporter
    from pressmark.service.service import Service
    from scheduler.ledger.batch_values import Batch


class MachineSilent(ArchiveError):
    """Another machine, whose spool alone has a capture, does not answer. The store itself may be well."""


class ExportInJobs:
    """See `pressmark.upkeep.batches.kinds.Kind`. Each job is a part of the captures, in their order in the file."""

    def __init__(self, batch: Batch) -> None:
        self._batch, self._options = batch, batch.options

    def plan(self, service: Service, halted: Halted) -> Sequence[str]:
        from archive.export.parts.making import Wanted, plan_parts
        from archive.export.parts.stored import StoredExport
        from pressmark.upkeep.exports import exports_of, selection_of

        selection = selection_of(service, **self._options["selection"])
        wanted = Wanted(self._exporter(service), selection, self._batch.requested_at)
        stored = StoredExport(service.store, self._batch.id)
        with service.take_downs.hidden():
            return plan_parts(exports_of(service), stored, wanted, lambda: going_on(halted))

    def part(self, service: Service, name: str, halted: Halted) -> Mapping[str, Any]:
        from archive.export.parts.making import make_part
        from archive.export.parts.stored import StoredExport
        from pressmark.upkeep.exports import exports_of

        stored = StoredExport(service.store, self._batch.id)
        try:
            made = make_part(exports_of(service), stored, self._exporter(service), name, lambda: going_on(halted))
        except SpoolUnreachable as error:  # other jobs do not wait for it
            raise MachineSilent(str(error)) from error
        by_file = groupby(made.left_out, key=lambda one: one.file)
        wrong = [{"name": file, "findings": [asdict(one) for one in found]} for file, found in by_file]
        return {
            "key": made.key,
            "sha256": made.sha256,
            "octets": made.octets,
            "captures": made.captures,
            "wrong": wrong,
        }

    def summary(self, service: Service, results: Results, since: datetime | None, halted: Halted) -> Summary:
        from archive.export.parts.making import totals_of
        from archive.export.parts.stored import ExportManifest, Part, StoredExport

        stored = StoredExport(service.store, self._batch.id)
        done = sorted((name, result) for name, result in results if name != PLAN)
        parts = tuple(Part(one["key"], one["octets"], Sha256(one["sha256"]), one["captures"]) for _, one in done)
        left_out = tuple(finding for _, one in done for each in one["wrong"] for finding in each["findings"])
        _, facts_key, _ = stored.plan(done[0][0])
        facts, _ = stored.facts(facts_key)
        exporter, totals = self._exporter(service), totals_of(facts)
        created = datetime.fromisoformat(facts["created"])
        going_on(halted)
        manifest = ExportManifest(
            id=self._batch.id,
            form=self._options["format"],
            options=self._options,
            name=f"pressmark-{created:%Y%m%dT%H%M%SZ}-{facts['identity'][:12]}",
            suffix=exporter.suffix,
            created=facts["created"],
            software=facts["software"],
            selection=facts["selection"],
            **totals,
            parts=parts,
            left_out=left_out,
        )
        key = stored.put_manifest(manifest)
        counts = {"parts": len(parts), "octets": manifest.octets, **totals, "wrong": len(left_out)}
        return Summary({}, {"format": self._options["format"], "manifest": key, **counts})

    def _exporter(self, service: Service) -> Exporter:
        """Return what makes the parts: what is made of them as a whole is made when it is fetched."""
        from archive.export.parts.making import of_parts
        from pressmark.upkeep.exports import exporter_of

        return of_parts(exporter_of(service, self._options["format"], posts=bool(self._options["posts"])))
