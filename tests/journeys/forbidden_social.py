"""Answers of social networks in which each id, address and cursor of the server's choice names a forbidden address."""

from __future__ import annotations

import json
from collections.abc import Sequence
from urllib.parse import quote_plus

from crawling.site import Reply
from journeys.forbidden import Trap, named

JSON = "application/json; charset=utf-8"
SOCIAL = "walk: forum\nkeep: {requisites: true, media: all}"
STATUSES = "/api/v1/accounts/1/statuses"


def mastodon(hosts: Sequence[str]) -> Trap:
    """An account whose ids, addresses, pictures and `Link` header are all the server's choice; so is each redirect."""
    urls = named(hosts)
    account = {"id": "1", "acct": "alice", "username": "alice", "display_name": "Alice"}
    ids = ["301", "302", "307", *urls, "../../..//169.254.169.254/x", "@10.0.0.1/", "1@10.0.0.1", "\\\\10.0.0.1\\x"]
    listed = [
        {
            "id": id_,
            "uri": url,
            "url": url,
            "created_at": "2026-11-01T08:00:00.000Z",
            "edited_at": "2026-11-01T09:00:00.000Z",
            "replies_count": 1,
            "content": f'<p>x <a href="{url}">x</a><img src="{url}"></p>',
            "account": {**account, "url": url, "avatar": url, "header": url},
            "media_attachments": [
                {"id": "1", "type": kind, "url": url, "preview_url": url, "remote_url": url, "description": "x"}
                for kind in ("image", "video", "audio")
            ],
            "card": {"url": url, "title": "x", "image": url, "embed_url": url, "html": f"<iframe src='{url}'>"},
        }
        for id_, url in zip(ids, urls * len(ids), strict=False)
    ]
    link = ", ".join(f'<{url}>; rel="next"' for url in urls if "://" in url and url.isascii())
    routes = {
        STATUSES: Reply(body=json.dumps(listed), headers=(("Link", link),), type=JSON),
        "/api/v1/statuses/301": Reply(body=json.dumps(listed[0]), type=JSON),
        "/api/v1/statuses/301/context": Reply(
            body=json.dumps({"ancestors": [], "descendants": listed[1:], "next": urls[0]}), type=JSON
        ),
    }
    for number, status in (("302", 302), ("307", 307)):
        to = (("Location", "http://169.254.169.254/latest/meta-data/"),)
        routes[f"/api/v1/statuses/{number}"] = Reply(status, headers=to)
    return Trap(SOCIAL, routes, "/api/v1/statuses/307")


FEED, THREAD = "/xrpc/app.bsky.feed.getAuthorFeed?actor=a.example", "/xrpc/app.bsky.feed.getPostThread"


def bluesky(hosts: Sequence[str]) -> Trap:
    """A feed whose addresses, pictures and cursor are the server's choice; so is the redirect of its next page."""
    urls = named(hosts)
    posts = [
        {
            "post": {
                "uri": uri,
                "cid": "b",
                "replyCount": 1,
                "indexedAt": "2026-11-01T08:00:00.000Z",
                "author": {"did": url, "handle": url, "avatar": url},
                "record": {
                    "text": "x",
                    "createdAt": "2026-11-01T08:00:00.000Z",
                    "facets": [{"index": {"byteStart": 0, "byteEnd": 1}, "features": [{"uri": url}]}],
                },
                "embed": {
                    "$type": "app.bsky.embed.images#view",
                    "images": [{"thumb": url, "fullsize": url, "alt": "x"}],
                    "external": {"uri": url, "title": "x", "description": "x", "thumb": url},
                    "playlist": url,
                    "thumbnail": url,
                },
            }
        }
        for uri, url in [*((url, url) for url in urls), ("at://did:plc:a/app.bsky.feed.post/1", urls[0])]
    ]
    cursor = "x&a=http://169.254.169.254/#@10.0.0.1/"
    own = f"{THREAD}?uri=at%3A%2F%2Fdid%3Aplc%3Aa%2Fapp.bsky.feed.post%2F1&depth=100"
    after = f"{FEED}&cursor={quote_plus(cursor)}"
    routes = {
        FEED: Reply(body=json.dumps({"feed": posts, "cursor": cursor}), type=JSON),
        own: Reply(body=json.dumps({"thread": {**posts[-1], "replies": posts[:-1], "parent": posts[0]}}), type=JSON),
        after: Reply(307, headers=(("Location", "http://169.254.169.254/latest/meta-data/"),)),
    }
    return Trap(SOCIAL, routes, after)


def telegram(hosts: Sequence[str]) -> Trap:
    urls = named(hosts)
    messages = "".join(
        f'<div class="tgme_widget_message_wrap"><div class="tgme_widget_message" data-post="harbour/{number}">'
        f'<a class="tgme_widget_message_photo_wrap" href="{url}" style="background-image:url(\'{url}\')"></a>'
        f'<div class="tgme_widget_message_text"><a href="{url}">x</a></div><video src="{url}"></video>'
        f'<a class="tgme_widget_message_date" href="{url}"><time datetime="2026-11-01T08:00:00+00:00"></time></a>'
        "</div></div>"
        for number, url in enumerate(urls, 1)
    )
    older = "".join(f'<a class="tme_messages_more" data-before="1" href="{url}"></a>' for url in urls)
    page = f"<!doctype html><title>x</title><section class='tgme_channel_history'>{older}{messages}</section>"
    moved_to = Reply(302, headers=(("Location", "http://169.254.169.254/latest/meta-data/"),))
    return Trap(
        "walk: forum\nkeep: {requisites: true}",  # its films are those of every page: `streams`
        {"/s/harbour": Reply(body=page), "/harbour/1?embed=1&mode=tme": moved_to},
        "/harbour/1?embed=1&mode=tme",
    )
