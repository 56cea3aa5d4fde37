"""What no script of a page gets, or no request brings, is in the document: closed shadow roots, and blobs."""

from __future__ import annotations

import base64

import pytest
from crawling.crawls import Run, events, source
from crawling.memory import MemoryArchive
from crawling.site import Reply, Site

from crawler.browser.world import has_closed_roots
from crawler.policy.shared import BrowserLimits

pytestmark = pytest.mark.system


@pytest.mark.costly
def test_text_in_closed_roots_of_markup_and_pictures_that_scripts_made_are_in_the_document(
    site: Site, run: Run
) -> None:
    inner = '<b-card><template shadowrootmode="closed"><p>Deeper still</p></template></b-card>'
    body = f"""<!doctype html><title>t</title><p>Enough text of the page itself.</p>
    <a-card><template shadowrootmode="closed"><h2>Behind a closed root</h2><slot></slot>{inner}</template><b>Slotted</b>
    </a-card><img id=one><img id=gone><video id=film></video><script>
    const show = (where, what) => {{ where.src = URL.createObjectURL(what); }};
    show(one, new Blob(['<svg xmlns="http://www.w3.org/2000/svg"/>'], {{type: 'image/svg+xml'}}));
    show(gone, new Blob(['x']));
    gone.onerror = () => URL.revokeObjectURL(gone.src);
    show(film, new MediaSource());</script>"""
    site.routes["/p"] = Reply(body=body)

    run(source(f"{site.url}/p", walk="page", fetch="browser"))

    document = run.archive.derived[0][0].body.decode()
    (event,) = [event for event in events(run) if event["event"] == "drawn"]
    picture = base64.b64encode(b'<svg xmlns="http://www.w3.org/2000/svg"/>').decode()
    assert "<h2>Behind a closed root</h2><slot><b>Slotted</b>" in document
    assert "<b-card><p>Deeper still</p></b-card>" in document
    assert f'src="data:image/svg+xml;base64,{picture}"' in document
    assert event["behaviours"] == {"blobs written into the document": 1}
    assert event["refused"] == {"blobs of streams, or revoked": 2}


@pytest.mark.costly
@pytest.mark.parametrize(("form", "start"), [("png", b"\x89PNG"), ("jpeg", b"\xff\xd8\xff"), ("webp", b"RIFF")])
def test_pictures_have_the_format_of_the_settings(
    site: Site, run: Run, form: str, start: bytes, archive: MemoryArchive
) -> None:
    site.routes["/p"] = Reply(body="<!doctype html><title>t</title><p>Enough text of the page itself.</p>")

    Run(run.directory, archive, browser=BrowserLimits(picture=form))(  # type: ignore[arg-type]
        source(f"{site.url}/p", walk="page", fetch="browser")
    )

    pictures = [one for one, _, _ in archive.derived if one.mime.startswith("image/")]
    assert [(one.mime, one.body[: len(start)]) for one in pictures] == [(f"image/{form}", start)] * 2


@pytest.mark.costly
def test_a_picture_that_a_script_shows_often_is_written_as_often_as_there_is_room(site: Site, run: Run) -> None:
    script = """const url = URL.createObjectURL(new Blob([new Uint8Array(1 << 20)], {type: 'image/png'}));
    for (let one = 0; one < 40; one++) document.body.append(Object.assign(new Image(), {src: url}));"""
    site.routes["/p"] = Reply(
        body=f"<!doctype html><title>t</title><p>Enough text of the page.<script>{script}</script>"
    )

    run(source(f"{site.url}/p", walk="page", fetch="browser"))

    document = run.archive.derived[0][0].body.decode()
    (event,) = [event for event in events(run) if event["event"] == "drawn"]
    assert (document.count('src="data:'), document.count('src="blob:')) == (8, 32)
    assert event["behaviours"] == {"blobs written into the document": 8}
    assert event["refused"] == {"large blobs": 32}


@pytest.mark.parametrize(
    ("body", "closed"),
    [
        (b'<template shadowrootmode="closed">', True),
        (b"<template ShadowRootMode = closed>", True),
        (b'"<template shadowrootmode=\\"closed\\">"', True),
        (b'<template shadowrootmode="open"> closed', False),
    ],
)
def test_only_pages_that_declare_closed_roots_are_looked_through_for_them(body: bytes, closed: bool) -> None:
    assert has_closed_roots(body) == closed
