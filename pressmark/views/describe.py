"""Convert sources, runs and events to the shapes that people get."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from archive.database.engine import reading_together
from pressmark.service.access.named_urls import shown
from pressmark.service.access.source_facts import in_facts, in_text
from pressmark.views.run_shapes import CompletenessShape, EventShape, RunShape, SpiderShape, TickShape
from pressmark.views.source_lines import rank, timetable_words
from pressmark.views.source_shapes import SourceShape

if TYPE_CHECKING:
    from config.load import Sources
    from config.source import Source
    from pressmark.service.service import Service
    from scheduler.events import Event
    from scheduler.ledger.source_states import SourceStates
    from scheduler.run import Run
    from scheduler.timetables.timetable import Tick
    from scheduler.timetables.upcoming_ticks import UpcomingTicks

_NEXT = 3


def run_shape(run: Run) -> RunShape:
    counts = run.counts
    return RunShape(
        id=run.id,
        source=run.source,
        url=shown(run.url),
        everything=run.everything,
        in_full=run.in_full,
        status=run.status,
        outcome=run.outcome,
        reason=in_text(reason) if (reason := shown(run.reason)) else reason,
        tick=run.tick,
        requested_at=run.requested_at,
        started_at=run.started_at,
        ended_at=run.ended_at,
        attempt=run.attempt,
        config_hash=run.config_hash,
        cancelling=run.cancel and run.status != "over",
        pages=counts.pages,
        captures=counts.captures,
        revisits=counts.revisits,
        failures=counts.failures,
        bytes=counts.bytes,
        queued=counts.queued,
        drawn_by_scripts=counts.drawn,
        not_fetched=dict(run.dropped),
        completeness=CompletenessShape.model_validate(shown(run.completeness)) if run.completeness else None,
        spider=SpiderShape.model_validate(shown(run.spider)) if run.spider else None,
    )


def event_shape(event: Event) -> EventShape:
    return EventShape(
        id=event.id,
        at=event.at,
        kind=event.kind,
        source=event.source,
        run=event.run,
        facts=shown(in_facts(event.kind, event.facts)),
    )


def tick_shape(tick: Tick) -> TickShape:
    return TickShape(source=tick.source, at=tick.due)


def sources_after(service: Service, name: str, limit: int) -> list[SourceShape]:
    """Return that many sources after a name, ordered by name. The cost is the same however many there are."""
    service.sources.poll()
    names = service.sources.names
    begin = bisect_right(names, name)
    return _source_shapes(service, service.sources.some(names[begin : begin + limit]))


def source_shapes(service: Service, names: Iterable[str] | None = None) -> list[SourceShape]:
    """Return all sources, or those named, the failing ones first. Raises UnknownSource."""
    current = _current(service)
    sources = list(current) if names is None else [current.get(name) for name in names]
    return sorted(_source_shapes(service, sources), key=lambda shape: (rank(shape.state), shape.name))


def _current(service: Service) -> Sources:
    """Return the sources as their files describe them now. A command, which reads them here, looks at each file once.

    A change right after that read would be for a later look to find, and a command has none.
    """
    if "all_sources" in vars(service) or service.database.is_shared:
        service.sources.poll()
    return service.sources


def _source_shapes(service: Service, sources: Sequence[Source]) -> list[SourceShape]:
    with reading_together():
        standing, coming = service.standing([source.name for source in sources]), service.coming(sources)
    return [_source_shape(service, source, standing, coming) for source in sources]


def source_shape(service: Service, name: str) -> SourceShape:
    """Return a source. Raises UnknownSource."""
    return source_shapes(service, [name])[0]


def source_errors(service: Service) -> list[str]:
    """Return why files of sources are not used."""
    return [in_text(str(error)) for error in service.sources.errors]


def _source_shape(service: Service, source: Source, standing: SourceStates, coming: UpcomingTicks) -> SourceShape:
    name = source.name
    pause, alarm, run = standing.pause(name), standing.alarms.get(name), standing.run(name)
    return SourceShape(
        name=name,
        state=standing.state(name),
        seeds=[in_text(seed) for seed in source.starts],
        walk=source.kind,
        collection=source.keep.collection,
        tags=source.tags,
        note=source.note,
        timetable=timetable_words(source),
        next=[tick.due for tick in coming.ticks(source, _NEXT)],
        paused=pause is not None,
        pause_reason=pause.reason if pause else None,
        blocked_since=alarm.since if alarm else None,
        blocked_reason=in_text(alarm.reason) if alarm else None,
        problem=in_text(problem) if (problem := standing.problems.get(name)) else None,
        file=str(service.sources.file_of(name)),
        last_run=run_shape(run) if run else None,
    )


def runs_of(runs: Sequence[Run]) -> list[RunShape]:
    return [run_shape(run) for run in runs]
