from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pressmark.http.stage.scenes import INSIDE, Scene, Scenes, addresses_in, origin_of, within
from pressmark.http.stage.seals import LASTS
from pressmark.replay.scripted_html import rewrite_acting

PAGE = "https://example.org/news/1"
HOME = "http://127.0.0.1:8600"
SCENE = Scene("https://example.org", "20260131120000", "all", HOME)
NOW = datetime(2026, 11, 24, tzinfo=UTC)


def rewritten(html: str, encoding: str = "utf-8") -> str:
    return rewrite_acting(html, PAGE, encoding, addresses_in(SCENE), {"src": "/first.js", "data-at": '"<1>'})


def body(html: str) -> str:
    return rewritten(f"<body>{html}").partition("<body>")[2].partition("</body>")[0]


@pytest.mark.parametrize(
    ("html", "becomes"),
    [
        ('<a href="2">x</a>', None),
        ('<a href="/2?q#end" onclick="go()">x</a>', None),
        ("<script>let a = '<b>' && 1</script>", None),
        ('<a href="javascript:go()">x</a>', None),
        ('<a href="https://example.org/2#end">x</a>', '<a href="/2#end">x</a>'),
        ('<a href="https://example.org//other.org/">x</a>', '<a href="/_pressmark/of/mp_/https://example.org//other.org/">x</a>'),
        ('<a href="//other.org/?q=1" target="_top" ping="/p">x</a>', '<a href="/_pressmark/of/mp_/https://other.org/?q=1">x</a>'),
        ('<img src="http://cdn.org/a.png">', '<img src="/_pressmark/of/im_/http://cdn.org/a.png">'),
        ('<script src="//cdn.org/a.js" integrity="x"></script>', '<script src="/_pressmark/of/js_/https://cdn.org/a.js"></script>'),
        ('<iframe src="https://other.org/f"></iframe>', '<iframe src="/_pressmark/of/if_/https://other.org/f"></iframe>'),
        ('<a href="mailto:a@b">x</a>', "<a>x</a>"),
        ('<script type="speculationrules">{}</script>', ""),
    ],
)  # fmt: skip
def test_only_references_that_lead_elsewhere_are_changed(html: str, becomes: str | None) -> None:
    assert body(html) == (html if becomes is None else becomes)


def test_our_script_comes_first_whatever_the_page_begins_with() -> None:
    for html in (
        "<p>x</p>",
        "<!-- <head> --><head><script>x</script></head>",
        "",
        "<frameset><frame src=a></frameset>",
    ):
        head = rewritten(html).partition("<head>")[2]
        after = rewritten(html).rpartition("<head><script src=")[2]
        assert "/first.js" in (head[:60] if "<!--" not in html else after[:60]), html


def test_hints_orders_and_a_foreign_base_are_led_or_left_out() -> None:
    found = rewritten(
        '<meta http-equiv="refresh" content="0; url=https://live.example/"><link rel="preconnect" href="https://live.example/">'
        '<base href="https://cdn.org/dir/"><img src="a.png"><a href="/b">x</a>'
    )

    assert "live.example" not in found
    assert '<img src="/_pressmark/of/im_/https://cdn.org/dir/a.png">' in found
    assert '<a href="/_pressmark/of/mp_/https://cdn.org/b">' in found


def test_a_query_in_another_encoding_is_percent_encoded() -> None:
    assert 'href="/news/1?q=%C1%BF"' in rewritten('<a href="?q=量">x</a>', "gb18030")
    assert 'href="?q=量"' in rewritten('<a href="?q=量">x</a>')


@given(st.sampled_from(["src", "href", "srcset", "poster"]), st.text("ahtps:/.?#%@\\ é", max_size=20))
def test_no_reference_of_a_picture_leads_to_another_host(name: str, value: str) -> None:
    from selectolax.lexbor import LexborHTMLParser

    tree = LexborHTMLParser("<img>")
    node = tree.css_first("img")
    assert node is not None
    node.attrs[name] = value
    after = LexborHTMLParser(rewritten(tree.html or "")).css_first("img")
    assert after is not None
    found = (dict(after.attrs).get(name) or "").strip()

    assert not found.lower().startswith(("http:", "https:", "//", "\\\\", "/\\", "\\/"))


