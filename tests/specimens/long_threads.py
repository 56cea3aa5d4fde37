"""A thread of many pages in the markup of each engine, made from its case and its board in `tests/extractor/forums`.

Each page is the case with its own words, number and pager. The board names the thread alone, and counts its replies.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from crawling.site import Asked, Reply, Site
from selectolax.lexbor import LexborHTMLParser, LexborNode

from extractor.forums.element_text import node_at
from extractor.forums.engine import Engine
from extractor.forums.registry import FORUMS, forum_links, read_thread
from extractor.html.page import Page, parse
from extractor.links.links import base_of
from extractor.values.urls import Resolver

HOST = "https://forum.example"
_EXTRA = re.compile(r"&extra=[^&]*")
"""What Discuz! adds to links, and a walk leaves out."""
_FORUMS = Path(__file__).parents[1] / "extractor" / "forums"
ENGINES = {
    "bbPress": ("bbpress", "shapes/bbpress_thread.html", "shapes/bbpress_board.html"),
    "Discourse": ("discourse", "cases/discourse_2019", "boards/discourse"),
    "Discuz! X3": ("discuz", "cases/discuz", "boards/discuz"),
    "Discuz! X5": ("discuz", "cases/discuz_x5", "boards/discuz_x5"),
    "FluxBB": ("fluxbb", "cases/fluxbb", "boards/fluxbb"),
    "Kunena": ("kunena", "cases/kunena", "boards/kunena"),
    "Misago": ("misago", "cases/misago", "boards/misago"),
    "MyBB": ("mybb", "cases/mybb", "boards/mybb"),
    "NodeBB (harmony)": ("nodebb", "cases/nodebb_harmony", "boards/nodebb_harmony"),
    "NodeBB (persona)": ("nodebb", "cases/nodebb_persona", "boards/nodebb_persona"),
    "phpBB": ("phpbb", "cases/phpbb_prosilver", "boards/phpbb_prosilver"),
    "Question2Answer": ("question2answer", "cases/question2answer", "boards/question2answer"),
    "SMF 2.0": ("smf", "cases/smf_2_0", "boards/smf"),
    "SMF 2.1": ("smf", "cases/smf", "boards/smf"),
    "Vanilla": ("vanilla", "cases/vanilla", "boards/vanilla"),
    "vBulletin 4": ("vbulletin4", "shapes/vbulletin4_thread.html", "shapes/vbulletin4_board.html"),
    "WoltLab 5": ("woltlab", "cases/woltlab", "boards/woltlab"),
    "WoltLab 6": ("woltlab", "cases/woltlab_6", "boards/woltlab_6"),
    "XenForo 2": ("xenforo2", "shapes/xenforo2_thread.html", "shapes/xenforo2_board.html"),
}
"""By a name: the engine, its page of a thread that has a next page, and its board."""


@dataclass
class LongThread:
    """A thread of that many pages, which `serve` puts on a site with its board."""

    name: str
    pages: int
    versions: dict[int, int] = field(default_factory=dict)
    """How often each page has changed."""
    replies: int = 1_000
    origin: str = HOST
    replaced: Mapping[str, str] = field(default_factory=dict)
    """Words of its pages, and what stands in their place: days."""

    def __post_init__(self) -> None:
        name, thread, board = ENGINES[self.name]
        self._engine = next(forum for forum in FORUMS if isinstance(forum, Engine) and forum.name == name)
        self._thread, self._board = _read(thread), _read(board)
        found = read_thread(Page(self._thread[0], self._thread[1].encode()))
        assert found is not None and found.next is not None and found.home is not None, self.name
        self._home, self._number = found.home, found.page or _last_number(found.next) - 1
        self._next = found.next
        words = [word for post in found.posts for word in re.findall(r"[^\W\d_]{4,}", post.text)]
        said = (*words, *(post.text for post in found.posts))
        self._word = next(text for text in said if self._thread[1].count(text) == 1)

    def address(self, number: int) -> str:
        """Return the URL of a page, with its number in the form of the engine: a page, or the posts before it."""
        if number == 1:
            return self._home.replace(HOST, self.origin)
        last = _last_number(self._next)
        written = number if last == self._number + 1 else (number - 1) * last // self._number
        url = re.sub(r"\d+(?=\D*$)", str(written), self._next)
        return url.replace(HOST, self.origin)

    @property
    def board(self) -> str:
        return self._board[0].replace(HOST, self.origin)

    def write(self, *, new_page: bool = False) -> None:
        """Write a post on the last page, or on a new one."""
        self.pages += new_page
        self.replies += 1
        self.versions[self.pages] = self.versions.get(self.pages, 0) + 1

    def serve(self, site: Site) -> None:
        self.origin = site.url
        site.otherwise = self.answer

    def answer(self, asked: Asked) -> Reply:
        if asked.path == path_of(self.board):
            return Reply(body=self.index())
        paths = map(path_of, map(self.address, range(1, self.pages + 1)))
        number = next((number for number, path in enumerate(paths, 1) if _EXTRA.sub("", path) == asked.path), None)
        return Reply(body=self.page(number)) if number is not None else Reply(404, "no such page")

    def page(self, number: int) -> str:
        """Return a page: its words, its links to the pages around it, and its number."""
        said = f"{self._word} page {number} version {self.versions.get(number, 0)}"
        url, html = self._thread
        for written, other in self.replaced.items():
            html = html.replace(written, other)
        tree = parse(html.replace(self._word, said).replace(HOST, self.origin))
        resolver = Resolver(base_of(tree.tags("base"), url.replace(HOST, self.origin)))
        shift = number - self._number
        there = {self.address(page): page for page in range(1, self._number + 3)}
        pagers = self._pagers(tree)
        links = {link.mem_id: link for pager in pagers for link in (*pager.css("a[href]"), pager)}
        last: LexborNode | None = None
        for link in links.values():
            page = there.get(resolver(link.attributes.get("href") or "") or "", 0)
            if not page:
                continue
            if not 0 < page + shift <= self.pages:
                link.decompose()
                continue
            link.attrs["href"] = self.address(page + shift)
            if link.text().strip().isdecimal():
                link.inner_html = str(page + shift)
                last = link
        for current in (node for place in self._engine.current for node in tree.css(place.partition("@")[0])):
            if current.text().strip() == str(self._number):
                current.inner_html = str(number)
        for own in tree.css("link[rel=canonical]"):
            own.attrs["href"] = self.address(number)
        for part in tree.css("woltlab-core-pagination"):
            part.attrs["page"], part.attrs["count"] = str(number), str(self.pages)
        if last is not None and number < self.pages:
            end = tree.create_node("a")
            end.attrs["href"] = self.address(self.pages)
            end.insert_child(str(self.pages))
            last.insert_after(end)
        return tree.html or ""

    def _pagers(self, tree: LexborHTMLParser) -> list[LexborNode]:
        places = filter(None, (self._engine.pager, self._engine.next, "link[rel=next],link[rel=prev]"))
        return [node for place in places for node in tree.css(place)]

    def index(self) -> str:
        """Return the board with the thread alone, and the number of its replies."""
        url, html = self._board
        links = forum_links(Page(url, html.encode()))
        assert links is not None
        tree = parse(html)
        resolver = Resolver(base_of(tree.tags("base"), url))
        found = {row.mem_id: row for row in tree.css(self._engine.row)}
        rows = [row for row in found.values() if row.css_first(self._engine.thread_link) is not None]
        link = rows[0].css_first(self._engine.thread_link)
        count = node_at(rows[0], [place.partition("@")[0] for place in self._engine.replies])
        assert link is not None and count is not None, self.name
        link.attrs["href"] = self._home
        count.inner_html = str(self.replies)
        if "title" in count.attributes:
            count.attrs["title"] = f"{self.replies} replies"
        for row in rows[1:]:
            row.decompose()
        for place in filter(None, ("woltlab-core-pagination", self._engine.pager, self._engine.next)):
            while (part := tree.css_first(place)) is not None:
                part.decompose()
        for further in tree.css("[href]"):
            if resolver(further.attributes["href"] or "") in (links.next, *links.boards):
                further.attrs["href"] = "#"
        return (tree.html or "").replace(HOST, self.origin)


def path_of(url: str) -> str:
    return urlsplit(url)._replace(scheme="", netloc="", fragment="").geturl()


def _last_number(url: str) -> int:
    return int(re.findall(r"\d+", url)[-1])


def _read(place: str) -> tuple[str, str]:
    """Return the URL and the markup of a page."""
    path = _FORUMS / place
    if path.is_file():
        html = path.read_text("utf-8")
        return html.partition('rel="self" href="')[2].partition('"')[0], html
    url: str = json.loads((path / "expected.json").read_text("utf-8"))["url"]
    host = f"https://{urlsplit(url).netloc}"
    return url.replace(host, HOST), (path / "page.html").read_text("utf-8").replace(host, HOST)
