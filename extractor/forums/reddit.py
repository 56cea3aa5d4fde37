"""Reddit: the old pages (`div.thing`), and the new ones (`shreddit-post`, `shreddit-comment`)."""

from __future__ import annotations

from selectolax.lexbor import LexborNode

from extractor.forums.engine import Engine, enclosing

_ID = r"[a-z0-9]+$"


class _OldReddit(Engine):
    def answers_of(self, post: LexborNode) -> str | None:
        parent = enclosing(post, "div", "thing_t1_")
        return self.id_of(parent) if parent is not None else None


OLD_REDDIT = _OldReddit(
    name="reddit",
    sign="div.thing[data-fullname] .entry",
    post="div.commentarea div.thing.comment,#siteTable > div.thing.link:only-of-type:has(.entry),"
    "body.comments-page #siteTable div.thing.link",
    body=(".entry .usertext-body .md", ".entry .usertext-body", ".entry a.title"),
    author=("@data-author", ".entry a.author"),
    time=(".entry time", "@data-timestamp"),
    id=("@data-fullname",),
    id_pattern=_ID,
    permalink=("@data-permalink", "a.bylink@href"),
    score=("@data-score", ".entry .score.unvoted@title"),
    title=("a.title",),
    board=("span.redditname a", ".pagename a"),
    next="span.next-button a",
    later=((r"([?&])(?:sort|limit)=\w+&?", r"\1"), (r"[?&]$", "")),
    row="#siteTable > div.thing.link",
    thread_link="a.comments",
    replies=("@data-comments-count", "a.comments"),
    last_post=("time.live-timestamp",),
)

REDDIT = Engine(
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
