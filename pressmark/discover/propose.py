"""Turn the findings into a source: how to walk it, what belongs to it, how often, and why. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise
from statistics import median
from typing import Any
from urllib.parse import urlsplit

from pydantic import ValidationError

from archive.values.plural import counted
from config.errors import ConfigError, Problem
from config.files.document import Document
from config.files.explain import explain
from config.source import Source, Walk
from config.values.timetable import Timetable
from crawler.policy.robots import product
from crawler.policy.scope import OutOfScope, Scope
from pressmark.discover.forecast import archived_part, forecast
from pressmark.discover.inspect import SiteInspection
from pressmark.discover.walk_choice import choose_walk

_FEW = 3
_RHYTHMS = (timedelta(hours=1), timedelta(hours=6), timedelta(days=1))
_SHOWN = 500


@dataclass(frozen=True, slots=True)
class ProposalOptions:
    """What the person wants; None leaves it to us."""

    name: str | None = None
    walk: Walk | None = None
    every: str | None = None
    cron: str | None = None
    addresses: tuple[str, ...] = ()
    ports: tuple[int, ...] = ()
    requisites: bool = True
    delay: str | None = None
    timetable: Mapping[str, Any] | None = None
    """Instead of `every` and `cron`, all that a timetable may say."""
    keys: Mapping[str, Any] = field(default_factory=dict)
    """Other keys of a source's file. They override what is found out."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """A source, the reasons for it, and the first URLs of its first run."""

    source: Source
    reasons: dict[str, str]
    """Of `walk`, `scope` and `timetable`, a sentence each."""
    first: tuple[str, ...]
    """URLs of a first run that are known already, in order."""
    forbidden: tuple[str, ...]
    """Those that robots.txt forbids."""
    open_ended: bool
    """Whether a first run would find more on the way."""
    kept: str
    """Which part of the site is archived, and how to archive all of it, in sentences."""
    forecast: str
    """How many pages a first run would fetch, at least or exactly, and which: ``at least 16 pages: …``."""


def check_wish(url: str, wish: ProposalOptions, taken: Sequence[str] = ()) -> Source:
    """Return the wished parts of the source. Raises ConfigError for wishes that no site can fulfil, so that the site
    need not be asked.
    """
    if wish.name in taken:
        raise ConfigError(Problem(f"a source named {wish.name!r} already exists", suggestion="choose another name"))
    facts = {"source": wish.name or "any", "seeds": [url], "walk": wish.walk, "timetable": _wished_timetable(wish)}
    return source_of({**facts, **_wished(wish)})


def propose(seen: SiteInspection, wish: ProposalOptions, *, user_agent: str, taken: Sequence[str] = ()) -> Proposal:
    """Propose a source from the findings. Raises ConfigError for wishes that can't be fulfilled."""
    walk, why_walk = (wish.walk, "as you asked") if wish.walk else choose_walk(seen)
    seeds = _seeds(seen, walk)
    include, why_scope = _include(seen, walk)
    timetable, why_timetable = _timetable(seen, wish)
    source = source_of(
        {
            "source": wish.name or free_name(_name(seen), taken),
            "seeds": seeds,
            "walk": walk,
            "fetch": "auto" if seen.drawn else "http",
            "scope": {"include": include},
            "timetable": timetable,
            **_wished(wish),
        }
    )
    urls = first_urls(seen, source)
    agent = product(user_agent)
    first = tuple(url for url in urls if seen.robots.allow(url, agent))
    leads_on = _leads_on(seen, walk)
    return Proposal(
        source=source,
        reasons={"walk": why_walk, "scope": why_scope, "timetable": why_timetable},
        first=first,
        forbidden=tuple(url for url in urls if not seen.robots.allow(url, agent)),
        open_ended=leads_on,
        kept=archived_part(seen, walk),
        forecast=forecast(seen, walk, len(first), leads_on=leads_on),
    )


def _leads_on(seen: SiteInspection, walk: Walk) -> bool:
    """Return whether a walk finds more than one inspection does."""
    match walk:
        case "listing":
            return seen.next is not None
        case "sitemap":
            looked_at = {sitemap.url for sitemap in seen.sitemaps if not sitemap.is_index}
            return not looked_at.issuperset(seen.sitemap_roots or [seen.url])
        case "series":
            return len(seen.links) > _SHOWN
        case _:
            return walk in ("site", "forum", "feed")


def _wished(wish: ProposalOptions) -> dict[str, Any]:
    facts = {
        "politeness": {"delay": wish.delay} if wish.delay else {},
        "keep": {"requisites": wish.requisites},
        "addresses": wish.addresses,
        "ports": wish.ports,
    }
    return {**facts, **{key: _over(facts.get(key), value) for key, value in wish.keys.items()}}


def _over(ours: Any, given: Any) -> Any:
    """Merge the keys of a part of a source into ours; any other value replaces ours."""
    return {**ours, **given} if isinstance(ours, dict) and isinstance(given, Mapping) else given


def _wished_timetable(wish: ProposalOptions) -> Mapping[str, Any] | None:
    if wish.timetable is not None or not (wish.every or wish.cron):
        return wish.timetable
    return {"cron": wish.cron} if wish.cron else {"every": wish.every}


