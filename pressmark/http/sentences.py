"""English sentences from the packages below: translated for the reader, or marked as English."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

from markupsafe import Markup, escape

from pressmark.http.catalog import translator
from pressmark.http.reader import reader
from pressmark.http.words import N_
from pressmark.service.states import KINDS
from pressmark.views.links import readable

SENTENCES = (
    # How runs end, and why they are not over.
    N_("%(what)s; %(cut)s responses too long, truncated"),
    N_("%(what)s; %(cut)s response too long, truncated"),
    N_("%(pages)s pages, %(new)s new or changed responses"),
    N_("%(pages)s pages, %(new)s new or changed response"),
    N_("%(pages)s page, %(new)s new or changed responses"),
    N_("%(pages)s page, %(new)s new or changed response"),
    N_("no changes in %(pages)s pages"),
    N_("no changes in %(pages)s page"),
    N_("%(failed)s of %(pages)s pages could not be fetched"),
    N_("%(failed)s of 1 page could not be fetched"),
    N_("%(what)s; %(pages)s pages are rendered by scripts: their text is not archived"),
    N_("%(what)s; 1 page is rendered by scripts: its text is not archived"),
    N_("%(pages)s pages are rendered by scripts: their text is not archived"),
    N_("1 page is rendered by scripts: its text is not archived"),
    N_("the page is rendered by scripts: its text is not archived"),
    N_("the capture of %(url)s is rendered by scripts: its text is not archived"),
    N_("the seeds are pages, not feeds or sitemaps"),
    N_("the seeds contain no forum boards or threads"),
    N_("pages of %(threads)s threads are missing, such as pages %(pages)s of %(url)s"),
    N_("pages of %(threads)s threads are missing, such as page %(pages)s of %(url)s"),
    N_("pages %(pages)s of the thread %(url)s are missing"),
    N_("page %(pages)s of the thread %(url)s is missing"),
    N_("the seeds redirect to %(url)s, which is outside the source: its links are not followed"),
    N_("%(limit)s; %(left)s URLs were not fetched"),
    N_("%(limit)s; 1 URL was not fetched"),
    N_("got %(what)s instead of pages; %(pages)s pages were fetched"),
    N_("got %(what)s instead of pages; 1 page was fetched"),
    N_("nothing was archived; %(why)s"),
    N_("nothing was archived"),
    N_("the seeds redirect in a loop"),
    N_("the database %(where)s can't be used: %(why)s"),
    N_("the disk of the database %(where)s is full: %(why)s"),
    N_("the database %(where)s is read-only: %(why)s"),
    N_("the disk of the frontier %(where)s is full: %(why)s"),
    N_("the frontier %(where)s can't be written: %(why)s"),
    N_("the items of the run can't be written to %(where)s: %(why)s"),
    N_("the database %(where)s is damaged: %(why)s"),
    # What the index lacks.
    N_("the index is being rebuilt from the store: %(done)s of %(all)s segments"),
    N_("the index is new and has not been compared with the store yet"),
    N_("the index is new and could not be compared with the store: %(why)s"),
    N_("cancelled on the run page"),
    N_("the worker stops"),
    N_("the worker stopped"),
    N_("%(why)s; it resumes automatically"),
    N_("%(why)s; attempt %(attempt)s of %(attempts)s: start another run"),
    N_("interrupted: the worker %(worker)s died or stalled"),
    # What runs left out.
    N_("%(count)s pages were not due"),
    N_("%(count)s page was not due"),
    N_("%(count)s pages were unchanged according to the site's lists"),
    N_("%(count)s page was unchanged according to the site's lists"),
    N_("robots.txt forbids %(count)s pages"),
    N_("robots.txt forbids %(count)s page"),
    N_("%(count)s pages were outside the source"),
    N_("%(count)s page was outside the source"),
    N_("the worker made no progress for %(seconds)s s, at %(file)s, line %(line)s"),
    N_("the worker made no progress for %(seconds)s s"),
    N_("the worker did not start within %(seconds)s s, at %(file)s, line %(line)s"),
    N_("the worker did not start within %(seconds)s s"),
    N_("the server speaks HTTP/2 only, and was asked in HTTP/1.1"),
    N_("the run %(run)s did not end within %(seconds)s s: %(why)s"),
    N_("source %(source)s: scope.%(key)s %(pattern)s took too long for %(url)s; skipped URLs: %(count)s"),
    N_("%(why)s; attempt %(attempt)s of %(attempts)s"),
    N_("interrupted: %(why)s"),
    # What robots.txt says.
    N_("%(where)s answered %(status)s, so nothing may be fetched until it can be read"),
    N_("%(where)s answered %(status)s, so everything is allowed"),
    N_("%(where)s answered %(status)s"),
    N_("%(where)s could not be fetched (%(why)s), so nothing may be fetched until it can be read"),
    # Which part of a site a proposed source archives, and what its first run would fetch.
    N_(
        "It archives %(part)s; to archive the whole site, use the walk site (--walk site, or `walk: site` in the file)."
    ),
    N_("It archives all linked pages that belong to the source."),
    N_("this page and the articles that the feed lists, now and in later runs"),
    N_("the feed and the articles it lists, now and in later runs"),
    N_("the pages listed in the sitemaps"),
    N_("this page and the pages listed in the sitemaps"),
    N_("this list and its articles, including its further pages"),
    N_("the boards of the forum, and all pages of their threads"),
    N_("only this page"),
    N_("at least %(count)s pages: %(which)s"),
    N_("at least %(count)s page: %(which)s"),
    N_("1 page: this one"),
    N_("%(count)s pages: %(which)s"),
    N_("this page, the feed and the items on the feed's first page"),
    N_("the feed and the items on its first page"),
    N_("the sitemaps and the pages they list"),
    N_("this page, the sitemaps and the pages they list"),
    N_("this page and the pages it lists"),
    N_("this page and its boards and threads"),
    N_("this page and the pages it links to"),
    # Timetables.
    N_("every day"),
    N_("every %(count)s days"),
    N_("every hour"),
    N_("every %(count)s hours"),
    N_("every minute"),
    N_("every %(count)s minutes"),
    N_("every second"),
    N_("every %(count)s seconds"),
    N_("every %(duration)s"),
    N_("cron %(expression)s"),
    N_("at %(times)s"),
    # Refusals.
    N_("page not found"),
    N_("no run with the id %(run)s"),
    N_("no source named %(source)s"),
    N_("no capture of %(url)s"),
    N_("the capture of %(url)s has no extracted text yet"),
    N_("the capture of %(url)s redirects to %(target)s"),
    N_("the capture of %(url)s has status %(status)s, for which no text is extracted"),
    N_("the capture of %(url)s has type %(type)s, for which no text is extracted"),
    N_("the capture of %(url)s is empty"),
    N_("no posts were extracted from %(url)s"),
    N_("the run %(run)s has ended"),
    N_("no person named %(name)s"),
    N_("no valid token named %(name)s"),
    N_("a person named %(name)s already exists"),
    N_("a token named %(name)s exists, or existed; choose another name"),
    N_("invalid name %(name)s: use lowercase letters, digits, dots, hyphens and underscores"),
    N_("a password must have between %(least)s and %(most)s characters"),
    N_("invalid duration %(given)s: use a number and a unit, e.g. 30s, 15m, 6h or 1d"),
    N_("invalid name %(name)s: use lowercase letters, digits and hyphens, at most 64"),
    N_("this needs the role %(role)s, and yours is %(own)s"),
    N_("your token is for these collections only, which the address must name: %(names)s"),
    N_("a page of another origin can't make changes here"),
    N_("nobody may use the service: add a person with 'pressmark user add'"),
    N_("no webhook named %(name)s in the settings"),
    N_("invalid time %(given)s: use digits such as 2026, 20260131 or 20260131120000, or an ISO 8601 date"),
    N_("refused to fetch %(host)s: the port is not allowed"),
    N_("refused to fetch %(host)s: %(address)s is not allowed (%(why)s)"),
    N_("refused to fetch %(host)s: %(why)s address"),
    N_("invalid URL %(given)s: it contains a space or a control character"),
    N_("%(given)s is not an absolute URL; it must begin with https://"),
    N_("%(given)s is not an http or https URL; %(hint)s"),
    N_("%(seed)s: host-unreachable (%(why)s)"),
    N_("%(what)s, and %(count)s more"),
    N_("%(url)s: 401 Unauthorized"),
    N_("%(url)s: 403 Forbidden"),
    N_("%(url)s: 404 Not Found"),
    N_("%(url)s: 410 Gone"),
    N_("%(url)s: 429 Too Many Requests"),
    N_("%(url)s: 500 Internal Server Error"),
    N_("%(url)s: 502 Bad Gateway"),
    N_("%(url)s: 503 Service Unavailable"),
    N_("internal error; see the log for details"),
    N_("%(url)s could not be fetched: %(why)s"),
    *(kind.sentence for kind in KINDS.values()),
)
"""The sentences as they are written below, and the states, with placeholders. The first that matches is used."""

_WORDS = re.compile(r"[A-Za-z]{2,} [A-Za-z]{2,}")
_FIELD = re.compile(r"%\\\((\w+)\\\)s")
_LONGEST = 2_000


def translated_sentence(sentence: object) -> Any:
    """Return a sentence for the page being rendered; nothing for None."""
    text, language = readable(str(sentence or "")), reader.get().language
    if language == "en":
        return text
    if (read := _reading(text)) is not None:
        message, values = read
        return translator(language)(message, **{name: translated_sentence(value) for name, value in values.items()})
    return Markup('<span lang="en">{}</span>').format(escape(text)) if _WORDS.search(text) else text


def plain(text: str, language: str, more: tuple[str, ...] = ()) -> str:
    """Translate a sentence outside of pages: one of SENTENCES or of `more`; any other stays English."""
    if (read := _reading(text, more)) is None:
        return text
    message, values = read
    said = str(translator(language)(message))
    return said % {name: plain(value, language, more) for name, value in values.items()} if values else said


def _reading(text: str, more: tuple[str, ...] = ()) -> tuple[str, dict[str, str]] | None:
    """Find which sentence it is, and its values."""
    if len(text) > _LONGEST:
        return None
    matched = ((message, pattern.fullmatch(text)) for message, pattern in _patterns(SENTENCES + more))
    return next(((message, found.groupdict()) for message, found in matched if found), None)


@lru_cache(maxsize=2)
def _patterns(sentences: tuple[str, ...]) -> tuple[tuple[str, re.Pattern[str]], ...]:
    return tuple((each, re.compile(_FIELD.sub(_group, re.escape(each)), re.DOTALL)) for each in sentences)


def _group(field: re.Match[str]) -> str:
    """Return the group of a field; a count is a number, so that no longer sentence matches in its place."""
    return f"(?P<{field[1]}>{'[0-9][0-9,]*' if field[1] == 'count' else '.+'})"
