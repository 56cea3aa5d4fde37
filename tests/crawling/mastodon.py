"""A Mastodon server on a local site: accounts, posts, replies, versions and hashtags, in the shapes of its interface.

The shapes are those of https://docs.joinmastodon.org: `entities/Status`, `entities/StatusEdit`, `methods/accounts`,
`methods/statuses`, `methods/timelines`, and the headers of `api/rate-limits` and `api/guidelines` (pagination).
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any
from urllib.parse import parse_qs, urlsplit

from crawling.site import NOT_FOUND, Asked, Reply, Site

BEGAN = datetime(2026, 11, 1, 8, 0, 0, 123_000, tzinfo=UTC)
_MOST = 40
SHELL = (
    '<!DOCTYPE html><html lang="en"><head><title>Mastodon</title></head><body><div id="mastodon"></div></body></html>'
)


@dataclass
class Mastodon:
    """The newest post is listed first. Each answer has an ETag, and is 304 for callers that have it."""

    site: Site
    statuses: list[dict[str, Any]] = field(default_factory=list)
    versions: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    refused: int = 0
    """How many of the next requests are answered with 429, and the moment at which they may be repeated."""

    def __post_init__(self) -> None:
        self.site.otherwise = self.answer

    def post(self, said: str, *, by: str = "alice", **more: Any) -> dict[str, Any]:
        """Publish a post; `more` are fields of it."""
        number = str(110_000 + len(self.statuses))
        status = {
            "id": number,
            "created_at": _written(BEGAN + timedelta(hours=len(self.statuses))),
            "in_reply_to_id": None,
            "in_reply_to_account_id": None,
            "sensitive": bool(more.get("spoiler_text")),
            "spoiler_text": "",
            "visibility": "public",
            "language": "en",
            "uri": f"{self.site.url}/users/{by}/statuses/{number}",
            "url": f"{self.site.url}/@{by}/{number}",
            "replies_count": 0,
            "reblogs_count": 0,
            "favourites_count": 3,
            "edited_at": None,
            "content": f"<p>{said}</p>",
            "reblog": None,
            "application": {"name": "Web", "website": None},
            "account": self.account(by),
            "media_attachments": [],
            "mentions": [],
            "tags": [],
            "emojis": [],
            "card": None,
            "poll": None,
            **more,
        }
        self.statuses.append(status)
        if answered := self.find(status["in_reply_to_id"]):
            answered["replies_count"] += 1
        self.versions[number] = [self._version(status)]
        return status

    def boost(self, status: dict[str, Any], *, by: str = "alice") -> dict[str, Any]:
        boost = self.post("", by=by, reblog=status, favourites_count=0)
        boost["content"] = status["content"]
        return boost

    def edit(self, status: dict[str, Any], said: str) -> None:
        """Change the text of a post: now, as far as readers of the list can tell."""
        status["content"] = f"<p>{said}</p>"
        status["edited_at"] = _written(datetime.now(UTC))
        self.versions[status["id"]].append(self._version(status))

    def delete(self, status: dict[str, Any]) -> None:
        self.statuses.remove(status)

    def find(self, number: str | None) -> dict[str, Any] | None:
        return next((status for status in self.statuses if status["id"] == number), None)

    def account(self, name: str) -> dict[str, Any]:
        return {
            "id": str(sum(name.encode())),
            "username": name.partition("@")[0],
            "acct": name,
            "display_name": name.title(),
            "locked": False,
            "bot": False,
            "url": f"{self.site.url}/@{name}",
            "note": "<p>From the harbour.</p>",
            "emojis": [],
            "fields": [],
        }

    def answer(self, asked: Asked) -> Reply:
        if asked.path.startswith("/api/") and self.refused:
            self.refused -= 1
            soon = _written(datetime.now(UTC) + timedelta(milliseconds=300))
            limits = (("X-RateLimit-Limit", "300"), ("X-RateLimit-Remaining", "0"), ("X-RateLimit-Reset", soon))
            return Reply(429, json.dumps({"error": "Too many requests"}), limits, "application/json; charset=utf-8")
        said, more = self._said(urlsplit(asked.path))
        if said is None:
            missing = json.dumps({"error": "Record not found"})
            return Reply(404, missing, type="application/json; charset=utf-8") if "/api/" in asked.path else NOT_FOUND
        if isinstance(said, str):
            return Reply(body=said)
        body = json.dumps(said, ensure_ascii=False).encode()
        etag = f'W/"{sha256(body).hexdigest()[:32]}"'
        if asked.headers.get("if-none-match") == etag:
            return Reply(304, headers=(("ETag", etag),), type=None)
        return Reply(body=body, headers=(("ETag", etag), *more), type="application/json; charset=utf-8")

    def _said(self, parts: Any) -> tuple[Any, tuple[tuple[str, str], ...]]:
        path, query = [part for part in parts.path.split("/") if part], parse_qs(parts.query)
        match path:
            case ["robots.txt"]:
                return "User-agent: *\nDisallow: /media_proxy/\n", ()
            case [name] if name.startswith("@"):
                return SHELL, ()
            case ["media", _]:
                return "picture", ()
            case ["api", "v1", "accounts", "lookup"]:
                names = {status["account"]["acct"] for status in self.statuses} | {"quiet"}
                return (self.account(name), ()) if (name := query["acct"][0]) in names else (None, ())
            case ["api", "v1", "accounts", number, "statuses"]:
                return self._page([s for s in self.statuses if s["account"]["id"] == number], parts.path, query)
            case ["api", "v1", "timelines", "tag", tag]:
                tagged = [s for s in self.statuses if tag in {each["name"] for each in s["tags"]}]
                return self._page(tagged, parts.path, query)
            case ["api", "v1", "statuses", number]:
                return self.find(number), ()
            case ["api", "v1", "statuses", number, "history"]:
                return self.versions.get(number), ()
            case ["api", "v1", "statuses", number, "context"]:
                replies = [status for status in self.statuses if status["in_reply_to_id"] == number]
                above = self.find((self.find(number) or {}).get("in_reply_to_id"))
                return {"ancestors": [above] if above else [], "descendants": replies}, ()
        return None, ()

    def _page(
        self, statuses: list[dict[str, Any]], path: str, query: dict[str, list[str]]
    ) -> tuple[Any, tuple[tuple[str, str], ...]]:
        limit = min(int(query.get("limit", ["20"])[0]), _MOST)
        below = int(query["max_id"][0]) if "max_id" in query else None
        newest = sorted(statuses, key=lambda status: int(status["id"]), reverse=True)
        page = [status for status in newest if below is None or int(status["id"]) < below][:limit]
        link = f'<{self.site.url}{path}?limit={limit}&max_id={page[-1]["id"]}>; rel="next"' if page else ""
        return page, (("Link", link),) if link else ()

    @staticmethod
    def _version(status: dict[str, Any]) -> dict[str, Any]:
        names = ("content", "spoiler_text", "sensitive", "account", "media_attachments", "emojis")
        return {name: status[name] for name in names} | {"created_at": status["edited_at"] or status["created_at"]}


def _written(at: datetime) -> str:
    return f"{at:%Y-%m-%dT%H:%M:%S}.{at.microsecond // 1000:03}Z"
