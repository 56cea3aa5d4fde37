"""Remove readers' comments and their form below the text, on pages whose markup does not mark them.

Two things show them: posts that were read from the page, and a heading such as "Leave a comment" or 3 条评论. Such a
heading may also be of a section of the text. So a form must be beside it, and nothing below it may be a paragraph of
the text: where in doubt, all of it stays.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Container, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice

from selectolax.lexbor import LexborNode

from extractor.article.blocks import KIND, Blocks
from extractor.article.comment_phrases import LONGEST, counts, invites, is_note, may_tell, names
from extractor.html.regions import HEADINGS, ancestors, element_before
from extractor.values.thread import Post

_LEAST_TEXT = 200
"""Characters of text that an article has before its comments. An ideograph counts as two."""
_PARAGRAPH, _SENTENCE = 60, 20
"""Characters of a line that may be a paragraph of the text, as above, and of one that ends like a sentence."""
_ENDS = tuple('.!?。！？…”"」')
_IDEOGRAPHS = re.compile("[\u2e80-\U0010ffff]+")
_MOST_LINKS = 0.5
_HEADINGS = frozenset(KIND[tag] for tag in HEADINGS)
_ENTRIES = frozenset(KIND[tag] for tag in ("li", "td", "th", "dt", "dd", "caption"))
_AREA = "textarea,[contenteditable=true]"
_FORM = f"{_AREA},#disqus_thread,.giscus,.utterances,.fb-comments,[id*=comment i],[id*=respond i]"
"""What stands where readers comment: an area to write in, or the element that a service fills."""
_LEVELS, _MOST_NOTES, _MOST_COMMENTS, _MOST_LINES = 3, 20, 500, 40
_LEAST_FOUND = 0.5
_LEAST_POSTS = 2
_NEAR = 4
"""Blocks between the text of a post and the name of its author, at most."""
_OF_FORM = re.compile(
    r"(?:your|votre|deine|ihre|tu|su|il tuo|o seu|je|ваш)\b.{0,24}e-?mail.{0,40}"
    r"\b(?:not|pas|nicht|no|non|não|niet|не)\b"
    r"|(?:all )?comments (?:are|will be) (?:moderated|reviewed|checked|approved)\b|save my name\b|在此浏览器中保存",
    re.IGNORECASE,
)
"""The beginning of notes in a form to comment with."""
_ONLY_COUNT = re.compile(r"\D{0,8}(\d{1,6})\D{0,16}")
_TIME = re.compile(r"\d{4}[-/.年]\d{1,2}[-/.月]\d{1,2}|\d{1,2}[:：]\d{2}")


def without_comments(blocks: Blocks, kept: Sequence[int], posts: Sequence[Post] = ()) -> Sequence[int]:
    """Return the kept blocks without comments and their form.

    `posts` are comments that were read from the page. Text above them stays, as does text below them.
    """
    there = _place_of(blocks, kept, posts)
    kept = [number for number in kept if number not in there]
    end = _Headings(blocks, kept, there.start if there else -1).first()
    return kept if end is None else [number for number in kept if number < end]


def _size(text: str) -> int:
    """Return the characters of a text. An ideograph counts as two."""
    return len(text) if text.isascii() else 2 * len(text) - len(_IDEOGRAPHS.sub("", text))


def _place_of(blocks: Blocks, kept: Sequence[int], posts: Sequence[Post]) -> range:
    """Return the blocks of these posts, with the names and times between them; empty if they are elsewhere, or a
    paragraph that is in none of them is between them.
    """
    said = _numbers_of(blocks, kept, posts)
    if not said:
        return range(0)
    first, last = said[0], said[-1]
    around = blocks.holder[first]
    while blocks.end[around] <= last:
        around = blocks.parent[around]
    place = range(_start_within(blocks, first, around), _end_within(blocks, last, around))
    written = {line.removeprefix("- ") for post in posts for line in post.text.split("\n")}
    long = (text for number in kept if number in place and _size(text := blocks.texts[number]) >= _PARAGRAPH)
    return place if all(written.issuperset(text.split("\n")) for text in long) else range(0)


def _numbers_of(blocks: Blocks, kept: Sequence[int], posts: Sequence[Post]) -> list[int]:
    """Return the kept blocks that are lines of the posts; none unless two posts have most of their lines there, near
    the names of their authors.

    The last block with a line counts: a comment may repeat a paragraph of the article.
    """
    places = {blocks.texts[number]: number for number in kept}
    found: list[int] = []
    whole = 0
    for post in posts:
        lines = [line.removeprefix("- ") for line in post.text.split("\n") if line]
        here = [places[line] for line in lines if line in places]
        if len(here) > len(lines) * _LEAST_FOUND and _is_signed(blocks, min(here), max(here), post):
            whole += 1
            found += here
    return sorted(found) if whole >= min(len(posts), _LEAST_POSTS) else []


def _is_signed(blocks: Blocks, first: int, last: int, post: Post) -> bool:
    """Return whether the author's name is near these lines of a post, and the post is not only that name."""
    if not post.author or post.text.strip() == post.author:
        return False
    near = (*range(max(first - _NEAR, 0), first), *range(last + 1, min(last + 1 + _NEAR, len(blocks.texts))))
    return any(post.author in blocks.texts[number] for number in near)


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


