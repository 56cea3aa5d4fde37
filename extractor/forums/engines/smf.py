"""Simple Machines Forum 2.0 and 2.1: `Display`, `MessageIndex` and `BoardIndex.template.php`."""

from __future__ import annotations

import re
from collections.abc import Iterable

from selectolax.lexbor import LexborNode

from extractor.forums.bodies import Body
from extractor.forums.element_text import first, name_at
from extractor.forums.engine import Engine
from extractor.forums.quotations import quoted_name
from extractor.forums.times import ShownTime
from extractor.html.regions import element_before
from extractor.values.urls import Resolver

_HEADER = "div.quoteheader"
_DATED = re.compile(r"(.*\S)\s+(?:on|am|le|el|en|em|il|den|op|kl|w|от|于|於|-)\s+(?=\D{0,20}\d)", re.IGNORECASE)
"""Up to the date, in the languages of the program."""


class _SMF(Engine):
    """In 2.1, the quoted author is inside the quotation; in 2.0, in a header before it."""

    def time_of(self, post: LexborNode) -> ShownTime:
        """Return the written time; the title of the link to a post is ``Reply #10``."""
        return ShownTime(None, first(post, self.time))

    def label_of(self, quote: LexborNode) -> LexborNode:
        before = element_before(quote)
        return before if before is not None and before.css_matches(_HEADER) else quote

    def quoted_author(self, quote: LexborNode) -> str | None:
        """``Quote from: Boris on March 30, 2024, 11:15:00 PM``, if it links to the post; otherwise without a date."""
        label = self.label_of(quote)
        name = name_at(label, self.quote_author) or ""
        dated = _DATED.match(name) if first(label, self.quote_link) is not None else None
        return quoted_name(dated[1] if dated else name)

    def _body(self, body: LexborNode, quotes: Iterable[LexborNode], resolver: Resolver) -> Body:
        return super()._body(body, [*quotes, *body.css(_HEADER)], resolver)


SMF = _SMF(
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
    quote_author=("cite", ".quoteheader"),
    quote_label="cite,div.quoteheader",
    quote_link=("cite a@href", ".quoteheader a@href"),
    attachment=".attachments a[href*='action=dlattach']",
    score=(".smflikebutton .smflikecount", ".like_count"),
    title=("h2.display_title", "#top_subject", ".navigate_section li.last a", "#forumposts .catbg", "h1", "h2"),
    board=(".navigate_section li a[href*='board=']", "#inner_section .navigate_section a"),
    pager=".pagelinks,.pagesection",
    current=(".pagelinks .current_page,.pagelinks strong",),
    next=".pagelinks .current_page + a,.pagelinks strong + a",
    later=((r"(topic[=,]\d+)\.(?:msg)?\d+", r"\1.0"),),
    row="#topic_container > div,#messageindex tbody tr",
    thread_link=".message_index_title a[href*='topic'],span[id^=msg_] a,.subject a[href*='topic']",
    replies=(".board_stats p", "td.stats"),
    last_post=(".lastpost", "td.lastpost"),
    board_link="a.subject[id^=b],a.subject[name^=b],.info a.subject",
)
