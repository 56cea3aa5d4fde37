"""A source: a site to archive, as the operator describes it in HOME/sources/*.yaml."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Annotated, Any, Literal, get_args

from pydantic import (
    AfterValidator,
    AliasChoices,
    ConfigDict,
    Field,
    ValidationInfo,
    field_validator,
)
from pydantic_core import PydanticKnownError

from config.duration import Duration
from config.names import check_name
from config.values.mailbox import Mailbox
from config.values.secret import Secret, Value
from config.values.series import Series
from config.values.source_limits import Keep, Limits, Part
from config.values.source_values import Hosts, Place, Places, Tags, Urls, check_fields, check_header_names, check_proxy
from config.values.spider import check_scrapy, check_spider
from config.values.timetable import Timetable
from config.values.urls import Network, Url
from config.values.use import Use

Walk = Literal["page", "site", "listing", "feed", "sitemap", "forum", "series"]
WALKS: tuple[Walk, ...] = get_args(Walk)
FetchMode = Literal["http", "browser", "auto"]
DEFAULT_WALK: Walk = "site"
"""The walk of a source without one: its links within scope, which suits any site."""

PRODUCT = "Pressmark/0.2"
"""The beginning of the User-Agent, and all of it if there is no contact, with the version."""


class Scope(Part):
    """Which URLs belong to the source.

    Without include, it depends on the walk: site covers the directories of the seeds; listing, sitemap and forum their
    hosts; feed its items wherever they are; page the seeds alone.
    """

    include: Places = Field(default=(), examples=[["/en/news/"]])
    """Path prefixes on the hosts of the seeds, whole URL prefixes, or regular expressions of URLs after `re:`.

    An expression that takes more than 0.1 s for a URL leaves that URL out, and the run says so."""
    exclude: Places = ()
    """URLs to exclude from the included ones; same syntax."""
    hosts: Hosts = ()
    """Hosts in addition to those of the seeds; `*.example.org` matches all subdomains."""
    depth: int | None = Field(default=None, ge=0)
    """Maximum number of links away from a seed; 0 is only the seeds."""
    fetch: Mapping[Place, FetchMode] = Field(default_factory=dict, examples=[[{"/app/": "browser"}]])
    """Another `fetch` for some URLs, in the same syntax as `include`; the first that matches decides."""


class Politeness(Part):
    """Limits on the load of the site."""

    delay: Duration = timedelta(seconds=1)
    """Time to wait between two requests to the same server; a longer Crawl-delay in robots.txt takes precedence."""
    concurrency: int = Field(default=1, ge=1, le=64)
    """Concurrent requests to one host."""
    robots: Literal["obey", "ignore"] = "obey"
    """Ignore robots.txt only for your own sites, or with permission."""
    timeout: Duration = timedelta(seconds=60)
    """Time limit for one request, up to the end of the response."""
    retries: int = Field(default=2, ge=0, le=20)
    """How often to retry a request that failed or was answered with a Retry-After."""


class Login(Part):
    """A login by a form: fetch `url`, submit its form, and look for `check` in the response."""

    url: Url
    """URL of the page with the login form."""
    fields: Annotated[Mapping[str, Value], AfterValidator(check_fields)] = Field(min_length=1)
    """Names and values of the form fields; hidden fields are sent too. Passwords are `{secret: NAME}`."""
    check: str | None = Field(default=None, min_length=1)
    """Text that appears only on a page after login; default: any response below 400 counts."""


class Session(Part):
    """A login that a person made in a browser, as cookies. `pressmark login` saves them."""

    cookies: Secret
    """`{secret: NAME}`: a cookies.txt or a storage state of Playwright. They go to the same hosts as `headers`."""
    check: str | None = Field(default=None, min_length=1)
    """Text that only the response after a login has. Without it, the run ends as blocked before its first page."""
    url: Url | None = None
    """The URL whose response is searched for `check`; default: the first seed."""


Argument = Value | int | float | bool | None
_OF_WALKS = ("seeds", "walk", "fetch", "scope", "headers", "cookies", "login", "session")
"""The keys that a source with a spider or a mailbox can't have: the spider decides these itself, mail has none."""


