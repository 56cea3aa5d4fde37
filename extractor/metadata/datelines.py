"""Find the visible dates of publication and change of an article.

Elements marked as dates come first, then lines beside the heading, then lines with only a date.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from functools import cached_property
from itertools import dropwhile, islice
from operator import itemgetter

from selectolax.lexbor import LexborNode

from extractor.html.article_region import ArticleRegion
from extractor.html.cheap_queries import CheapQuery, within
from extractor.html.lines import in_one_line
from extractor.html.page import Page
from extractor.html.regions import ancestors, vocabulary, words_of
from extractor.metadata.dateline_beside_heading import date_beside
from extractor.metadata.time_above_text import time_above_text
from extractor.values.dates import date_in_path, read_date
from extractor.values.relative import relative_date

_PLACES = tuple(
    map(
        CheapQuery,
        (
            "time[pubdate]",
            "article time[datetime],main time[datetime]",
            "time[datetime]",
            "[class*=publish i],[id*=publish i],[class*=pubtime i],[id*=pubtime i],[class*=pubdate i]",
            "time,.entry-date,.post-date,.date,[class*=date i],[id*=date i],[class*=time i],[id*=time i]",
            "[class*=byline i],[class*=meta i],[class*=info i],[class*=source i],[class*=origin i]",
        ),
    )
)
_TIMES = CheapQuery("time[datetime]")
_CAPTIONS = vocabulary("caption")
_CLOSE = 4
_LIST = 4
_CHANGED = vocabulary("modified updated update lastmod")
_MOST_LOOKED_AT = 12
_MOST_TEASERS = 200
_MOST_IN_A_DATE = 5
_WINDOW = 200
_LONGEST_LINE = 160
_LITTLE_MORE = 60
"""Maximum characters beside the date in a line with little else."""
_ALMOST_ALONE = 60
"""Maximum characters of a line below a heading that may be a by-line, and not a caption."""
_CHANGED_RANK, _WORST = 4, 9
_NEAR, _SOON = 4, 12
"""Number of lines around a heading that belong to it, and after it in which the text begins."""
_MOST_LINES = 4_000
_MOST_YEARS = 300
_YEAR = re.compile(r"(?:19|20)\d\d")
_YEAR_IN_CHINESE = re.compile(
    r"[12１２〇零令民](?:(?<=[12１２])[90０９][\d０-９]{2}|(?<=[〇零])[一二三]|(?<=令)和|(?<=民)[國国])"
)
"""It begins with one of a few characters, which are found much faster than several words."""
_LABEL = re.compile(
    r"publish|posted|released?\b|written|issued|date\b|datum|erschienen|erstellt|ver[öo]ffentlicht|publi[ée]|publicado|fecha"
    r"|pubblicato|发布|發布|发表|發表|时间|日期|来源|來源|出处|出處|公開|掲載|投稿|작성|입력|등록|опубликован",
    re.IGNORECASE,
)
_CHANGE = re.compile(
    r"updated?|modified|revised|edited|changed|reviewed|stand\s*:|aktualisiert|ge[äa]ndert|mis à jour"
    r"|actualizado|aggiornato|更新|修改|수정|обновл",
    re.IGNORECASE,
)
_NO_DATE_OF_THE_PAGE = re.compile(
    r"©|\(c\)|copyright|expires|joined|registered|founded|member since|born|birth", re.IGNORECASE
)
_DATELINE = re.compile(r"(?:[0-3]?\d\.[01]?\d\.(?:19|20)\d\d|(?:19|20)\d\d-[01]\d-[0-3]\d)(?!\S*\d)")
"""The beginning of a paragraph with its date: no sentence begins with a date in this form."""
_DATA = re.compile(r"data-.*(?:date|time|publish)")
"""Attributes with a date for scripts."""
_FIRST_YEAR = "1990"
"""The first year of the web: an older date is part of the content."""

Found = tuple[str, str]
"""A date and its origin."""


def shown_date(page: Page, day_first: bool | None = None) -> Found | None:
    """Return the date of publication. `day_first`: see `read_date`."""
    ours = ArticleRegion(page)
    others = OtherArticles(page)
    marked = _lists_last([node for node in marked_dates(page) if not others.dates(node)])
    return (
        _first_of(filter(others.dates_ours, _TIMES.all(page)), page, day_first, ours.belongs_elsewhere)
        or _first_of(marked, page, day_first, ours.is_outside)
        or _first_of(filter(ours.is_foot_date, _TIMES.all(page)), page, day_first, others.dates, relative=False)
        or _in_path_or_lines(page, day_first, lambda node: ours.is_outside(node) or others.dates(node))
        or _first_of(marked, page, day_first, ours.belongs_elsewhere, relative=False)
    )


def changed_date(page: Page, day_first: bool | None = None) -> Found | None:
    """Return the visible date of change, in a time element with such a name."""
    others = OtherArticles(page)
    called = (node for node in _TIMES.all(page)[:_MOST_LOOKED_AT] if not words_of(node).isdisjoint(_CHANGED))
    own = (node for node in called if not others.dates(node))
    found = _first_of(own, page, day_first, ArticleRegion(page).is_outside, relative=False)
    return (found[0], f"modified {found[1]}") if found else None


class OtherArticles:
    """Other articles below the page's own: each has a heading with a link, and a date with the same link."""

    def __init__(self, page: Page) -> None:
        self._page = page

    @cached_property
    def _headed(self) -> frozenset[str]:
        links = islice(within(self._page.tree.css("h1,h2,h3,h4"), "a"), _MOST_TEASERS)
        hrefs = ((link.attrs.get("href") or "").partition("#")[0] for link in links)
        return frozenset(href for href in hrefs if href and not self._page.url.partition("#")[0].endswith(href))

    def dates(self, node: LexborNode) -> bool:
        """Return whether an element is the date of one of them."""
        href = _href(node).partition("#")[0]
        return href != "" and href in self._headed

    def dates_ours(self, node: LexborNode) -> bool:
        """Return whether an element is the date of the page's own article in a list of articles."""
        return _href(node) == self._page.url


