"""Why a page is archived or not, and when it is fetched again: everything known of one URL, rule by rule."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from urllib.parse import urldefrag

from archive.index.aliases import Aliases
from archive.index.pages import Pages, PageState
from archive.texts.texts import Texts
from archive.values.capture import Capture
from archive.values.errors import ArchiveError
from archive.values.timestamps import NEWEST
from config.duration import duration_in_words
from config.source import Source
from config.values.series import series_of
from crawler.policy.fetch_choice import EACH, SURE, nothing_gained, pattern_of
from crawler.policy.revisit import Bounds, is_dead
from crawler.policy.robots import Rules, origin_of, product, robots_url, rules_of, unreachable
from crawler.policy.rows import host_of
from crawler.policy.scope import Scope, is_same_site
from crawler.run.page_memory import bounds_of, due_of
from extractor.values.identity import plain
from extractor.values.urls import normalise
from pressmark.service.service import Service
from pressmark.views.capture_shapes import CaptureShape, WithheldShape
from pressmark.views.describe_captures import capture_shapes
from pressmark.views.reserved_texts import ReservedTexts
from pressmark.views.run_log import drawn_page
from pressmark.views.source_shapes import Rule, SourceWhy, WhyShape

if TYPE_CHECKING:
    from crawler.spiders.walk import Walk

_NOT_ASKED = "the settings of this source exclude the page, so Pressmark does not fetch it"
_LED_TO = (
    "the settings of this source exclude the page; Pressmark fetches it only if a start URL redirects to it, "
    "or if the sitemap of the site lists it as a translation of another page"
)
_NOT_YET = "is a document of the series whose date has not come yet"
_ALL = 100
"""Sources that are all explained."""
_OTHER_FORMS = re.compile(r"xn--|:|\.\d+$")
"""In a host that a source may write in another form: a name that is not ASCII, or an address."""
_AHEAD = timedelta(days=366)
"""How far ahead the documents of a series are named that are not due yet."""
_ANSWERS = 10
"""Captures that are searched for the newest of a seed: its other spellings have the same key."""


def why(service: Service, url: str) -> WhyShape:
    """Return everything that is known of a URL. Raises ValueError for a URL that is not HTTP(S)."""
    normal = normalise(url if "://" in url else f"https://{url}")
    if normal is None:
        raise ValueError(f"{url!r} is not an http or https URL")
    aliases = Aliases(service.database)
    address = service.archive.address_of(normal)
    pages = Pages(service.database)
    given = urldefrag(address or normal).url
    latest = next(service.archive.captures(given, newest_first=True, limit=1), None)
    page = latest.url if latest and not pages.of(given) else given  # states know only the spelling of the request
    shown = next(iter(capture_shapes(service, [latest] if latest else [])), None)
    robots = _robots(service, page)
    states = pages.of(page)
    told: list[SourceWhy] = []
    others: list[Rule] = []
    looked_at = _looked_at(service, page, states)
    for source in service.sources.some(looked_at):
        state = states.get(source.name)
        scope = _scope_rule(service, source, page)
        if scope.allowed or state is not None:
            told.append(_source_why(service, source, page, scope, state=state, robots=robots))
        else:
            others.append(scope)
    return WhyShape(
        url=normal,
        alias_of=address,
        plain=plain(normal),
        aliases=[alias.url for alias in aliases.of(page)],
        latest=shown,
        etag=latest.etag if latest else None,
        last_modified=latest.last_modified if latest else None,
        verdict=_verdict(shown, states),
        drawn=drawn_page(service.settings.home, latest.run, latest.url) if latest else None,
        withheld=_withheld(service, latest) if latest else None,
        robots=robots.reason if robots else f"{robots_url(origin_of(page))} is not archived",
        sources=told,
        others=others,
        elsewhere=len(service.sources.names) - len(looked_at),
    )


def _looked_at(service: Service, page: str, states: Mapping[str, PageState]) -> Sequence[str]:
    """Return the names of the sources that are explained: of many, only those that may have to do with the page."""
    names, host = service.sources.names, host_of(page)
    if len(names) <= _ALL or _OTHER_FORMS.search(host):
        return names
    near = service.sources.valid.reaching(host) | states.keys()
    return [name for name in names if name in near]


def _scope_rule(service: Service, source: Source, page: str) -> Rule:
    allowed, reason = _scope(service, source, page).explain(page)
    if source.series is not None and (document := _document_of(source, page, service.now())):
        reason = f"the page is document {document} of the series" if allowed else f"{document} {_NOT_YET}"
    return Rule(name=source.name, allowed=allowed, reason=reason)


def _document_of(source: Source, page: str, now: datetime) -> str | None:
    """Return the label of the document of a series that a page is, such as ``2024-01``."""
    items = series_of(source.seeds, source.series, (now + _AHEAD).date())
    return next((item.label for item in items if normalise(item.url) == page), None)


def _source_why(
    service: Service, source: Source, page: str, scope: Rule, *, state: PageState | None, robots: Rules | None
) -> SourceWhy:
    agent = product(source.identity(contact=service.settings.contact, user_agent=service.settings.user_agent))
    ticks = service.next_ticks(1, source=source.name)
    rule = _robots_rule(source, robots, page, agent)
    if scope.allowed and rule.allowed:
        due_at, because = _due(source, page, state, service)
    else:
        due_at, because = None, _LED_TO if rule.allowed else _NOT_ASKED
    return SourceWhy(
        source=source.name,
        walk=source.walked_as,
        scope=scope,
        robots=rule,
        next_run=ticks[0].due if ticks else None,
        fetched_at=state.fetched_at if state else None,
        changed_at=state.changed_at if state else None,
        last=state.last if state else None,
        verdict=state.verdict if state else None,
        mark=state.mark if state else None,
        interval_seconds=round(state.interval.total_seconds()) if state else None,
        fetch=_fetch(service, source, page) if source.draws else None,
        due_at=due_at,
        because=because,
    )


def _fetch(service: Service, source: Source, page: str) -> str:
    """Say whether a browser renders a page of a source, and why."""
    mode, rule = _scope(service, source, page).fetch_mode(page)
    if mode == "browser":
        return f"a browser renders the page ({rule})"
    if mode == "http":
        return f"no browser renders the page ({rule})"
    known = Pages(service.database).patterns(source.name).get(pattern_of(page))
    if known is not None and known.nothing >= SURE:
        return f"no browser renders the page, as {nothing_gained(known)}; one of {EACH} such pages is rendered again"
    if known is not None and known.gained >= SURE:
        return f"a browser renders the page where it has little text, as pages like {known.pattern} needed the browser"
    return f"a browser renders the page if its text comes from scripts ({rule})"


def _scope(service: Service, source: Source, page: str) -> Scope:
    """Return the scope of the last run: a seed may have moved within its site."""
    seeds = list(filter(None, map(normalise, source.urls_on(service.now().date()))))
    scope = Scope(source, seeds)
    for seed in seeds:
        if is_same_site(seed, page) and host_of(seed) != host_of(page):
            answers = service.archive.captures(seed, newest_first=True, limit=_ANSWERS)
            led = next((one.redirect for one in answers if one.url == seed), None)
            scope.move(seed, led or seed)
    return scope


def _due(source: Source, page: str, state: PageState | None, service: Service) -> tuple[datetime | None, str]:
    """Return when a page is due by itself (None if only runs and lists decide), and why then, in a sentence."""
    from crawler.spiders import SPIDERS  # and with it Scrapy

    walk, timetable = SPIDERS[source.walked_as], source.timetable
    if source.series is None and page in map(normalise, source.seeds):
        return None, (
            "the page is a start URL (seed): each run asks the server whether the page has changed, and "
            "downloads only a changed page"
        )
    if source.series is not None and not service.index.latest_many(source.keep.collection, [page]):
        return None, "each run requests this document of the series until the site has it"
    if not (walk.adaptive or (timetable is not None and timetable.adaptive is not None)):
        return None, (
            "each run that finds a link to the page asks the server whether the page has changed, and "
            "downloads only a changed page"
        )
    if Pages(service.database).is_unfetched(source.name, page):
        return None, "the last run could not fetch the page; the next run tries again"
    if state is None:
        return None, "Pressmark has never fetched the page; the next run that finds a link to the page fetches it"
    return _due_by_itself(source, walk, state, service.now())


def _due_by_itself(source: Source, walk: type[Walk], state: PageState, now: datetime) -> tuple[datetime | None, str]:
    due = due_of(source, state, trusts_lists=walk.trusts_lists, edits=walk.edits)
    if due is None:
        return None, (
            "a feed or sitemap says when the page last changed; if that was after the last fetch, the next run "
            "fetches the page"
        )
    when = (
        "the next run fetches the page"
        if due <= now
        else f"the first run that starts at least {_spoken(due - now)} from now fetches the page"
    )
    sooner = (
        "; if a feed or sitemap of the site shows a change before that time, the next run fetches the page"
        if walk.adaptive
        else ""
    )
    if due > state.next_at:
        quiet = _spoken(due - state.fetched_at)
        return (
            due,
            f"at the last fetch, the page had not changed; Pressmark checks it again for edits {quiet} "
            f"after that fetch: {when}{sooner}",
        )
    bounds = bounds_of(source)
    within = f"the time between two fetches is always between {_spoken(bounds.least)} and {_spoken(bounds.most)}"
    return due, f"{_because(state, bounds)}; {within}; {when}{sooner}"


def _because(state: PageState, bounds: Bounds) -> str:
    """Return why its interval has its length."""
    least, most = _spoken(bounds.least), _spoken(bounds.most)
    if is_dead(state.misses):
        return f"the page seems to be gone for good, so Pressmark fetches it at the longest interval, {most}"
    grew = (
        f"Pressmark fetches it at the longest interval, {most}"
        if state.interval >= bounds.most
        else "the interval between fetches became 1.5 times as long"
    )
    return {
        "new": f"the page was new, so Pressmark fetches it at the shortest interval, {least}",
        "changed": "the page had changed, so the interval between fetches became shorter: 0.8 times the old interval "
        "plus 0.2 times the shortest interval allowed",
        "unchanged": f"the page had not changed, so {grew}",
        "barred": "the server sent something other than the page, such as a login page, so Pressmark can't tell "
        "whether the page has changed",
        "gone": "the server did not find the page"
        if state.misses == 1
        else f"the server did not find the page {state.misses} times in a row",
        "failed": f"the last fetch failed, so Pressmark fetches the page at the shortest interval, {least}",
        "moved": f"the page redirects to another one, so {grew}",
    }[state.last]


def _spoken(span: timedelta) -> str:
    return duration_in_words(span)


def _robots(service: Service, page: str) -> Rules | None:
    """Return the archived rules of the page's host; None if there are none."""
    origin = origin_of(page)
    try:
        with service.archive.snapshot(robots_url(origin), NEWEST) as found:
            status, body = found.status or 0, found.payload().body
    except ArchiveError:
        return None
    try:
        return rules_of(origin, status, body)
    except Exception as error:  # whatever a hostile file makes the parser raise
        return unreachable(origin, f"it can't be read: {error}")


def _robots_rule(source: Source, robots: Rules | None, page: str, agent: str) -> Rule:
    if source.politeness.robots == "ignore":
        return Rule(
            name="robots.txt",
            allowed=True,
            reason="the settings of the source tell Pressmark to ignore the file robots.txt of the site",
        )
    if robots is None:
        return Rule(name="robots.txt", allowed=True, reason="the archive does not have robots.txt of this site yet")
    allowed = robots.allow(page, agent)
    may = "may" if allowed else "may not"
    return Rule(name="robots.txt", allowed=allowed, reason=f"{robots.reason}; {agent} {may} fetch the page")


def _withheld(service: Service, latest: Capture) -> WithheldShape | None:
    """Return why exports and language models do not get the text of a capture."""
    ancestry = service.index.ancestry(latest)
    texts = Texts(service.database)
    text = next(filter(None, (texts.of(one.record_id) for one in (latest, *ancestry))), None)
    return ReservedTexts(service).withheld(text, latest, *ancestry)


def _verdict(latest: CaptureShape | None, states: dict[str, PageState]) -> str | None:
    """Return what the newest answer was instead of the page."""
    if latest is not None and latest.verdict:
        return latest.verdict
    return next((state.verdict for state in states.values() if state.verdict), None)
