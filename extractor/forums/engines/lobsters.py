"""Lobsters (`comments/_comment.html.erb`, `stories/_listdetail.html.erb`)."""

from __future__ import annotations

from selectolax.lexbor import LexborNode

from extractor.forums.engine import Engine
from extractor.html.regions import ancestors


class _Lobsters(Engine):
    def answers_of(self, post: LexborNode) -> str | None:
        """Return the comment at the head of the subtree around this one; the story's subtree contains all."""
        subtrees = [
            node
            for node in ancestors(post)
            if "comments_subtree" in (node.attrs.get("class") or "") and node.attrs.get("id") != "story_comments"
        ]
        parent = subtrees[1].css_first("div.comment[id^=c_]") if len(subtrees) > 1 else None
        return self.id_of(parent) if parent is not None else None


LOBSTERS = _Lobsters(
    name="lobsters",
    sign="li.comments_subtree div.comment[id^=c_],ol.stories li.story .u-url",
    post="div.comment[id^=c_]",
    body=(".comment_text",),
    author=(".byline .u-author", ".byline a[href^='/~']:not(:has(img))", ".byline a[href^='/u/']:not(:has(img))"),
    time=(".byline time@data-at-unix", ".byline time", "time", ".byline span[title]"),
    id=("@id",),
    id_pattern=r"[a-z0-9]+$",
    permalink=(".byline a[href*='#c_']@href", ".byline a[href*='/c/']@href"),
    score=(".voters .upvoter", ".score"),
    title=(".story .u-url", ".link a"),
    tags=".story .tags a.tag",
    next=".morelink a,a[rel=next]",
    row="ol.stories > li.story",
    thread_link=".comments_label a",
    thread_title=".link .u-url",
    replies=(".comments_label a",),
)
