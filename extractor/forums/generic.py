"""Read threads of unknown engines: find repeated elements, and use what the posts have in common."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Container, Iterable, Iterator, Sequence, Set
from datetime import datetime
from itertools import islice, pairwise, takewhile
from urllib.parse import urlsplit

from selectolax.lexbor import LexborNode

from extractor.forums.addresses import home_of, number_of
from extractor.forums.bodies import Body, read_body
from extractor.forums.body_finder import BodyFinder
from extractor.forums.induction import Found, Weights, find_posts
from extractor.forums.marks import Mark, is_time_only
from extractor.forums.month_order import writes_month_first
from extractor.forums.names import marked_names, unmarked_names, without_by
from extractor.forums.quotations import quotes_of_any
from extractor.forums.repeated_parts import repeated_parts
from extractor.forums.times import NOT_SHOWN, read_times
from extractor.html.lines import in_one_line
from extractor.html.page import Page
from extractor.html.regions import ancestors, elements, vocabulary, words_of
from extractor.links.links import base_of
from extractor.links.pagination import next_page
from extractor.values.thread import Post, Thread
from extractor.values.urls import Resolver

_OF_AUTHOR = vocabulary("author user userinfo profile poster member")
_PANELS = vocabulary("td th div aside section dl ul")
_SIGNATURE = vocabulary("signature sig usersignature")
_NO_WORDS = vocabulary(
    "report actions action controls toolbar buttons button likes reactions reaction reply"
    " replies quotelink permalink footer postfoot edited edit share sharing vote votes voting meta adsbygoogle ad ads"
)
"""Names of elements in a body that are not part of it."""
_TITLES = (
    "h2 a,h3 a,h4 a,[class*=title i] a,a[class*=title i],[class*=subject i] a,a[class*=subject i],[class*=topic i] > a"
)
_QUOTES = "blockquote,div.quote,div.quotation,div.quoted,div.bbquote,aside.quote"
_ANY_QUOTE = "blockquote,[class*=quote i]"
_TITLE = 12
_SUBJECTS = 10
_BESIDE_NAMES = 30
"""Maximum characters beside name and time in their line."""
_PARAGRAPHS = vocabulary("p li blockquote pre")
_ANSWERING = re.compile(r"^(?:(?:re|aw|antw|sv|回复|回覆)\s?[:：]\s*)+")


THREAD, UNDER_ARTICLE = "generic", "comments"
"""Engine names of unknown engines: for a thread, and for comments under an article."""


def read_generic(page: Page, at: datetime | None = None, *, mostly: bool = False) -> Thread | None:
    """Read the posts of a page from its repeated elements. Return None if nothing looks like posts, or no post has a
    time.

    `mostly` is for a page without signs of a thread: return None also if the page does not consist mostly of posts.
    Then an opener with another markup is an article, and not a post.
    """
    root = page.tree.body
    reader = _Reader(page, at)
    opener, found = find_posts(root, reader.prose) if root is not None else (None, [])
    if len(found) < 2:
        return None
    all_found = [*found, opener] if opener is not None else found
    if mostly and not _are_enough(sum(bool(post.times) for post in all_found), len(all_found)):
        return None  # reading them takes many times as long
    if _lists_pages(found, page, reader.resolver):
        return None
    answers = reader.posts(found)
    began = reader.posts([opener], reader.place) if opener is not None else ()
    posts = (*(post for post in began if _began(post, answers)), *answers)
    heading = next(iter(page.tagged("h1")), None)
    title = in_one_line(heading) if heading is not None else None
    if (
        len(posts) < 2
        or not any(post.date for post in posts)
        or _lack_text(posts)
        or (mostly and not _is_most_of(posts, page))
    ):
        return None
    following = next_page(page, reader.resolver)
    home, number = home_of(page.url), number_of(page.url)
    engine, said = (UNDER_ARTICLE, answers) if mostly and posts != answers else (THREAD, posts)
    return Thread(page.url, engine, title or None, said, home=home, page=number, next=following)


def _lack_text(posts: Sequence[Post]) -> bool:
    """Return whether half of the posts have only a time or ``Re: title`` as text, so that the real one is elsewhere."""
    lines = [post.text.lower() for post in posts if "\n" not in post.text]
    return sum(is_time_only(line) or _ANSWERING.match(line) is not None for line in lines) * 2 >= len(posts)


def _is_most_of(posts: Sequence[Post], page: Page) -> bool:
    """Return whether posts are at least half of a page's text, and have names and times."""
    named = sum(post.author is not None and post.date is not None for post in posts)
    if not _are_enough(named, len(posts)):
        return False
    said = sum(len(line) for line, _ in page.lines)
    return len("\n".join(post.text for post in posts if post.text)) * 2 >= said


