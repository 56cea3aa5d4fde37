"""The walk `page`: its seeds alone, and what they need to be displayed."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest
from crawling.crawls import Run, source
from crawling.site import Reply, Site, html, serving

from crawler.process import Crawls


def test_a_page_is_its_seeds_alone(site: Site, run: Run) -> None:
    site.routes |= {"/a": html("/b"), "/b": html()}

    outcome = run(source(f"{site.url}/a", walk="page"))

    assert outcome.outcome == "done"
    assert site.paths == ["/a"]


def test_urls_of_the_order_are_fetched_instead_of_the_seeds(site: Site, run: Run) -> None:
    site.routes |= {"/a": html("/c"), "/b": html("/c"), "/c": html()}

    run(source(f"{site.url}/a", walk="site"), urls=(f"{site.url}/b?utm_source=x", f"{site.url}/b"))

    assert site.paths == ["/b?utm_source=x", "/b"]


PICTURES = """<!doctype html><title>t</title><link rel=stylesheet href=/s.css><link rel=icon href=/i.ico>
<img src=/a.png srcset="/a2.png 2x, /a3.png 3x"><script src=/j.js></script><style>p{background:url(/in.png)}</style>
<a href=/next>n</a>"""


def with_requisites(site: Site) -> None:
    site.routes |= {
        "/p": Reply(body=PICTURES),
        "/s.css": Reply(body="@import '/s2.css'; @font-face{src:url(/f.woff2)}", type="text/css"),
        "/s2.css": Reply(body="p{background:url('/deep.png')}", type="text/css"),
    }
    for path in ("/i.ico", "/a.png", "/a2.png", "/a3.png", "/j.js", "/in.png", "/f.woff2", "/deep.png"):
        site.routes[path] = Reply(body=path, type="application/octet-stream")


def test_a_page_and_its_requisites_have_one_page_id(site: Site, run: Run) -> None:
    with_requisites(site)

    outcome = run(source(f"{site.url}/p", walk="page", keep={"requisites": True}))

    assert set(site.paths) == {
        "/p", "/s.css", "/s2.css", "/i.ico", "/a.png", "/a2.png", "/a3.png", "/j.js", "/in.png", "/f.woff2", "/deep.png"
    }  # fmt: skip
    assert outcome.pages == 1
    assert len({context.page_id for _, context, _ in run.archive.kept}) == 1
    vias = {capture.url.removeprefix(site.url): context.via for _, context, capture in run.archive.kept}
    assert vias["/deep.png"] == f"{site.url}/s2.css"


def test_frames_are_archived_with_their_requisites(site: Site, run: Run) -> None:
    long = "/long.png?" + "a" * 7_000
    site.routes |= {
        "/p": Reply(body=f"<iframe src=/frame></iframe><img src='{long}'><img src=/page.png>"),
        "/frame": Reply(body="<img src=/in-frame.png><link rel=stylesheet href=/s.css><iframe src=/inner></iframe>"),
        "/inner": Reply(body="<img src=/in-inner.png><a href=/no>x</a><iframe src=/innermost></iframe>"),
        "/innermost": Reply(body="<img src=/too-deep.png>"),
        "/s.css": Reply(body="p{background:url('/in-sheet.png')}", type="text/css"),
    }
    site.otherwise = Reply(body="x", type="image/png")

    run(source(f"{site.url}/p", walk="page", keep={"requisites": True}))

    assert set(site.paths) == {
        "/p", "/frame", long, "/page.png", "/in-frame.png", "/s.css", "/in-sheet.png", "/inner", "/in-inner.png",
        "/innermost",
    }  # fmt: skip


def test_requisites_are_fetched_only_if_the_source_asks_for_them(site: Site, run: Run) -> None:
    with_requisites(site)
    run(source(f"{site.url}/p", walk="page"))

    assert site.paths == ["/p"]


def test_requisites_come_from_any_host_and_do_not_count_as_depth(site: Site, run: Run) -> None:
    with serving({"/x.png": Reply(body="x")}, host="127.0.0.3") as elsewhere:
        site.routes |= {"/p": Reply(body=f"<html><img src={elsewhere.url}/x.png><a href={elsewhere.url}/a>a</a>")}

        run(source(f"{site.url}/p", walk="site", scope={"depth": 0}, keep={"requisites": True}))

        assert elsewhere.paths == ["/x.png"]


def test_a_linked_picture_out_of_scope_is_fetched_when_a_page_shows_it(site: Site, run: Run) -> None:
    with serving({"/x.png": Reply(body="x")}, host="127.0.0.3") as elsewhere:
        picture = f"{elsewhere.url}/x.png"
        site.routes |= {"/p": Reply(body=f"<html><a href={picture}><img src={picture}></a>")}

        run(source(f"{site.url}/p", walk="site", keep={"requisites": True}))

        assert elsewhere.paths == ["/x.png"]


def test_the_modules_that_scripts_import_are_archived(site: Site, run: Run) -> None:
    names = '<script type=importmap>{"imports": {"lib": "/lib.js"}}</script>'
    inline = "<script type=module>import './a/inline.js'</script>"
    scripts = {
        "/main.js": "import{x}from'./a/one.js';import('./a/later.js');import 'lib'",
        "/a/one.js": "export * from './two.js'; import '../main.js'",
        **dict.fromkeys(("/a/two.js", "/a/later.js", "/lib.js", "/a/inline.js"), "export const x = 1"),
    }
    site.routes |= {path: Reply(body=body, type="text/javascript") for path, body in scripts.items()}
    site.routes["/p"] = Reply(body=f"{names}{inline}<script type=module src=/main.js></script>")

    run(source(f"{site.url}/p", walk="page", keep={"requisites": True}))

    assert sorted(site.paths) == sorted([*scripts, "/p"])


def test_modules_in_files_are_found_by_the_prefixes_of_the_import_map_of_their_page(site: Site, run: Run) -> None:
    script = {"type": "text/javascript"}
    imports = '{"imports": {"kit/": "./lib/kit/"}}'
    body = f"<p>x<script type=importmap>{imports}</script><script type=module src=/app.js></script>"
    site.routes |= {
        "/": Reply(body=body),
        "/app.js": Reply(body='import { a } from "kit/deep/a.js"; import "other/b.js";', **script),
        "/lib/kit/deep/a.js": Reply(body='import("kit/c.js")', **script),
        "/lib/kit/c.js": Reply(body="export default 1", **script),
    }

    run(source(f"{site.url}/", walk="page", keep={"requisites": True}))

    assert set(site.paths) == {"/", "/app.js", "/lib/kit/deep/a.js", "/lib/kit/c.js"}


def test_modules_in_files_are_found_by_the_scope_of_the_import_map_that_they_are_in(site: Site, run: Run) -> None:
    script = {"type": "text/javascript"}
    imports = '{"imports": {"kit/": "/kit-2/"}, "scopes": {"/legacy/": {"kit/": "/kit-1/"}}}'
    body = f"<p>x<script type=importmap>{imports}</script>" + "".join(
        f"<script type=module src={path}></script>" for path in ("/app.js", "/legacy/app.js")
    )
    site.routes |= {
        "/": Reply(body=body),
        "/app.js": Reply(body='import { a } from "kit/new.js"', **script),
        "/legacy/app.js": Reply(body='import { a } from "kit/old.js"', **script),
        "/kit-2/new.js": Reply(body="export const a = 2", **script),
        "/kit-1/old.js": Reply(body="export const a = 1", **script),
    }

    run(source(f"{site.url}/", walk="page", keep={"requisites": True}))

    assert sorted(site.paths) == sorted(site.routes)


@pytest.mark.parametrize("known", [True, False], ids=["resumed", "control"])
def test_a_run_that_is_resumed_knows_the_import_maps_of_its_pages_before(
    site: Site, run: Run, tmp_path: Path, known: bool
) -> None:
    async def stop(crawls: Crawls) -> None:
        while "/app.js" not in site.paths:
            await asyncio.sleep(0.01)
        await crawls.stop()

    body = '<p>x<script type=importmap>{"imports": {"kit/": "/lib/"}}</script><script type=module src=/app.js></script>'
    script = {"type": "text/javascript"}
    module = Reply(body='import "kit/a.js"', **script)
    site.routes |= {"/": Reply(body=body), "/app.js": module, "/lib/a.js": Reply(body="export default 1", **script)}
    of_one_page = source(f"{site.url}/", walk="page", keep={"requisites": True})

    site.routes["/app.js"] = replace(module, after=30)
    assert run(of_one_page, "r", beside=stop).outcome == "interrupted"
    site.asked.clear()
    site.routes["/app.js"] = module
    [kept] = tmp_path.rglob("*-import-maps")
    if not known:
        kept.unlink()
    run(of_one_page, "r")

    assert site.paths == (["/app.js", "/lib/a.js"] if known else ["/app.js"])
    assert not kept.exists()
