"""Who wrote it, as pages say it in words and markup, English and Chinese ways first."""

from __future__ import annotations

import re
from collections.abc import Mapping
from itertools import islice

from selectolax.lexbor import LexborNode

from extractor.lines import lines_of
from extractor.ours import Ours
from extractor.page import Page
from extractor.regions import vocabulary
from extractor.sieve import Sieve, within
from extractor.titles import key

_LONGEST_NAME, _LONGEST_MARKED = 90, 60
_LONGEST_LINE = 160
_MOST_LOOKED_AT = 40
_LEAD = re.compile(
    r"^\W*(?:(?:written|posted|reported|words|story|text|published)\s+by|by|von|par|por|di|door|av|authors?\s*:|author)\b[\s:]*",
    re.IGNORECASE,
)
_TAIL = re.compile(
    r"\s+[|•·/]\s+|\s*[,|•·–—-]?\s+\b(?:on|published|updated|posted|last modified|photograph(?:y|ed|s)?)\b"
    r"|,?\s+\d{1,2}[./ ]|\s+\d{4}\b|,?\s+(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?\s+\d",
    re.IGNORECASE,
)
_NAMELESS = vocabulary(
    "tweet share email print admin administrator author editor editors staff by webmaster root user anonymous unknown"
    " 未知 佚名 匿名 本站 本站原创 原创 网络 网络整理 互联网 综合整理 管理员 系统管理员 小编 编辑部"
)
_ROLE = re.compile(r"\s*(?:기자|記者|记者)$|\s*[<(]\s*[^<>()\s]+@[^<>()\s]+\s*[>)]$")
"""What stands behind a name: an office, or an address for mail."""
_NO_NAME = re.compile(
    r"(?:updated|reviewed|edited|photos?|illustrat\w+) by\b|about the\b|(?:the author|post|some|learn more|read more)$"
    r"|(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.? \d|(?:sun|mon|tue|wed|thu|fri|sat)(?:[a-z]*day)?$"
    r"|\d\d?:\d\d|name, e?mail",
    re.IGNORECASE,
)
"""What stands where names stand, and is none."""
_PLACES = (
    (Sieve("[rel~=author]"), ""),
    (
        Sieve(
            "[class*=author-name i],[class*=authorname i],[class*=author_name i],[class*=byline-name i]"
            ",[class*=writer-name i]"
        ),
        "",
    ),
    (Sieve("[class*=byline i],[class*=author i]:not([class*=authoriz i])"), "a:not([rel~=bookmark])"),
    (
        Sieve(
            "[class*=byline i],address.author,.author,[class*=author i]:not([class*=authoriz i]),[id*=byline i]"
            ",[data-author]"
        ),
        "",
    ),
)
"""Elements, or what stands in them."""
_LEAD_LINE = re.compile(
    r"(?:\n[ \t]*-?|[|·•/–—])[ \t]*(?:(?:text|words|story) )?(?:by|von|par|por):?[ \t\n]{1,40}([^\n]{4,60})",
    re.IGNORECASE,
)
_BESIDE = 300
"""Characters before and after a heading among which its by-line stands."""
_MOST_WORDS = 8
_PARTICLES = vocabulary("de da do dos du del della di la le van von der den zu ter ten al el bin ibn y e et and und &")
_SIGN = r"\s:：,，。;；|｜()（）\[\]【】<>“”《》"
_NAMES = f"[^{_SIGN}]{{2,20}}(?:[ \u3000、,，][^{_SIGN}\\d]{{2,20}}){{0,3}}"
_OF_WORK = "通讯员|记者|摄影|报道|编译|整理|整合|综合|实习|供稿|供图|责任|责编|编辑|来源"
_PERSON = rf"(?!{_OF_WORK})[\u4e00-\u9fff]{{2,4}}(?:·[\u4e00-\u9fff]{{1,6}})?(?![\u4e00-\u9fff·])"
_PERSONS = rf"{_PERSON}(?:[ \u3000、,，]{_PERSON}){{0,3}}"
"""Behind a label without a colon: names of two to four characters, and nothing right behind them. Else what follows is
what somebody does.
"""
_COLON = r"\s*[:：|｜丨]\s*"
_LABELS = (
    (
        "作者",
        re.compile(
            rf"(?:(?:作\s*者|撰\s*文|撰稿人?|原创){_COLON}|文\s*[/／|｜丨]\s*)({_NAMES})"
            rf"|(?:^|[^\w])(?:作\s*者|撰\s*文|撰稿人?)\s+({_PERSONS})"
        ),
    ),
    (
        "记者",
        re.compile(
            rf"(?:^|[^\w]|[社報报网網台刊]|特约|见习|实习)(?:通讯员|记\s*者)(?:{_COLON}({_NAMES})|\s*({_PERSONS}))"
        ),
    ),
    ("来源", re.compile(rf"(?:稿件|文章|信息|新闻)?来\s*源\s*[:：]\s*({_NAMES})")),
    ("责任编辑", re.compile(rf"(?:责任编辑|责\s*编|编\s*辑|编审|审核)\s*[:：]\s*({_NAMES})")),
)
_FIRSTS = ("作者", "撰文", "撰稿", "文/", "文／", "原创", "记者", "通讯员", "来源", "责任编辑", "责编", "编辑")
_SIGNS = "者源编撰文原"
"""One of them is in each of the labels: single characters are looked for much faster than words."""
_MAYBE_LABEL = re.compile("[者文人创员源编审核]")
"""What no label is without: told far sooner than a label."""
_NEXT_LABEL = re.compile(
    r"[\s\u3000、,，]*(?:返回|查看更多|作者|来源|记者|责任编辑|责编|编辑|编审|审核|校对|发布|时间|日期|浏览|点击|阅读|字体|字号|分享|打印|\d{4}年).*$"
)
_ONLY_BYLINE = re.compile(
    r"^[\s(（\[【]*(?:(?:作者|撰文|撰稿|记者|通讯员|(?:稿件|文章|信息)?来源|责任编辑|责编|编辑|编审|审核|校对|初审|终审|文(?=[/／]))"
    r"\s*[:：/／]\s*[^。！？:：]{1,24}){1,4}"
    r"[\s)）\]】]*$"
)

