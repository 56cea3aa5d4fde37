"""Which classes and ids a page must have to use an image of a style sheet."""

from __future__ import annotations

import re
from collections.abc import Iterator

from extractor.html.css import REFERENCE, unescape, without_comments
from extractor.values.urls import resolve

Condition = frozenset[str]
"""Words in lower case that all stand in a page, or in its scripts, if it uses an image."""
Conditions = tuple[Condition, ...]
"""One of them holds if a page uses the image."""

_TOKEN = re.compile(
    rf"(?P<reference>{REFERENCE.pattern})|\"(?:[^\"\n\\]|\\.)*\"|'(?:[^'\n\\]|\\.)*'|\\.|(?P<sign>[{{}};])",
    re.IGNORECASE | re.DOTALL,
)
_TRANSPARENT = re.compile(r"@(?:media|supports|layer|container|starting-style)\b", re.IGNORECASE)
_ALWAYS = re.compile(r"\s*(?:(?:cursor|src)\s*|--[^:]*):", re.IGNORECASE)
"""Declarations whose images are used elsewhere, or when no element shows it: cursors, fonts, variables."""
_STRINGS = re.compile(r"\"(?:[^\"\n\\]|\\.)*+\"?|'(?:[^'\n\\]|\\.)*+'?")
"""Also one without an end: without its words, a condition only demands less."""
_INNERMOST = re.compile(r"\[[^\[\]()]*\]|\([^()]*\)")
_NAME = re.compile(r"[.#]((?:[-\w]|[^\x00-\x7f]|\\[0-9a-f]{1,6}\s?|\\.)+)", re.IGNORECASE)
_COMMA = re.compile(r"(?<!\\),")
_WORDS = re.compile(r"[\w-]+", re.ASCII)
_MOST_DEEP = 50


def image_conditions(sheet: str, base: str) -> dict[str, Conditions]:
    """Return the conditions of each image of a sheet, by absolute URL, in order.

    Images that any page may use, of `body` or by a tag alone, are left out, and so are imports and fonts. A sheet that
    can't be read for sure gives none. `base` is its own URL.
    """
    text, found, always = without_comments(sheet), dict[str, list[Condition]](), set[str]()
    references = 0
    try:
        for reference, conditions in _references(text):
            references += 1
            if (url := resolve(unescape(reference), base)) is None:
                continue
            if conditions is None:
                always.add(url)
            else:
                found.setdefault(url, []).extend(conditions)
    except _Unsure:
        return {}
    if references < text.lower().count("url("):
        return {}
    return {url: tuple(dict.fromkeys(all_of)) for url, all_of in found.items() if url not in always}


class _Unsure(Exception):
    """The blocks of a sheet do not match."""


def _references(text: str) -> Iterator[tuple[str, Conditions | None]]:
    """Yield each reference with the conditions of its rule; None if there are none."""
    rules: list[Conditions | None] = [None]
    waiting: list[str] = []
    begin = 0
    for token in _TOKEN.finditer(text):
        if token["reference"] is not None:
            waiting.append(next(filter(None, token.groups()[1:5]), ""))
            continue
        if (sign := token["sign"]) is None:
            continue
        segment, begin = text[begin : token.start()], token.end()
        holds = None if segment.lstrip()[:1] == "@" or _ALWAYS.match(segment) else rules[-1]
        yield from ((one, holds) for one in waiting)
        waiting.clear()
        if sign == "{":
            rules.append(_of_rule(segment, rules[-1]))
        elif sign == "}":
            rules.pop()
        if not 0 < len(rules) < _MOST_DEEP:
            raise _Unsure
    if len(rules) != 1:
        raise _Unsure
    yield from ((one, None) for one in waiting)


def _of_rule(prelude: str, outer: Conditions | None) -> Conditions | None:
    """Return the conditions of what stands in a rule, inside of a rule with others."""
    if prelude.lstrip()[:1] == "@":
        return outer if _TRANSPARENT.match(prelude.lstrip()) else None
    bare = _STRINGS.sub("", prelude)
    for _ in range(_MOST_DEEP):
        bare, removed = _INNERMOST.subn("", bare)
        if not removed:
            break
    if any(sign in bare for sign in "()[]"):
        return None
    conditions = [_of_selector(selector) for selector in _COMMA.split(bare)]
    return tuple(conditions) if all(conditions) else outer


def _of_selector(selector: str) -> Condition:
    """Return the words of the classes and ids that a selector demands; what is in parentheses is left out before.

    Empty for names outside ASCII, which scripts write in many ways.
    """
    names = [unescape(name).lower() for name in _NAME.findall(selector)]
    return (
        frozenset(word for name in names for word in _WORDS.findall(name)) if "".join(names).isascii() else frozenset()
    )
