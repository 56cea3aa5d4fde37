"""FluxBB and PunBB (`viewtopic.php`, `viewforum.php`, `index.php`)."""

from __future__ import annotations

from extractor.forums.engine import Engine

_NOT_BESIDE = ":not(.forumdesc a):not(.modlist a)"
"""The description of a board and its moderators, on an index, are in the place of a thread."""

FLUXBB = Engine(
    name="fluxbb",
    sign="div.blockpost .postleft,#punviewforum,#punindex,#punviewtopic",
    post="div.blockpost",
    body=(".postmsg",),
    author=(".postleft dt strong", "dt strong", ".postleft dt"),
    time=("h2 span > a", "h2 a", "h2"),
    permalink=("h2 a@href",),
    dropped=".postsignature,.postedit",
    quote=".quotebox",
    quote_author=("cite",),
    quote_label="cite",
    title=(".crumbs li:last-child a", ".crumbs li:last-child"),
    board=(".crumbs li a[href*='viewforum']", "#punviewtopic .crumbs li:nth-last-child(2) a"),
    pager=".pagelink",
    current=(".pagelink strong",),
    next=".pagelink a[rel=next]",
    later=((r"&p=\d+", ""), (r"-p\d+\.html$", ".html"), (r"/p\d+/$", "/")),
    row="#vf tbody tr,.blocktable tr.rowodd,.blocktable tr.roweven",
    thread_link=f".tclcon a[href*='viewtopic']{_NOT_BESIDE},.tclcon a:not(h3 a){_NOT_BESIDE}",
    replies=(".tc2",),
    last_post=(".tcr a", ".tcr"),
    board_link=".tclcon h3 a:not([href*='action='])",
)
