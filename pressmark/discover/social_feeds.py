"""From the address of an account, a channel or a hashtag, as people know it, to what a run can read without scripts."""

from __future__ import annotations

import json
import re
from urllib.parse import parse_qs, quote, unquote, urlsplit

from config.groups.service import Social
from extractor.forums.registry import SOCIAL, answers_with_posts
from extractor.forums.social.json_pages import origin_of
from pressmark.discover.visit import SiteUnreachable, Visitor

_RSSHUB = "rsshub://"
_ACCOUNT = re.compile(r"/(?:@|users/)(?P<name>[\w.-]+(?:@[\w.-]+)?)/?")
_TAG = re.compile(r"/tags/(?P<tag>[^/]+)/?")
_CHANNEL = re.compile(r"/(?:s/)?(?P<channel>[A-Za-z]\w{3,31})/?")
_PROFILE = re.compile(r"/profile/(?P<actor>[\w.:-]+)/?")
_LOOKUP = "/api/v1/accounts/lookup?acct="
_OF_TELEGRAM = ("t.me", "telegram.me")
_OF_BLUESKY = ("bsky.app", "www.bsky.app")
_A_PAGE = 40
"""Posts that Mastodon gives at most at once."""
_MANY = 100
"""The same of Bluesky."""


def feed_address(url: str, social: Social) -> str:
    """Return the address of what a run reads in place of a URL; the URL itself for any other site.

    ``rsshub://route`` is a feed of the RSSHub instance in the settings, a profile of Bluesky the feed of its author,
    and a channel of Telegram its page for the web.
    """
    if url.lower().startswith(_RSSHUB) and (route := url[len(_RSSHUB) :].strip("/")):
        return f"{social.rsshub.rstrip('/')}/{route}"
    try:
        parts = urlsplit(url if "://" in url else f"https://{url}")
        host = parts.hostname or ""
    except ValueError:  # the check of the URL says why
        return url
    if host in _OF_BLUESKY and (profile := _PROFILE.fullmatch(parts.path)):
        actor = quote(profile["actor"], safe=":")
        return f"{social.bluesky.rstrip('/')}/xrpc/app.bsky.feed.getAuthorFeed?actor={actor}&limit={_MANY}"
    if host in _OF_TELEGRAM and (channel := _CHANNEL.fullmatch(parts.path)):
        return f"https://{host}/s/{channel['channel']}"
    return url


async def mastodon_list(url: str, visitor: Visitor) -> str | None:
    """Return the address of the posts of an account or a hashtag, if the site has Mastodon's interface; otherwise None.

    Raises AddressForbidden.
    """
    parts, origin = urlsplit(url), origin_of(url)
    if account := _ACCOUNT.fullmatch(unquote(parts.path)):
        number = await _number_of(f"{origin}{_LOOKUP}{quote(account['name'])}", visitor)
        return number and f"{origin}/api/v1/accounts/{number}/statuses?limit={_A_PAGE}"
    if tag := _TAG.fullmatch(parts.path):
        listed = f"{origin}/api/v1/timelines/tag/{tag['tag']}?limit={_A_PAGE}"
        try:
            visited = await visitor.visit(listed)
        except SiteUnreachable:
            return None
        return listed if visited.found and answers_with_posts(visited.page) else None
    return None


async def _number_of(lookup: str, visitor: Visitor) -> str | None:
    """Return the id of an account, which its server looks up."""
    try:
        visited = await visitor.visit(lookup)
        said = json.loads(visited.body) if visited.found else None
    except (SiteUnreachable, ValueError, RecursionError):
        return None
    number = said.get("id") if isinstance(said, dict) and "acct" in said else None
    return number if isinstance(number, str) and re.fullmatch(r"[\w-]+", number) else None


def is_social(engine: str) -> bool:
    """Return whether an engine is that of a social network."""
    return engine in SOCIAL


def label_of(url: str) -> str | None:
    """Return the name of the account, channel or hashtag in a URL, such as ``@alice`` or ``#harbour``; None without."""
    parts = urlsplit(url)
    path = unquote(parts.path)
    if account := _ACCOUNT.fullmatch(path):
        return f"@{account['name']}"
    if tag := _TAG.fullmatch(path) or re.fullmatch(r"/api/v1/timelines/tag/(?P<tag>[^/]+)", path):
        return f"#{tag['tag']}"
    if path.startswith("/s/") and (channel := _CHANNEL.fullmatch(path)):
        return channel["channel"]
    return next(iter(parse_qs(parts.query).get("actor", ())), None)
