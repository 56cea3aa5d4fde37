"""Flarum: the JSON:API document in its pages (`flarum-json-payload`), or their content without scripts."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from extractor.forums.engine import Engine
from extractor.forums.payloads import count, loads, mapping, moment, objects, text
from extractor.html.page import Page
from extractor.values.thread import ForumLinks, Post, Thread, ThreadLink
from extractor.values.urls import Resolver

_A_PAGE = 20
_Resources = Mapping[tuple[str, str], Mapping[str, Any]]


class _Flarum(Engine):
    def thread(self, page: Page, at: datetime | None = None) -> Thread | None:
        document = _document(page)
        discussion = mapping(document.get("data"))
        if discussion.get("type") == "discussions" and (found := self._thread_of(discussion, document, page)):
            return found
        return super().thread(page, at)

    def links(self, page: Page, at: datetime | None = None) -> ForumLinks:
        resolver = Resolver(page.url)
        root = _root(page, resolver)
        threads = []
        for item in objects(_document(page).get("data")):
            facts = mapping(item.get("attributes"))
            url = resolver(f"{root}/d/{text(facts.get('slug')) or text(item.get('id'))}")
            if item.get("type") == "discussions" and url:
                posts = count(facts.get("commentCount"))
                last = moment(facts.get("lastPostedAt"))
                threads.append(ThreadLink(url, text(facts.get("title")) or "", posts - 1 if posts else None, last))
        plain = super().links(page, at)
        number, pages = self._numbers(page)
        return replace(plain, threads=tuple(threads) or plain.threads, page=number, pages=pages)

    def _numbers(self, page: Page) -> tuple[int | None, int | None]:
        return _number(page.url), None

    def _next(self, page: Page, resolver: Resolver) -> str | None:
        """Return the next page. The last page has only a link of the same kind to the previous one."""
        url = super()._next(page, resolver)
        return url if url is not None and _number(url) > _number(page.url) else None

    def _post_of(self, post: Mapping[str, Any], known: _Resources, resolver: Resolver, url: str) -> Post:
        facts = _of(post)
        user = next(iter(_related(post, "user", known)), {})
        number = text(facts.get("number"))
        place = re.match(r"[^?#]*?/d/[^/?#]+", url)
        return self.post_from_json(
            facts.get("contentHtml"),
            resolver,
            id=number,
            author=text(_of(user).get("displayName")) or text(_of(user).get("username")),
            date=moment(facts.get("createdAt") or facts.get("time")),
            url=resolver(f"{place[0]}/{number}") if place and number else None,
            score=count(facts.get("votes")),
        )

    def _thread_of(self, discussion: Mapping[str, Any], document: Mapping[str, Any], page: Page) -> Thread | None:
        known = {(str(r.get("type")), str(r.get("id"))): r for r in objects(document.get("included"))}
        facts = mapping(discussion.get("attributes"))
        posts = tuple(self._post_of(post, known, Resolver(page.url), page.url) for post in _posts(known))
        if not posts:
            return None
        total = count(facts.get("commentCount"))
        number, _ = self._numbers(page)
        tags = tuple(name for r in _related(discussion, "tags", known) if (name := text(_of(r).get("name"))))
        return Thread(
            url=page.url,
            engine=self.name,
            title=text(facts.get("title")),
            posts=posts,
            home=self.home(page),
            board=tags[0] if tags else None,
            tags=tags,
            page=number,
            pages=max(math.ceil(total / _A_PAGE), number or 1) if total else None,
            next=self._next(page, Resolver(page.url)),
        )


def _number(url: str) -> int:
    match = re.search(r"[?&]page=(\d{1,6})", url)
    return int(match[1]) if match else 1


def _root(page: Page, resolver: Resolver) -> str:
    """Return the path of the forum, which may be in a sub-folder, without a slash at its end; empty for the root.

    The host is that of the page: a forum that moved may still name its former one.
    """
    facts = (mapping(item.get("attributes")) for item in objects(_payload(page).get("resources")))
    said = next(filter(None, (text(each.get("baseUrl")) for each in facts)), "")
    link = page.tree.css_first("#flarum-content a[href*='/d/']")
    linked = (link.attrs["href"] or "").partition("/d/")[0] if link is not None else ""
    path = urlsplit(resolver(said) or resolver(linked) or "").path.strip("/")
    return f"/{path}" if path else ""


def _document(page: Page) -> Mapping[str, Any]:
    said = _payload(page)
    return mapping(said.get("apiDocument") or said.get("document"))


def _payload(page: Page) -> Mapping[str, Any]:
    carrier = page.tree.css_first("#flarum-json-payload")
    return mapping(loads(carrier.text())) if carrier is not None else {}


def _posts(known: _Resources) -> list[Mapping[str, Any]]:
    """Return posts in order, without actions of moderators."""
    found = [r for (kind, _), r in known.items() if kind == "posts" and "contentHtml" in _of(r)]
    return sorted(found, key=lambda resource: count(_of(resource).get("number")) or 0)


def _of(resource: Mapping[str, Any]) -> Mapping[str, Any]:
    return mapping(resource.get("attributes"))


def _related(resource: Mapping[str, Any], name: str, known: _Resources) -> list[Mapping[str, Any]]:
    said = mapping(mapping(resource.get("relationships")).get(name)).get("data")
    pointers = objects(said if isinstance(said, list) else [said])
    return [found for p in pointers if (found := known.get((str(p.get("type")), str(p.get("id")))))]


FLARUM = _Flarum(
    name="flarum",
    sign="#flarum-content,#flarum-json-payload,.PostStream-item .Post-body",
    post=".PostStream-item article.CommentPost,#flarum-content article,noscript article,article.CommentPost",
    body=(".Post-body",),
    author=(".PostUser-name .username", ".PostUser-name", ".username"),
    time=(".PostMeta time", "time"),
    id=("@data-number", "@id"),
    permalink=(".PostMeta-permalink@value",),
    title=("h1.DiscussionHero-title", ".DiscussionHero-title", "#flarum-content h1", "h1"),
    next="#flarum-content a:last-of-type[href*='page=']:not(:has(~ a)),link[rel=next]",
    later=((r"([?&])page=\d+&?", r"\1"), (r"(/d/[^/?#]+)/\d+", r"\1"), (r"[?&]$", "")),
    row="#flarum-content li:has(> a[href*='/d/']),li[data-id]",
    thread_link="a[href*='/d/']",
    board_link="#flarum-content > .container > ul > li > a[href*='/t/'],"
    "#flarum-content > .container > ul > li > ul > li > a[href*='/t/']",
)
