"""Extract the main text of a page: a model selects the blocks; if it is unsure, all blocks are the text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import dropwhile

from extractor.article import embedded
from extractor.article.blocks import Blocks, blocks_of
from extractor.article.blocks_as_markdown import markdown
from extractor.article.classifier import choose, model_version
from extractor.article.comment_area import without_comments
from extractor.article.comment_phrases import is_note
from extractor.article.embedded import EmbeddedBlocks, embedded_text
from extractor.article.features import PageContext
from extractor.article.link_lists import is_list_of_links, row_below, with_whole_rows
from extractor.article.rendering import Line, lines
from extractor.article.whole_tables import with_whole_tables
from extractor.html.page import Page
from extractor.html.prose import LEAST
from extractor.html.regions import is_entry_content
from extractor.html.trees import Trees
from extractor.links.links import base_of
from extractor.metadata.bylines import is_byline
from extractor.values.dates import read_date
from extractor.values.thread import Post
from extractor.values.urls import Resolve, Resolver, normalise

ENGINE = "blocks"
LIST_OF_LINKS, ALL_BLOCKS, CONTENT = "list of links", "all blocks", "content element"
"""Origins of texts that are not blocks that the model chose: teasers or the names of links, as on front pages; all
blocks, since the model is unsure; the blocks of the only element that is named as content.
"""
_UNSURE = 0.5
"""Expected F1 below which the model is unsure."""
_MANY_TIMES = 2
_AN_ARTICLE = 1_500
"""Bytes of running text, without comments, from which on a page is an article, however long the comments are."""
_PIECE = 25
_SHORT = 500
"""Characters of a text below which scripts are searched for a longer one, and an element marked as content is all of
it."""
_LINKS, _ALL_LINKS = 0.3, 0.9
_LONGEST_ATTRIBUTION, _LONGEST_NOTICE = 80, 240
_MOST_WORDS = 10
_WORD = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]|[^\\W\\d_\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]+")
_OF_PLATFORM = re.compile(
    r"(?:平台|特别|免责|郑重|版权)?声明\s*[:：].{1,200}|.{0,80}(?:仅提供信息存储(?:空间)?服务|用户上传并发布).{0,40}"
)
"""Disclaimers that platforms add to every text: it is its author's opinion; they only store it."""
_OF_AGE = re.compile(
    r"\W*this (?:post|article|page|entry|content) (?:was|is|has been) (?:last )?(?:changed|updated|modified|edited"
    r"|written|published|posted)(?:(?!\b(?:the|of|by|for|from|with|when|as|to)\b)[^.!]){0,24}"
    r"\d+ (?:days?|months?|years?) ago[.!,;]?[^.!]{0,60}"
    r"\b(?:out of date|outdated|obsolete|have changed|no longer)\b[^.!]{0,40}[.!]?"
    r"|\W*dieser (?:beitrag|artikel) wurde [^.!]{0,30}vor [^.!]{0,12}\d+ (?:tagen|monaten|jahren)[^.!]{0,24}[.!]"
    r"[^.!]{0,60}\b(?:veraltet|aktuell)\b[^.!]{0,40}[.!]?"
    r"|\W*(?:本文|这篇文章|這篇文章|此文章?)[最后後近已经經距离離上次一于於是在的 ]{0,8}"
    r"(?:更新|修改|编辑|編輯|发布|發布|发表|發表)[^。！]{0,8}"
    r"\d+ ?(?:天|个月|個月|年)(?:之?前|以前)[，,。]?[^。！]{0,20}"
    r"(?:过时|過時|有所|变化|變化|改变|改變|失效)[^。！]{0,24}[。！]?"
    r"|\W*この(?:記事|投稿|ページ)は[^。]{0,16}(?:日|か月|年)以?上?前に[^。]{0,12}。[^。]{0,12}古い[^。]{0,20}。?",
    re.IGNORECASE,
)
"""Notices of themes above a text, which change every day: it was changed 200 days ago, and may be out of date."""
_DAY = re.compile(
    r"(?:\d{4}|[〇○零一二三四五六七八九]{4})年[\d一二三四五六七八九十]{1,3}月[\d一二三四五六七八九十]{1,3}日"
)
_OFFICE = re.compile(r"[\u4e00-\u9fff\s（）()、]{2,40}")
_PAGER = re.compile(
    r"(?:(?:(?:上|下)一?[页頁章节節篇条條]|章[节節](?:列表|目[录錄])|返?回?(?:目[录錄]|列表|首页|书页)|加入书[签架]|投?推荐票|投票推荐)"
    r"[\s|｜/←→<>«»·:：()（）【】\[\]-]*)+"
)
"""A line of links to the chapters beside this one."""
_ENDS = (".", "!", "?", "。", "！", "？", ":", "：")


