"""Find visible by-lines: in elements with such names, and in a line beside the heading."""

from __future__ import annotations

import re
from itertools import chain, islice

from selectolax.lexbor import LexborNode

from extractor.html.article_region import ArticleRegion
from extractor.html.cheap_queries import CheapQuery, within
from extractor.html.lines import lines_of
from extractor.html.page import Page
from extractor.html.regions import vocabulary
from extractor.metadata.author_archives import name_in_label
from extractor.metadata.labels import NOBODY, close_names, is_labelled, names_label
from extractor.metadata.titles import key

_LONGEST_NAME, _LONGEST_MARKED = 90, 60
_LONGEST_LINE, _LONGEST_WRITTEN = 160, 640
_MOST_LOOKED_AT = 40
_LEAD = re.compile(
    r"^\W*(?:(?:(?:written|posted|reported|words|story|text|published)\s+by|(?:verfasst|geschrieben|text)\s+von|by|von|par|por"
    r"|di|door|av|author|опубликовал[аи]?|نشره|بواسطة)\b|(?:authors?|autor(?:in|en)?|auteure?s?)\s*:)[\s:]*",
    re.IGNORECASE,
)
NO_LATIN = re.compile(r"[^\Wa-zA-Z\d_]{1,20}(?:[ ·・][^\Wa-zA-Z\d_]{1,20}){0,3}")
"""A name in another script: a Chinese one is one word."""
_TAIL = re.compile(
    r"\s+[|•·/]\s+|\s*[,|•·–—-]?\s+\b(?:on|published|updated|posted|last modified|photograph(?:y|ed|s)?)\b"
    r"|,?\s+\d{1,2}[./ ]|\s+\d{4}\b|\s+(?:\d{1,3}\s*(?:秒|分钟|小时|天|周|个?月|年)前|昨天|前天|刚刚)"
    r"|,?\s+(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?\s+\d",
    re.IGNORECASE,
)
_NAMELESS = NOBODY | vocabulary(
    "tweet share email print admin administrator author editor editors staff by webmaster root user anonymous unknown"
)
_AND = "and|und|et|y|e|og|och|en|和"
_GOES_ON = re.compile(rf"(?:[,;&、]|\b(?:{_AND}))\s*\n|\n\s*(?:[,;&、]|(?:{_AND})(?=\s|$))")
"""The break between two lines of one list of names."""
_SEPARATOR = re.compile(rf"\s*(?:[,;&、]|,?\s*(?:{_AND}))\s*")
"""Text between two links of one list of names."""
_BEFORE_COMMA = re.compile(r"\s+(?=[,;、])")
_OFFICE = re.compile(
    r"^\s*(?:[\u4e00-\u9fff]{1,8}[报報网網社台刊])?(?:特约|特約|实习|實習|见习|見習)*(?:记者|記者|通讯员|通訊員)[\s:：]+"
)
"""A paper and an office before a name: 本报记者 王芳."""
_ROLE = re.compile(r"\s*(?:기자|記者|记者)$|\s*[<(]\s*[^<>()\s]+@[^<>()\s]+\s*[>)]$")
"""Text after a name: a role, or a mail address."""
_NO_NAME = re.compile(
    r"(?:updated|reviewed|edited|photos?|illustrat\w+) by\b|about the\b|(?:the author|post|some|learn more|read more)$"
    r"|(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.? \d|(?:sun|mon|tue|wed|thu|fri|sat)(?:[a-z]*day)?$"
    r"|\d\d?:\d\d|name, e?mail|.*[。！？]|.*\s(?-i:[a-zß-ÿа-яё]{3,})[.!?…]$",
    re.IGNORECASE,
)
"""Texts in place of names that are not names."""
_PLACES = (
    (
        CheapQuery(
            "[class*=author-name i],[class*=authorname i],[class*=author_name i],[class*=byline-name i]"
            ",[class*=writer-name i],[class*=author__name i],[class*=byline__name i]"
        ),
        "",
    ),
    (CheapQuery("[class*=byline i],[class*=author i]:not([class*=authoriz i])"), "a:not([rel~=bookmark])"),
    (
        CheapQuery(
            "[class*=byline i],address.author,.author,[class*=author i]:not([class*=authoriz i]),[id*=byline i]"
            ",[data-author]"
        ),
        "",
    ),
)
"""Selectors of elements with by-lines, after those with the relation `author`."""
# It has some of the words of _LEAD: a new word there may belong here, too.
_LEAD_LINE = re.compile(
    r"[\n|·•/–—](?:(?<=\n)[ \t]*+-)?[ \t]*+(?:(?:text|words|story) )?(?:by|von|par|por):?[ \t\n]{1,40}([^\n]{4,60})",
    re.IGNORECASE,
)
_MOST_PLACES = 20
"""Maximum occurrences of a heading's words on the page: a short one may be everywhere."""
_BESIDE = 300
"""Characters before and after a heading in which its by-line is searched."""
_MOST_WORDS = 8
_PARTICLES = vocabulary("de da do dos du del della di la le van von der den zu ter ten al el bin ibn y e et and und &")


