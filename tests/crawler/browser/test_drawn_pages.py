"""A page drawn by scripts is archived as its browser shows it, and every byte went through the recorder."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from crawling.crawls import Run, events, source
from crawling.site import ETAG, Asked, Reply, Site, html, once_changed

from archive.values.capture import Capture
from crawler.policy.rows import Row
from crawler.policy.shared import BrowserLimits
from crawler.spiders.page import PageWalk
from extractor.html.page import Page

pytestmark = pytest.mark.system

SHELL = """<!doctype html><html lang=en><head><title>Loading</title></head><body><div id="root"></div>
<script type=module src=/app.js></script></body></html>"""
APP = """
const root = document.getElementById('root');
const items = await (await fetch('/items.json', {method: 'POST', body: JSON.stringify({page: 1})})).json();
document.title = 'The news of today';
for (const text of items) root.append(Object.assign(document.createElement('p'), {textContent: text}));
root.append(Object.assign(document.createElement('a'), {href: '/next', textContent: 'older news'}));
root.append(Object.assign(document.createElement('img'), {src: '/moved.png'}));
"""
ITEMS = [f"Paragraph {n} says at some length what was found on the moon of planet {n}." for n in range(5)]


def furnish(site: Site) -> None:
    site.routes |= {
        "/p": Reply(body=SHELL),
        "/app.js": Reply(body=APP, type="text/javascript"),
        "/items.json": Reply(body=json.dumps(ITEMS), type="application/json"),
        "/moved.png": Reply(302, headers=(("Location", "/picture.png"),)),
        "/picture.png": Reply(body=b"\x89PNG\r\n\x1a\n", type="image/png"),
        "/next": html(text="<p>An older page, which the server sends as it is read. " * 20),
    }


@pytest.mark.parametrize("mode", ["auto", pytest.param("browser", marks=pytest.mark.costly)])
def test_the_document_that_scripts_made_is_archived_beside_the_page(site: Site, run: Run, mode: str) -> None:
    furnish(site)

    outcome = run(source(f"{site.url}/p", fetch=mode))

    assert (outcome.outcome, outcome.pages, outcome.drawn) == ("done", 2, 0)
    assert (outcome.captures, outcome.unanswered) == (len(run.archive.kept) + len(run.archive.derived), 0)
    (document, context, capture), (picture, _, _) = run.archive.derived[:2]
    assert (picture.mime, picture.body[8:12]) == ("image/webp", b"WEBP")
    page = next(kept for _, _, kept in run.archive.kept if kept.url == f"{site.url}/p")
    assert (document.kind, document.url, capture.at) == ("conversion", page.url, page.at)
    assert document.original is not None
    assert document.original.record_id == page.record_id
    assert all(text in document.body.decode() for text in ITEMS)
    assert (picture.kind, picture.url) == ("resource", f"urn:view:{page.url}")
    ids = {context.page_id for exchange, context, _ in run.archive.kept if exchange.request.url != f"{site.url}/next"}
    assert ids == {context.page_id}, "all that the page fetched belongs to it"


def test_every_exchange_of_the_page_is_recorded_as_the_server_saw_it(site: Site, run: Run) -> None:
    furnish(site)

    run(source(f"{site.url}/p", walk="page", fetch="browser"))

    recorded = [
        (one.request.head + one.request.body, one.response.head) for one, _, _ in run.archive.kept if one.response
    ]
    assert {asked.path for asked in site.asked} >= {"/p", "/app.js", "/items.json", "/moved.png", "/picture.png"}
    assert site.times("/p") == 1, "the page itself is not fetched again"
    assert sorted(sent for sent, _ in recorded) == sorted(asked.received for asked in site.asked)
    sent = [bytes(asked.sent) for asked in site.asked]
    assert all(any(answer.startswith(head) for answer in sent) for _, head in recorded)
    assert site.last("/items.json").body == b'{"page":1}'
    assert all("Headless" not in asked.headers["user-agent"] for asked in site.asked)


@pytest.mark.parametrize("mode", ["auto", pytest.param("browser", marks=pytest.mark.costly)])
def test_an_unchanged_page_is_drawn_again_for_its_data_may_have_changed(site: Site, run: Run, mode: str) -> None:
    furnish(site)
    site.routes["/p"] = once_changed(Reply(body=SHELL, headers=ETAG))
    asked = source(f"{site.url}/p", walk="page", fetch=mode)
    run(asked)
    site.routes["/items.json"] = Reply(body='["What was added later."]', type="application/json")

    outcome = run(asked)

    assert (site.times("/p"), outcome.outcome) == (2, "done")
    assert run(asked).outcome == "unchanged"
    documents = [derived for derived, _, _ in run.archive.derived if derived.kind == "conversion"]
    assert [b"What was added later." in one.body for one in documents] == [False, True, True]
    page = [capture for _, _, capture in run.archive.kept if capture.url == f"{site.url}/p"][1]
    original = documents[1].original
    assert original is not None
    assert (page.kind, original.record_id) == ("not-modified", page.record_id)


def test_an_unchanged_page_is_drawn_again_in_the_charset_of_its_archived_head(site: Site, run: Run) -> None:
    text = "Größe žluťoučký — 日本"
    shell = f"<!doctype html><title>Über</title><div id=root></div><script>root.append('{text}')</script>"
    site.routes["/p"] = once_changed(Reply(body=shell, headers=ETAG, type="text/html; charset=utf-8"))
    asked = source(f"{site.url}/p", walk="page", fetch="auto")

    run(asked)
    run(asked)

    documents = [derived.body.decode() for derived, _, _ in run.archive.derived if derived.kind == "conversion"]
    assert [text in document for document in documents] == [True, True]


@pytest.mark.parametrize("mode", ["auto", pytest.param("browser", marks=pytest.mark.costly)])
@pytest.mark.parametrize("away", [True, False])
def test_an_unchanged_page_whose_archived_body_is_away_is_not_drawn(
    site: Site, run: Run, mode: str, away: bool
) -> None:
    furnish(site)
    site.routes["/p"] = once_changed(Reply(body=SHELL, headers=ETAG))
    asked = source(f"{site.url}/p", walk="page", fetch=mode)
    run(asked)
    drawn = len(run.archive.derived)

    def reread(_: Capture) -> None:
        if away:
            raise OSError("the store can't be read now")

    run.facts["reread"] = reread

    assert run(asked).outcome == "unchanged"
    assert (site.times("/p"), len(run.archive.derived)) == (2, drawn)


def test_a_drawn_page_that_cannot_be_read_is_a_failure(site: Site, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    furnish(site)

    def judge(walk: PageWalk, page: Page, row: Row) -> None:
        if b"Paragraph" in page.body:
            raise RuntimeError("a fault of a reader")

    monkeypatch.setattr(PageWalk, "judge", judge)

    outcome = run(source(f"{site.url}/p", walk="page", fetch="browser"))

    assert (outcome.outcome, outcome.failures) == ("partial", 1)


def test_auto_draws_no_unchanged_page_that_the_server_sends_as_it_is_read(site: Site, run: Run) -> None:
    site.routes["/p"] = once_changed(Reply(body="<p>All of it is here. " * 50, headers=ETAG))
    asked = source(f"{site.url}/p", walk="page", fetch="auto")

    run(asked)
    run(asked)

    assert (site.times("/p"), run.archive.derived) == (2, [])


def test_a_page_is_complete_without_a_moment_of_waiting(tmp_path: Path, site: Site, run: Run) -> None:
    """A page that does nothing for a moment, as on a slow machine, is not taken for complete."""
    furnish(site)
    chain = "let n = 0; const next = async () => { for (; n < 9; n++) root.append(await (await fetch('/n' + n)).text())"
    site.routes |= {f"/n{number}": Reply(body=f"answer {number}.") for number in range(9)}
    site.routes["/p"] = Reply(body=f"<title>t</title><div id=root></div><script>{chain} }}; next()</script>")
    run.facts["browser"] = BrowserLimits(quiet=0.0)

    run(source(f"{site.url}/p", walk="page", fetch="browser"))

    assert "".join(f"answer {number}." for number in range(9)) in run.archive.derived[0][0].body.decode()


def test_links_that_scripts_made_are_followed(site: Site, run: Run) -> None:
    furnish(site)

    run(source(f"{site.url}/p", fetch="auto"))

    assert site.times("/next") == 1


@pytest.mark.costly
def test_pages_are_fetched_no_faster_than_the_browser_draws_them(site: Site, run: Run) -> None:
    pages = [f"/p{number}" for number in range(12)]
    in_time: list[int] = []

    def noted(asked: Asked) -> Reply:
        in_time.append(sum(site.times(page) for page in pages))
        return Reply(body=b"\x89PNG\r\n\x1a\n", type="image/png")

    site.routes |= {page: Reply(body=f"<title>t</title><p>A page.<img src=/i{page[2:]}.png>") for page in pages}
    site.routes |= {f"/i{page[2:]}.png": noted for page in pages}
    seeds = [f"{site.url}{page}" for page in pages]

    outcome = run(source(*seeds, walk="page", fetch="browser", politeness={"concurrency": 2}))

    assert (outcome.outcome, outcome.pages) == ("done", 12)
    assert in_time[0] <= 1 + 2 + 2, "one is drawn, two wait, and two were on their way"


def test_auto_draws_only_pages_whose_text_scripts_make_and_says_why(site: Site, run: Run) -> None:
    furnish(site)

    run(source(f"{site.url}/p", fetch="auto"))

    drawn = [event for event in events(run) if event["event"] == "drawn"]
    assert [(event["url"], event["reason"]) for event in drawn] == [(f"{site.url}/p", 'the empty element "root"')]
    assert drawn[0]["requests"] == 5  # the script, its data, a redirect, its target, and the icon
    beside = ("", "urn:view:", "urn:thumbnail:", "urn:pageinfo:")
    assert [document.url for document, _, _ in run.archive.derived] == [f"{urn}{site.url}/p" for urn in beside]


def test_a_pattern_of_the_scope_decides_how_its_pages_are_fetched(site: Site, run: Run) -> None:
    script = "<div id=root></div><script>root.append('from the script of ' + location.pathname)</script>"
    paths = ["/app/1", "/shell/1", "/plain/1", "/raw/1.html"]
    text = "<p>A page whose own text is long enough to be read as it is. " * 20
    site.routes |= {path: Reply(body=f"<title>t</title>{'' if 'shell' in path else text}{script}") for path in paths}
    site.routes["/raw/1.html"] = Reply(body=f"<title>t</title>{script}")
    modes = {"/app/": "browser", r"re:/raw/\d+\.html$": "http"}

    run(source(*(f"{site.url}{path}" for path in paths), walk="page", fetch="auto", scope={"fetch": modes}))

    drawn = {event["url"]: event["reason"] for event in events(run) if event["event"] == "drawn"}
    assert drawn == {
        f"{site.url}/app/1": "scope.fetch '/app/': browser",
        f"{site.url}/shell/1": 'the empty element "root"',
    }


def test_text_in_shadow_roots_and_lazy_images_below_are_archived(site: Site, run: Run) -> None:
    script = """
    customElements.define('a-card', class extends HTMLElement { connectedCallback() {
      this.attachShadow({mode: 'open'}).innerHTML = '<h2>From the root</h2><slot></slot><p>Behind the slot</p>'; } });
    """
    site.routes["/p"] = Reply(
        body="<!doctype html><title>t</title><p>Enough text of the page itself to be read as a page.</p>"
        f"<a-card><b>Slotted</b></a-card><p style='height:9000px'>tall</p><img loading=lazy src=/below.png>"
        f"<script>{script}</script>"
    )
    site.routes["/below.png"] = Reply(body=b"\x89PNG\r\n\x1a\n", type="image/png")

    run(source(f"{site.url}/p", walk="page", fetch="browser"))

    document = run.archive.derived[0][0].body.decode()
    assert "<a-card><h2>From the root</h2><slot><b>Slotted</b></slot><p>Behind the slot</p></a-card>" in document
    assert site.times("/below.png") == 1


def test_text_in_closed_shadow_roots_is_archived(site: Site, run: Run) -> None:
    body = """<!doctype html><title>t</title><p>Enough text of the page itself.</p><a-card></a-card><script>
    customElements.define('a-card', class extends HTMLElement { connectedCallback() {
      this.attachShadow({mode: 'closed'}).innerHTML = '<p>Behind a closed root</p>'; } });</script>"""
    site.routes["/p"] = Reply(body=body)

    run(source(f"{site.url}/p", walk="page", fetch="browser"))

    assert "<a-card><p>Behind a closed root</p></a-card>" in run.archive.derived[0][0].body.decode()


def test_robots_txt_forbids_requests_of_the_page_too(site: Site, run: Run) -> None:
    furnish(site)
    site.routes["/robots.txt"] = Reply(body="User-agent: *\nDisallow: /items.json\n", type="text/plain")

    run(source(f"{site.url}/p", walk="page", fetch="browser", politeness={"robots": "obey"}))

    assert site.times("/app.js") == 1
    assert site.times("/items.json") == 0
    (drawn,) = [event for event in events(run) if event["event"] == "drawn"]
    assert any("robots.txt" in reason for reason in drawn["refused"])  # type: ignore[attr-defined]


def test_a_page_of_a_site_reaches_no_private_address(site: Site, run: Run) -> None:
    furnish(site)
    site.routes["/app.js"] = Reply(
        body="fetch('http://169.254.169.254/latest').catch(() => document.body.append('refused'))",
        type="text/javascript",
    )

    run(source(f"{site.url}/p", walk="page", fetch="browser"))

    document, _, _ = run.archive.derived[0]
    assert b"refused" in document.body
    (drawn,) = [event for event in events(run) if event["event"] == "drawn"]
    assert any(reason.startswith("forbidden: ") for reason in drawn["refused"])  # type: ignore[attr-defined]


def test_scripts_request_with_the_headers_and_cookies_of_the_source(site: Site, run: Run) -> None:
    furnish(site)
    site.routes["/p"] = Reply(body=SHELL, headers=(("Set-Cookie", "session=new; Path=/"),))

    run(
        source(
            f"{site.url}/p",
            walk="page",
            fetch="auto",
            cookies={"member": "1", "session": "old"},
            headers={"X-Key": "k"},
        )
    )

    for path in ("/app.js", "/items.json", "/picture.png"):
        sent = site.last(path).headers
        assert sent["x-key"] == "k"
        assert sorted(sent["cookie"].split("; ")) == ["member=1", "session=new"]


def test_hosts_that_the_source_does_not_name_get_no_header_and_no_cookie_of_it(site: Site, run: Run) -> None:
    furnish(site)
    other = site.url.replace("127.0.0.1", "localhost")
    framed = "<script>fetch('" + site.url + "/framed', {method: 'POST', mode: 'no-cors'})</script>"
    site.routes |= {"/frame": Reply(body=framed), "/framed": Reply()}
    site.routes["/p"] = Reply(body=f"{SHELL}<iframe src={other}/frame></iframe><img src={other}/other.png>")

    run(source(f"{site.url}/p", walk="page", fetch="browser", cookies={"member": "1"}, headers={"X-Key": "k"}))

    for path in ("/frame", "/framed", "/other.png"):
        assert not {"x-key", "cookie"} & set(site.last(path).headers)


def test_cookies_that_the_site_sets_are_sent_by_its_scripts(site: Site, run: Run) -> None:
    furnish(site)
    site.routes["/p"] = Reply(body=SHELL, headers=(("Set-Cookie", "session=1; Path=/"),))

    def items(asked: Asked) -> Reply:
        return Reply(body=json.dumps([asked.headers.get("cookie", "no cookie")]), type="application/json")

    site.routes["/items.json"] = items

    run(source(f"{site.url}/p", walk="page", fetch="browser"))

    assert b"session=1" in run.archive.derived[0][0].body