@dataclass(frozen=True)
class _Forms:
    """What readers comment with on a page, in order, and the blocks before each."""

    nodes: Sequence[LexborNode]
    before: Sequence[int]
    """The number of blocks that begin before the form."""

    @cached_property
    def holders(self) -> frozenset[int]:
        """The elements directly around the areas to write in."""
        areas = (node.parent for node in self.nodes if node.css_matches(_AREA))
        return frozenset(parent.mem_id for parent in areas if parent is not None)

    def next(self, number: int) -> int:
        """Return the first block after the next form below a block; the block itself if there is no form."""
        place = bisect_right(self.before, number)
        return self.before[place] if place < len(self.before) else number

    def are_beside(self, number: int, holder: LexborNode) -> bool:
        """Return whether a form follows a block, in its element or those around it, or ends right before it."""
        place = bisect_right(self.before, number)
        around = [holder, *islice(ancestors(holder), _LEVELS)]
        if place < len(self.nodes) and _is_within(self.nodes[place], {node.mem_id for node in around}):
            return True
        if place == 0 or not self.nodes[place - 1].css_matches(_AREA):
            return False
        ended = {node.mem_id for node in map(element_before, around[:_LEVELS]) if node is not None}
        return _is_within(self.nodes[place - 1], ended)


def _is_of_form(text: str) -> bool:
    return is_note(text) or _OF_FORM.match(text) is not None


def _is_within(node: LexborNode, around: Container[int]) -> bool:
    return node.mem_id in around or any(outer.mem_id in around for outer in ancestors(node))


def _forms_of(blocks: Blocks) -> _Forms:
    """Find the forms of a page, in one walk."""
    forms = {node.mem_id for node in blocks.nodes[0].css(_FORM)}
    nodes: list[LexborNode] = []
    before: list[int] = []
    if forms:
        begins = {pieces[0].mem_id: number for number, pieces in enumerate(blocks.pieces) if pieces}
        begun = 0
        for node in blocks.nodes[0].traverse(include_text=True):
            begun = begins.get(node.mem_id, begun - 1) + 1
            if node.mem_id in forms:
                nodes.append(node)
                before.append(begun)
    return _Forms(nodes, before)


