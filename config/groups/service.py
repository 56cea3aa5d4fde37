"""Settings of the parts of a service: bucket, spool, worker, reader, replay, feeds and log."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, SecretStr

from config.duration import Duration, Size
from config.groups.group import Group
from config.values.settings_values import check_public_url
from config.values.share import ShareText
from config.values.source_values import Hosts
from config.values.spider import check_scrapy
from config.values.urls import Url

_MIB = 1 << 20

Indexing = Literal["nothing", "own-pages", "everything"]


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
    """Bucket name; the bucket must exist."""
    endpoint: Url | None = None
    """Server URL; default: AWS in the region."""
    region: str = "us-east-1"
    """Region of the bucket; ignored by servers other than AWS."""
    access_key: SecretStr | None = None
    """Access key; default: from the environment of AWS tools."""
    access_key_file: Path | None = None
    """A file that holds the access key."""
    secret_key: SecretStr | None = None
    """Secret key that belongs to the access key."""
    secret_key_file: Path | None = None
    """A file that holds the secret key."""
    prefix: str = Field(default="", pattern=r"^([A-Za-z0-9._-]+(/[A-Za-z0-9._-]+)*/?)?$")
    """Prefix of all keys."""
    ca_bundle: Path | None = None
    """Certificates to trust in addition to the system's."""
    path_style: bool = True
    """Put the bucket in the URL path, as most servers other than AWS require."""
    verify: Literal["auto", "head", "get"] = "auto"
    """How to verify uploads: head trusts the server's checksum, get reads the object back, auto decides."""

    def check(self, store: str) -> None:
        """Raise ValueError for a store that is a bucket without a name, and for a bucket that is not the store."""
        if store == "s3" and not self.bucket:
            raise ValueError("store is s3, but no bucket is set; set s3.bucket or PRESSMARK_S3__BUCKET")
        if self.bucket and store != "s3":
            way_out = "set store or PRESSMARK_STORE to s3, or remove s3.bucket"
            raise ValueError(f"s3.bucket is set, but store is {store}; {way_out}")


class Spool(Group):
    """The local disk to which everything is written first."""

    budget: Annotated[Size, Field(ge=16 * _MIB)] = 20 << 30
    """Size limit of the spool, the local directory of files not yet uploaded. At 70 % no run starts, at 85 %
    running ones pause, at 95 % nothing is accepted."""
    ballast: Size = 256 * _MIB
    """Size of a file that is deleted on a full disk to make space for recovery; 0B for none."""
    seal_bytes: Annotated[Size, Field(ge=4096)] = 64 * _MIB
    """A WARC file is finished, and then uploaded, at this size."""
    seal_after: Duration = timedelta(minutes=5)
    """A WARC file is finished, and then uploaded, at this age."""
    grace: Duration = timedelta(hours=24)
    """How long a WARC file stays in the spool (on the local disk) after its upload."""


class Audit(Group):
    """The audit of everything stored, a share at a time, while the service runs."""

    every: Duration = timedelta(days=1)
    """How often a part of the stored files is checked for damage; 0s: never."""
    share: ShareText = "1/30"
    """How much each audit reads of the store and each replica: a fraction (1/30), a percentage (5%) or a size (20G)."""
    repair: bool = True
    """Replace damaged and missing files by an undamaged copy."""
    rate: Annotated[Size, Field(ge=_MIB)] = 32 * _MIB
    """Bytes that audits, and copies to replicas, read in a second at most."""


class Litter(Group):
    """What the service leaves behind: logs and frontiers of runs, torn bytes in quarantine, orphans in the store."""

    age: Duration = timedelta(days=365)
    """Files older than this are deleted; 0s: never."""
    size: Size = 10 << 30
    """The oldest files of a kind are deleted when all of that kind take more; 0B: never."""
    notice: Duration = timedelta(days=7)
    """How long before they are deleted the log and `pressmark doctor` say so."""
    exports: Duration = timedelta(days=7)
    """How long the store keeps exports that services made (`pressmark export --queue`); 0s: until they are deleted by
    hand. `age`, `size` and `notice` are not for these."""


class Worker(Group):
    """The process that crawls."""

    name: str = Field(default="main", pattern=r"^[a-z0-9]([a-z0-9-]{0,62}[a-z0-9])?$")
    """Name of the crawling process and its spool; no two processes may have the same."""
    url: Annotated[Url, AfterValidator(check_public_url)] | None = None
    """Address at which the other machines of a shared database reach `pressmark serve` here, e.g.
    `http://first.internal:8080`: they read what its spool has and the store does not have yet."""
    runs: int = Field(default=8, ge=1, le=256)
    """Runs at the same time. Each of a source with a browser has a Chromium of its own, of about 700 MB."""
    concurrency: int = Field(default=32, ge=1, le=1024)
    """Concurrent requests over all hosts and runs."""
    one_core: bool = True
    """Run all threads of a crawl on one core, which costs least CPU; texts are extracted on the other cores."""
    reads_texts: bool = True
    """Whether the worker extracts the texts of pages before it uploads them. false: services with the role `read` do,
    from the store, and a service without `--role` has this role too."""
    memory: Annotated[Size, Field(ge=128 * _MIB)] = 1 << 30
    """Memory above which the worker is replaced, between two pages."""
    lease: Duration = timedelta(seconds=60)
    """A worker silent for this long is considered dead; another takes over its runs."""
    stalled_after: Duration = timedelta(seconds=30)
    """A worker whose event loop is blocked for this long is killed and replaced, with the stacks of its threads in
    the log. Its threads may take 10 times, and runs that are stopping 2 times as long. 0s: it is never killed."""
    confine_spiders: Literal["auto"] | bool = "auto"
    """Run custom spiders without a network of their own, other programs, and files other than code, `HOME/spiders` to
    read, and a directory of their own run to read and write. auto: as far as the kernel can; true: a run fails where
    it can't; false: custom spiders have the rights of the service."""
    scrapy: Annotated[Mapping[str, Any], AfterValidator(check_scrapy)] = Field(default_factory=dict)
    """Settings of Scrapy for all custom spiders; `scrapy` of a source overrides them."""
    attempts: int = Field(default=5, ge=1, le=1000)
    """How often a run is started again after its worker died, before it fails."""


