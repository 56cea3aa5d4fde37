"""/api/v1/extractions: extract texts from captures again."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, Field

from pressmark.http.dependencies import Desk, Part
from pressmark.service.readers import reading_jobs
from pressmark.upkeep.exports import selection_of
from pressmark.upkeep.extractions import ExtractionShape, read_again, rereading

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
