"""Pages that scripts fill are archived by a real run, and shown with their scripts from the archive alone."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest
from browser.conftest import TOKEN, session_of
from conftest import FORM, figure
from crawling.site import Asked, Reply, Site
from crawling.site import serving as serving_site
from journeys.household import QUICK, Household, Served, gazette
from playwright.sync_api import Page
from script_pages.build import NotBuilt, built
from script_pages.pages import APPLICATIONS, EACH, PAGES, furnish

pytestmark = [
    pytest.mark.system,
    pytest.mark.slow,
    pytest.mark.skipif(FORM == "sample", reason="a minute of Chromium: make test-faults"),
]

_SETTLES = 15_000
"""Milliseconds after which a text that is not shown counts as missing."""
SMALL = """<!doctype html><title>t</title><div id=root></div><a-card></a-card><script type=module>
const { show } = await import('/part.js');
const ask = query => fetch('/graphql', {method: 'POST', headers: {'content-type': 'application/json'},
  body: JSON.stringify({query})}).then(answer => answer.json());
for (const name of ['moon', 'harbour']) show((await ask(name)).said);
show((await (await fetch(new Request('/form', {method: 'PUT', body: new URLSearchParams({a: 'é'})}))).json()).said);
const nothing = await fetch('/graphql', {method: 'POST', body: 'never sent: ' + Math.floor(Date.now() / 1e13)});
show('later ' + (await (await fetch('/later.json')).json()).said);
customElements.define('a-card', class extends HTMLElement { connectedCallback() {
  this.attachShadow({mode: 'open'}).innerHTML = '<p>Text in a shadow root.</p>'; } });
