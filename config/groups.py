"""Settings of what every service has: the bucket, the spool, the worker, the reader, replay, and its log."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, SecretStr

from config.duration import Duration, Size
from config.group import Group
from config.source import Url

_MIB = 1 << 20


def _origin(text: str) -> str:
    if not re.fullmatch(r"https?://[A-Za-z0-9.\[\]:-]+", text):
        raise ValueError(f"{text!r} is not an origin; use a scheme and a host, e.g. https://replay.example.org")
    return text.lower()


def _wild_origin(text: str) -> str:
    if not re.fullmatch(r"https?://\*\.[A-Za-z0-9.-]+(:\d+)?", text):
        raise ValueError(
            f"{text!r} is not a wildcard origin; its host must begin with *., e.g. https://*.scenes.example.net"
        )
    return text.lower()


class S3(Group):
    """The bucket, for `store: s3`."""

    bucket: str | None = None
    """Its name; it must be there."""
    endpoint: Url | None = None
    """The URL of the server; without it, that of AWS for the region."""
    region: str = "us-east-1"
    """Where the bucket is; servers that are not AWS ignore it."""
    access_key: SecretStr | None = None
    """Who writes; without it, what the environment of AWS tools says."""
    access_key_file: Path | None = None
    """A file that holds the access key."""
    secret_key: SecretStr | None = None
    """The secret of the access key."""
    secret_key_file: Path | None = None
    """A file that holds the secret key."""
    prefix: str = Field(default="", pattern=r"^([A-Za-z0-9._-]+(/[A-Za-z0-9._-]+)*/?)?$")
    """What all keys begin with."""
    ca_bundle: Path | None = None
    """Certificates to trust besides those of the system."""
    path_style: bool = True
    """The bucket in the path of the URL, as most servers that are not AWS want it."""
    verify: Literal["auto", "head", "get"] = "auto"
    """How an upload is verified: head trusts the server's checksum, get reads it back, auto finds out which is due."""


class Spool(Group):
    """The local disk that everything is written to first."""

    budget: Annotated[Size, Field(ge=16 * _MIB)] = 20 << 30
    """Octets that the spool may hold. Past 70 % no run starts, past 85 % running ones pause, past 95 % none goes on."""
    ballast: Size = 256 * _MIB
    """A file that is given up so that recovery has room on a full disk; 0B for none."""
    seal_bytes: Annotated[Size, Field(ge=4096)] = 64 * _MIB
    """A segment is closed when it is this long."""
    seal_after: Duration = timedelta(minutes=5)
    """A segment is closed when it is this old."""
    grace: Duration = timedelta(hours=24)
    """How long a segment stays in the spool after it is safe in the store."""


class Worker(Group):
    """The process that crawls."""

    name: str = Field(default="main", pattern=r"^[a-z0-9]([a-z0-9-]{0,62}[a-z0-9])?$")
    """Names its spool; two workers never share one."""
    runs: int = Field(default=4, ge=1, le=256)
    """Runs at once."""
    concurrency: int = Field(default=32, ge=1, le=1024)
    """Requests at once, over all hosts and runs."""
    one_core: bool = True
    """Whether the threads of a crawl share one core, which costs them least; texts are read on the others."""
    memory: Annotated[Size, Field(ge=128 * _MIB)] = 1 << 30
    """Octets past which the worker is replaced by a fresh one, between two pages."""
    lease: Duration = timedelta(seconds=60)
    """A worker that is silent this long counts as dead, and its runs go to another."""
    stalled_after: Duration = timedelta(seconds=30)
    """A worker whose event loop has not turned for this long is killed and replaced, with the stacks of its threads in
    the log. Its threads may take 10 times, and runs that were told to end 2 times as long. 0s: it is never killed."""
    attempts: int = Field(default=5, ge=1, le=1000)
    """How often a run is begun whose worker died, before it counts as failed."""


class Reading(Group):
    """The child process that reads text out of pages."""

    timeout: Duration = timedelta(seconds=30)
    """Of one page."""
    memory: Annotated[Size, Field(ge=128 * _MIB)] = 1 << 30
    """Octets that the child may take."""


class Replay(Group):
    """Where archived pages are shown: an origin of their own, so that nothing in them can act on this service."""

    port: int | None = Field(default=None, ge=0, le=65535)
    """The port that it listens on; without it, the one after `port`, or any free one when that is 0."""
    origin: Annotated[str, AfterValidator(_origin)] | None = None
    """How browsers reach that port, such as https://replay.example.org; without it, by the host that they called."""
    scripts: bool = False
    """Whether people may have a page shown with its scripts; each archived origin then has an origin of its own."""
    scripts_origin: Annotated[str, AfterValidator(_wild_origin)] | None = None
    """How browsers reach them, such as https://*.scenes.example.net; without it, below scenes.localhost only."""


class Feeds(Group):
    """Who may read the feeds without being let in anywhere else."""

    token: SecretStr | None = Field(default=None, min_length=16)
    """A token that opens the feeds and nothing else, for feed readers; it is revoked by another, or none."""
    token_file: Path | None = None
    """A file that holds the token of feeds."""


class Log(Group):
    """What the service tells on its standard error."""

    level: Literal["debug", "info", "warning", "error"] = "info"
    """The least that is told."""
    format: Literal["json", "console", "auto"] = "auto"
    """auto: for people on a terminal, JSON otherwise."""
