"""/api/v1/search: search the texts of captures, and the items of users' spiders."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query

from pressmark.http.dependencies import Desk, Part
from pressmark.views.search import FoundItemShape, FoundShape, find, find_items, narrowed
from pressmark.views.shapes import Listing

router = Part(prefix="/api/v1", tags=["search"])


@router.get("/search")
def search(
    service: Desk,
    *,
    q: Annotated[str, Query(max_length=1000)],
    language: Annotated[str | None, Query(max_length=40)] = None,
    source: str | None = None,
    collection: str | None = None,
    site: Annotated[str | None, Query(max_length=2000)] = None,
    since: str | None = None,
    until: str | None = None,
    current: bool = False,
    verdicts: bool = False,
    tag: Annotated[str | None, Query(max_length=40)] = None,
    cursor: str | None = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
) -> Listing[FoundShape]:
    """Search the present and former texts of archived pages. The best matches come first; of equally good ones, the
    newest.

    A result contains all words of the search. Write `"two words"` for words that stand side by side, `-word` to exclude
    a word, and `begin*` for all words that begin alike. Words in Chinese, and in other scripts without spaces, are
    found anywhere in the text. `site` is a host name; its subdomains are included. `since` and `until` are timestamps:
    a result is a text that a page had at any time between them. `current` leaves out the former texts of pages.
    `verdicts` adds what a site sent instead of a page (block pages, login pages and pages that say “not found”), and
    names its kind. `tag` is a tag of a source or of a snapshot. Each text of a page is found once, however often it was
    archived. If more than 5,000 texts match, the results come from those that were archived last.
    """
    where = narrowed(
        service,
        language=language,
        source=source,
        collection=collection,
        site=site,
        since=since,
        until=until,
        current=current,
        verdicts=verdicts,
        tag=tag,
    )
    return find(service, q, where, limit=limit, cursor=cursor)


@router.get("/search/items")
def search_items(
    service: Desk,
    *,
    q: Annotated[str, Query(max_length=1000)],
    source: str | None = None,
    collection: str | None = None,
    site: Annotated[str | None, Query(max_length=2000)] = None,
    since: str | None = None,
    until: str | None = None,
    cursor: str | None = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
) -> Listing[FoundItemShape]:
    """Search the items (data records) of custom spiders for words; the best match comes first, then the newest.

    Words are combined as in the search for pages. `since` and `until` limit the time at which the page that contains
    the item was captured. Each item comes with its run, its source and its snapshot.
    """
    where = narrowed(service, source=source, collection=collection, site=site, since=since, until=until)
    return find_items(service, q, where, limit=limit, cursor=cursor)
