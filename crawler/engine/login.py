"""Log in by a form before the first page: fetch the form, fill it in, send it, check the answer.

Of a login that a person made in a browser, only check that it is still valid.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast
from urllib.parse import urlencode

from config.groups.permissions import Permissions
from config.source import Login, Source
from config.values.secret import Secret
from crawler.engine.fetch_context import FetchContext
from crawler.policy.answers import MOST_HOPS, Answered, Kind, Meaning, body_of, describe, meaning_of
from crawler.policy.backoff import backoff
from crawler.policy.rows import host_of
from crawler.spiders.run import NotShown
from extractor.values.encoding import decode
from extractor.values.urls import normalise, resolve

if TYPE_CHECKING:
    from scrapy.http import Response

    from crawler.spiders.walk import Walk

_LARGEST_PAGE = 4 << 20
_LOOK = 0.1
"""Seconds until a busy host is looked at again."""
_REFUSED = (401, 403)
"""What a site answers to who is not logged in; any other failure says nothing about the login."""


class LoginFailed(Exception):
    """The login to a site failed; the message says why."""


@dataclass(frozen=True, slots=True)
class Form:
    """A form filled in, ready to be sent."""

    url: str
    fields: Mapping[str, str]
    post: bool


class LoggedOut(LoginFailed):
    """The login that a person made in a browser is no longer valid."""


async def log_in(spider: Walk, source: Source, permissions: Permissions) -> None:
    """Log in with the cookies of this run. Raises LoginFailed, NotPermitted, SecretNotFound."""
    if source.login is not None:
        await _log_in(spider, source.login, permissions)
    if source.session is not None and source.session.check is not None:
        await _check_session(spider, source.session.url or source.seeds[0], source.session.check)


async def _check_session(spider: Walk, url: str, wanted: str) -> None:
    answer = await _get(spider, normalise(url) or url)
    if answer.status not in _REFUSED and not 200 <= answer.status < 300:
        raise LoginFailed(f"the login could not be checked: {answer.url} answered {describe(answer.status)}")
    body = body_of(answer, _LARGEST_PAGE)
    shown = answer.status not in _REFUSED and (
        wanted in decode(body)[0] or wanted in await _drawn(spider, answer, body)
    )
    if not shown:
        raise LoggedOut(
            f"the site has logged Pressmark out: the page {answer.url} (status {answer.status}) does not "
            f"contain {wanted!r}; log in with a browser, and ask the administrator to save its cookies with "
            "the command pressmark login"
        )


async def _drawn(spider: Walk, answer: Response, body: bytes) -> str:
    """Return the document that scripts make of an answer, if what they log in with is in a storage; else nothing."""
    drawing, crawl = spider.crawl.drawing, cast("FetchContext", spider.crawl)
    if drawing is None:
        return ""
    fetch = crawl.fetch(host_of(answer.url))
    try:
        return await drawing.look(fetch, answer.url, Answered.of(answer, body)) or ""
    except NotShown as error:
        raise LoginFailed(f"the login could not be checked: {answer.url} could not be drawn: {error}") from error
    finally:
        crawl.result_writer.finish(fetch)


async def _log_in(spider: Walk, login: Login, permissions: Permissions) -> None:
    page = await _get(spider, normalise(login.url) or login.url)
    if page.status >= 400:
        raise LoginFailed(f"the login page {page.url} answered {page.status}")
    fields = {name: permissions.reveal(value) for name, value in login.fields.items()}
    form = fill(decode(body_of(page, _LARGEST_PAGE))[0], page.url, fields)
    if form is None:
        raise LoginFailed(f"the login page {page.url} has no form with the fields {', '.join(fields)}")
    _check(spider, login, form)
    answer = await _send(spider, form)
    text = decode(body_of(answer, _LARGEST_PAGE))[0]
    if answer.status >= 400:
        raise LoginFailed(f"the login form was sent, but {answer.url} answered {answer.status}")
    if login.check is not None and login.check not in text:
        raise LoginFailed(f"the login form was sent, but {answer.url} does not contain {login.check!r}")


def _check(spider: Walk, login: Login, form: Form) -> None:
    """Refuse a URL that contains a secret (URLs are archived and shown) and a host that the source does not name."""
    secret = any(isinstance(value, Secret) for value in login.fields.values())
    if secret and not form.post:
        raise LoginFailed(f"the login form uses GET, which would put its secrets into the URL {form.url}")
    if secret and not spider.crawl.requests.is_own(form.url):
        raise LoginFailed(
            f"the login form submits to {host_of(form.url)}, which is not a host of this source; add it to scope.hosts"
        )


def fill(html: str, url: str, fields: Mapping[str, str]) -> Form | None:
    """Fill in the first form of a page that has all the given fields. Its other fields keep their values."""
    from lxml import html as lxml_html

    document = lxml_html.document_fromstring(html or "<html></html>", base_url=url)
    for form in document.forms:
        if set(fields) <= set(form.fields.keys()):
            values = {name: value for name, value in form.form_values() if isinstance(value, str)}
            target = resolve(form.get("action") or "", url) or url
            return Form(target, values | dict(fields), post=(form.method or "GET").upper() == "POST")
    return None


async def _send(spider: Walk, form: Form) -> Response:
    encoded = urlencode(form.fields)
    if form.post:
        return await _get(spider, form.url, encoded.encode())
    return await _get(spider, f"{form.url.partition('?')[0]}?{encoded}")


async def _get(spider: Walk, url: str, form: bytes | None = None) -> Response:
    """Fetch one page. Redirects are followed as browsers do: with GET, whatever method was used before.

    A page that is not available now is fetched again, as often as the source says; no form is sent twice.
    """
    crawl, attempts = cast("FetchContext", spider.crawl), 0
    for _ in range(MOST_HOPS + 1):
        response, meaning = await _once(spider, url, form)
        while meaning.kind is Kind.LATER and form is None and attempts < crawl.source.politeness.retries:
            await _pause(crawl, backoff(attempts, crawl.parts.backoff) if meaning.wait is None else meaning.wait)
            attempts += 1
            response, meaning = await _once(spider, url)
        if meaning.kind is not Kind.MOVED or meaning.target is None:
            return response
        url, form = meaning.target, None
    raise LoginFailed(f"the login redirects more than {MOST_HOPS} times")


async def _once(spider: Walk, url: str, form: bytes | None = None) -> tuple[Response, Meaning]:
    crawl, engine = cast("FetchContext", spider.crawl), spider.crawler.engine
    fetch = crawl.fetch(host_of(url), secret=form is not None)
    try:
        await _turn(crawl, fetch.host)
        response = await engine.download_async(crawl.requests.of(fetch, url, form=form))
    except Exception as error:
        raise LoginFailed(f"{url} could not be fetched: {error}") from error
    finally:
        crawl.result_writer.finish(fetch)
    if fetch.withheld is not None:
        raise LoginFailed(f"the login could not be checked: {fetch.withheld}")
    crawl.requests.take_cookies(response)
    return response, meaning_of(response.status, response.headers, url, crawl.parts.now())


async def _pause(crawl: FetchContext, seconds: float) -> None:
    """Wait, unless the run ends. Raises LoginFailed."""
    loop = asyncio.get_running_loop()
    until = loop.time() + seconds
    while (left := until - loop.time()) > 0:
        if crawl.ending:
            raise LoginFailed("the run ended before the login")
        await asyncio.sleep(min(left, _LOOK))


async def _turn(crawl: FetchContext, host: str) -> None:
    """Wait until a host may be requested, and begin."""
    politeness, client = crawl.source.politeness, crawl.politeness_client
    delay = politeness.delay.total_seconds()
    while (wait := client.wait_for(host, delay=delay, concurrency=politeness.concurrency)) > 0:
        await asyncio.sleep(min(wait, _LOOK))
    client.started(host)
