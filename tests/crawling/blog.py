"""A blog on a local site, with the addresses of WordPress: pages, categories, feeds, sitemaps, replies."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from hashlib import sha256

from crawling.site import Asked, Reply, Site

BEGAN = datetime(2026, 1, 1, 8, tzinfo=UTC)
A_PAGE = 10
CATEGORIES = ("instruments", "harbours", "tides")


@dataclass
class Blog:
    """The newest post comes first everywhere. Each answer has an ETag, and is 304 for callers that have it."""

    site: Site
    posts: int = 200

    def __post_init__(self) -> None:
        self.site.otherwise = self.answer

    def path(self, number: int) -> str:
        return f"/{self.at(number):%Y/%m}/the-long-story-of-post-{number}/"

    @staticmethod
    def at(number: int) -> datetime:
        return BEGAN + timedelta(hours=30 * number)

    def answer(self, asked: Asked) -> Reply:
        reply = self._answer(asked.path)
        if reply.status != 200:
            return reply
        body = reply.body if isinstance(reply.body, bytes) else reply.body.encode()
        etag = f'"{sha256(body).hexdigest()[:16]}"'
        if asked.headers.get("if-none-match") == etag:
            return Reply(304, headers=(("ETag", etag),), type=None)
        return Reply(body=body, headers=(("ETag", etag),), type=reply.type)

    def _answer(self, target: str) -> Reply:
        path, _, query = target.partition("?")
        parts = [part for part in path.split("/") if part]
        if path == "/robots.txt":
            return Reply(body=f"User-agent: *\nSitemap: {self.site.url}/wp-sitemap.xml\n", type="text/plain")
        if parts[:1] == ["feed"]:
            return self._feed(int(query.removeprefix("paged=") or 1))
        if path.startswith("/wp-sitemap"):
            return self._sitemap(path)
        posts = {self.path(number): number for number in range(self.posts)}
        if path in posts:
            return self._post(posts[path])
        if not parts or parts[0] == "page":
            return self._list(range(self.posts), "", int(parts[1]) if parts else 1)
        if parts[0] == "category" and parts[1] in CATEGORIES:
            here = range(CATEGORIES.index(parts[1]), self.posts, len(CATEGORIES))
            return self._list(here, f"/category/{parts[1]}", int(parts[3]) if len(parts) > 3 else 1)
        return Reply(404, "<title>Page not found</title>")

    def _list(self, numbers: range, under: str, page: int) -> Reply:
        shown = list(reversed(numbers))[(page - 1) * A_PAGE : page * A_PAGE]
        if not shown:
            return Reply(404, "<title>Page not found</title>")
        items = "".join(
            f'<article class="post"><h2><a href="{self.path(n)}">The long story of post {n}</a></h2>'
            f'<time class="entry-date" datetime="{self.at(n).isoformat()}">{self.at(n):%d %B}</time>'
            f'<p>It begins so. <a class="more-link" href="{self.path(n)}#more">Read on</a></p></article>'
            for n in shown
        )
        older = (
            f'<div class="nav-links"><a class="next" rel="next" href="{under}/page/{page + 1}/">Older posts</a></div>'
        )
        return self._html("Blog", items + (older if page * A_PAGE < len(numbers) else ""))

    def _post(self, number: int) -> Reply:
        path = self.path(number)
        comments = "".join(
            f'<li class="comment"><p>A comment.</p><a rel="nofollow" class="comment-reply-link"'
            f' href="{path}?replytocom={number * 10 + n}#respond">Reply</a></li>'
            for n in range(3)
        )
        form = '<form id="commentform" action="/wp-comments-post.php" method="post"><textarea></textarea></form>'
        share = f'<a href="{path}?utm_source=share">Share</a> <a href="{path}?print=1">Print</a>'
        text = "".join(f"<p>Paragraph {n} of post {number} says what it says.</p>" for n in range(5))
        head = f'<link rel="canonical" href="{self.site.url}{path}"><link rel="shortlink" href="/?p={number}">'
        body = f"<article><h1>The long story of post {number}</h1>{text}</article>{share}<ol>{comments}</ol>{form}"
        return self._html(f"Post {number}", body, head)

    @staticmethod
    def _html(title: str, body: str, head: str = "") -> Reply:
        menu = "".join(f'<a href="/category/{name}/">{name}</a>' for name in CATEGORIES)
        return Reply(
            body=f"<!doctype html><html><head><title>{title}</title>{head}</head>"
            f"<body><nav>{menu}</nav><main>{body}</main></body></html>"
        )

    def _feed(self, page: int) -> Reply:
        shown = list(range(self.posts - 1, -1, -1))[(page - 1) * A_PAGE : page * A_PAGE]
        if not shown:
            return Reply(404, "no more")
        items = "".join(
            f"<item><title>Post {n}</title><link>{self.site.url}{self.path(n)}</link>"
            f"<pubDate>{format_datetime(self.at(n))}</pubDate></item>"
            for n in shown
        )
        head = f"<title>Blog</title><link>{self.site.url}</link><generator>https://wordpress.org/?v=6.8</generator>"
        return Reply(body=f'<rss version="2.0"><channel>{head}{items}</channel></rss>', type="application/rss+xml")

    def _sitemap(self, path: str) -> Reply:
        if path == "/wp-sitemap.xml":
            maps = "".join(f"<sitemap><loc>{self.site.url}/wp-sitemap-posts-{n}.xml</loc></sitemap>" for n in (1, 2))
            return Reply(body=f"<sitemapindex>{maps}</sitemapindex>", type="application/xml")
        half = range(0, self.posts, 2) if path.endswith("-1.xml") else range(1, self.posts, 2)
        urls = "".join(
            f"<url><loc>{self.site.url}{self.path(n)}</loc><lastmod>{self.at(n).isoformat()}</lastmod></url>"
            for n in half
        )
        return Reply(body=f"<urlset>{urls}</urlset>", type="application/xml")