class Browser(Group):
    """The browser that draws pages whose text scripts create."""

    executable: str = "chromium"
    """The program, by name or path: Chromium, or a browser made of it."""
    timeout: Duration = timedelta(minutes=2)
    """Time limit for one page and all that it requests; then the page is kept as it is."""
    requests: Annotated[int, Field(ge=1)] = 1_000
    """Requests that one page may make; more are refused, and counted."""
    bytes: Annotated[Size, Field(ge=_MIB)] = 256 * _MIB
    """What one page may receive; after that, its requests are refused, and counted."""
    blocked_hosts: Hosts = ()
    """Hosts that pages of other sites may not request, e.g. of advertising; `*.example.org` matches all subdomains."""
    memory: Annotated[Size, Field(ge=256 * _MIB)] = 2 << 30
    """Memory of all processes of one browser, above which its page fails."""
    cpu: Duration = timedelta(minutes=5)
    """CPU time of all processes of one browser for a page, above which the page fails."""
    picture: Literal["webp", "png", "jpeg"] = "webp"
    """Format of the pictures of pages. A PNG shows every pixel, and is up to ten times as large; a JPEG costs the
    least CPU."""
    scripts: Path | None = None
    """Directory with scripts for sites, e.g. `example.org.js`: what is done to pages of that domain before they are
    archived."""


class Reading(Group):
    """The child processes that extract text from pages, and where their texts are stored."""

    readers: Annotated[int, Field(ge=1, le=256)] | Literal["auto"] = "auto"
    """How many read at the same time, in a worker, `extract` and `rebuild`; auto: one for each available core, 4 at
    most."""

    timeout: Duration = timedelta(seconds=30)
    """Time limit for one page."""
    memory: Annotated[Size, Field(ge=128 * _MIB)] = 1 << 30
    """Memory limit of each extractor process."""
    run_texts: bool = False
    """Also store the texts of each run in one object, `run/v1/…`. The store then has each text twice."""


class Replay(Group):
    """The replay of archived pages: it has its own origin, so that no page can act on this service."""

    port: int | None = Field(default=None, ge=0, le=65535)
    """Port of the replay server; default: `port` plus one, or a free one if `port` is 0."""
    origin: Annotated[str, AfterValidator(_origin)] | None = None
    """Public origin of that port, e.g. https://replay.example.org; default: the host of the request."""
    scripts: bool = False
    """Allow readers to show pages with their scripts; each archived origin then gets its own origin."""
    scripts_origin: Annotated[str, AfterValidator(_wild_origin)] | None = None
    """Public wildcard origin for them, e.g. https://*.scenes.example.net; default: below scenes.localhost only."""


class Http(Group):
    """The HTTP servers: limits against clients that hold connections, and what search engines may index."""

    connections: int = Field(default=1000, ge=16, le=100_000)
    """Connections to each port, but not more than a third of the files that the process may open.

    A new connection beyond that replaces one that waits without a request."""
    connections_by_address: int = Field(default=200, ge=8, le=100_000)
    """Connections from one address to each port; behind a reverse proxy, all connections are from the proxy's."""
    processes: Annotated[int, Field(ge=1, le=64)] | Literal["auto"] = 1
    """Processes that answer requests; each beyond the first takes 90 MB. auto: one for each available core, 4 at most.

    They share `http.connections`; each may hold `http.connections_by_address` of one address.
    Replay, the schedule and the crawling process are not among them."""
    one_core: bool = True
    """Run all threads of each of these processes on one core, which costs least CPU a page; they spread over the cores.
    false: searches and exports that come together can use more cores than there are processes."""
    search_timeout: Annotated[Duration, Field(gt=timedelta())] = timedelta(seconds=30)
    """Time limit for one search in the database, which ends a longer one; the answer is 503."""
    indexing: Indexing = "own-pages"
    """What search engines may index of this archive, by `/robots.txt` and `X-Robots-Tag`: nothing, own-pages (lists and
    descriptions, and no archived page), or everything."""


class Social(Group):
    """Where `pressmark add` finds what social networks and RSSHub publish."""

    bluesky: Url = "https://public.api.bsky.app"
    """Address of the interface (AppView) that provides the posts of a profile of bsky.app."""
    rsshub: Url = "https://rsshub.app"
    """The RSSHub instance of the feeds that are named like `rsshub://bilibili/user/video/2267573`."""


class Feeds(Group):
    """Access to the feeds alone, without access to anything else."""

    token: SecretStr | None = Field(default=None, min_length=16)
    """Token that gives access to the feeds only, for feed readers; change or remove it to revoke it."""
    token_file: Path | None = None
    """A file that holds the token of feeds."""


class Log(Group):
    """The service's log on standard error."""

    level: Literal["debug", "info", "warning", "error"] = "info"
    """Lowest level that is logged."""
    format: Literal["json", "console", "auto"] = "auto"
    """auto: plain text on a terminal, JSON otherwise."""
