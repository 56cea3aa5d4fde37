"""Threads of engines that nobody has written a file for: what is repeated, read by what the posts have in common."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import pairwise

from selectolax.lexbor import LexborNode

from extractor.forums.bodies import Body, read_body
from extractor.forums.engine import writes_month_first
from extractor.forums.induction import Found, find_posts, prose
from extractor.forums.marks import Mark, place_of
from extractor.forums.times import NOT_SHOWN, read_times
from extractor.links import base_of
from extractor.page import Page
from extractor.pagination import next_page
from extractor.regions import elements, vocabulary, words_of
from extractor.thread import Post, Thread
from extractor.urls import Resolver

_SIGNATURE = vocabulary("signature sig usersignature")
_NO_WORDS = vocabulary(
    "report actions action controls toolbar buttons button likes reactions reaction reply"
    " replies quotelink permalink footer postfoot edited edit share sharing vote votes voting meta adsbygoogle ad ads"
)
"""What parts of a body are called that are none of it."""
_PARTS_OF_TEXT = vocabulary("p li a span blockquote pre ul ol b i em strong")
_DEEPEST = 30
_ENOUGH = 500


def read_generic(page: Page, at: datetime | None = None) -> Thread | None:
    """The posts of a page by what is repeated on it. None where nothing looks like posts."""
    root = page.tree.body
    opener, found = find_posts(root) if root is not None else (None, [])
    if len(found) < 2:
        return None
    resolver = Resolver(base_of(page.tree, page.url))
    posts = _posts(found, None, page, at, resolver)
    if opener is not None:
        first = _posts([opener], _bodies(found)[1], page, at, resolver)
        posts = (*(post for post in first if _began(post, posts)), *posts)
    heading = page.tree.css_first("h1")
    title = " ".join(heading.text().split()) if heading is not None else None
    return Thread(page.url, "generic", title or None, posts, next=next_page(page, resolver)) if len(posts) > 1 else None


def _posts(
    found: Sequence[Found], place: str | None, page: Page, at: datetime | None, resolver: Resolver
) -> tuple[Post, ...]:
    """Each post as its author, its time and its body; `place` is where bodies stand, if other posts have told."""
    names, times = _common([post.names for post in found]), _common_times([post.times for post in found], at)
    shown = [time.shown if time is not None else NOT_SHOWN for time in times]
    dates = read_times(shown, at, month_first=writes_month_first(page))
    bodies, _ = _bodies(found, place)
    return tuple(
        Post(
            id=_id_of(post),
            author=name.name if name is not None else None,
            date=date,
            text=read.text,
            markdown=read.markdown,
            own=read.own,
        )
        for post, name, time, date, body in zip(found, names, times, dates, bodies, strict=True)
        if (read := _read(body, (name, time), resolver)).text or (name is not None and date)
    )


def _began(opener: Post, answers: Sequence[Post]) -> bool:
    """Nothing that was written later than an answer began the thread."""
    days = [post.date[:10] for post in answers if post.date]
    return opener.date is not None and bool(days) and opener.date[:10] <= min(days)


def _common(marks: Sequence[Sequence[Mark]]) -> list[Mark | None]:
    """Of each post the mark whose place most posts have; the first of them, or what is named more closely within it."""
    places = Counter(place for of_post in marks for place in {mark.place for mark in of_post})
    chosen = []
    for of_post in marks:
        best = max(of_post, key=lambda mark: places[mark.place], default=None)
        inner = [mark for mark in of_post if best is not None and best.node.mem_id in mark.around[1:]]
        chosen.append(inner[0] if inner else best)
    return chosen


def _common_times(marks: Sequence[Sequence[Mark]], at: datetime | None) -> list[Mark | None]:
    """Of each post the time whose place most posts have; of those, the place whose times rise and name the clock."""
    places = Counter(place for of_post in marks for place in {mark.place for mark in of_post})
    worth = {place: count * (1 + _reads_well(place, marks, at)) for place, count in places.items() if count > 1}
    return [max(of_post, key=lambda mark: worth.get(mark.place, 0), default=None) for of_post in marks]


def _reads_well(place: str, marks: Sequence[Sequence[Mark]], at: datetime | None) -> float:
    firsts = [next((mark for mark in of_post if mark.place == place), None) for of_post in marks]
    read = [date for date in read_times([mark.shown for mark in firsts if mark is not None], at) if date]
    if not read:
        return -0.5
    clocks = sum("T" in date for date in read) / len(read)
    rising = sum(a[:10] <= b[:10] for a, b in pairwise(read)) / max(len(read) - 1, 1)
    return 0.3 * clocks + 0.3 * rising + 0.2 * (len(set(read)) > 1)


def _bodies(found: Sequence[Found], place: str | None = None) -> tuple[list[LexborNode], str]:
    """Of each post the part that holds its body, and its place: in all posts it is the same."""
    alone = [_body_alone(post) for post in found]
    places, seen = Counter[str](), set[str]()
    for node in alone:
        said = node.text(strip=True)
        places[place_of(node)] += min(prose(node), _ENOUGH) if said not in seen else 0
        seen.add(said)
    common = place or places.most_common(1)[0][0]
    tag = common.partition(".")[0]
    bodies = []
    for post, own in zip(found, alone, strict=True):
        same = (node for part in post.parts for node in part.css(tag) if place_of(node) == common)
        bodies.append(max(same, key=prose, default=own))
    return bodies, common


def _body_alone(post: Found) -> LexborNode:
    """The part with most to read that bears neither the name nor the time."""
    bearing = {holder for mark in (*post.names[:1], *post.times[:1]) for holder in mark.around}
    node = max(post.parts, key=prose)
    for _ in range(_DEEPEST):
        best = max(_children(node), key=prose, default=None)
        if best is None:
            break
        if node.mem_id in bearing:
            if prose(best) * 2 < prose(node):
                break
        elif prose(best) < prose(node) or best.tag in _PARTS_OF_TEXT:
            break
        node = best
    return node


def _read(body: LexborNode, marks: Iterable[Mark | None], resolver: Resolver) -> Body:
    dropped = {mark.node.mem_id for mark in marks if mark is not None} - {body.mem_id}
    dropped |= {part.mem_id for part in elements(body) if part.mem_id != body.mem_id and _is_no_body(part, body)}
    quotes = {quote.mem_id for quote in body.css("blockquote,[class*=quote i]")} - {body.mem_id}
    return read_body(body, resolver, quotes, dropped)


def _children(node: LexborNode) -> Iterator[LexborNode]:
    child = node.first_child
    while child is not None:
        if child.is_element_node:
            yield child
        child = child.next


def _is_no_body(part: LexborNode, body: LexborNode) -> bool:
    """By its tag or its name; what holds most of the body is the body, whatever it is called."""
    named = words_of(part)
    if part.tag in ("footer", "nav", "form") or not named.isdisjoint(_SIGNATURE):
        return prose(part) < prose(body)
    return not named.isdisjoint(_NO_WORDS) and prose(part) * 2 < max(prose(body), 1)


def _id_of(post: Found) -> str | None:
    """The first id or name with a number in the post's parts."""
    for part in post.parts[:1]:
        for node in (part, *part.css("[id],a[name]")[:10]):
            written = node.attrs.get("id") or node.attrs.get("name") or ""
            number = "".join(filter(str.isdecimal, written))
            if number:
                return number
    return None