def _href(node: LexborNode) -> str:
    """Return the link around or inside a date; a link beside it names a person."""
    links = (
        [node.parent] if node.parent is not None and node.parent.tag == "a" else node.css("a[href]")[:_MOST_IN_A_DATE]
    )
    dated = (link.attrs.get("href") for link in links if _YEAR_IN_CHINESE.search(in_one_line(link)))
    return next(dated, None) or ""


def date_beside_heading(page: Page, day_first: bool | None = None) -> Found | None:
    """Return the date of a line below the heading without a full year: see `dateline_beside_heading`."""
    title = _heading_of(page)
    if not title:
        return None
    ours, others = ArticleRegion(page), OtherArticles(page)
    from_heading = dropwhile(lambda placed: placed[0] != title, page.lines[:_MOST_LINES])
    for line, node in islice(from_heading, 1, 1 + _NEAR):
        written = None if _CHANGE.search(line) else date_beside(line, page.at, day_first)
        stands_apart = _is_caption(node) or ours.is_outside(node) or others.dates(node)
        if written and not stands_apart and is_possible(written, page.at):
            return written, "date line"
    return None


def machine_times(page: Page) -> Iterator[str]:
    """Yield the machine-readable times of time elements, except those of changes."""
    for node in page.tagged("time")[:_MOST_LOOKED_AT]:
        if words_of(node).isdisjoint(_CHANGED) and (written := read_date(node.attrs.get("datetime") or "")):
            yield written


def _in_path_or_lines(page: Page, day_first: bool | None, leave_out: Callable[[LexborNode], bool]) -> Found | None:
    """Return the day in the address, with its time if the by-line has it; else the date of the best line."""
    if not (day := date_in_path(page.url)):
        return _in_lines(page, day_first, leave_out)
    timed = time_above_text(page, day, _heading_of(page), lambda node: _is_caption(node) or leave_out(node), day_first)
    return (timed, "date line") if timed else (day, "url")


def marked_dates(page: Page) -> Iterator[LexborNode]:
    """Yield the elements marked as dates, except those of changes, most reliable first."""
    for place in _PLACES:
        yield from (node for node in place.all(page)[:_MOST_LOOKED_AT] if words_of(node).isdisjoint(_CHANGED))


def _lists_last(marked: Sequence[LexborNode]) -> Sequence[LexborNode]:
    """Move dates of article lists to the end: elements with the same markup that have several days, or one day several
    times in words alone.
    """
    alike: dict[tuple[str | None, str | None], Counter[str]] = {}
    for node in marked:
        alike.setdefault((node.tag, node.attrs.get("class")), Counter())[node.text(strip=True)] += 1
    lists = {
        (tag, classes)
        for (tag, classes), days in alike.items()
        if len(days) >= _LIST or (tag != "time" and max(days.values()) >= _LIST)
    }
    return sorted(marked, key=lambda node: (node.tag, node.attrs.get("class")) in lists)