def scenes(now: datetime = NOW, token: str | None = "token") -> Scenes:
    return Scenes(token, "http://*.scenes.localhost:8601", now=lambda: now)


def test_an_address_of_a_scene_is_valid_at_its_host_until_it_expires() -> None:
    address = scenes().address(SCENE, PAGE)
    host, written = address.split("/")[2], address.split("/")[5].partition("?")[0]

    assert address.endswith("?to=%2Fnews%2F1")
    assert len(host.partition(".")[0]) <= 63
    assert scenes().read(written, host) == SCENE
    assert scenes().read(written, "bar.scenes.localhost:8601", bar=True) == SCENE
    for other in (host.replace("s", "t", 1), "bar.scenes.localhost:8601", "localhost:8601", host.partition(".")[0], ""):
        assert scenes().read(written, other) is None, other
    assert scenes().read(written, host, bar=True) is None
    assert scenes(NOW + LASTS + timedelta(seconds=1)).read(written, host) is None
    assert scenes(token="other").read(written, host) is None


def test_each_origin_moment_and_collection_has_its_own_host() -> None:
    others = [
        Scene("http://example.org", "20260131120000", "all", HOME),
        Scene("https://example.org", "20260131120001", "all", HOME),
        Scene("https://example.org", "20260131120000", "web", HOME),
    ]

    assert len({scenes().label(scene) for scene in (SCENE, *others)}) == 4
    assert scenes().owns("BAR.scenes.localhost:1") and not scenes().owns("scenes.localhost.evil.example")


def test_a_url_is_the_same_in_its_scene_as_in_its_origin() -> None:
    assert (origin_of("https://a.org:8/b?c=/d"), within("https://a.org:8/b?c=/d")) == ("https://a.org:8", "/b?c=/d")
    assert addresses_in(SCENE)("https://example.org/x", "mp_") == "/x"
    assert addresses_in(SCENE)("http://example.org/x", "im_") == f"{INSIDE}/of/im_/http://example.org/x"


MAP = """{"imports": {"kit": "https://cdn.org/kit.js", "kit/": "//cdn.org/kit/", "own": "./own.js", "bad": 3,
"same": "https://example.org/same.js", "https://example.org/old.js": "/new<.js"}, "integrity": {"a": "b"},
"scopes": {"https://cdn.org/a/": {"x": "/x.js"}, "/b/": {"x": "http://cdn.org/x.js"}, "/c/": 3}}"""
ABSOLUTE = {
    "http://": f"{INSIDE}/of/js_/http://",
    "https://": f"{INSIDE}/of/js_/https://",
    "/": "/",
    "https://example.org/": "/",
}


def test_an_import_map_leads_into_the_archive_with_absolute_addresses() -> None:
    page = rewritten(f"<script type=importmap>{MAP}</script><script type=importmap>{{</script>")
    first, second = re.findall('<script type="importmap">(.*?)</script>', page, re.DOTALL)

    assert json.loads(first) == {
        "imports": ABSOLUTE
        | {
            "kit": f"{INSIDE}/of/js_/https://cdn.org/kit.js",
            "kit/": f"{INSIDE}/of/js_/https://cdn.org/kit/",
            "own": "./own.js",
            "bad": None,
            "same": "/same.js",
            "https://example.org/old.js": "/new<.js",
            "/old.js": "/new<.js",
        },
        "scopes": {
            f"{INSIDE}/of/js_/https://cdn.org/a/": {"x": "/x.js"},
            "/b/": {"x": f"{INSIDE}/of/js_/http://cdn.org/x.js"},
        },
    }
    assert ("<" in first, second) == (False, "{")


@pytest.mark.parametrize(("html", "maps"), [("<script type=module>x</script>", 1), ("<script>import('/a')</script>", 1),
    ("<script>x</script>", 0), ("<p>x", 0)])  # fmt: skip
def test_a_page_with_modules_and_without_an_import_map_gets_one_before_its_scripts(html: str, maps: int) -> None:
    page = rewritten(html)
    found = re.findall('<script type="importmap">(.*?)</script>', page)

    assert [json.loads(one) for one in found] == [{"imports": ABSOLUTE}] * maps
    assert page.rfind("<script") > page.find("importmap")