def clean_name(written: str) -> str | None:
    """Return a name without the other words of by-lines; None if there is no name."""
    name = _OFFICE.sub("", close_names(" ".join(written.split()))).strip(" ,|·•-–—→»›")
    if (linked := name_in_label(name)) is not None:
        if not (_is_full_name(linked) or NO_LATIN.fullmatch(linked)):
            return None
        name = linked
    name = _TAIL.split(_LEAD.sub("", name), maxsplit=1)[0].strip(" ,|·•-–—:：")
    name = _ROLE.sub("", name)
    if not name or len(name) > _LONGEST_NAME or name.lower() in _NAMELESS or _NO_NAME.match(name):
        return None
    if name.startswith(("http:", "https:", "@", "/", "www.")) or not any(map(str.isalpha, name)):
        return None
    return name


def written_byline(page: Page) -> tuple[str, str] | None:
    """Return the by-line in marked elements, and ``byline``.

    Those of comments and menus don't count; a box at the side of the article comes last.
    """
    ours = ArticleRegion(page)
    title = next((key(heading.text()) for heading in page.tagged("h1")), "")
    aside: list[tuple[LexborNode, str]] = []
    named = (within(place.all(page), inner) if inner else place.all(page) for place, inner in _PLACES)
    for marked in chain([page.tree_index.writers], named):
        for node in islice(marked, _MOST_LOOKED_AT):
            name = _name_of(node)
            if not name or key(name) == title:
                continue
            if not ours.is_outside(node):
                return _with_the_next(node, name), "byline"
            aside.append((node, name))
    return next(((name, "byline") for node, name in aside if ours.is_in_article(node)), None)


def _name_of(node: LexborNode) -> str | None:
    """Return the name in a marked element, for machines or visible."""
    attributes = node.attributes
    given = (attributes.get("content"), attributes.get("data-author"))
    written = next((value for value in given if value and any(map(str.isalpha, value))), None) or _names_in(node)
    if len(written) > _LONGEST_WRITTEN or names_label(written) or written.rstrip().endswith((":", "：")):
        return None
    name = clean_name(written)
    return name if name and len(name) <= _LONGEST_MARKED else None


def _names_in(node: LexborNode) -> str:
    """Return the text of an element up to the line with its names: the next line may be the office of the person."""
    written = ""
    for line, _ in lines_of(node):
        if written.endswith((":", "：")) and not names_label(written):
            written = ""
        name = clean_name(written)
        if not name and written and not _LEAD.fullmatch(written) and not _GOES_ON.search(f"{written}\n{line}"):
            written = line
        elif name and (" " in name or " " in line) and not _GOES_ON.search(f"{written}\n{line}"):
            break
        else:
            written = f"{written} {line}".strip()
    return _BEFORE_COMMA.sub("", written)


def _with_the_next(link: LexborNode, name: str) -> str:
    """Return the name in a link with those in the links that continue its list."""
    names = [name]
    between = link.next
    while between is not None and between.is_text_node and _SEPARATOR.fullmatch(between.text_content or ""):
        other = between.next
        if other is None or other.tag != "a" or not (name_of_other := _name_of(other)):
            break
        names.append(name_of_other)
        between = other.next
    return ", ".join(names) if all(map(_is_full_name, names)) else name


def heading_byline(page: Page) -> tuple[str, str] | None:
    """Return the full name after "by" in a line beside the heading, and ``byline``."""
    heading = next(iter(page.tagged("h1")), None)
    title = heading.text(separator="\n").strip().partition("\n")[0].strip() if heading is not None else ""
    start = page.words.find(title) if title else -1
    for _ in range(_MOST_PLACES):
        if start < 0:
            break
        end = page.words.find("\n", start + len(title) + _BESIDE)
        around = "\n" + page.words[max(start - _BESIDE, 0) : end if end > 0 else None]
        for line in _LEAD_LINE.finditer(around):
            for written in (_with_next_lines(line[1], around[line.end() :]), line[1]):
                if (name := clean_name(written)) and _is_full_name(name):
                    return name, "byline"
        start = page.words.find(title, start + 1)
    return None


def _with_next_lines(names: str, after: str) -> str:
    """Return the names of a line with those of the lines that continue its list."""
    for line in after.split("\n")[1 : 2 * _MOST_WORDS]:
        if not _GOES_ON.search(f"{names}\n{line}"):
            break
        names = f"{names} {line.strip()}"
    return _BEFORE_COMMA.sub("", names)


def _is_full_name(name: str) -> bool:
    """Return whether it has at least two words that begin like names, with only particles between them."""
    words = name.replace(",", " ").split()
    large = [word for word in words if word[0].isupper()]
    return (
        len(large) >= 2 and len(words) <= _MOST_WORDS and all(word in _PARTICLES for word in words if word not in large)
    )


def is_byline(line: str) -> bool:
    """Return whether a line has only authors, senders or editors, and a date.

    It has names after their labels, or a label without its name.
    """
    return len(line) <= _LONGEST_LINE and (is_labelled(line) or _LEAD.fullmatch(line) is not None)
