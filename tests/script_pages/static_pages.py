"""Two hundred pages whose text is in their markup, with the scripts and marks of frameworks beside it."""

from __future__ import annotations

from itertools import count

_TEXT = "<p>The council of the harbour town decided on Tuesday to repair the lighthouse before winter, page {n}.</p>"
_SHAPES = (
    # Rendered on the server, taken over by scripts: Next, Nuxt, Gatsby, Astro, SvelteKit, Angular, Remix.
    "<div id=__next><main>{text}</main></div><script id=__NEXT_DATA__ type=application/json>{{}}</script>",
    "<div id=__nuxt><main>{text}</main></div><script>window.__NUXT__={{}}</script><script src=/n.js></script>",
    "<div id=___gatsby><div id=gatsby-focus-wrapper>{text}</div></div><script src=/g.js></script>",
    "<main><astro-island client=load>{text}</astro-island></main><script type=module src=/a.js></script>",
    "<div style='display: contents'>{text}</div><script type=module>import('/s.js')</script>",
    "<app-root ng-version=19>{text}</app-root><script src=/main.js type=module></script>",
    "<div id=root>{text}</div><script>window.__remixContext={{}}</script><script type=module src=/r.js></script>",
    # A root that stays empty beside the text: a widget, a modal, a portal.
    "<article>{text}</article><div id=app></div><script src=/widget.js></script>",
    "<article>{text}</article><div id=root></div><noscript>Enable JavaScript.</noscript><script src=/c.js></script>",
    # WordPress, a forum, a wiki, a blog with much script, AMP.
    "<div class=entry-content>{text}</div><script src=/wp-includes/js/jquery.js></script><script>{script}</script>",
    "<table class=forum><tr><td class=post>{text}</td></tr></table><script src=/f.js></script>",
    "<div id=mw-content-text>{text}</div><script>RLQ=[];{script}</script>",
    "<script>{script}</script><main>{text}</main><script>{script}</script><script>{script}</script>",
    "<script async src=/amp.js></script><article>{text}</article>",
    # Short pages: an abstract, a definition, a picture with its caption, a form, a frame, a list of links.
    "<main><h1>Notice</h1>{short}</main><script src=/n.js></script>",
    "<dl><dt>lighthouse</dt><dd>{short}</dd></dl><script src=/n.js></script>",
    "<figure><img src=/i.png alt=''><figcaption>{short}</figcaption></figure><script src=/n.js></script>",
    "<form action=/search><label>Search <input name=q></label></form>{short}<script src=/n.js></script>",
    "<iframe src=/inside></iframe><script src=/n.js></script>",
    "<ul>{links}</ul><script src=/n.js></script>",
)


def static_pages(number: int) -> dict[str, str]:
    """Return pages by path, each shape as often as any other."""
    return {f"/static/{n}": _page(_SHAPES[n % len(_SHAPES)], n) for n in range(number)}


def _page(shape: str, n: int) -> str:
    numbers = count(n * 100)
    links = "".join(f"<li><a href=/static/{(n + step) % 200}>Report of day {next(numbers)}</a>" for step in range(1, 9))
    body = shape.format(
        text=_TEXT.format(n=n) * (1 + n % 7),
        short=_TEXT.format(n=n),
        links=links,
        script=f"var configuration{n} = {list(range(400))};",
    )
    return f"<!doctype html><html lang=en><head><title>Page {n}</title></head><body>{body}</body></html>"
