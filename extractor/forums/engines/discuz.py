"""Discuz! X, from 2 to 5 (`viewthread_node.htm`, `viewthread_node_body.htm`, `forumdisplay_list.htm`, `discuz.htm`),
and its templates for phones (`touch/forum/viewthread.php`, `touch/forum/forumdisplay.php`).
"""

from __future__ import annotations

from selectolax.lexbor import LexborNode

from extractor.forums.element_text import first, time_at
from extractor.forums.engine import Engine
from extractor.forums.times import NOT_SHOWN, ShownTime
from extractor.html.lines import own_line
from extractor.html.page import Page

_ON_PHONE = ".display > .authi > .mtit > .z"
_FILES = ("zoomfile", "file", "src")
"""Images load lazily: at first, `src` is an empty image."""


class _Discuz(Engine):
    def title_of(self, page: Page) -> str | None:
        """Return the title; on phones, labels of the kind of thread surround it."""
        line = page.tree.css_first(".viewthread > .view_tit")
        return super().title_of(page) if line is None else own_line(line)

    def author_of(self, post: LexborNode) -> str | None:
        """Return the author. Deleted and anonymous ones have no link: the name, or 匿名, is plain text before a note.

        On phones, remarks about a post are inside it, with their own authors.
        """
        on_phone = (own_line(node) for node in post.css(f"{_ON_PHONE},{_ON_PHONE} > a"))
        bare = (own_line(node) for node in post.css(".pls > .favatar > .pi,.pls > .favatar > .pi > a"))
        return next(filter(None, on_phone), None) or super().author_of(post) or next(filter(None, bare), None)

    def time_of(self, post: LexborNode) -> ShownTime:
        line = post.css_first(".display > .authi > .mtime")
        if line is None:
            return super().time_of(post)
        shown = time_at(line, ("span[title]",))
        return ShownTime(None, own_line(line)) if shown == NOT_SHOWN else shown

    def address_of(self, attachment: LexborNode) -> str | None:
        attributes = attachment.attrs
        return attributes.get("href") or next(filter(None, map(attributes.get, _FILES)), None)

    def file_name_of(self, attachment: LexborNode) -> str | None:
        return first(attachment, (".link",)) or super().file_name_of(attachment)

    def thread_title_of(self, row: LexborNode, link: LexborNode) -> str | None:
        return first(link, (".km_subject", "em")) or super().thread_title_of(row, link)


DISCUZ = _Discuz(
    name="discuz",
    sign="td[id^=postmessage_],div[id^=postmessage_],em[id^=authorposton],#threadlisttableid,tbody[id^=normalthread_],"
    "div.plc[id^=pid],.threadlist .threadlist_tit,.sub-forum a.murl,.fl_tb .fl_icn,.fl_tb .fl_icn_g",
    post="div[id^=post_]:has([id^=postmessage_]),div[id^=post_]:has([id^=authorposton]),"
    "table[id^=pid]:not(div[id^=post_] > table),div.plhin:not(div[id^=post_] *),div.plc[id^=pid]",
    body=("td[id^=postmessage_]", "div[id^=postmessage_]", ".t_f", ".pcb > .locked", ".pcb", ".display > .message"),
    author=(".pls .authi a.xw1", ".pls .authi a", ".authi a.xw1", ".authi a[href*='space']", ".pi a.xw1"),
    time=("em[id^=authorposton] span[title]", "em[id^=authorposton]"),
    id=("[id^=postmessage_]@id", "@id"),
    permalink=("a[id^=postnum]@href",),
    dropped=".pstatus,.attach_nopermission,.jammer,[style*='display:none'],[style*='display: none'],.tip,.aimg_tip,"
    "span[id^=attach_],ul.post_attlist,.message > h2,.message > span.quote",
    quote="div.quote",
    quote_author=(".quote font[color] a", "blockquote font[color]", "blockquote font"),
    quote_label="blockquote > font:first-child,blockquote > a:first-child",
    quote_link=("a[href*='findpost']@href",),
    quoted_post=r"[?&]pid=(\d+)",
    attachment=".attnm a,span[id^=attach_] a,ignore_js_op img[aid],.attm dd > img,"
    ".post_attlist a[href*='mod=attachment'],.img_one img,.message img[id^=aimg_]",
    score=("[id^=review_support_]",),
    title=("#thread_subject", "h1.ts", "h1"),
    board=(
        "#pt .z a[href*='forumdisplay'],#pt .z a[href*='forum-'],.header > h2 > a[href*='forumdisplay'],"
        ".header > h2 > a[href*='forum-']",
    ),
    tags=".ptg a",
    zone="#frt,#ft",
    pager="#pgt .pg,.pg",
    current=(".pg strong",),
    last=(".pg label span@title", ".pg a.last"),
    next=".pg a.nxt",
    later=((r"thread-(\d+)-\d+-\d+", r"thread-\1-1-1"), (r"&page=\d+", ""), (r"&extra=[^&#]*", "")),
    row="tbody[id^=normalthread_],tbody[id^=stickthread_],li.kmlist,.threadlist li.list,.threadlist li.list_top",
    thread_link="a.s.xst,th a.xst,a.kmtit,li.list > a,li.list_top > a:not(:has(.gonggao))",
    replies=("td.num a", ".kmfoot .kmpl", "li.stats:has(.dm-chat-s-fill)"),
    last_post=("td.by:last-child em span[title]", "td.by:last-child em a", "td.by:last-child em"),
    board_link="#ct .fl_tb h2 a,#ct .fl_tb .fl_icn + td > p:not(.xg2) > a,#ct .fl_g dt a:not([href*='mod=collection']),"
    ".bm_c td h2 a,.sub-forum a.murl[href]",
)
