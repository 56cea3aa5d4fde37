"""Turn a URL into a Scrapy request: identity, headers, cookies, and conditions."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from http.cookiejar import Cookie
from typing import Any

from scrapy import Request
from scrapy.http import Headers, Response
from scrapy.http.cookies import CookieJar

from config.errors import SecretNotFound
from config.groups.permissions import Permissions
from config.source import Source
from crawler.frontier.page_fetch import Fetch
from crawler.policy.rows import host_of
from crawler.policy.scope import own_hosts
from crawler.policy.session_cookies import session_cookies
from crawler.wire.outgoing import ACCEPT_ENCODING
from extractor.values.urls import normalise

_ACCEPT = b"text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"

Callback = Callable[[Any], Any]


class Requests:
    """Makes the requests of one run. Headers and cookies of the source are sent to its own hosts only."""

    def __init__(self, source: Source, identity: str, seeds: Iterable[str], permissions: Permissions) -> None:
        """Set up the requests. Raises NotPermitted, SecretNotFound."""
        self._own = own_hosts(source, seeds)
        self.timeout = source.politeness.timeout.total_seconds()
        """Seconds that a server has to answer."""
        plain = {"User-Agent": identity, "Accept": _ACCEPT, "Accept-Encoding": ACCEPT_ENCODING}
        self._plain = Headers(plain)
        self._named = {name: permissions.reveal(value) for name, value in source.headers.items()}
        self._ours = Headers(plain | self._named)
        self._jar: CookieJar | None = None
        for name, value in source.cookies.items():
            self._set_cookie(name, permissions.reveal(value))
        if source.session is not None:
            self._restore(permissions.reveal(source.session.cookies), source.session.cookies.secret)

    def is_own(self, url: str) -> bool:
        """Return whether an absolute URL in its normal form is on a host that the source names."""
        return host_of(url) in self._own

    def of(
        self,
        fetch: Fetch,
        url: str,
        callback: Callback | None = None,
        errback: Callback | None = None,
        *,
        conditions: Mapping[bytes, list[bytes]] | None = None,
        form: bytes | None = None,
    ) -> Request:
        """Build a request for a URL in its normal form; with `form`, one that submits the form."""
        request = Request(
            url,
            callback=callback,
            errback=errback,
            method="GET" if form is None else "POST",
            body=form,
            meta={"fetch": fetch, "sent": fetch.note_sent, "verbatim_url": True},
            dont_filter=True,
        )
        request.headers = self._headers(fetch.host, conditions, form)
        if self._jar is not None:
            self._jar.add_cookie_header(request)
        return request

    def take_cookies(self, response: Response) -> None:
        """Remember the cookies that an answer sets, for the rest of the run."""
        if dict.__contains__(response.headers, b"Set-Cookie") and response.request is not None:
            if self._jar is None:
                self._jar = CookieJar()
            self._jar.extract_cookies(response, response.request)

    def add_identity(self, request: Request) -> bool:
        """Add the source's headers and the cookies of the run to what a page that is drawn requests of our own hosts.

        Return whether it did. A cookie that the browser has is newer. A page of another site, whose Origin (RFC 6454,
        7) says so, gets none.
        """
        origin = request.headers.get("Origin")
        if not self.is_own(request.url) or (origin is not None and not self._is_own_origin(origin)):
            return False
        request.headers.update(self._named)
        if self._jar is not None:
            self._jar.add_cookie_header(bare := Request(request.url))
            ours, theirs = (_pairs(one.headers.get("Cookie")) for one in (bare, request))
            if cookies := ours | theirs:
                request.headers["Cookie"] = b"; ".join(b"=".join(pair) for pair in cookies.items())
        return True

    def _is_own_origin(self, origin: bytes) -> bool:
        url = normalise(origin.decode("latin-1"))
        return url is not None and self.is_own(url)

    def _headers(self, host: str, conditions: Mapping[bytes, list[bytes]] | None, form: bytes | None) -> Headers:
        """Return the headers. Requests without headers of their own share one object, which nothing modifies."""
        template = self._ours if host in self._own else self._plain
        if not conditions and form is None and self._jar is None:
            return template
        headers = Headers()
        dict.update(headers, template)
        dict.update(headers, conditions or {})
        if form is not None:
            dict.update(headers, {b"Content-Type": [b"application/x-www-form-urlencoded"]})
        return headers

    def _restore(self, text: str, name: str) -> None:
        """Set the cookies of a session for each host of ours that they are for. Raises SecretNotFound."""
        try:
            cookies = session_cookies(text)
        except ValueError as error:
            raise SecretNotFound(name, str(error)) from error
        self._jar = self._jar or CookieJar()
        for one in cookies:
            for host in filter(one.is_for, self._own):
                self._jar.jar.set_cookie(_cookie(one.name, one.value, host, path=one.path, secure=one.secure))

    def _set_cookie(self, name: str, value: str) -> None:
        if self._jar is None:
            self._jar = CookieJar()
        for host in self._own:
            self._jar.jar.set_cookie(_cookie(name, value, host))


def _pairs(field: bytes | None) -> dict[bytes, bytes]:
    """Return the cookies of a Cookie field (RFC 6265, 4.2)."""
    pairs = (one.strip().partition(b"=") for one in (field or b"").split(b";") if one.strip())
    return {name: value for name, _, value in pairs}


def _cookie(name: str, value: str, host: str, *, path: str = "/", secure: bool = False) -> Cookie:
    domain = host if "." in host else f"{host}.local"  # http.cookiejar's name for hosts without a dot
    return Cookie(
        version=0,
        name=name,
        value=value,
        port=None,
        port_specified=False,
        domain=domain,
        domain_specified=False,
        domain_initial_dot=False,
        path=path,
        path_specified=True,
        secure=secure,
        expires=None,
        discard=True,
        comment=None,
        comment_url=None,
        rest={},
    )
