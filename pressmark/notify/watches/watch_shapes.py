"""The watches and their hits, as all doors show them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from archive.index.changes import Changes
from config.groups.watches import Watch
from pressmark.notify.watches.following import hits_of, is_watched
from pressmark.notify.watches.machine_shapes import MachineShape, machine_shapes
from pressmark.service.service import Service
from pressmark.views.capture_choice import stamp
from pressmark.views.describe_captures import page_link
from pressmark.views.diff import PREVIOUS, diff_link
from pressmark.views.shapes import Shape
from scheduler.notices.page_watches import PageWatch, PageWatches
from scheduler.notices.watch_failures import WatchFailure, WatchFailures
from scheduler.notices.watch_hits import Hit, WatchHits


class UnknownWatch(Exception):
    def __init__(self, name: str) -> None:
        super().__init__(f"no watch named {name!r}")


class WatchShape(Shape):
    """A watch of the settings or of the pages."""

    name: str
    phrases: list[str]
    without: list[str]
    only: list[str]
    """A sentence must contain one of these, too; empty for none."""
    authors: list[str]
    """Who wrote it; empty for anybody."""
    sources: list[str]
    """Empty for all."""
    languages: list[str]
    """Empty for all."""
    summary: bool = False
    """Whether a language model summarizes what was added."""
    translation: str | None = None
    """The language into which a language model translates the sentences; null for none."""
    hits: int
    """The sentences that it has found."""
    last_at: datetime | None
    """When it found the last one."""
    waiting: int | None
    """The new and changed pages that it has not searched yet; null if no service has begun to follow it."""
    failing: str | None = None
    """Why it finds nothing now; null while it works."""
    failing_since: datetime | None = None
    in_settings: bool = True
    """Whether it is in the settings; otherwise it can be changed here."""
    paused: bool = False
    version: str | None = None
    """A digest of the watch, for If-Match of a change; null for a watch of the settings."""


class HitShape(Shape):
    """A sentence that was added to a page and contains a phrase of a watch."""

    id: int
    watch: str
    phrase: str
    sentence: str
    title: str | None
    url: str
    source: str
    language: str | None
    changed: bool
    """Whether the page had another text before; otherwise it is new."""
    at: datetime
    """The time of the capture."""
    found_at: datetime
    record_id: str
    page: str
    """The path of the archived page."""
    diff: str | None
    """The path of what changed; null for a new page."""
    machine: list[MachineShape]
    """What a language model wrote about it, where the watch wants that."""


def watch_shapes(service: Service) -> list[WatchShape]:
    """Return the watches of the settings, in their order, and then those of the pages, by name."""
    own = _of_pages(service)
    hits, failures = WatchHits(service.database), WatchFailures(service.database).all()
    counts, waiting = hits.counts(), hits.waiting()
    return [
        _watch(
            name,
            watch,
            counts.get(name, (0, None)),
            waiting=waiting.get(name),
            failure=failures.get(name),
            own=own.get(name),
        )
        for name, watch in watches_of(service).items()
    ]


def watch_shape(service: Service, name: str) -> WatchShape:
    """Return one watch. Raises UnknownWatch."""
    _known(service, name)
    [shape] = (one for one in watch_shapes(service) if one.name == name)
    return shape


def watches_of(service: Service) -> dict[str, Watch]:
    """Return the watches of the current settings, and those of the pages, paused ones among them."""
    own = {name: one.watch for name, one in _of_pages(service).items()}
    return dict(service.webhooks.settings().watches) | own


def _of_pages(service: Service) -> dict[str, PageWatch]:
    """Return the watches of the pages. One with the name of a watch of the settings does not count."""
    in_settings = service.webhooks.settings().watches
    return {name: one for name, one in PageWatches(service.database).all().items() if name not in in_settings}


def hit_shapes(
    service: Service, name: str | None = None, *, before: int | None = None, limit: int = 50
) -> list[HitShape]:
    """Return the newest hits, of one watch or of all. Raises UnknownWatch."""
    if name is not None:
        _known(service, name)
    return hits_shown(service, WatchHits(service.database).latest(name, before=before, limit=limit))


def tried(service: Service, name: str, changes: int) -> list[HitShape]:
    """Return what a watch finds in that many of the newest changes, newest first. Nothing is written or told.

    Raises UnknownWatch.
    """
    return found_by(service, name, _known(service, name), changes)


def found_by(service: Service, name: str, watch: Watch, changes: int) -> list[HitShape]:
    """Return what any watch would find in that many of the newest changes, newest first."""
    return hits_shown(service, list(_tried(service, name, watch, changes)))


def _known(service: Service, name: str) -> Watch:
    """Return a watch of the current settings or of the pages. Raises UnknownWatch."""
    watch = watches_of(service).get(name)
    if watch is None:
        raise UnknownWatch(name)
    return watch


def _tried(service: Service, name: str, watch: Watch, changes: int) -> Iterator[Hit]:
    for change in Changes(service.database).page(limit=changes):
        if is_watched(watch, change.source, change.language):
            yield from hits_of(name, watch, change, event=0, found_at=service.now())


def _watch(
    name: str,
    watch: Watch,
    counted: tuple[int, datetime | None],
    *,
    waiting: int | None,
    failure: WatchFailure | None,
    own: PageWatch | None,
) -> WatchShape:
    return WatchShape(
        name=name,
        phrases=list(watch.phrases),
        without=list(watch.without),
        only=list(watch.only),
        authors=list(watch.authors),
        sources=list(watch.sources),
        languages=list(watch.languages),
        summary=watch.summary,
        translation=watch.translation,
        hits=counted[0],
        last_at=counted[1],
        waiting=waiting,
        failing=failure.reason if failure else None,
        failing_since=failure.since if failure else None,
        in_settings=own is None,
        paused=own is not None and own.paused,
        version=own.digest if own else None,
    )


def hits_shown(service: Service, hits: Sequence[Hit]) -> list[HitShape]:
    machine = machine_shapes(service, hits)
    return [_hit(hit, stamp(service, hit.url, hit.at, hit.record_id), machine.get(hit.id, [])) for hit in hits]


def _hit(hit: Hit, named: str, machine: list[MachineShape]) -> HitShape:
    changed = hit.novelty == "changed"
    return HitShape(
        id=hit.id,
        watch=hit.watch,
        phrase=hit.phrase,
        sentence=hit.sentence,
        title=hit.title,
        url=hit.url,
        source=hit.source,
        language=hit.language,
        changed=changed,
        at=hit.at,
        found_at=hit.found_at,
        record_id=hit.record_id,
        page=page_link(hit.url, named),
        diff=diff_link(hit.url, PREVIOUS, named) if changed else None,
        machine=machine,
    )
