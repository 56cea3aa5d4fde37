"""XenForo 2 (`post_macros`, `forum_view`) and 1 (`message`, `thread_list_item`)."""

from __future__ import annotations

import re

from selectolax.lexbor import LexborNode

from extractor.forums.element_text import number_in
from extractor.forums.engine import Engine
from extractor.html.lines import in_one_line


class _XenForo(Engine):
    def score_of(self, post: LexborNode) -> int | None:
        """Count likes: ``ann, bob and 3 others``, with at most three names."""
        liked = post.css_first(".reactionsBar-link,.likesSummary .LikeText")
        if liked is None:
            return super().score_of(post)
        names = liked.css("bdi,a.username")
        rest = in_one_line(liked)
        for name in names:
            rest = rest.replace(in_one_line(name), "", 1)
        return len(names) + (number_in(rest) or 0 if re.search(r"\d", rest) else 0)


XENFORO2 = _XenForo(
    name="xenforo2",
    sign="html#XF,html[data-app=public][data-template]",
    post="article.message--post,article.message--article,.message-threadStarterPost,article.message[data-author],"
    ".comment[data-author]",
    body=(".message-body .bbWrapper", ".message-content .bbWrapper", ".bbWrapper", ".message-body"),
    author=("@data-author", ".message-name .username", ".username", ".message-name"),
    time=(".message-attribution-main time", "time.u-dt", "time"),
    id=("@data-content", "@id"),
    permalink=(".message-attribution-main a[href*='post-']@href", ".message-attribution a[href]@href"),
    dropped=".bbCodeBlock-expandLink,.message-signature,.bbCodeBlock-shrinkLink,.js-selectToQuoteEnd,"
    ".bbCodeBlock--unfurl .contentRow-snippet,.bbCodeBlock--unfurl .contentRow-minor",
    quote=".bbCodeBlock--quote",
    quote_author=("@data-quote", ".bbCodeBlock-title"),
    quote_label=".bbCodeBlock-title,.bbCodeBlock-expandLink,.bbCodeBlock-shrinkLink",
    quote_link=("@data-source", "a.bbCodeBlock-sourceJump@href"),
    attachment=".message-attachments .attachment-name a,.message-attachments .file-preview[href],"
    ".message-attachments .file-name a,a.file-preview",
    score=(".message-vote .contentVote-score", "@data-votes"),
    title=("h1.p-title-value", "h1"),
    board=(".p-breadcrumbs li a",),
    tags=".js-tagList a.tagItem,.tagList a.tagItem",
    pager=".pageNav",
    current=(".pageNav-page--current a",),
    next="a.pageNav-jump--next",
    later=((r"/page-\d+/?$", "/"), (r"/(?:post-\d+|latest|unread)/?$", "/")),
    row=".structItem--thread",
    thread_link=".structItem-title a:not(.labelLink):not([href*='prefix_id'])",
    replies=(".structItem-cell--meta dl:first-child dd",),
    last_post=(".structItem-latestDate", ".structItem-cell--latest time"),
    board_link=".node-title a,.subNodeLink--forum",
)

XENFORO1 = _XenForo(
    name="xenforo1",
    sign="html#XenForo",
    post="li.message[id^=post-]",
    body=("blockquote.messageText", ".messageText"),
    author=("@data-author", ".username"),
    time=(".datePermalink .DateTime", ".datePermalink abbr", ".datePermalink span", ".DateTime"),
    permalink=("a.datePermalink@href",),
    dropped=".messageTextEndMarker,.quoteExpand",
    quote=".bbCodeQuote",
    quote_author=("@data-author", ".attribution"),
    quote_label=".attribution,.quoteExpand",
    quote_link=("a.AttributionLink@href",),
    quoted_post=r"post-(\d+)",
    attachment=".attachedFiles .filename a",
    title=(".titleBar h1", "h1"),
    board=(".breadcrumb .crust a.crumb",),
    tags=".tagList a.tag",
    pager=".PageNav",
    current=(".PageNav a.currentPage",),
    last=(".PageNav@data-last",),
    next="link[rel=next],.PageNav nav > a.text:last-of-type:not(.currentPage ~ .text ~ .text)",
    later=((r"/page-\d+/?$", "/"),),
    row="li.discussionListItem",
    thread_link="h3.title a.PreviewTooltip,.title a[href*='threads/']",
    replies=(".stats .major dd",),
    last_post=(".lastPostInfo .DateTime", ".lastPostInfo abbr"),
    board_link=".nodeTitle a",
)
