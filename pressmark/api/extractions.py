"""/api/v1/extractions: what is kept, read again."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter
from pydantic import BaseModel, Field

from pressmark.http.dependencies import Desk
from pressmark.upkeep.exporting import selection_of
from pressmark.upkeep.extracting import ExtractionShape, read_again, rereading

router = APIRouter(prefix="/api/v1", tags=["extractions"])

Text = Annotated[str | None, Field(max_length=8192)]


class Extraction(BaseModel):
    """What is to be read: all of it unless something is said."""

    which: Literal["unread", "older", "all"] = "older"
    """Only what nobody has read; that, and what an older version has read; everything."""
    source: Text = None
    collection: Text = None
    url: Text = None
    """The beginning of URLs."""
    since: Text = None
    until: Text = None
    segments: Annotated[int, Field(ge=0, le=100)] = 1
    """So many segments at most; 0 only counts."""


@router.post("/extractions")
def extract(asked: Extraction, service: Desk) -> ExtractionShape:
    """Read texts from what is kept, some segments at a time; `left_texts` says whether to ask again.

    With `which: all` nothing tells what was done already: ask for spans of time.
    """
    selection = selection_of(
        service, source=asked.source, collection=asked.collection, url=asked.url, since=asked.since, until=asked.until
    )
    with rereading(service) as reader:
        *_, done = read_again(reader, reader.tasks(selection, asked.which), asked.segments)
    return done
