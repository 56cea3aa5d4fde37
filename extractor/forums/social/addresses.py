"""The addresses at which one site has the same post. Pure.

Source: https://docs.joinmastodon.org/methods/statuses, and the links in the pages of Telegram's channels.
"""

from __future__ import annotations

import re

_OF_MASTODON = re.compile(
    r"(?P<root>https?://[^/?#]+)/(?:(?:web/)?(?P<name>@[^/?#]+)/|users/(?P<user>[^/?#]+)/statuses/|api/v1/statuses/)"
    r"(?P<number>\d+|[0-9A-Za-z]{16,})(?:/context|/history)?/?(?:[?#].*)?"
)
_OF_TELEGRAM = re.compile(
    r"(?P<root>https?://(?:t|telegram)\.me)/(?:s/)?(?P<post>[A-Za-z]\w{3,31}/\d+)/?(?:[?#].*)?", re.IGNORECASE
)


def same_post(url: str) -> tuple[str, ...]:
    """Return the other addresses of a post on its site, with its replies and its versions; empty for other pages.

    The address of a post in Mastodon's interface does not say whose it is, so its page for people is not among them.
    """
    if found := _OF_TELEGRAM.fullmatch(url):
        root, post = found["root"], found["post"]
        addresses = (f"{root}/{post}", f"{root}/{post}?embed=1&mode=tme", f"{root}/s/{post}")
    elif found := _OF_MASTODON.fullmatch(url):
        root, number = found["root"], found["number"]
        name = (found["name"] or "").removeprefix("@") or found["user"]
        status = f"{root}/api/v1/statuses/{number}"
        pages = (f"{root}/@{name}/{number}", f"{root}/users/{name}/statuses/{number}") if name else ()
        addresses = (status, f"{status}/context", f"{status}/history", *pages)
    else:
        return ()
    return tuple(each for each in addresses if each != url)