class _Headings:
    """The headings of comments among the kept blocks. `posts` is the first block of posts that were removed, or -1."""

    def __init__(self, blocks: Blocks, kept: Sequence[int], posts: int) -> None:
        self._blocks = blocks
        self._kept = kept
        self._posts = posts

    def first(self) -> int | None:
        """Return the block from which on there are only comments and their form; None if there is no such block."""
        blocks, kept = self._blocks, self._kept
        had, before = frozenset(kept), 0
        for number in range(kept[0], kept[-1] + 1) if kept else ():
            text = blocks.texts[number]
            may_be = before >= _LEAST_TEXT and len(text) <= LONGEST and self._may_be_one(number, text)
            if may_be and self._is_one(number, text):
                return number
            if number in had:
                before += _size(text)
        return None

    @cached_property
    def _forms(self) -> _Forms:
        return _forms_of(self._blocks)

    @cached_property
    def _paragraphs(self) -> list[int]:
        """The kept blocks that are long enough for a paragraph, and no notes of a form."""
        texts = self._blocks.texts
        return [
            number for number in self._kept if _size(texts[number]) >= _PARAGRAPH and not _is_of_form(texts[number])
        ]

    @cached_property
    def _sentences(self) -> list[int]:
        """The kept blocks that end like a sentence, and no notes of a form."""
        texts = self._blocks.texts
        ended = (number for number in self._kept if texts[number].endswith(_ENDS))
        return [number for number in ended if _size(texts[number]) >= _SENTENCE and not _is_of_form(texts[number])]

    def _may_be_one(self, number: int, text: str) -> bool:
        """Return whether a block is worth a look: no cell of a table of data, no link, and it begins like a heading."""
        blocks = self._blocks
        if blocks.table[blocks.holder[number]] >= 0:
            return False
        return blocks.linked[number] <= len(text) * _MOST_LINKS and may_tell(text)

    def _is_one(self, number: int, text: str) -> bool:
        blocks = self._blocks
        counted, named = counts(text), names(text)
        invited = not named and invites(text)  # 评论 may be both
        if not counted and not named and not invited:
            return False
        kind = blocks.kind[blocks.holder[number]]
        if number == self._kept[-1] and (counted or invited) and kind not in _ENTRIES:
            return True  # it is the last line: nothing else is lost
        if kind == KIND["li"] or not self._has_comments(number, counted=counted):
            return False
        only = _ONLY_COUNT.fullmatch(text) if counted else None
        return (not named or not self._has_section(number)) and self._is_before_comments(
            number, min(int(only[1]), _MOST_COMMENTS) if only else 0
        )

    def _has_comments(self, number: int, *, counted: bool) -> bool:
        """Return whether posts were read below a block that counts them, or a form is beside it."""
        read_below = counted and self._posts > number
        return read_below or self._forms.are_beside(number, self._blocks.nodes[self._blocks.holder[number]])

    def _has_section(self, number: int) -> bool:
        """Return whether a sentence is between a block and the form below it."""
        start, stop = bisect_right(self._sentences, number), bisect_left(self._sentences, self._forms.next(number))
        found = self._sentences[start : min(stop, start + _MOST_NOTES)]
        return not all(self._is_in_form(later, number) for later in found)

    def _is_before_comments(self, number: int, counted: int) -> bool:
        """Return whether no paragraph of the text follows a block: each long line is of a form, or of one of as many
        comments as the block counts.
        """
        start, most = bisect_right(self._paragraphs, number), max(_MOST_NOTES, counted * 2)
        following = self._paragraphs[start : start + most + 1]
        return len(following) <= most and all(
            self._is_in_form(later, number) or (counted > 1 and self._is_in_comment(later, number, counted))
            for later in following
        )

    def _is_in_form(self, later: int, number: int) -> bool:
        """Return whether a block is in a form that begins after the block `number`, or directly around an area."""
        blocks = self._blocks
        container = blocks.holder[later]
        if blocks.first[container] > number and blocks.nodes[container].mem_id in self._forms.holders:
            return True
        while container >= 0 and blocks.first[container] > number:
            if blocks.kind[container] == KIND["form"]:
                return True
            container = blocks.parent[container]
        return False

    def _is_in_comment(self, later: int, number: int, counted: int) -> bool:
        """Return whether a block is in one of so many similar elements after the block `number`, beside a time."""
        blocks = self._blocks
        container = blocks.holder[later]
        while container >= 0 and blocks.first[container] > number:
            if blocks.alike[container] == counted and blocks.end[container] - blocks.first[container] > 1:
                inside = range(blocks.first[container], blocks.end[container])[:_MOST_LINES]
                return any(other != later and _TIME.search(blocks.texts[other]) for other in inside)
            container = blocks.parent[container]
        return False
