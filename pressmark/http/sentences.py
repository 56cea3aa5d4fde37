"""Sentences that come from below, where English is spoken: said in the reader's language, or marked as English."""

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
    N_("%(what)s; longer than allowed, and kept without their ends: %(cut)s"),
    N_("pages: %(pages)s; answers that are new or changed: %(new)s"),
    N_("pages: %(pages)s, all as they are kept"),
    N_("%(failed)s of %(pages)s pages could not be had"),
    N_("%(what)s; %(pages)s pages are drawn by scripts: their text is not archived"),
    N_("%(what)s; 1 page is drawn by scripts: its text is not archived"),
    N_("%(pages)s pages are drawn by scripts: their text is not archived"),
    N_("1 page is drawn by scripts: its text is not archived"),
    N_("the page is drawn by scripts: its text is not archived"),
    N_("the capture of %(url)s is drawn by scripts: its text is not archived"),
    N_("the seeds are pages, and neither feeds nor sitemaps"),
    N_("no board and no thread of a forum was found on the seeds"),
    N_("pages of %(threads)s threads are missing, such as pages %(pages)s of %(url)s"),
    N_("pages of %(threads)s threads are missing, such as page %(pages)s of %(url)s"),
    N_("pages %(pages)s of the thread %(url)s are missing"),
    N_("page %(pages)s of the thread %(url)s is missing"),
    N_("the seeds lead to %(url)s, and neither that nor what is linked there is of the source"),
    N_("%(limit)s; %(left)s URLs were not fetched"),
    N_("instead of pages came %(what)s; %(pages)s pages were had"),
    N_("nothing was kept; %(why)s"),
    N_("nothing was kept"),
    N_("the seeds redirect in a circle"),
    N_("the database %(where)s can't be used: %(why)s"),
    N_("the disk of the database %(where)s is full: %(why)s"),
    N_("the database %(where)s is damaged: %(why)s"),
    # What the index lacks.
    N_("the index is being rebuilt from the store: %(done)s of %(all)s segments"),
    N_("the index is new, and not yet compared with the store"),
    N_("the index is new, and could not be compared with the store: %(why)s"),
    N_("cancelled on its page"),
    N_("the worker stops"),
    N_("the worker stopped"),
    N_("%(why)s; it goes on by itself"),
    N_("%(why)s; that was attempt %(attempt)s of %(attempts)s: ask for another run"),
    N_("interrupted: the worker %(worker)s died or stood still"),
    # What they left out.
    N_("%(count)s pages were not due"),
    N_("%(count)s page was not due"),
    N_("%(count)s pages had not changed, as the site's lists say"),
    N_("%(count)s page had not changed, as the site's lists say"),
    N_("robots.txt forbids %(count)s pages"),
    N_("robots.txt forbids %(count)s page"),
    N_("%(count)s pages were outside the source"),
    N_("%(count)s page was outside the source"),
    N_("the worker made no progress for %(seconds)s s, at %(file)s, line %(line)s"),
    N_("the worker made no progress for %(seconds)s s"),
    N_("the run %(run)s did not end within %(seconds)s s: %(why)s"),
    N_("source %(source)s: scope.%(key)s %(pattern)s took too long for %(url)s; URLs left out for that: %(count)s"),
    N_("%(why)s; that was attempt %(attempt)s of %(attempts)s"),
    N_("interrupted: %(why)s"),
    # What robots.txt says.
    N_("%(where)s answered %(status)s, which forbids everything until it can be read"),
    N_("%(where)s answered %(status)s, so nothing is forbidden"),
    N_("%(where)s answered %(status)s"),
    N_("%(where)s could not be had (%(why)s), which forbids everything until it can"),
    # What a source that is proposed keeps, and what its first run would fetch.
    N_("It keeps %(part)s; for the whole site, choose the walk site (--walk site, or `walk: site` in the file)."),
    N_("It keeps the pages that links lead to, as far as they belong to the source."),
    N_("this page, and the articles that the feed lists, now and in later runs"),
    N_("the feed, and the articles that it lists, now and in later runs"),
    N_("the pages that the sitemaps name"),
    N_("this page, and the pages that the sitemaps name"),
    N_("this list and the articles on it, also on its further pages"),
    N_("the boards of the forum, and all pages of their threads"),
    N_("this page alone"),
    N_("at least %(count)s pages: %(which)s"),
    N_("at least %(count)s page: %(which)s"),
    N_("1 page: this one"),
    N_("%(count)s pages: %(which)s"),
    N_("this page, the feed and what the first page of the feed lists"),
    N_("the feed and what its first page lists"),
    N_("the sitemaps and what they name"),
    N_("this page, the sitemaps and what they name"),
    N_("this page and what it lists"),
    N_("this page, and the boards and threads on it"),
    N_("this page and what it links to"),
    # Timetables.
    N_("every %(duration)s"),
    N_("at %(times)s"),
    # What is refused.
    N_("there is nothing at this address"),
    N_("there is no run %(run)s"),
    N_("no source is called %(source)s"),
    N_("no capture of %(url)s"),
    N_("the capture of %(url)s has not been read yet"),
    N_("the capture of %(url)s redirects to %(target)s"),
    N_("the capture of %(url)s is an answer %(status)s, of which no text is read"),
    N_("the capture of %(url)s is of the type %(type)s, of which no text is read"),
    N_("the capture of %(url)s is empty"),
    N_("no posts were read from %(url)s"),
    N_("the run %(run)s is over"),
    N_("the settings name no webhook %(name)s"),
    N_("%(given)s is no time: give up to 17 digits, YYYYMMDDhhmmss, or an ISO 8601 date"),
    N_("%(host)s is not fetched: %(address)s is forbidden (%(why)s)"),
    N_("%(given)s is no URL: it has a space or a control character in it"),
    N_("%(given)s is no absolute URL; it begins with https://"),
    N_("%(given)s is no http or https URL; %(hint)s"),
    N_("%(seed)s: host-unreachable (%(why)s)"),
    N_("something went wrong here; the log has more"),
    N_("%(url)s could not be fetched: %(why)s"),
    *(kind.sentence for kind in KINDS.values()),
)
"""As they are written below, and the states, with what stands in them named. The first that fits is said."""

_WORDS = re.compile(r"[A-Za-z]{2,} [A-Za-z]{2,}")
_FIELD = re.compile(r"%\\\((\w+)\\\)s")
_LONGEST = 2_000


def told(sentence: object) -> Any:
    """A sentence for the page that is being made; nothing for None."""
    text, language = readable(str(sentence or "")), reader.get().language
    if language == "en":
        return text
    if (read := _reading(text)) is not None:
        message, values = read
        return translator(language)(message, **{name: told(value) for name, value in values.items()})
    return Markup('<span lang="en">{}</span>').format(escape(text)) if _WORDS.search(text) else text


def _reading(text: str) -> tuple[str, dict[str, str]] | None:
    """Which sentence it is, and what stands in it."""
    if len(text) > _LONGEST:
        return None
    matched = ((message, pattern.fullmatch(text)) for message, pattern in _patterns())
    return next(((message, found.groupdict()) for message, found in matched if found), None)


@lru_cache(maxsize=1)
def _patterns() -> tuple[tuple[str, re.Pattern[str]], ...]:
    return tuple((each, re.compile(_FIELD.sub(r"(?P<\1>.+)", re.escape(each)), re.DOTALL)) for each in SENTENCES)
