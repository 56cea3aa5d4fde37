"""Remove readers' comments and their form below the text, on pages whose markup does not mark them.

Two things show them: posts that were read from the page, and a heading such as "Leave a comment" or 3 条评论. Such a
heading may also be of a section of the text. So a form must follow it, or nothing that was kept as text.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice

from selectolax.lexbor import LexborNode

from extractor.article.blocks import KIND, Blocks
from extractor.article.comment_phrases import LONGEST, counts, invites, may_tell, names
from extractor.html.regions import HEADINGS, ancestors, element_before
from extractor.values.thread import Post

_LEAST_TEXT = 200
"""Characters of text that an article has before its comments. An ideograph counts as two."""
_RUNNING = 60
_MOST_LINKS = 0.5
_HEADINGS = frozenset(KIND[tag] for tag in HEADINGS)
_AREA = "textarea,[contenteditable=true]"
_FORM = f"{_AREA},iframe,#disqus_thread,.giscus,.utterances,.fb-comments,[id*=comment i],[id*=respond i]"
"""What stands where readers comment: an area to write in, or the element that a service fills."""
_LEVELS, _MOST_SIBLINGS = 3, 60
_LEAST_FOUND = 0.5
_LEAST_POSTS = 2


def without_comments(blocks: Blocks, kept: Sequence[int], posts: Sequence[Post] = ()) -> Sequence[int]:
    """Return the kept blocks without comments and their form.

    `posts` are comments that were read from the page. Text above them stays, as does text below them.
    """
    there = _place_of(blocks, kept, posts)
    kept = [number for number in kept if number not in there]
    end = _heading_of_comments(blocks, kept)
    return kept if end is None else [number for number in kept if number < end]


def _place_of(blocks: Blocks, kept: Sequence[int], posts: Sequence[Post]) -> range:
    """Return the blocks of these posts, with the names and times between them; empty if they are elsewhere."""
    said = _numbers_of(blocks, kept, posts)
    if not said:
        return range(0)
    first, last = said[0], said[-1]
    around = blocks.holder[first]
    while blocks.end[around] <= last:
        around = blocks.parent[around]
    return range(_start_within(blocks, first, around), _end_within(blocks, last, around))


def _numbers_of(blocks: Blocks, kept: Sequence[int], posts: Sequence[Post]) -> list[int]:
    """Return the kept blocks that are lines of the posts; none unless two posts have most of their lines there.

    The last block with a line counts: a comment may repeat a paragraph of the article.
    """
    places = {blocks.texts[number]: number for number in kept}
    found: list[int] = []
    whole = 0
    for post in posts:
        lines = [line.removeprefix("- ") for line in post.text.split("\n") if line]
        here = [places[line] for line in lines if line in places]
        if len(here) > len(lines) * _LEAST_FOUND:
            whole += 1
            found += here
    return sorted(found) if whole >= min(len(posts), _LEAST_POSTS) else []


def _start_within(blocks: Blocks, number: int, around: int) -> int:
    """Return the first block of the child of a container that holds a block, or of a heading right before it."""
    start = _first_of_child(blocks, number, around)
    while start > 0 and blocks.kind[blocks.holder[start - 1]] in _HEADINGS and blocks.first[around] < start:
        start -= 1
    return start


def _first_of_child(blocks: Blocks, number: int, around: int) -> int:
    child = _child(blocks, number, around)
    return number if child == around else blocks.first[child]


def _end_within(blocks: Blocks, number: int, around: int) -> int:
    child = _child(blocks, number, around)
    return number + 1 if child == around else blocks.end[child]


def _child(blocks: Blocks, number: int, around: int) -> int:
    """Return the child of a container that holds a block; the container itself if the block is directly in it."""
    child = blocks.holder[number]
    while child != around and blocks.parent[child] != around:
        child = blocks.parent[child]
    return child


def _heading_of_comments(blocks: Blocks, kept: Sequence[int]) -> int | None:
    """Return the block from which on there are only comments and their form; None if there is no such block."""
    had, before = frozenset(kept), 0
    for number in range(kept[0], kept[-1] + 1) if kept else ():
        text = blocks.texts[number]
        if before >= _LEAST_TEXT and len(text) <= LONGEST and _heads_comments(blocks, number, text, kept):
            return number
        if number in had:
            before += len(text) if text.isascii() else len(text.encode("utf-16-le", "ignore"))
    return None


def _heads_comments(blocks: Blocks, number: int, text: str, kept: Sequence[int]) -> bool:
    if not may_tell(text) or blocks.linked[number] > len(text) * _MOST_LINKS:
        return False
    if counts(text):
        return blocks.kind[blocks.holder[number]] in _HEADINGS or _is_beside_form(blocks, number)
    if not invites(text) and not names(text):
        return False
    return _is_beside_form(blocks, number) or all(
        len(blocks.texts[later]) < _RUNNING for later in kept if later > number
    )


def _is_beside_form(blocks: Blocks, number: int) -> bool:
    """Return whether there is something to comment with after a block, in its element or those around it; or an area to
    write in right before it.
    """
    holder = blocks.nodes[blocks.holder[number]]
    for around in (holder, *islice(ancestors(holder), _LEVELS - 1)):
        if any(map(_holds_form, islice(_elements_after(around), _MOST_SIBLINGS))):
            return True
        before = element_before(around)
        if before is not None and before.css_first(_AREA) is not None:
            return True
    return False


def _holds_form(node: LexborNode) -> bool:
    return node.css_matches(_FORM) or node.css_first(_FORM) is not None


def _elements_after(node: LexborNode) -> Iterator[LexborNode]:
    after = node.next
    while after is not None:
        if after.is_element_node:
            yield after
        after = after.next
