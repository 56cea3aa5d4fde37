"""Slash (`dispComment` of `Slash.pm`, and the pages of Slashdot), and rehash (`Comments.pm`, `dispStory`) made of it.

The story is the first post. Slashdot shows only the beginning of low-rated comments, without a time.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from selectolax.lexbor import LexborNode

from extractor.forums.element_text import first
from extractor.forums.engine import Engine
from extractor.forums.times import ShownTime
from extractor.html.lines import in_one_line
from extractor.html.page import Page
from extractor.html.regions import ancestors

_BY = re.compile(r"\bby (.+?)(?: \( ?\d+ ?\)| writes:| on (?:\w+day|\d)|$)")
_ON = re.compile(r"\bon ((?:\w+day|\d).*?)(?: \(#| from the |$)")
_COMMENT = re.compile(r"[?&]cid=(\d+)")
_DETAILS = ".details"
_OF_REHASH = "div.article:has(> .sd-info-block)"
"""A story, on its own page and on a page that lists stories."""
_DISCUSSION = "#commentwrap,#commentlisting"
_TREE = "tree_"


class _Slash(Engine):
    def author_of(self, post: LexborNode) -> str | None:
        """Return the author; an anonymous coward has no link."""
        found = _BY.search(first(post, (_DETAILS,)) or "")
        return found[1] if found else None

    def time_of(self, post: LexborNode) -> ShownTime:
        found = _ON.search(first(post, (_DETAILS,)) or "")
        return ShownTime(None, found[1] if found else None)

    def answers_of(self, post: LexborNode) -> str | None:
        """Return the comment whose list contains this one (also a hidden one), or the linked parent."""
        items = [node for node in ancestors(post) if (node.attrs.get("id") or "").startswith(_TREE)]
        if len(items) > 1:
            return self.id_of(items[1])
        links = (link.attrs.get("href") or "" for link in post.css(".commentSub a") if in_one_line(link) == "Parent")
        found = _COMMENT.search(next(links, ""))
        return found[1] if found else None

    def _posts(self, page: Page) -> Iterator[tuple[LexborNode, LexborNode]]:
        """Yield posts. Stories of rehash look the same in discussions and in lists."""
        if page.tree.css_first(_DISCUSSION) is not None or page.tree.css_first(_OF_REHASH) is None:
            yield from super()._posts(page)


SLASH = _Slash(
    name="slash",
    sign="#commentlisting .commentTop,article.fhitem-story,div.article > .sd-info-block",
    post=f"article.fhitem-story:has(h1),{_OF_REHASH},div[id^=comment_]:has(> .commentTop)",
    body=("div[id^=comment_body_]", "div[id^=text-]", ".body"),
    author=(_DETAILS,),
    time=(_DETAILS,),
    id=("@id", ".sd-key-sid"),
    id_pattern=r"[\d/]*\d",
    permalink=(
        "a[id^=comment_link_]@href",
        ".otherdetails a[href*='comments.pl']@href",
        ".story-title a@href",
        "a[href*='article.pl?sid=']@href",
    ),
    dropped=".topic",
    quote="blockquote,div.quote",
    score=(".score",),
    title=(".story-title > a", "div.article a[href*='article.pl?sid=']", ".commentBox a"),
    board=(".topic img@alt",),
    pager=".linkCommentPage",
    current=(".linkCommentPage b",),
    next=".linkCommentPage b + a",
    later=((r"([?&])(?:page|startat)=\d+&?", r"\1"), (r"[?&]$", "")),
    row=f"article.fhitem-story,{_OF_REHASH}",
    thread_link=".story-title > a,a[href*='article.pl?sid=']",
    replies=(".comment-bubble a",),
)
