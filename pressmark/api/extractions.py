"""/api/v1/extractions: extract texts from captures again; /api/v1/jobs: audits and others in shared jobs."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, Field

from pressmark.http.callers import caller_name
from pressmark.http.dependencies import Desk, Part
from pressmark.service.readers import batches_of, reading_jobs
from pressmark.upkeep.batches.shapes import BatchShape, batch_shape, cancel, listed, shape_of
from pressmark.upkeep.exports import selection_of
from pressmark.upkeep.extractions import ExtractionShape, read_again, rereading
from pressmark.views.shapes import Listing

router = Part(prefix="/api/v1", tags=["extractions"])

Text = Annotated[str | None, Field(max_length=8192)]


class Extraction(BaseModel):
    """What to extract: everything unless limited."""

    which: Literal["unread", "older", "all"] = "older"
    """Only captures without a text; these and those with a text of an older version; all captures."""
    source: Text = None
    collection: Text = None
    url: Text = None
    """A URL prefix."""
    since: Text = None
    until: Text = None
    segments: Annotated[int, Field(ge=0, le=100)] = 1
    """At most this many segments; 0 only counts."""


@router.post("/extractions")
def extract(asked: Extraction, service: Desk) -> ExtractionShape:
    """Extract the texts of captures (archived versions of pages). One request handles some WARC files; send the request
    again until `left_texts` is 0.

    With `which: all`, Pressmark can't tell which texts earlier requests have extracted. So give each request another
    period of time, with `since` and `until`.
    """
    selection = selection_of(
        service, source=asked.source, collection=asked.collection, url=asked.url, since=asked.since, until=asked.until
    )
    with rereading(service) as reader:
        *_, done = read_again(reader, reader.tasks(selection, asked.which), reading_jobs(service), asked.segments)
    return done


class NewBatch(BaseModel):
    """What services shall do."""

    kind: Literal["audit"]
    """`audit` verifies the whole store, as `pressmark verify --all` does."""


@router.get("/jobs")
def list_batches(service: Desk) -> Listing[BatchShape]:
    """List audits and rebuilds of the whole store, and exports, that services do in jobs, newest first, with their
    progress. The first is the extraction of texts again, while any job of it is left.
    """
    return Listing(items=listed(service))


@router.get("/jobs/{id}")
def show_batch(id: str, service: Desk) -> BatchShape:
    """Return an audit, a rebuild or an export in jobs: its progress, and its result once all jobs are done. The id
    `extraction` is what is left to extract again.
    """
    return shape_of(service, id)


@router.post("/jobs", status_code=202)
def request_batch(wanted: NewBatch, service: Desk) -> BatchShape:
    """Leave an audit of the whole store to the services with the role `read`. One that has not begun is joined."""
    batches = batches_of(service)
    batch, _ = batches.request(wanted.kind, {}, caller_name())
    return batch_shape(batches, batch)


@router.post("/jobs/{id}/cancel")
def cancel_batch(id: str, service: Desk) -> BatchShape:
    """Cancel an audit, a rebuild or an export in jobs, or with the id `extraction` what is left to extract again. What
    jobs have found, restored or extracted stays; the parts of an export are deleted.
    """
    return cancel(service, id)
