"""Find authors: by marks at a place that all posts share; without marks, by texts at the same small distance from the
time in all posts.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from selectolax.lexbor import LexborNode

from extractor.forums.induction import Found
from extractor.forums.marks import Mark, marks_of
from extractor.html.regions import vocabulary
from extractor.values.thread import Post

_FURTHEST = 4
_FURTHEST_BEHIND = 2
_LONGEST = 40
_AROUND = " \t\n\r\xa0·・•|,:;-–—»«>@"
_NO_NAMES = vocabulary("by on at from posted wrote says said reply report quote share edit more like the am pm")
_NO_PERSON = vocabulary(
    "offline online posted profile profil messages reaction score starter member members registered anzeigen view login"
    " username user avatar wrote says reply report quote beiträge thread"
)
_BY = re.compile(r"^(?:(?:(?:posted|written) )?by|von|par|por|da|od|от|作者[:：]?)\s+(?=\S)", re.IGNORECASE)
_ONLY_BY = re.compile(r"^(?:(?:posted|written) )?by\s+(?=\S)|^作者[:：]?\s+(?=\S)", re.IGNORECASE)
_FIGURES = re.compile(r"[\d.,]+")
_WORDS = re.compile(r"\w+")
_DOUBT = 0.3
_SILENT = vocabulary("script style template noscript svg button select textarea")


def marked_names(marks: Sequence[Sequence[Mark]]) -> list[Mark | None]:
    """Return, for each post, the mark at the place that names people best, or a more specific one inside."""
    found: dict[str, list[Mark]] = {}
    for of_post in marks:
        for place, mark in {mark.place: mark for mark in reversed(of_post)}.items():
            found.setdefault(place, []).append(mark)
    worth = {place: _worth([mark.name for mark in firsts]) for place, firsts in found.items()}
    chosen = []
    for of_post in marks:
        best = max((mark for mark in of_post if worth[mark.place]), key=lambda mark: worth[mark.place], default=None)
        inner = [mark for mark in of_post if best is not None and best.node.mem_id in mark.around[1:]]
        chosen.append(inner[0] if inner else best)
    return chosen


def _worth(names: Sequence[str]) -> float:
    """Return in how many posts there are short texts that differ as names do; 0 for buttons."""
    said = [name.lower() for name in names]
    alike = len(names) > 1 and len({_FIGURES.sub("0", name) for name in said}) == 1
    words = [_WORDS.findall(name) for name in said]
    long = sum(max(len(each) - 2, 0) for each in words) / len(names)
    telling = sum(not _NO_PERSON.isdisjoint(each) for each in words) / len(names)
    if alike and telling:
        return 0.0
    return len(names) * (_DOUBT if alike else 1) * (1 - (1 - _DOUBT) * telling) / (1 + long / 5)


def unmarked_names(found: Sequence[Found], times: Sequence[Mark | None]) -> list[str | None]:
    """Return the author of each post; None for all if no place near the times has names.

    A text behind the time may be the body: there, some name must occur twice.
    """
    beside = [_beside(post, time) for post, time in zip(found, times, strict=True)]
    for side, furthest, again in ((0, _FURTHEST, False), (1, _FURTHEST_BEHIND, True)):
        for distance in range(furthest):
            names = [said[side][distance] if len(said[side]) > distance else None for said in beside]
            given = [name for name in names if name]
            differ = len(set(given)) > max(1, len(given) // 8) and not (again and len(set(given)) == len(given))
            if len(given) * 5 >= len(found) * 4 and differ:
                return names
    return [None] * len(found)


def without_by(names: Sequence[str | None]) -> list[str | None]:
    """Return the names without the word before them, if each has it: *by Ann*, *von Hans*. In the only name on a page,
    a word that begins family names too is part of it: *Von Braun*, *da Silva*.
    """
    given = {name for name in names if name}
    pattern = _BY if len(given) > 1 else _ONLY_BY
    if sum(name is not None for name in names) > 1 and all(map(pattern.match, given)):
        return [pattern.sub("", name) if name else None for name in names]
    return list(names)


def named_by_marks(posts: Sequence[Post], found: Sequence[tuple[LexborNode, LexborNode]]) -> tuple[Post, ...]:
    """Return the posts with authors by marks outside their bodies, if none has an author in the usual place.

    `found` are the elements and bodies of the posts. In another theme, only what names the posts may be as usual.
    """
    if any(post.author for post in posts):
        return tuple(posts)
    outside = [
        [mark for mark in marks_of(node) if mark.kind == "name" and body.mem_id not in mark.around]
        for node, body in found
    ]
    marks = marked_names(outside)
    named = sum(mark is not None for mark in marks)
    if named < 2 or named * 2 < len(posts):
        return tuple(posts)
    return tuple(
        replace(post, author=mark.name if mark is not None else None) for post, mark in zip(posts, marks, strict=True)
    )


def _beside(post: Found, time: Mark | None) -> tuple[list[str], list[str]]:
    """Return the short texts before and behind a post's time, nearest first."""
    if time is None:
        return [], []
    before: list[str] = []
    behind: list[str] = []
    passed = False
    for text in _texts(post.parts):
        passed = passed or time.node.mem_id == text.mem_id
        if passed and len(behind) >= _FURTHEST_BEHIND:
            break
        name = " ".join((text.text_content or "").split()).strip(_AROUND) if text.is_text_node else ""
        if (
            1 < len(name) <= _LONGEST
            and any(map(str.isalpha, name))
            and name.lower() not in _NO_NAMES
            and name not in time.name
        ):
            (behind if passed else before).append(name)
    return before[::-1], behind


def _texts(parts: Sequence[LexborNode]) -> Iterator[LexborNode]:
    """Yield the visible text nodes and elements of a post, in order."""
    for part in parts:
        for node in part.traverse(include_text=True):
            parent = node.parent
            if parent is None or parent.tag not in _SILENT:
                yield node
