"""Convert values of the packages below to the shapes that people get."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Sequence

from archive.retrieval.snapshot import Snapshot
from archive.texts.texts import TextRow, Texts
from archive.values.capture import Capture
from archive.values.plural import counted
from archive.values.timestamps import timestamp14
from config.source import Source
from config.timetable import Timed
from pressmark.service.service import Service
from pressmark.views.capture_choice import stamp_of, stamps_of
from pressmark.views.capture_shapes import CaptureShape, DamagedShape, LinksShape, Original, SnapshotShape, TextShape
from pressmark.views.links import link
from pressmark.views.run_shapes import CompletenessShape, EventShape, RunShape, SpiderShape, TickShape
from pressmark.views.source_shapes import SourceShape
from scheduler.events import Event
from scheduler.run import Run
from scheduler.source_states import SourceStates
from scheduler.timetable import Tick
from scheduler.upcoming_ticks import UpcomingTicks

_WORST_FIRST = ("error", "failed", "blocked", "empty", "partial", "limited", "cancelled", "running", "queued", "new")
_NEXT = 3


def run_shape(run: Run) -> RunShape:
    counts = run.counts
    return RunShape(
        id=run.id,
        source=run.source,
        url=run.url,
        everything=run.everything,
        in_full=run.in_full,
        status=run.status,
        outcome=run.outcome,
        reason=run.reason,
        tick=run.tick,
        requested_at=run.requested_at,
        started_at=run.started_at,
        ended_at=run.ended_at,
        attempt=run.attempt,
        cancelling=run.cancel and run.status != "over",
        pages=counts.pages,
        captures=counts.captures,
        revisits=counts.revisits,
        failures=counts.failures,
        bytes=counts.bytes,
        queued=counts.queued,
        drawn_by_scripts=counts.drawn,
        not_fetched=dict(run.dropped),
        completeness=CompletenessShape.model_validate(run.completeness) if run.completeness else None,
        spider=SpiderShape.model_validate(run.spider) if run.spider else None,
    )


def capture_shapes(service: Service, captures: Sequence[Capture]) -> list[CaptureShape]:
    """Return shapes, with the verdicts of those that hold something else than the page."""
    verdicts = Texts(service.database).verdicts(captures)
    stamps = stamps_of(service, captures)
    return [
        capture_shape(capture, stamp, verdicts.get(capture.record_id))
        for capture, stamp in zip(captures, stamps, strict=True)
    ]


def capture_shape(capture: Capture, stamp: str, verdict: str | None = None) -> CaptureShape:
    """Return the shape. `stamp` names the capture in addresses."""
    return CaptureShape(
        url=capture.url,
        timestamp=timestamp14(capture.at),
        stamp=stamp,
        at=capture.at,
        status=capture.status,
        mime=capture.mime,
        kind=capture.kind,
        length=capture.payload_length,
        sha256=capture.sha256,
        digest=capture.digest,
        collection=capture.collection,
        source=capture.source,
        run=capture.run,
        redirect=capture.redirect,
        original=original_shape(capture),
        truncated=capture.truncated,
        verdict=verdict,
        damaged=damaged_shape(capture),
        segment=capture.location.segment,
        offset=capture.location.offset,
        record_id=capture.record_id,
        page=page_link(capture.url, stamp),
    )


def kind_of(capture: CaptureShape) -> str:
    """Return what a list says of a capture:

    ``damaged``, what was served instead of the page, or the kind of its record.
    """
    return "damaged" if capture.damaged else capture.verdict or capture.kind


def snapshot_shape(service: Service, found: Snapshot) -> SnapshotShape:
    capture = found.capture
    stamp = stamp_of(service, capture)
    end = f"{stamp}/{{}}/{link(capture.url)}"
    forms = ("json", "raw", "text", "markdown", "thread", "headers")
    views = {view: f"/api/v1/snapshots/{end.format(view)}" for view in forms}
    return SnapshotShape(
        url=capture.url,
        timestamp=timestamp14(capture.at),
        at=capture.at,
        status=found.status,
        mime=capture.mime or found.original.mime,
        kind=capture.kind,
        original=original_shape(capture),
        headers=found.headers,
        length=found.original.payload_length,
        sha256=found.original.sha256,
        collection=capture.collection,
        source=capture.source,
        run=capture.run,
        truncated=found.original.truncated,
        verdict=found.verdict,
        text=text_shape(found.text) if found.text else None,
        links=LinksShape(page=page_link(capture.url, stamp), **views),
    )


def original_shape(capture: Capture) -> Original | None:
    named = capture.refers_to
    return None if named is None else Original(url=named.url, at=named.at, record_id=named.record_id)


def damaged_shape(capture: Capture) -> DamagedShape | None:
    found = capture.damaged
    return None if found is None else DamagedShape(state=found.state, reason=found.reason, found_at=found.found_at)


def page_link(url: str, stamp: str) -> str:
    """Return a permanent link to a capture, by its stamp."""
    return f"/snapshot/{stamp}/{link(url)}"


def text_shape(text: TextRow) -> TextShape:
    return TextShape(
        state=text.state,
        reason=text.reason,
        title=text.title,
        author=text.author,
        date=text.date,
        language=text.language,
        text=text.text,
        sha256=text.sha256,
        extractor=text.extractor,
        version=text.version,
        **{name: value for name, value in (text.fields or {}).items() if name not in ("thread", "verdict")},
    )


def event_shape(event: Event) -> EventShape:
    return EventShape(
        id=event.id, at=event.at, kind=event.kind, source=event.source, run=event.run, facts=dict(event.facts)
    )


def tick_shape(tick: Tick) -> TickShape:
    return TickShape(source=tick.source, at=tick.due)


def sources_after(service: Service, name: str, limit: int) -> list[SourceShape]:
    """Return that many sources after a name, ordered by name. The cost is the same however many there are."""
    service.sources.look()
    names = service.sources.names
    begin = bisect_right(names, name)
    return _source_shapes(service, service.sources.some(names[begin : begin + limit]))


def source_shapes(service: Service, names: Iterable[str] | None = None) -> list[SourceShape]:
    """Return all sources, or those named, the failing ones first. Raises UnknownSource."""
    service.sources.look()
    sources = list(service.sources) if names is None else [service.sources.get(name) for name in names]
    return sorted(_source_shapes(service, sources), key=lambda shape: (_rank(shape.state), shape.name))


def _source_shapes(service: Service, sources: Sequence[Source]) -> list[SourceShape]:
    standing, coming = service.standing([source.name for source in sources]), service.coming(sources)
    return [_source_shape(service, source, standing, coming) for source in sources]


def source_shape(service: Service, name: str) -> SourceShape:
    """Return a source. Raises UnknownSource."""
    return source_shapes(service, [name])[0]


def _source_shape(service: Service, source: Source, standing: SourceStates, coming: UpcomingTicks) -> SourceShape:
    name = source.name
    pause, alarm, run = standing.pause(name), standing.alarms.get(name), standing.run(name)
    return SourceShape(
        name=name,
        state=standing.state(name),
        seeds=list(source.seeds),
        walk="spider" if source.spider else source.walked_as,
        collection=source.keep.collection,
        timetable=timetable_words(source),
        next=[tick.due for tick in coming.ticks(source, _NEXT)],
        paused=pause is not None,
        pause_reason=pause.reason if pause else None,
        blocked_since=alarm.since if alarm else None,
        blocked_reason=alarm.reason if alarm else None,
        problem=standing.problems.get(name),
        file=str(service.sources.file_of(name)),
        last_run=run_shape(run) if run else None,
    )


_UNITS = {"d": "day", "h": "hour", "m": "minute", "s": "second"}


def timetable_words(source: Timed) -> str | None:
    """Describe a timetable: ``every 6 hours``, ``cron 0 */6 * * * (Asia/Shanghai)``, ``at 06:30, 18:30``."""
    table = source.timetable
    if table is None:
        return None
    facts = table.model_dump(mode="json")
    if table.at:
        return f"at {', '.join(facts['at'])}{_zone(table.timezone)}"
    if table.cron:
        return f"cron {table.cron}{_zone(table.timezone)}"
    return f"every {_spoken(facts['every'] or facts['adaptive']['min'])}"


def _spoken(duration: str) -> str:
    """Return ``6 hours`` for ``6h``; a duration of several units stays as it is: ``1h30m``."""
    number, unit = re.fullmatch(r"(\d*)(.*)", duration).groups()  # type: ignore[union-attr]
    if unit not in _UNITS:
        return duration
    return _UNITS[unit] if number == "1" else counted(int(number), _UNITS[unit])


def _zone(name: str | None) -> str:
    return f" ({name})" if name else ""


def _rank(state: str) -> int:
    return _WORST_FIRST.index(state) if state in _WORST_FIRST else len(_WORST_FIRST)


def runs_of(runs: Sequence[Run]) -> list[RunShape]:
    return [run_shape(run) for run in runs]
