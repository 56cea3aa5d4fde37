"""Discourse: its pages for crawlers (`topics/show.html.erb`, `list/list.erb`), and its JSON: of a topic, of a list of
topics, and inside pages for their scripts (`data-preloaded`).
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

from selectolax.lexbor import LexborNode

from extractor.forums.engine import Engine
from extractor.forums.payloads import count, loads, mapping, moment, objects, text
from extractor.html.page import Page
from extractor.values.thread import ForumLinks, Post, Quote, Thread, ThreadLink
from extractor.values.urls import Resolver

_A_PAGE = 20
"""Posts on a page of a topic."""
_OF_PREVIEWS = "aside.onebox header,aside.onebox p,aside.onebox .github-info,aside.onebox .labels"
"""The parts of a link preview, except the title."""


class _Discourse(Engine):
    def recognises(self, page: Page) -> bool:
        return super().recognises(page) or bool(_json(page))

    def thread(self, page: Page, at: datetime | None = None) -> Thread | None:
        return super().thread(page, at) or self._thread_of(_topic(page), page)

    def links(self, page: Page, at: datetime | None = None) -> ForumLinks:
        said = mapping(_json(page).get("topic_list"))
        return _links_of(said, page) if said else super().links(page, at)

    def _numbers(self, page: Page) -> tuple[int | None, int | None]:
        """Return the page number; the pager only shows whether there are more."""
        return _page_number(page.url), None

    def _thread_of(self, topic: Mapping[str, Any], page: Page) -> Thread | None:
        stream = mapping(topic.get("post_stream"))
        resolver = Resolver(page.url)
        shown = [post for post in objects(stream.get("posts")) if count(post.get("post_type")) in (None, 1)]
        posts = tuple(self._post_of(post, topic, resolver) for post in shown)
        if not posts:
            return None
        number, total = _page_number(page.url), len(stream.get("stream") or ()) or count(topic.get("posts_count")) or 0
        pages = max(math.ceil(total / _A_PAGE), number)
        home = self.home(page)
        return Thread(
            url=page.url,
            engine=self.name,
            title=text(topic.get("title")),
            posts=posts,
            home=home,
            tags=tuple(filter(None, map(text, topic.get("tags") or ()))) if isinstance(topic.get("tags"), list) else (),
            page=number,
            pages=pages,
            next=f"{home}?page={number + 1}" if number < pages else None,
        )

    def _post_of(self, post: Mapping[str, Any], topic: Mapping[str, Any], resolver: Resolver) -> Post:
        number = text(post.get("post_number"))
        place = f"/t/{text(topic.get('slug')) or '-'}/{text(topic.get('id'))}/{number}"
        likes = [count(action.get("count")) for action in objects(post.get("actions_summary")) if action.get("id") == 2]
        return self.post_from_json(
            post.get("cooked"),
            resolver,
            id=number,
            author=text(post.get("username")),
            date=moment(post.get("created_at")),
            url=resolver(place),
            answers=text(post.get("reply_to_post_number")),
            score=next(iter(likes), None),
        )

    def _quote(self, quote: LexborNode, resolver: Resolver) -> Quote:
        """Read a quotation: it has the numbers of post and topic, which suffice for a URL."""
        topic, post = (quote.attrs.get(name) or "" for name in ("data-topic", "data-post"))
        url = resolver(f"/t/-/{topic}/{post}") if topic.isdecimal() and post.isdecimal() else None
        return replace(super()._quote(quote, resolver), url=url)


def _json(page: Page) -> Mapping[str, Any]:
    """Return the JSON of a page that consists of Discourse's JSON."""
    if page.text.lstrip()[:1] != "{":
        return {}
    said = mapping(loads(page.text))
    return said if "post_stream" in said or "topic_list" in said else {}


def _topic(page: Page) -> Mapping[str, Any]:
    if said := _json(page):
        return said
    carrier = page.tree.css_first("#data-preloaded")
    carried = mapping(loads(carrier.attrs.get("data-preloaded"))) if carrier is not None else {}
    return next((mapping(loads(value)) for key, value in carried.items() if key.startswith("topic_")), {})


def _links_of(listed: Mapping[str, Any], page: Page) -> ForumLinks:
    resolver = Resolver(page.url)
    threads = []
    for topic in objects(listed.get("topics")):
        url = resolver(f"/t/{text(topic.get('slug')) or '-'}/{text(topic.get('id'))}")
        posts = count(topic.get("posts_count"))
        title = text(topic.get("title")) or ""
        if url:
            threads.append(ThreadLink(url, title, posts - 1 if posts else None, moment(topic.get("last_posted_at"))))
    return ForumLinks(threads=tuple(threads), next=resolver(text(listed.get("more_topics_url")) or ""))


def _page_number(url: str) -> int:
    written = parse_qs(urlsplit(url).query).get("page", ["1"])[0]
    return int(written) if re.fullmatch(r"[1-9]\d{0,5}", written) else 1


DISCOURSE = _Discourse(
    name="discourse",
    sign="div.crawler-post,meta[name=generator][content^=Discourse],#main-outlet div[itemprop=comment] .post",
    post="div.crawler-post,div[itemtype*=DiscussionForumPosting] > div[itemprop=comment],.topic-post article,"
    "div[itemtype*=DiscussionForumPosting]:has(> .creator):has(> .post)",
    body=(".post[itemprop=text]", ".post[itemprop=articleBody]", ".post", ".cooked"),
    author=(".creator [itemprop=name]", ".creator a", ".creator", ".names .username"),
    time=("[itemprop=datePublished]", ".crawler-post-infos time", "time.post-time", "time", ".relative-date"),
    id=("@id", "[itemprop=position]"),
    permalink=(),
    dropped=_OF_PREVIEWS,
    quote="aside.quote",
    quote_author=("@data-username", ".title"),
    quote_label=".title",
    quote_link=("@data-post",),
    attachment="a.attachment",
    score=(
        "[itemprop=userInteractionCount]@content",
        "meta[itemprop=interactionCount][content^=UserLikes]@content",
        ".post-likes",
    ),
    title=("h1.crawler-topic-title a", "#topic-title h1", "h1"),
    board=(
        ".topic-category a[itemprop=item] [itemprop=name]",
        "#breadcrumbs [itemprop=item] [itemprop=name]",
        "#breadcrumbs [itemprop=title]",
        ".topic-category a",
    ),
    tags="a.discourse-tag,.tags-list [itemprop=name]",
    next="link[rel=next],a[rel=next]",
    later=((r"\.json(?=\?|$)", ""), (r"\?page=\d+", ""), (r"(/t/[^/?]+/\d+)/\d+", r"\1")),
    row="tr.topic-list-item,.topic-list > div[itemprop=itemListElement]",
    thread_link="a.raw-topic-link,a.title,a[itemprop=url],span.link-top-line a",
    replies=("td.replies .posts", ".replies"),
    last_post=("td:last-child", "meta[itemprop=dateModified]@content"),
    board_link=".category-list a[itemprop=url],tr.category h3 a,.category h3 a,.category-box a",
)
