"""phpBB 3: prosilver and the styles made of it (`viewtopic_body.html`, `viewforum_body.html`); and subsilver."""

from __future__ import annotations

import re

from selectolax.lexbor import LexborNode

from extractor.forums.engine import Engine
from extractor.forums.payloads import loads, text

_WROTE = re.compile(r'"POST_AUTHOR":("(?:[^"\\]|\\.)*")')


class _PhpBB(Engine):
    def author_of(self, post: LexborNode) -> str | None:
        """Return the author. Tapatalk omits the name of consecutive posts by a member, but has it for scripts."""
        return super().author_of(post) or next(filter(None, map(_author_in, post.css("script"))), None)


def _author_in(script: LexborNode) -> str | None:
    found = _WROTE.search(script.text())
    return text(loads(found[1])) if found else None


PHPBB = _PhpBB(
    name="phpbb",
    sign="body#phpbb,body.phpbb,div.post[id^=p] .postbody,div.post[id^=p] .postprofile,a.topictitle,"
    "a.forumtitle,td .postbody",
    post="div.post[id^=p],div.postrow,li.post,"
    "div[id^=p]:has(> * .postbody .content):not(.post,:has([id^=p] .postbody .content)),"
    "table.tablebg:has(.postbody),tr:has(> td .postbody):has(.name,.postauthor)",
    body=(".postbody .content", ".content", ".postbody .message", "div.postbody", ".postbody"),
    author=(
        ".postprofile .username",
        ".postprofile .username-coloured",
        ".author .username",
        ".author .username-coloured",
        ".author strong a",
        ".author strong",
        ".postprofile dt a:not(:has(img))",
        ".username",
        ".username-coloured",
        ".postauthor",
        ".name",
        ".postprofile dt",
    ),
    time=(
        ".author time",
        "time",
        "p.author",
        ".author",
        ".postdate",
        ".post-date",
        ".postdetails",
        ".timepost",
        "td.gensmall",
    ),
    id=("@id", "a[name]@name"),
    permalink=(".author a[href*='#p']@href", "h3 a[href*='#p']@href", "a[href*='#p']@href"),
    dropped=".signature,.postprofile,.author,.notice,.post-buttons,.back2top,.codebox p,cite a[data-post-id]",
    quote="blockquote,.quotecontent",
    quote_author=("cite",),
    quote_label="cite",
    quote_link=("cite a[data-post-id]@href", "cite a[href*='#p']@href"),
    attachment=".attachbox a.postlink[href*='download/file'],.attachbox img,.inline-attachment img,.file a.postlink",
    score=(".postreact-count",),
    title=("h2.topic-title a", "h2 a[href*='viewtopic']", "h2.topic-title", "a.titles", "#page-body h2", "h1", "h2"),
    board=(
        ".breadcrumbs .crumb[data-forum-id] a",
        ".breadcrumbs .crumb a",
        ".navlinks .crumb a",
        ".navlinks a[href*='viewforum']",
        ".nav-breadcrumbs a",
    ),
    zone=".rightside abbr[title^=UTC],li.rightside,.timezone,#page-footer",
    pager=".pagination ul,.pagination span,.pagination",
    current=(".pagination li.active span,.pagination .active span,.pagination strong",),
    next=".pagination a[rel=next],.pagination li.next a,.pagination .arrow.next a,a.right-box.right",
    later=((r"([?&])start=\d+&", r"\1"), (r"[?&]start=\d+$", ""), (r"-\d+\.html$", ".html")),
    row="li.row:has(a.topictitle),tr:has(a.topictitle)",
    thread_link="a.topictitle",
    replies=("dd.posts", ".posts"),
    last_post=(".lastpost time", "dd.lastpost", ".lastpost"),
    board_link="a.forumtitle,a.forumlink",
)
