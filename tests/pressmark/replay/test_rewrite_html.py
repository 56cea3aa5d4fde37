from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pressmark.http.stage.addresses import Modifier
from pressmark.replay.html import rewrite_html
from pressmark.replay.svg import rewrite_svg

PAGE = "https://example.org/news/1"
CASES = Path(__file__).parents[2] / "extractor" / "cases"


def address(url: str, wanted: Modifier) -> str:
    return f"/at/{wanted}/{url}"


def rewritten(html: str, encoding: str = "utf-8") -> str:
    return rewrite_html(html, PAGE, encoding, address)


def body(html: str) -> str:
    return rewritten(html).partition("<body>")[2].partition("</body>")[0]


@pytest.mark.parametrize(
    ("html", "becomes"),
    [
        ('<a href="2">x</a>', '<a href="/at/mp_/https://example.org/news/2">x</a>'),
        ('<a href="//other.org/?q=1#end">x</a>', '<a href="/at/mp_/https://other.org/?q=1#end">x</a>'),
        ('<a href="#end">x</a>', '<a href="#end">x</a>'),
        ('<a href="https://example.org/news/1#end">x</a>', '<a href="#end">x</a>'),
        ('<img src="a.png" onerror="x()">', '<img src="/at/im_/https://example.org/news/a.png">'),
        ('<img src="data:image/gif;base64,AA">', '<img src="data:image/gif;base64,AA">'),
        (
            '<img srcset="a.png 1x, /b.png 2x">',
            '<img srcset="/at/im_/https://example.org/news/a.png 1x, /at/im_/https://example.org/b.png 2x">',
        ),
        (
            '<img src="data:," data-src="a.png">',
            '<img src="/at/im_/https://example.org/news/a.png" data-src="a.png">',
        ),
        ('<iframe src="/f"></iframe>', '<iframe src="/at/if_/https://example.org/f"></iframe>'),
        (
            '<p style="background: url(x.png)">y</p>',
            '<p style="background: url(&quot;/at/im_/https://example.org/news/x.png&quot;)">y</p>',
        ),
        ('<form action="/send" method="post"><button formaction="/x">s</button></form>', None),
        ('<svg><a xlink:href="/s">t</a></svg>', '<svg><a href="/at/mp_/https://example.org/s">t</a></svg>'),
        ('<svg><use href="#i"></use></svg>', '<svg><use href="#i"></use></svg>'),
    ],
)
def test_references_lead_into_the_archive(html: str, becomes: str | None) -> None:
    found = body(html)

    if becomes is None:
        assert found == '<form method="post"><button>s</button></form>'
    else:
        assert found == becomes


@pytest.mark.parametrize(
    "scheme", ["javascript:alert(1)", " JaVaScript:x", "data:text/html,x", "file:///etc/x", "mailto:a@b"]
)
def test_other_schemes_lead_nowhere(scheme: str) -> None:
    assert body(f'<a href="{scheme}">x</a>') == "<a>x</a>"
    assert body(f'<iframe src="{scheme}"></iframe>') == "<iframe></iframe>"
    assert body(f'<svg><a href="/fine" xlink:href="{scheme}">x</a></svg>').count(":") <= 1


@pytest.mark.parametrize(
    "html",
    [
        "<script>x</script>",
        "<svg><script><g/><script>x</script></script></svg>",
        "<applet><script>x</script></applet>",
        '<meta http-equiv="refresh" content="0; url=https://live.example/">',
        '<meta http-equiv="Content-Security-Policy" content="x">',
        '<base href="https://live.example/">',
        '<link rel="preconnect" href="https://live.example/">',
        '<link rel="dns-prefetch" href="//live.example/">',
        '<a ping="https://live.example/" target="_top">x</a>',
        '<template shadowrootmode="open"><a href="https://live.example/">x</a></template>',
        '<svg><a href="/x"><set attributeName="href" to="https://live.example/"/></a></svg>',
        '<svg><a href="/x"><animate attributeName="xlink:href" values="https://live.example/"/></a></svg>',
    ],
)
def test_elements_that_run_move_or_connect_are_left_out(html: str) -> None:
    found = rewritten(html)

    assert "script" not in found
    assert "live.example" not in found.replace("/at/mp_/https://live.example", "")
    assert "_top" not in found and "http-equiv" not in found


