"""Reddit: the old pages (`div.thing`), and the new ones (`shreddit-post`, `shreddit-comment`)."""

from __future__ import annotations

from collections.abc import Iterator

from selectolax.lexbor import LexborNode

from extractor.forums.element_text import first, name_at, number_in
from extractor.forums.engine import MOST_POSTS, Engine
from extractor.html.page import Page
from extractor.html.regions import ancestors, classes_of

_ID = r"[a-z0-9]+$"


class _OldReddit(Engine):
    """A post is the entry of its thing. Replies are things beside the entry, inside the same thing.

    Newer pages have facts in attributes of the thing, older ones (2013) only in the entry.
    """

    def id_of(self, post: LexborNode) -> str | None:
        return super().id_of(_thing(post))

    def author_of(self, post: LexborNode) -> str | None:
        return name_at(_thing(post), ("@data-author",)) or super().author_of(post)

    def score_of(self, post: LexborNode) -> int | None:
        """Return the score, which is before the entry of a link and inside that of a comment."""
        beside = number_in(first(_thing(post), ("@data-score", ".midcol .score.unvoted")))
        return super().score_of(post) if beside is None else beside

    def link_source(self, post: LexborNode) -> LexborNode:
        return _thing(post)

    def answers_of(self, post: LexborNode) -> str | None:
        parent = next(filter(_is_comment, ancestors(_thing(post))), None)
        return super().id_of(parent) if parent is not None else None


def _thing(entry: LexborNode) -> LexborNode:
    return entry.parent or entry


def _is_comment(node: LexborNode) -> bool:
    return {"thing", "comment"} <= set(classes_of(node))


OLD_REDDIT = _OldReddit(
    name="reddit",
    sign="div.thing[data-fullname] .entry",
    post="div.commentarea div.thing.comment > .entry,#siteTable > div.thing.link:only-of-type > .entry,"
    "body.comments-page #siteTable div.thing.link > .entry",
    body=(".usertext-body .md", ".usertext-body", "a.title"),
    author=("a.author",),
    time=("time",),
    id=("@data-fullname",),
    id_pattern=_ID,
    permalink=("@data-permalink", ".entry > .buttons a.comments@href", "a.bylink@href"),
    score=(".score.unvoted@title", ".score.unvoted"),
    title=("a.title",),
    board=("span.redditname a", ".pagename a"),
    next="span.next-button a,.nextprev a[rel~=next]",
    later=((r"([?&])(?:sort|limit)=\w+&?", r"\1"), (r"[?&]$", "")),
    row="#siteTable > div.thing.link",
    thread_link="a.comments",
    thread_title="a.title",
    replies=("@data-comments-count", "a.comments"),
)


class _Reddit(Engine):
    def _posts(self, page: Page) -> Iterator[tuple[LexborNode, LexborNode]]:
        """Yield posts. A comment contains its replies, so a body found in a reply is not its own."""
        for node in page.tree.css(self.post)[:MOST_POSTS]:
            bodies = (body for selector in self.body for body in node.css(selector))
            own = next((body for body in bodies if _post_around(body) == node.mem_id), None)
            if own is not None:
                yield node, own


def _post_around(node: LexborNode) -> int | None:
    posts = ("shreddit-comment", "shreddit-post")
    return next((around.mem_id for around in ancestors(node) if around.tag in posts), None)


REDDIT = _Reddit(
    name="shreddit",
    sign="shreddit-post,shreddit-comment",
    post="shreddit-post,shreddit-comment",
    body=("[slot=text-body]", "[slot=comment]", ".md", "[slot=title]"),
    author=("@author",),
    time=("@created-timestamp", "@created", "time", "faceplate-timeago@ts"),
    id=("@thingid", "@id"),
    id_pattern=_ID,
    permalink=("@permalink",),
    dropped="shreddit-comment",
    score=("@score",),
    answers=("@parentid",),
    title=("shreddit-post@post-title", "h1"),
    board=("shreddit-subreddit-header@prefixed-name", "shreddit-post@subreddit-prefixed-name"),
)
