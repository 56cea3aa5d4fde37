"""Simple Machines Forum 2.0 and 2.1: `Display`, `MessageIndex` and `BoardIndex.template.php`."""

from __future__ import annotations

from extractor.forums.engine import Engine

SMF = Engine(
    name="smf",
    sign="#forumposts .post_wrapper,div.post_wrapper .keyinfo,#messageindex,#boardindex_table,"
    "#main_content_section .poster",
    post="div.post_wrapper",
    body=(".post .inner", ".inner", ".post"),
    author=(".poster h4 a", ".poster h4"),
    time=(".postinfo a.smalltext", ".postinfo .page_number ~ a", ".keyinfo .smalltext", ".smalltext"),
    id=(".inner@data-msgid", ".inner@id", ".keyinfo [id^=subject_]@id"),
    permalink=(".postinfo a.smalltext@href", ".keyinfo h5 a@href"),
    dropped=".signature,.moderatorbar,.codeheader,.quotefooter",
    quote="blockquote.bbc_standard_quote,blockquote.bbc_alternate_quote,blockquote",
    quote_author=("cite",),
    quote_label="cite",
    quote_link=("cite a@href",),
    attachment=".attachments a[href*='action=dlattach']",
    score=(".smflikebutton .smflikecount", ".like_count a"),
    title=("h2.display_title", "#top_subject", "#forumposts .catbg", "h1", "h2"),
    board=(".navigate_section li a[href*='board=']", "#inner_section .navigate_section a"),
    pager=".pagelinks,.pagesection",
    current=".pagelinks .current_page,.pagelinks strong",
    next=".pagelinks .current_page + a,.pagelinks strong + a",
    later=((r"(topic[=,]\d+)\.(?:msg)?\d+", r"\1.0"),),
    row="#topic_container > div,#messageindex tbody tr",
    thread_link=".message_index_title a[href*='topic'],span[id^=msg_] a,.subject a[href*='topic']",
    replies=(".board_stats p", "td.stats"),
    last_post=(".lastpost", "td.lastpost"),
    board_link="a.subject[id^=b],a.subject[name^=b],.info a.subject",
)
