"""/api/v1/watches: the watches and the sentences that they found."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query

from pressmark.http.dependencies import Desk, Part
from pressmark.notify.watches.watch_shapes import HitShape, WatchShape, hit_shapes, tried, watch_shape, watch_shapes
from pressmark.views.shapes import LARGEST_NUMBER, Listing

router = Part(prefix="/api/v1/watches", tags=["watches"])


@router.get("")
def list_watches(service: Desk) -> Listing[WatchShape]:
    """List the watches in the settings, with the number of sentences that each has found. A watch finds words that you
    choose in new text."""
    return Listing(items=watch_shapes(service))


@router.get("/{name}")
def show_watch(name: str, service: Desk) -> WatchShape:
    """Show a watch."""
    return watch_shape(service, name)


@router.get("/{name}/hits")
def list_hits(
    name: str,
    service: Desk,
    before: Annotated[int | None, Query(ge=1, le=LARGEST_NUMBER)] = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 50,
) -> Listing[HitShape]:
    """List the sentences that a watch has found, newest first. For the next part of the list, give the `id` of the last
    sentence you received as `before`."""
    return Listing(items=hit_shapes(service, name, before=before, limit=limit))


@router.get("/{name}/trial")
def try_watch(name: str, service: Desk, changes: Annotated[int, Query(ge=1, le=500)] = 100) -> Listing[HitShape]:
    """Try a watch: list what it finds in the newest changes of all pages. Pressmark does not store the result, and
    notifies nobody."""
    return Listing(items=tried(service, name, changes))
