"""Convert captures, snapshots and their texts to the shapes that people get."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from archive.database.closed_collections import taken_down
from archive.texts.texts import Texts
from archive.values.reservations import Field, read, reservations
from archive.values.timestamps import timestamp14
from archive.values.urlkey import urlkey
from pressmark.views.capture_choice import stamp_of, stamps_of
from pressmark.views.capture_shapes import CaptureShape, DamagedShape, LinksShape, Original, SnapshotShape, TextShape
from pressmark.views.links import link
from pressmark.views.media.found import media_shapes
from pressmark.views.reserved_texts import ReservedTexts

if TYPE_CHECKING:
    from archive.retrieval.snapshot import Snapshot
    from archive.texts.texts import TextRow
    from archive.values.capture import Capture
    from pressmark.service.service import Service

_APART = ("thread", "verdict", "reservations")
"""Fields of a text that are shown elsewhere."""


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
        reservations=_reservations(found),
        withheld=ReservedTexts(service).withheld(found.text, capture, found.original),
        length=found.original.payload_length,
        sha256=found.original.sha256,
        collection=capture.collection,
        source=capture.source,
        run=capture.run,
        truncated=found.original.truncated,
        verdict=found.verdict,
        text=text_shape(found.text) if found.text else None,
        media=media_shapes(service, capture, stamp),
        links=LinksShape(page=page_link(capture.url, stamp), **views),
    )


def _reservations(found: Snapshot) -> list[Field]:
    """Return what the site says of the use of a page: in its head, elsewhere, and in the page."""
    elsewhere, text = read(found.capture.reservations), found.text
    said = (*reservations(found.status, found.headers), *elsewhere, *(text.reservations if text else ()))
    return list(dict.fromkeys(said))


def original_shape(capture: Capture) -> Original | None:
    named = capture.refers_to
    if named is None or taken_down().has(urlkey(named.url)):
        return None
    return Original(url=named.url, at=named.at, record_id=named.record_id)


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
        **{name: value for name, value in (text.fields or {}).items() if name not in _APART},
    )
