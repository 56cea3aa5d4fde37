"""Compute a short signature of a page's text; numbers, times and counters don't affect it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from hashlib import blake2b

from extractor.html.page import Page
from extractor.html.regions import vocabulary

_UNSAID = ("script", "style", "noscript", "template")
_PARTS = re.compile(r"\d+|[^\W\d]+|[^\w\s.,:;/'()-]+")
"""Numbers, words, and signs that are more than punctuation."""
_TIMES = vocabulary(
    "second seconds minute minutes min mins hour hours day days week weeks month months year years ago moment moments"
    " yesterday today"
)
_BESIDE_NUMBERS = vocabulary(
    "jan january feb february mar march apr april may jun june jul july aug august sep sept september oct october nov"
    " november dec december mon monday tue tues tuesday wed wednesday thu thur thurs thursday fri friday sat saturday"
    " sun sunday at am pm st nd rd th"
)
"""Words of times where a number stands before or after them: *May* alone is a verb."""
_OF_CHINESE = re.compile("刚刚|昨天|前天|今天|秒|分钟|小时|[天周月年]?前")


def signature(page: Page) -> str:
    """Return 16 hexadecimal digits of the visible text, ignoring numbers, punctuation and the words of times."""
    tree = page.tree.clone()
    tree.strip_tags(list(_UNSAID))
    text = tree.body.text(separator=" ") if tree.body is not None else page.text
    said = _OF_CHINESE.sub("", " ".join(_words(_PARTS.findall(text.lower()))))
    return blake2b(" ".join(said.split()).encode("utf-8", "replace"), digest_size=8).hexdigest()


def _words(parts: list[str]) -> Iterator[str]:
    """Yield the parts of a text that are no times: *Friday at 3:04 PM* is one, as *Nov 27, 2026 3:04 PM* is."""
    number_before = False
    for place, part in enumerate(parts):
        if part[0].isdecimal() or part in _TIMES:
            number_before = True
        elif part in _BESIDE_NUMBERS and (number_before or _number_follows(parts, place + 1)):
            pass  # what stands beside it, stands beside its number
        elif part == "now" and parts[place - 1] == "just":
            number_before = False
        elif part != "just" or parts[place + 1 : place + 2] != ["now"]:
            number_before = False
            yield part


def _number_follows(parts: list[str], place: int) -> bool:
    """Return whether a number is there, with at most two words of times before it: *Sat, March 30*."""
    for part in parts[place : place + 3]:
        if part[0].isdecimal():
            return True
        if part not in _BESIDE_NUMBERS:
            return False
    return False
