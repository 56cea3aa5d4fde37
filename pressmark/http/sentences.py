"""English sentences from the packages below: translated for the reader, or marked as English."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

from markupsafe import Markup, escape

from pressmark.http.catalog import translator
from pressmark.http.explanations.browser_findings import BROWSER_FINDINGS
from pressmark.http.explanations.channels import CHANNELS
from pressmark.http.explanations.logins import LOGINS
from pressmark.http.explanations.media import MEDIA
from pressmark.http.explanations.proposals import PROPOSALS
from pressmark.http.explanations.sentences import EXPLANATIONS
from pressmark.http.former_sentences import FORMER
from pressmark.http.hidden.sentences import TAKE_DOWNS
from pressmark.http.reader import reader
from pressmark.http.times import EVERY, translated_duration
from pressmark.http.words import LEFT_OUT, N_, SCOPE_RULES
from pressmark.service.states import KINDS
from pressmark.views.links import readable

SENTENCES = (
    *TAKE_DOWNS,
    *LOGINS,
    *BROWSER_FINDINGS,
    # How runs end, and why they are not over.
    N_("%(what)s; %(cut)s files were larger than allowed, so only their beginnings are archived"),
    N_("%(what)s; %(cut)s file was larger than allowed, so only its beginning is archived"),
    N_("%(pages)s pages fetched, %(new)s new or changed files archived"),
    N_("%(pages)s pages fetched, %(new)s new or changed file archived"),
    N_("%(pages)s page fetched, %(new)s new or changed files archived"),
    N_("%(pages)s page fetched, %(new)s new or changed file archived"),
    N_("no changes in %(pages)s pages"),
    N_("no changes in %(pages)s page"),
    N_("%(failed)s of %(pages)s pages could not be fetched"),
    N_("%(failed)s of 1 page could not be fetched"),
    N_("%(what)s; %(pages)s pages get their text from scripts, so the archive does not have this text"),
    N_("%(what)s; 1 page gets its text from scripts, so the archive does not have this text"),
    N_(
        "%(what)s; Pressmark could not start a browser, so %(pages)s pages were archived without what their scripts add"
    ),
    N_("%(what)s; Pressmark could not start a browser, so 1 page was archived without what its scripts add"),
    N_("Pressmark could not start a browser, so %(pages)s pages were archived without what their scripts add"),
    N_("Pressmark could not start a browser, so 1 page was archived without what its scripts add"),
    *MEDIA,
    *CHANNELS,
    N_("not drawn: %(why)s"),
    N_("the browser %(program)s is not installed on this machine; install Debian's package chromium"),
    N_("the browser %(program)s does not start: %(why)s"),
    N_("the browser %(program)s can't use a file elsewhere: %(why)s; set browser.executable to the browser itself"),
    N_("the browser %(program)s can't be started: %(why)s"),
    N_("the page's scripts do not end within %(seconds)s s"),
    N_("the browser does not answer within %(seconds)s s"),
    N_("the browser ended while it rendered the page"),
    N_("the browser ended"),
    N_("the page crashed in the browser"),
    N_("the page opens more than %(limit)s dialogs and windows"),
    N_("the page takes more than %(limit)s MiB of memory"),
    N_("the page takes more than %(seconds)s s of CPU"),
    N_("the page is too long: %(count)s characters of HTML, and %(limit)s are allowed"),
    N_("%(pages)s pages get their text from scripts, so the archive does not have this text"),
    N_("1 page gets its text from scripts, so the archive does not have this text"),
    N_("the page gets its text from scripts, so the archive does not have this text"),
    N_("the page gets its text from scripts (%(why)s), so a browser renders such pages"),
    N_("the page %(url)s gets its text from scripts, so the archive does not have this text"),
    N_("the start URLs of the source are ordinary pages, not feeds or sitemaps; choose another walk (crawl method)"),
    N_("the start URLs of the source show no forum boards or threads; choose another walk (crawl method)"),
    N_("%(pages)s pages were not fetched, as the entry in the list of the site can't be read"),
    N_("%(pages)s page was not fetched, as the entry in the list of the site can't be read"),
    N_("%(lists)s lists of the site could not be read in full, so pages may be missing"),
    N_("1 list of the site could not be read in full, so pages may be missing"),
    N_("pages of %(threads)s forum threads are missing from this run, such as pages %(pages)s of %(url)s"),
    N_("pages of %(threads)s forum threads are missing from this run, such as page %(pages)s of %(url)s"),
    N_("pages %(pages)s of the forum thread %(url)s are missing from this run"),
    N_("page %(pages)s of the forum thread %(url)s is missing from this run"),
    N_(
        "the start URL redirects to %(url)s, which does not belong to the source, so Pressmark does not follow "
        "the links on that page"
    ),
    N_("%(limit)s; %(left)s URLs were not fetched"),
    N_("%(limit)s; 1 URL was not fetched"),
    N_("the site sent %(what)s instead of pages; %(pages)s pages were fetched"),
    N_("the site sent %(what)s instead of pages; 1 page was fetched"),
    N_("the time limit of %(limit)s was reached"),
    N_("the limit of %(limit)s pages was reached"),
    N_("the limit of %(limit)s bytes was reached"),
    N_("the run archived nothing; %(why)s"),
    N_("the run archived nothing"),
    N_("the start URLs of the source redirect to each other without end"),
    N_("no new document in the series; %(count)s documents were archived before"),
    N_("no new document in the series; 1 document was archived before"),
    N_("the site has no document of the series"),
    N_("the date of the first document of the series has not come yet"),
    N_("%(what)s; the site does not have these documents of the series: %(which)s"),
    N_("the database %(where)s can't be used: %(why)s"),
    N_("the disk of the database %(where)s is full: %(why)s"),
    N_("the search took too long and was ended; use rarer words, or limit it to a site or a time"),
    N_("the database %(where)s is read-only: %(why)s"),
    N_(
        "the disk is full, so Pressmark can't save the URLs that it has still to fetch, in %(where)s: %(why)s; "
        "make space on the disk"
    ),
    N_("Pressmark can't save the URLs that it has still to fetch, in %(where)s: %(why)s"),
    N_("Pressmark can't write the items (data records) that the run collected to %(where)s: %(why)s"),
    N_("the database %(where)s is damaged: %(why)s"),
    # What the index lacks.
    N_("Pressmark is building the index again from the archived files: %(done)s of %(all)s WARC files are done"),
    N_("the index (the list of all captures) is new, and Pressmark has not filled it from the archived files yet"),
    N_("the index (the list of all captures) is new, and Pressmark can't fill it from the archived files yet: %(why)s"),
    N_("somebody cancelled the run on its page"),
    N_("the crawling process is stopping"),
    N_("the crawling process stopped"),
    N_("%(why)s; the run continues automatically"),
    N_(
        "%(why)s; this was attempt %(attempt)s of %(attempts)s, and Pressmark does not try again; to try "
        "again, start another run"
    ),
    N_("the run was interrupted, as the crawling process %(worker)s ended or stopped responding"),
    N_("the run was interrupted, as its machine no longer responds; the run starts again automatically"),
    *LEFT_OUT,
    N_(
        "the crawling process made no progress for %(seconds)s seconds, so Pressmark ended it; a bug report should "
        "name this place in the code: %(file)s, line %(line)s"
    ),
    N_("the crawling process made no progress for %(seconds)s seconds, so Pressmark ended it"),
    N_(
        "the crawling process did not start within %(seconds)s seconds, so Pressmark ended it; a bug report should "
        "name this place in the code: %(file)s, line %(line)s"
    ),
    N_("the crawling process did not start within %(seconds)s seconds, so Pressmark ended it"),
    N_("the server accepts only HTTP/2, but Pressmark asks in HTTP/1.1, so it can't archive this page"),
    N_("the run %(run)s did not end within %(seconds)s s: %(why)s"),
    N_(
        "in the source %(source)s, the pattern %(pattern)s of scope.%(key)s takes too long for "
        "%(url)s; write a simpler pattern; URLs skipped so far: %(count)s"
    ),
    N_("%(why)s; attempt %(attempt)s of %(attempts)s"),
    N_("the run was interrupted: %(why)s"),
    # What robots.txt says.
    N_(
        "the website answered the request for %(where)s with an error (status %(status)s), so Pressmark fetches no "
        "page of the site until it "
        "can read this file"
    ),
    N_("%(where)s does not exist (status %(status)s), so Pressmark may fetch all pages"),
    N_(
        "the website answered the request for %(where)s with an error (status %(status)s), so Pressmark may fetch all "
        "pages"
    ),
    N_("%(where)s redirects more than %(count)s times, so Pressmark ignores this file and may fetch all pages"),
    # The next one is of captures; it stands here, as the one after it matches it, too.
    N_(
        "Pressmark extracts no text from %(url)s, as the website did not send the page: it answered with status "
        "%(status)s"
    ),
    N_("%(where)s answered %(status)s"),
    N_(
        "%(where)s could not be fetched (%(why)s), so Pressmark fetches no page of the site until it can read this file"
    ),
    *PROPOSALS,
    # What the review of a run finds.
    N_("a note has at most %(most)s characters"),
    N_("the server sent a login form instead of the page"),
    N_("the server sent a CAPTCHA instead of the page"),
    N_("the server blocked the request: it sent a notice instead of the page"),
    N_("the server sent a placeholder page of an unused domain, such as an offer to sell it, instead of the page"),
    N_("the page says that it does not exist"),
    N_("the website answered with an error (status %(status)s) instead of the page"),
    N_("the text has %(now)s characters; before, it had %(before)s"),
    N_("the page has %(now)s posts; before, it had %(before)s"),
    N_("the page has %(now)s post; before, it had %(before)s"),
    # Timetables.
    *EVERY,
    N_("cron %(expression)s"),
    # Refusals.
    N_("page not found"),
    N_("no run with the id %(run)s"),
    N_("no source named %(source)s"),
    N_("the archive has no capture (archived version) of %(url)s"),
    N_("the text of %(url)s is not extracted yet; the administrator can extract it with the command pressmark extract"),
    N_("the server redirected %(url)s to %(target)s, so this capture has no text"),
    N_("Pressmark extracts text only from web pages, PDF files and e-mails, and %(url)s is of the type %(type)s"),
    N_("the server sent an empty page for %(url)s"),
    N_("Pressmark found no forum posts on %(url)s"),
    N_("the run %(run)s has ended"),
    N_("no person named %(name)s"),
    N_("there is no valid access token named %(name)s: it was revoked, or never existed"),
    N_("a person named %(name)s already exists"),
    N_("an access token with the name %(name)s exists or existed before; choose another name"),
    N_("invalid name %(name)s: use lowercase letters, digits, dots, hyphens and underscores"),
    N_("a password must have between %(least)s and %(most)s characters"),
    N_("invalid duration %(given)s: use a number and a unit, e.g. 30s, 15m, 6h or 1d"),
    N_("invalid name %(name)s: use lowercase letters, digits and hyphens, at most 64 characters"),
    N_("your role %(own)s does not allow this; it needs the role %(role)s"),
    N_(
        "this address shows all collections, and some of them are closed to you; use the search and the lists of "
        "captures instead"
    ),
    N_("your access token allows only these collections, and the address must name one of them: %(names)s"),
    N_(
        "the request comes from a page of another site, which may not change anything here; use the "
        "pages of this service"
    ),
    N_(
        "nobody can log in to this service yet; ask the administrator to add people with the command pressmark user add"
    ),
    N_("no webhook named %(name)s"),
    N_("invalid time %(given)s: use digits such as 2026, 20260131 or 20260131120000, or a date such as 2026-01-31"),
    N_("Pressmark does not fetch from %(host)s: the settings do not allow its port"),
    N_("Pressmark does not fetch from %(host)s: its address %(address)s is not on the public internet (%(why)s)"),
    N_("Pressmark does not fetch from %(host)s: this address is not on the public internet (%(why)s)"),
    N_("invalid URL %(given)s: it contains a space or an invisible character, such as a line break"),
    N_("%(given)s has no route; write one, such as rsshub://bilibili/user/video/2267573"),
    N_("%(given)s is not a full URL; a full URL begins with https:// or http://"),
    N_("%(given)s is not an http or https URL; %(hint)s"),
    N_("the server of %(seed)s can't be reached (%(why)s)"),
    N_("the server of %(seed)s can't be reached"),
    N_("%(what)s, and %(count)s more"),
    N_("%(url)s: 401 Unauthorized"),
    N_("%(url)s: 403 Forbidden"),
    N_("%(url)s: 404 Not Found"),
    N_("%(url)s: 410 Gone"),
    N_("%(url)s: 429 Too Many Requests"),
    N_("%(url)s: 500 Internal Server Error"),
    N_("%(url)s: 502 Bad Gateway"),
    N_("%(url)s: 503 Service Unavailable"),
    N_(
        "an internal error happened; try again; if it happens again, tell the administrator, who finds the "
        "details in the log of the service"
    ),
    N_("%(url)s could not be fetched: %(why)s"),
    N_("a process that answers web requests was ended by %(signal)s"),
    N_("a process that answers web requests ended with exit code %(code)s"),
    N_("a process that answers web requests could not be started: %(why)s"),
    N_("the log of this run is not on this machine: the worker %(worker)s on the machine %(host)s has it"),
    N_("the log of this run is not on this machine any more"),
    # Why a replica has nothing of what it had.
    N_("its disk is not mounted at %(path)s"),
    N_("all its lists of files (manifests) are missing"),
    N_("its files disappeared while Pressmark copied other files to it"),
    # The rules of a source, and states.
    *SCOPE_RULES,
    *(kind.sentence for kind in KINDS.values()),
    *EXPLANATIONS,
    N_("at %(times)s"),
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
    if said := translated_duration(text, language):
        return said
    if (read := _reading(text)) is not None:
        message, values = read
        return translator(language)(message, **{name: translated_sentence(value) for name, value in values.items()})
    return Markup('<span lang="en">{}</span>').format(escape(text)) if _WORDS.search(text) else text


def plain(text: str, language: str, more: tuple[str, ...] = ()) -> str:
    """Translate a sentence outside of pages: one of SENTENCES or of `more`; any other stays English."""
    if said := translated_duration(text, language):
        return said
    if (read := _reading(text, more)) is None:
        return text
    message, values = read
    said = str(translator(language)(message))
    return said % {name: plain(value, language, more) for name, value in values.items()} if values else said


def _reading(text: str, more: tuple[str, ...] = ()) -> tuple[str, dict[str, str]] | None:
    """Find which sentence it is, and its values. A former sentence, however general a present one is, counts first."""
    if len(text) > _LONGEST:
        return None
    matched = ((message, pattern.fullmatch(text)) for message, pattern in _patterns((*FORMER, *SENTENCES, *more)))
    return next(((FORMER.get(message, message), found.groupdict()) for message, found in matched if found), None)


@lru_cache(maxsize=2)
def _patterns(sentences: tuple[str, ...]) -> tuple[tuple[str, re.Pattern[str]], ...]:
    return tuple((each, re.compile(_FIELD.sub(_group, re.escape(each)), re.DOTALL)) for each in sentences)


def _group(field: re.Match[str]) -> str:
    """Return the group of a field; counts and status codes are numbers, so that no longer sentence matches in place."""
    return f"(?P<{field[1]}>{'[0-9][0-9,]*' if field[1] in ('count', 'status') else '.+'})"