_LABELLED = re.compile(
    r"(?:作者|撰文|记者|来源|责任编辑|责编|编辑|审核|(?:发布|发表)?(?:时间|日期)|浏览(?:次数|量)?|点击(?:数|率)?|阅读|字体|字号)\s*[:：]"
)
_LABELS_OF_A_BYLINE = 2


def clean_name(written: str) -> str | None:
    """A name without what by-lines put around it; None when there is no name in it."""
    name = " ".join(written.split()).strip(" ,|·•-–—")
    name = _TAIL.split(_LEAD.sub("", name), maxsplit=1)[0].strip(" ,|·•-–—:：")
    name = _ROLE.sub("", name)
    if not name or len(name) > _LONGEST_NAME or name.lower() in _NAMELESS or _NO_NAME.match(name):
        return None
    if name.startswith(("http:", "https:", "@", "/", "www.")) or not any(map(str.isalpha, name)):
        return None
    return name


def written_byline(page: Page) -> tuple[str, str] | None:
    """The by-line that elements are marked as, and ``byline``; comments and menus have others. A box at the side of the
    article is asked last.
    """
    ours = Ours(page)
    titles = {key(heading.text()) for heading in page.tagged("h1")}
    aside: list[tuple[LexborNode, str]] = []
    for place, inner in _PLACES:
        named = within(place.all(page), inner) if inner else place.all(page)
        for node in islice(named, _MOST_LOOKED_AT):
            name = _name_of(node)
            if not name or key(name) in titles:
                continue
            if not ours.stands_aside(node):
                return name, "byline"
            aside.append((node, name))
    return next(((name, "byline") for node, name in aside if ours.is_in_article(node)), None)


def _name_of(node: LexborNode) -> str | None:
    """The name that a marked element gives to machines or shows."""
    attributes = node.attributes
    given = (attributes.get("content"), attributes.get("data-author"))
    written = next((value for value in given if value and any(map(str.isalpha, value))), None) or node.text(
        separator=" "
    )
    name = clean_name(written) if len(written) <= _LONGEST_LINE * 4 and not _label(written) else None
    return name if name and len(name) <= _LONGEST_MARKED else None


def heading_byline(page: Page) -> tuple[str, str] | None:
    """The full name after "by" in a line beside the heading, and ``byline``."""
    heading = next(iter(page.tagged("h1")), None)
    title = heading.text(separator="\n").strip().partition("\n")[0].strip() if heading is not None else ""
    start = page.words.find(title) if title else -1
    while start >= 0:
        end = page.words.find("\n", start + len(title) + _BESIDE)
        around = "\n" + page.words[max(start - _BESIDE, 0) : end if end > 0 else None]
        for line in _LEAD_LINE.findall(around):
            name = clean_name(line)
            if name and _is_full_name(name):
                return name, "byline"
        start = page.words.find(title, start + 1)
    return None


def _is_full_name(name: str) -> bool:
    """Whether it is two words or more that begin as names do, with small words between them at most."""
    words = name.replace(",", " ").split()
    large = [word for word in words if word[0].isupper()]
    return (
        len(large) >= 2 and len(words) <= _MOST_WORDS and all(word in _PARTICLES for word in words if word not in large)
    )


def labelled_byline(found: Mapping[str, str]) -> tuple[str, str] | None:
    """Of `labelled` the name after 作者, 记者, 来源 or 责任编辑 (in this order), and which of them it was."""
    return next(((found[label], f"byline {label}") for label, _ in _LABELS if label in found), None)


def labelled(page: Page) -> dict[str, str]:
    """The names after 作者, 记者, 来源 and 责任编辑 on the page, as far as they are there."""
    words = page.words
    if words.isascii() or not any(sign in words for sign in _SIGNS) or not any(first in words for first in _FIRSTS):
        return {}
    found: dict[str, str] = {}
    for line in lines_of(page.tree.body):
        if len(line) <= _LONGEST_LINE and _MAYBE_LABEL.search(line):
            for label, pattern in _LABELS:
                match = pattern.search(line) if label not in found else None
                name = _NEXT_LABEL.sub("", match[match.lastindex or 0]).strip(" \u3000、,，") if match else ""
                if name and not name.isdigit() and name not in _NAMELESS:
                    found[label] = name
    return found


def is_byline(line: str) -> bool:
    """Whether a line says nothing but who wrote, sent or edited the text, and when: names after their labels, or such a
    label whose name stands elsewhere.
    """
    if len(line) > _LONGEST_LINE:
        return False
    alone = _ONLY_BYLINE.match(line) or _LEAD.fullmatch(line)
    return alone is not None or len(_LABELLED.findall(line)) >= _LABELS_OF_A_BYLINE


def _label(written: str) -> bool:
    return any(pattern.search(written) for _, pattern in _LABELS)