</script>"""
PART = "export const show = text => root.append(Object.assign(document.createElement('p'), {textContent: text}));"
SAID = ["An answer about the moon.", "An answer about the harbour.", "An answer to a form.", "later on"]


def small(site: Site) -> None:
    def graphql(asked: Asked) -> Reply:
        said = {b'{"query":"moon"}': SAID[0], b'{"query":"harbour"}': SAID[1]}.get(asked.body, "nothing")
        return Reply(body=json.dumps({"said": said}), type="application/json")

    site.routes |= {
        "/small": Reply(body=SMALL),
        "/part.js": Reply(body=PART, type="text/javascript"),
        "/graphql": graphql,
        "/form": Reply(body=json.dumps({"said": SAID[2]}), type="application/json"),
        "/later.json": Reply(body=json.dumps({"said": "on"}), type="application/json"),
    }


@contextmanager
def site_in_a_thread(host: str = "127.0.0.1") -> Iterator[Site]:
    """Start a site elsewhere than in the thread whose event loop is that of playwright."""
    serving = serving_site(host=host)
    with ThreadPoolExecutor(1) as thread:
        yield thread.submit(serving.__enter__).result()
        thread.submit(serving.__exit__, None, None, None).result()


@contextmanager
def archived(directory: Path, site: Site, paths: Sequence[str]) -> Iterator[Served]:
    """Archive pages with the browser, end their site, and serve the archive."""
    house = Household(directory / "home", {**QUICK, "PRESSMARK_TOKEN": TOKEN, "PRESSMARK_REPLAY__SCRIPTS": "true"})
    site.routes["/robots.txt"] = Reply(404)
    seeds = ", ".join(f"{site.url}{path}" for path in paths)
    house.source("gazette", gazette(seeds, walk="page", more="fetch: auto\n"))
    house.run("run", "gazette")
    site.otherwise = Reply(410, body="this site is gone")
    site.routes.clear()
    site.asked.clear()
    with house.serving() as served:
        yield served


def shown(reader: Page, served: Served, url: str, text: Sequence[str]) -> list[str]:
    """Show a page with its scripts, as a reader who scrolls and loads more; return the texts that are missing."""
    reader.goto(f"{served.url}/view/scripts/latest/{url}")
    body = reader.frame_locator("iframe.replay").locator("body")
    more = body.get_by_role("button", name=re.compile("Load more|Show all comments"))
    missing = []
    for said in text:
        try:
            if not body.get_by_text(said).count():
                if (last := body.locator("#root *").last).count():
                    last.scroll_into_view_if_needed()  # in the page around the frame, too
                if more.count():
                    more.first.click()
            body.get_by_text(said).first.wait_for(state="attached", timeout=_SETTLES)
        except Exception as error:
            assert "Timeout" in str(error), error
            missing.append(said)
    return missing


def test_a_page_is_filled_by_its_archived_answers_to_posts_and_modules(tmp_path: Path, page: Page) -> None:
    with site_in_a_thread() as site:
        small(site)
        with archived(tmp_path, site, ["/small"]) as served:
            page.context.add_cookies([session_of(served)])
            asked: list[str] = []
            page.on("request", lambda request: asked.append(request.url))

            missing = shown(page, served, f"{site.url}/small", [*SAID, "Text in a shadow root."])

            frame = page.frames[1]
            sent = frame.evaluate("fetch('/graphql', {method: 'POST', body: 'not archived'}).then(a => a.status)")
            assert missing == []
            assert sent == 405
            assert site.asked == []
            assert not [url for url in asked if url.startswith(site.url)]


MAPPED = """<!doctype html><title>t</title><div id=root></div>
<script type=importmap>{"imports": {"kit/": "%s/kit/"}, "scopes": {"/old/": {"kit/": "/kit-1/"}}}</script>
<script type=module>import {say} from 'kit/say.js'; say('Said by a mapped module.');</script>
<script type=module src=/old/app.js></script>"""
SAYS = "export const say = text => root.append(Object.assign(document.createElement('p'), {textContent: text}));"


def test_modules_of_other_origins_are_replayed_by_import_maps_and_by_absolute_addresses(
    tmp_path: Path, page: Page
) -> None:
    with site_in_a_thread() as site, site_in_a_thread("127.0.0.3") as other:
        script = {"type": "text/javascript", "headers": (("Access-Control-Allow-Origin", "*"),)}
        site.routes |= {
            "/mapped": Reply(body=MAPPED % other.url),
            "/old/app.js": Reply(body="import {say} from 'kit/a.js'; say('Said by a scope.')", **script),
            "/kit-1/a.js": Reply(body=f"export {{say}} from '{other.url}/kit/say.js'", **script),
        }
        other.routes |= {
            "/kit/say.js": Reply(body="export {say} from './deep/said.js'", **script),
            "/kit/deep/said.js": Reply(body=f"import '{site.url}/own.js'; {SAYS}", **script),
        }
        site.routes["/own.js"] = Reply(body="globalThis.own = (globalThis.own || 0) + 1", **script)
        with archived(tmp_path, site, ["/mapped"]) as served:
            other.routes.clear()
            page.context.add_cookies([session_of(served)])

            missing = shown(page, served, f"{site.url}/mapped", ["Said by a mapped module.", "Said by a scope."])

            assert missing == []
            assert page.frames[1].evaluate("own") == 1
            assert site.asked == []


@pytest.mark.parametrize("application", [*APPLICATIONS, "live"])
def test_an_application_is_filled_without_its_site(tmp_path: Path, page: Page, application: str) -> None:
    if FORM == "sample":
        pytest.skip("make test-faults builds sixty pages with npm and shows them from the archive")
    try:
        applications = built()
    except NotBuilt as error:
        pytest.skip(f"{error}: no page of a framework is shown")
    pages = [one for one in PAGES if one.application == application][: figure(1, 2, EACH)]
    with site_in_a_thread() as site:
        furnish(site, applications)
        with archived(tmp_path, site, [one.path for one in pages]) as served:
            page.context.add_cookies([session_of(served)])

            missing = {one.path: shown(page, served, f"{site.url}{one.path}", one.text) for one in pages}

            assert missing == {one.path: [] for one in pages}
            assert site.asked == []
