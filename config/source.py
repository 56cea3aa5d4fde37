"""A source: a site that is kept, as the operator describes it in HOME/sources/*.yaml."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from datetime import timedelta
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Annotated, Any, Literal, get_args
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    AliasChoices,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationInfo,
    WithJsonSchema,
    field_validator,
)
from pydantic_core import PydanticKnownError

from config.duration import Duration, Size
from config.errors import did_you_mean
from config.names import DEFAULT, check_collection, check_name
from config.pattern import Pattern
from config.secret import Secret, Value
from config.spider import check_scrapy, check_spider
from config.timetable import Timetable

Walk = Literal["page", "site", "listing", "feed", "sitemap", "forum"]
WALKS: tuple[Walk, ...] = get_args(Walk)
DEFAULT_WALK: Walk = "site"
"""How a source is walked whose walk nobody has found out: its links within scope, which suits any site."""

PRODUCT = "Pressmark/0.1"
"""How the User-Agent begins, and the whole of it where no contact is known."""

_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_HOST = re.compile(r"(?:\*\.)?[^\s/:@*]+(?::\d{1,5})?")
_GUARDED_HEADERS = {"authorization", "cookie", "proxy-authorization"}
_GUARDED_FIELDS = re.compile(r"pass|pwd|secret|token", re.IGNORECASE)


class BadUrl(ValueError):
    """What was given as a URL can't be crawled, and why."""


def check_url(text: str) -> str:
    """An absolute http or https URL without credentials, as it was written. Raises BadUrl."""
    if re.search(r"[\s\x00-\x1f\x7f]", text):
        raise BadUrl(f"invalid URL {text!r}: it contains a space or a control character")
    if re.search(r"[\ud800-\udfff]", text):
        raise BadUrl(f"invalid URL {text!r}: it contains bytes that are not UTF-8; write each as % and two digits")
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError as error:
        raise BadUrl(f"invalid URL {text!r}: {str(error).lower()}") from None
    if not parts.scheme or not parts.netloc:
        raise BadUrl(f"{text!r} is not an absolute URL; {_absolute_hint(text)}")
    if parts.scheme.lower() not in ("http", "https"):
        hint = did_you_mean(parts.scheme, ["http", "https"]) or "only those are crawled"
        raise BadUrl(f"{text!r} is not an http or https URL; {hint}")
    if not parts.hostname or port == 0:
        raise BadUrl(f"{text!r} has no host")
    if "@" in parts.netloc:
        raise BadUrl("the URL has a user name or password in it; use headers or login with {secret: NAME}")
    return text


def _absolute_hint(text: str) -> str:
    slipped = re.match(r"(https?):/*(?=[^/])", text)
    bare = text[slipped.end() :] if slipped else text.lstrip("/")
    scheme = slipped[1] if slipped else "https"
    return (
        f"did you mean '{scheme}://{bare}'?" if re.match(r"[\w-]+(\.[\w-]+)+", bare) else "it must begin with https://"
    )


def _place(text: str) -> str:
    """Check one entry of scope: a path prefix, a URL prefix, or a regular expression after ``re:``."""
    if text.startswith("re:"):
        Pattern(text[3:])
        return text
    if text.startswith("/"):
        return text
    if text.lower().startswith(("http://", "https://")):
        return check_url(text)
    raise ValueError(f"{text!r} must begin with /, https:// or re:; did you mean {'/' + text!r}?")


def _host(text: str) -> str:
    if not _HOST.fullmatch(text):
        raise ValueError(f"invalid host {text!r}: write example.org, or *.example.org for all its subdomains")
    return text.lower()


def _header_names(headers: Mapping[str, str | Secret]) -> Mapping[str, str | Secret]:
    for name, value in headers.items():
        if not _TOKEN.fullmatch(name):
            raise ValueError(f"{name!r} is not a valid header name")
        if name.lower() in _GUARDED_HEADERS and not isinstance(value, Secret):
            raise ValueError(f"don't write the value of {name} in a file; use {name}: {{secret: NAME}}")
        if isinstance(value, str) and re.search(r"[\r\n\0]", value):
            raise ValueError(f"the value of {name} contains a line break")
    return headers


def _fields(fields: Mapping[str, str | Secret]) -> Mapping[str, str | Secret]:
    for name, value in fields.items():
        if _GUARDED_FIELDS.search(name) and not isinstance(value, Secret):
            raise ValueError(f"don't write the value of {name} in a file; use {name}: {{secret: NAME}}")
    return fields


def _proxy(proxy: str | Secret) -> str | Secret:
    if isinstance(proxy, str):
        if "@" in proxy:
            raise ValueError("don't write the proxy's password in a file; use proxy: {secret: NAME}")
        if urlsplit(proxy).scheme not in ("http", "socks5", "socks5h"):
            raise ValueError(f"invalid proxy {proxy!r}: it must begin with http:// or socks5://")
    return proxy


