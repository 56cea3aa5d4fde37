"""The Harbour Gazette: a newspaper on a loopback socket, with all that a real one has and nothing from elsewhere.

Feed (RSS and Atom), sitemap, robots.txt, sections with pages, pictures, style and font, redirects, a page that is gone,
a page that is slow, validators with 304, gzip, chunked listings, and a comment form under each article.

    with Newspaper() as paper:
        crawl(paper.url)
        paper.edit("harbour-fog-signal", ["The fog signal is back."])
"""

from __future__ import annotations

import gzip
import hashlib
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from types import TracebackType
from urllib.parse import urlsplit

from web_of_tests import newsprint, pictures
from web_of_tests.newsroom import SECTIONS, Article, newest_first, read_articles, related
from web_of_tests.sockets import Server, Wire

PER_PAGE = 4
_STARTED = datetime(2026, 9, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer of a path, before validators and content coding."""

    body: bytes = b""
    content_type: str = "text/html; charset=utf-8"
    status: int = 200
    modified: datetime | None = None
    """Sent with an ETag, and answered with 304 to those who have it."""
    location: str | None = None
    chunked: bool = False
    compressible: bool = True


@dataclass(frozen=True, slots=True)
class Asked:
    """One line of the newspaper's own ledger."""

    method: str
    path: str
    headers: dict[str, str]
    status: int


class Newspaper:
    """Serves in a thread of its own while the context is entered."""

    def __init__(self, *, port: int = 0, slow: float = 1.0, latency: float = 0.0) -> None:
        """Set up. `slow`: seconds that `/tides.html` takes; `latency`: seconds that every answer takes."""
        self.asked: list[Asked] = []
        self._articles = {article.slug: article for article in read_articles()}
        self._slow = slow
        self._latency = latency
        self._lock = threading.Lock()
        self._server = Server(self._exchange, port=port)
        self.url = f"http://127.0.0.1:{self._server.port}"

    def __enter__(self) -> Newspaper:
        self._server.start()
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self._server.stop()

    @property
    def articles(self) -> list[Article]:
        """Return the articles, newest first."""
        return newest_first(self._articles.values())

    def url_of(self, slug: str) -> str:
        return self.url + self._articles[slug].path

    def edit(self, slug: str, paragraphs: Sequence[str], *, title: str | None = None) -> Article:
        """Change an article while the server runs: its validators change with it."""
        with self._lock:
            old = self._articles[slug]
            new = replace(
                old,
                paragraphs=tuple(paragraphs),
                title=title or old.title,
                modified=old.modified + timedelta(minutes=1),
            )
            self._articles[slug] = new
        return new

    def forget(self) -> None:
        """Clear the ledger."""
        self.asked.clear()

    def _exchange(self, method: str, target: str, headers: dict[str, str]) -> Wire:
        time.sleep(self._latency)
        answer = self._answer(urlsplit(target).path)
        wire = to_wire(answer, headers)
        self.asked.append(Asked(method, target, headers, wire.status))
        return wire

    def _answer(self, path: str) -> Answer:
        with self._lock:
            articles = self.articles
        if page := self._pages(articles).get(path):
            return page()
        for article in articles:
            if path == article.path:
                body = newsprint.article_page(article, related(article, articles), self.url)
                return _html(body, article.modified)
            if path == article.picture:
                return _picture(pictures.png(article.slug))
            if path == f"/news/{article.slug}":
                return Answer(status=301, location=article.path)
        return _section(path, articles) or _not_found()

    def _pages(self, articles: list[Article]) -> dict[str, Callable[[], Answer]]:
        newest = max(article.modified for article in articles)
        xml = "application/xml"
        return {
            "/": lambda: _html(newsprint.listing_page("Today", articles[:8]), newest),
            "/about.html": lambda: _html(newsprint.about_page(), _STARTED),
            "/sitemap.html": lambda: _html(newsprint.all_articles_page(articles), newest),
            "/tides.html": self._tides,
            "/latest": lambda: Answer(status=302, location=self.url + articles[0].path),
            "/search": lambda: _html(newsprint.page("Search", "<h1>Search</h1>"), None),
            "/comments": lambda: _html(newsprint.page("Thank you", "<h1>Thank you</h1>"), None),
            "/feed.xml": lambda: _text(newsprint.rss(articles[:20], self.url), "application/rss+xml", newest),
            "/atom.xml": lambda: _text(newsprint.atom(articles[:20], self.url), "application/atom+xml", newest),
            "/sitemap.xml": lambda: _text(newsprint.sitemap_index(self.url), xml, newest),
            "/sitemap-articles.xml": lambda: _text(newsprint.sitemap(articles, self.url), xml, newest),
            "/robots.txt": lambda: _text(newsprint.robots(self.url), "text/plain; charset=utf-8", _STARTED),
            "/static/gazette.css": lambda: _text(newsprint.STYLE, "text/css", _STARTED),
            "/static/gazette.woff2": lambda: _picture(pictures.font(), "font/woff2"),
            "/static/waves.svg": lambda: _picture(pictures.wave_svg(), "image/svg+xml"),
            "/images/paper.png": lambda: _picture(pictures.paper()),
            "/images/icon.png": lambda: _picture(pictures.png("icon", 16, 16)),
        }

    def _tides(self) -> Answer:
        time.sleep(self._slow)
        return _html(newsprint.page("Tides", "<h1>Tides</h1><p>High water at noon, more or less.</p>"), _STARTED)


def to_wire(answer: Answer, asked: dict[str, str]) -> Wire:
    """Complete an answer: validators, 304, gzip, length."""
    headers = [("Server", "gazette/1.0"), ("Content-Type", answer.content_type)]
    if answer.location:
        headers.append(("Location", answer.location))
    body = answer.body
    if answer.modified:
        etag = f'"{hashlib.sha256(body).hexdigest()[:16]}"'
        headers += [("ETag", etag), ("Last-Modified", format_datetime(answer.modified, usegmt=True))]
        if _unchanged(asked, etag, headers[-1][1]):
            return Wire(304, headers)
    if answer.compressible and body and "gzip" in asked.get("accept-encoding", ""):
        body = gzip.compress(body, mtime=0)
        headers += [("Content-Encoding", "gzip"), ("Vary", "Accept-Encoding")]
    return Wire(answer.status, headers, body, answer.chunked)


def _unchanged(asked: dict[str, str], etag: str, modified: str) -> bool:
    if "if-none-match" in asked:
        return etag in asked["if-none-match"]
    return asked.get("if-modified-since") == modified


def _section(path: str, articles: Sequence[Article]) -> Answer | None:
    """Return `/technology/` and `/technology/page/2/`, sent in chunks as such pages are."""
    parts = path.strip("/").split("/")
    section = [article for article in articles if article.section == parts[0]]
    number = int(parts[2]) if len(parts) == 3 and parts[1] == "page" and parts[2].isdecimal() else 1
    shown = section[(number - 1) * PER_PAGE : number * PER_PAGE]
    if not shown or len(parts) not in {1, 3} or not path.endswith("/") or (len(parts) == 3 and parts[1] != "page"):
        return None
    base = f"/{parts[0]}/"
    before = {1: "", 2: base}.get(number, f"{base}page/{number - 1}/")
    after = f"{base}page/{number + 1}/" if number * PER_PAGE < len(section) else ""
    html = newsprint.listing_page(SECTIONS[parts[0]], shown, previous=before, following=after)
    return replace(_html(html, max(article.modified for article in section)), chunked=True)


def _html(text: str, modified: datetime | None) -> Answer:
    return Answer(text.encode(), modified=modified)


def _text(text: str, content_type: str, modified: datetime) -> Answer:
    return Answer(text.encode(), content_type, modified=modified)


def _picture(body: bytes, content_type: str = "image/png") -> Answer:
    return Answer(body, content_type, modified=_STARTED, compressible=False)


def _not_found() -> Answer:
    return Answer(newsprint.page("Not found", "<h1>Nothing is here</h1>").encode(), status=404)
