"""Of the emoji that a style sheet names by the thousand, a static crawl fetches those that its pages use."""

from __future__ import annotations

import shutil
from collections import Counter
from pathlib import Path

import pytest
from crawling.crawls import Run, archiving, remembering, source
from crawling.site import Asked, Reply, Site

from crawler.policy.order import Outcome
from crawler.spiders.style_uses import StyleUses
from extractor.html.page import Page

COUNT = 2_000
PNG = Reply(body=b"\x89PNG\r\n\x1a\n", type="image/png")
SHEET = "\n".join(
    [
        "@import url(more.css); @font-face { font-family: f; src: url(f.woff2) }",
        "body { background: url(body.png) } .never { cursor: url(hand.cur), auto }",
        ".never, p { background: url(p.png) }",
        *(f".emoji.e-{n}::before {{ content: ''; background: url('e/{n}.png') }}" for n in range(COUNT)),
        "@media (min-width: 1px) { #only-here > .x { background-image: url(media.png) } }",
        ".md\\:icon { background: url(escaped.png) } .never:not(.e-1) { background: url(never.png) }",
    ]
)
ALWAYS = {"/more.css", "/f.woff2", "/body.png", "/hand.cur", "/p.png"}


def page(*names: int, more: str = "") -> Reply:
    shown = "".join(f'<i class="emoji e-{name}">x</i>' for name in names)
    return Reply(body=f"<!doctype html><title>t</title><link rel=stylesheet href=/s.css><p>Text. {shown}{more}</p>")


def furnish(site: Site) -> None:
    script = "<script src=/a.js></script><script>document.body.firstChild.className = 'emoji e-41'</script>"
    site.routes |= {
        "/": page(1, 2, more='<a href="/later">later</a>'),
        "/later": page(
            3, more=f'<b class="md:icon">m</b><a id=only-here><u class=x>u</u></a>{script}<a href=/last>l</a>'
        ),
        "/last": page(1, 1_999),
        "/s.css": Reply(body=SHEET, type="text/css", headers=(("ETag", '"s"'),)),
        "/a.js": Reply(body="const all = ['emoji', 'e-42']; add(all)", type="text/javascript"),
    }
    site.otherwise = lambda asked: PNG if asked.path.endswith((".png", ".cur", ".woff2")) else Reply(404)


def images(site: Site) -> set[str]:
    return {path for path in site.paths if path.endswith((".png", ".cur", ".woff2", ".css"))} - {"/s.css"}


def emoji(*names: int) -> set[str]:
    return {f"/e/{name}.png" for name in names}


def crawl(run: Run, site: Site, **facts: object) -> Outcome:
    return run(source(f"{site.url}/", walk="site", keep={"requisites": True}, **facts))


def test_only_what_pages_use_is_fetched_and_what_is_left_out_is_counted(site: Site, run: Run) -> None:
    furnish(site)

    outcome = crawl(run, site)

    used = emoji(1, 2, 3, 41, 42, 1_999) | {"/media.png", "/escaped.png"}
    assert images(site) == ALWAYS | used
    assert outcome.dropped["unused-image"] == COUNT - 6 + 1


def test_a_sheet_with_few_images_is_archived_with_all_of_them(site: Site, run: Run) -> None:
    furnish(site)
    site.routes["/s.css"] = Reply(body="".join(SHEET.splitlines(keepends=True)[:152]), type="text/css")

    outcome = crawl(run, site)

    assert emoji(*range(148)) <= images(site)
    assert "unused-image" not in outcome.dropped


@pytest.mark.parametrize("changed", [False, True])
def test_a_later_run_fetches_what_a_new_page_uses_of_a_sheet(tmp_path: Path, site: Site, changed: bool) -> None:
    furnish(site)
    with remembering(tmp_path) as run:
        crawl(run, site)
        site.asked.clear()
        site.routes["/last"] = page(7)
        whole = Reply(body=SHEET + ("/* new */" if changed else ""), type="text/css")

        def answer(asked: Asked) -> Reply:
            return whole if changed or "if-none-match" not in asked.headers else Reply(304)

        site.routes["/s.css"] = answer
        crawl(run, site)

    assert emoji(7) <= images(site)
    assert ("/body.png" in images(site)) == changed
    assert (emoji(8) <= images(site)) == changed, "pages that were not read may use any image of a changed sheet"


def test_names_that_scripts_make_of_parts_count_up_to_a_bound(site: Site, run: Run) -> None:
    furnish(site)
    site.routes["/a.js"] = Reply(body="for (const n of all) add('emoji e-' + n)", type="text/javascript")

    crawl(run, site)

    assert 500 <= len(images(site) & emoji(*range(COUNT))) <= 510


def test_an_image_that_another_sheet_or_page_uses_waits_no_more(site: Site, run: Run) -> None:
    furnish(site)
    more = "<link rel=stylesheet href=/other.css><link rel=stylesheet href=/second.css><img src=/e/9.png>"
    site.routes["/last"] = page(1, more=f"<em class=own>x</em>{more}")
    site.routes["/other.css"] = Reply(body="em { background: url(e/8.png) }", type="text/css")
    second = SHEET.replace(".e-10::", ".own::").replace(".emoji.e-11::", "i::")
    site.routes["/second.css"] = Reply(body=second, type="text/css")

    outcome = crawl(run, site)

    used = emoji(1, 2, 3, 41, 42, 8, 9, 10, 11)
    assert images(site) & emoji(*range(COUNT)) == used
    assert outcome.dropped["unused-image"] == COUNT - len(used) + 1


def test_a_resumed_run_leaves_nothing_out(tmp_path: Path) -> None:
    tally: Counter[str] = Counter()
    first = StyleUses(tmp_path / "run.db", tally, resumed=False)
    sheet = Page("https://e.org/s.css", SHEET.encode(), "text/css")
    urls = [f"https://e.org/e/{name}.png" for name in range(COUNT)]
    first.note(sheet.url, had=False)
    assert first.of_sheet(sheet, urls) == []
    assert tally["dropped:unused-image"] == COUNT + 3

    again = StyleUses(tmp_path / "run.db", tally, resumed=True)

    assert set(urls) < set(again.restored())
    assert tally["dropped:unused-image"] == 0
    again.note(sheet.url, had=False)
    assert again.of_sheet(sheet, urls) == urls


@pytest.mark.system
@pytest.mark.costly
@pytest.mark.skipif(shutil.which("chromium") is None, reason="chromium is not installed")
def test_whatever_a_browser_requests_for_the_pages_a_static_crawl_fetches(tmp_path: Path, site: Site) -> None:
    furnish(site)
    seen = []
    pages = [f"{site.url}{path}" for path in ("/", "/later", "/last")]
    asked = source(*pages, walk="page", fetch="browser"), source(*pages, walk="page", keep={"requisites": True})
    for number, one in enumerate(asked):
        (tmp_path / str(number)).mkdir()
        with archiving() as archive:
            Run(tmp_path / str(number), archive)(one)
        seen.append(images(site))
        site.asked.clear()

    browser, static = seen
    assert len(browser & emoji(*range(COUNT))) >= 4
    assert browser <= static
