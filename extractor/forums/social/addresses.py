"""The addresses at which one site has the same post. Pure.

Source: https://docs.joinmastodon.org/methods/statuses, the lexicon `app.bsky.feed.getPostThread`, and the links in the
pages of Telegram's channels.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import parse_qsl, quote, urlsplit

_OF_MASTODON = re.compile(
    r"(?P<root>https?://[^/?#]+)/(?:(?:web/)?(?P<name>@[^/?#]+)/|users/(?P<user>[^/?#]+)/statuses/|api/v1/statuses/)"
    r"(?P<number>\d+|[0-9A-Za-z]{16,})(?:/context|/history)?/?(?:[?#].*)?"
)
_OF_TELEGRAM = re.compile(
    r"(?P<root>https?://(?:t|telegram)\.me)/(?:s/)?(?P<post>[A-Za-z]\w{3,31}/\d+)/?(?:[?#].*)?", re.IGNORECASE
)

_BLUESKY = "https://bsky.app/profile"
_ON_BLUESKY = re.compile(r"https://bsky\.app/profile/(?P<actor>[^/?#]+)/post/(?P<key>[^/?#]+)/?(?:[?#].*)?")
_PUBLIC_INTERFACE = "https://public.api.bsky.app/xrpc/app.bsky.feed.getPostThread"
_DEPTH = 100
"""Levels of replies that runs ask for."""


def same_post(url: str) -> tuple[str, ...]:
    """Return the other addresses of a post on its site, with its replies and its versions; empty for other pages.

    The address of a post in Mastodon's interface does not say whose it is, so its page for people is not among them:
    see `pages_among`. That of a post of Bluesky names its author by number (DID), as one of its two pages does; the
    other one has the name of the author.
    """
    addresses: tuple[str, ...]
    if found := _OF_TELEGRAM.fullmatch(url):
        root, post = found["root"], found["post"]
        addresses = (f"{root}/{post}", f"{root}/{post}?embed=1&mode=tme", f"{root}/s/{post}")
    elif found := _OF_MASTODON.fullmatch(url):
        root, number = found["root"], found["number"]
        name = (found["name"] or "").removeprefix("@") or found["user"]
        status = f"{root}/api/v1/statuses/{number}"
        pages = (f"{root}/@{name}/{number}", f"{root}/users/{name}/statuses/{number}") if name else ()
        addresses = (status, f"{status}/context", f"{status}/history", *pages)
    elif (found := _ON_BLUESKY.fullmatch(url)) and found["actor"].startswith("did:"):
        post = quote(f"at://{found['actor']}/app.bsky.feed.post/{found['key']}", safe="")
        addresses = (f"{_PUBLIC_INTERFACE}?uri={post}&depth={_DEPTH}", f"{_PUBLIC_INTERFACE}?uri={post}")
    elif (post := _post_in_bluesky(url)) and (actor := post.removeprefix("at://").partition("/")[0]):
        addresses = (f"{_BLUESKY}/{actor}/post/{post.rpartition('/')[2]}",)
    else:
        return ()
    return tuple(each for each in addresses if each != url)


def post_asked_for(url: str) -> str | None:
    """Return the address of an interface that has the post of a URL of it; None for any other URL."""
    if (found := _OF_MASTODON.fullmatch(url)) and not (found["name"] or found["user"]):
        return f"{found['root']}/api/v1/statuses/{found['number']}"
    return url if _post_in_bluesky(url) else None


def pages_among(url: str, posts: Iterable[tuple[str | None, str | None, str | None]]) -> tuple[str, ...]:
    """Return the pages for people of the post that a URL of an interface asks for.

    `posts` are the id, the address and the author of each post of the answer. Those of other posts and of other sites
    are left out: an answer has other people's posts, too, and the key of a post of Bluesky is unique only within its
    account. The pages of Bluesky are at bsky.app, one with the number of the author and one with the name.
    """
    pages: list[str] = []
    if (asked := _OF_MASTODON.fullmatch(url)) and not (asked["name"] or asked["user"]):
        for _, each, _ in posts:
            found = _OF_MASTODON.fullmatch(each or "")
            if (
                each
                and found
                and (found["name"] or found["user"])
                and found.group("root", "number") == asked.group("root", "number")
            ):
                pages.append(each)
    elif post := _post_in_bluesky(url):
        account, _, key = post.removeprefix("at://").partition("/app.bsky.feed.post/")
        for id_, each, author in posts:
            found = _ON_BLUESKY.fullmatch(each or "")
            if each and found and found["key"] == key and (id_ == post or author == account):
                pages += [each, *([f"{_BLUESKY}/{author}/post/{found['key']}"] if author else [])]
    return tuple(dict.fromkeys(each for each in pages if each != url))


def _post_in_bluesky(url: str) -> str | None:
    """Return the ``at://`` address of the post that a URL of the interface of Bluesky asks for."""
    parts = urlsplit(url)
    if not parts.path.endswith("/xrpc/app.bsky.feed.getPostThread"):
        return None
    post = dict(parse_qsl(parts.query)).get("uri", "")
    return post if post.startswith("at://") and "/app.bsky.feed.post/" in post else None
