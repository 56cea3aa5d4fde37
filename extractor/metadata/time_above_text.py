"""Find the time of publication above the text, in a line with the day of the address: ``2026年3月4日 10:30``.

The same day is in other lines, too: when an event begins or registration ends, and below comments. So a line only
counts if nothing of the text is above it, and if it has only names, labels of publication and the date.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from itertools import takewhile

from selectolax.lexbor import LexborNode

from extractor.html.page import Page
from extractor.values.dates import date_between, days_in_chinese

_NEAR, _SOON = 4, 12
"""Number of lines around a heading that belong to it, and after it in which labelled lines are looked at."""
_MOST_LINES = 400
_LONGEST = 160
_SENTENCE = ("。", "！", "？", ".", "!", "?", "。”", ".”", '."')
_MEDIUM = r"[\w·]{1,12}(?:网|報|报|社|电视台|新闻|新聞)"
_BYLINE = r"(?:来源|來源|稿源|作者|记者|責任編輯|责任编辑|编辑)\s*[:：]\s*[^\s:：，。]{1,20}"
_PUBLISHED = r"(?:发布|發布|发表|發表|刊发|发稿|公开|成文)(?:于|時間|时间|日期)|(?:\bpublished|\bposted)(?:\s+on)?"
_LABELLED = re.compile(
    rf"(?:.*(?<!\w)(?:{_PUBLISHED})|(?:{_BYLINE}[\s|｜]+){{1,4}}(?:时间|日期)?|时间|日期|date)\s*[:：]?\s*",
    re.IGNORECASE,
)
"""All that is before a date with a label."""
_UNLABELLED = re.compile(rf"[\s(（\[【]*(?:{_MEDIUM}[\s|｜]+)?", re.IGNORECASE)
_BESIDE = re.compile(
    rf"\s*[)）\]】]?\s*(?:$|[|｜丨·•/—–-]|{_MEDIUM}(?:\s|$)|(?:{_BYLINE}"
    r"|(?:浏览|点击|阅读|字体|字号|分享|评论|更新|修改|发布|星期|by\b)))",
    re.IGNORECASE,
)
"""The beginning of what is after a date in a by-line."""
_SOURCE_BESIDE = re.compile(rf"[\s|｜]*{_BYLINE}")


def time_above_text(
    page: Page, day: str, title: str, leave_out: Callable[[LexborNode], bool], day_first: bool | None
) -> str | None:
    """Return the day with the time that the page's by-line has; None if there is no such line.

    `day` is in ISO 8601, `title` is the heading, and `leave_out` returns whether a line is not the article's.
    """
    if not any(form in page.words for form in (day, day.replace("-", "/"), *days_in_chinese(day))):
        return None
    for line, node, is_near in _above(page.lines[:_MOST_LINES], title):
        found = date_between(line, day_first=day_first) if len(line) <= _LONGEST else None
        if found is None or not found[0].startswith(f"{day}T"):
            continue
        written, before, after = found
        if _is_of_publication(before, after, is_near) and not leave_out(node):
            return written
    return None


def _above(lines: Sequence[tuple[str, LexborNode]], title: str) -> Iterator[tuple[str, LexborNode, bool]]:
    """Yield the lines above the text, and whether each is right below the heading; a sentence begins the text."""
    start = next((number for number, (line, _) in enumerate(lines) if title and line == title), None)
    if start is None:
        yield from ((line, node, False) for line, node in takewhile(_is_no_sentence, lines))
        return
    yield from ((line, node, False) for line, node in lines[max(start - _NEAR, 0) : start])
    below = takewhile(_is_no_sentence, lines[start + 1 : start + 1 + _SOON])
    yield from ((line, node, number < _NEAR) for number, (line, node) in enumerate(below))


def _is_no_sentence(placed: tuple[str, LexborNode]) -> bool:
    return not placed[0].endswith(_SENTENCE)


def _is_of_publication(before: str, after: str, is_near: bool) -> bool:
    """Return whether the texts around a date are those of a by-line; without a label, only near the heading."""
    if _BESIDE.match(after) is None:
        return False
    if _LABELLED.fullmatch(before):
        return True
    return _UNLABELLED.fullmatch(before) is not None and (is_near or _SOURCE_BESIDE.match(after) is not None)