@dataclass(frozen=True, slots=True)
class Engine:
    """The extractor of a text: its name and version."""

    name: str
    version: str


@dataclass(frozen=True, slots=True)
class MainText:
    text: str
    engine: Engine
    markdown: str
    """The extracted text as Markdown."""
    origin: str
    """What it consists of: `blocks` that the model chose, or `LIST_OF_LINKS`, `ALL_BLOCKS`, `CONTENT`, `script`."""


@dataclass(frozen=True, slots=True)
class PageLayout:
    """A page laid out in blocks."""

    blocks: Blocks
    thread: bool | None
    """Whether comments are part of the text, since the page is a discussion; None if unknown."""


def lay_out(page: Page, thread: bool | None) -> PageLayout:
    """Split a page into blocks. `thread` says whether posts by readers are the text; None means: if the page has little
    else.
    """
    blocks = blocks_of(page, thread=bool(thread))
    beside = _running(blocks) if thread is None and blocks.comments else _AN_ARTICLE
    if beside < _AN_ARTICLE and blocks.comments > beside * _MANY_TIMES:
        return PageLayout(blocks_of(page, thread=True), True)
    return PageLayout(blocks, thread)


def known_of(laid: PageLayout, title: str | None) -> PageContext:
    return PageContext(title, laid.thread)


def main_text(
    page: Page,
    *,
    title: str | None = None,
    thread: bool | None = None,
    besides: Sequence[Post] = (),
    trees: Trees | None = None,
) -> MainText | None:
    """Return the paragraphs of the article, one per line; None if there is no text.

    `thread` is as for `lay_out`. `title` and by-lines are removed if they are separate lines at either end. The posts
    `besides`, which others wrote below the article, are left out. `trees` replaces the default model.
    """
    laid = lay_out(page, thread)

    def own(numbers: Sequence[int]) -> Sequence[int]:
        return numbers if laid.thread else without_comments(laid.blocks, numbers, besides)

    def said(numbers: Sequence[int]) -> list[Line]:
        return _trim(lines(laid.blocks, own(numbers)), title)

    chosen = choose(laid.blocks, known_of(laid, title), trees)
    kept, ours = chosen.kept, said(chosen.kept)
    short = sum(len(line.text) for line in ours) < _SHORT
    if short and (held := _held_only(page, laid.blocks)) is not None:
        held_lines = _trim(lines(held.blocks, held.kept), title)
        engine = Engine(embedded.ENGINE, embedded.VERSION)
        return _marked(page, held.blocks, held_lines, engine, embedded.ENGINE)
    sure = len(ours) > 0 and chosen.expected >= _UNSURE and not _is_all_links(laid.blocks, kept)
    called = _named_content(laid.blocks) if short or not sure else range(0)
    strays = short and frozenset(called) < frozenset(kept)
    origin = ENGINE
    if (strays or not sure) and (named := said(called)):
        kept, ours, origin = tuple(called), named, CONTENT
    elif not sure:
        kept, origin = tuple(range(len(laid.blocks.texts))), ALL_BLOCKS
        ours = said(kept)
    elif short and (row := row_below(laid.blocks, kept)):
        kept = (*kept, *row)
        ours = said(kept)
    engine = Engine(ENGINE, model_version())
    if is_list_of_links(laid.blocks, numbers := own(kept)):
        listed = _with_days(page, laid, numbers, title)
        return _marked(page, *listed, engine, LIST_OF_LINKS)
    return _marked(page, laid.blocks, ours, engine, origin) if ours else None


def _with_days(page: Page, laid: PageLayout, kept: Sequence[int], title: str | None) -> tuple[Blocks, list[Line]]:
    """Return the blocks and the lines of a list of links, with all parts of each of its rows: a day beside a link says
    when the page at that link appeared.
    """
    nodes = {piece.mem_id for number in kept for piece in laid.blocks.pieces[number]}
    blocks = blocks_of(page, thread=bool(laid.thread), dated=True)
    had = [number for number, pieces in enumerate(blocks.pieces) if any(piece.mem_id in nodes for piece in pieces)]
    whole = with_whole_tables(blocks, with_whole_rows(blocks, had), frozenset(had))
    return blocks, list(dropwhile(lambda line: line.text.strip() == title, lines(blocks, whole)))


