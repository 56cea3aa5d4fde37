"""What a source archives in addition to pages, and the limits of its runs."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, ConfigDict, Field

from config.duration import Duration, Size
from config.names import DEFAULT, check_collection
from config.values.described import Described

Media = Literal["none", "audio", "video", "all"]


class Part(Described):
    """The base class of the parts of a source: immutable, and an unknown key is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    def __deepcopy__(self, memo: dict[int, Any] | None = None) -> Self:
        """Return the part itself, which never changes: Pydantic copies the default of a field for each source."""
        return self


class Limits(Part):
    """Limits that end a run early, with the outcome `limited`."""

    pages: int | None = Field(default=100_000, ge=1)
    """Maximum number of pages of one run."""
    bytes: Annotated[Size, Field(ge=1)] | None = None
    """Maximum bytes received by one run."""
    time: Duration | None = timedelta(days=1)
    """Maximum duration of one run."""
    page_bytes: Annotated[Size, Field(ge=1024)] = 32 << 20
    """Maximum bytes of one response. The rest is truncated; a response that announces more is not read. The record and
    the run's reason say so."""
    quota: Annotated[Size, Field(ge=1)] | None = None
    """Maximum bytes received by all runs of the source together."""
    media_bytes: Annotated[Size, Field(ge=1024)] = 1 << 30
    """Maximum bytes of one video or recording. Of several forms, the best that is not larger is archived."""
    media_time: Annotated[Duration, Field(gt=timedelta())] = timedelta(minutes=30)
    """Time limit for each of these: to find the media of a page, and to fetch one file of them."""


class Keep(Part):
    """What to archive in addition to pages, and where."""

    requisites: bool = False
    """Also archive the images, style sheets, scripts and fonts of pages."""
    collection: Annotated[str, AfterValidator(check_collection)] = DEFAULT
    """Collection name; sources in a collection are exported and opened together."""
    media: Media = "none"
    """Also archive the video and audio of pages, which yt-dlp finds (`pip install 'pressmark[media]'`): audio, video
    (with its sound), or all. With `audio`, of a video its sound is archived if the site offers that as a file."""
    record_auth: bool = False
    """Keep the values of Authorization, Cookie and secret headers readable in the recorded requests."""
