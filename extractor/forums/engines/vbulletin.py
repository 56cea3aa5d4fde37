"""vBulletin 3 (postbit, threadbit), 4 (postbit_legacy, threadbit) and 5 (`b-post`)."""

from __future__ import annotations

from dataclasses import replace

from selectolax.lexbor import LexborNode

from extractor.forums.engine import Engine
from extractor.forums.times import ShownTime

VBULLETIN3 = Engine(
    name="vbulletin3",
    sign="table[id^=post] div[id^=post_message_],div[id^=edit] div[id^=post_message_],div[id^=post_message_]:not(li *),"
    "tbody[id^=threadbits_forum_],a[id^=thread_title_],td.alt1Active[id^=f]",
    post="table[id^=post]:has([id^=post_message_]),div[id^=edit]:has([id^=post_message_]):not(:has(table[id^=post])),"
    "div.postbit:has([id^=post_message_])",
    body=("div[id^=post_message_]", "[id^=post_message_]"),
    author=(
        "a.bigusername",
        ".bigusername",
        "[id^=postmenu_] a",
        "[id^=postmenu_]",
        ".username strong",
        ".username",
        "a[href*='member'] b",
        "[itemprop=author] [itemprop=name]",
    ),
    time=(".postdate", "time", "td.thead:has(a[name^=post])", "td.thead", ".thead", "div.normal", ".smallfont"),
    id=("[id^=post_message_]@id",),
    permalink=("a[id^=postcount]@href", "a[href*='#post']@href"),
    dropped=".signature,[id^=signature],.smallfont em",
    quote="td.alt2:has(> div > strong),div.quote,.bbcode_quote,blockquote",
    quote_author=("div > strong", ".bbcode_postedby strong", "strong"),
    quote_label="div:has(> strong),.bbcode_postedby",
    quote_link=("a[href*='post']@href",),
    attachment="a[href*='attachment.php?attachmentid='],a[id^=attachment]",
    title=("td.navbar strong", ".navbar strong", "h1"),
    board=("span.navbar a", ".navbar a[href*='forum']"),
    tags="#thread_tags_list a,#tag_list_cell a",
    zone=".page > .smallfont[align=center],div.smallfont[align=center]",
    pager=".pagenav",
    current=(".pagenav td.alt2 strong,.pagenav .current",),
    last=(".pagenav td.vbmenu_control",),
    next="link[rel=next],.pagenav a[rel=next]",
    later=((r"([&?])page=\d+&?", r"\1"), (r"-\d+\.html$", ".html"), (r"/index\d+\.html$", "/"), (r"[&?]$", "")),
    row="tbody[id^=threadbits_forum_] tr,tr:has(a[id^=thread_title_])",
    thread_link="a[id^=thread_title_]",
    replies=("td a[href*='whoposted']", "td:nth-last-child(2)"),
    last_post=("td.alt2[title] .smallfont", "td[title^=Replies] .smallfont"),
    board_link="td.alt1Active a[href*='forumdisplay'],td.alt1Active div > a",
)

VBULLETIN4 = Engine(
    name="vbulletin4",
    sign="li.postbitlegacy,li.postbit,li.postcontainer,ol#threads,#forums .forumtitle",
    post="li.postbitlegacy:has([id^=post_message_]),li.postbit:has([id^=post_message_]),"
    "li.postcontainer:has([id^=post_message_]),li.postcontainer:has(blockquote.postcontent)",
    body=("blockquote.postcontent", ".content blockquote", "div[id^=post_message_]", ".postcontent"),
    author=(".username strong", "a.username", ".username_container .username", ".username", ".userinfo strong"),
    time=(".postdate .date", "span.date", ".postdate"),
    permalink=("a.postcounter@href",),
    dropped=".signature,.after_content",
    quote=".bbcode_quote",
    quote_author=(".bbcode_postedby strong",),
    quote_label=".bbcode_postedby",
    quote_link=(".bbcode_postedby a@href",),
    attachment="a[href*='attachment.php?attachmentid='],a[id^=attachment]",
    title=("span.threadtitle a", ".threadtitle", "#pagetitle h1", "h1"),
    board=("#breadcrumb li.navbit:not(.lastnavbit) a", ".breadcrumb li.navbit:not(.lastnavbit) a"),
    tags="#thread_tags_list a,#tag_list_cell a",
    zone="#footer_time",
    pager=".pagination",
    current=(".pagination .selected a,.pagination .selected",),
    last=(".pagination .first_last:last-child a@href", ".pagination a.popupctrl"),
    next="link[rel=next],.pagination a[rel=next]",
    later=((r"/page\d+/?$", ""), (r"([&?])page=\d+&?", r"\1"), (r"[&?]$", "")),
    row="li.threadbit",
    thread_link="a.title",
    replies=(".threadstats a.understate", "ul.threadstats li:first-child"),
    last_post=(".threadlastpost dd:last-child",),
    board_link=".forumtitle a,.subforum a",
)


class _VBulletin5(Engine):
    """A post has its time twice: in seconds since 1970, and in the reader's zone, which is not named."""

    def time_of(self, post: LexborNode) -> ShownTime:
        shown = super().time_of(post)
        since_1970 = post.attributes.get("data-node-publishdate")
        return replace(shown, machine=since_1970, written=shown.machine or shown.written) if since_1970 else shown


VBULLETIN5 = _VBulletin5(
    name="vbulletin5",
    sign="li.b-post,.b-post__content,tr.topic-item,.forum-list-container",
    post="li.b-post:not(.activity-view li)",
    body=(".js-post__content-text", ".b-post__content .h-wordwrap", ".b-post__content"),
    author=(".b-userinfo .author", ".author a", ".author"),
    time=("time", ".b-post__timestamp"),
    id=("@data-node-id",),
    permalink=("a.b-post__count@href",),
    dropped=".b-post__footer,.b-post__edit,.js-post__signature,.b-post__signature",
    quote=".bbcode_quote",
    quote_author=(".bbcode_postedby strong",),
    quote_label=".bbcode_postedby",
    quote_link=(".bbcode_postedby a@href",),
    attachment=".b-post-attachments__item a,a.b-post-attachments__title",
    score=(".votecount .b-post-control__label", ".js-post__vote-count", ".b-post-control__count"),
    title=(".page-title-widget h1", "h1.main-title", ".b-main-title", "h1"),
    board=("#breadcrumbs li.crumb a", ".breadcrumbs a"),
    pager=".pagenav,.pagenav-container",
    current=(".pagenav input.js-pagenum@value", ".pagenav .js-pagenav-current-button", ".pagenav a.primary"),
    last=(".pagetotal",),
    next="link[rel=next],.pagenav a.right-arrow[href]",
    later=((r"/page\d+/?$", ""),),
    row="tr.topic-item",
    thread_link="a.topic-title",
    replies=(".posts-count", ".cell-count .posts-count"),
    last_post=(".lastpost .post-date", ".cell-lastpost .post-date"),
    board_link="a.forum-title",
)