@pytest.mark.parametrize("case", ["react_18_streamed", "react_19_streamed"])
def test_a_page_that_scripts_assemble_is_complete_without_its_scripts(case: str) -> None:
    shown = rewritten((CASES / case / "page.html").read_text(encoding="utf-8"))

    assert "hidden" not in shown
    assert "loading" not in shown
    assert (
        shown.index("needs no pump") < shown.index("sinks again") < shown.index("Regulators") < shown.index("paid for")
    )


def test_a_mail_address_that_a_script_would_write_is_written() -> None:
    link = '<a href="/cdn-cgi/l/email-protection" data-cfemail="224a4b62430c47">[email protected]</a>'

    assert "hi@a.e" in rewritten(link)


def test_a_base_is_applied_and_removed() -> None:
    found = rewritten('<base href="https://other.org/a/"><a href="b">x</a>')

    assert 'href="/at/mp_/https://other.org/a/b"' in found
    assert "<base" not in found


def test_a_query_is_encoded_like_its_page() -> None:
    assert "?q=%C1%BF%D7%D3" in rewritten('<a href="?q=量子">x</a>', "gb18030")


def test_pages_in_frames_are_rewritten_up_to_a_depth() -> None:
    inner = "<img src=/deep.png>"
    for _ in range(6):
        inner = f"<iframe srcdoc='{inner.replace('&', '&amp;').replace(chr(39), '&#39;')}'></iframe>"
    found = rewritten(inner)

    assert "deep.png" not in found
    assert "/at/im_/https://example.org/a.png" in rewritten("<iframe srcdoc='<img src=/a.png>'></iframe>")


PIECES = (
    """
<svg>|</svg>|<math>|<a|<img|<style>|</style>|<script>|</script>|<template>|<iframe|<link|<meta|<base|<p|<title>|<table>
href=https://live.example/|xlink:href=javascript:x|src=//live.example/x|srcset='//live.example/x 1x'|onload=x|<select>
srcdoc='<script>x</script>'|style='a:url(//live.example)'|http-equiv=refresh|<!--|-->|>|'|"|<![CDATA[|]]>|<noscript>
</noscript>|<textarea>|<form action=//live.example>|<object data=//live.example>|<annotation-xml encoding=text/html>
""".replace("\n", "|")
    .strip("|")
    .split("|")
)


@given(st.lists(st.sampled_from(PIECES), max_size=25))
@example(["<svg>", "<style>", "<![CDATA[", "<script>"])
@example(["<math>", "<style>", "<![CDATA[", "<script>"])
@example(["<svg>", *["<g>"] * 100, "<style>", "<![CDATA[", "<script>"])
def test_no_combination_of_elements_leaves_anything_live(parts: list[str]) -> None:
    """Parsed again, as a browser does it, no element of the result runs or refers to the live web."""
    from selectolax.lexbor import LexborHTMLParser

    tree = LexborHTMLParser(rewritten(" ".join(parts)))
    for node in tree.root.traverse() if tree.root else []:
        if not node.is_element_node:
            continue
        assert node.tag not in {"script", "base", "template"}
        for name, value in node.attrs.items():
            assert not name.startswith("on")
            if name in {"href", "src", "data", "xlink:href", "action", "srcset"}:
                assert not re.match(r"\s*(?:https?:)?//|\s*javascript:", value or ""), (name, value)


def test_a_drawing_keeps_its_shapes_and_loses_its_scripts() -> None:
    drawing = (
        b'<?xml version="1.0"?><!DOCTYPE svg [<!ENTITY e SYSTEM "file:///etc/hostname">]>'
        b'<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" onload="x()">'
        b'<script>x()</script><a xlink:href="javascript:x()"><rect fill="url(#g)" width="1"/></a>&e;'
        b'<image xlink:href="https://live.example/a.png"/>'
        b"<style>rect { fill: url(https://live.example/p.svg) }</style></svg>"
    )
    found = (rewrite_svg(drawing, PAGE, address) or b"").decode()

    assert "<rect" in found and 'url("#g")' in found.replace("&quot;", '"')
    assert "script" not in found and "onload" not in found and "&e;" not in found
    assert "/at/im_/https://live.example/a.png" in found
    assert "url(&quot;/at/im_/https://live.example/p.svg" in found or 'url("/at/im_/https://live.example/p.svg' in found
    assert rewrite_svg(b"no xml", PAGE, address) is None
