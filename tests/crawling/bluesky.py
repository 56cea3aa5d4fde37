"""An AppView of Bluesky on a local site: the feed of an author, and posts with their replies.

The shapes are those of the lexicons `app.bsky.feed.getAuthorFeed`, `getPostThread`, `app.bsky.feed.defs`,
`app.bsky.embed.images`, `app.bsky.embed.external`, `app.bsky.embed.record` and `app.bsky.richtext.facet`.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

from crawling.site import Asked, Reply, Site

BEGAN = datetime(2026, 11, 1, 8, tzinfo=UTC)
_JSON = "application/json; charset=utf-8"


@dataclass
class AppView:
    """The newest post is listed first; a page of the feed has `a_page` posts."""

    site: Site
    posts: list[dict[str, Any]] = field(default_factory=list)
    a_page: int = 100

    def __post_init__(self) -> None:
        self.site.otherwise = self.answer

    def post(
        self, said: str, *, by: str = "alice.example", answers: dict[str, Any] | None = None, **more: Any
    ) -> dict[str, Any]:
        """Publish a post; `more` are fields of its record, and `embed` is how it is shown."""
        number, shown = len(self.posts), more.pop("embed", None)
        at = BEGAN + timedelta(hours=number)
        record = {"$type": "app.bsky.feed.post", "createdAt": f"{at:%Y-%m-%dT%H:%M:%S}.000Z", "langs": ["en"]}
        record |= {"text": said, **more}
        did = f"did:plc:{by.partition('.')[0]}"
        if answers is not None:
            reference = {"uri": answers["uri"], "cid": answers["cid"]}
            record["reply"] = {"root": reference, "parent": reference}
            answers["replyCount"] += 1
        post = {
            "uri": f"at://{did}/app.bsky.feed.post/3l{number:011}",
            "cid": f"bafyrei{number:052}",
            "author": {"did": did, "handle": by, "displayName": by.title(), "labels": []},
            "record": record,
            "replyCount": 0,
            "repostCount": 0,
            "likeCount": 5,
            "indexedAt": record["createdAt"],
            "labels": [],
        }
        self.posts.append(post | ({"embed": shown} if shown else {}))
        return self.posts[-1]

    def delete(self, post: dict[str, Any]) -> None:
        self.posts.remove(post)

    def answer(self, asked: Asked) -> Reply:
        parts = urlsplit(asked.path)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        match parts.path.rpartition("/")[2]:
            case "app.bsky.feed.getAuthorFeed":
                return self._feed(query)
            case "app.bsky.feed.getPostThread":
                post = next((post for post in self.posts if post["uri"] == query["uri"]), None)
                return _reply({"thread": self._view(post)}) if post else _refused("NotFound", "Post not found")
            case "robots.txt":
                return Reply(body="User-agent: *\nAllow: /\n", type="text/plain")
            case "picture":
                return Reply(body=b"picture", type="image/jpeg")
        return _refused("MethodNotImplemented", "Method Not Implemented", 501)

    def _feed(self, query: dict[str, str]) -> Reply:
        named = query["actor"]
        own = [post for post in self.posts if named in (post["author"]["handle"], post["author"]["did"])]
        if not own:
            return _refused("InvalidRequest", "Profile not found")
        newest = sorted(own, key=lambda post: str(post["record"]["createdAt"]), reverse=True)
        below = query.get("cursor")
        page = [post for post in newest if below is None or post["record"]["createdAt"] < below]
        shown = page[: min(self.a_page, int(query.get("limit", "50")))]
        more = {"cursor": shown[-1]["record"]["createdAt"]} if shown else {}
        return _reply({"feed": [{"post": post} for post in shown], **more})

    def _view(self, post: dict[str, Any], *, above: bool = True) -> dict[str, Any]:
        parent = post["record"].get("reply", {}).get("parent", {}).get("uri")
        view = {"$type": "app.bsky.feed.defs#threadViewPost", "post": post}
        replies = [
            each for each in self.posts if each["record"].get("reply", {}).get("parent", {}).get("uri") == post["uri"]
        ]
        view["replies"] = [self._view(each, above=False) for each in replies]
        found = next((each for each in self.posts if each["uri"] == parent), None)
        if above and parent:
            gone = {"$type": "app.bsky.feed.defs#notFoundPost", "uri": parent, "notFound": True}
            view["parent"] = self._view(found) if found else gone
        return view


def _reply(said: Any) -> Reply:
    return Reply(body=json.dumps(said, ensure_ascii=False), type=_JSON)


def _refused(error: str, message: str, status: int = 400) -> Reply:
    return Reply(status, json.dumps({"error": error, "message": message}), type=_JSON)