def _network(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    try:
        return ip_network(value)
    except ValueError:
        pass
    try:
        hint = f"did you mean {str(ip_network(value, strict=False))!r}?"
    except ValueError:
        hint = "write it as 127.0.0.0/8 or fd00::/8"
    raise ValueError(f"invalid network {value!r}: {hint}")


def _one_or_more(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


Url = Annotated[
    str, AfterValidator(check_url), WithJsonSchema({"type": "string", "format": "uri", "pattern": "^https?://"})
]
Place = Annotated[str, AfterValidator(_place), WithJsonSchema({"type": "string", "pattern": "^(/|https?://|re:)"})]
Network = Annotated[IPv4Network | IPv6Network, BeforeValidator(_network)]
Host = Annotated[str, AfterValidator(_host)]
Places = Annotated[tuple[Place, ...], BeforeValidator(_one_or_more, json_schema_input_type=Place | tuple[Place, ...])]
Hosts = Annotated[tuple[Host, ...], BeforeValidator(_one_or_more, json_schema_input_type=Host | tuple[Host, ...])]
Urls = Annotated[tuple[Url, ...], BeforeValidator(_one_or_more, json_schema_input_type=Url | tuple[Url, ...])]


class Part(BaseModel):
    """A part of a source: it doesn't change, and an unknown key is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)


class Scope(Part):
    """Which URLs belong to the source.

    Without include it depends on the walk: site keeps to the directories of the seeds, listing, sitemap and forum to
    their hosts, feed takes its items wherever they are, page is the seeds alone.
    """

    include: Places = Field(default=(), examples=[["/en/news/"]])
    """Path prefixes on the hosts of the seeds, whole URL prefixes, or regular expressions of URLs after `re:`.

    An expression that takes more than 0.1 s for a URL leaves that URL out, and the run says so."""
    exclude: Places = ()
    """What does not belong, though it is included; written the same way."""
    hosts: Hosts = ()
    """More hosts than those of the seeds; `*.example.org` means all below it."""
    depth: int | None = Field(default=None, ge=0)
    """How many links away from a seed; 0 is the seeds alone."""


class Politeness(Part):
    """How much of the site's attention is asked for."""

    delay: Duration = timedelta(seconds=1)
    """Between two requests to one host; a longer Crawl-delay of robots.txt wins."""
    concurrency: int = Field(default=1, ge=1, le=64)
    """Requests to one host at once."""
    robots: Literal["obey", "ignore"] = "obey"
    """Ignoring robots.txt is for sites that are your own, or have agreed."""
    timeout: Duration = timedelta(seconds=60)
    """Of one request, from its start to the end of the answer."""
    retries: int = Field(default=2, ge=0, le=20)
    """How often a request is tried again that failed or was told to come back later."""


class Limits(Part):
    """Where a run ends although there is more. It is then told as `limited`."""

    pages: int | None = Field(default=100_000, ge=1)
    """Pages of one run."""
    bytes: Annotated[Size, Field(ge=1)] | None = None
    """Octets that one run receives."""
    time: Duration | None = timedelta(days=1)
    """How long one run may take."""
    page_bytes: Annotated[Size, Field(ge=1024)] = 32 << 20
    """Octets of one answer. The rest is cut off, and all of one that announces more; the record says so, as does the
    reason of the run."""
    quota: Annotated[Size, Field(ge=1)] | None = None
    """Octets that all runs of the source together may receive."""


class Keep(Part):
    """What is kept beside the pages, and where."""

    requisites: bool = False
    """Also the images, style sheets, scripts and fonts that pages name."""
    collection: Annotated[str, AfterValidator(check_collection)] = DEFAULT
    """Sources kept, retained and opened together."""
    record_auth: bool = False
    """Keep the values of Authorization, Cookie and secret headers readable in the recorded requests."""


class Login(Part):
    """A login by a form: fetch `url`, fill its form, send it, and look for `check` in what comes back."""

    url: Url
    """The page that has the form."""
    fields: Annotated[Mapping[str, Value], AfterValidator(_fields)] = Field(min_length=1)
    """Names and values of the form's fields; its hidden ones are sent along. Passwords are `{secret: NAME}`."""
    check: str | None = Field(default=None, min_length=1)
    """Text that is only on a page seen logged in; without it, any answer below 400 counts."""


Argument = Value | int | float | bool | None
_OF_WALKS = ("seeds", "walk", "scope", "headers", "cookies", "login")
"""What a source of a spider does not have: the spider decides that itself."""


class Source(Part):
    """A site that is kept: its seeds, how it is walked, what belongs to it, and when."""

    model_config = ConfigDict(json_schema_extra={"anyOf": [{"required": ["seeds"]}, {"required": ["spider"]}]})

    name: Annotated[str, AfterValidator(check_name)] = Field(
        validation_alias=AliasChoices("source", "name"), serialization_alias="source", examples=["example"]
    )
    """Its name: small letters, digits and hyphens."""
    spider: Annotated[str, AfterValidator(check_spider)] | None = Field(
        default=None, examples=["quotes.py:QuotesSpider", "mypackage.spiders:QuotesSpider"]
    )
    """A Scrapy spider of your own, instead of seeds and a walk: `file.py:Class` for a file in `HOME/spiders`,
    `package.module:Class`, or the name of an entry point of the group `pressmark.spiders`."""
    arguments: Mapping[str, Argument] = Field(default_factory=dict, examples=[{"tag": "humor"}])
    """What the spider is made with, as by `scrapy crawl -a`. A value can be `{secret: NAME}`."""
    scrapy: Annotated[Mapping[str, Any], AfterValidator(check_scrapy)] = Field(default_factory=dict)
    """Settings of Scrapy for the spider: `ITEM_PIPELINES`, `DOWNLOADER_MIDDLEWARES`, `SPIDER_MIDDLEWARES`,
    `EXTENSIONS` and others. Those that would break a promise of the archive are refused."""
    seeds: Urls = Field(default=(), validate_default=True, examples=[["https://www.example.org/en/news/"]])
    """The URLs that a crawl starts from. A source has these or a `spider`."""
    walk: Walk | None = None
    """page (the seeds alone), site (all links), listing (pages of links to articles), feed, sitemap,
    or forum (boards and the threads that were written to).

    Omitted: what looking at the site found out, else site."""
    scope: Scope = Scope()
    timetable: Timetable | None = None
    """Without one, the source is crawled only when asked."""
    politeness: Politeness = Politeness()
    limits: Limits = Limits()
    keep: Keep = Keep()
    user_agent: str | None = Field(default=None, min_length=1, pattern=r"^[^\r\n\x00]+$")
    """The whole User-Agent; without it, `Pressmark/0.1 (+CONTACT)`."""
    contact: Url | None = None
    """Where the people of the site learn who crawls it; it stands in the User-Agent."""
    headers: Annotated[Mapping[str, Value], AfterValidator(_header_names)] = Field(default_factory=dict)
    """More request headers, for the hosts of the seeds and those that `scope.hosts` names in full, not those that a
    `*.` in it means. A value can be `{secret: NAME}`."""
    cookies: Mapping[str, Value] = Field(default_factory=dict)
    """Cookies that are sent from the start, to the same hosts as `headers`. A value can be `{secret: NAME}`."""
    login: Login | None = None
    """How to log in before the crawl."""
    proxy: Annotated[Value, AfterValidator(_proxy)] | None = None
    """The URL of a proxy, http:// or socks5://; with a password in it, `{secret: NAME}`."""
    addresses: tuple[Network, ...] = Field(default=(), examples=[["127.0.0.0/8"]])
    """Networks that may be connected to although they are not of the public internet."""
    ports: tuple[Annotated[int, Field(ge=1, le=65535)], ...] = ()
    """Ports that allowed in addition to 80, 443, 8080 and 8443."""
    tls: Literal["strict", "record"] = "record"
    """strict: nothing is fetched under a wrong certificate; record: it is, and the verdict is kept beside it."""

    @field_validator(*_OF_WALKS)
    @classmethod
    def _one_way(cls, value: Any, info: ValidationInfo) -> Any:
        """Seeds and their walk, or a spider."""
        name = info.field_name or ""
        if name == "seeds" and not value and not info.data.get("spider"):
            raise PydanticKnownError("missing")
        if value and info.data.get("spider") and value != Scope():
            raise ValueError(f"a source with a spider can't have {name}: the spider decides that")
        return value

    @field_validator("arguments", "scrapy")
    @classmethod
    def _of_spiders(cls, value: Any, info: ValidationInfo) -> Any:
        if value and not info.data.get("spider"):
            raise ValueError(f"{info.field_name} needs a spider; add spider: file.py:Class")
        return value

    @property
    def walked_as(self) -> Walk:
        """How to walk it now, whether or not that was found out."""
        return self.walk or DEFAULT_WALK

    @property
    def config_hash(self) -> str:
        """16 hexadecimal digits that change when the description does. No secret goes into it."""
        return hashlib.sha256(self.model_dump_json(by_alias=True).encode()).hexdigest()[:16]

    def identity(self, *, contact: str | None = None, user_agent: str | None = None) -> str:
        """The User-Agent to be sent; `contact` and `user_agent` are the settings, for sources that say nothing."""
        whole = self.user_agent or (None if self.contact else user_agent)
        where = self.contact or contact
        return whole or (f"{PRODUCT} (+{where})" if where else PRODUCT)
