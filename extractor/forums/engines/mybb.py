"""MyBB 1.6 and 1.8: the templates postbit, postbit_classic, showthread, forumdisplay_thread and forumbit."""

from __future__ import annotations

from selectolax.lexbor import LexborNode

from extractor.forums.engine import Engine
from extractor.forums.quotations import quoted_name
from extractor.forums.times import ShownTime
from extractor.html.lines import own_line

_PAGER = ".pagination:not(.pagination_breadcrumb)"
"""The pager of the thread: the breadcrumbs may have one of the board."""


class _MyBB(Engine):
    def time_of(self, post: LexborNode) -> ShownTime:
        return _with_clock(post.css_first(".post_date > span[title]")) or super().time_of(post)

    def last_post_of(self, row: LexborNode) -> ShownTime:
        return _with_clock(row.css_first(".lastpost > span[title]")) or super().last_post_of(row)

    def quoted_author(self, quote: LexborNode) -> str | None:
        """``<cite><span> (03-30-2024, 11:15 PM)</span>Boris Wrote:``: the name is plain text."""
        cite = quote.css_first("cite")
        return quoted_name(own_line(cite)) if cite is not None else None


def _with_clock(day: LexborNode | None) -> ShownTime | None:
    """``<span title="11-22-2026">Yesterday</span>, 02:05 PM``: the day is in the title, the clock after it."""
    if day is None or day.parent is None:
        return None
    return ShownTime(None, f"{day.attrs['title'] or ''} {day.parent.text(deep=False)}")


MYBB = _MyBB(
    name="mybb",
    sign="div.post[id^=post_] .post_body[id^=pid_],table[id^=post_] [id^=pid_],tr.inline_row [id^=tid_],"
    "td.trow1 a[href*='forumdisplay.php?fid='],td.trow1 .forum_status,td.trow1 [id^=mark_read_],"
    ".float_left .post_author .author_information",
    post="div.post[id^=post_],table[id^=post_]",
    body=(".post_body", "div[id^=pid_]"),
    author=(".author_information .largetext a", ".author_information .largetext", ".largetext"),
    time=(".post_date", "td.smalltext"),
    permalink=(".post_head a[href*='pid']@href", "a[href*='#pid']@href"),
    dropped=".signature,.post_edit,.post_meta,.float_right:empty",
    quote="blockquote.mycode_quote,blockquote",
    quote_author=("cite",),
    quote_label="cite",
    quote_link=("cite a.quick_jump@href", "a.quick_jump@href"),
    attachment="a[href*='attachment.php?aid=']",
    title=(
        "td.thead > div:not(.float_right) > strong",
        "td.thead > strong",
        ".thead > div strong",
        ".navigation .active",
    ),
    board=(".navigation a:not(.pagination > a)",),
    pager=_PAGER,
    current=(f"{_PAGER} .pagination_current",),
    last=(f"{_PAGER} .pagination_last",),
    next=f"{_PAGER} a.pagination_next",
    later=((r"-page-\d+", ""), (r"&page=\d+", ""), (r"-(?:post-\d+|lastpost|newpost)", ""), (r"&pid=\d+", "")),
    row="tr.inline_row",
    thread_link="span[id^=tid_] a",
    replies=("a[onclick*='MyBB.whoPosted']", "a[href*='whoposted' i]"),
    last_post=(".lastpost",),
    board_link="td.trow1 strong > a[href*='forum'],td.trow2 strong > a[href*='forum']",
)