def _are_enough(complete: int, posts: int) -> bool:
    """Return whether enough posts are complete, for a page without signs of a thread."""
    return posts > 2 and complete * 5 >= posts * 4


def _lists_pages(found: Sequence[Found], page: Page, resolver: Resolver) -> bool:
    """Return whether most results are entries of a list: each under a title that links to another page."""
    path = urlsplit(page.url).path
    titles: set[str] = set()
    for post in found:
        people = {mark.node.mem_id for mark in post.names}
        for link in (link for part in post.parts for link in part.css(_TITLES)[:5] if link.mem_id not in people):
            title = link.text(strip=True).lower().removeprefix("re:").strip()
            url = resolver(link.attrs.get("href") or "")
            if len(title) >= _TITLE and url and urlsplit(url).path != path:
                titles.add(title)
                break
    return len(titles) * 10 > len(found) * 7


class _Reader:
    """Reads the posts of one page."""

    def __init__(self, page: Page, at: datetime | None) -> None:
        self.resolver = Resolver(base_of(page.tagged("base"), page.url))
        self.prose = Weights()
        self.place: str | None = None
        """The place of bodies, once known from posts."""
        self._at = at
        self._month_first = writes_month_first(page)
        self._titles = [in_one_line(node).lower() for node in page.tree.css("title,h1")[:4]]

    def posts(self, found: Sequence[Found], place: str | None = None) -> tuple[Post, ...]:
        """Return the posts with author, time and body; `place` is the place of bodies, if known from other posts."""
        times = self._common_times([post.times for post in found])
        marked = marked_names([post.names for post in found])
        names = [mark.name if mark is not None else None for mark in marked]
        if sum(name is not None for name in names) * 2 < len(found):
            names = unmarked_names(found, times)
        names = without_by(names)
        shown = [time.shown if time is not None else NOT_SHOWN for time in times]
        dates = read_times(shown, self._at, month_first=self._month_first)
        self.place, bodies = BodyFinder(found, self.prose).bodies(place)
        repeated = repeated_parts(bodies, names, {quote.mem_id for body in bodies for quote in body.css(_ANY_QUOTE)})
        return tuple(
            Post(
                id=_id_of(post),
                author=name,
                date=date,
                text=read.text,
                markdown=read.markdown,
                own=read.own,
                quotes=tuple(quotes_of_any(_quotes_in(body), self.resolver)),
            )
            for post, mark, name, time, date, body, common in zip(
                found, marked, names, times, dates, bodies, repeated, strict=True
            )
            if (read := self._read(body, (mark, time), post.names, common)).text or (name is not None and date)
        )

    def _common_times(self, marks: Sequence[Sequence[Mark]]) -> list[Mark | None]:
        """Return the time of each post from the most common place, preferably one with ascending times of day."""
        places = Counter(place for of_post in marks for place in {mark.place for mark in of_post})
        worth = {place: count * (1 + self._reads_well(place, marks)) for place, count in places.items() if count > 1}
        return [max(of_post, key=lambda mark: worth.get(mark.place, 0), default=None) for of_post in marks]

    def _reads_well(self, place: str, marks: Sequence[Sequence[Mark]]) -> float:
        firsts = [next((mark for mark in of_post if mark.place == place), None) for of_post in marks]
        read = [date for date in read_times([mark.shown for mark in firsts if mark is not None], self._at) if date]
        if not read:
            return -0.5
        clocks = sum("T" in date for date in read) / len(read)
        rising = sum(a[:10] <= b[:10] for a, b in pairwise(read)) / max(len(read) - 1, 1)
        return 0.3 * clocks + 0.3 * rising + 0.2 * (len(set(read)) > 1)

    def _read(self, body: LexborNode, marks: Iterable[Mark | None], names: Iterable[Mark], repeated: Set[int]) -> Body:
        dropped = repeated | {part.mem_id for part in _heads(body, [mark for mark in marks if mark is not None])}
        dropped |= {
            part.mem_id for part in elements(body) if part.mem_id != body.mem_id and self._is_no_body(part, body)
        }
        dropped |= {part.mem_id for part in islice(elements(body), 1, _SUBJECTS) if self._is_subject(part)}
        quotes = {quote.mem_id for quote in body.css(_ANY_QUOTE)} - {body.mem_id}
        dropped |= {panel.mem_id for name in names for panel in self._panels(name, body, quotes)}
        return read_body(body, self.resolver, quotes, dropped)

    def _panels(self, name: Mark, body: LexborNode, quotes: Container[int]) -> Iterator[LexborNode]:
        """Yield author panels around a name in a body, outside quotations."""
        around = _inside(name, body)
        if not any(part.mem_id in quotes for part in around):
            named = (part for part in around if part.tag in _PANELS and not words_of(part).isdisjoint(_OF_AUTHOR))
            yield from (part for part in named if self.prose(part) < self.prose(body))

    def _is_subject(self, part: LexborNode) -> bool:
        """Return whether it repeats the thread's title: ``Re: Who pays for the telescope?``"""
        said = _ANSWERING.sub("", in_one_line(part).lower()) if part.tag not in _PARAGRAPHS else ""
        return len(said) >= _TITLE and any(title.startswith(said) for title in self._titles)

    def _is_no_body(self, part: LexborNode, body: LexborNode) -> bool:
        """Return whether tag or name show that it is not the body; an element with most of the body is the body."""
        named = words_of(part)
        if part.tag in ("footer", "nav", "form") or not named.isdisjoint(_SIGNATURE):
            return self.prose(part) < self.prose(body)
        return not named.isdisjoint(_NO_WORDS) and self.prose(part) * 2 < max(self.prose(body), 1)


