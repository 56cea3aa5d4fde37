"""NodeBB: the themes harmony and persona (`topic.tpl`, `partials/topic/post.tpl`, `category.tpl`)."""

from __future__ import annotations

from extractor.forums.engine import Engine

NODEBB = Engine(
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
        ".breadcrumb [itemtype$=ListItem]:nth-last-child(2) [itemprop=name]",
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
    thread_link="[component='topic/header'] a,h3.title a",
    replies=(
        "[component='topic/post-count'] span",
        ".stats-postcount .human-readable-number@title",
        ".stats-postcount",
    ),
    last_post=("[component='topic/teaser'] .timeago@title", ".teaser .timeago@title", ".timeago@title"),
    board_link="[component='categories/category'] .title a,[component='category/sub-category'] a",
)
