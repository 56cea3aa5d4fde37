"""The captures of a run, page by page, as every door shows them."""

from __future__ import annotations

from archive.index.run_captures import captures_of_run
from pressmark.service.service import Service
from pressmark.views.capture_shapes import CaptureShape
from pressmark.views.describe_captures import capture_shapes
from pressmark.views.shapes import Listing


def captured_by(
    service: Service, run: str, *, cursor: str | None = None, limit: int = 50, requisites: bool = False
) -> Listing[CaptureShape]:
    """Return the pages of a run in the order of capture; with `requisites`, images, styles and scripts, too.

    Raises UnknownRun, and ValueError for an invalid cursor.
    """
    service.runs.get(run)
    found, following = captures_of_run(
        service.database, run, after=_place(cursor) if cursor else 0, limit=limit, requisites=requisites
    )
    return Listing(items=capture_shapes(service, found), next=str(following) if following else None)


def _place(cursor: str) -> int:
    if not cursor.isdecimal() or int(cursor) >= 1 << 63:
        raise ValueError(f"invalid cursor {cursor[:80]!r}: use the one that came with the page before")
    return int(cursor)
