"""Recognize noise, which changes without new content: relative times, counters, links to other pages.

Noise is removed from each line, and a line of noise alone becomes empty. Dates inside prose are not noise, since many
changes concern them. In long lines, only relative times are noise: in prose, a number matters.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

_SHORT = 80
"""Maximum characters of a line that may consist of counters alone."""
_TITLE = 120
"""Maximum characters of a line that may be the title of another page."""

_NUMBER = r"\d[\d,.  ]*(?:[kKmM]\b|万|亿|萬)?\+?"
_COUNTED = (
    r"(?:page ?views?|views?|visits?|visitors?|reads?|readers?|comments?|repl(?:y|ies)|responses?|likes?|dislikes?|"
    r"shares?|re?tweets?|re?posts?|up ?votes?|votes?|points?|downloads?|clicks?|hits?|followers?|members? online|"
    r"users? online|guests?|bookmarks?|favou?rites?|stars?)"
)
_COUNTED_ZH = (
    r"(?:浏览|瀏覽|阅读|閱讀|点击|點擊|评论|評論|回复|回覆|跟帖|点赞|點讚|赞|转发|轉發|分享|收藏|查看|访问|訪問|播放|下载|下載|"
    r"人气|人氣|热度|在线|参与|參與)"
)
_AGO = re.compile(
    r"\b(?:(?:about|over|almost)\s+)?(?:an?|one|two|three|few|\d+)\s*"
    r"(?:s|m|h|d|secs?|mins?|hrs?|seconds?|minutes?|hours?|days?|weeks?|months?|years?)\s+ago\b|\bjust now\b|"
    r"\d+\s*(?:秒钟?|分钟|分鐘|小时|小時|天|周|週|个月|個月|年)(?:以)?前|刚刚|剛剛",
    re.IGNORECASE,
)
_COUNTER = re.compile(
    rf"{_NUMBER}\s*{_COUNTED}\b|\b{_COUNTED}\s*[:：(（]?\s*{_NUMBER}\s*[)）]?|"
    rf"{_COUNTED_ZH}(?:量|数|數|次数|次數|人数|人數)?\s*[:：(（]?\s*{_NUMBER}\s*(?:次|人|条|條|个|個)?\s*[)）]?|"
    rf"{_NUMBER}\s*(?:次|人|条|條|个|個)?{_COUNTED_ZH}",
    re.IGNORECASE,
)
_MONTH = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|sept|oct|nov|dec)[a-z]*\.?"
_MOMENT = re.compile(
    r"\d{4}\s*[-/.年]\s*\d{1,2}\s*[-/.月]\s*\d{1,2}\s*日?(?:T(?=\d))?|\d{1,2}\s*月\s*\d{1,2}\s*日|"
    rf"\d{{1,2}}[/.]\d{{1,2}}[/.]\d{{2,4}}|\b\d{{1,2}}(?:st|nd|rd|th)?\s+{_MONTH},?(?:\s+\d{{4}})?|"
    rf"\b{_MONTH}\s+\d{{1,2}}(?:st|nd|rd|th)?,?(?:\s+\d{{4}})?|"
    r"\d{1,2}:\d{2}(?::\d{2})?(?:\.\d+)?(?:\s*[ap]\.?m\.?)?"
    r"(?:\s*(?:Z|[+-]\d{2}:?\d{2}|UTC|GMT|[CEP]S?T|CET|CEST)\b)?",
    re.IGNORECASE,
)
_LABEL = re.compile(
    r"\b(?:last|page|post(?:ed)?|publish(?:ed)?|updat(?:e|ed)|modified|edited|created|written|date|time|on|at|"
    r"current(?:ly)?|now|today|yesterday|(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?|"
    r"total|local|it is)\b|"
    r"发布|發布|发表|發表|更新|修改|编辑|編輯|时间|時間|日期|于|於|最后|最後|当前|現在|现在|今天|昨天|北京|共|第|次|"
    r"星期[一二三四五六日天]|周[一二三四五六日]",
    re.IGNORECASE,
)
_OTHERS = (
    r"(?:related (?:articles?|stories|posts?|news|links?|content|reading|topics?|coverage|pages?)|see also|"
    r"read (?:more|next|also)|further reading|you (?:may|might) (?:also )?(?:like|be interested in)|"
    r"recommended(?: for you| reading| articles?)?|most (?:read|popular|viewed|shared)|trending(?: now)?|"
    r"popular (?:posts?|articles?|stories)|latest (?:news|posts?|stories|articles?)|"
    r"more (?:stories|news|articles|from [^:：]{1,40}|on this topic)|(?:previous|next) (?:article|post|page|story)|"
    r"[相有]关(?:阅读|文章|新闻|链接|推荐|报道|内容|专题|资讯)|相關(?:新聞|文章|閱讀|報導|連結)|推荐阅读|推薦閱讀|"
    r"延伸阅读|延伸閱讀|热门(?:文章|新闻|推荐|阅读|资讯)|熱門(?:文章|新聞)|猜你喜欢|最新(?:文章|新闻|资讯|消息)|"
    r"更多(?:新闻|文章|内容|资讯|阅读)|大家都在看|精彩推荐|编辑推荐|上一[篇页]|下一[篇页])"
)
_HEADING = re.compile(rf"[^\w]*{_OTHERS}[^\w]*", re.IGNORECASE)
_LEADING = re.compile(rf"[^\w]*{_OTHERS}\s*[:：]\s*\S.*", re.IGNORECASE)
_SPACES = (
    "  ",
    " \n",
    "\n ",
    *"\t\r\f\v\x1c\x1d\x1e\x1f",
    *"\x85\xa0\u1680\u2028\u2029\u202f\u205f\u3000",
    *map(chr, range(0x2000, 0x200B)),
)
_ASCII_SPACES = 11
"""The number of those that a text in ASCII may have."""
_FIRST = frozenset("rsymtplnfRSYMTPLNFſ相有推延热熱猜最更大精编上下")
"""The letters with which one of `_OTHERS` begins."""
_AGO_WORDS = ("ago", "now", "前", "刚刚", "剛剛")
"""In lower case, one of them is in each match of `_AGO`."""
_DIGIT = re.compile(r"\d")
_WORD = re.compile(r"[^\W_]")


class Line(NamedTuple):
    """A line of a text, and its key without noise: empty if it is noise alone."""

    text: str
    key: str


def lines(text: str) -> list[Line]:
    """Return the lines of a text, split at line feeds: joined with these, they are the text."""
    said = text.split("\n")
    return list(map(Line, said, _keys(text, said)))


def gist(text: str) -> str:
    """Return a text without noise. Two texts with the same gist differ only in noise."""
    return "\n".join(filter(None, _keys(text, text.split("\n"))))


def _keys(text: str, said: Iterable[str]) -> Iterator[str]:
    """Yield the key of each line of a text."""
    low = text.lower()  # once: most texts have none of the words, and no line of them is searched for one
    ago = [word for word in _AGO_WORDS if word in low]
    is_plain = _is_plain(text)
    among_others = False
    for line in said:
        plain = line if is_plain else " ".join(line.split())
        may_begin = not plain[:1].isalnum() or plain[0] in _FIRST  # no match of the patterns begins with another letter
        if may_begin and _HEADING.fullmatch(plain):
            among_others = True
        elif plain:
            among_others = among_others and _may_be_title(plain)
        is_other = among_others or (may_begin and _LEADING.fullmatch(plain[: _TITLE + 1]))
        yield "" if is_other else _key(plain, ago)


def _is_plain(text: str) -> bool:
    """Return whether all white space of a text is single spaces within lines, and the ends of lines."""
    others = _SPACES[: _ASCII_SPACES if text.isascii() else None]
    return not (text[:1] == " " or text[-1:] == " " or any(other in text for other in others))


def _key(plain: str, ago: Sequence[str]) -> str:
    """Return `plain` with # for each relative time and, in a short line, for each counter.

    `ago` are the words of relative times in the text.
    """
    low = plain.lower() if ago else plain
    is_ago = bool(ago) and any(word in low for word in ago)
    folded = _AGO.sub("#", plain) if is_ago else plain
    if len(plain) > _SHORT:
        return folded
    rest = folded
    if _DIGIT.search(plain):  # counters and moments have digits
        folded = _COUNTER.sub("#", folded)
        rest = _MOMENT.sub("#", folded)
    return "" if "#" in rest and not _WORD.search(_LABEL.sub("", rest)) else folded


def _may_be_title(plain: str) -> bool:
    return len(plain) <= _TITLE and not plain.endswith((".", "。"))
