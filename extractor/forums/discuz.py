"""Discuz! X (`viewthread_node.htm`, `viewthread_node_body.htm`, `forumdisplay_list.htm`)."""

from __future__ import annotations

from selectolax.lexbor import LexborNode

from extractor.forums.engine import Engine


class _Discuz(Engine):
    def author_of(self, post: LexborNode) -> str | None:
        """Who is deleted or not named has no link: the name, or 匿名, stands bare, before a note of what befell it."""
        bare = (
            " ".join(node.text(deep=False).split())
            for node in post.css(".pls > .favatar > .pi, .pls > .favatar > .pi > a")
        )
        return super().author_of(post) or next(filter(None, bare), None)


DISCUZ = _Discuz(
    name="discuz",
    sign="td[id^=postmessage_],div[id^=postmessage_],em[id^=authorposton],#threadlisttableid,tbody[id^=normalthread_]",
    post="div[id^=post_]:has([id^=postmessage_]),table[id^=pid]:not(div[id^=post_] > table),"
    "div.plhin:not(div[id^=post_] *)",
    body=("td[id^=postmessage_]", "div[id^=postmessage_]", ".t_f", ".pcb"),
    author=(".pls .authi a.xw1", ".pls .authi a", ".authi a.xw1", ".authi a[href*='space']", ".pi a.xw1"),
    time=("em[id^=authorposton] span[title]", "em[id^=authorposton]"),
    id=("[id^=postmessage_]@id",),
    permalink=("a[id^=postnum]@href",),
    dropped=".pstatus,.attach_nopermission,.jammer,[style*='display:none'],[style*='display: none'],.tip,.aimg_tip",
    quote="div.quote",
    quote_author=(".quote font[color] a", "blockquote font[color]", "blockquote font"),
    quote_label="blockquote > font:first-child,blockquote > a:first-child",
    quote_link=("a[href*='findpost']@href",),
    quoted_post=r"[?&]pid=(\d+)",
    attachment=".pattl a[href*='mod=attachment'],.pattl img[file],ignore_js_op a[href*='mod=attachment']",
    score=("[id^=review_support_]",),
    title=("#thread_subject", "h1.ts", "h1"),
    board=("#pt .z a[href*='forumdisplay'],#pt .z a[href*='forum-']",),
    tags=".ptg a",
    zone="#frt,#ft",
    pager="#pgt .pg,.pg",
    current=".pg strong",
    last=(".pg label span@title", ".pg a.last"),
    next=".pg a.nxt",
    later=((r"thread-(\d+)-\d+-\d+", r"thread-\1-1-1"), (r"&page=\d+", ""), (r"&extra=[^&#]*", "")),
    row="tbody[id^=normalthread_],tbody[id^=stickthread_]",
    thread_link="a.s.xst,th a.xst",
    replies=("td.num a",),
    last_post=("td.by:last-child em span[title]", "td.by:last-child em a", "td.by:last-child em"),
    board_link="#ct .fl_tb h2 a,#ct .fl_g dt a,.bm_c td h2 a",
)
