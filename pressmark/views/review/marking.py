"""Have people mark what the review of a run lists, and count the marks."""

from __future__ import annotations

from collections.abc import Mapping

from archive.database.closed_collections import closed_collections
from config.names import DEFAULT
from config.values.urls import check_url
from pressmark.service.service import Service
from pressmark.views.review.review_shapes import CollectionReviewShape, ReviewMarkShape
from scheduler.ledger.review_marks import Judgement, ReviewMark, ReviewMarks

LONGEST_NOTE = 1000
"""Characters of a note."""


def mark_page(
    service: Service, run: str, url: str, judgement: Judgement | None, note: str, *, by: str
) -> ReviewMarkShape | None:
    """Mark a page of a run; `recapture` requests a run that archives the page again, whether it is due or not.

    Return None if the mark was deleted: there is neither a judgement nor a note. Raises UnknownRun, and ValueError for
    an invalid URL or a note that is too long.
    """
    known, page, marks = service.runs.get(run), check_url(url), ReviewMarks(service.database)
    if len(note) > LONGEST_NOTE:
        raise ValueError(f"a note has at most {LONGEST_NOTE} characters")
    if judgement is None and not note.strip():
        marks.clear(run, page)
        return None
    before = marks.of_run(run).get(page)
    mark = ReviewMark(
        collection=service.collection_of(known.source) or DEFAULT,
        judgement=judgement,
        note=note.strip(),
        by=by,
        at=service.now(),
        again=_requested(service, page, before) if judgement == "recapture" else None,
    )
    marks.set(run, page, mark)
    return mark_shape(page, mark)


def mark_shapes(service: Service, run: str) -> Mapping[str, ReviewMarkShape]:
    """Return the marks of a run by URL."""
    return {url: mark_shape(url, mark) for url, mark in ReviewMarks(service.database).of_run(run).items()}


def mark_shape(url: str, mark: ReviewMark) -> ReviewMarkShape:
    return ReviewMarkShape(url=url, judgement=mark.judgement, note=mark.note, by=mark.by, at=mark.at, again=mark.again)


def review_totals(service: Service) -> list[CollectionReviewShape]:
    """Count the marks of each collection that has some, and that is not closed to the caller."""
    return [
        CollectionReviewShape(
            collection=collection,
            good=sum(mark.judgement == "good" for mark in marks),
            bad=sum(mark.judgement == "bad" for mark in marks),
            recapture=sum(mark.judgement == "recapture" for mark in marks),
            notes=sum(bool(mark.note) for mark in marks),
        )
        for collection, marks in ReviewMarks(service.database).by_collection().items()
        if collection not in closed_collections()
    ]


def _requested(service: Service, url: str, before: ReviewMark | None) -> str:
    """Return the run that archives a page again: one that was requested and is not over, or a new one."""
    if before is not None and before.again and service.runs.get(before.again).status != "over":
        return before.again
    return service.request_url(url).id
