"""Mastodon, and others with its interface: JSON of an account, a hashtag, a post, its replies and its versions.

Source: https://docs.joinmastodon.org/entities/Status and https://docs.joinmastodon.org/methods/statuses. The HTML page
of a post is an empty frame for scripts, so the interface is what the archive reads. It needs no token for public posts.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from extractor.forums.engine import MOST_POSTS, Engine
from extractor.forums.payloads import count, loads, mapping, moment, objects, post_of, text
from extractor.forums.social.json_pages import host_of, is_json, origin_of, paragraph, path_of, title_of
from extractor.html.page import Page
from extractor.values.thread import Attachment, ForumLinks, Post, Thread, ThreadLink
from extractor.values.urls import Resolver

_LIST = re.compile(r"/api/v1/(?:accounts/[^/]+/statuses|timelines/tag/[^/]+)$")
_STATUS = re.compile(r"(?P<home>.*/api/v1/statuses/[^/]+?)(?P<part>/context|/history)?$")
_IN_LIST = ("statuses", "tag")
_PARTS = {"/context": "context", "/history": "history"}
_QUOTATION = "<blockquote"


class _Mastodon(Engine):
    def recognises(self, page: Page) -> bool:
        return _answer(page) is not None

    def has_posts(self, page: Page) -> bool:
        return self.thread(page) is not None

    def home(self, page: Page) -> str:
        """Return the address of the post. The versions of a post are a thread of their own."""
        found = _STATUS.match(page.url.partition("?")[0].rstrip("/"))
        return page.url if found is None or found["part"] == "/history" else found["home"]

    def thread(self, page: Page, at: datetime | None = None) -> Thread | None:
        found, said = _STATUS.search(path_of(page.url)), _answer(page)
        if found is None or said is None:
            return None
        part = _PARTS.get(found["part"] or "", "")
        posts = tuple(_posts(said, part, Resolver(page.url)))
        if not posts:
            return None
        whole = mapping(said)
        pages = 2 if part == "context" or _has_context(whole) else 1
        return Thread(
            url=page.url,
            engine=self.name,
            title=title_of(posts[0].text) if part != "context" else None,
            posts=posts,
            home=self.home(page),
            tags=_tags(whole),
            page=2 if part == "context" else 1,
            pages=pages,
            next=f"{self.home(page)}/context" if not part and pages > 1 else None,
        )

    def links(self, page: Page, at: datetime | None = None) -> ForumLinks:
        said = _answer(page)
        if isinstance(said, list) and _LIST.search(path_of(page.url)):
            return _listed(said, page)
        found = _STATUS.search(path_of(page.url))
        if found is None or said is None:
            return ForumLinks()
        home, status = self.home(page), mapping(said)
        if found["part"]:
            number = 2 if found["part"] == "/context" else 1
            return ForumLinks(home=home, page=number, pages=number)
        edited = moment(status.get("edited_at"))
        following = f"{home}/context" if _has_context(status) else None
        return ForumLinks(
            next=following,
            home=home,
            page=1,
            pages=2 if following else 1,
            beside=(ThreadLink(f"{home}/history", "", last_post=edited),) if edited else (),
        )


def _answer(page: Page) -> Any:
    """Return the JSON of a page at an address of the interface; None for anything else, and for errors."""
    path = path_of(page.url)
    if not is_json(page) or not (_LIST.search(path) or _STATUS.search(path)):
        return None
    said = loads(page.text)
    if isinstance(said, list):
        return said if all(_is_status(one) for one in said) else None
    return (
        said if _is_status(said) or (isinstance(said, dict) and {"ancestors", "descendants"} <= said.keys()) else None
    )


def _is_status(said: Any) -> bool:
    """Return whether it is a post, or a version of one."""
    return isinstance(said, dict) and {"content", "created_at", "account"} <= said.keys()


def _has_context(status: Mapping[str, Any]) -> bool:
    return bool(count(status.get("replies_count")) or status.get("in_reply_to_id"))


def _listed(said: Sequence[Any], page: Page) -> ForumLinks:
    """Read a list of posts, the newest first. The list that follows it has the posts below the last id."""
    root = f"{origin_of(page.url)}{path_of(page.url).partition('/api/v1/')[0]}/api/v1/statuses/"
    statuses = [status for status in objects(said) if text(status.get("id"))]
    threads = tuple(
        ThreadLink(
            f"{root}{text(status['id'])}",
            title_of(_plain(status)) or "",
            None if status.get("reblog") else count(status.get("replies_count")),
            _changed(status),
        )
        for status in statuses
    )
    following = _below(page.url, text(statuses[-1]["id"]) or "") if statuses else None
    return ForumLinks(threads=threads, next=following)


def _below(url: str, last: str) -> str:
    parts = urlsplit(url)
    query = [(name, value) for name, value in parse_qsl(parts.query, keep_blank_values=True) if name != "max_id"]
    return parts._replace(query=urlencode([*query, ("max_id", last)]), fragment="").geturl()


def _changed(status: Mapping[str, Any]) -> str | None:
    """Return when a post was written or last edited; for a boost also when the boosted post was edited."""
    moments = (status.get("created_at"), status.get("edited_at"), mapping(status.get("reblog")).get("edited_at"))
    return max(filter(None, map(moment, moments)), default=None)


def _plain(status: Mapping[str, Any]) -> str:
    shown = mapping(status.get("reblog")) or status
    return post_of(_body(shown, ""), Resolver(""), id=None, author=None, date=None).text


def _posts(said: Any, part: str, resolver: Resolver) -> Iterator[Post]:
    if part == "context":
        above, below = (objects(mapping(said).get(name)) for name in ("ancestors", "descendants"))
        yield from (_post(status, resolver) for status in [*above, *below][:MOST_POSTS])
    elif part == "history":
        for number, version in enumerate(objects(said)[:MOST_POSTS], 1):
            yield replace(_post(version, resolver), id=str(number))
    elif isinstance(said, dict):
        yield _post(said, resolver)


def _post(status: Mapping[str, Any], resolver: Resolver) -> Post:
    """Read a post: its warning, text and poll; a boosted or quoted post is a quotation."""
    quoted = mapping(status.get("reblog")) or mapping(mapping(status.get("quote")).get("quoted_status"))
    own = _body(status, "" if status.get("reblog") else str(status.get("content") or ""))
    inner = f"<blockquote>{_body(quoted, str(quoted.get('content') or ''))}</blockquote>" if quoted else ""
    post = post_of(
        own + inner,
        resolver,
        id=text(status.get("id")),
        author=_author(status, resolver),
        date=moment(status.get("created_at")),
        score=count(status.get("favourites_count")),
        url=resolver(text(status.get("url")) or ""),
        answers=text(status.get("in_reply_to_id")),
        attachments=tuple(_attachments((status, quoted), resolver)),
    )
    place = own.lower().count(_QUOTATION)
    if not quoted or place >= len(post.quotes):
        return post
    cited = replace(
        post.quotes[place],
        author=_author(quoted, resolver),
        post=text(quoted.get("id")),
        url=resolver(text(quoted.get("url")) or ""),
    )
    return replace(post, quotes=(*post.quotes[:place], cited, *post.quotes[place + 1 :]))


def _body(status: Mapping[str, Any], content: str) -> str:
    """Return a post as HTML: the content warning, the content, and the options of a poll with their votes."""
    options = "".join(
        paragraph(
            f"{text(option.get('title'))}: {votes}"
            if (votes := count(option.get("votes_count"))) is not None
            else text(option.get("title")),
            "li",
        )
        for option in objects(mapping(status.get("poll")).get("options"))
    )
    return paragraph(text(status.get("spoiler_text"))) + content + (f"<ul>{options}</ul>" if options else "")


def _author(status: Mapping[str, Any], resolver: Resolver) -> str | None:
    """Return ``name@host``: an account of the same server is named there without its host."""
    name = text(mapping(status.get("account")).get("acct"))
    home = host_of(resolver("/") or "")
    return f"{name}@{home}" if name and "@" not in name and home else name


def _attachments(statuses: Sequence[Mapping[str, Any]], resolver: Resolver) -> Iterator[Attachment]:
    """Yield pictures, films and sounds, each with the description that its author wrote."""
    for status in statuses:
        for media in objects(status.get("media_attachments")):
            if url := resolver(text(media.get("url")) or text(media.get("preview_url")) or ""):
                yield Attachment(url, text(media.get("description")))


def _tags(status: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for tag in objects(status.get("tags"))[:50] if (name := text(tag.get("name")))))


MASTODON = _Mastodon(
    name="mastodon",
    sign=".mastodon-interface",  # no element: the interface answers with JSON
    post="",
    body=(),
    author=(),
    time=(),
)
