"""Recognize different addresses of the same page: ignore the parts of a URL that don't identify it.

`without_tracking` removes what only identifies readers and referrers; `plain` also removes alternative forms (print,
AMP); `page_key` also ignores what servers nearly always ignore: scheme, ``www.``, final slash, order of parameters.
Code that treats URLs with the same key as one page must try the other one if the first is missing.
"""

from __future__ import annotations

import re
from collections.abc import Callable

_NAMES = re.compile(
    r"utm_[a-z_]+|fbclid|gclid|dclid|gbraid|wbraid|msclkid|yclid|twclid|ttclid|mc_cid|mc_eid|mkt_tok|igshid|_ga|_gl|"
    r"_hsenc|_hsmi|vero_id|oly_enc_id|oly_anon_id|spm|__twitter_impression|"
    r"phpsessid|jsessionid|aspsessionid[a-z]*|cfid|cftoken|oscsid|zenid|replytocom|"
    r"formhash|logouthash|my_post_key|securitytoken|csrf_?token|_csrf|csrfmiddlewaretoken",
    re.IGNORECASE,
)
_SESSION_NAMES = re.compile(r"sid|s|session_?id|sess_?id|sesc", re.IGNORECASE)
_SESSION_VALUE = re.compile(
    r"[0-9a-f]{32}|[0-9a-f]{40}|[0-9a-f]{64}|(?=\D*\d)(?=[^a-z]*[a-z])[0-9a-v]{26}", re.IGNORECASE
)
_CAME_FROM = re.compile(r"(?:page%3D\d+(?:%26.*)?)?", re.IGNORECASE)
"""The value of ``extra`` in Discuz!'s links to threads: the page of the board with the link."""
_SUSPECT = re.compile(
    r"utm_|clid|mc_[ce]id|mkt_tok|gbraid|wbraid|igshid|_g[al]=|_hs|vero_|oly_|spm=|twitter|sess|sesc=|cfid|cftoken|"
    r"sid=|zenid|[?&;]s=|replytocom|extra=|hash=|post_key|token=|csrf|;",
    re.IGNORECASE,
)
_CAME_FROM_IN_PATH = re.compile(r"/(thread-\d+-\d+)-\d+(\.html?)$")
"""The same in rewritten addresses: ``thread-7-1-3.html`` is page 1 of thread 7, linked from page 3 of its board."""
_SESSION_IN_PATH = re.compile(r";(?:jsessionid|phpsessid)=[^/?;]*", re.IGNORECASE)
_SEPARATORS = re.compile("([&;])")

_SAYS_YES = frozenset(("", "1", "true", "yes", "on"))
_DRESS = {
    "print": _SAYS_YES,
    "printable": _SAYS_YES,
    "printview": _SAYS_YES,
    "amp": _SAYS_YES,
    "view": frozenset(("print",)),
    "format": frozenset(("print", "amp")),
    "outputtype": frozenset(("amp",)),
    "output": frozenset(("amp", "print")),
    "action": frozenset(("printpage", "printable")),
}
"""Parameters for another form of the same page, with their values."""
_DRESSED = re.compile(r"print|amp", re.IGNORECASE)
_DRESSED_PATH = re.compile(r"^(.*/[^/]*(?:\d|-[^/]*-)[^/]*)/(?:print|amp)(/?)$", re.IGNORECASE)
"""A path below a name like that of an article, a number or several words: ``/print/`` alone may be a section."""
_DRESSED_FILE = re.compile(r"^(.*/[^/]*(?:\d|-[^/]*-)[^/]*?)\.(?:amp|print)(\.html?|)$", re.IGNORECASE)
_DRESSED_BEFORE = re.compile(r"^/(?:amp|print)(/.*[^/]*(?:\d|-[^/]*-)[^/]*/?)$", re.IGNORECASE)

_ORIGIN = re.compile(r"(https?://)([^/?#]*)([^?]*)(.*)", re.DOTALL)
_INDEX = re.compile(r"/(?:index\.(?:html?|php|shtml)|default\.aspx?)$")
_INDEX_ENDS = ("l", "m", "p", "x")
_ESCAPE = re.compile("%[0-9a-fA-F]{2}")
_UNRESERVED = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")


def without_tracking(url: str) -> str:
    """Return a normalized URL without parameters for tracking, sessions, tokens, reply targets, or the board before.

    Order and spelling of the other parameters stay.
    """
    if "/thread-" in url:
        url = _CAME_FROM_IN_PATH.sub(r"/\1-1\2", url)
    if ("?" not in url and ";" not in url) or not _SUSPECT.search(url):
        return url
    base, mark, query = url.partition("?")
    base = _SESSION_IN_PATH.sub("", base)
    return base + _rejoined(mark, query, _without_parameters(query, _is_tracking))


def plain(url: str) -> str:
    """Return the address of the page itself, from a normalized URL: without tracking, print and AMP forms."""
    url = without_tracking(url)
    if not _DRESSED.search(url):
        return url
    base, mark, query = url.partition("?")
    found = _ORIGIN.match(base)
    if found is None:
        return url
    return found[1] + found[2] + _undressed(found[3]) + _rejoined(mark, query, _without_parameters(query, _is_dress))


def page_key(url: str) -> str:
    """Return a key that is equal for different addresses of a page, as far as known; `url` is normalized."""
    found = _ORIGIN.match(plain(url))
    if found is None:
        return url
    _, host, path, query = found.groups()
    if query:
        query = "&".join(sorted(filter(None, re.split("[&;]", query[1:]))))
    elif path.endswith(_INDEX_ENDS):
        path = _INDEX.sub("/", path)
    key = f"{host.removeprefix('www.')}{path.rstrip('/')}"
    key = f"{key}?{query}" if query else key
    return _ESCAPE.sub(_unescaped, key) if "%" in key else key


def _undressed(path: str) -> str:
    """Remove alternative forms until none is left: ``/amp/story-1/print``."""
    while True:
        before = path
        for pattern in (_DRESSED_PATH, _DRESSED_FILE, _DRESSED_BEFORE):
            if found := pattern.match(path):
                path = found[1] + (found[2] if pattern.groups > 1 else "")
        if path == before:
            return path


def _without_parameters(query: str, goes: Callable[[str, str], bool]) -> str:
    """Return the query without the parameters that `goes` selects, each with the separator before it."""
    parts = _SEPARATORS.split(query)
    kept: list[str] = []
    for number in range(0, len(parts), 2):
        name, _, value = parts[number].partition("=")
        if not goes(name, value):
            kept += parts[max(number - 1, 0) : number + 1] if kept else parts[number : number + 1]
    return "".join(kept)


def _rejoined(mark: str, query: str, kept: str) -> str:
    return mark + kept if kept or not query else ""


def _is_tracking(name: str, value: str) -> bool:
    if _NAMES.fullmatch(name):
        return True
    if name == "extra":
        return bool(_CAME_FROM.fullmatch(value))
    return bool(_SESSION_NAMES.fullmatch(name) and _SESSION_VALUE.fullmatch(value))


def _is_dress(name: str, value: str) -> bool:
    return value.lower() in _DRESS.get(name.lower(), ())


def _unescaped(escape: re.Match[str]) -> str:
    character = chr(int(escape[0][1:], 16))
    return character if character in _UNRESERVED else escape[0].upper()