def source_of(facts: Mapping[str, Any]) -> Source:
    """Return the source that these keys describe. Raises ConfigError."""
    try:
        return Source.model_validate(facts)
    except ValidationError as error:
        raise ConfigError(*explain(error, Source, Document(facts, None))) from None


def name_of(url: str) -> str:
    """Return a name made of a host: ``https://www.example.org/news/`` gives ``example-org``."""
    try:
        host = (urlsplit(url).hostname or "site").removeprefix("www.")
    except ValueError:  # the check of the URL says why
        return "site"
    return re.sub(r"[^a-z0-9]+", "-", host.lower()).strip("-")[:60] or "site"


def _name(seen: SiteInspection) -> str:
    """Return a name for the source: ``telegram-harbour``, ``mastodon-example-alice``."""
    host = seen.social if seen.social and seen.social != "mastodon" else name_of(seen.url)
    label = re.sub(r"[^a-z0-9]+", "-", (seen.label or "").lower()).strip("-")
    return f"{host}-{label}"[:60].strip("-") if seen.social and label else name_of(seen.url)


def rhythm(dates: Sequence[datetime]) -> timedelta | None:
    """Propose how often to crawl for items published at these times, newest first; None when they show nothing."""
    gaps = [later - earlier for later, earlier in pairwise(dates) if later > earlier]
    if len(gaps) < _FEW:
        return None
    typical = timedelta(seconds=median(gap.total_seconds() for gap in gaps))
    return next((every for every in _RHYTHMS if typical <= 2 * every), _RHYTHMS[-1])


def first_urls(seen: SiteInspection, source: Source) -> list[str]:
    """Return what a run would fetch first, as far as one inspection shows; each once and in scope."""
    walk = source.walked_as
    if walk == "series":
        return [*seen.links[:_SHOWN]]
    found: list[str] = [*source.seeds]
    if walk == "feed":
        found += [page for feed in seen.feeds if feed.url in source.seeds for page in feed.pages]
    elif walk == "sitemap":
        found += [page for sitemap in seen.sitemaps for page in sitemap.pages]
    elif walk == "listing":
        found += [*seen.articles, *([seen.next] if seen.next else [])]
    elif walk == "forum" and seen.forum:
        found += [*seen.forum.boards, *seen.forum.threads]
    elif walk == "site":
        found += seen.links
    scope = Scope(source, source.seeds)
    return [*dict.fromkeys(filter(None, (_requested_as(url, scope) for url in found)))][:_SHOWN]


def _requested_as(url: str, scope: Scope) -> str | None:
    """Return the address by which a page is requested; None if it does not belong to the source."""
    try:
        return scope.page(url)
    except OutOfScope:
        return None


def _seeds(seen: SiteInspection, walk: Walk) -> list[str]:
    given = [seen.url] if seen.itself == "page" else []
    if walk == "feed" and seen.feeds:
        return [seen.feeds[0].url, *given]
    if walk == "sitemap" and seen.sitemap_roots:
        return [*seen.sitemap_roots, *given]
    if walk == "forum" and seen.thread and seen.thread.first:
        return [seen.thread.first]
    return [seen.url]


def _include(seen: SiteInspection, walk: Walk) -> tuple[list[str], str]:
    """Return the directory of the page if the articles that it lists are in it; otherwise the walk's own scope."""
    path = urlsplit(seen.url).path
    directory = path[: path.rfind("/") + 1]
    if walk == "listing" and directory != "/":
        inside = [article for article in seen.articles if urlsplit(article).path.startswith(directory)]
        if len(inside) >= 0.8 * len(seen.articles):
            return [directory], "the articles are below it"
    usual = {
        "site": "everything below the seeds",
        "listing": "the hosts of the seeds",
        "forum": "the hosts of the seeds",
        "sitemap": "the hosts of the seeds",
        "feed": "the items, wherever they are",
        "page": "only the seeds",
        "series": "only the documents of the series",
    }
    return [], usual[walk]


def _timetable(seen: SiteInspection, wish: ProposalOptions) -> tuple[Mapping[str, Any], str]:
    if (wished := _wished_timetable(wish)) is not None:
        return wished, "as you asked"
    if wish.walk == "series":
        return {"every": "1d"}, "each day, the documents that are not there yet are looked for"
    what, dates = _published(seen)
    every = rhythm(dates)
    if every is None:
        return {"every": "6h"}, "the change frequency is unknown"
    text = Timetable(every=every).model_dump(mode="json")["every"]
    return {"every": text}, f"its {what} has new items about every {_spoken(dates)}"


def _published(seen: SiteInspection) -> tuple[str, Sequence[datetime]]:
    """Return where the site publishes its dates, and those times, newest first."""
    if seen.feeds:
        return "feed", seen.feeds[0].dates
    return "news sitemap", next((sitemap.dates for sitemap in seen.sitemaps if sitemap.news), ())


def _spoken(dates: Sequence[datetime]) -> str:
    hours = (dates[0] - dates[-1]).total_seconds() / 3600 / max(len(dates) - 1, 1)
    return f"{hours:.0f} hours" if hours >= 2 else counted(max(round(hours * 60), 1), "minute")


def free_name(name: str, taken: Sequence[str]) -> str:
    number = 2
    free = name
    while free in taken:
        free, number = f"{name}-{number}", number + 1
    return free