class Source(Part):
    """A site to archive: its seeds, its walk, its scope and its timetable."""

    model_config = ConfigDict(
        json_schema_extra={"anyOf": [{"required": ["seeds"]}, {"required": ["spider"]}, {"required": ["imap"]}]}
    )

    name: Annotated[str, AfterValidator(check_name)] = Field(
        validation_alias=AliasChoices("source", "name"), serialization_alias="source", examples=["example"]
    )
    """Source name: lowercase letters, digits and hyphens."""
    spider: Annotated[str, AfterValidator(check_spider)] | None = Field(
        default=None, examples=["quotes.py:QuotesSpider", "mypackage.spiders:QuotesSpider"]
    )
    """A Scrapy spider of your own, instead of seeds and a walk: `file.py:Class` for a file in `HOME/spiders`,
    `package.module:Class`, or the name of an entry point of the group `pressmark.spiders`."""
    arguments: Mapping[str, Argument] = Field(default_factory=dict, examples=[{"tag": "humor"}])
    """Arguments of the spider, as with `scrapy crawl -a`. A value can be `{secret: NAME}`."""
    scrapy: Annotated[Mapping[str, Any], AfterValidator(check_scrapy)] = Field(default_factory=dict)
    """Settings of Scrapy for the spider: `ITEM_PIPELINES`, `DOWNLOADER_MIDDLEWARES`, `SPIDER_MIDDLEWARES`,
    `EXTENSIONS` and others. Settings that would break a guarantee of the archive are rejected."""
    imap: Mailbox | None = None
    """A mailbox whose messages are archived, instead of seeds and a walk."""
    seeds: Urls = Field(default=(), validate_default=True, examples=[["https://www.example.org/en/news/"]])
    """URLs that a crawl starts from. A source has either seeds, or a `spider`, or a mailbox (`imap`)."""
    walk: Walk | None = None
    """page (the seeds alone), site (all links), listing (pages of links to articles), feed, sitemap,
    forum (boards and the threads that were written to), or series (documents whose URLs differ by a number or a date).

    Omitted: what looking at the site found out, else site."""
    series: Series | None = Field(default=None, validate_default=True)
    """For `walk: series`: which documents there are. The seeds have places for them:
    `https://www.example.org/report-{year}-{month:02}.pdf`."""
    fetch: FetchMode = "http"
    """http: pages as the server sends them; browser: each page is also drawn by a browser, with what its scripts fetch;
    auto: only pages whose text scripts create are."""
    scope: Scope = Scope()
    timetable: Timetable | None = None
    """Schedule; without one, the source is crawled only manually."""
    politeness: Politeness = Politeness()
    limits: Limits = Limits()
    keep: Keep = Keep()
    tags: Tags = Field(default=(), max_length=20, examples=[["harbour", "daily"]])
    """Words to find sources by, in lists and in filters of pages."""
    note: str | None = Field(default=None, min_length=1, max_length=2000)
    """A note for people. Crawls do not use it."""
    user_agent: str | None = Field(default=None, min_length=1, pattern=r"^[^\r\n\x00]+$")
    """The complete User-Agent; default: `Pressmark/0.2 (+CONTACT)`."""
    contact: Url | None = None
    """URL of a page where the site's owners learn who crawls; part of the User-Agent."""
    headers: Annotated[Mapping[str, Value], AfterValidator(check_header_names)] = Field(default_factory=dict)
    """Request headers for the hosts of the seeds and for hosts listed in full in `scope.hosts`, not for those matched
    by a `*.`. A value can be `{secret: NAME}`."""
    cookies: Mapping[str, Value] = Field(default_factory=dict)
    """Cookies to send from the start, to the same hosts as `headers`. A value can be `{secret: NAME}`."""
    login: Login | None = None
    """How to log in before the crawl."""
    session: Session | None = None
    """A login that a person made in a browser."""
    proxy: Annotated[Value, AfterValidator(check_proxy)] | None = None
    """The URL of a proxy, http:// or socks5://; with a password in it, `{secret: NAME}`."""
    addresses: tuple[Network, ...] = Field(default=(), examples=[["127.0.0.0/8"]])
    """Private networks (CIDR) that connections are allowed to."""
    ports: tuple[Annotated[int, Field(ge=1, le=65535)], ...] = ()
    """Ports allowed in addition to 80, 443, 8080 and 8443."""
    use: Use | None = None
    """Why the pages are archived, which says what a reservation of the site forbids: preservation (its texts are left
    out of exports), research (nothing), or general (such pages are not kept).

    Omitted: the setting `use`; without that, reservations are recorded and forbid nothing."""
    sign_requests: bool | None = None
    """Whether requests are signed, so that the site can verify who sends them (Web Bot Auth). It needs a `public_url`
    with https in the settings.

    Omitted: the setting `signing.requests`."""
    tls: Literal["strict", "record"] = "record"
    """strict: refuse invalid certificates; record: fetch anyway and record the verdict."""

    @field_validator(*_OF_WALKS)
    @classmethod
    def _one_way(cls, value: Any, info: ValidationInfo) -> Any:
        """Require either seeds with their walk, or a spider, or a mailbox."""
        name, spider, imap = info.field_name or "", info.data.get("spider"), info.data.get("imap")
        if name == "seeds" and not value and not spider and "imap" in info.data and not imap:
            raise PydanticKnownError("missing")
        if value and (spider or imap) and value not in (Scope(), "http"):
            why = "a spider can't have {}: the spider decides that" if spider else "imap can't have {}: mail has none"
            raise ValueError(f"a source with {why.format(name)}")
        return value

    @field_validator("imap")
    @classmethod
    def _mail_alone(cls, value: Mailbox | None, info: ValidationInfo) -> Mailbox | None:
        if value and info.data.get("spider"):
            raise ValueError("a source has either a spider or imap; make two sources")
        return value

    @field_validator("proxy")
    @classmethod
    def _direct_mail(cls, value: Any, info: ValidationInfo) -> Any:
        if value and info.data.get("imap"):
            raise ValueError("a source with imap can't have a proxy: IMAP would not use it")
        return value

    @field_validator("series")
    @classmethod
    def _of_series(cls, value: Series | None, info: ValidationInfo) -> Series | None:
        """Require the key for the walk of that name, and seeds with the places of its documents."""
        if "walk" not in info.data or "seeds" not in info.data:
            return value  # their own errors say what is wrong
        if (value is not None) != (info.data["walk"] == "series"):
            wanted = "series needs walk: series" if value is not None else "walk: series needs the key series"
            raise ValueError(f"{wanted}; write series: {{each: month, first: 2024-01}}")
        for seed in info.data["seeds"] if value is not None else ():
            value.check_pattern(seed)  # type: ignore[union-attr]
        return value

    @field_validator("arguments", "scrapy")
    @classmethod
    def _of_spiders(cls, value: Any, info: ValidationInfo) -> Any:
        if value and not info.data.get("spider"):
            raise ValueError(f"{info.field_name} needs a spider; add spider: file.py:Class")
        return value

    @property
    def walked_as(self) -> Walk:
        """The walk to use, also if none was detected."""
        return self.walk or DEFAULT_WALK

    def urls_on(self, day: date) -> tuple[str, ...]:
        """Return the URLs that a crawl starts from on a day: its seeds, or the documents of a series that are due."""
        return self.seeds if self.series is None else tuple(item.url for item in self.series.items(self.seeds, day))

    @property
    def kind(self) -> str:
        """How it is archived, in a word: ``spider``, ``mail``, or its walk."""
        return "spider" if self.spider else "mail" if self.imap else self.walked_as

    @property
    def starts(self) -> tuple[str, ...]:
        """Where it begins, for people: its seeds, or the URL of its mailbox."""
        return (self.imap.url,) if self.imap else self.seeds

    @property
    def draws(self) -> bool:
        """Whether a browser draws pages of it."""
        return any(mode != "http" for mode in (self.fetch, *self.scope.fetch.values()))

    @property
    def config_hash(self) -> str:
        """16 hexadecimal digits that change with what decides about crawls. No secret, tag or note is part of them."""
        exclude: dict[str, Any] = {"tags": True, "note": True}
        if self.series is None:
            exclude["series"] = True
        if self.keep.media == "none":
            exclude |= {"keep": {"media"}, "limits": {"media_bytes", "media_time"}}
        described = self.model_dump_json(by_alias=True, exclude=exclude)
        return hashlib.sha256(described.encode()).hexdigest()[:16]

    def identity(self, *, contact: str | None = None, user_agent: str | None = None) -> str:
        """Return the User-Agent to send; `contact` and `user_agent` are the settings, for sources without their own."""
        whole = self.user_agent or (None if self.contact else user_agent)
        where = self.contact or contact
        return whole or (f"{PRODUCT} (+{where})" if where else PRODUCT)
