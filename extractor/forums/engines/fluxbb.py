"""FluxBB and PunBB (`viewtopic.php`, `viewforum.php`, `index.php`)."""

from __future__ import annotations

from extractor.forums.engine import Engine

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
    thread_link=".tclcon a[href*='viewtopic'],.tclcon a:not(h3 a)",
    replies=(".tc2",),
    last_post=(".tcr a", ".tcr"),
    board_link=".tclcon h3 a:not([href*='action='])",
)
