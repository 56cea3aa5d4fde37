"""Pages whose content scripts create, and other pages."""

from __future__ import annotations

from pathlib import Path
from time import process_time

import pytest

from extractor.html.page import Page
from extractor.links.script_shell import is_shell
from extractor.links.verdict import of_page
from extractor.reading import extract

SCRIPT = '<script type="module" src="/assets/index-4f5b.js"></script>'
HEAD = f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>The Harbour</title>{SCRIPT}</head>'
NOTICE = "<noscript>You need to enable JavaScript to run this app.</noscript>"
NAV = "<nav><a href=/a>Home</a> <a href=/b>News</a> <a href=/c>About us</a></nav>"


def page(body: str) -> Page:
    return Page("https://e.org/", f"{HEAD}<body>{body}</body></html>".encode(), "text/html; charset=utf-8")


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (f"{NOTICE}<div id=root></div>", 'the empty element "root"'),
        ('<div id="app"><!-- --></div>', 'the empty element "app"'),
        ('<div id="__next"></div><script id="__NEXT_DATA__" type="application/json">{}</script>', 'element "__next"'),
        ("<app-root>Loading...</app-root>", 'the empty element "app-root"'),
        (f"{NAV}<div id=root></div><footer>© The Harbour</footer>", 'the empty element "root"'),
        (f"<strong>Sorry</strong>{NOTICE}<div class=shell></div>", "You need to enable JavaScript"),
        ("<noscript><strong>We're sorry but this doesn't work properly without JavaScript enabled.</strong></noscript>",
         "without JavaScript enabled"),
        ("<noscript>请启用 JavaScript 以继续使用本网站。</noscript><div></div>", "请启用 JavaScript"),
        ("<div class=loader></div><script>window.__INITIAL_STATE__={}</script>", 'the mark "__initial_state__"'),
        ("<div class=shell></div><script>draw()</script>", "an empty body beside scripts"),
    ],
)  # fmt: skip
def test_a_shell_for_scripts_is_recognized(body: str, why: str) -> None:
    found = is_shell(page(body))
    verdict = of_page(page(body))

    assert found is not None
    assert why in found
    assert verdict is not None
    assert (verdict.kind, verdict.is_page) == ("drawn-by-scripts", True)


@pytest.mark.parametrize(
    "body",
    [
        "<h1>Closed</h1><p>We are closed in August.</p>",
        "<p>Mail: <noscript>enable JavaScript to see the address</noscript></p>" + "<p>The shop is open daily.</p>" * 4,
        "<h1>Menu of the day</h1><div id=app><p>Soup, and fish from the harbour.</p></div>",
        "<main>We are closed in August, and open again from the first of September.</main><div id=app></div>",
        "<img src=/poster.jpg>",
        "<iframe src=/map></iframe>",
        f"{NAV}<p>Hello</p><noscript><img src=//stats.example/pixel></noscript>",
        "<form><input name=q></form>",
        "<pre>one\ntwo</pre>",
        "<table><tr><td>1</td><td>2</td></tr></table>",
        "<noscript>" + "<p>All of the article, for those who have no JavaScript enabled. </p>" * 8 + "</noscript>",
        '<div id="root"></div>' + "A text that stands beside an element that happens to be called so. " * 6,
        '<script type="application/ld+json">{"articleBody":"All of it."}</script><div id=root></div>',
        "",
    ],
)
def test_a_small_static_page_is_not_a_shell(body: str) -> None:
    if body:
        assert is_shell(page(body)) is None
    assert is_shell(Page("https://e.org/", f"<title>A</title>{body}".encode(), "text/html")) is None


CASES = [
    path
    for name in ("cases", "forums/cases", "forums/boards")
    for path in sorted((Path(__file__).parents[1] / name).rglob("page.html"))
]


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.parent.name)
def test_no_saved_page_counts_as_a_shell(path: Path) -> None:
    drawn = path.parent.name == "empty_body"

    assert (is_shell(Page("https://e.org/", path.read_bytes(), "text/html")) is not None) == drawn


def test_the_check_costs_little_compared_with_reading_the_page() -> None:
    bodies = [path.read_bytes() for path in CASES[:20]]

    def seconds(work: object, times: int) -> float:
        assert callable(work)
        began = process_time()
        for _ in range(times):
            for body in bodies:
                work(Page("https://e.org/", body, "text/html"))
        return (process_time() - began) / times

    extract(Page("https://e.org/", bodies[0], "text/html"))  # one-time loading is not counted
    assert seconds(is_shell, 10) < seconds(extract, 2) / 50
