"""Read pagers that a script writes, from its call: those of TRS WCM, the system of many official sites in China.

``createPageHTML(25, 0, "index", "html")`` is on the first of 25 pages, and ``index_1.html`` is the second.
"""

from __future__ import annotations

import re

from extractor.html.page import Page

_NAME = "createPageHTML("
_HOME = "页"
"""Each of their pages has a 首页 in its menu. One character is looked for much faster than a word in scripts."""
_CALL = re.compile(
    r"(?<!//)createPageHTML\(\s*(?P<pages>\d{1,5})\s*,\s*(?P<index>\d{1,5})\s*,"
    r"\s*[\"'](?P<name>[\w./-]{1,100})[\"']\s*,\s*[\"'](?P<end>\w{1,8})[\"']"
)


def scripted_next(page: Page) -> str | None:
    """Return the reference of the next page; None on the last one, and without such a call."""
    call = _CALL.search(page.text) if _HOME in page.words and _NAME in page.text else None
    if call is None:
        return None
    following = int(call["index"]) + 1
    return f"{call['name']}_{following}.{call['end']}" if following < int(call["pages"]) else None
