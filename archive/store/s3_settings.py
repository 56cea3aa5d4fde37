"""The connection settings of a bucket."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

from archive.warc.keys import check_key


@dataclass(frozen=True, slots=True)
class S3Settings:
    """The connection settings of a bucket. Without keys, boto3 looks for credentials in its usual places."""

    bucket: str
    endpoint: str | None = None
    """E.g. ``https://s3.example.org:8333``; None is Amazon's of that region."""
    region: str | None = None
    access_key: str | None = field(default=None, repr=False)
    secret_key: str | None = field(default=None, repr=False)
    session_token: str | None = field(default=None, repr=False)
    prefix: str = ""
    """Put before every key, so that a bucket can be shared: ``pressmark/eu``."""
    ca: Path | None = None
    """A PEM file with the authority that vouches for the endpoint, when the system's do not."""
    path_style: bool | None = None
    """``endpoint/bucket`` rather than ``bucket.endpoint``; None: when an endpoint is given."""
    connect_timeout: timedelta = timedelta(seconds=10)
    read_timeout: timedelta = timedelta(seconds=60)

    def __post_init__(self) -> None:
        if not self.bucket:
            raise ValueError("an S3 store needs a bucket name")
        parts = urlsplit(self.endpoint or "https://s3.amazonaws.com")
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError(f"the endpoint of the bucket {self.bucket} is not an http or https URL")
        if parts.username or parts.password:
            raise ValueError(f"the endpoint of the bucket {self.bucket} contains credentials: set them as keys instead")
        if self.prefix:
            check_key(self.prefix)
