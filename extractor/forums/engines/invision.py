"""Invision Community 3 (`post_block`), 4 (`cPost`) and 5 (`ipsEntry`)."""

from __future__ import annotations

from extractor.forums.engine import Engine

INVISION = Engine(
    name="invision",
    sign="article.cPost,article.ipsEntry,article.ipsComment[id^=elComment],div.post_block .post_body,"
    "ol.cTopicList,.cForumRow,.ipsData__item [data-ips-hook=topicTitle],body#ipboard_body,body.ipsApp",
    post="article.cPost,article.ipsComment[id^=elComment],article.ipsEntry,div.post_block,"
    ".ipsComment.cAnswer,.ipsEntry--forum-answer",
    body=(
        "[data-role=commentContent]",
        ".cPost_contentWrap",
        ".ipsEntry__post",
        ".ipsRichText",
        ".post.entry-content",
        ".entry-content",
    ),
    author=(
        ".cAuthorPane_author a",
        ".cAuthorPane_author",
        ".ipsEntry__username",
        ".ipsComment_author h3",
        ".author.vcard",
        ".author",
    ),
    time=("a[href*='findComment'] time", "time", "abbr.published"),
    id=("[data-commentid]@data-commentid", "@id"),
    permalink=("a[href*='findComment']@href", "a[itemprop=replyToUrl]@href"),
    dropped=".ipsItemControls,.ipsType_reset.ipsComment_edit,[data-excludequote],.ipsHide,.ipsTruncate_more,"
    ".ipsSpoiler_header,.ipsQuote_citation a[data-ipsquote],.signature,.ipsEntry__signature,.ipsEdited,"
    "[data-role=memberSignature],.edit",
    quote="blockquote.ipsQuote,blockquote.ipsBlockquote",
    quote_author=("@data-ipsquote-username", "@data-author", ".ipsQuote_citation"),
    quote_label=".ipsQuote_citation,p.citation",
    quote_link=("@data-ipsquote-contentcommentid", ".ipsQuote_citation a@href"),
    attachment="a.ipsAttachLink,a[data-fileid]",
    score=("[data-role=reactCountText]", ".ipsReact_reactCount", ".cQuestionVotes"),
    title=("h1.ipsType_pageTitle", "h1.ipsPageHeader__title", "h1"),
    board=(
        ".ipsBreadcrumb__list a[href*='/forum/']",
        ".ipsBreadcrumb [data-role=breadcrumbList] a[href*='/forum/']",
        ".ipsBreadcrumb [data-role=breadcrumbList] li:has(a):nth-last-child(2) a",
        "#secondary_navigation a",
    ),
    tags="a.ipsTag,.ipsTags a.ipsTags__tag",
    pager=".ipsPagination:not(.ipsHide)",
    current=(".ipsPagination .ipsPagination_active a,.ipsPagination .ipsPagination__active a",),
    last=("@data-pages", ".ipsPagination[data-pages]@data-pages"),
    next=".ipsPagination_next:not(.ipsPagination_inactive) a[rel=next],.ipsPagination__next a[rel=next],link[rel=next]",
    later=((r"/page/\d+/?", "/"), (r"([&?])page=\d+&?", r"\1"), (r"/page__st__\d+.*$", ""), (r"[&?]$", "")),
    row="li.ipsDataItem[data-rowid],.ipsData__item[data-rowid],li[data-rowid]",
    thread_link=".ipsDataItem_title a[data-ipshover],"
    ".ipsDataItem_title a[href*='/topic/'],.ipsData__title a[href*='topic']",
    replies=(
        ".ipsDataItem_stats_number",
        ".ipsData__stats [data-stattype=forums_comments] span",
        ".ipsData__stats span",
    ),
    last_post=(".ipsDataItem_lastPoster time", ".ipsData__last time"),
    board_link=".cForumRow .ipsDataItem_title a,.ipsData__item--forum .ipsData__title a",
)
