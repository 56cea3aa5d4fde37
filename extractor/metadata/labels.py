"""Find Chinese by-lines: names after 作者, 记者, 来源 and 责任编辑, anywhere on a page."""

from __future__ import annotations

import re
from collections.abc import Mapping

from extractor.html.page import Page
from extractor.html.regions import vocabulary

NOBODY = vocabulary("未知 佚名 匿名 本站 本站原创 原创 网络 网络整理 互联网 综合整理 管理员 系统管理员 小编 编辑部")
_LONGEST_LINE, _SHORT_LINE = 160, 80
_LONGEST_NAME = 4
"""Characters of a Chinese name; longer ones before the end of a sentence are no name."""
_SIGN = r"\s:：,，。;；|｜()（）\[\]【】<>“”《》"
_NAMES = f"[^{_SIGN}]{{2,20}}(?:[ \u3000、,，][^{_SIGN}\\d]{{2,20}}){{0,3}}"
_OF_WORK = "通讯员|记者|摄影|报道|编译|整理|整合|综合|实习|供稿|供图|责任|责编|编辑|来源"
_PERSON = rf"(?!{_OF_WORK})[\u4e00-\u9fff]{{2,4}}(?:·[\u4e00-\u9fff]{{1,6}})?(?![\u4e00-\u9fff·])"
_SPOKEN = re.compile(r"\s*[?？!！]|.*[。？！?!]$")
"""What follows the words of a reporter, and not a name: 记者：图书馆什么时候开放？"""
_PERSONS = rf"{_PERSON}(?:[ \u3000、,，]{_PERSON}){{0,3}}"
"""After a label without a colon: names of two to four characters, with nothing right after them. Otherwise, the label
is part of a sentence.
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
    ("来源", re.compile(rf"(?:稿件|文章|信息|新闻)?来\s*源\s*[:：]\s*({_NAMES}(?:《[^《》]{{2,20}}》)?)")),
    ("责任编辑", re.compile(rf"(?:责任编辑|责\s*编|编\s*辑|编审|审核)\s*[:：]\s*({_NAMES})")),
)
_FIRSTS = ("作者", "撰文", "撰稿", "文/", "文／", "原创", "记者", "通讯员", "来源", "责任编辑", "责编", "编辑")
_SIGNS = "者源编撰文原"
"""Each label has one of these characters: single characters are found much faster than words."""
_MAYBE_LABEL = re.compile("[者文人创员源编审核]")
"""A necessary part of every label, which is found much faster."""
_LABEL_BEHIND = re.compile(r"(?:^|[\s\u3000、,，]+)[^\s\u3000、,，]+$")
"""The last word of names that a colon follows: 摄影, 更新时间."""
_SPACED = re.compile(r"(?<![\u4e00-\u9fff])([\u4e00-\u9fff])[ \u3000]{1,2}([\u4e00-\u9fff])(?![\u4e00-\u9fff])")
"""A name of two characters, which print sets as wide as one of three."""
_NEXT_LABEL = re.compile(
    r"[\s\u3000、,，]*(?:返回|查看更多|作者|来源|记者|责任编辑|责编|编辑|编审|审核|校对|发布|更新|时间|日期|浏览|点击|阅读|字体|字号|分享|打印|举报|\d{4}年).*$"
)
_CODE = re.compile(r"(?<=[\u4e00-\u9fff])[\s_]*[A-Z]{1,4}\d+(?![A-Za-z\d])")
"""The number of an editor after the name: 王梅 SN123, 王梅_NN1234."""
_PLACE = re.compile(
    r"\s(?:北京|天津|上海|重庆|河北|山西|辽宁|吉林|黑龙江|江苏|浙江|安徽|福建|江西|山东|河南|湖北|湖南|广东|海南|四川"
    r"|贵州|云南|陕西|甘肃|青海|台湾|内蒙古|广西|西藏|宁夏|新疆|香港|澳门)$"
)
"""The place of a publisher after its name, as platforms show it."""
_ONLY_BYLINE = re.compile(
    r"^[\s(（\[【]*(?:(?:作者|撰文|撰稿|记者|通讯员|(?:稿件|文章|信息)?来源|责任编辑|责编|编辑|编审|审核|校对|初审|终审|文(?=[/／]))"
    r"\s*[:：/／]\s*[^。！？:：]{0,24}){1,4}"
    r"[\s)）\]】]*$"
)

_LABELLED = re.compile(
    r"(?:作者|撰文|记者|来源|责任编辑|责编|编辑|审核|(?:发布|发表)?(?:时间|日期)|浏览(?:次数|量)?|点击(?:数|率)?|阅读|字体|字号)\s*[:：]"
)
_LABELS_OF_A_BYLINE = 2
_SOURCE_AND_DAY = re.compile(
    r"(?=(?:.*(?<![\u4e00-\u9fff]))?(?:稿件|文章|信息|新闻)?(?:来源|作者|(?:责任)?编辑)\s*[:：])"
    r"(?=.*\d{4}(?:年\d{1,2}月\d{1,2}日|-\d\d-\d\d))[^，。！？]+"
)
"""A by-line, and not a sentence: 数据来源 and 图片来源 are not the source of the text."""


def labelled_byline(found: Mapping[str, str]) -> tuple[str, str] | None:
    """Return the name after 作者, 记者, 来源 or 责任编辑 (in this order) in `labelled`, and the label."""
    return next(((found[label], f"byline {label}") for label, _ in _LABELS if label in found), None)


def labelled(page: Page) -> dict[str, str]:
    """Return the names after 作者, 记者, 来源 and 责任编辑 on the page."""
    words = page.words
    if words.isascii() or not any(sign in words for sign in _SIGNS) or not any(first in words for first in _FIRSTS):
        return {}
    found: dict[str, str] = {}
    for written, _ in page.lines:
        if len(written) <= _LONGEST_LINE and _MAYBE_LABEL.search(written):
            line = close_names(written)
            for label, pattern in _LABELS:
                if label in found:
                    continue
                match = pattern.search(_CODE.sub("", line) if label == "责任编辑" else line)
                name = _names_in(match).strip(" \u3000、,，") if match else ""
                if label == "来源":
                    name = _PLACE.sub("", name)
                if name and not name.isdigit() and name not in NOBODY:
                    found[label] = name
    return found


def close_names(line: str) -> str:
    """Return a line with the names of two characters written together."""
    return _SPACED.sub(r"\1\2", line)


def _names_in(match: re.Match[str]) -> str:
    """Return the names of a by-line, without the next label, before its colon; empty for a question."""
    number = match.lastindex or 0
    names, rest = match[number], match.string[match.end(number) :].lstrip()
    if len(names) > _LONGEST_NAME and _SPOKEN.match(rest or names[-1]):
        return ""
    if (known := _NEXT_LABEL.sub("", names)) != names:
        return known
    return _LABEL_BEHIND.sub("", names) if rest.startswith((":", "：")) else names


def is_labelled(line: str) -> bool:
    """Return whether a line has only labels with or without names, or several labels, or one with a day."""
    if _ONLY_BYLINE.match(line) is not None or len(_LABELLED.findall(line)) >= _LABELS_OF_A_BYLINE:
        return True
    return len(line) <= _SHORT_LINE and _SOURCE_AND_DAY.fullmatch(line) is not None


def names_label(written: str) -> bool:
    """Return whether a text contains one of the labels."""
    return any(pattern.search(written) for _, pattern in _LABELS)
