"""Links and requisites as browsers see them."""

from __future__ import annotations

import html
import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from extractor.html.page import Page
from extractor.links.links import hrefs, links, requisites
from extractor.values.urls import Resolver, normalise, resolve

BASE = "https://e.org/a/b.html?q"


@pytest.mark.parametrize(
    ("reference", "expected"),
    [
        ("x", "https://e.org/a/x"),
        ("x y", "https://e.org/a/x%20y"),
        ("/x", "https://e.org/x"),
        ("/x/", "https://e.org/x/"),
        ("/x?y=1&z=2", "https://e.org/x?y=1&z=2"),
        ("?y", "https://e.org/a/b.html?y"),
        ("//h.org/x", "https://h.org/x"),
        ("///h.org/x", "https://h.org/x"),
        ("/x#y", "https://e.org/x"),
        ("x?y#z", "https://e.org/a/x?y"),
        ("../x", "https://e.org/x"),
        ("../../../x", "https://e.org/x"),
        ("./", "https://e.org/a/"),
        (".", "https://e.org/a/"),
        ("/a/../b/./c", "https://e.org/b/c"),
        ("/a/%2e%2E/b", "https://e.org/b"),
        ("/.hidden", "https://e.org/.hidden"),
        ("\\x", "https://e.org/x"),
        ("\\\\h.org\\x", "https://h.org/x"),
        ("/\\h.org/x", "https://h.org/x"),
        ("http:x", "http://x/"),
        ("https:x", "https://e.org/a/x"),
        ("https:/x", "https://e.org/x"),
        ("https:\\\\h.org", "https://h.org/"),
        ("HTTPS://E.ORG:443/x", "https://e.org/x"),
        ("http://e.org:80", "http://e.org/"),
        (" \n/x\t ", "https://e.org/x"),
        ("/a\n\tb", "https://e.org/ab"),
        ("/新闻?词=潮", "https://e.org/%E6%96%B0%E9%97%BB?%E8%AF%8D=%E6%BD%AE"),
        ("/x?a='b'", "https://e.org/x?a=%27b%27"),
        ("/x|y", "https://e.org/x|y"),
        ("/a//b", "https://e.org/a//b"),
        ("https://www.新闻.example/x", "https://www.xn--efvy88h.example/x"),
        ("http://0x7f.1/", "http://127.0.0.1/"),
        ("http://[::1]:8080/x", "http://[::1]:8080/x"),
        ("https://u:p@e.org/x", "https://u:p@e.org/x"),
        ("", None),
        ("   ", None),
        ("#top", None),
        ("mailto:a@e.org", None),
        ("javascript:void(0)", None),
        ("JavaScript:alert(1)", None),
        ("java\nscript:alert(1)", None),
        ("data:text/html,x", None),
        ("tel:+1", None),
        ("ftp://e.org/x", None),
        ("file:///etc/passwd", None),
        ("about:blank", None),
        ("http://", None),
        ("http://a b/", None),
        ("http://[", None),
        ("https://e.org:99999/", None),
        ("/" + "x" * 9000, None),
    ],
)
def test_a_reference_is_resolved_as_browsers_do(reference: str, expected: str | None) -> None:
    assert resolve(reference, BASE) == expected
    assert Resolver(BASE)(reference) == expected


REFERENCES = st.one_of(
    st.text(alphabet="/?#.:\\ab%2eE@[]|'\" \t\n~é-_=&;+", max_size=30),
    st.text(max_size=30),
    st.sampled_from(["//", "/a", "..", "https:", "http://h", "?a"]).flatmap(
        lambda x: st.text(max_size=9).map(x.__add__)
    ),
)


@given(REFERENCES)
def test_the_fast_resolver_gives_the_same_result_as_the_full_one(reference: str) -> None:
    assert Resolver(BASE)(reference) == resolve(reference, BASE)


@given(
    st.lists(
        REFERENCES
        | st.sampled_from(["/a/b.html", "https://e.org/c?d", "https://e.org", "/x\n/y", "\n", "/" + "x" * 9000])
    )
)
@example(["/" + "x" * 9000, "/a"])
@example(["/a\n/b", "/c"])
def test_all_references_of_a_page_are_resolved_as_each_is(references: list[str]) -> None:
    assert Resolver(BASE).all(references) == [resolve(reference, BASE) for reference in references]


@given(REFERENCES)
def test_a_resolved_url_stays_unchanged(reference: str) -> None:
    url = resolve(reference, BASE)

    assert url is None or (normalise(url) == url and resolve(url, "http://other.example/") == url)