def _heads(body: LexborNode, marks: Sequence[Mark]) -> Iterator[LexborNode]:
    """Yield names and times in a body, with surrounding elements that have little other text: *ann wrote on …*"""
    told = sum(len(in_one_line(mark.node)) for mark in marks)
    for mark in marks:
        yield from takewhile(lambda part: len(in_one_line(part)) <= told + _BESIDE_NAMES, _inside(mark, body))


def _inside(mark: Mark, body: LexborNode) -> list[LexborNode]:
    """Return the element of a mark and those around it inside a body."""
    if body.mem_id not in mark.around:
        return []
    return [mark.node, *ancestors(mark.node)][: mark.around.index(body.mem_id)]


def _quotes_in(body: LexborNode) -> list[LexborNode]:
    return [quote for quote in body.css(_QUOTES) if quote.mem_id != body.mem_id]


def _began(opener: Post, answers: Sequence[Post]) -> bool:
    """Return whether the opener may have begun the thread: it is not later than a reply."""
    days = [post.date[:10] for post in answers if post.date]
    return opener.date is not None and bool(days) and opener.date[:10] <= min(days)


def _id_of(post: Found) -> str | None:
    """Return the first id or name with a number in the post."""
    for part in post.parts[:1]:
        for node in (part, *part.css("[id],a[name]")[:10]):
            written = node.attrs.get("id") or node.attrs.get("name") or ""
            number = "".join(filter(str.isdecimal, written))
            if number:
                return number
    return None
