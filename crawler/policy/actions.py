"""Links of forums and blogs that perform an action or only change the order: a walk never follows them.

Only addresses whose script or path is known to do so count: an ordinary page may be called ``reply``.
"""

from __future__ import annotations

import re

REASON = "action"

_SCRIPTS = (
    r"newreply|newthread|printthread|sendthread|sendmessage|usercp|editpost|ratethread|reputation|subscription|modcp|posting|"
    r"ucp|mcp|memberlist|login|logout|register|wp-login|wp-signup|wp-comments-post|xmlrpc"
)
_SCRIPT = re.compile(
    rf"/(?:{_SCRIPTS})\.php(?:$|[?/])|/report\.php\?(?:p|pid|type)=|/member\.php\?action=|/private\.php\?do=|"
    r"/misc\.php\?(?:action|do)=|/search\.php\?(?:do|author_id|search_id|keywords|action)=",
    re.IGNORECASE,
)
_SHARED_BY = r"twitter|facebook|linkedin|reddit|email|pinterest|tumblr|telegram|jetpack-whatsapp|mastodon|bluesky|x"
_ACTION = re.compile(
    r"[?&;]action=(?:post(?:2\b|;)|reply|quote|reporttm|printpage|printable|login2?|logout|register|search2?|notify|markasread|"
    r"sendtopic|emailuser|verificationcode|trackip)\b|"
    r"[?&;]mod=(?:post|misc|spacecp|logging|register|ajax)\b|"
    r"[?&;]do=(?:reportComment|quote|addComment|markRead|getLastComment)\b|"
    rf"[?&;]share=(?:{_SHARED_BY})\b|[?&;](?:like_comment|add-to-cart|openidserver)=|[?&;]mode=(?:reply|quote|smilies)\b",
    re.IGNORECASE,
)
_POST = re.compile(r"/(?:posts?|threads?|topics?|t|p|comments?)/", re.IGNORECASE)
_DONE_TO_POST = re.compile(r"/(?:reply|report|react|like|bookmark|quote|edit|flag|share)/?$", re.IGNORECASE)
_PATH = re.compile(
    r"/(?:account|members?)/(?:login|register|logout)/?$|/wp-(?:admin|json(?!/wp/v2/posts/?$))(?:/|$)|^/(?:login|register|signup|logout)/?$",
    re.IGNORECASE,
)
_BOARD = re.compile(r"/(?:viewforum|forumdisplay|viewtopic|showthread|forum)\.php\?", re.IGNORECASE)
_INDEX = re.compile(r"/index\.php\?", re.IGNORECASE)
_NUMBER_OF_BOARD = re.compile(r"(?:/index\.php\?|[;&])board=", re.IGNORECASE)
_ORDER = re.compile(
    r"[?&;](?:sort|order|orderby|sortby|sortdirection|sk|sd|daysprune|datecut|filter|desc|asc)(?:=|\b)", re.IGNORECASE
)


def is_action(url: str) -> bool:
    """Return whether following a URL would perform an action or show the same page again.

    The URL is absolute and in its normal form.
    """
    path = url[url.index("/", url.index("://") + 3) :]
    before, mark, _ = path.partition("?")
    if _SCRIPT.search(path) or _PATH.search(before) or _acts_on_post(before):
        return True
    return bool(mark) and bool(_ACTION.search(path) or (_ORDER.search(path) and _is_board(path)))


def _acts_on_post(path: str) -> bool:
    post, done = _POST.search(path), _DONE_TO_POST.search(path)
    return post is not None and done is not None and post.end() <= done.start()


def _is_board(path: str) -> bool:
    if _BOARD.search(path):
        return True
    index = _INDEX.search(path)
    return index is not None and _NUMBER_OF_BOARD.search(path, index.start()) is not None