def test_the_links_of_a_page_are_listed_once_and_in_order() -> None:
    body = b"""<a href="/2">two</a> <a href='/1?a=1&amp;b=2'>one</a> <a href=/2#part>two</a> <a name=x>none</a>
        <map><area href="/3"></map> <frame src=/not-in-a-frameset> <!-- <a href="/no"> -->
        <script>document.write('<a href="/no">')</script> <a href="mailto:a@b.c">m</a> <a href="../4">four</a>"""

    assert hrefs(body, "https://e.org/x/y/") == [
        "https://e.org/2",
        "https://e.org/1?a=1&b=2",
        "https://e.org/x/4",
        "https://e.org/3",
    ]


def test_frames_and_refreshes_are_links() -> None:
    frames = b'<frameset><frame src="menu.htm"><frame src="main.htm"></frameset>'
    refresh = b"<meta http-equiv=Refresh content=\"3; URL='/new'\">"

    assert hrefs(frames, "http://e.org/") == ["http://e.org/menu.htm", "http://e.org/main.htm"]
    assert hrefs(refresh, "http://e.org/") == ["http://e.org/new"]


@pytest.mark.parametrize(
    ("base", "expected"),
    [
        ('<base href="/c/">', "https://e.org/c/x"),
        ('<base href="https://h.org/">', "https://h.org/x"),
        ("<base target=_blank>", "https://e.org/a/x"),
        ('<base href="javascript:x">', "https://e.org/a/x"),
        ('<base href="/c/"><base href="/d/">', "https://e.org/c/x"),
    ],
)
def test_the_base_element_counts(base: str, expected: str) -> None:
    assert hrefs(f"{base}<a href=x>x</a>".encode(), BASE) == [expected]


def test_a_query_is_sent_in_the_encoding_of_the_page_and_a_path_in_utf8() -> None:
    body = '<meta charset="gbk"><a href="/新闻?词=潮">潮位数据统一发布</a>'.encode("gbk")

    assert hrefs(body, "https://e.org/") == ["https://e.org/%E6%96%B0%E9%97%BB?%B4%CA=%B3%B1"]


NEEDED = """s.css i.ico f.woff2 p1.png t.css bg.png s.js old.gif st.png a.png a1.png a2.png a,3.png lazy.png p.webp
v.mp4 v.jpg v.vtt a.mp3 frame.html o.svg e.svg b.gif"""


def test_the_requisites_of_a_page_are_listed() -> None:
    body = b"""<html><head>
        <link rel=stylesheet href=/s.css><link rel="shortcut icon" href=/i.ico><link rel=alternate href=/feed>
        <link rel=preload as=font href=/f.woff2 imagesrcset="/p1.png 1x">
        <style>@import "/t.css"; body { background: url( '/bg.png' ) }</style><script src=/s.js></script></head>
        <body background=/old.gif style="background-image:url(&quot;/st.png&quot;)">
        <img src=/a.png srcset="/a1.png 1x, /a2.png 2x,/a,3.png 800w">
        <img data-src=/lazy.png src="data:image/gif;base64,R0">
        <picture><source srcset="/p.webp 100w"></picture><video poster=/v.jpg src=/v.mp4><track src=/v.vtt></video>
        <audio src=/a.mp3></audio><iframe src=/frame.html></iframe><object data=/o.svg></object><embed src=/e.svg>
        <input type=image src=/b.gif><a href=/no>x</a></body></html>"""

    assert requisites(body, "https://e.org/") == [f"https://e.org/{name}" for name in re.split(r"\s+", NEEDED)]


def test_requisites_include_those_of_drawings_and_inner_documents() -> None:
    body = b"""<base href=/b/><svg><use href="sprite.svg#x"/><use xlink:href="old.svg#y"/><use href="#here"/>
        <image href=a.png /><image xlink:href=b.png /></svg>
        <iframe srcdoc="&lt;img src=in.png&gt;&lt;style&gt;p{background:url(bg.png)}&lt;/style&gt;"></iframe>"""

    names = ("sprite.svg", "old.svg", "a.png", "b.png", "in.png", "bg.png")
    assert requisites(body, "https://e.org/") == [f"https://e.org/b/{name}" for name in names]


def test_inner_documents_are_read_to_a_limited_depth() -> None:
    inner = "<img src=deep.png>"
    for _ in range(6):
        inner = f'<img src=x.png><iframe srcdoc="{html.escape(inner)}"></iframe>'

    assert requisites(inner.encode(), "https://e.org/") == ["https://e.org/x.png"]


def test_links_have_the_next_page_and_the_canonical_one() -> None:
    body = b'<link rel=canonical href=/c><link rel="NEXT" href="?page=2"><a href=/x>x</a><img src=i.png>'

    found = links(Page("https://e.org/list", body))

    assert (found.canonical, found.next) == ("https://e.org/c", "https://e.org/list?page=2")
    assert (found.pages, found.requisites) == (("https://e.org/x",), ("https://e.org/i.png",))


@given(st.binary(max_size=2000))
def test_any_bytes_are_accepted(body: bytes) -> None:
    for url in hrefs(body, BASE) + requisites(body, BASE):
        assert url.startswith(("http://", "https://"))
