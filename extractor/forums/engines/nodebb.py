"""NodeBB: the themes harmony, persona, vanilla, lavender (`topic.tpl`, `partials/topic/post.tpl`, `category.tpl`)."""

from __future__ import annotations

import re
from dataclasses import replace

from selectolax.lexbor import LexborNode

from extractor.forums.engine import Engine
from extractor.forums.page_addresses import with_fragment
from extractor.forums.quotations import quoted_name
from extractor.html.lines import in_one_line
from extractor.values.thread import Quote
from extractor.values.urls import Resolver

_SAID = re.compile(r"@\S[^:：]{0,300}[:：]")
_POST = re.compile(r"/post/([\w-]+)/?$")


class _NodeBB(Engine):
    def _quote(self, quote: LexborNode, resolver: Resolver) -> Quote:
        """Read a quotation. The button for quoting writes ``@ann said in …:`` before it, with a link to the post."""
        found, label = super()._quote(quote, resolver), _label_before(quote)
        links = label.css("a[href]") if label is not None else []
        if not links or not in_one_line(links[0]).startswith("@"):
            return found
        posts = [(link.attrs.get("href") or "", _POST.search(link.attrs.get("href") or "")) for link in links[1:]]
        href, number = next(((href, number) for href, number in posts if number), (None, None))
        post = number[1] if number else None
        return replace(found, author=quoted_name(in_one_line(links[0])), post=post, url=with_fragment(href, resolver))


def _label_before(quote: LexborNode) -> LexborNode | None:
    label = quote.prev
    while label is not None and label.is_text_node and not (label.text_content or "").strip():
        label = label.prev
    is_label = label is not None and label.tag == "p" and _SAID.fullmatch(in_one_line(label))
    return label if is_label else None


NODEBB = _NodeBB(
    name="nodebb",
    sign="[component='post/content'],[component='category/topic'],[component='categories/category']",
    post="[component=post]",
    body=("[component='post/content']",),
    author=("@data-username", "[itemprop=author] @data-username", "[data-username]@data-username"),
    time=(
        "@data-timestamp",
        "meta[itemprop=datePublished]@content",
        "[component='post/header'] .timeago@title",
        ".timeago@title",
    ),
    id=("@data-pid",),
    id_pattern=r"^\S+$",
    permalink=("a.permalink@href", "a.post-index@href", "[component='post/header'] a[href*='/post/']@href"),
    dropped="[component='post/signature'],.post-signature,[component='post/parent']",
    quote="blockquote",
    attachment="[component='post/attachments'] a",
    score=("[component='post/vote-count']@data-votes", "[component='post/vote-count']"),
    answers=("[component='post/parent']@data-parent-pid", "[component='post/parent']@data-topid"),
    title=("[component='topic/title']", "h1"),
    board=(
        ".breadcrumb [itemtype$=ListItem]:nth-last-child(2) [itemprop=name],"
        ".breadcrumb [itemtype$=Breadcrumb]:nth-last-child(2) [itemprop=title]",
        ".breadcrumb a",
        "a[component='topic/category']",
    ),
    tags="[component='topic/tags'] a .tag-topic-count ~ *,[component='topic/tags'] a,.tags a.tag span",
    pager="[component=pagination]:not(.hidden)",
    current=("[component=pagination] .page-item.active a,[component=pagination] .page.active a",),
    next="link[rel=next],[component=pagination] .next:not(.disabled,.pe-none) a",
    later=(
        (r"([?&])page=\d+&?", r"\1"),
        (r"([?&])lang=[\w-]+&?", r"\1"),
        (r"(/topic/\d+/[^/?#]+)/\d+", r"\1"),
        (r"[?&]$", ""),
    ),
    row="[component='category/topic']",
    thread_link="[component='topic/header'] a,a[component='topic/header'],h3.title a,.topic-row h3 a",
    replies=(
        "[component='topic/post-count'] span",
        ".stats-postcount .human-readable-number@title",
        ".stats-postcount",
        ".stats .human-readable-number@title",
        ".topic-stats .human-readable-number@title",
        ".category-stat .human-readable-number@title",
    ),
    last_post=(
        "[component='topic/teaser'] .timeago@title",
        ".teaser .timeago@title",
        ".replies .timeago@title",
        ".timeago@title",
    ),
    board_link="[component='categories/category'] .title a,[component='category/sub-category'] a,"
    "[component='categories/category'] a[itemprop=url]",
)