def _first_of(
    marked: Iterable[LexborNode],
    page: Page,
    day_first: bool | None,
    leave_out: Callable[[LexborNode], bool],
    *,
    relative: bool = True,
) -> Found | None:
    """Return their first date. `relative` allows "3 hours ago", which may be another article's time."""
    at = page.at if relative else None
    for node in marked:
        written = None if leave_out(node) else _date_of(node, at, day_first)
        if written and is_possible(written, page.at):
            return written, "time element" if node.tag == "time" else "date line"
    return None


def is_possible(written: str, at: datetime | None) -> bool:
    """Return whether a date is between the beginning of the web and the capture, give or take a day for zones."""
    return written >= _FIRST_YEAR and (at is None or written[:10] <= (at + timedelta(days=1)).date().isoformat())


def _date_of(node: LexborNode, at: datetime | None, day_first: bool | None) -> str | None:
    attributes = node.attributes
    for name in ("datetime", "content", "title", *filter(_DATA.match, attributes)):
        if written := read_date(attributes.get(name) or "", day_first=day_first):
            return written
    text = node.text(separator=" ")
    if len(text) > _WINDOW or (_CHANGE.search(text) and not _LABEL.search(text)):
        return None
    return read_date(text, day_first=day_first) or (relative_date(text, at) if at and node.tag == "time" else None)


def _in_lines(page: Page, day_first: bool | None, leave_out: Callable[[LexborNode], bool]) -> Found | None:
    """Return the best line with a date: near the heading, named as a date, or with little else."""
    if not _holds_date(page.words):
        return None
    lines = page.lines[:_MOST_LINES]
    start = _place_of_heading(page, lines)
    best: tuple[int, str] = (_WORST, "")
    for number, (line, node) in enumerate(lines):
        rank = _rank(line, None if start is None else number - start)
        written = read_date(line, day_first=day_first) if rank < best[0] else None
        if not written or not is_possible(written, page.at):
            continue
        if rank % _CHANGED_RANK > 1 and len(line) - len(written) > _LITTLE_MORE:
            continue
        if _is_caption(node):
            continue
        if rank == 0 and _foots_heading(node):
            rank = 2
        elif leave_out(node):  # in a page's footer, only the date of its last change is its own
            rank = _WORST - 1 if rank >= _CHANGED_RANK else _WORST
        best = min(best, (rank, written), key=itemgetter(0))
    return (best[1], "date line" if best[0] < _CHANGED_RANK else "modified date line") if best[1] else None


def _is_caption(node: LexborNode) -> bool:
    """Return whether a line is the caption of an image, which has its own date."""
    return any(
        part.tag in ("figure", "figcaption") or not words_of(part).isdisjoint(_CAPTIONS)
        for part in islice(ancestors(node), _CLOSE)
    )


def _foots_heading(node: LexborNode) -> bool:
    """Return whether a line is in the `footer` of an article: right below the heading, that is its by-line."""
    tags = [part.tag for part in ancestors(node)]
    return "footer" in tags and "article" in tags[tags.index("footer") :] and "nav" not in tags


def _heading_of(page: Page) -> str:
    heading = next(iter(page.tagged("h1")), None)
    return in_one_line(heading) if heading is not None else ""


def _place_of_heading(page: Page, lines: Sequence[tuple[str, LexborNode]]) -> int | None:
    title = _heading_of(page)
    return next((number for number, (line, _) in enumerate(lines) if title and line == title), None)


def _holds_date(words: str) -> bool:
    """Return whether it is worth reading all lines."""
    pattern = _YEAR if words.isascii() else _YEAR_IN_CHINESE
    for year in islice(pattern.finditer(words), _MOST_YEARS):
        before, after = (
            words[max(year.start() - _LONGEST_LINE, 0) : year.start()],
            words[year.start() : year.start() + _LONGEST_LINE],
        )
        if read_date(before.rpartition("\n")[2] + after.partition("\n")[0], day_first=True):
            return True
    return False


def _rank(line: str, after_heading: int | None) -> int:
    """Return how reliable a line's date is; 0 is best."""
    if after_heading is not None and 0 < after_heading <= _SOON and _DATELINE.match(line):
        return 1
    if len(line) > _LONGEST_LINE or not _YEAR_IN_CHINESE.search(line) or _NO_DATE_OF_THE_PAGE.search(line):
        return _WORST
    labelled = _LABEL.search(line) is not None
    changed = _CHANGED_RANK if not labelled and _CHANGE.search(line) else 0
    if after_heading is not None and 0 < after_heading <= _NEAR:
        return changed if labelled or len(line) <= _ALMOST_ALONE else changed + 2
    if labelled:
        return 1
    return changed + (2 if after_heading is not None and -_NEAR <= after_heading < 0 else 3)
