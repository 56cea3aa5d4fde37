"""WoltLab Suite Forum and Burning Board 4 (`threadPostList.tpl`, `boardThreadList.tpl`)."""

from __future__ import annotations

from extractor.forums.engine import Engine

WOLTLAB = Engine(
    name="woltlab",
    sign="article.wbbPost,.wbbThreadList,.wbbBoardList,.wbbThread .messageText",
    post="article.wbbPost,article.message:has(.messageText)",
    body=(".messageText", "[itemprop=text]"),
    author=(".messageHeaderBox .username", ".messageSidebar .username", ".username", "[itemprop=name]"),
    time=(
        ".messagePublicationTime woltlab-core-date-time",
        ".messagePublicationTime time",
        "woltlab-core-date-time",
        "time",
    ),
    id=("@data-object-id", "@id"),
    permalink=("a.messagePublicationTime@href", ".permalink@href", "a[href*='postID=']@href"),
    dropped=".messageSignature,.messageFooterNotes",
    quote="blockquote.quoteBox",
    quote_author=(".quoteBoxTitle",),
    quote_label=".quoteBoxIcon,.quoteBoxTitle",
    quote_link=("@cite", ".quoteBoxTitle a@href"),
    attachment=".attachmentFileList a.jsTooltip,.attachmentThumbnailList a",
    score=(".reactionSummary .reactCountButton@data-reaction-count", ".wcfLikeCounter"),
    title=("h1.contentTitle", "h1"),
    board=(".breadcrumbs li a",),
    tags=".tagList a.tag",
    pager="woltlab-core-pagination,.pagination",
    current=".pagination .active span:first-child,woltlab-core-pagination[page]",
    last=("woltlab-core-pagination@count",),
    next="link[rel=next],.pagination .skip a[rel=next]",
    later=((r"([?&])pageNo=\d+&?", r"\1"), (r"[?&]$", "")),
    row=".wbbThreadList ol.tabularListRow,.tabularListRow.wbbThread",
    thread_link="a.wbbTopicLink",
    replies=(".columnStats dd:first-of-type", ".wbbStats dd"),
    last_post=(".columnLastPost woltlab-core-date-time", ".columnLastPost time"),
    board_link=".wbbBoardList h3 a,.wbbBoardTitle a",
)
