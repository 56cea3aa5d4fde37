"""Vanilla Forums (`discussion.php`, `helper_functions.php` of the vanilla and dashboard applications)."""

from __future__ import annotations

from extractor.forums.engine import Engine

VANILLA = Engine(
    name="vanilla",
    sign=".ItemDiscussion .Message,.ItemComment .Message,body.Vanilla.Discussion,ul.DataList.Discussions,"
    "table.DiscussionsTable,.CategoryTable,.CategoryList .CategoryName",
    post=".ItemDiscussion,.ItemComment,.Discussion.Item:has(.Message)",
    body=(".Message.userContent", ".Message", ".userContent"),
    author=(".Author a.Username", ".Author .Username", ".Username", ".Author"),
    time=(".DateCreated time", "time"),
    permalink=(".DateCreated a.Permalink@href", "a.Permalink@href"),
    dropped=".Reactions,.Signature,.UserSignature,.Hidden",
    quote="blockquote.Quote,blockquote.UserQuote,.js-quoteEmbed,blockquote",
    quote_author=(
        ".QuoteAuthor a",
        ".embedQuote-userName",
        ".QuoteAuthor",
        ".blockquote-content > a[href*='/profile/']",
    ),
    quote_label=".QuoteAuthor,.embedQuote-header,.blockquote-content:has(> .QuoteLink)",
    quote_link=(".QuoteLink@href", ".embedQuote-metaLink@href"),
    attachment="a.attachment,.embedFile a,a[download]",
    score=(".Column-Score", ".ReactButton-Like .Count"),
    title=("#Item_0 h1", ".PageTitle h1", ".Item-Header h1", "h1"),
    board=(".Breadcrumbs .CrumbLabel a", ".SpanBreadcrumbs a"),
    tags=".InlineTags a,.TagList a",
    pager=".NumberedPager,.Pager",
    current=(".Pager .Highlight",),
    next="link[rel=next],.Pager a.Next",
    later=((r"/p\d+(?:#.*)?$", ""),),
    row="li.ItemDiscussion[id^=Discussion_],ul.Discussions > li.Item,table.DiscussionsTable tr.Item",
    thread_link=".Title a,a.Title",
    replies=(".CommentCount .Number", ".CountComments .Number", ".BlockColumn.CountComments"),
    last_post=(".LastCommentDate time", ".LastUser time", "time"),
    board_link=".CategoryNameHeading a,.Category .Title a,.ItemContent.Category a.Title",
)
