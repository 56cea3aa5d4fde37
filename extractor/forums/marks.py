"""Find the marks of posts on any page: times, and names that link to their owners."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice, starmap

from selectolax.lexbor import LexborNode

from extractor.forums.times import NOT_SHOWN, ShownTime
from extractor.html.lines import in_one_line
from extractor.html.regions import ancestors, vocabulary, words

_SILENT = vocabulary("script style template head textarea select button svg iframe option")
_PEOPLE = vocabulary(
    "author username user nick nickname poster postername member creator uname screenname displayname commenter"
    " postauthor bigusername userlink profilelink handle owner persona"
)
_NO_PERSON = vocabulary("avatar menu nav signature count posts stats badge rank title status online offline icon group")
_PERSON_IN_PATH = re.compile(r"/(?:(?:u|users?|members?|profiles?|people|author|space|~)[/?.-]|~\w|@\w)")
_PERSON_IN_QUERY = re.compile(r"[?&;](?:u|uid|userid|user|user_profile|member_?id)=")
_PERSON_PROGRAMS = (
    "member.php", "memberlist.php", "profile.php", "profile.asp", "action=profile", "mod=space", "space-uid"
)  # fmt: skip
_UNITS = r"(?:seconds?|sec|minutes?|mins?|hours?|hrs?|days?|weeks?|months?|years?|yrs?|[hdwmy])\b\.? ?ago"
_AFTER_DAY = "|".join(rf"(?<=\b{name}day \d)" for name in ("mon", "tues", "wednes", "thurs", "fri", "satur", "sun"))
_IN_FIGURES = re.compile(
    r"\d(?:\d{3}[-/.年]\d{1,2}[-/.月]\d{1,2}|(?<=\b\d)\d?[-/.]\d{1,2}[-/.]'?\d{2,4}\b"
    r"|\d?(?:st|nd|rd|th|\.)?,? [^\W\d_]{3,9}\.?,? '?\d{2,4}"
    r"|(?:(?<=[^\W\d_]{3} \d)|(?<=[^\W\d_]{3}\. \d))\d?(?:st|nd|rd|th)?,? '?\d{2,4}"
    r"|\d?月\d{1,2}日|(?<=\b\d)\d?:\d\d(?::\d\d)?\s*(?:[ap]m)?\b"
    rf"|(?<=\b\d)\d* ?{_UNITS}|\s?(?:秒|分钟|分鐘|小时|小時|天|周|个月|年)前"
    rf"|(?:{_AFTER_DAY})\d?(?:st|nd|rd|th) [^\W\d_]{{3}})",
    re.IGNORECASE,
)
"""It begins with a digit, which makes the search much faster."""
_IN_WORDS = re.compile(
    rf"\ban? ?{_UNITS}|(?:\bvor|\bil y a|\bhace|\bhá) \w+ [^\W\d_]+"
    r"|半\s?(?:秒|分钟|分鐘|小时|小時|天|周|个月|年)前|昨天|前天|今天|刚刚"
    r"|\b(?:yesterday|today|gestern|heute|hier|ayer|ieri|oggi|вчера|сегодня)\b",
    re.IGNORECASE,
)
_FIGURE = re.compile(r"\d")
_OF_TIMES = ("day", "ago", "heute", "gestern", "hier", "ayer", "ieri", "oggi")
_OF_OTHER_TIMES = ("вчера", "сегодня", *"前昨今刚半")
_OF_PERSON = re.compile(
    r"\b(?:join|joined|registered|registriert|member since|mitglied seit|dabei seit|anmeldungsdatum|beigetreten|inscrit"
    r"|inscription|registrado|iscritto"
    r"|last (?:edited|visit|seen|active|online)|edited|bearbeitet|geändert|modifi|location)"
    r"|注册|加入|最后登录|编辑|修改",
    re.IGNORECASE,
)
_CLOCK = re.compile(r"[ ,|·-]+\d{1,2}:\d\d(?::\d\d)?(?: ?[ap]\.?m\.?)?", re.IGNORECASE)
_INLINE = vocabulary("b strong i em small font abbr u")
_LINES = vocabulary("br div p li dd dt td tr")
"""They begin a line: the day in one and the time of day in the next are two words."""
_LONGEST_TIME = 90
_SHORT_TIME = 40
_MOST_PARTS, _LONGEST_WRITTEN = 60, 1_000
"""Maximum nodes of an element with a time, and maximum characters including indentation."""
_LONGEST_NAME = 60
_MOST = 4_000


@dataclass(frozen=True, slots=True)
class Mark:
    """A time or a name, and its place."""

    node: LexborNode
    kind: str
    """``time`` or ``name``."""
    place: str
    """The markup of its element and the two around it, which is equal in all posts of a page."""
    shown: ShownTime
    around: tuple[int, ...]
    """The `mem_id` of its element and of those around it, from the inside out."""

    @property
    def name(self) -> str:
        return self.shown.written or ""


def marks_of(body: LexborNode) -> Iterator[Mark]:
    """Yield all times and names of a page, in order."""
    marks = filter(None, starmap(_mark, _nodes(body)))
    return islice(marks, _MOST)


def _nodes(body: LexborNode) -> Iterator[tuple[LexborNode, str]]:
    """Yield a node and its descendants with their tags, without those in silent elements.

    It does not recurse: trees may be deep.
    """
    node: LexborNode | None = body
    waiting: list[LexborNode | None] = []
    while node is not None or waiting:
        if node is None:
            node = waiting.pop()
            continue
        tag = node.tag or ""
        yield node, tag
        inner = node.first_child if tag not in _SILENT else None
        if inner is not None:
            waiting.append(node.next if waiting else None)
            node = inner
        else:
            node = node.next if waiting else None


def first_time(post: LexborNode, body: LexborNode) -> ShownTime:
    """Return the first time that a post shows outside its body."""
    outside = (mark.shown for mark in marks_of(post) if mark.kind == "time" and body.mem_id not in mark.around)
    return next(outside, NOT_SHOWN)


def _mark(node: LexborNode, tag: str) -> Mark | None:
    if tag == "-text":
        return _written_time(node)
    attributes = node.attributes
    if not attributes and tag != "time":
        return None
    title = attributes.get("title") or ""
    title = title if title and len(title) <= _LONGEST_TIME and _may_be_time(title) else ""
    if tag == "time" or "datetime" in attributes:
        return _time_of_post(node, ShownTime(attributes.get("datetime"), title or in_one_line(node)))
    if title and _is_time(title) and (mark := _time_of_post(node, ShownTime(None, title))):
        return mark
    if _names_person(tag, attributes):
        name = in_one_line(node)
        if 1 < len(name) <= _LONGEST_NAME and not _is_time(name):
            return _place("name", node, ShownTime(None, name))
    return None


def _may_be_time(written: str) -> bool:
    """Return whether a text has what every time has: a cheap check."""
    if _FIGURE.search(written):
        return True
    said = written.lower()
    return any(map(said.__contains__, _OF_TIMES)) or (
        not said.isascii() and any(map(said.__contains__, _OF_OTHER_TIMES))
    )


def _is_time(said: str) -> bool:
    """Return whether a short text contains a time."""
    return _IN_FIGURES.search(said) is not None or _IN_WORDS.search(said) is not None


def is_time_only(said: str) -> bool:
    """Return whether a text is a day or a time of day, and nothing else."""
    day = _IN_FIGURES.match(said) if len(said) <= _SHORT_TIME else None
    return day is not None and (day.end() == len(said) or _CLOCK.fullmatch(said, day.end()) is not None)


def _written_time(node: LexborNode) -> Mark | None:
    written = node.text_content or ""
    if not 3 < len(written) < _LONGEST_TIME * 3 or written.isspace() or not _may_be_time(written):
        return None
    said = " ".join(written.split())
    parent = node.parent
    if len(said) > _LONGEST_TIME or parent is None or parent.tag == "time" or not _is_time(said):
        return None
    while parent.tag in _INLINE and parent.parent is not None and _in_short(parent.parent, _SHORT_TIME) is not None:
        parent = parent.parent
    if parent.parent is not None and _is_completed(said, parent.parent):
        parent = parent.parent
    whole = _in_short(parent, _LONGEST_TIME)
    if whole is not None and not _OF_PERSON.search(whole):
        said = whole
    elsewhere = _OF_PERSON.search(said)
    said = said[: elsewhere.start()] if elsewhere else said
    if not _is_time(said) or _OF_PERSON.search(_before(node)):
        return None
    return _place("time", parent, ShownTime(None, said))


def _is_completed(day: str, line: LexborNode) -> bool:
    """Return whether a line consists of that day, and a time of day in a separate element."""
    dated = "-" in day or "/" in day or "." in day or "月" in day
    whole = _in_short(line, _SHORT_TIME) if dated else None
    return whole is not None and whole.startswith(day) and _CLOCK.fullmatch(whole, len(day)) is not None


def _in_short(node: LexborNode, most: int) -> str | None:
    """Return the text of a node in one line; None if it is longer.

    It then reads only a little, since the node may be the whole page, and this is called for each time on it.
    """
    said = ""
    for number, part in enumerate(node.traverse(include_text=True)):
        said += (part.text_content or "") if part.is_text_node else " " * (part.tag in _LINES)
        if number > _MOST_PARTS or len(said) > _LONGEST_WRITTEN:
            return None
    line = " ".join(said.split())
    return line if len(line) <= most else None


def _before(node: LexborNode) -> str:
    """Return what precedes a text in its element, such as ``Registered:`` in a separate label."""
    label = node.prev
    return in_one_line(label)[-40:] if label is not None and label.is_element_node and label.tag != "a" else ""


def _time_of_post(node: LexborNode, shown: ShownTime) -> Mark | None:
    """Return a time, unless its label says that it is of a person or of a change."""
    return None if _OF_PERSON.search(_label(node)) else _place("time", node, shown)


def _label(node: LexborNode) -> str:
    """Return what stands right before an element that has a time for machines: ``Joined:``, ``Last edited``."""
    before = node.prev
    if before is not None and before.is_text_node:
        said = before.text_content or ""
        if said.strip():
            return said.rstrip()[-40:]
        before = before.prev
    return in_one_line(before)[-40:] if before is not None and before.is_element_node and before.tag != "a" else ""


def _names_person(tag: str, attributes: Mapping[str, str | None]) -> bool:
    called = _is_person(attributes.get("class"), attributes.get("itemprop"), attributes.get("rel"))
    if called is not None:
        return called
    return tag == "a" and _leads_to_person((attributes.get("href") or "").lower())


def _leads_to_person(href: str) -> bool:
    """Return whether an address in lower case is of a person.

    Each search begins with a fast check: there are many links.
    """
    if _PERSON_IN_PATH.search(href) or any(map(href.__contains__, _PERSON_PROGRAMS)):
        return True
    return _PERSON_IN_QUERY.search(href) is not None


@lru_cache(maxsize=8192)
def _is_person(classes: str | None, itemprop: str | None, rel: str | None) -> bool | None:
    """Return whether an element's names mark a person; None if they say nothing."""
    said = words(f"{classes or ''} {itemprop or ''} {rel or ''}"[:200])
    return None if said.isdisjoint(_PEOPLE) else said.isdisjoint(_NO_PERSON)


def _place(kind: str, node: LexborNode, shown: ShownTime) -> Mark:
    around = [node, *ancestors(node)]
    return Mark(node, kind, f"{kind} {_joined(around)}", shown, tuple(part.mem_id for part in around))


def place_of(node: LexborNode) -> str:
    """Return the place of an element: its markup and that of the two elements around it."""
    return _joined([node, *islice(ancestors(node), 2)])


def is_at(node: LexborNode, place: str) -> bool:
    """Return whether an element has that place. For most, their own name already excludes it."""
    return place.startswith(_written(node)) and place_of(node) == place


def _joined(around: Sequence[LexborNode]) -> str:
    return "<".join(_written(part) for part in around[:3])


def _written(node: LexborNode) -> str:
    return f"{node.tag}.{_stem(node.attributes.get('class') or '')}"


_VARYING = re.compile(
    r"\d|(?:^|[-_])(?:odd|even|alt|first|last|new|unread|own|online|offline|op|row|bg|primary|secondary)(?:$|[-_])"
)


@lru_cache(maxsize=8192)
def _stem(named: str) -> str:
    """Return the classes that describe an element, without those that differ from post to post."""
    return ".".join(name for name in named.split()[:4] if not _VARYING.search(name.lower()))
