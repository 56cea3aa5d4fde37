"""Classify class names and ids by their words, as bits. Each name is analysed once."""

from __future__ import annotations

from functools import lru_cache
from itertools import pairwise

from extractor.html.hidden_elements import MAY_BE_HIDDEN
from extractor.html.regions import (
    APPARATUS_BEGINNINGS,
    APPARATUS_WORDS,
    COMMENT_WORDS,
    DATELINE,
    apparatus_pair,
    comment_word,
    vocabulary,
    wall_words,
    words_in,
)

APPARATUS, ASIDE, BODY, ABOUT, COMMENTS, THREAD, CONTROL, WHEN, READ_ALOUD, OTHERS, CONSENT, CAPTION, WALL = (
    1 << place for place in range(13)
)
"""Menus and the like; elements beside the text; the text; author, date and source; readers' comments; parts of forum
pages; buttons; the line with date and author; elements that may be hidden; lists of other pages as in WordPress;
consent dialogs; captions; notices of paywalls."""

_LISTS_OF_OTHERS = vocabulary("wp-block-query wp-block-latest-posts")
_ASIDE_BY_NAME = vocabulary("post-list posts-list article-list articles-list news-list")
"""Complete names of lists of pages; `sidebar__post-list` and `postlist` mean other things."""
_ASIDE_BY_PAIRS = frozenset(
    tuple(pair.split())
    for pair in (
        *("top news", "hot news", "latest news", "more news", "other news", "latest posts", "more stories"),
        *("sign in", "sign up", "log in"),
    )
)
"""Adjacent words in one name."""
_LONGEST = 300
_HINTS = {
    APPARATUS: APPARATUS_WORDS,
    COMMENTS: COMMENT_WORDS,
    ASIDE: vocabulary(
        "side widget widgets related recommend recommended recommends more most popular trending latest next prev"
        " previous box bio teaser teasers promo card cards banner hot rank ranking bottom links link list sponsor"
        " notice alert dropdown jump top header head foot tool tools breadcrumb crumbs crumb skip qrcode code app"
        " download ewm"
    ),
    BODY: vocabulary(
        "article content contents post entry story body text main message markdown prose richtext rich detail details"
        " news blog cooked wiki doc docs documentation para paragraph copy con zw txt arc read page single section"
    ),
    ABOUT: vocabulary(
        "byline author authors date time meta posted published category caption credit kicker dek info attribution"
        " profile source editor pub pubtime tag label user username avatar signature sig credits copyright laiyuan"
    ),
    THREAD: vocabulary(
        "forum thread threads topic topics post posts postbody postbit message messages reply replies question answer"
        " answers discussion viewtopic showthread comment comments bbcode phpbb xenforo vbulletin discourse quote"
    ),
    CONTROL: vocabulary(
        "button buttons btn controls actions action reaction reactions like likes vote votes votecell rating rate stars"
        " icon icons print report follow copy toggle tooltip badge counter count counts stats statistics views"
    ),
}
_HINTS[WHEN] = DATELINE
_HINTS[CONSENT] = vocabulary("consent gdpr usercentrics")
_HINTS[CAPTION] = vocabulary("caption captions credit credits figcaption")
_HINTED = {
    word: sum(bit for bit, hints in _HINTS.items() if word in hints) for word in frozenset().union(*_HINTS.values())
}
"""The bits of each known word."""
_BEGINNINGS = (*APPARATUS_BEGINNINGS, "comment")
"""Prefixes of words that have bits."""


def class_bits(classes: str | None, own: str | None) -> int:
    """Return the bits for an element's `class` and `id`."""
    bits = _bits_of_classes(classes) if classes else 0
    return bits | _bits(own[:_LONGEST]) if own else bits


@lru_cache(maxsize=16384)
def _bits_of_classes(classes: str) -> int:
    bits = 0
    for name in classes[:_LONGEST].split():
        bits |= _bits(name)
    return bits


@lru_cache(maxsize=16384)
def _bits(name: str) -> int:
    bits = READ_ALOUD if name in MAY_BE_HIDDEN else 0
    bits |= OTHERS | APPARATUS if name in _LISTS_OF_OTHERS else 0
    bits |= APPARATUS if name.replace("_", "-") in _ASIDE_BY_NAME else 0
    found = words_in(name)
    for word in found:
        bits |= _HINTED.get(word, 0)
        if word.startswith(_BEGINNINGS):
            bits |= APPARATUS if word.startswith(APPARATUS_BEGINNINGS) else COMMENTS if comment_word(word) else 0
    if len(found) > 1:
        bits |= WALL if wall_words(frozenset(found)) else 0
        bits |= APPARATUS if _is_aside(found) else 0
    return bits


def _is_aside(found: list[str]) -> bool:
    """Return whether the words of one name together mean navigation or the like."""
    return apparatus_pair(frozenset(found)) or not _ASIDE_BY_PAIRS.isdisjoint(pairwise(found))