def _marked(page: Page, blocks: Blocks, said: Sequence[Line], engine: Engine, origin: str) -> MainText:
    resolver: Resolve = Resolver(base_of(page.tagged("base"), page.url)) if normalise(page.url) else normalise
    return MainText(_joined(said), engine, markdown(blocks, said, resolver), origin)


def _joined(found: Iterable[Line]) -> str:
    return "\n".join(line.text.rstrip() if line.table < 0 else line.text for line in found)


def _held_only(page: Page, blocks: Blocks) -> EmbeddedBlocks | None:
    """Return the text inside scripts, if the page shows little text itself."""
    held = embedded_text(page)
    if held is None:
        return None
    letters, shown = ("".join("".join(texts).split()) for texts in (held.texts, blocks.texts))
    pieces = [letters[start : start + _PIECE] for start in range(0, len(letters), _PIECE)]
    return held if sum(piece in shown for piece in pieces) * _MANY_TIMES < len(pieces) else None


def _named_content(blocks: Blocks) -> range:
    """Return the blocks of the page's only element marked as entry content; empty if there are several."""
    found: list[range] = []
    for node, first, end in zip(blocks.nodes, blocks.first, blocks.end, strict=True):
        within = found and first < found[-1].stop
        if not within and first < end and is_entry_content(node):
            found.append(range(first, end))
    return found[0] if len(found) == 1 else range(0)


def _is_all_links(blocks: Blocks, kept: Sequence[int]) -> bool:
    """Return whether these blocks are almost only links: then they are a menu, whatever the model says."""
    linked = sum(blocks.linked[number] for number in kept)
    return linked > sum(len(blocks.texts[number]) for number in kept) * _ALL_LINKS


def _running(blocks: Blocks) -> int:
    """Return the bytes of running text, in blocks that are long enough and not links."""
    total = 0
    for text, linked in zip(blocks.texts, blocks.linked, strict=True):
        size = len(text.encode("utf-8", "replace"))
        total += size if size >= LEAST and linked < len(text) * _LINKS else 0
    return total


def _trim(found: Iterable[Line], title: str | None) -> list[Line]:
    """Remove empty lines and table rulers, and title and by-lines at both ends, which are fields."""
    kept = [line for line in found if line.text.rstrip().strip("|-: ")]
    first, last = 0, len(kept)
    while first < last and _begins_text(kept[first], title):
        first += 1
    while last > first and _ends_text(kept[last - 1]) and not _signs(kept[first:last]):
        last -= 1
    return kept[first:last]


def _begins_text(line: Line, title: str | None) -> bool:
    """Return whether a line at the beginning is not part of the text."""
    said = line.text.strip()
    if line.table >= 0:
        return False
    return said == title or _is_attribution(said) or _is_pager(said) or _says_age(said)


def _ends_text(line: Line) -> bool:
    """Return whether a line at the end is not part of the text."""
    said = line.text.strip()
    return line.table < 0 and (
        _is_attribution(said) or _OF_PLATFORM.fullmatch(said) is not None or is_note(said) or _is_pager(said)
    )


def _says_age(line: str) -> bool:
    """Return whether a line only says how long ago the text was changed."""
    return len(line) <= _LONGEST_NOTICE and _OF_AGE.fullmatch(line) is not None


def _is_pager(line: str) -> bool:
    """Return whether a line has only links to the chapters of a book, or the parts of a series, beside this one."""
    said = line.strip()
    return len(said) <= _LONGEST_ATTRIBUTION and _PAGER.fullmatch(said) is not None


def _signs(said: Sequence[Line]) -> bool:
    """Return whether the last two lines sign a Chinese notice: the office, and the day, which is a part of it."""
    if len(said) < 2 or _DAY.fullmatch(said[-1].text.strip()) is None:
        return False
    office = said[-2].text.strip()
    return _OFFICE.fullmatch(office) is not None and not is_byline(office)


def _is_attribution(line: str) -> bool:
    """Return whether a line has only date and author: a date, and about as many words as names have."""
    if is_byline(line):
        return True
    if len(line) > _LONGEST_ATTRIBUTION or line.endswith(_ENDS) or len(_WORD.findall(line)) > _MOST_WORDS:
        return False
    return read_date(line) is not None
